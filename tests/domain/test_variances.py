"""Each flag: a case that has it, the entry it names, and a case that has it not."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cases import case_of
from ledger.domain.custody import pool_of
from ledger.domain.variances import (
    Flag,
    FlagCode,
    acknowledged,
    days_of,
    delay_days,
    event_days,
    flags,
    is_later,
)
from ledger.tlog.canonical import Json
from tests.books import SEEDS, book
from tests.office import Office, signer

WITHIN = date(2025, 6, 1)
AFTER = date(2026, 4, 1)
HEADCOUNT: dict[str, Json] = {"n": 100, "qualifier": "at_most"}


def seen(
    office: Office, code: str, *, ref: str = "T-1", on: date = WITHIN
) -> list[tuple[int, int]]:
    """Return entry and number of every flag of a code."""
    found = flags(pool_of(office.history, ref), ref, on=on)
    return [(flag.seq, flag.n) for flag in found if flag.code == code]


def arrived(came: int = 238, **members: Json) -> Office:
    office = Office()
    office.transfer(**members)
    office.receipt("T-1", came)
    return office


def unannounced(state: str = "SV") -> Office:
    office = Office(book=f"{state.lower()}.example/book", state=state)
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "US" if state == "SV" else "SV",
            "persons": {"n": 4, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 4,
            "asserted_by": state,
            "status": "official",
        },
    )
    return office


def named(**members: Json) -> Office:
    """Return an office whose transfer names an instrument of at most 100 persons."""
    office = Office()
    office.instrument(**{"headcount": HEADCOUNT, **members})
    office.transfer(instruments=["I-1"])
    return office


def clause(**members: Json) -> Office:
    """Return an office whose transfer was received, under a renewal clause."""
    office = Office()
    office.instrument(renewal={"clause": "express", **members})
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    return office


def renewed(office: Office, persons: int = 238, **members: Json) -> Office:
    office.renewal("T-1", persons, **{"agreed_on": "2026-03-01", **members})
    return office


def left(office: Office, refs: list[str], persons: int, **members: Json) -> Office:
    office.exit(refs, persons, "2025-05-01", **members)
    return office


def two() -> Office:
    office = arrived(10, persons={"n": 10, "qualifier": "exact"})
    office.transfer(persons={"n": 5, "qualifier": "exact"})
    office.receipt("T-2", 5)
    return office


def doubted(since: str) -> Office:
    """Return an office whose receipt of 2025-03-16 a key signed that was stolen."""
    office, thief = Office(), signer("us.example/clerk-08", 30)
    office.transfer()
    office.write(
        "key", {"action": "add", "role": "clerk", **office.listing("clerk", thief)}
    )
    receipt: dict[str, Json] = {
        "transfer": office.cite("T-1"),
        "arrived": "2025-03-16",
        "arrived_persons": 238,
        "asserted_by": "SV",
        "status": "reported",
    }
    office.write("receipt", receipt, by=thief)
    revoked: dict[str, Json] = {
        "action": "revoke",
        "role": "clerk",
        "vkey": thief.key.format(),
        "reason": "the laptop was stolen",
        "suspect_from": since,
    }
    office.write("key", revoked)
    return office


def partly_renewed() -> Office:
    return renewed(arrived(), 100, agreed_on="2025-04-01")


CASES: dict[str, tuple[Callable[[], Office], date, int, int, Callable[[], Office]]] = {
    "unacknowledged": (arrived, WITHIN, 1, 0, unannounced),
    "not-received": (
        lambda: _with(Office(), lambda o: o.transfer()),
        WITHIN,
        1,
        238,
        arrived,
    ),
    "unannounced": (unannounced, WITHIN, 1, 4, arrived),
    "unaccounted": (lambda: arrived(230), WITHIN, 2, 8, arrived),
    "surplus": (lambda: arrived(240), WITHIN, 2, 2, arrived),
    "beyond-count": (
        lambda: left(left(arrived(), ["T-1"], 200), ["T-1"], 40),
        WITHIN,
        4,
        2,
        lambda: left(arrived(), ["T-1"], 200),
    ),
    "refused": (
        lambda: _with(
            Office(),
            lambda o: o.transfer(),
            lambda o: o.receipt("T-1", 238, refused=[{"n": 8, "reason": "unfit"}]),
        ),
        WITHIN,
        2,
        8,
        arrived,
    ),
    "manifest-differs": (
        lambda: arrived(manifest={"root": "0" * 64, "count": 237}),
        WITHIN,
        1,
        237,
        lambda: arrived(manifest={"root": "0" * 64, "count": 238}),
    ),
    "headcount-exceeded": (
        named,
        WITHIN,
        2,
        100,
        lambda: named(headcount={"n": 238, "qualifier": "exact"}),
    ),
    "overdue": (arrived, AFTER, 1, 17, lambda: renewed(arrived())),
    "no-authority": (
        lambda: arrived(term={"reading": "unknown"}),
        WITHIN,
        1,
        238,
        arrived,
    ),
    "provisional": (
        lambda: _with(Office(), lambda o: o.transfer()),
        WITHIN,
        1,
        238,
        arrived,
    ),
    "zone-assumed": (
        lambda: arrived(facility={"name": "CECOT"}),
        WITHIN,
        1,
        0,
        arrived,
    ),
    "part-assumed": (
        lambda: left(partly_renewed(), ["T-1"], 5),
        WITHIN,
        1,
        0,
        lambda: left(partly_renewed(), ["T-1"], 5, part="2026-03-15"),
    ),
    "tacit-clause": (
        lambda: clause(clause="tacit"),
        AFTER,
        1,
        0,
        clause,
    ),
    "pooled": (
        lambda: left(two(), ["T-1", "T-2"], 3),
        WITHIN,
        5,
        2,
        lambda: left(two(), ["T-1"], 3),
    ),
    "renewal-late": (
        lambda: renewed(clause(notice={"lead": "P1M"}), requested_on="2026-02-16"),
        AFTER,
        4,
        0,
        lambda: renewed(clause(notice={"lead": "P1M"})),
    ),
    "renewal-notice-unknown": (
        lambda: renewed(clause(notice={"lead": "P1M"})),
        AFTER,
        4,
        0,
        lambda: renewed(clause(notice={"lead": "P1M"}), agreed_on="2026-01-01"),
    ),
    "first-of-month": (
        lambda: arrived(departures=[{"at": "2025-03"}]),
        WITHIN,
        1,
        0,
        arrived,
    ),
    "last-of-month": (
        lambda: _with(arrived(), lambda o: o.exit(["T-1"], 5, "2025-05")),
        WITHIN,
        3,
        0,
        lambda: left(arrived(), ["T-1"], 5),
    ),
    "overstayed": (
        lambda: _with(arrived(), lambda o: o.exit(["T-1"], 5, "2026-03-20")),
        AFTER,
        3,
        4,
        lambda: _with(arrived(), lambda o: o.exit(["T-1"], 5, "2026-03-16")),
    ),
    "overstayed-perhaps": (
        lambda: _with(two(), lambda o: o.exit(["T-1", "T-2"], 3, "2026-03-20")),
        AFTER,
        5,
        4,
        lambda: _with(two(), lambda o: o.exit(["T-1", "T-2"], 3, "2026-03-16")),
    ),
    "renewal-gap": (
        lambda: renewed(arrived(), agreed_on="2026-03-20"),
        AFTER,
        3,
        4,
        lambda: renewed(arrived()),
    ),
    "renewal-beyond-limit": (
        lambda: renewed(clause(outer_limit="2026-12-31")),
        AFTER,
        4,
        0,
        lambda: renewed(clause(outer_limit="2027-12-31")),
    ),
    "renewal-beyond-held": (
        lambda: renewed(arrived(), 240),
        AFTER,
        3,
        2,
        lambda: renewed(arrived()),
    ),
    "facility-elsewhere": (
        lambda: arrived(facility={"name": "a camp", "state": "HN"}),
        WITHIN,
        1,
        0,
        lambda: arrived(facility={"name": "a camp", "state": "SV"}),
    ),
    "part-exceeded": (
        lambda: left(partly_renewed(), ["T-1"], 101, part="2027-03-15"),
        WITHIN,
        4,
        1,
        lambda: left(partly_renewed(), ["T-1"], 100, part="2027-03-15"),
    ),
    "part-unknown": (
        lambda: left(partly_renewed(), ["T-1"], 10, part="2026-03-16"),
        WITHIN,
        4,
        10,
        lambda: left(partly_renewed(), ["T-1"], 10, part="2026-03-15"),
    ),
    "renewal-extends-nothing": (
        lambda: renewed(arrived(), until="2026-03-15"),
        AFTER,
        3,
        238,
        lambda: renewed(arrived(), until="2026-03-16"),
    ),
    "renewal-shortens": (
        lambda: renewed(arrived(), 100, until="2026-03-14"),
        AFTER,
        3,
        100,
        lambda: renewed(arrived(), 100, until="2026-03-15"),
    ),
    "renewal-part-assumed": (
        lambda: renewed(partly_renewed(), 50, until="2028-03-15"),
        AFTER,
        4,
        50,
        lambda: renewed(partly_renewed(), until="2028-03-15"),
    ),
    "not-counted": (
        lambda: left(arrived(), ["T-1"], 5, status="alleged"),
        WITHIN,
        3,
        0,
        lambda: left(arrived(), ["T-1"], 5),
    ),
    "suspect-key": (
        lambda: doubted("2025-03-01"),
        WITHIN,
        3,
        0,
        lambda: doubted("2025-03-02"),
    ),
    "admitted-before-arrival": (
        lambda: _with(
            Office(),
            lambda o: o.transfer(),
            lambda o: o.receipt("T-1", 238, admitted="2025-03-15T23:00-06:00"),
        ),
        WITHIN,
        2,
        0,
        arrived,
    ),
    "arrived-before-departure": (
        lambda: came("2025-03-15", "2025-03-14"),
        WITHIN,
        2,
        0,
        lambda: came("2025-03-15", "2025-03-15"),
    ),
}


def came(left: str, arrived: str) -> Office:
    """Return a book of a transfer that left at a time and arrived at another."""
    return _with(
        Office(),
        lambda o: o.transfer(departures=[{"at": left}]),
        lambda o: o.receipt("T-1", 238, arrived=arrived, admitted="2025-03-16"),
    )


def _with(office: Office, *acts: Callable[[Office], object]) -> Office:
    for act in acts:
        act(office)
    return office


def only_ref(office: Office) -> str:
    return "T-1" if "T-1" in office.history.opened else "R-1"


def test_there_is_a_case_for_every_flag() -> None:
    # What the other state's book says otherwise takes two books: test_deeds.
    of_two_books = {"said-by-both", "reported-otherwise", "paid-otherwise"}
    of_two_books |= {"renewed-otherwise", "renewed-persons"}
    of_two_books |= {"renewed-compensation", "renewed-perhaps-once"}
    assert CASES.keys() == set(get_args(FlagCode)) - of_two_books


@pytest.mark.parametrize(
    ("left", "arrived", "noted"),
    [
        ("2025-03-15", "2025-03-14T23:00-06:00", [(2, 0)]),
        ("2025-03-15T10:00+14:00", "2025-03-14", [(2, 0)]),
        # Times are in order across the date line; a month says no day.
        ("2025-03-15T10:00+14:00", "2025-03-14T23:00-10:00", []),
        ("2025-03", "2025-03-01", []),
        ("2025-03-14", "2025-03-15", []),
    ],
)
def test_an_arrival_on_the_day_before_the_departure_is_noted(
    left: str, arrived: str, noted: list[tuple[int, int]]
) -> None:
    office = came(left, arrived)

    assert seen(office, "arrived-before-departure", on=date(2025, 4, 1)) == noted


def test_an_unannounced_arrival_has_no_departure_to_lie_before() -> None:
    office = Office()
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "SV",
            "persons": {"n": 5, "qualifier": "exact"},
            "admitted": "2025-03-14",
            "arrived_persons": 5,
            "asserted_by": "US",
            "status": "official",
        },
    )

    found = seen(office, "arrived-before-departure", on=date(2025, 4, 1), ref="R-1")
    assert found == []


def test_an_entry_is_in_doubt_from_the_day_that_it_is_about() -> None:
    office = doubted("2025-03-01")

    assert seen(office, "suspect-key", on=date(2025, 3, 15)) == []
    assert seen(office, "suspect-key", on=date(2025, 3, 16)) == [(3, 0)]


@pytest.mark.parametrize("code", CASES)
def test_a_flag_is_where_it_belongs_with_its_entry_and_number(code: str) -> None:
    make, on, seq, n, _ = CASES[code]
    office = make()

    assert seen(office, code, ref=only_ref(office), on=on) == [(seq, n)]


@pytest.mark.parametrize("code", CASES)
def test_a_flag_is_not_where_it_does_not_belong(code: str) -> None:
    _, on, _, _, make = CASES[code]
    office = make()

    assert seen(office, code, ref=only_ref(office), on=on) == []


def test_persons_recorded_as_unaccounted_are_flagged_as_those_who_are_missing() -> None:
    office = left(arrived(230), ["T-1"], 3, how="unaccounted")

    assert seen(office, "unaccounted") == [(2, 8), (3, 3)]


def test_nothing_later_than_the_day_is_flagged() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 100, more_to_come=True)
    office.receipt(
        "T-1",
        100,
        arrived="2025-06-02T10:00-06:00",
        admitted="2025-06-02T09:00-06:00",
        refused=[{"n": 2, "reason": "unfit"}],
    )
    office.exit(["T-1"], 3, "2025-06-03", how="unaccounted")
    office.exit(["T-1"], 3, "2025-06-04", status="alleged")
    office.renewal("T-1", 999, agreed_on="2025-06-05")

    found = flags(pool_of(office.history, "T-1"), "T-1", on=WITHIN)

    assert [(flag.code, flag.seq) for flag in found] == [
        ("unacknowledged", 1),
        ("not-received", 1),
        ("provisional", 1),
    ]


def test_a_receipt_acknowledges_from_its_day_on() -> None:
    case = case_of(unannounced().history, "R-1")
    assert case is not None

    assert not acknowledged(case, on=date(2025, 3, 15))
    assert acknowledged(case, on=date(2025, 3, 16))


def test_a_state_signs_for_what_one_of_its_parts_received() -> None:
    office = Office()
    office.transfer(destination="US-TX")
    office.receipt("T-1", 238, asserted_by="US-TX", status="official")

    assert seen(office, "unacknowledged", on=date(2025, 3, 15)) == [(1, 0)]
    assert seen(office, "unacknowledged") == []


def test_a_pool_says_how_many_transfers_its_exits_name_together() -> None:
    office = two()
    office.transfer(persons={"n": 5, "qualifier": "exact"})
    office.receipt("T-3", 5)
    left(office, ["T-1", "T-2"], 1)
    left(office, ["T-2", "T-3"], 1)

    assert seen(office, "pooled", ref="T-1") == [(7, 2)]
    assert seen(office, "pooled", ref="T-2") == [(7, 3)]


def exceeded(office: Office, *refs: str) -> dict[str, list[tuple[int, int]]]:
    """Return the flags of persons beyond the count, by transfer."""
    return {ref: seen(office, "beyond-count", ref=ref) for ref in refs}


def test_a_split_exit_exceeds_only_the_transfer_whose_count_it_passes() -> None:
    office = two()
    split: Json = [
        {"transfer": office.cite("T-1"), "n": 3},
        {"transfer": office.cite("T-2"), "n": 7},
    ]
    left(office, ["T-1", "T-2"], 10, split=split)

    assert exceeded(office, "T-1", "T-2") == {"T-1": [], "T-2": [(5, 2)]}


def test_an_unsplit_exit_exceeds_those_that_it_names_and_no_others() -> None:
    office = two()
    office.transfer(persons={"n": 5, "qualifier": "exact"})
    office.receipt("T-3", 5)
    left(office, ["T-2", "T-3"], 1)
    left(office, ["T-1", "T-2"], 17)

    found = exceeded(office, "T-1", "T-2", "T-3")

    assert found == {"T-1": [(8, 2)], "T-2": [(8, 2)], "T-3": []}


def test_what_is_said_of_one_transfer_is_exceeded_before_what_is_said_of_several() -> (
    None
):
    office = two()
    left(office, ["T-1", "T-2"], 12)
    left(office, ["T-2"], 6)

    found = exceeded(office, "T-1", "T-2")

    assert found == {"T-1": [(5, 2)], "T-2": [(5, 2), (6, 1)]}


@pytest.mark.parametrize(
    "members",
    [
        {"type": "announcement"},
        {"stage": "announced"},
        {"status": "alleged"},
        {"headcount": {"n": 100, "qualifier": "about"}},
    ],
)
def test_a_head_count_that_binds_nobody_is_not_exceeded(
    members: dict[str, Json],
) -> None:
    assert seen(named(**members), "headcount-exceeded") == []


def test_the_latest_stage_says_how_many_were_agreed() -> None:
    more = named()
    more.instrument(id="I-1", headcount={"n": 300, "qualifier": "at_most"})
    none = named()
    none.instrument(id="I-1", stage="terminated")
    same = named()
    same.instrument(id="I-1", stage="in_force", headcount=HEADCOUNT)

    assert seen(more, "headcount-exceeded") == []
    assert seen(none, "headcount-exceeded") == []
    assert seen(same, "headcount-exceeded") == [(2, 100)]


def test_an_alleged_renewal_or_receipt_is_not_counted_and_changes_nothing() -> None:
    office = renewed(arrived(), 999, status="alleged", agreed_on="2025-04-01")
    office.receipt("T-1", 5, status="disputed")

    found = flags(pool_of(office.history, "T-1"), "T-1", on=WITHIN)

    assert [flag for flag in found if flag.code != "unacknowledged"] == [
        Flag("not-counted", 4),
        Flag("not-counted", 3),
    ]


def test_a_part_that_was_assumed_is_said_once() -> None:
    office = left(partly_renewed(), ["T-1"], 5)
    office.renewal("T-1", 50, agreed_on="2025-05-02")

    assert seen(office, "part-assumed") == [(1, 0)]


def test_the_days_of_a_case_are_those_of_its_events() -> None:
    office = left(renewed(arrived()), ["T-1"], 5)
    office.payment(["T-1"], "5.00", occurred="2025-03")
    office.remark(1, occurred="2025-07-01")
    case = case_of(office.history, "T-1")
    assert case is not None

    days = event_days(case)

    assert days == {
        1: date(2025, 3, 15),
        2: date(2025, 3, 16),
        3: date(2026, 3, 1),
        4: date(2025, 5, 1),
        5: date(2025, 3, 31),
    }
    every = days_of(office.history, [pool_of(office.history, "T-1")])
    assert every == {**days, 6: date(2025, 7, 1)}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_balance_counts_by_a_day_is_not_later(seed: int) -> None:
    history = book(seed).history
    for ref in [ref for ref in history.opened if ref[0] == "T"]:
        pool = pool_of(history, ref)
        days = days_of(history, [pool])
        for leave in pool.leaves:
            later = is_later(history, leave.seq, days=days, on=leave.day)
            assert later == (days[leave.seq] > leave.day)
            assert days[leave.seq] >= leave.day


def test_a_claim_is_later_where_its_target_is() -> None:
    office = left(arrived(), ["T-1"], 5)
    office.claim(3, "/persons/n", 6)
    office.claim(1, "/persons/n", 6)
    days = {3: date(2025, 5, 1)}
    before, after = date(2025, 4, 30), date(2025, 5, 1)

    assert is_later(office.history, 4, days=days, on=before)
    assert not is_later(office.history, 4, days=days, on=after)
    assert not is_later(office.history, 5, days=days, on=before)


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2025, 3, 14, 23, tzinfo=UTC), 0),
        (datetime(2025, 3, 15, 23, tzinfo=UTC), 0),
        (datetime(2025, 3, 16, tzinfo=UTC), 1),
        (datetime(2026, 3, 15, tzinfo=UTC), 365),
    ],
)
def test_a_delay_is_counted_in_days_and_never_negative(at: datetime, days: int) -> None:
    assert delay_days(at, date(2025, 3, 15)) == days


@given(st.datetimes(timezones=st.just(UTC)), st.dates())
def test_a_delay_leads_from_the_event_to_the_record(at: datetime, day: date) -> None:
    delay = delay_days(at, day)

    assert delay == 0 or day.toordinal() + delay == at.toordinal()
