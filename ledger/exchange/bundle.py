r"""The bundle: what one state hands to another, as one file of JSON Lines.

    {"schema":"transfer-ledger/bundle/1","book":…,"genesis":…,"from":n,"to":m}
    "transfer-ledger/entry/v1\n{…}\n\n— us.example/clerk-07 …\n"     m - n of them
    "us.example/book\nm\n…\n\n— us.example/book …\n"                 the checkpoint
    "sv.example/book\n…"                   cosignatures on the other's checkpoints

Every line is ASCII and has one spelling. Bytes of an entry that are no UTF-8, which
only a void one has, stand as the escapes from ``\udc80`` to ``\udcff``. The file is
read as a hostile one: once, front to back, each line and the whole within limits, and
nothing is believed: who signed what is asked by whoever takes it in.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from ledger.errors import MalformedError, NotPermittedError
from ledger.exchange.outbox import open_file, put_in_place
from ledger.tlog.canonical import MAX_INTEGER, Json
from ledger.tlog.note import check_name

SCHEMA = "transfer-ledger/bundle/1"
SUFFIX = ".bundle"
LARGEST = 1 << 30
"""Bytes of the largest bundle that is read."""
LONGEST_HEADER = 1024
LONGEST_LINE = 400_000
"""An entry has at most 65,535 bytes, and an escape takes six for one."""
MOST_ANSWERS = 100
"""Cosigned checkpoints that one bundle may carry."""

_HASH = re.compile(r"[0-9a-f]{64}")
_DIGITS = 16


class Header(Struct, frozen=True, kw_only=True):
    """Which entries of which book a bundle carries.

    Attributes:
        book: Name of the book.
        genesis: Leaf hash of its entry 0, 64 lowercase hex.
        start: Number of the first entry.
        stop: Number after the last entry; the checkpoint is of that size.
    """

    book: str
    genesis: str
    start: int
    stop: int

    def __post_init__(self) -> None:
        """Refuse what no bundle can carry."""
        check_name(self.book)
        if not _HASH.fullmatch(self.genesis):
            raise MalformedError("bundle.bad-header")
        for number in (self.start, self.stop):
            if type(number) is not int or not 0 <= number <= MAX_INTEGER:
                raise MalformedError("bundle.bad-header")
        if self.start > self.stop or self.stop == 0:
            raise MalformedError("bundle.bad-header")

    @classmethod
    def parse(cls, line: bytes) -> "Header":
        """Return the header that this line is the one spelling of.

        Raises:
            MalformedError: It is another line.
        """
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise MalformedError("bundle.not-a-bundle") from None
        match said:
            case {
                "schema": "transfer-ledger/bundle/1",
                "book": str(book),
                "genesis": str(genesis),
                "from": int(start),
                "to": int(stop),
            }:
                header = cls(book=book, genesis=genesis, start=start, stop=stop)
            case {"schema": "transfer-ledger/bundle/1"}:
                raise MalformedError("bundle.bad-header")
            case _:
                raise MalformedError("bundle.not-a-bundle")
        if header.format() != line:
            raise MalformedError("bundle.bad-header")
        return header

    def format(self) -> bytes:
        """Return the line, with its newline."""
        return _line(
            {
                "schema": SCHEMA,
                "book": self.book,
                "genesis": self.genesis,
                "from": self.start,
                "to": self.stop,
            }
        )


def _line(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _spelled(note: bytes) -> bytes:
    return _line(note.decode("utf-8", "surrogateescape"))


def _read(line: bytes, number: int) -> bytes:
    """Return the bytes that a line is the one spelling of."""
    try:
        text = json.loads(line) if line.startswith(b'"') else None
        note = text.encode("utf-8", "surrogateescape") if text else b""
    except (ValueError, RecursionError):
        note = b""
    if not note or _spelled(note) != line:
        raise MalformedError("bundle.bad-line", line=number)
    return note


class Bundle:
    """A bundle that is being read, front to back, once.

    Args:
        file: The file, at its beginning.

    Attributes:
        header: Its first line.
        checkpoint: The note of the checkpoint, once all entries are read.
        answers: The cosigned checkpoints of the other book, once all is read.

    Raises:
        MalformedError: The first line is no header.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._bytes = 0
        self._number = 0
        self.header = Header.parse(self._next(LONGEST_HEADER))
        self.checkpoint = b""
        self.answers: tuple[bytes, ...] = ()

    def notes(self) -> Iterator[bytes]:
        """Yield the stored bytes of each entry; then read the rest.

        Raises:
            MalformedError: A line is missing, too long, or not in its one spelling;
                or there is more than the header says.
        """
        for _ in range(self.header.start, self.header.stop):
            yield self._note()
        self.checkpoint = self._note()
        answers: list[bytes] = []
        while (line := self._next(LONGEST_LINE, last=True)) != b"":
            if len(answers) == MOST_ANSWERS:
                raise MalformedError("bundle.too-many-answers", limit=MOST_ANSWERS)
            answers.append(_read(line, self._number))
        self.answers = tuple(answers)

    def _note(self) -> bytes:
        return _read(self._next(LONGEST_LINE), self._number)

    def _next(self, most: int, *, last: bool = False) -> bytes:
        """Return the next line with its newline.

        Args:
            most: How many bytes it may have.
            last: The file may end before it; then it is empty.
        """
        self._number += 1
        try:
            line = self._file.readline(most + 1)
        except OSError:
            raise NotPermittedError("file.not-read") from None
        self._bytes += len(line)
        if self._bytes > LARGEST:
            raise MalformedError("bundle.too-big", limit=LARGEST)
        if len(line) > most:
            raise MalformedError("bundle.line-too-long", line=self._number, limit=most)
        if not line.endswith(b"\n") and (line or not last):
            raise MalformedError("bundle.truncated", line=self._number)
        return line


