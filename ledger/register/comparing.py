"""One entry of a book held against a copy: a backup, a mirror, an export, a summary.

Either side may be the one that was altered; neither is believed. A summary has no
bytes of an entry: its leaf hash is compared, and what the summary says of it with what
the book said after as many entries as the summary knew.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ledger.domain.schemas import data_of
from ledger.errors import LedgerError, NotFoundError, RefusedError
from ledger.exchange.copies import (
    Digest,
    Object,
    entry_in_bundle,
    entry_in_summary,
    is_bundle,
    is_database,
)
from ledger.exchange.tiled import is_folder, opened_tiles
from ledger.register.opening import Register
from ledger.register.showing import resolve
from ledger.store.engine import as_bytes, translated
from ledger.store.foreign import Kept, beside, entry_of
from ledger.store.recall import Recall
from ledger.tlog.entry import leaf
from ledger.tlog.lenient import Difference, compare, flat
from ledger.tlog.tiles import CHECKPOINT_PATH

Form: TypeAlias = Literal["database", "bundle", "summary"]
Verdict: TypeAlias = Literal["same", "different", "absent"]
Side: TypeAlias = Literal["book", "file"]
Changes: TypeAlias = Sequence[tuple[str, Any]]

LEAF = "leaf"
_OF_TRANSFER = (
    "origin",
    "destination",
    "group",
    "persons",
    "term",
    "renewable",
    "compensation",
    "status",
    "asserted_by",
)
_OF_CORRECTION = ("reason", "changes")
_BESIDE = frozenset(("seq", "kind", "open"))


class Compared(Struct, frozen=True):
    """What came of comparing one entry.

    Attributes:
        seq: The entry.
        form: What the file is.
        verdict: Whether the two are the same.
        absent: The side that has no such entry.
        leaves: The leaf hash in the book, and in the file, as hex.
        differences: Where they differ; the book's value is the first of each.
    """

    seq: int
    form: Form
    verdict: Verdict
    absent: Side | None
    leaves: tuple[str | None, str | None]
    differences: tuple[Difference, ...]


def compare_entry(register: Register, name: str, path: Path) -> Compared:
    """Return how an entry of the book differs from its copy in a file.

    Raises:
        NotFoundError: If neither has it, or there is no such file.
        RefusedError, MalformedError: If the file is of another book, or no copy.
    """
    seq = _seq(register, name)
    row = register.journal.row(seq)
    own = None if row is None else row.note
    book = register.journal.book.name
    if not is_folder(path) and is_database(path):
        if path.samefile(register.places.database):
            raise RefusedError("compare.with-itself")
        return _with_database(register, seq, entry_of(path, book=book, seq=seq))
    tiled = is_folder(path) and (path / CHECKPOINT_PATH).exists()
    if tiled or is_bundle(path):
        read = _entry_in_tiles if tiled else entry_in_bundle
        copy = read(path, book=book, seq=seq)
        found = () if own is None or copy is None else tuple(compare(own, copy))
        leaves = (
            None if own is None else leaf(own).hex(),
            None if copy is None else leaf(copy).hex(),
        )
        return _compared(seq, "bundle", leaves, found)
    refs = {} if own is None else {_ref(register, seq): seq}
    digest = entry_in_summary(path, book=book, seq=seq, refs=refs)
    return _with_summary(register, seq, own, digest)


def _entry_in_tiles(path: Path, *, book: str, seq: int) -> bytes | None:
    """Return the bytes of an entry in a folder of tiles, or None if it is not there."""
    with opened_tiles(path) as tiled:
        if tiled.header.book != book:
            raise RefusedError("compare.another-book")
        return tiled.entry(seq)


def _with_database(register: Register, seq: int, kept: Kept | None) -> Compared:
    """Compare all that two databases have of an entry; a leaf is what each says."""
    journal = register.journal
    with translated(), as_bytes(journal.connection):
        own = beside(journal.connection, journal.book.id, seq)
    leaves = (
        None if own is None else own.leaf.hex(),
        None if kept is None else kept.leaf.hex(),
    )
    if own is None or kept is None:
        return _compared(seq, "database", leaves, ())
    found = list(compare(own.note, kept.note))
    sound = (leaf(own.note), leaf(kept.note)) == (own.leaf, kept.leaf)
    # Where both hashes are those of their bytes, the bytes say all.
    if own.leaf != kept.leaf and not (found and sound):
        found.append(Difference(LEAF, *leaves))
    found += [
        Difference(name, value, kept.beside[name])
        for name, value in own.beside.items()
        if value != kept.beside[name] and not _in_note(name, found)
    ]
    return _compared(seq, "database", leaves, found)


def _in_note(name: str, found: Sequence[Difference]) -> bool:
    """Return whether a column repeats a member of the body that differs already."""
    column = name.rpartition(".")[2]
    member = {"signer": "/by", "ref": "/data"}.get(column, f"/{column}")
    return any(each.member.startswith(member) for each in found)


def _seq(register: Register, name: str) -> int:
    named = resolve(register, name)
    if isinstance(named, int):
        return named
    seq = register.recall().seq_of(named)
    if seq is None:
        raise NotFoundError("cite.no-such-ref", ref=named)
    return seq


def _ref(register: Register, seq: int) -> str:
    """Return the transfer that an entry opened; empty if it opened none."""
    recall = register.recall()
    refs = (ref for ref in recall.refs_of(seq) if recall.seq_of(ref) == seq)
    return next(refs, "")


def _compared(
    seq: int,
    form: Form,
    leaves: tuple[str | None, str | None],
    differences: Sequence[Difference],
) -> Compared:
    absent: Side | None = None
    verdict: Verdict = "different" if differences else "same"
    if None in leaves:
        if leaves[0] == leaves[1]:
            raise NotFoundError("cite.no-such-entry", seq=seq)
        absent = "book" if leaves[0] is None else "file"
        verdict = "absent"
    return Compared(seq, form, verdict, absent, leaves, tuple(differences))


def _with_summary(
    register: Register, seq: int, own: bytes | None, digest: Digest | None
) -> Compared:
    leaves = (
        None if own is None else leaf(own).hex(),
        None if digest is None else digest.leaf,
    )
    if own is None or digest is None:
        return _compared(seq, "summary", leaves, ())
    found = []
    if leaves[0] != leaves[1]:
        found.append(Difference(LEAF, *leaves))
    data = _worth(register, seq, size=digest.size)
    changes: Changes = ()
    if data is None:
        # What is signed is all there is: the corrections are taken back.
        data, changes = _signed(own), digest.changes
    for name, row in digest.rows if data else ():
        members = _members(name, data, row)
        found.extend(_differing(data, row, members, changes=changes))
    return _compared(seq, "summary", leaves, found)


def _worth(register: Register, seq: int, *, size: int) -> Object | None:
    """Return what an entry was worth after so many; None if it is damaged."""
    recall = Recall(register.journal, before=min(size, register.recall().size))
    try:
        history = recall.history(recall.refs_of(seq), seqs=[seq])
        record = history.worth(seq)
        return {} if record is None else data_of(record)
    except LedgerError:
        return None


def _signed(note: bytes) -> Object:
    """Return what a damaged entry says, as far as it can be read."""
    try:
        data = json.loads(note.decode("utf-8", "replace").split("\n")[1])["data"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}


def _members(name: str, data: Object, row: Object) -> Sequence[str]:
    """Return the members that a row of a summary has of an entry."""
    match name:
        case "transfers":
            return _OF_TRANSFER
        case "corrections":
            return _OF_CORRECTION if row.get("kind") == "correction" else ("reason",)
        case _:
            return [m for m in dict.fromkeys([*data, *row]) if m not in _BESIDE]


def _differing(
    data: Object, row: Object, members: Sequence[str], *, changes: Changes
) -> Iterator[Difference]:
    for member in members:
        if not changes and _same(data.get(member), row.get(member)):
            continue
        one, other = _parts(data, member), _parts(row, member)
        for path, old in reversed(changes):
            if f"{path}/".startswith(f"/{member}/"):
                _take_back(other, f"/data{path}", old)
        for place in dict.fromkeys([*one, *other]):
            if one.get(place) != other.get(place):
                yield Difference(place, one.get(place), other.get(place))


def _parts(holder: Object, member: str) -> dict[str, str]:
    path = f"/data/{member}"
    return _flat(holder[member], path) if member in holder else {}


def _take_back(parts: dict[str, str], path: str, old: Any) -> None:
    """Put the value that a correction changed back into its place."""
    for place in [p for p in parts if f"{p}/".startswith(f"{path}/")]:
        del parts[place]
    if old is not None:
        parts.update(_flat(old, path))


def _flat(value: Any, path: str) -> dict[str, str]:
    try:
        return dict(flat(value, path))
    except RecursionError:
        return {path: "…"}


def _same(own: Any, said: Any) -> bool:
    """Return whether a summary says a value: what nests too deep it has as text."""
    match own, said:
        case dict(), dict():
            return own.keys() == said.keys() and all(
                _same(own[name], said[name]) for name in own
            )
        case list(), list():
            return len(own) == len(said) and all(map(_same, own, said))
        case dict() | list(), str():
            spelled = json.dumps(
                own, ensure_ascii=False, sort_keys=True, separators=(",", ":")
            )
            return bool(spelled == said)
        case _:
            return type(own) is type(said) and bool(own == said)
