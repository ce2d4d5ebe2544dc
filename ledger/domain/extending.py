"""What a renewal does to the parts of a transfer: whom it meets, how it moves the end.

It counts from the day on which it was agreed. What lies between the old end and that
day is a gap, and stays one; it reaches no further than the new end, which may be over
by then: from there on the persons are past their last authorised day again. One that
states an end before the one in force shortens: what was agreed last holds.
"""

from datetime import date, timedelta

from msgspec.structs import replace

from ledger.domain.agreements import RenewalClause
from ledger.domain.beginnings import Gap, Notice, Part, Period, cap, joined
from ledger.domain.cases import Case, Item, counts
from ledger.domain.days import add, last_day, last_day_clipped, latest_notice_day
from ledger.domain.flows import Range
from ledger.domain.moves import Move
from ledger.domain.records import Renewal

ONE_DAY = timedelta(days=1)


def meeting(
    case: Case, held: list[Part], item: Item[Renewal]
) -> list[tuple[Part, int]]:
    """Return the parts in the order in which a renewal meets them, and how many.

    Where several books tell of the renewal it meets those whom all of them name.
    """
    first, *others = (_met(held, each.record) for each in case.accounts_of(item))
    found = []
    for part, n in first:
        also = (m for other in others for each, m in other if each is part)
        found.append((part, min(n, *also) if others else n))
    return found


def _met(held: list[Part], record: Renewal) -> list[tuple[Part, int]]:
    """Return the parts that one account of a renewal meets, in order, and how many.

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


def renewed(
    case: Case, held: list[Part], item: Item[Renewal]
) -> tuple[list[Part], list[Move]]:
    """Return the parts after a renewal, and whom it made another part.

    It may extend some persons and not others.
    """
    kept: list[Part] = []
    longer: list[Part] = []
    moves: list[Move] = []
    for part, n in meeting(case, held, item):
        left = part.persons.most - n
        if left:
            kept.append(replace(part, persons=Range(left, left)))
        if n:
            moved = replace(extended(case, part, item), persons=Range(n, n))
            longer = joined(longer, moved)
            day = item.record.agreed_on
            moves.append(Move(day, part.key, moved.key, n, item.seq))
    return [*kept, *longer], moves


def extended(case: Case, part: Part, item: Item[Renewal]) -> Part:
    """Return a part as a renewal leaves it: by the account that authorises less.

    That is the one with the earlier end; of two with one end, that which leaves more
    days without authority before it.
    """
    told = case.accounts_of(item)
    found = [_extended(case, part, each, deed=item.seq) for each in told]
    return min(found, key=_authority)


def ends_of(
    case: Case, part: Part, item: Item[Renewal]
) -> list[tuple[Item[Renewal], date, date]]:
    """Return each account of a renewal with the first and the last day of its period.

    Args:
        case: The transfer.
        part: The part that it meets.
        item: The account that counts.
    """
    found = []
    for each in case.accounts_of(item):
        period = _extended(case, part, each, deed=item.seq).periods[-1]
        found.append((each, period.begins, period.last_day))
    return found


def _authority(part: Part) -> tuple[date, int]:
    return part.last_day or date.max, -part.periods[-1].gap_days


def _extended(case: Case, part: Part, item: Item[Renewal], *, deed: int) -> Part:
    """Return a part as one account of a renewal leaves it.

    A renewal that moves the end forward takes the gaps beyond it along: those days
    are past the last authorised day then.
    """
    record = item.record
    follows = _day_after(part.last_day)
    begins = record.from_ or _following(record, follows)
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
        deed=deed,
        begins=begins,
        last_day=end,
        agreed_on=record.agreed_on,
        gap=_gap(follows, before=max(begins, record.agreed_on), end=end),
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
        periods=(*(each.within(end) for each in part.periods), period),
    )


def _following(record: Renewal, follows: date | None) -> date:
    """Return the first day of a renewal that states none; never after its end.

    One that reaches no further than the old end holds from its agreement.
    """
    until = date.max if record.until is None else record.until
    if follows is not None and follows <= until:
        return follows
    return min(record.agreed_on, until)


def _gap(follows: date | None, *, before: date, end: date) -> Gap | None:
    """Return the days without authority before a renewal, up to its own end."""
    if follows is None:
        return None
    last = min(before - ONE_DAY, end)
    return Gap(follows, last) if follows <= last else None


def _day_after(day: date | None) -> date | None:
    """Return the next day; None where there is none, as after 9999-12-31."""
    return None if day is None or day == date.max else day + ONE_DAY


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
