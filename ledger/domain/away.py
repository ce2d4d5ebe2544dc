"""Whose part those were who left, for when some of them come back to it."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.domain.beginnings import Part, joined
from ledger.domain.ranges import Range
from ledger.domain.regained import Regained


class Away(Struct):
    """Who of one transfer had left which part, by the day on which they had left.

    Attributes:
        started: The parts as they began.
    """

    started: tuple[Part, ...]
    _gone: dict[date, list[Part]] = field(default_factory=dict)

    def note(self, before: Sequence[Part], after: Sequence[Part], *, on: date) -> None:
        """Note who left on a day: the parts before it and after it."""
        rest = {part.key: part.persons.most for part in after}
        for part in before:
            n = part.persons.most - rest.get(part.key, 0)
            if n:
                self._gone.setdefault(on, []).append(_of(part, n))

    def returned(self, held: list[Part], back: Regained) -> list[Part]:
        """Return the parts with those who came back, each in the part that they left.

        Where several parts had lost somebody that day, or the bounds of a pool leave
        open whether anybody had left, which part it is is assumed.
        """
        gone = self._gone.get(back.left, [])
        rest, assumed = back.n, len(gone) > 1
        for index, part in enumerate(gone):
            n = min(rest, part.persons.most)
            rest -= n
            gone[index] = _of(part, part.persons.most - n)
            if n:
                held = joined(held, replace(_of(part, n), assumed=assumed))
        if rest and self.started:
            held = joined(held, replace(_of(self.started[-1], rest), assumed=True))
        return held


def _of(part: Part, n: int) -> Part:
    return replace(part, persons=Range(n, n))
