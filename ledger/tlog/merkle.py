"""The tree: one hash that commits to every entry and to their order.

Leaves and proofs are 32-byte SHA-256 hashes. The caller fixes index, size and root; a
proof is hashes and nothing else. Reading is apart from computing: each proof says which
stored nodes it needs (pure), reads them in one batch, and assembles them (pure).

Source:
    RFC 9162 section 2.1; RFC 6962 has the same tree and the same proofs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

from msgspec import Struct

from ledger.errors import MalformedError, TamperedError, UsageError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = 2**63 - 1


class Node(Struct, frozen=True, order=True):
    """The root of a complete subtree.

    Attributes:
        level: Its height; a leaf has level 0, and a node covers 2^level leaves.
        index: Its place on its level, counted from 0 at the left.
    """

    level: int
    index: int


ReadNodes: TypeAlias = Callable[[Sequence[Node]], Sequence[bytes]]
"""Returns the stored hash of each node that is asked for, in that order."""


class _Range(Struct, frozen=True):
    """The leaves [start, end); start is a multiple of a power of two ≥ end - start."""

    start: int
    end: int

    def nodes(self) -> list[Node]:
        """Return the complete subtrees that make up the range, left to right."""
        found = []
        start = self.start
        while start < self.end:
            level = (self.end - start).bit_length() - 1
            found.append(Node(level, start >> level))
            start += 1 << level
        return found

    def split(self) -> int:
        """Return where the right half begins: the largest power of two below n."""
        return self.start + (1 << ((self.end - self.start - 1).bit_length() - 1))


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ data), the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root hash of the tree with these leaf hashes, in log order.

    Returns:
        32 bytes; EMPTY_ROOT when there are no leaves.

    Source:
        RFC 9162 section 2.1.1. Time O(n) hashes, memory O(log n).
    """
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root_nodes(size: int) -> list[Node]:
    """Return the nodes that make up a tree, left to right: at most log₂ size + 1."""
    return _Range(0, size).nodes()


def read_root(read: ReadNodes, *, size: int) -> bytes:
    """Return the root of the first `size` leaves from stored nodes, in one read."""
    return _join(read(root_nodes(size))) if size else EMPTY_ROOT


