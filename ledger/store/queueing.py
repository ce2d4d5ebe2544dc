"""Writers of one book in the order in which they came.

SQLite lets whoever asks first after a commit write next, so that one of many writers
may wait for as long as others come. Here a writer waits for its turn first: one lock
on the folder of the database is held by the writer who is next, until the database is
its own. The lock needs no file, and ends with its holder. Where there is no such lock,
nobody queues, and all is as SQLite has it.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from ledger.store.smallfiles import permitted, try_lock

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_SHUT = frozenset({errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR})


@contextmanager
def in_turn(folder: Path | None, *, milliseconds: int) -> Iterator[int]:
    """Be the writer who is next; say how many milliseconds of the time are left.

    Zero is left where others were before for all of the time.

    Args:
        folder: Where the database is; None: nobody queues.
        milliseconds: How long to wait at most.

    Raises:
        NotPermittedError: The system opens no more files.
    """
    descriptor = None if folder is None else _opened(folder)
    if descriptor is None:
        yield milliseconds
        return
    if try_lock(descriptor):
        left = milliseconds
    else:
        start = monotonic()
        waiting = _Waiting(descriptor)
        if not waiting.had_within(milliseconds / 1000):
            yield 0
            return
        left = max(0, milliseconds - round((monotonic() - start) * 1000))
    try:
        yield left
    finally:
        os.close(descriptor)


def _opened(folder: Path) -> int | None:
    """Return an open folder; None where this user may not read it."""
    with permitted(folder):
        try:
            return os.open(folder, _FOLDER)
        except OSError as error:
            if error.errno not in _SHUT:
                raise
            return None


class _Waiting:
    """A place in the queue; who gives up leaves it to be closed when its turn comes.

    The system queues those who wait, but has no limit of time for it: a thread waits.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._deciding = threading.Lock()
        self._had = self._given_up = False

    def had_within(self, seconds: float) -> bool:
        """Return whether the turn came in time; else the descriptor is closed."""
        thread = threading.Thread(target=self._wait, daemon=True)
        thread.start()
        try:
            thread.join(seconds)
        finally:
            with self._deciding:
                self._given_up = not self._had
        return self._had

    def _wait(self) -> None:
        # Where the system cannot let anybody wait, nobody is held up.
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._deciding:
            self._had = True
            if self._given_up:
                os.close(self._descriptor)
