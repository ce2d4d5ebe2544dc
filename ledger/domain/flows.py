"""How many persons of a group of transfers can have left, when exits name a pool.

An exit that names several transfers without a split says that n persons left, not
from which. Every way to assign them is possible as long as nobody leaves before they
came and nobody leaves twice: a transport problem, whose bounds are found by
`ledger.domain.allocations`. Nothing is split by guess.

Why the bounds hold: an augmenting path never takes from a sink what it already got,
so a maximum flow into some sinks extends to a maximum flow into all. The most that can
have left a set of transfers is therefore the maximum flow into them alone, and the
least is the whole flow less the maximum flow into the others.
Source: Ford and Fulkerson, Flows in Networks (1962), chapters I and II.
"""

from collections.abc import Collection, Sequence

from ledger.domain.allocations import Allocation
from ledger.domain.bounding import gone
from ledger.domain.ranges import Group, Leaving, Range

__all__ = ["Group", "Leaving", "Range", "beyond", "most_leaving", "remaining"]


def most_leaving(
    groups: Sequence[Group], leaving: Sequence[Leaving], *, among: Collection[str]
) -> int:
    """Return the most persons of the transfers `among` who can have left."""
    sinks = [group for group in groups if group.ref in among]
    return sum(exit_.n for exit_ in leaving) - sum(Allocation(sinks, leaving).unmet)


def remaining(
    groups: Sequence[Group], leaving: Sequence[Leaving], *, among: Collection[str]
) -> Range:
    """Return the bounds of how many persons of the transfers `among` remain."""
    here = sum(group.n for group in groups if group.ref in among)
    left = gone(Allocation(groups, leaving), among)
    return Range(here - left.most, here - left.least)


def beyond(groups: Sequence[Group], leaving: Sequence[Leaving]) -> int:
    """Return how many persons are said to have left beyond those who ever came."""
    return sum(Allocation(groups, leaving).unmet)
