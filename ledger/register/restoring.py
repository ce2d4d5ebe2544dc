"""Putting a backup back: never over a book, and never as a second history.

A copy that holds fewer entries than this machine remembers of the book stays readable
and takes no entry: whoever went on with it would write other entries under numbers that
are given already. What is remembered goes with the book to another path.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.errors import (
    LedgerError,
    NoBookError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    SignatureError,
    TamperedError,
)
from ledger.register.backing import copy_to
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from ledger.register.progress import Tell, say_nothing
from ledger.store.journal import Journal
from ledger.store.marks import Marks, marks_of
from ledger.store.recovery import SIDE_FILES, check_settled
from ledger.store.watermark import Watermark, WatermarkFile

There: TypeAlias = Literal["nothing", "sound", "damaged"]

_ERRORS: dict[int, type[LedgerError]] = {11: RewrittenError, 12: SignatureError}


class Restored(Struct, frozen=True):
    """What came of putting a backup back.

    Attributes:
        book: Name of the book.
        path: Where it is now.
        size: How many entries it has.
        root: Root of their tree, 32 bytes.
        remembered: How many entries this machine remembers; None for nothing.
        aside: Where the damaged file that was there is now, if one was.
    """

    book: str
    path: Path
    size: int
    root: bytes
    remembered: int | None
    aside: Path | None

    @property
    def read_only(self) -> bool:
        """Return whether entries are missing that were once in the book."""
        return self.remembered is not None and self.remembered > self.size


def what_is_there(places: Places, *, tell: Tell = say_nothing) -> There:
    """Return what lies where a book is to be restored to.

    Raises:
        InterruptedWriteError: A book that a crash left in mid-write.
        TooNewError: A book that a newer program made.
        NotPermittedError: This user cannot read it.
    """
    if not os.path.lexists(places.database):
        return "nothing"
    check_settled(places.database)
    try:
        return "damaged" if faults(verify(places, progress=tell)) else "sound"
    except (NoBookError, TamperedError):
        return "damaged"


def faults(report: Report) -> list[int]:
    """Return the exit codes of what is wrong with a file.

    A void entry is no damage, nor is a setting that the next write sets back.
    """
    voids = {void.seq for void, _ in report.void}
    return [
        found.exit_code
        for found in report.findings
        if found.seq not in voids and found.code != "setting-differs"
    ]


def restore(
    places: Places,
    file: Path,
    *,
    now: datetime,
    may_move: Callable[[], bool],
    tell: Tell = say_nothing,
) -> Restored:
    """Put a backup where a book is to be.

    Args:
        places: Where the files of the book are to be.
        file: The backup; it is only read.
        now: The clock, UTC.
        may_move: Is asked whether a damaged file that is there may be moved aside.
        tell: Is told how far it has come.

    Raises:
        InterruptedWriteError: If a crash left either file in mid-write.
        TamperedError, RewrittenError, SignatureError: If the backup does not verify,
            or is not what this machine remembers.
        RefusedError: If there is a sound book, or the damaged one may not be moved.
        NotPermittedError: If a file cannot be written, or a disk is full.
    """
    check_settled(file)
    journal = Journal.open(file, write=False)
    try:
        check_sound(places, file, code="restore.backup-unsound", tell=tell)
        known = _remembered(places, journal)
        there = what_is_there(places, tell=tell)
        if there == "sound":
            raise RefusedError("restore.book-there")
        if there == "damaged" and not may_move():
            raise RefusedError("restore.damaged-there")
        _make_folder(places.database.parent)
        # First of all, so that no crash leaves an older copy that takes entries.
        _remember(places, journal, known.own)
        aside = None
        if there == "damaged":
            aside = _move_aside(places.database, now)
        try:
            whole = copy_to(journal, places.database, tell=tell)
        except BaseException:
            if aside is not None:
                _move(aside, places.database)
            raise
    finally:
        journal.close()
    return Restored(
        book=journal.book.name,
        path=places.database,
        size=whole.size,
        root=whole.root,
        remembered=max((mark.size for mark in known.all), default=None),
        aside=aside,
    )


def check_sound(places: Places, file: Path, *, code: str, tell: Tell) -> None:
    """Raise, with a code, unless a file verifies as the book of these places.

    Raises:
        TamperedError, RewrittenError, SignatureError: For the first finding.
    """
    alone = Places(database=file, keys=places.keys, state=places.state)
    found = faults(verify(alone, progress=tell, elsewhere=False))
    if found:
        kind = _ERRORS.get(found[0], TamperedError)
        raise kind(code, n=len(found))


def _remembered(places: Places, journal: Journal) -> Marks:
    """Return the furthest that this machine remembers of a book, which must fit."""
    book, genesis = journal.book.name, journal.book.genesis.hex()
    own = WatermarkFile(places.memory).read()
    if own is not None and (own.book, own.genesis) != (book, genesis):
        raise RewrittenError("restore.other-book")
    known = marks_of(places.state, book=book, genesis=genesis)
    for mark in known.all:
        here = mark.size <= journal.size()
        if here and journal.root(mark.size).hex() != mark.root:
            raise RewrittenError("memory.other-root", size=mark.size)
    return known


def _remember(places: Places, journal: Journal, mark: Watermark | None) -> None:
    """Remember the book at its new place, as far as it ever came."""
    size = journal.size()
    if mark is None or mark.size < size:
        mark = Watermark(
            journal.book.name,
            journal.book.genesis.hex(),
            size=size,
            root=journal.root(size).hex(),
            mirrors={} if mark is None else mark.mirrors,
        )
    WatermarkFile(places.memory).advance(mark)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotPermittedError.of(error, path=str(folder)) from error


def _move_aside(path: Path, now: datetime) -> Path:
    """Give a damaged book, and what SQLite left beside it, another name."""
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    if os.path.lexists(aside):
        raise RefusedError("file.exists")
    _move(path, aside)
    return aside


def _move(path: Path, to: Path) -> None:
    try:
        for suffix in ("", *SIDE_FILES):
            beside = path.with_name(path.name + suffix)
            if os.path.lexists(beside):
                beside.rename(to.with_name(to.name + suffix))
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error
