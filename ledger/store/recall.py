"""The part of a book's history that concerns a question, read from the database.

Entries say what they cite by number, and the projection `subject` says which entries
concern a reference; so a rule reads the transfers concerned and no others. What is
read here was judged when it came in (`ledger.store.projections`); an audit trusts
none of it and judges every entry anew (`ledger.audit`).
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from types import UnionType
from typing import Any

from ledger.domain.forms import Reference
from ledger.domain.history import (
    Fault,
    History,
    Logged,
    Void,
    cited,
    elsewhere,
    number_of,
)
from ledger.domain.reach import begins, concerns, gather
from ledger.domain.schemas import OF_THE_BOOK, Record, read_record
from ledger.domain.values import Ref
from ledger.errors import LedgerError, RewrittenError, TamperedError
from ledger.store.engine import translated
from ledger.store.journal import Journal, Row
from ledger.tlog.chain import Head
from ledger.tlog.entry import EntryNote, format_instant
from ledger.tlog.merkle import leaf_hash


def read_entry(row: Row) -> Logged:
    """Return a valid entry from its stored bytes.

    Raises:
        TamperedError: If the bytes are no entry any more.
    """
    try:
        said = EntryNote.parse(row.note).envelope()
        record = read_record(said.kind, said.data, spelt=said.spelt)
        # Whose keys count rests on these: they must be what was committed to.
        if said.kind in OF_THE_BOOK and leaf_hash(row.note) != row.leaf:
            raise TamperedError("store.entry-unreadable", seq=row.seq)
    except (LedgerError, KeyError):
        raise TamperedError("store.entry-unreadable", seq=row.seq) from None
    return Logged(
        seq=row.seq,
        leaf=row.leaf,
        at=said.at,
        kind=said.kind,
        by=said.by,
        once=said.once,
        data=said.data,
        record=record,
    )


def _add(history: History, entry: Logged) -> None:
    """Add an entry that was valid when it came in."""
    try:
        history.add(entry)
    except LedgerError:
        raise TamperedError("store.entry-unreadable", seq=entry.seq) from None


class Recall:
    """Reads histories from one journal; entries are read once.

    Args:
        journal: The open book.
        before: Entries from this number on are not looked at.
        numbers: The highest numbers given before that entry, by letter, if they are
            known: to find them takes as long as the book is.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        before: int | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        self._journal = journal
        self._given = numbers
        self._before = self.projected() if before is None else before
        self._read: dict[int, Logged | None] = {}

    @property
    def size(self) -> int:
        """Return how many entries are looked at."""
        return self._before

    def projected(self) -> int:
        """Return how many entries the projections have taken in."""
        found = self._all(
            (int,), "SELECT coalesce(max(seq), -1) + 1 FROM heading WHERE book = ?"
        )
        return int(found[0][0])

    def size_known_on(self, day: date) -> int:
        """Return how many entries the book had at the end of a day, UTC.

        That is the longest prefix before the first entry that was recorded later;
        void entries among them have no time of their own.
        """
        after = format_instant(
            datetime.combine(day, time.max, UTC).replace(microsecond=0)
        )
        found = self._all(
            (int | None,),
            "SELECT min(seq) FROM heading WHERE book = ? AND fault IS NULL AND at > ?",
            after,
        )
        return self._before if found[0][0] is None else int(found[0][0])

    def entry(self, seq: int) -> Logged | None:
        """Return a valid entry, or None if it is void or not there."""
        if seq not in self._read:
            self._read[seq] = self.stored(seq) if seq < self._before else None
        return self._read[seq]

    def stored(self, seq: int) -> Logged | None:
        """Return a valid entry, read anew and not kept in mind."""
        found = self._all(
            (str | None, *(object,) * 4),
            "SELECT h.fault, e.seq, e.once, e.leaf, e.note FROM heading h "
            "LEFT JOIN entry e ON e.book = h.book AND e.seq = h.seq "
            "WHERE h.book = ? AND h.seq = ?",
            seq,
        )
        if not found or found[0][0] is not None:
            return None
        row = Row(*found[0][1:])
        if row.seq is None:
            raise RewrittenError("store.entry-missing", seq=seq)
        if not row.whole:
            raise TamperedError("store.entry-unreadable", seq=seq)
        return read_entry(row)

    def seqs_of(self, ref: str) -> list[int]:
        """Return the numbers of the entries that concern a reference."""
        return [
            seq
            for (seq,) in self._all(
                (int,),
                "SELECT seq FROM subject WHERE book = ? AND ref = ? AND seq < ?",
                ref,
                self._before,
            )
        ]

    def changes_of(self, ref: str) -> list[int]:
        """Return the entries that concern an instrument and are stages or changes."""
        return [
            seq
            for (seq,) in self._all(
                (int,),
                # A row without a heading is damage, which the check of types sees.
                "SELECT subject.seq FROM subject LEFT JOIN heading "
                "ON heading.book = subject.book AND heading.seq = subject.seq "
                "WHERE subject.book = ? AND subject.ref = ? AND subject.seq < ? "
                "AND (heading.kind IN "
                "('instrument', 'correction', 'retraction', 'confirmation') "
                "OR heading.seq IS NULL)",
                ref,
                self._before,
            )
        ]

    def refs_of(self, seq: int) -> list[str]:
        """Return the references that an entry concerns."""
        return [
            ref
            for (ref,) in self._all(
                (str,), "SELECT ref FROM subject WHERE book = ? AND seq = ?", seq
            )
        ]

    def every_ref(self) -> list[str]:
        """Return every reference that some entry concerns, sorted as text."""
        return [
            ref
            for (ref,) in self._all(
                (str,),
                "SELECT DISTINCT ref FROM subject WHERE book = ? AND seq < ? "
                "ORDER BY ref",
                self._before,
            )
        ]

    def signed_by(self, name: str) -> list[int]:
        """Return the numbers of the valid entries that keys of this name signed."""
        return [
            seq
            for (seq,) in self._all(
                (int,),
                "SELECT seq FROM heading WHERE book = ? AND signer = ? "
                "AND fault IS NULL AND seq < ? ORDER BY seq",
                name,
                self._before,
            )
        ]

    def seq_of(self, ref: str) -> int | None:
        """Return the entry that first gave a reference."""
        found = self._all(
            (int | None,),
            # By reference: see `_state_entries`.
            "SELECT min(+seq) FROM heading WHERE book = ? AND ref = ? AND +seq < ?",
            ref,
            self._before,
        )
        return None if found[0][0] is None else int(found[0][0])

    def ref_named(self, named: Ref) -> str:
        """Return what a person's reference is here; whose it is is asked later."""
        return named.local

    def concerned(self, record: Record) -> tuple[str, ...]:
        """Return the references that a record concerns, each once, sorted."""
        return concerns(record, refs_of=self.refs_cited)

    def refs_cited(self, reference: Reference) -> list[str]:
        """Return the references that a cited entry concerns, or what stands for it."""
        if reference.ledger != self._journal.book.name:
            return [elsewhere(reference)]
        return self.refs_of(reference.seq) or [f"#{reference.seq}"]

    def history(self, refs: Iterable[str], *, seqs: Iterable[int] = ()) -> History:
        """Return all that matters to some references, and some entries besides.

        Keys, void entries, numbers and the head are always there.
        """
        history = History(book=self._journal.book.name)
        full, stages_of = begins(refs)
        wanted = gather(
            full,
            stages_of=stages_of,
            seqs_of=self.seqs_of,
            entry_of=self.entry,
            changes_of=self.changes_of,
        )
        wanted.update(seqs)
        wanted.update(self._state_entries())
        for void in self._voids():
            history.voids[void.seq] = void
        for seq in sorted(wanted):
            entry = self.entry(seq)
            if entry is not None:
                _add(history, entry)
        history.numbers = self._numbers()
        history.onces = {}
        history.head = self.head()
        return history

    def history_for(self, record: Record, *, once: str) -> History:
        """Return all that the rules need to judge a record."""
        book = self._journal.book.name
        seqs = [r.seq for r in cited(record) if r.ledger == book]
        history = self.history(self.concerned(record), seqs=seqs)
        for seq in self.seqs_of_once(once):
            history.onces[once] = seq
        return history

    def seqs_of_once(self, once: str) -> list[int]:
        """Return the numbers of the valid entries beside which an id stands."""
        return [
            seq
            for seq in self._journal.seqs_of_once(once)
            if seq < self._before and self._valid(seq)
        ]

    def head(self) -> Head:
        """Return where the book ends, as far as it is read here."""
        found = self._all(
            (int | None,),
            "SELECT max(seq) FROM heading WHERE book = ? AND fault IS NULL AND seq < ?",
            self._before,
        )
        last = None if found[0][0] is None else self.entry(found[0][0])
        return Head(
            size=self._before,
            leaf=self._journal.last_leaf(self._before),
            at=None if last is None else last.at,
        )

    def _state_entries(self) -> list[int]:
        return [
            seq
            for (seq,) in self._all(
                (int,),
                # By kind: with a bare `seq` SQLite may look through the whole book.
                "SELECT seq FROM heading WHERE book = ? "
                "AND kind IN ('genesis', 'key', 'peer', 'acknowledgement', 'approval') "
                "AND +seq < ?",
                self._before,
            )
        ]

    def _voids(self) -> list[Void]:
        found = self._all(
            (int, bytes, str),
            "SELECT h.seq, e.leaf, h.fault FROM heading h JOIN entry e "
            "ON e.book = h.book AND e.seq = h.seq "
            "WHERE h.book = ? AND h.fault IS NOT NULL AND h.seq < ?",
            self._before,
        )
        voids = []
        for seq, leaf, fault in found:
            level, _, code = fault.partition(" ")
            voids.append(Void(seq, leaf, (Fault(level, code),)))
        return voids

    def _numbers(self) -> dict[str, int]:
        if self._given is not None:
            return dict(self._given)
        if self._before == self.projected():
            rows = self._all(
                (str, int), "SELECT letter, number FROM counter WHERE book = ?"
            )
            return dict(rows)
        numbers: dict[str, int] = {}
        for (ref,) in self._all(
            (str,),
            "SELECT ref FROM heading WHERE book = ? AND ref IS NOT NULL "
            "AND fault IS NULL AND seq < ?",
            self._before,
        ):
            try:
                letter, number = number_of(ref)
            except ValueError:
                raise TamperedError("store.ref-unreadable") from None
            numbers[letter] = max(number, numbers.get(letter, 0))
        return numbers

    def _valid(self, seq: int) -> bool:
        found = self._all(
            (str | None,), "SELECT fault FROM heading WHERE book = ? AND seq = ?", seq
        )
        return bool(found) and found[0][0] is None

    def _all(
        self, kinds: tuple[type | UnionType, ...], sql: str, *values: object
    ) -> list[tuple[Any, ...]]:
        """Return rows whose cells have these types, whatever the file makes of them."""
        with translated():
            rows = self._journal.connection.execute(
                sql, (self._journal.book.id, *values)
            ).fetchall()
        for row in rows:
            if not all(map(isinstance, row, kinds)):
                raise TamperedError("store.damaged", code=sqlite3.SQLITE_MISMATCH)
        return rows
