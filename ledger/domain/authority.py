"""What a book says of itself: whose it is, its keys, and who vouches for what.

Parts of the closed set of kinds that are about the book itself and not about persons;
`ledger.domain.records` has the others. A state key signs all but confirmations, which
another officer signs.
"""

from typing import Annotated, Literal, TypeAlias

from ledger.domain.forms import (
    Book,
    DayText,
    Leaf,
    LongText,
    Positive,
    Proof,
    Reference,
    Seq,
    StateCode,
    Text,
    Vkey,
    Zone,
)
from ledger.domain.notation import Model, Sized
from ledger.errors import RefusedError

Role: TypeAlias = Literal["state", "clerk", "log", "witness", "auditor", "holder"]


class KeyListing(Model, frozen=True, kw_only=True):
    """A key, its role, and the proof that its holder has the private part."""

    role: Role
    vkey: Vkey
    proof: Proof | None = None


class LostHead(Model, frozen=True, kw_only=True):
    """How far another book of the state had come, before entries of it were lost.

    Attributes:
        ledger: Name of that book.
        genesis: Leaf hash of its entry 0.
        size: How many entries it had.
        root: Root of their tree.
    """

    ledger: Book
    genesis: Leaf
    size: Positive
    root: Leaf


class Genesis(Model, frozen=True, kw_only=True):
    """Entry 0: whose book this is and which keys it starts with.

    Attributes:
        successor_of: The book that this one follows, where its history was lost.
    """

    state: StateCode
    name: Book
    zone: Zone
    keys: Annotated[tuple[KeyListing, ...], Sized(1, 64)]
    hash: Literal["sha256-rfc6962"]
    successor_of: LostHead | None = None

    def __post_init__(self) -> None:
        """Refuse a book that follows itself."""
        if self.successor_of is not None and self.successor_of.ledger == self.name:
            raise RefusedError("record.own-successor")


class Key(Model, frozen=True, kw_only=True):
    """A key that joins (`add`), leaves (`retire`) or is struck off (`revoke`).

    Attributes:
        suspect_from: Day from which what a revoked key signed is disputed.
        text: How the fingerprint was checked in person with the other state, where a
            state key changes and no further state key is there to consent.
    """

    action: Literal["add", "retire", "revoke"]
    role: Role
    vkey: Vkey
    proof: Proof | None = None
    reason: Text | None = None
    suspect_from: DayText | None = None
    text: LongText | None = None

    def __post_init__(self) -> None:
        """Refuse a key without what its action needs."""
        if self.action == "add" and self.proof is None and self.role != "holder":
            raise RefusedError("record.key-without-proof")
        if self.action == "revoke" and self.reason is None:
            raise RefusedError("record.revoke-without-reason")
        if self.action != "revoke" and self.suspect_from is not None:
            raise RefusedError("record.suspect-without-revoke")


class VoidTarget(Model, frozen=True, kw_only=True):
    """A void entry, by number and leaf hash."""

    seq: Seq
    leaf: Leaf


class Acknowledgement(Model, frozen=True, kw_only=True):
    """The state has seen these void entries; they stay listed and fail nothing."""

    targets: Annotated[tuple[VoidTarget, ...], Sized(1, 1000)]
    reason: Text


class Approval(Model, frozen=True, kw_only=True):
    """Another state key consents to an entry that waits for it."""

    target: Reference
    text: LongText | None = None


class Confirmation(Model, frozen=True, kw_only=True):
    """An officer vouches for entries that a stolen key may have signed."""

    targets: Annotated[tuple[Reference, ...], Sized(1, 1000)]
    text: LongText | None = None
