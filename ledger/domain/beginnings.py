"""Where the terms of a transfer begin, and where the agreed words end them.

Persons who came on one day share one part. Without a receipt the term is counted from
the departure, and said to be provisional; where the event that should start it is not
recorded there is no end, and no recorded authority.
"""

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.agreements import Term
from ledger.domain.cases import Case, Item, admission_day, arrival_day, counts
from ledger.domain.days import last_day, last_day_clipped
from ledger.domain.flows import Range
from ledger.domain.records import Instrument, Receipt
from ledger.domain.times import Duration

Notice: TypeAlias = Literal["none", "in-time", "late", "unknown"]


class Gap(Struct, frozen=True):
    """Days without authority before a renewal: the first and the last."""

    first: date
    last: date


class Period(Struct, frozen=True):
    """One renewal as it met one part.

    Attributes:
        seq: The entry that says so: of two books' accounts that which authorises less.
        deed: The entry that the renewal is counted by; the same where one tells of it.
        begins: First day of the new period; no later than its last.
        last_day: Its last authorised day, inclusive.
        agreed_on: The day from which the authority exists.
        gap: Days without authority before it: from the day after the old end to the
            day before it was agreed, or before it begins; none after its own end.
        notice: Whether it was asked for by the day on which notice was due: `unknown`
            where neither the request nor the agreement shows it, `none` where no
            notice is due.
        beyond_limit: It passes the instrument's outer limit.
    """

    seq: int
    deed: int
    begins: date
    last_day: date
    agreed_on: date
    gap: Gap | None
    notice: Notice
    beyond_limit: bool

    @property
    def gap_days(self) -> int:
        """Return how many days without authority lie before it."""
        return 0 if self.gap is None else (self.gap.last - self.gap.first).days + 1

    def within(self, end: date) -> "Period":
        """Return the period without days of its gap after an end that came later."""
        gap = self.gap
        if gap is None or gap.last <= end:
            return self
        cut = Gap(gap.first, end) if gap.first <= end else None
        return replace(self, gap=cut)

    @property
    def late(self) -> bool:
        """Return whether it is recorded that it was asked for too late."""
        return self.notice == "late"


class Part(Struct, frozen=True):
    """Persons of one transfer who share one term.

    Attributes:
        start: First day of the term.
        anchor: The day from which its periods are counted: the start, or the first
            day after a break.
        length: The whole length counted from the anchor, where it is one length.
        last_day: Last authorised day, inclusive; None where none is recorded.
        reading: How the words are read; `none` where there are none.
        trigger: What the start was counted from.
        came: The day on which they arrived; None while in transit.
        provisional: Nobody has received them: counted from the departure.
        capped_by: The instrument whose own end comes first, if one does.
        clipped: The month lacked the corresponding day; its last day is meant.
        periods: The renewals, in the order in which they took effect.
        persons: How many, at the end of the day that was asked for.
        assumed: Persons left without a part being named, and another was there.
    """

    start: date
    anchor: date
    length: Duration | None
    last_day: date | None
    reading: str
    trigger: str
    came: date | None
    provisional: bool
    capped_by: str | None
    clipped: bool
    periods: tuple[Period, ...]
    persons: Range
    assumed: bool = False

    @property
    def renewals(self) -> int:
        """Return how often it was extended."""
        return len(self.periods)

    @property
    def key(self) -> tuple[object, ...]:
        """Return what makes it the same part on another day."""
        seqs = tuple(period.deed for period in self.periods)
        return (self.start, self.last_day, self.provisional, seqs)


def began(case: Case, *, on: date) -> list[Part]:
    """Return the parts as they began: by receipt, and those whom nobody received."""
    found: list[Part] = []
    departed = sum(d.n for d in case.departures() if d.day <= on)
    departed -= case.lost_in_transit(on=on)
    final = False
    for item in case.counted_receipts():
        receipt = item.record
        came = arrival_day(receipt, case.zone)
        if came > on:
            continue
        departed -= receipt.arrived_persons
        final = final or receipt.more_to_come is None
        start, trigger = _start(case, receipt, on=on)
        if receipt.held_persons:
            part = _part(case, start, trigger, receipt.held_persons, came=came)
            found = joined(found, part)
    if departed > 0 and not final:
        start, trigger = _start(case, None, on=on)
        found.append(_part(case, start, trigger, departed, came=None))
    return found


