"""What is derived from entries, and what guards them: every column, every guard."""

import sqlite3
from contextlib import closing
from functools import partial

from sqlalchemy import Integer

from ledger.store.guards import GUARDS
from ledger.store.tables import METADATA, PROJECTIONS
from tests.corpus.base import base_image
from tests.corpus.desk import Cases, Desk

CASES = Cases()
FAR = 1000


def _first_row(table: str) -> dict[str, object]:
    """Return the first row of a table of the base book."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(base_image())
        connection.row_factory = sqlite3.Row
        return dict(connection.execute(f"SELECT * FROM {table}").fetchone())  # noqa: S608 (names are ours)


def _seq_of(row: dict[str, object]) -> int | None:
    seq = row.get("seq")
    return seq if isinstance(seq, int) else None


def _change(desk: Desk, table: str, column: str, value: object) -> None:
    """The first row of the table gets the value, guards or none."""
    row = _first_row(table)
    key = " AND ".join(f"{name} IS ?" for name in row)
    sql = f"UPDATE {table} SET {column} = ? WHERE {key}"  # noqa: S608 (names are ours)
    desk.run(sql, value, *row.values())


def _delete_first(desk: Desk, table: str) -> None:
    """The first row of the table is taken away."""
    row = _first_row(table)
    key = " AND ".join(f"{name} IS ?" for name in row)
    desk.run(f"DELETE FROM {table} WHERE {key}", *row.values())  # noqa: S608 (names are ours)


def _repeat_first(desk: Desk, table: str, column: str, value: object) -> None:
    """The first row of the table is there again, with another key."""
    row = {**_first_row(table), column: value}
    places = ", ".join("?" * len(row))
    desk.run(f"INSERT INTO {table} VALUES ({places})", *row.values())  # noqa: S608 (names are ours)


def _value(column: str, old: object) -> object:
    """Return another value of the same type; numbers of entries go far up."""
    match old:
        case int():
            return old + (FAR if column in {"seq", "number", "n"} else 1)
        case str():
            return old + "x"
        case _:
            return "x"


for _model in PROJECTIONS:
    _table = str(_model.__tablename__)
    _row = _first_row(_table)
    for _column in METADATA.tables[_table].columns:
        if _column.name == "book":
            continue
        _old = _row[_column.name]
        _new = _value(_column.name, _old)
        if _old is None and isinstance(_column.type, Integer):
            _new = 1
        CASES.add(
            f"the column {_column.name} of {_table} is changed",
            partial(_change, table=_table, column=_column.name, value=_new),
            (10, "projections", _seq_of(_row)),
        )
        if _column.nullable and _old is not None:
            CASES.add(
                f"the column {_column.name} of {_table} is emptied",
                partial(_change, table=_table, column=_column.name, value=None),
                (10, "projections", _seq_of(_row)),
            )
    CASES.add(
        f"a row of {_table} is moved to another book",
        partial(_change, table=_table, column="book", value=2),
        (10, "projections", _seq_of(_row)),
    )
    CASES.add(
        f"a row of {_table} is deleted",
        partial(_delete_first, table=_table),
        (10, "projections", _seq_of(_row)),
    )
    _key = list(METADATA.tables[_table].primary_key.columns)[-1]
    _other = _value(_key.name, _row[_key.name])
    CASES.add(
        f"a row of {_table} is added",
        partial(_repeat_first, table=_table, column=_key.name, value=_other),
        (
            10,
            "projections",
            _other if _key.name == "seq" and isinstance(_other, int) else _seq_of(_row),
        ),
    )


@CASES.tampered(10, "projections", 2)
def two_transfers_change_places(desk: Desk) -> None:
    """The rows of two transfers swap everything but their names."""
    desk.run_many(
        ("UPDATE transfer SET ref = 'T-0' WHERE ref = 'T-1'", ()),
        ("UPDATE transfer SET ref = 'T-1' WHERE ref = 'T-2'", ()),
        ("UPDATE transfer SET ref = 'T-2' WHERE ref = 'T-0'", ()),
    )


@CASES.tampered(10, "projections", None)
def a_term_is_prolonged(desk: Desk) -> None:
    """The last authorised day of a term is moved by a year."""
    desk.run("UPDATE term SET last_day = '2030-03-15' WHERE ref = 'T-1' AND n = 0")


@CASES.tampered(10, "projections", 2)
def persons_held_vanish(desk: Desk) -> None:
    """A transfer is said to hold nobody any more."""
    desk.run(
        "UPDATE transfer SET held_min = 0, held_max = 0, ended_on = '2026-01-01' "
        "WHERE ref = 'T-1'"
    )


@CASES.tampered(10, "projections", 5)
def a_transfer_vanishes_from_everything_derived(desk: Desk) -> None:
    """All derived rows of one transfer are deleted."""
    desk.run_many(
        *(
            (f"DELETE FROM {table} WHERE ref = 'T-2'", ())  # noqa: S608 (names are ours)
            for table in ("transfer", "term", "movement", "subject")
        )
    )


@CASES.tampered(10, "projections", 2)
def a_number_is_stored_as_another_type(desk: Desk) -> None:
    """The table is declared without STRICT, and a count becomes a text."""
    desk.run_bare(
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
        "replace(replace(sql, 'persons INTEGER', 'persons TEXT'), ' STRICT', ' STRICT')"
        " WHERE name = 'transfer'; PRAGMA writable_schema=RESET;"
    )
    desk.run("UPDATE transfer SET persons = '240' WHERE ref = 'T-1'")


@CASES.tampered(10, "projections", 2)
def the_id_beside_an_entry_is_changed(desk: Desk) -> None:
    """The column `once` of an entry is changed: a retry would not be known."""
    desk.run("UPDATE entry SET once = ? WHERE seq = 2", "f" * 32)


@CASES.tampered(10, "projections", 2)
def the_id_beside_an_entry_is_emptied(desk: Desk) -> None:
    """The column `once` of an entry is emptied."""
    desk.run("UPDATE entry SET once = NULL WHERE seq = 2")


@CASES.tampered(10, "projections", 1)
def a_tree_hash_is_changed(desk: Desk) -> None:
    """A stored node of the tree is overwritten."""
    sql = "UPDATE node SET hash = ? WHERE level = 1 AND number = 0"
    desk.run(sql, bytes(32))


@CASES.tampered(10, "projections", 31)
def a_high_tree_hash_is_changed(desk: Desk) -> None:
    """The node over the first 32 entries is overwritten."""
    desk.run("UPDATE node SET hash = ? WHERE level = 5", bytes(32))


@CASES.tampered(10, "projections", 1)
def a_tree_hash_is_deleted(desk: Desk) -> None:
    """A stored node of the tree is deleted."""
    desk.run("DELETE FROM node WHERE level = 1 AND number = 0")


@CASES.tampered(10, "projections", 1)
def all_tree_hashes_are_deleted(desk: Desk) -> None:
    """The table of nodes is emptied."""
    desk.run("DELETE FROM node")


@CASES.tampered(10, "projections", None)
def a_tree_hash_is_added(desk: Desk) -> None:
    """A node is stored that no entries complete."""
    desk.run("INSERT INTO node VALUES (1, 6, 0, ?)", bytes(32))


@CASES.tampered(10, "projections", 1)
def two_tree_hashes_change_places(desk: Desk) -> None:
    """Two nodes of one level are swapped."""
    move = "UPDATE node SET number = ? WHERE level = 1 AND number = ?"
    desk.run_many((move, (FAR, 0)), (move, (0, 1)), (move, (1, FAR)))


def _drop(desk: Desk, name: str) -> None:
    """The trigger is taken away."""
    desk.run_bare(f"DROP TRIGGER {name}")


def _rename(desk: Desk, name: str, sql: str) -> None:
    """The trigger is there under another name."""
    desk.run_bare(f"DROP TRIGGER {name}; {sql.replace(name, name + '_')}")


def _disable(desk: Desk, name: str, sql: str) -> None:
    """A trigger of its name does nothing."""
    weak = sql.partition("BEGIN")[0].partition("WHEN")[0]
    desk.run_bare(f"DROP TRIGGER {name}; {weak} WHEN 0 BEGIN SELECT 1; END")


for _sql in GUARDS:
    _name = _sql.split()[2]
    CASES.add(f"{_name} is dropped", partial(_drop, name=_name), (10, "guards", None))
    CASES.add(
        f"{_name} is renamed",
        partial(_rename, name=_name, sql=_sql),
        (10, "guards", None),
    )
    CASES.add(
        f"{_name} is disabled",
        partial(_disable, name=_name, sql=_sql),
        (10, "guards", None),
    )


def _script_is_run(desk: Desk, script: str) -> None:
    """The scheme of the database is changed by its owner, the rows are not."""
    desk.run_bare(script)


SCHEMES = {
    "a trigger that swallows entries is added": (
        "CREATE TRIGGER quiet BEFORE INSERT ON entry WHEN NEW.seq > 99 "
        "BEGIN SELECT RAISE(IGNORE); END"
    ),
    "a trigger that changes what is derived is added": (
        "CREATE TRIGGER busy AFTER INSERT ON heading "
        "BEGIN UPDATE transfer SET held_max = 0; END"
    ),
    "a table is added": "CREATE TABLE note (text TEXT)",
    "a view is added": "CREATE VIEW every AS SELECT * FROM entry",
    "an index is added": "CREATE INDEX quick ON entry (leaf)",
    "an index is dropped": "DROP INDEX entry_once",
    "an index is made over another column": (
        "DROP INDEX entry_once; CREATE INDEX entry_once ON entry (book, leaf)"
    ),
    "a column is added": "ALTER TABLE payment ADD COLUMN bribe INTEGER",
    "every guard is dropped": "".join(
        f"DROP TRIGGER {sql.split()[2]};" for sql in GUARDS
    ),
    "the SQL of a table is kept as bytes": (
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = CAST(sql AS BLOB) "
        "WHERE name = 'heading'; PRAGMA writable_schema=RESET"
    ),
    "a check is taken out of a table": (
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = "
        "replace(sql, 'CHECK (length(leaf) = 32), ', '') WHERE name = 'entry'; "
        "UPDATE sqlite_schema SET sql = replace(sql, 'length(leaf) = 32', '1') "
        "WHERE name = 'entry'; PRAGMA writable_schema=RESET"
    ),
}
for _name, _script in SCHEMES.items():
    CASES.add(
        _name,
        partial(_script_is_run, script=_script),
        (10, "guards", None),
    )


@CASES.tampered(10, "bytes", None)
def a_column_is_renamed(desk: Desk) -> None:
    """A query fails: the database is damaged, and that is said."""
    desk.run_bare("ALTER TABLE checkpoint RENAME COLUMN id TO number")


@CASES.tampered(10, "guards", None)
def the_journal_mode_is_another(desk: Desk) -> None:
    """Somebody switched the mode in which a commit survives a power cut."""
    desk.run_bare("PRAGMA journal_mode=WAL")


@CASES.tampered(10, "guards", None)
def an_index_hides_a_transfer(desk: Desk) -> None:
    """All rows are there; the index that finds open transfers lacks one."""
    desk.run_bare(
        "CREATE INDEX aside ON transfer (book, departed_on, ended_on) "
        "WHERE ref <> 'T-1'; PRAGMA writable_schema=ON; "
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
        "WHERE name = 'aside') WHERE name = 'transfer_open'; "
        "DELETE FROM sqlite_schema WHERE name = 'aside'; PRAGMA writable_schema=RESET"
    )
