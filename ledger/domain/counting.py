"""The counts of one transfer on a day, and how exact each is.

What a final receipt counted takes the place of what was said at the departure, so an
"about 100" is exact again once 98 were counted in.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from ledger.domain.arrivals import Came
from ledger.domain.cases import Case, arrival_day
from ledger.domain.qualifying import minus, plus, qualifier_of
from ledger.domain.ranges import Range
from ledger.domain.tying import Leave
from ledger.domain.values import Qualifier


class Said(Struct, frozen=True):
    """How exact each number of a balance is, by its name there.

    Attributes:
        here: Who could be in custody if nobody had left.
        gone: Who left.
    """

    departed: Qualifier = "exact"
    arrived: Qualifier = "exact"
    surplus: Qualifier = "exact"
    missing: Qualifier = "exact"
    in_transit: Qualifier = "exact"
    held: Qualifier = "exact"
    remaining: Qualifier = "exact"
    here: Qualifier = "exact"
    gone: Qualifier = "exact"


class Balance(Struct, frozen=True):
    """The persons of one transfer at the end of one day.

    Every number knows how exact it is (`ledger.domain.qualifying`).

    Attributes:
        departed: Persons who had left the origin.
        surplus: Persons counted on arrival beyond those.
        arrived: Persons counted on arrival.
        final: A receipt closed the count.
        missing: Departed but not counted by a final receipt: unaccounted.
        remaining: In transit or held.
        in_transit: Departed and not yet counted anywhere.
        held: In the custodian's hands.
        exits: Persons who certainly left from this transfer, by disposition, and did
            not come back.
        shared: Exits of its pool that name several transfers, the same.
        recovered: Persons of its exits who came back; they can leave again.
    """

    departed: int
    surplus: int
    arrived: int
    final: bool
    missing: int
    remaining: Range
    in_transit: Range
    held: Range
    exits: Mapping[str, int]
    shared: tuple[Leave, ...]
    recovered: int


EXACT = Said()


def said_of(case: Case, came: Came, leaves: Iterable[Leave], *, on: date) -> Said:
    """Return how exact the counts of a transfer are by the end of a day.

    Args:
        case: The transfer.
        came: Who of it had come by then.
        leaves: The exits that name it.
        on: The day.
    """
    gone = plus(*(qualifier_of(leave.n) for leave in leaves if leave.day <= on))
    back = plus(*(qualifier_of(b.n) for b in case.regained if b.day <= on))
    departed = case.persons.qualifier
    if departed == gone == back == "exact":
        return EXACT
    receipts = [
        item.record
        for item in case.counted_receipts()
        if arrival_day(item.record, case.zone) <= on
    ]
    # Who counted an arrival that nobody announced said how exactly.
    arrived = plus(*(r.persons.qualifier for r in receipts if r.persons is not None))
    closed = came.final or came.surplus
    here = plus(back, arrived if closed else departed)
    held, remaining = minus(plus(arrived, back), gone), minus(here, gone)
    return Said(
        departed=departed,
        arrived=arrived,
        surplus=minus(arrived, departed) if came.surplus else "exact",
        missing=minus(departed, arrived) if came.missing else "exact",
        in_transit=remaining if came.waiting and not closed else "exact",
        held=held if receipts or case.regained else "exact",
        remaining=remaining,
        here=here,
        gone=gone,
    )
