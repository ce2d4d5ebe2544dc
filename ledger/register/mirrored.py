"""Reading the own book and its mirrors for one answer, and how old each mirror is."""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from ledger.domain.joining import STRIDE, Books
from ledger.errors import LedgerError
from ledger.register.answering import cosigners
from ledger.register.log_lines import log_line
from ledger.register.opening import Head, Register, Taken
from ledger.store.engine import translated
from ledger.store.joined import JoinedRecall
from ledger.store.journal import Journal
from ledger.store.mirrors import mirrors
from ledger.store.recall import Recall
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note


class Reading(Struct, frozen=True):
    """The books that an answer is read from.

    Attributes:
        register: The own book.
        recall: Reads them: the own book, with its mirrors if there are any.
        books: What they are called.
        heads: How far each goes.
    """

    register: Register
    recall: Recall
    books: Books
    heads: tuple[Head, ...]

    def refs(self, sql: str, *values: str) -> list[str]:
        """Return the transfers that the projections name, in any of the books.

        Projections say how things stand in a book alone, after all its entries: what
        another one says something of is a candidate too, and of books as they were
        known on an earlier day every transfer is.
        """
        if self.register.before is not None:
            return [ref for ref in self.recall.every_ref() if ref[0] in "TR"]
        found: dict[str, None] = {}
        for index, journal in enumerate(self.journals):
            with translated():
                rows = journal.connection.execute(
                    sql, (journal.book.id, *values)
                ).fetchall()
            found.update((self.books.joined(index, str(ref)), None) for (ref,) in rows)
        if isinstance(self.recall, JoinedRecall):
            found.update(dict.fromkeys(self.recall.cited_refs()))
        return list(found)

    @property
    def journals(self) -> tuple[Journal, ...]:
        """The books, in the order of `books`."""
        if isinstance(self.recall, JoinedRecall):
            return self.recall.journals
        return (self.register.journal,)

    @property
    def recalls(self) -> tuple[Recall, ...]:
        """What reads each of them alone."""
        if isinstance(self.recall, JoinedRecall):
            return self.recall.recalls
        return (self.recall,)

    def seqs(self) -> Iterator[int]:
        """Yield the number of every entry, as it is among all books."""
        for index, recall in enumerate(self.recalls):
            yield from range(index * STRIDE, index * STRIDE + recall.size)

    def has(self, seq: int) -> bool:
        """Return whether a valid entry has a number, as it is among all books."""
        index, local = divmod(seq, STRIDE)
        recalls = self.recalls
        return index < len(recalls) and recalls[index].entry(local) is not None


def taken_in_at(register: Register, mirror: Journal) -> list[tuple[int, datetime]]:
    """Return the sizes of a mirror that were cosigned here, and since when each was.

    They are in order; so are the times, each the first at which that much was here.
    """
    ring = register.recall().history(()).ring
    witnesses = [s.key for s in ring.standings if s.role == "witness"]
    found: list[tuple[int, datetime]] = []
    for size, note in reversed(mirror.checkpoints()):
        try:
            times = [when for _, when in cosigners(note, witnesses)]
        except LedgerError:
            continue
        if found:
            times.append(found[-1][1])
        if times:
            found.append((size, min(times)))
    return found[::-1]


def _alone(register: Register, recall: Recall, heads: tuple[Head, ...]) -> Reading:
    book = register.journal.book
    return Reading(register, recall, Books((book.name,), (book.state,)), heads)


def reading(register: Register, *, before: int | None = None) -> Reading:
    """Return a reading of the own book and of all its mirrors that hold anything.

    Args:
        register: The own book.
        before: Of the own book, entries from this number on are not looked at.
    """
    own = register.journal
    beside = [mirror for mirror in mirrors(own) if mirror.size()]
    recall = register.recall()
    if before is not None:
        recall = Recall(own, before=before)
    heads = [Head(own.book.name, recall.size, own.root(recall.size))]
    if not beside:
        return _alone(register, recall, tuple(heads))
    recalls = [recall]
    for mirror in beside:
        found = Recall(mirror)
        if register.known_on is not None:
            found = Recall(mirror, before=found.size_known_on(register.known_on))
        recalls.append(found)
        root = mirror.root(found.size)
        taken = last_taken(register, mirror, size=found.size)
        heads.append(Head(mirror.book.name, found.size, root, mirror=taken))
    joined = JoinedRecall([own, *beside], recalls)
    return Reading(register, joined, joined.books, tuple(heads))


def last_taken(register: Register, mirror: Journal, *, size: int) -> Taken:
    """Return the last checkpoint of a mirror that was taken in, as far as it is read.

    Its day is that of the own cosignature, which is given when it is taken in; without
    a witness key nobody knows it.
    """
    ring = register.recall().history(()).ring
    witnesses = [s.key for s in ring.standings if s.role == "witness"]
    best: tuple[Checkpoint, date | None] | None = None
    for at, note in reversed(mirror.checkpoints()):
        if at > size or (best is not None and at < best[0].size):
            continue
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
            if mirror.root(at) != checkpoint.root or not log_line(mirror, note, at):
                continue
            days = [when.date() for _, when in cosigners(note, witnesses)]
        except LedgerError:
            continue
        if best is None or best[1] is None:
            best = checkpoint, max(days, default=None)
    if best is None:
        return Taken(size=0, root=b"", day=None)
    return Taken(size=best[0].size, root=best[0].root, day=best[1])
