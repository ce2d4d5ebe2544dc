"""What an office has to do now: from its book, and from what this machine remembers.

The most urgent comes first: a person whose whereabouts nobody knows before a term that
is over, a term that is over before one that ends soon, persons before papers. Transfers
whose persons are all out and accounted for are not looked at.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.cases import Case
from ledger.domain.days import days_left, latest_notice_day
from ledger.domain.flows import Range
from ledger.domain.history import number_of
from ledger.domain.joining import STRIDE, Books
from ledger.domain.qualifying import qualifier_of
from ledger.domain.terms import Part, renewal_clause
from ledger.domain.variances import FlagCode, acknowledged
from ledger.register.asking import (
    chosen_parts,
    due_refs,
    is_due,
    is_overdue,
    overdue_refs,
)
from ledger.register.cosigning import unanswered
from ledger.register.enrolling import doubts
from ledger.register.mirrored import Reading, reading
from ledger.register.mismatching import Variance, variance_of
from ledger.register.opening import Head, Register
from ledger.register.peering import known_peers
from ledger.register.questioning import Question
from ledger.store.backups import BackupFile
from ledger.store.mirrors import mirror_of
from ledger.store.recall import Recall

Task: TypeAlias = Literal[
    "unaccounted",
    "overdue",
    "no-authority",
    "due",
    "not-received",
    "unanswered",
    "unacknowledged",
    "pending",
    "variance",
    "void",
    "doubt",
    "consent",
    "histories",
    "mirror",
    "uncosigned",
    "checkpoint",
    "backup",
]
TASKS: tuple[Task, ...] = (
    "unaccounted",
    "overdue",
    "no-authority",
    "due",
    "not-received",
    "unanswered",
    "unacknowledged",
    "pending",
    "variance",
    "void",
    "doubt",
    "consent",
    "histories",
    "mirror",
    "uncosigned",
    "checkpoint",
    "backup",
)
"""The kinds of work, the most urgent first."""

STALE_DAYS = 7
"""From this age on, entries without a checkpoint or a backup are work to do."""


LATE_DAYS = 5
"""After so many days without an answer a departure is long unanswered.

