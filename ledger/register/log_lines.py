"""The line under a checkpoint by which the log of its book signed it."""

from ledger.domain.keyring import KeyRing
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog.checkpoint import log_signature
from ledger.tlog.note import Signature


def log_line(mirror: Journal, note: bytes, size: int) -> Signature | None:
    """Return the line of a log key that was active after `size` entries; None for none.

    Raises:
        SignatureError: The line of such a key does not hold.
        MalformedError: There are two different lines of one key.
    """
    return logged_by(Recall(mirror).history(()).ring, note, size)


def logged_by(ring: KeyRing, note: bytes, size: int) -> Signature | None:
    """Return the same, where the keys of the book are at hand."""
    return log_signature(note, [s.key for s in ring.active("log", seq=size)])
