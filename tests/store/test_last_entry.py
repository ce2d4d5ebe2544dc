"""The law: nothing is put after an entry that is not what it was when it came in."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.domain.entries import Void
from ledger.errors import RewrittenError, TamperedError
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store.guards import objects
from ledger.store.intake import take_in
from ledger.store.journal import Journal
from ledger.tlog import canonical, merkle
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    first_image,
    garbage,
    keep,
    lay,
    opened,
    tampering,
    usual,
    usual_office,
)


def taking_in(there: Places) -> str:
    """Return what keeps the program from putting anything after the last entry."""
    with (
        closing(Journal.open(there.database, write=True)) as journal,
        pytest.raises((RewrittenError, TamperedError)) as refused,
        journal.writing(),
    ):
        take_in(journal)
    assert refused.value.values == {"seq": LENGTH - 1}
    return refused.value.code


def resigned(note: bytes, **members: object) -> bytes:
    """Return an entry with other words, signed by the key of a stranger's making."""
    body = {**json.loads(note.split(b"\n")[1]), **members}
    text = note.split(b"\n")[0] + b"\n" + canonical.encode(body) + b"\n"
    return text + b"\n" + note.split(b"\n\n", 1)[1]


def test_an_unchanged_book_goes_on(tmp_path: Path) -> None:
    with opened(usual(tmp_path)) as register, register.journal.writing():
        assert take_in(register.journal) == []


def test_nothing_is_put_after_changed_bytes(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = CAST(replace(note, '2', '3') AS BLOB) "
            "WHERE seq = ?",
            (LENGTH - 1,),
        )

    assert taking_in(there) == "store.last-changed"


@pytest.mark.parametrize("change", ["words", "signer", "garbage", "earlier"])
def test_nothing_is_put_after_bytes_whose_hash_was_changed_with_them(
    change: str, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    note = usual_office().notes[-1]
    match change:
        case "words":
            note = resigned(note, once="0" * 32)
        case "signer":
            note = note.replace(b"/clerk-", b"/stranger-")
        case "garbage":
            note = b"not a page\n"
        case _:
            note = usual_office().notes[-2]
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = ?, leaf = ? WHERE seq = ?",
            (note, merkle.leaf_hash(note), LENGTH - 1),
        )

    assert taking_in(there) == "store.last-changed"


def test_nothing_is_put_after_an_entry_that_is_gone(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM entry WHERE seq = ?", (LENGTH - 1,))

    assert taking_in(there) == "store.entry-missing"


def test_nothing_is_put_after_an_entry_that_hides_another_one(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET seq = ? WHERE seq = ?", (LENGTH + 3, LENGTH - 1)
        )

    assert taking_in(there) == "store.entry-missing"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE heading SET at = '2000-01-01T00:00:00Z' WHERE seq = {last}",
        "UPDATE heading SET kind = 'remark', ref = 'T-77' WHERE seq = {last}",
        "UPDATE heading SET kind = NULL, fault = 'rules record.x' WHERE seq = {last}",
    ],
)
def test_nothing_is_put_after_a_heading_that_does_not_follow(
    sql: str, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(sql.format(last=LENGTH - 1))

    assert taking_in(there) == "store.last-derived"


def test_a_heading_whose_number_is_none_hides_nothing(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as book:
        (declared,) = book.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'heading'"
        ).fetchone()
    loose = declared.replace("INTEGER", "ANY").replace("seq ANY", "seq BLOB")
    _declare(there.database, loose.replace("STRICT", ""))
    with closing(sqlite3.connect(there.database)) as book, book:
        book.execute(
            "UPDATE heading SET seq = ? WHERE seq = ?", (f"{LENGTH - 1}x", LENGTH - 1)
        )
    _declare(there.database, declared)

    assert taking_in(there) == "store.last-derived"


def _declare(database: Path, sql: str) -> None:
    """Put another text in the schema for the same rows, as no program would."""
    with closing(sqlite3.connect(database)) as book, book:
        book.execute("PRAGMA writable_schema = ON")
        book.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'heading'", (sql,))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE counter SET number = number - 1 WHERE letter = 'T'",
        "DELETE FROM counter WHERE letter = 'T'",
        "DELETE FROM subject WHERE seq = {last}",
    ],
)
def test_nothing_is_put_after_a_number_that_is_forgotten(
    sql: str, tmp_path: Path
) -> None:
    there = lay(tmp_path, first_image())
    with opened(there) as register:
        office = Office()
        office.transfer()
        keep(register.journal, office)
    with tampering(there.database) as connection:
        connection.execute(sql.format(last=1))

    with opened(there) as register, register.journal.writing():
        with pytest.raises(TamperedError) as refused:
            take_in(register.journal)
        assert refused.value.code == "store.last-derived"


def add_garbage(there: Places, leaf: bytes | None = None) -> None:
    """Insert an entry round the program, with its leaf hash or with another one."""
    note = garbage(1)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.execute(
            "INSERT INTO entry (book, seq, once, leaf, note) VALUES (1, ?, NULL, ?, ?)",
            (LENGTH, leaf or merkle.leaf_hash(note), note),
        )
        connection.commit()


@pytest.mark.parametrize("leaf", [None, bytes(32)])
def test_a_void_entry_is_followed_by_others(leaf: bytes | None, tmp_path: Path) -> None:
    there = usual(tmp_path)
    add_garbage(there, leaf)

    for found in (1, 0):
        with opened(there) as register:
            with register.journal.writing():
                assert take_in(register.journal) == []
            assert len(register.taken_in) == found


def test_a_false_leaf_hash_beside_garbage_is_set_right_and_the_guard_is_back(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        before = objects(connection)
    add_garbage(there, bytes(32))
    with opened(there) as register:
        (taken,) = register.taken_in
        row = register.journal.row(LENGTH)
    with closing(sqlite3.connect(there.database)) as connection:
        after = objects(connection)

    assert row is not None
    assert isinstance(taken, Void)
    assert not taken.altered
    assert taken.leaf == row.leaf == merkle.leaf_hash(garbage(1))
    assert after == before
    assert [f.code for f in verify(there).findings if f.level == "bytes"] != []
