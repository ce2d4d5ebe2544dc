"""How long the persons of a transfer may be held, by whose words, counted how.

The first day counts; the last authorised day is inclusive and is the day before the
day that corresponds to the start (German Civil Code sections 187(2), 188(2) and (3)
state this rule; `ledger.domain.days` has the arithmetic). A transfer falls into parts
where persons came on different days or a renewal named only some. A renewal counts
from the day on which it was agreed: what lies between the old end and that day is a
gap, and stays one. An end that nobody recorded is none: such persons are held without
recorded authority.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias, cast

from ledger.domain.agreements import RenewalClause
from ledger.domain.away import Away
from ledger.domain.beginnings import Notice, Part, Period, began, cap, joined
from ledger.domain.cases import Case, Item, counts
from ledger.domain.custody import Pool
from ledger.domain.days import add, last_day, last_day_clipped, latest_notice_day
from ledger.domain.flows import Range
from ledger.domain.records import Instrument, Receipt, Renewal, Transfer
from ledger.domain.schemas import Record
from ledger.domain.times import Duration

__all__ = [
    "Met",
    "Part",
    "Period",
    "end_surely",
    "ends_surely",
    "met_by",
    "parts",
    "renewal_clause",
]

Met: TypeAlias = tuple[tuple[Part, int, date], ...]
"""Parts before a renewal, how many of each it met, and their new last day."""

ONE_DAY = timedelta(days=1)
_LARGEST_NUMBER = 9999
# Years for what is added to the lengths: the day after an end, leap days, another zone.
_ZONE, _SLACK = "UTC", 4


def parts(
    pool: Pool,
    ref: str,
    *,
    on: date,
    known: date | None = None,
    since: date | None = None,
) -> tuple[Part, ...]:
    """Return the parts of a transfer at the end of a day, by end, unknown ends last.

    Where a pool leaves open how many left, each part's persons are a range: once
    with the most who can have left by every day, once with the fewest.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        on: The day.
        known: The day by which the exits of the pool count; the same unless given.
        since: As for `Pool.gone`.
    """
    if known is not None or since is not None:
        return _parts(pool, ref, on=on, known=known, since=since)
    question = ("parts", ref, on)
    if question not in pool.told:
        pool.told[question] = _parts(pool, ref, on=on, known=None, since=None)
    return cast("tuple[Part, ...]", pool.told[question])


def _parts(
    pool: Pool, ref: str, *, on: date, known: date | None, since: date | None
) -> tuple[Part, ...]:
    rest = _rest(pool, ref, on=on, known=known, since=since)
    fewest = {day: bounds.least for day, bounds in rest.items()}
    most = {day: bounds.most for day, bounds in rest.items()}
    low = {part.key: part for part in _play(pool, ref, on=on, targets=fewest)}
    high = low
    if most != fewest:
        high = {part.key: part for part in _play(pool, ref, on=on, targets=most)}
    found = []
    for key in dict.fromkeys([*high, *low]):
        sides = [side[key] for side in (low, high) if key in side]
        numbers = [part.persons.most for part in sides]
        least = min(numbers) if len(sides) == 2 else 0  # noqa: PLR2004 (low and high)
        found.append(
            replace(
                sides[-1],
                persons=Range(least, max(numbers)),
                assumed=any(part.assumed for part in sides),
            )
        )
    return tuple(
        sorted(found, key=lambda part: (part.last_day or date.max, part.start))
    )


def _play(pool: Pool, ref: str, *, on: date, targets: Mapping[date, int]) -> list[Part]:
    """Return the parts after all that happened by a day, in one extreme of the pool.

    Who came is taken as known on that day; exits and renewals follow in time.
    """
    case = pool.cases[ref]
    held = began(case, on=on)
    renewals = [
        item
        for item in case.renewals
        if counts(item.record.status) and item.record.agreed_on <= on
    ]
    back = [each for each in case.regained if each.day <= on]
    away = Away(started=tuple(held))
    days = {*targets, *(item.record.agreed_on for item in renewals)}
    for day in sorted(days | {each.day for each in back}):
        before = held
        if day in targets:
            to = targets[day] - sum(each.n for each in back if each.day == day)
            held = _release(pool, ref, held, to=to, on=day)
            away.note(before, held, on=day)
        for each in back:
            if each.day == day:
                held = away.returned(held, each)
        for item in renewals:
            if item.record.agreed_on == day:
                held = _renew(case, held, item)
    return [part for part in held if part.persons.most]


def _rest(
    pool: Pool, ref: str, *, on: date, known: date | None, since: date | None
) -> dict[date, Range]:
    """Return how many of a transfer remain after each day on which somebody left."""
    here = pool.came(ref, on=on).here
    refused = [
        leave
        for leave in pool.leaves_of(ref)
        if leave.refs == (ref,) and leave.how == "refused_not_admitted"
    ]
    found = {}
    for left in pool.gone(ref, on=on, known=known, since=since):
        waiting = sum(leave.n for leave in refused if left.day < leave.day <= on)
        back = sum(b.n for b in pool.cases[ref].regained if left.day < b.day <= on)
        least, most = (max(0, here - back - n) for n in (left.n.most, left.n.least))
        found[left.day] = Range(least - waiting, most - waiting)
    return found


def _release(
    pool: Pool, ref: str, held: list[Part], *, to: int, on: date
) -> list[Part]:
    """Return the parts when only `to` persons remain after a day.

    They leave from the part that the entry names; else from those who had arrived,
    from the part with the latest end first; those without an end leave last.
    """
    over = sum(part.persons.most for part in held) - to
    for leave in pool.leaves_of(ref):
        if leave.day == on and leave.refs == (ref,) and leave.part is not None:
            held, taken = _take(
                held, min(leave.n, over), among=_ending(held, leave.part)
            )
            over -= taken
    if over <= 0:
        return held
    present = [i for i, part in enumerate(held) if part.persons.most]
    if len({held[i].last_day for i in present}) > 1:
        held = [replace(part, assumed=True) for part in held]

    def order(index: int) -> tuple[bool, bool, date, date]:
        part = held[index]
        arrived = part.came is not None and part.came <= on
        # Who left before anyone came is none of those who came later.
        return (arrived, part.came is None, part.last_day or date.min, part.start)

    held, _ = _take(held, over, among=sorted(present, key=order, reverse=True))
    return held


def _ending(held: list[Part], day: date) -> list[int]:
    return [index for index, part in enumerate(held) if part.last_day == day]


def _take(held: list[Part], n: int, *, among: Iterable[int]) -> tuple[list[Part], int]:
    """Return the parts without `n` persons, and how many were there to take."""
    result, taken = list(held), 0
    for index in among:
        here = min(n - taken, result[index].persons.most)
        rest = result[index].persons.most - here
        result[index] = replace(result[index], persons=Range(rest, rest))
        taken += here
    return result, taken


def met_by(pool: Pool, ref: str, item: Item[Renewal]) -> Met:
    """Return the parts before a renewal, how many of each it met, and the new last day.

    The parts are as they were on the day of the agreement, just before it. Where a
    pool leaves open how many had left, the most who can have stayed are taken.
    """
    question = ("met", ref, item.seq)
    if question not in pool.told:
        pool.told[question] = _met_by(pool, ref, item)
    return cast("Met", pool.told[question])


def _met_by(pool: Pool, ref: str, item: Item[Renewal]) -> Met:
    case, day = pool.cases[ref], item.record.agreed_on
    earlier = tuple(
        each
        for each in case.renewals
        if (each.record.agreed_on, each.seq) < (day, item.seq)
    )
    before = pool.with_renewals(ref, earlier)
    held = list(parts(before, ref, on=day))
    return tuple(
        (part, n, _extended(case, part, item).last_day or day)
        for part, n in _meeting(held, item.record)
    )


def _meeting(held: list[Part], record: Renewal) -> list[tuple[Part, int]]:
    """Return the parts in the order in which a renewal meets them, and how many.

    It meets the part that ends the day before it begins, else the one that ends
    first. Persons beyond those held are a variance, not an extension of anybody.
    """
    rest = record.persons.n

    def order(part: Part) -> tuple[bool, date]:
        follows = record.from_ is not None and record.from_ == _day_after(part.last_day)
        return (not follows, part.last_day or date.max)

    found = []
    for part in sorted(held, key=order):
        n = min(rest, part.persons.most)
        rest -= n
        found.append((part, n))
    return found


def _renew(case: Case, held: list[Part], item: Item[Renewal]) -> list[Part]:
    """Return the parts after a renewal: it may extend some persons and not others."""
    kept: list[Part] = []
    renewed: list[Part] = []
    for part, n in _meeting(held, item.record):
        left = part.persons.most - n
        if left:
            kept.append(replace(part, persons=Range(left, left)))
        if n:
            extended = replace(_extended(case, part, item), persons=Range(n, n))
            renewed = joined(renewed, extended)
    return [*kept, *renewed]


def _extended(case: Case, part: Part, item: Item[Renewal]) -> Part:
    record = item.record
    follows = _day_after(part.last_day)
    begins = record.from_ or follows or record.agreed_on
    anchor, total = part.anchor, None
    if (
        record.length is not None
        and begins == follows
        and part.length is not None
        and part.capped_by is None
    ):
        total = add(part.length, record.length)
    if record.length is None:
        end, clipped = record.until or begins, False
        anchor, total = begins, None
    else:
        if total is None:
            anchor, total = begins, record.length
        end = last_day(anchor, total)
        clipped = last_day_clipped(anchor, total)
    clause = renewal_clause(case)
    outer = None if clause is None else clause.outer_limit
    limits = [limit for limit in (outer, cap(case)[0]) if limit is not None]
    period = Period(
        seq=item.seq,
        begins=begins,
        last_day=end,
        agreed_on=record.agreed_on,
        gap_days=0
        if follows is None
        else max(0, (max(begins, record.agreed_on) - follows).days),
        notice=_notice(clause, part.last_day, record),
        beyond_limit=any(end > limit for limit in limits),
    )
    return replace(
        part,
        anchor=anchor,
        length=total,
        last_day=end,
        clipped=clipped,
        capped_by=None,
        periods=(*part.periods, period),
    )


def _day_after(day: date | None) -> date | None:
    """Return the next day; None where there is none, as after 9999-12-31."""
    return None if day is None or day == date.max else day + ONE_DAY


def ends_surely(case: Case) -> bool:
    """Return whether no way to count the case's terms can pass the calendar."""
    items = (case.opening, *case.instruments, *case.receipts, *case.renewals)
    return end_surely(item.record for item in items)


