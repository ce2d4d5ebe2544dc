"""Files that leave the office: whole or not at all, and never over another file."""

import errno
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

from ledger.errors import NotFoundError, NotPermittedError, RefusedError

# A link; a folder (where the open itself says so); a socket.
_UNFIT = frozenset((errno.ELOOP, errno.EISDIR, errno.ENXIO))


def write_new(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet; it appears whole, and is on disk then.

    Raises:
        RefusedError: If something has that name.
        NotPermittedError: If the folder does not let this user.
    """
    if not path.name:  # `.` and `/`
        raise RefusedError("file.exists")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise RefusedError("file.exists") from None
    except OSError:
        raise NotPermittedError("file.not-written") from None


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished file of the same folder its name, never over another one.

    The name is taken by an empty file first: removable media have no hard links.

    Raises:
        FileExistsError: If something has that name.
        OSError: If the folder does not take it; the draft is still there then.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            draft.replace(path)
        except BaseException:
            path.unlink()
            raise
        os.fsync(folder)
    finally:
        os.close(folder)


def open_file(path: Path, *, most: int) -> BinaryIO:
    """Open a regular file for reading.

    Args:
        path: The file.
        most: How many bytes it may have, for the sentence.

    Raises:
        NotFoundError: If there is no such file.
        RefusedError: If it is a link, or no regular file.
        NotPermittedError: If it cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError("file.none") from None
    except OSError as error:
        if error.errno in _UNFIT:
            raise RefusedError("file.unfit", most=most) from None
        raise NotPermittedError("file.not-read") from None
    raise RefusedError("file.unfit", most=most)


def read_file(path: Path, *, most: int) -> bytes:
    """Return the bytes of a regular file of at most `most` bytes.

    Raises:
        NotFoundError: If there is no such file.
        RefusedError: If it is a link, no regular file, or too large.
        NotPermittedError: If it cannot be read.
    """
    with open_file(path, most=most) as file:
        try:
            # The size that the system tells may be none, or out of date.
            content = file.read(most + 1)
        except OSError:
            raise NotPermittedError("file.not-read") from None
    if len(content) > most:
        raise RefusedError("file.unfit", most=most)
    return content
