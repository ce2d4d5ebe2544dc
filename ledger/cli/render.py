"""How results are shown: on a terminal, in a pipe, to a spreadsheet, to a program.

Everything that reaches stdout goes through `emit`, and every value through `clean`.
Machine names (the keys of columns) never change with the language; headings on a
terminal do.
"""

import csv
import io
import json
import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO

from msgspec import Struct

from ledger.cli import PROGRAM
from ledger.cli.options import Globals
from ledger.cli.plaintext import clean, clean_json
from ledger.cli.spoken import without_signs
from ledger.cli.widths import INDENT, LONGEST_WORD, allotted, narrowest, stacked
from ledger.errors import NotPermittedError

__all__ = [
    "Column",
    "Table",
    "clean",
    "coloured",
    "emit",
    "is_drawn",
    "one_row",
    "show_json",
    "show_lines",
    "show_table",
    "silence",
    "talk",
    "tell",
    "width",
]

Cell = str | int | None

_formula = ("=", "+", "-", "@", "\t", "\r")
_usual_width = 80


class Column(Struct, frozen=True):
    """One column of a table.

    Attributes:
        key: Its machine name (`days_left`), the heading in TSV and CSV.
        align: Where its values stand on a terminal.
        heading: Its key in the catalogue; `column.<key>` when empty.
        absent: The key of what a terminal shows where a cell is None: that a value is
            not known is said. Empty where an empty cell says all there is to say.
    """

    key: str
    align: Literal["left", "right"] = "left"
    heading: str = ""
    absent: str = ""


