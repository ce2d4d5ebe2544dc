"""What a book answers about many transfers: due, overdue, held, list.

The projections find the transfers that can matter on the day that is asked about;
every figure is counted from their entries as they were on that day. Answers carry the
heads that they are complete under.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from ledger.domain.cases import Case
from ledger.domain.custody import Balance, Pool, held_among
from ledger.domain.days import days_left
from ledger.domain.flows import Range
from ledger.domain.history import number_of
from ledger.domain.joining import Books
from ledger.domain.overstays import Over, over_bounds
from ledger.domain.qualifying import plus
from ledger.domain.terms import Part, parts
from ledger.domain.variances import Flag, flags
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Head, Register
from ledger.register.questioning import Question

Wanted: TypeAlias = Callable[[Part], bool]
"""Tells whether a part is one of those that are asked for."""


class TermLine(Struct, frozen=True):
    """Persons of one transfer who share one term, on one day.

    Attributes:
        case: The transfer.
        part: The term and how many persons it is about.
        flags: What else is to be known about the transfer.
        days_left: Until the last authorised day is over; negative when it is; None
            without a recorded end.
        over: How long they are held beyond the last day, if they are.
    """

    case: Case
    part: Part
    flags: tuple[Flag, ...]
    days_left: int | None
    over: Over | None


class Answer(Struct, frozen=True):
    """Lines about a day, with totals that are bounds of the set.

    Attributes:
        on: The day at whose end it is true, in each deciding zone.
        lines: One for each term.
        total: How many persons they are about, all told.
        heads: The books that it is complete under.
        books: What they are called.
    """

    on: date
    lines: tuple[TermLine, ...]
    total: Range
    heads: tuple[Head, ...]
    books: Books


class CustodyLine(Struct, frozen=True):
    """One transfer on one day, for `list` and `held`."""

    case: Case
    balance: Balance
    parts: tuple[Part, ...]
    flags: tuple[Flag, ...]


class Custody(Struct, frozen=True):
    """Transfers on a day, with how many persons they hold, all told."""

    on: date
    lines: tuple[CustodyLine, ...]
    total: Range
    heads: tuple[Head, ...]
    books: Books


def due(register: Register, *, on: date, within: int) -> Answer:
    """Return the terms whose last day is at most `within` days away, soonest first.

    A term whose last day is `on` itself is due; from the next day it is overdue.
    """
    of = reading(register)
    refs = due_refs(of, on=on, within=within)
    return _answer(of, refs, on=on, wanted=is_due(on=on, within=within))


def due_refs(of: Reading, *, on: date, within: int) -> list[str]:
    """Return the transfers of which a term can be due."""
    return of.refs(
        "SELECT DISTINCT ref FROM term WHERE book = ? AND last_day BETWEEN ? AND ?",
        on.isoformat(),
        _until(on, within).isoformat(),
    )


def is_due(*, on: date, within: int) -> Wanted:
    """Return what tells whether the last day of a part is so near."""
    until = _until(on, within)
    return lambda part: part.last_day is not None and on <= part.last_day <= until


def _until(on: date, within: int) -> date:
    return date.fromordinal(min(on.toordinal() + within, date.max.toordinal()))


def overdue(register: Register, *, on: date) -> Answer:
    """Return the terms that are over, or have no recorded end, longest over first."""
    of = reading(register)
    refs = overdue_refs(of, on=on)
    return _answer(of, refs, on=on, wanted=is_overdue(on=on))


def overdue_refs(of: Reading, *, on: date) -> list[str]:
    """Return the transfers of which a term can be over, or have no recorded end."""
    return of.refs(
        "SELECT DISTINCT term.ref FROM term JOIN transfer "
        "ON transfer.book = term.book AND transfer.ref = term.ref "
        "WHERE term.book = ? AND (term.last_day < ? OR term.last_day IS NULL) "
        "AND departed_on <= ? AND (ended_on IS NULL OR ended_on > ?)",
        *(on.isoformat(),) * 3,
    )


def is_overdue(*, on: date) -> Wanted:
    """Return what tells whether the last day of a part is over, or not known."""
    return lambda part: part.last_day is None or part.last_day < on


def chosen_parts(
    question: Question, refs: Sequence[str], *, on: date, wanted: Wanted
) -> Iterator[tuple[Pool, str, list[Part]]]:
    """Yield the transfers that have parts of a kind, with those, on a day.

    Raises:
        TamperedError: If one that the projections name is not there.
    """
    question.check(refs)
    named = set(refs)
    for pool in question.pools(refs):
        for ref in [ref for ref in pool.cases if ref in named]:
            chosen = [part for part in parts(pool, ref, on=on) if wanted(part)]
            if chosen:
                yield pool, ref, chosen


def _answer(of: Reading, refs: Sequence[str], *, on: date, wanted: Wanted) -> Answer:
    question = Question(of, refs)
    lines: list[TermLine] = []
    unselected: dict[str, int] = {}
    for pool, ref, chosen in chosen_parts(question, refs, on=on, wanted=wanted):
        every = parts(pool, ref, on=on)
        unselected[ref] = sum(p.persons.most for p in every if p not in chosen)
        notes = tuple(flags(pool, ref, on=on))
        lines.extend(_line(pool, ref, part, notes=notes, on=on) for part in chosen)
    lines.sort(key=_soonest)
    return Answer(
        on=on,
        lines=tuple(lines),
        total=_total(question.pools(refs), lines, unselected=unselected, on=on),
        heads=question.heads,
        books=question.reading.books,
    )


def _line(
    pool: Pool, ref: str, part: Part, *, notes: tuple[Flag, ...], on: date
) -> TermLine:
    over = over_bounds(pool, ref, part, on=on)
    return TermLine(
        case=pool.cases[ref],
        part=part,
        flags=notes,
        days_left=None if part.last_day is None else days_left(part.last_day, on),
        over=over,
    )


def _soonest(line: TermLine) -> tuple[date, tuple[str, int]]:
    return (line.part.last_day or date.min, number_of(line.case.ref))


def _total(
    pools: Sequence[Pool],
    lines: Sequence[TermLine],
    *,
    unselected: Mapping[str, int],
    on: date,
) -> Range:
    """Return bounds of all persons of the lines, pool by pool.

    Law: each line is looked at once.

    Args:
        pools: The pools of all transfers that have lines.
        lines: The parts that were asked for.
        unselected: Of each of these transfers, the most persons of its other parts:
            they can be the rest of its pool.
        on: The day.
    """
    least = most = 0
    of_ref: dict[str, list[TermLine]] = {}
    for line in lines:
        of_ref.setdefault(line.case.ref, []).append(line)
    said = plus(*(line.part.persons.qualifier for line in lines))
    for pool in pools:
        own = [line for ref in pool.cases for line in of_ref.get(ref, ())]
        refs = [ref for ref in pool.cases if ref in unselected]
        if own:
            bounds = pool.remaining(refs, on=on)
            rest = bounds.least - sum(unselected[ref] for ref in refs)
            least += max(sum(line.part.persons.least for line in own), rest)
            most += min(sum(line.part.persons.most for line in own), bounds.most)
    return Range(least, most, said)


def held(
    register: Register,
    *,
    on: date,
    facility: str | None = None,
    state: str | None = None,
) -> Custody:
    """Return the transfers of which somebody is in transit or held on a day."""
    question, every = _listed(register, on=on)
    lines = tuple(
        line
        for line in every
        if line.balance.remaining.most
        and (facility is None or _names(line.case, facility))
        and (state is None or line.case.custodian == state)
    )
    return _custody(question, lines, on=on)


def _names(case: Case, text: str) -> bool:
    place = case.facility
    return place is not None and text.casefold() in place.name.casefold()


def listed(register: Register, *, on: date) -> Custody:
    """Return every transfer that had begun by a day, in order."""
    question, lines = _listed(register, on=on)
    return _custody(question, lines, on=on)


def _listed(register: Register, *, on: date) -> tuple[Question, list[CustodyLine]]:
    of = reading(register)
    refs = of.refs(
        "SELECT ref FROM transfer WHERE book = ? AND departed_on <= ?",
        on.isoformat(),
    )
    question = Question(of, refs)
    question.check(refs)
    lines: list[CustodyLine] = []
    named = set(refs)
    for pool in question.pools(refs):
        lines.extend(
            CustodyLine(
                case=pool.cases[ref],
                balance=pool.balance(ref, on=on),
                parts=parts(pool, ref, on=on),
                flags=tuple(flags(pool, ref, on=on)),
            )
            for ref in pool.cases
            if ref in named and pool.cases[ref].opening_day() <= on
        )
    return question, lines


def _custody(question: Question, lines: Iterable[CustodyLine], *, on: date) -> Custody:
    kept = sorted(lines, key=lambda line: number_of(line.case.ref))
    refs = [line.case.ref for line in kept]
    found = question.pools(refs)
    return Custody(
        on=on,
        lines=tuple(kept),
        total=held_among(found, set(refs), on=on),
        heads=question.heads,
        books=question.reading.books,
    )
