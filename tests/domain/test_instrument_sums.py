"""A sum that only an instrument states: a rate for each transfer, a total once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.accounts import Account, accounts
from ledger.domain.custody import pool_of
from ledger.domain.earning import Earning, earning_of
from ledger.domain.explaining_money import explain_money
from ledger.domain.flows import Range
from ledger.domain.summary_rows import transfer_row
from ledger.tlog.canonical import Json
from tests.domain.test_accounts import ON, TOTAL, found, held, only
from tests.office import Office
from tests.two_books import asked_together

RATE: dict[str, Json] = {"amount": "20000.00", "currency": "USD", "per": "person_year"}
YEAR: dict[str, Json] = {"reading": "fixed", "length": "P1Y"}
FROM_MARCH: dict[str, Json] = {**YEAR, "trigger": "2025-03-16"}
NAMED: dict[str, Json] = {"instruments": ["I-1"]}


def earned(office: Office, on: date = ON) -> Earning | None:
    return earning_of(pool_of(office.history, "T-1"), "T-1", on=on)


def under(*instruments: dict[str, Json], own: dict[str, Json] | None = None) -> Office:
    """Return an office with instruments, and a transfer of 238 that names them all."""
    office = Office()
    for each in instruments:
        office.instrument(**each)
    refs = {
        item.data["id"]
        for item in office.history.entries.values()
        if item.kind == "instrument"
    }
    members: dict[str, Json] = (
        {"instruments": [str(ref) for ref in sorted(map(str, refs))]} if refs else {}
    )
    if own is not None:
        members["compensation"] = own
    held(office, members)
    return office


def reasons(account: Account) -> list[tuple[str, str]]:
    return [(each.per, each.reason) for each in account.apart]


@settings(max_examples=15)
@given(
    per=st.sampled_from(["person_year", "person_month", "person_day"]),
    basis=st.sampled_from([None, "ACT/365", "ACT/366", "30/360", "month/12"]),
    on=st.dates(date(2025, 3, 1), date(2026, 9, 1)),
)
def test_a_rate_in_an_instrument_earns_what_the_transfers_own_would(
    per: str, basis: str | None, on: date
) -> None:
    rate: dict[str, Json] = {**RATE, "per": per} | ({"basis": basis} if basis else {})
    apart = earned(under({"compensation": rate}), on)
    own = earned(under(own=rate), on)

    assert (apart is None) == (own is None)
    if apart is not None and own is not None:
        same = ("accrued", "beyond", "person_days", "beyond_days", "first", "last")
        assert [getattr(apart, n) for n in same] == [getattr(own, n) for n in same]
        assert (apart.stated.instrument, own.stated.instrument) == ("I-1", None)


def test_a_rate_of_an_instrument_is_added_for_each_transfer_and_listed_once() -> None:
    office = under({"compensation": RATE, "arrangement": "a"})
    held(office, NAMED)
    purpose: dict[str, Json] = {"for": {"instrument": "I-1"}}
    office.payment([], "7.00", **purpose)
    account = only(office)
    one = earned(office)

    assert one is not None
    assert account.accrued == Range(2 * one.accrued[0].minor, 2 * one.accrued[1].minor)
    assert reasons(account) == [("person_year", "accrues")]
    assert account.moved["payment"] == 700
    assert account.without_sum == ()


def test_what_a_transfer_states_goes_before_what_its_instrument_states() -> None:
    office = under({"compensation": RATE}, own=TOTAL)
    account = only(office)

    assert account.accrued == only(under(own=TOTAL)).accrued
    assert reasons(account) == [("person_year", "of-instrument")]


@pytest.mark.parametrize("second", [RATE, TOTAL])
def test_of_two_instruments_with_sums_neither_is_taken(second: dict[str, Json]) -> None:
    office = under({"compensation": RATE}, {"compensation": second, "term": FROM_MARCH})
    account = only(office)

    assert account.accrued is None
    assert {why for _, why in reasons(account)} == {"ambiguous"}
    steps = explain_money(pool_of(office.history, "T-1"), "T-1", on=ON)
    assert "money.several-instruments" in {each.code for each in steps}


@pytest.mark.parametrize(
    "said",
    [
        {"type": "announcement"},
        {"stage": "announced"},
        {"status": "alleged"},
        {"occurred": "2026-01-01"},
    ],
)
def test_what_is_announced_alleged_or_later_earns_nothing(
    said: dict[str, Json],
) -> None:
    for sum_ in (RATE, TOTAL):
        office = under({"compensation": sum_, "term": FROM_MARCH, **said})
        assert earned(office) is None
        assert all(account.accrued is None for account in found(office))


def test_a_later_stage_with_another_rate_replaces_it_from_its_day() -> None:
    day: dict[str, Json] = {**RATE, "per": "person_day", "amount": "1.00"}
    office = under({"compensation": day})
    for amount, on in (("1.00", "2025-04-01"), ("2.00", "2025-12-30")):
        office.instrument(
            id="I-1",
            stage="in_force",
            occurred=on,
            compensation={**day, "amount": amount},
        )
    before, after = earned(office, date(2025, 12, 29)), earned(office)

    assert before is not None
    assert after is not None
    assert after.accrued[0].minor - before.accrued[0].minor == 238 * 200 * 2
    assert before.accrued[0].minor == 238 * 100 * 289


def test_a_later_stage_with_a_total_replaces_a_rate_altogether() -> None:
    office = under({"compensation": RATE})
    office.instrument(id="I-1", stage="in_force", compensation=TOTAL, term=FROM_MARCH)

    assert earned(office) is None
    assert only(office).agreed == 476_000_000


def test_a_total_of_an_instrument_about_persons_ends_when_nobody_is_held() -> None:
    office = under({"compensation": TOTAL, "term": YEAR, "arrangement": "a"})
    office.exit(["T-1"], 238, "2025-07-18")
    account = only(office)

    assert account.accrued == Range(161_709_589, 161_709_589)
    assert account.unused == Range(314_290_411, 314_290_411)
    assert reasons(account) == [("total", "accrues")]
    assert account.without_sum == ()


def test_naming_the_instrument_in_a_further_transfer_adds_no_money() -> None:
    office = under({"compensation": TOTAL, "term": FROM_MARCH})
    before = only(office)
    held(office, NAMED)

    assert only(office).accrued == before.accrued
    assert only(office).agreed == before.agreed


def test_a_total_about_the_instrument_earns_until_it_is_terminated() -> None:
    office = Office()
    office.instrument(compensation=TOTAL, term=FROM_MARCH)
    running = only(office, date(2025, 7, 17))
    office.instrument(id="I-1", stage="terminated", occurred="2025-07-18")

    assert running.accrued == Range(161_709_589, 161_709_589)
    assert only(office).accrued == running.accrued


@pytest.mark.parametrize(
    ("term", "accrues"),
    [
        (None, False),
        ({**YEAR, "trigger": "in_force"}, False),
        ({**YEAR, "trigger": "signed"}, True),
        ({**YEAR, "trigger": "admitted"}, True),
        ({**YEAR, "trigger": "arrived"}, True),
        ({**YEAR, "trigger": "departed"}, True),
        ({"reading": "until_date", "until": "2026-03-15"}, True),
        ({"reading": "indefinite"}, False),
        ({**YEAR, "length": "P9999Y", "trigger": "2025-03-16"}, False),
        ({**YEAR, "trigger": "2026-02-01"}, False),
    ],
)
def test_a_total_earns_only_over_a_term_with_a_last_day_that_has_begun(
    term: Json,
    accrues: bool,  # noqa: FBT001 (a table)
) -> None:
    members: dict[str, Json] = {} if term is None else {"term": term}
    office = Office()
    office.instrument(compensation=TOTAL, occurred="2025-03-10", **members)
    office.transfer(**NAMED) if "P9999Y" not in str(term) else None
    if "P9999Y" not in str(term):
        office.receipt("T-1", 238)
    account = only(office)

    assert (account.accrued is not None) == accrues
    assert account.unearned == (() if accrues else ("I-1",))


def test_those_on_the_way_begin_a_term_about_persons_provisionally() -> None:
    office = Office()
    office.instrument(compensation=TOTAL, term=YEAR)
    office.transfer(**NAMED)

    assert only(office).accrued is not None


def test_totals_of_one_arrangement_are_added_only_where_one_stands_alone() -> None:
    a: dict[str, Json] = {"compensation": TOTAL, "term": FROM_MARCH, "arrangement": "a"}
    office = Office()
    office.instrument(**a)
    office.instrument(**a)
    account = only(office)
    beside = Office()
    beside.instrument(**a)
    held(beside, {"arrangement": "a", "compensation": TOTAL})

    assert account.accrued is None
    assert reasons(account) == [("total", "ambiguous")] * 2
    assert only(beside).agreed == 476_000_000
    assert reasons(only(beside)) == [("total", "ambiguous")]


def test_an_instrument_without_a_name_is_of_its_transfers_arrangement() -> None:
    office = Office()
    office.instrument(compensation=TOTAL, term=FROM_MARCH)
    held(office, {**NAMED, "arrangement": "a"})

    assert only(office).arrangements == ("a",)


def test_a_total_of_a_transfer_is_not_added_again_for_its_instrument() -> None:
    account = only(under({"compensation": TOTAL, "term": FROM_MARCH}, own=TOTAL))

    assert account.agreed == 476_000_000
    assert reasons(account) == [("total", "of-instrument")]


def test_an_announced_end_and_persons_who_were_refused_begin_and_end_nothing() -> None:
    office = Office()
    office.instrument(compensation=TOTAL, term=YEAR)
    office.transfer(**NAMED)
    refused: dict[str, Json] = {"refused": [{"n": 238, "reason": "no space"}]}
    office.receipt("T-1", 238, **refused)
    office.instrument(
        id="I-1", stage="terminated", occurred="2025-07-18", status="alleged"
    )
    account = only(office, date(2025, 3, 15))

    assert account.accrued is not None
    assert only(office).accrued is not None


def test_a_total_that_two_books_state_alike_is_added_once() -> None:
    us, sv = Office(), Office(book="sv.example/book", state="SV", seed=20)
    for office in (us, sv):
        office.instrument(compensation=TOTAL, term=FROM_MARCH, arrangement="a")
    history = asked_together(us, sv)
    (account,) = accounts(history, [], on=ON)

    assert account.agreed == 476_000_000
    assert sorted(why for _, why in reasons(account)) == ["accrues", "beside"]


def test_a_term_about_persons_does_not_begin_before_a_transfer_names_it() -> None:
    office = Office()
    office.instrument(compensation=TOTAL, term=YEAR)

    assert only(office).accrued is None
    assert only(office).unearned == ("I-1",)


def test_a_summary_states_the_sum_that_a_transfer_earns_by() -> None:
    office = under({"compensation": RATE})
    row = transfer_row(pool_of(office.history, "T-1"), "T-1", on=ON)

    assert row["compensation"] == RATE
    assert isinstance(row["accrual"], dict)
    assert row["accrual"]["agreed"] == RATE["amount"]
