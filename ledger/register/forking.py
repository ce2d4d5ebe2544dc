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


def fork_of(
    found: Sorted, own: Watermark | None, remains: Journal | None
) -> Watermark | None:
    """Return what this machine recorded of another history than the copy holds.

    Args:
        found: What the copy holds.
        own: What was signed here; None for nothing.
        remains: The damaged file.
    """
    if own is None:
        return None
    if own.size <= found.copied:
        return own if _claim(own) in found.other else None
    there = _root(remains, own.size) == own.root
    return own if there and _root(remains, found.copied) != found.root.hex() else None


def check_given_up(
    found: Sorted,
    fork: Watermark,
    seen: Watermark | None,
    remains: Journal | None,
    *,
    signed: bool,
) -> None:
    """Refuse to give up what this machine recorded, unless nobody else can know it.

    Args:
        found: What the copy holds.
        fork: What this machine recorded, of another history.
        seen: What a peer has seen; None for nothing.
        remains: The damaged file.
        signed: Whether the log signed that other history.

    Raises:
        RewrittenError: If the log signed it, if no peer has seen that of the copy, if
            it would not be kept as evidence, or if what is remembered would have to
            move backwards.
    """
    shown = seen is not None and _claim(seen) in found.fitting
    here = _root(remains, fork.size) == fork.root
    if signed or not shown or not here or fork.size >= found.copied:
        raise RewrittenError("repair.signed-here", size=fork.size)


def given_up(unlike: Sequence[Span], fork: Watermark) -> Span | None:
    """Return the entries that were recorded here and are not in the new book.

    Args:
        unlike: The entries that the damaged file has otherwise.
        fork: What this machine recorded, of another history.
    """
    return span(min(each.first for each in unlike), fork.size)


def _root(remains: Journal | None, size: int) -> str | None:
    """Return the root of a damaged file at a size; None where it has none."""
    with suppress(LedgerError):
        if remains is not None and remains.size() >= size:
            return remains.root(size).hex()
    return None


def _claim(mark: Watermark) -> Claim:
    return Claim(mark.size, bytes.fromhex(mark.root))
