"""Edges of terms: ties, boundaries of a day, and what must not be mixed up."""

from datetime import date

import pytest

from ledger.domain.beginnings import began
from ledger.domain.custody import pool_of
from ledger.domain.flows import Range
from ledger.domain.schemas import Record
from ledger.domain.starting import Start, delay_from, said_at, said_time, start_of
from ledger.domain.terms import end_surely, parts, renewal_clause
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.domain.counted_terms import only, parts_of, received, term
from tests.office import Office

Rows = list[tuple[str, int]]


def rows(office: Office, *, on: date) -> Rows:
    """Return the last day and the persons of each part of the first transfer."""
    found = parts_of(office, on=on)
    return [(str(part.last_day), part.persons.most) for part in found]


def coming(*receipts: tuple[int, str], length: str = "P1Y", n: int = 10) -> Office:
    """Return an office whose first transfer came in several groups, more to come."""
    office = Office()
    office.transfer(
        persons={"n": n, "qualifier": "exact"},
        departures=[{"at": "2025-03-01"}],
        term=term(length=length),
    )
    for persons, day in receipts:
        office.receipt("T-1", persons, arrived=day, admitted=day, more_to_come=True)
    return office


def start(office: Office, *, on: date = date(2026, 6, 1)) -> Start:
    """Return what the only part of the first transfer rests on."""
    case = pool_of(office.history, "T-1").cases["T-1"]
    return start_of(case, only(office, on=on))


def test_persons_who_began_a_term_are_a_number_and_nobody_is_no_part() -> None:
    office = coming((4, "2025-03-03"), (6, "2025-03-05"))
    case = pool_of(office.history, "T-1").cases["T-1"]

    found = began(case, on=date(2025, 3, 5))
    assert [part.persons for part in found] == [Range(4, 4), Range(6, 6)]


def test_who_died_on_the_way_began_no_term() -> None:
    office = coming(n=10)
    office.exit(["T-1"], 3, "2025-03-02", how="died")
    case = pool_of(office.history, "T-1").cases["T-1"]

    assert [part.persons for part in began(case, on=date(2025, 3, 1))] == [
        Range(10, 10)
    ]
    assert [part.persons for part in began(case, on=date(2025, 3, 2))] == [Range(7, 7)]


def test_of_three_groups_two_with_one_first_day_are_one_part() -> None:
    office = Office()
    office.transfer(
        persons={"n": 6, "qualifier": "exact"}, departures=[{"at": "2025-03-01"}]
    )
    for n, arrived, admitted in ((1, 2, 5), (2, 3, 3), (3, 4, 5)):
        days = {"arrived": f"2025-03-0{arrived}", "admitted": f"2025-03-0{admitted}"}
        more = {} if n == 3 else {"more_to_come": True}
        office.receipt("T-1", n, **days, **more)

    case = pool_of(office.history, "T-1").cases["T-1"]
    found = began(case, on=date(2025, 3, 5))
    assert [(part.start.day, part.persons) for part in found] == [
        (5, Range(4, 4)),
        (3, Range(2, 2)),
    ]


def test_who_left_on_the_day_of_an_arrival_can_have_come_by_it() -> None:
    office = coming((3, "2025-03-03"), (3, "2025-03-10"), n=6)
    office.exit(["T-1"], 2, "2025-03-10")

    assert rows(office, on=date(2025, 3, 10)) == [("2026-03-02", 3), ("2026-03-09", 1)]


def test_who_left_before_a_group_came_was_rather_still_on_the_way_than_of_it() -> None:
    office = coming((2, "2025-03-03"))
    office.exit(["T-1"], 3, "2025-03-05")
    office.receipt(
        "T-1", 4, arrived="2025-03-10", admitted="2025-03-10", more_to_come=True
    )

    # Both of the first group left, and one of the four who never came.
    assert rows(office, on=date(2025, 4, 1)) == [("2026-02-28", 3), ("2026-03-09", 4)]


def test_persons_leave_part_by_part_until_all_who_left_are_taken() -> None:
    office = coming((1, "2025-03-03"), (1, "2025-03-05"), (1, "2025-03-07"), n=3)
    office.exit(["T-1"], 2, "2025-04-01")

    assert rows(office, on=date(2025, 4, 1)) == [("2026-03-02", 1)]


