"""Desks for the tests of faults, each in a folder of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import pytest

from tests.cli.desk import INIT, Desk

# The processes have the clock of the machine.
LATER = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a new book and its keys: copy it, never write there."""
    desk = Desk(tmp_path_factory.mktemp("laid"))
    desk.write_passphrase()
    desk.done(*INIT)
    return desk.folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a folder in memory: no test here needs a disk, which takes its time."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def desk(laid: Path, tmp_path: Path) -> Desk:
    """Return a desk with a book that has only its first entry."""
    return Desk(copytree(laid, tmp_path / "desk"), now=LATER)
