"""Asking whether a damaged file may be moved aside, with its damage said first."""

from typing import TYPE_CHECKING

from ledger.cli import PROGRAM
from ledger.cli.faults import words
from ledger.cli.options import Globals, confirm
from ledger.cli.render import talk, tell
from ledger.cli.verified_lines import finding_sentence
from ledger.errors import LedgerError, RefusedError

if TYPE_CHECKING:
    from ledger.register.opening import Places

SHOWN = 5
"""Findings that are said of a damaged file; `verify` says all."""


def may_move(ask: Globals, there: "Places", question: str) -> bool:
    """Return whether a person lets a damaged file be moved aside.

    Args:
        ask: This run.
        there: Where the file is.
        question: A key of the catalogue.

    Raises:
        RefusedError: Nobody may be asked, and nobody said yes beforehand.
    """
    if not ask.yes:
        _say_damage(ask, there)
    if not ask.yes and not ask.can_ask:
        raise RefusedError("care.needs-yes", path=str(there.database))
    return confirm(ask, question)


def _say_damage(ask: Globals, there: "Places") -> None:
    from ledger.register.checking import verify  # noqa: PLC0415 - start-up

    try:
        report = verify(there)
    except LedgerError as error:
        tell(ask, [words(ask, error)])
        return
    for finding in report.findings[:SHOWN]:
        key, said = finding_sentence(ask, finding)
        talk(ask, key, **said)
    more = len(report.findings[SHOWN:])
    if more:
        command = f"{PROGRAM} verify --all"
        talk(ask, "care.more-damage", n=more, command=command)
