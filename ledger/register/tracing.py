"""What a book answers about the course of one thing: its entries, in order.

Every entry that concerns the transfer, the arrival or the instrument is there as it
was recorded, with the day that it is about, how late it was recorded, and what became
of it. A void entry counts for nothing and concerns nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from ledger.domain.cases import arrival_day, exit_day
from ledger.domain.custody import pool_of
from ledger.domain.explaining import Step, explain
from ledger.domain.forms import Fact
from ledger.domain.history import History, Logged, pools
from ledger.domain.joining import Books, no_such_ref
from ledger.domain.records import (
    Correction,
    Exit,
    Receipt,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.schemas import Record
from ledger.domain.starting import delay_from, said_time
from ledger.domain.suspicion import Suspicion, suspicion_of
from ledger.domain.values import parse_ref
from ledger.domain.variances import days_of, delay_days, is_later
from ledger.errors import NotFoundError
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Head, Register


class Trace(Struct, frozen=True):
    """One entry in the course of a thing.

    Attributes:
        entry: The entry, as it was recorded.
        refs: Every reference that it concerns.
        day: The day that it is about; None where it names none.
        said: The same as recorded, such as a month without a day.
        days_late: How many days after that day it was recorded.
        corrected_by: The standing corrections of it.
        corrects: The entry that it corrects.
        retracted_by: The retraction that strikes it out.
        retracts: The entry that it strikes out.
        doubt: Why it is, or was, in doubt; None if it never was.
    """

    entry: Logged
    refs: tuple[str, ...]
    day: date | None
    said: str | None
    days_late: int
    corrected_by: tuple[int, ...]
    corrects: int | None
    retracted_by: int | None
    retracts: int | None
    doubt: Suspicion | None


class Traced(Struct, frozen=True):
    """The course of a transfer, an arrival or an instrument.

    Attributes:
        ref: What it is; an arrival that turned out to be a transfer is the transfer.
        on: Entries about what happened later are left out; None for no such day.
        lines: One for each entry, in the order in which the books recorded them.
        left_out: How many entries are about later days.
        heads: The books that it is complete under.
    """

    ref: str
    on: date | None
    lines: tuple[Trace, ...]
    left_out: int
    heads: tuple[Head, ...]
    books: Books


class Explained(Struct, frozen=True):
    """Where the figures of a transfer come from."""

    ref: str
    on: date
    steps: tuple[Step, ...]
    heads: tuple[Head, ...]
    books: Books


def trace(register: Register, name: str, *, on: date | None = None) -> Traced:
    """Return every valid entry that concerns a reference, in the order of recording.

    Raises:
        NotFoundError: If there is no such thing in this book.
    """
    of = reading(register)
    history, ref = _found(of, name)
    seqs = _in_time(history, ref)
    days = _days(history, ref, seqs)
    kept = seqs if on is None else list(_by(history, seqs, days=days, on=on))
    return Traced(
        ref=ref,
        on=on,
        lines=tuple(_trace(history, seq, days.get(seq)) for seq in kept),
        left_out=len(seqs) - len(kept),
        heads=of.heads,
        books=of.books,
    )


def explained(register: Register, name: str, *, on: date, money: bool) -> Explained:
    """Return the steps to the terms and the balance of a transfer, or to its money.

    Raises:
        NotFoundError: If there is no such transfer or arrival, or it was retracted.
    """
    of = reading(register)
    history, ref = _found(of, name)
    pool = pool_of(history, ref) if ref[0] in "TR" else None
    if pool is None or ref not in pool.cases:
        raise NotFoundError("explain.no-figures", ref=ref)
    return Explained(
        ref=ref,
        on=on,
        steps=tuple(explain(pool, ref, on, money=money)),
        heads=of.heads,
        books=of.books,
    )


def _found(of: Reading, name: str) -> tuple[History, str]:
    named = parse_ref(name)
    ref = of.books.joined(of.books.index_of(named.book), named.local)
    history = of.recall.history({ref})
    if ref not in history.opened:
        raise no_such_ref(ref, spoken=named.format())
    return history, history.known_as(ref)


def _in_time(history: History, ref: str) -> list[int]:
    """Return what concerns a reference by time; at one time the entry that opened it.

    Each book's own order stays, as no time in a book goes back.
    """
    openers = {history.opened.get(alias) for alias in history.aliases(ref)}
    return sorted(
        history.seqs_of(ref),
        key=lambda seq: (history.entries[seq].at, seq not in openers, seq),
    )


def _days(history: History, ref: str, seqs: Iterable[int]) -> dict[int, date]:
    """Return the day that each entry is about, where it is about one."""
    refs = {r for seq in seqs for r in history.refs[seq] if r[0] in "TR"}
    found = [pool_of(history, pool[0]) for pool in pools(history, sorted(refs))]
    days = days_of(history, found)
    zones = {r: case.zone for pool in found for r, case in pool.cases.items()}
    for seq in seqs:
        # What was retracted is in no balance; it was about a day all the same.
        record = history.worth(seq) or history.entries[seq].record
        day = _recorded_day(record, zones.get(ref, history.zone))
        if day is not None:
            days.setdefault(seq, day)
    return days


def _recorded_day(record: Record, zone: str) -> date | None:
    match record:
        case Transfer():
            return min(departure.at.earliest(zone) for departure in record.departures)
        case Receipt():
            return arrival_day(record, zone)
        case Renewal():
            return record.agreed_on
        case Exit():
            return exit_day(record, zone)
        case Fact(occurred=occurred) if occurred is not None:
            return occurred.latest(zone)
        case _:
            return None


def _by(
    history: History, seqs: Iterable[int], *, days: Mapping[int, date], on: date
) -> Iterator[int]:
    """Yield the entries that are about no later day, nor change one that is."""
    later = set()
    for seq in seqs:
        changed = _changed(history.entries[seq].record)
        if changed in later or is_later(history, seq, days=days, on=on):
            later.add(seq)
        else:
            yield seq


def _changed(record: Record) -> int | None:
    """Return the entry that a record corrects or strikes out, if it does."""
    match record:
        case Correction() | Retraction():
            return record.target.seq
        case _:
            return None


def _trace(history: History, seq: int, day: date | None) -> Trace:
    entry = history.entries[seq]
    target = _changed(entry.record)
    corrects = isinstance(entry.record, Correction)
    record = history.worth(seq) or entry.record
    when = said_time(record, history.zone)
    since = None if day is None else delay_from(record, history.zone, day)
    return Trace(
        entry=entry,
        refs=history.refs[seq],
        day=day,
        said=None if when is None else when.text,
        days_late=0 if since is None else delay_days(entry.at, since),
        corrected_by=tuple(history.corrections.get(seq, ())),
        corrects=target if corrects else None,
        retracted_by=history.retracted.get(seq),
        retracts=None if corrects else target,
        doubt=suspicion_of(history, entry),
    )
