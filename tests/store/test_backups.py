"""When the last backup was made is remembered exactly, or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, NotPermittedError
from ledger.store.backups import BackupFile, LastBackup
from tests.surroundings import open_folder, without_power

MADE = LastBackup("us.example/book", 9, "0" * 64, datetime(2026, 4, 2, tzinfo=UTC))


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read(size: int, root: bytes) -> None:
    made = LastBackup(MADE.book, size, root.hex(), MADE.at)

    assert LastBackup.parse(made.format()) == made


def test_the_last_one_is_remembered(tmp_path: Path) -> None:
    file = BackupFile(tmp_path / "of" / "book")
    assert file.read() is None
    later = LastBackup(MADE.book, 12, MADE.root, MADE.at)
    file.keep(MADE)
    file.keep(later)

    assert file.read() == later


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size":9', b'"size":true'),
        (b'"size":9', b'"size":-1'),
        (b'"size":9', b'"size":"9"'),
        (b'"root":"0', b'"root":"Z'),
        (b"backup-made/1", b"backup-made/2"),
        (b"2026-04-02T00", b"2026-04-02 00"),
        (b"}", b""),
    ],
)
def test_anything_else_counts_as_no_backup(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    content = MADE.format().replace(old, new)
    assert content != MADE.format()
    (tmp_path / "backup").write_bytes(content)

    with pytest.raises(MalformedError):
        LastBackup.parse(content)
    assert BackupFile(tmp_path).read() is None


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with open_folder() as folder, without_power(), pytest.raises(NotPermittedError):
        BackupFile(folder / "book").keep(MADE)
