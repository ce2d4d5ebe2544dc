"""The checkpoint: what a log says its tree is, in three lines.

    us.example/book
    3
    x1mUzlyvDVxIADAfjHp5XEytD1OvbTwlZ60H2v7RXqQ=

It is signed as a note by the log key, whose name is the book's. We write no extension
lines and refuse them: a witness's statement does not cover what they say.

Source:
    c2sp.org/tlog-checkpoint.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog.merkle import HASH_SIZE, MAX_SIZE
from ledger.tlog.note import (
    SIG_ED25519,
    Note,
    Signature,
    Signer,
    VerifyKey,
    check_name,
    from_base64,
    open_note,
    sign_note,
    to_base64,
)

_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n")


class Checkpoint(Struct, frozen=True):
    """The size and the root of a book's tree.

    Attributes:
        origin: The name of the book.
        size: Number of entries.
        root: Root hash of their tree, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what has no spelling as a checkpoint."""
        check_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE:
            raise MalformedError("checkpoint.bad-size")
        if len(self.root) != HASH_SIZE:
            raise MalformedError("checkpoint.bad-root-size", size=len(self.root))

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint that this text is the one spelling of.

        Raises:
            MalformedError: It is not three lines of a name of ours, a decimal number
                below 2^63 and the base64 of 32 bytes.
        """
        found = _BODY.fullmatch(text)
        if not found:
            raise MalformedError("checkpoint.bad-form")
        origin, size, root = found.groups()
        return cls(origin, size=int(size), root=from_base64(root))

    def format(self) -> str:
        """Return the text: three lines."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the note of a checkpoint, signed by its log.

    Raises:
        UsageError: The signer is not named as the book is, or is a witness.
    """
    if signer.key.name != checkpoint.origin:
        raise UsageError("checkpoint.not-the-log-key")
    return sign_note(checkpoint.format(), signer)


def open_checkpoint(note: bytes, *, key: VerifyKey) -> Checkpoint:
    """Return the checkpoint of a note, verified with its log's key.

    Lines of other keys, also of types that we do not know, are ignored. Two different
    lines of one name and key id are refused, known or not.

    Raises:
        UsageError: The key is a witness's.
        MalformedError: It is not a note or not a checkpoint, or it is another book's.
        SignatureError: The log did not sign it.
    """
    if key.algorithm != SIG_ED25519:
        raise UsageError("checkpoint.not-the-log-key")
    distinct = set(Note.parse(note).signatures)
    if len({(line.name, line.key_id) for line in distinct}) != len(distinct):
        raise MalformedError("checkpoint.two-signatures-of-one-key")
    checkpoint = Checkpoint.parse(open_note(note, keys=[key]).text)
    if checkpoint.origin != key.name:
        raise SignatureError("checkpoint.another-book")
    return checkpoint


def log_signature(note: bytes, keys: Iterable[VerifyKey]) -> Signature | None:
    """Return the line of the first of some log keys that signed; None if none did.

    Raises:
        UsageError: A key is a witness's.
        MalformedError: As for `open_checkpoint`.
        SignatureError: The line of one of these keys does not hold.
    """
    for key in keys:
        try:
            open_checkpoint(note, key=key)
        except SignatureError as error:
            if error.code != "note.no-known-signature":
                raise
            continue
        named = (key.name, key.key_id)
        lines = Note.parse(note).signatures
        return next(line for line in lines if (line.name, line.key_id) == named)
    return None


def is_signed_by(note: bytes, keys: Iterable[VerifyKey]) -> bool:
    """Return whether a note is a checkpoint that one of some log keys signed.

    A line of another of these keys that does not hold changes nothing.

    Raises:
        UsageError: A key is a witness's.
    """
    for key in keys:
        try:
            open_checkpoint(note, key=key)
        except (MalformedError, SignatureError):
            continue
        return True
    return False
