"""What an agreed sum has earned: a total, or a rate for each person and day."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.accruing import accrual_of
from ledger.domain.custody import pool_of
from ledger.domain.earning import Earning, earning_of
from ledger.domain.flows import Range
from ledger.tlog.canonical import Json
from tests.books import SEEDS, book
from tests.office import Office

ON = date(2025, 12, 20)


def agreed(
    per: str, amount: str = "365.00", basis: str | None = None
) -> dict[str, Json]:
    sum_: dict[str, Json] = {"amount": amount, "currency": "USD", "per": per}
    return sum_ if basis is None else {**sum_, "basis": basis}


def received(
    per: str, n: int = 10, amount: str = "365.00", basis: str | None = None
) -> Office:
    office = Office()
    persons: Json = {"n": n, "qualifier": "exact"}
    office.transfer(compensation=agreed(per, amount, basis), persons=persons)
    office.receipt("T-1", n)
    return office


def earned(office: Office, *, on: date = ON) -> Earning:
    found = earning_of(pool_of(office.history, "T-1"), "T-1", on=on)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("per", "basis", "amount"),
    [
        ("person_day", None, "1022000.00"),
        ("person_year", None, "2800.00"),
        ("person_year", "ACT/365", "2800.00"),
        ("person_year", "ACT/366", "2792.35"),
        ("person_year", "30/360", "2788.19"),
        ("person_year", "month/12", "2737.50"),
        ("person_month", None, "33600.00"),
        ("person_month", "month/12", "32850.00"),
    ],
)
def test_a_rate_earns_for_each_person_by_its_day_count(
    per: str, basis: str | None, amount: str
) -> None:
    found = earned(received(per, basis=basis))

    assert found.person_days == Range(2800, 2800)
    assert [money.amount for money in found.accrued] == [amount, amount]
    assert found.assumed is (basis is None and per != "person_day")
    assert found.counted_by == ("days" if per == "person_day" else basis or "ACT/365")
    assert (found.state, found.unused, found.provisional) == ("running", None, False)


def test_an_exit_day_is_not_counted_and_nobody_left_ends_it() -> None:
    office = received("person_day", n=2, amount="1.00")
    office.exit(["T-1"], 1, "2025-03-17")
    office.exit(["T-1"], 1, "2025-03-18")

    found = earned(office)

    assert found.accrued[0].amount == "3.00"
    assert (found.state, found.persons) == ("ended", Range(0, 0))


def test_days_past_the_last_authorised_day_earn_nothing() -> None:
    office = received("person_day", n=1, amount="1.00")

    assert earned(office, on=date(2026, 3, 15)).accrued[0].amount == "365.00"
    assert earned(office, on=date(2027, 1, 1)).accrued[0].amount == "365.00"
    assert earned(office, on=date.max).accrued[0].amount == "365.00"


def test_a_pool_leaves_a_rate_open() -> None:
    office = received("person_day", n=2, amount="1.00")
    office.transfer(persons={"n": 2, "qualifier": "exact"})
    office.receipt("T-2", 2)
    office.exit(["T-1", "T-2"], 2, "2025-03-17")

    found = earned(office, on=date(2025, 3, 17))

    assert found.persons == Range(0, 2)
    assert [money.amount for money in found.accrued] == ["2.00", "4.00"]
    assert found.state == "open"


def test_without_an_arrival_it_counts_from_the_departure_and_says_so() -> None:
    office = Office()
    office.transfer(
        compensation=agreed("person_day", "1.00"), term={"reading": "unknown"}
    )

    found = earned(office, on=date(2025, 3, 15))
    unending = earned(office, on=date.max)

    assert (found.provisional, found.first) == (True, date(2025, 3, 15))
    assert (found.last, found.accrued[0].amount) == (None, "238.00")
    assert unending.person_days is not None


def test_a_term_that_ended_before_it_began_earns_nothing() -> None:
    office = Office()
    over: dict[str, Json] = {"reading": "until_date", "until": "2025-03-10"}
    office.transfer(compensation=agreed("person_day"), term=over)
    office.receipt("T-1", 238)

    assert earned(office).accrued[1].amount == "0.00"


@pytest.mark.parametrize(
    ("members", "on"),
    [
        ({}, ON),
        ({"compensation": agreed("person_day")}, date(2025, 3, 14)),
        ({"compensation": agreed("total")}, date(2025, 3, 14)),
    ],
)
def test_nothing_is_earned_without_a_sum_or_before_a_term(
    members: dict[str, Json], on: date
) -> None:
    office = Office()
    office.transfer(**members)

    assert earning_of(pool_of(office.history, "T-1"), "T-1", on=on) is None


def test_a_total_is_what_its_accrual_says() -> None:
    office = received("total", amount="4760000.00")
    office.exit(["T-1"], 10, "2025-07-18")
    pool = pool_of(office.history, "T-1")
    accrual = accrual_of(pool, "T-1", on=ON)

    found = earned(office)

    assert accrual is not None
    assert found.accrued == (accrual.least.accrued, accrual.most.accrued)
    assert found.unused is not None
    assert [money.amount for money in found.unused] == ["3142904.11", "3142904.11"]
    assert (found.counted_by, found.persons, found.state) == (
        *("days-of-term", None, "ended"),
    )


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 700))
def test_the_least_is_never_more_than_the_most_and_no_total_earns_more(
    seed: int, days: int
) -> None:
    history = book(seed).history
    day = date(2025, 3, 1) + timedelta(days=days)
    for ref in [r for r in history.opened if r[0] == "T"]:
        pool = pool_of(history, ref)
        if ref not in pool.cases:
            continue
        found = earning_of(pool, ref, on=day)
        if found is not None:
            assert found.accrued[0].minor <= found.accrued[1].minor
            share = Fraction(found.accrued[1].minor, found.terms.money.minor)
            assert found.terms.per != "total" or share <= 1


def test_a_rate_earns_nothing_before_the_day_from_which_it_is_counted() -> None:
    office = Office()
    later: Json = {"length": "P1Y", "reading": "fixed", "trigger": "2026-01-01"}
    office.transfer(compensation=agreed("person_day", "1.00"), term=later)
    office.receipt("T-1", 238)
    pool = pool_of(office.history, "T-1")

    assert earning_of(pool, "T-1", on=date(2025, 6, 1)) is None
    assert earning_of(pool, "T-1", on=date(2026, 1, 2)) is not None
