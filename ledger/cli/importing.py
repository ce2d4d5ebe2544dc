"""`import`: the rows of a file as entries, all of them or none."""

import shlex
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec.structs import replace

from ledger.cli import EXIT_CODES, PROGRAM
from ledger.cli.options import Globals, in_book, passphrase
from ledger.cli.progress import ProgressLine
from ledger.cli.recording import places
from ledger.cli.render import (
    is_drawn,
    one_row,
    show_json,
    show_lines,
    show_table,
    silence,
    talk,
)
from ledger.errors import LedgerError, RefusedError, UnknownOutcomeError, UsageError

if TYPE_CHECKING:
    from ledger.cli.import_report import Problem, Report
    from ledger.exchange.column_map import ColumnMap
    from ledger.exchange.rows import Row, Rows
    from ledger.exchange.source_file import SourceFile
    from ledger.register.sought import Brought, Sought
    from ledger.tlog.note import Signer

TEMPLATE_SCHEMA: Final = f"{PROGRAM}/template/1"
_ABOUT: Final = ("column", "form", "required", "meaning")


def import_(
    ask: Globals,
    file: Annotated[
        str | None, typer.Argument(help="argument.import", metavar="FILE")
    ] = None,
    *,
    kind: Annotated[
        str | None, typer.Option(help="option.import.kind", metavar="KIND")
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", help="option.import.map", metavar="FILE|NAME"),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="option.import.sheet", metavar="TEXT")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="option.import.encoding", metavar="ENCODING")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="option.import.dry-run")
    ] = False,
    rejects: Annotated[
        str | None, typer.Option(help="option.import.rejects", metavar="FILE")
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="option.import.template", metavar="FILE.xlsx")
    ] = None,
) -> int | None:
    """Record the rows of a file, all of them or none."""
    from ledger.cli.columns import VERB_OF  # noqa: PLC0415 - start-up

    if (file is None) == (template is None):
        raise UsageError("usage.import-what")
    if kind is not None and kind not in VERB_OF:
        choices = ", ".join(VERB_OF)
        raise UsageError("usage.not-one-of", option="--kind", choices=choices)
    if template is not None:
        others = (map_, sheet, encoding, rejects)
        if kind is None or dry_run or any(word is not None for word in others):
            raise UsageError("usage.import-template")
        _template(ask, Path(template), kind=kind)
        return None
    return _Import(
        ask,
        columns=_columns(map_, kind=kind),
        sheet=sheet,
        encoding=encoding,
        dry=dry_run,
        rejects=None if rejects is None else Path(rejects),
    ).run(Path(str(file)))


def _columns(name: str | None, *, kind: str | None) -> "ColumnMap":
    """Return what the headings of a file mean, for rows of one kind."""
    from ledger.cli.columns import VERB_OF  # noqa: PLC0415 - start-up
    from ledger.exchange import column_map  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import read_file  # noqa: PLC0415 - start-up

    if name is None:
        return column_map.ColumnMap(kind=kind)
    if name in column_map.shipped():
        found = column_map.shipped_map(name)
    elif "." in name or "/" in name:
        content = read_file(Path(name), most=column_map.LARGEST)
        found = column_map.read_map(content)
    else:
        found = column_map.shipped_map(name)
    if found.kind not in {None, *VERB_OF}:
        choices = ", ".join(VERB_OF)
        raise RefusedError("import.map-of-no-kind", kinds=choices)
    if kind is not None and found.kind not in {None, kind}:
        raise UsageError("usage.import-map-kind", kind=str(found.kind))
    return replace(found, kind=kind or found.kind)


