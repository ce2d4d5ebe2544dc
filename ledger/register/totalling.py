"""What a book answers in totals: by corridor, by place of custody, by year."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from ledger.domain.cases import Case
from ledger.domain.custody import Leave, Pool, held_among
from ledger.domain.flows import Range
from ledger.domain.joining import Books
from ledger.domain.qualifying import added
from ledger.register.gathering import whole
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register

By: TypeAlias = Literal["corridor", "facility", "year"]


class Total(Struct, frozen=True):
    """Persons of some transfers at the end of a day, all told.

    Attributes:
        key: What they have in common; None where it is not recorded, and for the whole.
        transfers: How many transfers.
        in_transit_or_held: Bounds of the set, not sums of its transfers.
        exits: Who certainly left from among them, by disposition.
        shared: Exits that name transfers beside them too.
    """

    key: str | None
    transfers: int
    departed: int
    surplus: int
    arrived: int
    unaccounted: int
    in_transit_or_held: Range
    exits: Mapping[str, int]
    shared: tuple[Leave, ...]


class Totals(Struct, frozen=True):
    """The totals of the books, each key's and the whole."""

    on: date
    by: By
    totals: tuple[Total, ...]
    whole: Total
    heads: tuple[Head, ...]
    books: Books


def totals(register: Register, *, by: By, on: date) -> Totals:
    """Return the totals of the books at the end of a day, what has no key last.

    Law: who left one state's book and arrived in another's is one person.
    """
    of = reading(register)
    begun = whole(of).begun(on=on)
    key_of = _KEYS[by]
    groups: dict[str | None, list[str]] = {}
    for ref, pool in begun.items():
        groups.setdefault(key_of(pool.cases[ref]), []).append(ref)
    pools = list({id(pool): pool for pool in begun.values()}.values())
    order = sorted(groups, key=lambda key: (key is None, key or ""))
    return Totals(
        on=on,
        by=by,
        totals=tuple(_total(key, groups[key], begun, pools, on=on) for key in order),
        whole=_total(None, list(begun), begun, pools, on=on),
        heads=of.heads,
        books=of.books,
    )


def _facility(case: Case) -> str | None:
    return None if case.facility is None else case.facility.name


_KEYS: Final[Mapping[By, Callable[[Case], str | None]]] = {
    # Who came unannounced came to the state of the book that says so.
    "corridor": lambda case: f"{case.origin} {case.custodian}",
    "facility": _facility,
    "year": lambda case: str(case.opening_day().year),
}


def _total(
    key: str | None,
    refs: Collection[str],
    begun: Mapping[str, Pool],
    pools: Sequence[Pool],
    *,
    on: date,
) -> Total:
    chosen = set(refs)
    balances = [begun[ref].balance(ref, on=on) for ref in refs]
    exits: dict[str, int] = {}
    shared = []
    for leave in (leave for pool in pools for leave in pool.still_gone(on=on)):
        if chosen.isdisjoint(leave.refs):
            continue
        if chosen.issuperset(leave.refs):
            exits[leave.how] = added((exits.get(leave.how, 0), leave.n))
        else:
            shared.append(leave)
    return Total(
        key=key,
        transfers=len(chosen),
        departed=added(balance.departed for balance in balances),
        surplus=added(balance.surplus for balance in balances),
        arrived=added(balance.arrived for balance in balances),
        unaccounted=added(balance.missing for balance in balances),
        in_transit_or_held=held_among(pools, chosen, on=on),
        exits=dict(sorted(exits.items())),
        shared=tuple(shared),
    )
