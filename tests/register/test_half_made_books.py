"""The law: a book that is half made is finished as it was begun, or left alone."""

import signal
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path

import pytest

from ledger.errors import BusyError, TamperedError, UnknownOutcomeError
from ledger.register import rebuilding
from ledger.register.founding import Founding
from ledger.register.making import Founded, init_book
from ledger.register.opening import Places
from ledger.register.rebuilding import Rebuilding
from ledger.register.sharing import look
from ledger.register.writing import acknowledge, append
from ledger.store import smallfiles
from ledger.store.journal import Journal
from ledger.tlog import merkle
from tests.keys.sample_keys import FEW, PASSPHRASE
from tests.register.stored import (
    LENGTH,
    asked,
    first_image,
    first_office,
    lay,
    opened,
    places,
    tampering,
    usual,
    usual_office,
)
from tests.surroundings import files, in_the_way

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FOUNDING = Founding("us.example/book", "US", "America/Chicago", "clerk-07")


def make(there: Places) -> Founded:
    return init_book(there, FOUNDING, passphrase=PASSPHRASE, now=NOW, rounds=FEW)


def test_two_programs_do_not_make_a_book_with_the_same_keys(tmp_path: Path) -> None:
    there = places(tmp_path)
    there.keys.mkdir()

    with smallfiles.folder_locked(there.keys), pytest.raises(BusyError) as refused:
        make(there)

    assert refused.value.code == "init.busy"
    assert refused.value.values == {"path": str(there.keys)}
    assert files(tmp_path) == set()


def test_a_half_made_book_that_lost_its_first_entry_is_not_finished(
    tmp_path: Path,
) -> None:
    there = places(tmp_path)
    make(there)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM entry")

    with pytest.raises(TamperedError) as refused:
        make(there)

    assert refused.value.code == "store.entry-missing"


def test_a_half_made_book_that_begins_with_something_else_is_not_finished(
    tmp_path: Path,
) -> None:
    there = places(tmp_path)
    make(there)
    note = next(
        note
        for seq, note in enumerate(usual_office().notes)
        if usual_office().history.entries[seq].kind == "transfer"
    )
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = ?, leaf = ?", (note, merkle.leaf_hash(note))
        )

    with pytest.raises(TamperedError) as refused:
        make(there)

    assert refused.value.code == "store.entry-unreadable"


def test_a_process_looks_at_entries_that_are_all_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "REFS", 3)
    there = usual(tmp_path)
    journal = Journal.open(there.database, write=False)
    compared = Rebuilding(journal, usual_office().history)
    for seq in range(LENGTH):
        compared.judged(seq)
    compared.look_at_headings()
    parts = range(compared.divide())
    ours, theirs = Pipe(duplex=False)
    before = signal.getsignal(signal.SIGINT)

    try:
        look(theirs, compared, there.database, parts)
    finally:
        signal.signal(signal.SIGINT, before)

    assert parts
    assert ours.poll()
    assert ours.recv() == []
    for end in (ours, theirs, journal):
        end.close()


def test_a_request_that_cannot_be_forgotten_is_answered_the_same_once_more(
    tmp_path: Path,
) -> None:
    there = lay(tmp_path, first_image())
    clerk = first_office().keys["clerk"]
    with opened(there) as register:
        first = append(
            register, kind="transfer", request=asked(238), signer=clerk, now=NOW
        )
        (lock,) = there.memory.rglob("pending.lock")
        lock.unlink()
        in_the_way(lock, kind="folder")

        with pytest.raises(UnknownOutcomeError) as refused:
            acknowledge(register, first)

        lock.rmdir()
        again = append(
            register, kind="transfer", request=asked(238), signer=clerk, now=NOW
        )

    assert refused.value.code == "store.memory-unknown"
    assert again.entry.seq == first.entry.seq
