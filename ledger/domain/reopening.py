"""What a recovery must keep to: of whom somebody lost, as many as were lost, later."""

from collections.abc import Iterator

from ledger.domain.cases import case_of, counts, items
from ledger.domain.history import History, Logged
from ledger.domain.records import Exit
from ledger.domain.recovery import REOPENED, Recovery
from ledger.domain.regained import own_portion
from ledger.domain.times import surely_before
from ledger.errors import RefusedError


def recoveries_follow_exits(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Persons come back from an exit that is not final, after it, and no others."""
    record = entry.record
    target = history.resolve(record.exit) if isinstance(record, Recovery) else None
    if target is None or not isinstance(record, Recovery):
        return
    left = history.worth(target.seq)
    if not isinstance(target.record, Exit):
        yield RefusedError("rule.not-an-exit", seq=target.seq, kind=target.kind)
    if not isinstance(left, Exit):
        return
    if left.how not in REOPENED:
        yield RefusedError("rule.exit-is-final", seq=target.seq, how=left.how)
    if _is_before(history, record, left):
        yield RefusedError("rule.before-exit", seq=target.seq)
    yield from _of_whom(history, entry, record, left)
    yield from _not_official(history, record, left)


def _is_before(history: History, record: Recovery, left: Exit) -> bool:
    """Return whether they would have come back before they left.

    Days are those of the place of custody, where it is known.
    """
    cases = [case_of(history, ref) for ref in _refs(history, left)]
    zone = next((case.zone for case in cases if case is not None), history.zone)
    return surely_before(record.occurred, left.occurred) or (
        record.occurred.latest(zone) < left.occurred.earliest(zone)
    )


def _refs(history: History, left: Exit) -> list[str]:
    named = (history.ref_at(reference) for reference in left.transfers)
    return sorted({ref for ref in named if ref is not None})


def _of_whom(
    history: History, entry: Logged, record: Recovery, left: Exit
) -> Iterator[RefusedError]:
    """Yield why the persons cannot be some of those who left."""
    refs, seq = _refs(history, left), record.exit.seq
    if record.split is None and len(refs) > 1:
        yield RefusedError("rule.recovery-of-which", seq=seq, refs=", ".join(refs))
        return
    for portion in record.split or ():
        if history.ref_at(portion.transfer) not in refs:
            yield RefusedError("rule.not-of-exit", seq=portion.transfer.seq, exit=seq)
            return
    if not counts(record.status):
        return
    others = [
        item.record
        for item in items(history, _concerning(history, refs), Recovery)
        if item.seq != entry.seq
        and item.record.exit.seq == seq
        and counts(item.record.status)
    ]
    every = [*others, record]
    if sum(each.persons.n for each in every) > left.persons.n:
        back = sum(each.persons.n for each in others)
        yield RefusedError(
            "rule.recovers-too-many", seq=seq, n=left.persons.n, back=back
        )
        return
    for ref in refs if left.split is not None else ():
        most = own_portion(history, ref, left, left)
        if sum(own_portion(history, ref, each, left) for each in every) > most:
            back = sum(own_portion(history, ref, each, left) for each in others)
            yield RefusedError("rule.recovers-too-many", seq=seq, n=most, back=back)


def _concerning(history: History, refs: list[str]) -> set[int]:
    return {seq for ref in refs for seq in history.seqs_of(ref)}


def _not_official(
    history: History, record: Recovery, left: Exit
) -> Iterator[RefusedError]:
    """Yield that another state's deed is official only in its own book."""
    if record.status != "official":
        return
    for ref in _refs(history, left):
        case = case_of(history, ref)
        if case is not None and not case.custodian_is_own:
            yield RefusedError(
                "rule.official-of-another-state", ref=ref, kind="recovery"
            )
