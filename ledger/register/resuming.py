"""Going on with a verification that was stopped, without believing the file more.

What was judged is known by the root of its tree. Its bytes are read and hashed again;
where they give that root, they are the very bytes whose signatures and rules were
found good, and only their records are read anew. Everything else is done as always:
chain, tree, derived tables, guards, memory.
"""

from datetime import datetime

from msgspec import Struct

from ledger.errors import NotPermittedError, TamperedError
from ledger.register.levels import Work, compare_root
from ledger.store.verified import Verified, VerifiedFile
from ledger.tlog import merkle
from ledger.tlog.merkle import Frontier

KEPT_EACH = 10_000
"""Entries after which it is remembered how far a verification has come."""

_TOLD_EACH = 1_000


class Bookmark(Struct):
    """How far earlier work had come, and where this work leaves its own mark.

    Attributes:
        file: The file that remembers it.
        now: When this work began; None: nothing is remembered.
        known: What was verified earlier, and holds the same bytes still.
    """

    file: VerifiedFile
    now: datetime | None = None
    known: Verified | None = None

    def find(self, work: Work) -> None:
        """Look for earlier work, and keep it in mind if its bytes are still there."""
        verified = self.file.read()
        if verified is not None and self._holds(work, verified):
            self.known = verified
            work.audit.wanted |= {verified.size}

    def _holds(self, work: Work, verified: Verified) -> bool:
        journal, size = work.journal, verified.size
        if verified.book != journal.book.name or not 0 < size <= work.size:
            return False
        tree = Frontier()
        try:
            for row in journal.rows(0, size):
                if row.seq != tree.size:
                    return False
                if row.seq % _TOLD_EACH == 0:
                    work.report("known", row.seq, size)
                if merkle.leaf_hash(row.note) != row.leaf:
                    return False
                tree.append(row.leaf)
        except TamperedError:
            return False
        return tree.size == size and tree.root().hex() == verified.root

    def covers(self, seq: int) -> bool:
        """Return whether an entry was judged earlier, and found valid."""
        known = self.known
        return known is not None and seq < known.size and seq not in known.voids

    def reach(self, work: Work, seq: int) -> None:
        """Remember that all entries before this one are judged, if nothing is wrong."""
        if self.now is None or seq == 0 or seq % KEPT_EACH or work.start:
            return
        if work.findings or work.audit.findings or self.covers(seq):
            return
        audit = work.audit
        self._quietly(
            Verified(
                book=work.journal.book.name,
                size=audit.frontier.size,
                root=audit.frontier.root().hex(),
                at=self.now,
                voids=tuple(sorted(audit.history.voids)),
            )
        )

    def close(self, work: Work) -> None:
        """Compare once more what was relied on, and forget it: all is done."""
        if self.known is not None:
            compare_root(work, self.known.size, bytes.fromhex(self.known.root))
        if self.now is not None and not work.start:
            self._quietly(None)

    def _quietly(self, verified: Verified | None) -> None:
        """Keep or forget a mark; where this user cannot write, nothing is kept."""
        try:
            if verified is None:
                self.file.forget()
            else:
                self.file.keep(verified)
        except (NotPermittedError, TamperedError):
            self.now = None
