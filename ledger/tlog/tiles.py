"""A whole book as static files: the tree cut into tiles, the entries into bundles.

    checkpoint                       the note that signs the tree
    tile/<level>/<index>[.p/<width>]     256 hashes side by side, or fewer at the edge
    tile/entries/<index>[.p/<width>]     256 entries, each after its length

A tile of level 0 holds leaf hashes; each hash of a higher level is the root of a full
tile below it. What is not full lies at the right edge, and its name says how wide it
is. From such files anybody computes every root and every proof.

Source:
    c2sp.org/tlog-tiles.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ledger.errors import MalformedError, UsageError
from ledger.tlog.merkle import Frontier, Node

CHECKPOINT_PATH = "checkpoint"
WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_ENTRY = 65_535
MAX_LEVEL = 63

_HEIGHT = 8
_LENGTH_SIZE = 2
MAX_BUNDLE = WIDTH * (_LENGTH_SIZE + MAX_ENTRY)


class Tile(Struct, frozen=True):
    """Consecutive hashes of one level of the tree.

    Attributes:
        level: 0 for leaf hashes; one level up stands for 8 levels of the tree.
        index: Its place on its level, counted from 0 at the left.
        hashes: 1 to 256, 32 bytes each.
    """

    level: int
    index: int
    hashes: tuple[bytes, ...]

    @property
    def path(self) -> str:
        """The name of its file."""
        return tile_path(level=self.level, index=self.index, width=len(self.hashes))

    @property
    def data(self) -> bytes:
        """The contents of its file."""
        return b"".join(self.hashes)


class Tiling:
    """Cuts a growing tree into tiles; holds only those at the right edge."""

    def __init__(self) -> None:
        self._frontier = Frontier()
        self._open: list[list[bytes]] = []

    def append(self, leaf: bytes) -> list[Tile]:
        """Add a leaf hash at the right.

        Returns:
            The tiles that this leaf fills, lowest first.
        """
        bottom = Node(0, self._frontier.size)
        filled = []
        for node, hashed in [(bottom, leaf), *self._frontier.append(leaf)]:
            level, inside = divmod(node.level, _HEIGHT)
            if inside:
                continue
            if level == len(self._open):
                self._open.append([])
            self._open[level].append(hashed)
            if len(self._open[level]) == WIDTH:
                tile = Tile(level, node.index // WIDTH, tuple(self._open[level]))
                filled.append(tile)
                self._open[level].clear()
        return filled

    def edge(self) -> list[Tile]:
        """Return the tiles at the right edge that are not full, lowest first."""
        size = self._frontier.size
        return [
            Tile(level, size >> _HEIGHT * (level + 1), tuple(hashes))
            for level, hashes in enumerate(self._open)
            if hashes
        ]


def hash_tiles(leaves: Iterable[bytes]) -> Iterator[Tile]:
    """Return every tile of the tree with these leaf hashes, in log order.

    Memory O(256 · levels): a full tile is handed out as soon as it is full, those at
    the edge at the end.
    """
    tiling = Tiling()
    for leaf in leaves:
        yield from tiling.append(leaf)
    yield from tiling.edge()


def tile_path(*, level: int, index: int, width: int) -> str:
    """Return the path of a tile, ``tile/0/x001/067`` or ``tile/0/x001/067.p/8``.

    Raises:
        UsageError: There is no such tile.
    """
    if not 0 <= level <= MAX_LEVEL:
        raise UsageError("tiles.no-such-level", level=level)
    return f"tile/{level}/{_place(index, width)}"


def entries_path(*, index: int, width: int) -> str:
    """Return the path of a bundle of entries, ``tile/entries/000.p/3``.

    Raises:
        UsageError: There is no such bundle.
    """
    return f"tile/entries/{_place(index, width)}"


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the contents of a bundle: each entry after its length, two bytes.

    Args:
        entries: 1 to 256, the stored bytes of each.

    Raises:
        UsageError: There are none, or too many, or one has over 65,535 bytes.
    """
    _check_width(len(entries))
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise UsageError("tiles.entry-too-big", size=len(entry), limit=MAX_ENTRY)
        parts += [len(entry).to_bytes(_LENGTH_SIZE, "big"), entry]
    return b"".join(parts)


def parse_entry_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle, 1 to 256, nothing of them believed.

    Raises:
        MalformedError: It is empty or cut off, or holds more than 256.
    """
    if not data:
        raise MalformedError("tiles.bundle-empty")
    if len(data) > MAX_BUNDLE:
        raise MalformedError("tiles.bundle-too-long", limit=WIDTH)
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        if len(entries) == WIDTH:
            raise MalformedError("tiles.bundle-too-long", limit=WIDTH)
        start = at + _LENGTH_SIZE
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise MalformedError("tiles.bundle-cut", entries=len(entries))
        entries.append(data[start:at])
    return entries


def _place(index: int, width: int) -> str:
    """Return an index in groups of three digits, and the width of what is not full."""
    _check_width(width)
    if index < 0:
        raise UsageError("tiles.no-such-index", index=index)
    index, last = divmod(index, 1000)
    path = f"{last:03d}"
    while index:
        index, group = divmod(index, 1000)
        path = f"x{group:03d}/{path}"
    return path if width == WIDTH else f"{path}.p/{width}"


def _check_width(width: int) -> None:
    if not 1 <= width <= WIDTH:
        raise UsageError("tiles.no-such-width", width=width)
