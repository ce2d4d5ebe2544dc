"""What the schemas of answers are made of: closed objects and common forms."""

from collections.abc import Mapping
from typing import Any, get_args

from ledger.audit import LEVELS
from ledger.cli import PROGRAM
from ledger.domain.accruing import State
from ledger.domain.authority import Role
from ledger.domain.beginnings import Notice
from ledger.domain.compensation import Basis
from ledger.domain.forms import Disposition, Qualifier, Status
from ledger.domain.schemas import KINDS
from ledger.domain.starting import Event
from ledger.domain.variances import FlagCode

Schema = dict[str, Any]


def one_of(*values: Any) -> Schema:
    return {"enum": list(values)}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def closed(members: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return an object with these members and no others.

    What says how exact a number is stands only beside one that is not exact.
    """
    optional += tuple(name for name in members if name.endswith("_qualifier"))
    return {
        "type": "object",
        "properties": dict(members),
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def placed(members: Mapping[str, Schema]) -> Schema:
    """Return an object that names the mirrored book of its entry, if it is of one."""
    return closed({"book": TEXT, **members}, optional=("book",))


def matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
DATA: Schema = {"type": "object"}
HASH = matching("^[0-9a-f]{64}$")
ONCE = matching("^[0-9a-f]{32}$")
DAY = matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
INSTANT = matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
FINGERPRINT = matching("^SHA256:[A-Za-z0-9+/]{43}$")
REF = matching("^[TRI]-[1-9][0-9]*$")
NAMED = matching("^([a-z0-9./-]+:)?[TRI]-[1-9][0-9]*$")
STATE = matching("^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
AMOUNT = matching("^(0|[1-9][0-9]*)([.][0-9]{1,4})?$")
KIND = one_of(*KINDS)
ROLE = one_of(*get_args(Role))
LEVEL = one_of(*LEVELS)
FLAG_CODE = one_of(*get_args(FlagCode))
STATUS = one_of(*get_args(Status))
QUALIFIER = one_of(*get_args(Qualifier))
INEXACT: Schema = {
    **one_of(*(each for each in get_args(Qualifier) if each != "exact")),
    "description": "how exact the number beside it is; exact where this is absent",
}
DISPOSITION = one_of(*get_args(Disposition))
EXITS_INEXACT: Schema = {
    "type": "object",
    "propertyNames": DISPOSITION,
    "additionalProperties": INEXACT,
}
RENEWABLE = one_of("yes", "no", "unknown")
READING = one_of(
    *("fixed", "up_to", "until_event", "until_date", "indefinite", "unknown", "none")
)
EVENT = one_of(*get_args(Event))
NOTICE = one_of(*get_args(Notice))
ACCRUING = one_of(*get_args(State))
PER = one_of("total", "person_year", "person_month", "person_day")
BASIS = one_of(*get_args(Basis), "days-of-term", "days")
CURRENCY = matching("^[A-Z]{3}$")
FAULT = closed({"level": LEVEL, "code": TEXT})
MIRROR = closed({"size": COUNT, "root": maybe(HASH), "day": maybe(DAY)})
HEAD = closed({"book": TEXT, "size": COUNT, "root": HASH})
MIRRORED = closed(
    {"book": TEXT, "size": COUNT, "root": HASH, "mirror": MIRROR},
    optional=("mirror",),
)


def within(name: str, schema: Schema = COUNT) -> dict[str, Schema]:
    """Return the two members of a range, and how exact they are if they are not."""
    ends = {f"{name}_min": schema, f"{name}_max": schema}
    return {**ends, f"{name}_qualifier": INEXACT}


def counted(name: str) -> dict[str, Schema]:
    """Return a number of persons, and how exact it is if it is not."""
    return {name: COUNT, f"{name}_qualifier": INEXACT}


FLAG = closed({"flag": FLAG_CODE, "seq": COUNT, **counted("n")})
PLACED_FLAG = placed({"flag": FLAG_CODE, "seq": COUNT, **counted("n")})
RATE_STEP = closed(
    {
        "first": DAY,
        "last": DAY,
        "seq": COUNT,
        "amount": AMOUNT,
        "per": one_of("person_year", "person_month", "person_day"),
        "basis": one_of(*get_args(Basis), "days"),
        "basis_assumed": TRUTH,
        "sum_assumed": TRUTH,
        "authorised": TRUTH,
        **within("persons"),
    }
)
PART: dict[str, Schema] = {
    "start": DAY,
    "counted_from": TEXT,
    "starts_with": EVENT,
    "start_event": maybe(EVENT),
    "start_said": many(TEXT),
    "start_latest": DAY,
    "reading": READING,
    "authorised_until": maybe(DAY),
    "authorised_until_latest": maybe(DAY),
    "provisional": TRUTH,
    "renewals": COUNT,
    "gap_days": COUNT,
    "month_clipped": TRUTH,
    "capped_by": maybe(NAMED),
    "assumed": TRUTH,
}
TERM_ROW: dict[str, Schema] = {
    "ref": REF,
    "book": TEXT,
    "origin": STATE,
    "destination": STATE,
    "group": maybe(TEXT),
    "group_said_by": maybe(TEXT),
    "facility": maybe(TEXT),
    "zone": TEXT,
    **within("held"),
    **PART,
    "days_left": maybe(NUMBER),
    "renewable": RENEWABLE,
    "status": STATUS,
    "asserted_by": TEXT,
    "acknowledged": TRUTH,
    "late_days": COUNT,
    "corrected": TRUTH,
    "flags": many(FLAG_CODE),
}
CUSTODY_ROW: dict[str, Schema] = {
    "ref": REF,
    "book": TEXT,
    "departed_on": DAY,
    "departed_at": TEXT,
    "origin": STATE,
    "destination": STATE,
    "group": maybe(TEXT),
    "facility": maybe(TEXT),
    "persons": COUNT,
    "qualifier": QUALIFIER,
    **counted("departed"),
    **counted("arrived"),
    **counted("unaccounted"),
    **within("in_transit"),
    **within("held"),
    "authorised_until": maybe(DAY),
    "authorised_until_latest": maybe(DAY),
    "renewable": RENEWABLE,
    "status": STATUS,
    "asserted_by": TEXT,
    "acknowledged": TRUTH,
    "late_days": COUNT,
    "corrected": TRUTH,
    "flags": many(FLAG_CODE),
}


def answer(name: str, **members: Schema) -> Schema:
    return closed({"schema": {"const": f"{PROGRAM}/{name}/1"}, **members})
