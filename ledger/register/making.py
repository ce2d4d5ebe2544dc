"""Making a book: keys, database and first entry, whole or not at all.

Everything is made under names of its own first. When all of it is on disk a note says
so, and from then on the pieces only have to be renamed: a crash before the note leaves
drafts that nobody ever used, and one after it leaves what the same command finishes.
So no key is ever deleted that a book could be using.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from ledger.domain.authority import Genesis, Role
from ledger.domain.history import Logged
from ledger.domain.schemas import data_of
from ledger.errors import (
    BusyError,
    MalformedError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.exchange.outbox import put_in_place
from ledger.keys.files import DRAFTS, create_key, key_files, load_signer
from ledger.keys.pkcs8 import ROUNDS
from ledger.register.founding import Founding, compose_genesis
from ledger.register.opening import Places
from ledger.store import smallfiles
from ledger.store.engine import naming
from ledger.store.intake import project
from ledger.store.journal import Journal, Row
from ledger.store.recall import read_entry
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog.canonical import Json, decode, encode
from ledger.tlog.entry import leaf
from ledger.tlog.note import Signer, VerifyKey

SCHEMA = "transfer-ledger/founding/1"
NOTE = "founding"
"""The file that says that all drafts are there, and of what book."""

LARGEST = 16 * 1024
"""Bytes of it that are read."""


class Founded(Struct, frozen=True):
    """A book that was made.

    Attributes:
        genesis: Its first entry.
        keys: The keys that it starts with, by role.
        repeated: An earlier run had made it, or most of it, and was not answered.
    """

    genesis: Logged
    keys: tuple[tuple[Role, VerifyKey], ...]
    repeated: bool


def init_book(
    places: Places,
    founding: Founding,
    *,
    passphrase: bytes,
    now: datetime,
    rounds: int = ROUNDS,
) -> Founded:
    """Make keys, database and entry 0, or finish what an earlier run began.

    Until `acknowledge_book`, the same is answered with the same book.

    Args:
        places: Where everything goes.
        founding: What entry 0 says.
        passphrase: Of the new keys.
        now: When the book begins.
        rounds: Rounds of PBKDF2 of the new keys.

    Raises:
        RefusedError: If there is a book already, or a key of such a name, or another
            book was left half made there.
        RewrittenError: If this user remembers another book at that place.
        LockedError: If the keys of an earlier run have another passphrase.
        BusyError: If another program makes a book with this folder of keys.
        NotPermittedError: If a file cannot be written.
    """
    founding.check()
    drafts = _Drafts(places, founding)
    with _on_disk(places.database), naming(places.database), _alone(places.keys):
        begun = drafts.are_ready()
        if begun:
            drafts.unlock(passphrase)
            drafts.put_in_place(finishing=True)
        else:
            drafts.make(passphrase=passphrase, now=now, rounds=rounds)
        genesis, keys = _read_back(places.database)
        return Founded(genesis, keys, repeated=begun)


def acknowledge_book(places: Places) -> None:
    """Forget how a book was made: whoever asked has been told that it is there.

    Raises:
        NotPermittedError: If it cannot be forgotten; the same is said once more then.
    """
    folder = _folder(places)
    with smallfiles.permitted(folder):
        (folder / NOTE).unlink(missing_ok=True)
        _remove_folder(folder)


@contextmanager
def _on_disk(path: Path) -> Iterator[None]:
    """Turn the refusals of the system and of its disks into ours."""
    try:
        yield
    except OSError as error:
        name = os.fsdecode(error.filename or path)
        raise NotPermittedError.of(error, path=name) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder of keys against other programs that make a book."""
    smallfiles.make_folder(folder)
    with smallfiles.folder_locked(folder) as held:
        if not held:
            raise BusyError("init.busy", path=str(folder))
        yield


def _folder(places: Places) -> Path:
    return places.keys / f"{DRAFTS}{places.memory.name[:32]}"


