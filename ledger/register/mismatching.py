"""What a book answers about numbers that do not add up.

A variance is recorded and shown, never refused. It lasts from the first day of the
unbroken run of days on which it can be seen, and closes by itself only when later
entries make the numbers fit; a remark that settles one says so beside it.
"""

from collections.abc import Iterator
from datetime import date
from typing import get_args

from msgspec import Struct

from ledger.domain.cases import Case, Item, arrival_day
from ledger.domain.custody import Balance, Pool
from ledger.domain.history import History, number_of
from ledger.domain.joining import Books
from ledger.domain.otherwise import OtherwiseCode, Saying
from ledger.domain.qualifying import added
from ledger.domain.records import Remark
from ledger.domain.variances import Flag, FlagCode, differences, event_days
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register
from ledger.register.questioning import Question

VARIANCES: tuple[FlagCode, ...] = (
    "not-received",
    "unaccounted",
    "surplus",
    "beyond-count",
    "manifest-differs",
    "headcount-exceeded",
    *get_args(OtherwiseCode),
)
"""The flags that say that numbers do not add up, in the order of a transfer's way.

The last ones are where two books do not say the same.
"""

_NOT_OF_PERSONS: frozenset[FlagCode] = frozenset(
    (
        "renewed-otherwise",
        "renewed-compensation",
        "renewed-perhaps-once",
        "paid-otherwise",
    )
)


class Reason(Struct, frozen=True):
    """One way in which the numbers of a transfer do not add up.

    Attributes:
        code: Which one.
        n: How many persons; of a manifest or an agreement the other number; where two
            books do not say the same, how many persons or days they are apart.
        seq: The entry since which it is so.
        since: The day since which it is so.
        said: Who says what, where two books do not say the same.
    """

    code: FlagCode
    n: int
    seq: int
    since: date
    said: tuple[Saying, ...] = ()

    @property
    def of_persons(self) -> bool:
        """Return whether its number is one of persons."""
        return self.code not in _NOT_OF_PERSONS


class Said(Struct, frozen=True):
    """A remark about a variance.

    Attributes:
        item: The remark.
        resolved_by: The remark that settles it, if there is one.
    """

    item: Item[Remark]
    resolved_by: int | None


class Variance(Struct, frozen=True):
    """A transfer whose numbers do not add up, or are said not to.

    Attributes:
        case: The transfer.
        balance: Its persons at the end of the day.
        admitted: Persons whom the custodian took in.
        refused: Persons whom it did not.
        beyond: Persons said to have left beyond those who came: of this transfer, or
            of all that an unsplit exit names with it.
        pool: The transfers that exits tie to it: those that name several and do not
            say how many of each.
        reasons: What does not add up; empty where only a remark says so.
        remarks: What was said about it.
    """

    case: Case
    balance: Balance
    admitted: int
    refused: int
    beyond: int
    pool: tuple[str, ...]
    reasons: tuple[Reason, ...]
    remarks: tuple[Said, ...]

    @property
    def first(self) -> Reason | None:
        """Return what has not added up for longest."""
        return min(self.reasons, key=lambda r: (r.since, r.seq), default=None)


class Variances(Struct, frozen=True):
    """The transfers of a book whose numbers do not add up on a day, oldest first."""

    on: date
    lines: tuple[Variance, ...]
    heads: tuple[Head, ...]
    books: Books


def variances(register: Register, *, on: date) -> Variances:
    """Return the transfers whose numbers do not add up at the end of a day."""
    of = reading(register)
    refs = [ref for ref in of.recall.every_ref() if ref[0] in "TR"]
    question = Question(of, refs)
    lines: list[Variance] = []
    for pool in question.pools(refs):
        for case in pool.cases.values():
            if case.opening_day() <= on:
                line = variance_of(question.history, pool, case, on=on)
                if line.reasons or any(s.resolved_by is None for s in line.remarks):
                    lines.append(line)
    lines.sort(key=_oldest)
    return Variances(on=on, lines=tuple(lines), heads=question.heads, books=of.books)


def _oldest(line: Variance) -> tuple[date, tuple[str, int]]:
    first = line.first
    return date.max if first is None else first.since, number_of(line.case.ref)


def variance_of(history: History, pool: Pool, case: Case, *, on: date) -> Variance:
    """Return what does not add up of one transfer at the end of a day, if anything."""
    receipts = [
        item.record
        for item in case.counted_receipts()
        if arrival_day(item.record, case.zone) <= on
    ]
    return Variance(
        case=case,
        balance=pool.balance(case.ref, on=on),
        admitted=sum(receipt.held_persons for receipt in receipts),
        refused=sum(receipt.refused_persons for receipt in receipts),
        beyond=sum(n for _, n in pool.exceeding(case.ref, on=on)),
        pool=pool.tied(case.ref, on=on).refs,
        reasons=tuple(_reasons(pool, case, on=on)),
        remarks=tuple(_said(history, case, on=on)),
    )


def _reasons(pool: Pool, case: Case, *, on: date) -> Iterator[Reason]:
    present = _flagged(pool, case, on=on)
    if not present:
        return
    shared = pool.shared(case.ref, on=on)
    moves = pool.event_days() if shared else pool.days_of(case.ref)
    days = {*moves, *event_days(case).values()}
    first: dict[FlagCode, tuple[date, Flag]] = {}
    open_ = set(present)
    for day in sorted((day for day in days if day <= on), reverse=True):
        then = _flagged(pool, case, on=day)
        open_ &= then.keys()
        if not open_:
            break
        first.update({code: (day, then[code]) for code in open_})
    for code in VARIANCES:
        if code in present:
            since, flag = first[code]
            now = present[code]
            yield Reason(code, n=now.n, seq=flag.seq, since=since, said=now.said)


def _flagged(pool: Pool, case: Case, *, on: date) -> dict[FlagCode, Flag]:
    """Return the variances of a day, each once: those of several entries together."""
    found: dict[FlagCode, Flag] = {}
    if case.opening_day() > on:
        return found
    for flag in differences(pool, case.ref, on=on):
        if flag.code in VARIANCES:
            known = found.get(flag.code)
            if known is None:
                found[flag.code] = flag
            else:
                seq = min(known.seq, flag.seq)
                n = added((known.n, flag.n))
                found[flag.code] = Flag(flag.code, seq, n, (*known.said, *flag.said))
    return found


def _said(history: History, case: Case, *, on: date) -> Iterator[Said]:
    """Yield the remarks about a variance by a day, each with what settles it."""
    known = [item for item in case.remarks if _by(history, item, on=on)]
    settled = {
        item.record.resolves.seq: item.seq
        for item in reversed(known)
        if item.record.resolves is not None
    }
    for item in known:
        if item.record.type == "variance" and item.record.resolves is None:
            yield Said(item=item, resolved_by=settled.get(item.seq))


def _by(history: History, item: Item[Remark], *, on: date) -> bool:
    occurred = item.record.occurred
    return occurred is None or occurred.latest(history.zone) <= on
