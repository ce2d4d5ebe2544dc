"""What two books say of one transfer: who says which value, and whether both can hold.

A value is a claim with its book, its entries and the keys that signed them. Two values
differ only where both cannot be true: `at least 247` does not contradict 252, and a day
named in one zone does not contradict the next day in another.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, TypeAlias, TypeVar

from msgspec import Struct

from ledger.domain.cases import Item, counts, items
from ledger.domain.forms import Count, Reference
from ledger.domain.history import History, cited
from ledger.domain.ranges import Range
from ledger.domain.records import Exit, Payment, Receipt, Renewal, Transfer
from ledger.domain.times import When, surely_before

DifferenceCode: TypeAlias = Literal[
    "unanswered",
    "unannounced",
    "answers-nothing",
    "persons",
    "arrived",
    "held",
    "left",
    "arrived-on",
    "admitted-on",
    "before-departure",
    "left-on",
    "renewal-unanswered",
    "renewed-persons",
    "renewed-from",
    "renewed-until",
    "renewed-compensation",
    "renewed-perhaps-once",
    "payment-unanswered",
    "amount",
]
Unit: TypeAlias = Literal["persons", "days", "money"]

R = TypeVar("R", bound=Transfer | Receipt | Renewal | Exit | Payment)

MOST = 10_000_000
"""The largest number of persons that an entry can say."""


class Signed(Struct, frozen=True):
    """An entry that says something, and the key that signed it.

    Attributes:
        seq: Number of the entry in its book.
        by: Name of the key.
    """

    seq: int
    by: str


class Value(Struct, frozen=True):
    """What one book says.

    Attributes:
        book: Name of the book.
        text: The value as it is written; empty where the book says nothing.
        signed: The entries that it follows from.
    """

    book: str
    text: str = ""
    signed: tuple[Signed, ...] = ()


class Difference(Struct, frozen=True):
    """One thing that is in one book only, or in both with other values.

    Attributes:
        code: What it is about.
        ref: The transfer or arrival; empty where a receipt cites what nobody has.
        book: Name of the book that it is of.
        one: What the first book says.
        other: What the second one says.
        n: How many persons, days or minor units of money it is about, at least.
        unit: Which of these.
        currency: Of money; empty otherwise.
        since: The day on which it began.
        hours: How long a departure is unanswered, surely; 0 for anything else.
    """

    code: DifferenceCode
    ref: str
    book: str
    one: Value
    other: Value
    n: int
    unit: Unit
    since: date
    currency: str = ""
    hours: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Side:
    """One of the two books, as far as custody and money go.

    Attributes:
        history: Its entries, with what corrects and retracts them.
        transfers, receipts, renewals, exits, payments: Those that count.
    """

    history: History
    transfers: tuple[Item[Transfer], ...] = dataclasses.field(init=False)
    receipts: tuple[Item[Receipt], ...] = dataclasses.field(init=False)
    renewals: tuple[Item[Renewal], ...] = dataclasses.field(init=False)
    exits: tuple[Item[Exit], ...] = dataclasses.field(init=False)
    payments: tuple[Item[Payment], ...] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Sort the entries by kind, once."""
        for name, kind in (
            ("transfers", Transfer),
            ("receipts", Receipt),
            ("renewals", Renewal),
            ("exits", Exit),
            ("payments", Payment),
        ):
            object.__setattr__(self, name, _counted(self.history, kind))

    @property
    def book(self) -> str:
        """Return the name of the book."""
        return self.history.book

    @property
    def state(self) -> str:
        """Return the code of the state whose book it is."""
        return self.history.state

    def names_of(self, opening: Reference) -> frozenset[Reference]:
        """Return what entries of this book cite a transfer by.

        That is its own entry, and the unannounced arrivals that it turned out to be.
        """
        former = {
            item.record.formerly
            for item in self.receipts
            if item.record.transfer == opening and item.record.formerly is not None
        }
        own = {
            self.history.reference(item.seq)
            for item in self.receipts
            if item.record.ref in former
        }
        return frozenset((opening, *own))

    def value(self, text: str, said: Iterable[Item[Any]]) -> Value:
        """Return a value of this book with the keys that signed it."""
        return Value(
            self.book,
            text,
            tuple(Signed(item.seq, item.entry.by) for item in said),
        )

    def nothing(self) -> Value:
        """Return that this book says nothing."""
        return Value(self.book)


def _counted(history: History, kind: type[R]) -> tuple[Item[R], ...]:
    """Return the standing entries of a kind whose status lets them count.

    A departure always counts, whoever says so.
    """
    every = items(history, history.entries, kind)
    return tuple(i for i in every if kind is Transfer or counts(i.record.status))


def about(said: Sequence[Item[R]], names: frozenset[Reference]) -> list[Item[R]]:
    """Return the entries that cite any of these."""
    return [item for item in said if names & {*cited(item.record)}]


def possible(count: Count) -> Range:
    """Return how many persons a count can mean; `about` can mean any number."""
    return {
        "exact": Range(count.n, count.n),
        "at_least": Range(count.n, MOST),
        "at_most": Range(0, count.n),
        "about": Range(0, MOST),
    }[count.qualifier]


def apart(a: Range, b: Range) -> int:
    """Return how far two ranges are from each other; 0 where they can be the same."""
    return max(0, a.least - b.most, b.least - a.most)


def spelt(found: Range) -> str:
    """Return a range as it is written: `11`, `3-14`."""
    if found.least == found.most:
        return str(found.least)
    return f"{found.least}-{found.most}"


def days_apart(a: When, b: When, zone: str) -> int:
    """Return how many days lie between two times, surely; 0 where they can be one.

    Their days in the deciding zone are compared, and only where no reading of both
    lets them be at the same time: a day without an hour is a day somewhere on earth.
    """
    if not surely_before(a, b) and not surely_before(b, a):
        return 0
    gap = max(a.earliest(zone) - b.latest(zone), b.earliest(zone) - a.latest(zone))
    return max(0, gap.days)
