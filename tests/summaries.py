"""Summaries of books in memory, for tests."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from ledger.domain.summary import Sealed, summarise
from ledger.exchange.sshsig import fingerprint, sign_file
from ledger.tlog import canonical, merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.books import book
from tests.office import Office, signer

AUDITOR = signer("us.example/auditor", 90)
FINGERPRINT = fingerprint(AUDITOR.key.public)
MADE = datetime(2026, 11, 24, tzinfo=UTC)
LATE = date(2030, 1, 1)


def checkpoint(office: Office, *, size: int | None = None) -> bytes:
    """Return the signed checkpoint of the first entries of an office, or of all."""
    notes = office.notes[:size]
    root = merkle.root([merkle.leaf_hash(note) for note in notes])
    return sign_checkpoint(
        Checkpoint(office.book, len(notes), root), office.keys["log"]
    )


def sealed(office: Office, *, beyond: int = 0) -> Sealed:
    """Return the checkpoint of all entries of an office, and proofs under it."""
    leaves = [merkle.leaf_hash(note) for note in office.notes]
    nodes = merkle.MemoryNodes(leaves)

    def prove(seq: int) -> Sequence[str]:
        proof = merkle.prove_inclusion(nodes, index=seq, size=len(leaves))
        return [step.hex() for step in proof]

    return Sealed(
        genesis=leaves[0].hex(),
        checkpoint=tuple(checkpoint(office).decode().splitlines()),
        log_keys=(office.keys["log"].key.format(),),
        size=len(leaves),
        beyond=beyond,
        prove=prove,
    )


def summary_of(
    office: Office, *refs: str, on: date = LATE, beyond: int = 0
) -> dict[str, Any]:
    """Return the summary of some transfers of an office, or of all."""
    every = [ref for ref in office.history.opened if ref[0] in "TR"]
    return summarise(
        office.history,
        refs or every,
        whole=not refs,
        on=on,
        made_at=MADE,
        sealed=sealed(office, beyond=beyond),
    )


@cache
def plausible_summary(seed: int) -> dict[str, Any]:
    """Return the summary of a plausible book: read it, never write."""
    return summary_of(book(seed))


def signed(summary: dict[str, Any]) -> tuple[bytes, str]:
    """Return the bytes of a summary and the auditor's signature."""
    content = canonical.encode(summary)
    return content, sign_file(content, AUDITOR)
