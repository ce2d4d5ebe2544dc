"""The entries of a book, in order, and what each is worth today.

A `History` is a list of entries that only grows, with the lookups that rules and
queries need. It holds a whole book (audit) or just the entries that concern a few
transfers (data entry, queries): the code above cannot tell. Corrections change what
a record is worth, never the record; a retracted entry stays, and counts for nothing.
"""

import dataclasses
from collections.abc import Iterable, Mapping, MutableMapping

from ledger.domain.authority import (
    Acknowledgement,
    Approval,
    Confirmation,
    Genesis,
    Key,
)
from ledger.domain.entries import (
    Fault,
    Logged,
    Void,
    cited,
    elsewhere,
    named_refs,
    number_of,
    own_refs,
)
from ledger.domain.forms import Reference
from ledger.domain.keyring import KeyRing
from ledger.domain.pointers import changed
from ledger.domain.reach import begins, concerns, gather, is_stage_or_change
from ledger.domain.records import (
    Change,
    Correction,
    Exit,
    Instrument,
    Receipt,
    Retraction,
)
from ledger.domain.schemas import Record, read_record
from ledger.domain.values import Ref
from ledger.domain.witnessing import Peer
from ledger.errors import NotFoundError
from ledger.tlog import chain
from ledger.tlog.canonical import Json

__all__ = [
    "Fault",
    "History",
    "Logged",
    "Void",
    "begins",
    "cited",
    "elsewhere",
    "gather",
    "named_refs",
    "number_of",
    "own_refs",
    "pools",
]


