"""What states agree on: terms, renewal, notice, compensation, report duties.

Parts of the records `instrument`, `transfer` and `renewal`. The words of an
agreement are quoted as they are; a reading says what they are taken to mean.
"""

from typing import Annotated, Literal

from ledger.domain.forms import (
    DayText,
    Length,
    LongText,
    NonNegative,
    Sum,
    Text,
)
from ledger.domain.notation import Model, Written
from ledger.domain.times import parse_day
from ledger.errors import RefusedError

LANGUAGE_PATTERN = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
TRIGGER_PATTERN = (
    "^(admitted|arrived|departed|signed|in_force|[0-9]{4}-[0-9]{2}-[0-9]{2})$"
)


def _event_or_day(trigger: str) -> None:
    """Refuse a trigger that looks like a day and is none."""
    if trigger[0].isdigit():
        parse_day(trigger)


class Term(Model, frozen=True, kw_only=True):
    """How long persons may be held: the words, how they are read, where they start.

    Attributes:
        text: The quoted words.
        language: Their language (BCP 47).
        reading: What the words are taken to mean.
        trigger: The first day: `admitted` unless said, another event, or a day.
        length: `P1Y`, `P6M`, `P90D`; never converted into one another.
        until: The last day itself, for `until_date`.
    """

    text: LongText | None = None
    language: (
        Annotated[str, Written(pattern=LANGUAGE_PATTERN, code="form.not-a-language")]
        | None
    ) = None
    reading: Literal[
        "fixed", "up_to", "until_event", "until_date", "indefinite", "unknown"
    ]
    trigger: (
        Annotated[
            str,
            Written(
                pattern=TRIGGER_PATTERN, code="form.not-a-trigger", check=_event_or_day
            ),
        ]
        | None
    ) = None
    length: Length | None = None
    until: DayText | None = None

    def __post_init__(self) -> None:
        """Refuse a term whose reading and members do not fit."""
        if (self.length is not None) != (self.reading in {"fixed", "up_to"}):
            raise RefusedError("record.term-length")
        if (self.until is not None) != (self.reading == "until_date"):
            raise RefusedError("record.term-until")


class Notice(Model, frozen=True, kw_only=True):
    """When a renewal has to be asked for: a lead before the end, or a last day."""

    lead: Length | None = None
    last_day: DayText | None = None
    text: LongText | None = None


class RenewalClause(Model, frozen=True, kw_only=True):
    """What an instrument says about renewal.

    Attributes:
        clause: Whether renewal needs words, silence or nothing.
        max: How often it may be renewed.
        outer_limit: The last day that no renewal may pass.
        notice: When it has to be asked for.
    """

    clause: Literal["express", "tacit", "automatic", "none", "unknown"]
    max: NonNegative | None = None
    outer_limit: DayText | None = None
    notice: Notice | None = None


class CompensationTerms(Sum, frozen=True, kw_only=True):
    """What was agreed to be paid, per what, and on what basis it accrues."""

    per: Literal["total", "person_year", "person_month", "person_day"]
    basis: Literal["ACT/365", "ACT/366", "30/360", "month/12"] | None = None
    payer: Text | None = None
    payee: Text | None = None
    refund_clause: LongText | None = None


class ReportDuty(Model, frozen=True, kw_only=True):
    """A report that somebody owes: what, to whom, when."""

    what: Text
    by: Text
    to: Text | None = None
    rule: LongText
    first_due: DayText | None = None
