"""What a state key signs: who a book belongs to, its keys, the voids it has seen.

Parts of the closed set of kinds that are about the book itself and not about persons;
`ledger.domain.records` has the others.
"""

from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from ledger.domain.forms import (
    Book,
    DayText,
    Leaf,
    Model,
    Proof,
    Seq,
    StateCode,
    Text,
    Vkey,
    Zone,
    fault,
)

Role: TypeAlias = Literal["state", "clerk", "log", "witness", "auditor", "holder"]


class KeyListing(Model):
    """A key, its role, and the proof that its holder has the private part."""

    role: Role
    vkey: Vkey
    proof: Proof | None = None


class Genesis(Model):
    """Entry 0: whose book this is and which keys it starts with."""

    state: StateCode
    name: Book
    zone: Zone
    keys: tuple[KeyListing, ...] = Field(min_length=1, max_length=64)
    hash: Literal["sha256-rfc6962"]


class Key(Model):
    """A key that joins (`add`), leaves (`retire`) or is struck off (`revoke`)."""

    action: Literal["add", "retire", "revoke"]
    role: Role
    vkey: Vkey
    proof: Proof | None = None
    reason: Text | None = None
    suspect_from: DayText | None = None

    @model_validator(mode="after")
    def _form(self) -> "Key":
        if self.action == "add" and self.proof is None and self.role != "holder":
            raise fault("record.key-without-proof")
        if self.action == "revoke" and self.reason is None:
            raise fault("record.revoke-without-reason")
        if self.action != "revoke" and self.suspect_from is not None:
            raise fault("record.suspect-without-revoke")
        return self


class VoidTarget(Model):
    """A void entry, by number and leaf hash."""

    seq: Seq
    leaf: Leaf


class Acknowledgement(Model):
    """The state has seen these void entries; they stay listed and fail nothing."""

    targets: tuple[VoidTarget, ...] = Field(min_length=1, max_length=1000)
    reason: Text
