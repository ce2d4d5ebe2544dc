"""Whether the parts that exits and renewals name are there, and are large enough.

An exit names the part that its persons left from by its last authorised day; a renewal
begins the day after the end that it extends. A part that nobody has is refused when the
exit is recorded. Whatever became doubtful later, by a late receipt or a correction, is
a note and never undoes an entry: nothing is split by guess without being said.
"""

from collections.abc import Iterator

from ledger.domain.custody import Leave, Pool, pool_of
from ledger.domain.history import History, Logged
from ledger.domain.records import Correction, Exit, Renewal
from ledger.domain.terms import Met, Part, parts
from ledger.errors import RefusedError


def parts_before(pool: Pool, leave: Leave) -> tuple[Part, ...]:
    """Return the parts of the one transfer of an exit, just before persons left.

    What was agreed on that day extends nobody who left on it.
    """
    (ref,) = leave.refs
    case = pool.cases[ref]
    leaves = [
        each for each in pool.leaves if (each.day, each.seq) < (leave.day, leave.seq)
    ]
    renewals = [i for i in case.renewals if i.record.agreed_on < leave.day]
    before = pool.with_renewals(ref, renewals).with_leaves(leaves)
    return parts(before, ref, on=leave.day)


def exits_from_parts(
    pool: Pool, ref: str
) -> Iterator[tuple[Leave, tuple[Part, ...], int]]:
    """Yield the exits that name a part, the parts there were, and how many had it."""
    for leave in pool.leaves_of(ref):
        if leave.part is not None and leave.refs == (ref,):
            before = parts_before(pool, leave)
            named = [p for p in before if p.last_day == leave.part]
            yield leave, before, sum(p.persons.most for p in named)


def parts_exist(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Yield why the part that an exit names is none, as the book stands now.

    It is asked when an exit is recorded or its part corrected, and never again: which
    day an end falls on follows from what is recorded later too.
    """
    match entry.record:
        case Exit(part=part) if part is not None:
            seq = entry.seq
        case Correction() as correction if _of_part(correction):
            seq = correction.target.seq
        case _:
            return
    after = history.with_entry(entry)
    record = after.worth(seq)
    if not isinstance(record, Exit):
        return
    refs = (after.ref_at(reference) for reference in record.transfers)
    for ref in sorted({ref for ref in refs if ref is not None}):
        for leave, before, n in exits_from_parts(pool_of(after, ref), ref):
            if leave.seq != seq or n:
                continue
            ends = sorted({p.last_day.isoformat() for p in before if p.last_day})
            if ends:
                yield RefusedError("rule.no-such-part", ref=ref, ends=", ".join(ends))
            else:
                yield RefusedError("rule.no-part-with-end", ref=ref)


def _of_part(correction: Correction) -> bool:
    return any(change.path == "/part" for change in correction.changes)


def assumed_of_renewal(record: Renewal, met: Met) -> int:
    """Return how many a renewal is only taken to be of: it does not say which part.

    It says so by its first day, which follows an end, or by extending all who are
    there. A first day after every end leaves a gap, and is no doubt about the part.
    """
    begins = record.from_
    if begins is None:
        several = len({part.last_day for part, _, _ in met}) > 1
        some = any(n < part.persons.most for part, n, _ in met)
        return sum(n for _, n, _ in met) if several and some else 0
    return sum(n for part, n, _ in met if part.last_day and part.last_day >= begins)


def left_unmoved(met: Met) -> int:
    """Return how many persons of a renewal had the same last day before it."""
    return sum(n for part, n, end in met if part.last_day == end)


def shortened(met: Met) -> int:
    """Return how many persons of a renewal had a later last day before it."""
    return sum(n for part, n, end in met if part.last_day and end < part.last_day)
