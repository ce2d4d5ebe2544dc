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
from ledger.domain.terms import ONE_DAY, parts


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
    ends = [part.last_day for part in began(pool.cases[ref], on=on) if part.last_day]
    # No renewal shortens a term: before the first end nobody can be over it.
    first = min(ends, default=date.max)
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
