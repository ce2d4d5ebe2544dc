"""Opening a book to ask it: first is said if this machine has seen more of it.

An older copy that somebody put in the place of a book answers every question, and its
figures are old. Whoever asks is told so before the answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from ledger.cli import PROGRAM
from ledger.cli.options import Globals, in_book
from ledger.cli.recording import places
from ledger.cli.render import talk
from ledger.errors import LedgerError, NotPermittedError

if TYPE_CHECKING:
    from ledger.register.opening import Register


@contextmanager
def read_book(ask: Globals, *, known_on: date | None = None) -> Iterator["Register"]:
    """Open the book of this run to read it, and say if it is older than it was.

    Args:
        ask: This run.
        known_on: As for `open_register`.
    """
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    with open_register(places(ask), known_on=known_on) as register:
        say_if_older(ask, register)
        yield register


def say_if_older(ask: Globals, register: "Register") -> None:
    """Say on stderr, unless `--quiet`, that a book is not what it was, if it is not."""
    from ledger.register.readonly import why_read_only  # noqa: PLC0415 - start-up

    try:
        error: LedgerError | None = why_read_only(register)
    except NotPermittedError as unread:
        talk(ask, "answer.memory-unread", reason=_reason(ask, unread))
        return
    if error is None:
        return
    command = in_book(ask, f"{PROGRAM} today")
    if error.code == "memory.cut":
        talk(ask, "answer.older-copy", **error.values, command=command)
    else:
        reason = _reason(ask, error)
        talk(ask, "answer.memory-unlike", reason=reason, command=command)


def _reason(ask: Globals, error: LedgerError) -> str:
    from ledger.cli.faults import words  # noqa: PLC0415 - seldom needed

    return words(ask, error)
