"""Verifying a book, level by level, and saying how far each level reached.

Reads go in short slices up to a size fixed at the start; nothing is opened for
writing. What the store says about itself (tree hashes, projections, guards) is
compared with what follows from the entries. What no inner check can see is said: how
many entries lie beyond the last checkpoint that another state cosigned.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ledger.audit import Audit, Level
from ledger.domain.history import History
from ledger.errors import (
    InterruptedWriteError,
    LedgerError,
    MalformedError,
    NoBookError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.exchange.card import Card
from ledger.register.citing import Cited, compare_citations
from ledger.register.cosigning import conflicts
from ledger.register.examining import begin, read_on
from ledger.register.levels import (
    Work,
    compare_checkpoints,
    compare_memory,
    compare_pin,
)
from ledger.register.opening import Places
from ledger.register.pinning import check_card, check_since, compare_card
from ledger.register.progress import Tell, say_nothing
from ledger.register.registered import compare_books, note_odd
from ledger.register.remembering import Remembered, memory_here, memory_of
from ledger.register.reporting import Report, Verdict, interrupted, report_on, unread
from ledger.register.resuming import Bookmark
from ledger.register.witnessed import (
    Witnessed,
    check_peer_cards,
    compare_witnesses,
    witness_keys,
)
from ledger.store.journal import Journal
from ledger.store.listed import open_found, was_ledger
from ledger.store.marks import Marks
from ledger.store.mirrors import book_named
from ledger.store.recall import Recall
from ledger.store.verified import VerifiedFile
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note

__all__ = ["Report", "Verdict", "verify"]


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
    elsewhere: bool = True,
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
        elsewhere: Compare with what this machine remembers of the book at other paths
            as well; not if a copy that is known to be older is to be sound in itself.

    Raises:
        NoBookError, TooNewError, NotPermittedError: If it cannot be read at all.
        MalformedError: If `since` is not a checkpoint, or it or the card is of
            another book.
        SignatureError: If no log key of the book or of the card signed `since`.
    """
    trusted = None if since is None else Checkpoint.parse(Note.parse(since).text)
    here, damage = memory_here(places)
    try:
        own, odd = open_found(places.database)
    except InterruptedWriteError:
        return interrupted()
    except (TamperedError, NoBookError) as error:
        if not _was_book(places, error, here):
            raise
        return unread(error, Remembered(here).mark)
    try:
        known = memory_of(places, own, here) if elsewhere else Remembered(here)
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
        genesis = _pinned(own, journal) if genesis is None else genesis
        run = _Run(
            own,
            work,
            remembered=known.of(own, journal),
            damage=damage,
            since=since,
            trusted=trusted,
            genesis=genesis if card is None else card.genesis,
            card=card,
            others=others,
            bookmark=Bookmark(VerifiedFile(places.memory), now),
        )
        if journal is own:
            note_odd(work, odd)
        run.go(places, workers=workers, resume=resume)
        return run.report(require)
    except TamperedError as error:
        return unread(error, Remembered(here).mark)
    finally:
        own.close()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One verification: what it is given, and what came of it.

    Attributes:
        own: The own book.
        work: The work on the book that is verified.
        remembered: What this machine remembers of it.
        damage: Why that cannot be read.
        since: A checkpoint note that the caller trusts.
        trusted: What it says.
        genesis: The leaf hash of entry 0 that the caller trusts.
        card: A card of the book that the caller trusts.
        others: Cards of other books.
        bookmark: What was verified earlier.
        witnessed: How far other states vouch for it.
        compared: What came of its citations.
    """

    own: Journal = field(kw_only=False)
    work: Work = field(kw_only=False)
    remembered: Remembered
    damage: TamperedError | None
    since: bytes | None
    trusted: Checkpoint | None
    genesis: str | None
    card: Card | None
    others: Sequence[Card]
    bookmark: Bookmark
    witnessed: Witnessed = field(default_factory=Witnessed)
    compared: Cited = field(default_factory=Cited)

    def go(self, places: Places, *, workers: int | None, resume: bool) -> None:
        """Compare all that can be compared; damage can stop it before the end."""
        work = self.work
        try:
            self._compare(places, workers=workers, resume=resume)
        except (TamperedError, RewrittenError, RefusedError, MalformedError) as error:
            # What was read to judge an entry cannot be what was once recorded.
            seq = error.values.get("seq")
            named = seq if isinstance(seq, int) else None
            level = work.level_of(error)
            work.add(named, level, f"store:{error.code}", values=error.values)
        if work.journal is self.own and "entries" in work.done:
            compare_books(work)
        if self.damage is not None:
            code, values = f"store:{self.damage.code}", self.damage.values
            work.add(None, "guards", code, values=values)

    def _compare(self, places: Places, *, workers: int | None, resume: bool) -> None:
        work, card = self.work, self.card
        begun = None
        if self.since is not None and self.trusted is not None:
            begun = check_since(work.journal, self.since, self.trusted, card=card)
        begin(work, mark=self.remembered.mark, since=self.trusted, history=begun)
        _drop_answered(work, self.own)
        if resume and self.trusted is None:
            self.bookmark.find(work)
        read_on(work, places.database, self.bookmark, workers=workers)
        compare_checkpoints(work)
        if self.damage is None:
            compare_memory(work, self.remembered.marks.all)
        compare_pin(work, self.genesis)
        self.bookmark.close(work)
        compare_card(work, card)
        work.done.add("card")
        keys = witness_keys(work, own=self.own, cards=self.others)
        self.witnessed = compare_witnesses(work, keys)
        self.compared = compare_citations(work, self.own)

    def report(self, require: Collection[Level]) -> Report:
        """Return what it came to."""
        vouched = bool(self.others and self.witnessed.size)
        given = self.trusted is not None or self.genesis is not None
        return report_on(
            self.work,
            self.bookmark,
            pinned=given or vouched,
            require=require,
            witnessed=self.witnessed,
            compared=self.compared,
            remembered=self.remembered,
        )


def _was_book(places: Places, error: LedgerError, here: Marks) -> bool:
    """Return whether what cannot be opened was a book: it is damaged, not absent."""
    match error:
        case NoBookError():
            known = bool(here.all) or was_ledger(places.database)
            return known and error.code in {"store.not-a-ledger", "store.no-own-book"}
        case _:
            return True


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
