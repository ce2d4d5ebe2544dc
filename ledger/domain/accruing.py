"""What an agreed total has earned by a day: over which days, until when.

It earns over the first term of those who were received, before any renewal, until
nobody is held. Where a pool leaves open when that was, it is a range.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import takewhile
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.agreements import CompensationTerms
from ledger.domain.beginnings import Part, began
from ledger.domain.compensation import Accrual, accrue_total
from ledger.domain.custody import Pool

State: TypeAlias = Literal["ended", "open", "running"]


class Earned(Struct, frozen=True):
    """What an agreed total has earned, and what that was counted with.

    Attributes:
        terms: What was agreed.
        first: First day of the term, which counts.
        last: Its last authorised day, inclusive.
        provisional: Nobody has been received: the first day is that of the departure.
        state: Nobody is left (`ended`), somebody is (`running`), or it is `open`.
        stops: The earliest and the latest day that is not counted any more: the day
            of the exit, or the day after the one asked for.
        least: What was earned if it ended on the first of these.
        most: What was earned if it ended on the second.
    """

    terms: CompensationTerms
    first: date
    last: date
    provisional: bool
    state: State
    stops: tuple[date, date]
    least: Accrual
    most: Accrual


def accrual_of(pool: Pool, ref: str, *, on: date) -> Earned | None:
    """Return what an agreed total has earned by the end of a day.

    None where no total is agreed, or no term with an end has begun.
    """
    terms = pool.cases[ref].compensation
    part = _first_term(pool, ref, on=on)
    if terms is None or terms.per != "total" or part is None or part.last_day is None:
        return None
    perhaps, surely = empty_since(pool, ref, on=on)
    after = date.max if on == date.max else on + timedelta(days=1)
    stops = (perhaps or after, surely or after)
    least, most = (
        accrue_total(
            terms.money,
            start=part.start,
            until=part.last_day,
            ended=stop,
            basis=terms.basis,
        )
        for stop in stops
    )
    state: State = "running"
    if perhaps is not None:
        state = "open" if surely is None or surely > perhaps else "ended"
    return Earned(
        terms=terms,
        first=part.start,
        last=part.last_day,
        provisional=part.provisional,
        state=state,
        stops=stops,
        least=least,
        most=most,
    )


def _first_term(pool: Pool, ref: str, *, on: date) -> Part | None:
    """Return the first term that began: of those received, else of those on the way."""
    case = pool.cases[ref]
    found = [
        (part.provisional, part.start, part.last_day, part)
        for day in pool.days_of(ref)
        if day <= on
        for part in began(case, on=day)
        if part.last_day is not None and part.start <= part.last_day
    ]
    return min(found, key=lambda row: row[:3])[3] if found else None


def empty_since(pool: Pool, ref: str, *, on: date) -> tuple[date | None, date | None]:
    """Return since when perhaps, and since when surely, nobody of a transfer is left.

    None while somebody is.
    """
    rest = pool.rest(ref, on=on)
    return (
        _empty_since({day: left.least for day, left in rest.items()}),
        _empty_since({day: left.most for day, left in rest.items()}),
    )


def _empty_since(rest: Mapping[date, int]) -> date | None:
    """Return the day since which nobody has been left; None while somebody is."""
    days = sorted(rest, reverse=True)
    empty = [*takewhile(lambda day: not rest[day], days)]
    return empty[-1] if empty else None
