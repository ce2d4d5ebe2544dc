"""The days that an office must not miss, as events that later runs keep up to date.

An event is known by the book, the transfer, the last authorised day and what it is, so
that it stays the same whoever makes the calendar. Every entry that concerns a transfer
is played again in order: a last day that some earlier state of the book gave, and the
present one does not, is cancelled; a calendar that was made then may hold it. Those of
a mirror are played when they came here. An event is as new as the last entry of each
book that concerns its transfer: its revision is the sum of their numbers, the same at
every office that has them.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct, field

from ledger.domain.authority import Genesis, Key
from ledger.domain.beginnings import began
from ledger.domain.cases import Case, case_of, counts
from ledger.domain.custody import Pool, pool_of
from ledger.domain.flows import Range
from ledger.domain.history import History, Logged, cited, number_of, pools
from ledger.domain.joining import STRIDE, Books
from ledger.domain.qualifying import plus
from ledger.domain.records import Claim, Payment, Remark
from ledger.domain.terms import parts
from ledger.register.duties import notice_day
from ledger.register.mirrored import Reading, reading, taken_in_at
from ledger.register.opening import Head, Register
from ledger.register.questioning import Question
from ledger.store.projections import TERM, term_days, term_rows
from ledger.tlog import chain

What: TypeAlias = Literal["last-day", "reminder", "notice"]

PAST = timedelta(days=366)
"""Events that lie further back than this are left out."""

_LAST_DAY, _START = TERM.columns.index("last_day"), TERM.columns.index("start")


class Deadline(Struct, frozen=True):
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
        revision: Number of the last entry that concerns the transfer, of several
            books the sum of these.
        revised: When the last of them was recorded, UTC.
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


class Deadlines(Struct, frozen=True):
    """The events of the books, by day."""

    lines: tuple[Deadline, ...]
    heads: tuple[Head, ...]
    books: Books


class _Mark(Struct, frozen=True, order=True):
    """What an event is, whatever becomes of it."""

    ref: str
    last_day: date
    what: What
    day: date


class _Course(Struct):
    """One transfer while its entries are played.

    Attributes:
        case: As it was last known; it may have been retracted since.
        marks: Every event that it ever had.
        last: The last entry of each book that concerns it, by the book's place.
        settled: No exit of others can add an event to these.
    """

    case: Case
    last: dict[int, Logged] = field(default_factory=dict)
    marks: set[_Mark] = field(default_factory=set)
    settled: bool = False

    @property
    def revision(self) -> int:
        """Return a number that grows with every entry that concerns the transfer."""
        return sum(entry.seq % STRIDE for entry in self.last.values())

    @property
    def revised(self) -> datetime:
        """Return when the last of them was recorded."""
        return max(entry.at for entry in self.last.values())


def deadlines(register: Register, *, on: date, reminders: Collection[int]) -> Deadlines:
    """Return the days to keep in mind, past ones of the last year included.

    Args:
        register: The open book.
        on: Events more than a year before this day are left out.
        reminders: How many days before each last day to remind of it.
    """
    of = reading(register)
    refs = [ref for ref in of.recall.every_ref() if ref[0] in "TR"]
    question = Question(of, refs)
    whole, came = question.history, _came(of)
    found: list[Deadline] = []
    for names in pools(whole, refs):
        concerning = whole.concerning(names)
        courses = _played(concerning, _in_order(concerning, came), reminders=reminders)
        # An exit that was retracted may have tied others to these for a while.
        for ref in [ref for ref in names if ref in courses]:
            (pool,) = question.pools((ref,))
            found.extend(_lines(pool, ref, courses[ref], of=of))
    kept = [line for line in found if on - line.day <= PAST]
    kept.sort(key=lambda line: (line.day, number_of(line.ref), line.uid))
    return Deadlines(lines=tuple(kept), heads=question.heads, books=of.books)


def _came(of: Reading) -> Callable[[Logged], datetime]:
    """Return what tells when an entry came here: one of a mirror with the exchange.

    Where no cosignature says so, it is when it was recorded.
    """
    taken = [taken_in_at(of.register, mirror) for mirror in of.journals[1:]]

    def came(entry: Logged) -> datetime:
        index, local = divmod(entry.seq, STRIDE)
        sizes = taken[index - 1] if index else []
        at = bisect_right(sizes, local, key=lambda each: each[0])
        return max(entry.at, sizes[at][1]) if at < len(sizes) else entry.at

    return came


def _in_order(whole: History, came: Callable[[Logged], datetime]) -> Iterator[Logged]:
    """Yield entries in the order in which they came, none before those that it cites.

    Each book's own order stays, as no time in a book goes back.
    """
    done: set[int] = set()
    for first in sorted(whole.entries.values(), key=lambda e: (came(e), e.seq)):
        queue = [first]
        while queue:
            entry = queue[-1]
            found = map(whole.resolve, cited(entry.record))
            missing = [each for each in found if each and each.seq not in done]
            queue.extend(missing)
            if not missing:
                queue.pop()
                if entry.seq not in done:
                    done.add(entry.seq)
                    yield entry


def _played(
    whole: History, entries: Iterable[Logged], *, reminders: Collection[int]
) -> dict[str, _Course]:
    """Play the entries of a pool in order; return every event that there ever was."""
    courses: dict[str, _Course] = {}
    history = _emptied(whole)
    for entry in entries:
        if isinstance(entry.record, Genesis | Key):
            continue  # somebody may have said something of it
        history.add(entry)
        own = _named(history, entry)
        concerned = {one for ref in own for one in history.pool_of(ref)}
        # Nobody comes, leaves or stays longer by what is paid or said.
        if not isinstance(entry.record, Payment | Claim | Remark):
            _mark(history, courses, own, sorted(concerned), reminders=reminders)
        for ref in courses.keys() & concerned:
            courses[ref].last[entry.seq // STRIDE] = entry
    return courses


def _emptied(whole: History) -> History:
    """Return a history of the same books and keys without entries."""
    return dataclasses.replace(
        whole,
        head=chain.EMPTY,
        numbers={},
        entries={},
        voids={},
        acknowledged=set(),
        retracted={},
        corrections={},
        confirmed={},
        by_ref={},
        refs={},
        opened={},
        onces={},
        _worth={},
    )


def _named(history: History, entry: Logged) -> set[str]:
    """Return the transfers that an entry is about, or of which it is an instrument."""
    named = history.refs[entry.seq]
    own = {ref for ref in named if ref[0] in "TR"}
    own |= {*map(history.known_as, own)}
    papers = {ref for ref in named if ref[0] == "I"}
    for ref in [ref for ref in history.opened if papers and ref[0] in "TR"]:
        case = case_of(history, ref)
        transfer = None if case is None else case.transfer
        if transfer is not None and papers & set(transfer.instruments or ()):
            own.add(ref)
    return own


def _mark(
    history: History,
    courses: dict[str, _Course],
    own: Collection[str],
    concerned: Iterable[str],
    *,
    reminders: Collection[int],
) -> None:
    """Take note of every event that there is after an entry.

    Args:
        history: All entries until then.
        courses: The transfers of the pool; those that open are added.
        own: The transfers that the last of them is about.
        concerned: Those and all that exits tie to them.
        reminders: As for `deadlines`.
    """
    pools_: dict[str, Pool] = {}
    for ref in concerned:
        if ref not in own and ref in courses and courses[ref].settled:
            continue
        case = case_of(history, ref)
        if case is None or history.known_as(ref) != ref:
            continue
        course = courses.setdefault(ref, _Course(case=case))
        course.case = case
        most = _most(case, reminders=reminders)
        if most is None or not most <= course.marks:
            if ref not in pools_:
                pool = pool_of(history, ref)
                pools_.update(dict.fromkeys(pool.cases, pool))
            course.marks.update(_marks(pools_[ref], case, reminders=reminders))
        course.settled = most is not None and most <= course.marks


def _marks(pool: Pool, case: Case, *, reminders: Iterable[int]) -> Iterator[_Mark]:
    """Yield the events of every term that the transfer has or had."""
    for row in term_rows(pool, case.ref):
        text, start = row[_LAST_DAY], row[_START]
        if text is not None:
            last_day = date.fromisoformat(str(text))
            first = date.fromisoformat(str(start))
            yield from _of_term(case, first, last_day, reminders=reminders)


def _most(case: Case, *, reminders: Iterable[int]) -> set[_Mark] | None:
    """Return all events that it can have whoever leaves; None where that can add any.

    Law: without a renewal no part gets another end; an exit only empties parts.
    """
    if any(counts(item.record.status) for item in case.renewals):
        return None
    return {
        mark
        for day in term_days(case)
        for part in began(case, on=day)
        if part.last_day is not None and part.persons.most
        for mark in _of_term(case, part.start, part.last_day, reminders=reminders)
    }


def _of_term(
    case: Case, first: date, last_day: date, *, reminders: Iterable[int]
) -> Iterator[_Mark]:
    """Yield the events of one term."""
    yield _Mark(case.ref, last_day, "last-day", last_day)
    for days in reminders:
        day = last_day - timedelta(days=days)
        if first <= day < last_day:
            yield _Mark(case.ref, last_day, "reminder", day)
    notice = notice_day(case, last_day)
    if notice is not None:
        yield _Mark(case.ref, last_day, "notice", notice)


def _lines(pool: Pool, ref: str, course: _Course, *, of: Reading) -> Iterator[Deadline]:
    """Yield the events of a transfer, those that stand and the cancelled ones."""
    case = pool.cases.get(ref)
    index, local = of.books.split(ref)
    genesis = of.journals[index].book.genesis.hex()
    ends = {} if case is None else _ends(pool, case)
    for mark in sorted(course.marks):
        end = ends.get(mark.last_day)
        if mark.what == "notice" and case is not None:
            stands = notice_day(case, mark.last_day) == mark.day
            end = end if stands else None
        yield Deadline(
            uid=f"{local}.{mark.last_day}.{mark.what}.{mark.day}@{genesis}",
            what=mark.what,
            day=mark.day,
            ref=ref,
            last_day=mark.last_day,
            origin=course.case.origin,
            destination=course.case.destination,
            persons=None if end is None else end[0],
            provisional=end is not None and end[1],
            revision=course.revision,
            revised=course.revised,
        )


def _ends(pool: Pool, case: Case) -> dict[date, tuple[Range, bool]]:
    """Return the last days that stand, with how many persons, and if provisional."""
    found: dict[date, tuple[Range, bool]] = {}
    for part in parts(pool, case.ref, on=date.max):
        if part.last_day is not None and part.persons.most:
            known, provisional = found.get(part.last_day, (Range(0, 0), False))
            persons = Range(
                known.least + part.persons.least,
                known.most + part.persons.most,
                plus(known.qualifier, part.persons.qualifier),
            )
            found[part.last_day] = (persons, provisional or part.provisional)
    return found
