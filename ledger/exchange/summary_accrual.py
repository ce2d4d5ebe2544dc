"""Whether what a summary says was earned follows from its own persons, days and sums.

A total and its rest are what was agreed. Of a rate every step is counted again from
its days, persons and day count, in fractions, and rounded once, half to even; where
persons are a range the sum lies within that of the steps.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from ledger.domain.codes import CURRENCY_DIGITS
from ledger.domain.compensation import MONTHS, years
from ledger.domain.weighing import day_after
from ledger.exchange.summary_form import Oddity

Row: TypeAlias = Mapping[str, Any]


def accrual_oddities(row: Row, at: str, *, on: str) -> Iterator[Oddity]:
    """Yield where what was earned does not fit what it is counted from.

    Args:
        row: The row of a transfer, in its form.
        at: Where it is, as an RFC 6901 pointer.
        on: The day of the summary.
    """
    accrual = row.get("accrual")
    if accrual is None:
        return
    at = f"{at}/accrual"
    if "steps" in accrual:
        yield from _rate(accrual, at, on=on)
    elif "unused_min" in accrual and "unused_max" in accrual:
        agreed = Fraction(accrual["agreed"])
        for low, high in (("min", "max"), ("max", "min")):
            used = accrual[f"accrued_{low}"]
            due = agreed - Fraction(used)
            if due != Fraction(accrual[f"unused_{high}"]):
                rest = accrual[f"unused_{high}"]
                yield Oddity(f"{at}/unused_{high}", "sum", _text(due), rest)


def _rate(accrual: Row, at: str, *, on: str) -> Iterator[Oddity]:
    for number, each in enumerate(accrual["steps"]):
        if not accrual["first"] <= each["first"] <= each["last"] <= on:
            place = f"{at}/steps/{number}"
            yield Oddity(place, "accrual-days", accrual["first"], each["first"])
            return
    for authorised, name, days in (
        (True, "accrued", "person_days"),
        (False, "unauthorised", "unauthorised_person_days"),
    ):
        mine = [s for s in accrual["steps"] if s["authorised"] == authorised]
        digits = CURRENCY_DIGITS.get(accrual["currency"], 2)
        for end in ("min", "max"):
            sum_ = sum((_earned(s, end, accrual["first"]) for s in mine), Fraction(0))
            due = Fraction(round(sum_ * 10**digits), 10**digits)
            yield from _end(accrual, f"{name}_{end}", due, at)
            counted = sum(_days(s) * s[f"persons_{end}"] for s in mine)
            yield from _end(accrual, f"{days}_{end}", Fraction(counted), at)
        for least, most in (
            (f"{name}_min", f"{name}_max"),
            (f"{days}_min", f"{days}_max"),
        ):
            if Fraction(accrual[least]) > Fraction(accrual[most]):
                yield Oddity(
                    f"{at}/{least}",
                    "too-many",
                    str(accrual[most]),
                    str(accrual[least]),
                )


def _end(accrual: Row, name: str, due: Fraction, at: str) -> Iterator[Oddity]:
    """Compare the end of a range with that of its steps: it may only be narrower."""
    said = Fraction(accrual[name])
    if said < due if name.endswith("_min") else said > due:
        yield Oddity(f"{at}/{name}", "accrual-sum", _text(due), str(accrual[name]))


def _days(each: Row) -> int:
    first, last = (date.fromisoformat(each[name]) for name in ("first", "last"))
    return (last - first).days + 1


def _earned(each: Row, end: str, origin: str) -> Fraction:
    """Return what the persons of a step earned; day counts run from the first day."""
    per_person: Fraction = Fraction(each["amount"])
    if each["basis"] == "days":
        units = Fraction(_days(each))
    else:
        start = date.fromisoformat(origin)
        first = date.fromisoformat(each["first"])
        stop = day_after(date.fromisoformat(each["last"]))
        basis = each["basis"]
        units = years(start, stop, basis=basis) - years(start, first, basis=basis)
        if each["per"] == "person_month":
            units *= MONTHS
    return per_person * units * int(each[f"persons_{end}"])


def _text(value: Fraction) -> str:
    """Return a decimal number as it is written in a summary."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
