"""What doctor looks at, each thing well and ill."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import NotPermittedError
from ledger.keys.files import create_key
from ledger.register import health
from ledger.register.backing import back_up
from ledger.register.health import Check, examine
from ledger.register.opening import Places
from ledger.register.recovering import recover
from ledger.store.condition import Room, room, settings_unlike
from ledger.tlog.note import SIG_ED25519
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    image_of,
    insert,
    lay,
    opened,
    remember,
    tampering,
    usual,
    usual_office,
)
from tests.store.test_engine import crashed
from tests.surroundings import files, open_folder, without_power

# Files of these tests are as old as the test is; this is later than any of them.
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6)  # noqa: TID251
MB = 1024 * 1024


@pytest.fixture
def there(tmp_path: Path) -> Places:
    return usual(tmp_path)


def checks(there: Places, *, now: datetime = NOW) -> dict[str, Check]:
    """Return every check by name; of several of one name the last."""
    return {check.name: check for check in examine(there, now=now).checks}


def found(there: Places, name: str, *, now: datetime = NOW) -> tuple[str, str]:
    check = checks(there, now=now)[name]
    return (check.result, check.code)


def test_a_book_in_order_has_no_bad_line(there: Places) -> None:
    report = examine(there, now=NOW)
    results = {check.result for check in report.checks}

    assert report.book == usual_office().book
    assert "bad" not in results
    assert all(check.error is None for check in report.checks)


def test_nothing_is_written_by_looking(there: Places) -> None:
    before = there.database.read_bytes()
    examine(there, now=NOW)

    assert there.database.read_bytes() == before
    assert files(there.database.parent) == {"book.ledger"}


def test_a_crash_in_mid_write_is_told_and_left(tmp_path: Path) -> None:
    there = crashed(tmp_path)
    first, *rest = examine(there, now=NOW).checks

    assert (first.name, first.result, first.code) == (
        "recovery",
        "bad",
        "recovery-needed",
    )
    assert first.error is not None
    assert {check.name for check in rest} == {"keys", "sqlite"}
    assert files(tmp_path) == {"book.ledger", "book.ledger-journal"}


def test_recovering_finishes_it_and_verifies(tmp_path: Path) -> None:
    there = crashed(tmp_path)
    recovered, report = recover(there)

    assert recovered
    assert (report.exit_code, report.entries) == (0, LENGTH)
    assert found(there, "recovery") == ("ok", "recovery-none")
    assert recover(there)[0] is False


def test_no_book_is_told(tmp_path: Path) -> None:
    there = Places(tmp_path / "nothing", tmp_path / "keys", tmp_path / "state")

    assert found(there, "book") == ("bad", "book-unopened")


def test_guards_that_were_dropped_are_bad(there: Places) -> None:
    with tampering(there.database) as book:
        book.execute("CREATE TABLE extra (a)")

    assert found(there, "schema") == ("bad", "schema-changed")


def test_a_write_ahead_log_is_told(there: Places) -> None:
    with tampering(there.database) as book:
        book.commit()
        book.execute("PRAGMA journal_mode=WAL")
    check = checks(there)["settings"]

    assert (check.result, check.values["setting"]) == ("warn", "journal_mode")
    with opened(there) as register:
        assert {s.name for s in settings_unlike(register.journal)} == {
            "busy_timeout",
            "synchronous",
        }


def test_the_memory_of_this_machine_is_absent_fits_or_does_not(there: Places) -> None:
    assert found(there, "memory") == ("warn", "memory-absent")
    remember(there, usual_office(), size=LENGTH)
    assert found(there, "memory") == ("ok", "memory-fits")
    with tampering(there.database) as book:
        book.execute("DELETE FROM entry WHERE seq = ?", (LENGTH - 1,))
    assert found(there, "memory") == ("bad", "memory-unlike")


def test_a_memory_that_cannot_be_read_is_told(there: Places) -> None:
    remember(there, usual_office(), size=LENGTH)
    (there.memory / "watermark").write_text("damaged")

    assert found(there, "memory") == ("bad", "unreadable")


def test_a_clock_behind_the_last_entry_or_behind_the_file_is_told(
    there: Places,
) -> None:
    with opened(there) as register:
        last = register.recall().head().at
    assert last is not None

    assert found(there, "clock") == ("ok", "clock-after-book")
    behind = checks(there, now=last - timedelta(seconds=61))["clock"]
    assert (behind.code, behind.values["n"]) == ("clock-behind-book", 2)
    assert found(there, "clock", now=last) == ("warn", "clock-behind-file")
    changed = room(there.database).changed
    assert found(there, "clock", now=changed - health.SKEW)[0] == "ok"


def test_a_book_of_void_entries_alone_has_no_time_to_compare(tmp_path: Path) -> None:
    there = lay(tmp_path, image_of(Office()))
    with tampering(there.database) as book:
        book.execute("UPDATE heading SET fault = 'bytes x'")

    assert found(there, "clock") == ("ok", "clock-after-book")
    assert found(there, "checkpoint") == ("ok", "checkpoint-complete")


@pytest.mark.parametrize(
    ("free", "size", "result"),
    [
        (1000 * MB, MB, "ok"),
        (1000 * MB, 2000 * MB, "warn"),
        (200 * MB, MB, "warn"),
        (15 * MB, MB, "bad"),
    ],
)
def test_little_room_is_told_before_it_is_too_late(
    there: Places,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    size: int,
    result: str,
) -> None:
    monkeypatch.setattr(health, "room", lambda _: Room(free, size, NOW))

    assert found(there, "disk")[0] == result


def test_room_beside_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotPermittedError):
        room(tmp_path / "nothing")


def test_what_is_pending_is_told_unless_somebody_is_at_it(there: Places) -> None:
    at = "2025-03-20T12:00:00Z"
    with opened(there) as register:
        register.pending.keep("1" * 64, once="f" * 32, kind="renewal", at=at)
        assert found(there, "pending") == ("ok", "pending-none")
    assert found(there, "pending") == ("warn", "pending-some")
    (there.memory / "pending" / "stray").touch()
    assert found(there, "pending") == ("bad", "unreadable")


def test_void_entries_wait_to_be_acknowledged(there: Places) -> None:
    assert found(there, "void") == ("ok", "void-none")
    with opened(there) as register:
        insert(register.journal.connection, LENGTH, b"not an entry")
    with opened(there):
        pass
    assert found(there, "void") == ("warn", "void-some")


def test_checkpoint_and_backup_are_recent_old_or_complete(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    there = lay(tmp_path, image_of(office))
    first = office.history.entries[0].at
    later = first + timedelta(days=7)

    assert found(there, "checkpoint", now=first) == ("ok", "checkpoint-today")
    next_day = first + timedelta(days=1)
    assert found(there, "checkpoint", now=next_day) == ("ok", "checkpoint-recent")
    assert found(there, "checkpoint", now=later) == ("warn", "checkpoint-old")
    assert found(there, "backup", now=first) == ("warn", "backup-never")
    back_up(there, tmp_path / "copy", now=later)
    assert found(there, "backup", now=later) == ("ok", "backup-complete")


def key(there: Places, name: str) -> None:
    create_key(
        there.keys,
        name=name,
        algorithm=SIG_ED25519,
        passphrase=b"long enough",
        rounds=1,
    )


def test_whose_keys_are_here_is_told(tmp_path: Path) -> None:
    office = Office()
    there = lay(tmp_path, image_of(office))
    assert found(there, "state-key") == ("ok", "state-key-elsewhere")
    assert found(there, "clerk-keys") == ("warn", "clerk-keys-none")
    key(there, office.keys["state"].key.name)
    key(there, office.keys["clerk"].key.name)

    assert found(there, "state-key") == ("warn", "state-key-beside")
    assert found(there, "clerk-keys") == ("ok", "clerk-keys-here")
    assert checks(there)["keys"].values == {"n": 2}


def test_an_unsafe_key_file_is_bad_and_named(there: Places) -> None:
    key(there, "us.example/clerk-09")
    path = there.keys / "us.example" / "clerk-09.pem"
    path.chmod(0o644)
    check = checks(there)["keys"]

    assert (check.result, check.code) == ("bad", "keys-mode")
    assert check.values == {"path": str(path)}
    path.chmod(0o600)
    assert found(there, "keys") == ("ok", "keys-safe")


def test_keys_that_cannot_be_read_are_told() -> None:
    with open_folder() as folder:
        there = usual(folder)
        there.database.chmod(0o644)
        there = replace(there, state=folder / "state", keys=folder / "keys")
        there.keys.mkdir(mode=0o700)
        with without_power():
            check = checks(there)["keys"]

    assert (check.result, check.code) == ("bad", "unreadable")
