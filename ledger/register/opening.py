"""Opening a book: the files that belong together."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from ledger.domain.authority import Role
from ledger.domain.history import Logged, Void
from ledger.domain.keyring import KeyRing, Standing
from ledger.errors import (
    LockedError,
    NotFoundError,
    NotPermittedError,
    RewrittenError,
)
from ledger.store.engine import naming
from ledger.store.journal import Journal
from ledger.store.marks import marks_of, seen_file
from ledger.store.pending import PendingFolder, make_once
from ledger.store.recall import Recall
from ledger.store.watermark import Watermark, WatermarkFile, place
from ledger.tlog.note import (
    Ed25519Signer,
    VerifyKey,
)


class Places(Struct, frozen=True):
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


class Taken(Struct, frozen=True):
    """The last checkpoint of a mirror that was taken in.

    Attributes:
        size: Its number of entries; 0 if there is none.
        root: Its root, 32 bytes.
        day: The day on which this state cosigned it, UTC; None if it did not.
    """

    size: int
    root: bytes
    day: date | None


class Head(Struct, frozen=True):
    """How far a book goes: the answer is complete under this.

    Attributes:
        book: The book's name.
        size: Number of entries.
        root: Root of their tree, 32 bytes.
        mirror: Of a mirror, how old it is; None for the own book.
    """

    book: str
    size: int
    root: bytes
    mirror: Taken | None = None


class Register:
    """An open book with all that belongs to it.

    Attributes:
        places: Where its files are.
        journal: The book in its database.
        marks: How far it had come when this user last looked.
        seen: What a peer has seen of it that it does not hold, if one did.
        pending: What was asked for and is not known to be recorded.
        taken_in: Entries that somebody wrote round the program, just found.
        before: Entries from this number on are not looked at; None for all. A book
            that is opened as it was known on a day answers from its prefix.
        known_on: That day.
    """

    def __init__(self, places: Places, journal: Journal) -> None:
        self.places = places
        self.journal = journal
        self.before: int | None = None
        self.known_on: date | None = None
        self.marks = WatermarkFile(places.memory)
        self.seen = seen_file(places.memory)
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
        """Compare the book with what this user remembers of it, at any path.

        Two copies of one book may lie in two places; only the furthest goes on, and
        only if it holds what peers have seen.

        Raises:
            RewrittenError: If the book is shorter than it was, or another one; or if
                no book can hold both what was signed here and what a peer has seen.
        """
        book = self.journal.book
        for mark in (self.marks.read(), self.seen.read()):
            if mark and (mark.book, mark.genesis) != (book.name, book.genesis.hex()):
                raise RewrittenError("memory.other-book")
        known = marks_of(self.places.state, book=book.name, genesis=book.genesis.hex())
        # Only now: what another program records must not seem to have been cut off.
        with self.journal.reading():
            checked = [(mark, self._misfit(mark)) for mark in known.all]
        fitting = [mark.size for mark, error in checked if error is None]
        for mark, error in checked:
            if error is not None and max(fitting, default=-1) >= mark.size:
                raise RewrittenError("memory.two-histories", size=mark.size)
            if error is not None:
                raise error

    def _misfit(self, mark: Watermark) -> RewrittenError | None:
        size = self.journal.size()
        if size < mark.size:
            return RewrittenError("memory.cut", size=size, kept=mark.size)
        if self.journal.root(mark.size).hex() != mark.root:
            return RewrittenError("memory.other-root", size=mark.size)
        return None

    def remember(self, size: int, root: bytes) -> None:
        """Remember that the book had come this far."""
        book = self.journal.book
        self.marks.remember(
            Watermark(book.name, book.genesis.hex(), size=size, root=root.hex())
        )

    def remember_seen(self, size: int, root: bytes) -> None:
        """Remember what the own log signed and a peer has seen, and is not here.

        One is enough: the book takes no entry until it fits.
        """
        book = self.journal.book
        with suppress(RewrittenError):
            self.seen.remember(
                Watermark(book.name, book.genesis.hex(), size=size, root=root.hex())
            )

    def signers(self, role: Role) -> list[Standing]:
        """Return the active keys of a role whose files are on this machine.

        Of a state key that is said to be elsewhere nothing else need be here.
        """
        from ledger.keys.files import known_keys  # noqa: PLC0415 - only to sign

        history = self.recall().history(())
        active = history.ring.active(role, seq=history.head.size)
        if role == "state" and self.places.state_key is not None:
            return list(active)
        here = {key.format() for key in known_keys(self.places.keys)}
        return [standing for standing in active if standing.key.format() in here]

    def choose_key(self, role: Role, *, named: str | None) -> VerifyKey:
        """Return the key to sign with: the named one, else the only one of its role.

        Raises:
            LockedError: If there is none, or more than one to choose from.
        """
        here = found = [standing.key for standing in self.signers(role)]
        if named is not None:
            prefix = self.journal.book.name.rpartition("/")[0]
            names = {named, f"{prefix}/{named}"}
            chosen = [key for key in found if key.name in names]
            # Who acts as a clerk does not say by that which state key signs.
            found = chosen if chosen or role != "state" else found
        if not here:
            ring, size = ring_of(self)
            gone = role == "log" and not ring.active(role, seq=size)
            code = "keys.no-log-key" if gone else "keys.none-of-role"
            raise LockedError(code, role=role)
        if not found:
            raise LockedError("keys.named-unfit", role=role)
        if len(found) > 1:
            names_ = ", ".join(key.name for key in found)
            raise LockedError("keys.choose-one", role=role, keys=names_)
        return found[0]

    def unlock_state(self, *, passphrase: bytes) -> Ed25519Signer:
        """Return the signer of the active state key that `--state-key` holds.

        Raises:
            LockedError: It holds none of them, or does not open.
        """
        keys = [standing.key for standing in self.signers("state")]
        for key in keys:
            try:
                return self.unlock(key, role="state", passphrase=passphrase)
            except LockedError as error:
                if error.code not in {"keys.other-key", "keys.no-such-key"}:
                    raise
        names = ", ".join(key.name for key in keys)
        raise LockedError("keys.no-state-key-there", keys=names)

    def unlock(self, key: VerifyKey, *, role: Role, passphrase: bytes) -> Ed25519Signer:
        """Return the signer of a key file, unlocked."""
        from ledger.keys.files import load_signer  # noqa: PLC0415 - only to sign

        at = self.places.state_key if role == "state" else None
        return load_signer(self.places.keys, key=key, passphrase=passphrase, at=at)


# Whoever asks of a day must not be told that the book does not have it at all.
_NOT_THEN = {
    "cite.no-such-ref": "cite.no-such-ref-then",
    "cite.no-such-entry": "cite.no-such-entry-then",
    "key.of-nobody": "key.of-nobody-then",
}


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
        NotFoundError: What the body did not find, told of the day of `known_on`.
    """
    with (
        naming(places.database),
        closing(Journal.open(places.database, write=write)) as journal,
    ):
        register = Register(places, journal)
        if register.recall().projected() < journal.size():
            _take_in(register)
        if known_on is not None:
            register.known_on = known_on
            register.before = register.recall().size_known_on(known_on)
        try:
            yield register
        except NotFoundError as error:
            if known_on is None or error.code not in _NOT_THEN:
                raise
            raise NotFoundError(
                _NOT_THEN[error.code], day=known_on.isoformat(), **error.values
            ) from None
        finally:
            register.pending.let_go()


def _take_in(register: Register) -> None:
    from ledger.store.intake import take_in  # noqa: PLC0415 - rules are slow to start

    try:
        with register.journal.writing():
            register.taken_in = take_in(register.journal)
    except NotPermittedError:
        raise NotPermittedError("store.entries-not-taken-in") from None


def new_once(now: datetime) -> str:
    """Return a new client-made id (UUIDv7 layout)."""
    milliseconds = int(now.timestamp()) * 1000
    return make_once(milliseconds=milliseconds, random=os.urandom(10))


def ring_of(register: Register) -> tuple[KeyRing, int]:
    """Return the keys of a book, and the number of its next entry."""
    history = register.recall().history(())
    return history.ring, history.head.size