class _Import:
    """One file on its way into the book, as the person sees it."""

    def __init__(
        self,
        ask: Globals,
        *,
        columns: "ColumnMap",
        sheet: str | None,
        encoding: str | None,
        dry: bool,
        rejects: Path | None,
    ) -> None:
        from ledger.cli.import_report import Problems  # noqa: PLC0415 - start-up
        from ledger.cli.row_request import RowReader  # noqa: PLC0415 - start-up

        self._ask = ask
        self._columns = columns
        self._sheet = sheet
        self._encoding = encoding
        self._dry = dry
        self._rejects = rejects
        self._reader = RowReader(ask, columns, kind=columns.kind)
        self._problems = Problems()
        self._left_out = 0
        self._row: Row

    def run(self, path: Path) -> int:
        """Import a file; return the exit code."""
        from ledger.cli.import_report import Report  # noqa: PLC0415 - start-up
        from ledger.exchange.source_file import open_source  # noqa: PLC0415 - start-up

        with open_source(path) as source:
            _check_name(source.name, code="import.file-name")
            rows = self._rows(source)
            _check_name(rows.sheet or "-", code="import.sheet-name")
            if rows.form != "xlsx" and self._sheet is not None:
                raise UsageError("usage.import-sheet")
            left_out = self._reader.check_headings(tuple(rows.headings))
            brought = self._bring_in(source, rows)
        report = Report(
            source=source,
            rows=rows,
            brought=brought,
            dry=self._dry,
            left_out=self._left_out,
            headings_left_out=left_out,
            problems=self._problems,
        )
        return _answer(self._ask, report)

    def _rows(self, source: "SourceFile") -> "Rows":
        """Begin to read the rows of a file."""
        return source.rows(
            encoding=self._encoding,
            sheet=self._sheet,
            first_line=self._columns.first_line,
            knows=self._reader.knows,
        )

    def _bring_in(self, source: "SourceFile", rows: "Rows") -> "Brought":
        from ledger.exchange.rejects import Rejects  # noqa: PLC0415 - start-up
        from ledger.register.importing import (  # noqa: PLC0415 - start-up
            Import,
            Unsigned,
            bring_in,
        )
        from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
        from ledger.register.sought import Origin  # noqa: PLC0415 - start-up

        ask = self._ask
        with (
            Rejects(self._rejects, form=rows.form, headings=rows.headings) as rejects,
            open_register(places(ask), write=True) as register,
        ):
            key = register.choose_key("clerk", named=ask.as_key)
            signer: Signer = Unsigned(key)
            if not self._dry:
                secret = passphrase(ask, key_name=key.name)
                signer = register.unlock(key, role="clerk", passphrase=secret)

            def refuse(row: "Sought", faults: tuple[LedgerError, ...]) -> None:
                problems = [self._problem(row, fault) for fault in faults]
                for problem in problems:
                    self._problems.add(problem)
                rejects.write(
                    self._row.cells,
                    problem="; ".join(problem.message for problem in problems),
                )

            readings = chain((rows,), (self._rows(source) for _ in count()))
            with ProgressLine(ask, stopped="import.stopped") as tell:
                wanted = Import(
                    rows=lambda: self._sought(source, next(readings)),
                    signer=signer,
                    clock=ask.clock,
                    origin=Origin(source.name, rows.sheet, source.sha256),
                    dry=self._dry,
                    refuse=refuse,
                    tell=tell,
                    total=source.lines,
                )
                return bring_in(register, wanted)

    def _sought(self, source: "SourceFile", rows: "Rows") -> "Iterator[Sought]":
        """Yield what each row asks for; the row itself is at hand meanwhile."""
        any_rows = False
        self._left_out = 0
        for row in rows.each:
            if self._columns.leaves_out(row):
                self._left_out += 1
                continue
            self._row = row
            any_rows = True
            yield self._reader.sought(row)
        source.check_unchanged()
        if not any_rows and not self._left_out:
            raise RefusedError("import.no-rows")

    def _problem(self, row: "Sought", fault: LedgerError) -> "Problem":
        from ledger.cli.import_report import Problem, shown  # noqa: PLC0415 - start-up
        from ledger.cli.lines import reason  # noqa: PLC0415 - start-up
        from ledger.cli.words import for_programs  # noqa: PLC0415 - start-up

        column = self._reader.column_at_fault(row.kind, fault)
        metavar = self._reader.metavar(row.kind, column)
        cell = None if column is None else self._columns.apply(self._row).get(column)
        return Problem(
            row=row.number,
            column=column,
            value=shown(metavar, cell),
            code=fault.code,
            message=reason(self._ask, fault.code, fault.values),
            for_programs=reason(for_programs(self._ask), fault.code, fault.values),
        )


def _check_name(name: str, *, code: str) -> None:
    """Refuse a name that no entry may have: it is recorded with every row."""
    from ledger.domain.values import check_text  # noqa: PLC0415 - start-up

    try:
        check_text(name, lines=False)
    except RefusedError:
        raise RefusedError(code) from None


def _answer(ask: Globals, report: "Report") -> int:
    """Show what came of a file; return the exit code.

    Raises:
        UnknownOutcomeError: It is recorded, and the answer could not be given.
    """
    from ledger.cli.import_report import show  # noqa: PLC0415 - start-up

    try:
        show(ask, report)
    except (LedgerError, OSError) as error:
        if report.result != "recorded":
            raise
        silence(ask.stdout)
        raise UnknownOutcomeError("output.import-lost") from error
    return EXIT_CODES[RefusedError] if report.result == "refused" else 0


def _template(ask: Globals, path: Path, *, kind: str) -> None:
    """Write a workbook to be filled in with rows of one kind."""
    from ledger.cli.column_choices import choices  # noqa: PLC0415 - start-up
    from ledger.cli.columns import kind_of  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.exchange.template_xlsx import (  # noqa: PLC0415 - start-up
        TemplateColumn,
        write_template,
    )

    chosen = kind_of(ask, kind)
    columns = [
        TemplateColumn(
            name=column.name,
            takes="day" if column.metavar == "DATE" else "text",
            choices=choices(chosen, column),
            explained=ask.say(column.sentence),
            form=column.metavar,
            required=ask.say("help.required") if column.required else "",
        )
        for column in chosen.columns.values()
    ]
    label = ask.say("import.label")
    columns.append(TemplateColumn("label", "text", (), label, "TEXT", ""))
    about = [ask.say(f"import.about-{name}") for name in _ABOUT]
    write_new(path, write_template(columns, about=about, now=ask.now))
    if ask.json:
        show_json(
            ask,
            {
                "schema": TEMPLATE_SCHEMA,
                "file": str(path),
                "kind": kind,
                "columns": [column.name for column in columns],
            },
        )
    elif is_drawn(ask):
        show_lines(ask, [ask.say("import.template", path=str(path))])
    else:
        show_table(ask, one_row({"file": str(path), "kind": kind}))
    following = f"{PROGRAM} import {shlex.quote(str(path))} --kind {kind}"
    talk(ask, "recorded.next", command=in_book(ask, following))
