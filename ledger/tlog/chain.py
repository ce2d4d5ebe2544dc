"""The chain: each entry names the one before it.

`prev` is the leaf hash of the tree, so the chain (readable by eye, checkable line by
line) and the tree (short proofs) cannot disagree about what was committed to.
"""

from datetime import datetime

from msgspec import Struct

from ledger.tlog.entry import ZERO, Entry


class Head(Struct, frozen=True):
    """Where a book ends.

    Attributes:
        size: Number of entries; the next entry has this seq.
        leaf: Leaf hash of the last entry, 32 bytes; ZERO when there is none.
        at: The `at` of the last valid entry; None when there is none.
    """

    size: int
    leaf: bytes
    at: datetime | None


EMPTY = Head(size=0, leaf=ZERO, at=None)


def link_faults(entry: Entry, *, ledger: str, head: Head) -> list[str]:
    """Return what keeps an entry from being the next one, as codes; [] when nothing.

    Returns:
        Of ``chain.ledger``, ``chain.seq``, ``chain.prev`` and ``chain.at``, in this
        order, those that do not hold. `at` may equal the last one, never precede it.
    """
    links = {
        "chain.ledger": entry.ledger == ledger,
        "chain.seq": entry.seq == head.size,
        "chain.prev": entry.prev == head.leaf,
        "chain.at": head.at is None or entry.at >= head.at,
    }
    return [code for code, holds in links.items() if not holds]


def advance(head: Head, *, leaf: bytes, at: datetime | None) -> Head:
    """Return the head after one more entry.

    Args:
        head: Where the book ended.
        leaf: Leaf hash of the entry.
        at: Its `at`; None for a void entry, which leaves the last valid one.
    """
    return Head(size=head.size + 1, leaf=leaf, at=head.at if at is None else at)