def test_an_exit_after_a_renewal_does_not_change_whom_the_renewal_met() -> None:
    office = received(5)
    office.exit(["T-1"], 2, "2026-02-20")
    office.renewal("T-1", 1, agreed_on="2026-03-01")
    office.exit(["T-1"], 2, "2026-03-10")

    # Of three one was renewed; the latest end leaves first.
    assert rows(office, on=date(2026, 3, 10)) == [("2026-03-15", 1)]


def test_the_refused_of_a_day_leave_an_earlier_exit_where_it_was() -> None:
    office = coming((3, "2025-03-03"), n=7)
    office.exit(["T-1"], 1, "2025-03-05")
    office.receipt(
        "T-1",
        4,
        arrived="2025-03-10",
        admitted="2025-03-10",
        refused=[{"n": 2, "reason": "no order"}],
    )

    assert rows(office, on=date(2025, 3, 10)) == [("2026-03-02", 2), ("2026-03-09", 2)]


def test_a_part_is_assumed_if_either_bound_of_a_pool_takes_somebody_of_it() -> None:
    office = received(5)
    office.renewal("T-1", 2, agreed_on="2026-03-01")
    office.transfer()
    office.receipt("T-2", 238)
    office.exit(["T-1", "T-2"], 1, "2026-03-10")

    assert [part.assumed for part in parts_of(office)] == [True, True]
    assert [part.persons for part in parts_of(office)] == [Range(3, 3), Range(1, 2)]


def test_a_month_that_lacks_the_day_is_said_of_each_end_and_of_no_other() -> None:
    office = received(term=term(length="P1M"), day="2025-01-31")
    clipped = [only(office).clipped]
    for length in ("P1M", "P1M"):
        office.renewal("T-1", 238, agreed_on="2025-02-20", length=length)
        clipped.append(only(office).clipped)
    office.renewal("T-1", 238, agreed_on="2025-02-20", until="2025-12-31")
    clipped.append(only(office).clipped)

    # 02-28, 03-30, 04-30, and a day that is named.
    assert clipped == [True, False, True, False]


@pytest.mark.parametrize(
    "agreed", [{"reading": "until_date", "until": "2025-12-31"}, {"reading": "unknown"}]
)
def test_an_end_that_is_named_or_not_there_is_not_clipped(
    agreed: dict[str, Json],
) -> None:
    assert only(received(term=agreed)).clipped is False


@pytest.mark.parametrize(
    ("limit", "capped_by", "last"),
    [("2025-02-26", "I-1", "2025-02-26"), ("2025-02-28", None, "2025-02-28")],
)
def test_an_instrument_caps_only_what_goes_beyond_its_end(
    limit: str, capped_by: str | None, last: str
) -> None:
    office = Office()
    office.instrument(term={"reading": "until_date", "until": limit})
    office.transfer(
        instruments=["I-1"],
        departures=[{"at": "2025-01-31"}],
        term=term(length="P1M", trigger="departed"),
    )
    office.receipt("T-1", 238, arrived="2025-02-01", admitted="2025-02-01")

    part = only(office)
    assert (part.capped_by, str(part.last_day)) == (capped_by, last)
    assert part.clipped is (capped_by is None)


@pytest.mark.parametrize("trigger", ["admitted", "arrived", "departed"])
def test_an_instrument_whose_term_is_about_persons_has_no_end_of_its_own(
    trigger: str,
) -> None:
    office = Office()
    office.instrument(term=term(length="P1M", trigger=trigger))
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)

    assert (only(office).capped_by, str(only(office).last_day)) == (None, "2026-03-15")


def test_a_term_from_an_arrival_that_is_to_come_is_counted_from_the_departure() -> None:
    office = Office()
    office.transfer(term=term(trigger="arrived"))

    part = only(office)
    assert (part.trigger, part.provisional) == ("departed", True)
    assert str(part.last_day) == "2026-03-14"


def test_a_renewal_keeps_the_day_on_which_it_was_agreed() -> None:
    office = received()
    office.renewal("T-1", 238, agreed_on="2026-02-11")

    (period,) = only(office).periods
    assert period.agreed_on == date(2026, 2, 11)


CLAUSE: dict[str, Json] = {"clause": "express", "max": 2}
OTHER: dict[str, Json] = {"clause": "none"}


