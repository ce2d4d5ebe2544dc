"""An overstay since a month: its bounds, against books that record each day instead."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.custody import pool_of
from ledger.domain.explaining_terms import explain_term
from ledger.domain.overstays import Over, over_bounds
from ledger.domain.ranges import Range
from ledger.domain.terms import parts
from tests.domain.counted_terms import term
from tests.office import Office

ON = date(2025, 5, 10)
FEBRUARY = [date(2025, 2, day) for day in range(1, 29)]
Exits = list[tuple[date, int]]
Came = list[tuple[int, str]]
"""How many, and when: a day, or a month."""


def office(came: Came, left: Exits, renewed: list[tuple[date, int]]) -> Office:
    """Return a book of one transfer of a month's term, and of those who came by it."""
    made = Office()
    made.transfer(
        persons={"n": sum(n for n, _ in came), "qualifier": "exact"},
        departures=[{"at": "2025-01-05"}],
        term=term(length="P1M"),
    )
    for number, (n, at) in enumerate(came, 1):
        more = {} if number == len(came) else {"more_to_come": True}
        made.receipt("T-1", n, arrived=at, admitted=at, **more)
    for day, n in left:
        made.exit(["T-1"], n, str(day))
    for day, n in renewed:
        made.renewal("T-1", n, agreed_on=str(day), length="P1M")
    return made


def over(book: Office, *, on: date = ON) -> list[Over]:
    """Return how long each part is over its term; nothing of those that are not."""
    pool = pool_of(book.history, "T-1")
    found = [
        over_bounds(pool, "T-1", part, on=on) for part in parts(pool, "T-1", on=on)
    ]
    return [each for each in found if each is not None]


def by_day(
    came: Came, left: Exits, renewed: list[tuple[date, int]], *, on: date = ON
) -> Iterator[list[Over]]:
    """Yield the same of every book that records a day instead of each month."""
    choices = [
        [str(day) for day in FEBRUARY] if at == "2025-02" else [at] for _, at in came
    ]
    for days in product(*choices):
        exact = [(n, day) for (n, _), day in zip(came, days, strict=True)]
        yield over(office(exact, left, renewed), on=on)


@pytest.mark.parametrize(
    ("on", "days", "person_days"),
    [
        # 2025-02-01 and a month: the last day is 02-28; of 2025-02-28 it is 03-27.
        (date(2025, 3, 1), Range(0, 1), Range(0, 3)),
        (date(2025, 3, 27), Range(0, 27), Range(0, 81)),
        (date(2025, 3, 28), Range(1, 28), Range(3, 84)),
        (date(2025, 4, 10), Range(14, 41), Range(42, 123)),
        (date(2025, 4, 11), Range(15, 42), Range(43, 124)),
    ],
)
def test_who_came_in_a_month_is_over_the_term_between_two_numbers_of_days(
    on: date, days: Range, person_days: Range
) -> None:
    book = office([(3, "2025-02")], [(date(2025, 4, 11), 2)], [])

    assert over(book, on=on) == [Over(days, person_days)]


def test_nobody_is_over_a_term_that_cannot_have_ended() -> None:
    assert over(office([(3, "2025-02")], [], []), on=date(2025, 2, 28)) == []


def test_who_came_on_a_day_is_over_the_term_by_one_number() -> None:
    (found,) = over(office([(3, "2025-02-05")], [], []), on=date(2025, 3, 14))

    assert found == Over(Range(10, 10), Range(30, 30))


numbers = st.integers(1, 4)
lefts = st.lists(
    st.tuples(
        st.integers(0, 60).map(lambda n: date(2025, 3, 1) + timedelta(n)), numbers
    ),
    max_size=3,
)


def fitting(n: int, left: Exits) -> Exits:
    """Return the exits by day, cut to those who are there."""
    found = []
    for day, asked in sorted(left):
        if min(n, asked):
            found.append((day, min(n, asked)))
            n -= min(n, asked)
    return found


@settings(max_examples=8, deadline=None)
@given(numbers, lefts, st.integers(0, 70))
def test_the_bounds_of_those_who_came_together_are_reached(
    n: int, left: Exits, after: int
) -> None:
    on = date(2025, 3, 1) + timedelta(after)
    came, exits = [(n, "2025-02")], fitting(n, left)
    none = Over(Range(0, 0), Range(0, 0))
    every = [(*each, none)[0] for each in by_day(came, exits, [], on=on)]
    found = over(office(came, exits, []), on=on)

    if not found:
        assert every == [none] * len(FEBRUARY)
        return
    days = [each.days.most for each in every]
    person_days = [each.person_days.most for each in every]
    assert found == [
        Over(Range(min(days), max(days)), Range(min(person_days), max(person_days)))
    ]


@settings(max_examples=8, deadline=None)
@given(
    st.tuples(numbers, numbers),
    st.integers(0, 50),
    st.sampled_from([1, -1]),
    st.lists(
        st.tuples(
            st.integers(0, 60).map(lambda n: date(2025, 2, 1) + timedelta(n)), numbers
        ),
        max_size=3,
    ),
)
def test_no_day_of_the_month_goes_beyond_the_bounds_whoever_left(
    n: tuple[int, int], other: int, order: int, left: Exits
) -> None:
    """Who came on a day and who came in a month: exits do not say of whom they were."""
    day = date(2025, 1, 6) + timedelta(other)
    both = [(n[0], "2025-02"), (n[1], str(day))]
    came = both[::order]
    exits = fitting(sum(n), [(at, k) for at, k in left if at >= day])
    book = office(came, exits, [])
    pool = pool_of(book.history, "T-1")
    bounds: dict[str, Over] = {}
    for part in parts(pool, "T-1", on=ON):
        found = over_bounds(pool, "T-1", part, on=ON)
        if found is not None and part.start != date(2025, 2, 1):
            bounds["day"] = found
        elif found is not None:
            bounds["month"] = found
    if day == date(2025, 2, 1):
        return  # they share one part
    for chosen in FEBRUARY:
        exact = [(k, str(chosen) if at == "2025-02" else at) for k, at in came]
        one = pool_of(office(exact, exits, []).history, "T-1")
        for part in parts(one, "T-1", on=ON):
            true = over_bounds(one, "T-1", part, on=ON)
            if true is None or chosen == day:
                continue
            name = "month" if part.start == chosen else "day"
            if name in bounds:
                told = bounds[name]
                assert told.days.least <= true.days.most <= told.days.most
                assert told.person_days.least <= true.person_days.least
                assert true.person_days.most <= told.person_days.most


def test_a_renewal_that_does_not_say_whom_it_extends_leaves_no_fewest() -> None:
    came = [(3, "2025-02"), (3, "2025-02-20")]
    found = over(office(came, [], [(date(2025, 3, 10), 3)]))

    # The renewed of the month, and those of the day whom it may have met instead.
    assert [each.person_days.least for each in found] == [0, 0]


def test_the_account_of_an_overstay_gives_its_bounds_since_a_month() -> None:
    pool = pool_of(office([(3, "2025-02")], [], []).history, "T-1")
    steps = explain_term(pool, "T-1", on=date(2025, 3, 28))
    said = {each.code: each.values for each in steps}

    assert said["over.month"] == {"last": "2025-03-27", "least": 3, "most": 84}
