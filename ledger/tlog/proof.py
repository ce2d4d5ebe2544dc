"""The receipt: one file that shows that an entry is in a book.

    c2sp.org/tlog-proof@v1
    index 1
    n1trFjf10hj6RYl3VFlhv+xLFJ3GZf3ChuF/lu/PlJQ=

    (the checkpoint, a note)

It proves that the entry was logged, not that it is true or was authorised.

Source:
    c2sp.org/tlog-proof.
"""

import re

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.tlog import merkle, note
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.note import VerifyKey, from_base64, to_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_SIZE = note.MAX_SIZE
MAX_HASHES = 63

_FORM = re.compile(
    rb"c2sp\.org/tlog-proof@v1\n"
    rb"(?:extra ([A-Za-z0-9+/=]+)\n)?"
    rb"index (0|[1-9][0-9]{0,18})\n"
    rb"((?:[A-Za-z0-9+/=]+\n)*)"
    rb"\n"
    rb"(.+)",
    re.DOTALL,
)


class Proof(Struct, frozen=True):
    """An inclusion proof with the checkpoint it leads to, nothing of it verified.

    Attributes:
        index: The seq of the entry.
        hashes: The inclusion proof, the leaf's sibling first, 32 bytes each.
        checkpoint: The bytes of the checkpoint's note.
        extra: Data that nothing vouches for; None when there is none, never empty.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what has no spelling as a proof."""
        if not 0 <= self.index < merkle.MAX_SIZE:
            raise MalformedError("proof.bad-index")
        if len(self.hashes) > MAX_HASHES:
            raise MalformedError("proof.too-many-hashes", limit=MAX_HASHES)
        if any(len(given) != merkle.HASH_SIZE for given in self.hashes):
            raise MalformedError("proof.bad-hash-size")
        if not self.checkpoint or self.extra == b"":
            raise MalformedError("proof.bad-form")

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        """Return the proof that these bytes are the one spelling of.

        Raises:
            MalformedError: Over 1 MB or not in the form (``proof.*``, ``base64.*``).
        """
        if len(data) > MAX_SIZE:
            raise MalformedError("proof.too-big", size=len(data), limit=MAX_SIZE)
        found = _FORM.fullmatch(data)
        if not found:
            raise MalformedError("proof.bad-form")
        extra, index, hashes, checkpoint = found.groups()
        return cls(
            index=int(index),
            hashes=tuple(from_base64(line) for line in hashes.decode().splitlines()),
            checkpoint=checkpoint,
            extra=None if extra is None else from_base64(extra.decode()),
        )

    def format(self) -> bytes:
        """Return the bytes of a ``.tlog-proof`` file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(map(to_base64, self.hashes))
        data = "\n".join([*lines, "", ""]).encode() + self.checkpoint
        if len(data) > MAX_SIZE:
            raise MalformedError("proof.too-big", size=len(data), limit=MAX_SIZE)
        return data


def check_proof(proof: Proof, *, leaf: bytes, key: VerifyKey) -> Checkpoint:
    """Check that an entry is in the book of this log key, and return the checkpoint.

    Args:
        proof: The receipt.
        leaf: The leaf hash of the entry's stored bytes.
        key: The log key, known from elsewhere.

    Raises:
        MalformedError: The checkpoint or the proof has no such form.
        SignatureError: The log did not sign the checkpoint.
        TamperedError: The entry is not the one at this index of that tree.
    """
    checkpoint = open_checkpoint(proof.checkpoint, key=key)
    merkle.check_inclusion(
        proof.hashes,
        index=proof.index,
        size=checkpoint.size,
        leaf=leaf,
        root=checkpoint.root,
    )
    return checkpoint
