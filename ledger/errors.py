"""What can go wrong, named for who has to act.

An error carries a code and plain values, never a sentence: the words come from the
catalogue (`ledger/locale/`), in the language of whoever reads them, under the key
`error.<code>`. No error carries a name of a person, a secret or what is to be recorded;
one about a file carries its path.
The library never exits; `ledger.cli` maps each class to one exit code.
"""

import errno
from collections.abc import Sequence


class LedgerError(Exception):
    """The root of every error that this package raises on purpose.

    Attributes:
        code: What happened, as the catalogue knows it (`renewal.of-nothing`).
        values: What fills the sentence: references, sizes, hashes, days.
    """

    def __init__(self, code: str, /, **values: str | int) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(f"{code} ({shown})" if shown else code)
        self.code = code
        self.values = values


class UsageError(LedgerError):
    """The caller asked in a way that has no meaning; nothing was read or written."""


class RefusedError(LedgerError):
    """The caller must change the request: a value, a row or a rule forbids it.

    Attributes:
        others: Further refusals of the same request, so that one run names all.
    """

    others: tuple["RefusedError", ...] = ()

    @classmethod
    def many(cls, refusals: Sequence["RefusedError"]) -> "RefusedError":
        """Return one error for several refusals; the first leads."""
        first, *others = refusals
        error = cls(first.code, **first.values)
        error.others = tuple(others)
        return error


class NotFoundError(LedgerError):
    """The caller named an entry, a transfer or a file that does not exist."""


class MalformedError(LedgerError):
    """The sender wrote bytes that do not follow the format."""


class TooNewError(LedgerError):
    """The reader needs a newer program, or the store needs `migrate`."""


class TamperedError(LedgerError):
    """The auditor must look: contents differ from what was committed to."""


class RewrittenError(LedgerError):
    """The auditor must look: a history was cut, forked or rewritten."""


class SignatureError(LedgerError):
    """The auditor must look: a signature does not belong to these bytes."""


class UntrustedError(LedgerError):
    """The auditor must decide: all is sound, but nobody vouches for the key."""


class IncompleteError(LedgerError):
    """The auditor must get more: a check that was asked for could not be made."""


class InterruptedWriteError(LedgerError):
    """The clerk must recover first: a crash left the file in mid-write."""


class BusyError(LedgerError):
    """The caller should try again: another clerk is writing."""


class UnknownOutcomeError(LedgerError):
    """The caller must ask again: the entry may or may not have been recorded."""


class NoBookError(LedgerError):
    """There is no book at that place."""


class LockedError(LedgerError):
    """The key cannot be used: wrong passphrase, no such key, or an unsafe file."""


_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NotPermittedError(LedgerError):
    """The machine does not let this user read or write there."""

    @classmethod
    def of(cls, error: OSError, *, path: str) -> "NotPermittedError":
        """Return what a refusal of the system about a file means for its user."""
        number = error.errno or 0
        if number in _FORBIDDEN:
            return cls("system.forbidden", path=path)
        code = errno.errorcode.get(number, str(number))
        if number in _NO_ROOM:
            return cls("system.no-room", path=path, code=code)
        return cls("system.fault", path=path, code=code)
