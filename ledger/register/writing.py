"""Recording an entry: under one lock, exactly once, and said what came of it.

The order of effects: unlock the key (the caller) → lock → settle what is pending →
read what the rules need, once → rules → sign → remember the chosen id → insert →
select back → project → commit → remember how far the book came → answer (the caller)
→ forget the id. A crash before the answer leaves the id behind; the next run finds the
entry. Whoever calls `append` answers whoever asked, and calls `acknowledge` then.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from ledger.domain.entering import check, complete, named_refs_of
from ledger.domain.history import History, Logged, own_refs
from ledger.domain.naming import parts_exist
from ledger.domain.recognising import recognised_once
from ledger.domain.rules import refusals
from ledger.domain.schemas import ROLES, read_record
from ledger.domain.values import parse_ref_or_entry
from ledger.errors import (
    LedgerError,
    LockedError,
    NotPermittedError,
    RefusedError,
    TamperedError,
    UnknownOutcomeError,
)
from ledger.register.citing import faults_beside
from ledger.register.mirrored import reading
from ledger.register.opening import Register, new_once
from ledger.store.intake import project, take_in
from ledger.store.joined import JoinedRecall
from ledger.store.pending import request_digest
from ledger.store.recall import Recall
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry, format_instant
from ledger.tlog.note import Signer


class Recorded(Struct, frozen=True):
    """What came of a request.

    Attributes:
        entry: The entry that holds it.
        size: Number of entries of the book.
        root: Root of their tree, 32 bytes.
        repeated: It had been recorded before; nothing was written now.
        found: Earlier requests that turned out to be recorded, by entry number.
        lost: Earlier requests that turned out not to be recorded, by kind.
        at_moved: The clock was behind the book; the entry carries the book's time.
        digest: Hash of the request, by which it is kept until `acknowledge`.
        others: Hashes of the earlier requests, which are kept until then as well.
    """

    entry: Logged
    size: int
    root: bytes
    repeated: bool = False
    found: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    at_moved: bool = False
    digest: str = ""
    others: frozenset[str] = frozenset()

    @property
    def ref(self) -> str | None:
        """Return the reference that the entry gave, if it gave one."""
        refs = own_refs(self.entry.record)
        return refs[0] if refs else None


class _Settled(Struct):
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

    Until the answer is acknowledged, the same request is answered with the same entry.

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
    recorded = _under_lock(
        register, kind, wanted, digest, signer=signer, now=now, once=once
    )
    try:
        register.remember(recorded.size, recorded.root)
    except (LedgerError, OSError) as error:
        # It is recorded; who runs the same again is told so.
        raise UnknownOutcomeError("store.memory-unknown") from error
    return recorded


def acknowledge(register: Register, recorded: Recorded, *, others: bool = True) -> None:
    """Forget a request: whoever asked has been told what came of it.

    To be called once the answer is out of this program's hands, and not before: the
    same request after this is a new one.

    Args:
        register: The book.
        recorded: What came of the request.
        others: Whether what came of the earlier ones has been told as well.

    Raises:
        UnknownOutcomeError: If it cannot be forgotten; the same request is answered
            with the same entry once more.
    """
    try:
        for digest in (recorded.digest, *(recorded.others if others else ())):
            register.pending.drop(digest)
    except (NotPermittedError, TamperedError) as error:
        raise UnknownOutcomeError("store.memory-unknown") from error


def _under_lock(
    register: Register,
    kind: str,
    wanted: dict[str, Json],
    digest: str,
    *,
    signer: Signer,
    now: datetime,
    once: str | None,
) -> Recorded:
    """Return what came of a request, committed."""
    journal = register.journal
    with journal.writing():
        register.check_memory()
        register.taken_in.extend(take_in(journal))
        settled = _settle(register, digest, once=once)
        if settled.same is None and once is not None:
            settled.same = _with_once(register, once, kind=kind, request=wanted)
        if settled.same is not None:
            return _found(register, settled.same, settled, digest=digest)
        chosen = once or settled.once or new_once(now)
        prepared = prepare(
            register.recall(),
            kind,
            wanted,
            book=journal.book.name,
            signer=signer,
            now=now,
            once=chosen,
            beside=reading(register).recall,
        )
        entry = prepared.entry
        note = entry.sign(signer)
        if digest in settled.drop and settled.once is None:
            # The same was asked for under another id, which is settled.
            register.pending.drop(digest)
        try:
            register.pending.keep(
                digest, once=chosen, kind=kind, at=format_instant(now)
            )
            logged, root = _insert(register, prepared, note)
        except LedgerError:
            # It is certain that nothing is recorded, so nothing is left to settle.
            register.pending.drop(digest)
            raise
        return Recorded(
            entry=logged,
            size=entry.seq + 1,
            root=root,
            found=tuple(settled.found),
            lost=tuple(settled.lost),
            at_moved=prepared.at_moved,
            digest=digest,
            others=frozenset(settled.drop) - {digest},
        )


def _insert(
    register: Register, prepared: "Prepared", note: bytes
) -> tuple[Logged, bytes]:
    """Write a signed entry and what follows from it; return it and the new root."""
    journal, entry = register.journal, prepared.entry
    root = journal.append(seq=entry.seq, once=entry.once, note=note)
    logged = Logged(
        seq=entry.seq,
        leaf=merkle.leaf_hash(note),
        at=entry.at,
        kind=entry.kind,
        by=entry.by,
        once=entry.once,
        data=entry.data,
        record=read_record(entry.kind, entry.data),
    )
    # Under one lock nothing came in since it was read.
    project(journal, logged, history=prepared.history)
    return logged, root


def _settle(register: Register, digest: str, *, once: str | None) -> _Settled:
    """Say of every pending request whether it was recorded.

    One that another program has yet to answer is that program's to settle, unless it
    is the same as this one: nothing is recorded twice because two asked at once.
    """
    settled = _Settled()
    for pending in register.pending.list():
        others = pending.digest != digest
        if others and register.pending.is_another_programs(pending.digest):
            continue
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
        before = reading(register, before=entry.seq).recall
        history = _history(before, kind, request)
        if complete(kind, request, history=history) == dict(entry.data):
            return entry
    raise RefusedError("once.other-request", seq=entry.seq)


def _found(
    register: Register, entry: Logged, settled: _Settled, *, digest: str
) -> Recorded:
    size = register.journal.size()
    return Recorded(
        entry=entry,
        size=size,
        root=register.journal.root(size),
        repeated=True,
        found=tuple(settled.found),
        lost=tuple(settled.lost),
        digest=digest,
        others=frozenset(settled.drop) - {digest},
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
            refs.add(recall.ref_named(named))
    return recall.history(refs, seqs=seqs)


class Prepared(Struct, frozen=True):
    """An entry that every rule allows, not signed yet.

    Attributes:
        entry: What is to be signed.
        history: All before it that can concern it.
        at_moved: The clock was behind the book; the entry carries the book's time.
    """

    entry: Entry
    history: History
    at_moved: bool


def prepare(
    recall: Recall,
    kind: str,
    request: dict[str, Json],
    *,
    book: str,
    signer: Signer,
    now: datetime,
    once: str,
    beside: Recall | None = None,
) -> Prepared:
    """Return the entry to be signed, if every rule allows it.

    Args:
        recall: Reads the own book.
        kind: The kind of entry.
        request: Its data as people give it.
        book: The own book's name.
        signer: The key that is to sign.
        now: The clock, UTC, whole seconds.
        once: The client-made id.
        beside: Reads the own book and its mirrors, where there are any: what is cited
            there is judged by it.

    Raises:
        RefusedError, NotFoundError: If it is impossible, or names what is not there.
        LockedError: If the key may not sign such an entry now.
    """
    named = _history(beside or recall, kind, request)
    data = complete(kind, request, history=named)
    check(kind, data, now=now, history=named)
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
    found = refusals(history, trial) or [
        *parts_exist(history, trial),
        *recognised_once(history, trial),
    ]
    if not found and isinstance(beside, JoinedRecall):
        found = faults_beside(beside, trial)
    if found:
        raise RefusedError.many(found)
    entry = Entry(
        ledger=book,
        seq=head.size,
        prev=head.leaf,
        at=at,
        kind=kind,
        once=once,
        by=signer.key.name,
        data=data,
    )
    return Prepared(entry, history, at != now)