class _Drafts:
    """The pieces of a book to be, under names of their own, and where they belong."""

    def __init__(self, places: Places, founding: Founding) -> None:
        self._places = places
        self._founding = founding
        self._folder = _folder(places)
        self._note = self._folder / NOTE
        self._database = _draft(places.database)
        self._keys: list[tuple[str, Path, Path]] = []
        for role, name, _ in founding.key_names():
            # The private state key may belong on another medium: its draft as well.
            at = places.state_key if role == "state" else None
            private, public = key_files(places.keys, name, at)
            draft, draft_public = key_files(self._folder, name, None)
            if at is not None:
                draft = _draft(private)
            self._keys.append((name, draft, private))
            self._keys.append((name, draft_public, public))

    def are_ready(self) -> bool:
        """Return whether an earlier run had made everything.

        Raises:
            RefusedError: If it had made another book.
        """
        content = smallfiles.read(self._note, most=LARGEST)
        if content is None:
            return False
        try:
            said = decode(content)
        except MalformedError:
            raise RefusedError("init.note-damaged", path=str(self._note)) from None
        genesis = said.pop("genesis", None) if isinstance(said, dict) else None
        if said != self._said() or not isinstance(genesis, str):
            raise RefusedError("init.other-unfinished", path=str(self._folder))
        if self._database.exists():
            return True
        # It had its place. Where it is no more, somebody has taken it elsewhere.
        return os.path.lexists(self._places.database) and (
            _read_back(self._places.database)[0].leaf.hex() == genesis
        )

    def _said(self) -> dict[str, Json]:
        key = self._places.state_key
        lost = self._founding.successor_of
        return {
            "schema": SCHEMA,
            "name": self._founding.name,
            "state": self._founding.state,
            "zone": self._founding.zone,
            "clerk": self._founding.clerk,
            "recovery": "" if key is None else str(key.resolve()),
            **({} if lost is None else {"successor_of": data_of(lost)}),
        }

    def make(self, *, passphrase: bytes, now: datetime, rounds: int) -> None:
        """Make everything and put it in its place, or leave nothing.

        Raises:
            RefusedError, RewrittenError: If a place is taken.
        """
        self._check_places()
        self._clear()
        try:
            signers = self._make_keys(passphrase, rounds=rounds)
            genesis = self._make_database(signers, now=now)
            smallfiles.replace(
                self._note,
                encode({**self._said(), "genesis": genesis.hex()}),
                temporary=self._folder / f"{NOTE}.new",
            )
            self.put_in_place()
        except BaseException:
            self._take_back()
            raise

    def unlock(self, passphrase: bytes) -> None:
        """Raise a LockedError unless the keys were made with this passphrase."""
        drafted = self._database.exists()
        _, keys = _read_back(self._database if drafted else self._places.database)
        key = dict(keys)["state"]
        _, draft, private = self._keys[0]
        at = draft if draft.exists() else private
        load_signer(self._places.keys, key=key, passphrase=passphrase, at=at)

    def _check_places(self) -> None:
        """Refuse places that are taken before the slow work begins."""
        if os.path.lexists(self._places.database):
            raise RefusedError("init.exists")
        if WatermarkFile(self._places.memory).read() is not None:
            raise RewrittenError("init.remembered")
        for name, _, final in self._keys:
            if os.path.lexists(final):
                raise RefusedError("keys.exists", name=name)

    def _make_keys(self, passphrase: bytes, *, rounds: int) -> dict[Role, Signer]:
        key = self._places.state_key
        _, draft, _ = self._keys[0]
        if key is not None and key.is_dir():
            smallfiles.make_folder(draft.parent)
        smallfiles.make_folder(self._folder)
        signers: dict[Role, Signer] = {}
        for role, name, algorithm in self._founding.key_names():
            at = draft if role == "state" and key is not None else None
            made = create_key(
                self._folder,
                name=name,
                algorithm=algorithm,
                passphrase=passphrase,
                at=at,
                rounds=rounds,
            )
            signers[role] = load_signer(
                self._folder, key=made, passphrase=passphrase, at=at
            )
        return signers

    def _make_database(self, signers: dict[Role, Signer], *, now: datetime) -> bytes:
        founding = self._founding
        note = compose_genesis(founding, signers, now=now)
        genesis = read_entry(Row(0, None, leaf(note), note))
        smallfiles.make_folder(self._database.parent)
        journal = Journal.make(
            self._database,
            name=founding.name,
            state=founding.state,
            genesis=genesis.leaf,
        )
        with closing(journal), journal.writing():
            journal.append(seq=0, once=genesis.once, note=note)
            project(journal, genesis)
        return genesis.leaf

    def put_in_place(self, *, finishing: bool = False) -> None:
        """Give every piece its name, the book last, and remember the book.

        Args:
            finishing: An earlier run may have died while it took a name.

        Raises:
            RefusedError: If a name was taken meanwhile.
        """
        for draft, final in self._pieces():
            if not draft.exists():
                continue
            smallfiles.make_folder(final.parent)
            if finishing and final.is_file() and not final.stat().st_size:
                final.unlink()  # the name was taken with an empty file
            try:
                put_in_place(draft, final)
            except FileExistsError:
                raise RefusedError("init.taken", path=str(final)) from None
        with closing(Journal.open(self._places.database, write=False)) as journal:
            book = journal.book
            root = journal.root(1).hex()
        mark = Watermark(book.name, book.genesis.hex(), size=1, root=root)
        WatermarkFile(self._places.memory).remember(mark)

    def _pieces(self) -> list[tuple[Path, Path]]:
        keys = [(draft, final) for _, draft, final in self._keys]
        return [*keys, (self._database, self._places.database)]

    def _take_back(self) -> None:
        """Undo what this run put in place, and delete the drafts."""
        if self._note.exists():
            for draft, final in reversed(self._pieces()):
                if not draft.exists():
                    final.replace(draft)
        self._clear()

    def _clear(self) -> None:
        """Delete drafts that no book has ever used."""
        _remove(self._note)
        _remove_folder(self._folder)
        _, draft, _ = self._keys[0]
        for path in (draft, self._database):
            _remove(path)
        _remove(self._database.with_name(f"{self._database.name}-journal"))


def _draft(path: Path) -> Path:
    """Return the name under which a file is made beside its place."""
    return path.with_name(f".{path.name}.new")


def _remove(path: Path) -> None:
    """Delete a file, if it and its folder are there."""
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
        smallfiles.sync_folder(folder.parent)


def _read_back(
    database: Path,
) -> tuple[Logged, tuple[tuple[Role, VerifyKey], ...]]:
    """Return the first entry of a database, and the keys that it lists.

    Raises:
        TamperedError: If its first entry is none.
    """
    with closing(Journal.open(database, write=False)) as journal:
        row = journal.row(0)
    if row is None:
        raise TamperedError("store.entry-missing", seq=0)
    genesis = read_entry(row)
    if not isinstance(genesis.record, Genesis):
        raise TamperedError("store.entry-unreadable", seq=0)
    keys = [(key.role, VerifyKey.parse(key.vkey)) for key in genesis.record.keys]
    return genesis, tuple(keys)
