"""A new file takes the place of a damaged one, on media with hard links and without."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import RefusedError
from ledger.register.replacing import put_anew
from tests.faults.injecting import needs_strace
from tests.faults.processes import ROOT, unmeasured
from tests.surroundings import files

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ASIDE = "book.sqlite.damaged-20260301T120000Z"
OLD = {"book.sqlite": b"old" * 10_000, "book.sqlite-journal": b"half a page"}
CALL = f"""
import datetime, pathlib, sys
from ledger.register.replacing import put_anew
folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.fromisoformat("{NOW.isoformat()}")
put_anew(folder / "draft", folder / "book.sqlite", now=now)
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    for name, content in OLD.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "book.sqlite").chmod(0o600)
    (tmp_path / "draft").write_bytes(b"new")
    return tmp_path


def without_links(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Let the medium give no file a second name."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)


def is_replaced(folder: Path) -> None:
    assert files(folder) == {"book.sqlite", ASIDE, f"{ASIDE}-journal"}
    assert (folder / "book.sqlite").read_bytes() == b"new"
    assert (folder / ASIDE).read_bytes() == OLD["book.sqlite"]
    assert (folder / f"{ASIDE}-journal").read_bytes() == b"half a page"
    assert (folder / ASIDE).stat().st_mode & 0o777 == 0o600


def test_the_old_file_stays_beside_the_new_one(folder: Path) -> None:
    inode = (folder / "book.sqlite").stat().st_ino
    aside = put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    assert aside == folder / ASIDE
    assert aside.stat().st_ino == inode
    is_replaced(folder)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_without_hard_links_the_old_file_is_copied(
    folder: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_links(monkeypatch, code)
    put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    is_replaced(folder)


@needs_strace
def test_a_system_that_makes_no_hard_links_is_enough(folder: Path) -> None:
    refuse = "inject=?link,linkat:error=EPERM"
    subprocess.run(
        [
            *("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"),
            *("-e", "trace=?link,linkat", "-e", refuse),
            *(sys.executable, "-c", CALL, str(folder)),
        ],
        cwd=ROOT,
        env={**unmeasured(), "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=60,
    )

    is_replaced(folder)


def test_a_disk_that_fails_leaves_the_old_file_where_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_links(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    assert files(folder) == {*OLD, "draft"}


def test_a_copy_for_which_there_is_no_room_leaves_no_half_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_links(monkeypatch, errno.EPERM)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    assert files(folder) == {*OLD, "draft"}
    assert (folder / "book.sqlite").read_bytes() == OLD["book.sqlite"]


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_lock_on_the_old_file_is_held_until_the_new_one_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To close a file lets go every lock that the process has on it."""
    without_links(monkeypatch, errno.EPERM)
    held_at_the_end: list[bool] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if self.name == "draft":
            held_at_the_end.append(folder / "book.sqlite" in open_files())
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    assert held_at_the_end == [True]


def open_files() -> list[Path]:
    links = list(Path("/proc/self/fd").iterdir())
    return [link.readlink() for link in links if link.is_symlink()]


def test_where_nothing_lies_the_new_file_takes_the_place(folder: Path) -> None:
    for name in OLD:
        (folder / name).unlink()

    assert put_anew(folder / "draft", folder / "book.sqlite", now=NOW) is None
    assert files(folder) == {"book.sqlite"}


def test_a_name_that_is_taken_is_left(folder: Path) -> None:
    (folder / f"{ASIDE}-journal").write_bytes(b"of another day")
    with pytest.raises(RefusedError, match=r"file\.exists"):
        put_anew(folder / "draft", folder / "book.sqlite", now=NOW)

    assert (folder / "book.sqlite").read_bytes() == OLD["book.sqlite"]
