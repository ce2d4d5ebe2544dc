"""Which recorded event began a term, and between which days it can have been.

A term is counted from one day. Where the event that the words name is not recorded,
another stands in for it, or none does; where only its month is recorded, the first day
of the month is counted, so that nobody is held a day longer by a guess. All of that is
said here, for whoever shows the day.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.beginnings import Part, cap, stage_item
from ledger.domain.cases import Case, admission_day, arrival_day
from ledger.domain.custody import Pool
from ledger.domain.days import last_day
from ledger.domain.forms import Fact
from ledger.domain.records import Exit, Receipt, Renewal, Transfer
from ledger.domain.schemas import Record
from ledger.domain.times import When

Event: TypeAlias = Literal[
    "admitted", "arrived", "departed", "signed", "in_force", "date"
]


class Start(Struct, frozen=True):
    """The first day of a term, and what it rests on.

    Attributes:
        trigger: What the words begin the term with (`admitted` unless they say).
        event: The recorded event whose day is counted; None where none is recorded.
        said: The times of that event as recorded, each once, in order.
        first: The day that is counted; of no worth without an event.
        last: The last day that it can have been.
        end: The last authorised day, counted from `first`; None where there is none.
        end_latest: The same, counted from `last`.
    """

    trigger: str
    event: Event | None
    said: tuple[str, ...]
    first: date
    last: date
    end: date | None
    end_latest: date | None


def start_of(case: Case, part: Part) -> Start:
    """Return what the first day of a part rests on."""
    trigger = (case.term and case.term.trigger) or "admitted"
    event: Event | None = None
    last = part.start
    said: tuple[str, ...] = ()
    if trigger[0].isdigit():
        event, said = "date", (trigger,)
    else:
        found = list(_events(case, part, trigger))
        if found:
            event = found[0][0]
            times = sorted({when.text: when for _, when in found}.items())
            said = tuple(text for text, _ in times)
            last = max(when.latest(case.zone) for _, when in times)
    agreed: str = "date" if trigger[0].isdigit() else trigger
    if case.term is None and event is not None:
        # Nobody said what begins a term: the event stands in for nothing.
        agreed = event
    return Start(
        trigger=agreed,
        event=event,
        said=said,
        first=part.start,
        last=last,
        end=part.last_day,
        end_latest=_latest_end(case, part, last),
    )


def _events(case: Case, part: Part, trigger: str) -> Iterator[tuple[Event, When]]:
    """Yield the recorded events that gave a part its first day."""
    zone = case.zone
    if trigger in {"signed", "in_force"}:
        stage = stage_item(case, trigger)
        when = None if stage is None else stage[1].record.occurred
        if when is not None:
            yield ("signed" if trigger == "signed" else "in_force"), when
        return
    if trigger == "departed" or part.came is None:
        if case.transfer is not None:
            for departure in case.transfer.departures:
                if departure.at.earliest(zone) == part.start:
                    yield "departed", departure.at
        return
    day = admission_day if trigger == "admitted" else arrival_day
    for item in case.counted_receipts():
        if item.record.held_persons and day(item.record, zone) == part.start:
            yield _received(item.record, trigger)


def _received(receipt: Receipt, trigger: str) -> tuple[Event, When]:
    """Return the event of a receipt that is counted: the other one stands in."""
    admitted, arrived = receipt.admitted, receipt.arrived
    if admitted is not None and (trigger == "admitted" or arrived is None):
        return "admitted", admitted
    assert arrived is not None  # noqa: S101 (form of a receipt)
    return "arrived", arrived


def _latest_end(case: Case, part: Part, last: date) -> date | None:
    """Return the last day of a part if it began on the last day that it can have."""
    moved = any(period.begins == part.anchor for period in part.periods)
    if (
        part.last_day is None
        or last == part.start
        or part.length is None
        or part.anchor != part.start
        or part.capped_by is not None
        or moved
    ):
        return part.last_day
    end = last_day(last, part.length)
    limit = None if part.periods else cap(case)[0]
    return end if limit is None else min(end, limit)


def said_time(record: Record, zone: str) -> When | None:
    """Return when an entry's event was, as recorded: the one that its day is of.

    None where the entry names none.
    """
    match record:
        case Transfer():
            times = [departure.at for departure in record.departures]
            return min(times, key=lambda when: when.earliest(zone))
        case Receipt():
            return record.arrived or record.admitted
        case Renewal():
            return When.parse(record.agreed_on.isoformat())
        case Exit():
            return record.occurred
        case Fact(occurred=occurred):
            return occurred
        case _:
            return None


def delay_from(record: Record, zone: str, day: date) -> date:
    """Return the day from which an entry is late: of a month, its last.

    Args:
        record: What the entry says.
        zone: The deciding zone.
        day: The day by which it counts.
    """
    when = said_time(record, zone)
    if when is None or when.precision != "month":
        return day
    return when.latest(zone)


def said_at(pool: Pool, seq: int) -> str:
    """Return the time of an exit or of a receipt of a pool, as recorded.

    Raises:
        KeyError: If it is neither.
    """
    for case in pool.cases.values():
        times = {item.seq: item.record.occurred for item in case.exits}
        came = [(i.seq, i.record.arrived or i.record.admitted) for i in case.receipts]
        times |= {number: when for number, when in came if when is not None}
        if seq in times:
            return times[seq].text
    raise KeyError(seq)
