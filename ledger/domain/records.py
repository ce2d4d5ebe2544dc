"""The closed set of what may be recorded: one frozen, strict model for each kind.

A record is the `data` of an entry. Members that are unknown are absent; there is no
null. A member whose value is known to be nothing says so (`legal_basis: "none"`).
Models judge form alone (types, lengths, sums within one record); what one record
means beside others is the business of `ledger.domain.rules`. Version 1 of these
schemas freezes with release 1.0.

Source: the kinds and members of the register; treaty anchors are named by class.
"""

from typing import Literal

from pydantic import Field, model_validator

from ledger.domain.agreements import (
    CompensationTerms,
    RenewalClause,
    ReportDuty,
    Term,
)
from ledger.domain.forms import (
    ArrivalRef,
    Count,
    Counted,
    DayText,
    Disposition,
    Facility,
    Fact,
    InstrumentId,
    JsonValue,
    Length,
    LongText,
    Manifest,
    Model,
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
    fault,
)


class Instrument(Fact):
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
    parties: tuple[Text, ...] = Field(min_length=1, max_length=16)
    headcount: Count | None = None
    term: Term | None = None
    renewal: RenewalClause | None = None
    compensation: CompensationTerms | None = None
    reports: tuple[ReportDuty, ...] | None = Field(default=None, min_length=1)


class Group(Model):
    """A group's label: a quotation with its author, never a property of a person."""

    label: Text
    said_by: Text


class Departure(Model):
    """One departure; `from` is a place, `persons` how many of the transfer left."""

    at: Moment
    persons: Positive | None = None
    from_: Text | None = Field(default=None, alias="from")
    carrier: Text | None = None


class Share(Model):
    """One labelled part of a head count."""

    label: Text
    n: Positive


class Transfer(Fact):
    """The origin's departure of a group (ICPPED art. 17(3)(h); ICAOS notice)."""

    ref: TransferRef
    arrangement: Slug | None = None
    instruments: tuple[InstrumentId, ...] | None = Field(
        default=None, min_length=1, max_length=64
    )
    origin: StateCode
    destination: StateCode
    group: Group
    persons: Count
    breakdown: tuple[Share, ...] | None = Field(
        default=None, min_length=1, max_length=64
    )
    departures: tuple[Departure, ...] = Field(min_length=1, max_length=64)
    facility: Facility
    legal_basis: Text | None = None
    ordering_authority: Text | None = None
    transferring_authority: Text | None = None
    term: Term
    renewable: Literal["yes", "no", "unknown"]
    compensation: CompensationTerms | None = None
    manifest: Manifest | None = None

    @model_validator(mode="after")
    def _form(self) -> "Transfer":
        if self.origin == self.destination:
            raise fault("record.same-state")
        if self.breakdown and sum(s.n for s in self.breakdown) != self.persons.n:
            raise fault("record.breakdown-sum")
        named = [d.persons for d in self.departures if d.persons is not None]
        if sum(named) > self.persons.n:
            raise fault("record.departures-sum")
        if len(named) == len(self.departures) and sum(named) != self.persons.n:
            raise fault("record.departures-sum")
        return self


class Refusal(Model):
    """Persons not admitted on arrival, and why."""

    n: Positive
    reason: Text


class Receipt(Fact):
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
    refused: tuple[Refusal, ...] | None = Field(
        default=None, min_length=1, max_length=64
    )
    facility: Facility | None = None
    receiving_authority: Text | None = None
    commitment_order: Text | None = None
    more_to_come: Literal[True] | None = None
    manifest: Manifest | None = None

    @model_validator(mode="after")
    def _form(self) -> "Receipt":
        unannounced = (self.ref, self.origin, self.persons)
        if self.transfer is None and any(member is None for member in unannounced):
            raise fault("record.receipt-of-nothing")
        if self.transfer is not None and any(m is not None for m in unannounced):
            raise fault("record.receipt-of-both")
        if self.formerly is not None and self.transfer is None:
            raise fault("record.receipt-formerly")
        if self.arrived is None and self.admitted is None:
            raise fault("record.receipt-without-time")
        if self.refused_persons + (self.admitted_persons or 0) > self.arrived_persons:
            raise fault("record.receipt-sum")
        return self

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


