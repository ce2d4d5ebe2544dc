"""When this user last made a backup of a book, and how far it goes.

The file lies beside the anti-rollback file, in the user's state folder. It proves
nothing; `today` and `doctor` remind by it. Whatever else it holds is no such file, and
counts as if there was no backup.
"""

import re
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.store import smallfiles
from ledger.tlog.canonical import decode, encode
from ledger.tlog.entry import format_instant, parse_instant

SCHEMA = "transfer-ledger/backup-made/1"
LARGEST = 4 * 1024
"""Bytes of the largest file that is read."""

_HASH = re.compile(r"[0-9a-f]{64}")


class LastBackup(Struct, frozen=True):
    """The last backup that was made and verified.

    Attributes:
        book: Name of the book.
        size: How many entries it holds.
        root: Root of their tree, 64 hex digits.
        at: When it was made, UTC.
    """

    book: str
    size: int
    root: str
    at: datetime

    @classmethod
    def parse(cls, content: bytes) -> "LastBackup":
        """Read exactly what `format` writes.

        Raises:
            MalformedError: The bytes are anything else.
        """
        match decode(content):
            case {
                "book": str(book),
                "size": int(size),
                "root": str(root),
                "at": str(at),
            } if _HASH.fullmatch(root) and type(size) is int and size >= 0:
                found = cls(book, size, root, parse_instant(at))
            case _:
                raise MalformedError("backup.unfit-record")
        if found.format() != content:
            raise MalformedError("backup.unfit-record")
        return found

    def format(self) -> bytes:
        """Return the contents of the file, canonical JSON."""
        return encode(
            {
                "schema": SCHEMA,
                "book": self.book,
                "size": self.size,
                "root": self.root,
                "at": format_instant(self.at),
            }
        )


class BackupFile:
    """The file of one book.

    Args:
        folder: The folder of what this user remembers of the book; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "backup"

    def read(self) -> LastBackup | None:
        """Return what is remembered; None if nothing fit to rely on is.

        Raises:
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._file, most=LARGEST)
        try:
            return None if content is None else LastBackup.parse(content)
        except MalformedError:
            return None

    def keep(self, made: LastBackup) -> None:
        """Remember a backup, instead of the one that was remembered before.

        Raises:
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._folder):
            smallfiles.make_folder(self._folder)
            with smallfiles.locked(self._folder / "backup.lock"):
                smallfiles.replace(
                    self._file,
                    made.format(),
                    temporary=self._folder / "backup.new",
                )
