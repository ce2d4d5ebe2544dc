"""What persons held come to, where every day and every transfer has a weight.

Law: as person-days are (`ledger.domain.persondays`), the sum is a linear function of
the allocation of the persons of exits: whoever leaves takes the weights of all days
since off those of everybody who came. So the bounds of a set are a minimum-cost flow,
and no wider than the sums of its transfers'. Weights are fractions, scaled to whole
numbers for the flow, and never rounded here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import TypeAlias

from ledger.domain.bounding import weighed
from ledger.domain.custody import Pool
from ledger.domain.ranges import Range
from ledger.domain.tying import Tied

Before: TypeAlias = Callable[[date], Fraction]
"""What one person weighs who is held on every day before a day."""

Bounds: TypeAlias = tuple[Fraction, Fraction]

_ONE_DAY = timedelta(days=1)


def day_after(day: date) -> date:
    """Return the next day; the last day of the calendar has none, and is itself."""
    return day if day == date.max else day + _ONE_DAY


def held(pool: Pool, ref: str, *, day: date, on: date, received: bool) -> Range:
    """Return the bounds of how many were held at the end of a day, as known later.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        day: The day.
        on: The later day, by which exits count.
        received: Whether those on the way are not counted.
    """
    came = pool.came(ref, on=day)
    present = came.here - came.waiting if received else came.here
    gone = _gone(pool, ref, by=day, on=on)
    return Range(max(0, present - gone.most), max(0, present - gone.least))


def weigh(
    pool: Pool, before: Mapping[str, Before], *, on: date, received: Collection[str]
) -> Bounds:
    """Return the bounds of what the persons of some transfers weigh, all told.

    Args:
        pool: Their pool.
        before: The transfers, each with its weights.
        on: The last day that counts.
        received: Those of which persons on the way are not counted.
    """
    together: dict[int, tuple[Tied, list[str]]] = {}
    for ref in before:
        tied = pool.tied(ref, on=on)
        together.setdefault(id(tied), (tied, []))[1].append(ref)
    least = most = Fraction(0)
    for tied, refs in together.values():
        linear = {
            ref: before[ref]
            for ref in refs
            if pool.shared(ref, on=on) and _linear(pool, ref, on, ref in received)
        }
        if linear:
            low, high = _linearly(pool, tied, linear, on=on, received=received)
            least, most = least + low, most + high
        for ref in refs:
            if ref not in linear:
                low, high = _alone(pool, ref, before[ref], on, ref in received)
                least, most = least + low, most + high
    return least, most


def _linearly(
    pool: Pool,
    tied: Tied,
    before: Mapping[str, Before],
    *,
    on: date,
    received: Collection[str],
) -> Bounds:
    """Return the bounds over all allocations, the same for all these transfers."""
    everybody = Fraction(0)
    for ref, weight in before.items():
        for day, stop in _stretches(pool, ref, on=on):
            came = pool.came(ref, on=day)
            present = came.here - came.waiting if ref in received else came.here
            everybody += present * (weight(stop) - weight(day))
    end = day_after(on)
    days = tied.allocation.days
    left = {
        ref: [weight(end) - weight(day) for day in days]
        for ref, weight in before.items()
    }
    scale = lcm(*(each.denominator for row in left.values() for each in row))
    whole = {ref: [int(each * scale) for each in row] for ref, row in left.items()}
    rows = list(whole.values())
    if all(row == rows[0] for row in rows):
        by_day = dict(zip(days, rows[0], strict=True))
        found = tied.added_up([*whole], weight=by_day.__getitem__)
    else:
        found = weighed(tied.allocation, whole)
    return (
        everybody - Fraction(found.most, scale),
        everybody - Fraction(found.least, scale),
    )


def _alone(pool: Pool, ref: str, before: Before, on: date, received: bool) -> Bounds:  # noqa: FBT001 (one question, asked here)
    """Return bounds day by day: where more can have left than came, and of one."""
    least = most = Fraction(0)
    for day, stop in _stretches(pool, ref, on=on):
        persons = held(pool, ref, day=day, on=on, received=received)
        weight = before(stop) - before(day)
        least += persons.least * weight
        most += persons.most * weight
    return least, most


def _linear(pool: Pool, ref: str, on: date, received: bool) -> bool:  # noqa: FBT001 (as above)
    """Return whether on no day more can have left than had come."""
    for day, _ in _stretches(pool, ref, on=on):
        came = pool.came(ref, on=day)
        present = came.here - came.waiting if received else came.here
        if present < _gone(pool, ref, by=day, on=on).most:
            return False
    return True


def _gone(pool: Pool, ref: str, *, by: date, on: date) -> Range:
    """Return the bounds of how many had left by a day, by what is known on a later."""
    known = pool.tied(ref, on=on)
    if pool.shared(ref, on=on) and len(known.allocation.members.get(ref, ())) > 1:
        # No one allocation need have the fewest on every day: each is asked for.
        return known.added_up([ref], weight=lambda day: int(day <= by))
    steps = pool.gone(ref, on=by, known=on)
    return steps[-1].n if steps else Range(0, 0)


def _stretches(pool: Pool, ref: str, *, on: date) -> Iterator[tuple[date, date]]:
    """Yield each day on which somebody came or left, and the next such day."""
    days = [day for day in pool.days_of(ref) if day <= on]
    yield from pairwise([*days, day_after(on)])
