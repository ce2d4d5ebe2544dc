"""CHECKS over a whole book: every stored entry judged anew, and the tree recomputed.

`Audit` takes entries in order, as they are stored, and keeps findings; it trusts
nothing that the store derived. Entries that count for nothing are void and listed:
until the state acknowledges them they count by what is wrong with them. An entry whose
leaf hash is not that of its bytes is altered, whatever its bytes say.
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from ledger.domain.history import History, Logged, Void
from ledger.domain.judging import CheckSignature, check_signature, judge
from ledger.domain.rules import refusals
from ledger.domain.schemas import read_record
from ledger.errors import LedgerError
from ledger.tlog import merkle
from ledger.tlog.chain import Head
from ledger.tlog.entry import EntryNote
from ledger.tlog.merkle import Frontier, Node

Level: TypeAlias = Literal[
    "bytes",
    "chain",
    "signatures",
    "tree",
    "cosignatures",
    "rules",
    "projections",
    "guards",
    "time",
]
LEVELS: tuple[Level, ...] = (
    "bytes",
    "chain",
    "signatures",
    "tree",
    "cosignatures",
    "rules",
    "projections",
    "guards",
    "time",
)

ALTERED, REWRITTEN, BAD_SIGNATURE = 10, 11, 12
CODES: Mapping[str, int] = {
    "bytes": ALTERED,
    "rules": ALTERED,
    "projections": ALTERED,
    "guards": ALTERED,
    "chain": REWRITTEN,
    "tree": REWRITTEN,
    "signatures": BAD_SIGNATURE,
    "cosignatures": BAD_SIGNATURE,
    "time": REWRITTEN,
}


class Finding(Struct, frozen=True):
    """One thing that is not as it was committed to.

    Attributes:
        seq: The entry; None where no single entry can be named.
        level: The level of verification that found it.
        code: What is wrong, as the catalogue knows it (`finding.<code>`).
        ref: The transfer that the entry concerns, if known.
        table: The table, where a derived column is wrong.
        field: The column or the kind of value.
        expected: What it should be.
        found: What it is.
        values: What fills the sentence of a void entry's fault.
        row: What tells the row of that table from others, `ref=T-1, n=0`.
    """

    seq: int | None
    level: Level
    code: str
    ref: str | None = None
    table: str | None = None
    field: str | None = None
    expected: str | None = None
    found: str | None = None
    values: Mapping[str, str | int] = msgspec.field(default_factory=dict)
    row: str | None = None

    @property
    def order(self) -> tuple[bool, int, int]:
        """Return the order of findings: by entry, then level; without entry last."""
        return (self.seq is None, self.seq or 0, LEVELS.index(self.level))

    @property
    def exit_code(self) -> int:
        """Return the exit code that this finding asks for."""
        return CODES[self.level]


def ordered(findings: Collection[Finding]) -> list[Finding]:
    """Return findings in the order in which they count."""
    return sorted(findings, key=lambda finding: finding.order)


class Audit(Struct):
    """Entries of one book, judged one after the other.

    Attributes:
        history: The entries so far.
        wanted: Sizes at which the root is to be remembered.
        roots: Roots of the tree at those sizes.
        frontier: The tree so far.
        findings: What is wrong so far, void entries not yet among them.
        check: How a signature is checked.
    """

    history: History
    wanted: frozenset[int] = frozenset()
    roots: dict[int, bytes] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    findings: list[Finding] = field(default_factory=list)
    check: CheckSignature = check_signature

    def take(
        self,
        *,
        seq: int,
        leaf: bytes,
        note: bytes,
        beside: History | None = None,
        known: bool = False,
    ) -> list[tuple[Node, bytes]]:
        """Judge the next stored entry; return the tree hashes that it completes.

        Args:
            seq: Its number, as stored.
            leaf: The leaf hash stored beside it.
            note: Its bytes.
            beside: The earlier entries that it can concern, where `history` has only
                some; head and keys are always those of `history`.
            known: These very bytes were judged valid at this place before.

        Raises:
            TooNewError: If the entry needs a newer program.
        """
        if seq != self.history.head.size:
            self._resume(seq, note)
        before = self.history
        if beside is not None:
            before = dataclasses.replace(beside, head=before.head, ring=before.ring)
        actual = merkle.leaf_hash(note)
        judged: Logged | Void | None
        if actual == leaf:
            judged = (known and _read(seq, leaf, note)) or judge(
                note, history=before, check=self.check
            )
        else:
            self.findings.append(
                Finding(
                    seq,
                    "bytes",
                    "bytes-changed",
                    field="note",
                    expected=leaf.hex(),
                    found=actual.hex(),
                )
            )
            judged = _as_it_was(seq, leaf, note, history=before)
        if isinstance(judged, Logged):
            self.history.add(judged)
            if beside is not None:
                self.history.refs[seq] = before.concerns(judged.record)
        elif judged is not None:
            self.history.add_void(judged)
        else:
            head = self.history.head
            self.history.head = replace(head, size=seq + 1, leaf=leaf)
        completed = self.frontier.append(leaf)
        if self.frontier.size in self.wanted:
            self.roots[self.frontier.size] = self.frontier.root()
        return completed

    def _resume(self, seq: int, note: bytes) -> None:
        """Note a gap, and go on after it as if the chain held there."""
        head = self.history.head
        self.findings.append(
            Finding(
                head.size,
                "chain",
                "gap",
                field="seq",
                expected=str(head.size),
                found=str(seq),
            )
        )
        try:
            prev = EntryNote.parse(note).envelope().prev
        except LedgerError:
            prev = head.leaf
        self.history.head = Head(size=seq, leaf=prev, at=head.at)

    def void_findings(self) -> list[Finding]:
        """Return the findings for void entries that nobody has acknowledged."""
        return [
            Finding(seq, _level(fault.level), f"void:{fault.code}", values=fault.values)
            for seq, void in self.history.voids.items()
            if seq not in self.history.acknowledged
            for fault in void.faults
        ]

    def ref_of(self, seq: int | None) -> str | None:
        """Return the transfer that an entry concerns, if it concerns one."""
        refs = self.history.refs.get(seq, ()) if seq is not None else ()
        transfers = [ref for ref in refs if ref[0] in "TR"]
        return transfers[0] if transfers else None


def _as_it_was(
    seq: int, leaf: bytes, note: bytes, *, history: History
) -> Logged | None:
    """Return an altered entry if it can be read and could stand, else None.

    Later entries are judged as if it still said what it says now, so that one changed
    byte is one finding and not one for each entry that cites it.
    """
    entry = _read(seq, leaf, note)
    return None if entry is None or refusals(history, entry) else entry


def _read(seq: int, leaf: bytes, note: bytes) -> Logged | None:
    """Return what an entry says, unjudged; None if it cannot be read."""
    try:
        said = EntryNote.parse(note).envelope()
        record = read_record(said.kind, said.data, spelt=said.spelt)
    except (LedgerError, KeyError):
        return None
    return Logged(
        seq=seq,
        leaf=leaf,
        at=said.at,
        kind=said.kind,
        by=said.by,
        once=said.once,
        data=said.data,
        record=record,
    )


def _level(name: str) -> Level:
    return next((level for level in LEVELS if level == name), "rules")


def differences(
    table: str,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    *,
    expected: Collection[tuple[object, ...]],
    found: Collection[tuple[object, ...]],
) -> tuple[list[Finding], list[Finding]]:
    """Return where derived rows differ from the stored ones, column by column.

    A row that is missing or too much is named by its key.

    Returns:
        What is wrong with rows that should be there, and the rows that should not.
    """
    places = [columns.index(name) for name in key]

    def by_key(
        rows: Collection[tuple[object, ...]],
    ) -> dict[tuple[object, ...], tuple[object, ...]]:
        return {tuple(row[place] for place in places): row for row in rows}

    want, have = by_key(expected), by_key(found)
    findings = []
    for name, row in want.items():
        stored = have.get(name)
        if stored is None:
            findings.append(_row_finding(table, columns, key, row, "row-missing"))
            continue
        findings.extend(
            _cell_finding(table, columns, key, place, pair=(row, stored))
            for place in range(len(columns))
            if stored[place] != row[place]
            or type(stored[place]) is not type(row[place])
        )
    extra = [
        _row_finding(table, columns, key, row, "row-extra")
        for name, row in have.items()
        if name not in want
    ]
    return findings, extra


def _cell_finding(
    table: str,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    place: int,
    *,
    pair: tuple[tuple[object, ...], tuple[object, ...]],
) -> Finding:
    row, stored = pair
    named = dict(zip(columns, row, strict=True))
    return Finding(
        _seq(named),
        "projections",
        "column-differs",
        ref=_ref(named),
        table=table,
        field=columns[place],
        expected=_shown(row[place]),
        found=_shown(stored[place]),
        row=_row(named, key),
    )


def _row_finding(
    table: str,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    row: tuple[object, ...],
    code: str,
) -> Finding:
    named = dict(zip(columns, row, strict=True))
    shown = _row(named, key)
    missing = code == "row-missing"
    return Finding(
        _seq(named),
        "projections",
        code,
        ref=_ref(named),
        table=table,
        field=key[-1] if "seq" not in key else "seq",
        expected=shown if missing else None,
        found=None if missing else shown,
        row=shown,
    )


def _row(named: Mapping[str, object], key: tuple[str, ...]) -> str:
    return ", ".join(f"{name}={_shown(named[name])}" for name in key)


def _seq(named: Mapping[str, object]) -> int | None:
    seq = named.get("seq")
    return seq if isinstance(seq, int) else None


def _ref(named: Mapping[str, object]) -> str | None:
    ref = named.get("ref")
    return ref if isinstance(ref, str) and ref.isascii() else None


def _shown(value: object) -> str | None:
    match value:
        case None:
            return None
        case bytes():
            return value.hex()
        case str():
            # What is stored need be no text: its bytes are shown as escapes.
            spelled = value.encode("utf-8", "surrogateescape")
            return spelled.decode("utf-8", "backslashreplace")
        case _:
            return str(value)
