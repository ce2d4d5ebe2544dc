"""How long persons are held past a last authorised day, and who has left since.

An overstay that goes on is `overdue`; one that a renewal ended leaves a gap. One that
an exit ended would be in no figure of today, and is kept in sight here: nobody is held
past an authorised term unnoticed, not even afterwards. Where only the month is recorded
in which a term began, an overstay that goes on is told between bounds.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from ledger.domain.beginnings import began
from ledger.domain.cases import counts
from ledger.domain.custody import Pool
from ledger.domain.days import end_of_day
from ledger.domain.ranges import Range
from ledger.domain.starting import start_of
from ledger.domain.staying import added_up, evenings
from ledger.domain.terms import ONE_DAY, Part, met_by, parts


def overstay(pool: Pool, ref: str, part: Part, *, on: date) -> tuple[int, Range] | None:
    """Return the days over and the person-days over, or None if none is known.

    The overstay begins when the last day is over in the deciding zone; person-days
    add up who was held at the end of each day since. Their bounds are those of
    allocations of the pool's exits that are the same on all those days.
    """
    if part.last_day is None or on <= part.last_day:
        return None
    first = part.last_day + ONE_DAY
    return (on - part.last_day).days, person_days_from(
        pool, ref, part, first=first, on=on
    )


def person_days_from(
    pool: Pool, ref: str, part: Part, *, first: date, on: date
) -> Range:
    """Return how many persons of a part there were, added up over some evenings.

    They are those who are in it on the last of them, or left it by an exit before;
    whom a renewal took out of it is of the part that it made, on all evenings.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        part: One of its parts.
        first: The first day that counts; after `on` there is none.
        on: The last.
    """
    return added_up(evenings(pool, ref, part, first=first, on=on))


def stretches(
    pool: Pool, ref: str, *, first: date, on: date
) -> Iterator[tuple[date, int]]:
    """Yield days on which the parts of a transfer change, and the days until the next.

    They begin with `first`, and end with `on`.
    """
    if first > on:
        return
    renewals = pool.cases[ref].renewals
    changes = {*pool.days_of(ref), *(item.record.agreed_on for item in renewals)}
    days = sorted({first, *(day for day in changes if first < day <= on)})
    ends = [*(day.toordinal() for day in days[1:]), on.toordinal() + 1]
    for day, after in zip(days, ends, strict=True):
        yield day, after - day.toordinal()


class Overstay(Struct, frozen=True):
    """One exit that ended an overstay.

    Attributes:
        seq: The entry of the exit.
        days: Days past the last authorised day; the day of the exit is not counted.
        sure: Whether somebody of this transfer surely left; a pool may leave it open.
    """

    seq: int
    days: int
    sure: bool


def ended_overstays(pool: Pool, ref: str, *, on: date) -> Iterator[Overstay]:
    """Yield the exits of a transfer that came after somebody's last authorised day.

    Of several such parts the one that was longest over counts.
    """
    leaves = [leave for leave in pool.leaves if ref in leave.refs and leave.day <= on]
    first = _first_end(pool, ref, on=on)
    for day in sorted({leave.day for leave in leaves if leave.day - ONE_DAY > first}):
        after = {part.key: part.persons for part in parts(pool, ref, on=day)}
        over: dict[bool, int] = {}
        for part in parts(pool, ref, on=day - ONE_DAY):
            if part.last_day is None or part.last_day >= day - ONE_DAY:
                continue
            rest = after.get(part.key)
            least, most = (rest.least, rest.most) if rest else (0, 0)
            if part.persons.most > most or part.persons.least > least:
                sure = part.persons.least > most
                days = (day - ONE_DAY - part.last_day).days
                over[sure] = max(days, over.get(sure, 0))
        seq = max(leave.seq for leave in leaves if leave.day == day)
        for sure, days in over.items():
            yield Overstay(seq, days=days, sure=sure)


def over_already(pool: Pool, ref: str, seq: int, *, now: datetime) -> date | None:
    """Return the last day of a renewal's new period, if that is over at an instant.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer.
        seq: The entry; of one that is no renewal of the transfer nothing is over.
        now: The instant, such as that of the recording, UTC.
    """
    case = pool.cases[ref]
    over = [
        end
        for item in case.renewals
        if item.seq == seq
        for _, n, end in met_by(pool, ref, item)
        if n and end_of_day(end, case.zone) <= now
    ]
    return max(over, default=None)


class Emptied(Struct, frozen=True):
    """A part in which nobody is left, held past its last authorised day until then.

    Attributes:
        part: The part, as it was on the last day on which somebody can have been there.
        until: That day.
    """

    part: Part
    until: date


def emptied_late(pool: Pool, ref: str, *, on: date) -> tuple[Emptied, ...]:
    """Return the parts of a transfer that exits emptied after their last day.

    Law: none of them is a part at the end of the day `on`; each had somebody at the end
    of its own day `until`, which is after its last authorised day. A part that an
    arrival or a renewal made another is none of them: that one tells of the gap.
    """
    first = _first_end(pool, ref, on=on)
    days = {leave.day for leave in pool.leaves_of(ref) if leave.day <= on}
    there = {part.key for part in parts(pool, ref, on=on)}
    found: dict[tuple[object, ...], Emptied] = {}
    for day in sorted(day for day in days if day - ONE_DAY > first):
        eve = day - ONE_DAY
        for part in parts(pool, ref, on=eve, known=on):
            over = part.last_day is not None and part.last_day < eve
            if over and part.key not in there and _emptied(pool, ref, part, on=day):
                found[part.key] = Emptied(part, eve)
    return tuple(found.values())


def _emptied(pool: Pool, ref: str, part: Part, *, on: date) -> bool:
    """Return whether exits of a day left nobody in a part that was there before it."""
    case = pool.cases[ref]
    if part.provisional and pool.came(ref, on=on).arrived > (
        pool.came(ref, on=on - ONE_DAY).arrived
    ):
        return False
    earlier = [item for item in case.renewals if item.record.agreed_on < on]
    after = parts(pool.with_renewals(ref, earlier), ref, on=on)
    return part.key not in {each.key for each in after}


def _first_end(pool: Pool, ref: str, *, on: date) -> date:
    """Return a day that no last day is before: nobody is over a term until then.

    The last day of the calendar where there is none. A renewal may set an end before
    the one that it met; what it counts by a length ends no earlier than it begins.
    Whoever was lost on the way is of no part any more, but was on the first day.
    """
    case = pool.cases[ref]
    begun = [*began(case, on=case.opening_day()), *began(case, on=on)]
    ends = [part.last_day for part in begun]
    for told in map(case.accounts_of, case.renewals):
        for item in told:
            ends += [item.record.until, item.record.from_]
    return min((day for day in ends if day is not None), default=date.max)


class Over(Struct, frozen=True):
    """How long persons of a part are past their last authorised day.

    Attributes:
        days: Days over; more than one number where only the month is recorded in which
            the term began.
        person_days: Persons at the end of each of those days, added up.
    """

    days: Range
    person_days: Range


def over_bounds(pool: Pool, ref: str, part: Part, *, on: date) -> Over | None:
    """Return how long a part is over its term, or None if it is not.

    It is over as soon as it would be, had it begun on the first day that it can have.
    Law: the figures of every book that records a day instead of each month lie within
    the bounds, as long as exits count on the same days. They are such books' own
    figures where all persons came together.
    """
    counted = overstay(pool, ref, part, on=on)
    if counted is None:
        return None
    over, person_days = counted
    case = pool.cases[ref]
    begun = began(case, on=on)
    starts = [start_of(case, each) for each in begun]
    if all(start.last == start.first for start in starts):
        return Over(Range(over, over), person_days)
    latest = start_of(case, part).end_latest
    assert latest is not None  # noqa: S101 (it has an end)
    first, later = on - timedelta(over - 1), latest + ONE_DAY
    least = person_days_from(pool, ref, part, first=later, on=on).least
    most = person_days.most
    if len({each.start for each in begun}) > 1:
        least = min(least, _surely(pool, ref, part, first=later, on=on))
        most = max(most, _at_most(pool, ref, part, first=first, on=on))
    days = Range(max(0, (on - latest).days), over)
    return Over(days, Range(least, most, person_days.qualifier))


def _surely(pool: Pool, ref: str, part: Part, *, first: date, on: date) -> int:
    """Return the fewest person-days, whichever part others left or renewals met.

    All who left can have been of this part, and all whom a renewal extended.
    """
    case = pool.cases[ref]
    agreed = (item for item in case.renewals if counts(item.record.status))
    if any(item.record.agreed_on <= on for item in agreed):
        return 0
    least = 0
    for day, span in stretches(pool, ref, first=first, on=on):
        others = [each for each in began(case, on=day) if each.start != part.start]
        rest = pool.remaining({ref}, on=day).least
        least += span * max(0, rest - sum(each.persons.most for each in others))
    return least


def _at_most(pool: Pool, ref: str, part: Part, *, first: date, on: date) -> int:
    """Return the most person-days, whichever part others left or renewals met."""
    most = 0
    for day, span in stretches(pool, ref, first=first, on=on):
        own = [e for e in began(pool.cases[ref], on=day) if e.start == part.start]
        rest = pool.remaining({ref}, on=day).most
        most += span * min(rest, sum(each.persons.most for each in own))
    return most
