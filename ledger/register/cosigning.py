"""Cosigning another state's checkpoint: check, remember, and only then sign.

The order is what protects: the bytes are read and hashed again, the tree must have
grown out of the one that was cosigned last, the new head is remembered on this machine
by compare-and-set, and the witness key signs after that. Where the log of a book signed
two histories, nothing more is cosigned until its state answers with a signed remark.
"""

from datetime import datetime

from msgspec import Struct

from ledger.domain.records import Remark
from ledger.errors import RewrittenError, SignatureError, TamperedError
from ledger.register.answering import cosigners
from ledger.register.log_lines import log_line
from ledger.register.mirroring import kept
from ledger.register.opening import Register
from ledger.store.headings import seqs_of_kind
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.store.watermark import Head, Watermark
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import cosign
from ledger.tlog.note import Note, Signer, VerifyKey


class Cosigned(Struct, frozen=True):
    """A checkpoint of another state's book with this state's cosignature.

    Attributes:
        size: Its size.
        at: When it was cosigned, UTC.
        note: The whole note.
        new: It was cosigned just now.
    """

    size: int
    at: datetime
    note: bytes
    new: bool = False


def conflicts(mirror: Journal) -> list[tuple[Checkpoint, bool]]:
    """Return the signed checkpoints of another history, and which were answered for.

    The answer is a remark in the mirrored book that names the root, in hex.
    """
    size = mirror.size()
    others = [
        checkpoint
        for checkpoint, _ in kept(mirror)
        if checkpoint.size > size or mirror.root(checkpoint.size) != checkpoint.root
    ]
    if not others:
        return []
    said = remarked(mirror)
    return [(each, any(each.root.hex() in text for text in said)) for each in others]


def remarked(journal: Journal) -> list[str]:
    """Return what the remarks of a book say: its state answers by them."""
    recall = Recall(journal)
    return [
        entry.record.text
        for entry in map(recall.entry, seqs_of_kind(journal, "remark"))
        if entry is not None and isinstance(entry.record, Remark)
    ]


def unanswered(mirror: Journal) -> list[Checkpoint]:
    """Return the signed checkpoints of another history that nobody answered for."""
    return [checkpoint for checkpoint, answered in conflicts(mirror) if not answered]


def own_cosignature(mirror: Journal, key: VerifyKey) -> Cosigned | None:
    """Return the largest checkpoint of a mirror that a key cosigned; None for none."""
    for checkpoint, note in reversed(kept(mirror)):
        try:
            found = cosigners(note, [key])
        except SignatureError:
            continue  # somebody else wrote that line
        for _, at in found:
            return Cosigned(checkpoint.size, at, note)
    return None


def cosign_mirror(
    register: Register, mirror: Journal, signer: Signer, *, now: datetime
) -> Cosigned | None:
    """Cosign the last checkpoint of a mirror, unless that is done already.

    Args:
        register: The own book, opened for writing.
        mirror: The mirror, up to date.
        signer: The witness key, unlocked.
        now: The clock, UTC, whole seconds.

    Returns:
        The largest checkpoint that is cosigned; None if there is none, or if the log
        of the book signed two histories.

    Raises:
        RewrittenError: If the mirror is shorter than this machine remembers, or
            another history.
        TamperedError: If its bytes are not those that were taken in.
    """
    if unanswered(mirror):
        return None
    size = mirror.size()
    known = own_cosignature(mirror, signer.key)
    head = _remembered(register, mirror)
    if known is not None and known.size == size:
        return known
    fitting = [(c, note) for c, note in kept(mirror) if c.size == size]
    if not fitting:
        return known
    checkpoint, note = fitting[0]
    _read_again(mirror, start=head.size if head else 0, checkpoint=checkpoint)
    _remember(register, mirror, checkpoint)
    # Other lines are nobody's that is known here; one could even bear our name.
    lines = (log_line(mirror, note, size), cosign(checkpoint.format(), signer, at=now))
    whole = Note(checkpoint.format(), tuple(line for line in lines if line)).format()
    with register.journal.writing():
        mirror.keep_checkpoint(size=size, note=whole)
    return Cosigned(size, now, whole, new=True)


def _remembered(register: Register, mirror: Journal) -> Head | None:
    """Return what this machine last cosigned of a mirror, which must be in it.

    Raises:
        RewrittenError: It is not.
    """
    mark = register.marks.read()
    head = None if mark is None else mark.mirrors.get(mirror.book.name)
    if head is None:
        return None
    size = mirror.size()
    if size < head.size:
        raise RewrittenError("sync.mirror-cut", size=size, kept=head.size)
    if mirror.root(head.size).hex() != head.root:
        raise RewrittenError("sync.mirror-other-root", size=head.size)
    return head


def _read_again(mirror: Journal, *, start: int, checkpoint: Checkpoint) -> None:
    """Hash the entries since the last cosigned checkpoint again, as they are stored."""
    frontier = mirror.frontier(start)
    for row in mirror.rows(start, checkpoint.size):
        if merkle.leaf_hash(row.note) != row.leaf:
            raise TamperedError("sync.mirror-changed", seq=row.seq)
        frontier.append(row.leaf)
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise TamperedError("sync.mirror-changed", seq=start)


def _remember(register: Register, mirror: Journal, checkpoint: Checkpoint) -> None:
    """Move the remembered head of a mirror forwards, by compare-and-set."""
    journal = register.journal
    size = journal.size()
    register.marks.advance(
        Watermark(
            journal.book.name,
            journal.book.genesis.hex(),
            size=size,
            root=journal.root(size).hex(),
            mirrors={
                mirror.book.name: Head(checkpoint.size, checkpoint.root.hex()),
            },
        )
    )
