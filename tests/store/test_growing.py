"""A growing book answers as one that is read anew before each entry."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.domain.history import Logged
from ledger.store import growing
from ledger.store.growing import Growing
from ledger.store.intake import project
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from tests.books import plausible
from tests.register.stored import make

CLERKS = frozenset(
    ("instrument", "transfer", "receipt", "renewal", "exit", "payment", "claim")
) | {"remark", "correction", "retraction"}


def cut(seed: int, folder: Path) -> tuple[Journal, list[tuple[Logged, bytes]]]:
    """Return a book up to its last state entry, and what clerks recorded after it."""
    offices = (plausible(each, entries=40) for each in range(seed * 100, 9999))
    office = next(office for office in offices if not office.history.voids)
    entries = office.history.entries
    start = max(seq for seq, e in entries.items() if e.kind not in CLERKS) + 1
    rest = [(entries[seq], office.notes[seq]) for seq in sorted(entries)[start:]]
    del office.notes[start:]
    return make(office, folder / "book.sqlite"), rest


@pytest.mark.parametrize("seed", range(8))
def test_it_answers_as_the_book_read_anew(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "MOST_KEPT", 3)
    journal, rest = cut(seed, tmp_path)
    with journal.writing():
        book = Growing(journal)
        for entry, note in rest:
            anew = Recall(journal).history_for(entry.record, once=entry.once)
            grown = book.history_for(entry.record, once=entry.once)

            assert replace(grown, _worth={}) == replace(anew, _worth={})
            assert list(grown.entries) == list(anew.entries)
            assert book.root() == journal.root(entry.seq)
            root = journal.append(
                seq=entry.seq, once=entry.once, note=note, frontier=book.frontier
            )
            project(journal, entry, history=grown)
            book.took(entry)
            assert root == book.root() == journal.root(entry.seq + 1)
            assert book.head() == Recall(journal).head()
            assert book.size == entry.seq + 1
    journal.close()


def test_rows_that_follow_from_a_given_history_are_the_same(tmp_path: Path) -> None:
    found = []
    for number, given in enumerate((True, False)):
        folder = tmp_path / str(number)
        folder.mkdir()
        journal, rest = cut(3, folder)
        with journal.writing():
            book = Growing(journal)
            for entry, note in rest:
                history = book.history_for(entry.record, once=entry.once)
                journal.append(seq=entry.seq, once=entry.once, note=note)
                project(journal, entry, history=history if given else None)
                book.took(entry)
        tables = ("heading", "subject", "counter", "transfer", "term", "movement")
        found.append(
            [
                journal.connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
                for table in (*tables, "payment", "node")
            ]
        )
        journal.close()

    assert found[0] == found[1]


def test_an_entry_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    journal, rest = cut(3, tmp_path)
    with journal.writing():
        found = Growing(journal).history((), seqs=[rest[-1][0].seq])

    assert found.entries == Recall(journal).history(()).entries
    journal.close()
