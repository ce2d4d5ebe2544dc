"""What the tests of files need from the machine: safe places, and real failures."""

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ME = os.geteuid()
NOBODY = 65534


def files(folder: Path) -> set[str]:
    """Return the paths of all files below a folder, relative to it."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to write longer files, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def in_the_way(path: Path, *, kind: str) -> None:
    """Put something that is not a regular file at a path."""
    match kind:
        case "pipe":
            os.mkfifo(path, 0o600)
        case "folder":
            path.mkdir()
        case _:
            here = Path.cwd()
            os.chdir(path.parent)  # the path of a socket has a short limit
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path.name)
            os.chdir(here)


@contextmanager
def open_folder(*, mode: int = 0o755) -> Iterator[Path]:
    """Make a folder that every user can reach: the tests may run as root."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(mode)
        yield folder
        folder.chmod(0o755)


@contextmanager
def without_power() -> Iterator[None]:
    """Act as nobody if we are root; else as ourselves."""
    os.seteuid(NOBODY if ME == 0 else ME)
    try:
        yield
    finally:
        os.seteuid(ME)
