"""How a sum per person was counted, stretch by stretch: persons, days, product, sum."""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.earning import Earning
from ledger.domain.money import Money
from ledger.domain.ratedays import Stretch, Sum
from ledger.domain.rates import Rated
from ledger.domain.steps import Step, counted, step

_AGREED = {
    "person_year": "money.agreed-person-year",
    "person_month": "money.agreed-person-month",
    "person_day": "money.agreed-person-day",
}
_BASES = {
    "ACT/365": "money.basis-act-365",
    "ACT/366": "money.basis-act-366",
    "30/360": "money.basis-30-360",
    "month/12": "money.basis-month-12",
}
_ONE_DAY = timedelta(days=1)


def explain_rate(rate: Earning | None, *, on: date) -> Iterator[Step]:
    """Yield over which days and for how many persons a rate earned, and how much."""
    if rate is None or rate.rated is None or rate.beyond is None:
        yield step("money.rate-none", on=on)
        return
    rated = rate.rated
    if rate.last is None:
        yield step("money.rate-no-end", first=rate.first)
    else:
        yield step("money.rate-term", first=rate.first, last=rate.last)
    if rate.provisional:
        yield step("money.first-day-provisional")
    yield from _basis(rated.own)
    for seq in rated.other_sums:
        yield step("money.rate-other-sum", seq)
    yield from _stretches(rated)
    if not rated.exact:
        yield step("money.rate-joint")
    yield counted("money.rate-person-days", rated.authorised_days, on=on)
    yield _came_to("money.rate-accrued", rate.accrued)
    if rated.beyond_days.most:
        yield counted("money.rate-unauthorised-person-days", rated.beyond_days, on=on)
        yield _came_to("money.rate-unauthorised-accrued", rate.beyond)


def _basis(agreed: Sum) -> Iterator[Step]:
    if agreed.basis is None:
        return
    if agreed.basis_from is None:
        yield step("money.basis-assumed", agreed.seq)
    else:
        yield step(_BASES[agreed.basis], agreed.basis_from)


def _stretches(rated: Rated) -> Iterator[Step]:
    told = rated.own
    for each in rated.stretches:
        if each.sum != told:
            told = each.sum
            terms = told.terms
            yield step(_AGREED[terms.per], told.seq, amount=terms.money.format())
            yield from _basis(told)
        code = "money.rate-days" if each.authorised else "money.rate-days-unauthorised"
        last, days = each.stop - _ONE_DAY, each.days
        yield counted(code, each.persons, first=each.first, last=last, days=days)
        if each.carried:
            yield step("money.rate-carried")
        ends = dict.fromkeys((each.persons.lower, each.persons.upper))
        yield from (_product(each, persons) for persons in ends)


def _product(each: Stretch, persons: int) -> Step:
    """Return the exact product: whole minor units, and the fraction that is left."""
    currency, exact = each.sum.terms.currency, each.minor(persons)
    down = Money(currency, exact.numerator // exact.denominator)
    rest = exact - down.minor
    values: dict[str, str | int] = {
        "agreed": each.sum.terms.money.format(),
        "persons": persons,
        "units": str(each.units),
        "amount": down.format(),
    }
    if not rest:
        return step("money.rate-product", **values)
    return step(
        "money.rate-product-between",
        numerator=rest.numerator,
        denominator=rest.denominator,
        **values,
    )


def _came_to(code: str, bounds: tuple[Money, Money]) -> Step:
    """Return the rounded sum, or the least and the most of it."""
    least, most = (money.format() for money in bounds)
    if least == most:
        return step(code, amount=least)
    return step(f"{code}-range", least=least, most=most)
