"""Finishing what a crash cut short, and verifying what is there then."""

from ledger.errors import InterruptedWriteError
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from ledger.register.progress import Tell, say_nothing
from ledger.store.recovery import check_settled, finish


def recover(places: Places, *, tell: Tell = say_nothing) -> tuple[bool, Report]:
    """Finish a transaction that a crash cut short, if there is one; verify the book.

    The entry that was being written is gone then, unless it was acknowledged; the
    next entry of the same clerk settles what is pending.

    Args:
        places: Where the files of the book are.
        tell: Is told how far the verification has come.

    Returns:
        Whether there was something to finish, and what the verification found.

    Raises:
        NoBookError: If there is no book.
        BusyError, InterruptedWriteError: If it cannot be written now, or by this user.
    """
    try:
        check_settled(places.database)
    except InterruptedWriteError:
        finish(places.database)
        return True, verify(places, progress=tell)
    return False, verify(places, progress=tell)
