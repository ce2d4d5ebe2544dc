"""From the cells of a row to what its entry asks for: as the same words would be typed.

The verb of the row's kind makes the request, so that a file and a command line go
through one door; what it would record is taken from it instead of written.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from ledger.cli.arguments import Word
from ledger.cli.columns import OWN, SEPARATOR, VERB_OF, Column, Kind, kind_of
from ledger.cli.options import Globals
from ledger.errors import LedgerError, MalformedError, RefusedError, UsageError
from ledger.exchange.column_map import ColumnMap
from ledger.exchange.rows import Cell, Row
from ledger.register.sought import Cells, Sought
from ledger.tlog.canonical import Json

_YES: Final = "yes"
# Members of an entry whose column has another name.
_COLUMNS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "origin": ("from",),
    "destination": ("to",),
    "occurred": ("at",),
    "departures": ("departed",),
    "arrived_persons": ("persons",),
    "group_label": ("group",),
    "group_said_by": ("group_by",),
    "term_trigger": ("term_from",),
    "term_length": ("term",),
    "facility_name": ("facility",),
    "facility_state": ("to",),
    "ordering_authority": ("ordered_by",),
    "transferring_authority": ("transferred_by",),
    "receiving_authority": ("authority",),
    "instruments": ("instrument",),
    "parties": ("party",),
    "renewal_clause": ("renewal",),
    "reports": ("report",),
    "transfers": ("transfer", "for"),
    "id": ("instrument",),
    "formerly": ("is",),
    "length": ("for",),
    "counted": ("counted_on",),
    "amount": ("amount", "compensation"),
    "currency": ("amount", "compensation"),
    "restrictions": ("restriction",),
    "path": ("field",),
    "changes": ("set", "unset"),
    "asserted_by": ("asserted_by", "by"),
}


class RowReader:
    """Makes of each row of a file what is to be recorded.

    Args:
        ask: This run.
        columns: What the headings of the file mean.
        kind: The kind of every row; None if each says its own.
    """

    def __init__(self, ask: Globals, columns: ColumnMap, *, kind: str | None) -> None:
        self._taken: list[dict[str, Json]] = []
        self._ask = replace(ask, no_input=True, take=self._take)
        self._columns = columns
        self._kind = kind
        self._kinds: dict[str, Kind] = {}

    def _take(self, kind: str, request: Mapping[str, Json]) -> None:
        del kind  # the row's own
        self._taken.append(dict(request))

    def knows(self, heading: str) -> bool:
        """Return whether a heading is one of the kind, or of any kind."""
        column = self._columns.column(heading)
        return column is not None and any(
            column in OWN or column in self.kind(name).columns for name in self._names()
        )

    def check_headings(self, headings: tuple[str, ...]) -> int:
        """Refuse headings that mean nothing here; return how many are left out.

        Raises:
            RefusedError: With its position from 1, and what it may be meant to be.
        """
        left_out = 0
        for position, heading in enumerate(headings, 1):
            if self.knows(heading):
                continue
            column = self._columns.column(heading)
            if column is None and self._columns.others == "leave-out":
                left_out += 1
                continue
            if near := self._near(heading):
                raise RefusedError(
                    "import.unknown-heading-near", position=position, near=near
                )
            raise RefusedError("import.unknown-heading", position=position)
        self._check_required(headings)
        return left_out

    def _check_required(self, headings: tuple[str, ...]) -> None:
        """Refuse a file in which no row can be whole."""
        named = [self._columns.column(heading) for heading in headings]
        named = [column for column in named if column is not None]
        if len(set(named)) < len(named):
            raise RefusedError("import.column-twice")
        given = {*named, *self._columns.every_row}
        if self._kind is None:
            if headings and "kind" not in given:
                raise UsageError("usage.import-kind", kinds=", ".join(VERB_OF))
            return
        missing = [
            column.name
            for column in self.kind(self._kind).columns.values()
            if column.required and column.name not in given
        ]
        if headings and missing:
            raise RefusedError("import.no-such-columns", columns=", ".join(missing))

    def _near(self, heading: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only after a slip

        names = {c for name in self._names() for c in self.kind(name).columns} | OWN
        spelled = heading.strip().casefold().replace(" ", "_").replace("-", "_")
        return ", ".join(get_close_matches(spelled, sorted(names)))

    def _names(self) -> tuple[str, ...]:
        return tuple(VERB_OF) if self._kind is None else (self._kind,)

    def kind(self, name: str) -> Kind:
        """Return a kind of row with its columns."""
        if name not in self._kinds:
            self._kinds[name] = kind_of(self._ask, name)
        return self._kinds[name]

    def sought(self, row: Row) -> Sought:
        """Return what a row asks for, with all that is wrong with it."""
        cells = self._columns.apply(row)
        faults = [*self._placed(row.faults), *self._heading_faults(row)]
        if row.faults and not row.cells:
            return self._unfit(row, None, faults)
        said = self._single(cells.pop("kind", self._kind or ""))
        label = self._single(cells.pop("label", "")) or None
        cells.pop("problem", None)
        if said not in VERB_OF or (self._kind and said != self._kind):
            names = self._kind or ", ".join(VERB_OF)
            faults.append(RefusedError("import.kind", column="kind", kinds=names))
            return self._unfit(row, label, faults)
        kind = self.kind(said)
        wanted = dict(self._split(kind, cells, faults))
        for name, cell in wanted.items():
            faults.extend(self._cell_faults(kind.columns[name], cell))
        faults.extend(
            RefusedError("import.cell-missing", column=column.name)
            for column in kind.columns.values()
            if column.required and column.name not in cells
        )
        linking = {name for name in wanted if kind.columns[name].linking}
        return Sought(
            number=row.number,
            kind=said,
            label=label,
            cells=wanted,
            linking=frozenset(linking),
            request=lambda cells: self._request(kind, cells),
            faults=tuple(faults),
        )

    def _placed(self, faults: Iterable[LedgerError]) -> Iterator[LedgerError]:
        """Yield faults under a heading as faults in its column."""
        for fault in faults:
            values = dict(fault.values)
            if "column" in values:
                values["column"] = self._columns.column(str(values["column"])) or ""
            yield type(fault)(fault.code, **values)

    def _heading_faults(self, row: Row) -> Iterator[LedgerError]:
        """Yield what is wrong with the names that a row itself gives its cells."""
        columns = [self._columns.column(heading) for heading in row.cells]
        named = [column for column in columns if column is not None]
        if len(named) < len(columns) and self._columns.others == "refuse":
            yield RefusedError("import.not-in-map")
        if len(set(named)) < len(named):
            yield RefusedError("import.column-twice")

    def _unfit(self, row: Row, label: str | None, faults: list[LedgerError]) -> Sought:
        return Sought(
            number=row.number,
            kind="",
            label=label,
            cells={},
            linking=frozenset(),
            request=lambda _: {},
            faults=tuple(faults),
        )

    def _single(self, cell: Cell) -> str:
        return SEPARATOR.join(cell) if isinstance(cell, list) else cell

    def _split(
        self, kind: Kind, cells: Mapping[str, Cell], faults: list[LedgerError]
    ) -> Iterator[tuple[str, Cell]]:
        """Yield the cells of a kind's columns; a cell of several values as a list."""
        for name, cell in cells.items():
            column = kind.columns.get(name)
            if column is None:
                faults.append(RefusedError("import.not-of-kind", kind=kind.name))
            elif column.many:
                yield name, cell if isinstance(cell, list) else cell.split(SEPARATOR)
            elif isinstance(cell, list):
                faults.append(RefusedError("import.one-value", column=name))
            else:
                yield name, cell

    def _cell_faults(self, column: Column, cell: Cell) -> Iterator[LedgerError]:
        for text in cell if isinstance(cell, list) else [cell]:
            try:
                column.check(text)
            except (RefusedError, UsageError, MalformedError) as error:
                yield type(error)(error.code, **{**error.values, "column": column.name})

    def _request(self, kind: Kind, cells: Cells) -> dict[str, Json]:
        """Return what the verb of a kind would record for these cells."""
        words: dict[str, object] = {}
        for name, cell in cells.items():
            column = kind.columns[name]
            if isinstance(cell, list):
                words[column.parameter] = [Word(text, name) for text in cell]
            elif column.metavar:
                words[column.parameter] = Word(cell, name)
            else:
                words[column.parameter] = cell == _YES
        self._taken.clear()
        kind.record(self._ask, **words)
        return self._taken.pop()

    def metavar(self, kind: str, column: str | None) -> str:
        """Return what a column takes; `TEXT` where nothing is known of it."""
        known = self.kind(kind).columns if kind in VERB_OF else {}
        found = known.get(column or "")
        return "TEXT" if found is None else found.metavar

    def column_at_fault(self, kind: str, error: LedgerError) -> str | None:
        """Return the column that an error is about, if one can be named."""
        if kind not in VERB_OF:
            return "kind" if error.values.get("column") == "kind" else None
        columns = self.kind(kind).columns
        for said in ("column", "member"):
            name = str(error.values.get(said, "")).strip("-").replace("-", "_")
            steps = [s for s in name.split("/") if s and not s.isdecimal()]
            for fit in ("_".join(steps), *steps[:1], *steps[-1:]):
                for column in (fit, *_COLUMNS_OF.get(fit, ())):
                    if column in columns or column in OWN:
                        return column
        return None
