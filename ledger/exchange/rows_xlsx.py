"""Rows of a workbook (XLSX), as its cells say them and never as they are displayed.

A formula is refused, whatever it last came to: somebody else computed that. A date
cell is a day, or a time without a zone; both are written as a clerk would write them
and read by the same readers as everything else.
"""

import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from io import BytesIO
from itertools import islice
from typing import Any, Final, TypeVar
from zipfile import BadZipFile

from ledger.errors import LedgerError, RefusedError
from ledger.exchange.rows import (
    MOST_ROWS,
    Row,
    Rows,
    check_headings,
    row_of,
    starts_as_formula,
)
from ledger.exchange.xlsx_package import check_package

T = TypeVar("T")

ASIDE: Final = "_"
"""Sheets whose names start so are for people, and are not read."""

MOST_CELLS: Final = 20_000_000
_SLICE: Final = 500
_TIMED: Final = re.compile("[hH]")
# Whatever openpyxl stumbles over in a damaged file, it lets its reader see.
_BROKEN: Final = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError, BadZipFile, zlib.error),
)


def read_xlsx(content: bytes, *, sheet: str | None, first_line: int) -> Rows:
    """Return the rows of a sheet of a workbook.

    Args:
        content: The file's bytes, at most `xlsx_package.LARGEST_FILE`.
        sheet: The sheet's name; None for the only one that is to be read.
        first_line: Which row has the headings, from 1.

    Raises:
        RefusedError: The file as a whole cannot be read, or has several sheets; later,
            while its rows are read, what is met there.
    """
    file = BytesIO(content)
    check_package(file)
    chosen = _guarded(lambda: _sheet(file, sheet))
    # What a file says of its own size need not be true.
    chosen.reset_dimensions()
    cells = _counted(_slices(iter(chosen.iter_rows(max_row=MOST_ROWS + 1))))
    first = next(islice(cells, first_line - 1, None), ())
    headings = check_headings([_text(cell, [], "") for cell in first])
    rows = _rows(cells, headings, before=first_line)
    return Rows("xlsx", headings, rows, sheet=str(chosen.title))


def _guarded(read: Callable[[], T]) -> T:
    """Return what is read from a workbook that may be damaged in any way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not keep
        try:
            return read()
        except _BROKEN:
            raise RefusedError("import.workbook-broken") from None


def _sheet(file: BytesIO, name: str | None) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415 - start-up

    book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    if name is not None:
        found = [each for each in book.worksheets if each.title == name]
        if not found:
            raise RefusedError("import.no-such-sheet")
        return found[0]
    shown = [
        each
        for each in book.worksheets
        if each.sheet_state == "visible" and not each.title.startswith(ASIDE)
    ]
    if len(shown) != 1:
        raise RefusedError("import.which-sheet", n=len(shown))
    return shown[0]


def _slices(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Return rows one by one, read a few hundred at a time."""
    while slice_ := _guarded(lambda: list(islice(rows, _SLICE))):
        yield from slice_


def _counted(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Return rows as long as there are no more than a sheet can have."""
    cells = 0
    for number, row in enumerate(rows, 1):
        cells += len(row)
        if number > MOST_ROWS:
            raise RefusedError("import.too-many-rows", most=MOST_ROWS)
        if cells > MOST_CELLS:
            raise RefusedError("import.too-many-cells", most=MOST_CELLS)
        yield row


def _rows(
    rows: Iterator[Sequence[Any]], headings: Sequence[str], *, before: int
) -> Iterator[Row]:
    for number, row in enumerate(rows, before + 1):
        faults: list[LedgerError] = []
        names = [*headings, *[""] * (len(row) - len(headings))]
        pairs = zip(row, names, strict=False)
        cells = [_text(cell, faults, name) for cell, name in pairs]
        if any(cells) or faults:
            yield row_of(number, headings, cells, faults)


def _text(cell: Any, faults: list[LedgerError], heading: str) -> str:
    """Return what a clerk would have typed for a cell; note what is wrong with it."""
    match cell.data_type:
        case "f":
            faults.append(RefusedError("import.formula", column=heading))
        case "e":
            faults.append(RefusedError("import.error-cell", column=heading))
        case _:
            typed = _typed(cell.value, timed=bool(_TIMED.search(_format(cell))))
            # A number below zero is no text, and is told by what reads it.
            if isinstance(cell.value, str) and starts_as_formula(typed):
                faults.append(RefusedError("import.formula", column=heading))
            return typed
    return ""


def _format(cell: Any) -> str:
    # An empty cell has no format, and only a time's is of use.
    is_time = isinstance(cell.value, datetime)
    return str(cell.number_format) if is_time else ""


def _typed(value: object, *, timed: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() if timed or value.time() != time():
            seconds = value.second or value.microsecond
            return value.isoformat(timespec="seconds" if seconds else "minutes")
        case datetime():
            return value.date().isoformat()
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case _:  # a text, a number, a time of no day
            return str(value)
