"""Where the persons of a transfer are: the balance that must hold on any day.

For each pool of transfers and at the end of every day:
departed + surplus = in transit + held + the sum of exits by disposition + unaccounted.
`surplus` are persons whom the custodian counted, or who left, beyond the departure: a
variance, never an error to suppress. `unaccounted` are derived at once when a final
receipt counts fewer than departed, and never close by themselves.
The closed list of dispositions follows GC III art. 122; the balance is the register's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.cases import Case, Item, arrival_day, case_of, counts, exit_day
from ledger.domain.flows import Group, Leaving, Range, beyond, remaining
from ledger.domain.forms import Reference
from ledger.domain.history import History
from ledger.domain.records import Exit


@dataclass(frozen=True, slots=True)
class Leave:
    """An exit, or the refused of a receipt, as it counts in the balance.

    Attributes:
        seq: The entry that says so.
        how: The disposition.
        refs: The transfers that the persons can belong to.
        day: The day on which they had left.
        n: How many.
        part: Last authorised day of the part they left from, if the entry names it.
    """

    seq: int
    how: str
    refs: tuple[str, ...]
    day: date
    n: int
    part: date | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The persons of one transfer at the end of one day.

    Attributes:
        departed: Persons who had left the origin.
        surplus: Persons counted on arrival beyond those.
        arrived: Persons counted on arrival.
        final: A receipt closed the count.
        missing: Departed but not counted by a final receipt: unaccounted.
        remaining: In transit or held.
        in_transit: Departed and not yet counted anywhere.
        held: In the custodian's hands.
        exits: Persons who certainly left from this transfer, by disposition.
        shared: Exits of its pool that name several transfers.
    """

    departed: int
    surplus: int
    arrived: int
    final: bool
    missing: int
    remaining: Range
    in_transit: Range
    held: Range
    exits: Mapping[str, int]
    shared: tuple[Leave, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Transfers that exits tie together; a transfer alone is a pool of one.

    Attributes:
        cases: The cases, by reference, in order.
        leaves: Every exit that counts, each once, by day and entry.
    """

    cases: Mapping[str, Case]
    leaves: tuple[Leave, ...]

    def groups(self, *, on: date) -> list[Group]:
        """Return who could be in custody by the end of a day, by day of coming."""
        found = []
        for ref, case in self.cases.items():
            count = _count(case, on=on)
            absent = count.missing
            departed = [d for d in case.departures() if d.day <= on]
            for departure in reversed(departed):
                away = min(absent, departure.n)
                absent -= away
                if departure.n > away:
                    found.append(Group(ref, departure.day, departure.n - away))
            if count.surplus > absent:
                # They are counted with the first arrival: nobody leaves uncounted.
                n = count.surplus - absent
                found.append(Group(ref, count.first_arrival, n))
        return found

    def leaving(self, *, on: date) -> list[Leaving]:
        """Return the exits by the end of a day."""
        return [
            Leaving(refs=leave.refs, day=leave.day, n=leave.n)
            for leave in self.leaves
            if leave.day <= on
        ]

    def remaining(self, refs: Collection[str], *, on: date) -> Range:
        """Return the bounds of how many persons of some transfers remain."""
        return remaining(self.groups(on=on), self.leaving(on=on), among=refs)

    def beyond(self, *, on: date) -> int:
        """Return how many are said to have left beyond those who ever came."""
        return beyond(self.groups(on=on), self.leaving(on=on))

    def balance(self, ref: str, *, on: date) -> Balance:
        """Return the balance of one transfer at the end of a day."""
        count = _count(self.cases[ref], on=on)
        rest = self.remaining({ref}, on=on)
        waiting = 0 if count.final else max(0, count.expected - count.arrived)
        transit = Range(min(waiting, rest.least), min(waiting, rest.most))
        exits: dict[str, int] = {}
        shared = []
        for leave in self.leaves:
            if ref not in leave.refs or leave.day > on:
                continue
            if len(leave.refs) > 1:
                shared.append(leave)
            else:
                exits[leave.how] = exits.get(leave.how, 0) + leave.n
        return Balance(
            departed=count.departed,
            surplus=count.surplus,
            arrived=count.arrived,
            final=count.final,
            missing=count.missing,
            remaining=rest,
            in_transit=transit,
            held=Range(rest.least - transit.least, rest.most - transit.most),
            exits=exits,
            shared=tuple(shared),
        )

    def event_days(self) -> list[date]:
        """Return the days on which the balance can change, in order."""
        days = {leave.day for leave in self.leaves}
        for case in self.cases.values():
            days.update(departure.day for departure in case.departures())
            for item in case.counted_receipts():
                days.add(arrival_day(item.record, case.zone))
        return sorted(days)


@dataclass(frozen=True, slots=True)
class _Count:
    departed: int
    expected: int
    arrived: int
    final: bool
    missing: int
    surplus: int
    first_arrival: date


def _count(case: Case, *, on: date) -> _Count:
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
    return _Count(
        departed=departed,
        expected=expected,
        arrived=arrived,
        final=final,
        missing=(max(0, expected - arrived) if final else 0) + unplaced,
        surplus=max(0, arrived - expected),
        first_arrival=first,
    )


def pool_of(history: History, ref: str) -> Pool:
    """Return the pool that a transfer belongs to, with every exit that counts."""
    refs = history.pool_of(history.known_as(ref))
    found = {r: case_of(history, r) for r in refs}
    cases = {r: case for r, case in found.items() if case is not None}
    exits = {item.seq: item for case in cases.values() for item in case.exits}
    leaves = [leave for item in exits.values() for leave in _left(history, item, cases)]
    for r, case in cases.items():
        leaves.extend(
            Leave(
                seq=item.seq,
                how="refused_not_admitted",
                refs=(r,),
                day=arrival_day(item.record, case.zone),
                n=item.record.refused_persons,
            )
            for item in case.counted_receipts()
            if item.record.refused_persons
        )
    leaves.sort(key=lambda leave: (leave.day, leave.seq, leave.refs))
    return Pool(cases=cases, leaves=tuple(leaves))


def _left(history: History, item: Item[Exit], cases: Mapping[str, Case]) -> list[Leave]:
    """Return how an exit counts: as one pool, or by its split; not if alleged."""
    record = item.record
    if not counts(record.status):
        return []
    if record.split is None:
        portions = [(record.transfers, record.persons.n)]
    else:
        portions = [((p.transfer,), p.n) for p in record.split]
    named = [(_refs(history, references, cases), n) for references, n in portions]
    return [
        Leave(
            seq=item.seq,
            how=record.how,
            refs=refs,
            day=exit_day(record, cases[refs[0]].zone),
            n=n,
            part=record.part,
        )
        for refs, n in named
        if refs
    ]


def _refs(
    history: History, references: Sequence[Reference], cases: Mapping[str, Case]
) -> tuple[str, ...]:
    refs = dict.fromkeys(history.ref_at(reference) for reference in references)
    return tuple(ref for ref in refs if ref is not None and ref in cases)


def held_among(pools: Sequence[Pool], refs: Collection[str], *, on: date) -> Range:
    """Return the bounds of how many persons of some transfers remain, all told.

    They are bounds of the set: in a pool, not the sums of the transfers' own.
    """
    ranges = [
        pool.remaining([r for r in pool.cases if r in refs], on=on) for pool in pools
    ]
    return Range(sum(r.least for r in ranges), sum(r.most for r in ranges))
