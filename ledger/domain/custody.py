"""Where the persons of a transfer are: the balance that must hold on any day.

For each pool of transfers and at the end of every day:
departed + surplus = in transit + held + the sum of exits by disposition + unaccounted.
Who came back after an exit is no longer among those who left by it.
`surplus` are persons whom the custodian counted, or who left, beyond the departure: a
variance, never an error to suppress. `unaccounted` are derived at once when a final
receipt counts fewer than departed, and never close by themselves.
The closed list of dispositions follows GC III art. 122; the balance is the register's.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any, TypeAlias, cast

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.domain.arrivals import Arrivals, Came
from ledger.domain.bounding import Gone
from ledger.domain.cases import Case, Item, arrival_day, case_of
from ledger.domain.counting import Balance, Said, said_of
from ledger.domain.history import History
from ledger.domain.leaving import leaves_of
from ledger.domain.qualifying import added, less, number, plus
from ledger.domain.ranges import Group, Leaving, Range
from ledger.domain.records import Renewal
from ledger.domain.tying import Leave, Tied, tie

__all__ = ["Balance", "Leave", "Pool", "held_among", "pool_of", "pools_by_ref"]


class _Seen(Struct):
    """What was found out about a pool, so that it is found out once.

    Attributes:
        leaves: The exits that name each transfer.
        arrivals: Who of each transfer had come, day by day.
        days: All days on which something changes.
        ties: What exits tie together by a day; of the last days that were asked for.
    """

    leaves: dict[str, tuple[Leave, ...]] | None = None
    arrivals: dict[str, Arrivals] = field(default_factory=dict)
    days: tuple[date, ...] | None = None
    ties: dict[date, dict[str, Tied]] = field(default_factory=dict)
    alone: dict[tuple[str, date], Tied] = field(default_factory=dict)


_DAYS_KEPT = 8
Told: TypeAlias = dict[tuple[object, ...], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Pool:
    """Transfers that exits tie together; a transfer alone is a pool of one.

    Attributes:
        cases: The cases, by reference, in order.
        leaves: Every exit that counts, each once, by day and entry.
        told: What was told of this pool before, by question, here and in
            `ledger.domain.terms`; of a pool as if something else were so it is new.
    """

    cases: Mapping[str, Case]
    leaves: tuple[Leave, ...]
    _seen: _Seen = dataclasses.field(
        default_factory=_Seen, init=False, repr=False, compare=False
    )
    told: Told = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def with_renewals(self, ref: str, renewals: Sequence[Item[Renewal]]) -> "Pool":
        """Return the pool as if a transfer had only these renewals.

        Nobody comes or leaves by a renewal: what was found out stays.
        """
        case = dataclasses.replace(self.cases[ref], renewals=tuple(renewals))
        changed = dataclasses.replace(self, cases={**self.cases, ref: case})
        object.__setattr__(changed, "_seen", self._seen)
        return changed

    def with_leaves(self, leaves: Sequence[Leave]) -> "Pool":
        """Return the pool as if only these persons had left; who came stays."""
        changed = dataclasses.replace(self, leaves=tuple(leaves))
        changed._seen.arrivals.update(self._seen.arrivals)  # noqa: SLF001 (its own)
        return changed

    def leaves_of(self, ref: str) -> tuple[Leave, ...]:
        """Return the exits that name a transfer, by day and entry."""
        if self._seen.leaves is None:
            found: dict[str, list[Leave]] = {}
            for leave in self.leaves:
                for named in leave.refs:
                    found.setdefault(named, []).append(leave)
            self._seen.leaves = {name: tuple(each) for name, each in found.items()}
        return self._seen.leaves.get(ref, ())

    def came(self, ref: str, *, on: date) -> Came:
        """Return who of a transfer had departed and come by the end of a day."""
        return self._arrivals(ref).by(on)

    def _arrivals(self, ref: str) -> Arrivals:
        if ref not in self._seen.arrivals:
            self._seen.arrivals[ref] = Arrivals(self.cases[ref])
        return self._seen.arrivals[ref]

    def groups(self, *, on: date) -> list[Group]:
        """Return who could be in custody by the end of a day, by day of coming."""
        return [group for ref in self.cases for group in self.came(ref, on=on).groups]

    def leaving(self, *, on: date) -> list[Leaving]:
        """Return the exits by the end of a day."""
        return [
            Leaving(refs=leave.refs, day=leave.day, n=int(leave.n))
            for leave in self.leaves
            if leave.day <= on
        ]

    def still_gone(self, *, on: date) -> list[Leave]:
        """Return the exits by the end of a day, less those who came back by then."""
        back: dict[tuple[int, str | None], int] = {}
        exits = {leave.seq: leave for leave in self.leaves if len(leave.refs) > 1}
        for ref, case in self.cases.items():
            for each in case.regained:
                if each.day <= on:
                    key = (each.exit, None if each.exit in exits else ref)
                    back[key] = added((back.get(key, 0), each.n))
        found = []
        for leave in self.leaves:
            key = (leave.seq, None if len(leave.refs) > 1 else leave.refs[0])
            n = less(leave.n, back.get(key, 0))
            if leave.day <= on and n:
                found.append(replace(leave, n=n))
        return found

    def said(self, refs: Collection[str], *, on: date) -> Iterator[Said]:
        """Yield how exact the counts of some transfers are by a day."""
        for ref in refs:
            came, leaves = self.came(ref, on=on), self.leaves_of(ref)
            yield said_of(self.cases[ref], came, leaves, on=on)

    def shared(self, ref: str, *, on: date) -> bool:
        """Return whether by a day an exit names a transfer together with others."""
        leaves = self.leaves_of(ref)
        return any(leave.day <= on and len(leave.refs) > 1 for leave in leaves)

    def tied(self, ref: str, *, on: date) -> Tied:
        """Return the transfers that exits tie to one by the end of a day."""
        if on not in self._seen.ties and not self.shared(ref, on=on):
            return self._alone(ref, on=on)
        return self._ties(on)[ref]

    def _alone(self, ref: str, *, on: date) -> Tied:
        alone = self._seen.alone
        if (ref, on) not in alone:
            groups = self.came(ref, on=on).groups
            (alone[ref, on],) = tie(self.leaves_of(ref), {ref: groups}, on=on).values()
        return alone[ref, on]

    def _ties(self, on: date) -> dict[str, Tied]:
        ties = self._seen.ties
        if on not in ties:
            if len(ties) == _DAYS_KEPT:
                del ties[next(iter(ties))]
            groups = {ref: self.came(ref, on=on).groups for ref in self.cases}
            ties[on] = tie(self.leaves, groups, on=on)
        return ties[on]

    def gone(
        self,
        ref: str,
        *,
        on: date,
        known: date | None = None,
        since: date | None = None,
    ) -> tuple[Gone, ...]:
        """Return how many of a transfer had left, by each day until one.

        Law: each side is one allocation of the persons of every exit, the same on all
        days until the one on which it is known.

        Args:
            ref: The transfer.
            on: The last day that is told.
            known: The day by which exits count; the same unless given. It makes no
                difference to a transfer that no exit names together with others.
            since: The first of the days that count where they are at odds.
        """
        at = known if known is not None and self.shared(ref, on=known) else on
        steps = self.tied(ref, on=at).course(ref, since=since)
        return steps if at == on else tuple(step for step in steps if step.day <= on)

    def rest(self, ref: str, *, on: date) -> dict[date, Range]:
        """Return how many remained on each day on which that can have changed.

        Each side is one allocation, the same on all days until the one asked for.
        """
        opened = self.cases[ref].opening_day()
        found = {}
        for day in self.days_of(ref):
            if opened <= day <= on:
                here = self.came(ref, on=day).here
                steps = self.gone(ref, on=day, known=on, since=opened)
                left = steps[-1].n if steps else Range(0, 0)
                found[day] = Range(max(0, here - left.most), max(0, here - left.least))
        return found

    def remaining(self, refs: Collection[str], *, on: date) -> Range:
        """Return the bounds of how many persons of some transfers remain."""
        together: dict[int, tuple[Tied, list[str]]] = {}
        here = 0
        known = set(refs) & self.cases.keys()
        for ref in known:
            here += self.came(ref, on=on).here
            tied = self.tied(ref, on=on)
            together.setdefault(id(tied), (tied, []))[1].append(ref)
        left = [tied.gone(names) for tied, names in together.values()]
        return Range(
            here - sum(each.most for each in left),
            here - sum(each.least for each in left),
            plus(*(count.remaining for count in self.said(known, on=on))),
        )

    def beyond(self, *, on: date) -> int:
        """Return how many are said to have left beyond those who ever came."""
        ties = {id(tied): tied for tied in self._ties(on).values()}
        return sum(together.beyond for together in ties.values())

    def exceeding(self, ref: str, *, on: date) -> list[tuple[Leave, int]]:
        """Return the exits of a transfer that do not fit those who came.

        With each goes by how many it exceeds them: those of this transfer, where the
        exit or its split names only that; those of all it names together otherwise.
        """
        found = self.tied(ref, on=on).exceeding()
        return [(leave, n) for leave, n in found if ref in leave.refs]

    def balance(self, ref: str, *, on: date) -> Balance:
        """Return the balance of one transfer at the end of a day."""
        question = ("balance", ref, on)
        if question not in self.told:
            self.told[question] = self._balance(ref, on=on)
        return cast("Balance", self.told[question])

    def _balance(self, ref: str, *, on: date) -> Balance:
        count, (said,) = self.came(ref, on=on), self.said({ref}, on=on)
        rest = self.remaining({ref}, on=on)
        least, most = (min(count.waiting, each) for each in (rest.least, rest.most))
        transit = Range(least, most, said.in_transit)
        exits: dict[str, int] = {}
        shared = []
        for leave in self.still_gone(on=on):
            if ref not in leave.refs:
                continue
            if len(leave.refs) > 1:
                shared.append(leave)
            else:
                exits[leave.how] = added((exits.get(leave.how, 0), leave.n))
        return Balance(
            departed=number(count.departed, said.departed),
            surplus=number(count.surplus, said.surplus),
            arrived=number(count.arrived, said.arrived),
            final=count.final,
            missing=number(count.missing, said.missing),
            remaining=rest,
            in_transit=transit,
            held=Range(rest.least - least, rest.most - most, said.held),
            exits=exits,
            shared=tuple(shared),
            recovered=added(b.n for b in self.cases[ref].regained if b.day <= on),
        )

    def event_days(self) -> list[date]:
        """Return the days on which the balance can change, in order."""
        if self._seen.days is None:
            every = {day for ref in self.cases for day in self.days_of(ref)}
            self._seen.days = tuple(sorted(every))
        return list(self._seen.days)

    def days_of(self, ref: str) -> list[date]:
        """Return the days on which persons of a transfer can come or leave."""
        case = self.cases[ref]
        days = {leave.day for leave in self.leaves_of(ref)}
        days.update(departure.day for departure in case.departures())
        days.update(arrival_day(i.record, case.zone) for i in case.counted_receipts())
        days.update(back.day for back in case.regained)
        return sorted(days)

    def ended_on(self, ref: str) -> date | None:
        """Return a day from which certainly nobody was left, for good.

        Where no exit names it together with others it is the first such day; else
        the last on which anything happened to those it is tied to.
        """
        if self.remaining({ref}, on=date.max).most:
            return None
        tied = self.tied(ref, on=date.max)
        days = sorted({day for each in tied.refs for day in self.days_of(each)})
        if len(tied.refs) > 1:
            return days[-1]

        def empty(day: date) -> bool:
            return not self.remaining({ref}, on=day).most

        return list(takewhile(empty, reversed(days)))[-1]


def pool_of(history: History, ref: str) -> Pool:
    """Return the pool that a transfer belongs to, with every exit that counts."""
    refs = history.pool_of(history.known_as(ref))
    found = {r: case_of(history, r) for r in refs}
    cases = {r: case for r, case in found.items() if case is not None}
    return Pool(cases=cases, leaves=leaves_of(history, cases))


def pools_by_ref(history: History, refs: Iterable[str]) -> dict[str, Pool]:
    """Return the pool of each transfer; those that exits tie together share it."""
    found: dict[str, Pool] = {}
    for ref in refs:
        if ref not in found:
            pool = pool_of(history, ref)
            found.update(dict.fromkeys((ref, *pool.cases), pool))
    return found


def held_among(pools: Sequence[Pool], refs: Collection[str], *, on: date) -> Range:
    """Return the bounds of how many persons of some transfers remain, all told.

    They are bounds of the set: in a pool, not the sums of the transfers' own.
    """
    ranges = [
        pool.remaining([r for r in pool.cases if r in refs], on=on) for pool in pools
    ]
    return Range(
        sum(r.least for r in ranges),
        sum(r.most for r in ranges),
        plus(*(r.qualifier for r in ranges)),
    )
