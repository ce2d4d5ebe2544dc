"""The keys of officers: made, requested, named, and what each of them has signed.

A private key is made on its officer's machine and never leaves it; what goes to the
holder of the state key is the request. A key file that no entry knows yet is used
again, so that a run that was stopped can be repeated.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from ledger.domain.authority import Key, Role
from ledger.domain.entries import Logged
from ledger.domain.keyring import KeyRing, Standing
from ledger.domain.suspicion import Suspicion, suspicion_of
from ledger.errors import NotFoundError, RefusedError
from ledger.keys.changing import put_aside
from ledger.keys.files import create_key, known_keys, load_signer
from ledger.keys.pkcs8 import ROUNDS
from ledger.register.mirrored import last_taken
from ledger.register.opening import Head, Register, ring_of
from ledger.store.mirrors import mirrors
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, Signer, VerifyKey


class Signed(Struct, frozen=True):
    """An entry that a key signed.

    Attributes:
        entry: The entry.
        standing: The key; a name can have had several.
        refs: The references that the entry concerns.
        doubt: Why it is, or was, in doubt; None if it never was.
        retracted: It counts no more.
    """

    entry: Logged
    standing: Standing
    refs: tuple[str, ...]
    doubt: Suspicion | None
    retracted: bool = False


class Doubted(Struct, frozen=True):
    """What a key signed while it was suspect, and nobody has dealt with.

    Attributes:
        key: Name of the key.
        since: The day from which it is suspect.
        seqs: The entries, in order.
    """

    key: str
    since: date
    seqs: tuple[int, ...]


class KeyHistory(Struct, frozen=True):
    """All keys of one name, and what they signed, in the order of their book.

    Attributes:
        book: Name of the book: the own one, or another state's that is mirrored.
        name: Name of the keys.
        standings: The keys.
        lines: What they signed.
        heads: How far the book goes.
    """

    book: str
    name: str
    standings: tuple[Standing, ...]
    lines: tuple[Signed, ...]
    heads: tuple[Head, ...]


def full_name(name: str, *, book: str, role: Role | None = None) -> str:
    """Return the whole name of a key: a clerk is called `clerk-07` for short.

    The log key has the name of its book.
    """
    if role == "log":
        return book
    return name if "/" in name else f"{book.rpartition('/')[0]}/{name}"


def active_key(register: Register, name: str) -> Standing:
    """Return the key of a name that may sign now.

    Raises:
        NotFoundError: The book never had a key of that name.
        RefusedError: It has ended, or waits for consent.
    """
    ring, size = ring_of(register)
    full = full_name(name, book=ring.book)
    found = ring.signer(full, seq=size)
    if found is not None:
        return found
    _known(ring, full)
    raise RefusedError("key.has-ended", key=full)


def _known(ring: KeyRing, name: str) -> tuple[Standing, ...]:
    found = tuple(s for s in ring.standings if s.key.name == name)
    if not found:
        raise NotFoundError("key.no-such-name")
    return found


def obtain_key(
    folder: Path,
    *,
    name: str,
    role: Role,
    passphrase: bytes,
    ring: KeyRing | None,
    at: Path | None = None,
    rounds: int = ROUNDS,
) -> Signer:
    """Make a key, or open the one of that name that no book knows yet.

    The files of a key of that name that has ended are put aside first.

    Args:
        folder: The folder of keys.
        name: The whole name of the key.
        role: What it is to sign.
        passphrase: Of the new key.
        ring: The keys of the book, if it is at hand.
        at: Where the private file goes instead: a folder, or the file itself.
        rounds: Rounds of PBKDF2 of a new key.

    Raises:
        RefusedError: The name is taken, or the passphrase too short.
        LockedError: A key that nobody enrolled is there under another passphrase.
        NotPermittedError: This user cannot write there.
    """
    algorithm = SIG_COSIGNATURE if role == "witness" else SIG_ED25519
    here = {key.name: key for key in known_keys(folder)}.get(name)
    if here is not None and _has_ended(ring, here):
        put_aside(folder, here)
        here = None
    if here is None:
        here = create_key(
            folder,
            name=name,
            algorithm=algorithm,
            passphrase=passphrase,
            at=at,
            rounds=rounds,
        )
    elif here.algorithm != algorithm:
        raise RefusedError("keys.exists", name=name)
    return load_signer(folder, key=here, passphrase=passphrase, at=at)


def _has_ended(ring: KeyRing | None, key: VerifyKey) -> bool:
    """Return whether a book knew a key and knows it no longer.

    Raises:
        RefusedError: It is active there.
    """
    if ring is None:
        return False
    known = ring.known(name=key.name, key_id=key.key_id)
    if known is not None and known.until is None:
        raise RefusedError("key.name-taken", key=key.name)
    return known is not None


def needs_check(register: Register, record: Key, *, by: str) -> bool:
    """Return whether a change of a state key has nobody in the state to consent."""
    ring, size = ring_of(register)
    return record.role == "state" and not ring.consenters(record, seq=size, by=by)


def key_history(register: Register, name: str) -> KeyHistory:
    """Return all keys of a name, and every valid entry that they signed.

    A key of another state is found in the mirror of its book.

    Raises:
        NotFoundError: Neither the book nor a mirror ever had a key of that name; or it
            is on the card of a book that is not mirrored here.
    """
    own = register.recall().history(())
    for book in [register, *_mirrored(register)]:
        recall = book.recall()
        ring = own.ring if book is register else recall.history(()).ring
        full = full_name(name, book=book.journal.book.name)
        standings = tuple(s for s in ring.standings if s.key.name == full)
        if standings:
            head = register.head() if book is register else _head(register, book)
            return KeyHistory(
                book=book.journal.book.name,
                name=full,
                standings=standings,
                lines=tuple(_signed(book, recall.signed_by(full))),
                heads=(head,),
            )
    for peer in own.peers.values():
        if any(key.vkey.partition("+")[0] == name for key in peer.keys):
            raise NotFoundError("key.of-an-unseen-book", book=peer.name)
    raise NotFoundError("key.of-nobody")


def _mirrored(register: Register) -> Iterator[Register]:
    """Yield the mirrors of other states' books, each as far as it is to be known."""
    for mirror in mirrors(register.journal):
        found = Register(register.places, mirror)
        if register.known_on is not None:
            found.before = found.recall().size_known_on(register.known_on)
        yield found


