"""Opening a book, and making one: the files that belong together."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ledger.domain.authority import Role
from ledger.domain.history import Logged, Void
from ledger.domain.keyring import KeyRing, Standing, possession_text
from ledger.domain.times import check_zone
from ledger.domain.values import parse_state
from ledger.errors import (
    LockedError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
)
from ledger.exchange.outbox import put_in_place
from ledger.keys.files import create_key, known_keys, load_signer
from ledger.store.intake import project, take_in
from ledger.store.journal import Journal, Row
from ledger.store.pending import PendingFolder, make_once
from ledger.store.recall import Recall, read_entry
from ledger.store.watermark import Watermark, WatermarkFile, place
from ledger.tlog import chain
from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry, leaf
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Ed25519Signer,
    Signer,
    VerifyKey,
    check_name,
    to_base64,
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of an office are.

    Attributes:
        database: The database file of the book.
        keys: The folder of key files.
        state: The folder of what this user remembers, never beside the database.
        state_key: Where the state key is, if not with the others.
    """

    database: Path
    keys: Path
    state: Path
    state_key: Path | None = None

    @property
    def memory(self) -> Path:
        """Return the folder that remembers this one database."""
        return place(self.state, str(self.database.resolve()))


@dataclass(frozen=True, slots=True)
class Head:
    """How far a book goes: the answer is complete under this.

    Attributes:
        book: The book's name.
        size: Number of entries.
        root: Root of their tree, 32 bytes.
    """

    book: str
    size: int
    root: bytes


class Register:
    """An open book with all that belongs to it.

    Attributes:
        places: Where its files are.
        journal: The book in its database.
        marks: How far it had come when this user last looked.
        pending: What was asked for and is not known to be recorded.
        taken_in: Entries that somebody wrote round the program, just found.
        before: Entries from this number on are not looked at; None for all. A book
            that is opened as it was known on a day answers from its prefix.
    """

    def __init__(self, places: Places, journal: Journal) -> None:
        self.places = places
        self.journal = journal
        self.before: int | None = None
        self.marks = WatermarkFile(places.memory)
        self.pending = PendingFolder(places.memory)
        self.taken_in: list[Logged | Void] = []

    def recall(self) -> Recall:
        """Return a reader of the book's history, as far as it is to be looked at."""
        return Recall(self.journal, before=self.before)

    def head(self) -> Head:
        """Return how far all answers go."""
        size = self.recall().size
        return Head(self.journal.book.name, size, self.journal.root(size))

    def check_memory(self) -> None:
        """Compare the book with what this user remembers of it.

        Raises:
            RewrittenError: If the book is shorter than it was, or another one.
        """
        mark = self.marks.read()
        if mark is None:
            return
        book = self.journal.book
        if (mark.book, mark.genesis) != (book.name, book.genesis.hex()):
            raise RewrittenError("memory.other-book")
        size = self.journal.size()
        if size < mark.size:
            raise RewrittenError("memory.cut", size=size, kept=mark.size)
        if self.journal.root(mark.size).hex() != mark.root:
            raise RewrittenError("memory.other-root", size=mark.size)

    def remember(self, size: int, root: bytes) -> None:
        """Remember that the book had come this far."""
        book = self.journal.book
        self.marks.remember(
            Watermark(book.name, book.genesis.hex(), size=size, root=root.hex())
        )

    def signers(self, role: Role) -> list[Standing]:
        """Return the active keys of a role whose files are on this machine."""
        history = self.recall().history(())
        here = {key.format() for key in known_keys(self.places.keys)}
        return [
            standing
            for standing in history.ring.active(role, seq=history.head.size)
            if standing.key.format() in here
        ]

    def choose_key(self, role: Role, *, named: str | None) -> VerifyKey:
        """Return the key to sign with: the named one, else the only one of its role.

        Raises:
            LockedError: If there is none, or more than one to choose from.
        """
        found = [standing.key for standing in self.signers(role)]
        if named is not None:
            prefix = self.journal.book.name.rpartition("/")[0]
            names = {named, f"{prefix}/{named}"}
            found = [key for key in found if key.name in names]
        if not found:
            raise LockedError("keys.none-of-role", role=role)
        if len(found) > 1:
            names_ = ", ".join(key.name for key in found)
            raise LockedError("keys.choose-one", role=role, keys=names_)
        return found[0]

    def unlock(self, key: VerifyKey, *, role: Role, passphrase: bytes) -> Ed25519Signer:
        """Return the signer of a key file, unlocked."""
        at = self.places.state_key if role == "state" else None
        return load_signer(self.places.keys, key=key, passphrase=passphrase, at=at)


@contextmanager
def open_register(
    places: Places, *, write: bool = False, known_on: date | None = None
) -> Iterator[Register]:
    """Open a book for one piece of work; close it afterwards.

    Entries that somebody inserted round the program are judged first, where this
    user may write.

    Args:
        places: Where its files are.
        write: Whether entries are to be added.
        known_on: Answer as the book was known at the end of this day, UTC.

    Raises:
        NoBookError: If there is no book there; only `init_book` makes one.
    """
    journal = Journal.open(places.database, write=write)
    try:
        register = Register(places, journal)
        if register.recall().projected() < journal.size():
            _take_in(register)
        if known_on is not None:
            register.before = register.recall().size_known_on(known_on)
        yield register
    finally:
        journal.close()


