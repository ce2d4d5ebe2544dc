"""Who of a transfer stayed in which part, from which evening to which.

A renewal makes persons another part, and they take the days that lie behind them
along: what is asked of a part is asked of those who are in it now, or who left it by
an exit, on every evening that they were there. So each person is of one part on any
evening, and no day without authority is counted twice or lost. Who is in a place first
moves and leaves first, as far as nobody says otherwise.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeAlias, cast

from msgspec import Struct, field

from ledger.domain.beginnings import Part
from ledger.domain.cases import Case
from ledger.domain.custody import Pool
from ledger.domain.moves import Course
from ledger.domain.qualifying import plus
from ledger.domain.ranges import Range
from ledger.domain.terms import courses

Key: TypeAlias = tuple[object, ...]
Segment: TypeAlias = tuple[date, date, Range]
"""First day, last day, and how many persons at the end of each of these days."""

ONE_DAY = timedelta(days=1)


class Stay(Struct, frozen=True):
    """Persons who were there together.

    Attributes:
        key: The part in which they are, or which they left.
        first: The first evening.
        last: The last evening; that of the day that was asked for if they are there.
        n: How many.
    """

    key: Key
    first: date
    last: date
    n: int


def evenings(
    pool: Pool, ref: str, part: Part, *, first: date, on: date
) -> list[Segment]:
    """Return how many persons of a part there were on the evenings of some days.

    Stretches in which nobody can have been there are left out. The bounds are those
    of two allocations of a pool's exits, each the same on all these days.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        part: One of its parts.
        first: The first day that counts; after `on` there is none.
        on: The last, by which it is known who is of the part.
    """
    if first > on:
        return []
    sides = [
        [stay for stay in side if stay.key == part.key and stay.last >= first]
        for side in _stays(pool, ref, on=on, since=first)
    ]
    both = [stay for side in sides for stay in side]
    changes = {first, *(stay.first for stay in both)}
    changes |= {stay.last + ONE_DAY for stay in both if stay.last < on}
    days = sorted(day for day in changes if first <= day <= on)
    said = part.persons.qualifier
    found: list[Segment] = []
    for day, after in zip(days, [*days[1:], None], strict=True):
        until = on if after is None else after - ONE_DAY
        there = [
            sum(stay.n for stay in side if stay.first <= day <= stay.last)
            for side in sides
        ]
        persons = Range(min(there), max(there), said)
        if not persons.most:
            continue
        if found and found[-1][1] + ONE_DAY == day and found[-1][2] == persons:
            found[-1] = (found[-1][0], until, persons)
        else:
            found.append((day, until, persons))
    return found


def added_up(segments: list[Segment]) -> Range:
    """Return the person-days of some evenings."""
    least = most = 0
    for first, last, persons in segments:
        days = (last - first).days + 1
        least += days * persons.least
        most += days * persons.most
    return Range(least, most, plus(*(each.qualifier for _, _, each in segments)))


def _stays(
    pool: Pool, ref: str, *, on: date, since: date
) -> tuple[tuple[Stay, ...], ...]:
    """Return who stayed by the end of a day, with the fewest and the most."""
    question = ("stays", ref, on, since)
    if question not in pool.told:
        case = pool.cases[ref]
        pool.told[question] = tuple(
            tuple(_followed(case, course, on=on))
            for course in courses(pool, ref, on=on, since=since)
        )
    return cast("tuple[tuple[Stay, ...], ...]", pool.told[question])


class _Crowd(Struct):
    """Who is in a part: since when, and how many, the first first."""

    rows: list[tuple[date, int]] = field(default_factory=list)

    def take(self, n: int) -> list[tuple[date, int]]:
        """Take so many persons out, those who came first; return since when."""
        taken = []
        while n:
            since, here = self.rows.pop(0)
            some = min(n, here)
            taken.append((since, some))
            n -= some
            if here > some:
                self.rows.insert(0, (since, here - some))
        return taken


def _followed(case: Case, course: Course, *, on: date) -> Iterator[Stay]:
    """Yield every stay of one way in which it can have gone."""
    crowds = _begun(case, course, on=on)
    for move in course.moves:
        rows = [(move.day, move.n)]
        if move.source is not None:
            rows = crowds[move.source].take(move.n)
        if move.target is not None:
            there = crowds.setdefault(move.target, _Crowd()).rows
            there.extend(rows)
            there.sort()
        else:
            eve = move.day - ONE_DAY
            for since, n in rows:
                assert move.source is not None  # noqa: S101 (they come or they go)
                if since <= eve:
                    yield Stay(move.source, since, eve, n)
    for key, crowd in crowds.items():
        for since, n in crowd.rows:
            yield Stay(key, since, on, n)


def _begun(case: Case, course: Course, *, on: date) -> dict[Key, _Crowd]:
    """Return who came in each part, from the day on which they had departed.

    Who departed first is taken to have arrived first; who came beyond those who
    departed is there from the arrival on.
    """
    waiting = _Crowd([(each.day, each.n) for each in case.departures() if each.n])
    waiting.rows = sorted(row for row in waiting.rows if row[0] <= on)
    crowds: dict[Key, _Crowd] = {}
    for part in sorted(course.began, key=lambda each: each.came or date.max):
        n = part.persons.most
        known = min(n, sum(here for _, here in waiting.rows))
        rows = waiting.take(known)
        if n > known:
            rows.append((part.came or part.start, n - known))
        there = crowds.setdefault(part.key, _Crowd()).rows
        there.extend(rows)
        there.sort()
    return crowds