class Renewal(Fact):
    """A longer term for some or all persons of a transfer.

    Attributes:
        from_: First day of the new period; the day after the old end unless said.
        until: Last authorised day, inclusive; or `length` from the original start.
        agreed_on: The day from which the authority exists.
    """

    transfer: Reference
    persons: Count
    from_: DayText | None = Field(default=None, alias="from")
    until: DayText | None = None
    length: Length | None = None
    requested_on: DayText | None = None
    agreed_on: DayText
    authority: Text | None = None
    instrument: InstrumentId | None = None
    counted: Counted | None = None
    reviewer: Text | None = None
    compensation: CompensationTerms | None = None

    @model_validator(mode="after")
    def _form(self) -> "Renewal":
        if (self.until is None) == (self.length is None):
            raise fault("record.renewal-until-or-length")
        begins = self.from_
        if self.until is not None and begins is not None and self.until < begins:
            raise fault("record.renewal-ends-before-it-begins")
        if self.requested_on is not None and self.requested_on > self.agreed_on:
            raise fault("record.renewal-agreed-before-requested")
        return self


class Exit(Fact):
    """Persons who left custody, and how (the closed list of GC III art. 122).

    Attributes:
        transfers: One transfer, or several: then a pool, unless split.
        split: How many of each; sums to `persons`, one portion a transfer.
        part: Last authorised day of the part they leave from; else the latest.
        second_attester: Who else saw it (ICPPED art. 21).
    """

    occurred: Moment
    transfers: tuple[Reference, ...] = Field(min_length=1, max_length=256)
    persons: Count
    split: tuple[Portion, ...] | None = Field(
        default=None, min_length=1, max_length=256
    )
    part: DayText | None = None
    how: Disposition
    to: StateCode | None = None
    place: Text | None = None
    authority: Text | None = None
    second_attester: Text | None = None

    @model_validator(mode="after")
    def _form(self) -> "Exit":
        named = [(r.ledger, r.seq) for r in self.transfers]
        if len(set(named)) != len(named):
            raise fault("record.exit-names-twice")
        if self.split is not None:
            portions = [(p.transfer.ledger, p.transfer.seq) for p in self.split]
            if sorted(portions) != sorted(named):
                raise fault("record.split-transfers")
            if sum(portion.n for portion in self.split) != self.persons.n:
                raise fault("record.split-sum")
        elif self.part is not None and len(named) > 1:
            raise fault("record.exit-part-of-several")
        return self


class Purpose(Model):
    """What a payment is for: transfers, an instrument, or both."""

    transfers: tuple[Reference, ...] | None = Field(
        default=None, min_length=1, max_length=256
    )
    instrument: InstrumentId | None = None

    @model_validator(mode="after")
    def _form(self) -> "Purpose":
        if self.transfers is None and self.instrument is None:
            raise fault("record.payment-for-nothing")
        return self


class Payment(Fact, Sum):
    """Money promised or moved; a commitment is not a payment (IATI's meanings)."""

    occurred: Moment
    stage: Literal["pledge", "commitment", "payment", "expenditure", "refund"]
    per: Literal["total", "person_year", "person_month", "person_day"] | None = None
    payer: Text
    payee: Text
    account_holder: Text | None = None
    value_on: DayText | None = None
    purpose: LongText | None = None
    restrictions: tuple[Text, ...] | None = Field(
        default=None, min_length=1, max_length=64
    )
    for_: Purpose = Field(alias="for")


class Claim(Fact):
    """A rival value for one member of an entry; never computed with."""

    target: Reference
    path: Pointer
    value: JsonValue


class Responsibility(Model):
    """Which state claims, or is said, to answer for the persons, and when."""

    state: StateCode
    from_: DayText | None = Field(default=None, alias="from")
    to: DayText | None = None
    accepted: bool


class FacilityStatement(Model):
    """What somebody said of a place: capacity, population, cost, programmes."""

    capacity: NonNegative | None = None
    population: NonNegative | None = None
    annual_cost: Sum | None = None
    programme_enrolment: NonNegative | None = None


class Remark(Fact):
    """Something said about entries that changes no computed value."""

    about: tuple[Reference, ...] = Field(min_length=1, max_length=64)
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

    @model_validator(mode="after")
    def _form(self) -> "Remark":
        if (self.responsibility is not None) != (self.type == "responsibility"):
            raise fault("record.remark-responsibility")
        if (self.facility_statement is not None) != (self.type == "facility_statement"):
            raise fault("record.remark-facility")
        return self


class Change(Model):
    """One corrected member: where, what it was, what it is; absent is unknown."""

    path: Pointer
    old: JsonValue | None = None
    new: JsonValue | None = None

    @model_validator(mode="after")
    def _form(self) -> "Change":
        if self.old == self.new:
            raise fault("record.change-of-nothing")
        return self


class Correction(Sourced):
    """New values for members of an earlier entry, which itself stays as it is."""

    target: Reference
    reason: LongText
    changes: tuple[Change, ...] = Field(min_length=1, max_length=64)


class Retraction(Sourced):
    """An earlier entry that counts for nothing from now on, and why."""

    target: Reference
    reason: LongText
