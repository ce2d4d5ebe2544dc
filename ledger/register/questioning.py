"""One question about many transfers: read once, and each pool is made once.

Projections are asked first which transfers matter; what concerns these is read then,
so that an entry which comes in between is in both or in neither.
"""

from collections.abc import Collection, Iterable

from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import History
from ledger.errors import TamperedError
from ledger.register.mirrored import Reading
from ledger.register.opening import Head
from ledger.store.recall import Recall


class Question:
    """What is read of a book for one question.

    Args:
        of: The books that it is asked of.
        refs: All transfers that the question can be about.
    """

    def __init__(self, of: Reading, refs: Iterable[str]) -> None:
        self.register = of.register
        self.reading = of
        self.recall: Recall = of.recall
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

    @property
    def peers(self) -> frozenset[str]:
        """The codes of the states whose books this one trusts."""
        found = self.history.peers.values()
        return frozenset(peer.state for peer in found)

    @property
    def heads(self) -> tuple[Head, ...]:
        """How far the answer goes."""
        return self.reading.heads
