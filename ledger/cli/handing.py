"""What leaves the book: proofs, the whole book as files, the card."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.absent_keys import ABSENT, say_absent
from ledger.cli.certify import check_new
from ledger.cli.options import Globals, passphrase
from ledger.cli.reading import read_book, say_if_older
from ledger.cli.recording import places
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
from ledger.cli.words import code
from ledger.errors import LockedError, UsageError

if TYPE_CHECKING:
    from ledger.domain.joining import Books
    from ledger.register.opening import Register
    from ledger.tlog.note import Signer

FORMATS = ("lines", "csv", "tiles")


def _log(
    ask: Globals, register: "Register", *, named: str | None = None
) -> "Signer | None":
    """Return the log key if a new checkpoint is needed and the key is at hand.

    None is for what stands in mirrors alone: nobody here signs for their logs.
    """
    from ledger.register.proving import (  # noqa: PLC0415 - start-up
        is_covered,
        names_own,
    )

    if is_covered(register) or (named is not None and not names_own(register, named)):
        return None
    try:
        key = register.choose_key("log", named=None)
        secret = passphrase(ask, key_name=key.name)
        return register.unlock(key, role="log", passphrase=secret)
    except LockedError as error:
        if error.code not in ABSENT:
            raise
        say_absent(ask, register, "log", error, said="summary.without-log-key")
        return None


def prove(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.prove", metavar="REF|ENTRY")],
    *,
    out: Annotated[str, typer.Option(help="option.prove.out", metavar="PATH")],
) -> None:
    """Write the proof that an entry, or all of a transfer, is in the book."""
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.register.exporting import new_folder  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.proving import prove_named  # noqa: PLC0415 - start-up

    path = Path(out)
    check_new(path)
    note = path.with_name(f"{path.name}.note")
    check_new(note)
    with open_register(places(ask), write=True) as register:
        proofs = prove_named(register, name, log=_log(ask, register, named=name))
    ask = ask.over(proofs.books)
    rows: list[answers.Object] = []
    if proofs.ref is None:
        (entry,) = proofs.entries
        write_new(note, entry.note)
        write_new(path, entry.proof)
        rows.append({"seq": entry.seq, "proof": str(path), "note": str(note)})
    else:
        with new_folder(path) as draft:
            for entry in proofs.entries:
                stem = f"entry-{_file_name(proofs.books, entry.seq)}"
                names = (f"{stem}.tlog-proof", f"{stem}.note")
                write_new(draft / names[0], entry.proof)
                write_new(draft / names[1], entry.note)
                files = [str(path / name) for name in names]
                rows.append({"seq": entry.seq, "proof": files[0], "note": files[1]})
    heads = [signed.checkpoint for signed in (proofs.signed, *proofs.others)]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/prove/1",
                "book": heads[0].origin,
                "ref": (proofs.ref or "").partition("@")[0] or None,
                "size": heads[0].size,
                "root": heads[0].root.hex(),
                "entries": rows,
                "left_out": list(proofs.left_out),
                "others": [
                    {"book": each.origin, "size": each.size, "root": each.root.hex()}
                    for each in heads[1:]
                ],
            },
        )
        return
    names_ = ("seq", "proof", "note")
    columns = [Column(name) for name in names_]
    show_table(ask, Table(columns, [answers.cells(row, names_) for row in rows]))
    for each in heads:
        homes = [proofs.books.home(entry.seq)[0] for entry in proofs.entries]
        n = homes.count(each.origin)
        talk(ask, "prove.written", n=n, book=each.origin, size=each.size)
    for seq in proofs.left_out:
        talk(ask, "prove.left-out", seq=seq)
    proof, entry_ = (shlex.quote(rows[0][name]) for name in ("proof", "note"))
    talk(ask, "prove.check", proof=proof, note=entry_)


def _file_name(books: "Books", seq: int) -> str:
    """Return what tells an entry from others in the names of files: `5`, `us-5`."""
    return books.spoken_entry(seq).replace(":", "-").replace("/", "-")


def export(
    ask: Globals,
    *,
    out: Annotated[str, typer.Option(help="option.export.out", metavar="PATH")],
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="option.export.format", metavar="lines|csv|tiles"
        ),
    ],
) -> None:
    """Write the whole book as files."""
    from ledger.register.certifying import sign  # noqa: PLC0415 - start-up
    from ledger.register.exporting import (  # noqa: PLC0415 - start-up
        export_csv,
        export_lines,
        export_tiles,
    )
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    makers = {"lines": export_lines, "csv": export_csv, "tiles": export_tiles}
    if format_ not in FORMATS:
        raise UsageError(
            "usage.not-one-of", option="--format", choices=", ".join(FORMATS)
        )
    path = Path(out)
    check_new(path)
    # A spreadsheet proves nothing, and needs no checkpoint.
    signs = format_ != "csv"
    with open_register(places(ask), write=signs) as register:
        log = _log(ask, register) if signs else None
        if not signs:
            say_if_older(ask, register)
        if log is not None:
            sign(register, log)
        made = makers[format_](register, path)
        book = register.journal.book.name
    answer: answers.Object = {
        "book": book,
        "format": format_,
        "path": out,
        "entries": made.entries,
        "left_out": made.left_out,
    }
    if ask.json:
        show_json(ask, {"schema": "transfer-ledger/export/1", **answer})
        return
    if is_drawn(ask):
        said = ask.say("export.written", book=book, n=made.entries, path=out)
        show_lines(ask, [said])
    else:
        show_table(ask, one_row(answer))
    if made.left_out:
        talk(
            ask, f"export.left-out-{'csv' if not signs else 'beyond'}", n=made.left_out
        )
    talk(ask, f"export.{format_}")


def card(
    ask: Globals,
    *,
    out: Annotated[str, typer.Option(help="option.out", metavar="FILE")],
) -> None:
    """Write the card of the book: its first entry and its keys, signed."""
    from ledger.exchange.card import open_card  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.register.exporting import make_card  # noqa: PLC0415 - start-up

    path = Path(out)
    check_new(path)
    with read_book(ask) as register:
        key = register.choose_key("state", named=ask.as_key)
        secret = passphrase(ask, key_name=key.name)
        signer = register.unlock(key, role="state", passphrase=secret)
        note = make_card(register, signer)
    write_new(path, note)
    opened = open_card(note)
    keys = answers.card_keys(opened.card)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/card/1",
                "book": opened.card.book,
                "state": opened.card.state,
                "genesis": opened.card.genesis,
                "file": out,
                "signed_by": key.name,
                "fingerprint": opened.fingerprint,
                "keys": keys,
            },
        )
        return
    names = ("role", "name", "fingerprint")
    rows = [
        [code(ask, "role", one["role"]), *answers.cells(one, names[1:])] for one in keys
    ]
    show_table(ask, Table([Column(name) for name in names], rows))
    talk(ask, "card.written", book=opened.card.book, file=out)
    talk(ask, "card.read-aloud", key=key.name)
    talk(ask, "card.fingerprint", fingerprint=opened.fingerprint)
    talk(ask, "card.spelled", fingerprint=spelled(opened.fingerprint))


def spelled(fingerprint: str) -> str:
    """Return a fingerprint in groups of four characters, to be read aloud."""
    text = fingerprint.partition(":")[2]
    return "  ".join(text[at : at + 4] for at in range(0, len(text), 4))
