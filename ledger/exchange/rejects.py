"""The refused rows of a file, as a file to mend: the same columns, and what is wrong.

It appears once it is whole, and only if a row was refused. It can be imported again:
the column `problem` is not read.
"""

import csv
import io
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from ledger.errors import NotPermittedError, RefusedError
from ledger.exchange.outbox import put_in_place
from ledger.exchange.rows import Cell, Form

PROBLEM: Final = "problem"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """Writes refused rows: JSON Lines for JSON Lines, CSV for all else.

    Args:
        path: The file; it must not exist. None writes nothing.
        form: The form of the file that is imported.
        headings: Its headings.

    Raises:
        RefusedError: Something has that name.
    """

    def __init__(
        self, path: Path | None, *, form: Form, headings: Sequence[str]
    ) -> None:
        if path is not None and (os.path.lexists(path) or not path.name):
            raise RefusedError("file.exists")
        self._path = path
        self._form = form
        self._headings = [*(name for name in headings if name != PROBLEM), PROBLEM]
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put the file in its place if there is one and all went well."""
        if self._file is None or self._path is None:
            return
        draft = Path(self._file.name)
        try:
            with self._file as file:
                file.flush()
                os.fsync(file.fileno())
            if kind is None:
                put_in_place(draft, self._path)
        except FileExistsError:
            raise RefusedError("file.exists") from None
        except OSError:
            raise NotPermittedError("file.not-written") from None
        finally:
            draft.unlink(missing_ok=True)

    def write(self, cells: Mapping[str, Cell], *, problem: str) -> None:
        """Add a refused row.

        Args:
            cells: What stood under each heading.
            problem: What is wrong, in words.

        Raises:
            NotPermittedError: The folder does not let this user, or is full.
        """
        if self._path is None:
            return
        row = {**cells, PROBLEM: problem}
        try:
            if self._file is None:
                self._file = self._begun(self._path)
            if self._form == "jsonl":
                self._file.write(json.dumps(row) + "\n")
            else:
                texts = [_harmless(row.get(name, "")) for name in self._headings]
                self._file.write(_line(texts))
        except OSError:
            raise NotPermittedError("file.not-written") from None

    def _begun(self, path: Path) -> TextIO:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        file = draft.open("x", encoding="utf-8", errors="backslashreplace", newline="")
        if self._form != "jsonl":
            file.write(_line([_harmless(name) for name in self._headings]))
        return file


def _line(texts: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(texts)
    return out.getvalue()


def _harmless(cell: Cell) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "|".join(cell) if isinstance(cell, list) else cell
    return f"'{text}" if text.startswith(_FORMULA) else text
