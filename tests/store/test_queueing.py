"""Writers come one after the other, in the order in which they asked."""

import fcntl
import multiprocessing
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

import pytest

from bench.books import long_office, write_database
from bench.queue import together
from ledger.errors import BusyError, NotPermittedError
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store.journal import Journal
from ledger.store.queueing import in_turn
from tests.register.stored import usual

WRITERS, APPENDS = 8, 25


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """Be the next writer, and never write."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def test_eight_writers_lose_nothing_and_none_waits_for_ever(tmp_path: Path) -> None:
    office = long_office(20)
    write_database(office, tmp_path / "book")
    there = Places(tmp_path / "book", tmp_path / "keys", tmp_path / "state")
    size = len(office.notes)

    took = together(there, office.keys["clerk"], writers=WRITERS, appends=APPENDS)

    assert len(took) == WRITERS * APPENDS
    journal = Journal.open(there.database, write=False)
    assert journal.size() == size + WRITERS * APPENDS
    journal.close()
    assert verify(there, workers=0).exit_code == 0
    # Whoever asks first is first: nobody is overtaken by all others many times.
    assert max(took) < sum(took) / WRITERS / 2


def test_who_is_not_the_next_in_time_is_told_that_the_book_is_busy(
    tmp_path: Path,
) -> None:
    journal = Journal.open(usual(tmp_path).database, write=True)
    journal.connection.execute("PRAGMA busy_timeout=30")

    other = sqlite3.connect(tmp_path / "book.ledger", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with held(tmp_path), pytest.raises(BusyError), journal.writing():
        raise AssertionError

    other.close()
    # Another program's lock on the folder alone takes time, and refuses nothing.
    with held(tmp_path), journal.writing():
        limit = journal.connection.execute("PRAGMA busy_timeout").fetchone()
    assert limit == (30,)
    journal.close()


def test_who_gave_up_keeps_nobody_waiting(tmp_path: Path) -> None:
    with held(tmp_path) as first:
        for _ in range(3):
            with in_turn(tmp_path, milliseconds=10) as left:
                assert left == 0
        fcntl.flock(first, fcntl.LOCK_UN)
        with in_turn(tmp_path, milliseconds=9000) as left:
            assert left > 0


def test_who_waits_has_less_time_left(tmp_path: Path) -> None:
    with held(tmp_path) as first:
        Timer(0.1, fcntl.flock, (first, fcntl.LOCK_UN)).start()
        with in_turn(tmp_path, milliseconds=9000) as left:
            assert 0 < left < 9000


def keep(folder: Path, link: Connection) -> None:
    with held(folder):
        link.send(None)
        signal.pause()


def test_the_place_of_one_who_dies_is_free(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=keep, args=(tmp_path, theirs))
    process.start()
    ours.recv()
    Timer(0.1, process.kill).start()

    with in_turn(tmp_path, milliseconds=9000) as left:
        assert 0 < left < 9000

    process.join()


@pytest.mark.parametrize("folder", ["none", "file"])
def test_where_no_folder_can_be_opened_nobody_queues(
    folder: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")

    with in_turn(tmp_path / folder, milliseconds=70) as left:
        assert left == 70
    with in_turn(None, milliseconds=70) as left:
        assert left == 70


def test_a_folder_that_may_only_be_read_is_queued_in(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with in_turn(tmp_path, milliseconds=70) as left:
        assert left == 70
        with in_turn(tmp_path, milliseconds=10) as other:
            assert other == 0

    tmp_path.chmod(0o700)


def test_where_no_more_files_can_be_opened_it_is_said(tmp_path: Path) -> None:
    usual_limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, usual_limits[1]))
    try:
        with pytest.raises(NotPermittedError), in_turn(tmp_path, milliseconds=10):
            raise AssertionError
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual_limits)
