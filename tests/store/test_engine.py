"""The law: a ledger opens with its settings or not at all; errors say who acts."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import (
    BusyError,
    InterruptedWriteError,
    LedgerError,
    NotPermittedError,
    TamperedError,
    TooNewError,
)
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store import engine
from ledger.store.engine import make_database, open_database, translated
from ledger.store.guards import GUARDS
from tests.register.stored import LENGTH, usual
from tests.surroundings import (
    files,
    files_of_at_most,
    in_the_way,
    open_folder,
    without_power,
)

CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size=1")
connection.execute("BEGIN IMMEDIATE")
for seq in range(1000, 1400):
    connection.execute(
        "INSERT INTO heading VALUES (1, ?, ?, NULL, NULL, NULL, NULL)",
        (seq, "x" * 900),
    )
connection.execute(
    "INSERT INTO entry (book, seq, once, leaf, note)"
    " VALUES (1, 60, NULL, zeroblob(32), zeroblob(60000))"
)
os._exit(1)
"""


def crashed(folder: Path) -> Places:
    """Return a book whose writer died in mid-write: the journal is hot."""
    there = usual(folder)
    before = there.database.stat().st_size
    subprocess.run([sys.executable, "-c", CRASH, str(there.database)], check=False)
    assert there.database.stat().st_size > before
    assert files(folder) == {"book.ledger", "book.ledger-journal"}
    return there


def refusal(path: Path, *, write: bool = False) -> str:
    with pytest.raises(LedgerError) as refused:
        open_database(path, write=write)
    return f"{type(refused.value).__name__} {refused.value.code}"


def test_an_open_ledger_has_the_settings_that_lose_nothing(tmp_path: Path) -> None:
    connection = open_database(usual(tmp_path).database, write=True)

    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name, _ in engine.SETTINGS
    }
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert found == {
        "busy_timeout": 10_000,
        "synchronous": 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "recursive_triggers": 1,
        "mmap_size": 0,
    }
    assert mode == "delete"


def test_a_setting_that_is_not_kept_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = usual(tmp_path)
    monkeypatch.setattr(engine, "SETTINGS", (("no_such_setting", 1),))

    assert refusal(there.database) == "TamperedError store.setting-refused"


def test_a_new_ledger_is_private_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "new?#%20.ledger"

    make_database(path).close()

    connection = open_database(path, write=True)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    connection.close()
    assert application == int.from_bytes(b"TLDG")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files(tmp_path) == {"new?#%20.ledger"}


def test_a_new_ledger_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(b"mine")

    with pytest.raises(NotPermittedError) as refused:
        make_database(path)

    assert refused.value.code == "system.fault"
    assert refused.value.values == {"path": str(path), "code": "EEXIST"}
    assert path.read_bytes() == b"mine"


def test_a_disk_that_fills_up_while_a_ledger_is_made_is_said(tmp_path: Path) -> None:
    with files_of_at_most(8192), pytest.raises(NotPermittedError) as refused:
        make_database(tmp_path / "book")

    assert refused.value.code == "store.disk"


