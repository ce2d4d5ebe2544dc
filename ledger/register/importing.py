"""Rows of a file as entries: all of them or none, and each only once.

Every row is checked as if those before it were recorded, because they are, in one
transaction that is undone unless all rows are good.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from ledger.domain.history import Logged, own_refs
from ledger.domain.schemas import read_record
from ledger.errors import (
    LedgerError,
    MalformedError,
    NotFoundError,
    RefusedError,
    UnknownOutcomeError,
    UsageError,
)
from ledger.register.opening import Head, Register
from ledger.register.progress import Progress, Tell, say_nothing
from ledger.register.sought import Brought, Cells, Origin, Run, Sought, once_of
from ledger.register.writing import prepare
from ledger.store.growing import Growing
from ledger.store.intake import project, take_in
from ledger.tlog import merkle
from ledger.tlog.entry import Entry
from ledger.tlog.note import Signer, VerifyKey

LABEL = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LINK = re.compile(f"#({LABEL.pattern})(=.*)?", re.DOTALL)
_SIGNATURE_SIZE = 64


Refuse = Callable[[Sought, tuple[LedgerError, ...]], None]


class Unsigned:
    """A `Signer` for entries that are undone: it leaves the signature blank.

    Args:
        key: The key that would sign.
    """

    def __init__(self, key: VerifyKey) -> None:
        self._key = key

    @property
    def key(self) -> VerifyKey:
        """The key that would sign."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Return as many bytes as a signature has, all zero."""
        del message
        return bytes(_SIGNATURE_SIZE)


class _Undone(Exception):  # noqa: N818 (no error: it ends a transaction)
    """Raised within the transaction to leave nothing behind."""


def _undo(*, when: bool) -> None:
    if when:
        raise _Undone


def bring_in(
    register: Register,
    rows: Iterable[Sought],
    *,
    signer: Signer,
    now: datetime,
    origin: Origin,
    dry: bool,
    refuse: Refuse,
    tell: Tell = say_nothing,
    total: int = 0,
) -> Brought:
    """Record every row of a file, or none.

    Args:
        register: The book, opened for writing.
        rows: The rows, in their order; read once, under the write lock.
        signer: The unlocked key; an `Unsigned` will do for a dry run.
        now: The clock, UTC, whole seconds.
        origin: The file.
        dry: Check every row and record nothing.
        refuse: Is told of each row that cannot be recorded, and why.
        tell: Is told how far the work has come.
        total: How many rows there are, as far as it is known.

    Raises:
        BusyError: If another clerk writes for longer than 10 s.
        LockedError: If the key may not sign such entries now.
        UnknownOutcomeError: If the rows may or may not have been recorded; the same
            file again records them once.
        RewrittenError: If the book is shorter than this user remembers.
        NotPermittedError: If a disk is full or may not be written; nothing is written.
    """
    journal = register.journal
    brought: Brought | None = None
    try:
        with journal.writing():
            register.check_memory()
            register.taken_in.extend(take_in(journal))
            work = _Work(register, signer, now=now, origin=origin)
            brought = work.brought
            for row in rows:
                work.take(row, refuse=refuse)
                done = brought.rows
                most = max(total, done)
                tell(Progress("rows", done, most, findings=brought.refused))
            _undo(when=dry or brought.refused > 0 or not brought.added)
            brought.head = work.head()
    except _Undone:
        assert brought is not None  # noqa: S101 (only raised after it was made)
        if brought.refused or dry:
            brought.runs = [run for run in brought.runs if not run.added]
        return brought
    try:
        register.remember(brought.head.size, brought.head.root)
    except LedgerError as error:
        # All is recorded; who imports the same file again is told so.
        raise UnknownOutcomeError("store.memory-unknown") from error
    return brought


