"""Terms of custody as bars on a line of time: a drawing, as SVG.

A bar begins on the first day of a term and ends with its last authorised day. What is
not covered (days past the end, gaps, a term without an end) has a pattern of its own
and says so in words: no meaning rests on colour. The drawing is one image for whoever
does not see it; `ledger.exchange.timeline.timeline_table` says all that it says. It
needs no script and no style sheet.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap

from msgspec import Struct

from ledger.exchange.markup import Html, element, joined, text
from ledger.exchange.time_words import Say
from ledger.exchange.timeline import (
    Bar,
    Scale,
    bar_words,
    cut_words,
    ends,
    scale_of,
)

WIDTH = 660
HEIGHT = 260  # of the bars of one drawing: two drawings fit on a printed page
_EDGE = 8
_LINE = 18
_BAR = 14
_COLUMNS = 84
_TICKS = 8
_LABEL, _HALF = 40, 42
_MONTH_STEPS = (1, 2, 3, 6, 12, 24)
_INK, _PALE, _RULE = "#111", "#d9e0e6", "#b4b4b4"


def _x(scale: Scale, ordinal: int) -> float:
    """Return where a day begins; days that are not shown lie on the edge."""
    return round(_EDGE + scale.share(ordinal) * (WIDTH - 2 * _EDGE), 1)


def timeline_svg(rows: Sequence[Bar], *, on: date, say: Say) -> Html:
    """Return the drawings of some terms, a few bars to each, all on one scale.

    Args:
        rows: The bars, in order.
        on: The day at whose end all is true; a line marks it.
        say: The catalogue.
    """
    return joined(drawing for drawing, _ in _drawings(rows, on=on, say=say))


def timeline_document(rows: Sequence[Bar], *, on: date, say: Say) -> Html:
    """Return the same drawings below one another, as one file of its own."""
    placed: list[Html] = []
    y = _EDGE * 1.0
    for drawing, height in _drawings(rows, on=on, say=say):
        placed.append(element("g", drawing, transform=f"translate({_EDGE},{_n(y)})"))
        y += height + 2 * _EDGE
    width = _n(WIDTH + 2 * _EDGE)
    return element(
        "svg",
        element("rect", width=width, height=_n(y), fill="#fff"),
        joined(placed),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {_n(y)}",
        width=width,
        height=_n(y),
        font_family="sans-serif",
    )


def _drawings(
    rows: Sequence[Bar], *, on: date, say: Say
) -> Iterator[tuple[Html, float]]:
    """Yield the drawings, each with its height."""
    scale = scale_of(rows, on=on)
    labelled = [_labelled(bar, scale, on=on, say=say) for bar in rows]
    groups = list(_grouped(labelled))
    for number, group in enumerate(groups, start=1):
        yield _drawing(group, scale, on=on, say=say, number=number, of=len(groups))


class _Labelled(Struct, frozen=True):
    """A bar with the lines of text above and below it."""

    bar: Bar
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def height(self) -> float:
        return _LINE * (len(self.above) + len(self.below)) + _BAR + 16


def _labelled(bar: Bar, scale: Scale, *, on: date, say: Say) -> _Labelled:
    long = len(bar.label) > _LABEL  # the table has it whole
    values: dict[str, str | int] = {
        "label": f"{bar.label[: _LABEL - 1]}…" if long else bar.label,
        "persons": bar.persons,
        "n": bar.persons_max,
        "first": bar.first_day(say),
    }
    if bar.last_day is None:
        head = say("page.bar.open", **values)
    else:
        head = say("page.bar.term", last=bar.last_day.isoformat(), **values)
    said = [*bar_words(bar, say), *cut_words(bar, scale, on=on, say=say)]
    below = [line for words in said for line in _wrap(words)]
    return _Labelled(bar, tuple(_wrap(head)), tuple(below))


def _wrap(words: str) -> list[str]:
    return wrap(words, _COLUMNS)


def _grouped(rows: Sequence[_Labelled]) -> Iterator[Sequence[_Labelled]]:
    """Yield the bars of one drawing after the other."""
    group: list[_Labelled] = []
    for row in rows:
        if group and sum(each.height for each in [*group, row]) > HEIGHT:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


class _Canvas:
    """Shapes of one drawing, and how far down they reach."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.y = 0.0
        self.shapes: list[Html] = []
        self.texts: list[Html] = []  # they lie above all shapes
        self.used: dict[str, None] = {}

    def words(self, words: str, *, x: float, y: float, **attributes: str) -> None:
        """Write a line of text, with a white edge against lines behind it."""
        self.texts.append(
            element(
                "text",
                text(words),
                x=_n(x),
                y=_n(y),
                stroke="#fff",
                stroke_width="4",
                stroke_linejoin="round",
                paint_order="stroke",
                **attributes,
            )
        )

    def box(self, kind: str, left: float, right: float, *, y: float) -> None:
        """Draw a part of a bar in the pattern of its kind."""
        self.used[kind] = None
        pale = kind in ("term", "provisional")
        dashes = {"stroke_dasharray": "5 3"} if kind in _DASHED else {}
        self.shapes.append(
            element(
                "rect",
                x=_n(left),
                y=_n(y),
                width=_n(max(right - left, 2)),
                height=_n(_BAR),
                fill=_PALE if pale else f"url(#{self.name}-{kind})",
                stroke=_INK,
                stroke_width="1.2",
                **dashes,
            )
        )

    def line(self, d: str, *, stroke: str = _INK, width: str = "1") -> None:
        """Draw a line."""
        self.shapes.append(
            element("path", d=d, stroke=stroke, stroke_width=width, fill="none")
        )

    def mark(self, x: float, *, y: float) -> None:
        """Draw two strokes through a bar: it goes on beyond the drawing."""
        for left in (x - 3, x + 3):
            stroke = f"M{_n(left - 3)},{_n(y + _BAR + 3)} L{_n(left + 3)},{_n(y - 3)}"
            self.line(stroke, stroke="#fff", width="4")
            self.line(stroke, width="1.4")