def test_what_is_not_there_is_no_book(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == "NoBookError store.no-book"


def test_what_lies_below_a_file_is_no_book(tmp_path: Path) -> None:
    there = usual(tmp_path)

    assert refusal(there.database / "book") == "NoBookError store.no-book"


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket"])
def test_what_is_not_a_file_is_no_book(tmp_path: Path, kind: str) -> None:
    in_the_way(tmp_path / "book", kind=kind)

    assert refusal(tmp_path / "book") == "NoBookError store.no-book"


@pytest.mark.parametrize("whole", [True, False])
def test_a_link_is_no_book(tmp_path: Path, *, whole: bool) -> None:
    there = usual(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(there.database if whole else tmp_path / "none")

    assert refusal(link) == "NoBookError store.is-a-link"


def _other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entry (seq)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda path: path.touch(), id="empty"),
        pytest.param(lambda path: path.write_text("a list\n" * 200), id="text"),
        pytest.param(_other_database, id="other database"),
    ],
)
def test_a_file_of_another_sort_is_no_ledger(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "book"
    write(path)

    assert refusal(path) == "NoBookError store.not-a-ledger"


@pytest.mark.parametrize("version", [0, -1])
def test_a_header_with_a_version_that_never_was_is_no_ledger(
    tmp_path: Path, version: int
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.execute(f"PRAGMA user_version={version}")

    assert refusal(there.database) == "NoBookError store.not-a-ledger"


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    there = usual(tmp_path)
    connection = sqlite3.connect(there.database)
    connection.execute("PRAGMA user_version=2")
    connection.close()

    with pytest.raises(TooNewError) as refused:
        open_database(there.database, write=False)

    assert refused.value.values == {"version": 2, "known": 1}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda sql: sql.split()[2])
def test_without_one_of_its_guards_a_ledger_is_read_and_not_written(
    tmp_path: Path, guard: str
) -> None:
    there = usual(tmp_path)
    connection = sqlite3.connect(there.database)
    connection.execute(f"DROP TRIGGER {guard.split()[2]}")
    connection.close()

    open_database(there.database, write=False).close()
    assert refusal(there.database, write=True) == "TamperedError store.guards-changed"


@pytest.mark.parametrize("part", ["file", "folder"])
def test_where_this_user_may_not_write_a_ledger_is_only_read(part: str) -> None:
    with open_folder(mode=0o777) as folder:
        there = usual(folder)
        there.database.chmod(0o444 if part == "file" else 0o666)
        folder.chmod(0o777 if part == "file" else 0o555)

        with without_power():
            reader = open_database(there.database, write=False)
            refused = refusal(there.database, write=True)
            (size,) = reader.execute("SELECT count(*) FROM entry").fetchone()
            with pytest.raises(NotPermittedError), translated():
                reader.execute("DELETE FROM payment")
            reader.close()

    assert refused == "NotPermittedError store.database-forbidden"
    assert size == LENGTH


@pytest.mark.parametrize("part", ["file", "folder"])
def test_what_this_user_may_not_read_is_not_permitted(part: str) -> None:
    with open_folder() as folder:
        there = usual(folder)
        (there.database if part == "file" else folder).chmod(0)

        with without_power():
            refused = refusal(there.database)

        folder.chmod(0o755)
    code = "store.not-permitted" if part == "file" else "system.forbidden"
    assert refused == f"NotPermittedError {code}"


def test_a_crash_in_mid_write_is_undone_by_whoever_may_write(tmp_path: Path) -> None:
    there = crashed(tmp_path)

    connection = open_database(there.database, write=True)

    (size,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    (headings,) = connection.execute("SELECT count(*) FROM heading").fetchone()
    connection.close()
    assert (size, headings) == (LENGTH, LENGTH)
    assert files(tmp_path) == {"book.ledger"}
    assert verify(there).exit_code == 0


@pytest.mark.parametrize("part", ["file", "folder", "both"])
def test_a_crash_in_mid_write_is_no_tampering_where_nobody_may_write(part: str) -> None:
    with open_folder(mode=0o777) as folder:
        there = crashed(folder)
        for path in folder.iterdir():
            path.chmod(0o666)
        if part != "folder":
            there.database.chmod(0o444)
        if part != "file":
            folder.chmod(0o555)

        with without_power():
            with pytest.raises(InterruptedWriteError) as refused:
                open_database(there.database, write=False)
            report = verify(there)

        left = files(folder)
    assert refused.value.code == "store.needs-recovery"
    assert (report.verdict, report.exit_code) == ("needs_recovery", 15)
    assert {level.result for level in report.levels} == {"skipped"}
    assert left == {"book.ledger", "book.ledger-journal"}


def test_a_lock_that_somebody_keeps_is_busy(tmp_path: Path) -> None:
    there = usual(tmp_path)
    other = sqlite3.connect(there.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connection = open_database(there.database, write=True)
    connection.execute("PRAGMA busy_timeout=20")

    with pytest.raises(BusyError) as refused, translated():
        connection.execute("BEGIN IMMEDIATE")

    connection.close()
    other.close()
    assert refused.value.values == {"seconds": 10}


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    connection = open_database(usual(tmp_path).database, write=True)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(NotPermittedError) as refused, translated():
        connection.execute(
            "INSERT INTO heading (book, seq, at) VALUES (9, 9, ?)", ("x" * 99_999,)
        )

    connection.close()
    assert refused.value.values == {"code": sqlite3.SQLITE_FULL}


def test_a_page_that_was_overwritten_is_damage(tmp_path: Path) -> None:
    there = usual(tmp_path)
    size = there.database.stat().st_size
    with there.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))

    with pytest.raises(TamperedError) as refused:
        open_database(there.database, write=True)

    assert refused.value.code == "store.damaged"


def test_an_error_without_a_code_is_damage() -> None:
    with pytest.raises(TamperedError) as refused, translated():
        raise sqlite3.OperationalError

    assert refused.value.values == {"code": sqlite3.SQLITE_ERROR}


def test_a_name_with_a_place_that_loops_is_no_book(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    assert refusal(tmp_path / "loop" / "book") == "NoBookError store.no-book"
