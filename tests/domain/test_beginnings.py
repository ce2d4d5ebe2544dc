"""Where terms begin and where the agreed words end them, through whole books."""

from datetime import UTC, date, datetime

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.flows import Range
from ledger.domain.overstays import overstay
from ledger.domain.times import When
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.domain.counted_terms import (
    ROLLING,
    only,
    parts_of,
    received,
    rolling,
    term,
    until,
)
from tests.office import Office


@pytest.mark.parametrize(
    ("trigger", "last"),
    [
        ("signed", "2026-03-13"),
        ("departed", "2026-03-14"),
        ("admitted", "2026-03-15"),
        ("arrived", "2026-03-15"),
        ("2025-03-22", "2026-03-21"),
        (None, "2026-03-15"),
    ],
)
def test_the_start_decides_the_end(trigger: str | None, last: str) -> None:
    office = Office()
    office.instrument(stage="announced", occurred="2025-02-03", type="announcement")
    office.instrument(occurred="2025-03-14")
    office.transfer(
        instruments=["I-1", "I-2"],
        term=term() if trigger is None else term(trigger=trigger),
        facility={"name": "CECOT", "zone": "America/New_York"},
        departures=[{"at": "2025-03-15T17:26-04:00"}],
    )
    office.receipt("T-1", 238)

    assert until(office) == last


def test_admission_and_arrival_can_differ() -> None:
    office = Office()
    office.transfer()
    office.transfer(term=term(trigger="arrived"))
    for ref in ("T-1", "T-2"):
        came = "2025-03-15T23:30-06:00"
        office.receipt(ref, 238, arrived=came, admitted="2025-03-16T02:00-06:00")

    assert (until(office, "T-1"), until(office, "T-2")) == ("2026-03-15", "2026-03-14")


def test_a_start_that_nobody_recorded_gives_no_end() -> None:
    office = received(term=term(trigger="in_force"))

    part = only(office)

    assert (part.last_day, part.trigger) == (None, "in_force")
    assert part.start == date(2025, 3, 16)


@pytest.mark.parametrize(
    ("day", "length", "last", "clipped"),
    [
        ("2025-03-16", "P1Y", "2026-03-15", False),
        ("2015-09-01", "P3Y", "2018-08-31", False),
        ("2027-03-16", "P1Y", "2028-03-15", False),
        ("2027-03-16", "P365D", "2028-03-14", False),
        ("2024-02-29", "P1Y", "2025-02-28", True),
        ("2024-03-01", "P1Y", "2025-02-28", False),
        ("2025-01-31", "P1M", "2025-02-28", True),
        ("2025-01-31", "P2M", "2025-03-30", False),
        ("2025-01-31", "P3M", "2025-04-30", True),
    ],
)
def test_the_last_authorised_day_is_inclusive(
    day: str, length: str, last: str, *, clipped: bool
) -> None:
    office = received(day=day, term=term(length=length))

    part = only(office, on=date(2028, 1, 1))

    assert (str(part.last_day), part.clipped) == (last, clipped)


def test_each_admission_has_its_own_term() -> None:
    office = rolling()

    ends = [until(office, ref) for ref in ("T-1", "T-2", "T-3")]

    assert ends == ["2026-03-15", "2026-03-29", "2026-04-11"]


def test_batches_of_one_transfer_have_their_own_terms() -> None:
    office = Office()
    office.transfer(persons={"n": 30, "qualifier": "exact"})
    for n, (_, came) in zip((10, 15), ROLLING, strict=False):
        office.receipt("T-1", n, arrived=came, admitted=came, more_to_come=True)
    again = ROLLING[0][1]
    office.receipt("T-1", 2, arrived=again, admitted=again, more_to_come=True)

    found = [(str(p.last_day), p.persons.most, p.provisional) for p in parts_of(office)]

    assert found == [
        ("2026-03-14", 3, True),
        ("2026-03-15", 12, False),
        ("2026-03-29", 15, False),
    ]


def test_the_instrument_s_own_end_comes_first_where_it_is_earlier() -> None:
    office = rolling(term={"reading": "until_date", "until": "2026-03-20"})

    found = [only(office, ref) for ref in ("T-1", "T-2", "T-3")]

    assert [str(p.last_day) for p in found] == [
        "2026-03-15",
        "2026-03-20",
        "2026-03-20",
    ]
    assert [p.capped_by for p in found] == [None, "I-1", "I-1"]


