"""The small files beside a book: private, locked, and never half-written.

A file is replaced by writing another one, bringing it to the disk and renaming it, so
that a crash leaves the old contents or the new ones. Links are not followed.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import NotPermittedError, TamperedError

_NOT_PERMITTED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_A_FILE = frozenset({errno.ELOOP, errno.ENXIO, errno.EISDIR})
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE = 0o600


def read(path: Path, *, most: int) -> bytes | None:
    """Return what a file holds, or None if there is no such file.

    What is not a regular file of at most `most` bytes reads as empty, which no format
    of this room is: whoever parses it calls it damaged.

    Raises:
        NotPermittedError: This user cannot read it.
    """
    with permitted():
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _SAFE)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in _NOT_A_FILE:
                return b""
            raise
        with _closing(descriptor):
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return b""
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(most + 1)
    return content if len(content) <= most else b""


def replace(path: Path, content: bytes, *, temporary: Path) -> None:
    """Write a file, down to the disk, in one step; the caller holds the lock.

    Args:
        path: The file; its folder is there.
        content: All of the new contents.
        temporary: A name on the same file system, left over at most by a crash.
    """
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE
    try:
        with os.fdopen(os.open(temporary, flags, _PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, down to the disk, for this user alone."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    with _closing(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as held:
        os.fsync(held)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, which stays when it is let go; wait for whoever holds it.

    Raises:
        TamperedError: Something that is not a file lies in its place.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _SAFE, _PRIVATE)
    except OSError as error:
        if error.errno in _NOT_A_FILE:
            raise TamperedError("store.lock-not-a-file") from None
        raise
    with _closing(descriptor):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def permitted() -> Iterator[None]:
    """Turn the refusals of the system into ours, without the path."""
    try:
        yield
    except OSError as error:
        if error.errno in _NOT_PERMITTED:
            raise NotPermittedError("store.not-permitted") from None
        raise


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end, whatever it turns out to be."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)
