"""Building a book anew from another state's copy of it, when the file here is damaged.

Nothing is signed. What is taken in was signed before, each entry is judged again, and
the root must be one that the log of the book signed, or that this machine remembers.
Entries beyond the copy come from the damaged file, where such a root proves them. What
nobody has is said by its numbers; a book that lacks them takes no entry. The new file
takes its place in one step, and the damaged one stays beside it as evidence.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import (
    IncompleteError,
    LedgerError,
    MalformedError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    SignatureError,
)
from ledger.register.answering import cosigners, witnesses_of
from ledger.register.cosigning import remarked
from ledger.register.forking import (
    check_given_up,
    check_seen,
    claims_in,
    fork_of,
    given_up,
)
from ledger.register.mirroring import take
from ledger.register.neighbouring import Neighbour
from ledger.register.opening import Places, Register
from ledger.register.progress import Progress, Tell, say_nothing
from ledger.register.replacing import put_anew
from ledger.register.restoring import check_sound, what_is_there
from ledger.register.salvaging import (
    Anchor,
    Claim,
    Copy,
    Sorted,
    Span,
    claims_of,
    differing,
    genesis_of,
    joined,
    line_of,
    opened_copy,
    opened_remains,
    signed,
    sort_claims,
    span,
)
from ledger.store.following import Following
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of, mirrors
from ledger.store.recall import Recall
from ledger.store.recovery import SIDE_FILES
from ledger.store.watermark import Head, Watermark, WatermarkFile
from ledger.tlog import merkle
from ledger.tlog.note import Note

TOLD_EACH = 1000


class Mirrored(Struct, frozen=True):
    """The mirror of another state's book in the new file.

    Attributes:
        book: Name of that book.
        size: How many of its entries are here again.
        remembered: How many this machine cosigned; None for none.
    """

    book: str
    size: int
    remembered: int | None


class Repaired(Struct, frozen=True):
    """What came of building a book anew.

    Attributes:
        book: Name of the book.
        path: Where it is.
        size: How many entries it has.
        root: Root of their tree, 32 bytes.
        proven: Size of the largest checkpoint of its log that it fits; 0 for none.
        copied: How many entries came from the copy; the rest from the damaged file.
        nobody: Entries that were in the book once and that nobody has.
        unproven: Entries beyond, in the damaged file, that nothing proves.
        differing: Entries that the damaged file does not have as they were signed.
        other: Sizes of checkpoints that the log signed of another history.
        given_up: Entries that this machine had recorded on an older copy, and that are
            in the damaged file alone: the log never signed them.
        mirrors: The mirrors in it.
        aside: Where the damaged file is now; None if nothing was there.
    """

    book: str
    path: Path
    size: int
    root: bytes
    proven: int
    copied: int
    nobody: Span | None
    unproven: Span | None
    differing: tuple[Span, ...]
    other: tuple[int, ...]
    given_up: Span | None
    mirrors: tuple[Mirrored, ...]
    aside: Path | None

    @property
    def read_only(self) -> bool:
        """Return whether entries are missing that were once in the book."""
        return self.nobody is not None


def repair(
    places: Places,
    source: Path,
    *,
    now: datetime,
    may_replace: Callable[[], bool],
    genesis: str | None = None,
    older: bool = False,
    tell: Tell = say_nothing,
) -> Repaired:
    """Build a book anew from another copy of it, and put it in its place.

    Args:
        places: Where the files of the book are.
        source: The other state's database, a bundle from the first entry on, or a
            backup; it is only read.
        now: The clock, UTC.
        may_replace: Is asked whether a damaged file may be moved aside.
        genesis: Leaf hash of entry 0, as hex, if a person names it.
        older: Take a copy with fewer entries than the book is known to have had.
        tell: Is told how far it has come.

    Raises:
        InterruptedWriteError: If a crash left the file in mid-write.
        RefusedError: If the book is sound and has all of it; if the copy is older; if
            the file may not be moved aside.
        RewrittenError: If the copy is of another book, or of another history than the
            one that this machine remembers, or if the log signed two.
        UntrustedError, IncompleteError: If nothing proves the copy.
        MalformedError, TamperedError, TooNewError: If an entry cannot be taken in.
        NotPermittedError: If a file cannot be written, or a disk is full.
    """
    place = places.database.resolve()
    if os.path.lexists(place) and source.exists() and place.samefile(source):
        raise RefusedError("repair.same-file")
    there = what_is_there(places, tell=tell)
    anchor = Anchor(places, genesis=genesis)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            opened_copy(source, anchor=anchor) as copy,
            opened_remains(place, book=copy.book) as remains,
        ):
            rebuilding = _Rebuilding(places, copy, remains, now=now, tell=tell)
            done = rebuilding.build(draft, anchor, older=older)
            if there == "sound":
                _check_place(remains, done)
            if there != "nothing" and not may_replace():
                raise RefusedError("repair.left")
            # First of all, so that no crash leaves an older copy that takes entries.
            WatermarkFile(places.memory).advance(rebuilding.mark)
            aside = put_anew(draft, place, now=now)
    except OSError as error:
        raise NotPermittedError.of(error, path=str(place)) from error
    finally:
        for name in ("", *SIDE_FILES):
            with suppress(FileNotFoundError, NotADirectoryError):
                draft.with_name(draft.name + name).unlink()
    return replace(done, path=places.database, aside=aside)


def _check_place(remains: Journal | None, done: Repaired) -> None:
    """Refuse to replace a sound book that lacks nothing, or another book."""
    if remains is None:
        raise RefusedError("repair.other-book-there")
    size = remains.size()
    if size >= done.size and remains.root(done.size) == done.root:
        raise RefusedError("repair.book-there")


def _unanswered(journal: Journal, claims: list[Claim]) -> list[Claim]:
    """Return the claims of another history that no remark of this one names.

    A signed remark that names the root says which history the state stands by.
    """
    said = remarked(journal) if claims else []
    return [c for c in claims if not any(c.root.hex() in text for text in said)]


class _Rebuilding:
    """A book that is built anew beside its place.

    Attributes:
        mark: What is to be remembered of it, once it is built.
    """

    mark: Watermark

    def __init__(
        self,
        places: Places,
        copy: Copy,
        remains: Journal | None,
        *,
        now: datetime,
        tell: Tell,
    ) -> None:
        self._places = places
        self._copy = copy
        self._remains = remains
        self._now = now
        self._tell = tell

    def build(self, draft: Path, anchor: Anchor, *, older: bool) -> Repaired:
        """Build what is proven, check all of it, and say what is not there."""
        copy, remains = self._copy, self._remains
        first = merkle.leaf_hash(next(copy.notes())).hex()
        known = anchor.remembered(copy.book, first)
        kept = known.own
        claims = [*copy.claims, *claims_of(remains), *claims_in(known)]
        found = sort_claims(copy, remains, claims)
        check_seen(found, known)
        fork = fork_of(found, kept, remains)
        size = self._built(draft, found)
        with closing(Journal.open(draft, write=True)) as journal:
            other = [c for c in signed(journal, found.other) if c.note]
            open_ = _unanswered(journal, other)
            if fork is not None:
                check_given_up(found, fork, known.seen, remains, signed=bool(open_))
            elif open_ and (kept is None or kept.size < open_[-1].size):
                raise RewrittenError("repair.two-histories", size=open_[-1].size)
            beyond = signed(journal, (*found.beyond, *found.fitting), over=size)
            furthest = beyond[-1] if beyond else Claim(size, journal.root(size))
            if furthest.size > size and not older:
                raise RefusedError("repair.older", size=size, kept=furthest.size)
            heads = {
                name: head
                for mark in (kept, anchor.mark)
                if mark is not None
                for name, head in mark.mirrors.items()
            }
            self.mark = Watermark(
                copy.book,
                first,
                size=furthest.size,
                root=furthest.root.hex(),
                mirrors=heads,
            )
            mirrored = self._mirror_again(journal, draft, heads)
            fitting = [c for c in found.fitting if c.size <= size and c.note]
            proven = self._keep(journal, fitting)
            unlike = differing(journal, remains, size)
            done = Repaired(
                book=copy.book,
                path=draft,
                size=size,
                root=journal.root(size),
                proven=proven,
                copied=min(size, found.copied),
                nobody=span(size, furthest.size),
                unproven=span(size, 0 if remains is None else remains.size()),
                differing=unlike,
                other=tuple(dict.fromkeys(claim.size for claim in other)),
                given_up=given_up(unlike, fork) if fork else None,
                mirrors=mirrored,
                aside=None,
            )
        check_sound(self._places, draft, code="repair.unsound", tell=self._tell)
        return done

    def _built(self, draft: Path, found: Sorted) -> int:
        """Build as many entries as a root proves; return how many.

        Raises:
            IncompleteError: No root proves any.
        """
        stop = max((claim.size for claim in found.fitting), default=0)
        while stop:
            self._write(draft, found.copied, stop)
            with closing(Journal.open(draft, write=False)) as journal:
                good = [
                    claim
                    for claim in signed(journal, found.fitting)
                    if claim.size <= stop and journal.root(claim.size) == claim.root
                ]
            proven = max((claim.size for claim in good), default=0)
            if proven == stop:
                return stop
            draft.unlink()
            stop = proven
        raise IncompleteError("repair.unproven", n=found.copied)

    def _write(self, draft: Path, copied: int, stop: int) -> None:
        notes = islice(joined(self._copy, self._remains, copied), stop)
        first = next(notes)
        made = Journal.make(
            draft,
            name=self._copy.book,
            state=genesis_of(first).state,
            genesis=merkle.leaf_hash(first),
        )
        with closing(made) as journal, journal.writing():
            following = Following(journal, check=lambda _: None)
            for seq, note in enumerate(chain([first], notes)):
                following.append(seq, note)
                if seq % TOLD_EACH == 0:
                    self._tell(Progress("entries", seq, stop))

    def _mirror_again(
        self, journal: Journal, draft: Path, heads: Mapping[str, Head]
    ) -> tuple[Mirrored, ...]:
        """Take in the books of the peers from where they are found."""
        register = Register(replace(self._places, database=draft), journal)
        found = []
        for name, peer in sorted(Recall(journal).history(()).peers.items()):
            for source in self._sources(name):
                with suppress(LedgerError):
                    offer = Neighbour(source, start=0, reader=journal.book.name)
                    take(register, offer, peer=peer, now=self._now)
            mirror = mirror_of(journal, name)
            head = heads.get(name)
            found.append(
                Mirrored(
                    name,
                    0 if mirror is None else mirror.size(),
                    None if head is None else head.size,
                )
            )
        return tuple(found)

    def _sources(self, name: str) -> list[Journal]:
        """Return where a peer's book may be found, what is here first."""
        found: list[Journal] = []
        if self._remains is not None:
            with suppress(LedgerError):
                found += mirrors(self._remains)
        if self._copy.neighbour is not None:
            found.append(self._copy.neighbour)
        return [journal for journal in found if journal.book.name == name]

    def _keep(self, journal: Journal, claims: Iterable[Claim]) -> int:
        """Keep the signed checkpoints with their cosignatures; return the last size."""
        peers = sorted(Recall(journal).history(()).peers.items())
        keys = [
            key
            for name, peer in peers
            for key in witnesses_of(peer, mirror_of(journal, name))
        ]
        kept: dict[tuple[int, bytes], None] = {}
        for claim in claims:
            line = line_of(journal, claim)
            if line is None:
                continue
            try:
                lines = [signed for signed, _ in cosigners(claim.note, keys)]
            except (SignatureError, MalformedError):
                lines = []  # somebody wrote a line of a witness that it is not
            text = Note.parse(claim.note).text
            kept[claim.size, Note(text, (line, *lines)).format()] = None
        with journal.writing():
            already = set(journal.checkpoints())
            for size, note in sorted(kept.keys() - already):
                journal.keep_checkpoint(size=size, note=note)
        return max((size for size, _ in kept), default=0)
