"""Whom this book trusts: peer add, peer list."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.handing import spelled
from ledger.cli.options import Globals, confirm
from ledger.cli.reading import read_book
from ledger.cli.recording import places, write
from ledger.cli.render import Column, Table, show_json, show_table, talk
from ledger.cli.words import spoken
from ledger.errors import (
    NotPermittedError,
    RefusedError,
    UntrustedError,
    UsageError,
)

if TYPE_CHECKING:
    from ledger.exchange.card import OpenedCard
    from ledger.store.peerings import Peering

LARGEST_CARD = 64 * 1024


def peer_add(
    ask: Globals,
    card: Annotated[str, typer.Argument(help="argument.peer-card", metavar="CARD")],
    *,
    inbox: Annotated[
        str | None, typer.Option(help="option.peer.inbox", metavar="DIR")
    ] = None,
    outbox: Annotated[
        str | None, typer.Option(help="option.peer.outbox", metavar="DIR")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(help="option.peer.mirror", metavar="PATH")
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="option.peer.fingerprint", metavar="SHA256:…")
    ] = None,
) -> None:
    """Trust the book of another state, by its card."""
    from ledger.exchange.card import open_card  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import read_file  # noqa: PLC0415 - start-up
    from ledger.exchange.sshsig import is_fingerprint  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.peering import card_data, is_recorded  # noqa: PLC0415 - same
    from ledger.store.peerings import Peering, PeeringFile  # noqa: PLC0415 - same

    if (inbox is None) != (outbox is None):
        raise UsageError("usage.inbox-and-outbox")
    if fingerprint is not None and not is_fingerprint(fingerprint):
        raise UsageError("usage.not-a-fingerprint")
    opened = open_card(read_file(Path(card), most=LARGEST_CARD))
    way = Peering(
        opened.card.book,
        inbox=absolute(inbox),
        outbox=absolute(outbox),
        mirror=absolute(mirror),
    )
    there = places(ask)
    with open_register(there) as register:
        recorded = is_recorded(register, opened)
    if fingerprint is not None and fingerprint != opened.fingerprint:
        raise UntrustedError("card.other-signer")
    if not recorded:
        _check_by_eye(ask, opened, fingerprint=fingerprint)
    for folder in (way.inbox, way.outbox):
        _make(folder)
    if not recorded:
        write(ask, "peer", card_data(opened.card), once=None, role="state")
    PeeringFile(there.memory).keep(_merged(there.memory, way))
    if recorded:
        _say_kept(ask, way)


def _merged(memory: Path, way: "Peering") -> "Peering":
    """Return the ways that were known, with the new ones in their place."""
    from ledger.store.peerings import PeeringFile, merged  # noqa: PLC0415 - start-up

    old = PeeringFile(memory).read().get(way.book)
    return way if old is None else merged(old, way)


def _say_kept(ask: Globals, way: "Peering") -> None:
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/peer-kept/1",
                "peer": way.book,
                "inbox": way.inbox or None,
                "outbox": way.outbox or None,
                "mirror": way.mirror or None,
            },
        )
    else:
        talk(ask, "peer.known-already", book=way.book)


def absolute(text: str | None) -> str:
    """Return an absolute path, spelled as it will be found again; empty for none."""
    if text is None:
        return ""
    if not text or "://" in text or "\0" in text:
        raise UsageError("usage.not-a-path")
    return str(Path(text).absolute())


def _make(folder: str) -> None:
    if not folder:
        return
    try:
        Path(folder).mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise RefusedError("file.exists") from None
    except OSError as error:
        raise NotPermittedError.of(error, path=folder) from error


def _check_by_eye(
    ask: Globals, opened: "OpenedCard", *, fingerprint: str | None
) -> None:
    """Let a person compare the fingerprint, which came by another road.

    Raises:
        UsageError: No fingerprint was given, and nobody is there to be asked.
        RefusedError: The person says no.
    """
    if fingerprint is None and (ask.yes or not ask.can_ask):
        raise UsageError("usage.yes-needs-fingerprint")
    if not ask.json:
        talk(ask, "peer.card", book=opened.card.book, state=opened.card.state)
        for key in answers.card_keys(opened.card):
            talk(ask, "peer.key", **spoken(ask, key))
    talk(ask, "peer.compare", key=opened.signed_by.name)
    talk(ask, "card.fingerprint", fingerprint=opened.fingerprint)
    talk(ask, "card.spelled", fingerprint=spelled(opened.fingerprint))
    if fingerprint is None and not confirm(ask, "peer.ask"):
        raise RefusedError("peer.not-confirmed")


def peer_list(ask: Globals) -> None:
    """Show the books of other states that this book trusts."""
    from ledger.register.peering import known_peers  # noqa: PLC0415 - start-up

    with read_book(ask) as register:
        found = known_peers(register)
        book = register.journal.book.name
    rows: list[answers.Object] = [
        {
            "peer": each.peer.name,
            "state": each.peer.state,
            "since": each.seq,
            "genesis": each.peer.genesis,
            "mirrored": each.mirrored,
            "cosigned": each.seen,
            "inbox": each.way.inbox or None,
            "outbox": each.way.outbox or None,
            "mirror": each.way.mirror or None,
        }
        for each in found
    ]
    if ask.json:
        document = {"schema": "transfer-ledger/peer-list/1", "book": book}
        show_json(ask, {**document, "peers": rows})
        return
    names = (
        *("peer", "state", "since", "mirrored", "cosigned"),
        *("inbox", "outbox", "mirror"),
    )
    columns = [Column(name) for name in names]
    show_table(ask, Table(columns, [answers.cells(row, names) for row in rows]))
