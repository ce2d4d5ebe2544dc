"""A backup comes back where nothing sound is, and never as a second history."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import (
    InterruptedWriteError,
    LedgerError,
    NoBookError,
    NotPermittedError,
    RewrittenError,
    TamperedError,
    TooNewError,
)
from ledger.register.backing import back_up
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.restoring import Restored, restore, what_is_there
from ledger.store.watermark import WatermarkFile
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    image_of,
    insert,
    lay,
    opened,
    places,
    remember,
    tampering,
    usual,
    usual_office,
)
from tests.store.test_engine import crashed
from tests.surroundings import files, files_of_at_most, open_folder, without_power

NOW = datetime(2026, 4, 2, 15, 0, 0, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return a backup of the usual book, made on another machine."""
    folder = tmp_path / "other-machine"
    folder.mkdir()
    return back_up(usual(folder), tmp_path / "kept.sqlite", now=NOW).path


@pytest.fixture
def there(tmp_path: Path) -> Places:
    """Return an office without a book."""
    (tmp_path / "office").mkdir()
    return places(tmp_path / "office")


def put_back(there: Places, file: Path, *, yes: bool = True) -> Restored:
    return restore(there, file, now=NOW, may_move=lambda: yes)


def refused(there: Places, file: Path, *, yes: bool = True) -> LedgerError:
    with pytest.raises(LedgerError) as error:
        put_back(there, file, yes=yes)
    return error.value


def test_backup_restore_verify_gives_the_same_head(there: Places, kept: Path) -> None:
    done = put_back(there, kept)
    report = verify(there)

    assert (done.book, done.size) == (usual_office().book, LENGTH)
    assert (done.remembered, done.read_only, done.aside) == (None, False, None)
    assert (report.exit_code, report.root) == (0, done.root)
    assert report.memory == "pass"
    assert files(there.database.parent) >= {"book.ledger"}


def test_a_folder_that_is_missing_is_made(there: Places, kept: Path) -> None:
    deep = replace(there, database=there.database.parent / "new" / "book.sqlite")
    put_back(deep, kept)

    assert verify(deep).exit_code == 0


def test_a_sound_book_is_never_replaced(tmp_path: Path, kept: Path) -> None:
    there = usual(tmp_path)
    before = there.database.read_bytes()

    assert refused(there, kept).code == "restore.book-there"
    assert there.database.read_bytes() == before


