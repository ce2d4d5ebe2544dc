"""Exchanging books with the peers: read what came, seal, cosign, write what goes.

Each run does all of it, whatever ran before: files that were lost, repeated, reordered
or old do no harm. What a peer has is known by what it cosigned, so the next file starts
there; the answer to what it sent travels in the same file.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.witnessing import Peer, Seal
from ledger.errors import (
    LedgerError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.exchange.bundle import Header, Written, write_bundle
from ledger.exchange.evidence import Evidence
from ledger.exchange.outbox import write_new
from ledger.exchange.tiled import is_folder, opened_offer, opened_tiles
from ledger.register.answering import answered, sealed_data, witnesses_of
from ledger.register.certifying import Signed
from ledger.register.cosigning import Cosigned, own_cosignature
from ledger.register.mirroring import Offer, Taken, take
from ledger.register.neighbouring import opened_neighbour
from ledger.register.opening import Register
from ledger.register.writing import Recorded, append
from ledger.store import smallfiles
from ledger.store.headings import has_other_than, seqs_of_kind
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.tlog import merkle
from ledger.tlog.note import Signer, VerifyKey

Result: TypeAlias = Literal["taken", "known", "own", "evidence", "refused"]

LOST = frozenset(("sync.answer-beyond-book", "sync.answer-other-root"))
"""Refusals by which a peer shows that the own book is not what its log signed."""

MOST_FILES = 10_000
"""Files that one inbox may hold."""


class Read(Struct, frozen=True):
    """What became of one file, or of one peer's database.

    Attributes:
        name: Its name.
        result: `known`: it holds nothing that is not here; `own`: this office wrote it.
        taken: What was taken in, if anything could be.
        error: Why it was refused.
        evidence: Where the evidence lies, if there is any.
    """

    name: str
    result: Result
    taken: Taken | None = None
    error: LedgerError | None = None
    evidence: Path | None = None


def shows_loss(reads: Iterable[Read]) -> bool:
    """Return whether a peer has shown that the own book was cut or rewritten."""
    return any(read.error is not None and read.error.code in LOST for read in reads)


def read_inbox(
    register: Register, folder: Path, *, peers: Mapping[str, Peer], now: datetime
) -> list[Read]:
    """Take in every bundle of a folder, in the order in which they follow.

    A folder in it is a whole book as tiles.

    A file that is refused keeps no other from being read.

    Args:
        register: The own book, opened for writing.
        folder: The inbox.
        peers: Whom the own book trusts, by name.
        now: The clock, UTC.

    Raises:
        NotFoundError: If there is no such folder.
        RefusedError: If it holds more files than anybody reads.
        NotPermittedError: If it cannot be read.
    """
    found: list[Read] = []
    headed: list[tuple[int, int, str]] = []
    for name in _names(folder):
        try:
            with opened_offer(folder / name) as offer:
                header = offer.header
        except LedgerError as error:
            found.append(Read(name, "refused", error=error))
            continue
        if header.book == register.journal.book.name:
            found.append(Read(name, "own"))
        elif header.book not in peers:
            unknown = RefusedError("sync.unknown-book")
            found.append(Read(name, "refused", error=unknown))
        else:
            headed.append((header.start, header.stop, name))
    for _, _, name in sorted(headed):
        found.append(_read_file(register, folder / name, peers=peers, now=now))
    return found


def _names(folder: Path) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError("sync.no-inbox") from None
    except OSError as error:
        raise NotPermittedError.of(error, path=str(folder)) from error
    if len(names) > MOST_FILES:
        raise RefusedError("sync.too-many-files", limit=MOST_FILES)
    return sorted(name for name in names if not name.startswith("."))


def _read_file(
    register: Register, path: Path, *, peers: Mapping[str, Peer], now: datetime
) -> Read:
    try:
        with opened_offer(path) as offer:
            peer = peers[offer.header.book]
            return _taken(register, path.name, offer, peer=peer, now=now)
    except LedgerError as error:
        return Read(path.name, "refused", error=error)


def read_neighbour(
    register: Register, path: Path, *, peer: Peer, now: datetime
) -> Read:
    """Take in what a peer's database, or its book as tiles, has more than is here.

    Tiles are read from the first entry on. Where a database does not fit what is
    here, all of it is read: only whole trees can show that a log signed two histories.
    """
    if is_folder(path):
        return _read_tiles(register, path, peer=peer, now=now)
    mirror = mirror_of(register.journal, peer.name)
    size = 0 if mirror is None else mirror.size()
    try:
        return _read_database(register, path, peer=peer, start=size, now=now)
    except RewrittenError as error:
        if error.code != "sync.other-root" or size == 0:
            return Read(str(path), "refused", error=error)
    except LedgerError as error:
        return Read(str(path), "refused", error=error)
    try:
        return _read_database(register, path, peer=peer, start=0, now=now)
    except LedgerError as error:
        return Read(str(path), "refused", error=error)


def _read_tiles(register: Register, path: Path, *, peer: Peer, now: datetime) -> Read:
    try:
        with opened_tiles(path) as offer:
            if offer.header.book != peer.name:
                raise RefusedError("sync.another-book-there")
            return _taken(register, str(path), offer, peer=peer, now=now)
    except LedgerError as error:
        return Read(str(path), "refused", error=error)


def _read_database(
    register: Register, path: Path, *, peer: Peer, start: int, now: datetime
) -> Read:
    reader = register.journal.book.name
    with opened_neighbour(
        path, book=peer.name, genesis=peer.genesis, start=start, reader=reader
    ) as offer:
        return _taken(register, str(path), offer, peer=peer, now=now)


def _taken(
    register: Register, name: str, offer: Offer, *, peer: Peer, now: datetime
) -> Read:
    try:
        taken = take(register, offer, peer=peer, now=now)
    except RewrittenError as error:
        if error.code == "sync.answer-beyond-book":
            # From here on no entry is recorded before the lost ones are here again.
            seen, root = error.values["seen"], error.values["root"]
            register.remember_seen(int(seen), bytes.fromhex(str(root)))
        elif error.code == "sync.answer-other-root":
            size, root = error.values["size"], error.values["root"]
            register.remember_seen(int(size), bytes.fromhex(str(root)))
        raise
    if taken.evidence is not None:
        path = _keep_evidence(register, taken.evidence)
        return Read(name, "evidence", taken=taken, evidence=path)
    new = taken.added or any(each.new for each in taken.answered)
    return Read(name, "taken" if new else "known", taken=taken)


def _keep_evidence(register: Register, evidence: Evidence) -> Path:
    """Write evidence into this user's folder, once; return where it is."""
    folder = register.places.memory / "evidence"
    content = evidence.format()
    name = f"{evidence.book.replace('/', '-')}-{sha256(content).hexdigest()[:16]}"
    path = folder / f"{name}.evidence"
    with smallfiles.permitted(folder):
        smallfiles.make_folder(folder)
    if not path.exists():
        write_new(path, content)
    return path


