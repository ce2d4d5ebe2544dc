"""The calendar, quick, against the calendar as its definition says, slow."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.domain.cases import Case
from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import History
from ledger.register.duties import notice_day
from ledger.store.projections import TERM, transfer_rows
from tests.office import Office
from tests.register.stored import image_of, lay, storable
from tests.register.test_deadlines import REMINDERS, of_book

Event = tuple[str, date, str, date]
BOOKS = range(25)


def events(pool: Pool, case: Case) -> Iterator[Event]:
    """Yield the events of every term that a transfer has or had."""
    row: dict[str, object]
    for cells in transfer_rows(pool, case.ref)[TERM]:
        row = dict(zip(TERM.columns, cells, strict=True))
        if row["last_day"] is None:
            continue
        last = date.fromisoformat(str(row["last_day"]))
        yield case.ref, last, "last-day", last
        for days in REMINDERS:
            day = last - timedelta(days=days)
            if date.fromisoformat(str(row["start"])) <= day < last:
                yield case.ref, last, "reminder", day
        notice = notice_day(case, last)
        if notice is not None:
            yield case.ref, last, "notice", notice


def played(whole: History) -> set[Event]:
    """Return the events of all transfers after each entry of a book."""
    history, found = History(book=whole.book), set[Event]()
    for _, entry in sorted(whole.entries.items()):
        history.add(entry)
        for ref in [ref for ref in history.opened if ref[0] in "TR"]:
            pool = pool_of(history, ref)
            if ref in pool.cases:
                found.update(events(pool, pool.cases[ref]))
    return found


def found(office: Office, folder: Path) -> set[Event]:
    lines = of_book(lay(folder, image_of(office)), on=date(1950, 1, 1))
    return {(line.ref, line.last_day, line.what, line.day) for line in lines}


@pytest.mark.parametrize("number", BOOKS)
def test_every_event_that_there_ever_was_is_in_the_calendar(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)

    assert found(office, tmp_path) == played(office.history)


def test_exits_that_tie_transfers_and_a_key_that_is_spoken_of(tmp_path: Path) -> None:
    office = Office()
    for number in range(1, 7):
        office.transfer(persons={"n": 20, "qualifier": "exact"})
        office.receipt(f"T-{number}", 20)
    for number in range(1, 6):
        office.exit([f"T-{number}", f"T-{number + 1}"], 9, f"2025-05-0{number}")
        office.renewal(f"T-{number}", 12, agreed_on=f"2025-05-1{number}")
    office.remark(0, text="the office as it began")
    office.remark(office.exit(["T-1"], 9, "2025-06-01").seq, text="late")

    assert found(office, tmp_path) == played(office.history)
