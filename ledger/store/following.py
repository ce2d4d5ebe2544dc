"""Entries that somebody else wrote, added to a journal one after the other.

Each is judged as an audit judges it, written with the hashes of the tree, and
projected. What is bad becomes void and keeps its number; what needs a newer program
stops.
"""

from collections.abc import Callable

from ledger.domain.history import History, Logged, Void
from ledger.domain.judging import judge
from ledger.domain.schemas import OF_THE_BOOK, read_record
from ledger.errors import LedgerError, MalformedError
from ledger.store.growing import Growing
from ledger.store.intake import project
from ledger.store.journal import Journal
from ledger.tlog.entry import MAX_SIZE, EntryNote


def check_length(note: bytes) -> None:
    """Refuse bytes that are more than any entry has.

    Raises:
        MalformedError: They are.
    """
    if len(note) > MAX_SIZE:
        raise MalformedError("entry.too-big", size=len(note), limit=MAX_SIZE)


class Following:
    """Adds entries to a journal, in its open transaction.

    Args:
        journal: The book or the mirror; what it holds is projected.
        check: Is shown each sound entry before it is written, and may raise.
    """

    def __init__(self, journal: Journal, *, check: Callable[[Logged], None]) -> None:
        self._journal = journal
        self._check = check
        self._growing: Growing | None = None

    def append(self, seq: int, note: bytes) -> Logged | Void:
        """Judge the next entry, and write it with what follows from it.

        Raises:
            TooNewError: If it needs a newer program.
            TamperedError: If what is stored is not what was written.
        """
        growing = self._growing or Growing(self._journal)
        history = _history(growing, note)
        judged = judge(note, history=history)
        once = None
        if isinstance(judged, Logged):
            self._check(judged)
            once = judged.once
        self._journal.append(seq=seq, once=once, note=note, frontier=growing.frontier)
        project(self._journal, judged, history=history)
        self._growing = growing
        if isinstance(judged, Void) or judged.kind in OF_THE_BOOK:
            self._growing = None  # what it keeps in mind has changed
        else:
            growing.took(judged)
        return judged


def _history(growing: Growing, note: bytes) -> History:
    """Return all before the next entry that can concern it, whatever it says."""
    try:
        said = EntryNote.parse(note).envelope()
        record = read_record(said.kind, said.data, spelt=said.spelt)
    except (LedgerError, KeyError):
        return growing.history(())
    return growing.history_for(record, once=said.once)
