"""What an agreed sum has earned by a day, whether it is a total or a rate.

A total earns over its first term (`ledger.domain.accruing`). A rate earns for each
person at the end of each day from the first day of that term to its last authorised
day, so that an exit day is not counted; where a pool or a count leaves open how many
there were, it is a range. A term without a recorded end stops no rate. Days past the
last authorised day, and renewals, earn nothing here: nobody recorded what they cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from ledger.domain.accruing import State, accrual_of
from ledger.domain.agreements import CompensationTerms
from ledger.domain.beginnings import Part, began
from ledger.domain.compensation import MONTHS, Basis, round_half_even, years
from ledger.domain.custody import Pool
from ledger.domain.flows import Range
from ledger.domain.money import Money

_ONE_DAY = timedelta(days=1)
_ASSUMED: Basis = "ACT/365"


@dataclass(frozen=True, slots=True)
class Earning:
    """What was agreed, and what it has earned by the end of a day.

    Attributes:
        terms: What was agreed.
        first: First day of the term, which counts.
        last: Its last authorised day, inclusive; None where none is recorded.
        provisional: Nobody has been received: counted from the departure.
        state: Nobody is left (`ended`), somebody is (`running`), or it is `open`.
        basis: The day count; None for days over the days of the term, or for days.
        assumed: No basis is stated, and one was needed.
        accrued: The least and the most.
        unused: What is left of a total, least and most; None of a rate.
        persons: How many were there at the end of the last day that counts; None of
            a total.
        person_days: Over how many person-days it was counted; None of a total.
    """

    terms: CompensationTerms
    first: date
    last: date | None
    provisional: bool
    state: State
    basis: Basis | None
    assumed: bool
    accrued: tuple[Money, Money]
    unused: tuple[Money, Money] | None
    persons: Range | None
    person_days: Range | None

    @property
    def counted_by(self) -> str:
        """Return how the part that was earned is counted: a day count, or days."""
        if self.basis is not None:
            return self.basis
        return "days-of-term" if self.terms.per == "total" else "days"


def earning_of(pool: Pool, ref: str, *, on: date) -> Earning | None:
    """Return what the agreed sum of a transfer has earned by the end of a day.

    None where no sum is agreed, or no term has begun (for a total: none with an end).
    """
    terms = pool.cases[ref].compensation
    if terms is None:
        return None
    if terms.per == "total":
        return _total(pool, ref, on=on)
    return _rate(pool, ref, terms, on=on)


def _total(pool: Pool, ref: str, *, on: date) -> Earning | None:
    earned = accrual_of(pool, ref, on=on)
    if earned is None:
        return None
    least, most = earned.least, earned.most
    return Earning(
        terms=earned.terms,
        first=earned.first,
        last=earned.last,
        provisional=earned.provisional,
        state=earned.state,
        basis=least.basis,
        assumed=False,
        accrued=(least.accrued, most.accrued),
        unused=(most.unused, least.unused),
        persons=None,
        person_days=None,
    )


def _rate(
    pool: Pool, ref: str, terms: CompensationTerms, *, on: date
) -> Earning | None:
    parts = _begun(pool, ref, on=on)
    if not parts:
        return None
    first = min(part.start for part in parts)
    ends = [part.last_day for part in parts]
    last = None if None in ends else max(end for end in ends if end is not None)
    until = on if last is None else min(on, last)
    received = not parts[0].provisional
    days = [d for d in pool.event_days() if first < d <= until]
    stretches = list(
        _stretches(pool, ref, [first, *days], until=until, received=received)
    )
    basis = terms.basis or _ASSUMED
    persons = stretches[-1][2]
    per_day = terms.per == "person_day"
    units = [
        _units(terms.per, first, stop, basis=basis)
        - _units(terms.per, first, day, basis=basis)
        for day, stop, _ in stretches
    ]
    rests = [rest for _, _, rest in stretches]
    lengths = [(stop - day).days for day, stop, _ in stretches]
    return Earning(
        terms=terms,
        first=first,
        last=last,
        provisional=not received,
        state=_state(persons),
        basis=None if per_day else basis,
        assumed=not per_day and terms.basis is None,
        accrued=(
            _times(terms, sum(u * r.least for u, r in zip(units, rests, strict=True))),
            _times(terms, sum(u * r.most for u, r in zip(units, rests, strict=True))),
        ),
        unused=None,
        persons=persons,
        person_days=Range(
            sum(n * r.least for n, r in zip(lengths, rests, strict=True)),
            sum(n * r.most for n, r in zip(lengths, rests, strict=True)),
        ),
    )


def _begun(pool: Pool, ref: str, *, on: date) -> list[Part]:
    """Return the terms of those received by a day; of those on the way if none is."""
    case = pool.cases[ref]
    found: dict[object, Part] = {}
    for day in [*(d for d in pool.event_days() if d <= on), on]:
        for part in began(case, on=day):
            if part.start <= on:
                found[part.key] = part
    received = [part for part in found.values() if not part.provisional]
    return received or list(found.values())


def _stretches(
    pool: Pool, ref: str, days: list[date], *, until: date, received: bool
) -> Iterator[tuple[date, date, Range]]:
    """Yield first day, day after the last, and persons of each stretch of days."""
    end = date.max if until == date.max else until + _ONE_DAY
    for day, stop in pairwise([*sorted(set(days)), max(end, days[0])]):
        balance = pool.balance(ref, on=day)
        yield day, stop, balance.held if received else balance.remaining


def _units(per: str, first: date, stop: date, *, basis: Basis) -> Fraction:
    """Return how many days, months or years there are before a day."""
    match per:
        case "person_day":
            return Fraction((stop - first).days)
        case "person_month":
            return years(first, stop, basis=basis) * MONTHS
        case _:
            return years(first, stop, basis=basis)


def _times(terms: CompensationTerms, units: Fraction | int) -> Money:
    minor = round_half_even(terms.money.minor * Fraction(units))
    return Money(currency=terms.currency, minor=minor)


def _state(persons: Range) -> State:
    if persons.least:
        return "running"
    return "open" if persons.most else "ended"
