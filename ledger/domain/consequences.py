"""What an entry about other entries, or a renewal, made of the figures of transfers.

A correction and a retraction bring about nothing by themselves: what they change is
told by the figures before and after. So is a renewal that shortens a term.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.cases import counts
from ledger.domain.custody import Pool, pool_of
from ledger.domain.flows import Range
from ledger.domain.history import History
from ledger.domain.qualifying import added, number, plus
from ledger.domain.terms import met_by, parts

Member: TypeAlias = Literal[
    "persons",
    "departed",
    "in_transit",
    "held",
    "left",
    "unaccounted",
    "surplus",
    "authorised_until",
]
Ends: TypeAlias = tuple[tuple[date | None, Range], ...]
"""Each last authorised day, None where there is none, and whose it is."""
Value: TypeAlias = int | Range | Ends
NOBODY: tuple[Value, ...] = (0, Range(0, 0), ())
"""Figures of nobody are no news of a transfer that is gone as a whole."""


class Changed(Struct, frozen=True):
    """One figure of a transfer; None where the transfer counts for nothing.

    Attributes:
        ref: The transfer.
        member: The figure.
        before: What it was, as the book stood before the entry.
        after: What it is with the entry.
    """

    ref: str
    member: Member
    before: Value | None
    after: Value | None


class Shortened(Struct, frozen=True):
    """Persons whose term a renewal shortens.

    Attributes:
        n: How many; it knows how exact it is.
        before: Their last authorised day before the renewal.
        last: Their last authorised day with it.
    """

    n: int
    before: date
    last: date


def changed(
    before: History, after: History, refs: Iterable[str], *, on: date
) -> Iterator[Changed]:
    """Yield what differs between two states of a book, at the end of a day.

    Args:
        before: The book as it stood before an entry.
        after: The same with the entry.
        refs: The transfers to be compared.
        on: The day.
    """
    for ref in refs:
        old, new = _figures(before, ref, on=on), _figures(after, ref, on=on)
        for member in old or new:
            was, now = old.get(member), new.get(member)
            gone = not (old and new)
            if gone and (now if was is None else was) in NOBODY:
                continue
            # Two numbers that are equal can be exact in different ways.
            if (was, str(was)) != (now, str(now)) and not _one_end(was, now):
                yield Changed(ref, member, was, now)


def _one_end(was: Value | None, now: Value | None) -> bool:
    """Return whether all have the same last day as before, and only their number not.

    How many they are is told by the other figures.
    """
    match was, now:
        case ((before, _),), ((after, _),):
            return before == after
        case _:
            return False


def _figures(history: History, ref: str, *, on: date) -> Mapping[Member, Value]:
    pool = pool_of(history, history.known_as(ref))
    case = pool.cases.get(history.known_as(ref))
    if case is None:
        return {}
    balance = pool.balance(case.ref, on=on)
    ends: dict[date | None, Range] = {}
    for part in parts(pool, case.ref, on=on):
        told, n = ends.get(part.last_day, Range(0, 0)), part.persons
        said = plus(told.qualifier, n.qualifier)
        ends[part.last_day] = Range(told.least + n.least, told.most + n.most, said)
    return {
        "persons": case.persons.number,
        "departed": balance.departed,
        "in_transit": balance.in_transit,
        "held": balance.held,
        "left": added(balance.exits.values()),
        "unaccounted": balance.missing,
        "surplus": balance.surplus,
        "authorised_until": tuple(ends.items()),
    }


def shortened(pool: Pool, ref: str, seq: int) -> tuple[Shortened, ...]:
    """Return whose terms a renewal shortens, by the day that was the last before it.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        seq: The entry; one that is no renewal of the transfer shortens nothing.
    """
    found: dict[tuple[date, date], list[int]] = {}
    for item in pool.cases[ref].renewals:
        if item.seq != seq or not counts(item.record.status):
            continue
        said = item.record.persons.qualifier
        for part, n, last in met_by(pool, ref, item):
            if n and part.last_day is not None and last < part.last_day:
                found.setdefault((part.last_day, last), []).append(number(n, said))
    return tuple(
        Shortened(added(n), before, last) for (before, last), n in found.items()
    )


def shortened_by(
    history: History, refs: Iterable[str], seq: int
) -> tuple[Shortened, ...]:
    """Return whose terms a renewal shortens, of the transfers that it concerns.

    Args:
        history: The books, with the renewal.
        refs: What it concerns; instruments among them are passed over.
        seq: Its entry.
    """
    known = sorted({history.known_as(ref) for ref in refs if ref[0] in "TR"})
    pools = [(pool_of(history, ref), ref) for ref in known]
    found = [shortened(*each, seq) for each in pools if each[1] in each[0].cases]
    return tuple(one for each in found for one in each)
