"""An entry out of somebody else's database: an error or bytes, never a hang."""

import sqlite3
from pathlib import Path

import pytest

from ledger.errors import LedgerError, NoBookError, RefusedError, TamperedError
from ledger.store import foreign
from ledger.store.foreign import entry_of
from tests.office import Office
from tests.register.stored import image_of


def kept(folder: Path) -> tuple[Office, Path]:
    office = Office()
    office.transfer()
    path = folder / "copy.sqlite"
    path.write_bytes(image_of(office))
    return office, path


def altered(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    guards = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    for (name,) in guards.fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_entry_is_read_with_its_leaf(tmp_path: Path) -> None:
    office, path = kept(tmp_path)

    found = entry_of(path, book=office.book, seq=1)
    entry = office.history.entries[1]
    assert found is not None
    assert (found.note, found.leaf) == (office.notes[1], entry.leaf)
    assert (found.beside["once"], found.beside["heading.kind"]) == (
        entry.once,
        "transfer",
    )
    assert entry_of(path, book=office.book, seq=2) is None


def test_a_database_of_another_book_is_refused(tmp_path: Path) -> None:
    _, path = kept(tmp_path)

    with pytest.raises(RefusedError) as caught:
        entry_of(path, book="sv.example/book", seq=1)
    assert caught.value.code == "compare.another-book"


def test_a_note_that_became_text_or_nothing_is_bytes(tmp_path: Path) -> None:
    office, path = kept(tmp_path)
    loose = "CREATE TABLE entry (book, seq, once, leaf, note)"
    row = "INSERT INTO entry VALUES (1, 1, NULL, 7, 'text')"
    altered(path, "DROP TABLE entry", loose, row)

    found = entry_of(path, book=office.book, seq=1)
    assert found is not None
    assert (found.note, found.leaf, found.beside["once"]) == (b"text", b"7", None)


ENDLESS = (
    "CREATE VIEW entry AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 "
    "FROM n) SELECT 1 AS book, -x AS seq, x AS leaf, x AS note FROM n"
)
HUGE = (
    "CREATE VIEW entry AS SELECT 1 AS book, 1 AS seq, 1 AS leaf, "
    "zeroblob(900000000) AS note"
)


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE entry",),
        ("DROP TABLE entry", ENDLESS),
        ("DROP TABLE entry", HUGE),
        ("DROP TABLE book",),
    ],
)
def test_a_hostile_database_ends_in_an_error(
    statements: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, path = kept(tmp_path)
    altered(path, "PRAGMA foreign_keys=OFF", *statements)
    monkeypatch.setattr(foreign, "STEPS", 100_000)

    with pytest.raises(TamperedError):
        entry_of(path, book=office.book, seq=1)


@pytest.mark.parametrize("place", range(0, 4096, 97))
def test_a_damaged_database_ends_in_an_error_or_in_bytes(
    place: int, tmp_path: Path
) -> None:
    office, path = kept(tmp_path)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 0xFF
    path.write_bytes(damaged)

    try:
        found = entry_of(path, book=office.book, seq=1)
    except LedgerError:
        return
    assert found is None or isinstance(found.note, bytes)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"SQLite format 3\x00")

    with pytest.raises(NoBookError):
        entry_of(tmp_path / "x", book="b", seq=1)
