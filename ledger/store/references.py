"""The references of a book, for a shell that completes them.

Read with SQLite alone and without any check: a shell asks at every press of a key, and
what it is told goes no further than the command line.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

_NEWEST = """
SELECT heading.ref FROM heading JOIN book ON book.id = heading.book
WHERE book.own AND heading.ref IS NOT NULL ORDER BY heading.seq DESC LIMIT ?
"""


def references(database: Path, *, most: int) -> list[str]:
    """Return the references of the own book, the newest first.

    Args:
        database: The file of the book; nothing is returned where it cannot be read.
        most: At most so many.
    """
    uri = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as book:
            return [str(ref) for (ref,) in book.execute(_NEWEST, (most,))]
    except (OSError, sqlite3.Error):
        return []
