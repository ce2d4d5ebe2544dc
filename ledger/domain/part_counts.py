"""How exact the numbers of the parts of a transfer are."""

from collections.abc import Callable
from datetime import date

from ledger.domain.beginnings import Part
from ledger.domain.cases import counts
from ledger.domain.custody import Pool
from ledger.domain.qualifying import plus, turned
from ledger.domain.values import Qualifier


def part_counts(
    pool: Pool, ref: str, *, on: date, several: bool
) -> Callable[[Part], Qualifier]:
    """Return what tells how exact the number of a part is.

    Of several parts a renewal that is not exact leaves no number exact: that of the
    part that it extended, nor that of the rest.
    """
    (count,) = pool.said({ref}, on=on)
    renewed = [
        (item.seq, item.record.persons.qualifier)
        for item in pool.cases[ref].renewals
        if several and counts(item.record.status) and item.record.agreed_on <= on
    ]

    def said(part: Part) -> Qualifier:
        met = {period.deed for period in part.periods}
        rest = count.in_transit if part.came is None else count.held
        return plus(
            rest if several else count.remaining,
            *(each if seq in met else turned(each) for seq, each in renewed),
        )

    return said
