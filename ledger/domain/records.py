"""The closed set of what may be recorded: one frozen, strict model for each kind.

A record is the `data` of an entry. Members that are unknown are absent; there is no
null. A member whose value is known to be nothing says so (`legal_basis: "none"`).
Models judge form alone (types, lengths, sums within one record); what one record
means beside others is the business of `ledger.domain.rules`. Version 1 of these
schemas freezes with release 1.0.

Source: the kinds and members of the register; treaty anchors are named by class.
"""

from typing import Annotated, Literal

from msgspec import field

from ledger.domain.agreements import (
    CompensationTerms,
    RenewalClause,
    ReportDuty,
    Term,
)
from ledger.domain.forms import (
    Amount,
    ArrivalRef,
    Count,
    Counted,
    Currency,
    DayText,
    Disposition,
    Facility,
    Fact,
    InstrumentId,
    JsonValue,
    Length,
    LongText,
    Manifest,
    Moment,
    NonNegative,
    Pointer,
    Portion,
    Positive,
    Reference,
    Slug,
    Sourced,
    StateCode,
    Sum,
    Text,
    TransferRef,
)
from ledger.domain.money import Money
from ledger.domain.notation import Model, Sized
from ledger.errors import RefusedError


class Instrument(Fact, frozen=True, kw_only=True):
    """A treaty, note, letter or announcement, or a later stage of one (same id)."""

    id: InstrumentId
    arrangement: Slug | None = None
    title: Text
    type: Literal[
        "treaty",
        "agreement",
        "memorandum",
        "exchange_of_notes",
        "letter",
        "announcement",
        "none",
    ]
    binding: Literal["yes", "no", "disputed", "unknown"]
    stage: Literal[
        "announced",
        "signed",
        "in_force",
        "suspended",
        "resumed",
        "terminated",
        "expired",
    ]
    text_public: Literal["yes", "partial", "no"]
    parties: Annotated[tuple[Text, ...], Sized(1, 16)]
    headcount: Count | None = None
    term: Term | None = None
    renewal: RenewalClause | None = None
    compensation: CompensationTerms | None = None
    reports: Annotated[tuple[ReportDuty, ...], Sized(1)] | None = None


class Group(Model, frozen=True, kw_only=True):
    """A group's label: a quotation with its author, never a property of a person."""

    label: Text
    said_by: Text


class Departure(Model, frozen=True, kw_only=True):
    """One departure; `from` is a place, `persons` how many of the transfer left."""

    at: Moment
    persons: Positive | None = None
    from_: Text | None = field(default=None, name="from")
    carrier: Text | None = None


class Share(Model, frozen=True, kw_only=True):
    """One labelled part of a head count."""

    label: Text
    n: Positive


class Transfer(Fact, frozen=True, kw_only=True):
    """The origin's departure of a group (ICPPED art. 17(3)(h); ICAOS notice)."""

    ref: TransferRef
    arrangement: Slug | None = None
    instruments: Annotated[tuple[InstrumentId, ...], Sized(1, 64)] | None = None
    origin: StateCode
    destination: StateCode
    group: Group
    persons: Count
    breakdown: Annotated[tuple[Share, ...], Sized(1, 64)] | None = None
    departures: Annotated[tuple[Departure, ...], Sized(1, 64)]
    facility: Facility
    legal_basis: Text | None = None
    ordering_authority: Text | None = None
    transferring_authority: Text | None = None
    term: Term
    renewable: Literal["yes", "no", "unknown"]
    compensation: CompensationTerms | None = None
    manifest: Manifest | None = None

    def __post_init__(self) -> None:
        """Refuse a transfer to the same state, and sums that are none."""
        if self.origin == self.destination:
            raise RefusedError("record.same-state")
        if self.breakdown and sum(s.n for s in self.breakdown) != self.persons.n:
            raise RefusedError("record.breakdown-sum")
        named = [d.persons for d in self.departures if d.persons is not None]
        if sum(named) > self.persons.n:
            raise RefusedError("record.departures-sum")
        if len(named) == len(self.departures) and sum(named) != self.persons.n:
            raise RefusedError("record.departures-sum")


class Refusal(Model, frozen=True, kw_only=True):
    """Persons not admitted on arrival, and why."""

    n: Positive
    reason: Text


