"""The law: the database itself refuses to change what a book is."""

# ruff: noqa: S608 (tables and values are those of the test)

import sqlite3
from pathlib import Path

import pytest

from ledger.store.guards import (
    GUARDS,
    SCHEMA_DIGEST,
    digest,
    expected_objects,
    folded,
    objects,
)
from tests.register.stored import LENGTH, usual

KEYS = {
    "book": "id",
    "entry": "book, seq",
    "node": "book, level, number",
    "checkpoint": "id",
}


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    """A stranger's connection: SQLite's own settings, which fire fewer triggers."""
    return sqlite3.connect(usual(tmp_path).database, isolation_level=None)


def refused(connection: sqlite3.Connection, sql: str) -> str:
    before = list(connection.iterdump())
    with pytest.raises(sqlite3.IntegrityError) as error:
        connection.execute(sql)
    assert list(connection.iterdump()) == before
    connection.close()
    return str(error.value)


@pytest.mark.parametrize("table", KEYS)
def test_no_row_of_a_book_is_updated(
    connection: sqlite3.Connection, table: str
) -> None:
    column = KEYS[table].rpartition(" ")[2]

    said = refused(connection, f"UPDATE {table} SET {column} = {column}")

    assert said == f"a row of {table} is never changed"


@pytest.mark.parametrize("table", KEYS)
def test_no_row_of_a_book_is_deleted(
    connection: sqlite3.Connection, table: str
) -> None:
    said = refused(connection, f"DELETE FROM {table}")

    assert said == f"a row of {table} is never changed"


@pytest.mark.parametrize("verb", ["REPLACE INTO", "INSERT OR REPLACE INTO"])
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("book", "a row of book is there"),
        ("entry", "not the next entry"),
        ("node", "not a tree hash that an entry completes"),
        ("checkpoint", "a row of checkpoint is there"),
    ],
)
def test_no_row_of_a_book_is_replaced(
    connection: sqlite3.Connection, table: str, reason: str, verb: str
) -> None:
    said = refused(connection, f"{verb} {table} SELECT * FROM {table} LIMIT 1")

    assert said == reason


@pytest.mark.parametrize("seq", [LENGTH - 1, LENGTH + 1, -1, 10**9])
def test_only_the_next_entry_is_inserted(
    connection: sqlite3.Connection, seq: int
) -> None:
    said = refused(
        connection,
        "INSERT INTO entry (book, seq, once, leaf, note) "
        f"VALUES (1, {seq}, NULL, zeroblob(32), 'x')".replace("'x'", "x'00'"),
    )

    assert said == "not the next entry"


@pytest.mark.parametrize(
    ("level", "number"), [(1, LENGTH // 2), (3, LENGTH // 8), (62, 0), (5, 10**9)]
)
def test_no_tree_hash_is_inserted_before_its_entries(
    connection: sqlite3.Connection, level: int, number: int
) -> None:
    said = refused(
        connection, f"INSERT INTO node VALUES (1, {level}, {number}, zeroblob(32))"
    )

    assert said == "not a tree hash that an entry completes"


@pytest.mark.parametrize(("level", "number"), [(0, 0), (63, 0), (1, -1)])
def test_no_tree_has_such_a_hash(
    connection: sqlite3.Connection, level: int, number: int
) -> None:
    said = refused(
        connection, f"INSERT INTO node VALUES (1, {level}, {number}, zeroblob(32))"
    )

    assert said.startswith("CHECK constraint failed")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO entry VALUES (1, 60, NULL, zeroblob(31), x'00')",
        "INSERT INTO entry VALUES (1, 60, NULL, zeroblob(32), x'')",
        "INSERT INTO entry VALUES (1, 60, NULL, zeroblob(32), zeroblob(65536))",
        "INSERT INTO entry VALUES (1, 60, NULL, zeroblob(32), 'text')",
        "INSERT INTO entry VALUES (1, 60, NULL, zeroblob(32), NULL)",
        "INSERT INTO entry VALUES (1, 60, x'00', zeroblob(32), x'00')",
        "INSERT INTO checkpoint VALUES (9, 1, 'two', x'00')",
        "INSERT INTO payment VALUES (1, 1, 's', 'USD', 'x', '', '', '', '')",
    ],
)
def test_a_row_has_the_types_and_sizes_that_its_table_says(
    connection: sqlite3.Connection, sql: str
) -> None:
    assert refused(connection, sql)


def test_each_guard_is_named_for_its_table_and_what_it_refuses() -> None:
    names = {guard.split()[2] for guard in GUARDS}

    assert names == {
        f"guard_{table}_{action}"
        for table in KEYS
        for action in ("insert", "update", "delete")
    }


def test_the_digest_is_of_the_tables_and_guards_of_this_program() -> None:
    assert digest(expected_objects()) == SCHEMA_DIGEST


def test_a_new_database_has_exactly_the_tables_and_guards(
    connection: sqlite3.Connection,
) -> None:
    assert objects(connection) == expected_objects()


def test_the_digest_changes_with_every_object() -> None:
    whole = expected_objects()
    digests = {digest(whole)}

    for name in whole:
        digests.add(digest({n: sql for n, sql in whole.items() if n != name}))
        digests.add(digest({**whole, name: f"{whole[name]} "}))

    assert len(digests) == 1 + 2 * len(whole)


def test_a_temporary_trigger_is_an_object_too(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TEMP TRIGGER eats BEFORE INSERT ON entry "
        "BEGIN SELECT RAISE(IGNORE); END"
    )

    assert set(objects(connection)) - set(expected_objects()) == {"temp.eats"}


def test_white_space_in_sql_does_not_matter() -> None:
    assert folded("CREATE  TABLE a (\n\tb INTEGER\n)\n") == "CREATE TABLE a (b INTEGER)"