def _head(register: Register, mirror: Register) -> Head:
    """Return how far a mirror goes, and how old it is."""
    journal, size = mirror.journal, mirror.recall().size
    taken = last_taken(register, journal, size=size)
    return Head(journal.book.name, size, journal.root(size), mirror=taken)


def _signed(register: Register, seqs: Sequence[int]) -> list[Signed]:
    recall = register.recall()
    concerned = {ref for seq in seqs for ref in [*recall.refs_of(seq), f"#{seq}"]}
    history = recall.history(concerned, seqs=seqs)
    found = []
    for seq in seqs:
        entry = history.entries[seq]
        standing = history.ring.signer(entry.by, seq=seq)
        # It was judged valid, so that there is such a key, unless the file is damaged.
        if standing is not None:
            refs = tuple(ref for ref in history.refs[seq] if ref[0] in "TRI")
            doubt = suspicion_of(history, entry)
            gone = seq in history.retracted
            found.append(Signed(entry, standing, refs, doubt, retracted=gone))
    return found


def doubts(register: Register) -> list[Doubted]:
    """Return what keys signed while they were suspect, and nobody has dealt with.

    Another officer confirms an entry or retracts it.
    """
    ring, _ = ring_of(register)
    names = {s.key.name for s in ring.standings if s.suspect_from is not None}
    found = []
    for name in sorted(names):
        lines = [
            (line.entry.seq, line.doubt.since)
            for line in _signed(register, register.recall().signed_by(name))
            if line.doubt is not None
            and line.doubt.confirmed_by is None
            and not line.retracted
        ]
        if lines:
            since = min(day for _, day in lines)
            found.append(Doubted(name, since, tuple(seq for seq, _ in lines)))
    return found


def doubted_by(register: Register, seq: int) -> list[int]:
    """Return the entries that are in doubt since a key was revoked by an entry."""
    ring, _ = ring_of(register)
    names = [
        standing.key.name
        for standing in ring.standings
        if standing.suspect_from is not None and standing.until == seq + 1
    ]
    return [
        line.entry.seq
        for name in names
        for line in _signed(register, register.recall().signed_by(name))
        if line.doubt is not None
        and line.doubt.revoked_by == seq
        and line.doubt.confirmed_by is None
    ]
