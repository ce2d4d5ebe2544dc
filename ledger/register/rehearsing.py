"""Whether a request could be recorded as things stand: asked before anybody signs."""

from collections.abc import Mapping
from datetime import datetime

from ledger.domain.authority import Role
from ledger.register.importing import Unsigned
from ledger.register.opening import Register, new_once
from ledger.register.writing import prepare
from ledger.tlog.canonical import Json


def rehearse(
    register: Register,
    *,
    kind: str,
    request: Mapping[str, Json],
    role: Role,
    named: str | None,
    now: datetime,
) -> None:
    """Ask every rule about a request; nothing is written and no key is unlocked.

    The book may grow until the request is recorded: then the rules are asked again.

    Args:
        register: The book.
        kind: The kind of entry.
        request: Its data as people give it.
        role: Whose key is to sign.
        named: The key that was asked for, if any.
        now: The clock, UTC, whole seconds.

    Raises:
        RefusedError, NotFoundError: It is impossible, or names what is not there.
        LockedError: There is no such key here.
    """
    prepare(
        register.recall(),
        kind,
        dict(request),
        book=register.journal.book.name,
        signer=Unsigned(register.choose_key(role, named=named)),
        now=now,
        once=new_once(now),
    )
