"""Maps of columns: what the headings of somebody else's file mean here.

A map is a JSON file: which heading is which column, what every row says besides, what
words stand for codes, and which rows and columns are left out. A heading that no map
names is refused unless the map leaves others out, which is said. Shipped maps are in
`ledger/exchange/maps/`; each names its source.
"""

import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Final, Literal, TypeAlias

from msgspec import Struct, field

from ledger.errors import MalformedError, NotFoundError
from ledger.exchange.rows import Cell, Row

SCHEMA: Final = "transfer-ledger/column-map/1"
LARGEST: Final = 1024 * 1024

Words: TypeAlias = Mapping[str, str]

_NAME: Final = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_MEMBERS: Final = frozenset(
    (
        *("schema", "title", "source", "kind", "first_line", "columns"),
        *("every_row", "values", "others", "without"),
    )
)


class ColumnMap(Struct, frozen=True):
    """What the headings of a file mean.

    Attributes:
        kind: The kind of entry of every row; None if it is said elsewhere.
        first_line: Which line has the headings, from 1.
        columns: The column that each heading is; None if all headings are columns.
        every_row: What every row says besides, by column.
        values: What the cells of a column stand for, where they are no codes.
        others: What becomes of headings that the map does not name.
        without: Rows that are left out: those with such a cell under a heading.
    """

    kind: str | None = None
    first_line: int = 1
    columns: Words | None = None
    every_row: Words = field(default_factory=dict)
    values: Mapping[str, Words] = field(default_factory=dict)
    others: Literal["refuse", "leave-out"] = "refuse"
    without: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def column(self, heading: str) -> str | None:
        """Return the column that a heading is; None if it is left out or unknown."""
        if self.columns is None:
            return heading.replace("-", "_")
        return self.columns.get(heading)

    def leaves_out(self, row: Row) -> bool:
        """Return whether a row is not to be imported."""
        return any(
            row.cells.get(heading, "") in cells
            for heading, cells in self.without.items()
        )

    def apply(self, row: Row) -> dict[str, Cell]:
        """Return a row's cells by column, with what every row says besides."""
        cells: dict[str, Cell] = dict(self.every_row)
        for heading, cell in row.cells.items():
            column = self.column(heading)
            if column is not None:
                cells[column] = self._meant(column, cell)
        return cells

    def _meant(self, column: str, cell: Cell) -> Cell:
        words = self.values.get(column, {})
        if isinstance(cell, list):
            return [words.get(each, each) for each in cell]
        return words.get(cell, cell)


def shipped() -> list[str]:
    """Return the names of the maps that come with the program, sorted."""
    folder = resources.files("ledger.exchange").joinpath("maps")
    return sorted(
        file.name.removesuffix(".json")
        for file in folder.iterdir()
        if file.name.endswith(".json")
    )


def shipped_map(name: str) -> ColumnMap:
    """Return a map that comes with the program.

    Raises:
        NotFoundError: There is none of that name.
    """
    if not _NAME.fullmatch(name) or name not in shipped():
        raise NotFoundError("import.no-such-map", names=", ".join(shipped()))
    file = resources.files("ledger.exchange").joinpath("maps", f"{name}.json")
    return read_map(file.read_bytes())


def read_map(content: bytes) -> ColumnMap:
    """Return the map that a file holds.

    Raises:
        MalformedError: It is no map; with the member that is wrong.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedError("import.not-a-map") from None
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise MalformedError("import.not-a-map")
    if said.keys() - _MEMBERS:
        raise _bad("/")
    kind, first = said.get("kind"), said.get("first_line", 1)
    if not isinstance(kind, str | None):
        raise _bad("/kind")
    if type(first) is not int or not 1 <= first <= 100:  # noqa: PLR2004 (enough)
        raise _bad("/first_line")
    if said.get("others", "refuse") not in {"refuse", "leave-out"}:
        raise _bad("/others")
    return ColumnMap(
        kind=kind,
        first_line=first,
        columns=_words(said.get("columns"), "/columns"),
        every_row=_words(said.get("every_row", {}), "/every_row"),
        values={
            column: _words(words, "/values")
            for column, words in _object(said.get("values", {}), "/values").items()
        },
        others=said.get("others", "refuse"),
        without={
            heading: _texts(cells, "/without")
            for heading, cells in _object(said.get("without", {}), "/without").items()
        },
    )


def _bad(member: str) -> MalformedError:
    return MalformedError("import.bad-map", member=member)


def _object(value: object, member: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _bad(member)
    return value


def _words(value: object, member: str) -> dict[str, str]:
    words = _object(value, member)
    found = {name: text for name, text in words.items() if isinstance(text, str)}
    if len(found) != len(words):
        raise _bad(member)
    return found


def _texts(value: object, member: str) -> list[str]:
    if not isinstance(value, list):
        raise _bad(member)
    found = [text for text in value if isinstance(text, str)]
    if len(found) != len(value):
        raise _bad(member)
    return found
