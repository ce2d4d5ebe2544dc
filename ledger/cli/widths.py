"""How wide each column of a table is drawn, so that nothing is ever cut."""

from collections.abc import Sequence

EDGE = 1
"""Columns of the terminal that a table's left edge takes."""

GAP = 3
"""Columns that every column of the table takes beside its own: padding and a rule."""


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
