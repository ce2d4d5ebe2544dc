"""Rows of a CSV file: strictly RFC 4180, separated by commas, semicolons or tabs.

Python's own reader swallows rows after a quote that is never closed, drops cells and
takes any heading; here each of these is refused with its row.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from ledger.errors import LedgerError, RefusedError
from ledger.exchange.rows import (
    Knows,
    Row,
    Rows,
    check_headings,
    check_number,
    row_of,
    starts_as_formula,
)
from ledger.exchange.text_lines import Readable, encoding_of, lines_of

SEPARATORS: Final = (",", ";", "\t")
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_STATED: Final = re.compile("sep=([,;\t])\r?\n")


def read_csv(
    file: Readable, *, encoding: str | None, first_line: int, knows: Knows
) -> Rows:
    """Return the rows of a CSV file.

    Args:
        file: The file, at its start.
        encoding: What the person says it is in.
        first_line: Which line has the headings, from 1.
        knows: Whether a heading is a known one; it decides what separates cells.

    Raises:
        RefusedError: The file as a whole cannot be read; later, while its rows are
            read, what is met there.
    """
    start = file.read(4)
    file.seek(0)
    name = encoding_of(start, stated=encoding)
    lines = lines_of(file, encoding=name)
    skipped = len(list(islice(lines, first_line - 1)))
    line = next(lines, "")
    separator = None
    if stated := _STATED.fullmatch(line):
        separator, line, skipped = stated[1], next(lines, ""), skipped + 1
    separator = separator or _separator(line, knows)
    cells = _split(line, separator)
    if cells is None:
        raise RefusedError("import.csv-broken", row=skipped + 1)
    headings = check_headings(cells)
    rows = _rows(lines, headings, separator=separator, before=skipped + 1)
    return Rows(
        "csv",
        headings,
        rows,
        read_as={"encoding": name, "separator": _NAMES[separator]},
    )


def _split(line: str, separator: str) -> list[str] | None:
    """Return the cells of one line; None if a quote is left open or misplaced."""
    try:
        rows = list(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else []


def _separator(line: str, knows: Knows) -> str:
    """Return what separates the cells of a first line: what makes known headings."""

    def fit(separator: str) -> tuple[int, int]:
        cells = _split(line, separator) or []
        return sum(map(knows, cells)), len(cells)

    return max(SEPARATORS, key=fit)


def _rows(
    lines: Iterator[str], headings: Sequence[str], *, separator: str, before: int
) -> Iterator[Row]:
    ended = _Ended()
    reader = csv.reader(chain(lines, ended), delimiter=separator, strict=True)
    number = before
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            code = "import.open-quote" if ended.reached else "import.csv-broken"
            raise RefusedError(code, row=number) from None
        if cells is None:
            return
        check_number(number)
        if not any(cells):
            continue
        faults: list[LedgerError] = [
            RefusedError("import.formula", column=name)
            for name, cell in zip(headings, cells, strict=False)
            if starts_as_formula(cell)
        ]
        if len(cells) < len(headings):
            n = len(headings)
            faults.append(RefusedError("import.missing-cells", n=n, found=len(cells)))
        yield row_of(number, headings, cells, faults)


class _Ended:
    """No more lines; it remembers that somebody asked for one."""

    reached = False

    def __iter__(self) -> "_Ended":
        return self

    def __next__(self) -> str:
        self.reached = True
        raise StopIteration