@pytest.mark.parametrize(
    ("later", "clause"),
    [
        ({"renewal": OTHER}, "none"),
        ({}, "express"),
        ({"renewal": OTHER, "type": "announcement", "stage": "announced"}, "express"),
        ({"renewal": OTHER, "status": "alleged"}, "express"),
    ],
)
def test_the_clause_is_the_latest_that_counts_and_is_no_announcement(
    later: dict[str, Json], clause: str
) -> None:
    office = Office()
    office.instrument(renewal=CLAUSE)
    office.instrument(**later)
    office.transfer(instruments=["I-1", "I-2"])
    found = renewal_clause(pool_of(office.history, "T-1").cases["T-1"])

    assert found is not None
    assert found.clause == clause


def test_two_instruments_of_one_day_begin_one_term() -> None:
    office = Office()
    for _ in range(2):
        # In El Salvador it is still the day before.
        office.instrument(occurred="2025-03-14T00:30-04:00")
    office.transfer(instruments=["I-1", "I-2"], term=term(trigger="signed"))
    office.receipt("T-1", 238)

    assert only(office).start == date(2025, 3, 13)
    assert start(office).said == ("2025-03-14T00:30-04:00",)


@pytest.mark.parametrize(
    ("trigger", "event", "said", "first"),
    [
        ("2025-03-22", "date", "2025-03-22", "2025-03-22"),
        ("in_force", "in_force", "2025-03-20", "2025-03-20"),
        ("admitted", "admitted", "2025-03-18", "2025-03-18"),
        ("arrived", "arrived", "2025-03-16", "2025-03-16"),
    ],
)
def test_a_start_is_told_by_its_own_event_and_its_own_day(
    trigger: str, event: str, said: str, first: str
) -> None:
    office = Office()
    office.instrument(stage="in_force", occurred="2025-03-20")
    office.transfer(instruments=["I-1"], term=term(trigger=trigger))
    office.receipt("T-1", 238, arrived="2025-03-16", admitted="2025-03-18")

    assert only(office).trigger == event
    found = start(office)
    named = "date" if trigger[0] == "2" else trigger
    assert (found.trigger, found.event, found.said) == (named, event, (said,))
    assert str(found.first) == first


def test_each_part_is_told_by_the_arrivals_of_its_own_day() -> None:
    office = coming((4, "2025-03-03"), (6, "2025-03"))
    case = pool_of(office.history, "T-1").cases["T-1"]
    found = [start_of(case, part) for part in parts_of(office, on=date(2025, 4, 1))]

    assert [each.said for each in found] == [("2025-03",), ("2025-03-03",)]
    assert [str(each.end_latest) for each in found] == ["2026-03-30", "2026-03-02"]


def in_march(**members: Json) -> Office:
    """Return an office that knows only the month of an arrival."""
    office = Office()
    office.instrument(**members)
    office.transfer(
        instruments=["I-1"], departures=[{"at": "2025-03-01"}], term=term(length="P1M")
    )
    office.receipt("T-1", 238, arrived="2025-03", admitted="2025-03")
    return office


def test_a_last_day_since_a_month_is_between_two_days() -> None:
    found = start(in_march())

    assert (str(found.end), str(found.end_latest)) == ("2025-03-31", "2025-04-30")


def test_a_last_day_that_is_named_does_not_move_with_the_month() -> None:
    office = Office()
    agreed: dict[str, Json] = {"reading": "until_date", "until": "2025-12-31"}
    office.transfer(departures=[{"at": "2025-03-01"}], term=agreed)
    office.receipt("T-1", 238, arrived="2025-03", admitted="2025-03")

    assert str(start(office).end_latest) == "2025-12-31"


@pytest.mark.parametrize(
    ("members", "latest"),
    [
        # One length from the start on: as open as the start.
        ({"length": "P1M"}, "2025-05-30"),
        # A day that is named, or counted from one that is known, is not open.
        ({"until": "2025-12-31"}, "2025-12-31"),
        ({"length": "P1M", "from": "2025-04-10"}, "2025-05-09"),
        ({"length": "P10D"}, "2025-04-10"),
        # It begins on the very day from which the first was counted.
        ({"length": "P2M", "from": "2025-03-01"}, "2025-04-30"),
    ],
)
def test_a_renewal_is_as_open_as_the_day_that_it_is_counted_from(
    members: dict[str, Json], latest: str
) -> None:
    office = in_march()
    office.renewal("T-1", 238, agreed_on="2025-03-20", **members)

    assert str(start(office).end_latest) == latest


