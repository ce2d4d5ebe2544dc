"""Terms as bars of plain characters: they fit a terminal and need no Unicode.

Each kind of day has a character of its own, named below the bars; what a bar shows is
said in words under it too.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap

from ledger.exchange.time_words import Say
from ledger.exchange.timeline import (
    Bar,
    Scale,
    bar_words,
    cut_words,
    scale_of,
)

MARKS = {
    "term": "=",
    "provisional": "~",
    "no-end": "?",
    "over": "!",
    "gap": ".",
    "tick": "|",
}
_INDENT = "  "


def draw(bars: Sequence[Bar], *, on: date, columns: int, say: Say) -> Iterator[str]:
    """Yield the lines of a drawing, none longer than `columns`."""
    scale = scale_of(bars, on=on)
    used: dict[str, None] = {}
    for bar in bars:
        yield from wrap(bar_title(bar, say), columns)
        yield _line(bar, scale, on=on, columns=columns, used=used)
        for words in (*bar_words(bar, say), *cut_words(bar, scale, on=on, say=say)):
            yield from wrap(
                words,
                columns,
                initial_indent=_INDENT,
                subsequent_indent=_INDENT,
            )
        yield ""
    here = _at(scale, on.toordinal(), columns)
    yield f"{'^':>{here + 1}}"
    yield from _axis(scale, on=on, columns=columns, say=say)
    for kind in (kind for kind in MARKS if kind in used):
        yield from wrap(
            f"{MARKS[kind]} {say(f'page.key.{kind}')}",
            columns,
            subsequent_indent=_INDENT,
        )


def bar_title(bar: Bar, say: Say) -> str:
    """Return what a bar is the term of, for how many, from when to when."""
    values: dict[str, str | int] = {
        "label": bar.label,
        "persons": bar.persons,
        "n": bar.persons_max,
        "first": bar.first_day(say),
    }
    if bar.last_day is None:
        return say("page.bar.open", **values)
    return say("page.bar.term", last=bar.last_day.isoformat(), **values)


def sentences(bars: Sequence[Bar], *, say: Say) -> Iterator[str]:
    """Yield the same as the drawing says, as sentences, a line each."""
    for bar in bars:
        # A title may begin with `us:T-1`, which has small letters.
        said = (f"{part[:1].upper()}{part[1:]}" for part in bar_words(bar, say))
        yield " ".join(f"{part}." for part in (bar_title(bar, say), *said))


def _axis(scale: Scale, *, on: date, columns: int, say: Say) -> Iterator[str]:
    first = date.fromordinal(scale.first).isoformat()
    last = date.fromordinal(scale.end - 1).isoformat()
    yield f"{first}{last:>{max(columns - len(first), len(last) + 1)}}"
    yield f"^ {say('page.timeline.on', day=on.isoformat())}"


def _at(scale: Scale, ordinal: int, columns: int) -> int:
    """Return the column in which a day is shown."""
    return min(int(scale.share(ordinal) * columns), columns - 1)


def _line(
    bar: Bar, scale: Scale, *, on: date, columns: int, used: dict[str, None]
) -> str:
    cells = [" "] * columns

    def fill(kind: str, first: date, last: date) -> None:
        used[kind] = None
        start = _at(scale, first.toordinal(), columns)
        end = max(_at(scale, last.toordinal(), columns), start)
        cells[start : end + 1] = MARKS[kind] * (end + 1 - start)

    if bar.last_day is None:
        fill("no-end", bar.start, max(on, bar.start))
    else:
        # The later is drawn first, so that a short rest is not drawn over.
        if bar.over_until is not None:
            fill("over", bar.last_day, bar.over_until)
        fill("provisional" if bar.provisional else "term", bar.start, bar.last_day)
    for gap in bar.gaps:
        fill("gap", gap.first, gap.last)
    for tick in bar.ticks:
        fill("tick", tick.day, tick.day)
    return "".join(cells).rstrip()
