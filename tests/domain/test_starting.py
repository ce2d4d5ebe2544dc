"""What the first day of a term rests on, and between which days it can have been."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import pool_of
from ledger.domain.starting import Start, delay_from, said_at, said_time, start_of
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.books import SEEDS, book
from tests.office import Office

ON = date(2026, 6, 1)
ARRIVAL: dict[str, Json] = {
    "ref": "R-1",
    "origin": "MX",
    "persons": {"n": 3, "qualifier": "exact"},
    "arrived": "2025-04",
    "arrived_persons": 3,
    "asserted_by": "US",
    "status": "official",
}


def starts(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Start]:
    pool = pool_of(office.history, ref)
    return [start_of(pool.cases[ref], part) for part in parts(pool, ref, on=on)]


def received(trigger: str | None = None, **members: Json) -> Office:
    office = Office()
    office.instrument(occurred="2025-03-14")
    term: dict[str, Json] = {"reading": "fixed", "length": "P1Y"}
    if trigger is not None:
        term["trigger"] = trigger
    office.transfer(instruments=["I-1"], term=term)
    office.receipt("T-1", 238, **members)
    return office


@pytest.mark.parametrize(
    ("trigger", "event", "said"),
    [
        (None, "admitted", ("2025-03-16T02:00-06:00",)),
        ("admitted", "admitted", ("2025-03-16T02:00-06:00",)),
        ("arrived", "arrived", ("2025-03-16T00:30-06:00",)),
        ("departed", "departed", ("2025-03-15T17:26-04:00",)),
        ("signed", "signed", ("2025-03-14",)),
        ("in_force", None, ()),
        ("2025-03-22", "date", ("2025-03-22",)),
    ],
)
def test_a_start_names_the_event_whose_day_is_counted(
    trigger: str | None, event: str | None, said: tuple[str, ...]
) -> None:
    (start,) = starts(received(trigger))

    assert (start.event, start.said) == (event, said)
    assert start.first == start.last
    assert start.end == start.end_latest


def test_another_event_stands_in_where_the_one_of_the_words_is_not_recorded() -> None:
    office = Office()
    for trigger in ("admitted", "arrived"):
        office.transfer(term={"reading": "fixed", "length": "P1Y", "trigger": trigger})
    office.transfer()
    only: dict[str, Json] = {
        "transfer": office.cite("T-2"),
        "admitted": "2025-03-16T02:00-06:00",
        "arrived_persons": 238,
        "asserted_by": "SV",
        "status": "reported",
    }
    office.write("receipt", only)
    came = {k: v for k, v in only.items() if k != "admitted"}
    here: dict[str, Json] = {"transfer": office.cite("T-1"), "arrived": "2025-03-16"}
    office.write("receipt", {**came, **here})

    assert [(s.trigger, s.event) for s in starts(office, "T-1")] == [
        ("admitted", "arrived")
    ]
    assert [(s.trigger, s.event) for s in starts(office, "T-2")] == [
        ("arrived", "admitted")
    ]
    assert [(s.trigger, s.event) for s in starts(office, "T-3")] == [
        ("admitted", "departed")
    ]


def test_a_month_is_a_range_of_first_days_and_of_last_days() -> None:
    office = received(arrived="2025-03", admitted="2025-03")

    (start,) = starts(office)

    assert start.said == ("2025-03",)
    assert (start.first, start.last) == (date(2025, 3, 1), date(2025, 3, 31))
    assert (start.end, start.end_latest) == (date(2026, 2, 28), date(2026, 3, 30))


def test_the_latest_end_is_capped_and_a_renewal_may_fix_it() -> None:
    capped = Office()
    capped.instrument(term={"reading": "until_date", "until": "2026-03-10"})
    capped.transfer(instruments=["I-1"])
    capped.receipt("T-1", 238, arrived="2025-03", admitted="2025-03")
    ended = Office()
    ended.instrument(term={"reading": "until_date", "until": "2026-01-10"})
    ended.transfer(instruments=["I-1"])
    ended.receipt("T-1", 238, arrived="2025-03", admitted="2025-03")
    summed = received(arrived="2025-03", admitted="2025-03")
    summed.renewal("T-1", 238, agreed_on="2026-02-01")
    fixed = received(arrived="2025-03", admitted="2025-03")
    fixed.renewal("T-1", 238, agreed_on="2026-02-01", until="2026-12-31")

    assert [s.end_latest for s in starts(capped)] == [date(2026, 3, 10)]
    assert [s.end_latest for s in starts(ended)] == [date(2026, 1, 10)]
    assert [s.end_latest for s in starts(summed)] == [date(2027, 3, 30)]
    assert [s.end_latest for s in starts(fixed)] == [date(2026, 12, 31)]


def test_where_no_term_was_agreed_an_arrival_stands_in_for_nothing() -> None:
    office = Office()
    office.write("receipt", {**ARRIVAL})
    alleged = Office()
    alleged.write("receipt", {**ARRIVAL, "status": "alleged"})

    (start,) = starts(office, "R-1")
    (unknown,) = starts(alleged, "R-1")

    assert (start.trigger, start.event, start.end) == ("arrived", "arrived", None)
    assert (unknown.trigger, unknown.event) == ("admitted", None)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEEDS)
def test_no_start_is_after_its_latest_and_no_end_either(seed: int) -> None:
    history = book(seed).history
    for ref in [r for r in history.opened if r[0] == "T"]:
        ref_now = history.known_as(ref)
        pool = pool_of(history, ref_now)
        if ref_now not in pool.cases:
            continue
        for part in parts(pool, ref_now, on=ON):
            start = start_of(pool.cases[ref_now], part)
            assert start.first <= start.last
            assert (start.end is None) == (start.end_latest is None)
            assert start.end is None or start.end <= (start.end_latest or start.end)
            assert start.event is not None or start.said == ()


@given(st.dates(date(2025, 3, 1), date(2025, 3, 31)))
def test_a_month_is_late_from_its_last_day_only(day: date) -> None:
    office = received()
    left = office.exit(["T-1"], 1, "2025-03").record

    assert delay_from(left, "UTC", day) == date(2025, 3, 31)
    assert delay_from(office.history.entries[1].record, "UTC", day) == day
    assert delay_from(office.history.entries[0].record, "UTC", day) == day


def test_the_time_of_an_entry_is_the_one_that_it_records() -> None:
    office = received()
    renewal = office.renewal("T-1", 238)
    gone = office.exit(["T-1"], 1, "2025-03")
    remark = office.remark(2)
    pool = pool_of(office.history, "T-1")

    def said(seq: int) -> str | None:
        when = said_time(office.history.entries[seq].record, "UTC")
        return None if when is None else when.text

    assert said(0) is None
    assert said(1) == "2025-03-14"
    assert said(2) == "2025-03-15T17:26-04:00"
    assert said(3) == "2025-03-16T00:30-06:00"
    assert said(renewal.seq) == "2026-03-01"
    assert said(remark.seq) is None
    assert said_at(pool, gone.seq) == "2025-03"
    assert said_at(pool, 3) == "2025-03-16T00:30-06:00"
    with pytest.raises(KeyError):
        said_at(pool, 1)
