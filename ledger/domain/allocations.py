"""Assigning the persons of exits to the transfers that the exits name.

An `Allocation` is one way to do it: a flow from exits to *places*, groups of persons
whom the same exits can reach. It is found exit by exit in time, so that by the end of
every day as many are assigned as can be (an augmenting path never takes from an exit
what it already placed). Those who cannot be are beyond the count: each day has a place
for them, which stays full. From one allocation all others are reached by exchanges
along cycles, and each question below is answered by exchanges and put back.

Laws, of allocations that assign as many as can be by the end of every day:

1. For one place the persons who left it can be fewest on every day at once, and most
   on every day at once. A cycle of exchanges that lowers them on one stretch of days
   and raises them on another can be cut short through the persons who stay in the
   place between the two. So taking the days in order, each as far as it goes, is best.
2. For several places together, or where the persons of one transfer are in several,
   days can be at odds; persons times days is then a linear function of the
   allocation, whose bounds are minimum-cost flows, in whole numbers.

Sources: Ford and Fulkerson, Flows in Networks (1962), chapters I to III; Ahuja,
Magnanti and Orlin, Network Flows (1993), sections 9.7 (successive shortest paths).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from msgspec import Struct

from ledger.domain.ranges import Group, Leaving


class Path(Struct, frozen=True):
    """Exchanges from an exit that needs room to where there is some.

    Attributes:
        start: The exit.
        swaps: (exit, place, other exit): the first takes the place of the other.
        last: The exit that needs room in the end.
        place: Where it finds it; None if the search wanted that exit itself.
    """

    start: int
    swaps: tuple[tuple[int, int, int], ...]
    last: int
    place: int | None


class Allocation:
    """One way to assign the persons of exits to those who came, as many as can be.

    Exits are known by their number in `leaving`, places by a number of their own.
    Time to make it: O(paths x edges); most exits are placed without a search.

    Args:
        groups: Who came. Those whom the same exits can reach share a place.
        leaving: Who left, in the order in which they are to be assigned.
    """

    def __init__(self, groups: Sequence[Group], leaving: Sequence[Leaving]) -> None:
        """Assign the persons of each exit in turn."""
        self.days = [exit_.day for exit_ in leaving]
        self.asked = tuple(exit_.n for exit_ in leaving)
        self.left = [*self.asked]
        self.reach: list[list[int]] = [[] for _ in leaving]
        self.sent: list[dict[int, int]] = [{} for _ in leaving]
        self.room: list[int] = []
        self.into: list[dict[int, int]] = []
        self.exits_of: list[tuple[int, ...]] = []
        self.members: dict[str, dict[int, int]] = {}
        self.log: list[tuple[int, int, int]] = []
        self._fill(groups, leaving)
        for exit_ in range(len(leaving)):
            self._assign(exit_)
        self.unmet = tuple(self.left)
        self._settle()
        self.log.clear()

    @property
    def placed(self) -> int:
        """Return how many of those who left are of those who came."""
        return sum(self.asked) - sum(self.unmet)

    def _fill(self, groups: Sequence[Group], leaving: Sequence[Leaving]) -> None:
        """Make the places."""
        naming: dict[str, list[int]] = {}
        for number, exit_ in enumerate(leaving):
            for ref in exit_.refs:
                naming.setdefault(ref, []).append(number)
        places: dict[tuple[int, ...], int] = {}
        for group in groups:
            named = naming.get(group.ref, ())
            exits = tuple(n for n in named if self.days[n] >= group.day)
            if exits not in places:
                places[exits] = self._place(exits, 0)
            place = places[exits]
            self.room[place] += group.n
            mine = self.members.setdefault(group.ref, {})
            mine[place] = mine.get(place, 0) + group.n

    def _place(self, exits: tuple[int, ...], room: int) -> int:
        number = len(self.room)
        self.room.append(room)
        self.into.append({})
        self.exits_of.append(exits)
        for exit_ in exits:
            self.reach[exit_].append(number)
        return number

    def _assign(self, exit_: int) -> None:
        """Assign the persons of an exit, as many as can be."""
        for place in self.reach[exit_]:
            n = min(self.left[exit_], self.room[place])
            if n:
                self.left[exit_] -= n
                self.give(exit_, place, n)
        while self.left[exit_]:
            path = self.path([exit_])
            if path is None:
                return
            n = self.limit(path, self.left[exit_])
            self.left[exit_] -= n
            self.exchange(path, n)

    def _settle(self) -> None:
        """Give those beyond the count of each day a place, which stays full.

        Who of a day is beyond the count can then be exchanged like anything else.
        """
        by_day: dict[date, int] = {}
        for exit_, n in enumerate(self.unmet):
            day = self.days[exit_]
            by_day[day] = by_day.get(day, 0) + n
        for day, n in by_day.items():
            if n:
                exits = tuple(e for e, other in enumerate(self.days) if other == day)
                place = self._place(exits, n)
                for exit_ in exits:
                    self.give(exit_, place, self.left[exit_])
                    self.left[exit_] = 0

    def give(self, exit_: int, place: int, n: int) -> None:
        """Assign n persons of an exit to a place; fewer than none takes them back."""
        now = self.sent[exit_].get(place, 0) + n
        if now:
            self.sent[exit_][place] = self.into[place][exit_] = now
        else:
            self.sent[exit_].pop(place, None)
            self.into[place].pop(exit_, None)
        self.room[place] -= n
        self.log.append((exit_, place, n))

    def path(
        self,
        starts: Collection[int],
        *,
        closed: Collection[int] = (),
        only: Collection[int] | None = None,
        wanted_place: Collection[int] = (),
        wanted_exit: Callable[[int], bool] | None = None,
    ) -> Path | None:
        """Return a shortest way by which an exit finds room for more, if there is one.

        Args:
            starts: The exits to begin with.
            closed: Places not to go through.
            only: The only places to go through, if given.
            wanted_place: Places that will do though they are full.
            wanted_exit: Whether an exit will do that has to leave its place.
        """
        came: dict[int, tuple[int, int] | None] = dict.fromkeys(starts)
        seen = set(closed)
        queue = deque(starts)
        while queue:
            exit_ = queue.popleft()
            for place in self.reach[exit_]:
                if place in seen or (only is not None and place not in only):
                    continue
                seen.add(place)
                if self.room[place] or place in wanted_place:
                    return self._traced(came, exit_, place)
                for other in self.into[place]:
                    if other not in came:
                        came[other] = (exit_, place)
                        if wanted_exit is not None and wanted_exit(other):
                            return self._traced(came, other, None)
                        queue.append(other)
        return None

    def _traced(
        self,
        came: dict[int, tuple[int, int] | None],
        last: int,
        place: int | None,
    ) -> Path:
        swaps = []
        at, before = last, came[last]
        while before is not None:
            swaps.append((before[0], before[1], at))
            at, before = before[0], came[before[0]]
        return Path(at, tuple(swaps), last, place)

    def limit(self, path: Path, n: int) -> int:
        """Return how many of n persons the exchanges can move."""
        limits = [self.into[place][other] for _, place, other in path.swaps]
        if path.place is not None and self.room[path.place]:
            limits.append(self.room[path.place])
        return min([n, *limits])

    def exchange(self, path: Path, n: int) -> None:
        """Make the exchanges for n persons; the first exit had n without a place."""
        for exit_, place, other in path.swaps:
            self.give(other, place, -n)
            self.give(exit_, place, n)
        if path.place is not None:
            self.give(path.last, path.place, n)

    def gone(self, places: Collection[int]) -> int:
        """Return how many left some places."""
        return sum(n for place in places for n in self.into[place].values())

    @contextmanager
    def apart(self, refs: Collection[str]) -> Iterator[frozenset[int]]:
        """Give the persons of some transfers places of their own, for a while.

        Whatever is exchanged meanwhile is put back afterwards. Time and room do not
        depend on how many transfers share the places.
        """
        wanted: dict[int, int] = {}
        for ref in refs:
            for place, n in self.members.get(ref, {}).items():
                wanted[place] = wanted.get(place, 0) + n
        mark, made, own = len(self.log), [], set()
        for place, n in wanted.items():
            if n == self.room[place] + self.gone((place,)):
                own.add(place)
                continue
            new = self._place(self.exits_of[place], n)
            made.append((place, n))
            own.add(new)
            self.room[place] -= n
            for exit_, there in list(self.into[place].items()):
                moved = min(there, max(0, -self.room[place]))
                self.give(exit_, place, -moved)
                self.give(exit_, new, moved)
        try:
            yield frozenset(own)
        finally:
            self._put_back(mark)
            for place, n in reversed(made):
                self._close(into=place, n=n)

    def _put_back(self, mark: int) -> None:
        """Take back what was given since a mark."""
        since = self.log[mark:]
        for exit_, place, n in reversed(since):
            self.give(exit_, place, -n)
        del self.log[mark:]

    def _close(self, *, into: int, n: int) -> None:
        """Take back the last place that was made; its n persons go to another."""
        for exit_ in self.exits_of.pop():
            self.reach[exit_].pop()
        self.room.pop()
        self.into.pop()
        self.room[into] += n
