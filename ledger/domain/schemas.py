"""From `data` to records and back, and the JSON Schema of every kind.

`read_record` is the one gate: data entry, audit and import all pass through it.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.domain import agreements, forms
from ledger.domain.authority import (
    Acknowledgement,
    Approval,
    Confirmation,
    Genesis,
    Key,
    Role,
)
from ledger.domain.forms import Model
from ledger.domain.records import (
    Claim,
    Correction,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.recovery import Recovery
from ledger.domain.witnessing import Peer, Seal
from ledger.errors import MalformedError, RefusedError
from ledger.tlog import canonical
from ledger.tlog.canonical import Json

Record: TypeAlias = (
    Genesis
    | Key
    | Peer
    | Seal
    | Acknowledgement
    | Approval
    | Instrument
    | Transfer
    | Receipt
    | Renewal
    | Exit
    | Recovery
    | Payment
    | Claim
    | Remark
    | Correction
    | Retraction
    | Confirmation
)

KINDS: Mapping[str, type[Record]] = {
    "genesis": Genesis,
    "key": Key,
    "peer": Peer,
    "seal": Seal,
    "acknowledgement": Acknowledgement,
    "approval": Approval,
    "instrument": Instrument,
    "transfer": Transfer,
    "receipt": Receipt,
    "renewal": Renewal,
    "exit": Exit,
    "recovery": Recovery,
    "payment": Payment,
    "claim": Claim,
    "remark": Remark,
    "correction": Correction,
    "retraction": Retraction,
    "confirmation": Confirmation,
}

_OF_STATE = frozenset(("genesis", "key", "peer", "acknowledgement", "approval"))
OF_THE_BOOK = _OF_STATE | {"seal"}
"""The kinds that are about the book itself, and about no transfer."""

ROLES: Mapping[str, Role] = {
    kind: "state" if kind in _OF_STATE else "log" if kind == "seal" else "clerk"
    for kind in KINDS
}


# What pydantic calls a wrong type, and what we say of it.
TYPE_CODES: Mapping[str, str] = {
    "string_type": "form.not-text",
    "int_type": "form.not-a-number",
    "bool_type": "form.not-true-or-false",
    "tuple_type": "form.not-a-list",
    "model_type": "form.not-an-object",
    "model_attributes_type": "form.not-an-object",
}
PATTERN_CODES: Mapping[str, str] = {
    forms.STATE_PATTERN: "value.not-a-state",
    forms.ZONE_PATTERN: "value.not-a-zone",
    forms.CURRENCY_PATTERN: "value.not-a-currency",
    forms.AMOUNT_PATTERN: "form.not-an-amount",
    forms.INSTRUMENT_PATTERN: "form.not-an-instrument",
    forms.TRANSFER_PATTERN: "form.not-a-reference",
    forms.ARRIVAL_PATTERN: "form.not-a-reference",
    forms.SLUG_PATTERN: "form.not-a-slug",
    forms.LEAF_PATTERN: "form.not-a-hash",
    forms.URL_PATTERN: "form.not-a-url",
    forms.MEDIA_PATTERN: "form.not-a-media-type",
    forms.POINTER_PATTERN: "form.not-a-path",
    agreements.TRIGGER_PATTERN: "form.not-a-trigger",
    agreements.LANGUAGE_PATTERN: "form.not-a-language",
}

_quoted = re.compile("'([^']*)'")


def read_record(kind: str, data: Json, *, spelt: bytes = b"") -> Record:
    """Return the record that `data` spells.

    Args:
        kind: Its kind.
        data: What it says.
        spelt: The canonical bytes of `data`, where they are at hand.

    Raises:
        RefusedError: With the member as an RFC 6901 pointer and what is wrong with
            it; further faults in `others`. The value itself is never repeated.
        KeyError: If the kind is not one of `KINDS`.
    """
    try:
        return KINDS[kind].model_validate_json(spelt or canonical.encode(data))
    except MalformedError as error:
        member = _unspelled(data) or "/"
        raise RefusedError(error.code, kind=kind, member=member) from None
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise RefusedError.many([_refusal(kind, d) for d in details]) from None


def _unspelled(value: Json) -> str:
    """Return the pointer to the first value that has no spelling as JSON here."""
    match value:
        case dict():
            members = value.items()
        case list():
            members = {str(n): item for n, item in enumerate(value)}.items()
        case _:
            return ""
    for name, member in members:
        try:
            canonical.encode(member)
        except MalformedError:
            return f"/{name}{_unspelled(member)}"
    return ""


def _refusal(kind: str, detail: ErrorDetails) -> RefusedError:
    """Return a fault that pydantic found, in our words and without the input."""
    member = "".join(f"/{step}" for step in detail["loc"])
    context = dict(detail.get("ctx", {}))
    code = context.pop("code", None)
    if isinstance(code, str):
        values = {k: v for k, v in context.items() if isinstance(v, str | int)}
        return RefusedError(code, **{"kind": kind, "member": member or "/", **values})
    match detail["type"]:
        case "missing":
            return RefusedError("record.member-missing", kind=kind, member=member)
        case "extra_forbidden":
            return RefusedError("record.member-unknown", kind=kind, member=member)
        case "literal_error":
            expected = _quoted.findall(str(context.get("expected", ""))) or ["true"]
            return RefusedError(
                "record.not-a-choice",
                kind=kind,
                member=member,
                choices=", ".join(expected),
            )
        case "string_pattern_mismatch":
            code = PATTERN_CODES.get(str(context.get("pattern")), "record.wrong-form")
            return RefusedError(code, kind=kind, member=member)
        case "greater_than_equal" | "less_than_equal":
            bound = str(context.get("ge", context.get("le", "")))
            return RefusedError(
                "record.out-of-range", kind=kind, member=member, bound=bound
            )
        case "string_too_long" | "too_long" | "string_too_short" | "too_short":
            bound = str(context.get("max_length", context.get("min_length", "")))
            return RefusedError(
                "record.wrong-length", kind=kind, member=member, bound=bound
            )
        case other:
            code = TYPE_CODES.get(other, "record.wrong-form")
            return RefusedError(code, kind=kind, member=member or "/")


def data_of(record: Model) -> dict[str, Json]:
    """Return the `data` that spells this record, without absent members."""
    data: dict[str, Json] = record.model_dump(mode="json", exclude_none=True)
    return data


def json_schema(kind: str) -> dict[str, object]:
    """Return the JSON Schema (2020-12) of a kind's `data`."""
    schema = KINDS[kind].model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        **{name: value for name, value in schema.items() if name != "title"},
    }
