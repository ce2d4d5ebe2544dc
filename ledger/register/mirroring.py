"""Taking in what another state hands over: its entries, into a mirror of its book.

Nothing that arrives is believed. Each entry is judged as an audit judges it, the root
is computed here, and only then is the checkpoint looked at that its log signed. All of
that is one transaction: what is refused leaves not a byte behind. Entries that are here
already are compared; where they differ and both are signed, that is evidence.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from msgspec import Struct

from ledger.domain.history import Logged, Void
from ledger.domain.witnessing import Peer
from ledger.errors import (
    IncompleteError,
    LedgerError,
    MalformedError,
    RefusedError,
    RewrittenError,
    SignatureError,
)
from ledger.exchange.bundle import Header
from ledger.exchange.evidence import Evidence
from ledger.register.answering import Answered, keep_answers
from ledger.register.log_lines import log_line, logged_by
from ledger.register.opening import Register
from ledger.store.following import Following, check_length
from ledger.store.journal import Journal
from ledger.store.mirrors import add_mirror, mirror_of
from ledger.store.recall import Recall
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note

TOLERANCE = timedelta(minutes=15)
"""How far two states' clocks may lie apart."""


class Offer(Protocol):
    """What a peer offers: a bundle, or its database.

    Attributes:
        header: Which entries of which book.
        checkpoint: The note of the checkpoint, once all entries are read.
        answers: Checkpoints of the own book that the peer cosigned; likewise.
    """

    header: Header
    checkpoint: bytes
    answers: tuple[bytes, ...]

    def notes(self) -> Iterator[bytes]:
        """Yield the stored bytes of each entry, once."""
        ...


class Taken(Struct, frozen=True):
    """What came of an offer.

    Attributes:
        checkpoint: The peer's checkpoint.
        added: How many entries the mirror has more.
        void: Those of them that are void.
        answered: The cosignatures of the own book's checkpoints that came with it.
        evidence: The log signed two histories: nothing of this one was taken in.
    """

    checkpoint: Checkpoint
    added: int = 0
    void: tuple[int, ...] = ()
    answered: tuple[Answered, ...] = ()
    evidence: Evidence | None = None


def take(register: Register, offer: Offer, *, peer: Peer, now: datetime) -> Taken:
    """Take the entries of an offer into the mirror of a peer's book.

    Args:
        register: The own book, opened for writing.
        offer: What the peer offers.
        peer: Whom the own book trusts.
        now: The clock, UTC.

    Raises:
        IncompleteError: If entries are missing before those that are offered.
        RewrittenError: If it is another history than the one that is here, or than the
            one that the checkpoint signs.
        SignatureError: If the log of the book did not sign the checkpoint, or the
            witness of the peer not a cosignature.
        TooNewError: If an entry needs a newer program; the mirror waits.
        MalformedError, RefusedError: If it is not in the form, is of another book, or
            lies in the future.
    """
    header, journal = offer.header, register.journal
    if header.book != peer.name:
        raise RefusedError("sync.unknown-book")
    if header.genesis != peer.genesis:
        raise RewrittenError("sync.other-genesis")
    with journal.writing():
        mirror = mirror_of(journal, peer.name) or add_mirror(
            journal,
            name=peer.name,
            state=peer.state,
            genesis=bytes.fromhex(peer.genesis),
        )
        taking = _Taking(mirror, offer, now=now)
        latest = now + TOLERANCE
        try:
            taken = taking.done()
        except IncompleteError:
            _check_own(journal, offer, peer=peer, mirror=mirror, latest=latest)
            raise
        if taken.evidence is not None:
            return taken
        answered = keep_answers(
            journal, offer.answers, peer=peer, mirror=mirror, latest=latest
        )
    return Taken(
        taken.checkpoint, added=taken.added, void=taken.void, answered=answered
    )


def _check_own(
    journal: Journal, offer: Offer, *, peer: Peer, mirror: Journal, latest: datetime
) -> None:
    """Look at the answers of an offer whose entries cannot be taken in yet.

    Entries are missing before it although this state had cosigned them: an older copy
    of the database was put back, perhaps. The answers show whether the own book is an
    older one too, before anything is signed that would make a second history.

    Raises:
        RewrittenError: If the peer saw another history of the own book, or more of it.
        MalformedError: If the offer is not in its form.
    """
    for _ in offer.notes():
        pass
    with suppress(SignatureError, MalformedError, RefusedError):
        keep_answers(journal, offer.answers, peer=peer, mirror=mirror, latest=latest)