@pytest.mark.parametrize(
    ("limit", "end", "latest"),
    [
        ("2025-03-20", "2025-03-20", "2025-03-20"),
        ("2025-04-10", "2025-03-31", "2025-04-10"),
    ],
)
def test_an_instrument_caps_the_latest_end_too(
    limit: str, end: str, latest: str
) -> None:
    found = start(in_march(term={"reading": "until_date", "until": limit}))

    assert (str(found.end), str(found.end_latest)) == (end, latest)


def test_a_renewal_is_bound_by_no_end_of_the_instrument_that_it_passed() -> None:
    office = in_march(term={"reading": "until_date", "until": "2025-04-05"})
    office.renewal("T-1", 238, agreed_on="2025-03-20", length="P1M")

    assert str(start(office).end) == "2025-04-30"
    assert str(start(office).end_latest) == "2025-05-30"


@pytest.mark.parametrize("order", [1, -1])
def test_of_departures_on_two_days_the_earlier_is_told(order: int) -> None:
    office = Office()
    two: list[Json] = [
        {"at": "2025-03-15", "persons": 1},
        {"at": "2025-03-17", "persons": 237},
    ]
    office.transfer(departures=two[::order])
    record = pool_of(office.history, "T-1").cases["T-1"].opening.record
    found = said_time(record, "America/El_Salvador")

    assert found is not None
    assert found.text == "2025-03-15"


def test_what_happened_at_a_minute_is_late_from_its_own_day() -> None:
    office = received(day="2025-03-15T23:00-04:00")
    record = office.history.entries[1].record

    day = date(2025, 3, 15)
    assert delay_from(record, "America/El_Salvador", day) == day


def test_an_entry_without_an_event_has_no_time_of_one() -> None:
    office = received()

    assert said_time(office.history.entries[0].record, "UTC") is None
    with pytest.raises(KeyError, match=r"^7$"):
        said_at(pool_of(office.history, "T-1"), 7)


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_terms_that_plainly_end_end_and_fewer_records_end_as_plainly(
    seed: int,
) -> None:
    history = book(seed).history
    records = [history.worth(seq) for seq in history.entries]

    if end_surely(records):
        assert all(end_surely([record]) for record in records)
        for ref in history.opened:
            pool = pool_of(history, ref)
            if ref in pool.cases:
                assert parts(pool, ref, on=date.max) is not None
    assert not end_surely([*records, *records_of_many_years()])


def records_of_many_years() -> list[Record]:
    """Return a renewal that takes a term of any start to the end of the calendar."""
    office = received()
    entry = office.renewal("T-1", 1, agreed_on="2025-04-01", length="P7900Y")
    return [entry.record, entry.record]


@pytest.mark.parametrize(
    ("members", "sure"),
    [
        ({"length": "P7000Y"}, True),
        ({"length": "P9998M"}, True),
        ({"length": "P9999M"}, False),
        ({"length": "P9999D"}, False),
        ({"until": "9994-12-31"}, True),
        ({"until": "9995-01-01"}, False),
        ({"length": "P1Y", "from": "9994-01-01"}, False),
        ({"length": "P1Y", "from": "9993-01-01"}, True),
    ],
)
def test_what_comes_near_the_end_of_the_calendar_is_not_plain(
    members: dict[str, Json], *, sure: bool
) -> None:
    office = received(term={"reading": "unknown"})
    record = office.renewal("T-1", 1, agreed_on="2025-04-01", **members).record

    assert end_surely([record, None]) is sure


@pytest.mark.parametrize(
    ("agreed", "sure"),
    [
        ({"reading": "until_date", "until": "9994-12-31"}, True),
        ({"reading": "until_date", "until": "9995-01-01"}, False),
        (term(length="P1Y", trigger="2080-01-01"), True),
        (term(length="P7915Y", trigger="2080-01-01"), False),
        (term(length="P7900Y", trigger="2080-01-01"), True),
    ],
)
def test_an_agreed_term_that_comes_near_the_end_of_the_calendar_is_not_plain(
    agreed: dict[str, Json], *, sure: bool
) -> None:
    transfer = received(term=agreed).history.entries[1].record
    office = Office()
    instrument = office.instrument(occurred="2025-03-14", term=agreed).record

    assert end_surely([transfer]) is sure
    assert end_surely([instrument]) is sure
