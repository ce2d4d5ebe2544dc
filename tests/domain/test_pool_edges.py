"""Edges of pools: transfers of several departures, ties that are apart, one evening."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.domain.custody import Pool, pool_of
from ledger.domain.naming import assumed_of_renewal, exits_from_parts
from ledger.domain.overstays import overstay
from ledger.domain.persondays import person_days
from ledger.domain.ranges import Group, Leaving, Range
from ledger.domain.terms import met_by, parts
from ledger.tlog.canonical import Json
from tests.domain.allocating import Assigned, allocations, gone_by
from tests.domain.counted_terms import received
from tests.office import Office

LAST = date(2025, 1, 31)
ON = date(2025, 2, 12)
Flights = tuple[int, int]
"""How many left on the first and on the eleventh of January; of each somebody did."""
Exit = tuple[tuple[int, ...], int, int]
"""Numbers of the transfers, the day of January, and how many."""


def flown(flights: Sequence[Flights], left: Sequence[Exit]) -> Office:
    """Return a book of transfers of two flights each, and of exits that name some."""
    office = Office()
    for first, second in flights:
        office.transfer(
            persons={"n": first + second, "qualifier": "exact"},
            departures=[
                {"at": "2025-01-01", "persons": first},
                {"at": "2025-01-11", "persons": second},
            ],
            term={"reading": "fixed", "length": "P1M", "trigger": "departed"},
        )
    for number, (first, second) in enumerate(flights, 1):
        came: list[tuple[int, str, dict[str, Json]]] = [
            (first, "2025-01-01", {"more_to_come": True}),
            (second, "2025-01-11", {}),
        ]
        for n, at, more in came:
            office.receipt(f"T-{number}", n, arrived=at, admitted=at, **more)
    for refs, after, n in left:
        day = date(2025, 1, 1) + timedelta(after)
        office.exit([f"T-{ref}" for ref in refs], n, str(day))
    return office


def groups_of(flights: Sequence[Flights]) -> list[Group]:
    """Return who came when."""
    return [
        Group(f"T-{number}", date(2025, 1, day), n)
        for number, both in enumerate(flights, 1)
        for n, day in zip(both, (1, 11), strict=True)
    ]


def leaving_of(left: Sequence[Exit]) -> list[Leaving]:
    """Return who left when."""
    return [
        Leaving(tuple(f"T-{r}" for r in refs), date(2025, 1, 1) + timedelta(after), n)
        for refs, after, n in sorted(left, key=lambda exit_: exit_[1])
    ]


def evenings(
    flights: Sequence[Flights], left: Sequence[Exit], ref: str, *, first: date
) -> Range:
    """Return the bounds of the person-days of a transfer, over all allocations."""
    groups, leaving = groups_of(flights), leaving_of(left)
    days = [first + timedelta(n) for n in range((ON - first).days + 1)]

    def held(way: Assigned, day: date) -> int:
        came = sum(g.n for g in groups if g.ref == ref and g.day <= day)
        return came - gone_by(groups, leaving, way, refs={ref}, day=day)

    found = [
        sum(held(way, day) for day in days) for way in allocations(groups, leaving)
    ]
    return Range(min(found), max(found))


few = st.integers(1, 2)
exits = st.lists(
    st.tuples(
        st.sampled_from([(1,), (2,), (1, 2)]), st.sampled_from([4, 9, 14, 33, 38]), few
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(few, few), min_size=2, max_size=2), exits)
def test_bounds_of_transfers_of_two_flights_are_those_of_all_allocations(
    flights: list[Flights], left: list[Exit]
) -> None:
    leaving, groups = leaving_of(left), groups_of(flights)
    assume(sum(e.n for e in leaving) <= sum(group.n for group in groups))
    ways = allocations(groups, leaving)
    assume(all(sum(map(sum, way)) == sum(e.n for e in leaving) for way in ways))
    pool = pool_of(flown(flights, left).history, "T-1")

    for ref in pool.cases:
        for part in parts(pool, ref, on=LAST):
            over = overstay(pool, ref, part, on=ON)
            since = LAST + timedelta(1)
            assert over == (12, evenings(flights, left, ref, first=since))
        whole = evenings(flights, left, ref, first=date(2025, 1, 1))
        assert person_days([pool], {ref}, on=ON) == whole
        assert added_up(pool.rest(ref, on=ON)) == whole


def added_up(rest: Mapping[date, Range]) -> Range:
    """Return persons times days, from how many there were on each day of a change."""
    days = [*rest, ON + timedelta(1)]
    spans = [(after - day).days for day, after in pairwise(days)]
    return Range(
        sum(n.least * span for n, span in zip(rest.values(), spans, strict=True)),
        sum(n.most * span for n, span in zip(rest.values(), spans, strict=True)),
    )


ODD: list[Exit] = [((1, 2), 9, 1), ((2,), 14, 1), ((1, 2), 33, 2)]
"""Which of the flights of T-1 an early exit was of decides who can leave later."""


def odd() -> Pool:
    return pool_of(flown([(1, 2), (1, 1)], ODD).history, "T-1")


def test_what_is_at_odds_between_two_evenings_is_bounded_for_all_of_them() -> None:
    pool = odd()
    (part,) = parts(pool, "T-1", on=LAST)

    assert overstay(pool, "T-1", part, on=ON) == (
        12,
        evenings([(1, 2), (1, 1)], ODD, "T-1", first=LAST + timedelta(1)),
    )
    assert added_up(pool.rest("T-1", on=ON)) == evenings(
        [(1, 2), (1, 1)], ODD, "T-1", first=date(2025, 1, 1)
    )


def three() -> Pool:
    """Return a pool in which, by the end of January, two ties are apart."""
    flights = [(2, 2), (2, 2), (2, 2), (2, 2)]
    left: list[Exit] = [((1, 2), 9, 1), ((3, 4), 14, 1), ((1, 3), 40, 1)]
    return pool_of(flown(flights, left).history, "T-1")


def test_who_is_not_tied_yet_is_bounded_apart() -> None:
    pool, on = three(), date(2025, 1, 20)

    assert pool.shared("T-1", on=date(2025, 1, 9)) is False
    assert pool.shared("T-1", on=date(2025, 1, 10)) is True
    assert pool.tied("T-1", on=on).refs == ("T-1", "T-2")
    assert pool.remaining({"T-1", "T-2", "T-3"}, on=on) == Range(10, 11)
    # One of T-1 and T-2 was gone for eleven evenings, one of T-3 for six at the most.
    everybody = 3 * (2 * 20 + 2 * 10)
    assert person_days([pool], {"T-1", "T-2", "T-3"}, on=on) == Range(
        everybody - 11 - 6, everybody - 11
    )


def test_an_exit_of_one_transfer_alone_is_not_shared() -> None:
    pool = pool_of(flown([(2, 2)], [((1,), 9, 1)]).history, "T-1")

    assert pool.shared("T-1", on=ON) is False


def test_what_left_is_told_with_its_day_and_all_that_it_names() -> None:
    assert odd().leaving(on=date(2025, 1, 15)) == leaving_of(ODD[:2])


def test_an_exit_counts_on_its_own_evening() -> None:
    pool = odd()
    on = date(2025, 1, 10)

    assert [leave.n for leave in pool.balance("T-1", on=on).shared] == [1]
    assert pool.balance("T-2", on=date(2025, 1, 15)).exits == {"repatriated": 1}
    assert pool.rest("T-1", on=on)[on] == Range(0, 1)


def test_who_comes_or_leaves_on_the_last_evening_counts_on_it() -> None:
    office = flown([(2, 2)], [((1,), 9, 1)])
    pool = pool_of(office.history, "T-1")

    assert person_days([pool], {"T-1"}, on=date(2025, 1, 10)) == Range(19, 19)
    assert person_days([pool], {"T-1"}, on=date(2025, 1, 11)) == Range(22, 22)


def test_a_transfer_of_a_pool_is_over_when_nothing_more_happens_to_the_others() -> None:
    office = flown([(1, 1), (1, 1)], [((1, 2), 33, 2), ((1, 2), 38, 2)])
    pool = pool_of(office.history, "T-1")

    assert pool.ended_on("T-1") == date(2025, 2, 8)


def test_a_transfer_that_surely_was_empty_is_over_when_its_pool_is() -> None:
    left: list[Exit] = [((1, 2), 33, 1), ((1,), 35, 2), ((2,), 38, 1)]
    pool = pool_of(flown([(1, 1), (1, 1)], left).history, "T-1")

    assert pool.remaining({"T-1"}, on=date(2025, 2, 5)) == Range(0, 0)
    assert pool.ended_on("T-1") == date(2025, 2, 8)
    assert pool.rest("T-1", on=ON)[date(2025, 2, 5)] == Range(0, 0)


def test_a_transfer_alone_is_over_on_the_first_evening_without_anybody() -> None:
    office = flown([(1, 1)], [((1,), 33, 1), ((1,), 35, 1)])
    pool = pool_of(office.history, "T-1")

    assert pool.ended_on("T-1") == date(2025, 2, 5)


def beyond(groups: list[tuple[int, int]], left: list[Exit]) -> list[tuple[int, ...]]:
    """Return day, persons and excess of each exit of T-1 that does not fit."""
    pool = pool_of(flown(groups, left).history, "T-1")
    found = pool.exceeding("T-1", on=ON)
    assert sum(n for _, n in pool.exceeding("T-1", on=ON)) <= pool.beyond(on=ON)
    return [(leave.day.day, leave.n, over) for leave, over in found]


def test_exits_beyond_the_count_are_told_by_day_each_with_its_own_excess() -> None:
    left: list[Exit] = [((1, 2), 33, 3), ((1,), 35, 3), ((1,), 35, 1), ((2,), 36, 1)]

    # Four came: three left first, one of them of T-1, as T-2 had but two.
    assert beyond([(1, 1), (1, 1)], left) == [(5, 3, 2), (5, 1, 1)]


def test_an_early_exit_of_several_transfers_is_fine_when_a_later_one_is_not() -> None:
    three: list[Exit] = [((1, 2, 3), 33, 6), ((1,), 35, 2)]
    two: list[Exit] = [((1, 2), 33, 4), ((1,), 35, 2)]

    assert beyond([(1, 1), (1, 1), (1, 1)], three) == [(5, 2, 2)]
    assert beyond([(1, 1), (1, 1)], two) == [(5, 2, 2)]


def test_on_one_day_an_exit_of_one_transfer_is_more_certain_than_one_of_two() -> None:
    left: list[Exit] = [((1, 2), 35, 4), ((1,), 35, 2)]

    assert beyond([(1, 1), (1, 1)], left) == [(5, 4, 2)]


def test_only_exits_that_name_a_part_are_held_against_the_parts() -> None:
    office = received(5)
    office.exit(["T-1"], 1, "2025-06-01")
    named = office.exit(["T-1"], 1, "2025-07-01", part="2026-03-15")
    pool = pool_of(office.history, "T-1")
    found = [(leave.seq, n) for leave, _, n in exits_from_parts(pool, "T-1")]

    assert found == [(named.seq, 4)]


@pytest.mark.parametrize(
    ("begins", "assumed"),
    [("2026-03-14", 5), ("2026-03-15", 5), ("2026-03-16", 0), ("2026-03-17", 0)],
)
def test_a_renewal_that_begins_by_an_old_last_day_is_taken_to_be_of_somebody(
    begins: str, assumed: int
) -> None:
    office = received(5)
    office.renewal("T-1", 5, agreed_on="2026-03-01", **{"from": begins})
    pool = pool_of(office.history, "T-1")
    (item,) = pool.cases["T-1"].renewals

    assert assumed_of_renewal(item.record, met_by(pool, "T-1", item)) == assumed


def test_persons_beyond_the_departure_can_leave_from_the_first_arrival_on() -> None:
    office = Office()
    office.transfer(
        persons={"n": 2, "qualifier": "exact"}, departures=[{"at": "2025-01-01"}]
    )
    for n, day, more in ((2, 5, {"more_to_come": True}), (3, 9, {})):
        came = f"2025-01-{day:02}"
        office.receipt("T-1", n, arrived=came, admitted=came, **more)
    came_by = pool_of(office.history, "T-1").came("T-1", on=date(2025, 1, 9))

    assert came_by.groups == (
        Group("T-1", date(2025, 1, 1), 2),
        Group("T-1", date(2025, 1, 5), 3),
    )


def test_nobody_is_expected_of_whom_all_died_on_the_way() -> None:
    office = Office()
    office.transfer()
    office.exit(["T-1"], 238, "2025-03-20", how="died")
    came_by = pool_of(office.history, "T-1").came("T-1", on=date(2025, 3, 20))

    assert (came_by.departed, came_by.expected, came_by.waiting) == (238, 0, 0)
