"""`compare`: one entry against a backup, a mirror, an export or a summary."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import EXIT_CODES
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.errors import NotFoundError, TamperedError

if TYPE_CHECKING:
    from ledger.register.comparing import Compared

CODES = {
    "same": 0,
    "different": EXIT_CODES[TamperedError],
    "absent": EXIT_CODES[NotFoundError],
}


def compare(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.compare", metavar="ENTRY|REF")],
    file: Annotated[str, typer.Argument(help="argument.compare-file", metavar="FILE")],
) -> int:
    """Show where an entry and its copy differ."""
    from ledger.register.comparing import compare_entry  # noqa: PLC0415 - start-up

    with read_book(ask) as register:
        found = compare_entry(register, name, Path(file))
        book = register.journal.book.name
    code = CODES[found.verdict]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/compare/1",
                "book": book,
                "seq": found.seq,
                "form": found.form,
                "verdict": found.verdict,
                "exit_code": code,
                "absent_in": found.absent,
                "leaf_book": found.leaves[0],
                "leaf_file": found.leaves[1],
                "differences": [
                    {
                        "member": each.member,
                        "book": each.one,
                        "file": each.other,
                        "offset": each.offset,
                    }
                    for each in found.differences
                ],
            },
        )
        return code
    key = found.verdict if found.absent is None else f"absent-{found.absent}"
    sentence = ask.say(
        f"compare.{key}",
        seq=found.seq,
        form=ask.say(f"compare.form.{found.form}"),
        n=len(found.differences),
    )
    if is_drawn(ask):
        show_lines(ask, [sentence])
    else:
        talk(ask, "compare.said", sentence=sentence)
    show_table(ask, _table(found))
    return code


def _table(found: "Compared") -> Table:
    columns = [
        Column("member"),
        Column("in_book"),
        Column("in_file"),
        Column("offset", "right"),
    ]
    rows = [
        (each.member, each.one, each.other, each.offset) for each in found.differences
    ]
    return Table(columns, rows)
