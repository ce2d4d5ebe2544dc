"""Where to begin, and what comes with it."""

from collections.abc import Callable

import pytest

from ledger.domain.history import Logged
from ledger.domain.reach import begins, gather
from tests.books import SEEDS, book
from tests.office import Office


@pytest.mark.parametrize(
    ("refs", "full", "stages"),
    [
        (["T-1"], ["T-1"], []),
        (["I-1"], ["I-1"], []),
        (["I-1", "T-1"], ["T-1"], ["I-1"]),
        (["I-1", "R-1", "T-1"], ["R-1", "T-1"], ["I-1"]),
        (["#0", "I-1"], ["#0", "I-1"], []),
        ([], [], []),
    ],
)
def test_an_instrument_is_begun_with_only_where_no_transfer_is(
    refs: list[str], full: list[str], stages: list[str]
) -> None:
    assert begins(refs) == (full, stages)


def test_entries_that_are_not_there_are_left_out() -> None:
    office = Office()
    office.transfer()
    entries = office.history.entries

    found = gather(
        ["T-1", "T-2"],
        seqs_of={"T-1": [1, 7]}.get,
        entry_of={1: entries[1]}.get,
    )

    assert found == {1}


def test_what_is_found_comes_with_all_that_it_cites() -> None:
    office = Office()
    office.transfer()
    office.transfer()
    receipt = office.receipt("T-2", 238)
    claim = office.claim(receipt.seq, "/arrived_persons", 237)
    remark = office.remark(1, claim.seq)
    history = office.history

    found = gather(["T-1"], seqs_of=history.by_ref.get, entry_of=history.entries.get)

    assert found == {1, 2, receipt.seq, claim.seq, remark.seq}


def test_what_is_cited_twice_is_found_once() -> None:
    office = Office()
    office.transfer()
    receipt = office.receipt("T-1", 238)
    remark = office.remark(1, receipt.seq)
    history = office.history

    found = gather(["T-1"], seqs_of=history.by_ref.get, entry_of=history.entries.get)

    assert found == {1, receipt.seq, remark.seq}


def test_of_an_instrument_that_a_transfer_names_only_changes_are_read() -> None:
    office = Office()
    office.instrument()
    for _ in range(5):
        office.transfer(instruments=["I-1"])
    office.correct(1, {"path": "/title", "old": "Exchange of notes", "new": "Notes"})
    history = office.history
    read: list[int] = []

    def entry(seq: int) -> Logged | None:
        read.append(seq)
        return history.entries.get(seq)

    found = gather(
        ["T-1"],
        stages_of=["I-1"],
        seqs_of=history.by_ref.get,
        entry_of=entry,
        changes_of=history.changes_of,
    )

    assert found == {1, 2, 7}
    assert set(read) == {1, 2, 7}
    assert history.changes_of("I-1") == [1, 7]
    assert history.concerning(["T-1"], stages_of=["I-1"]).changes_of("I-1") == [1, 7]


def test_each_entry_is_looked_at_once_however_many_references_it_concerns() -> None:
    office = Office()
    for _ in range(6):
        office.transfer()
    refs = [f"T-{n}" for n in range(1, 7)]
    office.exit(refs, 3, "2025-04-01")
    history = office.history
    read: list[int] = []

    def entry(seq: int) -> Logged | None:
        read.append(seq)
        return history.entries.get(seq)

    found = gather(refs, seqs_of=history.by_ref.get, entry_of=entry)

    assert found == set(range(1, 8))
    assert read.count(7) == 1


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEEDS)
def test_to_read_only_the_changes_of_instruments_finds_the_same(seed: int) -> None:
    history = book(seed).history
    for ref in history.by_ref:
        full, stages_of = begins([ref])

        def found(changes_of: Callable[[str], list[int]] | None) -> set[int]:
            return gather(
                full,  # noqa: B023 (called at once)
                stages_of=stages_of,  # noqa: B023
                seqs_of=history.by_ref.get,
                entry_of=history.entries.get,
                changes_of=changes_of,
            )

        assert found(history.changes_of) == found(None)
