"""The forms that members of records take: strict field types and shared parts.

Form is judged here alone, from bytes that never change their meaning; tables that
grow (which states exist, which characters Unicode assigns) belong to data entry
(`ledger.domain.values`), so that a record of today reads the same in thirty years.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from ledger.domain.money import Money
from ledger.domain.notation import Anything, Between, Model, Sized, Spelled, Written
from ledger.domain.qualifying import number
from ledger.domain.times import Duration, When, parse_day

DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WHEN_PATTERN = (
    "^[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2})?)?$"
)
LENGTH_PATTERN = (
    "^P([1-9][0-9]{0,3}D|[1-9][0-9]{0,3}M|[1-9][0-9]{0,3}Y([1-9][0-9]{0,3}M)?)$"
)
ZONE_PATTERN = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"
POINTER_PATTERN = "^(/[a-z0-9_]{1,64}){1,8}$"
STATE_PATTERN = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?$"
CURRENCY_PATTERN = "^[A-Z]{3}$"
INSTRUMENT_PATTERN = "^I-[1-9][0-9]{0,8}$"
TRANSFER_PATTERN = "^T-[1-9][0-9]{0,8}$"
ARRIVAL_PATTERN = "^R-[1-9][0-9]{0,8}$"
SLUG_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
LEAF_PATTERN = "^[0-9a-f]{64}$"
URL_PATTERN = "^https?://[!-~]+$"
MEDIA_PATTERN = "^[a-z0-9.+-]+/[a-z0-9.+-]+$"


Text: TypeAlias = Annotated[str, Written(least=1, most=2000)]
LongText: TypeAlias = Annotated[str, Written(least=1, most=20_000)]
Name: TypeAlias = Annotated[
    str, Written(pattern="^[a-z0-9.-]+(/[a-z0-9.-]+)*$", most=128)
]
Book: TypeAlias = Name
Leaf: TypeAlias = Annotated[str, Written(pattern=LEAF_PATTERN, code="form.not-a-hash")]
Vkey: TypeAlias = Annotated[str, Written(least=1, most=512)]
Proof: TypeAlias = Annotated[str, Written(pattern="^[A-Za-z0-9+/]{86}==$")]
StateCode: TypeAlias = Annotated[
    str, Written(pattern=STATE_PATTERN, code="value.not-a-state")
]
Zone: TypeAlias = Annotated[
    str, Written(pattern=ZONE_PATTERN, code="value.not-a-zone", most=64)
]
Currency: TypeAlias = Annotated[
    str, Written(pattern=CURRENCY_PATTERN, code="value.not-a-currency")
]
Amount: TypeAlias = Annotated[
    str, Written(pattern=AMOUNT_PATTERN, code="form.not-an-amount")
]
Pointer: TypeAlias = Annotated[
    str, Written(pattern=POINTER_PATTERN, code="form.not-a-path")
]
InstrumentId: TypeAlias = Annotated[
    str, Written(pattern=INSTRUMENT_PATTERN, code="form.not-an-instrument")
]
TransferRef: TypeAlias = Annotated[
    str, Written(pattern=TRANSFER_PATTERN, code="form.not-a-reference")
]
ArrivalRef: TypeAlias = Annotated[
    str, Written(pattern=ARRIVAL_PATTERN, code="form.not-a-reference")
]
Slug: TypeAlias = Annotated[
    str, Written(pattern=SLUG_PATTERN, code="form.not-a-slug", most=64)
]
Seq: TypeAlias = Annotated[int, Between(0, 2**53 - 1)]
Positive: TypeAlias = Annotated[int, Between(1, 10_000_000)]
NonNegative: TypeAlias = Annotated[int, Between(0, 10_000_000)]
DayText: TypeAlias = Annotated[
    date,
    Spelled(
        read=parse_day,
        spell=date.isoformat,
        pattern=DAY_PATTERN,
        description="a day, YYYY-MM-DD",
    ),
]
Moment: TypeAlias = Annotated[
    When,
    Spelled(
        read=When.parse,
        spell=lambda when: when.text,
        pattern=WHEN_PATTERN,
        description="a minute with its offset, a day, or a month",
    ),
]
Length: TypeAlias = Annotated[
    Duration,
    Spelled(
        read=Duration.parse,
        spell=Duration.format,
        pattern=LENGTH_PATTERN,
        description="years and months, or days; never converted",
    ),
]
JsonValue: TypeAlias = Annotated[Any, Anything()]
Status: TypeAlias = Literal["official", "reported", "alleged", "disputed"]
Qualifier: TypeAlias = Literal["exact", "about", "at_least", "at_most"]
Disposition: TypeAlias = Literal[
    "released",
    "repatriated",
    "returned_to_origin",
    "onward_transferred",
    "died",
    "escaped",
    "refused_not_admitted",
    "unaccounted",
]


class Reference(Model, frozen=True, kw_only=True):
    """An entry of a book, by number and by leaf hash."""

    ledger: Book
    seq: Seq
    leaf: Leaf


class Count(Model, frozen=True, kw_only=True):
    """A head count and how exact it is said to be."""

    n: Positive
    qualifier: Qualifier

    @property
    def number(self) -> int:
        """Return the number, which knows how exact it is."""
        return number(self.n, self.qualifier)


class Evidence(Model, frozen=True, kw_only=True):
    """A document that a claim rests on; `sha256` is the digest of its bytes."""

    title: Text
    date: DayText
    url: (
        Annotated[str, Written(pattern=URL_PATTERN, code="form.not-a-url", most=2000)]
        | None
    ) = None
    sha256: Leaf | None = None
    media_type: (
        Annotated[
            str, Written(pattern=MEDIA_PATTERN, code="form.not-a-media-type", most=128)
        ]
        | None
    ) = None


class Facility(Model, frozen=True, kw_only=True):
    """A place of custody; its zone decides when a term's last day is over."""

    name: Text
    place: Text | None = None
    state: StateCode | None = None
    operator: Text | None = None
    zone: Zone | None = None


