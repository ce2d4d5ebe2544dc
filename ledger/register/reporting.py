"""What a verification came to: a verdict, levels and findings, from the work done.

A level that did not come to its end never passes. A database that cannot even be opened
is answered in the same form: one finding, and every level skipped.
"""

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.audit import LEVELS, Finding, Level, ordered
from ledger.domain.history import Void
from ledger.domain.suspicion import Suspicion, suspects
from ledger.errors import LedgerError, TamperedError
from ledger.register.citing import Cited
from ledger.register.levels import STEPS, Result, Work
from ledger.register.remembering import Remembered
from ledger.register.resuming import Bookmark
from ledger.register.witnessed import Witnessed
from ledger.store.journal import Journal
from ledger.store.verified import Verified
from ledger.store.watermark import Watermark
from ledger.tlog.entry import ZERO

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


class LevelResult(Struct, frozen=True):
    """What one level of verification came to.

    Attributes:
        level: The level.
        result: `absent`: there is nothing to check it against.
        covers: How many entries it reached; where damage stopped the work, it may
            be `skipped` after some.
    """

    level: Level
    result: Result
    covers: int


class Report(Struct, frozen=True):
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
        suspect: Entries that a lost key signed, and nobody vouches for; they stand.
        beyond_last_cosigned: Entries that no other state has signed for.
        memory: Whether this machine remembers the book.
        pinned: A genesis or a checkpoint from outside was given, and fits.
        missing: Levels that were required and did not pass.
        resumed: What a verification that was stopped had judged, and this one did
            not judge again, its bytes being the same.
        judged: How many entries were judged, until damage stopped the work perhaps.
        witnessed: How far other states vouch for it.
        cited: Whether what it cites of other books fits those that are here.
        remembered: What this machine remembers of the book.
        whole: Whether SQLite's integrity_check passed; None where it was not asked.
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
    suspect: tuple[Suspicion, ...]
    beyond_last_cosigned: int
    memory: Result
    pinned: bool
    missing: tuple[Level, ...]
    resumed: Verified | None = None
    judged: int = 0
    witnessed: Witnessed = field(default_factory=Witnessed)
    cited: Cited = field(default_factory=Cited)
    remembered: Remembered = field(default_factory=Remembered)
    whole: bool | None = None


def interrupted() -> Report:
    """Return the report on a file that a crash left in mid-write."""
    return _stopped(15)


def unread(error: LedgerError, mark: Watermark | None) -> Report:
    """Return the report on a database that cannot be opened, or holds no book any more.

    Args:
        error: Why.
        mark: What this machine remembers of the book, if anything.
    """
    found = Finding(None, "bytes", f"store:{error.code}", values=error.values)
    return _stopped(found.exit_code, found, mark=mark)


def _stopped(code: int, *findings: Finding, mark: Watermark | None = None) -> Report:
    failed = {finding.level for finding in findings}
    return Report(
        verdict=VERDICTS[code],
        exit_code=code,
        book="" if mark is None else mark.book,
        genesis=b"" if mark is None else bytes.fromhex(mark.genesis),
        entries=0,
        head=b"",
        root=b"",
        levels=tuple(
            LevelResult(level, "fail" if level in failed else "skipped", 0)
            for level in LEVELS
        ),
        findings=findings,
        void=(),
        suspect=(),
        beyond_last_cosigned=0,
        memory="skipped",
        pinned=False,
        missing=(),
    )


def report_on(
    work: Work,
    bookmark: Bookmark,
    *,
    pinned: bool,
    require: Collection[Level],
    witnessed: Witnessed,
    compared: Cited,
    remembered: Remembered,
) -> Report:
    """Return what the work came to, as far as it went."""
    audit, journal = work.audit, work.journal
    found = [*audit.findings, *audit.void_findings(), *_attributed(work)]
    rows = _named(work)
    findings = tuple(
        replace(
            finding,
            ref=finding.ref or audit.ref_of(finding.seq) or rows.get(_altered(finding)),
        )
        for finding in ordered(_once(_derived(found)))
    )
    failed = {finding.level for finding in findings}
    vouched: dict[Level, int] = {
        "cosignatures": witnessed.size,
        "time": witnessed.sealed,
    }
    levels = tuple(_level(level, failed, work, vouched) for level in LEVELS)
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
        suspect=tuple(suspects(audit.history)),
        beyond_last_cosigned=work.size - witnessed.size,
        memory=work.memory,
        pinned=pinned,
        missing=missing,
        resumed=bookmark.known,
        judged=work.judged,
        witnessed=witnessed,
        cited=compared,
        remembered=remembered,
        whole=work.whole,
    )


def _named(work: Work) -> dict[int | None, str]:
    """Return the transfer that a derived row names for an entry, by its number.

    An entry that cannot be read any more names none itself.
    """
    return {
        finding.seq: finding.ref
        for finding in work.findings
        if finding.seq is not None and finding.ref is not None
    }


def _altered(finding: Finding) -> int | None:
    """Return the entry whose bytes were changed, if a finding says that of one."""
    return finding.seq if finding.code == "bytes-changed" else None


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


def _derived(findings: list[Finding]) -> list[Finding]:
    """Return the findings, a stored tree hash among what is derived from the entries.

    One that differs is of the tree only where something else shows that the history
    is another one: then it still says what was there before.
    """
    if any(f.level in {"chain", "tree"} and not _is_node(f) for f in findings):
        return findings
    return [replace(f, level="projections") if _is_node(f) else f for f in findings]


def _is_node(finding: Finding) -> bool:
    of_row = finding.table == "node" and finding.level != "guards"
    return of_row or finding.code == "store:store.node-missing"


def _once(findings: list[Finding]) -> list[Finding]:
    """Return damage that was met again and again once, by the name of its table."""
    named = {(f.level, f.code) for f in findings if f.table is not None}
    met: set[tuple[object, ...]] = set()
    kept: list[Finding] = []
    for f in findings:
        if f.code == "store:store.damaged":
            damage = (f.seq, f.level, f.table, tuple(f.values.items()))
            nameless = f.seq is None and f.table is None
            if damage in met or (nameless and (f.level, f.code) in named):
                continue
            met.add(damage)
        kept.append(f)
    return kept


def _leaf(journal: Journal, seq: int) -> bytes:
    try:
        row = journal.row(seq)
    except TamperedError:
        return ZERO
    return row.leaf if row is not None else ZERO


def _level(
    level: Level,
    failed: Collection[Level],
    work: Work,
    vouched: Mapping[Level, int],
) -> LevelResult:
    """Return what a level came to; one that did not come to its end never passes."""
    steps = STEPS[level]
    finished = steps <= work.done
    if level in vouched and level not in failed:
        # Who vouches for nothing says nothing, however the rest came out.
        covers = vouched[level]
        return LevelResult(level, "pass" if covers else "absent", covers)
    # What is compared once all entries are judged says nothing of any before that.
    covers = work.judged if finished or "entries" in steps else 0
    if level == "projections" and ("projections" not in work.done or work.start):
        covers = 0
    if level in failed:
        return LevelResult(level, "fail", covers)
    if not finished or (level == "projections" and work.start):
        return LevelResult(level, "skipped", covers)
    return LevelResult(level, "pass", covers)
