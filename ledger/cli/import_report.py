"""What is said of an import: which entries hold the rows, and what is wrong with them.

A value is repeated only where it can be no personal datum: a malformed day, amount or
code. What stands in a text is never shown, nor is anything that looks like a name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from ledger.cli import PROGRAM
from ledger.cli.columns import SEPARATOR
from ledger.cli.options import Globals
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    one_row,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.exchange.rows import Cell, Rows
from ledger.exchange.source_file import SourceFile
from ledger.register.sought import Brought, Run

SCHEMA: Final = f"{PROGRAM}/import/1"
MOST_SHOWN: Final = 20
"""Problems that are shown; a file of rejects has them all."""

_MOST_RUNS: Final = 10
_SHORT: Final = 6
_TEXTS: Final = frozenset(
    (
        *("TEXT", "WHO", "NAME", "LABEL=N", "N:REASON", "VALUE", "PATH=VALUE"),
        *("TITLE,DATE[,URL|FILE]", "ROOT:COUNT", "LANG"),
    )
)
_DAY_LIKE: Final = re.compile(
    r"[0-9]{1,4}[/.-][0-9]{1,2}([/.-][0-9]{1,4})?"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([+-][0-9]{2}:?[0-9]{2}|Z)?)?"
)
_AMOUNT_LIKE: Final = re.compile(r"[0-9.,']{1,20} ?[A-Za-z]{0,3}")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_MOST_LETTERS: Final = 3


class Problem(Struct, frozen=True):
    """One thing that is wrong with a row.

    Attributes:
        row: The row's number.
        column: The column; None if it is the row as a whole.
        value: What stands there, if it may be shown.
        code: What is wrong.
        message: The same in words.
        for_programs: The same in English, for programs.
    """

    row: int
    column: str | None
    value: str | None
    code: str
    message: str
    for_programs: str


class Problems(Struct):
    """What is wrong with the rows of a file, as far as it is shown.

    Attributes:
        first: The first of them.
        total: How many there are.
    """

    first: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: Problem) -> None:
        """Count a problem; keep it if it is among the first."""
        self.total += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(problem)


def shown(metavar: str, cell: Cell | None) -> str | None:
    """Return the value of a cell if it may be shown, else None.

    Args:
        metavar: What the column takes.
        cell: What stands there.
    """
    if cell is None or metavar in _TEXTS:
        return None
    text = SEPARATOR.join(cell) if isinstance(cell, list) else cell
    few = len(_LETTERS.findall(text)) <= _MOST_LETTERS
    if len(text) <= _SHORT and few:
        return text
    if metavar == "AMOUNT" and _AMOUNT_LIKE.fullmatch(text):
        return text
    return text if _DAY_LIKE.fullmatch(text) else None


class Report(Struct, frozen=True):
    """All that is to be said of an import.

    Attributes:
        source: The file.
        rows: Its rows, as they were recognised.
        brought: What came of them.
        dry: Nothing was to be recorded.
        left_out: Rows that the map leaves out.
        headings_left_out: Headings that the map does not name.
        problems: What is wrong with them.
    """

    source: SourceFile
    rows: Rows
    brought: Brought
    dry: bool
    left_out: int
    headings_left_out: int
    problems: Problems

    @property
    def result(self) -> str:
        """Return what came of the file, in one word."""
        if self.brought.refused:
            return "refused"
        if self.dry:
            return "checked"
        return "recorded" if self.brought.added else "nothing-new"


def show(ask: Globals, report: Report) -> None:
    """Show what came of a file."""
    if ask.json:
        show_json(ask, _document(report))
    elif report.problems.first and not is_drawn(ask):
        show_table(ask, _problems(report.problems.first, drawn=False))
    elif is_drawn(ask):
        if report.problems.first:
            show_table(ask, _problems(report.problems.first, drawn=True))
        show_lines(ask, _lines(ask, report))
    else:
        show_table(ask, one_row(_totals(report)))
    _talk(ask, report)


def _problems(problems: Sequence[Problem], *, drawn: bool) -> Table:
    columns = [
        Column("row", align="right"),
        Column("column"),
        Column("value"),
        Column("code"),
        Column("problem"),
    ]
    rows = [
        (
            *(each.row, each.column, each.value, each.code),
            each.message if drawn else each.for_programs,
        )
        for each in problems
    ]
    return Table(columns, rows)


def _totals(report: Report) -> dict[str, str | int | None]:
    brought = report.brought
    return {
        "result": report.result,
        "rows": brought.rows,
        "added": 0 if brought.refused else brought.added,
        "found": brought.found,
        "refused": brought.refused,
        "left_out": report.left_out,
        "entries": " ".join(_span(run.entries) for run in brought.runs),
        "size": brought.head.size,
        "root": brought.head.root.hex(),
        "sha256": report.source.sha256,
    }


def _span(pair: tuple[int, int]) -> str:
    first, last = pair
    return str(first) if first == last else f"{first}-{last}"


def _document(report: Report) -> dict[str, Any]:
    brought, source = report.brought, report.source
    return {
        "schema": SCHEMA,
        "result": report.result,
        "book": brought.head.book,
        "file": source.name,
        "form": source.form,
        "sheet": report.rows.sheet,
        "encoding": report.rows.read_as.get("encoding"),
        "separator": report.rows.read_as.get("separator"),
        "sha256": source.sha256,
        "dry_run": report.dry,
        "rows": brought.rows,
        "added": 0 if brought.refused else brought.added,
        "found": brought.found,
        "refused": brought.refused,
        "left_out": report.left_out,
        "headings_left_out": report.headings_left_out,
        "runs": [_run(run) for run in brought.runs],
        "problems": [
            {
                "row": each.row,
                "column": each.column,
                "value": each.value,
                "code": each.code,
                "message": each.for_programs,
            }
            for each in report.problems.first
        ],
        "problems_total": report.problems.total,
        "size": brought.head.size,
        "root": brought.head.root.hex(),
    }


def _run(run: Run) -> Mapping[str, int | bool]:
    return {
        "first_row": run.rows[0],
        "last_row": run.rows[1],
        "first_seq": run.entries[0],
        "last_seq": run.entries[1],
        "added": run.added,
    }


def _lines(ask: Globals, report: Report) -> list[str]:
    brought = report.brought
    lines = [
        ask.say(
            f"import.{report.result}",
            n=brought.refused or brought.added or brought.found,
            rows=brought.rows,
            file=report.source.name,
        )
    ]
    for run in brought.runs[:_MOST_RUNS]:
        key = "import.run-added" if run.added else "import.run-found"
        rows, entries = _span(run.rows), _span(run.entries)
        n = run.rows[1] - run.rows[0] + 1
        lines.append(ask.say(key, n=n, rows=rows, entries=entries))
    if (more := len(brought.runs) - _MOST_RUNS) > 0:
        lines.append(ask.say("import.more-runs", n=more))
    if report.result == "recorded":
        head = brought.head
        lines.append(ask.say("recorded.head", book=head.book, size=head.size))
        lines.append(ask.say("recorded.root", root=head.root.hex()))
    return lines


def _talk(ask: Globals, report: Report) -> None:
    read_as = report.rows.read_as
    if "separator" in read_as:
        separator = ask.say(f"import.{read_as['separator']}")
        talk(ask, "import.read-as", encoding=read_as["encoding"], separator=separator)
    if report.headings_left_out:
        talk(ask, "import.headings-left-out", n=report.headings_left_out)
    if report.left_out:
        talk(ask, "import.left-out", n=report.left_out)
    if hidden := report.problems.total - len(report.problems.first):
        talk(ask, "import.more-problems", n=hidden)
    if report.result == "refused":
        talk(ask, "import.mend")
    if report.brought.at_moved:
        talk(ask, "import.at-moved")
