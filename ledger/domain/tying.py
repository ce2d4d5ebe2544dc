"""Transfers that exits tie together by a day, and one allocation of who left them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from ledger.domain.allocations import Allocation
from ledger.domain.bounding import Gone, added_up, course, gone
from ledger.domain.ranges import Group, Leaving, Range


class Leave(Struct, frozen=True):
    """An exit, or the refused of a receipt, as it counts in the balance.

    Attributes:
        seq: The entry that says so.
        how: The disposition.
        refs: The transfers that the persons can belong to.
        day: The day on which they had left.
        n: How many; it knows how exact that is (`ledger.domain.qualifying`).
        part: Last authorised day of the part they left from, if the entry names it.
    """

    seq: int
    how: str
    refs: tuple[str, ...]
    day: date
    n: int
    part: date | None = None


class Tied(Struct):
    """Transfers that exits tie together by the end of a day.

    Attributes:
        refs: The transfers.
        groups: Who came.
        leaves: Who left, by day.
        on: The day.
    """

    refs: tuple[str, ...]
    groups: tuple[Group, ...]
    leaves: tuple[Leave, ...]
    on: date
    _allocation: Allocation | None = None
    _courses: dict[tuple[str, date], tuple[Gone, ...]] = field(default_factory=dict)

    @property
    def allocation(self) -> Allocation:
        """Return an allocation, in the order of days."""
        if self._allocation is None:
            self._allocation = Allocation(self.groups, _said(self.leaves))
        return self._allocation

    @property
    def beyond(self) -> int:
        """Return how many are said to have left beyond those who ever came."""
        return sum(self.allocation.unmet)

    def gone(self, refs: Sequence[str]) -> Range:
        """Return the bounds of how many left some of these transfers, together."""
        if len(refs) == 1:
            steps = self.course(refs[0])
            return steps[-1].n if steps else Range(0, 0)
        return gone(self.allocation, refs)

    def course(self, ref: str, *, since: date | None = None) -> tuple[Gone, ...]:
        """Return how many of a transfer had left, by each day on which some can have.

        Args:
            ref: The transfer.
            since: The first of the days that count where they are at odds; only the
                last day unless given.
        """
        if not any(ref in leave.refs for leave in self.leaves):
            return ()
        several = len(self.refs) > 1 and len(self.allocation.members.get(ref, ())) > 1
        first = since if since is not None and several else self.on
        if (ref, first) not in self._courses:
            steps = course(self.allocation, ref, since=first, until=self.on)
            self._courses[ref, first] = tuple(steps)
        return self._courses[ref, first]

    def added_up(
        self, refs: Collection[str], *, weight: Callable[[date], int]
    ) -> Range:
        """Return the bounds of the weights of all who left some transfers."""
        return added_up(self.allocation, refs, weight=weight)

    def exceeding(self) -> list[tuple[Leave, int]]:
        """Return the exits that do not fit those who came, and by how many.

        Who left first is assigned first: the exit that goes beyond the count is the
        one for which nobody is left. Of exits of one day those of one transfer come
        first, as they are certain; one that names several exceeds what is left of all
        of them together. Ruled out: to assign all that is certain first, whatever its
        day; that named an early exit that had been fine when a later one went beyond.
        """
        if not self.beyond:
            return []
        leaves = sorted(
            self.leaves, key=lambda each: (each.day, len(each.refs) > 1, each.seq)
        )
        unmet = Allocation(self.groups, _said(leaves)).unmet
        found = [(leave, n) for leave, n in zip(leaves, unmet, strict=True) if n]
        return sorted(found, key=lambda row: (row[0].day, row[0].seq))


def _said(leaves: Iterable[Leave]) -> list[Leaving]:
    return [Leaving(refs=leave.refs, day=leave.day, n=int(leave.n)) for leave in leaves]


def tie(
    leaves: Sequence[Leave],
    groups: Mapping[str, tuple[Group, ...]],
    *,
    on: date,
) -> dict[str, Tied]:
    """Return what each transfer is tied to by the end of a day, by transfer.

    Args:
        leaves: All exits, by day.
        groups: Who of each transfer came by that day.
        on: The day.
    """
    named = [leave for leave in leaves if leave.day <= on]
    top = {ref: ref for ref in groups}

    def root(ref: str) -> str:
        while top[ref] != ref:
            top[ref] = top[top[ref]]
            ref = top[ref]
        return ref

    for leave in named:
        first = root(leave.refs[0])
        for ref in leave.refs[1:]:
            top[root(ref)] = first
    refs_of: dict[str, list[str]] = {}
    leaves_of: dict[str, list[Leave]] = {}
    for ref in groups:
        refs_of.setdefault(root(ref), []).append(ref)
    for leave in named:
        leaves_of.setdefault(root(leave.refs[0]), []).append(leave)
    found = {}
    for key, refs in refs_of.items():
        together = Tied(
            refs=tuple(refs),
            groups=tuple(group for ref in refs for group in groups[ref]),
            leaves=tuple(leaves_of.get(key, ())),
            on=on,
        )
        found.update(dict.fromkeys(refs, together))
    return found