@dataclasses.dataclass(slots=True)
class History:
    """Entries of one book, and what follows from their order.

    Attributes:
        book: The book's name.
        state: Its state's code; empty before entry 0.
        zone: The office's zone; empty before entry 0.
        head: Size, last leaf and last valid time.
        ring: The keys as they stand.
        peers: The other states' books that are trusted, by name, as last recorded.
        numbers: The highest number given so far, by letter (T, R, I).
        entries: The valid entries, by number.
        voids: The void entries, by number.
        acknowledged: Numbers of void entries that the state has acknowledged.
        retracted: Number of the retraction, by the entry that it strikes out.
        corrections: Numbers of standing corrections, by the entry they correct.
        confirmed: Numbers of confirmations, by the entry that they vouch for.
        by_ref: Entries that concern a reference, by reference.
        refs: References that an entry concerns, by entry.
        opened: The entry that gave a reference, by reference; for an instrument
            its first stage.
    """

    book: str
    state: str = ""
    zone: str = ""
    head: chain.Head = chain.EMPTY
    ring: KeyRing = dataclasses.field(
        default_factory=lambda: KeyRing(book="", state="")
    )
    peers: Mapping[str, Peer] = dataclasses.field(default_factory=dict)
    numbers: dict[str, int] = dataclasses.field(default_factory=dict)
    entries: MutableMapping[int, Logged] = dataclasses.field(default_factory=dict)
    voids: dict[int, Void] = dataclasses.field(default_factory=dict)
    acknowledged: set[int] = dataclasses.field(default_factory=set)
    retracted: dict[int, int] = dataclasses.field(default_factory=dict)
    corrections: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    confirmed: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    by_ref: MutableMapping[str, list[int]] = dataclasses.field(default_factory=dict)
    refs: MutableMapping[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    opened: MutableMapping[str, int] = dataclasses.field(default_factory=dict)
    onces: MutableMapping[str, int] = dataclasses.field(default_factory=dict)
    _worth: dict[int, Record] = dataclasses.field(default_factory=dict)
    _changes: dict[str, list[int]] = dataclasses.field(default_factory=dict, init=False)

    def add(self, entry: Logged) -> None:
        """Take a valid entry; the caller has judged it."""
        self.entries[entry.seq] = entry
        self.onces[entry.once] = entry.seq
        self.head = chain.advance(self.head, leaf=entry.leaf, at=entry.at)
        for ref in own_refs(entry.record):
            letter, number = number_of(ref)
            self.numbers[letter] = max(self.numbers.get(letter, 0), number)
            self.opened.setdefault(ref, entry.seq)
        self.refs[entry.seq] = self.concerns(entry.record)
        for ref in self.refs[entry.seq]:
            self.by_ref.setdefault(ref, []).append(entry.seq)
        self._note_changes(entry)
        match entry.record:
            case Genesis() as genesis:
                self.state, self.zone = genesis.state, genesis.zone
                self.ring = KeyRing.opened(genesis, book=self.book, judged=True)
            case Key() as key:
                self.ring = self.ring.after(
                    key, seq=entry.seq, by=entry.by, judged=True
                )
            case Peer() as peer:
                self.peers = {**self.peers, peer.name: peer}
            case Approval(target=target):
                self.ring = self.ring.approved(target.seq, seq=entry.seq, by=entry.by)
            case Confirmation(targets=targets):
                for target in targets:
                    self.confirmed.setdefault(target.seq, []).append(entry.seq)
            case Acknowledgement() as acknowledgement:
                self.acknowledged.update(t.seq for t in acknowledgement.targets)
            case Correction() as correction:
                corrected = correction.target.seq
                self.corrections.setdefault(corrected, []).append(entry.seq)
                self._worth.pop(corrected, None)
            case Retraction() as retraction:
                self._retract(retraction.target.seq, by=entry.seq)
            case _:
                pass

    def _note_changes(self, entry: Logged) -> None:
        if is_stage_or_change(entry.record):
            for ref in self.refs[entry.seq]:
                self._changes.setdefault(ref, []).append(entry.seq)

    def changes_of(self, ref: str) -> list[int]:
        """Return the entries that concern an instrument and are stages or changes."""
        return self._changes.get(ref, [])

    def add_void(self, void: Void) -> None:
        """Take a void entry: it moves the chain on and does nothing else."""
        self.voids[void.seq] = void
        self.head = chain.advance(self.head, leaf=void.leaf, at=None)

    def concerns(self, record: Record) -> tuple[str, ...]:
        """Return the references that a record concerns, each once, sorted."""
        return concerns(record, refs_of=self.refs_cited)

    def refs_cited(self, reference: Reference) -> tuple[str, ...]:
        """Return the references that a cited entry concerns, or what stands for it."""
        if reference.ledger != self.book:
            return (elsewhere(reference),)
        return self.refs.get(reference.seq) or (f"#{reference.seq}",)

    def ref_named(self, named: Ref) -> str:
        """Return the reference in this history that a person's one means.

        Raises:
            NotFoundError: If it is of a book that is not here.
        """
        if named.book not in {None, self.book, self.state.lower()}:
            raise NotFoundError("cite.no-such-book")
        return named.local

    def state_of(self, _seq: int) -> str:
        """Return whose book an entry stands in: the code of its state."""
        return self.state

    def zone_of(self, _seq: int) -> str:
        """Return the zone of the office that recorded an entry."""
        return self.zone

    def ring_of(self, _seq: int) -> tuple[KeyRing, int]:
        """Return the keys of the book of an entry, and where its numbers begin."""
        return self.ring, 0

    def rings(self) -> tuple[KeyRing, ...]:
        """Return the keys of every book that is here."""
        return (self.ring,)

    def worth(self, seq: int) -> Record | None:
        """Return an entry's record as corrected; None if retracted or not here."""
        entry = None if seq in self.retracted else self.entries.get(seq)
        if entry is None or not self.corrections.get(seq):
            return None if entry is None else entry.record
        if seq not in self._worth:
            self._worth[seq] = self._record(seq, entry.kind)
        return self._worth[seq]

    def _record(self, seq: int, kind: str) -> Record:
        """Return an entry's record as corrected."""
        return read_record(kind, self.worth_data(seq))

    def worth_data(self, seq: int) -> dict[str, Json]:
        """Return an entry's data with the standing corrections made."""
        data = dict(self.entries[seq].data)
        for number in self.corrections.get(seq, ()):
            data = changed(data, self._changes_by(number))
        return data

    def _changes_by(self, seq: int) -> tuple[Change, ...]:
        """Return what a correction changes, as it was written."""
        correction = self.entries[seq].record
        assert isinstance(correction, Correction)  # noqa: S101 (of that list)
        return correction.changes

    def resolve(self, reference: Reference) -> Logged | None:
        """Return the valid entry that a reference names, if number and leaf fit."""
        entry = self.entries.get(reference.seq)
        if (
            entry is None
            or reference.ledger != self.book
            or reference.leaf != entry.leaf.hex()
        ):
            return None
        return entry

    def reference(self, seq: int) -> Reference:
        """Return the reference that cites an entry of this book."""
        leaf = self.entries[seq].leaf.hex()
        return Reference(ledger=self.book, seq=seq, leaf=leaf)

    def ref_at(self, reference: Reference) -> str | None:
        """Return the transfer or arrival that a citation opens (T-1), if any."""
        entry = self.resolve(reference)
        if entry is None or isinstance(entry.record, Instrument):
            return None
        refs = own_refs(entry.record)
        return self.known_as(refs[0]) if refs else None

    def known_as(self, ref: str) -> str:
        """Return the transfer that an unannounced arrival turned out to be.

        Any other reference is returned as it is.
        """
        opening = self.identified(ref)
        entry = None if opening is None else self.resolve(opening)
        return ref if entry is None else own_refs(entry.record)[0]

    def identified(self, ref: str) -> Reference | None:
        """Return the departure that an unannounced arrival turned out to be.

        It can be one of another book, which need not be here.
        """
        if ref.startswith("R-"):
            for seq in self.by_ref.get(ref, ()):
                record = self.worth(seq)
                if isinstance(record, Receipt) and record.formerly == ref:
                    return record.transfer
        return None

    def aliases(self, ref: str) -> tuple[str, ...]:
        """Return a reference and the unannounced arrivals that it turned out to be."""
        records = map(self.worth, self.by_ref.get(ref, ()))
        former = {r.formerly for r in records if isinstance(r, Receipt)}
        return (ref, *sorted(r for r in former - {None, ref} if r is not None))

    def seqs_of(self, ref: str) -> list[int]:
        """Return the entries that concern a transfer under any reference it had."""
        found = {s for alias in self.aliases(ref) for s in self.by_ref.get(alias, ())}
        return sorted(found)

    def next_ref(self, letter: str) -> str:
        """Return the reference that the next transfer, arrival, instrument gets."""
        return f"{letter}-{self.numbers.get(letter, 0) + 1}"

    def pool_of(self, ref: str) -> tuple[str, ...]:
        """Return the transfers that exits tie to this one, itself included, sorted."""
        pool, open_refs = {ref}, [ref]
        seen: set[int] = set()
        while open_refs:
            for seq in self.seqs_of(open_refs.pop()):
                record = None if seq in seen else self.worth(seq)
                seen.add(seq)
                if isinstance(record, Exit):
                    refs = {self.ref_at(r) for r in record.transfers}
                    new = {r for r in refs if r is not None} - pool
                    pool |= new
                    open_refs.extend(sorted(new))
        return tuple(sorted(pool, key=number_of))

    def concerning(
        self,
        refs: Iterable[str],
        *,
        stages_of: Iterable[str] = (),
        seqs: Iterable[int] = (),
    ) -> "History":
        """Return a history of only the entries that matter to these references.

        It is what would come of reading those entries alone, in their order.

        Args:
            refs: As for `gather`.
            stages_of: As for `gather`.
            seqs: Further entries.
        """
        wanted = gather(
            refs,
            stages_of=stages_of,
            seqs_of=self.by_ref.get,
            entry_of=self.entries.get,
            changes_of=self.changes_of,
        )
        wanted.update(seq for seq in seqs if seq in self.entries)
        kept = {seq: self.entries[seq] for seq in sorted(wanted)}
        by_ref: dict[str, list[int]] = {}
        opened: dict[str, int] = {}
        for seq, entry in kept.items():
            for ref in self.refs[seq]:
                by_ref.setdefault(ref, []).append(seq)
            opened.update(
                (ref, seq) for ref in own_refs(entry.record) if self.opened[ref] == seq
            )
        # The cost is that of what is kept, however long the book.
        found = dataclasses.replace(
            self,
            entries=kept,
            acknowledged=set(self.acknowledged),
            retracted={
                seq: self.retracted[seq]
                for seq in kept
                if self.retracted.get(seq) in kept
            },
            corrections={
                seq: [number for number in self.corrections[seq] if number in kept]
                for seq in kept
                if seq in self.corrections
            },
            confirmed={
                seq: [number for number in self.confirmed[seq] if number in kept]
                for seq in kept
                if seq in self.confirmed
            },
            by_ref=by_ref,
            refs={seq: self.refs[seq] for seq in kept},
            opened=opened,
            numbers=dict(self.numbers),
            onces={},
            _worth={},
        )
        for entry in kept.values():
            found._note_changes(entry)  # noqa: SLF001 (its own)
        return found

    def around(self, record: Record) -> "History":
        """Return a history of only the entries that the rules need for a record."""
        refs, stages_of = begins(self.concerns(record))
        seqs = [r.seq for r in cited(record) if r.ledger == self.book]
        return self.concerning(refs, stages_of=stages_of, seqs=seqs)

    def with_entry(self, entry: Logged) -> "History":
        """Return what matters to an entry, with the entry; this stays as it is."""
        copy = self.around(entry.record)
        copy.add(entry)
        return copy

    def _retract(self, target: int, *, by: int) -> None:
        self.retracted[target] = by
        correction = self.entries[target].record if target in self.entries else None
        if isinstance(correction, Correction):
            corrected = correction.target.seq
            self.corrections[corrected].remove(target)
            self._worth.pop(corrected, None)
        self._worth.pop(target, None)


def pools(history: History, refs: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the pools that these transfers fall into, each once, in order."""
    found: dict[str, tuple[str, ...]] = {}
    for ref in refs:
        if ref not in found:
            pool = history.pool_of(ref)
            found.update(dict.fromkeys(pool, pool))
    return list(dict.fromkeys(found.values()))
