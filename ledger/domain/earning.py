"""What an agreed sum has earned by a day, whether it is a total or a rate.

A total earns over its first term (`ledger.domain.accruing`), a rate for each person
and day, with days that had no authority apart (`ledger.domain.rates`). A term without
a recorded end stops no rate. Sums are rounded once for each transfer, half to even.
"""

from datetime import date

from msgspec import Struct

from ledger.domain.accruing import Earned, State, accrual_of
from ledger.domain.agreements import CompensationTerms
from ledger.domain.compensation import Basis, round_half_even
from ledger.domain.custody import Pool
from ledger.domain.flows import Range
from ledger.domain.instrument_sums import Stated, sum_of
from ledger.domain.money import Money
from ledger.domain.rates import Rated, rated
from ledger.domain.weighing import Bounds


class Earning(Struct, frozen=True):
    """What was agreed, and what it has earned by the end of a day.

    Attributes:
        stated: Where it stands: in the transfer, or in an instrument.
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
        beyond: What days without authority came to, apart; None of a total.
        beyond_days: Over how many person-days that was counted; None of a total.
        rated: How a rate was counted, day by day; None of a total.
    """

    stated: Stated
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
    beyond: tuple[Money, Money] | None = None
    beyond_days: Range | None = None
    rated: Rated | None = None

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
    found = sum_of(pool.cases[ref], on=on)
    if found is None:
        return None
    if found.terms.per == "total":
        return _total(pool, ref, found, on=on)
    return _rate(pool, ref, found, on=on)


def _total(pool: Pool, ref: str, stated: Stated, *, on: date) -> Earning | None:
    earned = accrual_of(pool, ref, on=on)
    return None if earned is None else total_earning(earned, stated)


def total_earning(earned: Earned, stated: Stated) -> Earning:
    """Return what a total has earned in the form that rates share."""
    least, most = earned.least, earned.most
    return Earning(
        stated=stated,
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


def _rate(pool: Pool, ref: str, stated: Stated, *, on: date) -> Earning | None:
    found = rated(pool, ref, stated, on=on)
    if found is None:
        return None
    own, terms = found.own, stated.terms
    return Earning(
        stated=stated,
        terms=terms,
        first=found.first,
        last=found.last,
        provisional=not found.received,
        state=_state(found.persons),
        basis=own.basis,
        assumed=own.assumed,
        accrued=_rounded(terms, found.authorised),
        unused=None,
        persons=found.persons,
        person_days=found.authorised_days,
        beyond=_rounded(terms, found.beyond),
        beyond_days=found.beyond_days,
        rated=found,
    )


def _rounded(terms: CompensationTerms, bounds: Bounds) -> tuple[Money, Money]:
    least, most = (
        Money(currency=terms.currency, minor=round_half_even(end)) for end in bounds
    )
    return least, most


def _state(persons: Range) -> State:
    if persons.least:
        return "running"
    return "open" if persons.most else "ended"
