"""The forms that members of records take: strict field types and shared parts.

Form is judged here alone, from bytes that never change their meaning; tables that
grow (which states exist, which characters Unicode assigns) belong to data entry
(`ledger.domain.values`), so that a record of today reads the same in thirty years.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from typing_extensions import override

from ledger.domain.money import Money
from ledger.domain.qualifying import number
from ledger.domain.times import Duration, When, parse_day
from ledger.errors import LedgerError

T = TypeVar("T")

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


def reads(parse: Callable[[str], T]) -> Callable[[object], T]:
    """Return a validator that reads text with `parse`, or takes what it returns."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticCustomError("form", "{code}", {"code": "form.not-text"})
        try:
            return parse(value)
        except LedgerError as error:
            values = {"code": error.code, **error.values}
            raise PydanticCustomError("form", "{code}", values) from None

    return validate


def _shown(pattern: str, description: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "description": description}
    )


Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
LongText: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Name: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z0-9.-]+(/[a-z0-9.-]+)*$", max_length=128),
]
Book: TypeAlias = Name
Leaf: TypeAlias = Annotated[str, StringConstraints(pattern=LEAF_PATTERN)]
Vkey: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Proof: TypeAlias = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9+/]{86}==$")]
StateCode: TypeAlias = Annotated[str, StringConstraints(pattern=STATE_PATTERN)]
Zone: TypeAlias = Annotated[str, StringConstraints(pattern=ZONE_PATTERN, max_length=64)]
Currency: TypeAlias = Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN)]
Amount: TypeAlias = Annotated[str, StringConstraints(pattern=AMOUNT_PATTERN)]
Pointer: TypeAlias = Annotated[str, StringConstraints(pattern=POINTER_PATTERN)]
InstrumentId: TypeAlias = Annotated[str, StringConstraints(pattern=INSTRUMENT_PATTERN)]
TransferRef: TypeAlias = Annotated[str, StringConstraints(pattern=TRANSFER_PATTERN)]
ArrivalRef: TypeAlias = Annotated[str, StringConstraints(pattern=ARRIVAL_PATTERN)]
Slug: TypeAlias = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=64)]
Seq: TypeAlias = Annotated[int, Field(ge=0, le=2**53 - 1)]
Positive: TypeAlias = Annotated[int, Field(ge=1, le=10_000_000)]
NonNegative: TypeAlias = Annotated[int, Field(ge=0, le=10_000_000)]
DayText: TypeAlias = Annotated[
    date,
    PlainValidator(reads(parse_day)),
    PlainSerializer(date.isoformat, return_type=str),
    _shown(DAY_PATTERN, "a day, YYYY-MM-DD"),
]
Moment: TypeAlias = Annotated[
    When,
    PlainValidator(reads(When.parse)),
    PlainSerializer(lambda when: when.text, return_type=str),
    _shown(WHEN_PATTERN, "a minute with its offset, a day, or a month"),
]
Length: TypeAlias = Annotated[
    Duration,
    PlainValidator(reads(Duration.parse)),
    PlainSerializer(Duration.format, return_type=str),
    _shown(LENGTH_PATTERN, "years and months, or days; never converted"),
]
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


def _plain(value: object) -> object:
    """Return a value of restricted JSON as it is; anything else is refused."""
    match value:
        case bool() | str():
            return value
        case int() if abs(value) < 2**53:
            return value
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            raise PydanticCustomError("form", "{code}", {"code": "form.not-json"})


JsonValue: TypeAlias = Annotated[
    Any,
    PlainValidator(_plain),
    WithJsonSchema({"type": ["boolean", "integer", "string", "array", "object"]}),
]


def fault(code: str) -> PydanticCustomError:
    """Return the error with which a model refuses a record as a whole."""
    return PydanticCustomError("record", "{code}", {"code": code})


_NONE_SET: set[str] = set()


class Model(BaseModel):
    """A frozen, strict, closed value; absent members are unknown, never null."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        defer_build=True,
        validate_by_name=False,
        validate_by_alias=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )

    @override
    def model_post_init(self, context: object, /) -> None:
        """Forget which members were given: absent ones are None, and sets are large.

        A third of the memory of a long book would be these sets.
        """
        object.__setattr__(self, "__pydantic_fields_set__", _NONE_SET)

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say in the schema what holds everywhere: there is no null."""
        schema = handler.resolve_ref_schema(handler(core))
        for member in schema.get("properties", {}).values():
            choices = member.pop("anyOf", None)
            if choices is None:
                continue
            (kept,) = [choice for choice in choices if choice != {"type": "null"}]
            member.pop("default", None)
            member.update(kept)
        return schema


class Reference(Model):
    """An entry of a book, by number and by leaf hash."""

    ledger: Book
    seq: Seq
    leaf: Leaf


class Count(Model):
    """A head count and how exact it is said to be."""

    n: Positive
    qualifier: Qualifier

    @property
    def number(self) -> int:
        """Return the number, which knows how exact it is."""
        return number(self.n, self.qualifier)


class Evidence(Model):
    """A document that a claim rests on; `sha256` is the digest of its bytes."""

    title: Text
    date: DayText
    url: Annotated[str, Field(pattern=URL_PATTERN, max_length=2000)] | None = None
    sha256: Leaf | None = None
    media_type: Annotated[str, Field(pattern=MEDIA_PATTERN, max_length=128)] | None = (
        None
    )


class Facility(Model):
    """A place of custody; its zone decides when a term's last day is over."""

    name: Text
    place: Text | None = None
    state: StateCode | None = None
    operator: Text | None = None
    zone: Zone | None = None


class Manifest(Model):
    """The Merkle root over salted commitments to persons, and their count."""

    root: Leaf
    count: Positive


class Sum(Model):
    """An amount of money with exactly its currency's digits (ISO 4217)."""

    amount: Amount
    currency: Currency

    @model_validator(mode="after")
    def _digits(self) -> "Sum":
        reads(lambda amount: Money.of(amount, self.currency))(self.amount)
        return self

    @property
    def money(self) -> Money:
        """Return the amount in minor units of its currency."""
        return Money.of(self.amount, self.currency)


class Counted(Model):
    """A head count and its day."""

    n: NonNegative
    on: DayText


class Portion(Model):
    """How many of an exit belong to one transfer."""

    transfer: Reference
    n: Positive


class Source(Model):
    """Where an imported entry was read.

    Attributes:
        file: The file's name, without its folder.
        sheet: The sheet of a workbook.
        row: The row of the sheet or file, from 1.
        sha256: Digest of the file's bytes.
    """

    file: Text
    sheet: Text | None = None
    row: Annotated[int, Field(ge=1, le=2**31 - 1)]
    sha256: Leaf


class Sourced(Model):
    """What a clerk records; `source` is there only if it was read from a file."""

    source: Source | None = None


class Fact(Sourced):
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
    evidence: tuple[Evidence, ...] | None = Field(
        default=None, min_length=1, max_length=64
    )
    text: LongText | None = None
