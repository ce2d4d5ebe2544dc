import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.plaintext import clean
from ledger.exchange.timeline import Bar, Gap, Tick, timeline_table
from ledger.exchange.timeline_svg import (
    HEIGHT,
    WIDTH,
    timeline_document,
    timeline_svg,
)
from tests.exchange.pages import Page, read_page

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
    gaps=(
        Gap(date(2024, 9, 1), date(2024, 9, 1)),
        Gap(date(2025, 3, 1), date(2025, 3, 15)),
    ),
    gap_days=3,
    ticks=(Tick(date(2025, 7, 18), "repatriated: 252"),),
)
EMPTIED = Bar(
    "T-6",
    date(2025, 3, 16),
    date(2025, 9, 15),
    17,
    17,
    over_until=date(2025, 10, 2),
    emptied=True,
)
ALL = (TERM, OVER, OPEN, PROVISIONAL, BROKEN, EMPTIED)


def drawn(*bars: Bar, on: date = ON) -> Page:
    return read_page(timeline_svg(bars, on=on, say=SAY))


def table(*bars: Bar) -> Page:
    return read_page(timeline_table(bars, say=SAY))


def patterns(page: Page) -> set[str]:
    fills = [named.get("fill", "") for tag, named in page.elements if tag == "rect"]
    return {fill.rpartition("-1-")[2][:-1] for fill in fills if fill.startswith("url")}


