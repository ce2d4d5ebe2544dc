"""One transfer as its book knows it: the departure and all that was said of it.

A `Case` gathers the entries that concern one transfer (or one unannounced arrival),
as corrected and without what was retracted. What counts in arithmetic: the departure
always (nobody gets lost); receipts, renewals and exits only when their status is
`official` or `reported`. An alleged exit frees nobody and an alleged renewal extends
nothing; both are shown. Days are local days of the deciding zone, the facility's.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from msgspec import Struct

from ledger.domain.agreements import CompensationTerms, Term
from ledger.domain.deeds import (
    Deed,
    Item,
    counted_anew,
    counts,
    items,
    of_kind,
    once,
    pay_of,
    same_state,
    standing,
)
from ledger.domain.forms import Count, Facility, Fact
from ledger.domain.history import History
from ledger.domain.records import (
    Claim,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Transfer,
)
from ledger.domain.recovery import Recovery
from ledger.domain.regained import Regained, regained
from ledger.domain.suspicion import suspects
from ledger.domain.times import When, surely_before

F = TypeVar("F", bound=Fact)

__all__ = [
    "Case",
    "Departed",
    "Item",
    "admission_day",
    "arrival_day",
    "case_of",
    "counts",
    "custodian_of",
    "exit_day",
    "items",
    "opening_of",
    "same_state",
]


class Departed(Struct, frozen=True):
    """Persons who left together.

    Attributes:
        day: The first local day on which they can have left.
        n: How many.
    """

    day: date
    n: int


class _Known(Struct):
    """What was found out about a case, so that it is found out once."""

    departures: tuple[Departed, ...] | None = None
    opening_day: date | None = None
    receipts: tuple[Item[Receipt], ...] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A transfer, or an unannounced arrival, with all that concerns it.

    Attributes:
        ref: `T-1` or `R-1`.
        opening: The entry that opened it.
        zone: The deciding zone.
        zone_assumed: Nobody named the facility's zone; it is the office's.
        custodian: Code of the state that holds the persons.
        custodian_is_own: It is the state that says who came: the book is its own, or
            its receipts are here in the mirror of its book.
        receipts, renewals, exits, payments, claims, remarks: What concerns it.
        recoveries: Who is said to have come back.
        regained: Who of them did, of this transfer.
        instruments: Every stage of the instruments that it names.
        suspects: The entries among all these that a lost key signed.
        rivals: What another state than the one that it commits said, or both said;
            it stands beside these, and is counted in no figure.
        renewed, paid: All accounts of a renewal or a payment that several books tell
            of, by the entry of that which counts; it comes first.
        alike: Renewals of two books that may be one; each is counted.
    """

    ref: str
    opening: Item[Transfer] | Item[Receipt]
    zone: str
    zone_assumed: bool
    custodian: str
    custodian_is_own: bool
    receipts: tuple[Item[Receipt], ...]
    renewals: tuple[Item[Renewal], ...]
    exits: tuple[Item[Exit], ...]
    payments: tuple[Item[Payment], ...]
    claims: tuple[Item[Claim], ...]
    remarks: tuple[Item[Remark], ...]
    instruments: tuple[Item[Instrument], ...]
    suspects: tuple[int, ...] = ()
    recoveries: tuple[Item[Recovery], ...] = ()
    regained: tuple[Regained, ...] = ()
    rivals: tuple[Item[Deed], ...] = ()
    renewed: Mapping[int, tuple[Item[Renewal], ...]] = dataclasses.field(
        default_factory=dict
    )
    paid: Mapping[int, tuple[Item[Payment], ...]] = dataclasses.field(
        default_factory=dict
    )
    alike: tuple[tuple[Item[Renewal], Item[Renewal]], ...] = ()
    _known: _Known = dataclasses.field(
        default_factory=_Known, init=False, repr=False, compare=False
    )

    @property
    def transfer(self) -> Transfer | None:
        """Return the departure's record, or None for an unannounced arrival."""
        record = self.opening.record
        return record if isinstance(record, Transfer) else None

    @property
    def persons(self) -> Count:
        """Return how many are said to have left, or to have come unannounced."""
        record = self.opening.record
        if isinstance(record, Transfer):
            return record.persons
        assert record.persons is not None  # noqa: S101 (form of an opening receipt)
        return record.persons

    @property
    def origin(self) -> str:
        """Return the code of the state that they left."""
        return str(self.opening.record.origin)

    @property
    def destination(self) -> str | None:
        """Return the code of the state that they were sent to, if recorded here."""
        return None if self.transfer is None else self.transfer.destination

    @property
    def facility(self) -> Facility | None:
        """Return the latest place of custody that was named."""
        for item in reversed(self.receipts):
            if item.record.facility is not None:
                return item.record.facility
        return None if self.transfer is None else self.transfer.facility

    @property
    def term(self) -> Term | None:
        """Return what was agreed on how long, or None where nobody said."""
        return None if self.transfer is None else self.transfer.term

    @property
    def compensation(self) -> CompensationTerms | None:
        """Return what was agreed to be paid, if the transfer says so."""
        return None if self.transfer is None else self.transfer.compensation

    def departures(self) -> tuple[Departed, ...]:
        """Return who left when; they sum to `persons`.

        Departures without a number share the rest: all of it is counted at the
        earliest of them, so that nobody is missing between two flights.
        """
        if self._known.departures is None:
            self._known.departures = self._departures()
        return self._known.departures

    def _departures(self) -> tuple[Departed, ...]:
        if self.transfer is None:
            return (Departed(day=self.opening_day(), n=self.persons.n),)
        named = sum(d.persons or 0 for d in self.transfer.departures)
        rest = self.persons.n - named
        days = [(d.at.earliest(self.zone), d.persons) for d in self.transfer.departures]
        found = []
        for day, persons in sorted(days, key=lambda pair: pair[0]):
            n = persons
            if n is None:
                n, rest = rest, 0
            if n:
                found.append(Departed(day=day, n=n))
        return tuple(found)

    def opening_day(self) -> date:
        """Return the first day on which anyone can have left or come."""
        if self._known.opening_day is None:
            self._known.opening_day = self._opening_day()
        return self._known.opening_day

    def _opening_day(self) -> date:
        record = self.opening.record
        if isinstance(record, Transfer):
            return min(d.at.earliest(self.zone) for d in record.departures)
        return arrival_day(record, self.zone)

    def counted_receipts(self) -> tuple[Item[Receipt], ...]:
        """Return the receipts that count, by day of arrival."""
        if self._known.receipts is None:
            found = [item for item in self.receipts if counts(item.record.status)]
            found.sort(key=lambda i: arrival_day(i.record, self.zone))
            self._known.receipts = tuple(found)
        return self._known.receipts

    def lost_in_transit(self, *, on: date) -> int:
        """Return how many left for good before any of the others arrived.

        Nobody can count them on arrival, so nobody is missing for that.
        """
        arrivals = [
            item.record
            for item in self.counted_receipts()
            if arrival_day(item.record, self.zone) <= on
        ]
        lost = 0
        for item in self.exits:
            record = item.record
            early = exit_day(record, self.zone) <= on and all(
                self._before_arrival(record, receipt) for receipt in arrivals
            )
            if early and counts(record.status):
                lost += self._own_portion(record)
        return lost

    def _before_arrival(self, record: Exit, receipt: Receipt) -> bool:
        if exit_day(record, self.zone) < arrival_day(receipt, self.zone):
            return True
        arrived = receipt.arrived or receipt.admitted
        return arrived is not None and surely_before(record.occurred, arrived)

    def _own_portion(self, record: Exit) -> int:
        """Return how many of an exit are certainly of this transfer."""
        if record.split is not None:
            leaf = self.opening.entry.leaf.hex()
            return sum(p.n for p in record.split if p.transfer.leaf == leaf)
        return record.persons.n if len(record.transfers) == 1 else 0

    def accounts_of(self, item: Item[Renewal]) -> tuple[Item[Renewal], ...]:
        """Return what all books say of a renewal that counts, itself first."""
        return self.renewed.get(item.seq, (item,))

    def pay_of(self, item: Item[Renewal]) -> Item[Renewal] | None:
        """Return the account of a renewal whose compensation counts; None for none."""
        return pay_of(self.accounts_of(item))

    def acknowledged(self) -> bool:
        """Return whether the state that holds them has signed for their arrival."""
        return self.custodian_is_own and bool(self.counted_receipts())


