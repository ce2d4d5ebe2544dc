"""One entry of a book: valid with its record, or void, and what it refers to.

References are of two sorts: citations name an entry by number and leaf hash; names
(T-1, R-1, I-1) are given by the entry that opens a transfer, an arrival or an
instrument.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from ledger.domain.authority import Approval, Confirmation
from ledger.domain.forms import Reference
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
from ledger.domain.recovery import Recovery
from ledger.domain.schemas import Record
from ledger.tlog.canonical import Json


class Logged(Struct, frozen=True):
    """A valid entry with its record.

    Attributes:
        seq: Its number in the book.
        leaf: Its leaf hash, 32 bytes.
        at: When it was recorded, UTC.
        kind: Its kind.
        by: Name of the key that signed it.
        once: Its client-made id, 32 hex.
        data: What was signed, as it was written.
        record: The same, read.
    """

    seq: int
    leaf: bytes
    at: datetime
    kind: str
    by: str
    once: str
    data: Mapping[str, Json]
    record: Record


class Fault(Struct, frozen=True):
    """One reason why an entry counts for nothing.

    Attributes:
        level: The level of verification that it belongs to.
        code: What is wrong, as the catalogue knows it.
        values: What fills the sentence.
    """

    level: str
    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Void(Struct, frozen=True):
    """An entry that somebody wrote round the program: it keeps its place, no more.

    Attributes:
        seq: Its number in the book.
        leaf: The hash of its bytes, 32 bytes.
        faults: What is wrong with it, in the order of the levels; never empty.
    """

    seq: int
    leaf: bytes
    faults: tuple[Fault, ...]

    @property
    def altered(self) -> bool:
        """Return whether its leaf hash is not that of its bytes: worse than void."""
        return self.faults[0].code == "bytes-changed"


def own_refs(record: Record) -> tuple[str, ...]:
    """Return the reference that a record gives (T-1, R-1, I-1), if it gives one."""
    match record:
        case Transfer():
            return (record.ref,)
        case Receipt() if record.ref is not None:
            return (record.ref,)
        case Instrument():
            return (record.id,)
        case _:
            return ()


def cited(record: Record) -> tuple[Reference, ...]:
    """Return the entries that a record cites."""
    match record:
        case Receipt():
            return () if record.transfer is None else (record.transfer,)
        case Renewal():
            return (record.transfer,)
        case Exit():
            return record.transfers
        case Recovery():
            return (record.exit,)
        case Payment():
            return record.for_.transfers or ()
        case Claim() | Correction() | Retraction() | Approval():
            return (record.target,)
        case Confirmation():
            return record.targets
        case Remark():
            resolved = () if record.resolves is None else (record.resolves,)
            return (*record.about, *resolved)
        case _:
            return ()


def named_refs(record: Record) -> tuple[str, ...]:
    """Return the instruments and arrivals that a record names by reference."""
    match record:
        case Transfer():
            return record.instruments or ()
        case Receipt():
            return () if record.formerly is None else (record.formerly,)
        case Renewal():
            return () if record.instrument is None else (record.instrument,)
        case Payment():
            return () if record.for_.instrument is None else (record.for_.instrument,)
        case Correction():
            return tuple(ref for change in record.changes for ref in _put_in(change))
        case _:
            return ()


def _put_in(change: Change) -> list[str]:
    """Return the instruments that a correction makes an entry name."""
    match change:
        case Change(path="/instruments", new=list() as refs):
            return [ref for ref in refs if _is_instrument(ref)]
        case Change(path="/instrument", new=ref) if _is_instrument(ref):
            return [str(ref)]
        case _:
            return []


def _is_instrument(ref: object) -> bool:
    # Among several books that of a mirror has its book after it.
    return isinstance(ref, str) and bool(re.fullmatch("I-[1-9][0-9]{0,8}(@.+)?", ref))


def number_of(ref: str) -> tuple[str, int]:
    """Return the letter and the number of a reference (`T-12` → T, 12).

    That of a mirrored book (`T-12@us.example/book`) has the same.
    """
    letter, _, digits = ref.partition("-")
    return letter, int(digits.partition("@")[0])


def elsewhere(reference: Reference) -> str:
    """Return the name under which a book finds what cites an entry of another one."""
    return f"@{reference.ledger}#{reference.seq}"
