"""The part of a book that a question is about: all of it, or some transfers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import History, number_of, pools
from ledger.errors import NotFoundError
from ledger.register.opening import Register


@dataclass(frozen=True, slots=True)
class Gathered:
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


def whole(register: Register) -> Gathered:
    """Return all that a book says, as far as it is to be looked at."""
    recall = register.recall()
    return _gathered(recall.history((), seqs=range(recall.size)))


def some(register: Register, refs: Iterable[str]) -> Gathered:
    """Return what concerns some references, with all that is tied to them.

    Raises:
        NotFoundError: If the book has no such transfer, arrival or instrument.
    """
    names = list(refs)
    history = register.recall().history(names)
    for ref in names:
        if ref not in history.opened:
            raise NotFoundError("cite.no-such-ref", ref=ref)
    return _gathered(history)


def around(register: Register, seq: int) -> Gathered:
    """Return an entry, and what concerns all that it concerns.

    Raises:
        NotFoundError: If there is no such entry, or it is void.
    """
    recall = register.recall()
    if recall.entry(seq) is None:
        raise NotFoundError("cite.no-such-entry", seq=seq)
    return _gathered(recall.history(recall.refs_of(seq), seqs=[seq]))


def _gathered(history: History) -> Gathered:
    names = {history.known_as(ref) for ref in history.opened if ref[0] in "TR"}
    found = pools(history, sorted(names, key=number_of))
    return Gathered(history, tuple(pool_of(history, pool[0]) for pool in found))
