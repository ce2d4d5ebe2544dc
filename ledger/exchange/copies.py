"""One entry out of a file that left an office: an export, or a summary.

The files are read as hostile: each size has a limit, what cannot be read is an error,
and what can be read is only compared, never believed.
"""

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from msgspec import Struct

from ledger.errors import (
    MalformedError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
)
from ledger.exchange.outbox import read_file
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note

BUNDLE = "transfer-ledger/bundle/1"
SUMMARY = "transfer-ledger/summary/1"
LONGEST_LINE = 1 << 20
"""A line holds an entry of at most 65,535 bytes; an escape takes six for one."""
LARGEST_SUMMARY = 64 << 20
SQLITE = b"SQLite format 3\x00"

_SEQ = re.compile(rb'\\"seq\\":([0-9]{1,16}),\\"v\\":')
"""In a body its number is the last member but one, its quotes escaped in a line."""

Object: TypeAlias = Mapping[str, Any]


class Digest(Struct, frozen=True):
    """An entry as a summary has it: its leaf hash, and what the summary says of it.

    Attributes:
        leaf: The leaf hash, as it is written there.
        size: How many entries the summary knew.
        rows: The rows that are about it, each with the name of its list.
        changes: What corrections changed in it: the path, and the value before.
    """

    leaf: str
    size: int
    rows: tuple[tuple[str, Object], ...]
    changes: tuple[tuple[str, Any], ...]


def is_database(path: Path) -> bool:
    """Return whether a file begins as SQLite's do.

    Raises:
        NotFoundError: If there is no such file.
        RefusedError: If it is a link, or no regular file.
        NotPermittedError: If it cannot be read.
    """
    with _opened(path) as file:
        return file.read(len(SQLITE)) == SQLITE


def is_bundle(path: Path) -> bool:
    """Return whether the first line of a file is that of an export."""
    with _opened(path) as file:
        return bool(_member(_object(file.readline(LONGEST_LINE)), "schema") == BUNDLE)


def entry_in_bundle(path: Path, *, book: str, seq: int) -> bytes | None:
    """Return the bytes of an entry in an export, or None if it is not among them.

    What is no string of JSON any more is returned as it stands in its line.

    Raises:
        RefusedError: If the export is of another book, or a line is too long.
        MalformedError: If its first line does not say from where to where it goes.
    """
    with _opened(path) as file:
        header = _object(file.readline(LONGEST_LINE))
        first, after = _member(header, "from"), _member(header, "to")
        if not (isinstance(first, int) and isinstance(after, int)):
            raise MalformedError("compare.bundle-header")
        if _member(header, "book") != book:
            raise RefusedError("compare.another-book")
        if not first <= seq < after:
            return None
        for number in range(first, seq):
            _line(file, number)
        line = _line(file, seq)
        if _number(line) in {seq, None}:
            note = _note(line)
            return note if line and not _is_checkpoint(note) else None
    return _elsewhere(path, line, seq=seq, first=first)


def _elsewhere(path: Path, at: bytes, *, seq: int, first: int) -> bytes | None:
    """Return the line of an entry where another one stands in its place.

    If no line says its number, one was taken out, and all after it moved up; unless
    two say the number that stands there: then that was changed.
    """
    twice = 0
    with _opened(path) as file:
        file.readline(LONGEST_LINE)
        number = first
        while line := _line(file, number):
            found = _number(line)
            if found == seq:
                return _note(line)
            twice += found == _number(at)
            number += 1
    return _note(at) if twice > 1 else None


def _number(line: bytes) -> int | None:
    """Return the number that an entry in a line says it has; None if it says none."""
    found = _SEQ.findall(line)
    return int(found[-1]) if found else None


def _is_checkpoint(note: bytes) -> bool:
    """Return whether a line behind all entries was met."""
    try:
        Checkpoint.parse(Note.parse(note).text)
    except MalformedError:
        return False
    return True


def _line(file: BinaryIO, seq: int) -> bytes:
    """Return the next line, which is of an entry; empty at the end of the file."""
    line = file.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE:
        raise RefusedError("compare.line-too-long", seq=seq)
    return line


def _note(line: bytes) -> bytes:
    try:
        text = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(text, str):
        return line
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def entry_in_summary(
    path: Path, *, book: str, seq: int, refs: Mapping[str, int]
) -> Digest | None:
    """Return what a summary says of an entry, or None if it does not list it.

    Args:
        path: The file `summary.json`.
        book: The name of the book.
        seq: The entry.
        refs: The entry that opened each transfer.

    Raises:
        RefusedError: If it is a summary of another book.
        MalformedError: If it is no summary.
    """
    summary = _object(read_file(path, most=LARGEST_SUMMARY))
    if _member(summary, "schema") != SUMMARY:
        raise MalformedError("compare.unknown-file")
    if _member(_member(summary, "scope"), "book") != book:
        raise RefusedError("compare.another-book")
    listed = [
        *_rows(summary, "entries"),
        *(e for row in _rows(summary, "transfers") for e in _rows(row, "entries")),
    ]
    leaf = next((_member(e, "leaf") for e in listed if _is(e, seq)), None)
    if leaf is None:
        return None
    sizes = [_member(each, "entries") for each in _rows(summary, "books")]
    size = next((size for size in sizes if isinstance(size, int)), 0)
    rows = [
        (name, row)
        for name in ("payments", "claims", "remarks", "corrections")
        for row in _rows(summary, name)
        if _is(row, seq)
    ]
    rows += [
        ("transfers", row)
        for row in _rows(summary, "transfers")
        if refs.get(str(_member(row, "ref"))) == seq
    ]
    changes = [
        (str(_member(change, "path")), _member(change, "old"))
        for row in _rows(summary, "corrections")
        if _member(row, "target") == seq
        for change in _rows(row, "changes")
    ]
    return Digest(str(leaf), size=size, rows=tuple(rows), changes=tuple(changes))


def _is(row: object, seq: int) -> bool:
    found = _member(row, "seq")
    return isinstance(found, int) and not isinstance(found, bool) and found == seq


def _object(text: bytes) -> object:
    """Return what JSON says, if it is JSON; else None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _member(holder: object, name: str) -> Any:
    """Return a member of an object; None where there is none."""
    return holder.get(name) if isinstance(holder, dict) else None


def _rows(holder: object, name: str) -> Iterator[Any]:
    """Yield the objects of a list; none where there is no list."""
    found = _member(holder, name)
    if isinstance(found, list):
        yield from (row for row in found if isinstance(row, dict))


def _opened(path: Path) -> BinaryIO:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise RefusedError("compare.not-a-file")
        return os.fdopen(descriptor, "rb")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError("file.none") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise RefusedError("compare.not-a-file") from None
        raise NotPermittedError("file.not-read") from None