def joined(held: list[Part], part: Part) -> list[Part]:
    """Return the parts with one more; persons of one start are one part."""
    for index, other in enumerate(held):
        if other.key == part.key:
            n = other.persons.most + part.persons.most
            return [
                *held[:index],
                replace(other, persons=Range(n, n)),
                *held[index + 1 :],
            ]
    return [*held, part]


def _start(case: Case, receipt: Receipt | None, *, on: date) -> tuple[date | None, str]:
    """Return the first day of the term, and what it was counted from.

    None where the event that should start it is not recorded.
    """
    trigger = (case.term and case.term.trigger) or "admitted"
    departed = min(
        (d.day for d in case.departures() if d.day <= on), default=case.opening_day()
    )
    match trigger:
        case "admitted" | "arrived" if receipt is None:
            return departed, "departed"
        case "admitted" if receipt is not None:
            return admission_day(receipt, case.zone), trigger
        case "arrived" if receipt is not None:
            return arrival_day(receipt, case.zone), trigger
        case "departed":
            return departed, trigger
        case "signed" | "in_force":
            return _stage_day(case, trigger), trigger
        case _:
            return date.fromisoformat(trigger), "date"


def _stage_day(case: Case, stage: str, *, of: str | None = None) -> date | None:
    """Return the first day on which an instrument reached a stage, if recorded."""
    found = stage_item(case, stage, of=of)
    return None if found is None else found[0]


def stage_item(
    case: Case, stage: str, *, of: str | None = None
) -> tuple[date, Item[Instrument]] | None:
    """Return the day on which an instrument first reached a stage, and its entry.

    Args:
        case: The transfer that names the instruments.
        stage: The stage.
        of: Which of the instruments; any of them unless given.
    """
    found = [
        (item.record.occurred.earliest(case.zone), item)
        for item in case.instruments
        if item.record.stage == stage
        and of in {None, item.record.id}
        and item.record.type != "announcement"
        and counts(item.record.status)
        and item.record.occurred is not None
    ]
    return min(found, key=lambda pair: pair[0], default=None)


def _part(
    case: Case, start: date | None, trigger: str, n: int, *, came: date | None
) -> Part:
    term = case.term
    first = start or came or case.opening_day()
    length = None if term is None else term.length
    end = None
    clipped = False
    if term is not None and term.until is not None:
        end = term.until
    elif length is not None and start is not None:
        end = last_day(start, length)
        clipped = last_day_clipped(start, length)
    limit, capped_by = cap(case)
    if limit is not None and end is not None and limit < end:
        end, clipped = limit, False
    else:
        capped_by = None
    return Part(
        start=first,
        anchor=first,
        length=length,
        last_day=end,
        reading="none" if term is None else term.reading,
        trigger=trigger,
        came=came,
        provisional=came is None,
        capped_by=capped_by,
        clipped=clipped,
        periods=(),
        persons=Range(n, n),
    )


def cap(case: Case) -> tuple[date | None, str | None]:
    """Return the earliest own end of the named instruments, and whose it is.

    A term that runs from admission or the like is about persons, not the instrument.
    A later stage that has a term of its own replaces what an earlier one said.
    """
    said: dict[str, date | None] = {}
    for item in case.instruments:
        instrument = item.record
        if (
            instrument.term is not None
            and instrument.type != "announcement"
            and instrument.stage != "announced"
            and counts(instrument.status)
        ):
            said[instrument.id] = _own_end(case, instrument.term, of=instrument.id)
    ends = [(end, ref) for ref, end in said.items() if end is not None]
    return min(ends, default=(None, None))


def _own_end(case: Case, term: Term, *, of: str) -> date | None:
    if term.until is not None:
        return term.until
    if term.length is None or term.trigger in {None, "admitted", "arrived", "departed"}:
        return None
    if term.trigger in {"signed", "in_force"}:
        start = _stage_day(case, term.trigger, of=of)
    else:
        start = date.fromisoformat(str(term.trigger))
    return None if start is None else last_day(start, term.length)
