"""What a book answers about one thing: a transfer, an instrument, an entry.

All that was said of it is shown, with what it is worth now: corrected, retracted,
rival, alleged, late. What a state agreed to pay accrues by the day, as a range where
it is open until when persons were held. An instrument is shown stage by stage, as of a
day: what was said of later days is left out, and counted.
"""

from datetime import date

from msgspec import Struct

from ledger.domain.cases import Case, Item, counts, items
from ledger.domain.custody import Balance, Leave, Pool, pool_of
from ledger.domain.earning import Earning, earning_of
from ledger.domain.entering import check_book
from ledger.domain.history import History, Logged, Void, number_of
from ledger.domain.joining import STRIDE, Books, no_such_ref
from ledger.domain.records import Claim, Instrument, Payment, Remark, Renewal, Transfer
from ledger.domain.regained import Regained
from ledger.domain.starting import delay_from, said_at, said_time
from ledger.domain.suspicion import Suspicion, suspicion_of
from ledger.domain.terms import Part, parts
from ledger.domain.values import parse_ref_or_entry
from ledger.domain.variances import (
    Flag,
    days_of,
    delay_days,
    event_days,
    flags,
    is_later,
)
from ledger.errors import NotFoundError
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Head, Register
from ledger.store.journal import Journal
from ledger.store.recall import Recall


class Shown(Struct, frozen=True):
    """All that a book knows of one transfer.

    Attributes:
        state: The state that keeps the book: who came unannounced came there.
        history: The entries that concern it.
        case: The transfer; None where it was retracted.
        pool: The transfers that exits tie it to.
        balance: Its persons at the end of the day.
        earning: What the agreed sum has earned, if one is agreed and a term began.
        days: The day of the event of each entry.
    """

    on: date
    ref: str
    state: str
    history: History
    case: Case
    pool: Pool
    balance: Balance
    parts: tuple[Part, ...]
    flags: tuple[Flag, ...]
    earning: Earning | None
    days: dict[int, date]
    heads: tuple[Head, ...]
    books: Books

    def left(self) -> tuple[Leave, ...]:
        """Return who left by the day, of this transfer or of it and others together."""
        return tuple(
            leave
            for leave in self.pool.leaves
            if self.ref in leave.refs and leave.day <= self.on
        )

    def back(self) -> tuple[Regained, ...]:
        """Return who of those who left came back by the day."""
        return tuple(each for each in self.case.regained if each.day <= self.on)

    def said_at(self, seq: int) -> str:
        """Return the time of an exit or a refusal, as recorded."""
        return said_at(self.pool, seq)


class ShownEntry(Struct, frozen=True):
    """One entry of a book, valid or void, with what became of it.

    Attributes:
        doubt: Why it is, or was, in doubt; None if it never was.
        base: Where the numbers of its book begin among all books.
    """

    seq: int
    entry: Logged | Void
    note: bytes
    retracted_by: int | None
    corrected_by: tuple[int, ...]
    doubt: Suspicion | None
    history: History
    heads: tuple[Head, ...]
    books: Books
    base: int = 0


class ShownInstrument(Struct, frozen=True):
    """The stages of one instrument by a day, and what was said and paid under it.

    Attributes:
        stages: Its stages, in the order of the book.
        transfers: The transfers that name it and had begun.
        renewals, payments, claims, remarks: What names it or is about it.
        later: The entries that are about what happened after the day.
    """

    on: date
    ref: str
    stages: tuple[Item[Instrument], ...]
    transfers: tuple[str, ...]
    renewals: tuple[Item[Renewal], ...]
    payments: tuple[Item[Payment], ...]
    claims: tuple[Item[Claim], ...]
    remarks: tuple[Item[Remark], ...]
    later: tuple[int, ...]
    heads: tuple[Head, ...]
    books: Books

    @property
    def stage(self) -> Item[Instrument] | None:
        """Return the stage that it has reached, by what counts; None if by nothing."""
        counted = [item for item in self.stages if counts(item.record.status)]
        return counted[-1] if counted else None


def entry_named(books: Books, name: str) -> str | int:
    """Return what a person names among all books: `us:T-1`, `5`, `us:5`.

    Raises:
        NotFoundError, RefusedError: It is of a book that is not here, or of a state
            that has several.
    """
    prefix, _, local = name.rpartition(":")
    if local.isdecimal() and prefix:
        number = parse_ref_or_entry(local)
        assert isinstance(number, int)  # noqa: S101 (it is digits)
        return books.index_of(prefix) * STRIDE + number
    named = parse_ref_or_entry(name)
    if isinstance(named, int):
        return named
    return books.joined(books.index_of(named.book), named.local)