Source: ICAOS rule 3.104-1 (the fifth day after the notice of departure).
"""


class Duty(Struct, frozen=True):
    """One thing to do.

    Attributes:
        task: What kind of work it is.
        ref: The transfer that it is about.
        seq: The entry that it is about, or since which it is so.
        persons: How many persons it is about.
        n: How many things it is about besides: entries, days that two books are apart;
            of a manifest or an agreement the other number.
        day: The last authorised day, or the day since which it is so.
        days: How many days are left until then, or have passed since; never negative.
        notice_by: The last day on which a renewal can be asked for in time.
        detail: The flag of a variance; the kind of a pending entry; the book of a
            mirror, or of two histories; the name of a suspect key.
        renewable: Whether the term can be renewed: `yes`, `no`, `unknown`.
        seqs: The entries that are in doubt.
    """

    task: Task
    ref: str | None = None
    seq: int | None = None
    persons: Range | None = None
    n: int = 0
    day: date | None = None
    days: int | None = None
    notice_by: date | None = None
    detail: str = ""
    renewable: str = "unknown"
    seqs: tuple[int, ...] = ()


class Duties(Struct, frozen=True):
    """What is to be done on a day, most urgent first."""

    on: date
    lines: tuple[Duty, ...]
    heads: tuple[Head, ...]
    books: Books


def duties(register: Register, *, on: date, within: int) -> Duties:
    """Return what the office has to do.

    Args:
        register: The open book.
        on: The day at whose end it is to be true.
        within: Terms are due that end within so many days.
    """
    of = reading(register)
    over = overdue_refs(of, on=on)
    soon = due_refs(of, on=on, within=within)
    open_ = _open_refs(of, on=on)
    question = Question(of, {*over, *soon, *open_})
    found = [
        *_terms(question, over=over, soon=soon, on=on, within=within),
        *_persons(question, open_, on=on),
        *_pending(register),
        *_voids(question),
        *_doubts(register, on=on),
        *_consents(question, on=on),
        *_unkept(question, on=on),
        *exchange_duties(of, on=on),
    ]
    found.sort(key=_urgency)
    return Duties(on=on, lines=tuple(found), heads=of.heads, books=of.books)


def _urgency(duty: Duty) -> tuple[int, date, tuple[str, int], int]:
    ref = ("", 0) if duty.ref is None else number_of(duty.ref)
    return (TASKS.index(duty.task), duty.day or date.min, ref, duty.seq or 0)


def _terms(
    question: Question, *, over: list[str], soon: list[str], on: date, within: int
) -> Iterator[Duty]:
    ended = chosen_parts(question, over, on=on, wanted=is_overdue(on=on))
    for pool, ref, chosen in ended:
        for part in chosen:
            task: Task = "no-authority" if part.last_day is None else "overdue"
            yield _term(pool.cases[ref], part, task, on=on)
    wanted = is_due(on=on, within=within)
    for pool, ref, chosen in chosen_parts(question, soon, on=on, wanted=wanted):
        for part in chosen:
            yield _term(pool.cases[ref], part, "due", on=on)


def _term(case: Case, part: Part, task: Task, *, on: date) -> Duty:
    transfer = case.transfer
    last_day = part.last_day
    return Duty(
        task=task,
        ref=case.ref,
        seq=case.opening.seq,
        persons=part.persons,
        day=part.last_day,
        days=None if last_day is None else abs(days_left(last_day, on)),
        notice_by=notice_day(case, part.last_day),
        renewable="unknown" if transfer is None else transfer.renewable,
    )


def notice_day(case: Case, last_day: date | None) -> date | None:
    """Return the last day on which a renewal can be asked for, if one is agreed."""
    clause = renewal_clause(case)
    if clause is None or clause.notice is None or last_day is None:
        return None
    if clause.notice.last_day is not None:
        return clause.notice.last_day
    lead = clause.notice.lead
    return None if lead is None else latest_notice_day(last_day, lead)


def _persons(question: Question, refs: list[str], *, on: date) -> Iterator[Duty]:
    named = set(refs)
    for pool in question.pools(refs):
        for case in [pool.cases[ref] for ref in pool.cases if ref in named]:
            line = variance_of(question.history, pool, case, on=on)
            held, day = line.balance.held, case.opening_day()
            left, days = line.balance.remaining, (on - day).days
            asked = case.destination in question.peers and case.opening.seq < STRIDE
            answered = acknowledged(case, on=on)
            late = asked and not answered and left.most > 0 and days >= 1
            for duty in _variance(line, on=on):
                if not late or duty.task != "not-received":
                    yield duty
            if answered or not case.transfer:
                continue
            if late:
                yield Duty(
                    task="unanswered",
                    ref=case.ref,
                    seq=case.opening.seq,
                    persons=left,
                    day=day,
                    days=days,
                    detail="5-days" if days >= LATE_DAYS else "24-hours",
                )
            elif held.most:
                yield Duty(
                    task="unacknowledged",
                    ref=case.ref,
                    seq=case.opening.seq,
                    persons=held,
                    day=day,
                    days=(on - day).days,
                )


def _open_refs(of: Reading, *, on: date) -> list[str]:
    """Return the transfers of which somebody may be in custody, in transit or lost."""
    sql = (
        "SELECT ref FROM transfer WHERE book = ? AND departed_on <= ? AND "
        "(ended_on IS NULL OR ended_on > ? OR missing > 0 OR arrived <> persons OR "
        # Somebody left beyond those who came; an exit of a pool is of each of it.
        "arrived < (SELECT coalesce(sum(m.persons), 0) FROM movement m "
        "WHERE m.book = transfer.book AND m.ref = transfer.ref "
        "AND m.what NOT IN ('departed', 'arrived', 'recaptured', 'found')))"
    )
    return of.refs(sql, on.isoformat(), on.isoformat())


def _variance(line: Variance, *, on: date) -> Iterator[Duty]:
    case = line.case
    for reason in line.reasons:
        yield Duty(
            task=_task_of(reason.code),
            ref=case.ref,
            seq=reason.seq,
            persons=_number(reason.n) if reason.of_persons else None,
            n=0 if reason.of_persons else int(reason.n),
            day=reason.since,
            days=(on - reason.since).days,
            detail=reason.code,
        )
    for said in line.remarks:
        if said.resolved_by is None:
            yield Duty(
                task="variance", ref=case.ref, seq=said.item.seq, detail="remark"
            )


def _number(n: int) -> Range:
    """Return one number as a range that knows how exact it is."""
    return Range(int(n), int(n), qualifier_of(n))


def _task_of(code: FlagCode) -> Task:
    match code:
        case "unaccounted" | "not-received":
            return code
        case _:
            return "variance"


def _pending(register: Register) -> Iterator[Duty]:
    """Yield the requests whose outcome nobody was told, and who asked is gone."""
    for pending in register.pending.list():
        if not register.pending.is_another_programs(pending.digest):
            seqs = register.journal.seqs_of_once(pending.once)
            yield Duty(
                task="pending",
                seq=seqs[0] if seqs else None,
                day=date.fromisoformat(pending.at[:10]),
                detail=pending.kind,
            )


def _voids(question: Question) -> Iterator[Duty]:
    history = question.history
    for seq in sorted(history.voids.keys() - history.acknowledged):
        yield Duty(task="void", seq=seq)


def _doubts(register: Register, *, on: date) -> Iterator[Duty]:
    """Yield what a stolen key may have signed, a line for each key."""
    for doubted in doubts(register):
        if doubted.since <= on:
            yield Duty(
                task="doubt",
                seq=doubted.seqs[0],
                n=len(doubted.seqs),
                day=doubted.since,
                days=(on - doubted.since).days,
                detail=doubted.key,
                seqs=doubted.seqs,
            )


def _consents(question: Question, *, on: date) -> Iterator[Duty]:
    """Yield the changes of state keys that wait for another state key."""
    for proposal in question.history.ring.proposals:
        entry = question.recall.entry(proposal.seq)
        day = on if entry is None else min(on, entry.at.date())
        yield Duty(
            task="consent",
            seq=proposal.seq,
            day=day,
            days=(on - day).days,
            detail=proposal.record.vkey.partition("+")[0],
        )


def _unkept(question: Question, *, on: date) -> Iterator[Duty]:
    """Yield that entries are in no checkpoint, or in no backup, for too long."""
    register = question.register
    signed = max((size for size, _ in register.journal.checkpoints()), default=0)
    kept = BackupFile(register.places.memory).read()
    sizes: dict[Task, int] = {
        "checkpoint": signed,
        "backup": 0 if kept is None else kept.size,
    }
    for task, size in sizes.items():
        since = waiting_since(question.recall, size)
        if since is not None and (on - since).days >= STALE_DAYS:
            yield Duty(
                task=task,
                seq=size,
                n=question.recall.size - size,
                day=since,
                days=(on - since).days,
            )


def exchange_duties(of: Reading, *, on: date) -> Iterator[Duty]:
    """Yield what is wrong between states.

    A log signed two histories, a mirror is old, or no other state has seen the own
    entries.
    """
    register = of.register
    mirrored = {head.book: head for head in of.heads if head.mirror is not None}
    known = known_peers(register)
    for peer in known:
        head = mirrored.get(peer.peer.name)
        mirror = mirror_of(register.journal, peer.peer.name)
        others = [] if mirror is None else unanswered(mirror)
        if others:
            roots = {(other.size, other.root) for other in others}
            yield Duty(task="histories", n=len(roots), detail=peer.peer.name)
        day = None if head is None or head.mirror is None else head.mirror.day
        if day is None or (on - day).days >= STALE_DAYS:
            yield Duty(
                task="mirror",
                n=0 if head is None else head.size,
                day=day,
                days=None if day is None else (on - day).days,
                detail=peer.peer.name,
            )
    seen = max((peer.seen for peer in known), default=0)
    since = waiting_since(of.recall, seen) if known else None
    if since is not None and (on - since).days >= STALE_DAYS:
        size = of.recall.size
        yield Duty(
            task="uncosigned",
            seq=seen,
            n=size - seen,
            day=since,
            days=(on - since).days,
        )


def waiting_since(recall: Recall, size: int) -> date | None:
    """Return the day since which a valid entry lies beyond a size, if one does."""
    for seq in range(size, recall.size):
        entry = recall.entry(seq)
        if entry is not None:
            return entry.at.date()
    return None
