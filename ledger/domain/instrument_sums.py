"""Which sum a transfer is paid by: its own, or that of an instrument that it names.

What flows through: the sum that a transfer states for itself goes first. Where it
states none, each instrument that it names gives the sum of its latest stage that
states one and counts: no announcement, nothing that is only announced, alleged or
disputed, no stage of a later day. One sum per person is the transfer's: it earns
person by person and day by day as the transfer's own would (`ledger.domain.rates`). A
later stage that states another sum of the same currency replaces it from its own day.
A total is one sum for the whole arrangement: it is the instrument's
(`ledger.domain.instrument_totals`), and no transfer earns it. Sums of two instruments
may be rival readings of one debt or two debts: neither is taken. An instrument that
was terminated or has expired keeps its sum, as the transfer keeps its term: days
without authority are apart anyway.

Laws: a transfer that names one instrument earns by its rate what it would earn if it
stated that rate itself; no instrument that it names changes what a transfer states;
the order in which it names them changes nothing; an announcement changes nothing.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from ledger.domain.agreements import CompensationTerms
from ledger.domain.cases import Case, Item, counts
from ledger.domain.records import Instrument


class Stated(Struct, frozen=True):
    """A sum that was agreed on, and where it stands.

    Attributes:
        seq: The entry that states it.
        terms: The sum.
        instrument: The instrument that states it; None for the transfer itself.
        changes: Later stages with another sum of the same kind, each from its day.
    """

    seq: int
    terms: CompensationTerms
    instrument: str | None = None
    changes: tuple[tuple[date, int, CompensationTerms], ...] = ()

    @property
    def latest(self) -> CompensationTerms:
        """Return the sum that holds now."""
        return self.changes[-1][2] if self.changes else self.terms


def replaces(agreed: CompensationTerms, former: CompensationTerms) -> bool:
    """Return whether a later sum takes the place of a former one: both are rates."""
    rates = "total" not in {agreed.per, former.per}
    return rates and agreed.currency == former.currency


def stated(case: Case, *, on: date) -> tuple[Stated, ...]:
    """Return the sum that a transfer states; else those of its instruments by a day."""
    if case.compensation is not None:
        return (Stated(case.opening.seq, case.compensation),)
    found = {}
    for item in case.instruments:
        ref = item.record.id
        if ref not in found:
            stages = (each for each in case.instruments if each.record.id == ref)
            found[ref] = stated_in(stages, zone=case.zone, on=on)
    return tuple(each for each in found.values() if each is not None)


def sum_of(case: Case, *, on: date) -> Stated | None:
    """Return the sum that a transfer earns by; None for none, or for several.

    The total of an instrument is none of the transfers'.
    """
    found = stated(case, on=on)
    if len(found) != 1:
        return None
    (only,) = found
    shared = only.instrument is not None and only.terms.per == "total"
    return None if shared else only


def stated_in(
    stages: Iterable[Item[Instrument]], *, zone: str, on: date
) -> Stated | None:
    """Return the sum that an instrument states by a day, if some stage states one.

    Args:
        stages: Its stages, in the order of the book.
        zone: The zone that decides on which day a stage was reached.
        on: The day.
    """
    found: list[tuple[date, Item[Instrument], CompensationTerms]] = []
    for item in stages:
        record = item.record
        terms, when = record.compensation, record.occurred
        day = date.min if when is None else when.latest(zone)
        if terms is not None and day <= on and binds(record):
            if found and not replaces(terms, found[-1][2]):
                found = []
            found.append((day, item, terms))
    if not found:
        return None
    _, first, terms = found[0]
    changes, told = [], terms
    for day, item, each in found[1:]:
        if each != told:
            changes.append((day, item.seq, each))
            told = each
    return Stated(first.seq, terms, first.record.id, tuple(changes))


def binds(record: Instrument) -> bool:
    """Return whether a stage of an instrument changes anything that is computed."""
    announced = record.type == "announcement" or record.stage == "announced"
    return counts(record.status) and not announced
