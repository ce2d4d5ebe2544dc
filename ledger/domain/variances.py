"""What was wrong in the world, as flags: recorded, shown, and never refused.

Each flag is a fact that follows from the entries of one transfer, with the entry that
brought it about. Nobody has to act on the record; somebody may have to act.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.arrivals import came_before_leaving
from ledger.domain.cases import (
    Case,
    Item,
    arrival_day,
    counts,
    exit_day,
    same_state,
)
from ledger.domain.custody import Pool
from ledger.domain.deeds import Deed
from ledger.domain.forms import Fact, Reference
from ledger.domain.history import History
from ledger.domain.naming import (
    assumed_of_renewal,
    exits_from_parts,
    left_unmoved,
    shortened,
)
from ledger.domain.otherwise import Saying, otherwise
from ledger.domain.overstays import ended_overstays
from ledger.domain.qualifying import added, less, number
from ledger.domain.records import Claim, Receipt, Remark, Renewal
from ledger.domain.terms import met_by, parts, renewal_clause
from ledger.domain.times import When, surely_before

FlagCode: TypeAlias = Literal[
    "unacknowledged",
    "not-received",
    "unannounced",
    "unaccounted",
    "surplus",
    "beyond-count",
    "refused",
    "manifest-differs",
    "facility-elsewhere",
    "headcount-exceeded",
    "overdue",
    "overstayed",
    "overstayed-perhaps",
    "no-authority",
    "provisional",
    "zone-assumed",
    "part-assumed",
    "part-exceeded",
    "part-unknown",
    "tacit-clause",
    "pooled",
    "renewal-late",
    "renewal-notice-unknown",
    "renewal-gap",
    "renewal-beyond-limit",
    "renewal-beyond-held",
    "renewal-extends-nothing",
    "renewal-shortens",
    "renewal-part-assumed",
    "not-counted",
    "said-by-both",
    "reported-otherwise",
    "renewed-otherwise",
    "renewed-persons",
    "renewed-compensation",
    "renewed-perhaps-once",
    "paid-otherwise",
    "admitted-before-arrival",
    "arrived-before-departure",
    "first-of-month",
    "last-of-month",
    "suspect-key",
]


class Flag(Struct, frozen=True):
    """One thing to know about a transfer.

    Attributes:
        code: What it is, as the catalogue knows it (`flag.<code>`).
        seq: The entry that brought it about.
        n: How many persons or days it is about; 0 where it is not about a number. It
            knows how exact that is (`ledger.domain.qualifying`).
        said: Who says what, where two books do not say the same.
    """

    code: FlagCode
    seq: int
    n: int = 0
    said: tuple[Saying, ...] = ()


def flags(pool: Pool, ref: str, *, on: date) -> list[Flag]:
    """Return what is to be known about a transfer at the end of a day."""
    case = pool.cases[ref]
    return [
        *_custody(pool, case, on=on),
        *_terms(pool, case, on=on),
        *_documents(case),
        *_uncounted(case, on=on),
        *_rivals(pool, case, on=on),
        *_months(case, on=on),
        *_suspect(case, on=on),
    ]


def differences(pool: Pool, ref: str, *, on: date) -> list[Flag]:
    """Return those of the flags that numbers of persons bring about, or two books."""
    case = pool.cases[ref]
    apart = _otherwise(pool, case, on=on)
    return [*_custody(pool, case, on=on), *_documents(case), *apart]


def acknowledged(case: Case, *, on: date) -> bool:
    """Return whether by a day the state that holds them had signed for an arrival."""
    return case.custodian_is_own and bool(_arrived(case, on=on))


def _arrived(case: Case, *, on: date) -> list[Item[Receipt]]:
    """Return the receipts that count by a day."""
    return [
        item
        for item in case.counted_receipts()
        if arrival_day(item.record, case.zone) <= on
    ]


def _custody(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    opening = case.opening.seq
    balance = pool.balance(case.ref, on=on)
    if case.transfer is None:
        yield Flag("unannounced", opening, case.persons.number)
    elif not acknowledged(case, on=on):
        yield Flag("unacknowledged", opening)
    if balance.in_transit.most:
        yield Flag("not-received", opening, balance.in_transit.upper)
    last_receipt = max((i.seq for i in _arrived(case, on=on)), default=opening)
    if balance.missing:
        yield Flag("unaccounted", last_receipt, balance.missing)
    if balance.surplus:
        yield Flag("surplus", last_receipt, balance.surplus)
    for leave, over in pool.exceeding(case.ref, on=on):
        yield Flag("beyond-count", leave.seq, over)
    if balance.shared:
        together = {ref for leave in balance.shared for ref in leave.refs}
        yield Flag("pooled", balance.shared[0].seq, len(together))
    if case.zone_assumed:
        yield Flag("zone-assumed", opening)
    yield from _movements(pool, case, on=on)


def _movements(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    for leave in pool.leaves_of(case.ref):
        if leave.how == "unaccounted" and leave.day <= on:
            back = added(
                b.n for b in case.regained if b.exit == leave.seq and b.day <= on
            )
            if back < leave.n:
                yield Flag("unaccounted", leave.seq, less(leave.n, back))
    for item in _arrived(case, on=on):
        if item.record.refused_persons:
            yield Flag("refused", item.seq, item.record.refused_persons)
        arrived, admitted = item.record.arrived, item.record.admitted
        if arrived and admitted and surely_before(admitted, arrived):
            yield Flag("admitted-before-arrival", item.seq)
        if came_before_leaving(case, item.record):
            yield Flag("arrived-before-departure", item.seq)


def _terms(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    opening = case.opening.seq
    seen = set()
    for part in parts(pool, case.ref, on=on):
        if part.last_day is None:
            yield Flag("no-authority", opening, part.persons.upper)
        elif part.last_day < on:
            yield Flag("overdue", opening, (on - part.last_day).days)
            seen.add("overdue")
        if part.provisional:
            yield Flag("provisional", opening, part.persons.upper)
        if part.assumed and "part-assumed" not in seen:
            seen.add("part-assumed")
            yield Flag("part-assumed", opening)
    yield from _parts_named(pool, case, on=on)
    for ended in ended_overstays(pool, case.ref, on=on):
        code: FlagCode = "overstayed" if ended.sure else "overstayed-perhaps"
        yield Flag(code, ended.seq, ended.days)
    tacit = _tacit_clause(case)
    if tacit is not None and "overdue" in seen:
        yield Flag("tacit-clause", tacit)
    yield from _renewals(pool, case, on=on)


def _renewals(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    for item in case.renewals:
        if not counts(item.record.status) or item.record.agreed_on > on:
            continue
        day = item.record.agreed_on
        held = pool.remaining({case.ref}, on=day).upper
        if item.record.persons.n > held:
            beyond = less(item.record.persons.number, held)
            yield Flag("renewal-beyond-held", item.seq, beyond)
        met = [
            period
            for part in parts(pool, case.ref, on=day)
            for period in part.periods
            if period.deed == item.seq
        ]
        if any(period.late for period in met):
            yield Flag("renewal-late", item.seq)
        elif any(period.notice == "unknown" for period in met):
            yield Flag("renewal-notice-unknown", item.seq)
        gap = max((period.gap_days for period in met), default=0)
        if gap:
            yield Flag("renewal-gap", item.seq, gap)
        if any(period.beyond_limit for period in met):
            yield Flag("renewal-beyond-limit", item.seq)
        before, said = met_by(pool, case.ref, item), item.record.persons.qualifier
        if same := left_unmoved(before):
            yield Flag("renewal-extends-nothing", item.seq, number(same, said))
        if earlier := shortened(before):
            yield Flag("renewal-shortens", item.seq, number(earlier, said))
        if assumed := assumed_of_renewal(item.record, before):
            yield Flag("renewal-part-assumed", item.seq, number(assumed, said))


def _parts_named(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    for leave, _, n in exits_from_parts(pool, case.ref):
        if leave.day <= on and n < leave.n:
            code: FlagCode = "part-exceeded" if n else "part-unknown"
            yield Flag(code, leave.seq, less(leave.n, n))


def _tacit_clause(case: Case) -> int | None:
    """Return the entry of a clause by which a term renews without words, if any.

    Nothing is extended by it: nobody recorded that the term was renewed, nor that
    notice was given, so that whoever reads the clause decides.
    """
    clause = renewal_clause(case)
    if clause is None or clause.clause not in {"tacit", "automatic"}:
        return None
    return max(i.seq for i in case.instruments if i.record.renewal == clause)


def _documents(case: Case) -> Iterator[Flag]:
    transfer = case.transfer
    if transfer is None:
        return
    manifest = transfer.manifest
    if manifest is not None and manifest.count != transfer.persons.n:
        yield Flag("manifest-differs", case.opening.seq, manifest.count)
    state = case.facility.state if case.facility is not None else None
    if state is not None and not same_state(state, transfer.destination):
        yield Flag("facility-elsewhere", case.opening.seq)
    agreed = {
        item.record.id: item.record.headcount
        for item in case.instruments
        if counts(item.record.status)
        and item.record.type != "announcement"
        and item.record.stage != "announced"
    }
    for count in agreed.values():
        if count is None or count.qualifier not in {"exact", "at_most"}:
            continue
        if transfer.persons.n > count.n:
            yield Flag("headcount-exceeded", case.opening.seq, count.number)


def _uncounted(case: Case, *, on: date) -> Iterator[Flag]:
    days = event_days(case)
    claimed = [(i.seq, i.record.status) for i in case.receipts]
    claimed += [(i.seq, i.record.status) for i in case.renewals]
    claimed += [(i.seq, i.record.status) for i in case.exits]
    claimed += [(i.seq, i.record.status) for i in case.recoveries]
    for seq, status in claimed:
        if not counts(status) and days[seq] <= on:
            yield Flag("not-counted", seq)


def _rivals(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    """Yield what another book says of the same deeds, and where it says otherwise."""
    days = event_days(case)
    for item in case.rivals:
        if days[item.seq] <= on:
            yield Flag("said-by-both", item.seq)
    yield from _otherwise(pool, case, on=on)


def _otherwise(pool: Pool, case: Case, *, on: date) -> Iterator[Flag]:
    for each in otherwise(pool, case, on=on):
        yield Flag(each.code, each.seq, each.n, each.said)


def _months(case: Case, *, on: date) -> Iterator[Flag]:
    """Yield the entries that have a month and no day, and which day of it counts."""
    departures = () if case.transfer is None else case.transfer.departures
    if _month_by((each.at for each in departures), case.zone, on=on):
        yield Flag("first-of-month", case.opening.seq)
    for item in _arrived(case, on=on):
        receipt = item.record
        came = [when for when in (receipt.arrived, receipt.admitted) if when]
        if _month_by(came, case.zone, on=on):
            yield Flag("first-of-month", item.seq)
    moved = [(item.seq, item.record.occurred) for item in case.exits]
    moved += [(item.seq, item.record.occurred) for item in case.recoveries]
    for seq, when in moved:
        if when.precision == "month" and when.latest(case.zone) <= on:
            yield Flag("last-of-month", seq)


def _month_by(times: Iterable[When], zone: str, *, on: date) -> bool:
    return any(w.precision == "month" and w.earliest(zone) <= on for w in times)


def _suspect(case: Case, *, on: date) -> Iterator[Flag]:
    """Yield the entries by a day that a lost key signed and nobody vouches for."""
    days = event_days(case)
    for seq in case.suspects:
        if days.get(seq, on) <= on:
            yield Flag("suspect-key", seq)


def event_days(case: Case) -> dict[int, date]:
    """Return the day of the event that each entry of a case is about."""
    zone = case.zone
    return {
        case.opening.seq: case.opening_day(),
        **{i.seq: arrival_day(i.record, zone) for i in case.receipts},
        **{i.seq: i.record.agreed_on for i in case.renewals},
        **{i.seq: exit_day(i.record, zone) for i in case.exits},
        **{i.seq: i.record.occurred.latest(zone) for i in case.recoveries},
        **{each.seq: each.day for each in case.regained},
        **{i.seq: i.record.occurred.latest(zone) for i in case.payments},
        **{i.seq: _rival_day(i.record, zone) for i in case.rivals},
    }


def _rival_day(record: Deed, zone: str) -> date:
    if isinstance(record, Receipt):
        return arrival_day(record, zone)
    if isinstance(record, Renewal):
        return record.agreed_on
    return record.occurred.latest(zone)


def days_of(history: History, pools: Iterable[Pool]) -> dict[int, date]:
    """Return the day that each entry is about, where it is about one.

    For what concerns a transfer it is the day by which the balance counts it.
    """
    days = {}
    for seq in history.entries:
        record = history.worth(seq)
        if isinstance(record, Fact) and record.occurred is not None:
            days[seq] = record.occurred.latest(history.zone_of(seq))
    for pool in pools:
        for case in pool.cases.values():
            days.update(event_days(case))
        days.update({leave.seq: leave.day for leave in pool.leaves})
    return days


def is_later(history: History, seq: int, *, days: Mapping[int, date], on: date) -> bool:
    """Return whether an entry is about what happened after a day.

    So is a claim or a remark that is about nothing but such entries.
    """
    if days.get(seq, on) > on:
        return True
    match history.worth(seq):
        case Claim(target=target):
            return _is_later(history, target, days=days, on=on)
        case Remark(about=about):
            return all(_is_later(history, each, days=days, on=on) for each in about)
        case _:
            return False


def _is_later(
    history: History, cited: Reference, *, days: Mapping[int, date], on: date
) -> bool:
    entry = history.resolve(cited)
    return entry is not None and days.get(entry.seq, on) > on


def delay_days(at: datetime, day: date) -> int:
    """Return how many days after its event an entry was recorded; never negative."""
    return max(0, (at.date() - day).days)
