"""A file of rows from elsewhere, opened once: its digest, its form, its rows.

The digest that entries carry is of the bytes that were read: a text file is digested
once more while its rows are read, and refused if somebody wrote to it meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from ledger.errors import NotPermittedError, RefusedError
from ledger.exchange import xlsx_package
from ledger.exchange.outbox import open_file, read_file
from ledger.exchange.rows import Form, Knows, Rows, form_of
from ledger.exchange.rows_csv import read_csv
from ledger.exchange.rows_jsonl import read_jsonl

LARGEST_TEXT: Final = 1024 * 1024 * 1024
"""Bytes of the largest text file; it is never in memory as a whole."""

_START: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024


class Traced:
    """A file that is digested while it is read (a `text_lines.Readable`).

    Args:
        file: The file, open at its start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes.

        Raises:
            RefusedError: There are more than a file may have.
            NotPermittedError: They cannot be read.
        """
        try:
            chunk = self._file.read(size)
        except OSError:
            raise NotPermittedError("file.not-read") from None
        self._digest.update(chunk)
        self._read += len(chunk)
        if self._read > LARGEST_TEXT:
            raise RefusedError("file.unfit", most=LARGEST_TEXT)
        return chunk

    def seek(self, offset: int, /) -> int:
        """Go to a place; the digest begins there."""
        self._digest, self._read = sha256(), 0
        return self._file.seek(offset)

    def hexdigest(self) -> str:
        """Return the digest of what was read since the last `seek`."""
        return self._digest.hexdigest()


class SourceFile(Struct, frozen=True):
    """An open file of rows.

    Attributes:
        name: Its name, without its folder.
        form: What it is.
        sha256: Digest of its bytes, 64 hex.
        lines: How many lines it has, about; 0 for a workbook.
        content: The file.
    """

    name: str
    form: Form
    sha256: str
    lines: int
    content: Traced | bytes

    def rows(
        self, *, encoding: str | None, sheet: str | None, first_line: int, knows: Knows
    ) -> Rows:
        """Return its rows from the first; see `rows_csv`, `rows_jsonl`, `rows_xlsx`."""
        if isinstance(self.content, bytes):
            from ledger.exchange.rows_xlsx import read_xlsx  # noqa: PLC0415 - start-up

            return read_xlsx(self.content, sheet=sheet, first_line=first_line)
        self.content.seek(0)
        if self.form == "csv":
            return read_csv(
                self.content, encoding=encoding, first_line=first_line, knows=knows
            )
        return read_jsonl(self.content, encoding=encoding)

    def check_unchanged(self) -> None:
        """Refuse a file that somebody wrote to while its rows were read.

        Raises:
            RefusedError: Its bytes have another digest now that all rows were read.
        """
        if isinstance(self.content, Traced) and (
            self.content.hexdigest() != self.sha256
        ):
            raise RefusedError("import.changed")


@contextmanager
def open_source(path: Path) -> Iterator[SourceFile]:
    """Open a file of rows, and digest it.

    Raises:
        NotFoundError: If there is no such file.
        RefusedError: If it is a link, no regular file, too large, or of no form that
            is read.
        NotPermittedError: If it cannot be read.
    """
    with open_file(path, most=LARGEST_TEXT) as file:
        traced = Traced(file)
        form = form_of(traced.read(_START))
        if form == "xlsx":
            content = read_file(path, most=xlsx_package.LARGEST_FILE)
            digest = sha256(content).hexdigest()
            yield SourceFile(path.name, form, digest, 0, content)
            return
        traced.seek(0)
        lines = 0
        while chunk := traced.read(_CHUNK):
            lines += chunk.count(b"\n")
        digest = traced.hexdigest()
        traced.seek(0)
        yield SourceFile(path.name, form, digest, lines, traced)
