"""The days that an office must not miss, as events that later runs keep up to date.

An event is known by the book, the transfer, the last authorised day and what it is, so
that it stays the same whoever makes the calendar. Every entry that concerns a transfer
is played again in order: a last day that some earlier state of the book gave, and the
present one does not, is cancelled; a calendar that was made then may hold it. An event
is as new as the last entry that concerns its transfer.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from ledger.domain.cases import Case
from ledger.domain.custody import Pool, pool_of
from ledger.domain.flows import Range
from ledger.domain.history import History, Logged, number_of, pools
from ledger.domain.terms import parts
from ledger.register.duties import notice_day
from ledger.register.opening import Head, Register
from ledger.store.projections import TERM, transfer_rows

What: TypeAlias = Literal["last-day", "reminder", "notice"]

PAST = timedelta(days=366)
"""Events that lie further back than this are left out."""

_LAST_DAY, _START = TERM.columns.index("last_day"), TERM.columns.index("start")


@dataclass(frozen=True, slots=True)
class Deadline:
    """One day to keep in mind.

    Attributes:
        uid: What makes it the same event in every later calendar.
        what: The last authorised day itself, a reminder of it, or the last day on
            which a renewal can be asked for.
        day: The day.
        ref: The transfer.
        last_day: The last authorised day that it is about.
        origin: Code of the state that they left.
        destination: Code of the state that they were sent to, if recorded.
        persons: How many it is about; None where it is cancelled.
        provisional: Nobody has received them: counted from the departure.
        revision: Number of the last entry that concerns the transfer.
        revised: When that entry was recorded, UTC.
    """

    uid: str
    what: What
    day: date
    ref: str
    last_day: date
    origin: str
    destination: str | None
    persons: Range | None
    provisional: bool
    revision: int
    revised: datetime

    @property
    def days_before(self) -> int:
        """Return how many days before the last day it lies."""
        return (self.last_day - self.day).days


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The events of a book, by day."""

    lines: tuple[Deadline, ...]
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Mark:
    """What an event is, whatever becomes of it."""

    ref: str
    last_day: date
    what: What
    day: date


@dataclass(slots=True)
class _Course:
    """One transfer while its entries are played.

    Attributes:
        case: As it was last known; it may have been retracted since.
        marks: Every event that it ever had.
        last: The last entry that concerns it.
    """

    case: Case
    last: Logged
    marks: set[_Mark] = field(default_factory=set)


def deadlines(register: Register, *, on: date, reminders: Collection[int]) -> Deadlines:
    """Return the days to keep in mind, past ones of the last year included.

    Args:
        register: The open book.
        on: Events more than a year before this day are left out.
        reminders: How many days before each last day to remind of it.
    """
    recall = register.recall()
    refs = [ref for ref in recall.every_ref() if ref[0] in "TR"]
    whole = recall.history(refs)
    genesis = register.journal.book.genesis.hex()
    found: list[Deadline] = []
    for names in pools(whole, refs):
        courses = _played(recall.history(names), reminders=reminders)
        # An exit that was retracted may have tied others to these for a while.
        for ref in [ref for ref in names if ref in courses]:
            found.extend(_lines(whole, ref, courses[ref], genesis=genesis))
    kept = [line for line in found if on - line.day <= PAST]
    kept.sort(key=lambda line: (line.day, number_of(line.ref), line.uid))
    return Deadlines(lines=tuple(kept), heads=(register.head(),))


def _played(whole: History, *, reminders: Collection[int]) -> dict[str, _Course]:
    """Play the entries of a pool in order; return every event that there ever was."""
    courses: dict[str, _Course] = {}
    history = History(book=whole.book)
    for _, entry in sorted(whole.entries.items()):
        history.add(entry)
        concerned = _concerned(history, entry)
        for ref in concerned:
            pool = pool_of(history, ref)
            if ref in pool.cases:
                case = pool.cases[ref]
                course = courses.setdefault(ref, _Course(case=case, last=entry))
                course.case = case
                course.marks.update(_marks(pool, case, reminders=reminders))
        for ref in courses.keys() & set(concerned):
            courses[ref].last = entry
    return courses


def _concerned(history: History, entry: Logged) -> list[str]:
    """Return the transfers whose terms an entry can change: an exit's whole pool."""
    named = history.refs[entry.seq]
    own = {ref for ref in named if ref[0] in "TR"}
    concerned = {*own, *map(history.known_as, own)}
    for ref in [ref for ref in history.opened if ref[0] in "TR"]:
        case = pool_of(history, ref).cases.get(ref)
        transfer = None if case is None else case.transfer
        if transfer is not None and set(transfer.instruments or ()) & set(named):
            concerned.add(ref)
    return sorted({one for ref in concerned for one in history.pool_of(ref)})


def _marks(pool: Pool, case: Case, *, reminders: Iterable[int]) -> Iterator[_Mark]:
    """Yield the events of every term that the transfer has or had."""
    for row in transfer_rows(pool, case.ref)[TERM]:
        text, start = row[_LAST_DAY], row[_START]
        if text is None:
            continue
        last_day, first = date.fromisoformat(str(text)), date.fromisoformat(str(start))
        yield _Mark(case.ref, last_day, "last-day", last_day)
        for days in reminders:
            day = last_day - timedelta(days=days)
            if first <= day < last_day:
                yield _Mark(case.ref, last_day, "reminder", day)
        notice = notice_day(case, last_day)
        if notice is not None:
            yield _Mark(case.ref, last_day, "notice", notice)


def _lines(
    history: History, ref: str, course: _Course, *, genesis: str
) -> Iterator[Deadline]:
    """Yield the events of a transfer, those that stand and the cancelled ones."""
    pool = pool_of(history, ref)
    case = pool.cases.get(ref)
    ends = {} if case is None else _ends(pool, case)
    for mark in sorted(course.marks):
        end = ends.get(mark.last_day)
        if mark.what == "notice" and case is not None:
            stands = notice_day(case, mark.last_day) == mark.day
            end = end if stands else None
        yield Deadline(
            uid=f"{ref}.{mark.last_day}.{mark.what}.{mark.day}@{genesis}",
            what=mark.what,
            day=mark.day,
            ref=ref,
            last_day=mark.last_day,
            origin=course.case.origin,
            destination=course.case.destination,
            persons=None if end is None else end[0],
            provisional=end is not None and end[1],
            revision=course.last.seq,
            revised=course.last.at,
        )


def _ends(pool: Pool, case: Case) -> dict[date, tuple[Range, bool]]:
    """Return the last days that stand, with how many persons, and if provisional."""
    found: dict[date, tuple[Range, bool]] = {}
    for part in parts(pool, case.ref, on=date.max):
        if part.last_day is not None and part.persons.most:
            known, provisional = found.get(part.last_day, (Range(0, 0), False))
            persons = Range(
                known.least + part.persons.least, known.most + part.persons.most
            )
            found[part.last_day] = (persons, provisional or part.provisional)
    return found
