"""A whole book in a folder of static files, read as a hostile one.

What `tlog/tiles.py` describes and `export --format tiles` writes, by this program or by
any other. The names of the files follow from the size that the checkpoint says, never
from what is found, so that nothing leads out of the folder; every step of a path must
be a real folder and its end a regular file. The entries are hashed here, and each tile
of hashes must be what they come to: who signed the checkpoint, and whether the entries
lead to its root, is asked by whoever takes them in.

Source:
    c2sp.org/tlog-tiles.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ledger.errors import (
    MalformedError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
)
from ledger.exchange.bundle import LARGEST, Bundle, Header, opened_bundle
from ledger.tlog import merkle, tiles
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import MAX_SIZE, Note

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_HASH_SIZE = 32


class TiledBook:
    """A whole book as static files, read front to back, once.

    Args:
        folder: The folder, opened.

    Attributes:
        header: Which book it is, and how many entries, as its checkpoint says.
        checkpoint: The note of the checkpoint.
        answers: None: a folder of tiles carries no cosignatures on another's book.

    Raises:
        MalformedError: The checkpoint is none, or a file is missing or too long.
        RefusedError: A part of a path is a link, or no regular file.
        NotPermittedError: A file cannot be read.
    """

    answers: tuple[bytes, ...] = ()

    def __init__(self, folder: int) -> None:
        self._folder = folder
        self._bytes = 0
        path = tiles.CHECKPOINT_PATH
        self.checkpoint, _ = self._one_of(path, path, most=MAX_SIZE)
        said = Checkpoint.parse(Note.parse(self.checkpoint).text)
        if said.size == 0:
            raise MalformedError("tiles.no-entries")
        self._size = said.size
        first = self._bundle(0)[0]
        self._bytes = 0
        self.header = Header(
            book=said.origin,
            genesis=merkle.leaf_hash(first).hex(),
            start=0,
            stop=said.size,
        )

    def notes(self) -> Iterator[bytes]:
        """Yield the stored bytes of each entry; hold the tiles against them.

        Raises:
            MalformedError: A file is missing, of another length, or has other hashes
                than the entries come to.
            RefusedError: A part of a path is a link, or no regular file.
            NotPermittedError: A file cannot be read.
        """
        tiling = tiles.Tiling()
        for index in range(-(-self._size // tiles.WIDTH)):
            for note in self._bundle(index):
                self._compare(tiling.append(merkle.leaf_hash(note)))
                yield note
        self._compare(tiling.edge())

    def entry(self, seq: int) -> bytes | None:
        """Return the stored bytes of one entry, unjudged; None if it has no such one.

        Raises:
            MalformedError, RefusedError, NotPermittedError: As `notes`.
        """
        if seq >= self._size:
            return None
        index, place = divmod(seq, tiles.WIDTH)
        return self._bundle(index)[place]

    def _bundle(self, index: int) -> list[bytes]:
        """Return the entries of a bundle."""
        width = min(tiles.WIDTH, self._size - index * tiles.WIDTH)
        path = tiles.entries_path(index=index, width=width)
        full = tiles.entries_path(index=index, width=tiles.WIDTH)
        data, whole = self._one_of(path, full, most=tiles.MAX_BUNDLE)
        entries = tiles.parse_entry_bundle(data)
        if len(entries) < width:
            raise MalformedError("tiles.bundle-cut", entries=len(entries))
        if whole and len(entries) > width:
            raise MalformedError("tiles.bundle-too-long", limit=width)
        return entries[:width]

    def _compare(self, made: Sequence[tiles.Tile]) -> None:
        """Refuse tiles that are not what the entries come to."""
        for tile in made:
            full = tiles.tile_path(
                level=tile.level, index=tile.index, width=tiles.WIDTH
            )
            most = tiles.WIDTH * _HASH_SIZE
            data, whole = self._one_of(tile.path, full, most=most)
            if (data if whole else data[: len(tile.data)]) != tile.data:
                raise MalformedError("tiles.other-hashes", path=tile.path)

    def _one_of(self, path: str, full: str, *, most: int) -> tuple[bytes, bool]:
        """Return a file, or the full one that has taken its place; and if it was it."""
        for name in (path, full):
            found = self._read(name, most=most)
            if found is not None:
                return found, name == path
        raise MalformedError("tiles.missing", path=path)

    def _read(self, path: str, *, most: int) -> bytes | None:
        """Return a file of at most `most` bytes; None if there is none."""
        *folders, name = path.split("/")
        with ExitStack() as held:
            above = self._folder
            try:
                for folder in folders:
                    above = os.open(folder, _FOLDER, dir_fd=above)
                    held.callback(os.close, above)
                file = os.open(name, _FILE, dir_fd=above)
                held.callback(os.close, file)
                if not stat.S_ISREG(os.fstat(file).st_mode):
                    raise RefusedError("tiles.unfit", path=path)
                data = _all_of(file, most=most)
            except FileNotFoundError:
                return None
            except PermissionError:
                raise NotPermittedError("file.not-read") from None
            except OSError:
                raise RefusedError("tiles.unfit", path=path) from None
        if len(data) > most:
            raise MalformedError("tiles.file-too-long", path=path, limit=most)
        self._bytes += len(data)
        if self._bytes > LARGEST:
            raise MalformedError("bundle.too-big", limit=LARGEST)
        return data


def _all_of(file: int, *, most: int) -> bytes:
    """Return what an open file holds, and one byte more than `most` at most."""
    parts = []
    left = most + 1
    while left and (part := os.read(file, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


@contextmanager
def opened_tiles(path: Path) -> Iterator[TiledBook]:
    """Open a folder of tiles; a link to one is refused.

    Raises:
        NotFoundError: There is no such folder.
        RefusedError, NotPermittedError, MalformedError: As `TiledBook`.
    """
    try:
        folder = os.open(path, _FOLDER)
    except FileNotFoundError:
        raise NotFoundError("file.none") from None
    except PermissionError:
        raise NotPermittedError("file.not-read") from None
    except OSError:
        raise RefusedError("tiles.unfit", path=path.name) from None
    try:
        yield TiledBook(folder)
    finally:
        os.close(folder)


def is_folder(path: Path) -> bool:
    """Return whether a folder lies there, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def opened_offer(path: Path) -> AbstractContextManager[Bundle | TiledBook]:
    """Open what another state handed over: a bundle, or a folder of tiles."""
    return opened_tiles(path) if is_folder(path) else opened_bundle(path)
