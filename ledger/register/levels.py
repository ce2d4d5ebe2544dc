"""What each level of a verification compares, and with what.

The entries have been judged anew (`ledger.audit`); here the store's own statements
are held against what follows from them: tree hashes, projections, guards, kept
checkpoints, this machine's memory, and a pin from outside.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, field

from ledger.audit import Audit, Finding, Level
from ledger.domain.forms import Reference
from ledger.domain.history import cited
from ledger.errors import LedgerError, TamperedError
from ledger.register.progress import Progress, Stage, Tell, say_nothing
from ledger.store.journal import Journal, Row
from ledger.store.listed import shown
from ledger.store.watermark import Watermark
from ledger.tlog.checkpoint import Checkpoint, is_signed_by
from ledger.tlog.note import Note

Result: TypeAlias = Literal["pass", "fail", "absent", "skipped"]
Step: TypeAlias = Literal[
    "entries",
    "projections",
    "guards",
    "checkpoints",
    "memory",
    "pin",
    "card",
    "witnesses",
]
STEPS: Mapping[Level, frozenset[Step]] = {
    "bytes": frozenset({"entries"}),
    "chain": frozenset({"entries", "projections", "memory", "pin"}),
    "signatures": frozenset({"entries", "checkpoints", "card"}),
    "tree": frozenset({"entries", "projections", "checkpoints", "memory"}),
    "cosignatures": frozenset({"entries", "witnesses"}),
    "rules": frozenset({"entries"}),
    "projections": frozenset({"entries", "projections"}),
    "guards": frozenset({"guards"}),
    "time": frozenset({"entries", "witnesses"}),
}
"""What must have come to its end before a level can pass."""


class Work(Struct):
    """A verification in progress.

    Attributes:
        journal: The book.
        audit: The judge of its entries.
        findings: What is wrong beside the entries.
        start: First entry that is examined.
        size: How many entries there are.
        reached: How many of them came back when they were read, sound or not.
        projected: How many entries the projections have taken in.
        memory: What the comparison with this machine's memory came to.
        deep: SQLite compares its own pages and indexes as well.
        whole: Whether SQLite's integrity_check passed; None where it was not asked.
        tell: Who is told how far it has come.
        kept: The kept checkpoints that can be read, with their notes.
        seals: The entries that are seals, of those that were judged.
        citations: What the judged entries cite of other books, with their numbers.
        done: The steps that came to their end; damage can stop the work before it.
    """

    journal: Journal
    audit: Audit
    findings: list[Finding] = field(default_factory=list)
    start: int = 0
    size: int = 0
    reached: int = 0
    projected: int = 0
    memory: Result = "skipped"
    deep: bool = False
    whole: bool | None = None
    tell: Tell = say_nothing
    kept: list[tuple[Checkpoint, bytes]] = field(default_factory=list)
    seals: list[int] = field(default_factory=list)
    citations: list[tuple[int, Reference]] = field(default_factory=list)
    done: set[Step] = field(default_factory=set)

    @property
    def judged(self) -> int:
        """Return how many entries were judged so far."""
        return self.audit.frontier.size - self.start

    def level_of(self, error: LedgerError) -> Level:
        """Return the level that damage belongs to, by what could not be read."""
        if error.code == "store.node-missing":
            return "tree"
        if "entries" not in self.done or "guards" in self.done:
            return "bytes"
        return "guards" if "projections" in self.done else "projections"

    def report(self, stage: Stage, done: int, total: int) -> None:
        """Tell how far a stage has come."""
        found = len(self.findings) + len(self.audit.findings)
        self.tell(Progress(stage, done, total, found))

    def add(
        self,
        seq: int | None,
        level: Level,
        code: str,
        *,
        field: str | None = None,
        table: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        values: Mapping[str, str | int] | None = None,
        row: str | None = None,
    ) -> None:
        """Note a finding, once: two papers can show the same."""
        finding = Finding(
            seq,
            level,
            code,
            field=field,
            table=table,
            expected=expected,
            found=found,
            values=values or {},
            row=row,
        )
        if finding not in self.findings[-1:]:
            self.findings.append(finding)


def compare_once(work: Work, row: Row) -> None:
    """Compare the id beside an entry with the one that was signed.

    Seals, and what is cited of other books, are noted for later.
    """
    entry = work.audit.history.entries.get(row.seq)
    if entry is not None:
        work.citations += [
            (entry.seq, reference)
            for reference in cited(entry.record)
            if reference.ledger != work.journal.book.name
        ]
    if entry is not None and entry.kind == "seal":
        work.seals.append(entry.seq)
    if entry is not None and entry.once != row.once:
        work.add(
            row.seq,
            "projections",
            "column-differs",
            table="entry",
            field="once",
            expected=entry.once,
            found=None if row.once is None else shown(row.once),
            row=f"seq={row.seq}",
        )


def compare_rest(work: Work) -> None:
    """Compare what belongs to no entry: how many tree hashes there are, and the book.

    All entries are judged now, and the projections are compared.
    """
    nodes = work.journal.count_nodes()
    due = work.size - work.size.bit_count()
    if nodes > due:
        work.add(
            None,
            "tree",
            "node-extra",
            table="node",
            field="number",
            expected=str(due),
            found=str(nodes),
        )
    _compare_book(work)


def _compare_book(work: Work) -> None:
    """Compare the row of the book with its genesis."""
    book, history = work.journal.book, work.audit.history
    if not work.size:
        cut(work, 1)
        return
    if book.genesis.hex() != (known := _genesis(work)):
        work.add(
            0,
            "chain",
            "other-genesis",
            table="book",
            field="genesis",
            expected=known,
            found=book.genesis.hex(),
            row=f"id={book.id}",
        )
    if 0 in history.entries and history.state != book.state:
        work.add(
            0,
            "projections",
            "column-differs",
            table="book",
            field="state",
            expected=history.state,
            found=book.state,
            row=f"id={book.id}",
        )


def _genesis(work: Work) -> str:
    """Return the stored leaf hash of entry 0; empty if there is none."""
    try:
        row = work.journal.row(0)
    except TamperedError:
        return ""
    return row.leaf.hex() if row is not None else ""


def kept_checkpoints(work: Work) -> Iterable[tuple[Checkpoint, bytes]]:
    """Return the kept checkpoints that can be read; note those that cannot."""
    for size, note in work.journal.checkpoints():
        try:
            checkpoint = Checkpoint.parse(Note.parse(_bytes(note)).text)
        except LedgerError:
            work.add(
                None,
                "tree",
                "checkpoint-unreadable",
                table="checkpoint",
                field="note",
                expected=str(size),
            )
            continue
        if checkpoint.origin != work.journal.book.name:
            work.add(
                None,
                "tree",
                "checkpoint-of-another-book",
                table="checkpoint",
                field="note",
                expected=work.journal.book.name,
                found=checkpoint.origin,
            )
            continue
        if checkpoint.size != size:
            work.add(
                None,
                "projections",
                "column-differs",
                table="checkpoint",
                field="size",
                expected=str(checkpoint.size),
                found=str(size),
            )
        yield checkpoint, note


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def compare_checkpoints(work: Work) -> None:
    """Compare the tree with every checkpoint that was signed or received."""
    for checkpoint, note in work.kept:
        if checkpoint.size > work.size:
            cut(work, checkpoint.size)
            continue
        if checkpoint.size <= work.start and work.start:
            continue
        compare_root(work, checkpoint.size, checkpoint.root)
        # It needs a log key that was active once all its entries were there.
        active = work.audit.history.ring.active("log", seq=checkpoint.size)
        if not is_signed_by(note, (standing.key for standing in active)):
            work.add(
                None,
                "signatures",
                "checkpoint-not-signed",
                table="checkpoint",
                field="note",
                expected=str(checkpoint.size),
            )
    work.done.add("checkpoints")


def cut(work: Work, size: int) -> None:
    """Note that the book is shorter than it was known to be."""
    work.add(
        work.size,
        "tree",
        "cut",
        field="size",
        expected=str(size),
        found=str(work.size),
    )


def compare_root(work: Work, size: int, root: bytes) -> bool:
    """Compare the root at some size, recomputed where it was, with a known one."""
    found = work.audit.roots.get(size) or work.journal.root(size)
    if found != root:
        work.add(
            None,
            "tree",
            "other-root",
            field=f"root at {size}",
            expected=root.hex(),
            found=found.hex(),
            values={"size": size},
        )
    return found == root


def compare_memory(work: Work, marks: Sequence[Watermark]) -> None:
    """Compare the book with what this machine remembers of it, the largest first."""
    reached = [mark for mark in marks if mark is marks[0] or mark.size <= work.size]
    fits = [_compare_mark(work, mark) for mark in reached]
    work.memory = ("pass" if all(fits) else "fail") if fits else "absent"
    work.done.add("memory")


def _compare_mark(work: Work, mark: Watermark) -> bool:
    genesis = _genesis(work)
    other = genesis not in {"", mark.genesis}
    if other or mark.book != work.journal.book.name:
        work.add(
            0,
            "chain",
            "other-genesis",
            field="genesis",
            expected=mark.genesis,
            found=genesis,
        )
    elif mark.size > work.size:
        cut(work, mark.size)
    else:
        return compare_root(work, mark.size, bytes.fromhex(mark.root))
    return False


def compare_pin(work: Work, genesis: str | None) -> None:
    """Compare entry 0 with the leaf hash that the caller trusts."""
    found = _genesis(work)
    if genesis is not None and found not in {"", genesis}:
        work.add(
            0,
            "chain",
            "other-genesis",
            field="genesis",
            expected=genesis,
            found=found,
        )
    work.done.add("pin")
