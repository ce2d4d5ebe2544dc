"""Which persons of a transfer earn which agreed sum on which days, by what right.

Days are cut wherever somebody comes or leaves, a term ends, a renewal begins or a gap
opens or closes: in between nothing changes. `ledger.domain.rates` has the readings.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.agreements import CompensationTerms
from ledger.domain.beginnings import Part, Period, began
from ledger.domain.cases import Case, counts
from ledger.domain.compensation import MONTHS, Basis, years
from ledger.domain.custody import Pool
from ledger.domain.instrument_sums import Stated, replaces
from ledger.domain.qualifying import plus
from ledger.domain.ranges import Range
from ledger.domain.terms import parts
from ledger.domain.weighing import day_after, held

ASSUMED: Basis = "ACT/365"


class Sum(Struct, frozen=True):
    """One sum per person, where it stands, and how its days are counted.

    Attributes:
        seq: The entry that agreed on it.
        terms: The sum.
        basis: The day count; None of a sum per day.
        basis_from: The entry that states the day count; None where nobody does.
    """

    seq: int
    terms: CompensationTerms
    basis: Basis | None
    basis_from: int | None

    @property
    def assumed(self) -> bool:
        """Return whether a day count was needed and none is stated."""
        return self.basis is not None and self.basis_from is None

    @property
    def counted_by(self) -> str:
        """Return the day count, or days."""
        return self.basis or "days"

    def units(self, first: date, stop: date) -> Fraction:
        """Return how many days, months or years there are from a day before another."""
        if self.basis is None:
            return Fraction((stop - first).days)
        count = years(first, stop, basis=self.basis)
        return count * MONTHS if self.terms.per == "person_month" else count


class Stretch(Struct, frozen=True):
    """Days on which the same persons earned the same sum by the same right.

    Attributes:
        first: The first of them.
        stop: The day after the last.
        sum: What they earned.
        authorised: Whether they were days with authority, or none was ever to end.
        carried: The renewal in force names no sum: the former is taken to go on.
        persons: How many.
        units: How many days, months or years.
    """

    first: date
    stop: date
    sum: Sum
    authorised: bool
    carried: bool
    persons: Range
    units: Fraction

    @property
    def days(self) -> int:
        """Return how many days."""
        return (self.stop - self.first).days

    def minor(self, persons: int) -> Fraction:
        """Return what some persons earned, in minor units, not rounded."""
        return self.sum.terms.money.minor * persons * self.units


Key: TypeAlias = tuple[bool, Sum | None, bool]


class Piece(Struct, frozen=True):
    """Days on which nothing changes: who is there, and with what right.

    Attributes:
        first: The first day.
        stop: The day after the last.
        parts: The parts there are.
        persons: How many are there, all told.
        classes: How many by authority, sum, and whether that is taken to go on.
    """

    first: date
    stop: date
    parts: tuple[Part, ...]
    persons: Range
    classes: Mapping[Key, Range]

    def share(self, key: Key) -> Range:
        """Return how many are of one class: its own count, or the rest of all."""
        if len(self.classes) == 1:
            return self.persons
        own = self.classes[key]
        rest = [each for other, each in self.classes.items() if other != key]
        least = self.persons.least - sum(each.most for each in rest)
        most = self.persons.most - sum(each.least for each in rest)
        return Range(max(0, min(own.least, least)), max(own.most, most), own.qualifier)


class Sums:
    """The sums per person of a transfer and its renewals."""

    def __init__(self, case: Case, stated: Stated) -> None:
        """Find them, and the day counts that the named instruments state."""
        self.case = case
        terms = stated.terms
        self.own = self._sum(stated.seq, terms)
        self.changed = [
            (day, self._sum(seq, each)) for day, seq, each in stated.changes
        ]
        self.renewed: dict[int, Sum | None] = {}
        for item in case.renewals:
            paying = case.pay_of(item)
            agreed = None if paying is None else paying.record.compensation
            if paying and agreed and counts(item.record.status):
                rate = replaces(agreed, terms)
                self.renewed[item.seq] = self._sum(paying.seq, agreed) if rate else None
        self.other = tuple(seq for seq, each in self.renewed.items() if each is None)

    def _sum(self, seq: int, terms: CompensationTerms) -> Sum:
        if terms.per == "person_day":
            return Sum(seq, terms, None, None)
        if terms.basis is not None:
            return Sum(seq, terms, terms.basis, seq)
        for item in reversed(self.case.instruments):
            agreed = item.record.compensation
            if (
                agreed is not None
                and agreed.basis is not None
                and (agreed.per, agreed.currency) == (terms.per, terms.currency)
                and item.record.type != "announcement"
                and counts(item.record.status)
            ):
                return Sum(seq, terms, agreed.basis, item.seq)
        return Sum(seq, terms, ASSUMED, None)

    def of(self, part: Part, day: date) -> tuple[Sum | None, bool]:
        """Return what a person of a part earns on a day, and whether it goes on."""
        reached = [period for period in part.periods if _begins(period) <= day]
        for back, period in enumerate(reversed(reached)):
            if period.deed in self.renewed:
                return self.renewed[period.deed], back > 0
        return self.stated_on(day), bool(reached)

    def stated_on(self, day: date) -> Sum:
        """Return what the transfer or its instrument states on a day."""
        reached = [each for since, each in self.changed if since <= day]
        return reached[-1] if reached else self.own


def _begins(period: Period) -> date:
    return max(period.begins, period.agreed_on)


def _gaps(part: Part) -> Iterator[tuple[date, date]]:
    """Yield the first day of each gap before a renewal, and the day after its last."""
    for period in part.periods:
        if period.gap is not None:
            yield period.gap.first, day_after(period.gap.last)


def _authorised(part: Part, day: date) -> bool:
    """Return whether a part has authority on a day, or one that is never to end."""
    if part.last_day is not None and day > part.last_day:
        return False
    return not any(first <= day < stop for first, stop in _gaps(part))


def _changes(part: Part) -> Iterator[date]:
    """Yield the days from which the right or the sum of a part is another."""
    if part.last_day is not None:
        yield day_after(part.last_day)
    for period in part.periods:
        yield _begins(period)
    for gap in _gaps(part):
        yield from gap


def begun_parts(pool: Pool, ref: str, *, on: date) -> list[Part]:
    """Return the terms of those received by a day; of those on the way if none is."""
    case = pool.cases[ref]
    found: dict[object, Part] = {}
    for day in [*(d for d in pool.days_of(ref) if d <= on), on]:
        for part in began(case, on=day):
            if part.start <= on:
                found[part.key] = part
    received = [part for part in found.values() if not part.provisional]
    return received or list(found.values())


def pieces(
    pool: Pool, ref: str, book: Sums, *, first: date, on: date, received: bool
) -> Iterator[Piece]:
    """Yield the days from the first term to a day, cut wherever something changes."""
    end = day_after(on)
    renewals = [item.record.agreed_on for item in pool.cases[ref].renewals]
    changes = [since for since, _ in book.changed]
    cuts = sorted({*pool.days_of(ref), *renewals, *changes})
    day = first
    while day < end:
        mine = tuple(
            part
            for part in parts(pool, ref, on=day, known=on, since=first)
            if part.provisional != received
        )
        later = [cut for cut in cuts if cut > day]
        later += [cut for part in mine for cut in _changes(part) if cut > day]
        stop = min([end, *later])
        classes: dict[Key, Range] = {}
        for part in mine:
            key = (_authorised(part, day), *book.of(part, day))
            before = classes.get(key, Range(0, 0))
            n = part.persons
            said = plus(before.qualifier, n.qualifier)
            classes[key] = Range(before.least + n.least, before.most + n.most, said)
        persons = replace(
            held(pool, ref, day=day, on=on, received=received),
            qualifier=plus(*(part.persons.qualifier for part in mine)),
        )
        yield Piece(day, stop, mine, persons, classes)
        day = stop


def stretches(piece: Piece, first: date) -> Iterator[Stretch]:
    """Yield what a piece earned, by right and sum; what earns nothing is left out."""
    for key in piece.classes:
        authorised, agreed, carried = key
        persons = piece.share(key)
        if agreed is not None and persons.most:
            yield Stretch(
                first=piece.first,
                stop=piece.stop,
                sum=agreed,
                authorised=authorised,
                carried=carried,
                persons=persons,
                units=agreed.units(first, piece.stop)
                - agreed.units(first, piece.first),
            )


def value(agreed: Sum, origin: date, first: date, stop: date) -> Fraction:
    """Return what one person earns from a day before another, in minor units."""
    units = agreed.units(origin, stop) - agreed.units(origin, first)
    return agreed.terms.money.minor * units
