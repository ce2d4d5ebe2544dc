"""Two books of two states, laid side by side: where they do not say the same.

Entries of both books meet where they cite the same entry: the departure. A departure is
answered by the receipt that cites it; what one state reports of the other's deeds is
held against what the other one signed. Nothing is decided: each difference names both
values, both books and both keys. What can be true on both sides is no difference.

Laws: the order of the books changes nothing but the sides; a book held against what
says the same of it has no difference; each departure is answered or unanswered.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from ledger.domain.cases import Item, arrival_day, exit_day, same_state
from ledger.domain.deeds import counted_anew
from ledger.domain.forms import Reference
from ledger.domain.history import number_of, own_refs
from ledger.domain.pairing import (
    MOST,
    Difference,
    DifferenceCode,
    Side,
    Unit,
    Value,
    about,
    apart,
    days_apart,
    possible,
    spelt,
)
from ledger.domain.qualifying import number
from ledger.domain.ranges import Range
from ledger.domain.reconciling_papers import Common, payments, renewals
from ledger.domain.records import Exit, Receipt, Transfer
from ledger.domain.times import When, hours_since, surely_before
from ledger.domain.values import format_persons

A_DAY = 24
FIVE_DAYS = 120
"""Hours after which a departure that nobody answered is said, and said again."""


def reconciled(
    one: Side, other: Side, *, on: date, now: datetime
) -> tuple[Difference, ...]:
    """Return where two books differ at the end of a day, by transfer.

    Args:
        one: A book.
        other: The other state's book.
        on: The day; what happened later is not looked at.
        now: The clock, UTC.
    """
    found = [
        *_sent(one, other, on=on, now=now),
        *_sent(other, one, on=on, now=now),
    ]
    sided = [d if d.one.book == one.book else _turned(d) for d in found]
    return tuple(sorted(sided, key=_place))


def _place(found: Difference) -> tuple[object, ...]:
    number = number_of(found.ref) if found.ref else ("", 0)
    return found.book, number, found.since, found.code


def _turned(found: Difference) -> Difference:
    return replace(found, one=found.other, other=found.one)


def _sent(
    origin: Side, custodian: Side, *, on: date, now: datetime
) -> Iterator[Difference]:
    """Yield the differences about what one state sent to the other."""
    standing = set()
    for item in origin.transfers:
        opening = origin.history.reference(item.seq)
        standing.add(opening)
        if same_state(item.record.destination, custodian.state):
            pair = _Pair(origin, custodian, item, opening, on=on)
            if pair.common.since <= on:
                yield from pair.differences(now)
    for receipt in custodian.receipts:
        yield from _unpaired(origin, custodian, receipt, standing, on=on)


def _unpaired(
    origin: Side,
    custodian: Side,
    item: Item[Receipt],
    standing: set[Reference],
    *,
    on: date,
) -> Iterator[Difference]:
    """Yield an arrival that no departure of the other book is known to belong to."""
    record = item.record
    day = arrival_day(record, custodian.history.zone)
    if day > on:
        return
    code: DifferenceCode
    if record.transfer is None:
        if not same_state(record.origin, origin.state) or _identified(custodian, item):
            return
        code, ref, book = "unannounced", str(record.ref), custodian.book
    elif record.transfer.ledger == origin.book and record.transfer not in standing:
        cited = origin.history.resolve(record.transfer)
        named = () if cited is None else own_refs(cited.record)
        code, ref, book = "answers-nothing", "".join(named), origin.book
    else:
        return
    n = record.arrived_persons
    yield Difference(
        code=code,
        ref=ref,
        book=book,
        one=origin.nothing(),
        other=custodian.value(str(n), [item]),
        n=n,
        unit="persons",
        since=day,
    )


def _identified(side: Side, item: Item[Receipt]) -> bool:
    return any(other.record.formerly == item.record.ref for other in side.receipts)


class _Pair:
    """One departure, with what both books say of it.

    Attributes:
        common: What every difference of it has in common.
    """

    def __init__(
        self,
        origin: Side,
        custodian: Side,
        item: Item[Transfer],
        opening: Reference,
        *,
        on: date,
    ) -> None:
        self._origin = origin
        self._custodian = custodian
        self._item = item
        self._on = on
        answers = _of(custodian, opening)
        places = [i.record.facility for i in reversed(answers)]
        zones = [p.zone for p in (*places, item.record.facility) if p and p.zone]
        zone = zones[0] if zones else custodian.history.zone
        self._zone = zone
        self._answers = self._by(answers)
        self._reported = self._by(_of(origin, opening))
        self.common = Common(
            ref=item.record.ref,
            book=origin.book,
            since=min(d.at.earliest(zone) for d in item.record.departures),
            zone=zone,
            on=on,
            sides=(
                (origin, origin.names_of(opening)),
                (custodian, custodian.names_of(opening)),
            ),
        )

    def _by(self, receipts: list[Item[Receipt]]) -> list[Item[Receipt]]:
        return [r for r in receipts if arrival_day(r.record, self._zone) <= self._on]

    def differences(self, now: datetime) -> Iterator[Difference]:
        """Yield every difference about the departure."""
        if self._answers:
            yield from self._of_arrival()
        else:
            yield from self._unanswered(now)
        yield from self._of_exits()
        yield from renewals(self.common)
        yield from payments(self.common)

    def _said(
        self, code: DifferenceCode, one: Value, other: Value, *, n: int, unit: Unit
    ) -> Iterator[Difference]:
        if n:
            yield self.common.difference(code, one, other, n=n, unit=unit)

    def _unanswered(self, now: datetime) -> Iterator[Difference]:
        record = self._item.record
        hours = min(
            hours_since(d.at, on=self._on, zone=self._zone, now=now)
            for d in record.departures
        )
        if hours >= A_DAY:
            persons = format_persons(record.persons.n, record.persons.qualifier)
            found = self.common.difference(
                "unanswered",
                self._origin.value(persons, [self._item]),
                self._custodian.nothing(),
                n=number(record.persons.n, record.persons.qualifier),
                unit="persons",
            )
            yield replace(found, hours=hours)

    def _of_arrival(self) -> Iterator[Difference]:
        record, answers = self._item.record, self._answers
        came = _arrived(answers)
        mine = format_persons(record.persons.n, record.persons.qualifier)
        departed = self._origin.value(mine, [self._item])
        theirs = self._custodian.value(spelt(came), answers)
        n = apart(possible(record.persons), came)
        yield from self._said("persons", departed, theirs, n=n, unit="persons")
        first = _first(answers)
        if self._reported:
            told = _arrived(self._reported)
            mine_ = self._origin.value(spelt(told), self._reported)
            n = apart(told, came)
            yield from self._said("arrived", mine_, theirs, n=n, unit="persons")
            reported = _first(self._reported)
            yield from self._said(
                "arrived-on",
                self._origin.value(reported.text, self._reported),
                self._custodian.value(first.text, answers),
                n=days_apart(reported, first, self._zone),
                unit="days",
            )
            yield from self._of_admission()
        left = [departure.at for departure in record.departures]
        if all(surely_before(first, each) for each in left):
            yield self.common.difference(
                "before-departure",
                self._origin.value(left[0].text, [self._item]),
                self._custodian.value(first.text, answers),
                n=max(0, (self.common.since - first.latest(self._zone)).days),
                unit="days",
            )

    def _of_admission(self) -> Iterator[Difference]:
        """Yield that both name a day of admission, and not the same: terms count it."""
        for mine, theirs in zip(
            _admissions(self._reported), _admissions(self._answers), strict=False
        ):
            yield from self._said(
                "admitted-on",
                self._origin.value(mine[1].text, [mine[0]]),
                self._custodian.value(theirs[1].text, [theirs[0]]),
                n=days_apart(mine[1], theirs[1], self._zone),
                unit="days",
            )

    def _of_exits(self) -> Iterator[Difference]:
        """Yield what the origin says of exits, and the custodian does not.

        The custodian's own exits need no answer: it is the one who knows.
        """
        (origin, mine), (custodian, theirs) = self.common.sides
        told = self._gone(about(origin.exits, mine))
        if not told:
            return
        known = self._gone(about(custodian.exits, theirs))
        one, other = _left(told, mine), _left(known, theirs)
        base = self._base()
        if base is None:
            a, b = origin.value(spelt(one), told), custodian.value(spelt(other), known)
            yield from self._said("left", a, b, n=apart(one, other), unit="persons")
        else:
            first, second = base
            one, other = _less(first, one), _less(second, other)
            came: list[Item[Any]] = [*self._reported] or [self._item]
            held = custodian.value(spelt(other), [*self._answers, *known])
            yield from self._said(
                "held",
                origin.value(spelt(one), [*came, *told]),
                held,
                n=apart(one, other),
                unit="persons",
            )
        for a_, b_ in _matched(told, known):
            yield from self._said(
                "left-on",
                origin.value(a_.record.occurred.text, [a_]),
                custodian.value(b_.record.occurred.text, [b_]),
                n=days_apart(a_.record.occurred, b_.record.occurred, self._zone),
                unit="days",
            )

    def _gone(self, exits: list[Item[Exit]]) -> list[Item[Exit]]:
        return [e for e in exits if exit_day(e.record, self._zone) <= self._on]

    def _base(self) -> tuple[Range, Range] | None:
        """Return how many came, as each book says; None if the custodian does not."""
        if not self._answers:
            return None
        theirs = _admitted(self._answers)
        if self._reported:
            return _admitted(self._reported), theirs
        return possible(self._item.record.persons), theirs


def _of(side: Side, opening: Reference) -> list[Item[Receipt]]:
    """Return the receipts of a departure that count: who was counted anew, once."""
    found = about(side.receipts, side.names_of(opening))
    return list(counted_anew(side.history, found))


def _arrived(receipts: list[Item[Receipt]]) -> Range:
    """Return how many arrived by some receipts; more can be to come."""
    n = sum(item.record.arrived_persons for item in receipts)
    final = any(item.record.more_to_come is None for item in receipts)
    return Range(n, n if final else MOST)


def _admitted(receipts: list[Item[Receipt]]) -> Range:
    arrived = _arrived(receipts)
    n = sum(item.record.held_persons for item in receipts)
    return Range(n, n if arrived.least == arrived.most else MOST)


def _left(exits: list[Item[Exit]], names: frozenset[Reference]) -> Range:
    """Return how many left of one transfer; of several together they are bounds."""
    least = most = 0
    for item in exits:
        record = item.record
        if record.split is not None:
            n = sum(p.n for p in record.split if p.transfer in names)
            least, most = least + n, most + n
        elif names.issuperset(record.transfers):
            bounds = possible(record.persons)
            least, most = least + bounds.least, most + bounds.most
        else:
            most += possible(record.persons).most
    return Range(least, most)


def _less(came: Range, left: Range) -> Range:
    """Return how many are still held: never fewer than nobody."""
    return Range(max(0, came.least - left.most), max(0, came.most - left.least))


def _first(receipts: list[Item[Receipt]]) -> When:
    """Return when the first of some receipts says that they came."""
    record = receipts[0].record
    when = record.arrived or record.admitted
    assert when is not None  # noqa: S101 (form of a receipt)
    return when


def _admissions(receipts: list[Item[Receipt]]) -> list[tuple[Item[Receipt], When]]:
    """Return the first of some receipts that says when they were admitted, if any."""
    said = [(item, when) for item in receipts if (when := item.record.admitted)]
    return said[:1]


def _matched(
    one: list[Item[Exit]], other: list[Item[Exit]]
) -> Iterator[tuple[Item[Exit], Item[Exit]]]:
    """Yield exits of both books that can only be the same: alone in how they left."""
    for how in {item.record.how for item in one}:
        mine = [item for item in one if item.record.how == how]
        theirs = [item for item in other if item.record.how == how]
        if len(mine) == len(theirs) == 1:
            yield mine[0], theirs[0]
