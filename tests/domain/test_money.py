import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codes import CURRENCY_DIGITS
from ledger.domain.money import LARGEST_MINOR, Money, read_money
from ledger.errors import RefusedError

MONEY = st.builds(
    Money, st.sampled_from(sorted(CURRENCY_DIGITS)), st.integers(0, LARGEST_MINOR)
)


@given(MONEY)
def test_an_amount_is_read_back_as_written(money: Money) -> None:
    text = money.format()

    assert Money.parse(text) == money
    assert read_money(text) == money
    assert Money.of(money.amount, money.currency) == money


@given(MONEY)
def test_the_decimal_has_exactly_the_digits_of_the_currency(money: Money) -> None:
    whole, _, fraction = money.amount.partition(".")

    assert len(fraction) == CURRENCY_DIGITS[money.currency]
    assert int(whole + fraction) == money.minor


@pytest.mark.parametrize(
    ("text", "minor", "written"),
    [
        ("4760000.00 USD", 476_000_000, "4760000.00 USD"),
        ("4760000 USD", 476_000_000, "4760000.00 USD"),
        ("0.5 USD", 50, "0.50 USD"),
        ("0 EUR", 0, "0.00 EUR"),
        ("500 JPY", 500, "500 JPY"),
        ("1.2 IQD", 1_200, "1.200 IQD"),
        ("4.760 KWD", 4_760, "4.760 KWD"),
        ("1.0001 UYW", 10_001, "1.0001 UYW"),
        ("10000000000000.00 USD", 10**15, "10000000000000.00 USD"),
        ("1000000000000000 JPY", 10**15, "1000000000000000 JPY"),
    ],
)
def test_a_person_may_leave_out_decimals_that_are_zero(
    text: str, minor: int, written: str
) -> None:
    money = read_money(text)

    assert money.minor == minor
    assert money.format() == written


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("4.760 USD", "4760.00 USD", "4.76 USD"),
        ("4,760 USD", "4760.00 USD", "4.76 USD"),
        ("1.234,56 EUR", "1234.56 EUR", "1.23456 EUR"),
        ("1,234.56 EUR", "1234.56 EUR", "1.23456 EUR"),
        ("4.760 JPY", "4760 JPY", "4.76 JPY"),
        ("1.500 CLF", "1500.0000 CLF", "1.5000 CLF"),
    ],
)
def test_an_amount_with_two_readings_is_refused_with_both(
    text: str, first: str, second: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        Money.parse(text)

    assert caught.value.code == "value.amount-two-readings"
    assert caught.value.values == {"first": first, "second": second}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234,567 USD", "1234567.00 USD"),
        ("1.234.567 USD", "1234567.00 USD"),
        ("1,234,567 JPY", "1234567 JPY"),
        ("12,50 EUR", "12.50 EUR"),
        ("4760,00 USD", "4760.00 USD"),
        ("4760,000 USD", "4760.00 USD"),
        ("0,500 USD", "0.50 USD"),
    ],
)
def test_separators_with_one_reading_are_refused_with_it(
    text: str, amount: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_money(text)

    assert caught.value.code == "value.amount-separators"
    assert caught.value.values == {"amount": amount}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4760000 USD", "value.amount-digits"),
        ("0.5 USD", "value.amount-digits"),
        ("0.125 USD", "value.amount-too-precise"),
        ("1.0 JPY", "value.amount-too-precise"),
        ("1.00001 UYW", "value.amount-too-precise"),
        ("-5.00 USD", "value.amount-negative"),
        ("-0.00 USD", "value.amount-negative"),
        ("10000000000000.01 USD", "value.amount-too-large"),
        (f"{'9' * 5_000}.00 USD", "value.amount-too-large"),
        ("1e5 USD", "value.not-an-amount"),
        ("NaN USD", "value.not-an-amount"),
        ("+5.00 USD", "value.not-an-amount"),
        ("05.00 USD", "value.not-an-amount"),
        (".50 USD", "value.not-an-amount"),
        (f"1{',000' * 9} USD", "value.not-an-amount"),
        ("5.00 usd", "value.currency-in-capitals"),
        ("5.00 XXX", "value.not-a-currency"),
        ("5.00", "value.not-money"),
        ("USD 5.00", "value.not-money"),
        ("5.00USD", "value.not-money"),
        ("5.00  USD", "value.not-money"),
    ],
)
def test_another_spelling_is_refused_as_signed(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Money.parse(text)

    assert caught.value.code == code


def test_another_spelling_is_refused_as_typed() -> None:
    with pytest.raises(RefusedError, match="not-money"):
        read_money("5.00USD")
    with pytest.raises(RefusedError, match=r"amount-too-precise \(digits=2\)"):
        read_money("5.001234 USD")


def test_the_two_members_of_an_entry_are_checked_alike() -> None:
    money = Money.of("4760000.00", "USD")

    assert money == Money("USD", 476_000_000)
    with pytest.raises(RefusedError, match="not-a-currency"):
        Money.of("1.00", "U\u0405D")
