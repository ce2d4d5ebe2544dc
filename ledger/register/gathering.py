"""The part of the books that a question is about: all of them, or some transfers."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import History, number_of, pools
from ledger.domain.joining import no_such_ref
from ledger.register.mirrored import Reading
from ledger.register.showing import no_such_entry


class Gathered(Struct, frozen=True):
    """Entries that were read, and the pools of the transfers among them, each once."""

    history: History
    pools: tuple[Pool, ...]

    def begun(self, *, on: date) -> dict[str, Pool]:
        """Return the pool of each transfer that had begun by a day, in order."""
        found = {
            ref: pool
            for pool in self.pools
            for ref, case in pool.cases.items()
            if case.opening_day() <= on
        }
        return {ref: found[ref] for ref in sorted(found, key=number_of)}


def whole(of: Reading) -> Gathered:
    """Return all that the books say, as far as they are to be looked at."""
    return _gathered(of.recall.history((), seqs=of.seqs()))


def some(of: Reading, refs: Iterable[str]) -> Gathered:
    """Return what concerns some references, with all that is tied to them.

    Raises:
        NotFoundError: If no book has such a transfer, arrival or instrument.
    """
    names = list(refs)
    history = of.recall.history(names)
    for ref in names:
        if ref not in history.opened:
            raise no_such_ref(ref, spoken=of.books.spoken(ref))
    return _gathered(history)


def around(of: Reading, seq: int) -> Gathered:
    """Return an entry, and what concerns all that it concerns.

    Raises:
        NotFoundError: If there is no such entry, or it is void.
    """
    if not of.has(seq):
        raise no_such_entry(of, seq)
    return _gathered(of.recall.history(of.recall.refs_of(seq), seqs=[seq]))


def _gathered(history: History) -> Gathered:
    names = {history.known_as(ref) for ref in history.opened if ref[0] in "TR"}
    found = pools(history, sorted(names, key=number_of))
    return Gathered(history, tuple(pool_of(history, pool[0]) for pool in found))
