"""The bounds of what can have left, against every assignment there is."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.flows import (
    Group,
    Leaving,
    Range,
    beyond,
    most_leaving,
    remaining,
)

DAY = date(2025, 3, 15)
REFS = ("T-1", "T-2", "T-3")

days = st.integers(0, 2).map(lambda n: DAY + timedelta(days=n))
groups = st.lists(
    st.builds(Group, ref=st.sampled_from(REFS), day=days, n=st.integers(1, 3)),
    min_size=1,
    max_size=4,
)
leaving = st.lists(
    st.builds(
        Leaving,
        refs=st.lists(st.sampled_from(REFS), min_size=1, max_size=3, unique=True).map(
            lambda refs: tuple(sorted(refs))
        ),
        day=days,
        n=st.integers(1, 3),
    ),
    max_size=3,
)
some_refs = st.sets(st.sampled_from(REFS), min_size=1)


def assignments(came: list[Group], left: list[Leaving]) -> Iterator[tuple[int, ...]]:
    """Yield how many of each group leave, for every way to let persons leave."""

    def ways(exit_: Leaving, room: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        limits = [
            min(exit_.n, free) if g.ref in exit_.refs and g.day <= exit_.day else 0
            for g, free in zip(came, room, strict=True)
        ]
        for taken in product(*(range(limit + 1) for limit in limits)):
            if sum(taken) <= exit_.n:
                yield tuple(a - b for a, b in zip(room, taken, strict=True))

    rooms = {tuple(g.n for g in came)}
    for exit_ in left:
        rooms = {after for room in rooms for after in ways(exit_, room)}
    for room in rooms:
        yield tuple(g.n - free for g, free in zip(came, room, strict=True))


@settings(max_examples=150, deadline=None)
@given(groups, leaving, some_refs)
def test_the_bounds_are_the_least_and_the_most_over_all_assignments(
    came: list[Group], left: list[Leaving], among: set[str]
) -> None:
    every = set(assignments(came, left))
    whole = max(sum(gone) for gone in every)
    full = [gone for gone in every if sum(gone) == whole]
    rests = [
        sum(g.n - n for g, n in zip(came, gone, strict=True) if g.ref in among)
        for gone in full
    ]

    assert remaining(came, left, among=among) == Range(min(rests), max(rests))
    assert beyond(came, left) == sum(exit_.n for exit_ in left) - whole


@settings(max_examples=150, deadline=None)
@given(groups, leaving)
def test_whoever_came_remains_or_left_or_is_beyond_the_count(
    came: list[Group], left: list[Leaving]
) -> None:
    everyone = remaining(came, left, among=set(REFS))

    assert everyone.exact
    assert everyone.least + sum(exit_.n for exit_ in left) == sum(
        g.n for g in came
    ) + beyond(came, left)


@settings(max_examples=100, deadline=None)
@given(groups, leaving, some_refs, some_refs)
def test_the_bounds_of_a_set_are_no_wider_than_the_sums_of_its_parts(
    came: list[Group], left: list[Leaving], one: set[str], two: set[str]
) -> None:
    parts = [remaining(came, left, among={ref}) for ref in sorted(one | two)]
    both = remaining(came, left, among=one | two)

    assert sum(r.least for r in parts) <= both.least
    assert both.most <= sum(r.most for r in parts)
    assert both.least >= remaining(came, left, among=one).least


def test_an_exit_that_names_one_transfer_is_taken_before_a_pool_is() -> None:
    came = [Group("T-1", DAY, 2), Group("T-2", DAY, 2)]
    left = [Leaving(("T-1", "T-2"), DAY, 2), Leaving(("T-1",), DAY, 2)]

    assert most_leaving(came, left, among={"T-1"}) == 2
    assert remaining(came, left, among={"T-1"}) == Range(0, 0)
    assert remaining(came, left, among={"T-2"}) == Range(0, 0)


def test_nobody_leaves_before_they_came() -> None:
    later = DAY + timedelta(days=1)
    came = [Group("T-1", DAY, 2), Group("T-2", later, 2)]
    left = [Leaving(("T-1", "T-2"), DAY, 2)]

    assert remaining(came, left, among={"T-2"}) == Range(2, 2)
    assert remaining(came, left, among={"T-1"}) == Range(0, 0)


def test_who_is_said_to_have_left_beyond_the_count_makes_nothing_negative() -> None:
    came = [Group("T-1", DAY, 2)]
    left = [Leaving(("T-1",), DAY, 5)]

    assert remaining(came, left, among={"T-1"}) == Range(0, 0)
    assert beyond(came, left) == 3