class _Taking:
    """One offer on its way into a mirror, in an open transaction."""

    def __init__(self, mirror: Journal, offer: Offer, *, now: datetime) -> None:
        self._mirror = mirror
        self._offer = offer
        self._latest = now + TOLERANCE
        self._size = mirror.size()
        self._following = Following(mirror, check=self._check_time)
        self._added = 0
        self._void: list[int] = []
        self._fork: list[bytes] = []
        self._fork_at = 0

    def done(self) -> Taken:
        """Go through the offer, and say what came of it."""
        start = self._offer.header.start
        if start > self._size:
            raise IncompleteError("sync.gap", size=self._size, start=start)
        tree = self._mirror.frontier(start)
        stored = self._mirror.rows(start, self._size)
        for seq, note in enumerate(self._offer.notes(), start):
            check_length(note)
            leaf = merkle.leaf_hash(note)
            tree.append(leaf)
            if self._fork:
                self._fork.append(leaf)
            elif seq >= self._size:
                self._append(seq, note, leaf)
            elif next(stored).leaf != leaf:
                self._fork, self._fork_at = [leaf], seq
        checkpoint = self._checkpoint()
        if checkpoint.root != tree.root() or self._fork:
            return self._conflict(checkpoint, whole=checkpoint.root == tree.root())
        self._keep(checkpoint)
        return Taken(checkpoint, added=self._added, void=tuple(self._void))

    def _append(self, seq: int, note: bytes, leaf: bytes) -> None:
        """Judge the next entry, and write it with what follows from it."""
        if seq == 0 and leaf != self._mirror.book.genesis:
            raise RewrittenError("sync.other-genesis")
        judged = self._following.append(seq, note)
        self._added += 1
        if isinstance(judged, Void):
            self._void.append(seq)

    def _check_time(self, entry: Logged) -> None:
        """Refuse an entry that was recorded later than the clock says."""
        if entry.at > self._latest:
            raise RefusedError("sync.from-the-future", seq=entry.seq)

    def _checkpoint(self) -> Checkpoint:
        """Return the checkpoint of the offer, which the log of the book signed."""
        note, header = self._offer.checkpoint, self._offer.header
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        if checkpoint.origin != header.book:
            raise MalformedError("sync.checkpoint-of-another-book")
        if checkpoint.size != header.stop:
            raise MalformedError("sync.checkpoint-size", size=checkpoint.size)
        if log_line(self._mirror, note, checkpoint.size) is None:
            raise SignatureError("sync.checkpoint-not-signed")
        return checkpoint

    def _keep(self, checkpoint: Checkpoint) -> None:
        """Keep the checkpoint, unless one of its size is there."""
        sizes = {size for size, _ in self._mirror.checkpoints()}
        if checkpoint.size not in sizes:
            self._mirror.keep_checkpoint(
                size=checkpoint.size, note=self._offer.checkpoint
            )

    def _conflict(self, checkpoint: Checkpoint, *, whole: bool) -> Taken:
        """Return the evidence of two histories, or refuse what is none.

        Args:
            checkpoint: The signed checkpoint that does not fit the mirror.
            whole: The offer has the entries that it signs, from the fork on.
        """
        evidence = self._other_root(checkpoint)
        if evidence is None and whole:
            evidence = self._other_entry(checkpoint)
        if evidence is None:
            raise RewrittenError("sync.other-root", size=checkpoint.size)
        note = self._offer.checkpoint
        if (checkpoint.size, note) not in self._mirror.checkpoints():
            self._mirror.keep_checkpoint(size=checkpoint.size, note=note)
        return Taken(checkpoint, evidence=evidence)

    def _fitting(self) -> list[tuple[Checkpoint, bytes]]:
        """Return the kept checkpoints of the history that the mirror holds."""
        return [
            (checkpoint, note)
            for checkpoint, note in kept(self._mirror)
            if checkpoint.size <= self._size
            and self._mirror.root(checkpoint.size) == checkpoint.root
        ]

    def _other_root(self, checkpoint: Checkpoint) -> Evidence | None:
        for known, note in self._fitting():
            if known.size == checkpoint.size and known.root != checkpoint.root:
                return Evidence(
                    book=checkpoint.origin,
                    checkpoints=(note, self._offer.checkpoint),
                )
        return None

    def _other_entry(self, checkpoint: Checkpoint) -> Evidence | None:
        at = self._fork_at
        before = (row.leaf for row in self._mirror.rows(0, at))
        other = merkle.MemoryNodes(chain(before, self._fork))
        beyond = [pair for pair in self._fitting() if pair[0].size > at]
        if not beyond:
            return None
        known, note = beyond[0]
        read = self._mirror.read_nodes
        mine = merkle.prove_inclusion(read, index=at, size=known.size)
        theirs = merkle.prove_inclusion(other, index=at, size=checkpoint.size)
        (leaf,) = read([merkle.Node(0, at)])
        return Evidence(
            book=checkpoint.origin,
            checkpoints=(note, self._offer.checkpoint),
            index=at,
            leaves=(leaf, self._fork[0]),
            proofs=(tuple(mine), tuple(theirs)),
        )


def kept(mirror: Journal) -> list[tuple[Checkpoint, bytes]]:
    """Return the kept checkpoints of a mirror that its log signed, smallest first."""
    found = []
    ring = Recall(mirror).history(()).ring
    for size, note in mirror.checkpoints():
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
            line = logged_by(ring, note, size)
        except LedgerError:
            continue
        if line and (checkpoint.origin, checkpoint.size) == (mirror.book.name, size):
            found.append((checkpoint, note))
    return found