_DASHED = ("provisional", "no-end")
# The lines of each pattern in a square of 8 by 8.
_PATTERNS = {
    "over": "M-2,10 L10,-2 M-2,2 L2,-2 M6,10 L10,6",
    "gap": "M2,0 V8 M6,0 V8",
    "no-end": "M0,0 L8,8 M8,0 L0,8",
}


def _drawing(
    rows: Sequence[_Labelled],
    scale: Scale,
    *,
    on: date,
    say: Say,
    number: int,
    of: int,
) -> tuple[Html, float]:
    name = f"timeline-{number}"
    canvas = _Canvas(name)
    ticks = list(_axis(scale))
    top = _LINE + 4.0
    canvas.y = top
    for row in rows:
        _bar(canvas, row, scale, on=on)
    bottom = canvas.y + 4
    for at, label in ticks:
        anchor = _anchor(_x(scale, at), room=30)
        canvas.words(label, x=_x(scale, at), y=bottom + _LINE, text_anchor=anchor)
    here = _x(scale, on.toordinal() + 1)
    canvas.words(
        say("page.timeline.on", day=on.isoformat()),
        x=here,
        y=_LINE - 4,
        text_anchor=_anchor(here, room=75),
        font_weight="bold",
    )
    canvas.y = bottom + _LINE + 10
    canvas.line(f"M{_n(here)},{_n(top - 2)} V{_n(bottom + 4)}", width="2.4")
    _legend(canvas, say)
    grid = _Canvas(name)
    for at, _ in ticks:
        grid.line(f"M{_n(_x(scale, at))},{_n(top)} V{_n(bottom + 4)}", stroke=_RULE)
    days = {
        "first": date.fromordinal(scale.first).isoformat(),
        "last": date.fromordinal(scale.end - 1).isoformat(),
    }
    title = say("page.timeline.title", part=number, parts=of, **days)
    about = say("page.timeline.about", n=len(rows), on=on.isoformat())
    drawn = element(
        "svg",
        element("title", text(title), id=f"{name}-title"),
        element("desc", text(about), id=f"{name}-desc"),
        element("defs", *_patterns(name)),
        joined([*grid.shapes, *canvas.shapes, *canvas.texts]),
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        viewBox=f"0 0 {WIDTH} {_n(canvas.y)}",
        width=_n(WIDTH),
        height=_n(canvas.y),
        font_size="13.5",
        fill=_INK,
    )
    return drawn, canvas.y