def arrival_day(receipt: Receipt, zone: str) -> date:
    """Return the first local day on which they can have arrived."""
    return _earliest((receipt.arrived, receipt.admitted), zone)


def admission_day(receipt: Receipt, zone: str) -> date:
    """Return the first local day on which they can have been admitted."""
    return _earliest((receipt.admitted, receipt.arrived), zone)


def exit_day(record: Exit, zone: str) -> date:
    """Return the last local day on which they can have left: nobody is out early."""
    return record.occurred.latest(zone)


def _earliest(choices: Iterable[When | None], zone: str) -> date:
    return next(when.earliest(zone) for when in choices if when is not None)


def opening_of(history: History, ref: str | None) -> Transfer | Receipt | None:
    """Return the record that opened a reference, as it is worth; None if none does."""
    seq = None if ref is None else history.opened.get(ref)
    record = None if seq is None else history.worth(seq)
    return record if isinstance(record, Transfer | Receipt) else None


def custodian_of(history: History, ref: str | None) -> str | None:
    """Return the code of the state that persons were sent or came to; None if none."""
    opening = opening_of(history, ref)
    if ref is None or opening is None:
        return None
    if isinstance(opening, Transfer):
        return opening.destination
    return history.state_of(history.opened[ref])


def case_of(history: History, ref: str) -> Case | None:
    """Return the case that a reference opens, or None if retracted or not there."""
    seq, record = history.opened.get(ref), opening_of(history, ref)
    if seq is None or record is None:
        return None
    seqs = history.seqs_of(ref)
    said = standing(history, seqs)
    custodian = history.state_of(seq)
    if isinstance(record, Transfer):
        custodian = record.destination
    told = once(
        history,
        custodian,
        receipts=counted_anew(history, of_kind(history, said, Receipt)),
        renewals=of_kind(history, said, Renewal),
        exits=of_kind(history, said, Exit),
        payments=of_kind(history, said, Payment),
    )
    facilities = [item.record.facility for item in reversed(told.receipts)]
    if isinstance(record, Transfer):
        facilities.append(record.facility)
    zones = [f.zone for f in facilities if f is not None and f.zone is not None]
    named = record.instruments if isinstance(record, Transfer) else None
    stages = [s for ref_ in named or () for s in history.changes_of(ref_)]
    entry = history.entries[seq]
    corrected = bool(history.corrections.get(seq))
    opening: Item[Transfer] | Item[Receipt]
    if isinstance(record, Transfer):
        opening = Item(seq=seq, entry=entry, record=record, corrected=corrected)
    else:
        opening = Item(seq=seq, entry=entry, record=record, corrected=corrected)
    zone = zones[0] if zones else history.zone_of(seq)
    recoveries = of_kind(history, said, Recovery)
    states = {history.state_of(item.seq) for item in told.receipts}
    states.add(history.state_of(seq))
    return Case(
        ref=ref,
        opening=opening,
        zone=zone,
        zone_assumed=not zones,
        custodian=custodian,
        custodian_is_own=any(same_state(custodian, state) for state in states),
        receipts=told.receipts,
        renewals=told.renewals,
        exits=told.exits,
        payments=told.payments,
        claims=of_kind(history, said, Claim),
        remarks=of_kind(history, said, Remark),
        instruments=items(history, stages, Instrument),
        suspects=tuple(each.seq for each in suspects(history, {*seqs, *stages})),
        recoveries=recoveries,
        regained=regained(
            history,
            ref,
            recoveries=_counting(recoveries),
            exits=dict(_counting(told.exits)),
            zone=zone,
        ),
        rivals=told.rivals,
        renewed=told.renewed,
        paid=told.paid,
        alike=told.alike,
    )


def _counting(found: Iterable[Item[F]]) -> Iterator[tuple[int, F]]:
    return ((item.seq, item.record) for item in found if counts(item.record.status))
