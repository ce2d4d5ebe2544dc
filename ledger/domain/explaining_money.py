"""What an agreed sum has earned, and what was promised and paid beside it.

Nothing is added across currencies or stages, and nothing that was paid for several
transfers together is split among them. A commitment is not a payment.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from ledger.domain.accruing import Earned, accrual_of
from ledger.domain.cases import Case, Item, counts
from ledger.domain.codes import CURRENCY_DIGITS
from ledger.domain.compensation import ACT_365, ACT_366, DAYS_360, MONTHS, Accrual
from ledger.domain.custody import Pool
from ledger.domain.earning import Earning, earning_of
from ledger.domain.explaining_otherwise import beside_steps
from ledger.domain.explaining_rates import explain_rate
from ledger.domain.instrument_sums import Stated, stated, sum_of
from ledger.domain.money import Money
from ledger.domain.records import Payment
from ledger.domain.steps import Step, rivals, step

_PATHS = ("/compensation", "/amount", "/currency", "/stage", "/per")
_AGREED = {
    "total": "money.agreed-total",
    "person_year": "money.agreed-person-year",
    "person_month": "money.agreed-person-month",
    "person_day": "money.agreed-person-day",
}
_BASES = {
    None: "money.basis-days-of-term",
    "ACT/365": "money.basis-act-365",
    "ACT/366": "money.basis-act-366",
    "30/360": "money.basis-30-360",
    "month/12": "money.basis-month-12",
}
_WHOLES = {
    "ACT/365": ACT_365,
    "ACT/366": ACT_366,
    "30/360": DAYS_360,
    "month/12": MONTHS,
}
_STAGES = {
    "pledge": "paid.pledge",
    "commitment": "paid.commitment",
    "payment": "paid.payment",
    "expenditure": "paid.expenditure",
    "refund": "paid.refund",
}
_TOTALS = {
    "pledge": "paid.total-pledge",
    "commitment": "paid.total-commitment",
    "payment": "paid.total-payment",
    "expenditure": "paid.total-expenditure",
    "refund": "paid.total-refund",
}
_PER = {
    "person_year": "paid.per-person-year",
    "person_month": "paid.per-person-month",
    "person_day": "paid.per-person-day",
}


def explain_money(pool: Pool, ref: str, *, on: date) -> list[Step]:
    """Return every step from the agreed sum to what it has earned, and what was paid.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer, or the unannounced arrival.
        on: The day at whose end the figures hold.
    """
    case = pool.cases[ref]
    earned = accrual_of(pool, ref, on=on)
    rate = earning_of(pool, ref, on=on)
    payments = [
        item for item in case.payments if item.record.occurred.latest(case.zone) <= on
    ]
    targets = [case.opening.seq, *(item.seq for item in payments)]
    return [
        *_agreed(case, on=on),
        *_earned(case, earned, rate, on=on),
        *_paid(case, payments, rate),
        *rivals(case.claims, paths=_PATHS, of=targets),
    ]


def _agreed(case: Case, *, on: date) -> Iterator[Step]:
    """Yield what was agreed: the sum, between whom, what for, and any refund."""
    found = stated(case, on=on)
    if not found:
        yield step("money.nothing-agreed", case.opening.seq, ref=case.ref)
    for each in found:
        yield from _sum(each)
    if len(found) > 1:
        yield step("money.several-instruments", n=len(found))


def _sum(found: Stated) -> Iterator[Step]:
    """Yield a sum, and in which instrument it stands, if in one."""
    terms, seq = found.terms, found.seq
    if found.instrument is not None:
        yield step("money.of-instrument", seq, instrument=found.instrument)
        if terms.per == "total":
            yield step("money.instrument-total", seq, instrument=found.instrument)
    yield step(_AGREED[terms.per], seq, amount=terms.money.format())
    if terms.payer is not None:
        yield step("money.payer", seq, payer=terms.payer)
    if terms.payee is not None:
        yield step("money.payee", seq, payee=terms.payee)
    if terms.refund_clause is None:
        yield step("money.no-refund-clause", seq)
    else:
        yield step("money.refund-clause", seq, words=terms.refund_clause)


def _earned(
    case: Case, earned: Earned | None, rate: Earning | None, *, on: date
) -> Iterator[Step]:
    found = sum_of(case, on=on)
    if found is None:
        return
    terms, seq = found.terms, found.seq
    if terms.per != "total":
        yield from explain_rate(rate, on=on)
        return
    if earned is None:
        yield step("money.no-term", seq, on=on)
        return
    yield step(
        "money.term",
        first=earned.first,
        last=earned.last,
        n=(earned.last - earned.first).days + 1,
    )
    if earned.provisional:
        yield step("money.first-day-provisional")
    yield step(_BASES[terms.basis], seq)
    match earned.state:
        case "ended":
            yield step("money.ended", day=earned.stops[0])
        case "running":
            yield step("money.running", on=on)
        case _:
            yield step("money.end-open", earliest=earned.stops[0], on=on)
            if earned.stops[1] <= on:
                yield step("money.end-latest", latest=earned.stops[1])
            else:
                yield step("money.end-not-sure", on=on)
    yield from _share(earned, earned.least, stop=earned.stops[0])
    if earned.most != earned.least:
        yield step("money.at-most")
        yield from _share(earned, earned.most, stop=earned.stops[1])


def _share(earned: Earned, accrual: Accrual, *, stop: date) -> Iterator[Step]:
    """Yield the days, the fraction, the exact product, its rounding, and the rest."""
    money, share = accrual.agreed, accrual.share
    days_of_term = (earned.last - earned.first).days + 1
    whole = _WHOLES[accrual.basis] if accrual.basis else days_of_term
    if stop > earned.last:
        yield step("money.days-to-last", last=earned.last, n=days_of_term)
    else:
        n = max(0, (stop - earned.first).days)
        yield step("money.days", first=earned.first, stop=stop, n=n)
    part = share * whole
    yield step("money.fraction", part=part.numerator, whole=whole)
    if share == 1:
        yield step("money.whole")
    yield _product(money, share, part=part.numerator, whole=whole)
    digits = CURRENCY_DIGITS[money.currency]
    yield step("money.accrued", amount=accrual.accrued.format(), n=digits)
    yield step(
        "money.unused",
        agreed=money.format(),
        accrued=accrual.accrued.format(),
        amount=accrual.unused.format(),
    )


def _product(money: Money, share: Fraction, *, part: int, whole: int) -> Step:
    """Return the exact product: whole minor units, and the fraction that is left."""
    exact = money.minor * share
    down = Money(money.currency, exact.numerator // exact.denominator)
    rest = exact - down.minor
    agreed = money.format()
    if rest == 0:
        return step(
            "money.product",
            agreed=agreed,
            part=part,
            whole=whole,
            amount=down.format(),
        )
    return step(
        "money.product-between",
        agreed=agreed,
        part=part,
        whole=whole,
        amount=down.format(),
        numerator=rest.numerator,
        denominator=rest.denominator,
    )


def _paid(
    case: Case, payments: list[Item[Payment]], earned: Earning | None
) -> Iterator[Step]:
    """Yield what was promised, paid and paid back, and the totals of each stage."""
    totals: dict[tuple[str, str], int] = {}
    shared: set[tuple[str, str]] = set()
    for item in payments:
        record = item.record
        yield step(
            _STAGES[record.stage],
            item.seq,
            amount=record.money.format(),
            day=record.occurred.text,
            payer=record.payer,
            payee=record.payee,
        )
        yield from beside_steps(case, item)
        if not counts(record.status):
            yield step("paid.not-counted", item.seq, said_by=record.asserted_by)
        elif record.per in _PER:
            yield step(_PER[record.per], item.seq)
        elif len(record.for_.transfers or ()) > 1:
            shared.add((record.stage, record.currency))
            yield step("paid.shared", item.seq, n=len(record.for_.transfers or ()))
        else:
            key = (record.stage, record.currency)
            totals[key] = totals.get(key, 0) + record.money.minor
    if not payments:
        yield step("paid.nothing", ref=case.ref)
    for (stage, currency), minor in sorted(totals.items()):
        yield step(_TOTALS[stage], amount=Money(currency, minor).format(), ref=case.ref)
    if earned is not None:
        yield from _against(earned, totals, shared)


def _against(
    earned: Earning,
    totals: dict[tuple[str, str], int],
    shared: set[tuple[str, str]],
) -> Iterator[Step]:
    """Yield what was paid, less what was paid back, against what was earned."""
    currency = earned.terms.currency
    if shared & {("payment", currency), ("refund", currency)}:
        yield step("paid.cannot-be-split", currency=currency)
        return
    paid = Money(currency, totals.get(("payment", currency), 0))
    refunded = Money(currency, totals.get(("refund", currency), 0))
    least, most = earned.accrued
    if most == least:
        yield _difference(paid, refunded, least)
        return
    yield step("paid.if-least", accrued=least.format())
    yield _difference(paid, refunded, least)
    yield step("paid.if-most", accrued=most.format())
    yield _difference(paid, refunded, most)


def _difference(paid: Money, refunded: Money, accrued: Money) -> Step:
    """Return what was paid and not paid back, less what was earned."""
    more = paid.minor - refunded.minor - accrued.minor
    code = "paid.even"
    if more:
        code = "paid.more" if more > 0 else "paid.less"
    return step(
        code,
        paid=paid.format(),
        refunded=refunded.format(),
        accrued=accrued.format(),
        amount=Money(paid.currency, abs(more)).format(),
    )
