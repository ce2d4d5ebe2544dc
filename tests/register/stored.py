"""Books on disk, for tests: an office's notes, kept as the program keeps them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ledger.register.checking import Report, verify
from ledger.register.opening import Places, Register, open_register
from ledger.store.intake import project, take_in
from ledger.store.journal import Journal
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.books import Writer, book, plausible
from tests.office import Office

LENGTH = 60
SIGNED = 40
"""Entries of the usual book, and how many of them its log key signed for."""

TRANSFER: dict[str, Json] = {
    "origin": "US",
    "destination": "SV",
    "group": {"label": "alleged members", "said_by": "US"},
    "persons": {"n": 238, "qualifier": "exact"},
    "departures": [{"at": "2025-03-15T17:26-04:00"}],
    "facility": {"name": "CECOT", "zone": "America/El_Salvador"},
    "term": {"reading": "fixed", "length": "P1Y"},
    "renewable": "yes",
}
"""What a clerk asks for, to record a departure."""


def asked(n: int) -> dict[str, Json]:
    """Return a request for a departure of so many persons."""
    return {**TRANSFER, "persons": {"n": n, "qualifier": "exact"}}


def places(folder: Path) -> Places:
    """Return where an office in one folder keeps its files."""
    return Places(folder / "book.ledger", folder / "keys", folder / "state")


def make(office: Office, database: Path) -> Journal:
    """Make the database of an office, with all its entries; fast, not durable."""
    genesis = office.history.entries[0]
    journal = Journal.make(
        database, name=office.book, state=office.state, genesis=genesis.leaf
    )
    journal.connection.execute("PRAGMA synchronous=OFF")
    keep(journal, office)
    return journal


def keep(journal: Journal, office: Office) -> None:
    """Keep the entries of an office that its database does not have yet."""
    with journal.writing():
        for seq, note in enumerate(office.notes):
            if seq < journal.size():
                continue
            entry = office.history.entries.get(seq)
            if entry is None:
                insert(journal.connection, seq, note)
                take_in(journal)
            else:
                journal.append(seq=seq, once=entry.once, note=note)
                project(journal, entry)


def insert(
    connection: sqlite3.Connection, seq: int, note: bytes, *, once: str | None = None
) -> None:
    """Insert a row round the program, its leaf hash as it should be."""
    connection.execute(
        "INSERT INTO entry (book, seq, once, leaf, note) VALUES (1, ?, ?, ?, ?)",
        (seq, once, merkle.leaf_hash(note), note),
    )


@cache
def storable(number: int) -> Office:
    """Return one of the generated books that fit into a database; only read it.

    No table holds an entry without any byte, which some of the books have.
    """
    seeds = (seed for seed in count() if b"" not in book(seed).notes)
    return book(next(islice(seeds, number, None)))


def image_of(
    office: Office, *, signed: int = 0, kept: bytes = b"", size: int = 0
) -> bytes:
    """Return the bytes of an office's database, with a checkpoint perhaps.

    Args:
        office: Whose entries are kept.
        signed: Size of a checkpoint that its log key signs.
        kept: A checkpoint that is kept instead.
        size: And its size.
    """
    with TemporaryDirectory() as name:
        database = Path(name) / "book"
        journal = make(office, database)
        if signed:
            checkpoint = Checkpoint(office.book, signed, journal.root(signed))
            kept, size = sign_checkpoint(checkpoint, office.keys["log"]), signed
        if kept:
            journal.keep_checkpoint(size=size, note=kept)
        journal.close()
        return database.read_bytes()


@cache
def first_office() -> Office:
    """Return an office that has done nothing yet: read it, never write."""
    return Office()


@cache
def first_image() -> bytes:
    """Return the database of `first_office`."""
    return image_of(first_office())


@cache
def usual_office() -> Office:
    """Return the office of the usual book: every kind, no void entry; only read it."""
    for seed in range(32, 132):
        office = plausible(seed, entries=LENGTH)
        kinds = {entry.kind for entry in office.history.entries.values()}
        if not office.history.voids and len(kinds) == KINDS_IN_USE:
            return office
    raise AssertionError


KINDS_IN_USE = 12


@cache
def usual_image() -> bytes:
    """Return the database of the usual book."""
    return image_of(usual_office(), signed=SIGNED)


def lay(folder: Path, image: bytes) -> Places:
    """Put a database into a folder, with nothing remembered of it."""
    there = places(folder)
    there.database.write_bytes(image)
    return there


def usual(folder: Path) -> Places:
    """Put the usual book into a folder."""
    return lay(folder, usual_image())


def remember(there: Places, office: Office, *, size: int) -> None:
    """Remember how far the book of an office had come."""
    leaves = [merkle.leaf_hash(note) for note in office.notes[:size]]
    genesis = office.history.entries[0].leaf.hex()
    mark = Watermark(office.book, genesis, size, merkle.root(leaves).hex())
    WatermarkFile(there.memory).advance(mark)


@contextmanager
def opened(there: Places, *, write: bool = True) -> Iterator[Register]:
    """Open a book as the program does, with a short wait for locks, undurable."""
    with open_register(there, write=write) as register:
        register.journal.connection.execute("PRAGMA busy_timeout=50")
        register.journal.connection.execute("PRAGMA synchronous=OFF")
        yield register


@contextmanager
def tampering(database: Path) -> Iterator[sqlite3.Connection]:
    """Change a database as whoever owns the file can; then put its guards back."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=OFF")
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    for _, sql in guards:
        connection.execute(sql)
    connection.commit()
    connection.close()


def checked(there: Places) -> Report:
    """Verify a book; whatever comes of it, findings are in their order."""
    report = verify(there)
    orders = [finding.order for finding in report.findings]
    assert orders == sorted(orders)
    if report.findings:
        assert report.exit_code == report.findings[0].exit_code
    return report


def garbage(seed: int) -> bytes:
    """Return bytes that are no entry."""
    return Random(seed).randbytes(40)  # noqa: S311 (nothing here is secret)


def writer(office: Office) -> Writer:
    """Return who writes more into an office's book, the same each time."""
    return Writer(office, Random(7))  # noqa: S311 (nothing here is secret)
