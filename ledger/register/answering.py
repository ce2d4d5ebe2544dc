"""Cosignatures of the own book's checkpoints: taken in, kept, and put into seals.

Each is kept as a checkpoint of the own book, with the line of the log and those of
witnesses that were checked. A peer that cosigned what this book does not hold has seen
another history of it: that is said, and never kept.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.history import History
from ledger.domain.witnessing import Peer
from ledger.errors import (
    LedgerError,
    MalformedError,
    RefusedError,
    RewrittenError,
    SignatureError,
)
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, log_signature
from ledger.tlog.cosignature import check_cosignature
from ledger.tlog.note import Note, Signature, VerifyKey


class Answered(Struct, frozen=True):
    """A checkpoint that a witness cosigned.

    Attributes:
        size: Its size.
        by: Name of the witness's key.
        at: When the witness signed, UTC.
        new: It was not kept before.
    """

    size: int
    by: str
    at: datetime
    new: bool = False


def witnesses_of(peer: Peer, mirror: Journal | None) -> tuple[VerifyKey, ...]:
    """Return the witness keys of a peer: of its card, and of its mirrored book.

    A key that the mirrored book has revoked is none, whatever the card says.
    """
    listed = [VerifyKey.parse(vkey) for vkey in peer.of_role("witness")]
    standings = () if mirror is None else Recall(mirror).history(()).ring.standings
    revoked = {standing.key for standing in standings if standing.revoked}
    listed += [s.key for s in standings if s.role == "witness"]
    return tuple(key for key in dict.fromkeys(listed) if key not in revoked)


def cosigners(
    note: bytes, keys: Iterable[VerifyKey]
) -> list[tuple[Signature, datetime]]:
    """Return the lines of witnesses under a checkpoint, and when each signed.

    Lines of unknown keys are ignored.

    Raises:
        MalformedError: It is not a note.
        SignatureError: The line of a known key does not hold.
    """
    parsed, known = Note.parse(note), tuple(keys)
    found: list[tuple[Signature, datetime]] = []
    for line in dict.fromkeys(parsed.signatures):
        found += [
            (line, check_cosignature(parsed.text, line, key))
            for key in known
            if (line.name, line.key_id) == (key.name, key.key_id)
        ]
    return found


def keep_answers(
    journal: Journal,
    answers: Iterable[bytes],
    *,
    peer: Peer,
    mirror: Journal,
    latest: datetime,
) -> tuple[Answered, ...]:
    """Keep the cosigned checkpoints that a peer sent, in the open transaction.

    Args:
        journal: The own book.
        answers: Notes, unchecked.
        peer: Who sent them.
        mirror: Its book, up to date.
        latest: No cosignature can be later.

    Raises:
        RewrittenError: If the peer saw another history of the own book, or more of it
            than is here.
        SignatureError: If the own log or the peer's witness did not sign.
        MalformedError, RefusedError: If it is no checkpoint of the own book, or its
            time is still to come.
    """
    keys = witnesses_of(peer, mirror)
    logs = _logs(journal)
    found: list[Answered] = []
    for note in answers:
        checkpoint, log_line = _own(journal, note, logs)
        lines = cosigners(note, keys)
        if not lines:
            raise SignatureError("sync.answer-not-by-witness", size=checkpoint.size)
        if any(at > latest for _, at in lines):
            raise RefusedError("sync.answer-from-the-future", size=checkpoint.size)
        _check_fits(journal, checkpoint)
        for line, at in lines:
            kept = Note(checkpoint.format(), (log_line, line)).format()
            new = (checkpoint.size, kept) not in journal.checkpoints()
            if new:
                journal.keep_checkpoint(size=checkpoint.size, note=kept)
            found.append(Answered(checkpoint.size, line.name, at, new=new))
    return tuple(found)


def _logs(journal: Journal) -> list[VerifyKey]:
    """Return every log key that the own book has had."""
    ring = Recall(journal).history(()).ring
    return [s.key for s in ring.standings if s.role == "log"]


def _own(
    journal: Journal, note: bytes, logs: Sequence[VerifyKey]
) -> tuple[Checkpoint, Signature]:
    """Return a checkpoint of the own book, and the line of the log that signed it."""
    checkpoint = Checkpoint.parse(Note.parse(note).text)
    if checkpoint.origin != journal.book.name:
        raise MalformedError("sync.answer-of-another-book")
    line = log_signature(note, logs)
    if line is None:
        raise SignatureError("sync.answer-not-logged", size=checkpoint.size)
    return checkpoint, line


def _check_fits(journal: Journal, checkpoint: Checkpoint) -> None:
    """Refuse what the own log signed and the own book does not hold.

    Raises:
        RewrittenError: It is of more entries (then the values name its size and its
            root), or of others.
    """
    size = journal.size()
    if checkpoint.size > size:
        raise RewrittenError(
            "sync.answer-beyond-book",
            size=size,
            seen=checkpoint.size,
            root=checkpoint.root.hex(),
        )
    if journal.root(checkpoint.size) != checkpoint.root:
        raise RewrittenError(
            "sync.answer-other-root",
            size=checkpoint.size,
            root=checkpoint.root.hex(),
        )


def answered(journal: Journal, keys: Iterable[VerifyKey]) -> list[Answered]:
    """Return what some witnesses cosigned of a book, as it is kept, smallest first.

    A row that is none binds nobody; `verify` names it.
    """
    known = tuple(keys)
    found = []
    for size, note in journal.checkpoints():
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
            lines = cosigners(note, known)
        except LedgerError:
            continue
        if (checkpoint.origin, checkpoint.size) == (journal.book.name, size):
            found += [Answered(size, line.name, at) for line, at in lines]
    return found


def sealed_data(
    journal: Journal, *, size: int, keys: Iterable[VerifyKey]
) -> dict[str, Json]:
    """Return the data of a seal: the checkpoint of a size with all its cosignatures."""
    known, logs = tuple(keys), _logs(journal)
    lines: list[Signature] = []
    text = ""
    for note in (note for kept, note in journal.checkpoints() if kept == size):
        try:
            checkpoint, log_line = _own(journal, note, logs)
            _check_fits(journal, checkpoint)
            cosigned = [line for line, _ in cosigners(note, known)]
        except LedgerError:
            continue  # a row that is none binds nobody
        if cosigned:
            text = checkpoint.format()
            lines += [log_line, *cosigned]
    signatures: list[Json] = [line.format() for line in dict.fromkeys(lines)]
    return {"checkpoint": list(text.splitlines()), "signatures": signatures}


def peer_named(history: History, name: str) -> Peer:
    """Return a peer of the own book.

    Raises:
        RefusedError: If the book trusts no such peer.
    """
    peer = history.peers.get(name)
    if peer is None:
        raise RefusedError("sync.unknown-book")
    return peer
