"""Proofs of entries, to be checked by whoever does not have the book."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import IncompleteError, NotFoundError
from ledger.register.certifying import Signed, last_signed, sign
from ledger.register.exporting import prove
from ledger.register.opening import Register
from ledger.register.showing import resolve
from ledger.register.tracing import trace
from ledger.tlog.note import Signer


@dataclass(frozen=True, slots=True)
class Proved:
    """One entry and its proof.

    Attributes:
        seq: Its number.
        note: Its stored bytes.
        proof: The contents of its ``.tlog-proof``.
    """

    seq: int
    note: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs of an entry, or of all entries that concern a reference.

    Attributes:
        ref: The reference; None for an entry that was named by its number.
        signed: The checkpoint that they are under.
        entries: Each entry with its proof, in the book's order.
        left_out: Entries that came after the checkpoint.
    """

    ref: str | None
    signed: Signed
    entries: tuple[Proved, ...]
    left_out: tuple[int, ...]


def is_covered(register: Register) -> bool:
    """Return whether the last checkpoint covers the whole book."""
    signed = last_signed(register)
    return signed is not None and signed.checkpoint.size == register.journal.size()


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
    named = resolve(register, name)
    # Nothing is signed for a request that is refused.
    ref, seqs = _wanted(register, named, name)
    signed = sign(register, log) if log is not None else last_signed(register)
    if signed is None:
        raise IncompleteError("prove.no-checkpoint")
    size = signed.checkpoint.size
    covered = [seq for seq in seqs if seq < size]
    if not covered:
        raise IncompleteError("prove.beyond-checkpoint", seq=seqs[0], size=size)
    return Proofs(
        ref=ref,
        signed=signed,
        entries=tuple(Proved(seq, *prove(register, seq)) for seq in covered),
        left_out=tuple(seq for seq in seqs if seq >= size),
    )


def _wanted(
    register: Register, named: str | int, name: str
) -> tuple[str | None, Sequence[int]]:
    if isinstance(named, int):
        if register.journal.row(named) is None:
            raise NotFoundError("cite.no-such-entry", seq=named)
        return None, [named]
    traced = trace(register, name)
    return traced.ref, [line.entry.seq for line in traced.lines]
