"""What other states saw of a book: the levels `cosignatures` and `time`.

A cosignature shows that a state had mirrored so many entries at that time: whoever
rewrites them later is found out by it. A seal puts it into the tree, and so bounds the
times of the entries on both sides: those that it covers are not later than the
cosignature, and the seal and all after it are not earlier.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.witnessing import Seal
from ledger.errors import LedgerError, MalformedError, SignatureError, TamperedError
from ledger.exchange.card import Card
from ledger.register.answering import cosigners, witnesses_of
from ledger.register.levels import Work, compare_root
from ledger.register.mirroring import TOLERANCE
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.store.recall import Recall, read_entry
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.entry import format_instant
from ledger.tlog.note import Note, VerifyKey


class Witnessed(Struct, frozen=True):
    """How far other states vouch for a book.

    Attributes:
        size: The largest cosigned checkpoint; 0 for none.
        by: Names of the witness keys that cosigned it.
        sealed: The largest checkpoint in a seal that they cosigned; 0 for none.
        since: When the first entry beyond `size` was recorded; None for none, or
            where it cannot be read.
    """

    size: int = 0
    by: tuple[str, ...] = ()
    sealed: int = 0
    since: datetime | None = None


def check_peer_cards(journal: Journal, cards: Iterable[Card]) -> None:
    """Refuse cards of books that have nothing to do with this one.

    Raises:
        MalformedError: The book neither trusts such a peer, nor did it cosign; or the
            card is of another history than the peer's.
    """
    strangers = list(cards)
    if not strangers:
        return
    try:
        peers = dict(Recall(journal).history(()).peers)
        notes = [note for _, note in journal.checkpoints()]
    except LedgerError:
        return  # the verification says what is wrong
    lines: set[tuple[str, bytes]] = set()
    for note in notes:
        try:
            signatures = Note.parse(note).signatures
        except MalformedError:
            continue
        lines.update((line.name, line.key_id) for line in signatures)
    for card in strangers:
        keys = {(key.name, key.key_id) for key in card.of_role("witness")}
        if keys & lines:
            continue
        if card.book not in peers:
            raise MalformedError("verify.card-of-another-book")
        if card.genesis != peers[card.book].genesis:
            raise MalformedError("verify.card-other-genesis", book=card.book)


def witness_keys(
    work: Work, *, own: Journal, cards: Sequence[Card]
) -> tuple[VerifyKey, ...]:
    """Return the keys whose cosignatures count.

    Those of the cards that the caller trusts; without one, those of the peers that the
    book itself recorded. Of a mirror it is the own state that cosigns.
    """
    if cards:
        return tuple(key for card in cards for key in card.of_role("witness"))
    if work.journal is not own:
        ring = Recall(own).history(()).ring
        return tuple(s.key for s in ring.standings if s.role == "witness")
    peers = sorted(work.audit.history.peers.items())
    return tuple(
        key for name, peer in peers for key in witnesses_of(peer, mirror_of(own, name))
    )


def compare_witnesses(work: Work, keys: Sequence[VerifyKey]) -> Witnessed:
    """Check every cosignature, kept or sealed, and the times around each seal."""
    found: list[tuple[int, str]] = []
    for checkpoint, note in work.kept:
        found += [
            (checkpoint.size, name) for name, _ in _cosigned(work, None, note, keys)
        ]
    sealed = 0
    for seq in work.seals:
        record = work.audit.history.entries[seq].record
        assert isinstance(record, Seal)  # noqa: S101 (of that list)
        note = record.note
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        times = _cosigned(work, seq, note, keys)
        if not times or not compare_root(work, checkpoint.size, checkpoint.root):
            continue
        found += [(checkpoint.size, name) for name, _ in times]
        sealed = max(sealed, checkpoint.size)
        _compare_times(work, seq, checkpoint.size, [at for _, at in times])
    size = max((size for size, _ in found), default=0)
    size = min(size, work.size)
    work.done.add("witnesses")
    return Witnessed(
        size,
        by=tuple(sorted({name for each, name in found if each == size})),
        sealed=sealed,
        since=_recorded_at(work, size),
    )


def _cosigned(
    work: Work, seq: int | None, note: bytes, keys: Sequence[VerifyKey]
) -> list[tuple[str, datetime]]:
    """Return who cosigned a checkpoint, and when; note the lines that do not hold."""
    found = []
    for key in keys:
        try:
            lines = cosigners(note, [key])
        except (SignatureError, MalformedError):
            work.add(seq, "cosignatures", "cosignature-bad", field=key.name)
            continue
        found += [(line.name, at) for line, at in lines]
    return found


def _compare_times(work: Work, seq: int, size: int, times: Sequence[datetime]) -> None:
    """Compare the times on both sides of a seal with its cosignatures."""
    entries = work.audit.history.entries
    last = next((e for n in range(size - 1, -1, -1) if (e := entries.get(n))), None)
    if last is not None and last.at > min(times) + TOLERANCE:
        work.add(
            last.seq,
            "time",
            "later-than-seal",
            field="at",
            expected=format_instant(min(times)),
            found=format_instant(last.at),
        )
    at = entries[seq].at
    if at < max(times) - TOLERANCE:
        work.add(
            seq,
            "time",
            "earlier-than-seal",
            field="at",
            expected=format_instant(max(times)),
            found=format_instant(at),
        )


def _recorded_at(work: Work, size: int) -> datetime | None:
    """Return when the first valid entry from a number on was recorded."""
    for seq in range(size, work.size):
        try:
            row = work.journal.row(seq)
            return None if row is None else read_entry(row).at
        except TamperedError:
            continue  # a void one has no time of its own
    return None