def end_surely(records: Iterable[Record | None]) -> bool:
    """Return whether no terms that some records tell of can pass the calendar.

    A bound that is quickly had: the latest day in sight and all lengths together.
    Law: what it says of some records holds of fewer.
    """
    seen: list[date | None] = [date.min]
    lengths: list[Duration | None] = []
    for record in records:
        term = None
        match record:
            case Transfer():
                term = record.term
                seen += [departure.at.latest(_ZONE) for departure in record.departures]
            case Receipt():
                times = (record.arrived, record.admitted)
                seen += [when.latest(_ZONE) for when in times if when is not None]
            case Renewal():
                seen += [record.agreed_on, record.from_, record.until]
                lengths.append(record.length)
            case Instrument():
                term = record.term
                when = record.occurred
                seen.append(None if when is None else when.latest(_ZONE))
            case _:
                pass
        if term is not None:
            lengths.append(term.length)
            seen.append(term.until)
            if term.trigger is not None and term.trigger[0].isdigit():
                seen.append(date.fromisoformat(term.trigger))
    spans = [span for span in lengths if span is not None]
    months = sum(span.months for span in spans)
    days = sum(span.days for span in spans)
    latest = max(day for day in seen if day is not None).year
    latest += sum(span.years for span in spans) + months // 12 + days // 365
    return latest + _SLACK < date.max.year and max(months, days) < _LARGEST_NUMBER


def renewal_clause(case: Case) -> RenewalClause | None:
    """Return the renewal clause of the latest named instrument that has one."""
    clauses = [
        item.record.renewal
        for item in case.instruments
        if item.record.renewal is not None
        and item.record.type != "announcement"
        and counts(item.record.status)
    ]
    return clauses[-1] if clauses else None


def _notice(clause: RenewalClause | None, end: date | None, record: Renewal) -> Notice:
    """Return whether a renewal was asked for by the day on which notice was due.

    What was agreed by that day was asked for by then; of what was agreed later only
    the day of the request tells.
    """
    if clause is None or clause.notice is None:
        return "none"
    due = clause.notice.last_day
    if due is None and clause.notice.lead is not None and end is not None:
        due = latest_notice_day(end, clause.notice.lead)
    if due is None:
        return "none"
    if record.agreed_on <= due:
        return "in-time"
    if record.requested_on is None:
        return "unknown"
    return "late" if record.requested_on > due else "in-time"
