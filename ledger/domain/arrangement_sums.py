"""The sums that instruments state, and which of them are added: none twice.

What flows through: every instrument states by a day what its latest stage that counts
states (`ledger.domain.instrument_sums`). A rate is added for each transfer that earns
by it. A total is added once (`ledger.domain.instrument_totals`), and only where it is
surely no money that is added elsewhere: no transfer that names the instrument states a
sum of its own in that currency, and none names another instrument with a sum.
Two instruments of one arrangement with totals in one currency may be one debt told
twice: neither is added, unless two books state the same total: it is added once.

Laws: a sum is added for transfers or for the instrument, never for both; with a rival
sum beside it a total adds nothing, whichever was recorded first.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from ledger.domain.agreements import CompensationTerms
from ledger.domain.cases import Item, items
from ledger.domain.custody import Pool
from ledger.domain.earning import Earning, total_earning
from ledger.domain.history import History
from ledger.domain.instrument_sums import Stated, stated, stated_in, sum_of
from ledger.domain.instrument_totals import total_of
from ledger.domain.records import Instrument
from ledger.domain.sums_apart import Reason


class InstrumentSum(Struct, frozen=True):
    """What an instrument states, and whether that is added.

    Attributes:
        ref: The instrument.
        seq: The entry that states it.
        terms: The sum.
        status: How the claim stands.
        reason: Why it is not added, or that what it earned is.
    """

    ref: str
    seq: int
    terms: CompensationTerms
    status: Literal["official", "reported", "alleged", "disputed"]
    reason: Reason


class InstrumentSums:
    """The sums that the instruments of some books state by the end of a day."""

    def __init__(
        self,
        history: History,
        pools: Mapping[str, Pool],
        *,
        days: Mapping[int, date],
        on: date,
    ) -> None:
        """Find what each instrument states.

        Args:
            history: The books.
            pools: The transfers, each with its pool.
            days: The day of the event of each entry.
            on: The day.
        """
        self.history = history
        self.pools = pools
        self.on = on
        self.refs = [ref for ref in history.opened if ref.startswith("I-")]
        self.stages = {ref: self._stages(ref, days) for ref in self.refs}
        found = {
            ref: stated_in(stages, zone=history.zone, on=on)
            for ref, stages in self.stages.items()
        }
        self.stated = {ref: each for ref, each in found.items() if each is not None}
        self._naming: dict[str, list[str]] = {}
        for ref, pool in pools.items():
            transfer = pool.cases[ref].transfer
            for name in (transfer and transfer.instruments) or ():
                self._naming.setdefault(name, []).append(ref)

    def _stages(
        self, ref: str, days: Mapping[int, date]
    ) -> tuple[Item[Instrument], ...]:
        """Return the stages of an instrument by the day, in the order of the book."""
        found = items(self.history, self.history.by_ref.get(ref, ()), Instrument)
        return tuple(
            item
            for item in found
            if item.record.id == ref and days.get(item.seq, self.on) <= self.on
        )

    def stage(self, ref: str) -> tuple[int, Instrument] | None:
        """Return the latest stage of an instrument by the day."""
        found = self.stages.get(ref)
        return (found[-1].seq, found[-1].record) if found else None

    def naming(self, ref: str) -> tuple[str, ...]:
        """Return the transfers that name an instrument and had begun."""
        return tuple(
            each
            for each in self._naming.get(ref, ())
            if self.pools[each].cases[each].opening_day() <= self.on
        )

    def arrangements(self, ref: str) -> tuple[str, ...]:
        """Return the arrangement of an instrument: its own, else its transfers'."""
        stage = self.stage(ref)
        if stage is not None and stage[1].arrangement is not None:
            return (stage[1].arrangement,)
        cases = (self.pools[each].cases[each] for each in self._naming.get(ref, ()))
        named = {case.transfer.arrangement for case in cases if case.transfer}
        return tuple(sorted(name for name in named if name is not None))

    def all(self) -> Iterator[InstrumentSum]:
        """Yield the sums that count, and what a latest stage states that does not."""
        for ref in self.refs:
            found, last = self.stated.get(ref), self.stage(ref)
            if found is not None:
                seq = found.changes[-1][1] if found.changes else found.seq
                record = next(i.record for i in self.stages[ref] if i.seq == seq)
                reason = self._reason(ref, found)
                yield InstrumentSum(ref, seq, found.latest, record.status, reason)
            if last is not None and last[1].compensation is not None:
                seq, record = last
                terms = last[1].compensation
                if found is None or found.latest != terms:
                    yield InstrumentSum(ref, seq, terms, record.status, "of-instrument")

    def earning(self, ref: str) -> Earning | None:
        """Return what the total of an instrument has earned by the day."""
        earned = total_of(
            self.stated[ref],
            self.stages[ref],
            {each: self.pools[each] for each in self.naming(ref)},
            zone=self.history.zone,
            on=self.on,
        )
        return None if earned is None else total_earning(earned, self.stated[ref])

    def _reason(self, ref: str, found: Stated) -> Reason:
        """Return whether a sum is added, or why not."""
        cases = [self.pools[each].cases[each] for each in self.naming(ref)]
        several = any(
            len(stated(case, on=self.on)) > 1
            for case in cases
            if case.compensation is None
        )
        if found.terms.per != "total":
            for case in cases:
                used = sum_of(case, on=self.on)
                if used is not None and used.instrument == ref:
                    return "accrues"
            return "ambiguous" if several else "of-instrument"
        if any(_same_currency(case.compensation, found) for case in cases):
            return "of-instrument"
        return "ambiguous" if several else self._among_totals(ref, found)

    def _among_totals(self, ref: str, found: Stated) -> Reason:
        """Return whether a total stands alone in its arrangement."""
        mine = self.arrangements(ref)
        for other, each in self.stated.items():
            if (
                other == ref
                or not mine
                or self.arrangements(other) != mine
                or each.terms.per != "total"
                or not _same_currency(each.latest, found)
            ):
                continue
            if _book(other) == _book(ref) or each.latest.money != found.latest.money:
                return "ambiguous"
            if self.refs.index(other) < self.refs.index(ref):
                return "beside"
        return "accrues"


def _same_currency(terms: CompensationTerms | None, found: Stated) -> bool:
    return terms is not None and terms.currency == found.latest.currency


def _book(ref: str) -> str:
    """Return the book of a reference among all books; nothing for the own one."""
    return ref.partition("@")[2]
