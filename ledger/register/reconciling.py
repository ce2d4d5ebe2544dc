"""Laying the own book beside the mirrors: what the two states do not both say.

An answer is as good as the mirrors are new: what the other state signed since the last
exchange is not here, and what it did not sign yet may be on its way.
"""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from ledger.domain.pairing import Difference, Side
from ledger.domain.reconciling import reconciled
from ledger.errors import RefusedError
from ledger.register.answering import peer_named
from ledger.register.opening import Head, Register
from ledger.store.headings import seqs_of_kind
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.store.recall import Recall

KINDS = (
    *("transfer", "receipt", "renewal", "exit", "payment"),
    *("correction", "retraction"),
)
"""The kinds of entry that two books can differ about, and what changes them."""


class Beside(Struct, frozen=True):
    """The mirror of a book that the own one was laid beside.

    Attributes:
        book: Its name.
        size: How many of its entries are here; 0 where there is no mirror yet.
        last_at: When the last of them was recorded, UTC; None for none.
    """

    book: str
    size: int
    last_at: datetime | None


class Reconciliation(Struct, frozen=True):
    """Where the own book and the mirrors differ on a day.

    Attributes:
        on: The day.
        differences: What differs; the own book is the first side.
        beside: The mirrors.
        heads: The books that the answer is complete under.
    """

    on: date
    differences: tuple[Difference, ...]
    beside: tuple[Beside, ...]
    heads: tuple[Head, ...]


def reconcile(
    register: Register,
    *,
    on: date,
    now: datetime,
    peer: str | None = None,
    known_on: date | None = None,
) -> Reconciliation:
    """Return where the own book and its mirrors differ at the end of a day.

    Args:
        register: The own book, as it is known.
        on: The day.
        now: The clock, UTC.
        peer: The book of one peer; all of them if it is not given.
        known_on: Look at no entry of a mirror that was recorded after this day, UTC.

    Raises:
        RefusedError: If the book trusts nobody, or not that one.
    """
    recall = register.recall()
    history = recall.history(())
    if not history.peers:
        raise RefusedError("sync.no-peer")
    names = sorted(history.peers)
    if peer is not None:
        names = [peer_named(history, peer).name]
    own = _side(register.journal, recall)
    found: list[Difference] = []
    beside: list[Beside] = []
    heads = [register.head()]
    for name, mirror in _mirrors(register.journal, names):
        if mirror is None:
            beside.append(Beside(name, 0, None))
            continue
        size = None if known_on is None else Recall(mirror).size_known_on(known_on)
        read = Recall(mirror, before=size)
        head = read.head()
        beside.append(Beside(name, head.size, head.at))
        heads.append(Head(name, head.size, mirror.root(head.size)))
        found += reconciled(own, _side(mirror, read), on=on, now=now)
    return Reconciliation(on, tuple(found), tuple(beside), tuple(heads))


def _mirrors(
    journal: Journal, names: list[str]
) -> Iterator[tuple[str, Journal | None]]:
    for name in names:
        yield name, mirror_of(journal, name)


def _side(journal: Journal, recall: Recall) -> Side:
    """Return all of a book that can differ from another one."""
    seqs = [seq for kind in KINDS for seq in seqs_of_kind(journal, kind)]
    return Side(recall.history((), seqs=[seq for seq in seqs if seq < recall.size]))
