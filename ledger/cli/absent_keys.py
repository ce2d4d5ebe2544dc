"""Work that goes on without a key: which one, where it is sought, what to type."""

from typing import TYPE_CHECKING

from ledger.cli.faults import words
from ledger.cli.options import Globals
from ledger.cli.render import talk, tell
from ledger.errors import LockedError

if TYPE_CHECKING:
    from ledger.domain.authority import Role
    from ledger.register.opening import Register

ABSENT = frozenset(
    ("keys.none-of-role", "keys.no-log-key", "keys.no-such-key", "keys.no-passphrase")
)
"""Errors of a key that is not at hand; any other one is a failure."""


def say_absent(
    ask: Globals, register: "Register", role: "Role", error: LockedError, *, said: str
) -> None:
    """Say what is done without a key, and how to have it at hand the next time.

    Args:
        ask: This run.
        register: The book.
        role: The key's role.
        error: Why it is not at hand.
        said: The sentence of what is done without it.
    """
    from ledger.register.opening import ring_of  # noqa: PLC0415 - start-up

    talk(ask, said)
    ring, size = ring_of(register)
    keys = ", ".join(standing.key.name for standing in ring.active(role, seq=size))
    reason, folder = words(ask, error), str(register.places.keys)
    if keys:
        talk(ask, "keys.sought", keys=keys, folder=folder, reason=reason)
    elif not ask.quiet:
        tell(ask, [reason])
