"""What this user remembers of one book, wherever its database lay."""

from pathlib import Path

from ledger.errors import TamperedError
from ledger.store import smallfiles
from ledger.store.watermark import Watermark, WatermarkFile


def furthest(state_folder: Path, *, book: str, genesis: str) -> Watermark | None:
    """Return the largest mark of a book under any path; None if there is none.

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
            return None
    own = [
        mark
        for mark in map(_read, folders)
        if mark is not None and (mark.book, mark.genesis) == (book, genesis)
    ]
    return max(own, key=lambda mark: mark.size, default=None)


def _read(folder: Path) -> Watermark | None:
    try:
        return WatermarkFile(folder).read()
    except TamperedError:
        return None
