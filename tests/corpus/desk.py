"""What a tamperer has on the desk: a fresh copy of the base book, and all its keys.

A case takes the copy, does to it what its docstring says, and states what a
verification must find first.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.audit import Level
from ledger.register.opening import Places
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog import merkle
from ledger.tlog.entry import HEADER, ZERO
from ledger.tlog.note import Ed25519Signer, sign_note
from tests.corpus.base import (
    LAST,
    Body,
    base_image,
    base_office,
    checkpoint_of,
    insert_row,
    write_database,
)
from tests.office import Office


@dataclass(slots=True)
class Desk:
    """A copy of the base book in a folder of its own, and what one can do to it.

    Attributes:
        folder: The folder; the database is `book.ledger` in it.
        trusted: A checkpoint that the verifier got from elsewhere, if any.
    """

    folder: Path
    trusted: bytes | None = None

    @property
    def places(self) -> Places:
        """Where the office's files are."""
        return Places(self.database, self.folder / "keys", self.folder / "state")

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "book.ledger"

    @property
    def office(self) -> Office:
        """The office of the base book; it is only read."""
        return base_office()

    def run(self, sql: str, *values: object) -> None:
        """Do one statement with the guards taken away, and put them back."""
        self.run_many((sql, values))

    def run_many(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """Do some statements with the guards taken away, and put them back."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            select = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
            guards = connection.execute(select).fetchall()
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for sql, values in statements:
                connection.execute(sql, values)
            for _, sql in guards:
                connection.execute(sql)
            connection.commit()

    def run_bare(self, script: str) -> None:
        """Do some statements as whoever owns the file can, guards in force."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(f"PRAGMA synchronous=OFF; {script}")

    def notes(self) -> list[bytes]:
        """Return the stored bytes of all entries."""
        with closing(sqlite3.connect(self.database)) as connection:
            sql = "SELECT note FROM entry ORDER BY seq"
            return [note for (note,) in connection.execute(sql)]

    def body(self, seq: int) -> Body:
        """Return what a stored entry says."""
        body: Body = json.loads(self.office.notes[seq].split(b"\n")[1])
        return body

    def next_body(self, **members: Any) -> Body:
        """Return what a sound next entry would say: a remark."""
        notes = self.notes()
        return {
            **self.body(LAST),
            "once": f"{len(notes) + 1:032x}",
            "prev": merkle.leaf_hash(notes[-1]).hex() if notes else ZERO.hex(),
            "seq": len(notes),
            **members,
        }

    def sign(self, body: Body | bytes, key: Ed25519Signer | None = None) -> bytes:
        """Return a note of a body, or of bytes in its place, by any key."""
        spelt = body if isinstance(body, bytes) else spell(body)
        chosen = key or self.office.keys["clerk"]
        return sign_note(f"{HEADER}\n{spelt.decode()}\n", chosen)

    def insert(self, note: bytes) -> None:
        """Insert a note as the next entry, as the guards allow."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            (seq,) = connection.execute("SELECT count(*) FROM entry").fetchone()
            connection.execute("PRAGMA ignore_check_constraints=ON")
            insert_row(connection, seq, note)
            connection.commit()

    def replace(self, seq: int, note: bytes) -> None:
        """Put other bytes in the place of an entry, with their leaf hash."""
        leaf = merkle.leaf_hash(note)
        sql = "UPDATE entry SET note = ?, leaf = ? WHERE seq = ?"
        self.run(sql, note, leaf, seq)

    def relink(
        self,
        start: int,
        edit: Callable[[Body], None],
        *stolen: Ed25519Signer,
        signed: int = 0,
        keep: bool = True,
    ) -> None:
        """Edit an entry, link and re-sign all after it, and rebuild the database.

        Args:
            start: The entry.
            edit: What to change in its body.
            stolen: The keys at hand; entries of other keys keep their signature lines.
            signed: Entries that a new checkpoint by the log key covers, if any.
            keep: Whether the old checkpoints are put back.
        """
        keys = {key.key.name: key for key in stolen}
        notes = self.notes()
        for seq in range(start, len(notes)):
            body: Body = json.loads(notes[seq].split(b"\n")[1])
            if seq == start:
                edit(body)
            else:
                body["prev"] = merkle.leaf_hash(notes[seq - 1]).hex()
            repoint(body["data"], notes)
            if body["by"] in keys:
                notes[seq] = self.sign(body, keys[body["by"]])
            else:
                line = notes[seq].rpartition(b"\n\n")[2]
                notes[seq] = f"{HEADER}\n".encode() + spell(body) + b"\n\n" + line
        self.rewrite(notes, signed=signed, keep=keep)

    def rewrite(
        self,
        notes: list[bytes],
        *,
        signed: int = 0,
        keep: bool = False,
        name: str = "",
        log: Ed25519Signer | None = None,
    ) -> None:
        """Write the whole database anew from other notes."""
        kept = self.checkpoints() if keep else []
        self.database.unlink()
        write_database(self.database, notes, name=name)
        if signed:
            key = log or self.office.keys["log"]
            kept.append((signed, checkpoint_of(notes, signed, key)))
        for size, note in kept:
            sql = "INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)"
            self.run(sql, size, note)

    def checkpoints(self) -> list[tuple[int, bytes]]:
        """Return the kept checkpoints with their sizes."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute("SELECT size, note FROM checkpoint").fetchall()

    def remember(self) -> None:
        """Let this machine remember the base book at its full length."""
        notes = self.office.notes
        leaves = [merkle.leaf_hash(note) for note in notes]
        root = merkle.root(leaves).hex()
        mark = Watermark(self.office.book, leaves[0].hex(), len(notes), root)
        WatermarkFile(self.places.memory).advance(mark)


def repoint(data: object, notes: list[bytes]) -> None:
    """Let every citation of an entry name the leaf that the entry has now."""
    match data:
        case {"ledger": _, "seq": int(seq), "leaf": _}:
            assert isinstance(data, dict)
            data["leaf"] = merkle.leaf_hash(notes[seq]).hex()
        case dict():
            for value in data.values():
                repoint(value, notes)
        case list():
            for value in data:
                repoint(value, notes)
        case _:
            pass


def spell(value: object) -> bytes:
    """Return the canonical JSON of a value, also of one that has none by the rules."""
    separators = (",", ":")
    text = json.dumps(value, sort_keys=True, separators=separators, ensure_ascii=False)
    return text.encode()


def lay(folder: Path) -> Desk:
    """Put a copy of the base book into a folder."""
    desk = Desk(folder)
    desk.database.write_bytes(base_image())
    return desk


@dataclass(frozen=True, slots=True)
class Case:
    """A book that somebody tampered with, or an honest one.

    Attributes:
        name: What was done, as words.
        do: Does it to a fresh copy.
        exit_code: What verification must exit with.
        seq: Where the first finding must be; None where no entry can be named.
        level: The level of the first finding; None for none.
        memory: Whether this machine remembers the book as it was.
        pin: Whether the genesis is known from elsewhere.
    """

    name: str
    do: Callable[[Desk], None]
    exit_code: int = 0
    seq: int | None = None
    level: Level | None = None
    memory: bool = True
    pin: bool = False


class Cases(list[Case]):
    """The cases of one module, in order."""

    def tampered(
        self,
        exit_code: int,
        level: Level | None,
        seq: int | None,
        *,
        memory: bool = True,
        pin: bool = False,
    ) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
        """Register a function as a case that must be found like this."""

        def register(do: Callable[[Desk], None]) -> Callable[[Desk], None]:
            name = do.__name__.strip("_").replace("_", " ")
            self.append(Case(name, do, exit_code, seq, level, memory, pin))
            return do

        return register

    def honest(
        self, *, memory: bool = True, pin: bool = True
    ) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
        """Register a function as a case in which nothing must be found."""
        return self.tampered(0, None, None, memory=memory, pin=pin)

    def add(
        self,
        name: str,
        do: Callable[[Desk], None],
        found: tuple[int, Level | None, int | None],
        *,
        memory: bool = True,
    ) -> None:
        """Register a case that is one of a row of like ones."""
        exit_code, level, seq = found
        self.append(Case(name, do, exit_code, seq, level, memory))
