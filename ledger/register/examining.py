"""Going through the entries of a book in order, each judged anew.

Reads go in short slices up to a size fixed at the start; what comes in meanwhile is
judged in the snapshot in which the derived tables are compared. Signatures are checked
ahead by other processes where that pays.
"""

from functools import partial
from pathlib import Path

from ledger.domain.history import History
from ledger.domain.judging import check_signature
from ledger.register.guarding import compare_guards
from ledger.register.levels import (
    Work,
    compare_once,
    compare_rest,
    compare_root,
    cut,
    kept_checkpoints,
)
from ledger.register.rebuilding import Rebuilding
from ledger.register.resuming import Bookmark
from ledger.register.sharing import first_look
from ledger.register.signatures import FEWEST, Ahead, spare_cores
from ledger.register.stored_tree import Completed, StoredTree
from ledger.store.intake import history_before
from ledger.store.journal import Row
from ledger.store.recall import Recall
from ledger.store.shelf import Onces, Shelf, shelved
from ledger.store.watermark import Watermark
from ledger.tlog.checkpoint import Checkpoint

TOLD_EACH = 100
"""Entries between two tellings of how far it has come."""


def begin(
    work: Work,
    *,
    mark: Watermark | None,
    since: Checkpoint | None,
    history: History | None = None,
) -> None:
    """Fix how far to go, and where to begin.

    Args:
        work: The verification.
        mark: What this machine remembers of the book.
        since: Begin at this trusted checkpoint.
        history: The book's keys as of that checkpoint (`pinning.check_since`).
    """
    journal = work.journal
    work.kept = list(kept_checkpoints(work))
    sizes = {checkpoint.size for checkpoint, _ in work.kept}
    if mark is not None:
        sizes.add(mark.size)
    work.audit.wanted = frozenset(sizes)
    # What the projections have not taken in waits for the snapshot that compares them.
    work.size = min(journal.size(), Recall(journal).projected())
    work.projected = work.size
    if since is not None:
        _begin_at(work, since, history)
    history = work.audit.history
    if not work.start and not history.entries:
        work.audit.history = shelved(history, journal, stop=work.size)


def _begin_at(work: Work, checkpoint: Checkpoint, history: History | None) -> None:
    """Start at a trusted checkpoint: the tree there must have its root."""
    journal = work.journal
    if checkpoint.size > journal.size():
        cut(work, checkpoint.size)
        return
    compare_root(work, checkpoint.size, checkpoint.root)
    work.start = checkpoint.size
    work.size = max(work.size, checkpoint.size)
    if history is not None and checkpoint.size:
        work.audit.history = history
    work.audit.frontier = journal.frontier(checkpoint.size)


def read_on(
    work: Work, database: Path, bookmark: Bookmark, *, workers: int | None
) -> None:
    """Judge every entry from the beginning on, and compare what follows from them.

    Args:
        work: The verification.
        database: The file of the book, for the processes that help.
        bookmark: What was verified earlier.
        workers: How many processes help; None for as many as pay.
    """
    journal = work.journal
    if workers is None:
        workers = spare_cores() if work.size - work.start >= FEWEST else 0
    rebuilding = Rebuilding(journal, work.audit.history)
    # No reading is open here: a worker inherits no lock.
    with Ahead(database, stop=work.size, workers=workers) as ahead:
        work.audit.check = ahead.check
        _entries(
            work, bookmark, work.start, work.size, ahead=ahead, rebuilding=rebuilding
        )
    work.audit.check = check_signature
    tell = partial(work.report, "projections")
    if not work.start:
        first_look(rebuilding, database, workers=workers, tell=tell)
    with journal.reading():
        grown = journal.size()
        work.projected = Recall(journal).projected()
        _entries(work, bookmark, work.size, grown, ahead=None, rebuilding=rebuilding)
        # What is counted and does not come can only be gone from the end.
        work.size = min(grown, max(work.start, work.reached))
        if work.size < grown:
            cut(work, grown)
        work.done.add("entries")
        if not work.start:
            tell(*rebuilding.reached())
            work.findings.extend(rebuilding.settled())
            compare_rest(work)
        work.done.add("projections")
        compare_guards(work)


def _entries(
    work: Work,
    bookmark: Bookmark,
    start: int,
    stop: int,
    *,
    ahead: Ahead | None,
    rebuilding: Rebuilding,
) -> None:
    """Judge stored entries, and compare the tree hashes that they complete."""
    tree = StoredTree(work)
    try:
        for row in work.journal.raw_rows(start, stop):
            if isinstance(row.seq, int):
                work.reached = row.seq + 1
            if not row.whole:
                # A number of another type is no entry's: the gap it leaves is found.
                named = row.seq if isinstance(row.seq, int) else None
                work.add(named, "bytes", "not-bytes", field="note")
                continue
            if row.seq % TOLD_EACH == 0:
                tree.compare()
                work.report("entries", row.seq - work.start, stop - work.start)
            bookmark.reach(work, row.seq)
            if work.projected == row.seq and not work.start:
                rebuilding.settle()
            known = bookmark.covers(row.seq)
            if ahead is not None and not known:
                keys = (s.key for s in work.audit.history.ring.standings)
                ahead.reach(row.seq, keys=keys)
            tree.completed(row.seq, _judged(work, row, known=known))
            if not work.start:
                rebuilding.judged(row.seq)
            compare_once(work, row)
    finally:
        tree.compare()


def _judged(work: Work, row: Row, *, known: bool) -> Completed:
    """Judge a stored entry; return the tree hashes that it completes."""
    audit, beside = work.audit, None
    if work.start:
        beside = history_before(work.journal, row, numbers=audit.history.numbers)
    entries, onces = audit.history.entries, audit.history.onces
    if isinstance(entries, Shelf):
        entries.coming(row)
    if isinstance(onces, Onces):
        onces.coming(row)
    return audit.take(
        seq=row.seq, leaf=row.leaf, note=row.note, beside=beside, known=known
    )