@pytest.mark.parametrize(
    ("words", "last", "capped"),
    [
        (term(trigger="signed", length="P6M"), "2025-09-13", "I-1"),
        (term(trigger="2025-03-14", length="P6M"), "2025-09-13", "I-1"),
        (term(trigger="in_force", length="P6M"), "2026-03-15", None),
        (term(length="P6M"), "2026-03-15", None),
        (term(trigger="departed", length="P6M"), "2026-03-15", None),
        ({"reading": "unknown"}, "2026-03-15", None),
    ],
)
def test_only_a_term_of_the_instrument_itself_ends_it(
    words: dict[str, Json], last: str, capped: str | None
) -> None:
    office = Office()
    office.instrument(occurred="2025-03-14", term=words)
    office.instrument(occurred="2024-01-01")
    office.transfer(instruments=["I-1", "I-2"])
    office.receipt("T-1", 238)

    part = only(office)

    assert (str(part.last_day), part.capped_by) == (last, capped)


def test_a_later_stage_replaces_the_instrument_s_own_end() -> None:
    office = Office()
    office.instrument(term={"reading": "until_date", "until": "2025-06-30"})
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    first = until(office)
    office.instrument(id="I-1", stage="in_force")
    second = until(office)
    later: Json = {"reading": "until_date", "until": "2025-12-31"}
    office.instrument(id="I-1", stage="in_force", term=later)

    assert [first, second, until(office)] == ["2025-06-30", "2025-06-30", "2025-12-31"]


@pytest.mark.parametrize(
    "members",
    [
        {"type": "announcement"},
        {"stage": "announced"},
        {"status": "alleged"},
    ],
)
def test_an_announcement_changes_no_computed_value(members: dict[str, Json]) -> None:
    office = Office()
    office.instrument(
        occurred="2025-01-01",
        term={"reading": "until_date", "until": "2025-06-30"},
        **members,
    )
    office.transfer(instruments=["I-1"])
    office.transfer(instruments=["I-1"], term=term(trigger="signed"))
    for ref in ("T-1", "T-2"):
        office.receipt(ref, 238)

    assert until(office) == "2026-03-15"
    assert only(office, "T-2").last_day is None


def test_the_place_of_custody_decides_the_day() -> None:
    """Juba: 5 July 05:00 +02:00 is still 4 July in the United States."""
    came = "2025-07-05T05:00+02:00"
    ends = {}
    for zone in ("Africa/Juba", "America/New_York"):
        office = Office()
        office.transfer(
            destination="SS",
            persons={"n": 8, "qualifier": "exact"},
            departures=[{"at": "2025-07-04T10:00+03:00"}],
            facility={"name": "Juba", "zone": zone},
        )
        office.receipt("T-1", 8, arrived=came, admitted=came)
        ends[zone] = until(office)

    assert ends == {"Africa/Juba": "2026-07-04", "America/New_York": "2026-07-03"}


def test_a_publication_s_local_time_is_one_instant() -> None:
    same = [
        "2025-03-15T17:26-04:00",
        "2025-03-15T16:26-05:00",
        "2025-03-15T15:26-06:00",
    ]

    instants = {When.parse(text).instant() for text in same}

    assert instants == {datetime(2025, 3, 15, 21, 26, tzinfo=UTC)}
    with pytest.raises(RefusedError):
        Office().transfer(departures=[{"at": "2025-03-15T17:26"}])


def test_without_a_receipt_the_term_is_counted_from_the_departure() -> None:
    office = Office()
    office.transfer()

    part = only(office)

    assert (part.provisional, part.came, part.trigger) == (True, None, "departed")
    assert until(office) == "2026-03-14"


def test_a_receipt_of_nobody_makes_no_part() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 0, more_to_come=True)
    assert only(office).persons == Range(238, 238)
    office.receipt("T-1", 0)

    assert parts_of(office) == ()


def test_before_the_departure_there_is_no_part() -> None:
    office = Office()
    office.transfer()

    assert parts_of(office, on=date(2025, 3, 14)) == ()
    assert only(office, on=date(2025, 3, 15)).provisional


@pytest.mark.parametrize("reading", ["unknown", "indefinite", "until_event"])
def test_an_unknown_end_is_none(reading: str) -> None:
    office = received(term={"reading": reading})
    pool = pool_of(office.history, "T-1")

    part = only(office)

    assert (part.last_day, part.reading) == (None, reading)
    assert overstay(pool, "T-1", part, on=date.max) is None


def test_an_unannounced_arrival_has_no_recorded_authority() -> None:
    office = Office()
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "SV",
        "persons": {"n": 4, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 4,
        "asserted_by": "US",
        "status": "official",
    }
    office.write("receipt", data)

    part = only(office, "R-1")

    assert (part.last_day, part.reading, part.persons) == (None, "none", Range(4, 4))
