"""One question about many transfers: read once, and each pool is made once.

Projections are asked first which transfers matter; what concerns these is read then,
so that an entry which comes in between is in both or in neither.
"""

from collections.abc import Collection, Iterable

from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import History
from ledger.errors import TamperedError
from ledger.register.opening import Head, Register
from ledger.store.recall import Recall


class Question:
    """What is read of a book for one question.

    Args:
        register: The open book.
        refs: All transfers that the question can be about.
    """

    def __init__(self, register: Register, refs: Iterable[str]) -> None:
        self.register = register
        self.recall: Recall = register.recall()
        self.history: History = self.recall.history([*refs])
        self._pools: dict[str, Pool] = {}

    def check(self, refs: Iterable[str]) -> None:
        """Check that the transfers which projections name are there.

        Raises:
            TamperedError: If one is not: another one may be hidden.
        """
        for ref in refs:
            if ref not in self.history.opened:
                raise TamperedError("store.projection-unfit")

    def pools(self, refs: Collection[str]) -> list[Pool]:
        """Return the pools that some transfers fall into, each once, in order."""
        for ref in refs:
            if ref not in self._pools:
                pool = pool_of(self.history, ref)
                self._pools.update(dict.fromkeys((ref, *pool.cases), pool))
        return list({id(self._pools[ref]): self._pools[ref] for ref in refs}.values())

    def head(self) -> Head:
        """Return how far the answer goes."""
        size, journal = self.recall.size, self.register.journal
        return Head(journal.book.name, size, journal.root(size))
