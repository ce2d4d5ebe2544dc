"""What every fact must keep to as long as the book stands.

These rules are asked when an entry is recorded, and again when a correction or a
retraction changes what earlier entries are worth.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

from ledger.domain.authority import Genesis
from ledger.domain.cases import (
    Case,
    case_of,
    custodian_of,
    opening_of,
    same_state,
)
from ledger.domain.forms import Fact, Reference
from ledger.domain.history import History, Logged, cited, named_refs, own_refs
from ledger.domain.pointers import steps
from ledger.domain.records import (
    Claim,
    Correction,
    Exit,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.reopening import recoveries_follow_exits
from ledger.domain.schemas import KINDS
from ledger.domain.shapes import members_of
from ledger.domain.times import When, check_zone, surely_before
from ledger.errors import RefusedError

Rule: TypeAlias = Callable[[History, Logged], Iterator[RefusedError]]


def zones_exist(_: History, entry: Logged) -> Iterator[RefusedError]:
    """A deciding zone is one that the tz database knows."""
    match entry.record:
        case Genesis() as genesis:
            zone: str | None = genesis.zone
        case Transfer() | Receipt() as record:
            zone = None if record.facility is None else record.facility.zone
        case _:
            zone = None
    if zone is not None:
        try:
            check_zone(zone)
        except RefusedError as error:
            yield error


def citations_resolve(history: History, entry: Logged) -> Iterator[RefusedError]:
    """What an entry cites is there, under that leaf, in this book, not retracted.

    Facts may cite the book of a peer. Whether that holds such an entry is asked where
    its mirror is (`ledger.domain.joining`, `ledger.register.citing`).
    """
    for reference in cited(entry.record):
        if _is_of_a_peer(history, entry, reference):
            continue
        target = history.resolve(reference)
        if target is None:
            yield RefusedError("rule.cites-nothing", seq=reference.seq)
        elif target.seq in history.retracted and not _strikes_out(entry):
            yield RefusedError("rule.cites-retracted", seq=reference.seq)
    for ref in named_refs(entry.record):
        seqs = history.by_ref.get(ref, ())
        opened = any(
            ref in own_refs(record)
            for record in map(history.worth, seqs)
            if record is not None
        )
        if not opened:
            yield RefusedError("rule.names-nothing", ref=ref)


def _is_of_a_peer(history: History, entry: Logged, reference: Reference) -> bool:
    changes = isinstance(entry.record, Correction | Retraction)
    return (
        reference.ledger in history.peers
        and isinstance(entry.record, Fact)
        and not changes
    )


def exits_of_two_books_are_split(_: History, entry: Logged) -> Iterator[RefusedError]:
    """An exit of transfers of several books says how many are of each.

    A book alone could not tell how many of its own persons left.
    """
    match entry.record:
        case Exit(split=None, transfers=transfers):
            if len({reference.ledger for reference in transfers}) > 1:
                yield RefusedError("rule.exit-of-two-books")
        case _:
            pass


def _strikes_out(entry: Logged) -> bool:
    return isinstance(entry.record, Retraction)


def custody_is_of_transfers(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Receipts, renewals, exits and payments are about transfers or arrivals."""
    match entry.record:
        case Receipt() | Renewal() | Exit() | Payment() as record:
            references = cited(record)
        case _:
            return
    for reference in references:
        target = history.resolve(reference)
        if target is not None and history.ref_at(reference) is None:
            yield RefusedError(
                "rule.not-a-transfer", seq=reference.seq, kind=target.kind
            )
    match entry.record:
        case Exit(split=tuple() as split):
            named = {(r.ledger, r.seq, r.leaf) for r in references}
            for portion in split:
                r = portion.transfer
                if (r.ledger, r.seq, r.leaf) not in named:
                    yield RefusedError("rule.cites-nothing", seq=r.seq)
        case Receipt(formerly=str() as formerly):
            target = history.resolve(references[0]) if references else None
            if target is not None and not isinstance(target.record, Transfer):
                yield RefusedError(
                    "rule.not-a-transfer", seq=target.seq, kind=target.kind
                )
            known = history.identified(formerly)
            if known is not None and known not in references:
                yield RefusedError("rule.already-identified", ref=formerly)
        case _:
            pass


