"""Checking a checkpoint without the book: its signature by the log that a card lists.

It shows that the log of the book signed for this tree; whether a book at hand has that
tree is the business of whoever has the book.
"""

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import MalformedError, SignatureError
from ledger.exchange.card import OpenedCard
from ledger.exchange.proof_check import signed_by_its_log
from ledger.exchange.summary_check import EXIT_CODES
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note

CheckpointVerdict: TypeAlias = Literal[
    "verified", "rewritten", "bad_signature", "untrusted"
]


class CheckpointReport(Struct, frozen=True):
    """What checking a checkpoint came to.

    Attributes:
        verdict: `verified` only with a card whose log key signed it.
        checkpoint: What it says.
        code: What is wrong, as the catalogue knows it; empty where nothing is.
        fingerprint: Of the state key that signed the card; empty without a card.
    """

    verdict: CheckpointVerdict
    checkpoint: Checkpoint
    code: str = ""
    fingerprint: str = ""

    @property
    def exit_code(self) -> int:
        """Return the exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def read_checkpoint(content: bytes) -> Checkpoint | None:
    """Return what a file says as a checkpoint, unverified; None if it is none."""
    try:
        return Checkpoint.parse(Note.parse(content).text)
    except MalformedError:
        return None


def check_checkpoint(
    note: bytes, *, card: OpenedCard | None, fingerprint: str | None = None
) -> CheckpointReport:
    """Check that the log of a book signed a checkpoint.

    Args:
        note: The bytes of the checkpoint.
        card: The card of the book; without one the best verdict is `untrusted`.
        fingerprint: The fingerprint (`SHA256:…`) of the key that must have signed the
            card.

    Raises:
        MalformedError: The note is no checkpoint.
    """
    checkpoint = Checkpoint.parse(Note.parse(note).text)
    if card is None:
        return CheckpointReport("untrusted", checkpoint, "checkpoint.no-card")
    report = CheckpointReport("untrusted", checkpoint, fingerprint=card.fingerprint)
    if card.card.book != checkpoint.origin:
        return replace(report, code="checkpoint.card-of-another-book")
    if fingerprint not in {None, card.fingerprint}:
        return replace(report, code="checkpoint.other-signer-of-card")
    try:
        if not signed_by_its_log(note, card.card):
            return replace(report, code="checkpoint.log-key-not-on-card")
    except SignatureError as error:
        return replace(report, verdict="bad_signature", code=error.code)
    return replace(report, verdict="verified")
