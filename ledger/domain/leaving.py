"""Who left a pool of transfers: every exit that counts, and who was refused on landing.

An exit that is alleged or disputed moves nobody. Where the custodian's own book says
how many left, that replaces the whole report of the same deed by the other book.
"""

from collections.abc import Mapping, Sequence

from ledger.domain.cases import Case, Item, arrival_day, counts, exit_day
from ledger.domain.forms import Reference
from ledger.domain.history import History
from ledger.domain.qualifying import number
from ledger.domain.records import Exit
from ledger.domain.tying import Leave

__all__ = ["leaves_of"]


def leaves_of(history: History, cases: Mapping[str, Case]) -> tuple[Leave, ...]:
    """Return every leave of the cases of one pool, each once, by day and entry."""
    # What the custodian's own book says of one of them replaces the whole report.
    beside = {item.seq for case in cases.values() for item in case.rivals}
    exits = {
        item.seq: item
        for case in cases.values()
        for item in case.exits
        if item.seq not in beside
    }
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
    return tuple(sorted(leaves, key=lambda leave: (leave.day, leave.seq, leave.refs)))


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
            n=number(n, record.persons.qualifier),
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
