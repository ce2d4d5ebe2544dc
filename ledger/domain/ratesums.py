"""What the rates of several transfers have earned together.

Each transfer's sum is rounded for itself, so that an account is the sum of its rows.
Where a pool leaves open who left, the bounds are those of all its transfers at once;
as rounding can move each of them by half a minor unit, they are wider by that.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import ceil, floor

from ledger.domain.custody import Pool
from ledger.domain.earning import Earning
from ledger.domain.money import Money
from ledger.domain.ranges import Range
from ledger.domain.rates import Rated, bounds_of
from ledger.domain.weighing import Bounds


def earned_together(
    earned: Mapping[str, Earning], pools: Mapping[str, Pool], *, on: date
) -> tuple[Range, Range]:
    """Return what transfers earned on days with authority, and on others, minor units.

    Args:
        earned: What each of them earned by itself; a total has no days apart.
        pools: The pool of each.
        on: The last day that counts.
    """
    accrued = [each.accrued for each in earned.values()]
    beyond = [each.beyond for each in earned.values() if each.beyond is not None]
    found = [
        Range(sum(low.minor for low, _ in rows), sum(high.minor for _, high in rows))
        for rows in (accrued, beyond)
    ]
    open_: dict[int, dict[str, Rated]] = {}
    for ref, each in earned.items():
        if each.rated is not None and not each.rated.exact:
            open_.setdefault(id(pools[ref]), {})[ref] = each.rated
    for rated in open_.values():
        pool = pools[next(iter(rated))]
        received = [ref for ref, each in rated.items() if each.received]
        # Whole days at whole minor units are whole.
        rounded = sum(
            any(row.sum.basis is not None for row in each.stretches)
            for each in rated.values()
        )
        for number, sides in enumerate(
            (
                {ref: each.side for ref, each in rated.items()},
                {ref: each.side_beyond for ref, each in rated.items()},
            )
        ):
            own = [
                (each.accrued, each.beyond or each.accrued)[number]
                for ref, each in earned.items()
                if ref in rated
            ]
            bounds, _ = bounds_of(sides, pool, on=on, received=received)
            found[number] = _joint(found[number], own, bounds, rounded=rounded)
    return found[0], found[1]


def _joint(
    found: Range, own: list[tuple[Money, Money]], bounds: Bounds, *, rounded: int
) -> Range:
    """Return bounds with those of a pool in place of the sums of its transfers."""
    least, most = bounds
    half = Fraction(rounded, 2)
    low, high = sum(each.minor for each, _ in own), sum(each.minor for _, each in own)
    return Range(
        found.least + max(0, ceil(least - half) - low),
        found.most - max(0, high - floor(most + half)),
    )