def resolve(register: Register, name: str) -> str | int:
    """Return the local reference or the entry number that a person names.

    Raises:
        NotFoundError: If it is of another book.
    """
    named = parse_ref_or_entry(name)
    if isinstance(named, int):
        return named
    book = register.journal.book
    check_book(named.book, name=book.name, state=book.state)
    return named.local


def show(
    register: Register, name: str, *, on: date
) -> Shown | ShownEntry | ShownInstrument:
    """Return all that the book knows of a transfer, an instrument or an entry.

    Raises:
        NotFoundError: If there is no such thing.
    """
    of = reading(register)
    named = entry_named(of.books, name)
    if isinstance(named, int):
        return _entry(of, named)
    if named.startswith("I-"):
        return _instrument(of, named, on=on)
    history = of.recall.history({named})
    if named not in history.opened:
        raise no_such_ref(named, spoken=of.books.spoken(named))
    ref = history.known_as(named)
    pool = pool_of(history, ref)
    if ref not in pool.cases:
        # It was retracted: show the entry, which says so.
        return _entry(of, history.opened[named])
    case = pool.cases[ref]
    return Shown(
        on=on,
        ref=ref,
        state=history.state_of(case.opening.seq),
        history=history,
        case=case,
        pool=pool,
        balance=pool.balance(ref, on=on),
        parts=parts(pool, ref, on=on),
        flags=tuple(flags(pool, ref, on=on)),
        earning=earning_of(pool, ref, on=on),
        days=event_days(case),
        heads=of.heads,
        books=of.books,
    )


def _entry(of: Reading, seq: int) -> ShownEntry:
    index, local = divmod(seq, STRIDE)
    if index >= len(of.journals):
        raise no_such_entry(of, seq)
    journal, recall = of.journals[index], of.recalls[index]
    return _entry_of(of, journal, recall, local, base=seq - local)


def _entry_of(
    of: Reading, journal: Journal, recall: Recall, seq: int, *, base: int
) -> ShownEntry:
    """Return an entry as its own book has it."""
    row = journal.row(seq)
    # What vouches for an entry that concerns nothing else concerns its number.
    history = recall.history([*recall.refs_of(seq), f"#{seq}"], seqs=[seq])
    entry = history.entries.get(seq) or history.voids.get(seq)
    if row is None or entry is None:
        raise no_such_entry(of, base + seq)
    return ShownEntry(
        seq=seq,
        entry=entry,
        note=row.note,
        retracted_by=history.retracted.get(seq),
        corrected_by=tuple(history.corrections.get(seq, ())),
        doubt=None if isinstance(entry, Void) else suspicion_of(history, entry),
        history=history,
        heads=of.heads,
        books=of.books,
        base=base,
    )


def no_such_entry(of: Reading, seq: int) -> NotFoundError:
    """Return that a book has no such entry: which book."""
    index = seq // STRIDE
    if 0 < index < len(of.books.names):
        entry, book = of.books.spoken_entry(seq), of.books.names[index]
        return NotFoundError("cite.no-entry-in-mirror", entry=entry, book=book)
    return NotFoundError("cite.no-such-entry", seq=seq)


def _instrument(of: Reading, ref: str, *, on: date) -> ShownInstrument:
    history = of.recall.history({ref})
    if ref not in history.opened:
        raise no_such_ref(ref, spoken=of.books.spoken(ref))
    days = _days(history, ref)
    seqs = history.by_ref[ref]
    later = [seq for seq in seqs if is_later(history, seq, days=days, on=on)]
    found = [seq for seq in seqs if seq not in later]
    named = {
        name
        for seq in found
        if isinstance(history.worth(seq), Transfer)
        for name in history.refs[seq]
    }
    return ShownInstrument(
        on=on,
        ref=ref,
        stages=items(history, found, Instrument),
        transfers=tuple(sorted((r for r in named if r[0] == "T"), key=number_of)),
        renewals=items(history, found, Renewal),
        payments=items(history, found, Payment),
        claims=items(history, found, Claim),
        remarks=items(history, found, Remark),
        later=tuple(later),
        heads=of.heads,
        books=of.books,
    )


def _days(history: History, ref: str) -> dict[int, date]:
    """Return the day of the event of each entry that concerns an instrument."""
    days = days_of(history, [])
    for seq in history.by_ref[ref]:
        record = history.worth(seq)
        dated = isinstance(record, Transfer | Renewal)
        when = said_time(record, history.zone) if dated and record else None
        if when is not None:
            days[seq] = when.earliest(history.zone)
    return days


def delays(shown: Shown) -> dict[int, int]:
    """Return how many days after its event each entry was recorded, if late at all."""
    found = {}
    for seq, day in shown.days.items():
        entry = shown.history.entries[seq]
        record = shown.history.worth(seq) or entry.record
        delay = delay_days(entry.at, delay_from(record, shown.case.zone, day))
        if delay:
            found[seq] = delay
    return found
