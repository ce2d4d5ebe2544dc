"""The law: what other processes say of signatures can save work, and pass nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path
from threading import Timer

import pytest
from msgspec.structs import replace

from ledger.errors import SignatureError
from ledger.register import examining, signatures
from ledger.register.checking import verify
from ledger.register.signatures import Ahead, spare_cores, vouch, work
from ledger.store.journal import Journal, Row
from ledger.tlog import merkle
from ledger.tlog.entry import EntryNote
from ledger.tlog.note import VerifyKey
from tests.office import Office
from tests.register.stored import LENGTH, tampering, usual, usual_office

pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "BATCH", 16)


def keys_of(office: Office) -> list[VerifyKey]:
    return [standing.key for standing in office.history.ring.standings]


@contextmanager
def journal_of(database: Path) -> Iterator[Journal]:
    journal = Journal.open(database, write=False)
    try:
        yield journal
    finally:
        journal.close()


def checked_here(
    ahead: Ahead, monkeypatch: pytest.MonkeyPatch, *, keys: list[VerifyKey]
) -> list[int]:
    """Let a judge go through the usual book; return what it had to check itself."""
    here: list[int] = []
    current = 0
    own = EntryNote.check_signature

    def counted(page: EntryNote, key: VerifyKey) -> None:
        here.append(current)
        own(page, key)

    monkeypatch.setattr(EntryNote, "check_signature", counted)
    for seq, note in enumerate(usual_office().notes):
        current = seq
        ahead.reach(seq, keys=keys if seq else ())
        page = EntryNote.parse(note)
        line = page.signature
        key = next(k for k in keys if (k.name, k.key_id) == (line.name, line.key_id))
        ahead.check(page, key, merkle.leaf_hash(note))
    monkeypatch.undo()
    return here


@pytest.mark.parametrize("workers", [1, 3])
def test_after_the_first_batch_no_signature_is_left_to_the_judge(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())

    with Ahead(there.database, stop=LENGTH, workers=workers) as ahead:
        here = checked_here(ahead, monkeypatch, keys=keys)

    assert here == list(range(16))


def test_without_workers_the_judge_checks_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())

    with Ahead(there.database, stop=LENGTH, workers=0) as ahead:
        here = checked_here(ahead, monkeypatch, keys=keys)

    assert here == list(range(LENGTH))


def test_a_worker_that_died_leaves_its_work_to_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())

    with Ahead(there.database, stop=LENGTH, workers=2) as ahead:
        dead = ahead.workers[0].process
        assert dead.pid is not None
        os.kill(dead.pid, signal.SIGKILL)
        dead.join()
        here = checked_here(ahead, monkeypatch, keys=keys)

    assert here == [*range(16), *range(32, 48)]


def test_a_worker_that_dies_with_work_in_hand_is_not_waited_for(
    tmp_path: Path,
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())

    with Ahead(there.database, stop=LENGTH, workers=1) as ahead:
        worker = ahead.workers[0]
        assert worker.process.pid is not None
        os.kill(worker.process.pid, signal.SIGSTOP)
        worker.ask(1, (16, 32, tuple(keys)))
        os.kill(worker.process.pid, signal.SIGKILL)

        assert worker.answer(1) == {}
        assert not worker.asked


def test_an_answer_that_nobody_came_for_is_passed_over(tmp_path: Path) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())

    with Ahead(there.database, stop=LENGTH, workers=1) as ahead:
        ahead.reach(16, keys=keys)
        ahead.reach(48, keys=keys)

        assert set(ahead.vouched) == {
            merkle.leaf_hash(note) for note in usual_office().notes[48:]
        }


def test_bytes_or_a_key_other_than_those_vouched_for_are_checked_anew(
    tmp_path: Path,
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())
    note = usual_office().notes[20]
    page = EntryNote.parse(note)
    key = next(k for k in keys if k.name == page.signature.name)
    stranger = Office(seed=90).keys["clerk"].key
    forged = replace(page, text=page.text.replace('"v":1', '"v":2'))

    with Ahead(there.database, stop=LENGTH, workers=1) as ahead:
        ahead.reach(20, keys=keys)
        ahead.check(page, key, merkle.leaf_hash(note))
        with pytest.raises(SignatureError):
            ahead.check(page, replace(stranger, name=key.name), merkle.leaf_hash(note))
        with pytest.raises(SignatureError):
            ahead.check(forged, key, merkle.leaf_hash(note + b"x"))


def test_a_worker_vouches_for_no_wrong_signature_and_no_unknown_key(
    tmp_path: Path,
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())
    notes = usual_office().notes
    bent = notes[3].replace(b'"once":"0', b'"once":"1', 1)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = ? WHERE seq = 3", (bent,))
        connection.execute("UPDATE entry SET note = x'00' WHERE seq = 5")

    with journal_of(there.database) as journal:
        found = vouch(journal, (2, 8, tuple(keys)))
        none = vouch(journal, (2, 8, (Office(seed=90).keys["clerk"].key,)))

    assert [leaf for leaf, _ in found] == [
        merkle.leaf_hash(notes[seq]) for seq in (2, 4, 6, 7)
    ]
    assert none == []


def test_a_worker_passes_over_what_has_another_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())
    note = usual_office().notes[3]
    rows: list[object] = [Row(2, None, b"", note), Row(3, None, bytes(32), note)]
    monkeypatch.setattr(Journal, "raw_rows", lambda *_: rows)

    with journal_of(there.database) as journal:
        assert len(vouch(journal, (2, 4, tuple(keys)))) == 1


def test_a_worker_that_cannot_read_says_what_it_has(tmp_path: Path) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())
    with tampering(there.database) as connection:
        connection.execute("DROP INDEX entry_once")
        connection.execute("ALTER TABLE entry RENAME COLUMN once TO twice")

    with journal_of(there.database) as journal:
        assert vouch(journal, (2, 8, tuple(keys))) == []


def test_a_worker_answers_until_nobody_asks_any_more(tmp_path: Path) -> None:
    there, keys = usual(tmp_path), keys_of(usual_office())
    handler = signal.getsignal(signal.SIGINT)
    ours, theirs = Pipe()
    other, another = Pipe()
    ours.send((1, 4, tuple(keys)))
    Timer(0.2, ours.close).start()

    try:
        work(theirs, there.database, [other])
    finally:
        signal.signal(signal.SIGINT, handler)

    assert other.closed
    assert ours.closed
    another.close()
    theirs.close()


def test_a_worker_without_a_book_ends_at_once(tmp_path: Path) -> None:
    handler = signal.getsignal(signal.SIGINT)
    ours, theirs = Pipe()
    try:
        work(theirs, tmp_path / "none", [])
    finally:
        signal.signal(signal.SIGINT, handler)

    ours.close()
    theirs.close()


def test_the_judge_has_a_core_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, spare in ((1, 0), (2, 1), (64, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: set(range(n)))
        assert spare_cores() == spare


@pytest.mark.parametrize("workers", [0, 2])
def test_a_verification_finds_the_same_with_and_without_help(
    workers: int, tmp_path: Path
) -> None:
    note = usual_office().notes[40]
    bent = note.replace(b'"once":"0', b'"once":"1', 1)
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = ?, leaf = ? WHERE seq = 40",
            (bent, merkle.leaf_hash(bent)),
        )

    first = verify(there, workers=workers).findings[0]

    assert (first.seq, first.code) == (40, "void:entry.bad-signature")


@pytest.mark.parametrize("workers", [0, 2])
def test_an_honest_book_passes_with_and_without_help(
    workers: int, tmp_path: Path
) -> None:
    assert verify(usual(tmp_path), workers=workers).exit_code == 0


def test_help_comes_only_where_it_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def none_spare() -> int:
        asked.append(1)
        return 0

    monkeypatch.setattr(examining, "FEWEST", LENGTH)
    monkeypatch.setattr(examining, "spare_cores", none_spare)
    there = usual(tmp_path)

    verify(there)
    monkeypatch.setattr(examining, "FEWEST", LENGTH + 1)
    verify(there)

    assert asked == [1]
