"""Taking entries in: each is judged once, and its rows written in one transaction.

An append projects its own entry; an entry that somebody inserted round the program is
met by the next append or query, judged, and found void: the book goes on at once.
Nothing is put after an entry that is not what it was when it was taken in: the last one
is read again, hashed again, and its signature checked, before anything follows it.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ledger.domain.custody import pools_by_ref
from ledger.domain.history import (
    History,
    Logged,
    Void,
    number_of,
    own_refs,
)
from ledger.domain.judging import judge
from ledger.domain.records import Correction, Retraction
from ledger.domain.schemas import read_record
from ledger.errors import (
    LedgerError,
    MalformedError,
    RewrittenError,
    SignatureError,
    TamperedError,
)
from ledger.store.engine import translated
from ledger.store.guards import GUARDS
from ledger.store.journal import Journal, Row
from ledger.store.projections import (
    BY_TRANSFER,
    COUNTER,
    HEADING,
    PAYMENT,
    SUBJECT,
    Cells,
    Table,
    Value,
    heading_row,
    payment_row,
    transfer_rows,
)
from ledger.store.recall import Recall, read_entry
from ledger.tlog import merkle
from ledger.tlog.entry import EntryNote


class Derived(Struct, frozen=True):
    """What rows were written anew, beside those of the entry itself.

    Attributes:
        refs: The transfers that have new rows, or none any more.
        payments: The entries whose row of `payment` is new, or is none any more.
    """

    refs: Sequence[str] = ()
    payments: Sequence[int] = ()


def take_in(journal: Journal) -> list[Logged | Void]:
    """Judge and project every entry that the projections have not seen.

    The caller holds the write lock. Somebody may have inserted rows round the
    program: they become void, and the book goes on.

    Raises:
        TooNewError: If one of them needs a newer program.
        TamperedError: If rows are there that only they could have brought about:
            then headings are gone, and nothing can be judged beside the rest. Or if
            the last entry that was taken in is not what it was (`check_last`).
        RewrittenError: If entries are gone that were taken in.
    """
    found = []
    start, size = check_end(journal), journal.size()
    if start < size and _ahead(journal, start):
        raise TamperedError("store.projections-ahead", seq=start)
    _set_leaves(journal, start, size)
    for row in journal.rows(start, size):
        entry = judge_next(journal, row)
        journal.adopt(row)
        project(journal, entry)
        found.append(entry)
    return found


def check_end(journal: Journal) -> int:
    """Return how many entries were taken in, if the last of them is what it was.

    Raises:
        TamperedError: If it is not (`check_last`).
        RewrittenError: If entries are gone that were taken in.
    """
    size = journal.size()
    start = Recall(journal).projected()
    if start > size:
        raise RewrittenError("store.entry-missing", seq=size)
    if start:
        check_last(journal, start - 1)
    return start


def _set_leaves(journal: Journal, start: int, stop: int) -> None:
    """Let the leaf hashes of entries that were not taken in be those of their bytes.

    Whoever inserted them can have written anything there. The hash follows from the
    bytes, and nothing rests on it yet; left as it is, no checkpoint could ever be
    signed over the entry, nor could it be acknowledged. The guard against changes is
    away for this one statement, in the transaction of the caller.
    """
    wrong = [
        (merkle.leaf_hash(row.note), journal.book.id, row.seq)
        for row in journal.rows(start, stop)
        if merkle.leaf_hash(row.note) != row.leaf
    ]
    if not wrong:
        return
    name = "guard_entry_update"
    (guard,) = (sql for sql in GUARDS if sql.split()[2] == name)
    with translated():
        journal.connection.execute(f"DROP TRIGGER {name}")
        journal.connection.executemany(
            "UPDATE entry SET leaf = ? WHERE book = ? AND seq = ?", wrong
        )
        journal.connection.execute(guard)


def check_last(journal: Journal, seq: int) -> None:
    """Check that the last entry that was taken in is still what it was then.

    One that was void stays void, and the book goes on after it.

    Raises:
        TamperedError: If its bytes, its leaf hash, its signature or what was derived
            from it changed.
        RewrittenError: If it is gone.
    """
    row = journal.row(seq)
    if row is None:
        raise RewrittenError("store.entry-missing", seq=seq)
    heading = _heading(journal, seq)
    if heading is None:
        raise TamperedError("store.last-derived", seq=seq)
    if merkle.leaf_hash(row.note) != row.leaf:
        raise TamperedError("store.last-changed", seq=seq)
    if heading[-1] is not None:
        if isinstance(judge_next(journal, row), Logged):
            raise TamperedError("store.last-derived", seq=seq)
        return
    if not _is_signed(journal, row):
        raise TamperedError("store.last-changed", seq=seq)
    entry = read_entry(row)
    if heading_row(entry) != heading or not _is_counted(journal, entry):
        raise TamperedError("store.last-derived", seq=seq)


def _is_signed(journal: Journal, row: Row) -> bool:
    """Return whether a key of the book signed a page that follows the one before."""
    try:
        page = EntryNote.parse(row.note)
        line = page.signature
        ring = Recall(journal).history(()).ring
        standing = ring.known(name=line.name, key_id=line.key_id)
        if standing is None:
            return False
        page.check_signature(standing.key)
        said = page.envelope()
    except (MalformedError, SignatureError):
        return False
    place = (said.ledger, said.seq, said.prev)
    return place == (journal.book.name, row.seq, journal.last_leaf(row.seq))


def _is_counted(journal: Journal, entry: Logged) -> bool:
    """Return whether the numbers that an entry gave are known as given."""
    for ref in own_refs(entry.record):
        letter, number = number_of(ref)
        with translated():
            known = journal.connection.execute(
                "SELECT 1 FROM counter WHERE book = ?1 AND letter = ?2 "
                "AND number >= ?3 AND EXISTS (SELECT 1 FROM subject "
                "WHERE book = ?1 AND ref = ?4 AND seq = ?5)",
                (journal.book.id, letter, number, ref, entry.seq),
            ).fetchone()
        if known is None:
            return False
    return True


def _heading(journal: Journal, seq: int) -> Cells | None:
    """Return the stored heading of an entry that was taken in; None for none.

    A number that is none can stand before all of them, and hide the one that is meant.
    """
    columns = ", ".join(HEADING.columns)
    sql = f"SELECT {columns} FROM {HEADING.name} WHERE book = ? AND seq = ?"  # noqa: S608 (names are ours)
    with translated():
        found: Cells | None = journal.connection.execute(
            sql, (journal.book.id, seq)
        ).fetchone()
    return found


def _ahead(journal: Journal, start: int) -> bool:
    with translated():
        found = journal.connection.execute(
            "SELECT 1 FROM subject WHERE book = ? AND seq >= ? LIMIT 1",
            (journal.book.id, start),
        ).fetchone()
    return found is not None


def judge_next(journal: Journal, row: Row) -> Logged | Void:
    """Judge the first entry that the projections have not seen."""
    return judge(row.note, history=history_before(journal, row))


def history_before(
    journal: Journal, row: Row, *, numbers: Mapping[str, int] | None = None
) -> History:
    """Return all before a stored entry that can concern it, whatever it says.

    Args:
        journal: The book.
        row: The entry.
        numbers: As for `Recall`.
    """
    recall = Recall(journal, before=row.seq, numbers=numbers)
    try:
        said = EntryNote.parse(row.note).envelope()
        record = read_record(said.kind, said.data, spelt=said.spelt)
    except (LedgerError, KeyError):
        return recall.history(())
    return recall.history_for(record, once=said.once)


def project(
    journal: Journal, entry: Logged | Void, *, history: History | None = None
) -> Derived:
    """Write the rows that follow from one more entry, in the open transaction.

    Args:
        journal: The book.
        entry: Its next entry.
        history: All before the entry that can concern it, if it is known; the entry
            is added to it.

    Returns:
        What had rows before, perhaps, that these are instead of.
    """
    insert(journal, HEADING, [heading_row(entry)])
    if isinstance(entry, Void):
        return Derived()
    if history is None:
        before = Recall(journal, before=entry.seq)
        history = before.history_for(entry.record, once=entry.once)
        history.head = before.head()
    history.add(entry)
    insert(journal, SUBJECT, [(ref, entry.seq) for ref in history.refs[entry.seq]])
    for ref in own_refs(entry.record):
        letter, number = number_of(ref)
        upsert(journal, COUNTER, (letter, max(number, history.numbers[letter])))
    touched = _touched(history, entry)
    project_transfers(journal, history, touched)
    seqs = [entry.seq]
    if isinstance(entry.record, Correction | Retraction):
        seqs.append(entry.record.target.seq)
        target = history.entries.get(entry.record.target.seq)
        if target is not None and isinstance(target.record, Correction):
            seqs.append(target.record.target.seq)
    for seq in seqs:
        delete(journal, PAYMENT, {"seq": seq})
        insert(journal, PAYMENT, payment_row(history, seq))
    return Derived(touched, seqs)


def _touched(history: History, entry: Logged) -> list[str]:
    """Return the transfers whose rows an entry can change."""
    refs: set[str] = set()
    tied: set[str] = set()
    for ref in history.refs[entry.seq]:
        if ref.startswith("I-"):
            for seq in history.by_ref.get(ref, ()):
                refs.update(r for r in history.refs[seq] if r[0] in "TR")
        elif ref[0] in "TR" and ref not in tied:
            tied.update(history.pool_of(ref))
            tied.add(ref)
    return sorted(refs | tied)


def project_transfers(journal: Journal, history: History, refs: Iterable[str]) -> None:
    """Write the rows of some transfers anew."""
    named = list(refs)
    pools = pools_by_ref(history, named)
    for ref in named:
        for table in BY_TRANSFER:
            delete(journal, table, {"ref": ref})
        if ref in pools[ref].cases:
            for table, rows in transfer_rows(pools[ref], ref).items():
                insert(journal, table, rows)


def insert(journal: Journal, table: Table, rows: Sequence[Cells]) -> None:
    """Insert rows of the own book into a projection."""
    places = ", ".join("?" * (len(table.columns) + 1))
    columns = ", ".join(("book", *table.columns))
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"  # noqa: S608 (names are ours)
    with translated():
        journal.connection.executemany(sql, [(journal.book.id, *row) for row in rows])


def upsert(journal: Journal, table: Table, row: Cells) -> None:
    """Insert a row, or replace the one with its key."""
    key = dict(zip(table.columns, row, strict=True))
    delete(journal, table, {name: key[name] for name in table.key})
    insert(journal, table, [row])


def delete(journal: Journal, table: Table, where: Mapping[str, Value]) -> None:
    """Delete the rows of the own book with these values."""
    tests = " AND ".join(f"{column} = ?" for column in where)
    sql = f"DELETE FROM {table.name} WHERE book = ? AND {tests}"  # noqa: S608 (names are ours)
    with translated():
        journal.connection.execute(sql, (journal.book.id, *where.values()))
