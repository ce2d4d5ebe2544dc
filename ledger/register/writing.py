"""Recording an entry: under one lock, exactly once, and said what came of it.

The order of effects: unlock the key (the caller) → lock → settle what is pending →
read what the rules need, once → rules → remember the chosen id → sign → insert →
select back → project → commit → remember how far the book came → forget the id.
A crash between commit and answer leaves the id behind; the next run finds the entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ledger.domain.entering import check, complete, named_refs_of
from ledger.domain.history import History, Logged, own_refs
from ledger.domain.rules import refusals
from ledger.domain.schemas import ROLES, read_record
from ledger.domain.values import parse_ref_or_entry
from ledger.errors import (
    LockedError,
    NotPermittedError,
    RefusedError,
    UnknownOutcomeError,
)
from ledger.register.opening import Register, new_once
from ledger.store.intake import project, take_in
from ledger.store.pending import request_digest
from ledger.store.recall import Recall
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry, format_instant
from ledger.tlog.note import Signer


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a request.

    Attributes:
        entry: The entry that holds it.
        size: Number of entries of the book.
        root: Root of their tree, 32 bytes.
        repeated: It had been recorded before; nothing was written now.
        found: Earlier requests that turned out to be recorded, by entry number.
        lost: Earlier requests that turned out not to be recorded, by kind.
        at_moved: The clock was behind the book; the entry carries the book's time.
    """

    entry: Logged
    size: int
    root: bytes
    repeated: bool = False
    found: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    at_moved: bool = False

    @property
    def ref(self) -> str | None:
        """Return the reference that the entry gave, if it gave one."""
        refs = own_refs(self.entry.record)
        return refs[0] if refs else None


@dataclass(slots=True)
class _Settled:
    once: str | None = None
    same: Logged | None = None
    found: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)


def append(
    register: Register,
    *,
    kind: str,
    request: Mapping[str, Json],
    signer: Signer,
    now: datetime,
    once: str | None = None,
) -> Recorded:
    """Record a request as the next entry of the book.

    Args:
        register: The book, opened for writing.
        kind: The kind of entry.
        request: Its data as people give it; see `ledger.domain.entering`.
        signer: The unlocked key.
        now: The clock, UTC, whole seconds.
        once: The client-made id, if the caller keeps its own.

    Raises:
        RefusedError: If the request is impossible or deceptive; nothing is written.
        BusyError: If another clerk writes for longer than 10 s.
        LockedError: If the key may not sign such an entry now.
        UnknownOutcomeError: If the entry may or may not have been recorded.
        RewrittenError: If the book is shorter than this user remembers.
        NotPermittedError: If a disk is full or may not be written; nothing is written.
    """
    wanted = dict(request)
    digest = request_digest(kind=kind, key=signer.key.name, request=wanted)
    try:
        recorded, done = _under_lock(
            register, kind, wanted, digest, signer=signer, now=now, once=once
        )
    except OSError as error:
        raise NotPermittedError("store.disk", code=error.errno or 0) from error
    try:
        register.remember(recorded.size, recorded.root)
        for name in done:
            register.pending.drop(name)
    except (OSError, NotPermittedError) as error:
        # It is recorded; who runs the same again is told so.
        raise UnknownOutcomeError("store.memory-unknown") from error
    return recorded


def _under_lock(
    register: Register,
    kind: str,
    wanted: dict[str, Json],
    digest: str,
    *,
    signer: Signer,
    now: datetime,
    once: str | None,
) -> tuple[Recorded, set[str]]:
    """Return what came of a request, and the pending requests that are settled."""
    journal = register.journal
    with journal.writing():
        register.check_memory()
        register.taken_in.extend(take_in(journal))
        settled = _settle(register, digest, once=once)
        if settled.same is None and once is not None:
            settled.same = _with_once(register, once, kind=kind, request=wanted)
        if settled.same is not None:
            recorded = _found(register, settled.same, settled)
        else:
            chosen = once or settled.once or new_once(now)
            entry, at_moved = _prepare(
                register, kind, wanted, signer=signer, now=now, once=chosen
            )
            if digest in settled.drop and settled.once is None:
                # The same was asked for under another id, which is settled.
                register.pending.drop(digest)
            register.pending.keep(
                digest, once=chosen, kind=kind, at=format_instant(now)
            )
            note = entry.sign(signer)
            root = journal.append(seq=entry.seq, once=chosen, note=note)
            logged = Logged(
                seq=entry.seq,
                leaf=merkle.leaf_hash(note),
                at=entry.at,
                kind=kind,
                by=entry.by,
                once=chosen,
                data=entry.data,
                record=read_record(kind, entry.data),
            )
            project(journal, logged)
            recorded = Recorded(
                entry=logged,
                size=entry.seq + 1,
                root=root,
                found=tuple(settled.found),
                lost=tuple(settled.lost),
                at_moved=at_moved,
            )
    return recorded, {digest, *settled.drop}