class Table(Struct, frozen=True):
    """A result of rows.

    Attributes:
        columns: What the columns are.
        rows: One cell a column; None where nothing is known.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def is_drawn(ask: Globals) -> bool:
    """Return whether people read stdout: a terminal, and no other form asked for."""
    return ask.stdout.isatty() and not (ask.json or ask.csv or ask.plain)


def show_table(ask: Globals, table: Table) -> None:
    """Show a table: drawn on a terminal, else tab-separated, or CSV with `--csv`.

    Off a terminal no value is cut or wrapped, and the first line is the machine names.
    """
    if ask.homes is not None:
        said = ask.homes.said
        rows = [[said(cell) for cell in row] for row in table.rows]
        table = Table(table.columns, rows)
    if is_drawn(ask):
        emit(ask, _drawn(ask, _heard(ask, _said(ask, table))))
    elif ask.csv:
        emit(ask, _comma_separated(table))
    else:
        emit(ask, _tab_separated(table))


def one_row(values: Mapping[str, Cell]) -> Table:
    """Return a table of one row, with a column for each value."""
    return Table([Column(name) for name in values], [list(values.values())])


def show_json(ask: Globals, document: Mapping[str, Any]) -> None:
    """Show one JSON object on one line, its members in the order given."""
    if ask.homes is not None:
        document = ask.homes.document(dict(document))
    emit(ask, _one_line(ask.stdout, document))


def show_lines(ask: Globals, lines: Iterable[str]) -> None:
    """Show lines of text, each made safe; a line feed within one is escaped."""
    safe = [clean(line) for line in lines]
    if is_drawn(ask):
        safe = [folded(ask, without_signs(ask, line)) for line in safe]
    emit(ask, "".join(f"{line}\n" for line in safe))


def folded(ask: Globals, text: str) -> str:
    """Return a text with the lines that are too long broken between words.

    A command at its end gets a line of its own, and is not broken: it is to be copied.
    """
    return "\n".join(_folded(line, room=width(ask)) for line in text.split("\n"))


def _folded(line: str, *, room: int) -> str:
    if len(line) <= room:
        return line
    head, found, command = line.rpartition(f"{PROGRAM} ")
    if found and not head.strip():
        return line
    if found and head.endswith(": "):
        return f"{_folded(head.rstrip(), room=room)}\n  {found}{command}"
    indent = len(line) - len(line.lstrip())
    return textwrap.fill(
        line,
        max(room, 1),
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def talk(ask: Globals, key: str, /, **values: str | int) -> None:
    """Say a sentence of the catalogue to the person, on stderr, unless `--quiet`."""
    if not ask.quiet:
        tell(ask, [ask.say(key, **values)])


def tell(ask: Globals, sentences: Sequence[str]) -> bool:
    """Write sentences to stderr; return whether it took them.

    A dead stderr stops nothing: the answer and the exit code are what counts.
    """
    if not ask.json:
        sentences = [without_signs(ask, sentence) for sentence in sentences]
    if ask.stderr.isatty() and not ask.json:
        sentences = [folded(ask, sentence) for sentence in sentences]
    try:
        ask.stderr.write("".join(f"{sentence}\n" for sentence in sentences))
        ask.stderr.flush()
    except OSError:
        silence(ask.stderr)
        return False
    return True


def complain(
    ask: Globals, document: Mapping[str, Any], sentences: Sequence[str]
) -> None:
    """Tell an error on stderr: one JSON object with `--json`, else sentences."""
    if ask.json:
        sentences = [_one_line(ask.stderr, document).removesuffix("\n")]
    tell(ask, sentences)


def emit(ask: Globals, text: str) -> None:
    """Write to stdout, all of it or an error.

    Raises:
        BrokenPipeError: The reader went away.
        NotPermittedError: The file or device did not take it.
    """
    try:
        ask.stdout.write(text)
        ask.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        silence(ask.stdout)
        raise NotPermittedError("output.not-written") from None


def silence(stream: TextIO) -> None:
    """Send what is still buffered for a dead stream nowhere.

    Source:
        Python library reference, signal, "Note on SIGPIPE".
    """
    try:
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):  # no file, or no more files: it stays as it is
        return
    os.dup2(nowhere, number)
    os.close(nowhere)


def coloured(ask: Globals) -> bool:
    """Return whether stdout gets colours.

    Source:
        https://no-color.org: set and not empty means none, unless asked for.
    """
    if ask.color != "auto":
        return ask.color == "always"
    return (
        ask.stdout.isatty()
        and not ask.environ.get("NO_COLOR")
        and ask.environ.get("TERM") != "dumb"
    )


def width(ask: Globals) -> int:
    """Return how many characters fit on a line of stdout."""
    given = ask.environ.get("COLUMNS", "")
    if given.isascii() and given.isdecimal() and 0 < len(given) <= len("9999"):
        return max(int(given), 20)
    try:
        return os.get_terminal_size(ask.stdout.fileno()).columns or _usual_width
    except (OSError, ValueError):
        return _usual_width


def _one_line(stream: TextIO, document: Mapping[str, Any]) -> str:
    text = json.dumps(
        document,
        ensure_ascii=not _is_unicode(stream),
        allow_nan=False,
        separators=(",", ":"),
    )
    return clean_json(text) + "\n"


def _is_unicode(stream: TextIO) -> bool:
    # A StringIO has no encoding and takes everything.
    encoding = stream.encoding or "utf-8"
    return encoding.casefold().replace("_", "-") in ("utf-8", "utf8")


def _shown(cell: Cell) -> str:
    return "" if cell is None else clean(str(cell))


def _tab_separated(table: Table) -> str:
    heading = "\t".join(column.key for column in table.columns)
    rows = ("\t".join(_shown(cell) for cell in row) for row in table.rows)
    return "".join(f"{line}\n" for line in (heading, *rows))


def _comma_separated(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.key for column in table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def _harmless(cell: Cell) -> str:
    """Return a cell that a spreadsheet takes as text, or as the number it is."""
    risky = isinstance(cell, str) and cell.startswith(_formula)
    return f"'{_shown(cell)}" if risky else _shown(cell)


def _widths(ask: Globals, table: Table) -> list[int] | None:
    """Return the width of each drawn column; None where it would break a word."""
    natural, least = [], []
    for number, column in enumerate(table.columns):
        texts = [_heading(ask, column), *(_shown(row[number]) for row in table.rows)]
        natural.append(max(map(len, texts)))
        least.append(max(map(narrowest, texts)))
    return allotted(natural, least, room=width(ask))


def _beside(ask: Globals, table: Table) -> bool:
    """Return whether every value fits beside the longest heading, its words whole."""
    heading = max(len(_heading(ask, column)) for column in table.columns)
    widest = max(narrowest(cell) for row in _cells(table) for cell in row)
    return widest <= LONGEST_WORD or heading + INDENT + widest <= width(ask)


def _cells(table: Table) -> list[list[str]]:
    return [[_shown(cell) for cell in row] for row in table.rows]


def _heading(ask: Globals, column: Column) -> str:
    return ask.say(column.heading or f"column.{column.key}")


def _said(ask: Globals, table: Table) -> Table:
    """Return a table with words where a value is not known."""
    words = [column.absent and ask.say(column.absent) for column in table.columns]
    rows = [
        [
            word or None if cell is None else cell
            for word, cell in zip(words, row, strict=True)
        ]
        for row in table.rows
    ]
    return Table(table.columns, rows)


def _heard(ask: Globals, table: Table) -> Table:
    """Return a table with words in place of signs, for `--accessible`."""
    rows = [
        [None if cell is None else without_signs(ask, str(cell)) for cell in row]
        for row in table.rows
    ]
    return Table(table.columns, rows)


def _drawn(ask: Globals, table: Table) -> str:
    """Return a table, or its rows below one another where it would break words."""
    if not table.rows:
        return ""
    from rich import box  # noqa: PLC0415 - only on a terminal
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table as Drawing  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    headings = [Text(_heading(ask, column)) for column in table.columns]
    widths = None if ask.accessible else _widths(ask, table)
    if widths is not None:
        drawing = Drawing(box=box.SIMPLE if _is_unicode(ask.stdout) else box.ASCII2)
        for number, column in enumerate(table.columns):
            heading = headings[number]
            drawing.add_column(
                heading,
                justify=column.align,
                overflow="fold",
                width=widths[number],
            )
        for row in table.rows:
            drawing.add_row(*(Text(_shown(cell)) for cell in row))
    elif not _beside(ask, table):
        return stacked([str(h) for h in headings], _cells(table), room=width(ask))
    else:
        drawing = Drawing.grid(padding=(0, 2), pad_edge=False)
        drawing.add_column(overflow="fold")
        drawing.add_column(overflow="fold")
        for number, row in enumerate(table.rows):
            if number:
                drawing.add_row()
            for heading, cell in zip(headings, row, strict=True):
                if _shown(cell):  # beside its own heading, an empty line says nothing
                    drawing.add_row(heading, Text(_shown(cell)))
    out = io.StringIO()
    console = Console(
        file=out,
        width=width(ask),
        height=25,
        force_terminal=True,
        color_system="standard" if coloured(ask) else None,
        no_color=not coloured(ask),
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(drawing)
    return out.getvalue()
