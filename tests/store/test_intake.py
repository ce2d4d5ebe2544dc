"""The law: whatever was inserted round the program, the book goes on after it."""

from contextlib import closing
from pathlib import Path

import pytest

from ledger.domain.history import Logged, Void
from ledger.errors import TamperedError, TooNewError
from ledger.store.intake import history_before, judge_next, take_in
from ledger.store.journal import Journal
from ledger.store.projections import HEADING, TABLES, expected_rows, stored_rows
from ledger.tlog import merkle
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    first_image,
    garbage,
    insert,
    keep,
    lay,
    tampering,
    usual,
    usual_office,
)


def opened(folder: Path) -> Journal:
    return Journal.open(lay(folder, first_image()).database, write=True)


def taken(journal: Journal) -> list[Logged | Void]:
    with journal.writing():
        return take_in(journal)


def test_nothing_new_is_nothing_taken_in(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        assert taken(journal) == []


def test_garbage_is_void_and_the_book_goes_on(tmp_path: Path) -> None:
    office = Office()
    with closing(opened(tmp_path)) as journal:
        for note in (garbage(1), garbage(2)):
            insert(journal.connection, len(office.notes), note)
            office.put(note)

        found = taken(journal)
        assert [(void.seq, void.leaf) for void in found] == [
            (seq, merkle.leaf_hash(office.notes[seq])) for seq in (1, 2)
        ]
        assert all(isinstance(void, Void) for void in found)
        assert journal.root(3) == merkle.root(map(merkle.leaf_hash, office.notes))

        office.transfer()
        keep(journal, office)
        for table in TABLES:
            assert stored_rows(journal, table) == expected_rows(office.history)[table]


def test_an_entry_that_a_clerk_signed_elsewhere_counts(tmp_path: Path) -> None:
    office = Office()
    entry = office.transfer()
    with closing(opened(tmp_path)) as journal:
        insert(journal.connection, 1, office.notes[1])

        assert taken(journal) == [entry]
        assert taken(journal) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [("transfer", "record.member-missing"), ("weather", "signature.unknown-key")],
)
def test_an_entry_that_no_rule_allows_is_void(
    tmp_path: Path, kind: str, code: str
) -> None:
    office = Office()
    stranger = Office(seed=90).keys["clerk"]
    by = office.keys["clerk"] if kind == "transfer" else stranger
    with closing(opened(tmp_path)) as journal:
        insert(journal.connection, 1, office.compose(kind, {}, by=by))

        (void,) = taken(journal)

    assert isinstance(void, Void)
    assert void.faults[0].code == code


def test_an_entry_of_a_newer_program_is_neither_valid_nor_void(tmp_path: Path) -> None:
    office = Office()
    with closing(opened(tmp_path)) as journal:
        insert(journal.connection, 1, office.compose("weather", {}))

        with pytest.raises(TooNewError):
            taken(journal)

        assert len(stored_rows(journal, HEADING)) == 1


def test_an_entry_that_lies_beside_a_false_leaf_hash_is_judged_by_its_bytes(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    with closing(opened(tmp_path)) as journal:
        journal.connection.execute(
            "INSERT INTO entry VALUES (1, 1, NULL, zeroblob(32), ?)", (office.notes[1],)
        )

        (entry,) = taken(journal)
        row = journal.row(1)

    assert isinstance(entry, Logged)
    assert row is not None
    assert entry.leaf == row.leaf == merkle.leaf_hash(office.notes[1])


def test_an_entry_of_another_book_is_void(tmp_path: Path) -> None:
    other = Office(book="sv.example/book", state="SV", seed=50)
    other.transfer(destination="US", facility={"name": "a"})
    with closing(opened(tmp_path)) as journal:
        insert(journal.connection, 1, other.notes[1])

        (void,) = taken(journal)

    assert isinstance(void, Void)
    assert [fault.code for fault in void.faults] == [
        "chain.ledger",
        "chain.prev",
        "signature.unknown-key",
    ]


def test_each_entry_is_judged_again_beside_what_concerns_it(tmp_path: Path) -> None:
    office = usual_office()
    with closing(Journal.open(usual(tmp_path).database, write=False)) as journal:
        for row in journal.rows(1, LENGTH):
            assert judge_next(journal, row) == office.history.entries[row.seq]
            assert history_before(journal, row).head.size == row.seq


def test_a_tree_that_was_cut_takes_nothing_in(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM node WHERE level = 2")
    with closing(Journal.open(there.database, write=True)) as journal:
        insert(journal.connection, LENGTH, b"x")

        with pytest.raises(TamperedError):
            taken(journal)


def test_an_entry_about_the_book_itself_changes_no_transfer(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.remark(0)
    with closing(opened(tmp_path)) as journal:
        keep(journal, office)

        for table in TABLES:
            assert stored_rows(journal, table) == expected_rows(office.history)[table]