def test_a_book_with_void_entries_is_sound(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with opened(there) as register:
        insert(register.journal.connection, LENGTH, b"not an entry")
    assert verify(there).exit_code != 0

    assert what_is_there(there) == "sound"


def test_a_book_that_somebody_set_to_a_write_ahead_log_is_sound(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as book:
        book.execute("PRAGMA journal_mode=WAL")

    assert what_is_there(there) == "sound"


def test_what_is_damaged_is_left_if_nobody_says_yes(there: Places, kept: Path) -> None:
    there.database.write_text("no book")

    assert refused(there, kept, yes=False).code == "restore.damaged-there"
    assert there.database.read_text() == "no book"


def test_what_is_damaged_is_moved_aside_if_somebody_says_yes(
    there: Places, kept: Path
) -> None:
    there.database.write_text("no book")
    there.database.with_name("book.ledger-journal").write_text("")
    done = put_back(there, kept)

    aside = there.database.with_name("book.ledger.damaged-20260402T150000Z")
    assert done.aside == aside
    assert aside.read_text() == "no book"
    assert aside.with_name(f"{aside.name}-journal").exists()
    assert verify(there).exit_code == 0


def test_a_book_that_was_altered_is_damaged(tmp_path: Path, kept: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE seq = 5")

    assert what_is_there(there) == "damaged"
    assert put_back(there, kept).aside is not None


def test_a_name_for_the_evidence_that_is_taken_stops_it(
    there: Places, kept: Path
) -> None:
    there.database.write_text("no book")
    (there.database.parent / "book.ledger.damaged-20260402T150000Z").touch()

    assert refused(there, kept).code == "file.exists"
    assert there.database.read_text() == "no book"


def test_a_full_disk_leaves_the_damaged_file_where_it_was(
    there: Places, kept: Path
) -> None:
    there.database.write_text("no book")
    with files_of_at_most(50_000):
        error = refused(there, kept)

    assert isinstance(error, NotPermittedError)
    assert there.database.read_text() == "no book"
    assert {f for f in files(there.database.parent) if "book" in f} == {"book.ledger"}


def test_a_full_disk_leaves_nothing_where_nothing_was(
    there: Places, kept: Path
) -> None:
    with files_of_at_most(50_000):
        assert isinstance(refused(there, kept), NotPermittedError)

    assert not there.database.exists()


def test_an_older_copy_is_read_only(tmp_path: Path, there: Places) -> None:
    office = Office()
    office.transfer()
    early = lay(tmp_path, image_of(office))
    file = back_up(early, tmp_path / "early.sqlite", now=NOW).path
    office.receipt("T-1", 238)
    remember(there, office, size=3)
    done = put_back(there, file)

    assert (done.size, done.remembered, done.read_only) == (2, 3, True)
    with opened(there) as register, pytest.raises(RewrittenError) as error:
        register.check_memory()
    assert error.value.code == "memory.cut"


def test_what_is_remembered_goes_to_another_path(tmp_path: Path, there: Places) -> None:
    office = Office()
    office.transfer()
    early = lay(tmp_path, image_of(office))
    file = back_up(early, tmp_path / "early.sqlite", now=NOW).path
    office.receipt("T-1", 238)
    remember(there, office, size=3)
    elsewhere = replace(there, database=tmp_path / "elsewhere.sqlite")
    done = put_back(elsewhere, file)
    mark = WatermarkFile(elsewhere.memory).read()

    assert done.read_only
    assert mark is not None
    assert mark.size == 3


def test_of_two_copies_only_the_furthest_takes_entries(
    tmp_path: Path, there: Places
) -> None:
    office = Office()
    first = lay(tmp_path, image_of(office))
    file = back_up(first, tmp_path / "kept.sqlite", now=NOW).path
    one = replace(there, database=tmp_path / "one.sqlite")
    two = replace(there, database=tmp_path / "two.sqlite")
    put_back(one, file)
    put_back(two, file)
    office.transfer()
    remember(one, office, size=2)

    with opened(two) as register, pytest.raises(RewrittenError):
        register.check_memory()


def test_a_copy_of_another_history_is_refused(tmp_path: Path, there: Places) -> None:
    ours, theirs = Office(), Office()
    ours.transfer()
    theirs.transfer(renewable="no")
    remember(there, ours, size=2)
    file = back_up(lay(tmp_path, image_of(theirs)), tmp_path / "k", now=NOW).path

    assert refused(there, file).code == "memory.other-root"
    assert not there.database.exists()


def test_a_copy_of_another_book_is_refused(there: Places, kept: Path) -> None:
    remember(there, Office(book="sv.example/book", state="SV"), size=1)

    assert refused(there, kept).code == "restore.other-book"
    assert not there.database.exists()


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE entry SET note = x'00' WHERE seq = 5", TamperedError),
        ("DELETE FROM entry WHERE seq = 5", RewrittenError),
    ],
)
def test_a_backup_that_does_not_verify_is_refused(
    there: Places, kept: Path, sql: str, kind: type[LedgerError]
) -> None:
    with tampering(kept) as book:
        book.execute(sql)
    error = refused(there, kept)

    assert isinstance(error, kind)
    assert error.code == "restore.backup-unsound"
    assert not there.database.exists()


def test_either_file_in_mid_write_is_to_be_recovered_first(
    tmp_path: Path, there: Places, kept: Path
) -> None:
    (tmp_path / "crashed").mkdir()
    hot = crashed(tmp_path / "crashed")

    assert isinstance(refused(there, hot.database), InterruptedWriteError)
    assert isinstance(refused(hot, kept), InterruptedWriteError)


def test_what_is_no_book_cannot_be_restored(tmp_path: Path, there: Places) -> None:
    assert isinstance(refused(there, tmp_path / "nothing"), NoBookError)


def test_a_book_of_a_newer_program_is_not_taken_for_a_damaged_one(
    tmp_path: Path, kept: Path
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as book:
        book.execute("PRAGMA user_version=99")

    assert isinstance(refused(there, kept), TooNewError)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_folder_that_takes_no_file_is_told(kept: Path, what: str) -> None:
    with open_folder() as folder:
        os.chmod(kept, 0o644)  # noqa: PTH101 (the folders above it are ours)
        file = folder / "kept.sqlite"
        file.write_bytes(kept.read_bytes())
        file.chmod(0o644)
        there = places(folder)
        there = replace(there, state=folder / "state")
        there.state.mkdir()
        there.state.chmod(0o777)
        if what == "folder":
            there = replace(there, database=folder / "new" / "book.ledger")
        else:
            there.database.write_text("no book")
            there.database.chmod(0o644)
        with without_power():
            error = refused(there, file)

    assert isinstance(error, NotPermittedError)
