"""Where the persons of a transfer are, and how the bounds come about.

Each number of the balance is said with the entry that it rests on, then the equation
that they must satisfy. Where exits name several transfers, the most and the least that
can have left this one follow from what the others can have lost.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.cases import Case, Item, arrival_day, counts
from ledger.domain.custody import Balance, Leave, Pool
from ledger.domain.explaining_otherwise import report_steps
from ledger.domain.flows import Range, most_leaving
from ledger.domain.moves import Move
from ledger.domain.qualifying import added, less, number, plus
from ledger.domain.records import Departure, Receipt
from ledger.domain.steps import Step, counted, rivals, step, time_steps
from ledger.domain.terms import courses
from ledger.domain.variances import event_days

_PATHS = (
    "/persons",
    "/departures",
    "/arrived_persons",
    "/admitted_persons",
    "/refused",
    "/transfers",
    "/split",
    "/how",
)
_QUALIFIED = {
    "about": "balance.about",
    "at_least": "balance.at-least",
    "at_most": "balance.at-most",
}
_LEFT = {
    "released": "left.released",
    "repatriated": "left.repatriated",
    "returned_to_origin": "left.returned-to-origin",
    "onward_transferred": "left.onward-transferred",
    "died": "left.died",
    "escaped": "left.escaped",
    "refused_not_admitted": "left.refused-not-admitted",
    "unaccounted": "left.unaccounted",
}
_SHARED = {
    "released": "shared.released",
    "repatriated": "shared.repatriated",
    "returned_to_origin": "shared.returned-to-origin",
    "onward_transferred": "shared.onward-transferred",
    "died": "shared.died",
    "escaped": "shared.escaped",
    "refused_not_admitted": "shared.refused-not-admitted",
    "unaccounted": "shared.unaccounted",
}
_BACK = {
    "recaptured": "back.recaptured",
    "found": "back.found",
    "returned": "back.returned",
}


def explain_balance(pool: Pool, ref: str, *, on: date) -> list[Step]:
    """Return every step from the entries to the balance of a transfer.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer, or the unannounced arrival.
        on: The day at whose end the balance holds.
    """
    case, balance = pool.cases[ref], pool.balance(ref, on=on)
    left = [e for e in pool.leaves if ref in e.refs and e.day <= on]
    days = event_days(case)
    counted_by = [seq for seq, day in days.items() if day <= on]
    return [
        *_came(case, balance, on=on),
        *_received(case, on=on),
        *_compared(case, balance, on=on),
        *(_left(leave) for leave in left),
        *_came_back(pool, ref, on=on),
        *_bounds(pool, ref, balance, on=on),
        *_result(pool, ref, balance, on=on),
        *_not_counted(case, on=on),
        *report_steps(pool, ref, on=on),
        *rivals(case.claims, paths=_PATHS, of=counted_by),
    ]


def _came(case: Case, balance: Balance, *, on: date) -> Iterator[Step]:
    """Yield who departed, departure by departure, or came unannounced."""
    seq = case.opening.seq
    if case.transfer is None:
        if case.opening_day() <= on:
            yield step(
                "balance.unannounced",
                seq,
                n=case.persons.number,
                day=case.opening_day(),
            )
    else:
        yield from _departures(case, case.transfer.departures, on=on)
    qualified = _QUALIFIED.get(case.persons.qualifier)
    if qualified is not None:
        yield step(qualified, seq, n=case.persons.n)
    yield step("balance.departed-total", seq, ref=case.ref, n=balance.departed, on=on)


def _departures(
    case: Case, departures: tuple[Departure, ...], *, on: date
) -> Iterator[Step]:
    """Yield each departure by a day; those without a number share the rest.

    The earliest of them counts all of it, as the case does.
    """
    seq = case.opening.seq
    rest = case.persons.n - sum(d.persons or 0 for d in departures)
    for departure in sorted(departures, key=lambda d: d.at.earliest(case.zone)):
        n = departure.persons
        if n is None:
            n, rest = number(rest, case.persons.qualifier), 0
        if departure.at.earliest(case.zone) > on:
            continue
        if n == 0:
            yield step("balance.departed-with", seq, recorded=departure.at.text)
        elif departure.persons is None and len(departures) > 1:
            yield step("balance.departed-rest", seq, n=n, recorded=departure.at.text)
        else:
            yield step("balance.departed", seq, n=n, recorded=departure.at.text)
        yield from time_steps(departure.at, case, seq)


def _received(case: Case, *, on: date) -> Iterator[Step]:
    """Yield who was counted on arrival, receipt by receipt."""
    for item in case.counted_receipts():
        receipt, seq = item.record, item.seq
        day = arrival_day(receipt, case.zone)
        if day > on:
            continue
        said_by = receipt.asserted_by
        n = receipt.arrived_persons
        yield step("balance.arrived", seq, n=n, day=day, said_by=said_by)
        if receipt.more_to_come is None:
            yield step("balance.receipt-final", seq)
        else:
            yield step("balance.receipt-more", seq)
        unplaced = _unplaced(item)
        if unplaced:
            yield step("balance.unplaced", seq, n=unplaced)


def _unplaced(item: Item[Receipt]) -> int:
    """Return how many a receipt counted but neither admitted nor refused."""
    receipt = item.record
    return receipt.arrived_persons - receipt.held_persons - receipt.refused_persons


def _compared(case: Case, balance: Balance, *, on: date) -> Iterator[Step]:
    """Yield what the count on arrival is measured against: missing, or a surplus."""
    lost = case.lost_in_transit(on=on)
    expected = max(0, less(balance.departed, lost))
    arrived = balance.arrived
    if lost:
        yield step("balance.lost-in-transit", n=lost, expected=expected)
    if balance.final and expected > arrived:
        yield step(
            "balance.missing",
            n=less(expected, arrived),
            expected=expected,
            arrived=arrived,
        )
    if balance.missing:
        yield step("balance.missing-total", n=balance.missing)
    if balance.surplus:
        yield step(
            "balance.surplus", n=balance.surplus, expected=expected, arrived=arrived
        )


def _left(leave: Leave) -> Step:
    if len(leave.refs) == 1:
        return step(_LEFT[leave.how], leave.seq, n=leave.n, day=leave.day)
    refs = ", ".join(leave.refs)
    return step(_SHARED[leave.how], leave.seq, n=leave.n, day=leave.day, refs=refs)


def _came_back(pool: Pool, ref: str, *, on: date) -> Iterator[Step]:
    """Yield who of those who left is in custody again, and in which part."""
    returned = [b for b in pool.cases[ref].regained if b.day <= on]
    if not returned:
        return
    _, course = courses(pool, ref, on=on)
    for back in returned:
        yield step(_BACK[back.how], back.seq, n=back.n, day=back.day, exit=back.exit)
        lost = [m for m in course.moves if m.target is None and m.day == back.left]
        assumed = len(lost) != 1
        for move in course.moves:
            if move.source is None and move.seq == back.seq:
                yield _part(move, assumed=assumed)


def _part(move: Move, *, assumed: bool) -> Step:
    """Return in which part persons are again, and whether that is assumed."""
    assert move.target is not None  # noqa: S101 (they came back)
    _, last, *_ = move.target
    if not isinstance(last, date):
        code = "back.part-none-assumed" if assumed else "back.part-none"
        return step(code, move.seq, n=move.n)
    code = "back.part-assumed" if assumed else "back.part"
    return step(code, move.seq, n=move.n, last=last)


def _bounds(pool: Pool, ref: str, balance: Balance, *, on: date) -> Iterator[Step]:
    """Yield the most and the least that can have left, where exits are shared."""
    groups, leaving = pool.groups(on=on), pool.leaving(on=on)
    beyond = sum(n for _, n in pool.exceeding(ref, on=on))
    if beyond:
        yield step("bounds.beyond", n=beyond)
    (said,) = pool.said({ref}, on=on)
    came = sum(group.n for group in groups if group.ref == ref)
    here = number(came, said.here)
    yield step("bounds.here", ref=ref, n=here)
    if balance.recovered:
        yield step("bounds.recovered", n=balance.recovered)
    if balance.remaining.exact and not balance.shared:
        left = number(came - balance.remaining.least, said.gone)
        yield step("bounds.left", ref=ref, n=left)
        return
    refs = {group.ref for group in groups}
    gone = plus(*(count.gone for count in pool.said(refs, on=on)))
    own, whole, others = (
        number(most_leaving(groups, leaving, among=among), gone)
        for among in ({ref}, refs, refs - {ref})
    )
    rest = less(here, own)
    yield step("bounds.most-left", ref=ref, n=own, here=here, rest=rest)
    yield step("bounds.others", ref=ref, n=others, whole=whole)
    least = number(int(whole) - int(others), gone)
    rest = less(here, least)
    yield step("bounds.least-left", ref=ref, n=least, here=here, rest=rest)


def _result(pool: Pool, ref: str, balance: Balance, *, on: date) -> Iterator[Step]:
    """Yield where the persons are, and the equation with its numbers."""
    transit, held, rest = balance.in_transit, balance.held, balance.remaining
    yield counted("balance.in-transit", transit, ref=ref, on=on)
    yield counted("balance.held", held, ref=ref, on=on)
    gone = int(balance.departed) + int(balance.surplus) - int(balance.missing)
    (said,) = pool.said({ref}, on=on)

    def equation(code: str, *, transit: int, held: int, left: int) -> Step:
        return step(
            code,
            departed=balance.departed,
            surplus=balance.surplus,
            in_transit=transit,
            held=held,
            left=number(left, said.gone),
            unaccounted=balance.missing,
        )

    if rest.exact:
        yield equation(
            "equation.exact",
            transit=transit.lower,
            held=held.lower,
            left=gone - rest.least,
        )
    else:
        yield equation(
            "equation.fewest",
            transit=transit.lower,
            held=held.lower,
            left=gone - rest.least,
        )
        yield equation(
            "equation.most",
            transit=transit.upper,
            held=held.upper,
            left=gone - rest.most,
        )
    if balance.shared:
        yield _pool_equation(pool, on=on)


def _pool_equation(pool: Pool, *, on: date) -> Step:
    """Return the equation of all transfers that exits tie together: it is exact."""
    balances = [pool.balance(ref, on=on) for ref in pool.cases]
    rest: Range = pool.remaining(pool.cases, on=on)
    departed = added(b.departed for b in balances)
    surplus = added(b.surplus for b in balances)
    missing = added(b.missing for b in balances)
    gone = plus(*(count.gone for count in pool.said(pool.cases, on=on)))
    return step(
        "equation.pool",
        refs=", ".join(pool.cases),
        departed=departed,
        surplus=surplus,
        remaining=rest.lower,
        left=number(departed + surplus - missing - rest.least, gone),
        unaccounted=missing,
    )


def _not_counted(case: Case, *, on: date) -> Iterator[Step]:
    """Yield the receipts and exits that are only alleged, or disputed."""
    days = event_days(case)
    for item in case.receipts:
        if not counts(item.record.status) and days[item.seq] <= on:
            yield step(
                "balance.receipt-not-counted",
                item.seq,
                n=item.record.arrived_persons,
                day=days[item.seq],
                said_by=item.record.asserted_by,
            )
    for back in case.recoveries:
        if not counts(back.record.status) and days[back.seq] <= on:
            yield step(
                "balance.recovery-not-counted",
                back.seq,
                n=back.record.persons.number,
                day=days[back.seq],
                said_by=back.record.asserted_by,
            )
    for exit_ in case.exits:
        if not counts(exit_.record.status) and days[exit_.seq] <= on:
            yield step(
                "balance.exit-not-counted",
                exit_.seq,
                n=exit_.record.persons.number,
                day=days[exit_.seq],
                said_by=exit_.record.asserted_by,
            )
