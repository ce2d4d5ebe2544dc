"""What a total earned: the figures of the United States and El Salvador, and laws."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.compensation import Basis, accrue_total, round_half_even
from ledger.domain.money import Money

TOTAL = Money.parse("4760000.00 USD")
START, UNTIL = date(2025, 3, 16), date(2026, 3, 15)
ENDED = date(2025, 7, 18)
BASES: list[Basis | None] = [None, "ACT/365", "ACT/366", "30/360", "month/12"]

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_a_total_of_a_year_that_ended_after_124_days_comes_out() -> None:
    found = accrue_total(TOTAL, start=START, until=UNTIL, ended=ENDED)

    assert found.share == Fraction(124, 365)
    assert found.accrued.format() == "1617095.89 USD"
    assert found.unused.format() == "3142904.11 USD"
    assert (found.agreed, found.basis) == (TOTAL, None)


@pytest.mark.parametrize(
    ("basis", "share", "accrued"),
    [
        ("ACT/365", Fraction(124, 365), "1617095.89"),
        ("ACT/366", Fraction(124, 366), "1612677.60"),
        ("30/360", Fraction(122, 360), "1613111.11"),
        ("month/12", Fraction(4, 12), "1586666.67"),
    ],
)
def test_a_stated_basis_decides(basis: Basis, share: Fraction, accrued: str) -> None:
    found = accrue_total(TOTAL, start=START, until=UNTIL, ended=ENDED, basis=basis)

    assert found.share == share
    assert found.accrued.amount == accrued
    assert found.basis == basis


def test_nine_months_of_a_yearly_fee_come_out() -> None:
    fee = Money.parse("30600000.00 EUR")
    end = date(2014, 12, 31)

    found = accrue_total(
        fee,
        start=date(2014, 1, 1),
        until=end,
        ended=date(2014, 10, 1),
        basis="month/12",
    )

    assert found.accrued.format() == "22950000.00 EUR"


@pytest.mark.parametrize(
    ("start", "ended", "share"),
    [
        (date(2025, 1, 31), date(2025, 3, 31), Fraction(60, 360)),
        (date(2025, 1, 30), date(2025, 3, 31), Fraction(60, 360)),
        (date(2025, 1, 15), date(2025, 3, 31), Fraction(76, 360)),
        (date(2025, 1, 31), date(2025, 2, 28), Fraction(28, 360)),
    ],
)
def test_a_thirty_first_counts_as_a_thirtieth(
    start: date, ended: date, share: Fraction
) -> None:
    until = start + timedelta(days=400)

    found = accrue_total(TOTAL, start=start, until=until, ended=ended, basis="30/360")

    assert found.share == share


def test_only_whole_months_count() -> None:
    start = date(2025, 1, 31)
    until = date(2026, 1, 30)

    shares = [
        accrue_total(TOTAL, start=start, until=until, ended=day, basis="month/12").share
        for day in (date(2025, 2, 28), date(2025, 3, 30), date(2025, 3, 31))
    ]

    assert shares == [0, Fraction(1, 12), Fraction(2, 12)]


def test_a_period_can_end_with_the_calendar() -> None:
    start = date(9999, 1, 1)

    whole = accrue_total(TOTAL, start=start, until=date.max, ended=date.max)

    assert whole.share == Fraction(364, 365)


def test_halves_are_rounded_to_the_even_number() -> None:
    halves = [Fraction(n, 2) for n in (1, 3, 5, 7)]

    assert [round_half_even(half) for half in halves] == [0, 2, 2, 4]


@given(
    minor=st.integers(0, 10**12),
    start=days,
    length=st.integers(0, 2000),
    ended=days,
    basis=st.sampled_from(BASES),
)
def test_accrued_and_unused_are_the_agreed_sum(
    minor: int, start: date, length: int, ended: date, basis: Basis | None
) -> None:
    total = Money("JPY", minor)
    until = start + timedelta(days=length)

    found = accrue_total(total, start=start, until=until, ended=ended, basis=basis)

    assert found.accrued.minor + found.unused.minor == minor
    assert 0 <= found.accrued.minor <= minor


@given(start=days, length=st.integers(0, 2000), ended=days, later=days)
def test_what_accrues_never_decreases(
    start: date, length: int, ended: date, later: date
) -> None:
    until = start + timedelta(days=length)
    first, second = sorted((ended, later))

    for basis in BASES:
        shares = [
            accrue_total(TOTAL, start=start, until=until, ended=day, basis=basis).share
            for day in (first, second)
        ]

        assert shares == sorted(shares)
