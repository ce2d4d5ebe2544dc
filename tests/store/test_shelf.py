"""The law: a history that keeps its entries on disk is the one that has them all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.domain.history import History
from ledger.domain.judging import judge
from ledger.errors import TamperedError
from ledger.store.journal import Journal
from ledger.store.shelf import Onces, Shelf, shelved
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    insert,
    lay,
    storable,
    tampering,
    usual,
    usual_office,
)
from tests.register.stored import image_of as image


@contextmanager
def shelf_of(
    database: Path, office: Office, *, stop: int | None = None, most: int = 3
) -> Iterator[tuple[Journal, History]]:
    """Take all entries of an office as they are judged, few of them kept at hand."""
    journal = Journal.open(database, write=False)
    history = shelved(
        History(book=office.book),
        journal,
        stop=journal.size() if stop is None else stop,
    )
    entries, onces = history.entries, history.onces
    assert isinstance(entries, Shelf)
    assert isinstance(onces, Onces)
    entries._most = most  # noqa: SLF001
    for row in journal.rows(0, journal.size()):
        entries.coming(row)
        onces.coming(row)
        judged = judge(row.note, history=history, check=lambda *_: None)
        if row.seq in office.history.voids:
            history.add_void(office.history.voids[row.seq])
        else:
            assert judged == office.history.entries[row.seq]
            history.add(office.history.entries[row.seq])
    try:
        yield journal, history
    finally:
        journal.close()


@pytest.mark.parametrize("number", range(4))
def test_it_says_of_a_book_what_one_in_memory_says(number: int, tmp_path: Path) -> None:
    office = storable(number)
    there = lay(tmp_path, image(office))
    plain = office.history

    with shelf_of(there.database, office) as (_, history):
        assert history.entries == plain.entries
        assert dict(history.by_ref) == plain.by_ref
        assert dict(history.refs) == plain.refs
        assert dict(history.opened) == plain.opened
        assert history.voids == plain.voids
        assert all(history.worth(s) == plain.worth(s) for s in plain.entries)
        assert {r: history.pool_of(r) for r in plain.opened} == {
            r: plain.pool_of(r) for r in plain.opened
        }


def test_what_is_no_valid_entry_is_not_there(tmp_path: Path) -> None:
    there = usual(tmp_path)

    with shelf_of(there.database, usual_office()) as (_, history):
        assert LENGTH not in history.entries
        assert "T-1" not in list[object](history.entries)
        assert history.entries.get(LENGTH) is None
        with pytest.raises(KeyError):
            history.entries[LENGTH]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM entry WHERE seq = 0",
        "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 0",
        "UPDATE entry SET note = (SELECT note FROM entry WHERE seq = 1) WHERE seq = 0",
    ],
)
def test_an_entry_is_not_believed_when_its_row_is_another_than_was_judged(
    change: str, tmp_path: Path
) -> None:
    there = usual(tmp_path)

    with shelf_of(there.database, usual_office()) as (_, history):
        with tampering(there.database) as connection:
            connection.execute(change)

        with pytest.raises(TamperedError) as caught:
            history.entries[0]

    assert (caught.value.code, caught.value.values) == (
        "store.entry-missing",
        {"seq": 0},
    )


def test_of_two_rows_with_one_number_the_one_that_was_judged_is_read(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)

    with shelf_of(there.database, usual_office()) as (_, history):
        with tampering(there.database) as connection:
            connection.executescript(
                "CREATE TABLE loose AS SELECT * FROM entry WHERE seq = 1;"
                "UPDATE loose SET seq = 0;"
                "INSERT INTO loose SELECT * FROM entry;"
                "DROP TABLE entry; ALTER TABLE loose RENAME TO entry;"
            )

        assert history.entries[0] == usual_office().history.entries[0]


def repeated(database: Path) -> None:
    """Insert an entry again under the next number: it has the id of another."""
    with tampering(database) as connection:
        insert(connection, LENGTH, usual_office().notes[7])


@pytest.mark.parametrize("stop", [LENGTH, LENGTH + 1])
def test_an_id_that_comes_twice_is_known_when_it_comes_again(
    stop: int, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    office = usual_office()
    repeated(there.database)
    journal = Journal.open(there.database, write=False)
    history = shelved(History(book=office.book), journal, stop=stop)
    assert isinstance(history.entries, Shelf)
    assert isinstance(history.onces, Onces)
    for row in journal.rows(0, LENGTH):
        history.entries.coming(row)
        history.onces.coming(row)
        history.add(office.history.entries[row.seq])

    last = journal.row(LENGTH)
    assert last is not None
    history.onces.coming(last)
    journal.close()

    assert dict(history.onces) == {office.history.entries[7].once: 7}


def test_looking_ahead_stops_where_the_book_cannot_be_read(tmp_path: Path) -> None:
    there = usual(tmp_path)
    journal = Journal.open(there.database, write=False)
    with tampering(there.database) as connection:
        connection.execute("ALTER TABLE entry RENAME COLUMN note TO gone")

    history = shelved(History(book="us.example/book"), journal, stop=LENGTH)
    journal.close()

    assert dict(history.onces) == {}
    with pytest.raises(sqlite3.ProgrammingError):
        journal.connection.execute("SELECT 1")