class Manifest(Model, frozen=True, kw_only=True):
    """The Merkle root over salted commitments to persons, and their count."""

    root: Leaf
    count: Positive


class Sum(Model, frozen=True, kw_only=True):
    """An amount of money with exactly its currency's digits (ISO 4217)."""

    amount: Amount
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse an amount that has not its currency's digits."""
        _ = self.money

    @property
    def money(self) -> Money:
        """Return the amount in minor units of its currency."""
        return Money.of(self.amount, self.currency)


class Counted(Model, frozen=True, kw_only=True):
    """A head count and its day."""

    n: NonNegative
    on: DayText


class Portion(Model, frozen=True, kw_only=True):
    """How many of an exit belong to one transfer."""

    transfer: Reference
    n: Positive


class Source(Model, frozen=True, kw_only=True):
    """Where an imported entry was read.

    Attributes:
        file: The file's name, without its folder.
        sheet: The sheet of a workbook.
        row: The row of the sheet or file, from 1.
        sha256: Digest of the file's bytes.
    """

    file: Text
    sheet: Text | None = None
    row: Annotated[int, Between(1, 2**31 - 1)]
    sha256: Leaf


class Sourced(Model, frozen=True, kw_only=True):
    """What a clerk records; `source` is there only if it was read from a file."""

    source: Source | None = None


class Fact(Sourced, frozen=True, kw_only=True):
    """Members that every factual kind shares.

    Attributes:
        occurred: When it happened, as precisely as known.
        asserted_by: A state's code or an organisation's name: whose claim it is.
        status: How the claim stands (ICPPED art. 22(b): a record has an author).
        evidence: Documents it rests on.
        text: Free remark; never a person's name.
    """

    occurred: Moment | None = None
    asserted_by: Text
    status: Status
    evidence: Annotated[tuple[Evidence, ...], Sized(1, 64)] | None = None
    text: LongText | None = None
