"""What was promised, moved and earned: one account an arrangement and currency.

Amounts are whole minor units and are never added across currencies. A sum agreed per
person accrues day by day, and days without authority apart; a payment per person and a
claim that does not count are listed apart, not added: nobody recorded for how many
persons, or whether. What an instrument states alone earns for each transfer that
names it, or once (`ledger.domain.arrangement_sums`). What is earned and how long
persons were held are ranges where a pool leaves them open. What two books tell of one
payment is added once, by the lesser sum; the other is listed apart.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.domain.agreements import CompensationTerms
from ledger.domain.arrangement_sums import InstrumentSum, InstrumentSums
from ledger.domain.cases import Case, Item, counts, items
from ledger.domain.compensation import round_half_even
from ledger.domain.custody import Pool
from ledger.domain.deeds import paid_beside, payments_once
from ledger.domain.earning import Earning, earning_of
from ledger.domain.flows import Range
from ledger.domain.history import History, number_of
from ledger.domain.instrument_sums import Stated, replaces, sum_of
from ledger.domain.money import Money
from ledger.domain.persondays import person_days
from ledger.domain.qualifying import minus, plus, turned
from ledger.domain.ratesums import earned_together
from ledger.domain.records import Instrument, Payment, Renewal, Transfer
from ledger.domain.sums_apart import STAGES, Apart, Reason, Stage
from ledger.domain.values import Qualifier
from ledger.domain.variances import days_of

Basis: TypeAlias = Literal["paid", "accrued"]


class Account(Struct, frozen=True):
    """The money of one arrangement in one currency, in minor units.

    Attributes:
        arrangements: Its name; none where none is named, several where a payment is
            for transfers of several.
        currency: ISO 4217 code.
        transfers: The transfers that it is about.
        moved: What was promised or moved, by stage.
        agreed: The totals that were agreed on for its transfers.
        accrued: What was earned of totals and rates, added over transfers; None if
            nothing can.
        unauthorised: What rates came to on days without authority, apart.
        unused: The rest of the totals that can accrue.
        unearned: Transfers and instruments with a sum and no term (a total: with an
            end) that has begun: nothing accrues.
        without_sum: Transfers that state no sum in it while others do; what the
            others earn may be meant for these too, so their days count in the cost.
        person_days: Persons held at the end of each day, added over days.
        approximate: A head count among them is not said to be exact.
        basis: What the cost is counted from; None where nothing was paid or earned.
        cost: The least and the most for one person-day; None where there may be none.
        cost_qualifier: How exact they are, as the head counts are.
        refund_clauses: Words on refunds, with the entry that has them.
        apart: What is not added.
    """

    arrangements: tuple[str, ...]
    currency: str
    transfers: tuple[str, ...]
    moved: Mapping[Stage, int]
    agreed: int
    accrued: Range | None
    unauthorised: Range | None
    unused: Range | None
    unearned: tuple[str, ...]
    without_sum: tuple[str, ...]
    person_days: Range
    approximate: bool
    basis: Basis | None
    cost: tuple[int | None, int | None]
    cost_qualifier: Qualifier
    refund_clauses: tuple[tuple[int, str], ...]
    apart: tuple[Apart, ...]

    @property
    def paid_minus_accrued(self) -> Range | None:
        """Return what was paid beyond what was earned; negative if less."""
        if self.accrued is None:
            return None
        paid = self.moved["payment"]
        least, most = paid - self.accrued.most, paid - self.accrued.least
        return Range(least, most, turned(self.accrued.qualifier))


def written(minor: int, *, currency: str) -> str:
    """Return an amount that may be negative, with the digits of its currency."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{Money(currency, abs(minor)).amount}"


def accounts(history: History, pools: Sequence[Pool], *, on: date) -> list[Account]:
    """Return the accounts of a book at the end of a day, named ones first.

    Args:
        history: The whole book.
        pools: The pools of its transfers, each once.
        on: The day.
    """
    ledger = _Ledger(history, pools, on)
    ledger.read()
    order = sorted(ledger.drafts, key=lambda key: (not key[0], key))
    return [ledger.account(key) for key in order]


def arrangements(history: History) -> set[str]:
    """Return the names of all arrangements that some entry names."""
    records = (history.worth(seq) for seq in history.entries)
    named = (r.arrangement for r in records if isinstance(r, Transfer | Instrument))
    return {name for name in named if name is not None}


_Key: TypeAlias = tuple[tuple[str, ...], str]


