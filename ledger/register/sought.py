"""What an import asks for and what comes of it: rows, their file, the entries they got.

A row's id (`once`) follows from what it asks for, so that the same row of any file is
found again instead of recorded twice.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

from msgspec import Struct, field

from ledger.errors import LedgerError
from ledger.register.opening import Head
from ledger.tlog import canonical
from ledger.tlog.canonical import Json

Cells = Mapping[str, str | list[str]]
"""What a row asks for, by column; a column of several values has a list."""


class Origin(Struct, frozen=True):
    """The file that rows are read from.

    Attributes:
        file: Its name, without its folder.
        sheet: The sheet of a workbook.
        sha256: Digest of its bytes, 64 hex.
    """

    file: str
    sheet: str | None
    sha256: str

    def of_row(self, number: int) -> dict[str, Json]:
        """Return what the entry of a row says of where it was read."""
        sheet: dict[str, Json] = {} if self.sheet is None else {"sheet": self.sheet}
        return {"file": self.file, **sheet, "row": number, "sha256": self.sha256}


class Sought(Struct, frozen=True):
    """One row, as it is to be recorded.

    Attributes:
        number: Its number in the file or sheet.
        kind: The kind of entry.
        label: What later rows call it; None if they do not.
        cells: What it asks for; references may name an earlier row (`#label`).
        linking: The columns of such references.
        request: Makes the request of the cells, with every reference a real one.
        faults: What is wrong with it already; then it is not asked for.
    """

    number: int
    kind: str
    label: str | None
    cells: Cells
    linking: frozenset[str]
    request: Callable[[Cells], dict[str, Json]]
    faults: tuple[LedgerError, ...] = ()


class Run(Struct, frozen=True):
    """Rows in a row whose entries are in a row.

    Attributes:
        rows: The first and the last row.
        entries: Their entries.
        added: They were recorded now, not found.
    """

    rows: tuple[int, int]
    entries: tuple[int, int]
    added: bool


class Brought(Struct):
    """What came of a file.

    Attributes:
        head: How far the book goes now.
        rows: How many rows there were.
        added: How many of them were recorded now, or would have been.
        found: How many were in the book already.
        refused: How many cannot be recorded; if any, nothing was.
        runs: Which entries hold them; empty if nothing was recorded.
        at_moved: The clock was behind the book; the entries carry the book's time.
    """

    head: Head
    rows: int = 0
    added: int = 0
    found: int = 0
    refused: int = 0
    runs: list[Run] = field(default_factory=list)
    at_moved: bool = False


def once_of(kind: str, cells: Cells, *, nth: int) -> str:
    """Return the id of a row: 32 hex digits.

    Args:
        kind: The kind of entry.
        cells: What the row asks for; references to rows by their ids.
        nth: Which of the identical rows of its file it is, from 1.

    Raises:
        MalformedError: If the cells have no spelling as canonical JSON.
    """
    row = canonical.encode({name: _json(cell) for name, cell in cells.items()})
    return sha256(kind.encode() + row + str(nth).encode()).hexdigest()[:32]


def _json(cell: str | list[str]) -> Json:
    return [*cell] if isinstance(cell, list) else cell
