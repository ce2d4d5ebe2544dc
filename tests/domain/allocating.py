"""Every allocation there is, one by one: what bounds are measured against in tests."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product

from hypothesis import strategies as st

from ledger.domain.ranges import Group, Leaving

DAY = date(2025, 3, 15)
REFS = ("T-1", "T-2", "T-3")
Assigned = tuple[tuple[int, ...], ...]  # exit by exit: how many of each group

few_days = st.integers(0, 3).map(lambda n: DAY + timedelta(days=n))
some_groups = st.lists(
    st.builds(Group, ref=st.sampled_from(REFS), day=few_days, n=st.integers(1, 2)),
    min_size=1,
    max_size=4,
)
some_leaving = st.lists(
    st.builds(
        Leaving,
        refs=st.lists(st.sampled_from(REFS), min_size=1, max_size=3, unique=True).map(
            lambda refs: tuple(sorted(refs))
        ),
        day=few_days,
        n=st.integers(1, 2),
    ),
    max_size=4,
).map(lambda exits: sorted(exits, key=lambda exit_: exit_.day))
some_refs = st.sets(st.sampled_from(REFS), min_size=1)


def allocations(came: Sequence[Group], left: Sequence[Leaving]) -> list[Assigned]:
    """Return every way to assign as many as can be by the end of every day."""
    found = list(_ways(left, came, tuple(group.n for group in came)))
    days = sorted({exit_.day for exit_ in left})
    most = [max(_placed(left, way, day) for way in found) for day in days]
    return [w for w in found if [_placed(left, w, day) for day in days] == most]


def _ways(
    left: Sequence[Leaving], came: Sequence[Group], room: tuple[int, ...]
) -> Iterator[Assigned]:
    if not left:
        yield ()
        return
    exit_ = left[0]
    limits = [
        min(exit_.n, free) if g.ref in exit_.refs and g.day <= exit_.day else 0
        for g, free in zip(came, room, strict=True)
    ]
    for taken in product(*(range(limit + 1) for limit in limits)):
        if sum(taken) <= exit_.n:
            rest = tuple(a - b for a, b in zip(room, taken, strict=True))
            for way in _ways(left[1:], came, rest):
                yield (taken, *way)


def _placed(left: Sequence[Leaving], way: Assigned, day: date) -> int:
    rows = zip(left, way, strict=True)
    return sum(sum(taken) for exit_, taken in rows if exit_.day <= day)


def gone_by(
    came: Sequence[Group],
    left: Sequence[Leaving],
    way: Assigned,
    *,
    refs: set[str],
    day: date,
) -> int:
    """Return how many of some transfers had left by a day in one allocation."""
    return sum(
        n
        for exit_, taken in zip(left, way, strict=True)
        if exit_.day <= day
        for group, n in zip(came, taken, strict=True)
        if group.ref in refs
    )
