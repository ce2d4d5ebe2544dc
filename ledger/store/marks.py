"""What this user remembers of one book, wherever its database lay.

Two things: how far the book had come when it was last signed here, and what another
state has shown that it saw of it. A copy at another path is the same book.
"""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ledger.errors import TamperedError
from ledger.store import smallfiles
from ledger.store.watermark import Watermark, WatermarkFile


class Marks(Struct, frozen=True):
    """What is remembered of a book.

    Attributes:
        own: The furthest that was signed or restored here; None for nothing.
        seen: The furthest that a peer has seen and this book did not hold; None for
            nothing. It is signed by the log of the book and cosigned by the peer.
    """

    own: Watermark | None = None
    seen: Watermark | None = None

    @property
    def all(self) -> tuple[Watermark, ...]:
        """Return what the book has to hold, the largest first."""
        heads = {(m.size, m.root): m for m in (self.seen, self.own) if m is not None}
        return tuple(sorted(heads.values(), key=lambda mark: -mark.size))


def seen_file(memory: Path) -> WatermarkFile:
    """Return the file of what peers have seen of the book that lies at one path.

    Args:
        memory: The folder that remembers the path (`watermark.place`).
    """
    return WatermarkFile(memory / "seen")


def marks_of(state_folder: Path, *, book: str, genesis: str) -> Marks:
    """Return what is remembered of a book under any path.

    Args:
        state_folder: The user's state folder of this program.
        book: Name of the book.
        genesis: Leaf hash of its entry 0, 64 hex digits.

    A damaged mark of another path says nothing here; whoever opens a book there is
    told of it.

    Raises:
        NotPermittedError: This user cannot read the folder, or a mark.
    """
    with smallfiles.permitted(state_folder):
        try:
            folders = sorted(path for path in state_folder.iterdir() if path.is_dir())
        except FileNotFoundError:
            return Marks()
    return Marks(
        *(
            _furthest(map(file, folders), book=book, genesis=genesis)
            for file in (WatermarkFile, seen_file)
        )
    )


def _furthest(
    files: Iterable[WatermarkFile], *, book: str, genesis: str
) -> Watermark | None:
    marks = [
        mark
        for mark in map(_read, files)
        if mark is not None and (mark.book, mark.genesis) == (book, genesis)
    ]
    return max(marks, key=lambda mark: mark.size, default=None)


def _read(file: WatermarkFile) -> Watermark | None:
    try:
        return file.read()
    except TamperedError:
        return None
