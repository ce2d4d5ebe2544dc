"""A first look at the derived tables, shared among processes.

Each process inherits what was judged, reads through a connection of its own, and names
the parts that are in doubt. What it did not look at, because it died perhaps, is looked
at here: a failing process costs time and nothing else.
"""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from ledger.errors import LedgerError
from ledger.register.rebuilding import Doubts, Rebuilding
from ledger.store.journal import Journal
from ledger.store.shelf import Shelf


def first_look(
    rebuilding: Rebuilding,
    database: Path,
    *,
    workers: int,
    tell: Callable[[int, int], None],
) -> None:
    """Look at every part of the derived tables, and keep what is in doubt.

    Args:
        rebuilding: What was judged.
        database: The file of the book.
        workers: How many processes help.
        tell: Is told how many transfers are done, and of how many.
    """
    rebuilding.look_at_headings()
    count = rebuilding.divide()
    context = multiprocessing.get_context("fork")
    helpers = []
    for number in range(workers):
        parts = range(number + 1, count, workers + 1)
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=look, args=(theirs, rebuilding, database, parts), daemon=True
        )
        process.start()
        theirs.close()
        helpers.append((process, ours, parts))
    try:
        rebuilding.look_at_payments()
        own = range(0, count, workers + 1)
        rebuilding.doubt(rebuilding.look_at_refs(own, tell=tell))
        for _, link, parts in helpers:
            try:
                doubts: Doubts = link.recv()
            except (EOFError, OSError):
                doubts = rebuilding.look_at_refs(parts, tell=tell)
            rebuilding.doubt(doubts)
    finally:
        for process, link, _ in helpers:
            process.terminate()
            process.join()
            link.close()


def look(
    link: Connection, rebuilding: Rebuilding, database: Path, parts: Sequence[int]
) -> None:
    """Look at some parts and send the doubts: the whole life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the judge is stopped, and says so
    try:
        journal = Journal.open(database, write=False)
    except LedgerError:
        return
    try:
        rebuilding.journal = journal
        entries = rebuilding.history.entries
        if isinstance(entries, Shelf):
            entries.reads(journal)
        link.send(rebuilding.look_at_refs(parts))
    except (LedgerError, OSError):
        return
    finally:
        journal.close()
