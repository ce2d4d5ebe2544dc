"""Checking the proof of an entry without the book.

The steps are those that a court can make by hand: the checkpoint's signature by the
log key that a card lists, and a path of hashes from the bytes of the entry to the root
that was signed. It shows that the entry was logged, not that it is true, that it was
authorised, or that it still stands: a clerk's key is on no card.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.exchange.card import Card, OpenedCard
from ledger.exchange.summary_check import EXIT_CODES
from ledger.tlog import entry, merkle
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.entry import Entry, EntryNote
from ledger.tlog.note import Note
from ledger.tlog.proof import HEADER, Proof

ProofVerdict: TypeAlias = Literal["verified", "rewritten", "bad_signature", "untrusted"]


class ProofReport(Struct, frozen=True):
    """What checking the proof of an entry came to.

    Attributes:
        verdict: `verified` only with a card whose log key signed the checkpoint.
        code: What is wrong, as the catalogue knows it; empty where nothing is.
        book: The book that the checkpoint names.
        seq: The number of the entry.
        size: How many entries the checkpoint covers.
        fingerprint: Of the state key that signed the card; empty without a card.
        values: What fills the sentence of `code`.
    """

    verdict: ProofVerdict
    code: str = ""
    book: str = ""
    seq: int = 0
    size: int = 0
    fingerprint: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def is_entry_proof(content: bytes) -> bool:
    """Return whether a file says of itself that it is the proof of an entry."""
    return content.startswith(f"{HEADER}\n".encode())


def read_proof(content: bytes) -> Checkpoint:
    """Return the checkpoint of a proof, nothing of it verified.

    Raises:
        MalformedError: The bytes are no proof in its one spelling.
    """
    return Checkpoint.parse(Note.parse(Proof.parse(content).checkpoint).text)


def check_entry_proof(
    proof: bytes,
    note: bytes,
    *,
    card: OpenedCard | None,
    genesis: str | None = None,
    fingerprint: str | None = None,
) -> ProofReport:
    """Check that an entry was logged, under a checkpoint that the log signed.

    Args:
        proof: The bytes of the ``.tlog-proof``.
        note: The stored bytes of the entry.
        card: The card of the book; without one the best verdict is `untrusted`.
        genesis: The leaf hash of entry 0, 64 hex, that the book must begin with.
        fingerprint: The fingerprint (`SHA256:…`) of the key that must have signed the
            card.

    Raises:
        MalformedError: The proof is not one, or what was logged is not an entry.
        TooNewError: The entry is of a later version.
    """
    if len(note) > entry.MAX_SIZE:
        raise MalformedError("entry.too-big", size=len(note), limit=entry.MAX_SIZE)
    said = Proof.parse(proof)
    checkpoint = Checkpoint.parse(Note.parse(said.checkpoint).text)
    report = ProofReport(
        "verified",
        book=checkpoint.origin,
        seq=said.index,
        size=checkpoint.size,
        fingerprint="" if card is None else card.fingerprint,
    )
    doubt = _doubt(card, report, fingerprint=fingerprint)
    trusted = None if doubt or card is None else card.card
    try:
        if trusted is not None and not signed_by_its_log(said.checkpoint, trusted):
            doubt = "proof.log-key-not-on-card"
    except SignatureError as error:
        return replace(
            report, verdict="bad_signature", code=error.code, values=error.values
        )
    leaf = entry.leaf(note)
    try:
        merkle.check_inclusion(
            said.hashes,
            index=said.index,
            size=checkpoint.size,
            leaf=leaf,
            root=checkpoint.root,
        )
    except LedgerError as error:
        return replace(
            report, verdict="rewritten", code=error.code, values=error.values
        )
    logged = EntryNote.parse(note)
    code = _unfit(logged.envelope(), report)
    pins = {pin for pin in (genesis, trusted and trusted.genesis) if pin}
    if not code and (len(pins) > 1 or (said.index == 0 and not pins <= {leaf.hex()})):
        code = "proof.other-genesis"
    if code:
        return replace(report, verdict="rewritten", code=code)
    try:
        if trusted is not None:
            _check_state_signature(logged, trusted)
    except SignatureError as error:
        return replace(
            report, verdict="bad_signature", code=error.code, values=error.values
        )
    return replace(report, verdict="untrusted", code=doubt) if doubt else report


def _doubt(
    card: OpenedCard | None, report: ProofReport, *, fingerprint: str | None
) -> str:
    """Return why a card does not speak for this book; empty if it does."""
    if card is None:
        return "proof.no-card"
    if card.card.book != report.book:
        return "proof.card-of-another-book"
    return "" if fingerprint in {None, card.fingerprint} else "proof.other-signer"


def signed_by_its_log(checkpoint: bytes, card: Card) -> bool:
    """Return whether the log key of a card signed; raise if its line is wrong."""
    lines = {(line.name, line.key_id) for line in Note.parse(checkpoint).signatures}
    known = [key for key in card.of_role("log") if (key.name, key.key_id) in lines]
    for key in known:
        open_checkpoint(checkpoint, key=key)
    return bool(known)


def _unfit(said: Entry, report: ProofReport) -> str:
    """Return what of the entry's own words does not fit its place in the log."""
    if said.ledger != report.book:
        return "proof.entry-of-another-book"
    return "" if said.seq == report.seq else "proof.entry-of-another-number"


def _check_state_signature(logged: EntryNote, card: Card) -> None:
    """Check the entry's own signature if it is by a state key of the card."""
    line = logged.signature
    for key in card.of_role("state"):
        if (key.name, key.key_id) == (line.name, line.key_id):
            logged.check_signature(key)
