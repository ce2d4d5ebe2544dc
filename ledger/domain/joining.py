"""The own book and the mirrors beside it as one history, for questions about both.

Each book keeps its own numbers: entry 5 of the second book is 5 beyond its stride, and
its `T-3` is `T-3@us.example/book`. Citations are followed from book to book, so that
every fold finds the departure in one book and the receipt in another, and counts each
person once. No rule of a book rests on this: an audit reads a book alone.
"""

import dataclasses
from collections.abc import Mapping
from typing import Self

from msgspec import Struct, structs
from msgspec.structs import replace
from typing_extensions import override

from ledger.domain.authority import Approval, Confirmation
from ledger.domain.forms import Reference
from ledger.domain.history import History, Logged
from ledger.domain.keyring import KeyRing
from ledger.domain.records import (
    Change,
    Claim,
    Correction,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.schemas import Record, read_record
from ledger.domain.values import Ref
from ledger.errors import NotFoundError, RefusedError

STRIDE = 2**40
"""How far apart the numbers of two books lie; no book has so many entries."""


class Books(Struct, frozen=True):
    """The books that are here: the own one, then its mirrors.

    Attributes:
        names: Their names.
        states: The codes of their states.
    """

    names: tuple[str, ...]
    states: tuple[str, ...]

    def place(self, reference: Reference) -> int | None:
        """Return where an entry that is cited has its place; None if not here."""
        if reference.ledger not in self.names:
            return None
        return self.names.index(reference.ledger) * STRIDE + reference.seq

    def home(self, seq: int) -> tuple[str, int]:
        """Return the book of an entry, and its number there."""
        index, local = divmod(seq, STRIDE)
        return self.names[index], local

    def joined(self, index: int, ref: str) -> str:
        """Return what a reference of a book is among all of them."""
        return f"{ref}@{self.names[index]}" if index and ref[0] in "TRI" else ref

    def split(self, ref: str) -> tuple[int, str]:
        """Return the book of a reference, as a place in `names`, and what it is there.

        That of an entry that concerns none (`#7`) is its number; that of a book which
        is not here stays.
        """
        if ref.startswith("#"):
            index, local = divmod(int(ref[1:]), STRIDE)
            return index, f"#{local}"
        if ref.startswith("@"):
            return 0, ref
        local_ref, _, book = ref.partition("@")
        return (self.names.index(book) if book else 0), local_ref

    def index_of(self, prefix: str | None) -> int:
        """Return the book that a person names: by nothing, its state, or its name.

        Raises:
            NotFoundError: If there is no such book here.
            RefusedError: If a state has several; with their names.
        """
        if prefix is None:
            return 0
        if prefix in self.names:
            return self.names.index(prefix)
        found = [n for n, state in enumerate(self.states) if state.lower() == prefix]
        if not found:
            raise NotFoundError("cite.no-such-book")
        if len(found) > 1:
            choices = ", ".join(f"{self.names[n]}:" for n in found)
            raise RefusedError("cite.ambiguous-book", choices=choices)
        return found[0]

    def prefix(self, index: int) -> str:
        """Return the shortest name of a book that means it alone; none for the own."""
        state = self.states[index].lower()
        if index == 0:
            return ""
        alone = [each.lower() for each in self.states].count(state) == 1
        return f"{state if alone else self.names[index]}:"

    def spoken(self, ref: str) -> str:
        """Return a reference as a person writes it: `T-1`, `us:T-1`."""
        index, local = self.split(ref)
        return self.prefix(index) + local

    def spoken_entry(self, seq: int) -> str:
        """Return the number of an entry as a person writes it: `5`, `us:5`."""
        index, local = divmod(seq, STRIDE)
        return f"{self.prefix(index)}{local}"

    def placed(self, reference: Reference) -> Reference:
        """Return what a citation is among all books; one of another stays."""
        seq = self.place(reference)
        if seq is None:
            return reference
        return structs.replace(reference, ledger=self.names[0], seq=seq)

    def joined_entry(self, entry: Logged, index: int) -> Logged:
        """Return an entry of a book as it is among all of them."""
        record = self.joined_record(entry.record, index)
        return replace(entry, seq=index * STRIDE + entry.seq, record=record)

    def joined_record(self, record: Record, index: int) -> Record:
        """Return a record of a book with its references as they are among all."""
        new = self._of_deed(record, index) or self._of_saying(record, index)
        return structs.replace(record, **new) if new else record

    def _ref(self, index: int, name: str | None) -> str | None:
        return None if name is None else self.joined(index, name)

    def _all(self, found: tuple[Reference, ...]) -> tuple[Reference, ...]:
        return tuple(self.placed(each) for each in found)

    def _of_deed(self, record: Record, index: int) -> Mapping[str, object]:
        """Return the references of what is done with persons and money."""
        match record:
            case Transfer(instruments=named):
                instruments = None
                if named is not None:
                    instruments = tuple(self.joined(index, each) for each in named)
                return {"ref": self._ref(index, record.ref), "instruments": instruments}
            case Receipt(transfer=cited):
                return {
                    "ref": self._ref(index, record.ref),
                    "formerly": self._ref(index, record.formerly),
                    "transfer": None if cited is None else self.placed(cited),
                }
            case Renewal():
                return {
                    "transfer": self.placed(record.transfer),
                    "instrument": self._ref(index, record.instrument),
                }
            case Exit(split=split):
                portions = None
                if split is not None:
                    portions = tuple(
                        structs.replace(p, transfer=self.placed(p.transfer))
                        for p in split
                    )
                return {"transfers": self._all(record.transfers), "split": portions}
            case Payment(for_=purpose):
                cited_by = purpose.transfers
                named_for: Mapping[str, object] = {
                    "transfers": None if cited_by is None else self._all(cited_by),
                    "instrument": self._ref(index, purpose.instrument),
                }
                return {"for_": structs.replace(purpose, **named_for)}
            case Instrument():
                return {"id": self.joined(index, record.id)}
            case _:
                return {}

    def _of_saying(self, record: Record, index: int) -> Mapping[str, object]:
        """Return the references of what is said about other entries."""
        match record:
            case Correction(changes=changes):
                anew = tuple(self._named_anew(each, index) for each in changes)
                return {"target": self.placed(record.target), "changes": anew}
            case Claim() | Retraction() | Approval():
                return {"target": self.placed(record.target)}
            case Confirmation():
                return {"targets": self._all(record.targets)}
            case Remark(resolves=settled):
                return {
                    "about": self._all(record.about),
                    "resolves": None if settled is None else self.placed(settled),
                }
            case _:
                return {}

    def _named_anew(self, change: Change, index: int) -> Change:
        """Return a change with the instruments that it makes an entry name."""
        match change:
            case Change(path="/instruments", new=list() as refs):
                joined = [self.joined(index, str(ref)) for ref in refs]
                return structs.replace(change, new=joined)
            case Change(path="/instrument", new=str() as ref):
                return structs.replace(change, new=self.joined(index, ref))
            case _:
                return change


def no_such_ref(ref: str, *, spoken: str) -> NotFoundError:
    """Return that a book has no such transfer, arrival or instrument: which book.

    Args:
        ref: The reference among all books, `T-9` or `T-9@us.example/book`.
        spoken: As a person wrote it.
    """
    _, _, book = ref.partition("@")
    if book:
        return NotFoundError("cite.not-in-mirror", ref=spoken, book=book)
    return NotFoundError("cite.no-such-ref", ref=spoken)


class Office(Struct, frozen=True):
    """Who records in a book.

    Attributes:
        state: Code of the state.
        zone: The office's zone.
        ring: The keys as they stand.
    """

    state: str
    zone: str
    ring: KeyRing


@dataclasses.dataclass(slots=True)
class JoinedHistory(History):
    """What some entries of several books say, in one history.

    Attributes:
        books: The books; head, numbers, voids and peers are those of the own one.
        offices: Who records in each of them.
    """

    books: Books = dataclasses.field(default=Books((), ()))
    offices: tuple[Office, ...] = dataclasses.field(default=())

    @classmethod
    def over(cls, own: History, *, books: Books, offices: tuple[Office, ...]) -> Self:
        """Return a history that begins with what is read of the own book."""
        begun = {
            each.name: getattr(own, each.name) for each in dataclasses.fields(History)
        }
        begun = {n: v for n, v in begun.items() if n != "_changes"}
        return cls(**begun, books=books, offices=offices)

    @override
    def ref_named(self, named: Ref) -> str:
        return self.books.joined(self.books.index_of(named.book), named.local)

    @override
    def reference(self, seq: int) -> Reference:
        book, local = self.books.home(seq)
        leaf = self.entries[seq].leaf.hex()
        return Reference(ledger=book, seq=local, leaf=leaf)

    @override
    def state_of(self, _seq: int) -> str:
        return self._office(_seq).state

    @override
    def zone_of(self, _seq: int) -> str:
        return self._office(_seq).zone

    @override
    def ring_of(self, _seq: int) -> tuple[KeyRing, int]:
        return self._office(_seq).ring, _seq // STRIDE * STRIDE

    @override
    def rings(self) -> tuple[KeyRing, ...]:
        return tuple(office.ring for office in self.offices)

    def _office(self, seq: int) -> Office:
        return self.offices[seq // STRIDE]

    @override
    def _record(self, seq: int, kind: str) -> Record:
        record = read_record(kind, self.worth_data(seq))
        return self.books.joined_record(record, seq // STRIDE)

    @override
    def _changes_by(self, seq: int) -> tuple[Change, ...]:
        written = read_record("correction", dict(self.entries[seq].data))
        assert isinstance(written, Correction)  # noqa: S101 (of that list)
        return written.changes
