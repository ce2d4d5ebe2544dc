"""A receiving office on disk, and what another one in memory hands to it."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import structs

from ledger.domain.witnessing import Peer
from ledger.exchange.bundle import Header
from ledger.exchange.card import Card, CardRole
from ledger.register.cosigning import Cosigned, cosign_mirror
from ledger.register.mirroring import Taken, take
from ledger.register.opening import Places, Register
from ledger.register.peering import card_data
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.cosignature import cosign
from ledger.tlog.note import Note
from tests.office import Office
from tests.register.stored import make, opened, places


def card_of(office: Office) -> Card:
    """Return the card of an office."""
    roles: tuple[CardRole, ...] = ("log", "witness", "state")
    keys = tuple((role, office.keys[role].key) for role in roles)
    genesis = office.history.entries[0].leaf.hex()
    return Card(office.book, office.state, genesis, keys)


def us() -> Office:
    """Return the office that sends: one departure."""
    office = Office()
    office.transfer()
    return office


def sv() -> Office:
    """Return an office that receives."""
    return Office(
        book="sv.example/book", state="SV", zone="America/El_Salvador", seed=40
    )


@dataclass
class Packet:
    """What is offered, as a file would hold it."""

    header: Header
    pages: list[bytes]
    checkpoint: bytes
    answers: tuple[bytes, ...] = ()

    def notes(self) -> Iterator[bytes]:
        yield from self.pages


def signed(office: Office, size: int, *, root: bytes | None = None) -> bytes:
    """Return a checkpoint of the first entries of an office."""
    leaves = [merkle.leaf_hash(note) for note in office.notes[:size]]
    checkpoint = Checkpoint(office.book, size, root or merkle.root(leaves))
    return sign_checkpoint(checkpoint, office.keys["log"])


def packet(office: Office, start: int = 0, stop: int | None = None) -> Packet:
    """Return an honest offer of some entries of an office."""
    stop = len(office.notes) if stop is None else stop
    header = Header(
        book=office.book,
        genesis=merkle.leaf_hash(office.notes[0]).hex(),
        start=start,
        stop=stop,
    )
    return Packet(header, office.notes[start:stop], signed(office, stop))


def headed(made: Packet, **members: str | int) -> Packet:
    """Return an offer with other members of its header."""
    return replace(made, header=structs.replace(made.header, **members))


def trust(office: Office, other: Office) -> None:
    """Let an office record that it trusts another one."""
    office.write("peer", card_data(card_of(other)))


@dataclass
class Receiver:
    """An office on disk that trusts another one."""

    folder: Path
    sender: Office
    office: Office = field(default_factory=sv)

    def __post_init__(self) -> None:
        self.there: Places = places(self.folder)
        if self.sender.book not in self.office.history.peers:
            trust(self.office, self.sender)
        make(self.office, self.there.database).close()

    @property
    def now(self) -> datetime:
        return max(self.sender.now, self.office.now) + timedelta(hours=1)

    def peer(self) -> Peer:
        return self.office.history.peers[self.sender.book]

    def take(self, offer: Packet, *, now: datetime | None = None) -> Taken:
        """Take an offer in."""
        with opened(self.there) as register:
            return take(register, offer, peer=self.peer(), now=now or self.now)

    def cosign(self) -> Cosigned | None:
        """Cosign what is mirrored."""
        with opened(self.there) as register:
            mirror = self.mirror(register)
            return cosign_mirror(
                register, mirror, self.office.keys["witness"], now=self.now
            )

    def mirror(self, register: Register) -> Journal:
        mirror = mirror_of(register.journal, self.sender.book)
        assert mirror is not None
        return mirror

    def image(self) -> bytes:
        """Return the database as it is on disk."""
        return self.there.database.read_bytes()

    def rows(self) -> list[bytes]:
        """Return the bytes of the mirror's entries."""
        with opened(self.there, write=False) as register:
            mirror = mirror_of(register.journal, self.sender.book)
            return [] if mirror is None else [r.note for r in mirror.rows(0, 10**6)]


def cosigned(office: Office, note: bytes, *, at: datetime) -> bytes:
    """Return a checkpoint of another book with the cosignature of an office."""
    parsed = Note.parse(note)
    line = cosign(parsed.text, office.keys["witness"], at=at)
    return Note(parsed.text, (*parsed.signatures, line)).format()


def broken(note: bytes) -> bytes:
    """Return a note whose last line has another signature by the same key."""
    text, _, signature = note.rstrip().rpartition(b" ")
    raw = bytearray(b64decode(signature))
    raw[-1] ^= 1
    return text + b" " + b64encode(raw) + b"\n"
