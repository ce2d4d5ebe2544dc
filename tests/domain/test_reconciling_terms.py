"""Two books that say other things of how long: admission, first day, length or day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.canonical import Json
from tests.two_books import Books, told


def renewed(one: dict[str, Json], other: dict[str, Json]) -> list[tuple[str, int]]:
    """Return the differences of two renewals that were agreed on one day."""
    books = Books()
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.renew(cited, books.us, **one)
    books.renew(cited, books.sv, **other)
    return [(each.code, each.n) for each in books.differences()]


def test_another_day_of_admission_is_another_term() -> None:
    books = Books()
    cited = books.depart(8)
    books.arrive(cited, 8, by=books.us, admitted="2025-03-16T09:00-06:00")
    books.arrive(cited, 8, admitted="2025-03-19T09:00-06:00")

    assert told(books.only()) == (
        *("admitted-on", "2025-03-16T09:00-06:00", "2025-03-19T09:00-06:00"),
        3,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2025-03-16", "2025-03-16T23:00-06:00"),
        ("2025-03-16T09:00-06:00", "2025-03-16T11:00-06:00"),
        (None, "2025-03-19"),
        ("2025-03-19", None),
    ],
)
def test_admissions_that_can_be_the_same_are_no_difference(
    one: str | None, other: str | None
) -> None:
    books = Books()
    cited = books.depart(8)
    for day, office in ((one, books.us), (other, books.sv)):
        if day is None:
            books.arrive(cited, 8, by=office)
        else:
            books.arrive(cited, 8, by=office, admitted=day)

    assert books.differences() == []


def test_renewals_that_begin_on_other_days() -> None:
    one: dict[str, Json] = {"from": "2026-03-16"}
    other: dict[str, Json] = {"from": "2026-03-20"}

    assert renewed(one, other) == [("renewed-from", 4)]
    assert renewed(one, one) == []
    assert renewed(one, {}) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"from": "2026-03-16"}, {"length": "P1Y"}, []),
        ({}, {"from": "2026-03-16", "length": "P1Y"}, []),
        ({}, {"from": "2026-03-16", "length": "P6M"}, [("renewed-until", 178)]),
        ({"from": "2026-03-16", "length": "P6M"}, {}, [("renewed-until", 178)]),
        ({"from": "2026-03-16"}, {"length": "P2Y"}, [("renewed-until", 363)]),
        ({}, {"length": "P2Y"}, []),
    ],
)
def test_a_length_is_held_against_a_day_where_its_first_day_is_said(
    one: dict[str, Json], other: dict[str, Json], expected: list[tuple[str, int]]
) -> None:
    assert renewed(one, other) == expected


@given(
    begins=st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    months=st.integers(1, 24),
)
def test_a_length_and_the_day_that_it_comes_to_never_differ(
    begins: date, months: int
) -> None:
    """However months are counted: from the start, or one after the other."""
    end = begins
    for _ in range(months):
        end = next_month(end)
    until = (end - timedelta(days=1)).isoformat()
    if until > begins.isoformat() and until <= "2026-12-31":
        said: dict[str, Json] = {"from": begins.isoformat(), "until": until}
        counted: dict[str, Json] = {
            "from": begins.isoformat(),
            "length": f"P{months}M",
        }
        assert renewed(said, counted) == []


def next_month(day: date) -> date:
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first.replace(day=min(day.day, (last - timedelta(days=1)).day))
