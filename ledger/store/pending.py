"""What was asked for and is not yet known to be recorded.

Before an entry is signed, the id that makes it unique (`once`) is kept in a file named
by the hash of the request; once whoever asked has been answered, the file is deleted.
If the program dies in between, the next write finds the id again, and looks whether the
book has it, instead of recording the same thing twice.

Whoever keeps a request holds a lock on its file until then, which ends with the
process: so that a program which is still to answer is told from one that died.
"""

import fcntl
import os
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from ledger.errors import MalformedError, UsageError
from ledger.folders import check_way
from ledger.store import smallfiles
from ledger.tlog.canonical import Json, decode, encode

SCHEMA = "transfer-ledger/pending/1"
LARGEST = 4 * 1024
"""Bytes of the largest file that is read."""

ONCE_RANDOM = 10
"""Random bytes that `make_once` takes."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ONCE = re.compile(r"[0-9a-f]{32}")
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LOOK = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_LAST_MILLISECOND = 2**48 - 1
_VERSION_AND_VARIANT = (0xF << 76) | (0b11 << 62)
_VERSION_7 = (0x7 << 76) | (0b10 << 62)


def make_once(*, milliseconds: int, random: bytes) -> str:
    """Return an id that no other entry has, 32 hex digits laid out as a UUIDv7.

    Args:
        milliseconds: Now, since 1970 in UTC.
        random: ONCE_RANDOM random bytes; 74 of their bits are used.

    Raises:
        UsageError: The time does not fit into 48 bits, or the bytes are not 10.

    Source:
        RFC 9562 section 5.7.
    """
    if len(random) != ONCE_RANDOM or not 0 <= milliseconds <= _LAST_MILLISECOND:
        raise UsageError("pending.unfit-once")
    value = milliseconds << 80 | int.from_bytes(random)
    return f"{value & ~_VERSION_AND_VARIANT | _VERSION_7:032x}"


def request_digest(*, kind: str, key: str, request: Json) -> str:
    """Return the hash, 64 hex digits, by which the same request is known again.

    Args:
        kind: Kind of the entry.
        key: Name of the key that signs it.
        request: What the user asked for, before the program filled anything in.

    Raises:
        MalformedError: The request cannot be written as canonical JSON.
    """
    return sha256(encode({"kind": kind, "key": key, "request": request})).hexdigest()


class Pending(Struct, frozen=True):
    """A request whose outcome is not known yet.

    Attributes:
        digest: Hash of the request, 64 hex digits.
        once: The id chosen for its entry, 32 hex digits.
        kind: Kind of its entry.
        at: When it was asked for, `YYYY-MM-DDTHH:MM:SSZ`.
    """

    digest: str
    once: str
    kind: str
    at: str

    def __post_init__(self) -> None:
        """Refuse what a file could not hold."""
        if not _fits(self.digest, self.once, self.kind, self.at):
            raise UsageError("pending.unfit")

    @classmethod
    def parse(cls, digest: str, content: bytes) -> "Pending":
        """Read exactly what `format` writes, under the name of the file.

        Raises:
            MalformedError: The bytes are anything else.
        """
        try:
            value = decode(content)
        except MalformedError:
            raise MalformedError("pending.damaged", digest=digest) from None
        match value:
            case {"once": str(once), "kind": str(kind), "at": str(at)} if _fits(
                digest, once, kind, at
            ):
                pending = cls(digest, once, kind, at)
            case _:
                raise MalformedError("pending.damaged", digest=digest)
        if pending.format() != content:
            raise MalformedError("pending.damaged", digest=digest)
        return pending

    def format(self) -> bytes:
        """Return the contents of the file, canonical JSON."""
        return encode(
            {"schema": SCHEMA, "once": self.once, "kind": self.kind, "at": self.at}
        )


class PendingFolder:
    """The pending requests of one book, one file each in `pending/`.

    Args:
        folder: The `watermark.place` of the book; made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = folder / "pending"
        self._held: dict[str, int] = {}

    def list(self) -> Sequence[Pending]:
        """Return all that is pending, oldest first.

        Raises:
            MalformedError: A file is damaged (`drop` takes it away), or lies there
                without being one of ours.
            NotPermittedError: This user cannot read them.
        """
        check_way(self._files)
        with smallfiles.permitted(self._files):
            try:
                names = [path.name for path in self._files.iterdir()]
            except FileNotFoundError:
                return []
        if not all(map(_DIGEST.fullmatch, names)):
            raise MalformedError("pending.stray-file")
        # A file may be gone by now: its request was acknowledged.
        found = filter(None, map(self.find, names))
        return sorted(found, key=lambda pending: (pending.at, pending.once))

    def find(self, digest: str) -> Pending | None:
        """Return what is pending for a request, or None.

        Raises:
            MalformedError: Its file is damaged.
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._file(digest), most=LARGEST)
        return None if content is None else Pending.parse(digest, content)

    def keep(self, digest: str, *, once: str, kind: str, at: str) -> None:
        """Keep the id that was chosen for a request; on disk once this returns.

        A request that is pending already keeps its first id. It is this program's
        until it is dropped, or let go.

        Raises:
            UsageError: A value is not of the form that `Pending` says.
            MalformedError: The request has a file, which is damaged.
            NotPermittedError: This user cannot write there, or the disk is full.
        """
        pending = Pending(digest, once, kind, at)
        file = self._file(digest)
        with smallfiles.permitted(self._files):
            smallfiles.make_folder(self._files)
            with smallfiles.locked(self._folder / "pending.lock"):
                kept = self.find(digest) or pending
                # Written anew even if it is there: another program may hold that file.
                smallfiles.replace(
                    file, kept.format(), temporary=self._folder / "pending.new"
                )
                self._let_go(digest)
                held = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._held[digest] = held

    def is_another_programs(self, digest: str) -> bool:
        """Return whether a request that was listed is not this program's to settle.

        It is another's that is still to answer, or one that has answered meanwhile and
        taken the file away.

        Raises:
            NotPermittedError: This user cannot read its file.
        """
        if digest in self._held:
            return False
        file = self._file(digest)
        with smallfiles.permitted(self._files):
            try:
                found = os.open(file, _LOOK)
            except FileNotFoundError:
                return True
            except OSError as error:
                if error.errno in smallfiles.NOT_A_FILE:  # damage, which nobody holds
                    return False
                raise
            try:
                fcntl.flock(found, fcntl.LOCK_SH | fcntl.LOCK_NB)
                # Its holder may have ended between the opening and the lock.
                return not os.path.samestat(file.lstat(), os.fstat(found))
            except (BlockingIOError, FileNotFoundError):
                return True
            finally:
                os.close(found)

    def drop(self, digest: str) -> None:
        """Forget a request whose outcome is known and was told.

        Nothing happens if it is not there, or is another program's by now.

        Raises:
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._files):
            try:
                self._file(digest).lstat()
            except FileNotFoundError:
                self._let_go(digest)
                return
            with smallfiles.locked(self._folder / "pending.lock"):
                if not self._is_replaced(digest):
                    # The last step, and not synced: nothing may fail once it is gone.
                    # After a power cut it may be back, and is found to be recorded.
                    self._file(digest).unlink(missing_ok=True)
                self._let_go(digest)

    def let_go(self) -> None:
        """Hold nothing any more, as if this program had died: for one that ends."""
        for digest in tuple(self._held):
            self._let_go(digest)

    def _let_go(self, digest: str) -> None:
        held = self._held.pop(digest, None)
        if held is not None:
            os.close(held)

    def _is_replaced(self, digest: str) -> bool:
        """Return whether the file there is one that another program holds."""
        held = self._held.get(digest)
        if held is None:
            return self.is_another_programs(digest)
        try:
            there = self._file(digest).lstat()
        except FileNotFoundError:
            return False
        return not os.path.samestat(there, os.fstat(held))

    def _file(self, digest: str) -> Path:
        """Return the path of a request's file, which is always in the folder."""
        if not _DIGEST.fullmatch(digest):
            raise UsageError("pending.unfit")
        return self._files / digest


def _fits(digest: str, once: str, kind: str, at: str) -> bool:
    """Tell whether these values can be the fields of a `Pending`."""
    texts = ((_DIGEST, digest), (_ONCE, once), (_KIND, kind), (_AT, at))
    return all(form.fullmatch(text) for form, text in texts)
