"""What a book answers about one thing: a transfer, an instrument, an entry.

All that was said of it is shown, with what it is worth now: corrected, retracted,
rival, alleged, late. What a state agreed to pay accrues by the day, as a range where
it is open until when persons were held.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.accruing import accrual_of
from ledger.domain.cases import Case, Item
from ledger.domain.compensation import Accrual
from ledger.domain.custody import Balance, Pool, pool_of
from ledger.domain.entering import check_book
from ledger.domain.history import History, Logged, Void, number_of
from ledger.domain.records import Claim, Instrument
from ledger.domain.terms import Part, parts
from ledger.domain.values import parse_ref_or_entry
from ledger.domain.variances import Flag, delay_days, event_days, flags
from ledger.errors import NotFoundError
from ledger.register.opening import Head, Register


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a book knows of one transfer.

    Attributes:
        history: The entries that concern it.
        case: The transfer; None where it was retracted.
        pool: The transfers that exits tie it to.
        balance: Its persons at the end of the day.
        accrual: What the agreed total has earned, least and most, if it has a total.
        days: The day of the event of each entry.
    """

    on: date
    ref: str
    history: History
    case: Case
    pool: Pool
    balance: Balance
    parts: tuple[Part, ...]
    flags: tuple[Flag, ...]
    accrual: tuple[Accrual, Accrual] | None
    days: dict[int, date]
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry of a book, valid or void, with what became of it."""

    seq: int
    entry: Logged | Void
    note: bytes
    retracted_by: int | None
    corrected_by: tuple[int, ...]
    history: History
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class ShownInstrument:
    """The stages of one instrument, and the transfers that name it."""

    ref: str
    stages: tuple[Item[Instrument], ...]
    transfers: tuple[str, ...]
    claims: tuple[Item[Claim], ...]
    heads: tuple[Head, ...]


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
    named = resolve(register, name)
    if isinstance(named, int):
        return _entry(register, named)
    if named.startswith("I-"):
        return _instrument(register, named)
    history = register.recall().history({named})
    if named not in history.opened:
        raise NotFoundError("cite.no-such-ref", ref=named)
    ref = history.known_as(named)
    pool = pool_of(history, ref)
    if ref not in pool.cases:
        # It was retracted: show the entry, which says so.
        return _entry(register, history.opened[named])
    case = pool.cases[ref]
    return Shown(
        on=on,
        ref=ref,
        history=history,
        case=case,
        pool=pool,
        balance=pool.balance(ref, on=on),
        parts=parts(pool, ref, on=on),
        flags=tuple(flags(pool, ref, on=on)),
        accrual=accrual(pool, ref, on=on),
        days=event_days(case),
        heads=(register.head(),),
    )


def accrual(pool: Pool, ref: str, *, on: date) -> tuple[Accrual, Accrual] | None:
    """Return what an agreed total has earned by a day: the least and the most."""
    earned = accrual_of(pool, ref, on=on)
    return None if earned is None else (earned.least, earned.most)


def _entry(register: Register, seq: int) -> ShownEntry:
    recall = register.recall()
    row = register.journal.row(seq)
    history = recall.history(recall.refs_of(seq), seqs=[seq])
    entry = history.entries.get(seq) or history.voids.get(seq)
    if row is None or entry is None:
        raise NotFoundError("cite.no-such-entry", seq=seq)
    return ShownEntry(
        seq=seq,
        entry=entry,
        note=row.note,
        retracted_by=history.retracted.get(seq),
        corrected_by=tuple(history.corrections.get(seq, ())),
        history=history,
        heads=(register.head(),),
    )


def _instrument(register: Register, ref: str) -> ShownInstrument:
    history = register.recall().history({ref})
    if ref not in history.opened:
        raise NotFoundError("cite.no-such-ref", ref=ref)
    stages: list[Item[Instrument]] = []
    claims: list[Item[Claim]] = []
    for seq in history.by_ref[ref]:
        record = history.worth(seq)
        entry = history.entries[seq]
        corrected = bool(history.corrections.get(seq))
        if isinstance(record, Instrument):
            stages.append(Item(seq, entry, record, corrected))
        elif isinstance(record, Claim):
            claims.append(Item(seq, entry, record, corrected))
    named = {r for seq in history.by_ref[ref] for r in history.refs[seq]}
    return ShownInstrument(
        ref=ref,
        stages=tuple(stages),
        transfers=tuple(sorted((r for r in named if r[0] == "T"), key=number_of)),
        claims=tuple(claims),
        heads=(register.head(),),
    )


def delays(shown: Shown) -> dict[int, int]:
    """Return how many days after its event each entry was recorded, if late at all."""
    found = {}
    for seq, day in shown.days.items():
        delay = delay_days(shown.history.entries[seq].at, day)
        if delay:
            found[seq] = delay
    return found
