"""A book's history while many entries are added to it, in one open transaction.

It answers as `Recall` does. What every answer needs (keys, void entries, numbers, the
head, the edge of the tree) is read once and moved on with each entry, so that a row of
a long import costs the same at its end as at its beginning.
"""

from collections.abc import Iterable
from dataclasses import replace

from typing_extensions import override

from ledger.domain.history import History, Logged, begins, gather, number_of, own_refs
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog import chain
from ledger.tlog.chain import Head
from ledger.tlog.merkle import Frontier

MOST_KEPT = 2000
"""Entries that are kept in memory because a later one may concern them."""


class Growing(Recall):
    """Reads histories of a book that this process alone adds to.

    Only what clerks record may be added: keys and acknowledgements are read once.

    Args:
        journal: The book, its write lock held and all its entries projected.
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
        history = replace(
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
