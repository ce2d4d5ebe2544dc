"""How a length becomes a last day, and how each renewal moved it.

The arithmetic is that of `ledger.domain.days`, said step by step; what a renewal did
to a part is that of `ledger.domain.terms`.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from ledger.domain.beginnings import Period, cap
from ledger.domain.cases import Case, Item, counts
from ledger.domain.custody import Pool
from ledger.domain.days import add, last_day, last_day_clipped, latest_notice_day
from ledger.domain.explaining_otherwise import account_steps, alike_steps
from ledger.domain.qualifying import less
from ledger.domain.records import Renewal
from ledger.domain.steps import Step, counted, step
from ledger.domain.terms import parts, renewal_clause
from ledger.domain.times import Duration

_ONE_DAY = timedelta(days=1)


def counting(first: date, length: Duration, seq: int | None) -> Iterator[Step]:
    """Yield each step from the first day and a length to the last authorised day."""
    last = last_day(first, length)
    if length.days:
        yield step("count.days", seq, first=first, n=length.days, last=last)
        return
    spelled = length.format()
    if last_day_clipped(first, length):
        yield step(
            "count.clipped",
            seq,
            first=first,
            length=spelled,
            day=first.day,
            month=f"{last:%Y-%m}",
            last=last,
        )
    elif last == date.max:
        yield step("count.calendar-end", seq, first=first, length=spelled, last=last)
    else:
        same = last + _ONE_DAY
        yield step("count.corresponding", seq, first=first, length=spelled, day=same)
        yield step("count.day-before", seq, day=same, last=last)


class Reckoned(Struct, frozen=True):
    """Where the counting of a part stands before or after a renewal.

    Attributes:
        anchor: The day from which its periods are counted.
        length: The whole length counted from there, where it is one length.
        last_day: The last authorised day so far.
        capped: An instrument's own end came first.
    """

    anchor: date
    length: Duration | None
    last_day: date | None
    capped: bool

    def after(self, period: Period, record: Renewal) -> "Reckoned":
        """Return where it stands after a renewal."""
        if record.length is None:
            return Reckoned(period.begins, None, period.last_day, capped=False)
        total = self.sum_with(period, record.length)
        if total is None:
            return Reckoned(period.begins, record.length, period.last_day, capped=False)
        return Reckoned(self.anchor, total, period.last_day, capped=False)

    def sum_with(self, period: Period, length: Duration) -> Duration | None:
        """Return the sum of the lengths; None where the new one is counted anew."""
        if self.length is None or self.capped or not self.followed_by(period):
            return None
        return add(self.length, length)

    def followed_by(self, period: Period) -> bool:
        """Return whether a period begins on the day after the last day so far."""
        return self.last_day is not None and period.begins - self.last_day == _ONE_DAY


def period_steps(
    case: Case, before: Reckoned, period: Period, record: Renewal
) -> Iterator[Step]:
    """Yield how one renewal moved the last authorised day of one part."""
    seq = period.seq
    yield step("renewal.agreed", seq, day=period.agreed_on, said_by=record.asserted_by)
    yield from _late(case, before.last_day, period, record)
    if record.from_ is not None:
        yield step("renewal.from-stated", seq, day=period.begins)
    elif before.followed_by(period):
        yield step("renewal.from-next-day", seq, day=period.begins)
    elif before.last_day is None and period.begins == period.agreed_on:
        yield step("renewal.from-agreed", seq, day=period.begins)
    if record.length is None:
        yield step("renewal.until", seq, last=period.last_day)
    else:
        yield from _lengths(before, period, record.length)
    yield from _no_later(before.last_day, period)
    yield from _gap(period)
    yield from _beyond(case, period)


def _lengths(before: Reckoned, period: Period, length: Duration) -> Iterator[Step]:
    seq, spelled = period.seq, length.format()
    total = before.sum_with(period, length)
    if total is not None and before.length is not None:
        yield step(
            "renewal.sum",
            seq,
            before=before.length.format(),
            length=spelled,
            total=total.format(),
            first=before.anchor,
        )
        yield from counting(before.anchor, total, seq)
        return
    if not before.followed_by(period):
        yield step("renewal.anew-after-break", seq, length=spelled, first=period.begins)
    elif before.capped:
        yield step("renewal.anew-after-cap", seq, length=spelled, first=period.begins)
    else:
        yield step("renewal.anew-no-sum", seq, length=spelled, first=period.begins)
    yield from counting(period.begins, length, seq)


def _no_later(old: date | None, period: Period) -> Iterator[Step]:
    """Yield that a renewal reaches no further than the end that it met."""
    seq, last = period.seq, period.last_day
    if old is None or last > old:
        return
    if last == old:
        yield step("renewal.extends-nothing", seq, last=last)
    else:
        n = (old - last).days
        day = period.agreed_on
        yield step("renewal.shortens", seq, n=n, last=last, before=old, day=day)


def _gap(period: Period) -> Iterator[Step]:
    gap = period.gap
    if gap is not None:
        n = period.gap_days
        yield step("renewal.gap", period.seq, first=gap.first, last=gap.last, n=n)


def _late(
    case: Case, end: date | None, period: Period, record: Renewal
) -> Iterator[Step]:
    """Yield the day on which notice was due, and when it was given."""
    clause = renewal_clause(case)
    notice = None if clause is None else clause.notice
    if notice is None:
        return
    due = notice.last_day
    if due is None and notice.lead is not None and end is not None:
        due = latest_notice_day(end, notice.lead)
    if due is None:
        return
    asked = record.requested_on
    if asked is None and period.notice == "unknown":
        yield step(
            "renewal.notice-unknown", period.seq, due=due, agreed=record.agreed_on
        )
    elif asked is None:
        yield step(
            "renewal.in-time-agreed", period.seq, due=due, agreed=record.agreed_on
        )
    elif period.late:
        late = (asked - due).days
        yield step("renewal.late", period.seq, due=due, asked=asked, n=late)
    else:
        yield step("renewal.in-time", period.seq, due=due, asked=asked)


def _beyond(case: Case, period: Period) -> Iterator[Step]:
    clause = renewal_clause(case)
    outer = None if clause is None else clause.outer_limit
    if outer is not None and period.last_day > outer:
        yield step(
            "renewal.beyond-outer-limit", period.seq, last=period.last_day, limit=outer
        )
    limit, ref = cap(case)
    if limit is not None and ref is not None and period.last_day > limit:
        yield step(
            "renewal.beyond-instrument",
            period.seq,
            last=period.last_day,
            limit=limit,
            ref=ref,
        )


def renewal_steps(pool: Pool, ref: str, *, on: date) -> Iterator[Step]:
    """Yield each renewal by a day: whom it named, and who kept the end they had."""
    case = pool.cases[ref]
    met = {p.deed for part in parts(pool, ref, on=on) for p in part.periods}
    for item in sorted(case.renewals, key=lambda i: (i.record.agreed_on, i.seq)):
        day = item.record.agreed_on
        if day > on:
            continue
        if not counts(item.record.status):
            yield step(
                "renewal.not-counted",
                item.seq,
                said_by=item.record.asserted_by,
                day=day,
            )
            continue
        yield step(
            "renewal.named",
            item.seq,
            n=item.record.persons.number,
            day=day,
            said_by=item.record.asserted_by,
        )
        yield from account_steps(pool, ref, item)
        yield from alike_steps(case, item, on=on)
        yield from _partly(pool, ref, item)
        if item.seq not in met:
            yield step("renewal.nobody-left", item.seq, on=on)


def _partly(pool: Pool, ref: str, item: Item[Renewal]) -> Iterator[Step]:
    day = item.record.agreed_on
    held = pool.remaining({ref}, on=day).upper
    over = less(item.record.persons.number, held)
    if over > 0:
        yield step("renewal.beyond-held", item.seq, n=over, day=day, held=held)
    for part in parts(pool, ref, on=day):
        if any(period.deed == item.seq for period in part.periods):
            continue
        if part.last_day is None:
            yield counted("renewal.kept-none", part.persons, item.seq, day=day)
        else:
            yield counted(
                "renewal.kept", part.persons, item.seq, day=day, last=part.last_day
            )
