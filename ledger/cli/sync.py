"""Exchanging books with other states: sync."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct, field

from ledger.cli import EXIT_CODES, answers
from ledger.cli.faults import FORKED
from ledger.cli.lines import reason
from ledger.cli.options import Globals, passphrase
from ledger.cli.peers import absolute
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_table,
    talk,
)
from ledger.cli.ways_out import say_ways_out
from ledger.errors import LockedError, RefusedError, UsageError
from ledger.tlog.entry import format_instant

if TYPE_CHECKING:
    from ledger.domain.authority import Role
    from ledger.domain.witnessing import Peer
    from ledger.exchange.bundle import Written
    from ledger.register.certifying import Signed
    from ledger.register.cosigning import Cosigned
    from ledger.register.opening import Register
    from ledger.register.syncing import Read
    from ledger.register.writing import Recorded
    from ledger.store.peerings import Peering
    from ledger.tlog.note import Signer

REWRITTEN = 11
HEADINGS = {"entries": "column.sync-new", "size": "column.sync-size"}


class Exchanged(Struct):
    """What came of the exchange with one peer.

    Attributes:
        peer: The peer.
        way: Where its files come from and go to.
        reads: What came, file by file.
        size: How many of its entries are here now.
        cosigned: The largest of its checkpoints that this state cosigned.
        withheld: Roots of the other histories that its log signed, as hex, for which
            its state did not answer yet.
        pages: What explains the evidence, by the file of it.
        seen: The largest own checkpoint that it cosigned; 0 for none.
        written: The file that goes to it.
    """

    peer: "Peer"
    way: "Peering"
    reads: "list[Read]" = field(default_factory=list)
    size: int = 0
    cosigned: "Cosigned | None" = None
    withheld: tuple[str, ...] = ()
    pages: "dict[Path, list[Path]]" = field(default_factory=dict)
    seen: int = 0
    written: "Written | None" = None


def sync(
    ask: Globals,
    *,
    peer: Annotated[
        str | None, typer.Option(help="option.sync.peer", metavar="BOOK")
    ] = None,
    inbox: Annotated[
        str | None, typer.Option(help="option.peer.inbox", metavar="DIR")
    ] = None,
    outbox: Annotated[
        str | None, typer.Option(help="option.peer.outbox", metavar="DIR")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(help="option.peer.mirror", metavar="PATH")
    ] = None,
) -> int:
    """Read what the peers sent, answer it, and write what they do not have."""
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.readonly import why_read_only  # noqa: PLC0415 - start-up
    from ledger.register.syncing import seal, shows_loss  # noqa: PLC0415 - start-up
    from ledger.register.writing import acknowledge  # noqa: PLC0415 - start-up
    from ledger.store.peerings import Peering  # noqa: PLC0415 - start-up

    given = Peering("", absolute(inbox), absolute(outbox), absolute(mirror))
    with open_register(places(ask), write=True) as register:
        register.check_memory()
        peers = dict(register.recall().history(()).peers)
        exchanges = _exchanges(register, peers, named=peer, given=given)
        log, witness = _unlocked(ask, register)
        for each in exchanges:
            _read(ask, register, each, peers)
        lost = shows_loss(read for each in exchanges for read in each.reads)
        if lost:  # whatever is signed now would be a second history
            log = witness = None
        recorded = None if log is None else seal(register, log, now=ask.now)
        for each in exchanges:
            _explain(ask, register, each, log)
        signed = None if lost else _signed(register, log)
        for each in exchanges:
            _answer(ask, register, each, witness=witness, signed=signed)
        _show(ask, register, exchanges, recorded)
        if recorded is not None:
            acknowledge(register, recorded, others=False)
        if lost:
            talk(ask, "sync.lost")
        closed = why_read_only(register) if lost else None
    if closed is not None:
        say_ways_out(ask, forked=closed.code in FORKED)
    return REWRITTEN if lost else _exit_code(exchanges)


def _exchanges(
    register: "Register",
    peers: "Mapping[str, Peer]",
    *,
    named: str | None,
    given: "Peering",
) -> list[Exchanged]:
    """Return the peers that are asked for, with the ways to each.

    Raises:
        RefusedError: The book trusts nobody, or not the one that is named.
        UsageError: Ways were given, and it is not said to whom; or none is known.
    """
    from ledger.register.answering import peer_named  # noqa: PLC0415 - start-up
    from ledger.store.peerings import (  # noqa: PLC0415 - start-up
        Peering,
        PeeringFile,
        merged,
    )

    if not peers:
        raise RefusedError("sync.no-peer")
    history = register.recall().history(())
    names = sorted(peers) if named is None else [peer_named(history, named).name]
    over = given != Peering("")
    if over and len(names) > 1:
        raise UsageError("usage.sync-which-peer")
    ways = PeeringFile(register.places.memory).read()
    found = []
    for name in names:
        way = merged(ways.get(name, Peering(name)), given)
        if way == Peering(name):
            raise UsageError("usage.sync-no-way")
        found.append(Exchanged(peers[name], way))
    return found


def _unlocked(
    ask: Globals, register: "Register"
) -> "tuple[Signer | None, Signer | None]":
    """Return the log key and the witness key, where they are at hand."""
    return _key(ask, register, "log"), _key(ask, register, "witness")


def _key(ask: Globals, register: "Register", role: "Role") -> "Signer | None":
    from ledger.cli.absent_keys import ABSENT, say_absent  # noqa: PLC0415 - start-up

    try:
        # Of two witness keys the newer one takes over: the peers follow the book.
        newest = [standing.key.name for standing in register.signers(role)][-1:]
        named = newest[0] if role == "witness" and newest else None
        key = register.choose_key(role, named=named)
        secret = passphrase(ask, key_name=key.name)
        return register.unlock(key, role=role, passphrase=secret)
    except LockedError as error:
        if error.code not in ABSENT:
            raise
        say_absent(ask, register, role, error, said=f"sync.without-{role}")
        return None


def _read(
    ask: Globals,
    register: "Register",
    each: Exchanged,
    peers: "Mapping[str, Peer]",
) -> None:
    from ledger.register.syncing import (  # noqa: PLC0415 - start-up
        read_inbox,
        read_neighbour,
    )

    if each.way.inbox:
        folder = Path(each.way.inbox)
        each.reads += read_inbox(register, folder, peers=peers, now=ask.now)
    if each.way.mirror:
        path = database(Path(each.way.mirror))
        each.reads.append(read_neighbour(register, path, peer=each.peer, now=ask.now))


def database(path: Path) -> Path:
    """Return where the book that a path names lies; a folder of tiles is one."""
    from ledger.cli.options import BOOK  # noqa: PLC0415 - start-up
    from ledger.tlog.tiles import CHECKPOINT_PATH  # noqa: PLC0415 - start-up

    holds = path.is_dir() and not (path / CHECKPOINT_PATH).exists()
    return path / BOOK if holds else path


def _explain(
    ask: Globals, register: "Register", each: Exchanged, log: "Signer | None"
) -> None:
    """Write the pages of evidence in plain words, signed where the log key is here."""
    from ledger.exchange.catalogue import Catalogue, languages  # noqa: PLC0415 - same
    from ledger.register.accusing import explain_evidence  # noqa: PLC0415 - same

    for read in each.reads:
        if read.evidence is not None:
            each.pages[read.evidence] = explain_evidence(
                register,
                read.evidence,
                signer=log,
                catalogues=[Catalogue.load(name) for name in languages()],
                now=ask.now,
            )


def _signed(register: "Register", log: "Signer | None") -> "Signed | None":
    from ledger.register.certifying import last_signed, sign  # noqa: PLC0415 - same

    return last_signed(register) if log is None else sign(register, log)


def _answer(
    ask: Globals,
    register: "Register",
    each: Exchanged,
    *,
    witness: "Signer | None",
    signed: "Signed | None",
) -> None:
    """Cosign what is mirrored of a peer's book, and write the file that goes to it."""
    from ledger.register.answering import answered, witnesses_of  # noqa: PLC0415
    from ledger.register.cosigning import (  # noqa: PLC0415 - start-up
        cosign_mirror,
        unanswered,
    )
    from ledger.register.syncing import write_out  # noqa: PLC0415 - start-up
    from ledger.store.mirrors import mirror_of  # noqa: PLC0415 - start-up

    mirror = mirror_of(register.journal, each.peer.name)
    if mirror is not None:
        each.size = mirror.size()
        others = dict.fromkeys(found.root.hex() for found in unanswered(mirror))
        each.withheld = tuple(others)
        if witness is not None:
            each.cosigned = cosign_mirror(register, mirror, witness, now=ask.now)
    done = answered(register.journal, witnesses_of(each.peer, mirror))
    each.seen = max((one.size for one in done), default=0)
    if each.way.outbox and signed is not None:
        each.written = write_out(
            register,
            Path(each.way.outbox),
            peer=each.peer,
            signed=signed,
            witness=None if witness is None else witness.key,
        )


