"""Proofs of entries, to be checked by whoever does not have the book.

An entry of a mirror is proved under the last checkpoint of its own log that is here: it
is checked with the card of its own state.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ledger.domain.joining import STRIDE, Books
from ledger.errors import IncompleteError
from ledger.register.certifying import Signed, last_signed, sign
from ledger.register.exporting import prove
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Register
from ledger.register.showing import entry_named, no_such_entry
from ledger.register.tracing import trace
from ledger.store.journal import Journal
from ledger.tlog.note import Signer


class Proved(Struct, frozen=True):
    """One entry and its proof.

    Attributes:
        seq: Its number, as it is among all books.
        note: Its stored bytes.
        proof: The contents of its ``.tlog-proof``.
    """

    seq: int
    note: bytes
    proof: bytes


class Proofs(Struct, frozen=True):
    """The proofs of an entry, or of all entries that concern a reference.

    Attributes:
        ref: The reference; None for an entry that was named by its number.
        signed: The checkpoint that those of the thing's own book are under.
        others: Those of the other books.
        entries: Each entry with its proof, those of its own book first.
        left_out: Entries that came after the checkpoint.
        books: What the books are called.
    """

    ref: str | None
    signed: Signed
    others: tuple[Signed, ...]
    entries: tuple[Proved, ...]
    left_out: tuple[int, ...]
    books: Books


def is_covered(register: Register) -> bool:
    """Return whether the last checkpoint covers the whole book."""
    signed = last_signed(register)
    return signed is not None and signed.checkpoint.size == register.journal.size()


def names_own(register: Register, name: str) -> bool:
    """Return whether an entry of the own book is among what a person names.

    Raises:
        NotFoundError: If there is no such thing.
    """
    _, seqs = _wanted(register, reading(register), name)
    return any(seq < STRIDE for seq in seqs)


def prove_named(register: Register, name: str, *, log: Signer | None) -> Proofs:
    """Return proofs of what a person names: an entry, or all that concerns a thing.

    Args:
        register: The book, opened for writing if a checkpoint is to be signed.
        name: A reference or the number of an entry.
        log: The log key, if it is at hand: then a new checkpoint is signed first.

    Raises:
        NotFoundError: If there is no such thing.
        IncompleteError: If no checkpoint covers any of the entries.
        TamperedError: If an entry is not what the checkpoint covers.
    """
    of = reading(register)
    # Nothing is signed for a request that is refused.
    ref, seqs = _wanted(register, of, name)
    own = any(seq < STRIDE for seq in seqs)
    if own and log is not None:
        sign(register, log)
    signed = _signed(of, {seq // STRIDE for seq in seqs})
    covered = [seq for seq in seqs if _covers(signed, seq)]
    home = seqs[0] // STRIDE
    if all(seq // STRIDE != home for seq in covered):
        raise _uncovered(of, signed, seqs[0])
    first, *others = {seq // STRIDE: None for seq in covered}
    return Proofs(
        ref=ref,
        signed=signed[first],
        others=tuple(signed[index] for index in others),
        entries=tuple(_proved(of, seq) for seq in covered),
        left_out=tuple(seq for seq in seqs if not _covers(signed, seq)),
        books=of.books,
    )


def _signed(of: Reading, indexes: set[int]) -> Mapping[int, Signed]:
    """Return the last checkpoint of each of some books, where there is one."""
    found = {i: last_signed(of.register, _mirror(of, i)) for i in sorted(indexes)}
    return {i: each for i, each in found.items() if each is not None}


def _mirror(of: Reading, index: int) -> Journal | None:
    return of.journals[index] if index else None


def _covers(signed: Mapping[int, Signed], seq: int) -> bool:
    index, local = divmod(seq, STRIDE)
    return index in signed and local < signed[index].checkpoint.size


def _uncovered(of: Reading, signed: Mapping[int, Signed], seq: int) -> IncompleteError:
    index, local = divmod(seq, STRIDE)
    if index:
        return IncompleteError("prove.not-in-mirror", book=of.books.names[index])
    if index not in signed:
        return IncompleteError("prove.no-checkpoint")
    size = signed[index].checkpoint.size
    return IncompleteError("prove.beyond-checkpoint", seq=local, size=size)


def _proved(of: Reading, seq: int) -> Proved:
    index, local = divmod(seq, STRIDE)
    return Proved(seq, *prove(of.register, local, mirror=_mirror(of, index)))


def _wanted(
    register: Register, of: Reading, name: str
) -> tuple[str | None, Sequence[int]]:
    named = entry_named(of.books, name)
    if isinstance(named, int):
        index, local = divmod(named, STRIDE)
        if index >= len(of.journals) or of.journals[index].row(local) is None:
            raise no_such_entry(of, named)
        return None, [named]
    traced = trace(register, name)
    home, _ = of.books.split(traced.ref)
    seqs = [line.entry.seq for line in traced.lines]
    return traced.ref, sorted(seqs, key=lambda seq: (seq // STRIDE != home, seq))