def _take_in(register: Register) -> None:
    try:
        with register.journal.writing():
            register.taken_in = take_in(register.journal)
    except NotPermittedError:
        raise NotPermittedError("store.entries-not-taken-in") from None


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new book is to be.

    Attributes:
        name: The book's name (`us.example/book`).
        state: Its state's code.
        zone: The office's zone.
        clerk: The first clerk's number (`clerk-07`).
    """

    name: str
    state: str
    zone: str
    clerk: str

    def check(self) -> None:
        """Refuse names and codes that no book can have.

        Raises:
            RefusedError, MalformedError: With what is wrong.
        """
        _, slash, last = self.name.rpartition("/")
        if not slash or "/" in self.clerk:
            raise RefusedError("init.book-name")
        for _, name, _ in self.key_names():
            check_name(name)
        parse_state(self.state)
        check_zone(self.zone)
        if self.clerk in {last, "state", "witness"} or last in {"state", "witness"}:
            raise RefusedError("init.name-taken")

    def key_names(self) -> list[tuple[Role, str, int]]:
        """Return role, name and type of the keys that a book starts with."""
        prefix = self.name.rpartition("/")[0]
        return [
            ("state", f"{prefix}/state", SIG_ED25519),
            ("log", self.name, SIG_ED25519),
            ("witness", f"{prefix}/witness", SIG_COSIGNATURE),
            ("clerk", f"{prefix}/{self.clerk}", SIG_ED25519),
        ]


@contextmanager
def _on_disk() -> Iterator[None]:
    """Turn the refusals of the system and of its disks into ours."""
    try:
        yield
    except PermissionError:
        raise NotPermittedError("store.not-permitted") from None
    except OSError as error:
        raise NotPermittedError("store.disk", code=error.errno or 0) from error


@_on_disk()
def init_book(
    places: Places,
    founding: Founding,
    *,
    passphrase: bytes,
    now: datetime,
) -> tuple[Logged, list[tuple[Role, VerifyKey]]]:
    """Make keys, database and entry 0; return the entry and the keys.

    The database appears whole or not at all; keys that were made for a book that did
    not come to be are removed.

    Raises:
        RefusedError: If there is a book already, or a key of such a name.
        RewrittenError: If this user remembers another book at that place.
        NotPermittedError: If a file cannot be written.
    """
    founding.check()
    if os.path.lexists(places.database):
        raise RefusedError("init.exists")
    if WatermarkFile(places.memory).read() is not None:
        raise RewrittenError("init.remembered")
    made: list[tuple[Role, VerifyKey]] = []
    try:
        signers: dict[Role, Signer] = {}
        for role, name, algorithm in founding.key_names():
            at = places.state_key if role == "state" else None
            key = create_key(
                places.keys,
                name=name,
                algorithm=algorithm,
                passphrase=passphrase,
                at=at,
            )
            made.append((role, key))
            signers[role] = load_signer(
                places.keys, key=key, passphrase=passphrase, at=at
            )
        genesis = _found(places, founding, signers, now=now)
    except BaseException:
        _remove_keys(places, made)
        raise
    return genesis, made


def _remove_keys(places: Places, made: list[tuple[Role, VerifyKey]]) -> None:
    for role, key in made:
        folder = places.keys
        (folder / f"{key.name}.vkey").unlink(missing_ok=True)
        if role != "state" or places.state_key is None:
            (folder / f"{key.name}.pem").unlink(missing_ok=True)
        elif places.state_key.is_dir():
            (places.state_key / f"{key.name}.pem").unlink(missing_ok=True)
        else:
            places.state_key.unlink(missing_ok=True)


def _found(
    places: Places,
    founding: Founding,
    signers: dict[Role, Signer],
    *,
    now: datetime,
) -> Logged:
    """Write the database with entry 0, and put it in its place."""
    note = compose_genesis(founding, signers, now=now)
    genesis = read_entry(Row(0, None, leaf(note), note))
    places.database.parent.mkdir(parents=True, exist_ok=True)
    new = places.database.with_name(f".{places.database.name}.{secrets.token_hex(4)}")
    try:
        journal = Journal.make(
            new, name=founding.name, state=founding.state, genesis=genesis.leaf
        )
        try:
            with journal.writing():
                root = journal.append(seq=0, once=genesis.once, note=note)
                project(journal, genesis)
        finally:
            journal.close()
        put_in_place(new, places.database)
    except FileExistsError:
        raise RefusedError("init.exists") from None
    finally:
        new.unlink(missing_ok=True)
    try:
        WatermarkFile(places.memory).advance(
            Watermark(founding.name, genesis.leaf.hex(), size=1, root=root.hex())
        )
    except BaseException:
        places.database.unlink()
        raise
    return genesis


def compose_genesis(
    founding: Founding, signers: dict[Role, Signer], *, now: datetime
) -> bytes:
    """Return the note of entry 0, signed by the state key that it lists."""
    keys: list[Json] = []
    for role, signer in signers.items():
        vkey = signer.key.format()
        text = possession_text(
            book=founding.name, state=founding.state, role=role, vkey=vkey
        )
        proof = to_base64(signer.sign(text))
        keys.append({"role": role, "vkey": vkey, "proof": proof})
    state = signers["state"]
    entry = Entry(
        ledger=founding.name,
        seq=0,
        prev=chain.EMPTY.leaf,
        at=now,
        kind="genesis",
        once=new_once(now),
        by=state.key.name,
        data={
            "state": founding.state,
            "name": founding.name,
            "zone": founding.zone,
            "keys": keys,
            "hash": "sha256-rfc6962",
        },
    )
    return entry.sign(state)


def new_once(now: datetime) -> str:
    """Return a new client-made id (UUIDv7 layout)."""
    milliseconds = int(now.timestamp()) * 1000
    return make_once(milliseconds=milliseconds, random=secrets.token_bytes(10))


def ring_of(register: Register) -> tuple[KeyRing, int]:
    """Return the keys of a book, and the number of its next entry."""
    history = register.recall().history(())
    return history.ring, history.head.size