def _exit_code(exchanges: Sequence[Exchanged]) -> int:
    """Return 11 if a log signed two histories, else that of the first refusal.

    Once its state has answered for the other one, the evidence is no news.
    """
    reads = [read for each in exchanges for read in each.reads]
    if any(each.withheld for each in exchanges):
        return REWRITTEN
    codes = [EXIT_CODES[type(read.error)] for read in reads if read.error is not None]
    return codes[0] if codes else 0


def _row(read: "Read") -> answers.Object:
    taken, error = read.taken, read.error
    return {
        "file": read.name,
        "result": read.result,
        "entries": 0 if taken is None else taken.added,
        "void": 0 if taken is None else len(taken.void),
        "size": None if taken is None else taken.checkpoint.size,
        "cosigned": None
        if taken is None or not taken.answered
        else max(each.size for each in taken.answered),
        "code": None if error is None else error.code,
        "evidence": None if read.evidence is None else str(read.evidence),
    }


def _show(
    ask: Globals,
    register: "Register",
    exchanges: Sequence[Exchanged],
    recorded: "Recorded | None",
) -> None:
    book = register.journal.book.name
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/sync/1",
                "book": book,
                "entries": register.journal.size(),
                "seal": None if recorded is None else recorded.entry.seq,
                "peers": [_object(each) for each in exchanges],
            },
        )
        return
    names = ("file", "result", "entries", "void", "size", "cosigned")
    drawn = is_drawn(ask)
    rows = []
    for each in exchanges:
        for read in each.reads:
            row = _row(read)
            if drawn:
                row["result"] = ask.say(f"sync.result.{read.result}")
            rows.append(answers.cells(row, names))
    columns = [Column(name, heading=HEADINGS.get(name, "")) for name in names]
    show_table(ask, Table(columns, rows))
    for each in exchanges:
        _say(ask, each)
    if recorded is not None:
        talk(ask, "sync.sealed", seq=recorded.entry.seq)


