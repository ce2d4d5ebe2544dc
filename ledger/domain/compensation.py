"""What an agreed sum has earned by a day: accrual, with its basis said.

Amounts stay in minor units of one currency and are rounded once, half to even. What
was agreed accrues evenly over the days of the term; a commitment is not a payment.
A refund is owed only where a clause says so.
Source: ISDA 2006 Definitions section 4.16 for the day-count names ACT/365 and 30/360.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.money import Money

Basis: TypeAlias = Literal["ACT/365", "ACT/366", "30/360", "month/12"]
ACT_365 = 365
ACT_366 = 366
DAYS_360 = 360
MONTHS = 12


class Accrual(Struct, frozen=True):
    """What a total earned over part of its period.

    Attributes:
        agreed: The whole sum.
        accrued: The part earned.
        unused: The rest.
        basis: How the part was counted; None for days over the days of the term.
        share: The part as a fraction.
    """

    agreed: Money
    accrued: Money
    unused: Money
    basis: Basis | None
    share: Fraction


def accrue_total(
    total: Money,
    *,
    start: date,
    until: date,
    ended: date,
    basis: Basis | None = None,
) -> Accrual:
    """Return what a total earned from its start until a day, the day not counted.

    Args:
        total: The sum for the whole period.
        start: First day of the period.
        until: Last day of the period, inclusive.
        ended: The day of the end (an exit day is not counted), or the day after
            the last day that counts.
        basis: A stated day count for a sum per year; days over the days of the
            period where none is stated.
    """
    stop = max(start, ended if ended <= until else until + timedelta(days=1))
    share = min(Fraction(1), _share(start, stop, until=until, basis=basis))
    minor = round_half_even(total.minor * share)
    return Accrual(
        agreed=total,
        accrued=Money(currency=total.currency, minor=minor),
        unused=Money(currency=total.currency, minor=total.minor - minor),
        basis=basis,
        share=share,
    )


def years(start: date, stop: date, *, basis: Basis) -> Fraction:
    """Return how many years a day count makes of the days before `stop`."""
    return _share(start, stop, until=stop, basis=basis)


def _share(start: date, stop: date, *, until: date, basis: Basis | None) -> Fraction:
    days = (stop - start).days
    match basis:
        case None:
            return Fraction(days, (until - start).days + 1)
        case "ACT/365":
            return Fraction(days, ACT_365)
        case "ACT/366":
            return Fraction(days, ACT_366)
        case "30/360":
            return Fraction(_days_360(start, stop), DAYS_360)
        case _:
            return Fraction(_whole_months(start, stop), MONTHS)


def _days_360(start: date, stop: date) -> int:
    """Return days by 30/360 (bond basis): a 31st counts as a 30th."""
    first = min(start.day, 30)
    last = 30 if stop.day == 31 and first == 30 else stop.day  # noqa: PLR2004
    years, months = stop.year - start.year, stop.month - start.month
    return DAYS_360 * years + 30 * months + last - first


def _whole_months(start: date, stop: date) -> int:
    months = MONTHS * (stop.year - start.year) + stop.month - start.month
    return months - (stop.day < start.day)


def round_half_even(value: Fraction) -> int:
    """Return the nearest integer; of two equally near ones the even."""
    return round(value)
