"""How many persons of a group of transfers can have left, when exits name a pool.

An exit that names several transfers without a split says that n persons left, not
from which. Every way to assign them is possible as long as nobody leaves before they
came and nobody leaves twice. That is a transport problem: exits are sources, groups
of persons who came together are sinks, and an exit reaches a group of a transfer that
it names and that came no later. The bounds of what remains follow from maximum flows;
nothing is split by guess.

Why the bounds hold: an augmenting path never takes from a sink what it already got,
so a maximum flow into some sinks extends to a maximum flow into all. The most that can
have left a set of transfers is therefore the maximum flow into them alone, and the
least is the whole flow less the maximum flow into the others.
Source: Ford and Fulkerson, Flows in Networks (1962), chapters I and II.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Group:
    """Persons of one transfer who came on the same day.

    Attributes:
        ref: Their transfer.
        day: The day from which they can leave.
        n: How many.
    """

    ref: str
    day: date
    n: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """Persons who left together.

    Attributes:
        refs: The transfers that they can belong to.
        day: The day on which they had left.
        n: How many.
    """

    refs: tuple[str, ...]
    day: date
    n: int


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is only known to lie between two bounds, both inclusive."""

    least: int
    most: int

    @property
    def exact(self) -> bool:
        """Return whether the bounds are one number."""
        return self.least == self.most


def most_leaving(
    groups: Sequence[Group], leaving: Sequence[Leaving], *, among: Collection[str]
) -> int:
    """Return the most persons of the transfers `among` who can have left.

    Time O(paths x edges); a path is found for each exit and group at most once.
    """
    sinks = [group for group in groups if group.ref in among]
    left = [exit_.n for exit_ in leaving]
    room = [group.n for group in sinks]
    reach = [
        [
            index
            for index, group in enumerate(sinks)
            if group.ref in exit_.refs and group.day <= exit_.day
        ]
        for exit_ in leaving
    ]
    sent: dict[tuple[int, int], int] = {}
    total = 0
    while True:
        pushed = _augment(left, room, reach, sent)
        if pushed == 0:
            return total
        total += pushed


def _augment(
    left: list[int],
    room: list[int],
    reach: list[list[int]],
    sent: dict[tuple[int, int], int],
) -> int:
    """Send more along one shortest path; return how much, 0 if there is none."""
    came_from: dict[int, tuple[int, int]] = {}  # sink → (exit, sink before it or -1)
    seen_exits = set()
    queue: deque[tuple[int, int]] = deque()
    for exit_, rest in enumerate(left):
        if rest:
            seen_exits.add(exit_)
            queue.append((exit_, -1))
    while queue:
        exit_, before = queue.popleft()
        for sink in reach[exit_]:
            if sink in came_from:
                continue
            came_from[sink] = (exit_, before)
            if room[sink]:
                return _push(sink, left, room, came_from, sent)
            for (other, into), amount in sent.items():
                if into == sink and amount and other not in seen_exits:
                    seen_exits.add(other)
                    queue.append((other, sink))
    return 0


def _push(
    sink: int,
    left: list[int],
    room: list[int],
    came_from: dict[int, tuple[int, int]],
    sent: dict[tuple[int, int], int],
) -> int:
    path = []
    at = sink
    while at != -1:
        exit_, before = came_from[at]
        path.append((exit_, at, before))
        at = before
    amount = min(room[sink], left[path[-1][0]])
    for exit_, _, before in path:
        if before != -1:
            amount = min(amount, sent[exit_, before])
    for exit_, into, before in path:
        sent[exit_, into] = sent.get((exit_, into), 0) + amount
        if before != -1:
            sent[exit_, before] -= amount
    left[path[-1][0]] -= amount
    room[sink] -= amount
    return amount


def remaining(
    groups: Sequence[Group], leaving: Sequence[Leaving], *, among: Collection[str]
) -> Range:
    """Return the bounds of how many persons of the transfers `among` remain."""
    here = sum(group.n for group in groups if group.ref in among)
    if all(len(exit_.refs) == 1 for exit_ in leaving):
        # No pool: every exit is known to be of its own transfer.
        gone = sum(
            most_leaving(groups, leaving, among={ref})
            for ref in {group.ref for group in groups if group.ref in among}
        )
        return Range(here - gone, here - gone)
    refs = {group.ref for group in groups}
    whole = most_leaving(groups, leaving, among=refs)
    most_gone = most_leaving(groups, leaving, among=among)
    least_gone = whole - most_leaving(groups, leaving, among=refs - set(among))
    return Range(here - most_gone, here - least_gone)


def beyond(groups: Sequence[Group], leaving: Sequence[Leaving]) -> int:
    """Return how many persons are said to have left beyond those who ever came."""
    refs = {group.ref for group in groups}
    said = sum(exit_.n for exit_ in leaving)
    return said - most_leaving(groups, leaving, among=refs)
