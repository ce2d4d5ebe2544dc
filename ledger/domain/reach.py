"""Which entries matter to a question: the part of a book that is enough to answer it.

Data entry and queries read that part, an audit the whole; what they count must agree.
"""

from collections.abc import Callable, Iterable

from ledger.domain.authority import Confirmation
from ledger.domain.entries import Logged, cited, named_refs, own_refs
from ledger.domain.forms import Reference
from ledger.domain.records import (
    Correction,
    Exit,
    Instrument,
    Receipt,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.schemas import Record


def begins(refs: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return where to begin to gather, and the instruments of which stages suffice.

    Where a transfer or an arrival is concerned, an instrument matters for what it
    says; where none is, all that name the instrument are concerned.
    """
    every = list(refs)
    if not any(ref.startswith(("T-", "R-")) for ref in every):
        return every, []
    stages_of = [ref for ref in every if ref.startswith("I-")]
    return [ref for ref in every if ref not in stages_of], stages_of


def concerns(
    record: Record, *, refs_of: Callable[[Reference], Iterable[str]]
) -> tuple[str, ...]:
    """Return the references that a record concerns, each once, sorted.

    An entry that concerns none is known by its number (`#0`), one of another book by
    that and the book (`@us.example/book#3`).

    Args:
        record: The record.
        refs_of: The references that a cited entry concerns, by one of these names at
            least.
    """
    found = {*own_refs(record), *named_refs(record)}
    # What is said of a transfer concerns its instruments no further; what
    # changes an entry concerns all that the entry does.
    changes = isinstance(record, Correction | Retraction)
    for reference in cited(record):
        refs = list(refs_of(reference))
        found.update(refs if changes else begins(refs)[0])
    return tuple(sorted(found))


def gather(
    refs: Iterable[str],
    *,
    stages_of: Iterable[str] = (),
    seqs_of: Callable[[str], Iterable[int] | None],
    entry_of: Callable[[int], Logged | None],
    changes_of: Callable[[str], Iterable[int] | None] | None = None,
) -> set[int]:
    """Return the numbers of the entries that matter to some references.

    To a transfer matters all that concerns it, the transfers that exits tie to it,
    and the instruments that it names; to an instrument its own stages and changes.
    Whatever is found comes with all that it cites, and what that cites. Law: each
    entry is looked at once, however many references it concerns, and of an instrument
    none that only names it: the cost is that of what is found.

    Args:
        refs: Where to begin; an instrument that one begins with matters to all
            transfers that name it.
        stages_of: Instruments of which only the stages matter.
        seqs_of: The entries that concern a reference.
        entry_of: The valid entry of a number.
        changes_of: The entries that concern an instrument and are stages or changes;
            all that concern it are looked through unless given.
    """
    found: set[int] = set()
    seen: set[str] = set()
    done: set[int] = set()
    begun = set(refs)
    queue = [*begun, *stages_of]
    while queue:
        ref = queue.pop()
        if ref in seen:
            continue
        seen.add(ref)
        only_stages = ref.startswith("I-") and ref not in begun
        concerning = changes_of if only_stages and changes_of else seqs_of
        for seq in concerning(ref) or ():
            entry = None if seq in done else entry_of(seq)
            if entry is None:
                continue
            if only_stages and not _is_of_instrument(entry, entry_of):
                continue
            done.add(seq)
            about = _with_cited(entry, entry_of)
            found.update(about)
            named = named_refs(entry.record)
            queue.extend(named)
            ties = isinstance(entry.record, Exit | Transfer | Receipt | Renewal)
            if ties or (named and isinstance(entry.record, Correction)):
                queue.extend(r for a in about.values() for r in own_refs(a.record))
    return found


def is_stage_or_change(record: Record) -> bool:
    """Return whether a record is of a kind that says how an instrument stands."""
    return isinstance(record, Instrument | Correction | Retraction | Confirmation)


def _with_cited(
    entry: Logged, entry_of: Callable[[int], Logged | None]
) -> dict[int, Logged]:
    """Return an entry with all that it cites, directly and indirectly, by number."""
    found: dict[int, Logged] = {}
    queue: list[Logged | None] = [entry]
    while queue:
        known = queue.pop()
        if known is not None and known.seq not in found:
            found[known.seq] = known
            queue.extend(_entry(r, entry_of) for r in cited(known.record))
    return found


def _entry(
    reference: Reference, entry_of: Callable[[int], Logged | None]
) -> Logged | None:
    """Return the entry that is cited; one of another book has another leaf."""
    entry = entry_of(reference.seq)
    return entry if entry is not None and entry.leaf.hex() == reference.leaf else None


def _is_of_instrument(entry: Logged, entry_of: Callable[[int], Logged | None]) -> bool:
    """Return whether an entry is a stage of an instrument, or is about one."""
    queue: list[Logged | None] = [entry]
    while queue:
        at = queue.pop()
        record = None if at is None else at.record
        if isinstance(record, Instrument):
            return True
        if isinstance(record, Correction | Retraction | Confirmation):
            queue.extend(entry_of(target.seq) for target in cited(record))
    return False
