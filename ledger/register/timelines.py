"""What a book answers about terms on a line of time."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from ledger.domain.cases import Case
from ledger.domain.custody import Leave, Pool
from ledger.domain.joining import Books
from ledger.domain.overstays import emptied_late
from ledger.domain.starting import Start, said_at, start_of
from ledger.domain.terms import Part, parts
from ledger.errors import NotFoundError
from ledger.exchange.timeline import Gap
from ledger.register.gathering import Gathered, some, whole
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Head, Register
from ledger.register.showing import entry_named


class Row(Struct, frozen=True):
    """One term of one transfer.

    Attributes:
        case: The transfer.
        part: The term.
        number: Which of the transfer's terms, from 1.
        of: How many it has.
        gaps: Days without authority before a renewal.
        over_until: The day to which persons are held past the end, if they are; of
            a term in which nobody is left, the last on which somebody was.
        emptied: Nobody is left in it; those of the part are who were there last.
        leaves: Who left, with the first term: nobody says which term they were of.
        said: The times of those, as recorded, by entry.
        start: What the first day of the term rests on.
    """

    case: Case
    part: Part
    number: int
    of: int
    gaps: tuple[Gap, ...]
    over_until: date | None
    emptied: bool
    leaves: tuple[Leave, ...]
    said: Mapping[int, str]
    start: Start


class Terms(Struct, frozen=True):
    """Terms on a line of time, as of a day.

    Attributes:
        on: The day.
        rows: The terms, transfer by transfer; of those in which nobody is left, the
            ones that ended late.
        nobody: Transfers of which nobody is in transit or held.
    """

    on: date
    rows: tuple[Row, ...]
    nobody: tuple[str, ...]
    heads: tuple[Head, ...]
    books: Books


def terms(register: Register, names: Sequence[str], *, on: date) -> Terms:
    """Return the terms of some transfers at the end of a day; of all if none is named.

    Raises:
        NotFoundError: If there is no such transfer, or it began later.
    """
    of = reading(register)
    book, refs = _asked(of, names)
    begun = book.begun(on=on)
    for ref in refs:
        if ref not in begun:
            raise NotFoundError("timeline.not-begun", ref=ref, on=on.isoformat())
    rows: list[Row] = []
    nobody: list[str] = []
    for ref, pool in begun.items():
        if names and ref not in refs:
            continue
        found = _rows(pool, ref, on=on)
        rows.extend(found)
        if all(row.emptied for row in found):
            nobody.append(ref)
    return Terms(
        on=on,
        rows=tuple(rows),
        nobody=tuple(nobody),
        heads=of.heads,
        books=of.books,
    )


def _asked(of: Reading, names: Sequence[str]) -> tuple[Gathered, list[str]]:
    if not names:
        return whole(of), []
    refs = []
    for name in names:
        ref = entry_named(of.books, name)
        if not isinstance(ref, str) or ref.startswith("I-"):
            raise NotFoundError("timeline.not-a-transfer")
        refs.append(ref)
    book = some(of, refs)
    return book, [book.history.known_as(ref) for ref in refs]


def _rows(pool: Pool, ref: str, *, on: date) -> list[Row]:
    """Return the terms that somebody is in, and those that ended late and empty."""
    case = pool.cases[ref]
    leaves = tuple(x for x in pool.leaves if ref in x.refs and x.day <= on)
    emptied = [(each.part, each.until) for each in emptied_late(pool, ref, on=on)]
    present = [(part, None) for part in parts(pool, ref, on=on)]
    found = sorted([*emptied, *present], key=_by_end)
    return [
        Row(
            case=case,
            part=part,
            number=number,
            of=len(found),
            gaps=_gaps(part),
            over_until=until or _over_until(part, on),
            emptied=until is not None,
            leaves=leaves if number == 1 else (),
            said={leave.seq: said_at(pool, leave.seq) for leave in leaves},
            start=start_of(case, part),
        )
        for number, (part, until) in enumerate(found, start=1)
    ]


def _by_end(row: tuple[Part, date | None]) -> tuple[date, date]:
    part, _ = row
    return part.last_day or date.max, part.start


def _over_until(part: Part, on: date) -> date | None:
    return on if part.last_day is not None and part.last_day < on else None


def _gaps(part: Part) -> tuple[Gap, ...]:
    return tuple(
        Gap(first=period.gap.first, last=period.gap.last)
        for period in part.periods
        if period.gap is not None
    )
