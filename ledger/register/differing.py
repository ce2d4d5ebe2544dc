"""What the books said on a day, as known at two times, and why it differs."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.cases import arrival_day
from ledger.domain.custody import Pool
from ledger.domain.forms import Fact
from ledger.domain.history import History, Logged
from ledger.domain.joining import Books
from ledger.domain.records import (
    Correction,
    Exit,
    Receipt,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.recovery import Recovery
from ledger.domain.schemas import Record
from ledger.domain.times import When
from ledger.domain.variances import acknowledged, days_of, delay_days
from ledger.register.asking import CustodyLine, listed
from ledger.register.gathering import Gathered, some
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register
from ledger.tlog.canonical import Json

Change: TypeAlias = Literal["new", "gone", "changed"]
Cause: TypeAlias = Literal["correction", "retraction", "late", "timely"]
Figures: TypeAlias = Mapping[str, Json | None]


class Figure(Struct, frozen=True):
    """One figure of a transfer, before and after; None where there was none."""

    member: str
    before: Json | None
    after: Json | None


class Recorded(Struct, frozen=True):
    """One entry that came in between.

    Attributes:
        entry: The entry.
        cause: What it is: a change of an earlier entry, or late, or neither.
        days_late: How many days after its event it was recorded.
    """

    entry: Logged
    cause: Cause
    days_late: int


class Difference(Struct, frozen=True):
    """What changed of one transfer, and the entries that concern it and its pool."""

    ref: str
    change: Change
    figures: tuple[Figure, ...]
    entries: tuple[Recorded, ...]


class Known(Struct, frozen=True):
    """What the books said on a day, as far as they were known.

    Attributes:
        on: The day.
        figures: The figures of each transfer.
        heads: How far each book was known.
        books: What they are called.
    """

    on: date
    figures: Mapping[str, Figures]
    heads: tuple[Head, ...]
    books: Books

    def sizes(self) -> Mapping[str, int]:
        """Return how many entries of each book were known, by its name."""
        return {head.book: head.size for head in self.heads}


def known(register: Register, *, on: date) -> Known:
    """Return what the books say on a day, as far as they are to be looked at."""
    custody = listed(register, on=on)
    found = {line.case.ref: _figures(line, on=on) for line in custody.lines}
    return Known(on, found, custody.heads, custody.books)


def _figures(line: CustodyLine, *, on: date) -> Figures:
    case, balance = line.case, line.balance
    ends = {part.last_day for part in line.parts}
    transfer, facility = case.transfer, case.facility
    exits: dict[str, Json] = dict(sorted(balance.exits.items()))
    days: list[Json] = [*sorted(end.isoformat() for end in ends if end is not None)]
    return {
        "persons": case.persons.n,
        "qualifier": case.persons.qualifier,
        "status": case.opening.record.status,
        "group": None if transfer is None else transfer.group.label,
        "facility": None if facility is None else facility.name,
        "departed": balance.departed,
        "arrived": balance.arrived,
        "surplus": balance.surplus,
        "unaccounted": balance.missing,
        "in_transit_min": balance.in_transit.least,
        "in_transit_max": balance.in_transit.most,
        "held_min": balance.held.least,
        "held_max": balance.held.most,
        "exits": exits,
        "shared_exits": [leave.seq for leave in balance.shared],
        "authorised_until": days,
        "without_authority": None in ends,
        "renewals": max((part.renewals for part in line.parts), default=0),
        "acknowledged": acknowledged(case, on=on),
        "flags": list(dict.fromkeys(flag.code for flag in line.flags)),
    }


def differences(register: Register, before: Known, after: Known) -> list[Difference]:
    """Return what changed from one state of knowledge to a later one.

    Args:
        register: The own book, as far as it was known at the later time.
        before: What it said at the earlier time.
        after: What it said at the later time.
    """
    refs = list(dict.fromkeys([*before.figures, *after.figures]))
    changed = [ref for ref in refs if before.figures.get(ref) != after.figures.get(ref)]
    of = reading(register)
    book = some(of, changed)
    came = _came_between(of.books, before, after)
    history = book.history
    days = days_of(history, book.pools)
    found = []
    for ref in changed:
        old, new = before.figures.get(ref), after.figures.get(ref)
        seqs = sorted(seq for seq in _concerning(book, ref) if came(seq))
        found.append(
            Difference(
                ref=ref,
                change="new" if old is None else "gone" if new is None else "changed",
                figures=tuple(_figures_of(old or {}, new or {})),
                entries=tuple(_recorded(history, seq, days) for seq in seqs),
            )
        )
    return found


def _came_between(books: Books, before: Known, after: Known) -> Callable[[int], bool]:
    """Return what tells whether an entry came between two states of knowledge."""
    first, last = before.sizes(), after.sizes()

    def came(seq: int) -> bool:
        book, local = books.home(seq)
        return first.get(book, 0) <= local < last.get(book, 0)

    return came


def _figures_of(old: Figures, new: Figures) -> Iterable[Figure]:
    for member in old or new:
        before, after = old.get(member), new.get(member)
        if before != after:
            yield Figure(member, before, after)


def _concerning(book: Gathered, ref: str) -> set[int]:
    """Return the entries that concern a transfer, or by which its pool can change it.

    Who came and left with the other transfers of a pool moves the bounds of this one,
    but for those that exits name with it and say how many were of each.
    """
    history = book.history
    known = history.known_as(ref)
    own = {s for each in (ref, known) for s in history.seqs_of(each)}
    pool = {r for p in book.pools if known in p.cases for r in _tied(p, known)}
    tied = {s for each in pool for s in history.seqs_of(each) if _moves(history, s)}
    named = {r for s in own for r in history.refs[s] if r.startswith("I-")}
    return own | tied | {s for each in named for s in history.by_ref[each]}


def _tied(pool: Pool, ref: str) -> tuple[str, ...]:
    return pool.tied(ref, on=date.max).refs


def _moves(history: History, seq: int) -> bool:
    """Return whether an entry says who came or left, or changes one that does."""
    record = history.entries[seq].record
    while isinstance(record, Correction | Retraction):
        record = history.entries[record.target.seq].record
    return isinstance(record, Transfer | Receipt | Exit | Recovery)


def _recorded(history: History, seq: int, days: Mapping[int, date]) -> Recorded:
    entry = history.entries[seq]
    # What was retracted since is of no day any more; it was recorded late still.
    day = days.get(seq) or _told_day(entry.record, history.zone_of(seq))
    late = 0 if day is None else delay_days(entry.at, day)
    cause: Cause = "late" if late else "timely"
    match entry.record:
        case Correction():
            cause = "correction"
        case Retraction():
            cause = "retraction"
        case _:
            pass
    return Recorded(entry, cause, late)


def _told_day(record: Record, zone: str) -> date | None:
    """Return the day that a record by itself is about, if it is about one."""
    match record:
        case Transfer():
            return min(each.at.earliest(zone) for each in record.departures)
        case Receipt():
            return arrival_day(record, zone)
        case Renewal():
            return record.agreed_on
        case Fact(occurred=When() as when):
            return when.latest(zone)
        case _:
            return None
