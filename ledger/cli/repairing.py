"""Mending a damaged book from another state's copy: repair."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import PROGRAM, answers
from ledger.cli.asides import may_move
from ledger.cli.options import Globals, in_book
from ledger.cli.progress import ProgressLine
from ledger.cli.recording import places
from ledger.cli.render import one_row, show_json, show_table, talk
from ledger.cli.sync import database
from ledger.cli.ways_out import say_ways_out
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.register.repairing import Repaired
    from ledger.register.salvaging import Span

NAMES = (
    *("book", "file", "size", "root", "proven", "from_copy", "from_damaged"),
    *("nobody_has", "unproven", "differing", "read_only", "aside", "given_up"),
)


def repair(
    ask: Globals,
    *,
    source: Annotated[
        str, typer.Option("--from", help="option.repair.from", metavar="MIRROR")
    ],
    genesis: Annotated[
        str | None, typer.Option(help="option.repair.genesis", metavar="HEX")
    ] = None,
    older: Annotated[bool, typer.Option("--older", help="option.repair.older")] = False,
) -> None:
    """Build the book anew from another state's copy of it."""
    from ledger.register.repairing import repair as mend  # noqa: PLC0415 - start-up

    if "://" in source or "\0" in source:
        raise UsageError("usage.not-a-path")
    with ProgressLine(ask, stopped="repair.stopped") as line:
        done = mend(
            places(ask),
            database(Path(source)),
            now=ask.now,
            may_replace=lambda: may_move(ask, places(ask), "repair.ask-aside"),
            genesis=genesis,
            older=older,
            tell=line,
        )
    if ask.json:
        show_json(ask, _object(done) | {"next": in_book(ask, f"{PROGRAM} verify")})
        return
    row = _row(done)
    show_table(ask, one_row(dict(zip(NAMES, answers.cells(row, NAMES), strict=True))))
    _say(ask, done)


def _row(done: "Repaired") -> answers.Object:
    return {
        "book": done.book,
        "file": str(done.path),
        "size": done.size,
        "root": done.root.hex(),
        "proven": done.proven,
        "from_copy": done.copied,
        "from_damaged": done.size - done.copied,
        "nobody_has": _text(done.nobody),
        "unproven": _text(done.unproven),
        "differing": [_text(span) for span in done.differing],
        "read_only": done.read_only,
        "aside": None if done.aside is None else str(done.aside),
        "given_up": _text(done.given_up),
    }


def _object(done: "Repaired") -> answers.Object:
    return {
        "schema": "transfer-ledger/repair/1",
        **_row(done),
        "nobody_has": _span(done.nobody),
        "unproven": _span(done.unproven),
        "differing": [_span(span) for span in done.differing],
        "given_up": _span(done.given_up),
        "other_history_signed": list(done.other),
        "mirrors": [
            {"book": each.book, "size": each.size, "cosigned": each.remembered}
            for each in done.mirrors
        ],
    }


def _span(span: "Span | None") -> answers.Object | None:
    return None if span is None else {"first": span.first, "last": span.last}


def _text(span: "Span | None") -> str:
    """Return the numbers of some entries: `7`, `7-9`; empty for none."""
    if span is None:
        return ""
    return str(span.first) if span.first == span.last else f"{span.first}-{span.last}"


def _say(ask: Globals, done: "Repaired") -> None:
    """Tell what is here again, what is not, and what to do now."""
    talk(ask, "repair.done", n=done.size)
    if done.proven:
        talk(ask, "repair.proven", n=done.proven)
    if done.size > done.copied:
        talk(ask, "repair.from-damaged", n=done.size - done.copied)
    if done.differing:
        spans = ", ".join(map(_text, done.differing))
        talk(ask, "repair.differing", entries=spans)
    if done.given_up is not None:
        talk(ask, "repair.given-up", entries=_text(done.given_up))
    if done.unproven is not None:
        talk(ask, "repair.unproven", entries=_text(done.unproven))
    for size in done.other:
        talk(ask, "repair.other-history", size=size)
    for each in done.mirrors:
        lost = each.size < (each.remembered or 0)
        key = "repair.mirror-lost" if lost else "repair.mirror"
        talk(ask, key, book=each.book, n=each.size, kept=each.remembered or 0)
    if done.aside is not None:
        talk(ask, "restore.aside", path=str(done.aside))
    if done.nobody is not None:
        talk(ask, "repair.nobody-has", entries=_text(done.nobody))
        say_ways_out(ask)
    talk(ask, "recorded.next", command=in_book(ask, f"{PROGRAM} verify"))
