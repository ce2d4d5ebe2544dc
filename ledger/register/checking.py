"""Verifying a book, level by level, and saying how far each level reached.

Reads go in short slices up to a size fixed at the start; nothing is opened for
writing. What the store says about itself (tree hashes, projections, guards) is
compared with what follows from the entries. What no inner check can see is said: how
many entries lie beyond the last checkpoint that another state cosigned.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ledger.audit import LEVELS, Audit, Finding, Level, ordered
from ledger.domain.history import History, Void
from ledger.errors import (
    InterruptedWriteError,
    MalformedError,
    RefusedError,
    TamperedError,
)
from ledger.register.levels import (
    Result,
    Work,
    compare_checkpoints,
    compare_guards,
    compare_memory,
    compare_nodes,
    compare_once,
    compare_pin,
    compare_projections,
    compare_root,
    cut,
    kept_checkpoints,
)
from ledger.register.opening import Places
from ledger.store.intake import history_before
from ledger.store.journal import Journal, Row
from ledger.store.projections import expected_rows
from ledger.store.recall import Recall
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.entry import ZERO
from ledger.tlog.merkle import HASH_SIZE
from ledger.tlog.note import Note

Verdict: TypeAlias = Literal[
    "verified",
    "consistent",
    "altered",
    "rewritten",
    "bad_signature",
    "untrusted",
    "partial",
    "needs_recovery",
]
VERDICTS: dict[int, Verdict] = {
    10: "altered",
    11: "rewritten",
    12: "bad_signature",
    14: "partial",
    15: "needs_recovery",
}
NOT_YET: tuple[Level, ...] = ("cosignatures", "time")


@dataclass(frozen=True, slots=True)
class LevelResult:
    """What one level of verification came to.

    Attributes:
        level: The level.
        result: `absent`: there is nothing to check it against.
        covers: How many entries it reached.
    """

    level: Level
    result: Result
    covers: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    Attributes:
        verdict: In a word.
        exit_code: The program's exit code for it.
        book: The book's name.
        genesis: Leaf hash of entry 0.
        entries: How many entries were there.
        head: Leaf hash of the last entry.
        root: Root of the tree.
        levels: Every level, in order.
        findings: What is wrong, in the order in which it counts.
        void: Void entries, and whether they are acknowledged.
        beyond_last_cosigned: Entries that no other state has signed for.
        memory: Whether this machine remembers the book.
        pinned: A genesis or a checkpoint from outside was given, and fits.
        missing: Levels that were required and did not pass.
    """

    verdict: Verdict
    exit_code: int
    book: str
    genesis: bytes
    entries: int
    head: bytes
    root: bytes
    levels: tuple[LevelResult, ...]
    findings: tuple[Finding, ...]
    void: tuple[tuple[Void, bool], ...]
    beyond_last_cosigned: int
    memory: Result
    pinned: bool
    missing: tuple[Level, ...]


def verify(
    places: Places,
    *,
    since: bytes | None = None,
    genesis: str | None = None,
    require: Collection[Level] = (),
) -> Report:
    """Verify the book of an office.

    Args:
        places: Where its files are.
        since: A checkpoint note that the caller trusts: only what is new since then
            is examined, and the tree must have grown out of it.
        genesis: The leaf hash of entry 0, as hex, that the book must have.
        require: Levels that must pass for the verification to succeed.

    Raises:
        NoBookError, TooNewError, NotPermittedError: If it cannot be read at all.
        MalformedError: If `since` is not a checkpoint.
    """
    trusted = None if since is None else Checkpoint.parse(Note.parse(since).text)
    try:
        journal = Journal.open(places.database, write=False)
    except InterruptedWriteError:
        return _interrupted()
    try:
        if trusted is not None and trusted.origin != journal.book.name:
            raise MalformedError("verify.checkpoint-of-another-book")
        work = Work(journal, Audit(History(book=journal.book.name)))
        mark = WatermarkFile(places.memory).read()
        pinned = trusted is not None or genesis is not None
        try:
            _examine(work, mark=mark, since=trusted, genesis=genesis)
        except (TamperedError, RefusedError, MalformedError) as error:
            # What was read to judge an entry cannot be what was once recorded.
            seq = error.values.get("seq")
            named = seq if isinstance(seq, int) else None
            work.add(named, "bytes", f"store:{error.code}")
        return _report(work, pinned=pinned, require=require)
    finally:
        journal.close()


def _interrupted() -> Report:
    return Report(
        verdict="needs_recovery",
        exit_code=15,
        book="",
        genesis=b"",
        entries=0,
        head=b"",
        root=b"",
        levels=tuple(LevelResult(level, "skipped", 0) for level in LEVELS),
        findings=(),
        void=(),
        beyond_last_cosigned=0,
        memory="skipped",
        pinned=False,
        missing=(),
    )


