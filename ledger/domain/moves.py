"""How the parts of a transfer became what they are: who left, came back, moved on."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from ledger.domain.beginnings import Part


class Move(Struct, frozen=True):
    """Persons who left, came back, or whom a renewal made another part.

    Attributes:
        day: From the evening of which it holds.
        source: Key of the part that they left; None where they came back.
        target: Key of the part in which they are from then on; None where they left.
        n: How many.
        seq: The entry by which they came back or moved on; None where they left.
    """

    day: date
    source: tuple[object, ...] | None
    target: tuple[object, ...] | None
    n: int
    seq: int | None = None


class Course(Struct, frozen=True):
    """One way in which all can have gone by a day.

    Attributes:
        began: The parts as they began.
        moves: What followed, in the order in which it counts.
        held: The parts that somebody is in.
    """

    began: tuple[Part, ...]
    moves: tuple[Move, ...]
    held: tuple[Part, ...]


def who_left(
    before: Sequence[Part], after: Sequence[Part], *, day: date
) -> Iterator[Move]:
    """Yield who left on a day: the parts before it and after it."""
    rest = {part.key: part.persons.most for part in after}
    for part in before:
        n = part.persons.most - rest.get(part.key, 0)
        if n:
            yield Move(day, part.key, None, n)


def who_returned(
    before: Sequence[Part], after: Sequence[Part], *, day: date, seq: int
) -> Iterator[Move]:
    """Yield who came back on a day, and to which part: those before it and after it."""
    had = {part.key: part.persons.most for part in before}
    for part in after:
        n = part.persons.most - had.get(part.key, 0)
        if n:
            yield Move(day, None, part.key, n, seq)
