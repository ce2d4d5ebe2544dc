"""Verbs for tests of the shell: one of each shape, with no book behind them."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli import DUE
from ledger.cli.options import Globals, confirm, ledger_location, passphrase
from ledger.cli.render import Column, Table, show_json, show_lines, show_table, talk
from ledger.errors import LedgerError, NotFoundError, RefusedError


class Level(Enum):
    SOME = "some"
    ALL = "all"


def due(
    ask: Globals,
    *,
    within: Annotated[str, typer.Option(help="option.reason")] = "90d",
    on: Annotated[str | None, typer.Option(help="option.on", metavar="DATE")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="option.exit-code")
    ] = False,
) -> int | None:
    """Show one row that says what was asked."""
    table = Table(
        columns=(
            Column("ref", heading="help.verbs"),
            Column("days", "right", "help.usage"),
        ),
        rows=(),
    )
    if ask.json:
        show_json(ask, {"schema": "transfer-ledger/due/1", "within": within, "on": on})
    else:
        show_lines(ask, [within, str(on), str(ask.now), str(ledger_location(ask))])
        assert table.rows == ()
    return DUE if exit_code else None


def show(
    ask: Globals,
    refs: Annotated[list[str], typer.Argument(help="option.reason", metavar="REF")],
    tail: Annotated[str, typer.Argument(help="option.reason")] = "x",
) -> None:
    """Show a table with what was given."""
    columns = (
        Column("ref", heading="help.verbs"),
        Column("number", "right", heading="help.options"),
    )
    rows = [(ref, number) for number, ref in enumerate(refs, 1)]
    show_table(ask, Table(columns, [*rows, (None, None), (tail, None)]))


def record(
    ask: Globals,
    *,
    origin: Annotated[str, typer.Option("--from", help="option.reason")],
    persons: Annotated[
        int, typer.Option("--persons", "-n", help="option.reason", min=1)
    ],
    score: Annotated[int, typer.Option(help="option.reason", max=9)] = 3,
    rate: Annotated[int, typer.Option(help="option.reason", min=-2, max=2)] = 0,
    seq: Annotated[int | None, typer.Option(help="option.reason")] = None,
    level: Annotated[Level, typer.Option(help="option.reason")] = Level.SOME,
    out: Annotated[Path | None, typer.Option(help="option.out")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="option.evidence")] = None,
    pair: Annotated[
        tuple[int, int] | None, typer.Option(help="option.reason", metavar="A B")
    ] = None,
    by: Annotated[
        str, typer.Option("--authorised-by-which-authority", help="option.reason")
    ] = "",
    secret: Annotated[str, typer.Option(hidden=True, help="option.reason")] = "",
    renewable: Annotated[bool, typer.Option(help="option.reason")] = True,
) -> None:
    """Say back what was recorded."""
    given = [origin, persons, score, rate, seq, level.value, out, evidence, pair]
    show_lines(ask, [repr(given), secret + by, str(renewable)])
    talk(ask, "help.default", value=origin)


def remark(
    ask: Globals, text: Annotated[str, typer.Option(help="option.reason")]
) -> None:
    """Fail in the way that the text names."""
    match text:
        case "interrupt":
            raise KeyboardInterrupt
        case "bug":
            message = f"the secret of {text}"
            raise ZeroDivisionError(message)
        case "refused":
            raise RefusedError.many(
                [
                    RefusedError("usage.needs-value", option="\x1b[31m\u202e"),
                    RefusedError("usage.which", verb="a", choices="b"),
                ]
            )
        case "wordless":
            raise NotFoundError("test.no-sentence", seq=5, name="\x1b")
        case "rootless":
            raise LedgerError("usage.too-many")
        case "confirm":
            show_lines(ask, [str(confirm(ask, "help.usage", line="really?"))])
        case _:
            show_lines(ask, [text])


def key_new(ask: Globals) -> None:
    """Ask for a new passphrase."""
    show_lines(ask, [repr(passphrase(ask, key_name="us/\x07clerk", confirm=True))])


def key_list(ask: Globals) -> None:
    """Say where the keys are."""
    show_lines(ask, [repr(passphrase(ask, key_name="us/clerk"))])
