"""Checking a bundle without taking it in: what it holds, from whom, what fits.

A bundle that begins with entry 0 is judged as a book is: bytes, chain, signatures and
rules of each entry, and the root that its checkpoint signs. One that begins later holds
neither the keys nor the tree before it: only whoever has the mirror can check it.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.audit import Audit, ordered
from ledger.domain.history import History
from ledger.errors import LedgerError, MalformedError, RewrittenError, SignatureError
from ledger.exchange.bundle import Bundle
from ledger.exchange.card import OpenedCard
from ledger.exchange.summary_check import EXIT_CODES
from ledger.exchange.tiled import TiledBook
from ledger.store.following import check_length
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, log_signature
from ledger.tlog.entry import EntryNote
from ledger.tlog.note import Note

Offer: TypeAlias = Bundle | TiledBook
BundleVerdict: TypeAlias = Literal[
    "verified", "altered", "rewritten", "bad_signature", "untrusted", "partial"
]
_BY_CODE: Mapping[int, BundleVerdict] = {
    10: "altered",
    11: "rewritten",
    12: "bad_signature",
}


class BundleReport(Struct, frozen=True):
    """What checking a bundle came to.

    Attributes:
        verdict: `verified` only with a card whose log key signed the checkpoint.
        book: The book that it says it is of.
        genesis: The leaf hash of entry 0 that it names.
        start: The number of its first entry.
        stop: The number after its last entry.
        code: What is wrong, as the catalogue knows it; empty where nothing is.
        seq: The entry that is at fault, if one is.
        void: Its entries that count for nothing.
        answers: Checkpoints of another book that it brings back: the book, its size.
        fingerprint: Of the state key that signed the card; empty without a card.
        values: What fills the sentence of `code`.
    """

    verdict: BundleVerdict
    book: str
    genesis: str
    start: int
    stop: int
    code: str = ""
    seq: int | None = None
    void: tuple[int, ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    fingerprint: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return the exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def check_bundle(
    bundle: Offer, *, card: OpenedCard | None, fingerprint: str | None = None
) -> BundleReport:
    """Check a bundle, front to back; nothing is kept of it.

    Args:
        bundle: The file, or the folder of tiles, opened.
        card: The card of the book; without one the best verdict is `untrusted`.
        fingerprint: The fingerprint of the key that must have signed the card.

    Raises:
        TooNewError: An entry needs a newer program.
        NotPermittedError: The file cannot be read.
    """
    header = bundle.header
    report = BundleReport(
        "verified",
        header.book,
        header.genesis,
        header.start,
        header.stop,
        fingerprint="" if card is None else card.fingerprint,
    )
    doubt = _doubt(card, header.book, fingerprint=fingerprint)
    trusted = None if doubt else card
    audit = Audit(History(book=header.book))
    try:
        if header.start:
            _follow(bundle)
        else:
            _judge(bundle, audit)
        report = replace(report, answers=tuple(map(_answer, bundle.answers)))
        _check_root(bundle, audit)
        _check_signature(bundle, audit, trusted)
    except MalformedError as error:
        return _failed(report, "altered", error)
    except RewrittenError as error:
        return _failed(report, "rewritten", error)
    except SignatureError as error:
        return _failed(report, "bad_signature", error)
    report = replace(report, void=tuple(sorted(audit.history.voids)))
    if found := ordered([*audit.findings, *audit.void_findings()]):
        first = found[0]
        return replace(
            report,
            verdict=_BY_CODE[first.exit_code],
            code=first.code.rpartition(":")[2],
            seq=first.seq,
            values=first.values,
        )
    if header.start:
        values: dict[str, str | int] = {"start": header.start}
        return replace(
            report, verdict="partial", code="bundle.begins-later", values=values
        )
    return replace(report, verdict="untrusted", code=doubt) if doubt else report


def _failed(
    report: BundleReport, verdict: BundleVerdict, error: LedgerError
) -> BundleReport:
    seq = error.values.get("seq")
    return replace(
        report,
        verdict=verdict,
        code=error.code,
        seq=seq if isinstance(seq, int) else None,
        values=error.values,
    )


def _doubt(card: OpenedCard | None, book: str, *, fingerprint: str | None) -> str:
    """Return why a card does not speak for this book; empty if it does."""
    if card is None:
        return "bundle.no-card"
    if card.card.book != book:
        return "bundle.card-of-another-book"
    return "" if fingerprint in {None, card.fingerprint} else "proof.other-signer"


def _judge(bundle: Offer, audit: Audit) -> None:
    """Judge each entry from the first on, as an audit does."""
    for seq, note in enumerate(bundle.notes()):
        check_length(note)
        leaf = merkle.leaf_hash(note)
        if seq == 0 and leaf.hex() != bundle.header.genesis:
            raise RewrittenError("sync.other-genesis")
        audit.take(seq=seq, leaf=leaf, note=note)


def _follow(bundle: Offer) -> None:
    """Compare number, book and link of each readable entry with the one before it."""
    header, last = bundle.header, b""
    for seq, note in enumerate(bundle.notes(), header.start):
        check_length(note)
        before, last = last, merkle.leaf_hash(note)
        try:
            said = EntryNote.parse(note).envelope()
        except MalformedError:
            continue  # a void one can be anything
        unlike = (said.ledger, said.seq) != (header.book, seq)
        if unlike or (before and said.prev != before):
            raise RewrittenError("bundle.not-a-chain", seq=seq)


def _check_root(bundle: Offer, audit: Audit) -> None:
    """Check that the checkpoint is of these entries."""
    checkpoint = Checkpoint.parse(Note.parse(bundle.checkpoint).text)
    if checkpoint.origin != bundle.header.book:
        raise RewrittenError("sync.checkpoint-of-another-book")
    if checkpoint.size != bundle.header.stop:
        raise RewrittenError("sync.checkpoint-size", size=checkpoint.size)
    if not bundle.header.start and checkpoint.root != audit.frontier.root():
        raise RewrittenError("sync.other-root", size=checkpoint.size)


def _answer(note: bytes) -> tuple[str, int]:
    """Return which checkpoint of another book comes back."""
    checkpoint = Checkpoint.parse(Note.parse(note).text)
    return checkpoint.origin, checkpoint.size


def _check_signature(bundle: Offer, audit: Audit, card: OpenedCard | None) -> None:
    """Check that the log signed: a key of the book, which the card lists as well.

    Raises:
        RewrittenError: The card is of another history.
        SignatureError: The log did not sign.
    """
    ring = audit.history.ring
    own = [s.key for s in ring.standings if s.role == "log"]
    active = [s.key for s in ring.active("log", seq=bundle.header.stop)]
    listed = [] if card is None else list(card.card.of_role("log"))
    if card is not None and card.card.genesis != bundle.header.genesis:
        raise RewrittenError("proof.other-genesis")
    if not bundle.header.start and any(key not in own for key in listed):
        raise RewrittenError("bundle.log-key-not-in-book")
    if bundle.header.start and not listed:
        return  # nobody here knows the log key
    line = log_signature(bundle.checkpoint, listed if bundle.header.start else active)
    if line is None:
        raise SignatureError("sync.checkpoint-not-signed")
