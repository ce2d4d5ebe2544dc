"""Keeping the book safe: backup, restore."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from ledger.cli import PROGRAM
from ledger.cli.asides import may_move
from ledger.cli.options import BOOK, Globals, in_book
from ledger.cli.progress import ProgressLine
from ledger.cli.recording import places
from ledger.cli.render import one_row, show_json, show_table, talk
from ledger.cli.ways_out import say_ways_out
from ledger.errors import UsageError


def backup(
    ask: Globals,
    to: Annotated[str, typer.Argument(help="argument.backup", metavar="FOLDER|FILE")],
) -> None:
    """Copy the book, and read the copy again."""
    from ledger.register.backing import back_up  # noqa: PLC0415 - start-up

    with ProgressLine(ask, stopped="backup.stopped") as line:
        made = back_up(places(ask), Path(to), now=ask.now, tell=line)
    row: dict[str, str | int | None] = {
        "book": made.book,
        "file": str(made.path),
        "size": made.size,
        "head": made.head.hex(),
        "root": made.root.hex(),
    }
    if ask.json:
        same = {"same_disk": made.same_disk}
        show_json(ask, {"schema": "transfer-ledger/backup/1", **row, **same})
        return
    show_table(ask, one_row(row))
    talk(ask, "backup.made", n=made.size)
    if made.same_disk:
        talk(ask, "backup.same-disk")


def restore(
    ask: Globals,
    file: Annotated[str, typer.Argument(help="argument.restore", metavar="FILE")],
    *,
    to: Annotated[
        str | None, typer.Option(help="option.restore.to", metavar="PATH")
    ] = None,
) -> None:
    """Put a backup where the book is to be."""
    from ledger.register.restoring import restore as put_back  # noqa: PLC0415 - same

    there = places(ask)
    if to is not None:
        if "://" in to or "\0" in to:
            raise UsageError("usage.not-a-path")
        path = Path(to)
        there = replace(there, database=path / BOOK if path.is_dir() else path)
    with ProgressLine(ask, stopped="restore.stopped") as line:
        done = put_back(
            there,
            Path(file),
            now=ask.now,
            may_move=lambda: may_move(ask, there, "restore.ask-aside"),
            tell=line,
        )
    at = ask if to is None else replace(ask, ledger=to)
    following = in_book(at, f"{PROGRAM} verify")
    row: dict[str, str | int | None] = {
        "book": done.book,
        "file": str(done.path),
        "size": done.size,
        "root": done.root.hex(),
        "remembered": done.remembered,
        "read_only": "yes" if done.read_only else "no",
        "aside": None if done.aside is None else str(done.aside),
    }
    if ask.json:
        truth = {"read_only": done.read_only, "next": following}
        show_json(ask, {"schema": "transfer-ledger/restore/1", **row, **truth})
        return
    show_table(ask, one_row(row))
    talk(ask, "restore.done", n=done.size)
    if done.aside is not None:
        talk(ask, "restore.aside", path=str(done.aside))
    if done.remembered is None:
        talk(ask, "restore.nothing-remembered")
    elif done.read_only:
        talk(ask, "restore.read-only", size=done.size, kept=done.remembered)
        say_ways_out(ask, done.path)
    talk(ask, "recorded.next", command=following)
