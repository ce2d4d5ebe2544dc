"""What a sum agreed per person and year, month or day has earned by a day.

It earns for each person at the end of each day from the first day of the term: the
day of arrival counts, the day of the exit does not. Days on which there is no
authority (past the last authorised day, or in a gap before a renewal) are counted
apart: nobody agreed what they cost, and the sum of the days before is taken. A renewal
that names a sum per person of the same currency replaces it from its first day; under
one that names none the former goes on, which is assumed. What cannot be compared, a
total or another currency, earns nothing here.

Readings, where the words say nothing: a year has 365 days and a month a twelfth of
them (ACT/365, marked assumed); under 30/360 a month has 30 days; under month/12 a
month is earned on the day on which it is complete, by those who are there then.
Day counts run from the first day of the term for all persons of a transfer.

Bounds: where a pool leaves open who left, sums are linear in the allocation
(`ledger.domain.weighing`) as long as all persons earn the same; on days on which some
have no authority or another sum, those are taken off with their own bounds.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.custody import Pool
from ledger.domain.instrument_sums import Stated
from ledger.domain.qualifying import plus
from ledger.domain.ranges import Range
from ledger.domain.ratedays import (
    Piece,
    Stretch,
    Sum,
    Sums,
    begun_parts,
    pieces,
    stretches,
    value,
)
from ledger.domain.terms import ONE_DAY
from ledger.domain.weighing import Before, Bounds, held, weigh


class Line(Struct, frozen=True):
    """What one person earned by each day: where each piece starts, and what before.

    Attributes:
        origin: The day from which day counts run.
        pieces: First day, day after the last, and the sum, in the order of days.
    """

    origin: date
    pieces: tuple[tuple[date, date, Sum], ...]

    def before(self) -> Before:
        """Return the function that says what a person earned before a day."""
        starts = [first for first, _, _ in self.pieces]
        full = [self._part(piece, piece[1]) for piece in self.pieces]
        sums = [Fraction(0), *accumulate(full)]

        def earned(day: date) -> Fraction:
            number = bisect_right(starts, day)
            if not number:
                return Fraction(0)
            piece = self.pieces[number - 1]
            return sums[number - 1] + self._part(piece, min(day, piece[1]))

        return earned

    def days(self) -> Before:
        """Return the function that says on how many of the days before a day."""
        starts = [first for first, _, _ in self.pieces]

        def counted(day: date) -> Fraction:
            number = bisect_right(starts, day)
            spans = (min(day, p[1]) - p[0] for p in self.pieces[:number])
            return Fraction(sum(span.days for span in spans))

        return counted

    def _part(self, piece: tuple[date, date, Sum], stop: date) -> Fraction:
        first, _, agreed = piece
        units = agreed.units(self.origin, stop) - agreed.units(self.origin, first)
        return agreed.terms.money.minor * units


class Side(Struct, frozen=True):
    """Days with authority, or those without, in what they earn.

    Attributes:
        low: What a person surely earned who was there, and of whom nothing is taken.
        high: What such a person earned at most.
        off: What has to be taken off: of those who, on the same days, had no
            authority or another sum.
        days_off: As many person-days.
        added: What has to be added, of days on which it is known apart.
        days_added: As many person-days.
    """

    low: Line
    high: Line
    off: Bounds
    days_off: Range
    added: Bounds
    days_added: Range


class Rated(Struct, frozen=True):
    """What a rate has earned by the end of a day.

    Attributes:
        first: First day of the term, which counts.
        last: Its last authorised day, renewals included; None where none is recorded.
        received: Whether somebody was received: those on the way are not counted then.
        persons: How many are there on the day.
        stretches: The days, by persons and sum.
        authorised, beyond: The least and the most, in minor units and not rounded: of
            days with authority, and of the others.
        authorised_days, beyond_days: Over how many person-days.
        side: How those with authority are bounded, for a set of transfers.
        side_beyond: How the others are.
        own: What the transfer, or its instrument, agreed on first.
        other_sums: Renewals whose sum cannot be compared with the transfer's.
    """

    first: date
    last: date | None
    received: bool
    persons: Range
    stretches: tuple[Stretch, ...]
    authorised: Bounds
    beyond: Bounds
    authorised_days: Range
    beyond_days: Range
    side: Side
    side_beyond: Side
    own: Sum
    other_sums: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Return whether it is known how many were held on every day."""
        return all(stretch.persons.exact for stretch in self.stretches)

    @property
    def carried(self) -> bool:
        """Return whether a renewal without a sum is taken to go on at the former."""
        return any(stretch.carried for stretch in self.stretches)


