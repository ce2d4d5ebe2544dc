"""What `doctor` looks at: the book, its machine, its keys, and what was put off.

Each check is `ok`, `warn` (it works, and somebody should act soon) or `bad` (do not go
on before it is mended), with a code that the catalogue has words for. Nothing is
written; a book that a crash left in mid-write is left as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct, field

from ledger.domain.history import History
from ledger.errors import (
    LedgerError,
    LockedError,
    NotPermittedError,
    RewrittenError,
    TamperedError,
)
from ledger.keys.files import known_keys
from ledger.keys.inspecting import private_files, unsafe_files
from ledger.register.duties import STALE_DAYS, waiting_since
from ledger.register.opening import Places, Register
from ledger.store.backups import BackupFile
from ledger.store.condition import (
    guards_fit,
    room,
    settings_unlike,
    sqlite_version,
)
from ledger.store.journal import Journal
from ledger.store.recovery import check_settled

Result: TypeAlias = Literal["ok", "warn", "bad"]
Values: TypeAlias = Mapping[str, str | int]

SKEW = timedelta(minutes=15)
"""Clocks differ by so much without anybody having set them wrong."""

LITTLE_ROOM, NO_ROOM = 256 * 1024 * 1024, 16 * 1024 * 1024
"""Bytes: with less than these free it is time to act, or too late to write."""


class Check(Struct, frozen=True):
    """What one check found.

    Attributes:
        name: What was looked at (`clock`).
        result: How it is.
        code: What exactly, as the catalogue knows it (`clock-behind`).
        values: What fills the sentence.
        error: What is wrong, where something is bad: it says who has to act.
    """

    name: str
    result: Result
    code: str
    values: Values = field(default_factory=dict)
    error: LedgerError | None = None


class Health(Struct, frozen=True):
    """All checks, in the order in which they count.

    Attributes:
        book: Name of the book; empty if it cannot be opened.
        checks: The checks.
    """

    book: str
    checks: tuple[Check, ...]


def examine(places: Places, *, now: datetime) -> Health:
    """Look at everything that can be looked at.

    Args:
        places: Where the files of the book are.
        now: The clock, UTC.
    """
    checks: list[Check] = []
    book = ""
    try:
        check_settled(places.database)
        checks.append(Check("recovery", "ok", "recovery-none"))
        journal = Journal.open(places.database, write=False)
    except LedgerError as error:
        code = "recovery-needed" if not checks else "book-unopened"
        name = "recovery" if not checks else "book"
        checks.append(Check(name, "bad", code, error=error))
    else:
        try:
            register = Register(places, journal)
            book = journal.book.name
            for look in _OF_BOOK:
                checks.extend(_looked(look, register, now))
        finally:
            journal.close()
    checks.extend(_keys(places))
    version = sqlite_version()
    checks.append(Check("sqlite", "ok", "sqlite-version", {"version": version}))
    return Health(book=book, checks=tuple(checks))


Look: TypeAlias = Callable[[Register, datetime], Iterator[Check]]


def _looked(look: Look, register: Register, now: datetime) -> Iterator[Check]:
    """Yield what a check finds; what stops it is bad as well."""
    try:
        yield from look(register, now)
    except LedgerError as error:
        name = look.__name__.strip("_")
        yield Check(name, "bad", "unreadable", error=error)


def _book(register: Register, _: datetime) -> Iterator[Check]:
    size = register.journal.size()
    values: Values = {"book": register.journal.book.name, "n": size}
    yield Check("book", "ok", "book-opened", values)
    if guards_fit(register.journal):
        yield Check("schema", "ok", "schema-fits")
    else:
        error = TamperedError("store.guards-changed")
        yield Check("schema", "bad", "schema-changed", error=error)


def _settings(register: Register, _: datetime) -> Iterator[Check]:
    unlike = settings_unlike(register.journal)
    for setting in unlike:
        values: Values = {
            "setting": setting.name,
            "found": setting.found,
            "wanted": setting.wanted,
        }
        yield Check("settings", "warn", "settings-unlike", values)
    if not unlike:
        yield Check("settings", "ok", "settings-read-back")


def _memory(register: Register, _: datetime) -> Iterator[Check]:
    try:
        register.check_memory()
    except RewrittenError as error:
        yield Check("memory", "bad", "memory-unlike", error=error)
        return
    if register.marks.read() is None:
        yield Check("memory", "warn", "memory-absent")
    else:
        yield Check("memory", "ok", "memory-fits")


def _clock(register: Register, now: datetime) -> Iterator[Check]:
    """Compare the clock with the book: times never go back in it."""
    last = register.recall().head().at
    changed = room(register.places.database).changed
    if last is not None and last > now:
        minutes = -(-(last - now).total_seconds() // 60)
        values: Values = {"n": int(minutes), "at": f"{last:%Y-%m-%dT%H:%M:%SZ}"}
        yield Check("clock", "warn", "clock-behind-book", values)
    elif changed > now + SKEW:
        values = {"at": f"{changed:%Y-%m-%dT%H:%M:%SZ}"}
        yield Check("clock", "warn", "clock-behind-file", values)
    else:
        yield Check("clock", "ok", "clock-after-book")


def _disk(register: Register, _: datetime) -> Iterator[Check]:
    found = room(register.places.database)
    values: Values = {"n": found.free // 1024**2}
    if found.free < NO_ROOM:
        path = str(register.places.database.parent)
        error = NotPermittedError("system.no-room", path=path, code="ENOSPC")
        yield Check("disk", "bad", "disk-full", values, error)
    elif found.free < max(LITTLE_ROOM, found.size):
        yield Check("disk", "warn", "disk-nearly-full", values)
    else:
        yield Check("disk", "ok", "disk-free", values)


def _pending(register: Register, _: datetime) -> Iterator[Check]:
    found = [
        pending
        for pending in register.pending.list()
        if not register.pending.is_another_programs(pending.digest)
    ]
    if found:
        yield Check("pending", "warn", "pending-some", {"n": len(found)})
    else:
        yield Check("pending", "ok", "pending-none")


def _voids(register: Register, _: datetime) -> Iterator[Check]:
    history = register.recall().history(())
    open_ = len(history.voids.keys() - history.acknowledged)
    if open_:
        yield Check("void", "warn", "void-some", {"n": open_})
    else:
        yield Check("void", "ok", "void-none")


def _checkpoint(register: Register, now: datetime) -> Iterator[Check]:
    signed = max((size for size, _ in register.journal.checkpoints()), default=0)
    yield _age(register, "checkpoint", signed, on=now.date())


def _backup(register: Register, now: datetime) -> Iterator[Check]:
    made = BackupFile(register.places.memory).read()
    if made is None:
        yield Check("backup", "warn", "backup-never")
    else:
        yield _age(register, "backup", made.size, on=now.date())


def _age(register: Register, name: str, size: int, *, on: date) -> Check:
    """Return whether entries have waited for too long for what covers a size."""
    since = waiting_since(register.recall(), size)
    if since is None:
        return Check(name, "ok", f"{name}-complete")
    n, days = register.journal.size() - size, (on - since).days
    if days >= STALE_DAYS:
        return Check(name, "warn", f"{name}-old", {"n": n, "days": days})
    if days > 0:
        return Check(name, "ok", f"{name}-recent", {"n": n, "days": days})
    return Check(name, "ok", f"{name}-today", {"n": n, "days": 0})


def _own_keys(register: Register, _: datetime) -> Iterator[Check]:
    """Say whose private keys are here: the state's should not be."""
    prefix = register.journal.book.name.rpartition("/")[0]
    keys = register.places.keys
    here = {path.relative_to(keys).as_posix() for path in private_files(keys)}
    if f"{prefix}/state.pem" in here:
        yield Check("state-key", "warn", "state-key-beside")
    else:
        yield Check("state-key", "ok", "state-key-elsewhere")
    history: History = register.recall().history(())
    clerks = history.ring.active("clerk", seq=history.head.size)
    own = [s.key.name for s in clerks if f"{s.key.name}.pem" in here]
    if own:
        yield Check("clerk-keys", "ok", "clerk-keys-here", {"keys": ", ".join(own)})
    else:
        yield Check("clerk-keys", "warn", "clerk-keys-none")


_OF_BOOK: tuple[Look, ...] = (
    _book,
    _settings,
    _memory,
    _clock,
    _disk,
    _pending,
    _voids,
    _checkpoint,
    _backup,
    _own_keys,
)


def _keys(places: Places) -> Iterator[Check]:
    """Say which key files others could read, replace or lead elsewhere."""
    try:
        known_keys(places.keys)
        unsafe = list(unsafe_files(places.keys))
    except LedgerError as error:
        yield Check("keys", "bad", "unreadable", error=error)
        return
    for file in unsafe:
        values: Values = {"path": str(file.path)}
        refused = LockedError("keys.unsafe-file", path=str(file.path))
        yield Check("keys", "bad", f"keys-{file.why}", values, refused)
    if not unsafe:
        n = len(private_files(places.keys))
        yield Check("keys", "ok", "keys-safe", {"n": n})
