"""A crash in mid-write is told from everything else, and finished by a writer alone."""

from pathlib import Path

import pytest

from ledger.errors import InterruptedWriteError
from ledger.store.copying import pages_fit, row_counts
from ledger.store.journal import Journal
from ledger.store.recovery import check_settled, finish
from tests.register.stored import LENGTH, usual, usual_image
from tests.store.test_engine import crashed
from tests.surroundings import files, open_folder, without_power


def test_a_hot_journal_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    there = crashed(tmp_path)
    before = there.database.read_bytes()

    for _ in range(2):
        with pytest.raises(InterruptedWriteError, match=r"store\.interrupted"):
            check_settled(there.database)

    assert there.database.read_bytes() == before
    assert files(tmp_path) == {"book.ledger", "book.ledger-journal"}


def test_a_writer_finishes_it_and_the_old_state_is_back(tmp_path: Path) -> None:
    there = crashed(tmp_path)

    finish(there.database)
    check_settled(there.database)

    assert files(tmp_path) == {"book.ledger"}
    assert there.database.read_bytes() == usual_image()


def test_where_nothing_is_to_be_finished_nothing_happens(tmp_path: Path) -> None:
    there = usual(tmp_path)
    before = there.database.read_bytes()

    check_settled(there.database)
    finish(there.database)

    assert there.database.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"no book" * 999])
def test_what_is_no_book_is_settled_and_told_by_whoever_opens_it(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "book.ledger"
    if content is not None:
        path.write_bytes(content)

    check_settled(path)


def test_who_may_not_write_cannot_finish_it() -> None:
    with open_folder() as folder:
        there = crashed(folder)
        for path in folder.iterdir():
            path.chmod(0o444)
        with without_power(), pytest.raises(InterruptedWriteError) as refused:
            finish(there.database)

    assert refused.value.code == "store.needs-recovery"


def test_a_writer_at_work_is_no_crash(tmp_path: Path) -> None:
    there = usual(tmp_path)
    journal = Journal.open(there.database, write=True)
    with journal.writing():
        journal.connection.execute(
            "INSERT INTO counter VALUES (1, 'Z', 1)",
        )
        check_settled(there.database)
    journal.close()


def test_rows_are_counted_by_table_and_pages_are_sound(tmp_path: Path) -> None:
    journal = Journal.open(usual(tmp_path).database, write=False)
    counts = row_counts(journal)

    assert (counts["book"], counts["entry"]) == (1, LENGTH)
    assert pages_fit(journal)
    journal.close()
