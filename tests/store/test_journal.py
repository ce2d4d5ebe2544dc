"""The law: an append is whole or not there, and the stored tree is that of the rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import pytest
from typing_extensions import override

from ledger.errors import (
    BusyError,
    LedgerError,
    NoBookError,
    TamperedError,
    UnknownOutcomeError,
)
from ledger.store import journal as module
from ledger.store.journal import Journal, Row
from ledger.tlog import merkle
from ledger.tlog.entry import ZERO
from ledger.tlog.merkle import Node
from tests.register.stored import (
    LENGTH,
    SIGNED,
    insert,
    tampering,
    usual,
    usual_office,
)
from tests.surroundings import files_of_at_most

GENESIS = b"\x11" * 32
EATS = "CREATE TEMP TRIGGER eats BEFORE INSERT ON {} BEGIN SELECT RAISE(IGNORE); END"


@contextmanager
def new(folder: Path) -> Iterator[Journal]:
    journal = Journal.make(
        folder / "book", name="us.example/book", state="US", genesis=GENESIS
    )
    journal.connection.execute("PRAGMA synchronous=OFF")
    yield journal
    journal.close()


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    journal = Journal.open(usual(folder).database, write=True)
    journal.connection.execute("PRAGMA busy_timeout=20")
    yield journal
    journal.close()


def once(seq: int) -> str:
    return f"{seq:032x}"


def notes(n: int) -> list[bytes]:
    rng = Random(n)  # noqa: S311 (nothing here is secret)
    return [rng.randbytes(rng.randint(1, 90)) for _ in range(n)]


def test_a_new_book_is_empty(tmp_path: Path) -> None:
    with new(tmp_path) as journal:
        assert journal.size() == 0
        assert journal.root(0) == merkle.EMPTY_ROOT
        assert journal.last_leaf(0) == ZERO
        assert journal.row(0) is None
        assert list(journal.rows(0, 9)) == []
        assert journal.checkpoints() == []


def test_a_book_reads_back_as_it_was_made(tmp_path: Path) -> None:
    with new(tmp_path) as journal:
        made = journal.book

    journal = Journal.open(tmp_path / "book", write=True)

    assert journal.book == made
    journal.close()


def test_the_stored_tree_is_that_of_the_rows_at_every_size(tmp_path: Path) -> None:
    written = notes(70)
    leaves = [merkle.leaf_hash(note) for note in written]
    with new(tmp_path) as journal:
        for seq, note in enumerate(written):
            with journal.writing():
                root = journal.append(seq=seq, once=once(seq), note=note)
            assert root == merkle.root(leaves[: seq + 1])

        for size in range(len(written) + 1):
            assert journal.root(size) == merkle.root(leaves[:size])
            assert journal.last_leaf(size) == [ZERO, *leaves][size]
            assert journal.frontier(size).root() == journal.root(size)
        assert journal.count_nodes() == 70 - (70).bit_count()
        assert [row.note for row in journal.rows(3, 9)] == written[3:9]
        assert journal.row(4) == Row(4, once(4), leaves[4], written[4])
        assert journal.seqs_of_once(once(5)) == [5]
        assert journal.seqs_of_once(once(99)) == []


def test_a_long_reading_goes_in_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 7)

    with opened(tmp_path) as journal:
        found = list(journal.rows(3, LENGTH + 9))

    assert [row.note for row in found] == usual_office().notes[3:]


def test_checkpoints_are_kept_and_come_by_size(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep_checkpoint(size=50, note=b"b")
        journal.keep_checkpoint(size=3, note=b"a")

        assert [size for size, _ in journal.checkpoints()] == [3, SIGNED, 50]


def test_an_entry_out_of_order_is_not_appended(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, pytest.raises(TamperedError), journal.writing():
        journal.append(seq=LENGTH - 1, once=once(1), note=b"x")


def test_what_fails_inside_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupted(journal: Journal) -> NoReturn:
        journal.append(seq=LENGTH, once=once(1), note=b"x")
        raise KeyboardInterrupt

    with opened(tmp_path) as journal:
        with pytest.raises(KeyboardInterrupt), journal.writing():
            interrupted(journal)

        assert journal.size() == LENGTH
        assert not journal.connection.in_transaction


def test_a_trigger_that_swallows_an_entry_is_noticed(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.connection.execute(EATS.format("entry"))

        with pytest.raises(TamperedError) as refused, journal.writing():
            journal.append(seq=LENGTH, once=once(1), note=b"x")

        assert journal.size() == LENGTH
    assert refused.value.code == "store.not-what-was-written"


def test_a_trigger_that_swallows_a_tree_hash_is_noticed(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.connection.execute(EATS.format("node"))
        with journal.writing():  # it completes no tree hash
            journal.append(seq=LENGTH, once=once(1), note=b"x")

        with pytest.raises(TamperedError) as refused, journal.writing():
            journal.append(seq=LENGTH + 1, once=once(2), note=b"x")

        assert journal.size() == LENGTH + 1
    assert refused.value.code == "store.node-missing"


def test_a_trigger_that_writes_something_else_is_noticed(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.connection.executescript(
            "DROP TRIGGER guard_node_update; CREATE TEMP TRIGGER bends AFTER INSERT "
            "ON node BEGIN UPDATE node SET hash = zeroblob(32); END"
        )
        with journal.writing():
            journal.append(seq=LENGTH, once=once(1), note=b"x")
        with pytest.raises(TamperedError) as refused, journal.writing():
            journal.append(seq=LENGTH + 1, once=once(2), note=b"x")

        assert journal.size() == LENGTH + 1
    assert refused.value.code == "store.not-what-was-written"


def test_an_adopted_entry_gets_its_tree_hashes(tmp_path: Path) -> None:
    leaves = [merkle.leaf_hash(note) for note in usual_office().notes]
    with opened(tmp_path) as journal:
        for seq in range(LENGTH, LENGTH + 4):
            insert(journal.connection, seq, b"x")
            leaves.append(merkle.leaf_hash(b"x"))
            row = journal.row(seq)
            assert row is not None
            assert journal.adopt(row) == merkle.root(leaves)

        assert journal.root(LENGTH + 4) == merkle.root(leaves)


def test_a_tree_hash_that_came_with_an_inserted_entry_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for seq in (LENGTH, LENGTH + 1):
            insert(journal.connection, seq, b"x")
        planted = Node(1, LENGTH // 2)
        journal.connection.execute(
            "INSERT INTO node VALUES (1, ?, ?, zeroblob(32))",
            (planted.level, planted.index),
        )
        for row in journal.rows(LENGTH, LENGTH + 2):
            journal.adopt(row)

        assert journal.read_nodes([planted]) == [bytes(32)]


def test_a_tree_hash_that_is_not_there_is_named(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, pytest.raises(TamperedError) as refused:
        journal.root(LENGTH + 4)

    assert refused.value.code == "store.node-missing"
    assert refused.value.values == {"level": 6, "number": 0}


def test_a_lock_that_another_writer_keeps_is_busy(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        other = sqlite3.connect(tmp_path / "book.ledger", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(BusyError), journal.writing():
            raise AssertionError

        other.close()


def test_a_reader_who_stays_lets_nobody_commit_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        other = sqlite3.connect(tmp_path / "book.ledger", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT * FROM entry").fetchone()

        with pytest.raises(BusyError), journal.writing():
            journal.append(seq=LENGTH, once=once(1), note=b"x")

        other.close()
        assert journal.size() == LENGTH
        with journal.writing():
            journal.append(seq=LENGTH, once=once(1), note=b"x")


def append_at_the_end(journal: Journal, limits: ExitStack, *, size: int) -> None:
    journal.append(seq=LENGTH, once=once(1), note=bytes(60_000))
    limits.enter_context(files_of_at_most(size))


def test_a_disk_that_fills_up_at_the_commit_leaves_the_outcome_unknown(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as journal:
        size = (tmp_path / "book.ledger").stat().st_size

        with (
            ExitStack() as limits,
            pytest.raises(UnknownOutcomeError) as refused,
            journal.writing(),
        ):
            append_at_the_end(journal, limits, size=size)

        assert refused.value.code == "store.commit-unknown"
        assert journal.size() == LENGTH
        assert not journal.connection.in_transaction


class Lost(sqlite3.Connection):
    """A connection whose answer to COMMIT gets lost."""

    @override
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        cursor = super().execute(sql, parameters)
        if sql == "COMMIT":
            raise sqlite3.OperationalError
        return cursor


def test_a_commit_whose_answer_is_lost_may_have_happened(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        path = tmp_path / "book.ledger"
        connection = sqlite3.connect(path, factory=Lost, isolation_level=None)
        lost = Journal(connection, journal.book)

        with pytest.raises(UnknownOutcomeError), lost.writing():
            lost.append(seq=LENGTH, once=once(1), note=b"x")

        lost.close()
        assert journal.size() == LENGTH + 1


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    there = usual(tmp_path)
    reader = Journal.open(there.database, write=False)
    writer = Journal.open(there.database, write=True)
    writer.connection.execute("PRAGMA busy_timeout=20")

    with reader.reading(), reader.reading():
        before = reader.size()
        with pytest.raises(BusyError), writer.writing():
            writer.append(seq=LENGTH, once=once(1), note=b"x")
        after = reader.size()

    assert (before, after) == (LENGTH, LENGTH)
    assert not reader.connection.in_transaction
    reader.close()
    writer.close()


def test_a_database_without_an_own_book_is_no_book(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE book SET own = 0")

    with pytest.raises(NoBookError) as refused:
        Journal.open(there.database, write=False)

    assert refused.value.code == "store.no-own-book"
    assert isinstance(refused.value, LedgerError)


def test_a_database_with_two_own_books_is_tampered_with(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("INSERT INTO book VALUES (2, 'a/b', 'US', 1, x'00')")

    with pytest.raises(TamperedError) as refused:
        Journal.open(there.database, write=False)

    assert refused.value.values == {"n": 2}
