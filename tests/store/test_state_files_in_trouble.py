"""The law: what the system refuses at a bad moment is said, and nothing is lost."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger.errors import NotPermittedError
from ledger.store import engine, smallfiles
from ledger.store.engine import naming, open_database, translated
from ledger.store.pending import PendingFolder
from ledger.store.projections import TRANSFER, expected_rows
from tests.office import Office
from tests.register.stored import usual
from tests.surroundings import ME, files, open_folder, without_power

FIRST = "1" * 64
ONCE = "a" * 32
AT = "2026-11-20T09:05:00Z"


def kept(folder: Path) -> PendingFolder:
    """Return a folder with one pending transfer in it."""
    pending = PendingFolder(folder)
    pending.keep(FIRST, once=ONCE, kind="transfer", at=AT)
    return pending


def file_of(folder: Path) -> Path:
    """Return the one file of a request in a folder."""
    (found,) = folder.rglob(FIRST)
    return found


def test_a_link_in_the_place_of_a_request_is_damage_that_nobody_holds(
    tmp_path: Path,
) -> None:
    kept(tmp_path / "place").let_go()
    file = file_of(tmp_path)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")

    assert not PendingFolder(tmp_path / "place").is_another_programs(FIRST)


def test_whose_a_request_is_that_cannot_be_read_is_not_guessed() -> None:
    with open_folder() as folder:
        kept(folder / "place").let_go()
        for path in (folder / "place", file_of(folder).parent):
            path.chmod(0o755)
        file_of(folder).chmod(0)

        with without_power(), pytest.raises(NotPermittedError) as refused:
            PendingFolder(folder / "place").is_another_programs(FIRST)

    assert refused.value.code == "system.forbidden"


def test_a_request_that_goes_while_its_lock_is_awaited_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = kept(tmp_path / "place")
    locked = smallfiles.locked

    @contextmanager
    def late(path: Path) -> Iterator[None]:
        with locked(path):
            file_of(tmp_path).unlink()
            yield

    monkeypatch.setattr(smallfiles, "locked", late)

    pending.drop(FIRST)

    assert pending.find(FIRST) is None
    assert pending.is_another_programs(FIRST)  # it is held no more


def test_a_folder_is_locked_by_one_at_a_time(tmp_path: Path) -> None:
    lock = smallfiles.folder_locked
    with lock(tmp_path) as first, lock(tmp_path) as second:
        pass
    with lock(tmp_path) as after:
        pass

    assert (first, second, after) == (True, False, True)


def test_where_there_are_no_locks_everybody_gets_it(tmp_path: Path) -> None:
    held = os.open(tmp_path, os.O_PATH)  # which the system does not lock
    try:
        assert smallfiles.try_lock(held)
    finally:
        os.close(held)


def test_a_lock_that_fails_in_any_other_way_is_not_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", broken)

    with (
        pytest.raises(OSError, match="error") as refused,
        smallfiles.folder_locked(tmp_path),
    ):
        pass

    assert refused.value.errno == errno.EIO


def test_what_may_not_be_written_is_named(tmp_path: Path) -> None:
    path = usual(tmp_path).database

    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
        pytest.raises(NotPermittedError) as refused,
        naming(path),
        translated(),
    ):
        connection.execute("PRAGMA user_version=9")

    assert refused.value.code == "store.database-forbidden"
    assert refused.value.values == {"path": str(path)}


def test_a_file_that_goes_while_it_is_opened_is_no_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = engine._check_identity  # noqa: SLF001 (the moment is inside)

    with open_folder() as folder:
        path = usual(folder).database
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=wal")
        folder.chmod(0o555)

        def gone(connection: sqlite3.Connection) -> None:
            try:
                check(connection)
            finally:
                me = os.geteuid()
                os.seteuid(ME)
                folder.chmod(0o755)
                path.unlink()
                os.seteuid(me)

        monkeypatch.setattr(engine, "_check_identity", gone)

        with without_power(), pytest.raises(NotPermittedError) as refused:
            open_database(path, write=False)

        assert files(folder) == set()
    assert refused.value.code == "store.not-permitted"


def test_a_retracted_transfer_is_expected_nowhere() -> None:
    office = Office()
    office.transfer()
    office.transfer()
    office.retract(1)

    assert [row[0] for row in expected_rows(office.history)[TRANSFER]] == ["T-2"]
