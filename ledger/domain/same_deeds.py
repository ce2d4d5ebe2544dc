"""Accounts that two books give of one renewal or one payment, put together.

Two entries of two books are the same deed where they agree on the day (renewals), or
on the stage, the currency and the parties (payments). Where several fit, those that
agree on more go together first. What is left over stands in one book only.

Laws: two entries of one book are two deeds; each entry is of one deed; of each book a
deed has one account at most.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, TypeAlias, TypeVar

from ledger.domain.days import last_day
from ledger.domain.records import Payment, Renewal

B = TypeVar("B", Renewal, Payment)
T = TypeVar("T")
CLIPPED = 3
"""Days by which an end moves where a month is too short for it: 31 days to 28."""

_FIRST_DAYS: Final = 1461
"""First days of terms with every length that months can have: four years of them."""

Key: TypeAlias = Callable[[B], tuple[object, ...]]


def paired(
    one: Sequence[T], other: Sequence[T], *, keys: Sequence[Callable[[T], object]]
) -> Iterator[tuple[T | None, T | None]]:
    """Yield what two books say in pairs, and what is left over alone.

    Args:
        one: What a book says, in its order.
        other: What the other book says.
        keys: What two agree on that go together; the strictest first.
    """
    mine, theirs = list(one), list(other)
    for key in keys:
        for a in list(mine):
            b = next((each for each in theirs if key(each) == key(a)), None)
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


def _on_a_day(record: Payment) -> tuple[object, ...]:
    return *_purpose(record), record.occurred


def _payment(record: Payment) -> tuple[object, ...]:
    return *_on_a_day(record), record.amount


RENEWAL_KEYS: Final[tuple[Key[Renewal], ...]] = (_renewal, _agreed)
"""What accounts of one renewal agree on: all, else the day of the agreement."""

PAYMENT_KEYS: Final[tuple[Key[Payment], ...]] = (_payment, _on_a_day, _purpose)
"""What accounts of one payment agree on: all, else not the sum, else the purpose."""


def perhaps_one(one: Renewal, other: Renewal) -> bool:
    """Return whether two renewals differ in nothing but the day of the agreement.

    They may be accounts of one, and may be two: nothing is joined by it. Of two that
    state a length alone the later one falls within it, counted from the earlier: two
    that follow on one another are no such pair.
    """
    if _without_day(one) != _without_day(other) or one.agreed_on == other.agreed_on:
        return False
    if one.length is None or one.from_ is not None:
        return True
    first, second = sorted((one.agreed_on, other.agreed_on))
    return second <= last_day(first, one.length)


def _without_day(record: Renewal) -> tuple[object, ...]:
    return record.persons, record.until, record.length, record.from_


def sums_apart(one: Renewal, other: Renewal) -> bool:
    """Return whether both state a compensation, and not the same one."""
    sums = one.compensation, other.compensation
    return None not in sums and _sum_said(one) != _sum_said(other)


def _sum_said(record: Renewal) -> tuple[object, ...]:
    terms = record.compensation
    return () if terms is None else (terms.money, terms.per, terms.basis)


def ends_apart(one: Renewal, other: Renewal) -> int | None:
    """Return how many days lie between two ends, at least; None where they can be one.

    Two lengths are counted from the first day that either account states; where none
    does, from the day that brings them closest: 0 says that they differ, and that
    their ends may not. A length and a day are compared where it is said from when the
    length counts. It can count from the original start as well, which lets the end
    fall up to `CLIPPED` days elsewhere: these are no difference.
    """
    if one.until is not None and other.until is not None:
        return abs((one.until - other.until).days) or None
    begins = one.from_ or other.from_, other.from_ or one.from_
    if one.length is not None and other.length is not None:
        if one.length == other.length:
            return None
        if begins[0] is not None and begins[1] is not None:
            ends = last_day(begins[0], one.length), last_day(begins[1], other.length)
            return abs((ends[0] - ends[1]).days)
        lengths = one.length, other.length
        firsts = (date(2023, 1, 1) + timedelta(days=n) for n in range(_FIRST_DAYS))
        spans = ([last_day(day, each) for each in lengths] for day in firsts)
        return min(abs((a - b).days) for a, b in spans)
    dated, counted = (one, other) if other.length is not None else (other, one)
    first = counted.from_ or dated.from_
    if first is None:
        return None
    assert dated.until is not None  # noqa: S101 (form of a renewal)
    assert counted.length is not None  # noqa: S101 (likewise)
    days = abs((dated.until - last_day(first, counted.length)).days)
    return max(0, days - CLIPPED) or None