def _examine(
    work: Work,
    *,
    mark: Watermark | None,
    since: Checkpoint | None,
    genesis: str | None,
) -> None:
    journal = work.journal
    kept = list(kept_checkpoints(work))
    sizes = {checkpoint.size for checkpoint, _ in kept}
    if mark is not None:
        sizes.add(mark.size)
    work.audit.wanted = frozenset(sizes)
    # What the projections have not taken in waits for the snapshot that compares them.
    work.size = min(journal.size(), Recall(journal).projected())
    work.projected = work.size
    if since is not None:
        _begin_at(work, since)
    _entries(work, work.start, work.size)
    with journal.reading():
        grown = journal.size()
        work.projected = Recall(journal).projected()
        _entries(work, work.size, grown)
        work.size = grown
        compare_projections(work)
        compare_guards(work)
    compare_checkpoints(work, kept)
    compare_memory(work, mark)
    compare_pin(work, genesis)


def _begin_at(work: Work, checkpoint: Checkpoint) -> None:
    """Start at a trusted checkpoint: the tree there must have its root."""
    journal = work.journal
    if checkpoint.size > journal.size():
        cut(work, checkpoint.size)
        return
    compare_root(work, checkpoint.size, checkpoint.root)
    work.start = checkpoint.size
    work.size = max(work.size, checkpoint.size)
    recall = Recall(journal, before=checkpoint.size)
    work.audit.history = recall.history(())
    work.audit.frontier = journal.frontier(checkpoint.size)


def _entries(work: Work, start: int, stop: int) -> None:
    """Judge stored entries, and compare the tree hashes that they complete."""
    journal, audit = work.journal, work.audit
    for row in journal.rows(start, stop):
        if not _sound(row):
            work.add(row.seq, "bytes", "not-bytes", field="note")
            continue
        if work.projected == row.seq and work.start == 0:
            work.expected = expected_rows(audit.history)
        beside = history_before(journal, row) if work.start else None
        completed = audit.take(seq=row.seq, leaf=row.leaf, note=row.note, beside=beside)
        compare_once(work, row)
        compare_nodes(work, row.seq, completed)


def _sound(row: Row) -> bool:
    """Return whether the columns have the types that the schema demands."""
    return (
        isinstance(row.note, bytes)
        and isinstance(row.leaf, bytes)
        and len(row.leaf) == HASH_SIZE
    )


def _report(work: Work, *, pinned: bool, require: Collection[Level]) -> Report:
    audit, journal = work.audit, work.journal
    found = [*audit.findings, *audit.void_findings(), *_attributed(work)]
    findings = tuple(
        replace(finding, ref=finding.ref or audit.ref_of(finding.seq))
        for finding in ordered(found)
    )
    failed = {finding.level for finding in findings}
    covers = work.size - work.start
    levels = tuple(_level(level, failed, covers, work) for level in LEVELS)
    missing = tuple(
        result.level
        for result in levels
        if result.level in require and result.result != "pass"
    )
    code = findings[0].exit_code if findings else 14 if missing else 0
    verdict = VERDICTS.get(code, "verified" if pinned else "consistent")
    return Report(
        verdict=verdict,
        exit_code=code,
        book=journal.book.name,
        genesis=_leaf(journal, 0),
        entries=work.size,
        head=_leaf(journal, work.size - 1),
        root=audit.frontier.root(),
        levels=levels,
        findings=findings,
        void=tuple(
            (void, seq in audit.history.acknowledged)
            for seq, void in sorted(audit.history.voids.items())
        ),
        beyond_last_cosigned=work.size,
        memory=work.memory,
        pinned=pinned,
        missing=missing,
    )


def _attributed(work: Work) -> list[Finding]:
    """Return the findings beside the entries, each with the entry that it is about.

    Where an entry is gone or is not what it was, the rows of an earlier transfer can
    differ for no other reason: then they name no entry, and come last.
    """
    doubted = [
        *work.audit.findings,
        *work.audit.void_findings(),
        *(
            finding
            for finding in work.findings
            if finding.level == "bytes"
            or finding.code == "cut"
            or finding.table == "heading"
        ),
    ]
    seqs = [finding.seq for finding in doubted if finding.seq is not None]
    first = min(seqs, default=0)
    return [
        replace(finding, seq=None)
        if finding.level == "projections" and (finding.seq or first) < first
        else finding
        for finding in work.findings
    ]


def _leaf(journal: Journal, seq: int) -> bytes:
    try:
        row = journal.row(seq)
    except TamperedError:
        return ZERO
    return row.leaf if row is not None and _sound(row) else ZERO


def _level(
    level: Level, failed: Collection[Level], covers: int, work: Work
) -> LevelResult:
    if level in NOT_YET:
        return LevelResult(level, "absent", 0)
    if level in failed:
        return LevelResult(level, "fail", covers)
    if level == "projections" and work.start:
        return LevelResult(level, "skipped", 0)
    return LevelResult(level, "pass", covers)
