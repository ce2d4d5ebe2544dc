"""Amounts of money: whole minor units of one currency, never a float.

There is no sum across currencies. The signed spelling has exactly the digits of the
currency (`4760000.00 USD`, `500 JPY`). Separators of thousands are read differently
from country to country and are refused with what they can mean.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Self

from msgspec import Struct

from ledger.domain.codes import CURRENCY_DIGITS
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json

LARGEST_MINOR: Final = 10**15

_WHOLE: Final = 16
_MONEY: Final = re.compile("([^ ]+) ([A-Za-z]{3})")
_NUMBER: Final = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_NOTHING: Final = re.compile(r"0(?:\.0+)?")
_GROUPED: Final = re.compile(
    r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+(?:,[0-9]+)?|(?:,[0-9]{3})+(?:\.[0-9]+)?)"
    r"|(?:0|[1-9][0-9]*),[0-9]+"
)
# A comma that cannot separate thousands: `12,50`, `0,500`, `4760,000`.
_DECIMAL_COMMA: Final = re.compile(
    "(?:0|[1-9][0-9]{3,}),[0-9]+|[0-9]+,(?![0-9]{3}$)[0-9]+"
)


def _digits(currency: str) -> int:
    """Return the minor-unit digits of a currency."""
    if currency in CURRENCY_DIGITS:
        return CURRENCY_DIGITS[currency]
    if currency.isascii() and currency.upper() in CURRENCY_DIGITS:
        raise RefusedError("value.currency-in-capitals", currency=currency.upper())
    raise RefusedError("value.not-a-currency")


def _reading(number: str, currency: str) -> str | None:
    """Return a number as an amount is written; None if it is no number."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        return None
    digits = CURRENCY_DIGITS[currency]
    fraction = (found[2] or "").rstrip("0").ljust(digits, "0")
    return f"{found[1]}{'.' if fraction else ''}{fraction} {currency}"


def _refuse_separators(number: str, currency: str) -> None:
    """Refuse `4.760`, `4,760` and `1.234,56` with what they can mean."""
    if len(number) > 2 * _WHOLE or not _GROUPED.fullmatch(number):
        return
    spellings = [number.replace(".", "").replace(",", ".")]
    if not _DECIMAL_COMMA.fullmatch(number):
        spellings.append(number.replace(",", ""))
    readings = [
        reading
        for spelling in spellings
        if (reading := _reading(spelling, currency)) is not None
    ]
    match sorted(readings, key=_whole, reverse=True):
        case [larger, smaller]:
            raise RefusedError(
                "value.amount-two-readings", first=larger, second=smaller
            )
        case one:
            raise RefusedError("value.amount-separators", amount=one[0])


def _whole(reading: str) -> int:
    """Return the whole part of a reading."""
    return int(reading.partition(" ")[0].partition(".")[0])


class Money(Struct, frozen=True):
    """An amount of one currency.

    Attributes:
        currency: ISO 4217 code in capital letters.
        minor: Whole minor units (cents for USD, yen for JPY), not negative.
    """

    currency: str
    minor: int

    @classmethod
    def of(cls, amount: str, currency: str) -> Self:
        """Return the money that the two members of an entry mean.

        Args:
            amount: A decimal with exactly the digits of the currency.
            currency: ISO 4217 code in capital letters.

        Raises:
            RefusedError: The currency is unknown; the amount has another spelling,
                is negative, or is above 10^15 minor units.
        """
        digits = _digits(currency)
        if amount.startswith("-"):
            raise RefusedError("value.amount-negative")
        found = _NUMBER.fullmatch(amount)
        if found is None or len(found[2] or "") != digits:
            _refuse_separators(amount, currency)
        if found is None:
            raise RefusedError("value.not-an-amount", digits=digits)
        fraction = found[2] or ""
        if len(fraction) > digits:
            raise RefusedError("value.amount-too-precise", digits=digits)
        if len(fraction) < digits:
            raise RefusedError("value.amount-digits", digits=digits)
        # The length first: very long digit strings are not worth converting.
        if len(found[1]) > _WHOLE or int(found[1] + fraction) > LARGEST_MINOR:
            raise RefusedError("value.amount-too-large")
        return cls(currency, int(found[1] + fraction))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the money that `4760000.00 USD` means.

        Raises:
            RefusedError: As for `of`, or it is not an amount, a space, a currency.
        """
        found = _MONEY.fullmatch(text)
        if found is None:
            raise RefusedError("value.not-money")
        return cls.of(found[1], found[2])

    @property
    def amount(self) -> str:
        """The decimal as it is signed, with the digits of the currency."""
        digits = CURRENCY_DIGITS[self.currency]
        if not digits:
            return str(self.minor)
        whole, fraction = divmod(self.minor, 10**digits)
        return f"{whole}.{fraction:0{digits}}"

    def format(self) -> str:
        """Return the amount, a space and the currency."""
        return f"{self.amount} {self.currency}"


def read_money(text: str) -> Money:
    """Return the money that a person typed; missing decimals are zeros.

    Raises:
        RefusedError: As for `Money.parse`, except for missing decimals.
    """
    found = _MONEY.fullmatch(text)
    if found is None:
        raise RefusedError("value.not-money")
    number, digits = found[1], _digits(found[2])
    if (plain := _NUMBER.fullmatch(number)) and len(plain[2] or "") < digits:
        number = f"{plain[1]}.{(plain[2] or '').ljust(digits, '0')}"
    return Money.of(number, found[2])


def payment_faults(
    kind: str,
    data: Mapping[str, Json],
    *,
    asked: Callable[[str], str | None] = str,
) -> Iterator[RefusedError]:
    """Yield that a payment is one of nothing, whatever its stage.

    Agreed terms may come to nothing: that is how it is said that no money was agreed.

    Args:
        kind: The kind of the record.
        data: The record.
        asked: Where in what was asked for a member of the record is; None where it
            was not asked for.
    """
    amount, member = data.get("amount"), asked("/amount")
    if kind != "payment" or not isinstance(amount, str) or member is None:
        return
    if _NOTHING.fullmatch(amount):
        yield RefusedError("payment.nothing", member=member)
