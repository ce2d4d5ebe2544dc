"""Rules of the entries that two states sign about each other: peers and seals.

Only what the book itself shows is asked here: whether a witness signed rightly is the
business of whoever knows its key (`ledger.register.witnessed`).
"""

from collections.abc import Iterator

from ledger.domain.history import History, Logged
from ledger.domain.witnessing import Peer, Seal
from ledger.errors import LedgerError, MalformedError, RefusedError
from ledger.tlog.checkpoint import Checkpoint, is_signed_by
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, Note, VerifyKey, check_name


def peer_is_pinned(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A peer is another book, and has one first entry for ever."""
    match entry.record:
        case Peer() as peer:
            if peer.name == history.book:
                yield RefusedError("rule.peer-of-itself")
            known = history.peers.get(peer.name)
            if known is not None and known.genesis != peer.genesis:
                yield RefusedError("rule.peer-other-genesis", book=peer.name)
            try:
                _check_keys(peer)
            except RefusedError as error:
                yield error
            except LedgerError as error:
                yield RefusedError(error.code, **error.values)
        case _:
            pass


def _check_keys(peer: Peer) -> None:
    """Check the keys of a card as entry 0 of its book could bring them.

    Raises:
        RefusedError, MalformedError: With what no book can have.
    """
    names: set[str] = set()
    for listed in peer.keys:
        key = VerifyKey.parse(listed.vkey)
        check_name(key.name)
        wanted = SIG_COSIGNATURE if listed.role == "witness" else SIG_ED25519
        if key.algorithm != wanted:
            raise RefusedError("key.wrong-type", key=key.name, role=listed.role)
        if (listed.role == "log") != (key.name == peer.name):
            raise RefusedError("key.log-name", key=key.name)
        if key.name in names:
            raise RefusedError("key.name-taken", key=key.name)
        names.add(key.name)
    if not peer.of_role("state"):
        raise RefusedError("rule.peer-without-state-key")


def seal_is_signed(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A seal is of entries of this book that were there, signed by its log key."""
    match entry.record:
        case Seal() as seal:
            try:
                note = Note.parse(seal.note)
                checkpoint = Checkpoint.parse(note.text)
            except MalformedError as error:
                yield RefusedError(error.code, **error.values)
                return
            if checkpoint.origin != history.book:
                yield RefusedError("rule.seal-of-another-book")
            elif not 0 < checkpoint.size <= entry.seq:
                yield RefusedError("rule.seal-beyond-book", size=checkpoint.size)
            elif not _is_logged(history, seal.note, checkpoint.size):
                yield RefusedError("rule.seal-not-signed", size=checkpoint.size)
        case _:
            pass


def _is_logged(history: History, note: bytes, size: int) -> bool:
    """Return whether a log key signed that was active once those entries were there."""
    active = history.ring.active("log", seq=size)
    return is_signed_by(note, (standing.key for standing in active))