def _settle(register: Register, digest: str, *, once: str | None) -> _Settled:
    """Say of every pending request whether it was recorded."""
    settled = _Settled()
    for pending in register.pending.list():
        entry = _entry_of_once(register, pending.once)
        settled.drop.append(pending.digest)
        same = pending.digest == digest and once in {None, pending.once}
        if entry is not None and same:
            settled.same = entry
        elif entry is not None:
            settled.found.append(entry.seq)
        elif same:
            settled.once = pending.once
        else:
            settled.lost.append(pending.kind)
    return settled


def _entry_of_once(register: Register, once: str) -> Logged | None:
    """Return the valid entry that carries a client-made id, if there is one."""
    recall = register.recall()
    for seq in register.journal.seqs_of_once(once):
        entry = recall.entry(seq)
        # What stands beside a void entry, or was written there later, counts not.
        if entry is not None and entry.once == once:
            return entry
    return None


def _with_once(
    register: Register, once: str, *, kind: str, request: dict[str, Json]
) -> Logged | None:
    """Return the entry of an id that the caller chose, if it holds this request.

    Raises:
        RefusedError: If it holds another one.
    """
    entry = _entry_of_once(register, once)
    if entry is None:
        return None
    if entry.kind == kind:
        history = _history(Recall(register.journal, before=entry.seq), kind, request)
        if complete(kind, request, history=history) == dict(entry.data):
            return entry
    raise RefusedError("once.other-request", seq=entry.seq)


def _found(register: Register, entry: Logged, settled: _Settled) -> Recorded:
    size = register.journal.size()
    return Recorded(
        entry=entry,
        size=size,
        root=register.journal.root(size),
        repeated=True,
        found=tuple(settled.found),
        lost=tuple(settled.lost),
    )


def _history(recall: Recall, kind: str, request: Mapping[str, Json]) -> History:
    """Return the history that a request names."""
    refs: set[str] = set()
    seqs: set[int] = set()
    for name in named_refs_of(kind, request):
        named = parse_ref_or_entry(name)
        if isinstance(named, int):
            seqs.add(named)
            refs.update(recall.refs_of(named))
        else:
            refs.add(named.local)
    return recall.history(refs, seqs=seqs)


def _prepare(
    register: Register,
    kind: str,
    request: dict[str, Json],
    *,
    signer: Signer,
    now: datetime,
    once: str,
) -> tuple[Entry, bool]:
    """Return the entry to be signed, if every rule allows it."""
    recall = register.recall()
    data = complete(kind, request, history=_history(recall, kind, request))
    check(data, now=now)
    record = read_record(kind, data)
    history = recall.history_for(record, once=once)
    head = history.head
    key, role = signer.key, ROLES[kind]
    standing = history.ring.find(name=key.name, key_id=key.key_id, seq=head.size)
    if standing is None or standing.role != role:
        # It may have been retired since it was chosen and unlocked.
        raise LockedError("keys.not-active", role=role)
    at = now if head.at is None else max(now, head.at)
    trial = Logged(
        seq=head.size,
        leaf=bytes(merkle.HASH_SIZE),
        at=at,
        kind=kind,
        by=signer.key.name,
        once=once,
        data=data,
        record=record,
    )
    found = refusals(history, trial)
    if found:
        raise RefusedError.many(found)
    entry = Entry(
        ledger=register.journal.book.name,
        seq=head.size,
        prev=head.leaf,
        at=at,
        kind=kind,
        once=once,
        by=signer.key.name,
        data=data,
    )
    return entry, at != now