class Receipt(Fact, frozen=True, kw_only=True):
    """The destination's arrival and admission (Mandela Rule 7; ICAOS notice).

    Attributes:
        transfer: The departure it answers; absent if nobody announced one.
        ref: `R-n`, only for an unannounced arrival, with origin and persons.
        formerly: The unannounced arrival that turned out to be this transfer.
        arrived: When they landed.
        admitted: When the place of custody took them in.
        arrived_persons: Counted on arrival.
        admitted_persons: Taken into custody; arrived less refused unless said.
        refused: Persons not admitted.
        more_to_come: This receipt does not close the count.
    """

    transfer: Reference | None = None
    ref: ArrivalRef | None = None
    origin: StateCode | None = None
    persons: Count | None = None
    formerly: ArrivalRef | None = None
    arrived: Moment | None = None
    admitted: Moment | None = None
    arrived_persons: NonNegative
    admitted_persons: NonNegative | None = None
    refused: Annotated[tuple[Refusal, ...], Sized(1, 64)] | None = None
    facility: Facility | None = None
    receiving_authority: Text | None = None
    commitment_order: Text | None = None
    more_to_come: Literal[True] | None = None
    manifest: Manifest | None = None

    def __post_init__(self) -> None:
        """Refuse a receipt of nothing, or one that counts more than arrived."""
        unannounced = (self.ref, self.origin, self.persons)
        if self.transfer is None and any(member is None for member in unannounced):
            raise RefusedError("record.receipt-of-nothing")
        if self.transfer is not None and any(m is not None for m in unannounced):
            raise RefusedError("record.receipt-of-both")
        if self.formerly is not None and self.transfer is None:
            raise RefusedError("record.receipt-formerly")
        if self.arrived is None and self.admitted is None:
            raise RefusedError("record.receipt-without-time")
        if self.refused_persons + (self.admitted_persons or 0) > self.arrived_persons:
            raise RefusedError("record.receipt-sum")

    @property
    def refused_persons(self) -> int:
        """Return how many were not admitted."""
        return sum(refusal.n for refusal in self.refused or ())

    @property
    def held_persons(self) -> int:
        """Return how many were admitted: as said, else arrived less refused."""
        if self.admitted_persons is not None:
            return self.admitted_persons
        return self.arrived_persons - self.refused_persons


class Renewal(Fact, frozen=True, kw_only=True):
    """A longer term for some or all persons of a transfer.

    Attributes:
        from_: First day of the new period; the day after the old end unless said.
        until: Last authorised day, inclusive; or `length` from the original start.
        agreed_on: The day from which the authority exists.
    """

    transfer: Reference
    persons: Count
    from_: DayText | None = field(default=None, name="from")
    until: DayText | None = None
    length: Length | None = None
    requested_on: DayText | None = None
    agreed_on: DayText
    authority: Text | None = None
    instrument: InstrumentId | None = None
    counted: Counted | None = None
    reviewer: Text | None = None
    compensation: CompensationTerms | None = None

    def __post_init__(self) -> None:
        """Refuse a renewal without one end, or with days in a wrong order."""
        if (self.until is None) == (self.length is None):
            raise RefusedError("record.renewal-until-or-length")
        begins = self.from_
        if self.until is not None and begins is not None and self.until < begins:
            raise RefusedError("record.renewal-ends-before-it-begins")
        if self.requested_on is not None and self.requested_on > self.agreed_on:
            raise RefusedError("record.renewal-agreed-before-requested")


class Exit(Fact, frozen=True, kw_only=True):
    """Persons who left custody, and how (the closed list of GC III art. 122).

    Attributes:
        transfers: One transfer, or several: then a pool, unless split.
        split: How many of each; sums to `persons`, one portion a transfer.
        part: Last authorised day of the part they leave from; else the latest.
        second_attester: Who else saw it (ICPPED art. 21).
    """

    occurred: Moment
    transfers: Annotated[tuple[Reference, ...], Sized(1, 256)]
    persons: Count
    split: Annotated[tuple[Portion, ...], Sized(1, 256)] | None = None
    part: DayText | None = None
    how: Disposition
    to: StateCode | None = None
    place: Text | None = None
    authority: Text | None = None
    second_attester: Text | None = None

    def __post_init__(self) -> None:
        """Refuse an exit that names a transfer twice, or does not add up."""
        named = [(r.ledger, r.seq) for r in self.transfers]
        if len(set(named)) != len(named):
            raise RefusedError("record.exit-names-twice")
        if self.split is not None:
            portions = [(p.transfer.ledger, p.transfer.seq) for p in self.split]
            if sorted(portions) != sorted(named):
                raise RefusedError("record.split-transfers")
            if sum(portion.n for portion in self.split) != self.persons.n:
                raise RefusedError("record.split-sum")
        elif self.part is not None and len(named) > 1:
            raise RefusedError("record.exit-part-of-several")


