"""How many person-days some transfers were held, when exits name a pool.

Persons are counted at the end of each day. The bounds are those over allocations of
the persons of all exits by the last day, each the same on all days. Law: person-days
are a linear function of the allocation, for every person who left a transfer takes
the days since off those of all who came; so the bounds of a set are a minimum-cost
flow (`ledger.domain.bounding`), and are no wider than the sums of its transfers'.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import pairwise

from ledger.domain.custody import Pool
from ledger.domain.qualifying import plus
from ledger.domain.ranges import Range
from ledger.domain.tying import Tied
from ledger.domain.values import Qualifier


def person_days(pools: Iterable[Pool], refs: Collection[str], *, on: date) -> Range:
    """Return the bounds of person-days that some transfers were held, all told."""
    least = most = 0
    said: list[Qualifier] = []
    for pool in pools:
        together: dict[int, tuple[Tied, list[str]]] = {}
        for ref in pool.cases:
            if ref in refs:
                tied = pool.tied(ref, on=on)
                together.setdefault(id(tied), (tied, []))[1].append(ref)
                said += _said(pool, ref, on=on)
        for tied, names in together.values():
            for days in _together(pool, tied, names, on=on):
                least += days.least
                most += days.most
    return Range(least, most, plus(*said))


def _said(pool: Pool, ref: str, *, on: date) -> Iterator[Qualifier]:
    """Yield how exactly it is known who was held, on each day on which that changed."""
    for day in pool.days_of(ref):
        if day <= on:
            for count in pool.said({ref}, on=day):
                yield count.held


def _together(
    pool: Pool, tied: Tied, refs: Collection[str], *, on: date
) -> Iterator[Range]:
    """Yield bounds of transfers that exits tie together; they add up to the set's.

    Whoever leaves is taken to leave of those who arrived, as long as there are some.
    Where more can have left than had arrived, the rest were still on the way: such a
    transfer is counted by itself, which can only widen the bounds.
    """
    linear = []
    for ref in refs:
        if len(refs) == 1 or not _linear(pool, ref, on=on):
            yield _alone(pool, ref, on=on)
        else:
            linear.append(ref)
    if linear:
        everybody = sum(
            days * (pool.came(ref, on=day).here - pool.came(ref, on=day).waiting)
            for ref in linear
            for day, days in _stretches(pool, ref, on=on)
        )
        left = tied.added_up(linear, weight=lambda day: (on - day).days + 1)
        yield Range(everybody - left.most, everybody - left.least)


def _linear(pool: Pool, ref: str, *, on: date) -> bool:
    """Return whether on no day more can have left than had arrived."""
    return all(
        came.here - came.waiting >= gone.most
        for day, _ in _stretches(pool, ref, on=on)
        for came in (pool.came(ref, on=day),)
        for gone in (_gone(pool, ref, by=day, on=on),)
    )


def _alone(pool: Pool, ref: str, *, on: date) -> Range:
    least = most = 0
    for day, days in _stretches(pool, ref, on=on):
        came, gone = pool.came(ref, on=day), _gone(pool, ref, by=day, on=on)
        present = came.here - came.waiting
        least += days * max(0, present - gone.most)
        most += days * max(0, present - gone.least)
    return Range(least, most)


def _gone(pool: Pool, ref: str, *, by: date, on: date) -> Range:
    """Return how many had left by a day, in the two allocations of a later one."""
    steps = pool.gone(ref, on=by, known=on, since=date.min)
    return steps[-1].n if steps else Range(0, 0)


def _stretches(pool: Pool, ref: str, *, on: date) -> Iterator[tuple[date, int]]:
    """Yield each day on which somebody came or left, and the days until the next."""
    days = [day.toordinal() for day in pool.days_of(ref) if day <= on]
    for first, after in pairwise([*days, on.toordinal() + 1]):
        yield date.fromordinal(first), after - first