@contextmanager
def opened_bundle(path: Path) -> Iterator[Bundle]:
    """Open a bundle; links and what is no regular file are refused.

    Raises:
        NotFoundError, RefusedError, NotPermittedError: As `outbox.open_file`.
        MalformedError: It is no bundle.
    """
    with open_file(path, most=LARGEST) as file:
        yield Bundle(file)


class Written(Struct, frozen=True):
    """A bundle in the outbox.

    Attributes:
        path: Where it is; its name says what it holds, by its hash.
        new: It was not there before.
    """

    path: Path
    new: bool


def write_bundle(
    folder: Path,
    header: Header,
    *,
    notes: Iterable[bytes],
    checkpoint: bytes,
    answers: Iterable[bytes] = (),
) -> Written:
    """Write a bundle into a folder; it appears whole, and is on disk then.

    The same contents have the same name, so that nothing is written twice.

    Raises:
        NotPermittedError: If the folder does not take it.
    """
    draft = folder / f".{secrets.token_hex(8)}{SUFFIX}"
    digest = sha256()
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for line in _lines(header, notes, checkpoint, answers):
                    digest.update(line)
                    file.write(line)
                file.flush()
                os.fsync(file.fileno())
            name = f"{header.book.replace('/', '-')}-{header.start}-{header.stop}"
            path = folder / f"{name}-{digest.hexdigest()[:_DIGITS]}{SUFFIX}"
            try:
                put_in_place(draft, path)
            except FileExistsError:
                return Written(path, new=False)
            return Written(path, new=True)
        finally:
            draft.unlink(missing_ok=True)
    except OSError:
        raise NotPermittedError("file.not-written") from None


def _lines(
    header: Header,
    notes: Iterable[bytes],
    checkpoint: bytes,
    answers: Iterable[bytes],
) -> Iterator[bytes]:
    yield header.format()
    yield from map(_spelled, notes)
    yield _spelled(checkpoint)
    yield from map(_spelled, answers)
