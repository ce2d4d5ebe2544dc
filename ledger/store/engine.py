"""Opening and making the database file of an office: SQLite, and its settings.

`journal_mode=DELETE` with `synchronous=EXTRA` lost nothing in simulated power cuts,
where the other modes did; settings are read back, since SQLite ignores what it does
not know. Faults of SQLite become errors that say who has to act.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote

from ledger.errors import (
    BusyError,
    InterruptedWriteError,
    LedgerError,
    NoBookError,
    NotPermittedError,
    TamperedError,
    TooNewError,
)
from ledger.store.guards import (
    APPLICATION_ID,
    LASTING,
    SCHEMA_DIGEST,
    SCHEMA_VERSION,
    digest,
    expected_objects,
    lasting,
    objects,
)

BUSY_MILLISECONDS = 10_000

SETTINGS: tuple[tuple[str, str | int], ...] = (
    ("busy_timeout", BUSY_MILLISECONDS),
    ("synchronous", 3),  # EXTRA
    ("foreign_keys", 1),
    ("trusted_schema", 0),
    ("cell_size_check", 1),
    ("recursive_triggers", 1),
    ("mmap_size", 0),
)

_READONLY_ROLLBACK = sqlite3.SQLITE_READONLY | (3 << 8)
_PRIMARY = 0xFF
_LOG_VERSIONS = slice(18, 20)
_WRITE_AHEAD = b"\x02\x02"

LAST_WRITE_VERSION = 2
"""The largest write version in a header with which SQLite writes at all."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into errors that say who has to act."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(error) from error
    except UnicodeDecodeError:
        # Python cannot even read the message about a schema with broken text.
        raise TamperedError("store.damaged", code=sqlite3.SQLITE_CORRUPT) from None


@contextmanager
def lenient(
    connection: sqlite3.Connection, read: Callable[[bytes], object] | None = None
) -> Iterator[None]:
    """Read text that is no UTF-8 as well: each such byte as an escape of PEP 383.

    Args:
        connection: The database.
        read: Another way to read the bytes of a text.
    """
    before = connection.text_factory
    connection.text_factory = read or _escaped
    try:
        yield
    finally:
        connection.text_factory = before


