"""What is said of a transfer, each deed counted once whatever books say it.

A state's book can report what another state did; the other's own book says it itself.
Where both are here, the custodian's own word counts, and the report stands beside it.
A renewal and a payment are of both states: neither book is the one that knows. Where
they differ, what authorises less and what pays less counts, and the other is shown:
nobody is held past a day that one of them does not say without anyone noticing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct, field

from ledger.domain.history import History, Logged
from ledger.domain.records import Exit, Payment, Receipt, Renewal
from ledger.domain.same_deeds import (
    PAYMENT_KEYS,
    RENEWAL_KEYS,
    Key,
    paired,
    perhaps_one,
)
from ledger.domain.schemas import Record

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Deed: TypeAlias = Receipt | Renewal | Exit | Payment


class Item(Struct, Generic[R_co], frozen=True):
    """A record as it is worth now, and the entry that it stands in.

    Attributes:
        seq: The entry's number.
        entry: The entry, as signed.
        record: Its record, as corrected.
        corrected: Whether a correction changed it.
    """

    seq: int
    entry: Logged
    record: R_co
    corrected: bool


def counts(status: Literal["official", "reported", "alleged", "disputed"]) -> bool:
    """Return whether a claim of this status enters arithmetic."""
    return status in {"official", "reported"}


def same_state(code: str | None, state: str) -> bool:
    """Return whether a code names the state or a part of it (US-TX is of US)."""
    return code is not None and code.partition("-")[0] == state.partition("-")[0]


def items(history: History, seqs: Iterable[int], kind: type[R]) -> tuple[Item[R], ...]:
    """Return the standing records of one kind among some entries, in book order."""
    return of_kind(history, standing(history, seqs), kind)


def standing(history: History, seqs: Iterable[int]) -> list[tuple[int, Record]]:
    """Return the standing records of some entries, in book order."""
    found = ((seq, history.worth(seq)) for seq in sorted(set(seqs)))
    return [(seq, record) for seq, record in found if record is not None]


def of_kind(
    history: History, said: Iterable[tuple[int, Record]], kind: type[R]
) -> tuple[Item[R], ...]:
    """Return those of one kind among some standing records."""
    return tuple(
        Item(
            seq=seq,
            entry=history.entries[seq],
            record=record,
            corrected=bool(history.corrections.get(seq)),
        )
        for seq, record in said
        if isinstance(record, kind)
    )


def counted_anew(
    history: History, found: Iterable[Item[Receipt]]
) -> tuple[Item[Receipt], ...]:
    """Return those of the receipts of a transfer that count.

    The receipt that says which transfer an unannounced arrival was counts everyone
    anew: what was counted of that arrival before it counts no longer, be the transfer
    one of another book or not. Where several say so the last one does.
    """
    said = tuple(found)
    anew = {
        item.record.formerly: item.seq
        for item in said
        if item.record.formerly is not None
    }
    return tuple(
        item
        for item in said
        if all(
            seq <= item.seq
            for former, seq in anew.items()
            if former in history.refs[item.seq]
        )
    )


class Told(Struct, frozen=True):
    """What is said of one transfer in all books that are here, each deed once.

    Attributes:
        receipts, renewals, exits, payments: What counts.
        rivals: What stands beside it.
        renewed, paid: All accounts of a deed that several books tell of, that which
            counts first, by its entry.
        alike: Renewals of two books that may be one: each is counted.
    """

    receipts: tuple[Item[Receipt], ...]
    renewals: tuple[Item[Renewal], ...]
    exits: tuple[Item[Exit], ...]
    payments: tuple[Item[Payment], ...]
    rivals: tuple[Item[Deed], ...] = ()
    renewed: Mapping[int, tuple[Item[Renewal], ...]] = field(default_factory=dict)
    paid: Mapping[int, tuple[Item[Payment], ...]] = field(default_factory=dict)
    alike: tuple[tuple[Item[Renewal], Item[Renewal]], ...] = ()


def once(
    history: History,
    custodian: str,
    *,
    receipts: tuple[Item[Receipt], ...],
    renewals: tuple[Item[Renewal], ...],
    exits: tuple[Item[Exit], ...],
    payments: tuple[Item[Payment], ...],
) -> Told:
    """Return what counts of what several books say about one transfer.

    Law: per kind, what others than the custodian report of arrivals and exits counts
    until the custodian's own book has one; then it stands beside it. What two books
    say of one renewal or one payment is one renewal, one payment, however much they
    differ: for the fewest persons, of the least sum.
    """
    rivals: list[Item[Deed]] = []
    renewed: list[tuple[Item[Renewal], ...]] = []
    paid: list[tuple[Item[Payment], ...]] = []
    alike: list[tuple[Item[Renewal], Item[Renewal]]] = []
    if len(history.rings()) > 1:
        receipts, beside = _responsible(history, custodian, receipts)
        rivals += beside
        exits, left = _responsible(history, custodian, exits)
        rivals += left
        renewals, renewed = _each_once(
            history, renewals, keys=RENEWAL_KEYS, less=_fewest
        )
        told = {item.seq for accounts in renewed for item in accounts}
        alike = list(_alike(history, [i for i in renewals if i.seq not in told]))
        payments, paid = _each_once(
            history, payments, keys=PAYMENT_KEYS, less=_least_paid
        )
        rivals += [item for _, *others in renewed for item in others]
        rivals += [item for _, *others in paid for item in others]
    return Told(
        receipts,
        renewals,
        exits,
        payments,
        rivals=tuple(rivals),
        renewed={deed[0].seq: deed for deed in renewed},
        paid={deed[0].seq: deed for deed in paid},
        alike=tuple(alike),
    )


def _alike(
    history: History, alone: Sequence[Item[Renewal]]
) -> Iterator[tuple[Item[Renewal], Item[Renewal]]]:
    """Yield the renewals of which one book each tells, and which may be one."""
    counted = [item for item in alone if counts(item.record.status)]
    for item, other in combinations(counted, 2):
        books = {history.ring_of(each.seq)[1] for each in (item, other)}
        if len(books) > 1 and perhaps_one(item.record, other.record):
            yield item, other


def pay_of(accounts: Sequence[Item[Renewal]]) -> Item[Renewal] | None:
    """Return the account of a renewal whose compensation counts; None if none has one.

    Where two can be compared, of one currency and per the same, that is the lesser.

    Args:
        accounts: What all books say of it, that which counts first.
    """
    agreed = [(i, i.record.compensation) for i in accounts]
    stated = [(item, terms) for item, terms in agreed if terms is not None]
    if not stated:
        return None
    first = stated[0][1].currency, stated[0][1].per
    comparable = [(i, t) for i, t in stated if (t.currency, t.per) == first]
    return min(comparable, key=lambda each: each[1].money.minor)[0]


D = TypeVar("D", Receipt, Exit)
B = TypeVar("B", Renewal, Payment)


def _responsible(
    history: History, custodian: str, found: tuple[Item[D], ...]
) -> tuple[tuple[Item[D], ...], tuple[Item[D], ...]]:
    """Return what counts of arrivals or exits, and what stands beside it."""
    own = {
        item.seq for item in found if same_state(custodian, history.state_of(item.seq))
    }
    if not any(item.seq in own and counts(item.record.status) for item in found):
        return found, ()
    rivals = [i for i in found if i.seq not in own and counts(i.record.status)]
    return tuple(i for i in found if i not in rivals), tuple(rivals)


def _each_once(
    history: History,
    found: tuple[Item[B], ...],
    *,
    keys: Sequence[Key[B]],
    less: Callable[[Item[B]], Any],
) -> tuple[tuple[Item[B], ...], list[tuple[Item[B], ...]]]:
    """Return each deed once, and the accounts of those that several books tell of.

    Args:
        history: The books.
        found: The renewals or the payments, in order.
        keys: What accounts of one deed agree on, the strictest first.
        less: What sorts accounts; the least one is kept, and comes first of all.
    """
    by_book: dict[int, list[Item[B]]] = {}
    for item in found:
        if counts(item.record.status):
            by_book.setdefault(history.ring_of(item.seq)[1], []).append(item)
    deeds: list[list[Item[B]]] = []
    for told in by_book.values():
        known = {deed[0].seq: deed for deed in deeds}
        pairs = list(paired_items([deed[0] for deed in deeds], told, keys=keys))
        for first, other in pairs:
            if first is None and other is not None:
                deeds.append([other])
            elif first is not None and other is not None:
                known[first.seq].append(other)
    several = [tuple(sorted(deed, key=less)) for deed in deeds if len(deed) > 1]
    beside = {item.seq for _, *others in several for item in others}
    return tuple(i for i in found if i.seq not in beside), several


def payments_once(
    history: History, found: Sequence[Item[Payment]]
) -> list[tuple[Item[Payment], ...]]:
    """Return the accounts of each of some payments that several books tell of."""
    return _each_once(history, tuple(found), keys=PAYMENT_KEYS, less=_least_paid)[1]


def paid_beside(
    history: History, told: Iterable[Collection[Item[Payment]]]
) -> set[int]:
    """Return the payments that stand beside others, of all that several books tell of.

    One payment can be for transfers that another book has payments for one by one: all
    that hang together so are one deed. The book that tells of the lesser sum counts,
    of those that tell of every part of it.

    Args:
        history: The books.
        told: The accounts of each payment that several books tell of.
    """
    deeds: list[tuple[dict[int, Item[Payment]], list[set[int]]]] = []
    for accounts in told:
        members = {item.seq: item for item in accounts}
        books = [{history.ring_of(seq)[1] for seq in members}]
        for deed in [each for each in deeds if not members.keys().isdisjoint(each[0])]:
            deeds.remove(deed)
            members, books = {**deed[0], **members}, [*deed[1], *books]
        deeds.append((members, books))
    return {
        seq
        for members, books in deeds
        for seq in members.keys() - _lesser(history, members, books)
    }


def _lesser(
    history: History, members: Mapping[int, Item[Payment]], books: Sequence[set[int]]
) -> set[int]:
    """Return the payments of the book that tells of the least, of what hangs together.

    Args:
        history: The books.
        members: The payments, by entry.
        books: The books that tell of each part of it.
    """
    of_book: dict[int, list[Item[Payment]]] = {}
    for seq in sorted(members):
        of_book.setdefault(history.ring_of(seq)[1], []).append(members[seq])
    whole = set.intersection(*books) or of_book.keys()
    found = min((of_book[book] for book in sorted(whole)), key=_least_of_all)
    return {item.seq for item in found}


def _least_of_all(paid: Sequence[Item[Payment]]) -> tuple[int, int]:
    sums = [_least_paid(item) for item in paid]
    return sum(minor for minor, _ in sums), min(day for _, day in sums)


def paired_items(
    one: Sequence[Item[B]], other: Sequence[Item[B]], *, keys: Sequence[Key[B]]
) -> Iterator[tuple[Item[B] | None, Item[B] | None]]:
    """Yield the entries of two books in pairs, and what is left over alone."""
    return paired(one, other, keys=[partial(_of_record, key) for key in keys])


def _of_record(key: Key[B], item: Item[B]) -> tuple[object, ...]:
    return key(item.record)


def _fewest(item: Item[Renewal]) -> int:
    """Return what makes a renewal authorise less than another of the same day."""
    return item.record.persons.n


def _least_paid(item: Item[Payment]) -> tuple[int, int]:
    """Return what makes a payment less: the sum, else that it came later."""
    record = item.record
    return record.money.minor, -record.occurred.latest("UTC").toordinal()
