"""The law: the part of a book that is read for a question answers it like the whole."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.history import History, Logged, cited
from ledger.domain.terms import parts
from ledger.errors import RewrittenError, TamperedError
from ledger.store.journal import Journal
from ledger.store.recall import Recall, read_entry
from tests.office import Office
from tests.register.stored import LENGTH, make, storable, tampering, usual, usual_office


@contextmanager
def kept(folder: Path, office: Office) -> Iterator[Journal]:
    with closing(make(office, folder / "book")) as journal:
        yield journal


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    with closing(Journal.open(usual(folder).database, write=False)) as journal:
        yield journal


@pytest.mark.parametrize("number", range(4))
def test_each_transfer_is_read_as_the_whole_book_tells_it(
    tmp_path: Path, number: int
) -> None:
    whole = storable(number).history
    with kept(tmp_path, storable(number)) as journal:
        for ref in (ref for ref in whole.opened if ref[0] in "TR"):
            partial = Recall(journal).history({ref})
            expected = pool_of(whole, ref)
            found = pool_of(partial, ref)

            assert found == expected
            for day in (date(2025, 6, 1), date(2026, 3, 1), date.max):
                for name in expected.cases:
                    assert parts(found, name, on=day) == parts(expected, name, on=day)


@pytest.mark.parametrize("number", range(4, 6))
def test_the_rules_find_all_that_they_ask_for(tmp_path: Path, number: int) -> None:
    office = storable(number)
    with kept(tmp_path, office) as journal:
        for seq, entry in office.history.entries.items():
            history = Recall(journal, before=seq).history_for(
                entry.record, once=entry.once
            )

            assert history.head.size == seq
            assert history.onces == {}
            for reference in cited(entry.record):
                assert history.resolve(reference) is not None


def test_what_every_history_has(tmp_path: Path) -> None:
    whole = usual_office().history
    with opened(tmp_path) as journal:
        history = Recall(journal).history(())

    assert history.ring == whole.ring
    assert history.head == whole.head
    assert history.numbers == whole.numbers
    assert (history.state, history.zone) == (whole.state, whole.zone)
    assert {entry.kind for entry in history.entries.values()} == {"genesis", "key"}


def test_an_earlier_moment_has_the_numbers_of_that_time(tmp_path: Path) -> None:
    office = usual_office()
    until = History(book=office.book)
    with opened(tmp_path) as journal:
        for seq in range(LENGTH):
            history = Recall(journal, before=seq).history(())

            assert history.numbers == until.numbers
            assert history.head == until.head
            until.add(office.history.entries[seq])


def test_an_id_that_is_taken_is_known(tmp_path: Path) -> None:
    entry = usual_office().history.entries[7]
    with opened(tmp_path) as journal:
        now = Recall(journal).history_for(entry.record, once=entry.once)
        then = Recall(journal, before=7).history_for(entry.record, once=entry.once)

    assert now.onces == {entry.once: 7}
    assert then.onces == {}


def test_void_entries_are_known_with_what_is_wrong(tmp_path: Path) -> None:
    office = next(o for o in map(storable, range(9)) if o.history.voids)
    with kept(tmp_path, office) as journal:
        recall = Recall(journal)
        history = recall.history(())
        for seq, void in office.history.voids.items():
            assert recall.entry(seq) is None
            assert history.voids[seq].leaf == void.leaf
            assert history.voids[seq].faults[0].code == void.faults[0].code

    assert history.acknowledged == office.history.acknowledged


def test_references_and_entries_find_each_other(tmp_path: Path) -> None:
    whole = usual_office().history
    with opened(tmp_path) as journal:
        recall = Recall(journal)
        for ref, seqs in whole.by_ref.items():
            assert recall.seqs_of(ref) == seqs
        for ref, seq in whole.opened.items():
            assert recall.seq_of(ref) == seq
        for seq, refs in whole.refs.items():
            assert recall.refs_of(seq) == sorted(refs)
        assert recall.every_ref() == sorted(whole.by_ref)
        assert recall.seq_of("T-999") is None
        assert recall.entry(LENGTH) is None


def test_an_entry_is_read_as_it_was_judged(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        found = [read_entry(row) for row in journal.rows(0, LENGTH)]

    assert found == list(usual_office().history.entries.values())
    assert all(isinstance(entry, Logged) for entry in found)


def edited(folder: Path, sql: str) -> Journal:
    there = usual(folder)
    with tampering(there.database) as connection:
        connection.execute(sql)
    return Journal.open(there.database, write=False)


@pytest.mark.parametrize(
    ("sql", "code", "values"),
    [
        (
            "UPDATE entry SET note = x'00' WHERE seq = 0",
            "store.entry-unreadable",
            {"seq": 0},
        ),
        ("DELETE FROM entry WHERE seq = 0", "store.entry-missing", {"seq": 0}),
        (
            "UPDATE heading SET ref = 'junk' WHERE seq = 9",
            "store.ref-unreadable",
            {},
        ),
    ],
)
def test_an_altered_book_is_not_read_as_if_it_were_whole(
    tmp_path: Path, sql: str, code: str, values: dict[str, int]
) -> None:
    with (
        closing(edited(tmp_path, sql)) as journal,
        pytest.raises((TamperedError, RewrittenError)) as refused,
    ):
        Recall(journal, before=LENGTH - 1).history(())

    assert (refused.value.code, refused.value.values) == (code, values)


def test_a_genesis_whose_proof_was_altered_is_not_believed(tmp_path: Path) -> None:
    there = usual(tmp_path)
    note = usual_office().notes[0]
    at = note.index(b'"proof":"') + 9
    bent = note[:at] + (b"B" if note[at : at + 1] == b"A" else b"A") + note[at + 1 :]
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = ? WHERE seq = 0", (bent,))

    with (
        closing(Journal.open(there.database, write=False)) as journal,
        pytest.raises(TamperedError) as refused,
    ):
        Recall(journal).history(())

    assert refused.value.code == "store.entry-unreadable"


def test_the_last_time_is_that_of_the_signed_entry(tmp_path: Path) -> None:
    with closing(edited(tmp_path, "UPDATE heading SET at = 'never'")) as journal:
        head = Recall(journal).head()

    assert head == usual_office().history.head


def test_a_book_without_projections_has_nothing_to_recall(tmp_path: Path) -> None:
    with closing(edited(tmp_path, "DELETE FROM heading")) as journal:
        recall = Recall(journal)

        assert recall.projected() == 0
        assert recall.head().at is None


def work_of(journal: Journal) -> int:
    """Return how many steps SQLite takes to read what concerns the last transfer."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    recall = Recall(journal)
    ref = f"T-{recall.history(()).numbers['T']}"
    journal.connection.set_progress_handler(count, 1)
    recall = Recall(journal)
    recall.history([ref])
    assert recall.seq_of(ref) is not None
    journal.connection.set_progress_handler(None, 0)
    return steps


def test_what_is_read_for_a_question_does_not_grow_with_the_book(
    tmp_path: Path,
) -> None:
    work = []
    for transfers in (3, 60):
        office = Office()
        for _ in range(transfers):
            office.receipt(str(office.transfer().data["ref"]), 238)
        folder = tmp_path / str(transfers)
        folder.mkdir()
        with kept(folder, office) as journal:
            work.append(work_of(journal))

    assert work[1] < 1.2 * work[0]
