"""Over which days an agreed total is earned, and until when."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.accruing import Earned, accrual_of
from ledger.domain.custody import pool_of
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.office import Office

GRANT: Json = {"amount": "4760000.00", "currency": "USD", "per": "total"}
ON = date(2025, 12, 20)


def office(**members: Json) -> Office:
    """Return an office with one transfer that has a grant."""
    made = Office()
    made.transfer(**{"compensation": GRANT, **members})
    return made


def earned(made: Office, ref: str = "T-1", *, on: date = ON) -> Earned:
    """Return what a transfer has earned."""
    found = accrual_of(pool_of(made.history, ref), ref, on=on)
    assert found is not None
    return found


def test_a_grant_counts_from_those_received_and_not_from_the_departure() -> None:
    made = office()
    made.receipt("T-1", 238)
    made.exit(["T-1"], 238, "2025-07-18")

    found = earned(made)

    assert (found.first, found.last) == (date(2025, 3, 16), date(2026, 3, 15))
    assert not found.provisional
    assert found.state == "ended"
    assert found.stops == (date(2025, 7, 18), date(2025, 7, 18))
    assert found.least == found.most
    assert found.least.share == Fraction(124, 365)
    assert found.least.accrued.format() == "1617095.89 USD"
    assert found.least.unused.format() == "3142904.11 USD"


def test_those_still_on_the_way_do_not_move_the_first_day() -> None:
    made = office()
    made.receipt("T-1", 200, more_to_come=True)

    found = earned(made)

    assert found.first == date(2025, 3, 16)
    assert not found.provisional


def test_before_the_receipt_the_first_day_is_provisional() -> None:
    made = office()
    made.receipt("T-1", 238)

    found = earned(made, on=date(2025, 3, 15))

    assert found.first == date(2025, 3, 15)
    assert found.provisional
    assert found.state == "running"


def test_a_renewal_does_not_stretch_the_first_term() -> None:
    made = office()
    made.receipt("T-1", 238)
    made.renewal("T-1", 238)

    assert earned(made, on=date(2026, 6, 1)).last == date(2026, 3, 15)


def test_a_pool_leaves_the_end_open() -> None:
    made = office()
    made.receipt("T-1", 238)
    made.transfer(persons={"n": 23, "qualifier": "exact"})
    made.receipt("T-2", 23)
    made.exit(["T-1", "T-2"], 240, "2025-07-18")

    found = earned(made)

    assert found.state == "open"
    assert found.stops == (date(2025, 7, 18), date(2025, 12, 21))


def test_an_open_end_can_have_a_latest_day() -> None:
    made = office()
    made.receipt("T-1", 238)
    made.transfer(persons={"n": 23, "qualifier": "exact"})
    made.receipt("T-2", 23)
    made.exit(["T-1", "T-2"], 240, "2025-07-18")
    made.exit(["T-1", "T-2"], 21, "2025-08-18")

    found = earned(made)

    assert found.state == "open"
    assert found.stops == (date(2025, 7, 18), date(2025, 8, 18))


def test_a_term_that_begins_after_all_have_left_earns_nothing() -> None:
    term: Json = {"reading": "fixed", "length": "P1Y", "trigger": "2025-05-01"}
    made = office(term=term)
    made.receipt("T-1", 238)
    made.exit(["T-1"], 238, "2025-04-01")

    found = earned(made)

    assert found.state == "ended"
    assert found.least.accrued.minor == 0


def test_the_departure_of_the_others_reopens_what_seemed_over() -> None:
    departures: Json = [
        {"at": "2025-03-15", "persons": 2},
        {"at": "2025-04-15", "persons": 3},
    ]
    made = office(persons={"n": 5, "qualifier": "exact"}, departures=departures)
    made.receipt("T-1", 2, more_to_come=True)
    made.exit(["T-1"], 2, "2025-04-01")

    assert earned(made, on=date(2025, 4, 10)).state == "ended"
    assert earned(made, on=date(2025, 4, 20)).state == "running"


def test_the_last_day_of_the_calendar_is_an_end() -> None:
    made = office()
    made.receipt("T-1", 238)

    assert earned(made, on=date.max).stops == (date.max, date.max)


@pytest.mark.parametrize(
    "members",
    [
        {"compensation": {**GRANT, "per": "person_year"}},  # type: ignore[dict-item]
        {"term": {"reading": "unknown"}},
        {"term": {"reading": "until_date", "until": "2025-03-01"}},
    ],
)
def test_without_a_total_or_a_term_nothing_is_counted(members: dict[str, Json]) -> None:
    made = office(**members)
    made.receipt("T-1", 238)

    assert accrual_of(pool_of(made.history, "T-1"), "T-1", on=ON) is None


def test_no_sum_at_all_is_none() -> None:
    made = Office()
    made.transfer()

    assert accrual_of(pool_of(made.history, "T-1"), "T-1", on=ON) is None


@given(seed=st.sampled_from(FEW_SEEDS), on=st.dates(date(2025, 3, 1), date(2028, 1, 1)))
def test_least_is_never_above_most(seed: int, on: date) -> None:
    history = book(seed).history
    for ref in history.opened:
        pool = pool_of(history, ref) if ref[0] == "T" else None
        found = None if pool is None else accrual_of(pool, ref, on=on)

        if found is not None:
            assert found.least.accrued.minor <= found.most.accrued.minor
            assert found.stops[0] <= found.stops[1]
            assert found.state != "ended" or found.least == found.most
