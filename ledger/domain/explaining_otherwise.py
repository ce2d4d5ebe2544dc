"""What two books say of one deed, entry by entry, and which of it counts."""

from collections.abc import Iterator
from datetime import date

from ledger.domain.cases import Case, Item, arrival_day, exit_day
from ledger.domain.custody import Pool
from ledger.domain.extending import ends_of
from ledger.domain.otherwise import (
    otherwise,
    period_said,
    reports,
    sum_said,
)
from ledger.domain.records import Payment, Receipt, Renewal
from ledger.domain.same_deeds import sums_apart
from ledger.domain.steps import Step, step
from ledger.domain.terms import met_by


def report_steps(pool: Pool, ref: str, *, on: date) -> Iterator[Step]:
    """Yield what another state reported of arrivals and exits, and is not counted."""
    case = pool.cases[ref]
    for item in reports(case, on=on):
        record, said_by = item.record, item.record.asserted_by
        if isinstance(record, Receipt):
            day, n = arrival_day(record, case.zone), record.arrived_persons
            yield step("beside.arrived", item.seq, n=n, day=day, said_by=said_by)
        else:
            day, n = exit_day(record, case.zone), record.persons.number
            yield step("beside.left", item.seq, n=n, day=day, said_by=said_by)
    for each in otherwise(pool, case, on=on):
        if each.code == "reported-otherwise":
            yield step("beside.apart", each.seq, n=each.n)


def account_steps(pool: Pool, ref: str, item: Item[Renewal]) -> Iterator[Step]:
    """Yield what each book says of a renewal, and which end counts where they differ.

    Nothing where one book tells of it.
    """
    case = pool.cases[ref]
    accounts = case.accounts_of(item)
    if len(accounts) == 1:
        return
    for each in accounts:
        record = each.record
        yield step(
            "renewal.account",
            each.seq,
            n=record.persons.number,
            said_by=record.asserted_by,
            said=period_said(record),
        )
    paying = case.pay_of(item)
    for each in accounts if paying else ():
        if each.record.compensation is not None:
            said_by, said = each.record.asserted_by, sum_said(each.record)
            yield step("renewal.account-sum", each.seq, said_by=said_by, said=said)
    if paying and any(sums_apart(paying.record, i.record) for i in accounts):
        yield step("renewal.sum-counts", paying.seq, said=sum_said(paying.record))
    for part, n, end in met_by(pool, ref, item):
        ends = {last for _, _, last in ends_of(case, part, item)}
        if n and len(ends) > 1:
            yield step("renewal.less-counts", n=n, last=end, latest=max(ends))


def alike_steps(case: Case, item: Item[Renewal], *, on: date) -> Iterator[Step]:
    """Yield the renewals of other books that may be this one; each is counted."""
    for pair in case.alike:
        for other in pair if item in pair else ():
            record = other.record
            if other is not item and record.agreed_on <= on:
                said_by, day = record.asserted_by, record.agreed_on
                yield step("renewal.perhaps-once", other.seq, said_by=said_by, day=day)


def beside_steps(case: Case, item: Item[Payment]) -> Iterator[Step]:
    """Yield what other books say of a payment; it is counted once, as the lesser."""
    _, *others = case.paid.get(item.seq, (item,))
    for other in others:
        amount = other.record.money.format()
        said_by = other.record.asserted_by
        yield step("paid.beside", other.seq, amount=amount, said_by=said_by)
