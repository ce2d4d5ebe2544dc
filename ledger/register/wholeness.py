"""Whether a copy of a book is whole: bytes, chain and tree, from its entries alone.

This is quicker than a verification and finds what a copy can suffer. Who signed, and
whether every rule was kept, is `verify`'s to say.
"""

from msgspec import Struct

from ledger.errors import LedgerError, TamperedError
from ledger.register.progress import Progress, Tell, say_nothing
from ledger.store.copying import pages_fit
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog import merkle
from ledger.tlog.entry import ZERO, EntryNote
from ledger.tlog.merkle import Frontier

TOLD_EACH = 1000


class Whole(Struct, frozen=True):
    """How far a whole book goes.

    Attributes:
        size: How many entries it has.
        root: Root of their tree, 32 bytes.
    """

    size: int
    root: bytes


def check_whole(journal: Journal, *, tell: Tell = say_nothing) -> Whole:
    """Return how far a book goes, every entry of which was read and compared.

    Entries that somebody wrote round the program and nobody has judged yet lie beyond.

    Raises:
        TamperedError: If pages, an entry, its link or the tree are not what they were.
    """
    if not pages_fit(journal):
        raise TamperedError("copy.pages-damaged")
    recall = Recall(journal)
    voids = recall.history(()).voids
    size, previous, frontier, nodes = recall.projected(), ZERO, Frontier(), 0
    for row in journal.rows(0, size):
        fits = row.seq == frontier.size and merkle.leaf_hash(row.note) == row.leaf
        if not fits or (row.seq not in voids and not _follows(row.note, previous)):
            raise TamperedError("copy.entry-altered", seq=frontier.size)
        completed = frontier.append(row.leaf)
        nodes += len(completed)
        if journal.read_nodes([n for n, _ in completed]) != [h for _, h in completed]:
            raise TamperedError("copy.tree-altered")
        previous = row.leaf
        if row.seq % TOLD_EACH == 0:
            tell(Progress("entries", row.seq, size))
    if journal.size() == size and journal.count_nodes() != nodes:
        raise TamperedError("copy.tree-altered")
    return Whole(size, frontier.root())


def _follows(note: bytes, previous: bytes) -> bool:
    try:
        return EntryNote.parse(note).envelope().prev == previous
    except LedgerError:
        return False