class _Draft(Struct):
    """An account while entries are read."""

    named: set[str] = field(default_factory=set)
    moved: dict[Stage, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    totals: dict[str, CompensationTerms] = field(default_factory=dict)
    rates: dict[str, CompensationTerms] = field(default_factory=dict)
    clauses: dict[int, str] = field(default_factory=dict)
    apart: list[Apart] = field(default_factory=list)


class _Ledger:
    """Reads a book into accounts."""

    def __init__(self, history: History, pools: Sequence[Pool], on: date) -> None:
        self.history = history
        self.pools = pools
        self.on = on
        self.days = days_of(history, pools)
        # Money is often promised before anybody has left.
        self.cases = {ref: case for pool in pools for ref, case in pool.cases.items()}
        self.begun = {
            ref: pool
            for pool in pools
            for ref, case in pool.cases.items()
            if case.opening_day() <= on
        }
        every = {ref: pool for pool in pools for ref in pool.cases}
        self.sums = InstrumentSums(history, every, days=self.days, on=on)
        self.drafts: dict[_Key, _Draft] = {}

    def read(self) -> None:
        """Read every entry that is about something by the day."""
        for ref, pool in self.begun.items():
            case = pool.cases[ref]
            key = self._of_transfer(ref)
            stated = sum_of(case, on=self.on)
            if stated is not None:
                self._transfer(key, ref, stated)
            for item in case.renewals:
                if item.record.agreed_on <= self.on:
                    self._renewal(key, case, item)
        payments = self._payments()
        beside = self._beside(payments)
        for paid in payments:
            self._payment(paid, beside=paid.seq in beside)
        for each in self.sums.all():
            self._instrument(each)

    def _draft(self, key: tuple[str, ...], currency: str) -> _Draft:
        return self.drafts.setdefault((key, currency), _Draft())

    def _of_transfer(self, ref: str) -> tuple[str, ...]:
        """Return the arrangement of a transfer: its own, else its instruments'."""
        transfer = self.cases[ref].transfer
        if transfer is None:
            return ()
        if transfer.arrangement is not None:
            return (transfer.arrangement,)
        named = {self.sums.arrangements(name) for name in transfer.instruments or ()}
        return tuple(sorted({name for names in named for name in names}))

    def _transfer(self, key: tuple[str, ...], ref: str, stated: Stated) -> None:
        case, terms = self.begun[ref].cases[ref], stated.terms
        draft = self._draft(key, terms.currency)
        draft.named.add(ref)
        if stated.instrument is not None:
            # The instrument lists what it states, once for all its transfers.
            draft.rates[ref] = terms
            return
        if terms.refund_clause is not None:
            draft.clauses[case.opening.seq] = terms.refund_clause
        if terms.per == "total":
            draft.totals[ref] = terms
        else:
            # Whoever says so, the departure counts.
            draft.rates[ref] = terms
            seq, status = case.opening.seq, case.opening.record.status
            apart = Apart(seq, "agreed", terms.money, terms.per, status, "accrues")
            draft.apart.append(apart)

    def _renewal(self, key: tuple[str, ...], case: Case, item: Item[Renewal]) -> None:
        """List what a renewal agreed on, and what another book says of it."""
        stated, paying = sum_of(case, on=self.on), case.pay_of(item)
        for account in case.accounts_of(item):
            terms = account.record.compensation
            if terms is None:
                continue
            why: Reason = "of-renewal"
            if account is not paying:
                why = "beside"
            elif stated is not None and replaces(terms, stated.terms):
                why = "accrues"
            self._apart(key, account.seq, terms, why, account.record.status)

    def _apart(
        self,
        key: tuple[str, ...],
        seq: int,
        terms: CompensationTerms,
        reason: Reason,
        status: Literal["official", "reported", "alleged", "disputed"],
    ) -> None:
        draft = self._draft(key, terms.currency)
        why = reason if counts(status) else "not-counted"
        draft.apart.append(Apart(seq, "agreed", terms.money, terms.per, status, why))
        if terms.refund_clause is not None and why not in {"not-counted", "beside"}:
            draft.clauses[seq] = terms.refund_clause

    def _payments(self) -> list[Item[Payment]]:
        found = items(self.history, self.history.entries, Payment)
        return [item for item in found if self.days[item.seq] <= self.on]

    def _beside(self, payments: Sequence[Item[Payment]]) -> set[int]:
        """Return the payments of which another book tells as well, and which counts."""
        told = [deed for case in self.cases.values() for deed in case.paid.values()]
        named: dict[tuple[str, ...], list[Item[Payment]]] = {}
        for item in payments:
            if not item.record.for_.transfers:
                named.setdefault(self._of_payment(item.record), []).append(item)
        # Each book numbers its own instruments; the name of an arrangement is of both.
        for key in [key for key in named if key]:
            told += payments_once(self.history, named[key])
        by_now = ([i for i in deed if self.days[i.seq] <= self.on] for deed in told)
        return paid_beside(self.history, (deed for deed in by_now if deed))

    def _refs(self, record: Payment) -> set[str]:
        cited = {self.history.ref_at(r) for r in record.for_.transfers or ()}
        return {ref for ref in cited if ref is not None and ref in self.cases}

    def _of_payment(self, record: Payment) -> tuple[str, ...]:
        """Return the arrangements of a payment: its transfers', else its paper's."""
        keys = {name for ref in self._refs(record) for name in self._of_transfer(ref)}
        if not keys and record.for_.instrument is not None:
            keys = {*self.sums.arrangements(record.for_.instrument)}
        return tuple(sorted(keys))

    def _payment(self, item: Item[Payment], *, beside: bool) -> None:
        record = item.record
        draft = self._draft(self._of_payment(record), record.currency)
        draft.named.update(self._refs(record))
        per, status = record.per or "total", record.status
        why: Reason | None = None
        if not counts(status):
            why = "not-counted"
        elif beside:
            why = "beside"
        elif per != "total":
            why = "per-person"
        if why is None:
            draft.moved[record.stage] += record.money.minor
        else:
            apart = Apart(item.seq, record.stage, record.money, per, status, why)
            draft.apart.append(apart)

    def _instrument(self, each: InstrumentSum) -> None:
        """Read a sum of an instrument: into its account, or apart."""
        key, terms = self.sums.arrangements(each.ref), each.terms
        reason = each.reason
        draft = self._draft(key, terms.currency)
        if reason == "accrues" and terms.per == "total":
            if key and (draft.rates or draft.totals):
                # It may be the same money as what others of the arrangement earn by.
                reason = "ambiguous"
            else:
                draft.totals[each.ref] = terms
                draft.named.update(self.sums.naming(each.ref))
        self._apart(key, each.seq, terms, reason, each.status)

    def _earning(self, ref: str) -> Earning | None:
        if ref in self.sums.refs:
            return self.sums.earning(ref)
        return earning_of(self.begun[ref], ref, on=self.on)

    def account(self, key: _Key) -> Account:
        """Return the account of a key."""
        names, currency = key
        draft = self.drafts[key]
        own = {ref for ref in self.begun if names and self._of_transfer(ref) == names}
        refs = sorted(own | (draft.named & self.begun.keys()), key=number_of)
        sums = {**draft.totals, **draft.rates}
        found = {ref: self._earning(ref) for ref in sums}
        earned = {ref: each for ref, each in found.items() if each is not None}
        accrued = unauthorised = None
        if earned:
            accrued, apart = earned_together(earned, self.begun, on=self.on)
            said = plus(*(_said(each) for each in earned.values()))
            accrued, apart = (replace(r, qualifier=said) for r in (accrued, apart))
            unauthorised = None if earned.keys() <= draft.totals.keys() else apart
        rests = [each.unused for each in earned.values() if each.unused is not None]
        unused = None
        if rests:
            unused = Range(
                sum(low.minor for low, _ in rests), sum(high.minor for _, high in rests)
            )
        days = person_days(self.pools, refs, on=self.on)
        paid = draft.moved["payment"]
        basis: Basis | None = None
        spent = Range(paid, paid)
        if paid:
            basis = "paid"
        elif accrued is not None and accrued.most:
            basis, spent = "accrued", accrued
        cases = [self.begun[ref].cases[ref] for ref in refs]
        order = sorted(sums, key=lambda ref: (ref in self.sums.refs, number_of(ref)))
        covered = {*sums, *(r for each in draft.totals for r in self.sums.naming(each))}
        return Account(
            arrangements=names,
            currency=currency,
            transfers=tuple(refs),
            moved=draft.moved,
            agreed=sum(terms.money.minor for terms in draft.totals.values()),
            accrued=accrued,
            unauthorised=unauthorised,
            unused=unused,
            unearned=tuple(ref for ref in order if ref not in earned),
            without_sum=tuple(ref for ref in refs if sums and ref not in covered),
            person_days=days,
            approximate=any(case.persons.qualifier != "exact" for case in cases),
            basis=basis,
            cost_qualifier=minus(spent.qualifier, days.qualifier),
            cost=(None, None) if basis is None else _cost(spent, days),
            refund_clauses=tuple(sorted(draft.clauses.items())),
            apart=tuple(sorted(draft.apart, key=lambda apart: apart.seq)),
        )


def _said(earning: Earning) -> Qualifier:
    """Return how exact what was earned is: a total does not depend on head counts."""
    known = (each for each in (earning.person_days, earning.beyond_days) if each)
    return plus(*(each.qualifier for each in known))


def _cost(spent: Range, days: Range) -> tuple[int | None, int | None]:
    """Return the least and the most for a person-day; None where there may be none."""
    least = Fraction(spent.least, days.most) if days.most else None
    most = Fraction(spent.most, days.least) if days.least else None
    return (
        None if least is None else round_half_even(least),
        None if most is None else round_half_even(most),
    )
