"""The bounds over all allocations, against every allocation there is."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.allocations import Allocation
from ledger.domain.bounding import added_up, course, gone
from ledger.domain.ranges import Group, Leaving, Range
from tests.domain.allocating import (
    DAY,
    REFS,
    allocations,
    gone_by,
    some_groups,
    some_leaving,
    some_refs,
)

LAST = DAY + timedelta(days=5)


def days_since(first: date) -> list[date]:
    """Return the days from one to the last, both included."""
    return [first + timedelta(n) for n in range((LAST - first).days + 1)]


@settings(max_examples=300, deadline=None)
@given(some_groups, some_leaving, some_refs)
def test_how_many_left_a_set_is_bounded_by_all_allocations(
    came: list[Group], left: list[Leaving], refs: set[str]
) -> None:
    every = allocations(came, left)
    found = [gone_by(came, left, way, refs=refs, day=LAST) for way in every]

    assert gone(Allocation(came, left), refs) == Range(min(found), max(found))


@settings(max_examples=400, deadline=None)
@given(some_groups, some_leaving, st.sampled_from(REFS), st.integers(0, 4))
def test_the_course_of_a_transfer_is_the_least_and_the_most_of_all_allocations(
    came: list[Group], left: list[Leaving], ref: str, after: int
) -> None:
    since = DAY + timedelta(days=after)
    every = allocations(came, left)
    allocation = Allocation(came, left)
    counted = days_since(since)

    found = course(allocation, ref, since=since, until=LAST)

    for side in ("least", "most"):
        low = side == "least"
        own = {step.day: getattr(step.n, side) for step in found}
        by = {
            day: max((n for d, n in own.items() if d <= day), default=0)
            for day in days_since(DAY)
        }
        # It is an allocation: some way has it on every day.
        ways = [
            {day: gone_by(came, left, w, refs={ref}, day=day) for day in by}
            for w in every
        ]
        assert by in ways
        best = min if low else max
        assert sum(by[day] for day in counted) == best(
            sum(way[day] for day in counted) for way in ways
        )
        if low or len({g.day for g in came if g.ref == ref}) <= 1:
            assert by == {day: best(way[day] for way in ways) for day in by}


def added_up_by_hand(
    came: list[Group],
    left: list[Leaving],
    *,
    refs: set[str],
    by_day: dict[date, int],
) -> Range:
    """Return the bounds of the weights, from every allocation there is."""
    mine = [group.ref in refs for group in came]
    found = [
        sum(
            by_day[exit_.day]
            * sum(n for n, own in zip(taken, mine, strict=True) if own)
            for exit_, taken in zip(left, way, strict=True)
        )
        for way in allocations(came, left)
    ]
    return Range(min(found), max(found))


@settings(max_examples=200, deadline=None)
@given(
    some_groups,
    some_leaving,
    some_refs,
    st.lists(st.integers(-3, 5), min_size=4, max_size=4),
)
def test_what_is_added_up_is_bounded_by_all_allocations(
    came: list[Group], left: list[Leaving], refs: set[str], weights: list[int]
) -> None:
    by_day = {DAY + timedelta(days=n): weight for n, weight in enumerate(weights)}

    allocation = Allocation(came, left)
    assert added_up(allocation, refs, weight=by_day.__getitem__) == added_up_by_hand(
        came, left, refs=refs, by_day=by_day
    )


def test_an_exit_that_waits_its_turn_may_be_reached_more_cheaply() -> None:
    """Two ways lead to one exit, the cheaper one second: it is looked at once."""
    days = [DAY + timedelta(days=n) for n in range(3)]
    came = [Group("T-1", days[0], 2), Group("T-3", days[0], 1)]
    left = [
        Leaving(("T-2", "T-3"), days[0], 1),
        Leaving(("T-1", "T-2", "T-3"), days[1], 1),
        Leaving(("T-1", "T-2", "T-3"), days[2], 1),
    ]
    by_day = dict(zip(days, (-1, 2, 2), strict=True))

    found = added_up(Allocation(came, left), {"T-1"}, weight=by_day.__getitem__)

    assert found == added_up_by_hand(came, left, refs={"T-1"}, by_day=by_day)


@settings(max_examples=200, deadline=None)
@given(some_groups, some_leaving, some_refs)
def test_a_question_leaves_the_allocation_as_it_was(
    came: list[Group], left: list[Leaving], refs: set[str]
) -> None:
    allocation = Allocation(came, left)
    before = ([dict(s) for s in allocation.sent], [*allocation.room])
    reach = [[*places] for places in allocation.reach]

    gone(allocation, refs)
    for ref in REFS:
        course(allocation, ref, since=DAY, until=LAST)

    assert (allocation.sent, allocation.room) == before
    assert allocation.reach == reach
    assert allocation.log == []


def test_those_who_came_on_two_days_can_be_fewest_only_on_some() -> None:
    """Early and late persons of T-1: to free the early one takes the late one later."""

    def day(n: int) -> date:
        return DAY + timedelta(days=n)

    came = [
        Group("T-1", day(1), 1),
        Group("T-1", day(5), 1),
        Group("T-2", day(1), 1),
        Group("T-3", day(1), 1),
    ]
    left = [
        Leaving(("T-1", "T-2"), day(2), 1),
        Leaving(("T-1", "T-3"), day(3), 1),
        Leaving(("T-1", "T-2"), day(6), 1),
        Leaving(("T-1", "T-3"), day(7), 1),
    ]
    allocation = Allocation(came, left)

    early = course(allocation, "T-1", since=day(1), until=day(7))
    late = course(allocation, "T-1", since=day(6), until=day(7))

    assert sum(step.n.most for step in early) == 1 + 1 + 1 + 2
    assert [step.n.most for step in late][-2:] == [2, 2]
