"""Verifying a book, level by level, and saying how far each level reached.

Reads go in short slices up to a size fixed at the start; nothing is opened for
writing. What the store says about itself (tree hashes, projections, guards) is
compared with what follows from the entries. What no inner check can see is said: how
many entries lie beyond the last checkpoint that another state cosigned.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from ledger.audit import LEVELS, Audit, Finding, Level, ordered
from ledger.domain.history import History, Void
from ledger.domain.suspicion import Suspicion, suspects
from ledger.errors import (
    InterruptedWriteError,
    MalformedError,
    RefusedError,
    TamperedError,
)
from ledger.exchange.card import Card
from ledger.register.citing import Cited, compare_citations
from ledger.register.cosigning import conflicts
from ledger.register.examining import begin, read_on
from ledger.register.levels import (
    STEPS,
    Result,
    Work,
    compare_checkpoints,
    compare_memory,
    compare_pin,
)
from ledger.register.opening import Places
from ledger.register.pinning import check_card, check_since, compare_card
from ledger.register.progress import Tell, say_nothing
from ledger.register.resuming import Bookmark
from ledger.register.witnessed import (
    Witnessed,
    check_peer_cards,
    compare_witnesses,
    witness_keys,
)
from ledger.store.journal import Journal
from ledger.store.mirrors import book_named
from ledger.store.recall import Recall
from ledger.store.verified import Verified, VerifiedFile
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.entry import ZERO
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


@dataclass(frozen=True, slots=True)
class LevelResult:
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


def verify(
    places: Places,
    *,
    since: bytes | None = None,
    genesis: str | None = None,
    card: Card | None = None,
    require: Collection[Level] = (),
    deep: bool = False,
    progress: Tell = say_nothing,
    workers: int | None = None,
    now: datetime | None = None,
    resume: bool = False,
    peers: Sequence[Card] = (),
    book: str | None = None,
) -> Report:
    """Verify the book of an office, or its mirror of another state's.

    Args:
        places: Where its files are.
        since: A checkpoint note that the caller trusts: only what is new since then
            is examined, and the tree must have grown out of it.
        genesis: The leaf hash of entry 0, as hex, that the book must have.
        card: A card of the book that the caller trusts: its genesis and log key.
        require: Levels that must pass for the verification to succeed.
        deep: Let SQLite check its own pages and indexes as well: an index can hide
            a true row from every query.
        progress: Is told how far it has come, often.
        workers: How many processes help to check signatures; None for as many as
            pay.
        now: When this is; given, it is remembered how far a verification of the whole
            book has come, so that it can be resumed if it is stopped.
        resume: Do not judge again what was judged before it was stopped, where the
            bytes are the same still.
        peers: Cards that the caller trusts: of the book, as `card`, or of others whose
            cosignatures count then.
        book: The name of the book; the own one if it is not given.

    Raises:
        NoBookError, TooNewError, NotPermittedError: If it cannot be read at all.
        MalformedError: If `since` is not a checkpoint, or it or the card is of
            another book.
        SignatureError: If no log key of the book or of the card signed `since`.
    """
    trusted = None if since is None else Checkpoint.parse(Note.parse(since).text)
    try:
        own = Journal.open(places.database, write=False)
    except InterruptedWriteError:
        return _interrupted()
    try:
        journal = book_named(own, book)
        if journal is not own:
            now, workers = None, 0  # what is remembered to go on from is the own book's
        if trusted is not None and trusted.origin != journal.book.name:
            raise MalformedError("verify.checkpoint-of-another-book")
        others = [each for each in peers if each.book != journal.book.name]
        card = next((each for each in peers if each not in others), card)
        check_card(card, book=journal.book.name)
        check_peer_cards(journal, others)
        work = Work(
            journal, Audit(History(book=journal.book.name)), deep=deep, tell=progress
        )
        mark = _remembered(places, own, journal)
        bookmark = Bookmark(VerifiedFile(places.memory), now)
        genesis = _pinned(own, journal) if genesis is None else genesis
        genesis = genesis if card is None else card.genesis
        pinned = trusted is not None or genesis is not None
        witnessed, compared = Witnessed(), Cited()
        try:
            if since is not None and trusted is not None:
                check_since(journal, since, trusted, card=card)
            begin(work, mark=mark, since=trusted)
            _drop_answered(work, own)
            if resume and trusted is None:
                bookmark.find(work)
            read_on(work, places.database, bookmark, workers=workers)
            compare_checkpoints(work)
            compare_memory(work, mark)
            compare_pin(work, genesis)
            bookmark.close(work)
            compare_card(work, card)
            work.done.add("card")
            keys = witness_keys(work, own=own, cards=others)
            witnessed = compare_witnesses(work, keys)
            pinned = pinned or bool(others and witnessed.size)
            compared = compare_citations(work, own)
        except (TamperedError, RefusedError, MalformedError) as error:
            # What was read to judge an entry cannot be what was once recorded.
            seq = error.values.get("seq")
            named = seq if isinstance(seq, int) else None
            level = work.level_of(error)
            work.add(named, level, f"store:{error.code}", values=error.values)
        return _report(
            work,
            bookmark,
            pinned=pinned,
            require=require,
            witnessed=witnessed,
            compared=compared,
        )
    finally:
        own.close()


def _remembered(places: Places, own: Journal, journal: Journal) -> Watermark | None:
    """Return what this machine remembers of a book, be it a mirror."""
    mark = WatermarkFile(places.memory).read()
    if journal is own or mark is None:
        return mark
    head = mark.mirrors.get(journal.book.name)
    if head is None:
        return None
    genesis = journal.book.genesis.hex()
    return Watermark(journal.book.name, genesis, size=head.size, root=head.root)


def _pinned(own: Journal, journal: Journal) -> str | None:
    """Return the first entry that the own book pinned for a mirror; None for itself."""
    if journal is own:
        return None
    peer = Recall(own).history(()).peers.get(journal.book.name)
    return None if peer is None else peer.genesis


def _drop_answered(work: Work, own: Journal) -> None:
    """Leave out what a mirrored book's log signed beside it, and its state answered."""
    if work.journal is own:
        return
    answered = {checkpoint for checkpoint, done in conflicts(work.journal) if done}
    work.kept = [pair for pair in work.kept if pair[0] not in answered]


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
        suspect=(),
        beyond_last_cosigned=0,
        memory="skipped",
        pinned=False,
        missing=(),
    )


def _report(
    work: Work,
    bookmark: Bookmark,
    *,
    pinned: bool,
    require: Collection[Level],
    witnessed: Witnessed,
    compared: Cited,
) -> Report:
    audit, journal = work.audit, work.journal
    found = [*audit.findings, *audit.void_findings(), *_attributed(work)]
    findings = tuple(
        replace(finding, ref=finding.ref or audit.ref_of(finding.seq))
        for finding in ordered(found)
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
