"""The law: damage of any form ends in findings or in errors of ours, never a crash."""

# ruff: noqa: S608 (tables and values are those of the test)

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from ledger.cli import EXIT_CODES
from ledger.errors import LedgerError
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store.tables import METADATA
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.register.stored import (
    SIGNED,
    lay,
    tampering,
    usual,
    usual_image,
    usual_office,
)

PAGE = 4096
SEEDS = 200
SAID = {10, 11, 12, 15, 20, 21}
"""The exit codes that damage can end in; 0 where it says nothing at all."""

LOOSE = """
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(replace(
    sql, ', STRICT', ''), ' STRICT', ''), 'STRICT', ''), 'NOT NULL', '')
    WHERE type = 'table';
UPDATE sqlite_schema SET sql = replace(replace(replace(
    sql, ' INTEGER', ''), ' TEXT', ''), ' BLOB', '')
    WHERE type = 'table' AND name NOT IN ('book', 'checkpoint');
"""
VALUES = (
    *("NULL", "'text'", "7", "7.5", "-1", "4611686018427387904", "x''", "x'00'"),
    *("zeroblob(200000)", "CAST(x'FF41' AS TEXT)", "9e999"),
)
COLUMNS = [
    (table.name, column.name)
    for table in METADATA.sorted_tables
    for column in table.columns
]


def since() -> bytes:
    office = usual_office()
    leaves = [merkle.leaf_hash(note) for note in office.notes[:SIGNED]]
    checkpoint = Checkpoint(office.book, SIGNED, merkle.root(leaves))
    return sign_checkpoint(checkpoint, office.keys["log"])


def codes(there: Places) -> Iterator[int]:
    """Yield what verifying ends in, from the start and from a checkpoint on."""
    for note in (None, since()):
        try:
            yield verify(there, since=note).exit_code
        except LedgerError as error:
            yield EXIT_CODES[type(error)]


def damaged(image: bytes, seed: int) -> bytes:
    """Return a file with bytes, pages or its end changed, by the kind of the seed."""
    rng = Random(seed)  # noqa: S311 (nothing here is secret)
    data = bytearray(image)

    def page() -> int:
        return rng.randrange(len(image) // PAGE) * PAGE

    match seed % 4:
        case 0:
            for _ in range(rng.choice([1, 5, 50])):
                data[page() + rng.randrange(rng.choice([16, 256, PAGE]))] ^= 1 << (
                    rng.randrange(8)
                )
        case 1:
            del data[rng.randrange(len(data)) :]
        case 2:
            at = page()
            data[at : at + PAGE] = rng.choice([bytes(PAGE), rng.randbytes(PAGE)])
        case _:
            one, two = page(), page()
            data[one : one + PAGE], data[two : two + PAGE] = (
                data[two : two + PAGE],
                data[one : one + PAGE],
            )
    return bytes(data)


@pytest.mark.parametrize("first", range(0, SEEDS, 25))
def test_a_file_that_was_damaged_anywhere_never_ends_in_a_crash(
    first: int, tmp_path: Path
) -> None:
    for seed in range(first, first + 25):
        there = lay(tmp_path, damaged(usual_image(), seed))

        assert set(codes(there)) <= {0, *SAID}, seed


@pytest.mark.sweep
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_of_any_type_in_any_column_is_found(
    table: str, column: str, tmp_path: Path
) -> None:
    # Each column meets a third of the values, each value a third of the columns.
    for value in VALUES[COLUMNS.index((table, column)) % 3 :: 3]:
        there = usual(tmp_path)
        with closing(sqlite3.connect(there.database)) as connection:
            connection.executescript(LOOSE)
        try:
            put(there, table, column, value)
        except sqlite3.IntegrityError:
            continue  # the key of a table cannot be that
        assert next(codes(there)) in SAID, value


@pytest.mark.parametrize("column", ["name", "genesis"])
def test_a_row_of_the_book_of_another_type_is_damage(
    column: str, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.executescript(LOOSE)
    put(there, "book", column, "7")

    assert next(codes(there)) in SAID


def put(there: Places, table: str, column: str, value: str) -> None:
    """Put a value into a column of the row in the middle of a table."""
    with closing(sqlite3.connect(there.database)) as connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        key = ", ".join(name for _, name, _, _, _, part in columns if part)
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        rows = connection.execute(f"SELECT {key} FROM {table}").fetchall()
        marks = ", ".join("?" * len(rows[0]))
        connection.execute(
            f"UPDATE {table} SET {column} = {value} WHERE ({key}) = ({marks})",
            rows[len(rows) // 2],
        )
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("subject", "seq", "seq + 0.5"),
        ("heading", "fault", "7"),
        ("heading", "ref", "x'00'"),
    ],
)
def test_what_is_read_to_judge_by_is_not_relied_on_with_another_type(
    table: str, column: str, value: str, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.executescript(LOOSE)
        guards = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
    with closing(sqlite3.connect(there.database)) as connection:
        connection.executescript("".join(f"DROP TRIGGER {name};" for (name,) in guards))
        connection.execute(f"UPDATE {table} SET {column} = {value}")
        connection.commit()

    report = verify(there, since=since())

    assert (report.exit_code, report.findings[0].code) == (10, "store:store.damaged")


@pytest.mark.parametrize("table", METADATA.tables)
@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE {table}",
        "ALTER TABLE {table} RENAME TO gone",
        "DROP TABLE {table}; CREATE VIEW {table} AS SELECT 1 AS book",
        "DELETE FROM {table}",
    ],
)
def test_a_table_that_is_gone_is_found(sql: str, table: str, tmp_path: Path) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        guards = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        connection.executescript("".join(f"DROP TRIGGER {name};" for (name,) in guards))
        connection.executescript(sql.format(table=table))

    assert set(codes(there)) <= SAID


@pytest.mark.parametrize("seq", [2**62, 2**63 - 2, 2**63 - 1])
def test_a_number_beyond_all_others_is_found_at_once(seq: int, tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET seq = ? WHERE seq = 59", (seq,))

    assert next(codes(there)) in {10, 11}


def test_a_number_of_another_type_is_no_entrys(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.executescript(LOOSE)
    put(there, "entry", "seq", "29.5")

    found = {(f.seq, f.code) for f in verify(there).findings}

    assert (None, "not-bytes") in found
    assert (30, "gap") in found
