"""The history of a long book in little memory: entries stay on disk until asked for.

A verification goes through all entries, and few of them matter at a time. What is kept
of each is a few numbers: which bytes it was judged by, and what it concerns. An entry
that is asked for again is read again, and must be the very bytes that were judged.
"""

import dataclasses
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from typing_extensions import override

from ledger.domain.history import History, Logged
from ledger.domain.schemas import read_record
from ledger.errors import TamperedError
from ledger.store.columns import Column, Growing, Openings, Subjects, Threads
from ledger.store.journal import Journal, Row
from ledger.tlog.entry import said_before

KEPT = 1024
"""Entries that stay in memory: those that were read last."""

_LARGEST = 2**63 - 1
_ONCE = b'"once":"'
_ONCE_SIZE = 32


class Shelf(Growing[int, Logged]):
    """Valid entries by number; most of them on disk.

    Args:
        journal: The book that they are read from.
        most: How many stay in memory.
    """

    def __init__(self, journal: Journal, *, most: int = KEPT) -> None:
        self._journal = journal
        self._most = most
        self._judged = Column()
        self._near: OrderedDict[int, Logged] = OrderedDict()
        self._row = Row(-1, None, b"", b"")

    def coming(self, row: Row) -> None:
        """Say which stored row is judged next."""
        self._row = row

    def reads(self, journal: Journal) -> None:
        """Read through another connection, as a process of its own must."""
        self._journal = journal

    @override
    def __getitem__(self, seq: int) -> Logged:
        """Return an entry.

        Raises:
            KeyError: There is no valid one.
            TamperedError: Its row is not what was judged.
        """
        entry: Logged | None = self.get(seq)
        if entry is None:
            raise KeyError(seq)
        return entry

    @override
    def get(self, seq: int, default: Any = None) -> Any:
        """Return an entry, or something else if there is no valid one.

        Raises:
            TamperedError: Its row is not what was judged.
        """
        entry = self._near.get(seq)
        if entry is None:
            mark = self._judged[seq]
            if not mark:
                return default
            entry = _read_again(self._stored(seq, mark))
            self._keep(entry)
        return entry

    def _stored(self, seq: int, mark: int) -> Row:
        row = self._journal.row(seq)
        if row is not None and _mark(row) == mark:
            return row
        # A table without its key can have a number twice.
        for row in self._journal.raw_rows(seq, min(seq + 1, _LARGEST)):
            if row.whole and _mark(row) == mark:
                return row
        raise TamperedError("store.entry-missing", seq=seq)

    @override
    def __setitem__(self, seq: int, entry: Logged) -> None:
        """Take the entry that the coming row holds."""
        self._judged[seq] = _mark(self._row)
        self._keep(entry)

    def _keep(self, entry: Logged) -> None:
        self._near[entry.seq] = entry
        if len(self._near) > self._most:
            self._near.popitem(last=False)

    @override
    def __contains__(self, seq: object) -> bool:
        """Return whether there is a valid entry of this number."""
        return isinstance(seq, int) and self._judged[seq] != 0

    @override
    def __iter__(self) -> Iterator[int]:
        """Return the numbers of the valid entries, in order."""
        return iter(self._judged)


def _read_again(row: Row) -> Logged:
    """Return the entry of bytes that were judged before: nothing is checked anew."""
    said = said_before(row.note)
    return Logged(
        seq=row.seq,
        leaf=row.leaf,
        at=said.at,
        kind=said.kind,
        by=said.by,
        once=said.once,
        data=said.data,
        record=read_record(said.kind, said.data, spelt=said.spelt),
    )


def _mark(row: Row) -> int:
    """Return what tells these bytes from others, in this process alone; never 0."""
    return hash((row.leaf, row.note)) or 1


class Onces(Growing[str, int]):
    """Client-made ids and their entries, of those alone that occur more than once.

    Which do is found out first, in one pass over the bytes: eight bytes for each
    entry, not a hundred.
    """

    def __init__(self, journal: Journal, judged: Shelf) -> None:
        self._journal = journal
        self._judged = judged
        self._seen = array("q")
        self._stop = 0
        self._twice: set[int] = set()
        self._kept: dict[str, int] = {}

    def foresee(self, stop: int) -> None:
        """Look through the entries before `stop` for ids that occur twice."""
        seen = array("q")
        try:
            for row in self._journal.raw_rows(0, stop):
                if row.whole:
                    seen.append(_once_mark(row.note))
        except TamperedError:
            pass  # whoever judges the entries comes to the same place, and says so
        ordered = sorted(seen)
        pairs = zip(ordered, islice(ordered, 1, None), strict=False)
        self._twice = {mark for mark, after in pairs if mark == after}
        self._seen = array("q", ordered)
        self._stop = stop

    def coming(self, row: Row) -> None:
        """Look at an entry that came in since: an earlier one may have its id."""
        if row.seq < self._stop:
            return
        mark = _once_mark(row.note)
        place = bisect_left(self._seen, mark)
        known = place < len(self._seen) and self._seen[place] == mark
        if known and mark not in self._twice:
            self._find(mark, before=row.seq)
        self._seen.insert(place, mark)

    def _find(self, mark: int, *, before: int) -> None:
        self._twice.add(mark)
        for row in self._journal.raw_rows(0, before):
            same = row.whole and _once_mark(row.note) == mark
            if same and row.seq in self._judged:
                self._kept[self._judged[row.seq].once] = row.seq

    @override
    def __getitem__(self, once: str) -> int:
        """Return the entry that has an id, if another one has it too."""
        return self._kept[once]

    @override
    def __setitem__(self, once: str, seq: int) -> None:
        """Keep an entry's id, if it is to be met again."""
        if hash(once.encode()) in self._twice:
            self._kept[once] = seq

    @override
    def __iter__(self) -> Iterator[str]:
        """Return the ids that are kept."""
        return iter(self._kept)


def _once_mark(note: bytes) -> int:
    """Return a number for the id of an entry; of what is no entry, any number.

    After the id the body has only digits and the names of three members.
    """
    place = note.rfind(_ONCE, 0, note.rfind(b"\n\n")) + len(_ONCE)
    return hash(note[place : place + _ONCE_SIZE])


def shelved(history: History, journal: Journal, *, stop: int) -> History:
    """Return a history without entries yet, as one that keeps them on disk.

    Args:
        history: Without entries.
        journal: The book.
        stop: The number of entries that are to come.
    """
    shelf = Shelf(journal)
    onces = Onces(journal, shelf)
    onces.foresee(stop)
    return dataclasses.replace(
        history,
        entries=shelf,
        onces=onces,
        by_ref=Threads(),
        refs=Subjects(),
        opened=Openings(),
    )