def as_bytes(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """Read text as its bytes, whatever they are."""
    return lenient(connection, bytes)


def _escaped(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the database in what the machine refuses about it."""
    try:
        yield
    except NotPermittedError as error:
        match error.code:
            case "store.not-permitted":
                raise NotPermittedError(
                    "store.database-forbidden", path=str(path)
                ) from error
            case "store.disk":
                raise NotPermittedError(
                    "store.database-fault", path=str(path), code=error.values["code"]
                ) from error
            case _:
                raise


def _meaning(error: sqlite3.Error) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code == _READONLY_ROLLBACK:
        return InterruptedWriteError("store.needs-recovery")
    match code & _PRIMARY:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return busy()
        case (
            sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_PERM
            | sqlite3.SQLITE_AUTH
        ):
            return NotPermittedError("store.not-permitted")
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return NotPermittedError("store.disk", code=code)
        case sqlite3.SQLITE_NOTADB:
            return NoBookError("store.not-a-ledger")
        case _:
            return TamperedError("store.damaged", code=code)


def busy() -> BusyError:
    """Return the error for a lock that somebody else kept too long."""
    return BusyError("store.busy", seconds=BUSY_MILLISECONDS // 1000)


def open_database(path: Path, *, write: bool) -> sqlite3.Connection:
    """Return a connection to an existing ledger, settings made and read back.

    Args:
        path: The database file; not a link, and a regular file.
        write: Whether entries are to be added.

    Raises:
        NoBookError: If there is no ledger there.
        TooNewError: If a newer program made it.
        TamperedError: If guards are missing and `write` is asked for.
        NotPermittedError: If the user may not.
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise NoBookError("store.no-book", file=str(path)) from None
    except OSError as error:
        if error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
            raise NoBookError("store.no-book", file=str(path)) from None
        raise NotPermittedError.of(error, path=str(path)) from error
    if stat.S_ISLNK(mode):
        raise NoBookError("store.is-a-link")
    if not stat.S_ISREG(mode):
        raise NoBookError("store.no-book", file=str(path))
    # A writer needs the folder too, for the journal.
    writable = all(
        os.access(place, os.W_OK, effective_ids=True) for place in (path, path.parent)
    )
    if write and not writable:
        raise NotPermittedError("store.database-forbidden", path=str(path))
    connection = _connect(path, mode="rw" if writable else "ro")
    try:
        with translated():
            _check_identity(connection)
            _apply_settings(connection)
            if write:
                _check_header(connection)
                _check_guards(connection)
                _set_back(connection)
    except BaseException as error:
        connection.close()
        if isinstance(error, NotPermittedError) and not writable and _has_log(path):
            raise NotPermittedError("store.write-ahead-log", path=str(path)) from error
        raise
    return connection


def _has_log(path: Path) -> bool:
    """Return whether a file was set to a write-ahead log: a reader writes then, too.

    Source:
        SQLite, Database File Format, section 1.3.3 (file format version numbers).
    """
    try:
        with path.open("rb") as file:
            return file.read(100)[_LOG_VERSIONS] == _WRITE_AHEAD
    except OSError:
        return False


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    with translated():
        uri = f"file:{quote(os.fsencode(path.resolve()))}?mode={mode}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)


def _check_identity(connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID or version < SCHEMA_VERSION:  # there is no older
        raise NoBookError("store.not-a-ledger")
    if version != SCHEMA_VERSION:
        raise TooNewError("store.other-version", version=version, known=SCHEMA_VERSION)


def write_version(connection: sqlite3.Connection) -> int:
    """Return the write version in the header of the main database's file.

    Source:
        SQLite, Database File Format, section 1.3.3: beyond 2 it is only read.
    """
    sql = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    with lenient(connection):  # a folder's name need not be UTF-8
        (name,) = connection.execute(sql).fetchone()
    with Path(name).open("rb") as file:
        return file.read(100)[_LOG_VERSIONS][0]


def _check_header(connection: sqlite3.Connection) -> None:
    """Refuse a header with which SQLite would say that this user may not write."""
    if write_version(connection) > LAST_WRITE_VERSION:
        raise TamperedError("store.header-altered")


def _check_guards(connection: sqlite3.Connection) -> None:
    if digest(objects(connection)) != SCHEMA_DIGEST:
        raise TamperedError("store.guards-changed")


def _set_back(connection: sqlite3.Connection) -> None:
    """Set back what somebody set in the file; nothing is written where nobody did.

    SQLite says that it is busy while anybody else has a write-ahead log open.
    """
    for name, found in lasting(connection).items():
        wanted = LASTING[name]
        if found == wanted:
            continue
        if connection.execute(f"PRAGMA {name}={wanted}").fetchone() != (wanted,):
            raise TamperedError("store.setting-refused", setting=name)


def _apply_settings(connection: sqlite3.Connection) -> None:
    for name, value in SETTINGS:
        connection.execute(f"PRAGMA {name}={value}")
        if connection.execute(f"PRAGMA {name}").fetchone() != (value,):
            raise TamperedError("store.setting-refused", setting=name)


def make_database(path: Path) -> sqlite3.Connection:
    """Make an empty ledger with its guards; the file must not exist yet.

    Raises:
        NotPermittedError: If the folder cannot be written.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error
    connection = _connect(path, mode="rw")
    try:
        with translated():
            connection.execute("PRAGMA journal_mode=DELETE")
            _apply_settings(connection)
            connection.execute("BEGIN IMMEDIATE")
            for sql in expected_objects().values():
                connection.execute(sql)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection
