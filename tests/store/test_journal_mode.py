"""The law: a setting that stays in the file is set back, or said, and harms nobody."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import BusyError, NotPermittedError, TamperedError
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store import engine
from ledger.store.engine import open_database
from ledger.store.guards import lasting
from tests.register.stored import usual
from tests.surroundings import files, open_folder, without_power


def set_to(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(f"PRAGMA journal_mode={mode}").fetchone() == (mode,)


@pytest.fixture
def there(tmp_path: Path) -> Places:
    """Return a book that somebody set to a write-ahead log."""
    found = usual(tmp_path)
    set_to(found.database, "wal")
    return found


@pytest.fixture
def shut() -> Iterator[Places]:
    """Return such a book in a folder where this user may not write."""
    with open_folder() as folder:
        found = usual(folder)
        set_to(found.database, "wal")
        folder.chmod(0o555)
        with without_power():
            yield found
        folder.chmod(0o755)


def mode_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_whoever_writes_sets_it_back(there: Places) -> None:
    with closing(open_database(there.database, write=True)) as connection:
        assert lasting(connection) == {"journal_mode": "delete"}

    assert mode_of(there.database) == "delete"
    assert files(there.database.parent) == {"book.ledger"}
    assert verify(there).findings == ()


def test_whoever_reads_leaves_it_and_can_read(there: Places) -> None:
    with closing(open_database(there.database, write=False)) as connection:
        (size,) = connection.execute("SELECT count(*) FROM entry").fetchone()

    assert size
    assert mode_of(there.database) == "wal"


def test_a_verification_names_it(there: Places) -> None:
    report = verify(there)

    assert report.exit_code == 10
    (finding,) = report.findings
    assert (finding.level, finding.code) == ("guards", "setting-differs")
    assert (finding.field, finding.expected, finding.found) == (
        "journal_mode",
        "delete",
        "wal",
    )
    assert [r.level for r in report.levels if r.result == "fail"] == ["guards"]


def test_while_another_program_has_it_open_nothing_is_written(
    there: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = [(name, value) for name, value in engine.SETTINGS if name != "busy_timeout"]
    monkeypatch.setattr(engine, "SETTINGS", (("busy_timeout", 50), *quick))
    with closing(sqlite3.connect(there.database)) as other:
        other.execute("SELECT count(*) FROM entry").fetchone()

        with pytest.raises(BusyError):
            open_database(there.database, write=True)

    open_database(there.database, write=True).close()


def test_a_setting_that_does_not_go_back_is_an_error(
    there: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LASTING", {"journal_mode": "none"})

    with pytest.raises(TamperedError) as refused:
        open_database(there.database, write=True)

    assert refused.value.code == "store.setting-refused"
    assert refused.value.values == {"setting": "journal_mode"}


def test_where_nobody_may_write_it_is_said(shut: Places) -> None:
    with pytest.raises(NotPermittedError) as refused:
        open_database(shut.database, write=False)

    assert refused.value.code == "store.write-ahead-log"
    assert refused.value.values == {"path": str(shut.database)}


def test_a_file_that_cannot_be_read_is_no_log() -> None:
    with open_folder() as folder:
        found = usual(folder)
        found.database.chmod(0)
        with without_power(), pytest.raises(NotPermittedError) as refused:
            open_database(found.database, write=False)

    assert refused.value.code != "store.write-ahead-log"
