"""The derived tables, compared with what follows from the entries, part by part.

A table is compared in parts: spans of its key, which together leave nothing out. A
first look is quick, in short reads, while clerks go on writing: where all rows of a
part are what they should be, no more is done. What is left in doubt is compared at the
end in one snapshot, table by table, row by row; only that second look finds anything.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct, field

from ledger.audit import Finding, differences
from ledger.domain.custody import Pool, pools_by_ref
from ledger.domain.history import History, Logged, Void
from ledger.domain.records import Correction, Payment, Retraction
from ledger.domain.schemas import Record
from ledger.errors import LedgerError, TamperedError
from ledger.store.journal import Journal
from ledger.store.projections import (
    BY_TRANSFER,
    COUNTER,
    HEADING,
    PAYMENT,
    SUBJECT,
    TABLES,
    Cells,
    Table,
    heading_row,
    payment_row,
    stored_part,
    transfer_rows,
)

Doubts: TypeAlias = list[tuple[int, int]]
"""Parts that may differ: the number of the table, and of its part."""

PART = 512
"""Entries in one part of a table that is kept by entry."""

REFS = 64
"""References in one part of a table that is kept by reference."""

BY_REF: tuple[Table, ...] = (SUBJECT, *BY_TRANSFER)
_BY_SEQ: tuple[Table, ...] = (HEADING, PAYMENT)


class Rebuilding(Struct):
    """What the derived tables of one book should be, as far as it is judged.

    Attributes:
        journal: The book.
        history: Its entries.
        seqs: The entries that were judged, in order.
        payments: Those of them that are payments.
        marks: What tells the row of each payment, as it was when it was judged.
        ends: Where the parts end that were looked at, by table, in order.
        doubts: Those of them that may differ.
    """

    journal: Journal
    history: History
    seqs: "array[int]" = field(default_factory=lambda: array("q"))
    payments: "array[int]" = field(default_factory=lambda: array("q"))
    marks: "array[int]" = field(default_factory=lambda: array("q"))
    ends: dict[Table, list[Any]] = field(default_factory=dict)
    doubts: dict[Table, set[int]] = field(default_factory=dict)
    _headings: list[Cells] = field(default_factory=list)
    _settled: list[Finding] | None = None
    _looked: bool = False

    def judged(self, seq: int) -> None:
        """Take note of an entry that was judged just now."""
        entry = _entry(self.history, seq)
        if entry is None or self._settled is not None:
            return
        self.seqs.append(seq)
        self._headings.append(heading_row(entry))
        if isinstance(entry, Logged) and isinstance(entry.record, Payment):
            self.payments.append(seq)
            self.marks.append(_mark(payment_row(self.history, seq)))
        if self._looked:
            self._doubt_after(seq)
        elif len(self._headings) >= PART:
            self.look_at_headings()

    def look_at_headings(self) -> None:
        """Look at the headings of the entries that were judged since the last look."""
        if self._headings:
            self._look(HEADING, self.seqs[-1], self._headings)
            self._headings = []

    def look_at_payments(self) -> None:
        """Look at the payments among the entries that were judged."""
        history, none = self.history, _mark([])
        for start in range(0, len(self.payments), PART):
            seqs = self.payments[start : start + PART]
            marks = [
                _mark(payment_row(history, seq))
                if seq in history.retracted or seq in history.corrections
                else mark
                for seq, mark in zip(seqs, self.marks[start:], strict=False)
            ]
            part = self._begun(PAYMENT, seqs[-1])
            found = self._stored(PAYMENT, part)
            stored = None if found is None else [_mark([row]) for row in found]
            if stored != [mark for mark in marks if mark != none]:
                self.doubts[PAYMENT].add(part)

    def look_at_refs(
        self, parts: Iterable[int], *, tell: Callable[[int, int], None] | None = None
    ) -> Doubts:
        """Look at parts of the tables that are kept by reference; return the doubts.

        Args:
            parts: Which parts of those that `ends` tells.
            tell: Is told before each part how many transfers come before it, and how
                many there are.
        """
        found: Doubts = []
        refs = self.refs()
        for part in parts:
            if tell is not None:
                tell(*_reached(refs, part))
            keys = refs[part * REFS : (part + 1) * REFS]
            try:
                # One snapshot, or what a clerk records now would look like damage.
                with self.journal.reading():
                    expected = _rows_of_refs(self.history, keys)
                    found.extend(
                        (TABLES.index(table), part)
                        for table in BY_REF
                        if not _same(self._stored(table, part), expected[table])
                    )
            except LedgerError:
                found.extend((TABLES.index(table), part) for table in BY_REF)
        return found

    def divide(self) -> int:
        """Divide the tables that are kept by reference; return into how many parts."""
        self._looked = True
        ends = self.refs()[REFS - 1 :: REFS]
        for table in BY_REF:
            self.ends[table], self.doubts[table] = [*ends], set()
        return len(ends)

    def reached(self) -> tuple[int, int]:
        """Return how many transfers were looked at first, and how many there are."""
        return _reached(self.refs(), len(self.ends.get(SUBJECT, ())))

    def refs(self) -> list[str]:
        """Return every reference that some entry concerns, sorted as text."""
        return sorted(self.history.by_ref)

    def doubt(self, doubts: Doubts) -> None:
        """Keep what is to be looked at again."""
        for table, part in doubts:
            self.doubts[TABLES[table]].add(part)

    def _doubt_after(self, seq: int) -> None:
        """Doubt what an entry can have changed that came in after the first look."""
        entry, history = self.history.entries.get(seq), self.history
        if entry is None:
            return
        refs = {*history.refs[seq]}
        for ref in [ref for ref in refs if ref[0] == "I"]:
            refs.update(r for other in history.by_ref[ref] for r in history.refs[other])
        for ref in [ref for ref in refs if ref[0] in "TR"]:
            refs.update(history.pool_of(ref))
        for table in BY_REF:
            ends = self.ends.get(table, [])
            self.doubts.setdefault(table, set()).update(
                bisect_left(ends, ref) for ref in refs
            )
        record: Record = entry.record
        while isinstance(record, Correction | Retraction):
            target = record.target.seq
            ends = self.ends.get(PAYMENT, [])
            self.doubts.setdefault(PAYMENT, set()).add(bisect_left(ends, target))
            record = history.entries[target].record

    def settle(self) -> None:
        """Compare what is in doubt now: the entries to come have no rows yet."""
        self._settled = [found for table in self.differing() for found in table]

    def settled(self) -> Iterator[Finding]:
        """Yield what differs, in the snapshot that is being read."""
        if self._settled is None:
            self.settle()
        yield from self._settled or ()

    def differing(self) -> Iterator[list[Finding]]:
        """Yield what differs, table by table, in the snapshot that is being read.

        A part that cannot be read is a finding, and the next one is looked at.
        """
        refs = self.refs()
        for table in TABLES:
            cells: list[Finding] = []
            extra: list[Finding] = []
            # What lies behind all parts was never looked at.
            last = len(self.ends.get(table, ()))
            for part in sorted({*self.doubts.get(table, ()), last}):
                try:
                    found = self._spelled(table, part)
                except TamperedError as error:
                    cells.append(_unread(table, error))
                    continue
                here = differences(
                    table.name,
                    table.columns,
                    table.key,
                    expected=self._expected(table, part, refs),
                    found=found,
                )
                cells += here[0]
                extra += here[1]
            yield [*cells, *extra]

    def _spelled(self, table: Table, part: int) -> list[Cells]:
        """Return the rows of a part, text that is none spelled out in escapes."""
        span = self._span(table, part)
        return stored_part(self.journal, table, *span, readable=False)

    def _expected(self, table: Table, part: int, refs: Sequence[str]) -> list[Cells]:
        """Return the rows that a part of a table should have."""
        history = self.history
        if table == COUNTER:
            return sorted(history.numbers.items())
        if table == HEADING:
            entries = [_entry(history, seq) for seq in self._keys(table, part)]
            return [heading_row(entry) for entry in entries if entry is not None]
        if table == PAYMENT:
            payments = self._keys(table, part)
            return [row for seq in payments for row in payment_row(history, seq)]
        after, upto = self._span(table, part)
        start = 0 if after is None else bisect_right(refs, after)
        stop = len(refs) if upto is None else bisect_right(refs, upto)
        return _rows_of_refs(history, refs[start:stop])[table]

    def _keys(self, table: Table, part: int) -> list[int]:
        """Return the entries of a part, each once."""
        seqs = self.seqs if table == HEADING else self.payments
        after, upto = self._span(table, part)
        start = 0 if after is None else bisect_right(seqs, after)
        stop = len(seqs) if upto is None else bisect_right(seqs, upto)
        return [*dict.fromkeys(seqs[start:stop])]

    def _span(self, table: Table, part: int) -> tuple[Any, Any]:
        """Return after which key a part begins, and with which it ends."""
        ends = self.ends.get(table, [])
        return (
            ends[part - 1] if part else None,
            ends[part] if part < len(ends) else None,
        )

    def _begun(self, table: Table, end: str | int) -> int:
        """Add a part at the end; return its number."""
        ends = self.ends.setdefault(table, [])
        self.doubts.setdefault(table, set())
        ends.append(end)
        return len(ends) - 1

    def _look(self, table: Table, end: str | int, expected: list[Cells]) -> None:
        part = self._begun(table, end)
        if not _same(self._stored(table, part), expected):
            self.doubts[table].add(part)

    def _stored(self, table: Table, part: int) -> list[Cells] | None:
        try:
            return stored_part(self.journal, table, *self._span(table, part))
        except TamperedError:
            return None


def _reached(refs: Sequence[str], part: int) -> tuple[int, int]:
    """Return how many transfers come before a part, and how many there are."""
    others = bisect_left(refs, "R")  # `#` and `I` come first
    return max(0, part * REFS - others), len(refs) - others


def _entry(history: History, seq: int) -> Logged | Void | None:
    return history.voids.get(seq) or history.entries.get(seq)


def _rows_of_refs(history: History, refs: Iterable[str]) -> dict[Table, list[Cells]]:
    """Return the rows of some references, in the order of the references."""
    found: dict[Table, list[Cells]] = {table: [] for table in BY_REF}
    pools: dict[str, Pool] = {}
    for ref in refs:
        seqs = sorted({s for s in history.by_ref[ref] if ref in history.refs[s]})
        found[SUBJECT].extend((ref, seq) for seq in seqs)
        if ref[0] in "TR" and ref in history.opened:
            if ref not in pools:
                near = history.concerning([ref])
                pools.update(pools_by_ref(near, [ref]))
            if ref in pools[ref].cases:
                for table, rows in transfer_rows(pools[ref], ref).items():
                    found[table].extend(rows)
    return found


def _unread(table: Table, error: TamperedError) -> Finding:
    return Finding(
        None,
        "projections",
        f"store:{error.code}",
        table=table.name,
        values=error.values,
    )


def _same(stored: list[Cells] | None, expected: list[Cells]) -> bool:
    """Return whether rows are the same: 1.0 is not 1, and no row should have it."""
    return stored == expected and not any(
        isinstance(cell, float) for row in stored for cell in row
    )


def _mark(rows: list[Cells]) -> int:
    """Return what tells rows from others, in this process alone."""
    return hash(repr(rows))
