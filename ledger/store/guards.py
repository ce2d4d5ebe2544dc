"""What keeps the rows of a book from being changed, inside the database.

Triggers refuse UPDATE and DELETE on what a book is, every insert that is not the next
entry, and tree hashes that no entry completes. A `BEFORE DELETE` trigger alone does
not fire for `INSERT OR REPLACE` on a connection without `recursive_triggers`, so each
table has a fence against inserts in place of a row as well. Whoever owns the file can
drop a guard; then the schema's digest differs, writing stops, and `verify` names what
is missing.
"""

import re
import sqlite3
from collections.abc import Mapping
from hashlib import sha256

APPLICATION_ID = 0x544C4447  # "TLDG": marks the file as a ledger
SCHEMA_VERSION = 1

LASTING: Mapping[str, str] = {"journal_mode": "delete"}
"""Settings that stay in the file for everybody, as a book is made with them.

A write-ahead log lost entries in simulated power cuts, and where the disk is full it
kills even a reader.
"""

SCHEMA_DIGEST = "099fd14b7eefc6cc8d15a7714c0099452a3ed0c382fa13bb1aa878819884909d"


def _never(table: str, action: str) -> str:
    return (
        f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is never changed'); END"
    )


def _fence(table: str, unfit: str, reason: str) -> str:
    return (
        f"CREATE TRIGGER guard_{table}_insert BEFORE INSERT ON {table} "
        f"WHEN {unfit} BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )


_SIZE = "(SELECT coalesce(max(seq), -1) + 1 FROM entry WHERE book = NEW.book)"

_SAME_NODE = (
    "SELECT 1 FROM node "
    "WHERE book = NEW.book AND level = NEW.level AND number = NEW.number"
)

GUARDS: tuple[str, ...] = (
    *(
        _never(table, action)
        for table in ("book", "entry", "node", "checkpoint")
        for action in ("UPDATE", "DELETE")
    ),
    _fence("book", "NEW.id IN (SELECT id FROM book)", "a row of book is there"),
    _fence("entry", f"NEW.seq <> {_SIZE}", "not the next entry"),
    _fence(
        "node",
        f"((NEW.number + 1) << NEW.level) > {_SIZE} OR EXISTS ({_SAME_NODE})",
        "not a tree hash that an entry completes",
    ),
    _fence(
        "checkpoint",
        "NEW.id IN (SELECT id FROM checkpoint)",
        "a row of checkpoint is there",
    ),
)


def objects(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the SQL of every table, index and trigger, by name, spaces folded.

    A temporary trigger counts too, under `temp.NAME`: it can swallow inserts. The
    indexes that SQLite makes for keys have no SQL, and count where one is not called
    as SQLite calls it.
    """
    rows = connection.execute(
        "SELECT name, coalesce(sql, '') FROM main.sqlite_schema WHERE sql IS NOT NULL "
        "OR name NOT GLOB 'sqlite_autoindex_' || tbl_name || '_[1-9]' "
        "UNION ALL SELECT 'temp.' || name, sql FROM temp.sqlite_schema "
        "WHERE sql IS NOT NULL"
    )
    # A damaged scheme may hold bytes, which SQLite reads as text and Python does not:
    # they are shown as bytes, and so differ.
    return {str(name): folded(str(sql)) for name, sql in rows}


def lasting(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what the settings of `LASTING` are in this file."""
    return {
        name: str(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in LASTING
    }


def folded(sql: str) -> str:
    """Return SQL with every run of white space as one blank."""
    return re.sub(r"\s+", " ", sql).strip().replace("( ", "(").replace(" )", ")")


def digest(found: dict[str, str]) -> str:
    """Return the SHA-256 of a schema as hex: one line an object, by name."""
    lines = "".join(f"{name}\n{sql}\n" for name, sql in sorted(found.items()))
    return sha256(lines.encode()).hexdigest()


def expected_objects() -> dict[str, str]:
    """Return what `objects` returns for a whole database (imports SQLModel)."""
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - start-up
    from sqlalchemy.schema import CreateIndex, CreateTable  # noqa: PLC0415 - start-up

    from ledger.store.tables import METADATA  # noqa: PLC0415 - start-up

    dialect = sqlite.dialect()
    found = {}
    for table in METADATA.sorted_tables:
        found[table.name] = folded(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            sql = str(CreateIndex(index).compile(dialect=dialect))
            found[str(index.name)] = folded(sql)
    found.update({guard.split()[2]: guard for guard in GUARDS})
    return found