def rated(pool: Pool, ref: str, stated: Stated, *, on: date) -> Rated | None:
    """Return what the rate of a transfer has earned by the end of a day.

    None where no term has begun.
    """
    begun = begun_parts(pool, ref, on=on)
    if not begun:
        return None
    first, received = min(part.start for part in begun), not begun[0].provisional
    book = Sums(pool.cases[ref], stated)
    found = list(pieces(pool, ref, book, first=first, on=on, received=received))
    rows = tuple(row for piece in found for row in stretches(piece, first))
    sides = [_side(found, first, authorised=which) for which in (True, False)]
    bounds, days = [], []
    for which, side in zip((True, False), sides, strict=True):
        mine = [row for row in rows if row.authorised == which]
        money, counted = bounds_of({ref: side}, pool, on=on, received=[ref] * received)
        bounds.append(
            _within(
                money,
                sum((row.minor(row.persons.least) for row in mine), Fraction(0)),
                sum((row.minor(row.persons.most) for row in mine), Fraction(0)),
            )
        )
        low, high = _within(
            counted,
            Fraction(sum(row.days * row.persons.least for row in mine)),
            Fraction(sum(row.days * row.persons.most for row in mine)),
        )
        said = plus(*(row.persons.qualifier for row in mine))
        days.append(Range(int(low), int(high), said))
    there = held(pool, ref, day=on, on=on, received=received)
    there = replace(there, qualifier=found[-1].persons.qualifier)
    ends = {part.last_day for piece in found for part in piece.parts}
    ends = ends or {part.last_day for part in begun}
    return Rated(
        first=first,
        last=None if None in ends else max(end for end in ends if end is not None),
        received=received,
        persons=there,
        stretches=rows,
        authorised=bounds[0],
        beyond=bounds[1],
        authorised_days=days[0],
        beyond_days=days[1],
        side=sides[0],
        side_beyond=sides[1],
        own=book.own,
        other_sums=book.other,
    )


def bounds_of(
    sides: Mapping[str, Side], pool: Pool, *, on: date, received: Sequence[str]
) -> tuple[Bounds, Bounds]:
    """Return the bounds of some transfers of a pool, in minor units and person-days.

    Args:
        sides: The transfers, each with what its persons earn.
        pool: Their pool.
        on: The last day that counts.
        received: Those of which somebody was received.
    """
    low = {ref: side.low.before() for ref, side in sides.items()}
    high = {ref: side.high.before() for ref, side in sides.items()}
    days = {ref: side.low.days() for ref, side in sides.items()}
    least = weigh(pool, low, on=on, received=received)[0]
    most = weigh(pool, high, on=on, received=received)[1]
    counted = weigh(pool, days, on=on, received=received)
    every = sides.values()
    return (
        (
            least + sum(s.added[0] - s.off[1] for s in every),
            most + sum(s.added[1] - s.off[0] for s in every),
        ),
        (
            counted[0] + sum(s.days_added.least - s.days_off.most for s in every),
            counted[1] + sum(s.days_added.most - s.days_off.least for s in every),
        ),
    )


def _within(bounds: Bounds, least: Fraction, most: Fraction) -> Bounds:
    """Return bounds that are no wider than others that hold too."""
    return max(bounds[0], least), min(bounds[1], most)


def _side(found: Sequence[Piece], first: date, *, authorised: bool) -> Side:
    """Return how days with authority, or those without, are bounded.

    Where both are on the same days, those with authority are the rest of all, and
    those without are counted by themselves.
    """
    low: list[tuple[date, date, Sum]] = []
    high: list[tuple[date, date, Sum]] = []
    off, days_off = [Fraction(0), Fraction(0)], [0, 0]
    added, days_added = [Fraction(0), Fraction(0)], [0, 0]
    for piece in found:
        mine = [key for key in piece.classes if key[0] == authorised and key[1]]
        others = [key for key in piece.classes if key not in mine]
        if not mine:
            continue
        span = (piece.stop - piece.first).days
        if not authorised and others:
            for key in mine:
                assert key[1] is not None  # noqa: S101 (chosen so)
                earned = value(key[1], first, piece.first, piece.stop)
                n = piece.share(key)
                added = [added[0] + n.least * earned, added[1] + n.most * earned]
                days_added = [
                    days_added[0] + n.least * span,
                    days_added[1] + n.most * span,
                ]
            continue
        sums = [key[1] for key in mine if key[1] is not None]
        cheap, dear = _ends(sums, first, piece)
        low += cheap
        high += dear
        least = sum(piece.classes[key].least for key in others)
        most = sum(piece.classes[key].most for key in others)
        off[0] += least * sum(value(s, first, a, b) for a, b, s in dear)
        off[1] += most * sum(value(s, first, a, b) for a, b, s in cheap)
        days_off = [days_off[0] + least * span, days_off[1] + most * span]
    return Side(
        low=Line(first, tuple(low)),
        high=Line(first, tuple(high)),
        off=(off[0], off[1]),
        days_off=Range(days_off[0], days_off[1]),
        added=(added[0], added[1]),
        days_added=Range(days_added[0], days_added[1]),
    )


_Days = list[tuple[date, date, Sum]]


def _ends(sums: Sequence[Sum], first: date, piece: Piece) -> tuple[_Days, _Days]:
    """Return the cheapest and the dearest sum of each day of a piece."""
    if len(set(sums)) == 1:
        whole = [(piece.first, piece.stop, sums[0])]
        return whole, whole
    low, high = [], []
    day = piece.first
    while day < piece.stop:
        after = day + ONE_DAY
        ordered = sorted(sums, key=lambda each: value(each, first, day, after))
        low.append((day, after, ordered[0]))
        high.append((day, after, ordered[-1]))
        day = after
    return low, high
