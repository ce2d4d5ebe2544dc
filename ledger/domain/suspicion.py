"""What a key that is lost may not have signed itself: suspect until somebody vouches.

A revoked key can be suspect from a day. What it signed from that day on stands and is
counted, as a state cannot repudiate its past; it is marked as disputed everywhere,
until another officer confirms it with a key that is not suspect itself.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from ledger.domain.history import History, Logged
from ledger.domain.times import day_at


class Suspicion(Struct, frozen=True):
    """An entry that a key signed which was suspect then.

    Attributes:
        seq: The entry.
        key: Name of the key.
        since: The day from which the key is suspect.
        revoked_by: The entry that revoked the key.
        confirmed_by: The entry in which another officer vouches for it; None as long
            as nobody does whose own key is beyond doubt.
    """

    seq: int
    key: str
    since: date
    revoked_by: int
    confirmed_by: int | None


def suspicion_of(history: History, entry: Logged) -> Suspicion | None:
    """Return why an entry is, or was, in doubt; None if it never was.

    Args:
        history: All before and after the entry that concerns it.
        entry: The entry.
    """
    ring, base = history.ring_of(entry.seq)
    standing = ring.signer(entry.by, seq=entry.seq - base)
    if standing is None or standing.suspect_from is None or standing.until is None:
        return None
    # In the office's zone: the day is the one that the office says.
    if day_at(entry.at, history.zone_of(entry.seq)) < standing.suspect_from:
        return None
    vouching = (history.entries.get(n) for n in history.confirmed.get(entry.seq, ()))
    confirmed = [e.seq for e in vouching if e and not is_suspect(history, e)]
    return Suspicion(
        seq=entry.seq,
        key=entry.by,
        since=standing.suspect_from,
        revoked_by=base + standing.until - 1,
        confirmed_by=min(confirmed, default=None),
    )


def is_suspect(history: History, entry: Logged) -> bool:
    """Return whether an entry is in doubt now: nobody has vouched for it."""
    found = suspicion_of(history, entry)
    return found is not None and found.confirmed_by is None


def suspects(history: History, seqs: Iterable[int] | None = None) -> list[Suspicion]:
    """Return the entries that are in doubt now, in their order.

    Args:
        history: What was read.
        seqs: The entries that are asked about; all if none are named.
    """
    standings = (s for ring in history.rings() for s in ring.standings)
    if all(standing.suspect_from is None for standing in standings):
        return []
    asked = history.entries if seqs is None else seqs
    found = (history.entries.get(seq) for seq in sorted(asked))
    doubts = (suspicion_of(history, entry) for entry in found if entry)
    return [each for each in doubts if each and each.confirmed_by is None]
