"""Evidence that one log signed two histories: a file that anyone can check alone.

    {"book":…,"checkpoints":["…","…"],"schema":"transfer-ledger/evidence/1"}

Two checkpoints of one size have different roots; or they are of different sizes, and
the file has `index`, `leaves` and `proofs` besides: at one number, different entries
are in both trees. It is canonical JSON. Who has the card of the book needs no more; no
machine can make such a file about a state that signed one history.
"""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.exchange.card import OpenedCard
from ledger.exchange.proof_check import signed_by_its_log
from ledger.exchange.summary_check import EXIT_CODES
from ledger.tlog import canonical, merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note

SCHEMA = "transfer-ledger/evidence/1"
LARGEST = 4 * 1024 * 1024

EvidenceVerdict: TypeAlias = Literal[
    "verified", "altered", "bad_signature", "untrusted"
]

_says_so = re.compile(rb'"schema":"transfer-ledger/evidence/1"')
_HASH = re.compile(r"[0-9a-f]{64}")
_TWO = 2


class Evidence(Struct, frozen=True, kw_only=True):
    """Two signed checkpoints of one book that cannot both be of one history.

    Attributes:
        book: Name of the book.
        checkpoints: Their notes.
        index: The entry that differs; None where the sizes are the same.
        leaves: Its leaf hash in each tree, 32 bytes; empty where the sizes are the
            same.
        proofs: Its inclusion proof in each tree; empty likewise.
    """

    book: str
    checkpoints: tuple[bytes, bytes]
    index: int | None = None
    leaves: tuple[bytes, ...] = ()
    proofs: tuple[tuple[bytes, ...], ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> "Evidence":
        """Read exactly what `format` writes.

        Raises:
            MalformedError: The bytes are anything else.
        """
        if len(content) > LARGEST:
            raise MalformedError("evidence.too-big", limit=LARGEST)
        match canonical.decode(content):
            case {
                "schema": str(),
                "book": str(book),
                "checkpoints": [str(first), str(second)],
                "index": int(index),
                "leaves": [str(), str()] as leaves,
                "proofs": [list(mine), list(theirs)],
            }:
                made = cls(
                    book=book,
                    checkpoints=(first.encode(), second.encode()),
                    index=index,
                    leaves=_hashes(leaves),
                    proofs=(_hashes(mine), _hashes(theirs)),
                )
            case {
                "schema": str(),
                "book": str(book),
                "checkpoints": [str(first), str(second)],
            }:
                made = cls(book=book, checkpoints=(first.encode(), second.encode()))
            case _:
                raise MalformedError("evidence.bad-form")
        if made.format() != content:
            raise MalformedError("evidence.bad-form")
        return made

    def format(self) -> bytes:
        """Return the contents of the file."""
        said: dict[str, Json] = {
            "schema": SCHEMA,
            "book": self.book,
            "checkpoints": [note.decode() for note in self.checkpoints],
        }
        if self.index is not None:
            said["index"] = self.index
            said["leaves"] = [leaf.hex() for leaf in self.leaves]
            said["proofs"] = [[step.hex() for step in proof] for proof in self.proofs]
        return canonical.encode(said)

    def contradiction(self) -> str:
        """Return why this shows no two histories, as a code; empty if it does."""
        first, second = map(checkpoint_of, self.checkpoints)
        if {first.origin, second.origin} != {self.book}:
            return "evidence.another-book"
        if self.index is None:
            same = first.size != second.size or first.root == second.root
            return "evidence.no-contradiction" if same else ""
        if self.leaves[0] == self.leaves[1]:
            return "evidence.no-contradiction"
        for checkpoint, leaf, proof in zip(
            (first, second), self.leaves, self.proofs, strict=True
        ):
            try:
                merkle.check_inclusion(
                    proof,
                    index=self.index,
                    size=checkpoint.size,
                    leaf=leaf,
                    root=checkpoint.root,
                )
            except LedgerError:
                return "evidence.not-included"
        return ""


def checkpoint_of(note: bytes) -> Checkpoint:
    """Return what a checkpoint of evidence says; who signed it is not asked."""
    return Checkpoint.parse(Note.parse(note).text)


def _hashes(texts: Sequence[Json]) -> tuple[bytes, ...]:
    found = []
    for text in texts:
        if not isinstance(text, str) or not _HASH.fullmatch(text):
            raise MalformedError("evidence.bad-form")
        found.append(bytes.fromhex(text))
    return tuple(found)


class EvidenceReport(Struct, frozen=True):
    """What checking evidence came to.

    Attributes:
        verdict: `verified`: the log on the card signed two histories.
        book: The book.
        sizes: The sizes of the two checkpoints.
        roots: Their roots, as hex.
        index: The entry that differs; None where the sizes are the same.
        code: What is wrong with the evidence, as the catalogue knows it; empty where
            nothing is.
        values: What fills the sentence of the code.
        fingerprint: Of the state key that signed the card; empty without a card.
    """

    verdict: EvidenceVerdict
    book: str
    sizes: Sequence[int]
    roots: Sequence[str]
    index: int | None = None
    code: str = ""
    values: dict[str, str | int] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def exit_code(self) -> int:
        """Return the exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def is_evidence(content: bytes) -> bool:
    """Return whether a file says of itself that it is evidence."""
    return _says_so.search(content[-_TWO * len(_says_so.pattern) :]) is not None


def check_evidence(
    content: bytes, *, card: OpenedCard | None, fingerprint: str | None = None
) -> EvidenceReport:
    """Check that the log on a card signed two histories.

    Args:
        content: The file.
        card: The card of the book; without one the best verdict is `untrusted`.
        fingerprint: The fingerprint (`SHA256:…`) of the key that must have signed the
            card.

    Raises:
        MalformedError: It is no evidence, or one of its checkpoints is none.
    """
    said = Evidence.parse(content)
    papers = [checkpoint_of(note) for note in said.checkpoints]
    report = EvidenceReport(
        "untrusted",
        said.book,
        [paper.size for paper in papers],
        [paper.root.hex() for paper in papers],
        said.index,
    )
    if code := said.contradiction():
        return replace(report, verdict="altered", code=code)
    if card is None:
        return replace(report, code="evidence.no-card")
    report = replace(report, fingerprint=card.fingerprint)
    if card.card.book != said.book:
        return replace(report, code="evidence.card-of-another-book")
    if fingerprint not in {None, card.fingerprint}:
        return replace(report, code="checkpoint.other-signer-of-card")
    try:
        signed = [signed_by_its_log(note, card.card) for note in said.checkpoints]
    except SignatureError as error:
        return replace(
            report, verdict="bad_signature", code=error.code, values=dict(error.values)
        )
    if not all(signed):
        return replace(report, code="evidence.log-key-not-on-card")
    return replace(report, verdict="verified")
