"""The base book, written once: forty entries in a real database.

It has checkpoints of 12 and 24 entries, a clerk's key that was added, one that was
retired and one that was revoked. Keys are made from seeds: nothing waits for a
passphrase.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ledger.domain.history import History, Logged
from ledger.domain.judging import judge
from ledger.store.intake import project, take_in
from ledger.store.journal import Journal
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.note import Ed25519Signer
from tests.office import Office, signer

Body = dict[str, Any]

ENTRIES = 40
SIGNED = 24
"""Entries of the base book, and how many the last checkpoint in it covers."""

TRANSFER, RECEIPT, PAYMENT = 2, 3, 4
ADDED, RETIRED, REVOKED = 9, 15, 18
REMARK, REMARK_AFTER = 21, 33
LAST = ENTRIES - 1

ADDED_CLERK = signer("us.example/clerk-08", 61)
RETIRED_CLERK = signer("us.example/clerk-09", 62)
REVOKED_CLERK = signer("us.example/clerk-66", 63)
STRANGER = signer("us.example/clerk-13", 64)


@cache
def base_office() -> Office:
    """Return the office of the base book: read it, never write."""
    office = Office()
    office.instrument()
    office.transfer()
    office.receipt("T-1", 238)
    office.payment(["T-1"], "4760000.00")
    office.transfer(persons={"n": 23, "qualifier": "about"})
    office.receipt("T-2", 22, more_to_come=True)
    office.remark(5)
    office.claim(2, "/persons/n", 252)
    _add_key(office, ADDED_CLERK)
    _by_clerk(office, ADDED_CLERK, "T-3", 17)
    office.receipt("T-3", 17)
    office.renewal("T-1", 100)
    _add_key(office, RETIRED_CLERK)
    office.write("remark", _remark(office, 3), by=RETIRED_CLERK)
    _end_key(office, RETIRED_CLERK, "retire")
    _add_key(office, REVOKED_CLERK)
    office.write("remark", _remark(office, 4), by=REVOKED_CLERK)
    _end_key(office, REVOKED_CLERK, "revoke", reason="lost")
    office.correct(2, {"path": "/persons/n", "old": 238, "new": 240})
    office.exit(["T-1"], 130, "2026-03-12")
    office.remark(2)
    office.payment(["T-2"], "12000.00")
    office.instrument(title="Memorandum")
    assert len(office.notes) == SIGNED
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-4", 10)
    office.renewal("T-2", 20)
    office.exit(["T-1", "T-2"], 12, "2026-04-02")
    office.remark(24)
    office.claim(24, "/persons/n", 11)
    office.retract(28)
    office.payment(["T-3", "T-4"], "90000.00", stage="commitment")
    office.exit(["T-3"], 2, "2026-04-03", how="died")
    office.remark(25)
    _by_clerk(office, ADDED_CLERK, "T-5", 8)
    office.remark(34)
    office.remark(12)
    office.receipt("T-5", 8)
    office.remark(37)
    office.remark(2, 5)
    assert len(office.notes) == ENTRIES
    assert not office.history.voids
    return office


def _add_key(office: Office, key: Ed25519Signer) -> None:
    office.write("key", {"action": "add", **office.listing("clerk", key)})


def _end_key(office: Office, key: Ed25519Signer, how: str, **members: Json) -> None:
    data: Body = {"action": how, "role": "clerk", "vkey": key.key.format(), **members}
    office.write("key", data)


def _remark(office: Office, seq: int) -> dict[str, Json]:
    return {
        "about": [office.cite_entry(seq)],
        "type": "variance",
        "text": "counted again",
        "asserted_by": office.state,
        "status": "official",
    }


def _by_clerk(office: Office, key: Ed25519Signer, ref: str, persons: int) -> None:
    usual = office.keys["clerk"]
    office.keys["clerk"] = key
    office.transfer(ref=ref, persons={"n": persons, "qualifier": "exact"})
    office.keys["clerk"] = usual


@cache
def base_image() -> bytes:
    """Return the database of the base book, with checkpoints of 12 and 24 entries."""
    folder = Path(mkdtemp())
    try:
        database = folder / "base"
        write_database(database, base_office().notes)
        with closing(sqlite3.connect(database)) as connection:
            for size in (12, SIGNED):
                _keep_checkpoint(connection, base_office().notes, size)
        return database.read_bytes()
    finally:
        shutil.rmtree(folder)


def _keep_checkpoint(
    connection: sqlite3.Connection, notes: list[bytes], size: int
) -> None:
    note = checkpoint_of(notes, size, base_office().keys["log"])
    sql = "INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)"
    connection.execute(sql, (size, note))
    connection.commit()


def checkpoint_of(notes: Iterable[bytes], size: int, key: Ed25519Signer) -> bytes:
    """Return a signed checkpoint of the first entries."""
    root = merkle.root([merkle.leaf_hash(note) for note in [*notes][:size]])
    return sign_checkpoint(Checkpoint(key.key.name, size, root), key)


def write_database(database: Path, notes: list[bytes], *, name: str = "") -> None:
    """Write a whole database as the program does; void entries are taken in."""
    name = name or base_office().book
    journal = Journal.make(
        database, name=name, state="US", genesis=merkle.leaf_hash(notes[0])
    )
    journal.connection.execute("PRAGMA synchronous=OFF")
    history = History(book=name)
    with journal.writing():
        for seq, note in enumerate(notes):
            entry = judge(note, history=history)
            if isinstance(entry, Logged):
                history.add(entry)
                journal.append(seq=seq, once=entry.once, note=note)
                project(journal, entry)
            else:
                history.add_void(entry)
                insert_row(journal.connection, seq, note)
                take_in(journal)
    journal.close()


def insert_row(connection: sqlite3.Connection, seq: int, note: bytes) -> None:
    """Insert an entry round the program, with leaf hash and id as in its bytes."""
    found = re.search(rb'"once":"([0-9a-f]{32})"', note)
    once = found[1].decode() if found else None
    connection.execute(
        "INSERT INTO entry (book, seq, once, leaf, note) VALUES (1, ?, ?, ?, ?)",
        (seq, once, merkle.leaf_hash(note), note),
    )
