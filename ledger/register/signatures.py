"""Signatures checked ahead of the judge, by other processes, on the other cores.

A worker reads rows through a connection of its own and says under which key which
bytes are rightly signed. It is believed by the leaf hash of the bytes and the whole
public key, never by an entry's number: the judge asks about the bytes before it and
the key that its own ring finds. What no worker vouched for (a signature that does not
hold, a key that came since, a worker that died) is checked by the judge itself, so a
failing worker costs time and nothing else.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct, field

from ledger.errors import LedgerError
from ledger.store.journal import Journal
from ledger.tlog import merkle
from ledger.tlog.entry import EntryNote
from ledger.tlog.note import SIG_ED25519, VerifyKey

BATCH = 512
"""Entries that a worker is asked for at a time: a multiple of a tile's 256."""

FEWEST = 2_000
"""Entries for which it pays to start a worker."""

_AHEAD = 2  # batches that wait at each worker
_MOST = 4

Task = tuple[int, int, tuple[VerifyKey, ...]]
Answer = list[tuple[bytes, int]]


def spare_cores() -> int:
    """Return how many processes can help: the judge has a core to itself."""
    return min(len(os.sched_getaffinity(0)) - 1, _MOST)


class Worker(Struct):
    """One process that helps, and what it was asked and has not answered yet."""

    process: BaseProcess
    link: Connection
    asked: deque[tuple[int, tuple[VerifyKey, ...]]] = field(default_factory=deque)

    def ask(self, batch: int, task: Task) -> None:
        """Ask for a batch; a worker that is gone will not answer."""
        try:
            self.link.send(task)
        except OSError:
            return
        self.asked.append((batch, task[-1]))

    def answer(self, batch: int) -> dict[bytes, VerifyKey]:
        """Return who signed what in a batch; nothing if no answer will come."""
        while self.asked:
            asked, keys = self.asked.popleft()
            try:
                found: Answer = self.link.recv()
            except (EOFError, OSError):
                self.asked.clear()
                break
            if asked == batch:
                return {leaf: keys[number] for leaf, number in found}
        return {}


class Ahead:
    """Checks signatures ahead of a judge who goes through a book in order.

    Args:
        database: The file of the book.
        stop: The number of the entry after the last.
        workers: How many processes help.

    Attributes:
        workers: The processes.
        vouched: By the leaf hash of its bytes, who signed an entry of this batch.
    """

    def __init__(self, database: Path, *, stop: int, workers: int) -> None:
        self._database = database
        self._stop = stop
        self._batch = -1
        self._next = 0
        self.vouched: dict[bytes, VerifyKey] = {}
        self.workers: list[Worker] = []
        for _ in range(workers):
            self.workers.append(self._started())

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop every worker: they only read."""
        for worker in self.workers:
            worker.process.terminate()
            worker.process.join()
            worker.link.close()

    def _started(self) -> Worker:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        inherited = [ours, *(worker.link for worker in self.workers)]
        process = context.Process(
            target=work, args=(theirs, self._database, inherited), daemon=True
        )
        process.start()
        theirs.close()
        return Worker(process, ours)

    def reach(self, seq: int, *, keys: Iterable[VerifyKey]) -> None:
        """Say that the judge comes to an entry, and which keys the book has so far."""
        batch = seq // BATCH
        if batch == self._batch or not self.workers:
            return
        known = tuple(key for key in keys if key.algorithm == SIG_ED25519)
        count = len(self.workers)
        self._batch = batch
        self._next = max(self._next, batch)
        while known and self._next <= batch + _AHEAD * count:
            first = self._next * BATCH
            if first < self._stop:
                task = (first, min(first + BATCH, self._stop), known)
                self.workers[self._next % count].ask(self._next, task)
            self._next += 1
        self.vouched = self.workers[batch % count].answer(batch)

    def check(self, page: EntryNote, key: VerifyKey, leaf: bytes) -> None:
        """Check that a key signed a page (a `CheckSignature`).

        Raises:
            SignatureError: It did not.
        """
        if self.vouched.get(leaf) != key:
            page.check_signature(key)


def work(link: Connection, database: Path, inherited: Sequence[Connection]) -> None:
    """Answer tasks until nobody asks any more: the whole life of a worker.

    Args:
        link: Where tasks come from and answers go.
        database: The file of the book.
        inherited: The other ends of all links, which only the judge may hold open.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the judge is stopped, and says so
    for other in inherited:
        other.close()
    try:
        journal = Journal.open(database, write=False)
    except LedgerError:
        return
    try:
        while True:
            link.send(vouch(journal, link.recv()))
    except (EOFError, OSError):
        return
    finally:
        journal.close()


def vouch(journal: Journal, task: Task) -> Answer:
    """Return the leaf hashes of rightly signed bytes, each with its key's number."""
    first, stop, keys = task
    named: dict[tuple[str, bytes], list[int]] = {}
    for number, key in enumerate(keys):
        named.setdefault((key.name, key.key_id), []).append(number)
    found: Answer = []
    try:
        for row in journal.raw_rows(first, stop):
            if row.whole:
                found.extend(_signers(row.note, keys, named))
    except LedgerError:
        return found  # the judge meets the same, and says so
    return found


def _signers(
    note: bytes,
    keys: Sequence[VerifyKey],
    named: Mapping[tuple[str, bytes], Sequence[int]],
) -> Iterable[tuple[bytes, int]]:
    """Yield the leaf hash and the number of the key that signed, if one did."""
    try:
        page = EntryNote.parse(note)
        line = page.signature
        for number in named.get((line.name, line.key_id), ()):
            page.check_signature(keys[number])
            yield merkle.leaf_hash(note), number
    except LedgerError:
        return
