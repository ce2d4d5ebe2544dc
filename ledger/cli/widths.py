"""How wide each column of a table is drawn, so that nothing is ever cut."""

import re
import textwrap
from collections.abc import Sequence

EDGE = 1
"""Columns of the terminal that a table's left edge takes."""

GAP = 3
"""Columns that every column of the table takes beside its own: padding and a rule."""

INDENT = 2
"""Columns before a value that stands below its heading, or between the two."""

LONGEST_WORD = 30
"""A hash or a URL is broken at the edge of its column; a shorter word is not."""

_fingerprint = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
"""It is read aloud and copied, and is never broken."""


def narrowest(text: str) -> int:
    """Return the least width in which a text breaks nothing that must stay whole."""
    return max(
        (
            len(word) if _fingerprint.search(word) else min(len(word), LONGEST_WORD)
            for word in text.split()
        ),
        default=0,
    )


def stacked(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, room: int
) -> str:
    """Return rows with every value below its heading: for a narrow terminal.

    Args:
        headings: One for each column.
        rows: One value for each column.
        room: Width of the terminal, in characters.
    """
    edge = " " * INDENT
    records = []
    for row in rows:
        lines = []
        for heading, value in zip(headings, row, strict=True):
            text = f"{heading}{edge}{value}".rstrip()
            if len(text) <= room:
                lines.append(text)
                continue
            lines += [heading, *_wrapped(value, room=room, edge=edge)]
        records.append("\n".join(lines))
    return "\n\n".join(records) + "\n"


def _wrapped(value: str, *, room: int, edge: str) -> list[str]:
    """Return the lines of a value; what is wider than the terminal has no edge."""
    fits = narrowest(value) + len(edge) <= room
    edge = edge if fits else ""
    return textwrap.wrap(
        value,
        max(room, 1),
        initial_indent=edge,
        subsequent_indent=edge,
        break_on_hyphens=False,
    )


def allotted(
    natural: Sequence[int], least: Sequence[int], *, room: int
) -> list[int] | None:
    """Return the width of each column, or None where a word would have to be broken.

    The widest column gives way first, one step at a time, and none below its longest
    word: `least[i] <= result[i] <= natural[i]`, and with edge and gaps the sum is at
    most `room`, or exactly the natural widths where they fit.

    Args:
        natural: Width of the longest cell of each column, in characters.
        least: Width of the longest word of each column.
        room: Width of the terminal.
    """
    spare = room - EDGE - sum(GAP + width for width in natural)
    widths = list(natural)
    if spare < sum(low - width for low, width in zip(least, widths, strict=True)):
        return None
    for _ in range(-spare):
        widest = max(
            (index for index, low in enumerate(least) if widths[index] > low),
            key=widths.__getitem__,
        )
        widths[widest] -= 1
    return widths
