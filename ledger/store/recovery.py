"""A transaction that a crash cut short: telling that there is one, and finishing it.

Its rollback journal is then hot: what the file holds is neither the old state nor the
new one until somebody who may write has played the journal back. SQLite does that at
the first read of any such connection; a question should not do it unasked, since the
two files together show what happened.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ledger.errors import InterruptedWriteError, LedgerError
from ledger.store.engine import naming, translated

SIDE_FILES = ("-journal", "-wal", "-shm")
"""What SQLite appends to the name of a database for the files beside it."""


def check_settled(path: Path) -> None:
    """Raise if a crash left a database in mid-write; nothing is changed.

    Whatever else is wrong with it is not said here: whoever opens it is told.

    Source:
        SQLite, Atomic Commit, section 4 (hot rollback journals). A connection that
        may not write says SQLITE_READONLY_ROLLBACK instead of playing one back.

    Raises:
        InterruptedWriteError: It is so.
    """
    if not os.path.isfile(path):  # noqa: PTH113 (no path is an error)
        return
    try:
        with translated(), closing(_connect(path, mode="ro")) as found:
            found.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except InterruptedWriteError:
        raise InterruptedWriteError("store.interrupted") from None
    except LedgerError:
        return


def finish(path: Path) -> None:
    """Play a hot journal back, as a writer; nothing happens where there is none.

    Raises:
        BusyError: Another program holds the lock.
        TamperedError: The file is damaged.
        InterruptedWriteError: This user may not write, so that it stays as it is.
    """
    with naming(path), translated(), closing(_connect(path, mode="rw")) as found:
        found.execute("PRAGMA synchronous=EXTRA")
        found.execute("BEGIN IMMEDIATE")
        found.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        found.execute("ROLLBACK")


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path.resolve()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
