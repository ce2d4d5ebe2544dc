"""Who was held past a last authorised day and has left since.

An overstay that goes on is `overdue`; one that a renewal ended leaves a gap. One that
an exit ended would be in no figure of today, and is kept in sight here: nobody is held
past an authorised term unnoticed, not even afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.beginnings import began
from ledger.domain.custody import Pool
from ledger.domain.terms import ONE_DAY, Part, parts


@dataclass(frozen=True, slots=True)
class Overstay:
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


@dataclass(frozen=True, slots=True)
class Emptied:
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
    for item in case.renewals:
        ends += [item.record.until, item.record.from_]
    return min((day for day in ends if day is not None), default=date.max)