def _bar(canvas: _Canvas, row: _Labelled, scale: Scale, *, on: date) -> None:
    for line in row.above:
        canvas.y += _LINE
        canvas.words(line, x=_EDGE, y=canvas.y - 4, font_weight="bold")
    _segments(canvas, row.bar, scale, on=on, y=canvas.y + 2)
    canvas.y += _BAR + 6
    for line in row.below:
        canvas.y += _LINE
        canvas.words(line, x=_EDGE, y=canvas.y - 4)
    canvas.y += 10


def _segments(canvas: _Canvas, bar: Bar, scale: Scale, *, on: date, y: float) -> None:
    start = bar.start.toordinal()
    if bar.last_day is None:
        end = max(on.toordinal(), start) + 1
        canvas.box("no-end", _x(scale, start), _x(scale, end), y=y)
    else:
        end = bar.last_day.toordinal() + 1
        kind = "provisional" if bar.provisional else "term"
        canvas.box(kind, _x(scale, start), _x(scale, end), y=y)
        if bar.over_until is not None:
            until = bar.over_until.toordinal() + 1
            canvas.box("over", _x(scale, end), _x(scale, until), y=y)
    for gap in bar.gaps:
        first, after = gap.first.toordinal(), gap.last.toordinal() + 1
        canvas.box("gap", _x(scale, first), _x(scale, after), y=y)
    for edge in _beyond(bar, scale, on=on):
        canvas.mark(edge, y=y)
    for tick in bar.ticks:
        at = _n(_x(scale, tick.day.toordinal()))
        canvas.used["tick"] = None
        canvas.line(f"M{at},{_n(y - 3)} V{_n(y + _BAR + 3)}", width="3")


def _beyond(bar: Bar, scale: Scale, *, on: date) -> Iterator[float]:
    """Yield the edges of the drawing beyond which a bar goes on."""
    if bar.start.toordinal() < scale.first:
        yield _EDGE + 12
    if max(ends(bar, on)).toordinal() >= scale.end:
        yield WIDTH - _EDGE - 12


def _legend(canvas: _Canvas, say: Say) -> None:
    """Say what each pattern in the drawing means: two on a line if all are short."""
    kinds = list(canvas.used)
    words = [say(f"page.key.{kind}") for kind in kinds]
    columns = 2 if max(map(len, words)) <= _HALF else 1
    for place, (kind, meaning) in enumerate(zip(kinds, words, strict=True)):
        left = _EDGE + (WIDTH / 2) * (place % columns)
        y = canvas.y + 2 + (_LINE + 4) * (place // columns)
        if kind == "tick":
            middle = _n(left + 17)
            canvas.line(f"M{middle},{_n(y - 1)} V{_n(y + _BAR)}", width="3")
        else:
            canvas.box(kind, left, left + 34, y=y)
        canvas.words(meaning, x=left + 44, y=y + _BAR - 2)
    canvas.y += (_LINE + 4) * -(-len(kinds) // columns) + 4


def _patterns(name: str) -> Iterator[Html]:
    for kind, lines in _PATTERNS.items():
        ground = element("path", d="M0,0 H8 V8 H0 Z", fill="#fff")
        drawn = element("path", d=lines, stroke=_INK, stroke_width="1.4", fill="none")
        yield element(
            "pattern",
            ground,
            drawn,
            id=f"{name}-{kind}",
            width="8",
            height="8",
            patternUnits="userSpaceOnUse",
        )


def _axis(scale: Scale) -> Iterator[tuple[int, str]]:
    """Yield the beginnings of months or years that are shown, a few of them."""
    begin, end = date.fromordinal(scale.first), date.fromordinal(scale.end - 1)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    step = next(s for s in _MONTH_STEPS if months <= s * _TICKS)
    count = begin.year * 12 + begin.month - 1
    for month in range(-(-count // step) * step, end.year * 12 + end.month, step):
        day = date(month // 12, month % 12 + 1, 1)
        if day >= begin:
            yield day.toordinal(), day.isoformat()[: 4 if step >= 12 else 7]  # noqa: PLR2004 (a year)


def _anchor(x: float, *, room: float) -> str:
    """Return how a text is placed so that it stays within the drawing."""
    if x < room:
        return "start"
    return "end" if x > WIDTH - room else "middle"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
