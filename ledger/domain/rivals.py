"""Rival values side by side: what the book has, and who says otherwise.

A claim is never computed with until a correction adopts it. An entry that is only
alleged or disputed counts for nothing where its kind would enter arithmetic.
"""

from collections.abc import Collection, Mapping
from datetime import date

from msgspec import Struct

from ledger.domain.cases import counts
from ledger.domain.forms import Evidence, Fact
from ledger.domain.history import History
from ledger.domain.pointers import value_at
from ledger.domain.records import (
    Claim,
    Correction,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Renewal,
)
from ledger.domain.recovery import Recovery
from ledger.domain.variances import is_later
from ledger.tlog import canonical
from ledger.tlog.canonical import Json


class Source(Struct, frozen=True):
    """Whose words something is, how they stand, and what they rest on.

    Attributes:
        seq: The entry.
        asserted_by: A state's code or an organisation's name.
        status: How the claim stands.
        day: When it is said to have happened, as written; None where that is not said.
        evidence: The documents.
    """

    seq: int
    asserted_by: str
    status: str
    day: str | None
    evidence: tuple[Evidence, ...]


class Rival(Struct, frozen=True):
    """One claim of another value.

    Attributes:
        source: Whose it is.
        value: The value.
        agrees: It is the book's present value.
        adopted_by: The later correction that made it so; None if there is none.
    """

    source: Source
    value: Json
    agrees: bool
    adopted_by: int | None


class Conflict(Struct, frozen=True):
    """One member of one entry that is disputed.

    Attributes:
        source: The entry, and whose words it is.
        refs: The references that the entry concerns.
        path: The member.
        signed: Its value as it was signed; None where there is none.
        present: Its value as corrected; None where there is none.
        corrected_by: The standing corrections of the member.
        rivals: The claims, in book order.
    """

    source: Source
    refs: tuple[str, ...]
    path: str
    signed: Json | None
    present: Json | None
    corrected_by: tuple[int, ...]
    rivals: tuple[Rival, ...]


class Uncounted(Struct, frozen=True):
    """An entry that counts for nothing.

    It is only alleged or disputed, or it claims something of an entry that is not here.
    """

    source: Source
    kind: str
    refs: tuple[str, ...]
    data: Mapping[str, Json]


def conflicts(
    history: History,
    seqs: Collection[int],
    *,
    days: Mapping[int, date],
    on: date,
) -> tuple[list[Conflict], list[Uncounted]]:
    """Return what is disputed among some entries, and what counts for nothing.

    Args:
        history: What was read.
        seqs: The entries that are asked about.
        days: The day that an entry is about, where it is about one.
        on: What is about something later is left out.
    """
    claims: dict[tuple[int, str], list[tuple[int, Claim]]] = {}
    uncounted: list[Uncounted] = []
    for seq in sorted(seqs):
        if is_later(history, seq, days=days, on=on):
            continue
        match history.worth(seq):
            case Claim() as claim:
                target = history.resolve(claim.target)
                if target is None or not isinstance(target.record, Fact):
                    # It is of a book that is not here, or has no such fact.
                    uncounted.append(_uncounted(history, seq, claim))
                    continue
                key = (claim.target.seq, claim.path)
                claims.setdefault(key, []).append((seq, claim))
            case (
                Receipt() | Renewal() | Exit() | Recovery() | Instrument() | Payment()
            ) as record:
                if not counts(record.status):
                    uncounted.append(_uncounted(history, seq, record))
            case _:
                pass
    found = [_conflict(history, *key, claims[key]) for key in sorted(claims)]
    return found, uncounted


def _source(seq: int, record: Fact) -> Source:
    day = None if record.occurred is None else record.occurred.text
    evidence = record.evidence or ()
    return Source(seq, record.asserted_by, record.status, day, evidence)


def _uncounted(history: History, seq: int, record: Fact) -> Uncounted:
    entry = history.entries[seq]
    return Uncounted(
        source=_source(seq, record),
        kind=entry.kind,
        refs=history.refs[seq],
        data=history.worth_data(seq),
    )


def _conflict(
    history: History, target: int, path: str, claims: list[tuple[int, Claim]]
) -> Conflict:
    entry = history.entries[target]
    # Another book can claim something of what its own retracts.
    standing = history.worth(target)
    record = standing or entry.record
    assert isinstance(record, Fact)  # noqa: S101 (chosen so)
    present = value_at(history.worth_data(target), path) if standing else None
    changed_by = tuple(
        number
        for number in history.corrections.get(target, ())
        if _touches(history.entries[number].record, path)
    )
    return Conflict(
        source=_source(target, record),
        refs=history.refs[target],
        path=path,
        signed=value_at(entry.data, path),
        present=present,
        corrected_by=changed_by,
        rivals=tuple(_rival(seq, claim, present, changed_by) for seq, claim in claims),
    )


def _rival(
    seq: int, claim: Claim, present: Json | None, changed_by: tuple[int, ...]
) -> Rival:
    agrees = present is not None and (
        canonical.encode(present) == canonical.encode(claim.value)
    )
    later = [number for number in changed_by if number > seq]
    return Rival(
        source=_source(seq, claim),
        value=claim.value,
        agrees=agrees,
        adopted_by=later[-1] if agrees and later else None,
    )


def _touches(record: object, path: str) -> bool:
    """Return whether a correction changes a member, a part of it, or what it is in."""
    return isinstance(record, Correction) and any(
        f"{path}/".startswith(f"{change.path}/")
        or f"{change.path}/".startswith(f"{path}/")
        for change in record.changes
    )