def spaced(text: str) -> str:
    """Return a text on one line: a drawing breaks its lines."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("bar", "words", "pattern"),
    [
        (TERM, ["T-1: 0\u201335 persons, 2025-03-16 to 2026-03-15"], set()),
        (OVER, ["96 days past the last authorised day, by 2025-12-20"], {"over"}),
        (
            EMPTIED,
            [
                "17 days past the last authorised day, by 2025-10-02",
                "the last on which somebody of it was held",
            ],
            {"over"},
        ),
        (OPEN, ["1 person, from 2025-04-12", "without recorded authority"], {"no-end"}),
        (PROVISIONAL, ["provisional: no arrival is recorded"], set()),
        (
            BROKEN,
            [
                "1 day without authority: 2024-09-01",
                "15 days without authority: 2025-03-01 to 2025-03-15",
                "3 days without authority before a renewal",
                "2025-07-18: repatriated: 252",
                "an event, named below its bar",
            ],
            {"gap"},
        ),
    ],
)
def test_what_a_pattern_marks_is_said_in_words(
    bar: Bar, words: list[str], pattern: set[str]
) -> None:
    page = drawn(bar)

    assert [each for each in words if each not in spaced("\n".join(page.parts))] == []
    assert patterns(page) == pattern


def test_a_provisional_bar_has_a_dashed_edge() -> None:
    boxes = [named for tag, named in drawn(PROVISIONAL).elements if tag == "rect"]

    assert {named.get("stroke-dasharray") for named in boxes} == {"5 3"}


def test_a_drawing_is_one_image_with_a_name_and_a_description() -> None:
    page = drawn(*ALL[:2])
    (svg,) = [named for tag, named in page.elements if tag == "svg"]

    assert svg["role"] == "img"
    assert svg["aria-labelledby"] == "timeline-1-title"
    assert svg["aria-describedby"] == "timeline-1-desc"
    assert "Terms from 2025-03-16 to 2026-03-15, drawing 1 of 1" in page.parts
    assert any(part.startswith("2 bars, each") for part in page.parts)


def test_the_table_says_all_that_the_drawing_says() -> None:
    said = table(*ALL)
    rows = "".join(said.parts)

    for bar in ALL:
        assert bar.label in rows
        assert bar.persons in rows
        assert bar.start.isoformat() in rows
    assert "none recorded" in rows
    assert "15 days without authority: 2025-03-01 to 2025-03-15" in rows
    scopes = [named["scope"] for tag, named in said.elements if tag == "th"]
    assert scopes == ["col"] * 5 + ["row"] * len(ALL)


def test_a_table_with_nothing_to_remark_has_no_column_for_it() -> None:
    assert "To be known" not in table(TERM).parts
    assert "To be known" in table(TERM, OVER).parts


def test_a_short_table_is_kept_on_one_printed_page() -> None:
    assert table(*[TERM] * 12).elements[0][1] == {"class": "terms keep"}
    assert table(*[TERM] * 13).elements[0][1] == {"class": "terms"}


def test_many_bars_fall_into_drawings_on_one_scale() -> None:
    page = drawn(*[TERM, OVER] * 20)
    heights = [float(named["height"]) for tag, named in page.elements if tag == "svg"]
    days = {re.sub("drawing.*", "", part) for part in page.parts if "drawing" in part}

    assert len(heights) > 4
    assert max(heights) < HEIGHT + 160
    assert days == {"Terms from 2025-03-16 to 2026-03-15, "}


def test_a_legend_of_long_words_has_one_to_a_line() -> None:
    sentences = dict(Catalogue.load("en").sentences)
    longer = Catalogue("en", {**sentences, "page.key.over": "past " * 12})
    short = drawn(OVER)
    long = read_page(timeline_svg([OVER], on=ON, say=longer.say))
    heights = [float(page.elements[0][1]["height"]) for page in (short, long)]

    assert heights[1] - heights[0] == 22


def test_no_bars_are_no_drawing() -> None:
    assert timeline_svg((), on=ON, say=SAY) == ""


def test_what_lies_many_years_away_is_cut_and_says_so() -> None:
    bar = Bar("T-1", date.min, date.max, 1, 1)
    page = spaced("\n".join(drawn(bar, TERM).parts))

    assert "it began before 2013-12-11, where the drawing begins" in page
    assert "it goes on after 2028-12-22, where the drawing ends" in page
    assert "T-1: 1 person, 0001-01-01 to 9999-12-31" in page


@pytest.mark.parametrize("on", [date.min, date.max, date(2025, 3, 16)])
def test_a_drawing_of_any_day_is_possible(on: date) -> None:
    page = drawn(Bar("T-1", on, on, 1, 1), Bar("T-2", on, None, 1, 1), on=on)

    assert f"end of {on}" in page.parts


def test_the_axis_names_years_where_months_would_be_too_many() -> None:
    years = Bar("T-1", date(2015, 9, 1), date(2018, 8, 31), 242, 242)
    page = drawn(years, on=date(2018, 9, 1))
    longer = drawn(years, TERM)

    assert [e for e in page.parts if "2016-" in e] == ["2016-01", "2016-07"]
    assert "2024" in longer.parts
    assert "2015-09" not in longer.parts


def test_a_long_label_is_shortened_in_the_drawing_and_whole_in_the_table() -> None:
    bar = Bar("W" * 300, TERM.start, TERM.last_day, 1, 1)

    assert f"{'W' * 39}…: 1 person, 2025-03-16 to 2026-03-15" in drawn(bar).parts
    assert "W" * 300 in table(bar).parts


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    start = draw(days)
    length = timedelta(days=draw(st.integers(0, 900)))
    last = draw(st.none() | st.just(start + length))
    n, more = draw(st.integers(0, 10**7)), draw(st.integers(0, 40))
    until = None if last is None else draw(st.none() | st.just(last + length))
    gap = Gap(start, start + length)
    tick = Tick(draw(days), draw(st.text(max_size=20)))
    return Bar(
        draw(st.text(max_size=60)),
        start,
        last,
        n,
        n + more,
        provisional=draw(st.booleans()),
        over_until=until,
        gaps=draw(st.sampled_from([(), (gap,)])),
        gap_days=draw(st.integers(0, 2)),
        ticks=draw(st.sampled_from([(), (tick,)])),
    )


some: SearchStrategy[list[Bar]] = st.lists(bars(), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(some, days)
def test_any_bars_are_drawn_inside_the_drawing_and_told(
    found: list[Bar], on: date
) -> None:
    page = drawn(*found, on=on)
    said = table(*found)

    assert timeline_svg(found, on=on, say=SAY) == timeline_svg(found, on=on, say=SAY)
    for tag, named in page.elements:
        if tag == "rect":
            left, width = float(named["x"]), float(named["width"])
            assert 0 <= left <= left + width <= WIDTH
        if tag == "text":
            assert 0 <= float(named["x"]) <= WIDTH
    for bar in found:
        assert bar.start.isoformat() in "\n".join(page.parts)
        assert all(clean(tick.words) in said.text for tick in bar.ticks)
        assert clean(bar.label) in said.text


def test_a_file_of_its_own_is_one_image_with_every_drawing_in_it() -> None:
    many = [TERM] * 9
    document = timeline_document(many, on=ON, say=SAY)
    # It was made by the line above.
    root = ET.fromstring(document)  # noqa: S314
    inner = root.findall("{*}g/{*}svg")
    tops = [
        float(g.attrib["transform"].split(",")[1][:-1])
        for g in root
        if "transform" in g.attrib
    ]
    heights = [float(svg.attrib["height"]) for svg in inner]

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(inner) > 1
    assert all(b >= a + h for a, h, b in zip(tops, heights, tops[1:], strict=False))
    assert float(root.attrib["height"]) >= tops[-1] + heights[-1]
    assert len(root.findall(".//*[@id]")) == len(
        {each.attrib["id"] for each in root.findall(".//*[@id]")}
    )