def witnesses(journal: Journal, peers: Mapping[str, Peer]) -> list[VerifyKey]:
    """Return the witness keys of all peers of a book."""
    return [
        key
        for name, peer in sorted(peers.items())
        for key in witnesses_of(peer, mirror_of(journal, name))
    ]


def seal(register: Register, signer: Signer, *, now: datetime) -> Recorded | None:
    """Record a seal, if more was cosigned than the last one seals.

    New entries are what is worth a seal; one that would seal nothing but seals is not
    recorded, or two books would answer each other for ever.

    Args:
        register: The own book, opened for writing.
        signer: The log key, unlocked.
        now: The clock, UTC, whole seconds.
    """
    journal = register.journal
    keys = witnesses(journal, register.recall().history(()).peers)
    size = max((each.size for each in answered(journal, keys)), default=0)
    last = last_sealed(register)
    if size <= last or not has_other_than(journal, "seal", start=last, stop=size):
        return None
    data = sealed_data(journal, size=size, keys=keys)
    return append(register, kind="seal", request=data, signer=signer, now=now)


def last_sealed(register: Register) -> int:
    """Return the size of the last sealed checkpoint; 0 if there is none."""
    recall = register.recall()
    last = map(recall.entry, seqs_of_kind(register.journal, "seal")[-1:])
    sizes = [
        int(entry.record.checkpoint[1])
        for entry in last
        if entry is not None and isinstance(entry.record, Seal)
    ]
    return max(sizes, default=0)


def write_out(
    register: Register,
    folder: Path,
    *,
    peer: Peer,
    signed: Signed,
    witness: VerifyKey | None,
) -> Written:
    """Write what a peer does not have yet, and this state's cosignature, as one file.

    Args:
        register: The own book.
        folder: The outbox.
        peer: For whom it is.
        signed: The own checkpoint.
        witness: This state's witness key, if it has one.

    Raises:
        TamperedError: If stored entries are not those that the checkpoint signs.
        NotPermittedError: If the folder does not take it.
    """
    journal = register.journal
    mirror = mirror_of(journal, peer.name)
    done = answered(journal, witnesses_of(peer, mirror))
    stop = signed.checkpoint.size
    start = max((each.size for each in done if each.size <= stop), default=0)
    cosigned: Cosigned | None = None
    if mirror is not None and witness is not None:
        cosigned = own_cosignature(mirror, witness)
    return write_bundle(
        folder,
        Header(
            book=journal.book.name,
            genesis=journal.book.genesis.hex(),
            start=start,
            stop=stop,
        ),
        notes=_signed_notes(journal, signed, start=start),
        checkpoint=signed.note,
        answers=() if cosigned is None else (cosigned.note,),
    )


def _signed_notes(journal: Journal, signed: Signed, *, start: int) -> Iterator[bytes]:
    """Yield the entries under a checkpoint; raise at the end if they are others."""
    frontier = journal.frontier(start)
    for row in journal.rows(start, signed.checkpoint.size):
        frontier.append(merkle.leaf_hash(row.note))
        yield row.note
    if frontier.root() != signed.checkpoint.root:
        raise TamperedError("sync.not-the-signed-tree", size=signed.checkpoint.size)
