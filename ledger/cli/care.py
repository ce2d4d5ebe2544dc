"""Care of the book and the keys: init, key list."""

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from ledger.cli import answers
from ledger.cli.options import BOOK, Globals, folders, key_rounds, passphrase
from ledger.cli.reading import read_book
from ledger.cli.recording import next_command
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_table,
    silence,
    talk,
)
from ledger.cli.words import code
from ledger.errors import LedgerError, RefusedError, UnknownOutcomeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.register.making import Founded
    from ledger.register.opening import Places

KEY_COLUMNS = (
    *("name", "role", "state", "since", "here", "fingerprint"),
    *("until", "suspect_from"),
)


def init(
    ask: Globals,
    directory: Annotated[str, typer.Argument(help="argument.init", metavar="DIR")],
    *,
    name: Annotated[str, typer.Option(help="option.init.name", metavar="NAME")],
    state: Annotated[str, typer.Option(help="option.init.state", metavar="STATE")],
    clerk: Annotated[str, typer.Option(help="option.init.clerk", metavar="NAME")],
    zone: Annotated[str, typer.Option(help="option.init.zone", metavar="ZONE")],
    recovery: Annotated[
        str | None, typer.Option(help="option.init.recovery", metavar="PATH")
    ] = None,
    successor_of: Annotated[
        str | None, typer.Option(help="option.init.successor-of", metavar="PATH")
    ] = None,
) -> None:
    """Make a book, its keys and its first entry."""
    from pathlib import Path  # noqa: PLC0415 - start-up

    from ledger.register.founding import Founding  # noqa: PLC0415 - start-up
    from ledger.register.making import (  # noqa: PLC0415 - start-up
        acknowledge_book,
        init_book,
    )
    from ledger.register.opening import Places  # noqa: PLC0415 - start-up
    from ledger.register.succeeding import lost_head  # noqa: PLC0415 - start-up

    if directory.startswith(("postgresql:", "postgres:", "postgresql+")):
        raise UsageError("usage.no-server-yet")
    if any("://" in path or "\0" in path for path in (directory, successor_of or "")):
        raise UsageError("usage.not-a-path")
    founding = Founding(name=name, state=state, zone=zone, clerk=clerk)
    founding.check()
    if recovery is not None:
        check_medium(Path(recovery))
    own = folders(ask)
    if successor_of is not None:
        old = Path(successor_of)
        lost = lost_head(
            Places(old / BOOK if old.is_dir() else old, own.keys, own.state)
        )
        founding = replace(founding, successor_of=lost)
        founding.check()
    made = Places(
        database=Path(directory) / BOOK,
        keys=own.keys,
        state=own.state,
        state_key=None if recovery is None else Path(recovery),
    )
    secret = passphrase(ask, key_name=name, confirm=True)
    founded = init_book(
        made, founding, passphrase=secret, now=ask.now, rounds=key_rounds(ask)
    )
    try:
        _show_init(ask, made, founded)
    except (LedgerError, OSError) as error:
        silence(ask.stdout)
        raise UnknownOutcomeError("output.init-lost", book=name) from error
    acknowledge_book(made)


def check_medium(path: "Path") -> None:
    """Refuse to put a private key where its medium, or folder, is not there.

    A folder is never made: an unmounted medium would turn into one. What has no
    suffix, as files have, is meant as a folder.

    Raises:
        RefusedError: With what to type, if a folder is meant.
    """
    from shlex import quote  # noqa: PLC0415 - start-up

    folder = path.parent if path.suffix else path
    if not path.exists() and not folder.exists():
        raise RefusedError("init.no-recovery-folder", folder=quote(str(folder)))


def _show_init(ask: Globals, made: "Places", founded: "Founded") -> None:
    """Show a book that was made, down to the reader."""
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up
    from ledger.keys.files import key_files  # noqa: PLC0415 - start-up

    name, genesis = str(founded.genesis.data["name"]), founded.genesis.leaf.hex()
    rows = [(role, key.name, fingerprint(key.public)) for role, key in founded.keys]
    state = next(key for role, key, _ in rows if role == "state")
    private = str(key_files(made.keys, state, made.state_key)[0])
    following = next_command("genesis", "", persons=0)
    lost = founded.genesis.data.get("successor_of")
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/init/1",
                "book": name,
                "database": str(made.database),
                "genesis": genesis,
                "successor_of": lost,
                "keys": [
                    {"role": role, "name": key, "fingerprint": mark}
                    for role, key, mark in rows
                ],
                "keys_folder": str(made.keys),
                "state_key": private,
                "next": following,
            },
        )
        return
    columns = (Column("role"), Column("name"), Column("fingerprint"))
    cells = [(code(ask, "role", role), key, mark) for role, key, mark in rows]
    show_table(ask, Table(columns, cells))
    key = "init.finished" if founded.repeated else "init.made"
    talk(ask, key, book=name, path=str(made.database))
    talk(ask, "init.genesis", genesis=genesis)
    if isinstance(lost, dict):
        n, root = int(str(lost["size"])), str(lost["root"])
        talk(ask, "init.successor", book=str(lost["ledger"]), n=n, root=root)
    talk(ask, "init.state-key", path=private)
    if made.state_key is None:
        talk(ask, "verify.state-key-beside")
    talk(ask, "recorded.next", command=following)


def key_list(ask: Globals) -> None:
    """Show the keys of the book, and which of them are on this machine."""
    from ledger.cli.key_history import standing_object  # noqa: PLC0415 - start-up
    from ledger.keys.files import known_keys  # noqa: PLC0415 - start-up

    with read_book(ask) as register:
        history = register.recall().history(())
        folder = register.places.keys
        # The public part alone signs nothing: the state key is often elsewhere.
        here = {
            key.format()
            for key in known_keys(folder)
            if (folder / f"{key.name}.pem").exists()
        }
        book = register.journal.book.name
    ring = history.ring
    rows: list[answers.Object] = [
        {
            **standing_object(standing),
            "here": standing.key.format() in here,
        }
        for standing in ring.standings
    ]
    waiting = [
        {
            "seq": proposal.seq,
            "action": proposal.record.action,
            "vkey": proposal.record.vkey,
        }
        for proposal in ring.proposals
    ]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/key-list/1",
                "book": book,
                "keys": rows,
                "holders": list(ring.holders),
                "waiting": waiting,
            },
        )
        return
    _show_keys(ask, rows)
    for each in waiting:
        talk(ask, f"key.waits-{each['action']}", seq=each["seq"])


def _show_keys(ask: Globals, rows: list[answers.Object]) -> None:
    if not is_drawn(ask):
        table = Table(
            [Column(name) for name in KEY_COLUMNS],
            [answers.cells(row, KEY_COLUMNS) for row in rows],
        )
        show_table(ask, table)
        return
    names = ("name", "role", "state", "since", "here", "fingerprint")
    cells = []
    for row in rows:
        shown = answers.cells(row, names)
        yes = "yes" if row["here"] else "no"
        suspect = "suspect" if row["suspect_from"] else row["state"]
        shown[1] = code(ask, "role", row["role"])
        shown[2] = ask.say(f"key-state.{suspect}", day=row["suspect_from"] or "")
        shown[4] = ask.say(f"answer.{yes}")
        cells.append(shown)
    headings = {"state": "column.key-state"}
    columns = [Column(name, heading=headings.get(name, "")) for name in names]
    show_table(ask, Table(columns, cells))