def prove_inclusion(read: ReadNodes, *, index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of the first `size` leaves.

    Returns:
        At most ⌈log₂ size⌉ hashes, the leaf's sibling first.

    Raises:
        UsageError: There is no such leaf in such a tree.

    Source:
        RFC 9162 section 2.1.3.1.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise UsageError("tree.no-such-leaf", index=index, size=size)
    return _read_ranges(read, _inclusion_path(index, size))


def prove_consistency(read: ReadNodes, *, old_size: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` leaves extends that of `old_size`.

    Returns:
        At most ⌈log₂ size⌉ + 1 hashes; none when the sizes are equal.

    Raises:
        UsageError: `old_size` is 0 or larger than `size`.

    Source:
        RFC 9162 section 2.1.4.1.
    """
    if not 0 < old_size <= size <= MAX_SIZE:
        raise UsageError("tree.no-such-size", old=old_size, size=size)
    return _read_ranges(read, _consistency_path(old_size, size))


def check_inclusion(
    proof: Sequence[bytes], *, index: int, size: int, leaf: bytes, root: bytes
) -> None:
    """Check that leaf `index` of the tree with this size and root is `leaf`.

    Raises:
        MalformedError: The proof cannot be one for this index and size.
        TamperedError: The proof leads to another root.

    Source:
        RFC 9162 section 2.1.3.2, as a walk up the path that the prover took down.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise MalformedError("tree.index-beyond-size", index=index, size=size)
    path = _inclusion_path(index, size)
    _check_hashes([leaf, root, *proof])
    _check_length(proof, expected=len(path))
    climbed = leaf
    for sibling, given in zip(path, proof, strict=True):
        on_left = sibling.start < index
        climbed = node_hash(given, climbed) if on_left else node_hash(climbed, given)
    if climbed != root:
        raise TamperedError("tree.not-included", index=index, size=size)


def check_consistency(
    proof: Sequence[bytes], *, old_size: int, old_root: bytes, size: int, root: bytes
) -> None:
    """Check that the tree with this size and root begins with the old one.

    Raises:
        MalformedError: The proof cannot be one for these sizes. An `old_size` of 0 is
            refused: everything extends nothing, so such a proof would prove nothing.
        TamperedError: The proof leads to another root, old or new.

    Source:
        RFC 9162 section 2.1.4.2, as a walk up the path that the prover took down.
    """
    if not 0 < old_size <= size <= MAX_SIZE:
        raise MalformedError("tree.bad-old-size", old=old_size, size=size)
    path = _consistency_path(old_size, size)
    _check_hashes([old_root, root, *proof])
    _check_length(proof, expected=len(path))
    given = iter(proof)
    siblings = iter(path)
    climbed_old = climbed_new = old_root
    if path and path[0].end == old_size:  # the old tree is no subtree: a seed is given
        next(siblings)
        climbed_old = climbed_new = next(given)
    for sibling, hashed in zip(siblings, given, strict=True):
        if sibling.end <= old_size:
            climbed_old = node_hash(hashed, climbed_old)
            climbed_new = node_hash(hashed, climbed_new)
        else:
            climbed_new = node_hash(climbed_new, hashed)
    if climbed_old != old_root or climbed_new != root:
        raise TamperedError("tree.not-consistent", old=old_size, size=size)


class Frontier:
    """The right edge of a growing tree: all that is needed to append and to commit."""

    def __init__(self) -> None:
        self._size = 0
        self._hashes: list[bytes] = []

    @classmethod
    def of(cls, size: int, hashes: Sequence[bytes]) -> "Frontier":
        """Return the edge of a tree of `size` leaves.

        Args:
            size: Number of leaves.
            hashes: The hash of each of `root_nodes(size)`, in that order.

        Raises:
            MalformedError: The hashes cannot be the edge of a tree of that size.
        """
        if not 0 <= size <= MAX_SIZE or len(hashes) != size.bit_count():
            raise MalformedError("tree.bad-frontier", size=size, count=len(hashes))
        _check_hashes(hashes)
        frontier = cls()
        frontier._size = size
        frontier._hashes = list(hashes)
        return frontier

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The hash of each of `root_nodes(size)`: one per bit set in the size."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf hash at the right.

        Returns:
            The nodes of level 1 and above that this leaf completes, lowest first.
        """
        _check_hashes([leaf])
        completed = []
        climbed, level = leaf, 0
        while self._size >> level & 1:
            climbed = node_hash(self._hashes.pop(), climbed)
            level += 1
            completed.append((Node(level, self._size >> level), climbed))
        self._hashes.append(climbed)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """Return the root hash of the tree so far; EMPTY_ROOT when it is empty."""
        return _join(self._hashes) if self._hashes else EMPTY_ROOT


class MemoryNodes:
    """All nodes of a tree, in memory; a `ReadNodes`."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._hashes: dict[Node, bytes] = {}
        frontier = Frontier()
        for index, leaf in enumerate(leaves):
            self._hashes[Node(0, index)] = leaf
            self._hashes.update(frontier.append(leaf))

    def __call__(self, nodes: Sequence[Node]) -> list[bytes]:
        """Return the hash of each node."""
        return [self._hashes[node] for node in nodes]


def _inclusion_path(index: int, size: int) -> list[_Range]:
    """Return the siblings on the way from leaf `index` up to the root."""
    around, path = _Range(0, size), []
    while around.end - around.start > 1:
        middle = around.split()
        left, right = _Range(around.start, middle), _Range(middle, around.end)
        around, sibling = (left, right) if index < middle else (right, left)
        path.append(sibling)
    return path[::-1]


def _consistency_path(old_size: int, size: int) -> list[_Range]:
    """Return the siblings on the way from the old tree's right edge up to the root.

    The first is that edge itself, unless it is the whole old tree: then the verifier
    has its hash already, as the old root.
    """
    around, path = _Range(0, size), []
    while around.end != old_size:
        middle = around.split()
        left, right = _Range(around.start, middle), _Range(middle, around.end)
        around, sibling = (left, right) if old_size <= middle else (right, left)
        path.append(sibling)
    if around.start:
        path.append(around)
    return path[::-1]


def _read_ranges(read: ReadNodes, ranges: Sequence[_Range]) -> list[bytes]:
    """Return the hash of each range, from one read."""
    parts = [part.nodes() for part in ranges]
    hashes: Iterator[bytes] = iter(read([node for part in parts for node in part]))
    return [_join([next(hashes) for _ in part]) for part in parts]


def _join(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees that grow smaller to the right."""
    joined = hashes[-1]
    for left in reversed(hashes[:-1]):
        joined = node_hash(left, joined)
    return joined


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for given in hashes:
        if len(given) != HASH_SIZE:
            raise MalformedError("tree.bad-hash-size", size=len(given))


def _check_length(proof: Sequence[bytes], *, expected: int) -> None:
    if len(proof) < expected:
        raise MalformedError("tree.proof-too-short", count=len(proof), need=expected)
    if len(proof) > expected:
        raise MalformedError("tree.proof-too-long", count=len(proof), need=expected)
