"""What leaves a book: the whole of it as files, the proof of an entry, the card.

Tiles and lines hold what the last checkpoint signs, hashed again on the way out, so
that nobody gets a file that the checkpoint contradicts; entries beyond it are left out
and counted. The spreadsheet is for reading, and proves nothing. Everything is written
in slices, beside its place, and appears there whole or not at all.
"""

import codecs
import csv
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from ledger.domain.history import Logged, own_refs
from ledger.domain.records import (
    Correction,
    Receipt,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.errors import (
    IncompleteError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.exchange.card import ROLES, Card, sign_card
from ledger.exchange.outbox import put_in_place
from ledger.exchange.plaintext import clean, clean_json
from ledger.register.certifying import Signed, last_signed
from ledger.register.opening import Register, ring_of
from ledger.store.engine import translated
from ledger.store.journal import SLICE, Journal, Row
from ledger.store.recall import Recall
from ledger.store.smallfiles import sync_folder
from ledger.tlog import canonical, merkle, tiles
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.entry import format_instant
from ledger.tlog.merkle import Frontier
from ledger.tlog.note import Signer
from ledger.tlog.proof import Proof

BUNDLE_SCHEMA = "transfer-ledger/bundle/1"

COLUMNS = (
    "seq",
    "at",
    "kind",
    "by",
    "ref",
    "refs",
    "status",
    "asserted_by",
    "occurred",
    "corrected_by",
    "retracted_by",
    "leaf",
    "data",
)
"""The heading of the spreadsheet; where one cell names several, blanks divide them."""

_IN_THE_WAY = frozenset({errno.EEXIST, errno.ENOTEMPTY})
_formula = ("=", "+", "-", "@", "\t", "\r")


class Exported(Struct, frozen=True):
    """What an export came to.

    Attributes:
        entries: How many entries were written.
        left_out: How many were not: beyond the checkpoint, or void in a spreadsheet.
    """

    entries: int
    left_out: int


def export_tiles(register: Register, folder: Path) -> Exported:
    """Write the book into a new folder of static files, as any C2SP tool reads it.

    Raises:
        IncompleteError: If no checkpoint was signed yet.
        RewrittenError: If the entries are not those that the checkpoint signs.
        TamperedError: If stored bytes do not have the leaf hash beside them.
        RefusedError: If something has that name.
        NotPermittedError: If the folder cannot be written.

    Source:
        c2sp.org/tlog-tiles.
    """
    signed = _signed(register)
    with new_folder(folder) as draft:
        tiling = tiles.Tiling()
        notes: list[bytes] = []
        for row in _signed_rows(register.journal, signed.checkpoint):
            notes.append(row.note)
            for tile in tiling.append(row.leaf):
                _write(draft / tile.path, tile.data)
            if len(notes) == tiles.WIDTH:
                _write_bundle(draft, notes, row.seq)
                notes = []
        if notes:
            _write_bundle(draft, notes, signed.checkpoint.size - 1)
        for tile in tiling.edge():
            _write(draft / tile.path, tile.data)
        _write(draft / tiles.CHECKPOINT_PATH, signed.note)
    return _exported(register.journal, signed.checkpoint.size)


def export_lines(register: Register, file: Path) -> Exported:
    r"""Write the book into one new file of JSON Lines, as `sync` hands books over.

    The first line says which book and which entries, `from` up to and without `to`;
    then comes each entry as a string, and the checkpoint as a string. The file is
    ASCII. Bytes that are no UTF-8, which only a void entry has, stand as the escapes
    from ``\udc80`` to ``\udcff``.

    Raises:
        IncompleteError: If no checkpoint was signed yet.
        RewrittenError: If the entries are not those that the checkpoint signs.
        TamperedError: If stored bytes do not have the leaf hash beside them.
        RefusedError: If something has that name.
        NotPermittedError: If the file cannot be written.
    """
    signed = _signed(register)
    journal = register.journal
    size = signed.checkpoint.size
    with _new_file(file) as out:
        header: dict[str, Json] = {
            "schema": BUNDLE_SCHEMA,
            "book": journal.book.name,
            "genesis": journal.book.genesis.hex(),
            "from": 0,
            "to": size,
        }
        out.write(_line(header))
        for row in _signed_rows(journal, signed.checkpoint):
            out.write(_line(row.note.decode("utf-8", "surrogateescape")))
        out.write(_line(signed.note.decode()))
    return _exported(journal, size)


def export_csv(register: Register, file: Path) -> Exported:
    """Write the valid entries into a new file for spreadsheets, as they were recorded.

    Corrections change no row: `corrected_by` names them. RFC 4180, UTF-8; a cell that
    a spreadsheet would compute begins with an apostrophe. Memory grows only with the
    number of corrections and retractions.

    Raises:
        TamperedError: If stored entries cannot be read.
        RefusedError: If something has that name.
        NotPermittedError: If the file cannot be written.
    """
    size = register.recall().projected()
    corrections, retracted = _changes(register, size)
    written = 0
    with _new_file(file) as out:
        writer = csv.writer(codecs.getwriter("utf-8")(out), lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for first in range(0, size, SLICE):
            # A reader keeps what it read, so that each slice has its own.
            recall = Recall(register.journal, before=size)
            for seq in range(first, min(first + SLICE, size)):
                entry = recall.entry(seq)
                if entry is None:
                    continue
                changed_by = (corrections.get(seq, ()), retracted.get(seq))
                writer.writerow(_cells(entry, recall.refs_of(seq), *changed_by))
                written += 1
    return Exported(entries=written, left_out=size - written)


def prove(
    register: Register, seq: int, *, mirror: Journal | None = None
) -> tuple[bytes, bytes]:
    """Return an entry's stored bytes, and their proof under the last checkpoint.

    Of an entry of a mirror that is the last one of its own log.

    Returns:
        The note, and the contents of its ``.tlog-proof``, which was checked.

    Raises:
        NotFoundError: If there is no such entry.
        IncompleteError: If no checkpoint was signed since it was recorded.
        TamperedError: If stored bytes or hashes do not fit the checkpoint.
    """
    journal = mirror or register.journal
    row = journal.row(seq)
    if row is None:
        raise NotFoundError("cite.no-such-entry", seq=seq)
    signed = last_signed(register, mirror)
    if signed is None:
        raise IncompleteError("prove.no-checkpoint")
    checkpoint = signed.checkpoint
    if seq >= checkpoint.size:
        raise IncompleteError("prove.beyond-checkpoint", seq=seq, size=checkpoint.size)
    hashes = merkle.prove_inclusion(journal.read_nodes, index=seq, size=checkpoint.size)
    merkle.check_inclusion(
        hashes,
        index=seq,
        size=checkpoint.size,
        leaf=merkle.leaf_hash(row.note),
        root=checkpoint.root,
    )
    proof = Proof(index=seq, hashes=tuple(hashes), checkpoint=signed.note)
    return row.note, proof.format()


def make_card(register: Register, signer: Signer) -> bytes:
    """Return the signed card of the book: its first entry, and the active keys.

    Raises:
        UsageError: If the signer is no active state key of the book.
    """
    book = register.journal.book
    ring, size = ring_of(register)
    keys = tuple(
        (role, standing.key)
        for role in ROLES
        for standing in ring.active(role, seq=size)
    )
    return sign_card(Card(book.name, book.state, book.genesis.hex(), keys), signer)


def _signed(register: Register) -> Signed:
    signed = last_signed(register)
    if signed is None:
        raise IncompleteError("export.no-checkpoint")
    return signed


def _exported(journal: Journal, size: int) -> Exported:
    return Exported(entries=size, left_out=journal.size() - size)


def _signed_rows(journal: Journal, checkpoint: Checkpoint) -> Iterator[Row]:
    """Return the entries under a checkpoint; raise at the end if they are others."""
    frontier = Frontier()
    for row in journal.rows(0, checkpoint.size):
        if row.seq != frontier.size:
            raise RewrittenError("export.entry-missing", seq=frontier.size)
        if merkle.leaf_hash(row.note) != row.leaf:
            raise TamperedError("export.bytes-changed", seq=row.seq)
        frontier.append(row.leaf)
        yield row
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise RewrittenError("export.not-the-signed-tree", size=checkpoint.size)


def _write_bundle(draft: Path, notes: Sequence[bytes], last: int) -> None:
    """Write the bundle that ends with entry `last`."""
    path = tiles.entries_path(index=last // tiles.WIDTH, width=len(notes))
    _write(draft / path, tiles.entry_bundle(notes))


def _line(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _changes(
    register: Register, size: int
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return the standing corrections and the retraction of each entry that has any."""
    journal = register.journal
    with translated():
        found = journal.connection.execute(
            "SELECT seq FROM heading WHERE book = ? "
            "AND kind IN ('correction', 'retraction') AND seq < ? ORDER BY seq",
            (journal.book.id, size),
        ).fetchall()
    corrections: dict[int, list[int]] = {}
    corrected: dict[int, int] = {}
    retracted: dict[int, int] = {}
    for (seq,) in found:
        entry = Recall(journal, before=size).entry(seq)
        match None if entry is None else entry.record:
            case Correction(target=target):
                corrections.setdefault(target.seq, []).append(seq)
                corrected[seq] = target.seq
            case Retraction(target=target):
                retracted[target.seq] = seq
                if target.seq in corrected:
                    corrections[corrected[target.seq]].remove(target.seq)
            case _:
                raise TamperedError("store.projection-unfit")
    return corrections, retracted


def _cells(
    entry: Logged,
    refs: Sequence[str],
    corrections: Sequence[int],
    retracted_by: int | None,
) -> list[str]:
    own = own_refs(entry.record)
    cells = {
        "seq": str(entry.seq),
        "at": format_instant(entry.at),
        "kind": entry.kind,
        "by": entry.by,
        "ref": own[0] if own else "",
        "refs": " ".join(refs),
        "status": str(entry.data.get("status", "")),
        "asserted_by": str(entry.data.get("asserted_by", "")),
        "occurred": _occurred(entry),
        "corrected_by": " ".join(map(str, corrections)),
        "retracted_by": "" if retracted_by is None else str(retracted_by),
        "leaf": entry.leaf.hex(),
    }
    data = clean_json(canonical.encode(dict(entry.data)).decode())
    return [*map(_harmless, map(cells.__getitem__, COLUMNS[:-1])), data]


def _occurred(entry: Logged) -> str:
    """Return when it happened, as it was recorded; empty if that is not said."""
    match entry.record:
        case Transfer() as transfer:
            return transfer.departures[0].at.text
        case Receipt() as receipt:
            moments = (receipt.arrived, receipt.admitted)
            return next(moment.text for moment in moments if moment is not None)
        case Renewal() as renewal:
            return renewal.agreed_on.isoformat()
        case _:
            return str(entry.data.get("occurred", ""))


def _harmless(text: str) -> str:
    """Return a cell that a spreadsheet takes as text."""
    return f"'{clean(text)}" if text.startswith(_formula) else clean(text)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Hand out a file to fill; then give it its name, never over another one."""
    with _draft_of(path) as draft:
        try:
            with draft.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            put_in_place(draft, path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Hand out a folder to fill; then give it its name, never over another one."""
    with _draft_of(path) as draft:
        try:
            draft.mkdir()
            yield draft
            for folder, _, _ in os.walk(draft):
                sync_folder(Path(folder))
            # Over an empty folder that came meanwhile, at most.
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """Hand out a name beside a new one; bring the folder to the disk afterwards."""
    if os.path.lexists(path):
        raise RefusedError("file.exists")
    try:
        yield path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        sync_folder(path.parent)
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            raise RefusedError("file.exists") from None
        raise NotPermittedError("file.not-written") from None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
