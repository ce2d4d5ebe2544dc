"""A backup is whole and read again, or there is none; nothing is written over."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.errors import (
    InterruptedWriteError,
    LedgerError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.register import backing
from ledger.register.backing import back_up
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.progress import Progress
from ledger.register.wholeness import check_whole
from ledger.store.backups import BackupFile
from ledger.store.copying import copy_database
from ledger.store.journal import Journal
from ledger.tlog import merkle
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    image_of,
    insert,
    keep,
    lay,
    remember,
    storable,
    tampering,
    usual,
    usual_office,
)
from tests.store.test_engine import crashed
from tests.surroundings import files, files_of_at_most, open_folder, without_power

NOW = datetime(2026, 4, 2, 15, 0, 0, tzinfo=UTC)


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as book:
        return list(book.iterdump())


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


@pytest.fixture
def there(tmp_path: Path) -> Places:
    return usual(tmp_path)


def refused(there: Places, to: Path) -> LedgerError:
    with pytest.raises(LedgerError) as error:
        back_up(there, to, now=NOW)
    return error.value


def test_a_backup_is_the_book(there: Places, usb: Path) -> None:
    made = back_up(there, usb / "copy.sqlite", now=NOW)

    assert dump(made.path) == dump(there.database)
    assert (made.book, made.size) == (usual_office().book, LENGTH)
    assert made.head == merkle.leaf_hash(usual_office().notes[-1])
    assert made.root.hex() == verify(there).root.hex()
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert files(usb) == {"copy.sqlite"}
    copy = Places(made.path, there.keys, there.state)
    assert verify(copy).exit_code == 0


@pytest.mark.parametrize("number", range(3))
def test_a_book_with_void_entries_has_a_backup(tmp_path: Path, number: int) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    with closing(sqlite3.connect(there.database)) as book, book:
        insert(book, len(office.notes), b"not an entry")
    back_up(there, tmp_path / "copy.sqlite", now=NOW)

    assert dump(tmp_path / "copy.sqlite") == dump(there.database)


def test_a_book_that_somebody_set_to_a_write_ahead_log_has_an_ordinary_backup(
    there: Places, usb: Path
) -> None:
    with closing(sqlite3.connect(there.database)) as book:
        book.execute("PRAGMA journal_mode=WAL")
    made = back_up(there, usb, now=NOW)

    with closing(sqlite3.connect(made.path)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert files(usb) == {made.path.name}


def test_in_a_folder_it_is_named_for_the_book_and_the_time(
    there: Places, usb: Path
) -> None:
    made = back_up(there, usb, now=NOW)
    name = usual_office().book.replace("/", "-")

    assert made.path == usb / f"{name}-20260402T150000Z.sqlite"
    assert made.same_disk


def test_it_is_remembered_when_the_last_one_was_made(there: Places, usb: Path) -> None:
    made = back_up(there, usb, now=NOW)
    kept = BackupFile(there.memory).read()

    assert kept is not None
    assert (kept.at, kept.size, kept.root) == (NOW, LENGTH, made.root.hex())


def test_how_far_it_has_come_is_told(there: Places, usb: Path) -> None:
    told: list[Progress] = []
    back_up(there, usb, now=NOW, tell=told.append)

    assert [progress.stage for progress in told] == ["copy", "entries"]
    assert told[0].done == told[0].total > 0


@pytest.mark.parametrize("kind", ["file", "link"])
def test_nothing_is_written_over(there: Places, usb: Path, kind: str) -> None:
    path = usb / "copy.sqlite"
    if kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to(usb / "elsewhere")
    before = files(usb)

    assert refused(there, path).code == "file.exists"
    assert files(usb) == before


def test_a_name_that_is_taken_meanwhile_is_not_written_over(
    there: Places, usb: Path
) -> None:
    path = usb / "copy.sqlite"

    def take(_: Progress) -> None:
        path.write_text("mine")

    with pytest.raises(RefusedError, match=r"file\.exists"):
        back_up(there, path, now=NOW, tell=take)

    assert path.read_text() == "mine"
    assert files(usb) == {"copy.sqlite"}


def test_a_medium_that_is_taken_away_is_told(there: Places, usb: Path) -> None:
    def take_away(progress: Progress) -> None:
        if progress.stage == "entries":
            shutil.rmtree(usb)

    with pytest.raises(NotPermittedError):
        back_up(there, usb / "copy.sqlite", now=NOW, tell=take_away)

    assert BackupFile(there.memory).read() is None


def test_a_folder_that_is_not_there_is_not_made(there: Places, usb: Path) -> None:
    error = refused(there, usb / "away" / "copy.sqlite")

    assert isinstance(error, NotFoundError)
    assert files(usb) == set()


def test_a_book_in_mid_write_is_to_be_recovered_first(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    there = crashed(tmp_path / "office")
    error = refused(there, tmp_path / "copy.sqlite")

    assert isinstance(error, InterruptedWriteError)
    assert files(tmp_path) == {"office/book.ledger", "office/book.ledger-journal"}


def test_a_book_that_is_shorter_than_it_was_has_no_backup(
    there: Places, usb: Path
) -> None:
    office = usual_office()
    remember(there, office, size=LENGTH)
    with tampering(there.database) as book:
        book.execute("DELETE FROM entry WHERE seq = ?", (LENGTH - 1,))
    assert isinstance(refused(there, usb), RewrittenError)
    assert files(usb) == set()


Damage = Callable[[sqlite3.Connection], object]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "note": (
        lambda book: book.execute("UPDATE entry SET note = x'00' WHERE seq = 5"),
        "copy.entry-altered",
    ),
    "no entry": (
        lambda book: book.execute(
            "UPDATE entry SET note = ?, leaf = ? WHERE seq = 5",
            (b"no entry", merkle.leaf_hash(b"no entry")),
        ),
        "copy.entry-altered",
    ),
    "leaf": (
        lambda book: book.execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 5"),
        "copy.entry-altered",
    ),
    "gap": (
        lambda book: book.execute("DELETE FROM entry WHERE seq = 5"),
        "copy.entry-altered",
    ),
    "order": (
        lambda book: book.executescript(
            "UPDATE entry SET note = (SELECT note FROM entry e WHERE e.seq = 6), "
            "leaf = (SELECT leaf FROM entry e WHERE e.seq = 6) WHERE seq = 5"
        ),
        "copy.entry-altered",
    ),
    "node": (
        lambda book: book.execute("UPDATE node SET hash = zeroblob(32)"),
        "copy.tree-altered",
    ),
    "surplus node": (
        lambda book: book.execute(
            "INSERT INTO node VALUES (1, 40, 0, zeroblob(32))",
        ),
        "copy.tree-altered",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_book_has_no_backup(there: Places, usb: Path, name: str) -> None:
    damage, code = DAMAGES[name]
    with tampering(there.database) as book:
        damage(book)
    error = refused(there, usb)

    assert (type(error), error.code) == (TamperedError, code)
    assert files(usb) == set()
    assert BackupFile(there.memory).read() is None


def test_damaged_pages_are_no_backup(there: Places, usb: Path) -> None:
    with tampering(there.database) as book:
        (root,) = book.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'entry_once'"
        ).fetchone()
        (size,) = book.execute("PRAGMA page_size").fetchone()
    content = bytearray(there.database.read_bytes())
    start = (root - 1) * size
    content[start + 40 : start + size] = bytes(size - 40)
    there.database.write_bytes(content)
    error = refused(there, usb)

    assert isinstance(error, TamperedError)
    assert files(usb) == set()


def test_a_copy_that_the_medium_changed_is_no_backup(
    there: Places, usb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def on_a_bad_medium(
        journal: Journal, draft: Path, *, each: Callable[[int, int], None]
    ) -> None:
        copy_database(journal, draft, each=each)
        with tampering(draft) as book:
            book.execute("DELETE FROM counter")

    monkeypatch.setattr(backing, "copy_database", on_a_bad_medium)

    assert refused(there, usb).code == "copy.unlike-the-book"
    assert files(usb) == set()


def test_a_full_disk_leaves_nothing(there: Places, usb: Path) -> None:
    with files_of_at_most(50_000):
        error = refused(there, usb)

    assert isinstance(error, NotPermittedError)
    assert files(usb) == set()


def test_a_folder_that_takes_no_file_is_told() -> None:
    with open_folder() as folder:
        there = usual(folder)
        (folder / "usb").mkdir(mode=0o755)
        there.database.chmod(0o644)
        with without_power():
            error = refused(there, folder / "usb" / "copy.sqlite")

        assert isinstance(error, NotPermittedError)
        assert files(folder / "usb") == set()


def test_what_is_recorded_meanwhile_does_not_spoil_it(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    there = lay(tmp_path, image_of(office))
    stop = threading.Event()

    def go_on() -> None:
        with closing(Journal.open(there.database, write=True)) as journal:
            while not stop.is_set() and len(office.notes) < 300:
                office.transfer()
                keep(journal, office)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        made = [
            back_up(there, tmp_path / f"{number}.sqlite", now=NOW)
            for number in range(3)
        ]
    finally:
        stop.set()
        writer.join()
    for backup in made:
        journal = Journal.open(backup.path, write=False)
        assert check_whole(journal).size == backup.size >= 2
        journal.close()


def test_entries_that_nobody_judged_lie_beyond_the_copy(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as book, book:
        insert(book, LENGTH, b"not an entry")
    journal = Journal.open(there.database, write=False)

    assert check_whole(journal).size == LENGTH
    journal.close()
