"""What is said of a transfer, each deed counted once whatever books say it.

A state's book can report what another state did; the other's own book says it itself.
Where both are here, the custodian's own word counts, and the report stands beside it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from ledger.domain.history import History, Logged
from ledger.domain.records import Exit, Payment, Receipt, Renewal
from ledger.domain.schemas import Record

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Deed: TypeAlias = Receipt | Renewal | Exit | Payment


@dataclass(frozen=True, slots=True)
class Item(Generic[R_co]):
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


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one transfer in all books that are here, each deed once."""

    receipts: tuple[Item[Receipt], ...]
    renewals: tuple[Item[Renewal], ...]
    exits: tuple[Item[Exit], ...]
    payments: tuple[Item[Payment], ...]
    rivals: tuple[Item[Deed], ...] = ()


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
    until the custodian's own book has one; then it stands beside it. What both books
    say alike of a renewal or a payment is one renewal, one payment.
    """
    rivals: list[Item[Deed]] = []
    if len(history.rings()) > 1:
        receipts, beside = _responsible(history, custodian, receipts)
        rivals += beside
        exits, left = _responsible(history, custodian, exits)
        rivals += left
        renewals, agreed = _alike(history, renewals, _renewed)
        rivals += agreed
        payments, paid = _alike(history, payments, _paid)
        rivals += paid
    return Told(receipts, renewals, exits, payments, tuple(rivals))


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


def _alike(
    history: History, found: tuple[Item[B], ...], key: Callable[[B], object]
) -> tuple[tuple[Item[B], ...], tuple[Item[B], ...]]:
    """Return each deed of both books once, and what another book says alike.

    Two that are alike within one book are two.
    """
    kept: list[Item[B]] = []
    rivals: list[Item[B]] = []
    paired: set[int] = set()
    for item in found:
        _, base = history.ring_of(item.seq)
        same = [
            other
            for other in kept
            if other.seq not in paired
            and history.ring_of(other.seq)[1] != base
            and key(other.record) == key(item.record)
        ]
        if same and counts(item.record.status):
            paired.add(same[0].seq)
            rivals.append(item)
        else:
            kept.append(item)
    return tuple(kept), tuple(rivals)


def _renewed(record: Renewal) -> object:
    return (record.agreed_on, record.until, record.length, record.persons.n)


def _paid(record: Payment) -> object:
    return (record.stage, record.amount, record.currency, record.occurred.text)
