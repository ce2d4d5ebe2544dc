"""How far a verification had come when it was stopped, remembered for `--resume`.

The file lies beside the anti-rollback file, in the user's state folder. It says which
entries were judged and found whole, by the root of their tree: it is worth something
only for exactly those bytes. Whatever else it holds, it is no such file, and
everything is verified from the start.
"""

import re
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from ledger import __version__
from ledger.errors import MalformedError
from ledger.store import smallfiles
from ledger.tlog.canonical import Json, decode, encode
from ledger.tlog.entry import format_instant, parse_instant

SCHEMA = "transfer-ledger/verified/1"
LARGEST = 1024 * 1024

_HASH = re.compile(r"[0-9a-f]{64}")


class Verified(Struct, frozen=True):
    """Entries that were judged, with nothing found to be wrong.

    Attributes:
        book: Name of the book.
        size: How many entries, from the first.
        root: Root of their tree, 64 hex digits.
        at: When they were judged, UTC.
        voids: Those of them that are void: they are judged again each time.
    """

    book: str
    size: int
    root: str
    at: datetime
    voids: tuple[int, ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> "Verified":
        """Read exactly what this version of the program writes.

        Raises:
            MalformedError: The bytes are anything else.
        """
        match decode(content):
            case {
                "book": str(book),
                "size": int(size),
                "root": str(root),
                "at": str(at),
                "voids": list(voids),
            }:
                numbers = tuple(v for v in voids if isinstance(v, int))
                found = cls(book, size, root, parse_instant(at), numbers)
            case _:
                raise MalformedError("verified.unfit")
        if isinstance(size, bool) or not _HASH.fullmatch(root):
            raise MalformedError("verified.unfit")
        if found.format() != content:
            raise MalformedError("verified.unfit")
        return found

    def format(self) -> bytes:
        """Return the contents of the file, canonical JSON.

        The program's version is part of it: another one may have other rules.
        """
        voids: list[Json] = list(self.voids)
        return encode(
            {
                "schema": SCHEMA,
                "program": __version__,
                "book": self.book,
                "size": self.size,
                "root": self.root,
                "at": format_instant(self.at),
                "voids": voids,
            }
        )


class VerifiedFile:
    """The file of one book.

    Args:
        folder: The folder of what this user remembers of the book; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "verified"

    def read(self) -> Verified | None:
        """Return what is remembered; None if nothing fit to rely on is.

        Raises:
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._file, most=LARGEST)
        try:
            return None if content is None else Verified.parse(content)
        except MalformedError:
            return None

    def keep(self, verified: Verified) -> None:
        """Remember how far it has come, instead of what was remembered before.

        Raises:
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._folder):
            smallfiles.make_folder(self._folder)
            with smallfiles.locked(self._folder / "verified.lock"):
                smallfiles.replace(
                    self._file,
                    verified.format(),
                    temporary=self._folder / "verified.new",
                )

    def forget(self) -> None:
        """Forget it: the verification came to its end.

        Raises:
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._folder):
            self._file.unlink(missing_ok=True)
