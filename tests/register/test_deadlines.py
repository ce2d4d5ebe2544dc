"""The days to keep in mind: known by one name for ever, and cancelled when they go."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from ledger.register.deadlines import Deadline, deadlines
from ledger.register.opening import Places
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import image_of, lay, opened, storable

ON = date(2026, 1, 1)
REMINDERS = (90, 30, 7)


def of_book(
    there: Places, *, on: date = ON, known: int | None = None
) -> list[Deadline]:
    with opened(there) as register:
        register.before = known
        return list(deadlines(register, on=on, reminders=REMINDERS).lines)


def of(office: Office, folder: Path, *, on: date = ON) -> list[Deadline]:
    folder.mkdir(exist_ok=True)
    return of_book(lay(folder, image_of(office)), on=on)


def standing(lines: Iterable[Deadline]) -> dict[str, int]:
    """Return the last days that stand, each with its persons."""
    return {
        line.day.isoformat(): line.persons.most
        for line in lines
        if line.what == "last-day" and line.persons is not None
    }


def cancelled(lines: Iterable[Deadline]) -> set[str]:
    return {
        line.day.isoformat()
        for line in lines
        if line.what == "last-day" and line.persons is None
    }


@pytest.fixture
def office() -> Office:
    office = Office()
    office.transfer()
    return office


def test_a_departure_has_a_provisional_last_day_and_three_reminders(
    office: Office, tmp_path: Path
) -> None:
    lines = of(office, tmp_path)

    assert [(line.what, line.days_before) for line in lines] == [
        ("reminder", 90),
        ("reminder", 30),
        ("reminder", 7),
        ("last-day", 0),
    ]
    assert all(line.provisional for line in lines)
    assert {line.last_day for line in lines} == {date(2026, 3, 14)}


def test_an_arrival_cancels_the_provisional_day(office: Office, tmp_path: Path) -> None:
    office.receipt("T-1", 238)
    lines = of(office, tmp_path)

    assert standing(lines) == {"2026-03-15": 238}
    assert cancelled(lines) == {"2026-03-14"}
    assert not any(line.provisional for line in lines)


def test_a_renewal_moves_the_day_for_those_whom_it_names(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 238)
    office.renewal("T-1", 100, until="2026-09-15")
    lines = of(office, tmp_path)

    assert standing(lines) == {"2026-03-15": 138, "2026-09-15": 100}


def test_an_exit_of_all_cancels_every_day(office: Office, tmp_path: Path) -> None:
    office.receipt("T-1", 238)
    office.exit(["T-1"], 238, "2025-07-18")
    lines = of(office, tmp_path)

    assert standing(lines) == {}
    assert cancelled(lines) == {"2026-03-14", "2026-03-15"}


def test_a_later_entry_makes_the_same_events_newer(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 238)
    before = {line.uid: line for line in of(office, tmp_path / "before")}
    office.exit(["T-1"], 100, "2025-07-18")
    after = {line.uid: line for line in of(office, tmp_path / "after")}

    assert before.keys() == after.keys()
    for uid, line in after.items():
        assert line.revision > before[uid].revision
        assert line.revised >= before[uid].revised


def test_what_a_correction_or_a_retraction_takes_away_is_cancelled(
    office: Office, tmp_path: Path
) -> None:
    change: Json = {"path": "/term/length", "old": "P1Y", "new": "P6M"}
    office.correct(1, change)
    corrected = of(office, tmp_path / "corrected")
    office.retract(1)
    retracted = of(office, tmp_path / "retracted")

    assert (standing(corrected), cancelled(corrected)) == (
        {"2025-09-14": 238},
        {"2026-03-14"},
    )
    assert (standing(retracted), cancelled(retracted)) == (
        {},
        {"2025-09-14", "2026-03-14"},
    )


def test_a_later_stage_of_an_instrument_concerns_the_transfers_that_name_it(
    tmp_path: Path,
) -> None:
    office = Office()
    office.instrument(stage="announced")
    office.transfer(instruments=["I-1"])
    office.transfer()
    first = of(office, tmp_path / "before")
    term: Json = {"reading": "until_date", "until": "2025-12-31"}
    office.instrument(id="I-1", stage="in_force", term=term)
    second = of(office, tmp_path / "after")

    assert {line.ref: line.revision for line in first} == {"T-1": 2, "T-2": 3}
    assert {line.ref: line.revision for line in second} == {"T-1": 4, "T-2": 3}
    assert "2025-12-31" in standing(second)


def test_the_last_day_to_ask_for_a_renewal_is_an_event_while_it_is_agreed(
    tmp_path: Path,
) -> None:
    office = Office()
    clause: Json = {"clause": "express", "notice": {"lead": "P1M"}}
    office.instrument(renewal=clause)
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    with_clause = [x for x in of(office, tmp_path / "a") if x.what == "notice"]
    later: Json = {"clause": "express", "notice": {"lead": "P2M"}}
    office.instrument(id="I-1", stage="in_force", renewal=later)
    changed = [x for x in of(office, tmp_path / "b") if x.what == "notice"]

    def stands(lines: list[Deadline]) -> set[date]:
        return {line.day for line in lines if line.persons is not None}

    assert stands(with_clause) == {date(2026, 2, 15)}
    assert stands(changed) == {date(2026, 1, 15)}
    assert {line.day for line in changed} > {date(2026, 2, 15)}


def test_an_arrival_that_nobody_announced_has_no_term(tmp_path: Path) -> None:
    office = Office(book="sv.example/book", state="SV")
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": {"n": 17, "qualifier": "exact"},
        "arrived": "2025-03-31",
        "arrived_persons": 17,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", data)

    assert of(office, tmp_path) == []


def test_a_term_without_an_end_has_no_event(tmp_path: Path) -> None:
    office = Office()
    office.transfer(term={"reading": "unknown"})

    assert of(office, tmp_path) == []


def test_a_reminder_before_the_term_began_and_days_long_past_are_left_out(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer(term={"reading": "fixed", "length": "P40D"})
    lines = of(office, tmp_path / "now", on=date(2025, 4, 1))

    assert [line.days_before for line in lines] == [30, 7, 0]
    last = lines[-1].day
    kept = of(office, tmp_path / "later", on=last.replace(year=2026))
    gone = of(office, tmp_path / "gone", on=date(2026, 12, 31))
    assert [line.days_before for line in kept] == [0]
    assert gone == []


@pytest.mark.parametrize("number", range(4))
def test_every_event_of_an_earlier_book_is_there_later_and_never_older(
    tmp_path: Path, number: int
) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    late = {line.uid: line for line in of_book(there)}

    assert len(late) == len(of_book(there))
    for size in range(2, len(office.notes), 7):
        for line in of_book(there, known=size):
            assert line.uid in late
            assert line.revision <= late[line.uid].revision


def test_what_is_said_of_the_first_entry_too_moves_no_day(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "before").mkdir()
    before = of(office, tmp_path / "before")
    office.remark(0, 1)

    assert [line.day for line in of(office, tmp_path)] == [line.day for line in before]
