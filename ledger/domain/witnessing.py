"""What two states sign about each other's books: the peer, and the seal.

A `peer` pins the other state's book from an entry on; a `seal` puts a checkpoint that
the other state cosigned into this book, so that the time of the cosignature stands in
the tree. The bytes of both are those of published formats (`ledger.tlog`).
"""

from typing import Annotated, Literal, TypeAlias

from ledger.domain.forms import Book, Leaf, StateCode, Text, Vkey
from ledger.domain.notation import Model, Sized, Written
from ledger.tlog.note import MAX_SIGNATURES

PeerRole: TypeAlias = Literal["log", "witness", "auditor", "state"]
Line: TypeAlias = Annotated[str, Written(least=1, most=128)]


class PeerKey(Model, frozen=True, kw_only=True):
    """A key of the other state, as its card lists it."""

    role: PeerRole
    vkey: Vkey


class Peer(Model, frozen=True, kw_only=True):
    """The other state's card: whom this book trusts from this entry on."""

    name: Book
    state: StateCode
    genesis: Leaf
    keys: Annotated[tuple[PeerKey, ...], Sized(1, 64)]

    def of_role(self, role: PeerRole) -> tuple[str, ...]:
        """Return the vkeys of one role."""
        return tuple(key.vkey for key in self.keys if key.role == role)


class Seal(Model, frozen=True, kw_only=True):
    """A checkpoint of this book with the cosignatures that it got.

    `checkpoint` is its three lines; `signatures` the line of the log key, and those of
    the witnesses.
    """

    checkpoint: Annotated[tuple[Line, ...], Sized(3, 3)]
    signatures: Annotated[tuple[Text, ...], Sized(2, MAX_SIGNATURES)]

    @property
    def note(self) -> bytes:
        """Return the checkpoint as a note; it need not be one."""
        lines = [*self.checkpoint, "", *self.signatures]
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
