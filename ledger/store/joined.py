"""Reading the own book and its mirrors together: what concerns a question in any.

Of each book that part is read which its own projections name; what another book says
of an entry is found by the citation, in either direction.
"""

from collections.abc import Iterable, Sequence

from typing_extensions import override

from ledger.domain.forms import Reference
from ledger.domain.history import History, Logged, begins, cited, gather
from ledger.domain.joining import STRIDE, Books, JoinedHistory, Office
from ledger.domain.schemas import OF_THE_BOOK, Record
from ledger.domain.values import Ref
from ledger.store.engine import translated
from ledger.store.journal import Journal
from ledger.store.recall import Recall


class JoinedRecall(Recall):
    """Reads histories of several books; see `Recall`, which reads one.

    Numbers and references are those of `ledger.domain.joining`.

    Args:
        journals: The own book, then its mirrors.
        recalls: A reader of each.
    """

    def __init__(self, journals: Sequence[Journal], recalls: Sequence[Recall]) -> None:
        super().__init__(journals[0], before=recalls[0].size)
        self.books = Books(
            names=tuple(journal.book.name for journal in journals),
            states=tuple(journal.book.state for journal in journals),
        )
        self.journals = tuple(journals)
        self.recalls = tuple(recalls)
        self._own = recalls[0].history(())
        self._offices: tuple[Office, ...] = ()

    @override
    def entry(self, seq: int) -> Logged | None:
        index, local = divmod(seq, STRIDE)
        if seq not in self._read:
            found = self.recalls[index].entry(local)
            if found is not None and (not index or found.kind not in OF_THE_BOOK):
                self._read[seq] = self.books.joined_entry(found, index)
            else:
                self._read[seq] = None
        return self._read[seq]

    @override
    def seqs_of(self, ref: str) -> list[int]:
        index, local = self.books.split(ref)
        queue = [index * STRIDE + seq for seq in self.recalls[index].seqs_of(local)]
        if local.startswith("#"):
            queue.append(index * STRIDE + int(local[1:]))
        found: set[int] = set()
        while queue:
            seq = queue.pop()
            if seq not in found:
                found.add(seq)
                queue.extend(self._citing(seq))
        return sorted(found)

    def _citing(self, seq: int) -> Iterable[int]:
        """Yield the entries of other books that concern one of this."""
        book, local = self.books.home(seq)
        for index, recall in enumerate(self.recalls):
            if self.books.names[index] != book:
                for citing in recall.seqs_of(f"@{book}#{local}"):
                    yield index * STRIDE + citing

    @override
    def changes_of(self, ref: str) -> list[int]:
        index, local = self.books.split(ref)
        return [index * STRIDE + s for s in self.recalls[index].changes_of(local)]

    @override
    def refs_of(self, seq: int) -> list[str]:
        index, local = divmod(seq, STRIDE)
        found: dict[str, None] = {}
        for ref in self.recalls[index].refs_of(local):
            found.update(dict.fromkeys(self._refs_here(index, ref)))
        return list(found)

    def _refs_here(self, index: int, ref: str) -> list[str]:
        """Return what a reference that a book keeps is among all books."""
        if ref.startswith("#"):
            return [f"#{index * STRIDE + int(ref[1:])}"]
        if not ref.startswith("@"):
            return [self.books.joined(index, ref)]
        book, _, local = ref[1:].rpartition("#")
        if book not in self.books.names:
            return [ref]
        seq = self.books.names.index(book) * STRIDE + int(local)
        return begins(self.refs_of(seq) or [f"#{seq}"])[0]

    @override
    def refs_cited(self, reference: Reference) -> list[str]:
        # The caller's record is one of a joined history.
        if reference.ledger != self.books.names[0]:
            return super().refs_cited(reference)
        return self.refs_of(reference.seq) or [f"#{reference.seq}"]

    @override
    def ref_named(self, named: Ref) -> str:
        return self.books.joined(self.books.index_of(named.book), named.local)

    @override
    def every_ref(self) -> list[str]:
        return [
            self.books.joined(index, ref)
            for index, recall in enumerate(self.recalls)
            for ref in recall.every_ref()
            if index == 0 or ref[0] in "TRI"
        ]

    def cited_refs(self) -> list[str]:
        """Return the transfers and arrivals that another book says something of."""
        found: dict[str, None] = {}
        for index, journal in enumerate(self.journals):
            with translated():
                rows = journal.connection.execute(
                    "SELECT DISTINCT ref FROM subject "
                    "WHERE book = ? AND ref >= '@' AND ref < 'A'",
                    (journal.book.id,),
                ).fetchall()
            for (ref,) in rows:
                found.update(dict.fromkeys(self._refs_here(index, str(ref))))
        return [ref for ref in found if ref[0] in "TR"]

    @override
    def history(self, refs: Iterable[str], *, seqs: Iterable[int] = ()) -> History:
        full, stages_of = begins(refs)
        wanted = gather(
            full,
            stages_of=stages_of,
            seqs_of=self.seqs_of,
            entry_of=self.entry,
            changes_of=self.changes_of,
        )
        wanted.update(seqs)
        history = self._begun()
        for seq in sorted(wanted):
            self._add(history, seq)
        # Whatever was cited first, corrections follow one another in their order.
        for found in (*history.corrections.values(), *history.by_ref.values()):
            found.sort()
        history.entries = {seq: history.entries[seq] for seq in sorted(history.entries)}
        history.numbers = dict(self._own.numbers)
        history.onces = {}
        history.head = self._own.head
        return history

    def _begun(self) -> JoinedHistory:
        own = self.recalls[0].history(())
        return JoinedHistory.over(own, books=self.books, offices=self.offices)

    @property
    def offices(self) -> tuple[Office, ...]:
        """Who records in each of the books."""
        if not self._offices:
            found = [recall.history(()) for recall in self.recalls]
            self._offices = tuple(Office(h.state, h.zone, h.ring) for h in found)
        return self._offices

    def _add(self, history: History, seq: int) -> None:
        """Add an entry, and before it those of any book that it cites."""
        queue = [seq]
        while queue:
            entry = self.entry(queue[-1])
            if entry is None or entry.seq in history.entries:
                queue.pop()
                continue
            missing = [
                reference.seq
                for reference in cited(entry.record)
                if reference.ledger == history.book
                and reference.seq not in history.entries
                and self._cites(reference)
            ]
            queue.extend(missing)
            if not missing:
                history.add(entry)

    def _cites(self, reference: Reference) -> bool:
        """Return whether what is cited is here, under that leaf."""
        found = self.entry(reference.seq)
        return found is not None and found.leaf.hex() == reference.leaf

    @override
    def history_for(self, record: Record, *, once: str) -> History:
        seqs = [r.seq for r in cited(record) if r.ledger == self.books.names[0]]
        return self.history(self.concerned(record), seqs=seqs)
