"""What to type where a book takes no entry: which command is right when, and whole."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli import PROGRAM
from ledger.cli.faults import FORKED, LACKING, words
from ledger.cli.options import Globals, ledger_location
from ledger.cli.recording import places
from ledger.cli.render import tell
from ledger.cli.words import metavars
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.register.readonly import Following


def ways_out(
    ask: Globals, path: Path | None = None, *, forked: bool = False
) -> list[str]:
    """Return the ways out of a book that lacks entries, a sentence and command each.

    Args:
        ask: This run.
        path: Where the book is, if that is not the one which this run is about.
        forked: Two histories of it exist, so that no copy mends it.
    """
    here = ledger_location(ask)
    path = path or here
    named = shlex.quote(str(path))
    at = "" if path == here and ask.ledger is None else f" --ledger {named}"
    made = _following(ask, path)
    parts = {
        "--name": made.name if made else metavars(ask, "NAME"),
        "--state": made.state if made else metavars(ask, "STATE"),
        "--clerk": metavars(ask, "NAME"),
        "--zone": made.zone if made and made.zone else metavars(ask, "ZONE"),
        "--successor-of": named,
    }
    told = " ".join(f"{option} {value}" for option, value in parts.items())
    repair = f"{PROGRAM} repair --from {metavars(ask, 'FILE')}{at}"
    init = f"{PROGRAM} init {metavars(ask, 'DIR')} {told}"
    if forked:
        return [ask.say("ways-out.forked", command=init)]
    return [
        ask.say("ways-out.newer", command=repair),
        ask.say("ways-out.nobody", command=init),
    ]


def say_ways_out(
    ask: Globals, path: Path | None = None, *, forked: bool = False
) -> None:
    """Say the ways out on stderr, unless `--quiet`; the arguments are `ways_out`'s."""
    if not ask.quiet:
        tell(ask, ways_out(ask, path, forked=forked))


def _following(ask: Globals, path: Path) -> "Following | None":
    """Return what the next book is made of; None where this one cannot be opened."""
    from msgspec.structs import replace  # noqa: PLC0415 - start-up

    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.readonly import following  # noqa: PLC0415 - start-up

    try:
        with open_register(replace(places(ask), database=path)) as register:
            return following(register)
    except LedgerError:
        return None


def read_only(ask: Globals, error: LedgerError) -> list[str]:
    """Return what is said first of a book that takes no entry, and what to type."""
    said = ask.say("ways-out.read-only", reason=words(ask, error))
    forked = error.code in FORKED
    told = forked or error.code in LACKING
    return [said, *(ways_out(ask, forked=forked) if told else ())]