def _object(each: Exchanged) -> answers.Object:
    cosigned = each.cosigned
    return {
        "peer": each.peer.name,
        "files": [_row(read) for read in each.reads],
        "mirrored": each.size,
        "cosigned": None
        if cosigned is None
        else {
            "size": cosigned.size,
            "at": format_instant(cosigned.at),
            "new": cosigned.new,
        },
        "withheld": bool(each.withheld),
        "other_roots": list(each.withheld),
        "cosigned_by_peer": each.seen,
        "written": None if each.written is None else str(each.written.path),
    }


def _say(ask: Globals, each: Exchanged) -> None:
    """Tell what came of the exchange with one peer."""
    book = each.peer.name
    for read in each.reads:
        if read.error is not None:
            why = reason(ask, read.error.code, read.error.values)
            talk(ask, "sync.refused", file=read.name, reason=why)
        if read.evidence is not None and not each.withheld:
            talk(ask, "sync.answered", book=book, path=str(read.evidence))
        elif read.evidence is not None:
            talk(ask, "sync.evidence", book=book, path=str(read.evidence))
            pages = " · ".join(map(str, each.pages[read.evidence]))
            talk(ask, "sync.evidence-page", paths=pages)
    talk(ask, "sync.mirrored", book=book, n=each.size)
    if each.withheld:
        talk(ask, "sync.withheld", book=book, roots=", ".join(each.withheld))
    elif each.cosigned is not None:
        at = format_instant(each.cosigned.at)
        talk(ask, "sync.cosigned", book=book, n=each.cosigned.size, at=at)
    talk(ask, "sync.seen", book=book, n=each.seen)
    if each.written is not None:
        key = "sync.written" if each.written.new else "sync.written-before"
        talk(ask, key, path=str(each.written.path))
