"""Whether a copy of a book holds what this machine signed of it, or another history.

A book that goes on from an older copy of itself becomes a second history as soon as its
log signs it. Which of two is given up is for people to judge, and never for `repair`.
What was recorded on an older copy and never signed by the log is known to nobody else:
it can be given up for what another state has cosigned, and stays as evidence.
"""

from collections.abc import Sequence
from contextlib import suppress

from ledger.errors import LedgerError, RewrittenError
from ledger.register.salvaging import Claim, Sorted, Span, span
from ledger.store.journal import Journal
from ledger.store.marks import Marks
from ledger.store.watermark import Watermark


def claims_in(marks: Marks) -> list[Claim]:
    """Return what this machine remembers as claims that bear no signature."""
    return [_claim(mark) for mark in marks.all]


def check_seen(found: Sorted, marks: Marks) -> None:
    """Refuse a copy that is not the history which a peer has seen.

    Raises:
        RewrittenError: It is another one.
    """
    if marks.seen is not None and _claim(marks.seen) in found.other:
        raise RewrittenError("repair.not-the-seen", size=marks.seen.size)


def is_forked(found: Sorted, marks: Marks, remains: Journal | None) -> bool:
    """Return whether this machine recorded another history than the copy holds."""
    own = marks.own
    if own is None:
        return False
    if own.size <= found.copied:
        return _claim(own) in found.other
    there = _root(remains, own.size)
    return there == own.root and _root(remains, found.copied) != found.root.hex()


def check_given_up(
    found: Sorted, marks: Marks, remains: Journal | None, *, signed: bool
) -> None:
    """Refuse to give up what this machine recorded, unless nobody else can know it.

    Args:
        found: What the copy holds.
        marks: What this machine remembers, of another history.
        remains: The damaged file.
        signed: Whether the log signed that other history.

    Raises:
        RewrittenError: If the log signed it, if no peer has seen that of the copy, if
            it would not be kept as evidence, or if what is remembered would have to
            move backwards.
    """
    own, seen = marks.own, marks.seen
    if own is None:
        return
    shown = seen is not None and _claim(seen) in found.fitting
    here = _root(remains, own.size) == own.root
    if signed or not shown or not here or own.size >= found.copied:
        raise RewrittenError("repair.signed-here", size=own.size)


def given_up(unlike: Sequence[Span], marks: Marks) -> Span | None:
    """Return the entries that were recorded here and are not in the new book.

    Args:
        unlike: The entries that the damaged file has otherwise.
        marks: What this machine remembers, of another history.
    """
    own = marks.own
    return None if own is None or not unlike else span(unlike[0].first, own.size)


def _root(remains: Journal | None, size: int) -> str | None:
    """Return the root of a damaged file at a size; None where it has none."""
    with suppress(LedgerError):
        if remains is not None and remains.size() >= size:
            return remains.root(size).hex()
    return None


def _claim(mark: Watermark) -> Claim:
    return Claim(mark.size, bytes.fromhex(mark.root))
