"""What two books say of terms and money: renewals and payments, pair by pair.

A renewal or a payment of one state commits the other one only when that one signed it
as well. Two entries are the same thing where they cite the same transfer and agree on
the day (renewals), or on the stage, the currency and the parties (payments); what is
left over stands in one book only.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from ledger.domain.cases import Item
from ledger.domain.days import last_day
from ledger.domain.forms import Reference
from ledger.domain.money import Money
from ledger.domain.pairing import (
    Difference,
    DifferenceCode,
    R,
    Side,
    Unit,
    Value,
    about,
    apart,
    possible,
)
from ledger.domain.records import Payment, Renewal
from ledger.domain.values import format_persons

CLIPPED = 3
"""Days by which an end moves where a month is too short for it: 31 days to 28."""

Key: TypeAlias = Callable[[R], tuple[object, ...]]
Named: TypeAlias = tuple[Side, frozenset[Reference]]


@dataclass(frozen=True, slots=True)
class Common:
    """What all differences about one transfer have in common.

    Attributes:
        ref: The transfer.
        book: The book that opened it.
        since: The day of the departure.
        zone: The deciding zone.
        on: The day at whose end it is asked.
        sides: Both books, with what each cites the transfer by; the origin's first.
    """

    ref: str
    book: str
    since: date
    zone: str
    on: date
    sides: tuple[Named, Named]

    def difference(
        self,
        code: DifferenceCode,
        one: Value,
        other: Value,
        *,
        n: int,
        unit: Unit,
        currency: str = "",
        since: date | None = None,
    ) -> Difference:
        """Return a difference about the transfer."""
        return Difference(
            code=code,
            ref=self.ref,
            book=self.book,
            one=one,
            other=other,
            n=n,
            unit=unit,
            since=since or self.since,
            currency=currency,
        )


def renewals(common: Common) -> Iterator[Difference]:
    """Yield the renewals that one state signed alone, or the other one otherwise."""
    (one, mine), (other, theirs) = common.sides
    pairs = _paired(
        [i for i in about(one.renewals, mine) if i.record.agreed_on <= common.on],
        [i for i in about(other.renewals, theirs) if i.record.agreed_on <= common.on],
        keys=(_renewal, _agreed),
    )
    for a, b in pairs:
        some = (a or b).record  # type: ignore[union-attr] # one of them is there
        if a is None or b is None:
            yield common.difference(
                "renewal-unanswered",
                one.nothing() if a is None else one.value(_until(a.record), [a]),
                other.nothing() if b is None else other.value(_until(b.record), [b]),
                n=some.persons.n,
                unit="persons",
                since=some.agreed_on,
            )
            continue
        n = apart(possible(a.record.persons), possible(b.record.persons))
        if n:
            yield common.difference(
                "renewed-persons",
                one.value(_persons(a.record), [a]),
                other.value(_persons(b.record), [b]),
                n=n,
                unit="persons",
                since=some.agreed_on,
            )
        begins = a.record.from_, b.record.from_
        if begins[0] and begins[1] and begins[0] != begins[1]:
            yield common.difference(
                "renewed-from",
                one.value(begins[0].isoformat(), [a]),
                other.value(begins[1].isoformat(), [b]),
                n=abs((begins[0] - begins[1]).days),
                unit="days",
                since=some.agreed_on,
            )
        days = _days_apart(a.record, b.record)
        if days is not None:
            yield common.difference(
                "renewed-until",
                one.value(_until(a.record), [a]),
                other.value(_until(b.record), [b]),
                n=days,
                unit="days",
                since=some.agreed_on,
            )


def _days_apart(one: Renewal, other: Renewal) -> int | None:
    """Return how many days lie between two ends; None where they can be the same.

    Of two lengths it is known that they differ, and not by how many days: then it is
    0. A length and a day are compared where it is said from when the length counts. It
    can count from the original start as well, which lets the end fall up to `CLIPPED`
    days elsewhere: these are no difference.
    """
    if one.until is not None and other.until is not None:
        return abs((one.until - other.until).days) or None
    if one.until is None and other.until is None:
        return 0 if one.length != other.length else None
    dated, counted = (one, other) if other.length is not None else (other, one)
    begins = counted.from_ or dated.from_
    if begins is None:
        return None
    assert dated.until is not None  # noqa: S101 (form of a renewal)
    assert counted.length is not None  # noqa: S101 (likewise)
    days = abs((dated.until - last_day(begins, counted.length)).days)
    return max(0, days - CLIPPED) or None


def _persons(record: Renewal) -> str:
    return format_persons(record.persons.n, record.persons.qualifier)


def _until(record: Renewal) -> str:
    """Return until when a renewal goes: a day, or a length from the start."""
    if record.until is not None:
        return record.until.isoformat()
    assert record.length is not None  # noqa: S101 (form of a renewal)
    return record.length.format()


def payments(common: Common) -> Iterator[Difference]:
    """Yield the money that one state signed alone, or the other one otherwise.

    Payments that name an instrument alone are not compared: each book numbers its own.
    """
    (one, mine), (other, theirs) = common.sides
    pairs = _paired(
        [i for i in about(one.payments, mine) if _by(i.record, common)],
        [i for i in about(other.payments, theirs) if _by(i.record, common)],
        keys=(_payment, _purpose),
    )
    for a, b in pairs:
        some = (a or b).record  # type: ignore[union-attr] # one of them is there
        sums = [
            Money(some.currency, 0) if i is None else i.record.money for i in (a, b)
        ]
        code: DifferenceCode = "amount"
        if a is None or b is None:
            code = "payment-unanswered"
        elif sums[0] == sums[1]:
            continue
        yield common.difference(
            code,
            one.nothing() if a is None else one.value(sums[0].format(), [a]),
            other.nothing() if b is None else other.value(sums[1].format(), [b]),
            n=abs(sums[0].minor - sums[1].minor),
            unit="money",
            currency=some.currency,
            since=some.occurred.latest(common.zone),
        )


def _by(record: Payment, common: Common) -> bool:
    return record.occurred.latest(common.zone) <= common.on


def _paired(
    one: list[Item[R]], other: list[Item[R]], *, keys: Iterable[Key[R]]
) -> Iterator[tuple[Item[R] | None, Item[R] | None]]:
    """Yield the entries of both books in pairs, and what is left over alone.

    Args:
        one: Those of a book, in its order.
        other: Those of the other book.
        keys: What two entries agree on that go together; the strictest first.
    """
    mine, theirs = list(one), list(other)
    for key in keys:
        for a in list(mine):
            b = next(
                (each for each in theirs if key(each.record) == key(a.record)), None
            )
            if b is not None:
                mine.remove(a)
                theirs.remove(b)
                yield a, b
    for a in mine:
        yield a, None
    for b in theirs:
        yield None, b


def _agreed(record: Renewal) -> tuple[object, ...]:
    return (record.agreed_on,)


def _renewal(record: Renewal) -> tuple[object, ...]:
    return record.agreed_on, record.persons, record.until, record.length


def _purpose(record: Payment) -> tuple[object, ...]:
    parties = record.payer, record.payee
    return record.stage, record.currency, *parties, record.per or "total"


def _payment(record: Payment) -> tuple[object, ...]:
    return *_purpose(record), record.amount, record.occurred
