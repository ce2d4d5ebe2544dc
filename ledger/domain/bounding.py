"""The bounds over all allocations: how many left, by which day, for how many days.

`ledger.domain.allocations` has the laws. Each question is about some transfers of one
allocation, begins with any allocation, and exchanges until nothing gets better.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import date

from msgspec import Struct

from ledger.domain.allocations import Allocation, Path
from ledger.domain.ranges import Range


class Gone(Struct, frozen=True):
    """How many of a transfer had left by the end of a day, in two allocations.

    Each is one allocation on all days: of the fewest who left, and of the most.
    """

    day: date
    n: Range


def gone(allocation: Allocation, refs: Collection[str]) -> Range:
    """Return the bounds of how many left some transfers, together, in the end."""
    if set(refs) >= allocation.members.keys():
        return Range(allocation.placed, allocation.placed)
    with allocation.apart(refs) as places:
        exits = {e for place in places for e in allocation.into[place]}
        exits.update(e for place in places for e in allocation.exits_of[place])
        ordered = sorted(exits)
        for exit_ in ordered:
            _move_out(allocation, exit_, places)
        least = allocation.gone(places)
        for exit_ in ordered:
            _move_in(allocation, exit_, places)
        return Range(least, allocation.gone(places))


def _move_out(
    allocation: Allocation,
    exit_: int,
    places: Collection[int],
    *,
    instead: Callable[[int], bool] | None = None,
) -> None:
    """Let as many of an exit as can be have left from elsewhere.

    Args:
        allocation: What is changed.
        exit_: The exit.
        places: Where its persons are not to have left.
        instead: Exits that may take their room.
    """
    for place in [place for place in allocation.sent[exit_] if place in places]:
        while there := allocation.sent[exit_].get(place, 0):
            path = allocation.path([exit_], closed=places, wanted_exit=instead)
            if path is None:
                return
            n = allocation.limit(path, there)
            allocation.give(exit_, place, -n)
            allocation.exchange(path, n)
            if path.place is None:
                allocation.give(path.last, place, n)


def _move_in(allocation: Allocation, exit_: int, places: Collection[int]) -> None:
    """Let as many of an exit as can be have left some places, that lose nobody."""
    for other in [place for place in allocation.sent[exit_] if place not in places]:
        while there := allocation.sent[exit_].get(other, 0):
            path = allocation.path([exit_], only=places)
            if path is None:
                return
            n = allocation.limit(path, there)
            allocation.give(exit_, other, -n)
            allocation.exchange(path, n)


def course(allocation: Allocation, ref: str, *, since: date, until: date) -> list[Gone]:
    """Return how many of a transfer had left by each day on which some can have.

    Both sides are allocations: the one with the fewest, and the one with the most
    who left, on every day. Where the persons of the transfer are in several places
    the second has the fewest persons times days from one day until another.

    Args:
        allocation: Of the pool, its exits in the order of their days.
        ref: The transfer.
        since: The first day of those that are counted.
        until: The last of them; no exit is later.
    """
    with allocation.apart((ref,)) as places:
        exits = sorted({e for p in places for e in allocation.exits_of[p]})
        if len(places) == 1:
            (place,) = places
            for exit_ in exits:
                _lower(allocation, exit_, place)
            fewest = dict(allocation.into[place])
            for exit_ in exits:
                _raise(allocation, exit_, place)
            most = dict(allocation.into[place])
        else:
            days = [(until - day).days + 1 for day in allocation.days]
            whole = (until - since).days + 1
            fewest = cheapest(allocation, places, days)
            most = cheapest(allocation, places, [-min(n, whole) for n in days])
    return _added(allocation.days, exits, fewest, most)


def _added(
    days: Sequence[date],
    exits: Sequence[int],
    fewest: dict[int, int],
    most: dict[int, int],
) -> list[Gone]:
    found: list[Gone] = []
    low = high = 0
    for exit_ in exits:
        low += fewest.get(exit_, 0)
        high += most.get(exit_, 0)
        if found and found[-1].day == days[exit_]:
            found.pop()
        found.append(Gone(days[exit_], Range(low, high)))
    return found


def _lower(allocation: Allocation, exit_: int, place: int) -> None:
    """Let as few as can be of an exit have left a place; later ones may instead."""
    reaching = set(allocation.exits_of[place])
    day = allocation.days[exit_]
    _move_out(
        allocation,
        exit_,
        {place},
        instead=lambda other: other in reaching and allocation.days[other] > day,
    )


def _raise(allocation: Allocation, exit_: int, place: int) -> None:
    """Let as many as can be of an exit have left a place; fewer later ones then."""
    day = allocation.days[exit_]
    while others := [p for p in allocation.sent[exit_] if p != place]:
        rest = sum(allocation.sent[exit_][p] for p in others)
        if allocation.room[place]:
            other = others[0]
            n = min(allocation.sent[exit_][other], allocation.room[place])
        else:
            later = [e for e in allocation.into[place] if allocation.days[e] > day]
            path = allocation.path(later, closed={place}, wanted_place=set(others))
            if path is None:
                return
            other = others[0] if path.place not in others else path.place
            n = _yield_to(allocation, path, place, other=other, n=rest, exit_=exit_)
        allocation.give(exit_, other, -n)
        allocation.give(exit_, place, n)


def _yield_to(
    allocation: Allocation, path: Path, place: int, *, other: int, n: int, exit_: int
) -> int:
    """Let persons of a later exit have left from elsewhere; return how many."""
    most = min(n, allocation.sent[path.start][place], allocation.sent[exit_][other])
    moved = allocation.limit(path, most)
    allocation.give(path.start, place, -moved)
    allocation.exchange(path, moved)
    return moved


def added_up(
    allocation: Allocation, refs: Collection[str], *, weight: Callable[[date], int]
) -> Range:
    """Return the bounds of the weights of all who left some transfers, added up.

    Args:
        allocation: Of the pool.
        refs: The transfers.
        weight: What one person who left on a day counts.
    """
    weights = [weight(day) for day in allocation.days]
    if set(refs) >= allocation.members.keys():
        # Nobody can have left elsewhere: so many of each day, whoever they are.
        rows = zip(weights, allocation.asked, allocation.unmet, strict=True)
        n = sum(each * (asked - unmet) for each, asked, unmet in rows)
        return Range(n, n)
    with allocation.apart(refs) as places:
        least, most = (
            sum(
                weights[exit_] * n
                for exit_, n in cheapest(
                    allocation, places, [sign * each for each in weights]
                ).items()
            )
            for sign in (1, -1)
        )
    return Range(least, most)


def cheapest(
    allocation: Allocation, places: Collection[int], costs: Sequence[int]
) -> dict[int, int]:
    """Return how many of each exit left some places where that costs the least.

    Args:
        allocation: Any allocation of the pool; it stays as it is.
        places: The places.
        costs: What it costs to let one person of each exit have left from them.
    """
    into = _assigned(allocation, dict.fromkeys(places, costs))
    found: dict[int, int] = {}
    for place in places:
        for exit_, n in into[place].items():
            found[exit_] = found.get(exit_, 0) + n
    return found


def weighed(allocation: Allocation, weights: Mapping[str, Sequence[int]]) -> Range:
    """Return the bounds of the weights of all who left, each transfer with its own.

    Args:
        allocation: Of the pool.
        weights: For each transfer, what one person of it counts, exit by exit.
    """
    with ExitStack() as stack:
        costs = {
            place: each
            for ref, each in weights.items()
            for place in sorted(stack.enter_context(allocation.apart((ref,))))
        }
        least, most = (
            sum(
                costs[place][exit_] * n
                for place, into in enumerate(_assigned(allocation, signed))
                if place in costs
                for exit_, n in into.items()
            )
            for signed in (costs, {p: [-n for n in c] for p, c in costs.items()})
        )
    return Range(least, most)


def _assigned(
    allocation: Allocation, costs: Mapping[int, Sequence[int]]
) -> list[dict[int, int]]:
    """Return how many of each exit left each place where that costs the least."""
    flow = _Cheapest(allocation, costs)
    for exit_, sent in enumerate(allocation.sent):
        flow.assign(exit_, sum(sent.values()))
    return flow.into


class _Cheapest:
    """A minimum-cost flow, exit by exit along cheapest paths."""

    def __init__(
        self, allocation: Allocation, costs: Mapping[int, Sequence[int]]
    ) -> None:
        """Begin with nobody assigned; a place without costs has none."""
        self.reach = allocation.reach
        self.costs = costs
        numbers = range(len(allocation.room))
        self.room = [allocation.room[p] + allocation.gone((p,)) for p in numbers]
        self.into: list[dict[int, int]] = [{} for _ in numbers]

    def assign(self, exit_: int, n: int) -> None:
        """Assign n persons of an exit; there is room for them, as there was before."""
        while n:
            swaps, last, place = self._path(exit_)
            moved = min([n, self.room[place], *(self.into[p][o] for _, p, o in swaps)])
            for taker, there, other in swaps:
                self._give(other, there, -moved)
                self._give(taker, there, moved)
            self._give(last, place, moved)
            self.room[place] -= moved
            n -= moved

    def _give(self, exit_: int, place: int, n: int) -> None:
        now = self.into[place].get(exit_, 0) + n
        if now:
            self.into[place][exit_] = now
        else:
            self.into[place].pop(exit_, None)

    def _cost(self, exit_: int, place: int) -> int:
        return self.costs[place][exit_] if place in self.costs else 0

    def _path(self, start: int) -> tuple[list[tuple[int, int, int]], int, int]:
        """Return the cheapest way from an exit to room: its swaps, and the end.

        Bellman and Ford's, with a queue: costs of what is taken back are negative,
        cycles never are.
        """
        spent = {start: 0}
        came: dict[int, tuple[int, int]] = {}
        ends: dict[int, tuple[int, int]] = {}
        queue, queued = deque([start]), {start}
        while queue:
            exit_ = queue.popleft()
            queued.discard(exit_)
            for place in self.reach[exit_]:
                there = spent[exit_] + self._cost(exit_, place)
                if self.room[place]:
                    ends[place] = min(ends.get(place, (there, exit_)), (there, exit_))
                for other in self.into[place]:
                    cost = there - self._cost(other, place)
                    if other not in spent or cost < spent[other]:
                        spent[other] = cost
                        came[other] = (exit_, place)
                        if other not in queued:
                            queued.add(other)
                            queue.append(other)
        place = min(ends, key=lambda end: (ends[end][0], end))
        last = ends[place][1]
        swaps = []
        at = last
        while at != start:
            before, through = came[at]
            swaps.append((before, through, at))
            at = before
        return swaps, last, place