class _Work:
    """One file on its way into the book, under the write lock."""

    def __init__(
        self, register: Register, signer: Signer, *, now: datetime, origin: Origin
    ) -> None:
        self._journal = register.journal
        self._signer = signer
        self._now = now
        self._origin = origin
        self._book = Growing(register.journal)
        self._seen: set[bytes] = set()
        self._repeats: dict[str, int] = {}
        # The id and the name of each labelled row; None where it was refused.
        self._labels: dict[str, tuple[str, str] | None] = {}
        self.brought = Brought(self.head())

    def head(self) -> Head:
        """Return how far the book goes now."""
        size = self._book.head().size
        return Head(self._journal.book.name, size, self._book.root())

    def take(self, row: Sought, *, refuse: Refuse) -> None:
        """Record a row, find it, or say why neither is possible."""
        self.brought.rows += 1
        faults = row.faults or self._label_faults(row)
        if not faults:
            try:
                self._record(row)
            except (
                RefusedError,
                NotFoundError,
                MalformedError,
                UsageError,
            ) as error:
                others = error.others if isinstance(error, RefusedError) else ()
                faults = (error, *others)
        if faults:
            self.brought.refused += 1
            if row.label is not None:
                self._labels.setdefault(row.label, None)
            refuse(row, faults)

    def _label_faults(self, row: Sought) -> tuple[LedgerError, ...]:
        if row.label is None:
            return ()
        if not LABEL.fullmatch(row.label):
            return (RefusedError("import.bad-label", column="label"),)
        if row.label in self._labels:
            return (RefusedError("import.label-twice", column="label"),)
        return ()

    def _record(self, row: Sought) -> None:
        once = self._once(row)
        entry = self._recorded(once, kind=row.kind)
        added = entry is None
        if entry is None:
            entry = self._append(row, once)
        if row.label is not None:
            names = own_refs(entry.record)
            self._labels[row.label] = (once, names[0] if names else str(entry.seq))
        if added:
            self.brought.added += 1
        else:
            self.brought.found += 1
        self._note(row.number, entry.seq, added=added)

    def _once(self, row: Sought) -> str:
        """Return the id of a row, another one for each of its repetitions."""
        cells = self._linked(row, part=0, mark="#")
        first = once_of(row.kind, cells, nth=1)
        short = bytes.fromhex(first)  # half the memory
        if short not in self._seen:
            self._seen.add(short)
            return first
        self._repeats[first] = nth = self._repeats.get(first, 1) + 1
        return once_of(row.kind, cells, nth=nth)

    def _recorded(self, once: str, *, kind: str) -> Logged | None:
        """Return the entry that holds a row already.

        Raises:
            RefusedError: If somebody recorded something else under the row's id.
        """
        for seq in self._journal.seqs_of_once(once):
            entry = self._book.entry(seq)
            # What stands beside a void entry, or was written there later, counts not.
            if entry is None or entry.once != once:
                continue
            if entry.kind != kind or "source" not in entry.data:
                raise RefusedError("once.other-request", seq=entry.seq)
            return entry
        return None

    def _append(self, row: Sought, once: str) -> Logged:
        """Write the entry of a row and what follows from it."""
        request = row.request(self._linked(row, part=1, mark=""))
        request["source"] = self._origin.of_row(row.number)
        prepared = prepare(
            self._book,
            row.kind,
            request,
            book=self._journal.book.name,
            signer=self._signer,
            now=self._now,
            once=once,
        )
        entry: Entry = prepared.entry
        note = entry.sign(self._signer)
        self._journal.append(
            seq=entry.seq, once=once, note=note, frontier=self._book.frontier
        )
        logged = Logged(
            seq=entry.seq,
            leaf=merkle.leaf_hash(note),
            at=entry.at,
            kind=entry.kind,
            by=entry.by,
            once=once,
            data=entry.data,
            record=read_record(entry.kind, entry.data),
        )
        project(self._journal, logged, history=prepared.history)
        self._book.took(logged)
        self.brought.at_moved |= prepared.at_moved
        return logged

    def _linked(self, row: Sought, *, part: int, mark: str) -> Cells:
        """Return a row's cells with the rows that it names.

        Args:
            row: The row.
            part: What they are named by: 0 for their ids, 1 for what the book calls
                them.
            mark: What stands before it.

        Raises:
            RefusedError: If there is no such row before this one, or it was refused.
        """
        cells = dict(row.cells)
        for column in row.linking & cells.keys():
            cell = cells[column]
            if isinstance(cell, list):
                cells[column] = [
                    self._link(each, column, part=part, mark=mark) for each in cell
                ]
            else:
                cells[column] = self._link(cell, column, part=part, mark=mark)
        return cells

    def _link(self, text: str, column: str, *, part: int, mark: str) -> str:
        found = _LINK.fullmatch(text)
        if found is None:
            return text
        label, rest = found.groups()
        if label not in self._labels:
            raise RefusedError("import.no-such-label", column=column)
        meant = self._labels[label]
        if meant is None:
            raise RefusedError("import.label-refused", column=column)
        return f"{mark}{meant[part]}{rest or ''}"

    def _note(self, row: int, seq: int, *, added: bool) -> None:
        """Keep which entry holds a row, as one run with those before it if it can."""
        runs = self.brought.runs
        follows = (row - 1, seq - 1, added)
        last = runs[-1] if runs else None
        if last and (last.rows[1], last.entries[1], last.added) == follows:
            runs[-1] = replace(
                last, rows=(last.rows[0], row), entries=(last.entries[0], seq)
            )
        else:
            runs.append(Run((row, row), (seq, seq), added))
