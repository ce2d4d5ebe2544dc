"""What an office has to do now: from its book, and from what this machine remembers.

The most urgent comes first: a person whose whereabouts nobody knows before a term that
is over, a term that is over before one that ends soon, persons before papers. Transfers
whose persons are all out and accounted for are not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from ledger.domain.cases import Case
from ledger.domain.custody import pool_of
from ledger.domain.days import latest_notice_day
from ledger.domain.flows import Range
from ledger.domain.history import number_of, pools
from ledger.domain.terms import renewal_clause
from ledger.domain.variances import FlagCode, acknowledged
from ledger.register.asking import TermLine, due, overdue
from ledger.register.mismatching import Variance, variance_of
from ledger.register.opening import Head, Register
from ledger.store.backups import BackupFile
from ledger.store.engine import translated
from ledger.store.recall import Recall

Task: TypeAlias = Literal[
    "unaccounted",
    "overdue",
    "no-authority",
    "due",
    "not-received",
    "unacknowledged",
    "pending",
    "variance",
    "void",
    "checkpoint",
    "backup",
]
TASKS: tuple[Task, ...] = (
    "unaccounted",
    "overdue",
    "no-authority",
    "due",
    "not-received",
    "unacknowledged",
    "pending",
    "variance",
    "void",
    "checkpoint",
    "backup",
)
"""The kinds of work, the most urgent first."""

STALE_DAYS = 7
"""From this age on, entries without a checkpoint or a backup are work to do."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do.

    Attributes:
        task: What kind of work it is.
        ref: The transfer that it is about.
        seq: The entry that it is about, or since which it is so.
        persons: How many persons it is about.
        n: How many things it is about besides: entries; of a manifest or an agreement
            the other number.
        day: The last authorised day, or the day since which it is so.
        days: How many days are left until then, or have passed since; never negative.
        notice_by: The last day on which a renewal can be asked for in time.
        detail: The flag of a variance; the kind of a pending entry.
        renewable: Whether the term can be renewed: `yes`, `no`, `unknown`.
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


@dataclass(frozen=True, slots=True)
class Duties:
    """What is to be done on a day, most urgent first."""

    on: date
    lines: tuple[Duty, ...]
    heads: tuple[Head, ...]


def duties(register: Register, *, on: date, within: int) -> Duties:
    """Return what the office has to do.

    Args:
        register: The open book.
        on: The day at whose end it is to be true.
        within: Terms are due that end within so many days.
    """
    found = [
        *_terms(register, on=on, within=within),
        *_persons(register, on=on),
        *_pending(register),
        *_voids(register),
        *_unkept(register, on=on),
    ]
    found.sort(key=_urgency)
    return Duties(on=on, lines=tuple(found), heads=(register.head(),))


def _urgency(duty: Duty) -> tuple[int, date, tuple[str, int], int]:
    ref = ("", 0) if duty.ref is None else number_of(duty.ref)
    return (TASKS.index(duty.task), duty.day or date.min, ref, duty.seq or 0)


def _terms(register: Register, *, on: date, within: int) -> Iterator[Duty]:
    for line in overdue(register, on=on).lines:
        task: Task = "no-authority" if line.part.last_day is None else "overdue"
        yield _term(line, task)
    for line in due(register, on=on, within=within).lines:
        yield _term(line, "due")


def _term(line: TermLine, task: Task) -> Duty:
    case, part = line.case, line.part
    transfer = case.transfer
    return Duty(
        task=task,
        ref=case.ref,
        seq=case.opening.seq,
        persons=part.persons,
        day=part.last_day,
        days=None if line.days_left is None else abs(line.days_left),
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


def _persons(register: Register, *, on: date) -> Iterator[Duty]:
    refs = _open_refs(register, on=on)
    history = register.recall().history(refs)
    for names in pools(history, refs):
        pool = pool_of(history, names[0])
        for case in [pool.cases[ref] for ref in pool.cases if ref in refs]:
            line = variance_of(history, pool, case, on=on)
            yield from _variance(line, on=on)
            held, day = line.balance.held, case.opening_day()
            if held.most and not acknowledged(case, on=on) and case.transfer:
                yield Duty(
                    task="unacknowledged",
                    ref=case.ref,
                    seq=case.opening.seq,
                    persons=held,
                    day=day,
                    days=(on - day).days,
                )


def _open_refs(register: Register, *, on: date) -> list[str]:
    """Return the transfers of which somebody may be in custody, in transit or lost."""
    sql = (
        "SELECT ref FROM transfer WHERE book = ? AND departed_on <= ? AND "
        "(ended_on IS NULL OR ended_on > ? OR missing > 0 OR arrived <> persons)"
    )
    journal, day = register.journal, on.isoformat()
    with translated():
        rows = journal.connection.execute(sql, (journal.book.id, day, day)).fetchall()
    return [ref for (ref,) in rows]


def _variance(line: Variance, *, on: date) -> Iterator[Duty]:
    case = line.case
    for reason in line.reasons:
        yield Duty(
            task=_task_of(reason.code),
            ref=case.ref,
            seq=reason.seq,
            persons=Range(reason.n, reason.n),
            day=reason.since,
            days=(on - reason.since).days,
            detail=reason.code,
        )
    for said in line.remarks:
        if said.resolved_by is None:
            yield Duty(
                task="variance", ref=case.ref, seq=said.item.seq, detail="remark"
            )


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


def _voids(register: Register) -> Iterator[Duty]:
    history = register.recall().history(())
    for seq in sorted(history.voids.keys() - history.acknowledged):
        yield Duty(task="void", seq=seq)


def _unkept(register: Register, *, on: date) -> Iterator[Duty]:
    """Yield that entries are in no checkpoint, or in no backup, for too long."""
    signed = max((size for size, _ in register.journal.checkpoints()), default=0)
    kept = BackupFile(register.places.memory).read()
    sizes: dict[Task, int] = {
        "checkpoint": signed,
        "backup": 0 if kept is None else kept.size,
    }
    for task, size in sizes.items():
        since = waiting_since(register.recall(), size)
        if since is not None and (on - since).days >= STALE_DAYS:
            yield Duty(
                task=task,
                seq=size,
                n=register.journal.size() - size,
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
