"""The law: the tables are what the projections and the plain SQL believe they are."""

from pathlib import Path

import pytest

from ledger.store import tables
from ledger.store.engine import make_database
from ledger.store.guards import expected_objects
from ledger.store.projections import TABLES, Table


def test_every_projection_is_a_table_with_a_model() -> None:
    models = {model.__tablename__ for model in tables.PROJECTIONS}

    assert models == {table.name for table in TABLES}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_projection_names_all_columns_and_the_key_of_its_table(table: Table) -> None:
    columns = tables.METADATA.tables[table.name].columns

    assert ("book", *table.columns) == tuple(columns.keys())
    assert {"book", *table.key} == {c.name for c in columns if c.primary_key}


def test_every_table_is_strict_and_knows_its_book(tmp_path: Path) -> None:
    connection = make_database(tmp_path / "book")

    listed = connection.execute("PRAGMA main.table_list").fetchall()
    connection.close()

    strict = {name for _, name, kind, _, _, strict in listed if kind and strict}
    assert strict == set(tables.METADATA.tables)
    for name, table in tables.METADATA.tables.items():
        assert "book" in {name, *table.columns.keys()}


def test_a_model_holds_bytes_and_what_is_derived_from_them() -> None:
    row = tables.EntryRow(book=1, seq=0, leaf=b"\0" * 32, note=b"x")

    assert (row.once, row.note) == (None, b"x")
    assert "entry_once" in expected_objects()
