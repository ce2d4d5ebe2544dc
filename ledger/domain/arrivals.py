"""Who of one transfer could be in custody by a day, as the entries of that day say."""

from bisect import bisect_right
from datetime import date

from msgspec import Struct, field

from ledger.domain.cases import Case, arrival_day, counts, exit_day
from ledger.domain.ranges import Group
from ledger.domain.records import Receipt


class Came(Struct, frozen=True):
    """How many of a transfer had departed and come by a day.

    Attributes:
        departed: Persons who had left the origin.
        expected: Those of them who were not lost on the way.
        arrived: Persons counted on arrival.
        final: A receipt closed the count.
        missing: Expected but not counted by a final receipt, or counted but neither
            admitted nor refused.
        surplus: Persons counted on arrival beyond those expected.
        groups: Who could be in custody, by the day from which they can leave; who
            came back after an exit is a group of that day.
    """

    departed: int
    expected: int
    arrived: int
    final: bool
    missing: int
    surplus: int
    groups: tuple[Group, ...]

    @property
    def here(self) -> int:
        """Return how many could be in custody if nobody had left."""
        return sum(group.n for group in self.groups)

    @property
    def waiting(self) -> int:
        """Return how many are expected whom nobody has counted yet."""
        return 0 if self.final else max(0, self.expected - self.arrived)


def came_by(case: Case, *, on: date) -> Came:
    """Return who had come by a day."""
    departed = sum(d.n for d in case.departures() if d.day <= on)
    expected = max(0, departed - case.lost_in_transit(on=on))
    receipts = [
        item.record
        for item in case.counted_receipts()
        if arrival_day(item.record, case.zone) <= on
    ]
    arrived = sum(receipt.arrived_persons for receipt in receipts)
    unplaced = sum(
        r.arrived_persons - r.held_persons - r.refused_persons for r in receipts
    )
    final = any(receipt.more_to_come is None for receipt in receipts)
    first = arrival_day(receipts[0], case.zone) if receipts else case.opening_day()
    missing = (max(0, expected - arrived) if final else 0) + unplaced
    surplus = max(0, arrived - expected)
    return Came(
        departed=departed,
        expected=expected,
        arrived=arrived,
        final=final,
        missing=missing,
        surplus=surplus,
        groups=(
            *_groups(case, missing=missing, surplus=surplus, first=first, on=on),
            *(Group(case.ref, r.day, int(r.n)) for r in case.regained if r.day <= on),
        ),
    )


def _groups(
    case: Case, *, missing: int, surplus: int, first: date, on: date
) -> tuple[Group, ...]:
    found = []
    absent = missing
    departed = [d for d in case.departures() if d.day <= on]
    for departure in reversed(departed):
        away = min(absent, departure.n)
        absent -= away
        if departure.n > away:
            found.append(Group(case.ref, departure.day, departure.n - away))
    if surplus > absent:
        # They are counted with the first arrival: nobody leaves uncounted.
        found.append(Group(case.ref, first, surplus - absent))
    return tuple(found)


class Arrivals(Struct):
    """Who of one transfer had come, day by day; counted once between two events."""

    case: Case
    days: tuple[date, ...] = ()
    _found: dict[int, Came] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the days on which something changes."""
        case = self.case
        days = {departure.day for departure in case.departures()}
        days.update(arrival_day(i.record, case.zone) for i in case.counted_receipts())
        # Who leaves on the way is not expected any more.
        days.update(
            exit_day(item.record, case.zone)
            for item in case.exits
            if counts(item.record.status)
        )
        days.update(back.day for back in case.regained)
        self.days = tuple(sorted(days))

    def by(self, day: date) -> Came:
        """Return who had come by a day."""
        number = bisect_right(self.days, day)
        if number not in self._found:
            at = self.days[number - 1] if number else day
            self._found[number] = came_by(self.case, on=at)
        return self._found[number]


def came_before_leaving(case: Case, receipt: Receipt) -> bool:
    """Return whether an arrival is said to lie a day before all departures.

    What no time zones can explain is refused at entry; where two days are recorded
    and no times, they could. Times with their offsets are in order by themselves.
    """
    came = receipt.arrived or receipt.admitted
    departures = () if case.transfer is None else case.transfer.departures
    left = [each.at for each in departures]
    if came is None or not left:
        return False
    times = {came.precision, *(when.precision for when in left)}
    if "month" in times or times == {"minute"}:
        return False
    return all(came.text[:10] < when.text[:10] for when in left)
