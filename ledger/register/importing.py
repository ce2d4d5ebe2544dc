"""Rows of a file as entries: all of them or none, and each only once.

Every row is judged as if those before it were recorded: their entries are kept aside,
signed, and read beside those of the book. If all rows are good, and the book still ends
where it did, all of it is written in one transaction, under the write lock; else
nothing is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

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
from ledger.register.progress import Progress, Stage, Tell, say_nothing
from ledger.register.sought import Brought, Cells, Origin, Run, Sought, once_of
from ledger.register.writing import prepare
from ledger.store.growing import Ahead
from ledger.store.intake import check_end, project, take_in
from ledger.store.spool import Spool, spooling
from ledger.tlog import merkle
from ledger.tlog.entry import Entry
from ledger.tlog.note import Signer, VerifyKey

LABEL = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LINK = re.compile(f"#({LABEL.pattern})(=.*)?", re.DOTALL)
_SIGNATURE_SIZE = 64

ATTEMPTS = 3
"""How often rows are judged beside other clerks before the lock is held for it."""


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


class Import(Struct, frozen=True, kw_only=True):
    """A file that is to be brought into a book.

    Attributes:
        rows: Begins to read the rows, in their order; once more, if need be.
        signer: The unlocked key; an `Unsigned` will do for a dry run.
        clock: Tells the time, UTC, whole seconds.
        origin: The file.
        dry: Check every row and record nothing.
        refuse: Is told of each row that cannot be recorded, and why.
        tell: Is told how far the work has come.
        total: How many rows there are, as far as it is known.
    """

    rows: Callable[[], Iterable[Sought]]
    signer: Signer
    clock: Callable[[], datetime]
    origin: Origin
    dry: bool
    refuse: Refuse
    tell: Tell = say_nothing
    total: int = 0


def bring_in(register: Register, wanted: Import) -> Brought:
    """Record every row of a file, or none.

    While rows are judged and signed, other clerks record. If one did, the book does
    not end any more where the first row was to follow, and the rows are judged once
    more, against what is there now. If that happens time and again the lock is held
    from the beginning.

    Args:
        register: The book, opened for writing.
        wanted: The file.

    Raises:
        BusyError: If another clerk writes for longer than 10 s.
        LockedError: If the key may not sign such entries now.
        UnknownOutcomeError: If the rows may or may not have been recorded; the same
            file again records them once.
        RewrittenError: If the book is shorter than this user remembers.
        NotPermittedError: If a disk is full or may not be written; nothing is written.
    """
    for attempt in range(ATTEMPTS):
        with _judged(register, wanted, again=attempt > 0) as work:
            if work.is_done or _is_written(register, work):
                break
    else:
        with (
            register.journal.writing(),
            _judged(register, wanted, again=True) as work,
        ):
            if not work.is_done:
                work.write()
    brought = work.brought
    if work.is_done:
        return brought
    try:
        register.remember(brought.head.size, brought.head.root)
    except LedgerError as error:
        # All is recorded; who imports the same file again is told so.
        raise UnknownOutcomeError("store.memory-unknown") from error
    return brought


@contextmanager
def _judged(register: Register, wanted: Import, *, again: bool) -> Iterator["_Work"]:
    """Judge every row against the book as it is now; nothing is written into it."""
    journal = register.journal
    register.check_memory()
    with spooling(journal) as spool:
        with journal.reading():
            check_end(journal)
            work = _Work(register, spool, wanted)
        stage: Stage = "rows-again" if again else "rows"
        for row in wanted.rows():
            with journal.reading():
                work.take(row)
            done = work.brought.rows
            most = max(wanted.total, done)
            wanted.tell(Progress(stage, done, most, findings=work.brought.refused))
        work.end()
        yield work


def _is_written(register: Register, work: "_Work") -> bool:
    """Write what was judged, if the book still ends where it follows."""
    with register.journal.writing():
        register.check_memory()
        register.taken_in.extend(take_in(register.journal))
        if not work.is_next():
            return False
        work.write()
    return True


class _Work:
    """One file on its way into the book, as the book was when it began.

    Attributes:
        brought: What comes of it.
    """

    def __init__(self, register: Register, spool: Spool, wanted: Import) -> None:
        self._journal = register.journal
        self._spool = spool
        self._wanted = wanted
        self._now = wanted.clock()
        self._book = Ahead(register.journal, spool.journal)
        self._seen: set[bytes] = set()
        self._repeats: dict[str, int] = {}
        # The id and the name of each labelled row; None where it was refused.
        self._labels: dict[str, tuple[str, str] | None] = {}
        self._follows = self._book.head().leaf
        self.brought = Brought(self._head())

    def _head(self) -> Head:
        """Return how far the book goes, with what is to be written."""
        size = self._book.head().size
        return Head(self._journal.book.name, size, self._book.root())

    @property
    def is_done(self) -> bool:
        """Return whether there is nothing to write."""
        brought = self.brought
        return self._wanted.dry or brought.refused > 0 or not brought.added

    def end(self) -> None:
        """Say what comes of the rows, all of which were taken."""
        brought = self.brought
        if brought.refused or self._wanted.dry:
            brought.runs = [run for run in brought.runs if not run.added]
        elif brought.added:
            brought.head = self._head()

    def is_next(self) -> bool:
        """Return whether the book ends where the first row is to follow."""
        start, journal = self._book.start, self._journal
        return journal.size() == start and journal.last_leaf(start) == self._follows

    def write(self) -> None:
        """Write what was judged into the book; the write lock is held."""
        added = self.brought.added

        def each(done: int) -> None:
            self._wanted.tell(Progress("written", done, added))

        self._spool.write_into(self._journal, each=each)

    def take(self, row: Sought) -> None:
        """Judge a row and keep its entry aside, find it, or say why neither can be."""
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
            self._wanted.refuse(row, faults)

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
        for seq in self._book.seqs_of_once(once):
            entry = self._book.entry(seq)
            # What stands beside a void entry, or was written there later, counts not.
            if entry is None or entry.once != once:
                continue
            if entry.kind != kind or "source" not in entry.data:
                raise RefusedError("once.other-request", seq=entry.seq)
            return entry
        return None

    def _append(self, row: Sought, once: str) -> Logged:
        """Keep the entry of a row aside, and what follows from it."""
        request = row.request(self._linked(row, part=1, mark=""))
        request["source"] = self._wanted.origin.of_row(row.number)
        prepared = prepare(
            self._book,
            row.kind,
            request,
            book=self._journal.book.name,
            signer=self._wanted.signer,
            now=self._now,
            once=once,
        )
        entry: Entry = prepared.entry
        note = entry.sign(self._wanted.signer)
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
        aside, frontier = self._spool, self._book.frontier
        with aside.filling():
            aside.journal.append(seq=entry.seq, once=once, note=note, frontier=frontier)
            aside.note(project(aside.journal, logged, history=prepared.history))
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
