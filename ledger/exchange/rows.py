"""Rows of a file from elsewhere: what a reader of any form hands on.

A file is strange until every row of it was read. What is wrong with the file as a
whole is raised; what is wrong with one row is kept with it, so that one reading names
all of it. Nothing is guessed: a form, an encoding or a separator that was recognised
is told, and all others are refused with the way out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, field

from ledger.errors import LedgerError, RefusedError

Form: TypeAlias = Literal["csv", "jsonl", "xlsx"]
Cell: TypeAlias = str | list[str]
Knows: TypeAlias = Callable[[str], bool]

MOST_COLUMNS = 200
MOST_ROWS = 1_048_576
"""Rows of one file: as many as a sheet of Excel has."""

_FORMULA = ("=", "+", "-", "@")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Row(Struct, frozen=True):
    """One row of a file.

    Attributes:
        number: Its number in the file or sheet, from 1, the heading included.
        cells: What stands under each heading; empty cells are left out.
        faults: What is wrong with the row, with the heading as `column` where one
            cell is at fault.
    """

    number: int
    cells: Mapping[str, Cell]
    faults: tuple[LedgerError, ...] = ()


class Rows(Struct, frozen=True):
    """A file of rows, as far as its beginning was read.

    Attributes:
        form: What it is.
        headings: The first line's cells; empty where every row names its own.
        each: The rows, to be read once.
        sheet: The sheet of a workbook.
        read_as: What was recognised of it, such as an encoding, for people.
    """

    form: Form
    headings: Sequence[str]
    each: Iterator[Row]
    sheet: str | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)


def starts_as_formula(cell: str) -> bool:
    """Return whether a spreadsheet takes a text for a formula, or nearly did.

    An apostrophe is how --csv, --rejects and people make such a cell harmless.
    """
    return cell.removeprefix("'").startswith(_FORMULA)


def form_of(start: bytes) -> Form:
    """Return what a file is, by its first bytes.

    Raises:
        RefusedError: If it is empty, or a workbook of another form.
    """
    if start.startswith(_OLE):
        raise RefusedError("import.old-workbook")
    if start.startswith(_ZIP):
        return "xlsx"
    text = start
    for mark in _MARKS:
        text = text.removeprefix(mark)
    text = text.replace(b"\0", b"").lstrip(b" \t\r\n")
    if not text:
        raise RefusedError("import.empty")
    return "jsonl" if text.startswith(b"{") else "csv"


def check_headings(headings: Sequence[str]) -> tuple[str, ...]:
    """Return a first line without the empty cells at its end.

    Raises:
        RefusedError: If it has no cells or too many, or one is empty or there twice;
            with its position from 1, never its text: it may be no heading at all.
    """
    names = list(headings)
    while names and not names[-1]:
        names.pop()
    if not names:
        raise RefusedError("import.no-heading")
    if len(names) > MOST_COLUMNS:
        raise RefusedError("import.too-many-columns", most=MOST_COLUMNS)
    for position, name in enumerate(names, 1):
        if not name:
            raise RefusedError("import.heading-empty", position=position)
        first = names.index(name) + 1
        if first != position:
            raise RefusedError("import.heading-twice", first=first, position=position)
    return tuple(names)


def row_of(
    number: int,
    headings: Sequence[str],
    cells: Sequence[str],
    faults: Sequence[LedgerError] = (),
) -> Row:
    """Return a row of cells that stand under headings.

    Args:
        number: Its number.
        headings: What `check_headings` returned.
        cells: Its cells; those beyond the headings must be empty.
        faults: What is wrong with it already.
    """
    found = list(faults)
    if any(cells[len(headings) :]):
        found.append(RefusedError("import.extra-cells", n=len(headings)))
    if list(cells[: len(headings)]) == list(headings):
        found.append(RefusedError("import.heading-again"))
    pairs = zip(headings, cells, strict=False)
    return Row(number, {name: cell for name, cell in pairs if cell}, tuple(found))


def check_number(number: int) -> int:
    """Return the number of a row, if a file may have as many.

    Raises:
        RefusedError: If there are too many.
    """
    if number > MOST_ROWS:
        raise RefusedError("import.too-many-rows", most=MOST_ROWS)
    return number
