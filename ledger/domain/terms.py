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
from datetime import date
from typing import TypeAlias, cast

from msgspec.structs import replace

from ledger.domain.away import Away
from ledger.domain.beginnings import Part, Period, began
from ledger.domain.cases import Case, Item, counts
from ledger.domain.custody import Pool
from ledger.domain.extending import ONE_DAY, extended, meeting, renewal_clause, renewed
from ledger.domain.flows import Range
from ledger.domain.moves import Course, Move, who_left, who_returned
from ledger.domain.part_counts import part_counts
from ledger.domain.records import Instrument, Receipt, Renewal, Transfer
from ledger.domain.regained import Regained
from ledger.domain.schemas import Record
from ledger.domain.times import Duration

__all__ = [
    "ONE_DAY",
    "Met",
    "Part",
    "Period",
    "courses",
    "end_surely",
    "ends_surely",
    "met_by",
    "parts",
    "renewal_clause",
]

Met: TypeAlias = tuple[tuple[Part, int, date], ...]
"""Parts before a renewal, how many of each it met, and their new last day."""

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


def courses(
    pool: Pool,
    ref: str,
    *,
    on: date,
    known: date | None = None,
    since: date | None = None,
) -> tuple[Course, Course]:
    """Return how all went with the most who can have left, and with the fewest.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        on: The day.
        known: As for `parts`.
        since: As for `Pool.gone`.
    """
    rest = _rest(pool, ref, on=on, known=known, since=since)
    fewest = {day: bounds.least for day, bounds in rest.items()}
    most = {day: bounds.most for day, bounds in rest.items()}
    low = _play(pool, ref, on=on, targets=fewest)
    return low, low if most == fewest else _play(pool, ref, on=on, targets=most)


def _parts(
    pool: Pool, ref: str, *, on: date, known: date | None, since: date | None
) -> tuple[Part, ...]:
    low, high = (
        {part.key: part for part in course.held}
        for course in courses(pool, ref, on=on, known=known, since=since)
    )
    every = dict.fromkeys([*high, *low])
    said = part_counts(pool, ref, on=on, several=len(every) > 1)
    found = []
    for key in every:
        sides = [side[key] for side in (low, high) if key in side]
        numbers = [part.persons.most for part in sides]
        least = min(numbers) if len(sides) == 2 else 0  # noqa: PLR2004 (low and high)
        found.append(
            replace(
                sides[-1],
                persons=Range(least, max(numbers), said(sides[-1])),
                assumed=any(part.assumed for part in sides),
            )
        )
    return tuple(
        sorted(found, key=lambda part: (part.last_day or date.max, part.start))
    )


def _play(pool: Pool, ref: str, *, on: date, targets: Mapping[date, int]) -> Course:
    """Return what came of the parts by a day, in one extreme of the pool.

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
    began_so, moves = tuple(held), list[Move]()
    days = {*targets, *(item.record.agreed_on for item in renewals)}
    for day in sorted(days | {each.day for each in back}):
        returning = [each for each in back if each.day == day]
        rest = [targets[day]] if day in targets else []
        # Who left on a day left before others came back, and so did not leave twice;
        # where that many were not there, some of those who came back left again.
        steps: list[int | Regained] = [
            *(to - sum(each.n for each in returning) for to in rest),
            *returning,
            *(max(to, 0) for to in rest),
        ]
        for step in steps:
            before = held
            if isinstance(step, int):
                held = _release(pool, ref, held, to=step, on=day)
                away.note(before, held, on=day)
                moves += who_left(before, held, day=day)
            else:
                held = away.returned(held, step)
                moves += who_returned(before, held, day=day, seq=step.seq)
        for item in renewals:
            if item.record.agreed_on == day:
                held, moved = renewed(case, held, item)
                moves += moved
    there = tuple(part for part in held if part.persons.most)
    return Course(began_so, tuple(moves), there)


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
    if over <= 0:
        return held
    for leave in pool.leaves_of(ref):
        if leave.day == on and leave.refs == (ref,) and leave.part is not None:
            held, taken = _take(
                held, min(leave.n, over), among=_ending(held, leave.part)
            )
            over -= taken
    if not over:
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
        (part, n, extended(case, part, item).last_day or day)
        for part, n in meeting(case, held, item)
    )


def ends_surely(case: Case) -> bool:
    """Return whether no way to count the case's terms can pass the calendar."""
    items = (case.opening, *case.instruments, *case.receipts, *case.renewals)
    records: list[Record] = [item.record for item in items]
    return end_surely([*records, *(item.record for item in case.rivals)])


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
