"""Where two books tell of one deed otherwise, and by how much.

Of an arrival or an exit the custodian's own word counts, and a report of it stands
beside. Of a renewal or a payment, which are of both states, what authorises less and
what pays less counts. Nothing is decided by it: each value is said with its entry.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.cases import Case, Item, arrival_day, counts, exit_day
from ledger.domain.custody import Pool
from ledger.domain.extending import ends_of
from ledger.domain.qualifying import less
from ledger.domain.records import Exit, Receipt, Renewal
from ledger.domain.same_deeds import ends_apart, sums_apart
from ledger.domain.terms import met_by
from ledger.domain.values import Qualifier, format_persons

OtherwiseCode: TypeAlias = Literal[
    "reported-otherwise",
    "renewed-otherwise",
    "renewed-persons",
    "renewed-compensation",
    "renewed-perhaps-once",
    "paid-otherwise",
]


class Saying(Struct, frozen=True):
    """What one entry says.

    Attributes:
        seq: The entry.
        value: The value as it is written.
    """

    seq: int
    value: str


class Otherwise(Struct, frozen=True):
    """One thing that two books do not say alike.

    Attributes:
        code: What it is about.
        seq: The entry of another book that says otherwise than what counts.
        n: How many persons or days they are apart; 0 of money, and where lengths
            differ and nobody knows by how many days.
        said: Who says what; what counts first, but of days, which can differ by part.
    """

    code: OtherwiseCode
    seq: int
    n: int
    said: tuple[Saying, ...]


def otherwise(pool: Pool, case: Case, *, on: date) -> Iterator[Otherwise]:
    """Yield what the books do not say alike of a transfer by the end of a day."""
    yield from _arrivals(case, on=on)
    yield from _exits(case, on=on)
    for item in case.renewals:
        if item.seq in case.renewed and item.record.agreed_on <= on:
            yield from _renewal(pool, case, item)
    yield from _perhaps_once(case, on=on)
    yield from _payments(case, on=on)


def reports(case: Case, *, on: date) -> Iterator[Item[Receipt] | Item[Exit]]:
    """Yield what another state reported of arrivals and exits, and is not counted."""
    yield from _told_of_arrivals(case, on=on)
    yield from _told_of_exits(case, on=on)


def _told_of_arrivals(case: Case, *, on: date) -> list[Item[Receipt]]:
    return [
        Item(seq=i.seq, entry=i.entry, record=i.record, corrected=i.corrected)
        for i in case.rivals
        if isinstance(i.record, Receipt) and arrival_day(i.record, case.zone) <= on
    ]


def _told_of_exits(case: Case, *, on: date) -> list[Item[Exit]]:
    return [
        Item(seq=i.seq, entry=i.entry, record=i.record, corrected=i.corrected)
        for i in case.rivals
        if isinstance(i.record, Exit) and exit_day(i.record, case.zone) <= on
    ]


def _arrivals(case: Case, *, on: date) -> Iterator[Otherwise]:
    told = _told_of_arrivals(case, on=on)
    known = [
        item
        for item in case.counted_receipts()
        if arrival_day(item.record, case.zone) <= on
    ]
    reported = sum(item.record.arrived_persons for item in told)
    counted = sum(item.record.arrived_persons for item in known)
    if told and reported != counted:
        said = [Saying(i.seq, str(i.record.arrived_persons)) for i in (*known, *told)]
        n = abs(reported - counted)
        yield Otherwise("reported-otherwise", told[-1].seq, n, tuple(said))


def _exits(case: Case, *, on: date) -> Iterator[Otherwise]:
    told = _told_of_exits(case, on=on)
    known = [
        item
        for item in case.exits
        if counts(item.record.status) and exit_day(item.record, case.zone) <= on
    ]
    n = _apart(case, told, known)
    if told and n:
        said = [
            Saying(i.seq, format_persons(*_said_of(case, i))) for i in (*known, *told)
        ]
        yield Otherwise("reported-otherwise", told[-1].seq, n, tuple(said))


def _portions(case: Case, record: Exit) -> Iterator[tuple[frozenset[str], int]]:
    """Yield of which transfers an exit says that how many left, if of this one."""
    if record.split is None:
        portions = [(record.transfers, record.persons.n)]
    else:
        portions = [((each.transfer,), each.n) for each in record.split]
    leaf = case.opening.entry.leaf.hex()
    for references, n in portions:
        leaves = frozenset(each.leaf for each in references)
        if leaf in leaves:
            yield leaves, n


def _said_of(case: Case, item: Item[Exit]) -> tuple[int, Qualifier]:
    """Return how many an exit says of a transfer, of all that it names with it."""
    n = sum(n for _, n in _portions(case, item.record))
    return n, item.record.persons.qualifier


def _apart(case: Case, told: Iterable[Item[Exit]], known: Iterable[Item[Exit]]) -> int:
    """Return how many persons two books' exits of one transfer are apart, surely.

    Where both name the same transfers together their sums are compared; else it is
    open how many of an exit of several are of this one: from nobody to all.
    """
    sums: list[Counter[frozenset[str]]] = []
    for items in (told, known):
        found: Counter[frozenset[str]] = Counter()
        for item in items:
            for leaves, n in _portions(case, item.record):
                found[leaves] += n
        sums.append(found)
    one, other = sums
    if one.keys() == other.keys():
        return sum(abs(one[leaves] - other[leaves]) for leaves in one)
    (a_least, a_most), (b_least, b_most) = _bounds(one), _bounds(other)
    return max(0, a_least - b_most, b_least - a_most)


def _bounds(found: Counter[frozenset[str]]) -> tuple[int, int]:
    least = sum(n for leaves, n in found.items() if len(leaves) == 1)
    return least, sum(found.values())


def _renewal(pool: Pool, case: Case, item: Item[Renewal]) -> Iterator[Otherwise]:
    accounts = case.accounts_of(item)
    _, beside, *_ = accounts
    counts_ = [each.record.persons for each in accounts]
    if len({(count.n, count.qualifier) for count in counts_}) > 1:
        said = tuple(
            Saying(each.seq, format_persons(count.n, count.qualifier))
            for each, count in zip(accounts, counts_, strict=True)
        )
        n = less(max(count.n for count in counts_), min(count.n for count in counts_))
        yield Otherwise("renewed-persons", beside.seq, n, said)
    days = _days_apart(pool, case, item)
    if days is not None:
        said = tuple(Saying(i.seq, period_said(i.record)) for i in accounts)
        yield Otherwise("renewed-otherwise", beside.seq, days, said)
    yield from _sums(case, item)


def _sums(case: Case, item: Item[Renewal]) -> Iterator[Otherwise]:
    """Yield that the accounts of a renewal state another compensation."""
    paying = case.pay_of(item)
    others = [
        each
        for each in case.accounts_of(item)
        if paying and sums_apart(paying.record, each.record)
    ]
    if paying and others:
        said = tuple(Saying(i.seq, sum_said(i.record)) for i in (paying, *others))
        yield Otherwise("renewed-compensation", others[0].seq, 0, said)


def sum_said(record: Renewal) -> str:
    """Return what an entry says is to be paid for a renewal: `9.00 USD/person_day`."""
    terms = record.compensation
    assert terms is not None  # noqa: S101 (chosen so)
    basis = "" if terms.basis is None else f" ({terms.basis})"
    return f"{terms.money.format()}/{terms.per}{basis}"


def _perhaps_once(case: Case, *, on: date) -> Iterator[Otherwise]:
    """Yield the renewals of two books that are alike but for the day of the agreement.

    They may be one; only the states know. Both are counted until one of them corrects
    its day.
    """
    for pair in case.alike:
        days = [item.record.agreed_on for item in pair]
        if max(days) <= on:
            said = tuple(
                Saying(item.seq, item.record.agreed_on.isoformat()) for item in pair
            )
            n = abs((days[0] - days[1]).days)
            yield Otherwise("renewed-perhaps-once", pair[1].seq, n, said)


def _days_apart(pool: Pool, case: Case, item: Item[Renewal]) -> int | None:
    """Return how many days the accounts of a renewal are apart; None if they agree.

    It is so of the part that it moved most differently; where it met nobody, of what
    is said alone.
    """
    met = [part for part, n, _ in met_by(pool, case.ref, item) if n]
    if not met:
        first, *others = case.accounts_of(item)
        apart = [ends_apart(first.record, other.record) for other in others]
        return max((n for n in apart if n is not None), default=None)
    most = 0
    for part in met:
        told = ends_of(case, part, item)
        for days in ([day for _, day, _ in told], [day for _, _, day in told]):
            most = max(most, (max(days) - min(days)).days)
    return most or None


def period_said(record: Renewal) -> str:
    """Return until when an entry renews: a day, or a length; from when, if it says so.

    It is written as ISO 8601 writes intervals: `2026-03-16/P1Y`.
    """
    until = record.until.isoformat() if record.until is not None else ""
    if record.length is not None:
        until = record.length.format()
    return until if record.from_ is None else f"{record.from_.isoformat()}/{until}"


def _payments(case: Case, *, on: date) -> Iterator[Otherwise]:
    for item in case.payments:
        accounts = case.paid.get(item.seq, ())
        sums = {each.record.money.minor for each in accounts}
        if len(sums) > 1 and item.record.occurred.latest(case.zone) <= on:
            said = tuple(Saying(i.seq, i.record.money.format()) for i in accounts)
            yield Otherwise("paid-otherwise", accounts[-1].seq, 0, said)
