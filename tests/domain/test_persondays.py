"""Person-days of pools: the bounds over all allocations, in one example and by law."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.custody import Pool, pool_of
from ledger.domain.overstays import overstay
from ledger.domain.persondays import person_days
from ledger.domain.ranges import Group, Leaving, Range
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.domain.allocating import allocations, gone_by
from tests.office import Office

CAME = date(2025, 1, 1)
LAST = date(2025, 1, 31)
ON = date(2025, 2, 25)
Exit = tuple[tuple[int, ...], int, int]  # numbers of the transfers, day, persons


def pooled(came: Sequence[int], left: Sequence[Exit]) -> Pool:
    """Return the pool of a book: persons of each transfer, and exits in February."""
    office = Office()
    for n in came:
        count: Json = {"n": n, "qualifier": "exact"}
        office.transfer(
            persons=count,
            departures=[{"at": CAME.isoformat()}],
            term={"reading": "fixed", "length": "P1M", "trigger": "departed"},
        )
    for number in range(1, len(came) + 1):
        office.receipt(f"T-{number}", came[number - 1], arrived="2025-01-02")
    for refs, day, n in left:
        office.exit([f"T-{ref}" for ref in refs], n, f"2025-02-{day:02}")
    # All in one pool, whatever the exits name: nobody has to be looked for.
    return pool_of(office.history, "T-1")


def over(pool: Pool, ref: str, *, on: date = ON) -> Range:
    """Return the person-days that a transfer is over its term."""
    (part,) = parts(pool, ref, on=LAST)
    found = overstay(pool, ref, part, on=on)
    assert found is not None
    return found[1]


def enumerated(
    came: Sequence[int], left: Sequence[Exit], refs: set[str], *, first: date
) -> Range:
    """Return the bounds of person-days from a day on, by trying every allocation."""
    groups = [Group(f"T-{n}", CAME, persons) for n, persons in enumerate(came, 1)]
    leaving = [
        Leaving(tuple(f"T-{ref}" for ref in refs_), date(2025, 2, day), n)
        for refs_, day, n in sorted(left, key=lambda exit_: exit_[1])
    ]
    days = [first + timedelta(n) for n in range((ON - first).days + 1)]
    here = sum(group.n for group in groups if group.ref in refs)
    found = [
        sum(here - gone_by(groups, leaving, way, refs=refs, day=day) for day in days)
        for way in allocations(groups, leaving)
    ]
    return Range(min(found), max(found))


def test_bounds_of_a_pool_hold_on_all_days_at_once() -> None:
    came, left = (4, 6), (((1, 2), 5, 4), ((1,), 13, 2))
    first = LAST + timedelta(days=1)
    pool = pooled(came, left)

    assert over(pool, "T-1").least == 32
    assert over(pool, "T-2").most == 108
    for ref in ("T-1", "T-2"):
        assert over(pool, ref) == enumerated(came, left, {ref}, first=first)


numbers = st.lists(st.integers(1, 3), min_size=2, max_size=3)
exits = st.lists(
    st.tuples(
        st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True),
        st.integers(5, 9),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=4,
)


def fitting(came: list[int], left: list[tuple[list[int], int, int]]) -> list[Exit]:
    """Return the exits, of those transfers that there are, the first of all."""
    kept = [
        (tuple(sorted(r for r in refs if r <= len(came))), day, n)
        for refs, day, n in left
    ]
    whole = tuple(range(1, len(came) + 1))
    return [(whole, 4, 1), *((refs, day, n) for refs, day, n in kept if refs)]


@settings(max_examples=60, deadline=None)
@given(numbers, exits)
def test_an_overstay_is_bounded_by_all_allocations(
    came: list[int], left: list[tuple[list[int], int, int]]
) -> None:
    every = fitting(came, left)
    pool = pooled(came, every)

    for ref in pool.cases:
        first = LAST + timedelta(days=1)
        assert over(pool, ref) == enumerated(came, every, {ref}, first=first)


@pytest.mark.sweep
@settings(max_examples=60, deadline=None)
@given(numbers, exits, st.sets(st.sampled_from(["T-1", "T-2", "T-3"]), min_size=1))
def test_person_days_of_a_set_are_its_bounds_and_not_sums_of_its_rows(
    came: list[int], left: list[tuple[list[int], int, int]], refs: set[str]
) -> None:
    every = fitting(came, left)
    pool = pooled(came, every)
    before = enumerated(came, every, refs & pool.cases.keys(), first=CAME)
    # Nobody is held on the day of departure: they come on the next.
    transit = sum(n for r, n in enumerate(came, 1) if f"T-{r}" in refs)

    found = person_days([pool], refs, on=ON)
    alone = [person_days([pool], [ref], on=ON) for ref in refs]

    assert found == Range(before.least - transit, before.most - transit)
    assert sum(r.least for r in alone) <= found.least
    assert found.most <= sum(r.most for r in alone)


def test_a_transfer_of_whom_some_may_have_left_on_the_way_is_counted_by_itself() -> (
    None
):
    office = Office()
    for n in (4, 6, 2):
        count: Json = {"n": n, "qualifier": "exact"}
        office.transfer(persons=count, departures=[{"at": CAME.isoformat()}])
    came: dict[str, Json] = {"arrived": "2025-01-02", "admitted": "2025-01-02"}
    office.receipt("T-1", 1, more_to_come=True, **came)
    office.receipt("T-2", 6, **came)
    office.receipt("T-3", 2, **came)
    office.exit(["T-1", "T-2", "T-3"], 3, "2025-01-03")
    pool = pool_of(office.history, "T-1")
    on = date(2025, 1, 4)

    def held(*refs: str) -> Range:
        return person_days([pool], refs, on=on)

    assert held("T-1") == Range(1, 3)
    assert held("T-2", "T-3") == Range(8 + 2 * 5, 8 + 2 * 8)
    assert held("T-1", "T-2", "T-3") == Range(1 + 18, 3 + 24)