class Purpose(Model, frozen=True, kw_only=True):
    """What a payment is for: transfers, an instrument, or both."""

    transfers: Annotated[tuple[Reference, ...], Sized(1, 256)] | None = None
    instrument: InstrumentId | None = None

    def __post_init__(self) -> None:
        """Refuse a purpose that names nothing."""
        if self.transfers is None and self.instrument is None:
            raise RefusedError("record.payment-for-nothing")


class Payment(Fact, frozen=True, kw_only=True):
    """Money promised or moved; a commitment is not a payment (IATI's meanings)."""

    occurred: Moment
    stage: Literal["pledge", "commitment", "payment", "expenditure", "refund"]
    amount: Amount
    currency: Currency
    per: Literal["total", "person_year", "person_month", "person_day"] | None = None
    payer: Text
    payee: Text
    account_holder: Text | None = None
    value_on: DayText | None = None
    purpose: LongText | None = None
    restrictions: Annotated[tuple[Text, ...], Sized(1, 64)] | None = None
    for_: Purpose = field(name="for")

    def __post_init__(self) -> None:
        """Refuse an amount that has not its currency's digits."""
        _ = self.money

    @property
    def money(self) -> Money:
        """Return the amount in minor units of its currency."""
        return Money.of(self.amount, self.currency)


class Claim(Fact, frozen=True, kw_only=True):
    """A rival value for one member of an entry; never computed with."""

    target: Reference
    path: Pointer
    value: JsonValue


class Responsibility(Model, frozen=True, kw_only=True):
    """Which state claims, or is said, to answer for the persons, and when."""

    state: StateCode
    from_: DayText | None = field(default=None, name="from")
    to: DayText | None = None
    accepted: bool


class FacilityStatement(Model, frozen=True, kw_only=True):
    """What somebody said of a place: capacity, population, cost, programmes."""

    capacity: NonNegative | None = None
    population: NonNegative | None = None
    annual_cost: Sum | None = None
    programme_enrolment: NonNegative | None = None


class Remark(Fact, frozen=True, kw_only=True):
    """Something said about entries that changes no computed value."""

    about: Annotated[tuple[Reference, ...], Sized(1, 64)]
    type: Literal[
        "variance",
        "responsibility",
        "inspection",
        "notice",
        "assurance",
        "facility_statement",
    ]
    responsibility: Responsibility | None = None
    facility_statement: FacilityStatement | None = None
    resolves: Reference | None = None
    text: LongText

    def __post_init__(self) -> None:
        """Refuse a remark whose type and members do not fit."""
        if (self.responsibility is not None) != (self.type == "responsibility"):
            raise RefusedError("record.remark-responsibility")
        if (self.facility_statement is not None) != (self.type == "facility_statement"):
            raise RefusedError("record.remark-facility")


class Change(Model, frozen=True, kw_only=True):
    """One corrected member: where, what it was, what it is; absent is unknown."""

    path: Pointer
    old: JsonValue | None = None
    new: JsonValue | None = None

    def __post_init__(self) -> None:
        """Refuse a change of nothing."""
        if self.old == self.new:
            raise RefusedError("record.change-of-nothing")


class Correction(Sourced, frozen=True, kw_only=True):
    """New values for members of an earlier entry, which itself stays as it is."""

    target: Reference
    reason: LongText
    changes: Annotated[tuple[Change, ...], Sized(1, 64)]


class Retraction(Sourced, frozen=True, kw_only=True):
    """An earlier entry that counts for nothing from now on, and why."""

    target: Reference
    reason: LongText
