"""What two books say of terms and money: renewals and payments, pair by pair.

A renewal or a payment of one state commits the other one only when that one signed it
as well. `ledger.domain.same_deeds` has which entries are accounts of the same thing.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from typing import TypeAlias

from msgspec import Struct

from ledger.domain.deeds import Item, paired_items
from ledger.domain.forms import Reference
from ledger.domain.money import Money
from ledger.domain.otherwise import sum_said
from ledger.domain.pairing import (
    Difference,
    DifferenceCode,
    Side,
    Unit,
    Value,
    about,
    apart,
    possible,
)
from ledger.domain.records import Payment, Renewal
from ledger.domain.same_deeds import (
    PAYMENT_KEYS,
    RENEWAL_KEYS,
    ends_apart,
    perhaps_one,
    sums_apart,
)
from ledger.domain.values import format_persons

Named: TypeAlias = tuple[Side, frozenset[Reference]]


class Common(Struct, frozen=True):
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
    pairs = list(
        paired_items(
            [i for i in about(one.renewals, mine) if i.record.agreed_on <= common.on],
            [
                i
                for i in about(other.renewals, theirs)
                if i.record.agreed_on <= common.on
            ],
            keys=RENEWAL_KEYS,
        )
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
        days = ends_apart(a.record, b.record)
        if days is not None:
            yield common.difference(
                "renewed-until",
                one.value(_until(a.record), [a]),
                other.value(_until(b.record), [b]),
                n=days,
                unit="days",
                since=some.agreed_on,
            )
        if sums_apart(a.record, b.record):
            yield _sums(common, a, b)
    yield from _perhaps_once(common, pairs)


def _perhaps_once(
    common: Common,
    pairs: Sequence[tuple[Item[Renewal] | None, Item[Renewal] | None]],
) -> Iterator[Difference]:
    """Yield the renewals of one book each that are alike but for the day.

    They may be one; each is unanswered besides.
    """
    (one, _), (other, _) = common.sides
    mine = [a for a, b in pairs if a is not None and b is None]
    theirs = [b for a, b in pairs if b is not None and a is None]
    for a, b in product(mine, theirs):
        if perhaps_one(a.record, b.record):
            days = a.record.agreed_on, b.record.agreed_on
            yield common.difference(
                "renewed-perhaps-once",
                one.value(days[0].isoformat(), [a]),
                other.value(days[1].isoformat(), [b]),
                n=abs((days[0] - days[1]).days),
                unit="days",
                since=min(days),
            )


def _sums(common: Common, a: Item[Renewal], b: Item[Renewal]) -> Difference:
    """Return that the accounts of a renewal state another compensation.

    How far the sums are apart is said where they are of one currency and per the same.
    """
    (one, _), (other, _) = common.sides
    terms = [each for i in (a, b) if (each := i.record.compensation) is not None]
    currency = terms[0].currency
    n = abs(terms[0].money.minor - terms[-1].money.minor)
    if len({(each.currency, each.per) for each in terms}) > 1 or not n:
        currency, n = "", 0
    return common.difference(
        "renewed-compensation",
        one.value(sum_said(a.record), [a]),
        other.value(sum_said(b.record), [b]),
        n=n,
        unit="money",
        currency=currency,
        since=a.record.agreed_on,
    )


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
    pairs = paired_items(
        [i for i in about(one.payments, mine) if _by(i.record, common)],
        [i for i in about(other.payments, theirs) if _by(i.record, common)],
        keys=PAYMENT_KEYS,
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
