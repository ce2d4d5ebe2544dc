"""The law: a book as it was known on a day answers as if nothing was recorded since."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ledger.errors import NotFoundError
from ledger.register.asking import due, held, listed, overdue
from ledger.register.finding import find
from ledger.register.mismatching import variances
from ledger.register.opening import Places, Register, open_register
from ledger.register.showing import Shown, ShownEntry, ShownInstrument, show
from ledger.register.tracing import explained, trace
from tests.books import LAST
from tests.office import START, Office
from tests.register.stored import image_of, lay, storable

BOOKS = range(4)
DAYS_EACH = 2


@contextmanager
def known(there: Places, day: date) -> Iterator[Register]:
    """Open a book as it was known at the end of a day."""
    with open_register(there, known_on=day) as register:
        yield register


def prefix(office: Office, day: date) -> Office:
    """Return an office that has only what was recorded by the end of a day."""
    later = [
        entry.seq for entry in office.history.entries.values() if entry.at.date() > day
    ]
    short = copy(office)
    short.notes = office.notes[: min(later, default=len(office.notes))]
    return short


def answers(register: Register, on: date) -> Iterator[object]:
    """Ask a book everything that can be asked as of a day of knowledge."""
    yield due(register, on=on, within=400)
    yield overdue(register, on=on)
    yield held(register, on=on)
    yield listed(register, on=on)
    yield variances(register, on=on)
    yield find(register, "A")
    refs = [r for r in register.recall().every_ref() if r[0] in "TRI"]
    for name in (*refs, *map(str, range(register.recall().size)), "T-77"):
        try:
            yield plain(show(register, name, on=on))
        except NotFoundError as error:
            yield error.code
    for ref in refs:
        yield trace(register, ref)
        yield trace(register, ref, on=on)
        try:
            yield explained(register, ref, on=on, money=True)
        except NotFoundError as error:
            yield error.code


def plain(shown: Shown | ShownEntry | ShownInstrument) -> object:
    """Return what is shown, without the entries that were read for it."""
    match shown:
        case Shown():
            told = (shown.ref, shown.case, shown.balance, shown.parts, shown.flags)
            return (*told, shown.earning, shown.days, shown.heads)
        case ShownEntry():
            became = (shown.retracted_by, shown.corrected_by)
            return (shown.seq, shown.entry, shown.note, became, shown.heads)
        case ShownInstrument():
            return shown


def days(office: Office, rng: Random) -> list[date]:
    """Return a day before the book, days within it, and one after it."""
    recorded = sorted({e.at.date() for e in office.history.entries.values()})
    within = [day - timedelta(days=rng.randrange(2)) for day in recorded]
    chosen = rng.sample(within, min(DAYS_EACH, len(within)))
    return [recorded[0] - timedelta(days=1), *chosen, date.max]


@pytest.mark.parametrize("number", BOOKS)
def test_what_was_known_on_a_day_is_what_the_book_then_held(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)
    rng = Random(number)  # noqa: S311 (nothing here is secret)
    (tmp_path / "whole").mkdir()
    whole = lay(tmp_path / "whole", image_of(office))
    for count, day in enumerate(days(office, rng)):
        short = prefix(office, day)
        if not short.notes:
            continue
        folder = tmp_path / str(count)
        folder.mkdir()
        there = lay(folder, image_of(short))
        on = date.fromordinal(rng.randint(START.toordinal(), LAST.toordinal()))

        with known(whole, day) as then, open_register(there) as only:
            for asked, expected in zip(
                answers(then, on), answers(only, on), strict=True
            ):
                assert asked == expected


@pytest.fixture(name="told")
def _told(tmp_path: Path) -> Places:
    """A book that learned late: an arrival a month after, a correction in June."""
    office = Office()
    office.now = datetime.fromisoformat("2025-03-15T23:59:59Z")
    office.transfer()
    office.now = datetime.fromisoformat("2025-04-16T00:00:00Z")
    office.receipt("T-1", 236)
    office.now = datetime.fromisoformat("2025-06-01T12:00:00Z")
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 252})
    office.now = datetime.fromisoformat("2025-07-01T12:00:00Z")
    office.retract(3)
    return lay(tmp_path, image_of(office))


@pytest.mark.parametrize(
    ("day", "persons", "arrived"),
    [
        ("2025-03-15", 238, 0),
        ("2025-04-15", 238, 0),
        ("2025-04-16", 238, 236),
        ("2025-05-31", 238, 236),
        ("2025-06-01", 252, 236),
        ("2025-07-01", 238, 236),
    ],
)
def test_each_entry_counts_from_when_it_was_recorded(
    day: str, persons: int, arrived: int, told: Places
) -> None:
    with known(told, date.fromisoformat(day)) as register:
        (line,) = listed(register, on=date(2025, 12, 31)).lines

    assert (line.case.persons.n, line.balance.arrived) == (persons, arrived)


def test_what_became_of_an_entry_is_told_from_then_on(told: Places) -> None:
    became = []
    for day in (date(2025, 5, 31), date(2025, 6, 1), date(2025, 7, 1)):
        with known(told, day) as register:
            (opening, *rest) = trace(register, "T-1").lines
            late = [(line.entry.seq, line.days_late) for line in rest]
            became.append((opening.corrected_by, late))

    assert became == [
        ((), [(2, 31)]),
        ((3,), [(2, 31), (3, 0)]),
        ((), [(2, 31), (3, 0), (4, 0)]),
    ]


def test_before_its_first_entry_a_book_knows_nothing(told: Places) -> None:
    with known(told, date(2024, 1, 1)) as register:
        custody = listed(register, on=date(2025, 12, 31))
        with pytest.raises(NotFoundError, match="no-such-ref"):
            show(register, "T-1", on=date(2025, 12, 31))
        with pytest.raises(NotFoundError, match="no-such-entry"):
            show(register, "0", on=date(2025, 12, 31))

    assert (custody.lines, custody.heads[0].size) == ((), 0)


def test_a_void_entry_belongs_to_the_day_of_what_came_before_it(
    tmp_path: Path,
) -> None:
    office = Office()
    office.put(b"no entry")
    office.now += timedelta(days=2)
    office.transfer()
    there = lay(tmp_path, image_of(office))

    with known(there, START.date()) as register:
        shown = show(register, "1", on=date(2025, 12, 31))
        size = register.head().size

    assert isinstance(shown, ShownEntry)
    assert size == 2
