"""Bars of plain characters: they fit, and say in words what they show."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cli.bars import MARKS, draw, sentences
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.timeline import Bar, Gap, Tick

SAY = Catalogue.load("en").say
ON = date(2025, 12, 20)
TERM = Bar("T-1", date(2025, 3, 16), date(2026, 3, 15), 0, 35)
OVER = Bar("T-2", date(2025, 3, 16), date(2025, 9, 15), 17, 17, over_until=ON)
OPEN = Bar("T-3", date(2025, 4, 12), None, 1, 1)
PROVISIONAL = Bar("T-4", date(2025, 12, 1), date(2025, 12, 30), 8, 8, provisional=True)
BROKEN = Bar(
    "T-5",
    date(2024, 3, 1),
    date(2026, 2, 28),
    5,
    6,
    gaps=(Gap(date(2025, 3, 1), date(2025, 5, 15)),),
    ticks=(Tick(date(2025, 7, 18), "252 repatriated"),),
)
FAR = Bar("T-6", date(1990, 1, 1), date(9999, 12, 31), 1, 1)
EMPTIED = Bar(
    "T-7",
    date(2025, 3, 16),
    date(2025, 9, 15),
    17,
    17,
    over_until=date(2025, 10, 2),
    emptied=True,
    ticks=(Tick(date(2025, 10, 3), "17 released"),),
)
ALL = (TERM, OVER, OPEN, PROVISIONAL, BROKEN, FAR, EMPTIED)


def drawn(*bars: Bar, columns: int = 60) -> list[str]:
    return list(draw(bars, on=ON, columns=columns, say=SAY))


@pytest.mark.parametrize(
    ("bar", "marks"),
    [
        (TERM, {"="}),
        (OVER, {"=", "!"}),
        (OPEN, {"?"}),
        (PROVISIONAL, {"~"}),
        (BROKEN, {"=", ".", "|"}),
        (EMPTIED, {"=", "!", "|"}),
    ],
)
def test_each_kind_of_day_has_a_mark_that_is_explained(
    bar: Bar, marks: set[str]
) -> None:
    lines = drawn(bar)
    kinds = [kind for kind, mark in MARKS.items() if mark in marks]

    assert set(lines[1]) - {" "} == marks
    assert [line[0] for line in lines[-len(kinds) :]] == [MARKS[k] for k in kinds]


def test_the_day_that_is_asked_about_is_marked_at_its_place() -> None:
    lines = drawn(TERM)
    axis = next(n for n, line in enumerate(lines) if line.startswith("2025-03-16"))

    assert lines[axis - 1] == f"{'^':>{int(279 / 365 * 60) + 1}}"
    assert lines[axis] == f"2025-03-16{'2026-03-15':>50}"
    assert lines[axis + 1] == "^ end of 2025-12-20"


def test_a_bar_that_goes_on_beyond_the_drawing_says_so() -> None:
    text = " ".join(" ".join(drawn(FAR)).split())

    assert "it began before 2013-12-11" in text
    assert "it goes on after" in text


def test_the_sentences_say_all_that_the_drawing_says() -> None:
    said = list(sentences(ALL, say=SAY))

    assert len(said) == len(ALL)
    assert said[1] == (
        "T-2: 17 persons, 2025-03-16 to 2025-09-15. "
        "96 days past the last authorised day, by 2025-12-20."
    )
    assert said[4].endswith("2025-03-01 to 2025-05-15. 2025-07-18: 252 repatriated.")


DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=3), st.integers(21, 200))
@settings(max_examples=60)
def test_no_line_is_wider_than_the_terminal(
    terms: list[tuple[date, date]], columns: int
) -> None:
    bars = [Bar("T-1", min(term), max(term), 1, 2, over_until=ON) for term in terms]
    lines = drawn(*bars, columns=columns)

    assert max(map(len, lines)) <= columns
    assert all(line.isascii() for line in lines if set(line) <= set("=!. "))
