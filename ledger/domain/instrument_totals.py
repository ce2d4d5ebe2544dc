"""What a total that an instrument states has earned by a day: once, as one sum.

What flows through: a total is one sum for the whole arrangement. It earns evenly over
the instrument's own term, once, however many transfers name the instrument. A term that
runs from an event of the instrument or from a day is about the instrument: the sum
earns until its last day whether or not anybody is held, or until the day on which the
instrument was terminated (not counted, as an exit day is not). A term that runs from
admission, arrival or departure is about persons: it begins with the first of those
whose transfers name the instrument, and the sum earns until nobody of them is held.
Where exits leave open when that was, it is a range; of several transfers the earliest
end is the latest of their own earliest ends, which can only widen it. Without a last
day nothing is earned. A stage `expired` stops nothing that the term does not, and a
stage `suspended` nothing at all: nobody said what it costs.

Laws: with one transfer of the same term the sum earns what it would if the transfer
stated it; earned and unused add up to the whole; naming the instrument in a further
transfer adds no money; what is announced, alleged or disputed changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ledger.domain.accruing import Earned, State, empty_since
from ledger.domain.agreements import Term
from ledger.domain.cases import Case, Item, admission_day, arrival_day
from ledger.domain.compensation import accrue_total
from ledger.domain.custody import Pool, held_among
from ledger.domain.days import last_day
from ledger.domain.instrument_sums import Stated, binds
from ledger.domain.records import Instrument
from ledger.domain.weighing import day_after
from ledger.errors import RefusedError

_OF_INSTRUMENT = frozenset(("signed", "in_force"))
_OF_PERSONS = frozenset(("admitted", "arrived", "departed"))


def total_of(
    stated: Stated,
    stages: Sequence[Item[Instrument]],
    pools: Mapping[str, Pool],
    *,
    zone: str,
    on: date,
) -> Earned | None:
    """Return what the total of an instrument has earned by the end of a day.

    None where no term with a last day has begun.

    Args:
        stated: The total.
        stages: The stages of the instrument, in the order of the book.
        pools: The transfers that name it and have begun, each with its pool.
        zone: The zone that decides on which day a stage was reached.
        on: The day.
    """
    reached = [(day, each) for day, each in _reached(stages, zone=zone) if day <= on]
    terms = [each.record.term for _, each in reached if each.record.term is not None]
    if not terms:
        return None
    term = terms[-1]
    trigger = term.trigger or "admitted"
    begun = [] if trigger not in _OF_PERSONS else _begun(trigger, pools, on=on)
    provisional = bool(begun) and all(waiting for waiting, _ in begun)
    first = min(begun)[1] if begun else _from_instrument(trigger, reached)
    until = None if first is None else _last(term, first)
    if first is None or until is None or not first <= min(until, on):
        return None
    after = day_after(on)
    ended = [
        day
        for day, each in reached
        if each.record.stage == "terminated" and each.record.occurred is not None
    ]
    perhaps = surely = ended[-1] if ended else None
    if begun:
        perhaps, surely = _emptied(pools, on=on, ended=perhaps)
    stops = (perhaps or after, surely or after)
    least, most = (
        accrue_total(
            stated.latest.money,
            start=first,
            until=until,
            ended=stop,
            basis=stated.latest.basis,
        )
        for stop in stops
    )
    state: State = "running"
    if perhaps is not None:
        state = "ended" if perhaps == surely else "open"
    return Earned(
        terms=stated.latest,
        first=first,
        last=until,
        provisional=provisional,
        state=state,
        stops=stops,
        least=least,
        most=most,
    )


def _reached(
    stages: Sequence[Item[Instrument]], *, zone: str
) -> Iterator[tuple[date, Item[Instrument]]]:
    """Yield the stages that count, each with its day; undated ones always were."""
    for item in stages:
        when = item.record.occurred
        if binds(item.record):
            yield date.min if when is None else when.latest(zone), item


def _from_instrument(
    trigger: str, reached: Sequence[tuple[date, Item[Instrument]]]
) -> date | None:
    """Return the first day by an event of the instrument, or by a day that is named."""
    if trigger in _OF_PERSONS:
        return None
    if trigger not in _OF_INSTRUMENT:
        return date.fromisoformat(trigger)
    found = [
        day
        for day, each in reached
        if each.record.stage == trigger and each.record.occurred is not None
    ]
    return min(found, default=None)


def _begun(
    trigger: str, pools: Mapping[str, Pool], *, on: date
) -> list[tuple[bool, date]]:
    """Return the first days by what happened to persons; those on the way come last."""
    found = []
    for ref, pool in pools.items():
        case = pool.cases[ref]
        if trigger == "departed":
            found.append((False, case.opening_day()))
            continue
        days = [day for day in _came(case, trigger) if day <= on]
        found += [(False, day) for day in days] or [(True, case.opening_day())]
    return found


def _came(case: Case, trigger: str) -> Iterator[date]:
    day_of = admission_day if trigger == "admitted" else arrival_day
    for item in case.counted_receipts():
        if item.record.held_persons:
            yield day_of(item.record, case.zone)


def _last(term: Term, first: date) -> date | None:
    """Return the last day; None where there is none, or the calendar lacks it."""
    if term.until is not None or term.length is None:
        return term.until
    try:
        return last_day(first, term.length)
    except RefusedError:
        # No rule looks at the length of an instrument that nothing names.
        return None


def _emptied(
    pools: Mapping[str, Pool], *, on: date, ended: date | None
) -> tuple[date | None, date | None]:
    """Return the earliest and the latest day that is not counted any more, if any.

    Args:
        pools: The transfers, each with its pool.
        on: The last day that counts.
        ended: The day on which the instrument was terminated, if it was.
    """
    ends = [empty_since(pool, ref, on=on) for ref, pool in pools.items()]
    each = {id(pool): pool for pool in pools.values()}
    least = held_among(list(each.values()), pools.keys(), on=on).least
    early = [perhaps for perhaps, _ in ends if perhaps is not None]
    late = [surely for _, surely in ends if surely is not None]
    perhaps = max(early) if len(early) == len(ends) and not least else None
    surely = max(late) if len(late) == len(ends) else None
    return (
        min((day for day in (perhaps, ended) if day is not None), default=None),
        min((day for day in (surely, ended) if day is not None), default=None),
    )