def departures_are_own(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A state records its own departures; what came to it, it receives."""
    match entry.record:
        case Transfer() as transfer if not same_state(transfer.origin, history.state):
            yield RefusedError("rule.origin-is-another-state", state=history.state)
        case Receipt(origin=str() as origin) if same_state(origin, history.state):
            yield RefusedError("rule.origin-is-own-state", state=history.state)
        case _:
            pass


def only_the_custodian_is_official(
    history: History, entry: Logged
) -> Iterator[RefusedError]:
    """What another state did with the persons is `official` only in its own book."""
    match entry.record:
        case Receipt() | Exit() as record if record.status == "official":
            for reference in cited(record):
                ref = history.ref_at(reference)
                custodian = custodian_of(history, ref)
                if custodian is not None and not same_state(custodian, history.state):
                    yield RefusedError(
                        "rule.official-of-another-state", ref=str(ref), kind=entry.kind
                    )
        case _:
            pass


def nothing_happens_before_departure(
    history: History, entry: Logged
) -> Iterator[RefusedError]:
    """No arrival, admission or exit lies before everyone left."""
    match entry.record:
        case Receipt() as receipt:
            times = [t for t in (receipt.arrived, receipt.admitted) if t is not None]
        case Exit() as exit_:
            times = [exit_.occurred]
        case _:
            return
    for reference in cited(entry.record):
        ref = history.ref_at(reference)
        opening = opening_of(history, ref)
        if not isinstance(opening, Transfer):
            continue
        left = [departure.at for departure in opening.departures]
        if any(_before_all(time, left) for time in times):
            yield RefusedError("rule.before-departure", ref=str(ref), kind=entry.kind)


def _before_all(time: When, others: list[When]) -> bool:
    return all(surely_before(time, other) for other in others)


def renewals_follow_departures(
    history: History, entry: Logged
) -> Iterator[RefusedError]:
    """A renewed term does not end before anyone left."""
    match entry.record:
        case Renewal(until=date() as until) as renewal:
            case = _case(history, renewal.transfer)
            if case is not None and until < case.opening_day():
                yield RefusedError("rule.renewal-before-departure", ref=case.ref)
        case _:
            pass


def claims_name_a_member(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A rival value is for a member that entries of the target's kind can have."""
    match entry.record:
        case Claim() as claim:
            target = history.resolve(claim.target)
            if target is None:
                return
            if not isinstance(target.record, Fact):
                yield RefusedError("rule.not-a-fact", seq=target.seq, kind=target.kind)
            elif steps(claim.path)[0] not in _members(target.kind):
                yield RefusedError(
                    "rule.no-such-member", kind=target.kind, path=claim.path
                )
        case _:
            pass


def _members(kind: str) -> set[str]:
    return set(members_of(KINDS[kind]))


def remarks_resolve_remarks(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A remark settles an earlier remark, nothing else."""
    match entry.record:
        case Remark(resolves=Reference() as reference):
            target = history.resolve(reference)
            if target is not None and not isinstance(target.record, Remark):
                yield RefusedError("rule.not-a-remark", seq=reference.seq)
        case _:
            pass


def _case(history: History, reference: Reference) -> Case | None:
    ref = history.ref_at(reference)
    return None if ref is None else case_of(history, ref)


STANDING: tuple[Rule, ...] = (
    zones_exist,
    citations_resolve,
    exits_of_two_books_are_split,
    custody_is_of_transfers,
    departures_are_own,
    only_the_custodian_is_official,
    nothing_happens_before_departure,
    renewals_follow_departures,
    claims_name_a_member,
    remarks_resolve_remarks,
    recoveries_follow_exits,
)
