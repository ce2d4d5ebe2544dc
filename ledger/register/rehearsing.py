"""Whether a request could be recorded as things stand: asked before anybody signs."""

from collections.abc import Mapping
from datetime import datetime

from ledger.domain.authority import Role
from ledger.domain.consequences import Shortened, shortened_by
from ledger.domain.entries import Logged
from ledger.domain.records import Renewal
from ledger.domain.schemas import read_record
from ledger.register.importing import Unsigned
from ledger.register.opening import Register, new_once
from ledger.register.writing import Prepared, prepare
from ledger.tlog.canonical import Json
from ledger.tlog.merkle import HASH_SIZE


def rehearse(
    register: Register,
    *,
    kind: str,
    request: Mapping[str, Json],
    role: Role,
    named: str | None,
    now: datetime,
) -> tuple[Shortened, ...]:
    """Ask every rule about a request; nothing is written and no key is unlocked.

    The book may grow until the request is recorded: then the rules are asked again.

    Args:
        register: The book.
        kind: The kind of entry.
        request: Its data as people give it.
        role: Whose key is to sign.
        named: The key that was asked for, if any.
        now: The clock, UTC, whole seconds.

    Returns:
        Whose terms it would shorten, if it is a renewal.

    Raises:
        RefusedError, NotFoundError: It is impossible, or names what is not there.
        LockedError: There is no such key here.
    """
    prepared = prepare(
        register.recall(),
        kind,
        dict(request),
        book=register.journal.book.name,
        signer=Unsigned(register.choose_key(role, named=named)),
        now=now,
        once=new_once(now),
    )
    return _shortened(prepared)


def _shortened(prepared: Prepared) -> tuple[Shortened, ...]:
    entry = prepared.entry
    record = read_record(entry.kind, entry.data)
    if not isinstance(record, Renewal):
        return ()
    trial = Logged(
        seq=entry.seq,
        leaf=bytes(HASH_SIZE),
        at=entry.at,
        kind=entry.kind,
        by=entry.by,
        once=entry.once,
        data=entry.data,
        record=record,
    )
    after = prepared.history.with_entry(trial)
    return shortened_by(after, after.refs[entry.seq], entry.seq)
