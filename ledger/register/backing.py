"""Backing a book up: a whole copy elsewhere, read again before it counts as one."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from ledger.errors import NotFoundError, NotPermittedError, RefusedError, TamperedError
from ledger.exchange.outbox import put_in_place
from ledger.register.opening import Places, open_register
from ledger.register.progress import Progress, Tell, say_nothing
from ledger.register.wholeness import Whole, check_whole
from ledger.store.backups import BackupFile, LastBackup
from ledger.store.copying import copy_database, row_counts
from ledger.store.journal import Journal
from ledger.store.recovery import SIDE_FILES, check_settled


class Backup(Struct, frozen=True):
    """A backup that was made, read again and compared.

    Attributes:
        book: Name of the book.
        path: The file.
        size: How many entries it holds.
        head: Leaf hash of the last of them, 32 bytes.
        root: Root of their tree, 32 bytes.
        same_disk: It lies on the file system of the book, and is lost with it.
    """

    book: str
    path: Path
    size: int
    head: bytes
    root: bytes
    same_disk: bool


def back_up(
    places: Places, to: Path, *, now: datetime, tell: Tell = say_nothing
) -> Backup:
    """Copy a book to a new file that appears whole and verified, or not at all.

    Args:
        places: Where the files of the book are.
        to: The new file, or a folder in which it gets a name of its own.
        now: The clock, UTC.
        tell: Is told how far it has come.

    Raises:
        InterruptedWriteError: If a crash left the book in mid-write.
        RewrittenError: If the book is not what this machine remembers.
        TamperedError: If the book, or the copy, is not whole; there is no copy then.
        RefusedError: If something has that name.
        NotFoundError: If there is no such folder.
        NotPermittedError: If a file cannot be written, or a disk is full.
    """
    check_settled(places.database)
    with open_register(places) as register:
        register.check_memory()
        journal = register.journal
        path = to / _name(journal.book.name, now) if to.is_dir() else to
        whole = copy_to(journal, path, tell=tell)
        made = Backup(
            book=journal.book.name,
            path=path,
            size=whole.size,
            head=journal.last_leaf(whole.size),
            root=whole.root,
            same_disk=path.stat().st_dev == places.database.stat().st_dev,
        )
    BackupFile(places.memory).keep(
        LastBackup(made.book, made.size, made.root.hex(), now)
    )
    return made


def _name(book: str, now: datetime) -> str:
    """Return the name of a backup: of which book, and when it was made."""
    return f"{book.replace('/', '-')}-{now:%Y%m%dT%H%M%SZ}.sqlite"


def copy_to(journal: Journal, path: Path, *, tell: Tell = say_nothing) -> Whole:
    """Copy the database of a book to a new file, read it again, and compare.

    Raises:
        TamperedError: If the copy is not whole, or not what the book is.
        RefusedError: If something has that name.
        NotFoundError: If there is no such folder.
        NotPermittedError: If the file cannot be written, or the disk is full.
    """
    if not path.name or os.path.lexists(path):
        raise RefusedError("file.exists")
    if not path.parent.is_dir():
        raise NotFoundError("backup.no-folder")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        before = row_counts(journal)
        copy_database(
            journal, draft, each=lambda done, total: tell(Progress("copy", done, total))
        )
        whole = _read_again(journal, draft, before=before, tell=tell)
        put_in_place(draft, path)
    except FileExistsError:
        raise RefusedError("file.exists") from None
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error
    finally:
        for name in ("", *SIDE_FILES):
            draft.with_name(draft.name + name).unlink(missing_ok=True)
    return whole


def _read_again(
    journal: Journal, draft: Path, *, before: dict[str, int], tell: Tell
) -> Whole:
    """Return how far a copy goes, if it is whole and what the book was then."""
    copy = Journal.open(draft, write=False)
    try:
        whole, counts = check_whole(copy, tell=tell), row_counts(copy)
        same_book = copy.book == journal.book
    finally:
        copy.close()
    # The book may have grown since; what it was does not change.
    unlike = not same_book or journal.root(whole.size) != whole.root
    if unlike or (before == row_counts(journal) and before != counts):
        raise TamperedError("copy.unlike-the-book")
    return whole
