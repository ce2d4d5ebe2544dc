"""Trusting another state's book: its card, compared with what is known of it."""

from msgspec import Struct

from ledger.domain.history import History
from ledger.domain.schemas import read_record
from ledger.domain.witnessing import Peer
from ledger.errors import RefusedError
from ledger.exchange.card import Card, OpenedCard
from ledger.exchange.sshsig import fingerprint
from ledger.register.answering import answered, witnesses_of
from ledger.register.opening import Register
from ledger.store.headings import seqs_of_kind
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.store.peerings import Peering, PeeringFile
from ledger.store.recall import Recall
from ledger.tlog.canonical import Json
from ledger.tlog.note import VerifyKey


def card_data(card: Card) -> dict[str, Json]:
    """Return the data of the `peer` entry that records a card."""
    keys: list[Json] = [{"role": role, "vkey": key.format()} for role, key in card.keys]
    return {
        "name": card.book,
        "state": card.state,
        "genesis": card.genesis,
        "keys": keys,
    }


def is_recorded(register: Register, opened: OpenedCard) -> bool:
    """Return whether the book trusts exactly this card already.

    Raises:
        RefusedError: If the card is of this very book, has another first entry than
            the peer that is recorded, or is not signed by a state key that is active
            in the mirrored book; with both fingerprints.
    """
    card, journal = opened.card, register.journal
    if card.book == journal.book.name:
        raise RefusedError("rule.peer-of-itself")
    known = register.recall().history(()).peers.get(card.book)
    if known is None:
        return False
    active = _state_keys(known, mirror_of(journal, card.book))
    marks = {
        "book": card.book,
        "known": ", ".join(fingerprint(key.public) for key in active),
        "given": opened.fingerprint,
    }
    if known.genesis != card.genesis:
        raise RefusedError("peer.other-genesis", **marks)
    if opened.signed_by not in active:
        raise RefusedError("peer.not-a-state-key", **marks)
    return known == read_record("peer", card_data(card))


def _state_keys(known: Peer, mirror: Journal | None) -> list[VerifyKey]:
    """Return the state keys that speak for a peer now."""
    if mirror is None:
        return [VerifyKey.parse(vkey) for vkey in known.of_role("state")]
    history = Recall(mirror).history(())
    active = history.ring.active("state", seq=history.head.size)
    return [standing.key for standing in active]


class Known(Struct, frozen=True):
    """A peer as it stands.

    Attributes:
        peer: What the book last recorded of it.
        seq: The entry that did.
        way: Where its files come from and go to.
        mirrored: How many of its entries are here.
        seen: How many of the own entries it has cosigned.
    """

    peer: Peer
    seq: int
    way: Peering
    mirrored: int
    seen: int


def known_peers(register: Register) -> list[Known]:
    """Return the peers of the own book, by name."""
    ways = PeeringFile(register.places.memory).read()
    journal = register.journal
    history = register.recall().history(())
    found = []
    for name, peer in sorted(history.peers.items()):
        mirror = mirror_of(journal, name)
        done = answered(journal, witnesses_of(peer, mirror))
        found.append(
            Known(
                peer,
                seq=_last(register, history, name),
                way=ways.get(name, Peering(name)),
                mirrored=0 if mirror is None else mirror.size(),
                seen=max((each.size for each in done), default=0),
            )
        )
    return found


def _last(register: Register, history: History, name: str) -> int:
    """Return the entry that last recorded a peer."""
    seqs = seqs_of_kind(register.journal, "peer")
    records = [(seq, history.entries[seq].record) for seq in seqs]
    return max(
        seq
        for seq, record in records
        if isinstance(record, Peer) and record.name == name
    )
