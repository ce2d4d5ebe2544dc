"""From `data` to records and back, and the JSON Schema of every kind.

`read_record` is the one gate: data entry, audit and import all pass through it.
"""

from collections.abc import Mapping
from typing import TypeAlias

from ledger.domain.authority import (
    Acknowledgement,
    Approval,
    Confirmation,
    Genesis,
    Key,
    Role,
)
from ledger.domain.notation import Model
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
from ledger.domain.shapes import JsonSchema, Unfit, shape_of
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


def read_record(kind: str, data: Json, *, spelt: bytes = b"") -> Record:
    """Return the record that `data` spells.

    Args:
        kind: Its kind.
        data: What it says.
        spelt: The canonical bytes of `data`, where it was read from them: it holds
            plain values alone, and is not spelled and read once more.

    Raises:
        RefusedError: With the member as an RFC 6901 pointer and what is wrong with
            it; further faults in `others`. The value itself is never repeated.
        KeyError: If the kind is not one of `KINDS`.
    """
    shape = shape_of(KINDS[kind])
    try:
        # What a caller made may hold more than plain values: they are read as spelt.
        plain = data if spelt else canonical.decode(canonical.encode(data))
        record: Record = shape.read(plain)
    except MalformedError as error:
        member = _unspelled(data) or "/"
        raise RefusedError(error.code, kind=kind, member=member) from None
    except Unfit as unfit:
        refusals = [
            RefusedError(code, **{"kind": kind, "member": place or "/", **values})
            for place, code, values in unfit.faults
        ]
        raise RefusedError.many(refusals) from None
    return record


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


def data_of(record: Model) -> dict[str, Json]:
    """Return the `data` that spells this record, without absent members."""
    return shape_of(type(record)).spell(record)


def json_schema(kind: str) -> JsonSchema:
    """Return the JSON Schema (2020-12) of a kind's `data`."""
    parts: dict[str, JsonSchema] = {}
    whole = shape_of(KINDS[kind]).whole(parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "title": kind,
        **({"$defs": parts} if parts else {}),
    }
