"""Citations of other states' books: judged by the mirror, where it is here.

A book alone shows that it cites a peer's entry by number and leaf; that the entry is
there, and allows what is said of it, only the mirror shows.
"""

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.history import Logged, cited
from ledger.domain.joining import STRIDE, Books
from ledger.domain.naming import parts_exist
from ledger.domain.records import Correction, Retraction
from ledger.domain.rules import terms_end
from ledger.domain.standing import STANDING
from ledger.errors import RefusedError
from ledger.register.levels import Work
from ledger.store.joined import JoinedRecall
from ledger.store.journal import Journal
from ledger.store.mirrors import mirrors
from ledger.store.recall import Recall


class Cited(Struct, frozen=True):
    """What came of comparing the citations of other books.

    Attributes:
        fitting: How many fit the entry that they cite.
        unseen: How many cannot be compared: that much of the book is not here.
        missing: The books of those, by name.
    """

    fitting: int = 0
    unseen: int = 0
    missing: tuple[str, ...] = ()


def faults_beside(recall: JoinedRecall, trial: Logged) -> list[RefusedError]:
    """Return why an entry that the own book allows cannot stand beside the mirrors.

    Only what is about another book's entries is asked: what another state did with the
    own transfers keeps nobody from correcting them.

    Args:
        recall: Reads the own book and its mirrors.
        trial: The next entry of the own book, not signed yet.
    """
    joined = recall.books.joined_entry(trial, 0)
    history = recall.history_for(joined.record, once=trial.once)
    changes = isinstance(joined.record, Correction | Retraction)
    after = history.with_entry(joined) if changes else history
    fact = joined
    while isinstance(fact.record, Correction | Retraction):
        fact = after.entries[fact.record.target.seq]
    record = after.worth(fact.seq) if changes else fact.record
    if record is None or all(r.seq < STRIDE for r in cited(record)):
        return []
    stands = replace(fact, record=record)
    found = [fault for rule in STANDING for fault in rule(after, stands)]
    for rule in (terms_end, parts_exist):
        found = found or list(rule(history, joined))
    return [_spoken(fault, recall.books) for fault in found]


def _spoken(fault: RefusedError, books: Books) -> RefusedError:
    """Return a refusal that names transfers as a person does."""
    values = {
        name: books.spoken(str(value))
        if name == "ref"
        else books.spoken_entry(value)
        if name == "seq" and isinstance(value, int)
        else value
        for name, value in fault.values.items()
    }
    return RefusedError(fault.code, **values)


def compare_citations(work: Work, own: Journal) -> Cited:
    """Compare what the entries of a book cite of others with the books that are here.

    Of a mirrored book the own one is such another. What goes beyond a mirror, or is of
    a book that is not mirrored, cannot be compared, and is told.
    """
    here = {journal.book.name: journal for journal in (own, *mirrors(own))}
    recalls = {name: Recall(journal) for name, journal in here.items()}
    fitting, unseen = 0, 0
    missing: set[str] = set()
    history = work.audit.history
    for seq, reference in work.citations:
        name = reference.ledger
        recall = recalls.get(name)
        if recall is None or reference.seq >= recall.size:
            unseen += 1
            missing.add(name)
            continue
        entry = recall.entry(reference.seq)
        if entry is not None and entry.leaf.hex() == reference.leaf:
            fitting += 1
            continue
        work.add(
            seq if seq in history.entries else None,
            "rules",
            "citation-unfit",
            field=f"{name}:{reference.seq}",
            expected=reference.leaf,
            found=None if entry is None else entry.leaf.hex(),
        )
    return Cited(fitting, unseen, tuple(sorted(missing)))
