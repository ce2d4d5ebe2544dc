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
from ledger.folders import check_way

NOT_A_FILE = frozenset({errno.ELOOP, errno.ENXIO, errno.EISDIR})
"""What the system says when a link, a socket or a folder is opened as a file."""

_NO_LOCKS = frozenset({errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE = 0o600


def read(path: Path, *, most: int) -> bytes | None:
    """Return what a file holds, or None if there is no such file.

    What is not a regular file of at most `most` bytes reads as empty, which no format
    of this room is: whoever parses it calls it damaged.

    Raises:
        NotPermittedError: This user cannot read it, or something else lies in the
            place of its folder.
    """
    check_way(path.parent)
    with permitted(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _SAFE)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in NOT_A_FILE:
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
    """Make a folder and those above it, down to the disk, for this user alone.

    Raises:
        NotPermittedError: Something else lies in the place of one of them.
    """
    check_way(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    with _closing(os.open(folder, _FOLDER)) as held:
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
        if error.errno in NOT_A_FILE:
            raise TamperedError("store.lock-not-a-file") from None
        raise
    with _closing(descriptor):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def folder_locked(folder: Path) -> Iterator[bool]:
    """Hold a lock on a folder itself; say whether nobody else holds it.

    It needs no file, may be held where nothing can be written, and ends with its
    holder. Where a file system has no such locks, everybody gets it.

    Raises:
        OSError: The folder cannot be opened.
    """
    with _closing(os.open(folder, _FOLDER)) as held:
        yield try_lock(held)


def try_lock(descriptor: int) -> bool:
    """Lock an open folder unless somebody else holds it; return whether it worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


@contextmanager
def permitted(path: Path) -> Iterator[None]:
    """Turn the refusals of the system and of its disks into ours.

    Args:
        path: What was to be read or written, for the sentence.
    """
    try:
        yield
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """Close a descriptor at the end, whatever it turns out to be."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)
