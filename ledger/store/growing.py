"""A book's history while many entries are added to it, in one open transaction.

It answers as `Recall` does. What every answer needs (keys, void entries, numbers, the
head, the edge of the tree) is read once and moved on with each entry, so that a row of
a long import costs the same at its end as at its beginning.
"""

import dataclasses
from collections.abc import Iterable

from typing_extensions import override

from ledger.domain.history import History, Logged, begins, gather, number_of, own_refs
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog import chain
from ledger.tlog.chain import Head
from ledger.tlog.merkle import Frontier

_LARGEST = 2**63 - 1
MOST_KEPT = 2000
"""Entries that are kept in memory because a later one may concern them."""


class Growing(Recall):
    """Reads histories of a book that this process alone adds to.

    Only what clerks record may be added: keys and acknowledgements are read once.

    Args:
        journal: The book, all its entries projected: its write lock is held, or one
            snapshot of it.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._base = Recall(journal).history(())
        self._head = self._base.head
        self._numbers_now = dict(self._base.numbers)
        self._frontier = journal.frontier(self._head.size)

    @property
    def frontier(self) -> Frontier:
        """The edge of the tree of all entries so far; `Journal.append` moves it on."""
        return self._frontier

    def root(self) -> bytes:
        """Return the root of all entries so far."""
        return self._frontier.root()

    def took(self, entry: Logged) -> None:
        """Take note of an entry that was written and projected."""
        self._head = chain.advance(self._head, leaf=entry.leaf, at=entry.at)
        self._before = self._head.size
        for ref in own_refs(entry.record):
            letter, number = number_of(ref)
            most = max(number, self._numbers_now.get(letter, 0))
            self._numbers_now[letter] = most

    @override
    def entry(self, seq: int) -> Logged | None:
        if len(self._read) > MOST_KEPT:
            self._read.clear()
        return super().entry(seq)

    @override
    def head(self) -> Head:
        return self._head

    @override
    def history(self, refs: Iterable[str], *, seqs: Iterable[int] = ()) -> History:
        full, stages_of = begins(refs)
        wanted = gather(
            full,
            stages_of=stages_of,
            seqs_of=self.seqs_of,
            entry_of=self.entry,
            changes_of=self.changes_of,
        )
        wanted.update(seqs)
        base = self._base
        history = dataclasses.replace(
            base,
            entries=dict(base.entries),
            acknowledged=set(base.acknowledged),
            retracted={},
            corrections={},
            confirmed={},
            by_ref={},
            refs=dict(base.refs),
            opened={},
            numbers=dict(self._numbers_now),
            onces={},
            _worth={},
        )
        for seq in sorted(wanted - base.entries.keys()):
            entry = self.entry(seq)
            if entry is not None:
                history.add(entry)
        # In their order, whatever keys came between them.
        history.entries = {seq: history.entries[seq] for seq in sorted(history.entries)}
        history.numbers = dict(self._numbers_now)
        history.onces = {}
        history.head = self._head
        return history


class Ahead(Growing):
    """A book's history, and entries after it that are not written into it yet.

    Of the book nothing is looked at that is written from now on.

    Args:
        journal: The book; one snapshot of it is held while this is made, no longer.
        aside: Where the entries are that follow, with what was derived from them.
    """

    def __init__(self, journal: Journal, aside: Journal) -> None:
        super().__init__(journal)
        self._start = self.size
        self._kept = Recall(journal, before=self._start)
        self._aside = Recall(aside, before=_LARGEST)

    @property
    def start(self) -> int:
        """The number of the first entry that is not in the book."""
        return self._start

    def _at(self, seq: int) -> Recall:
        return self._kept if seq < self._start else self._aside

    @override
    def stored(self, seq: int) -> Logged | None:
        return self._at(seq).stored(seq)

    @override
    def refs_of(self, seq: int) -> list[str]:
        return self._at(seq).refs_of(seq)

    @override
    def seqs_of(self, ref: str) -> list[int]:
        return self._kept.seqs_of(ref) + self._aside.seqs_of(ref)

    @override
    def changes_of(self, ref: str) -> list[int]:
        return self._kept.changes_of(ref) + self._aside.changes_of(ref)

    @override
    def seqs_of_once(self, once: str) -> list[int]:
        return self._kept.seqs_of_once(once) + self._aside.seqs_of_once(once)
