"""What the check of one file came to, as it is shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ledger.cli import answers
from ledger.cli.lines import reason
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn, one_row, show_json, show_lines, show_table, talk

if TYPE_CHECKING:
    from ledger.exchange.card import OpenedCard

LARGEST_FILE = 64 * 1024 * 1024
"""Octets of a file that is read whole; a longer one is refused unread."""


def show_checked(
    ask: Globals,
    what: str,
    answer: answers.Object,
    *,
    why: Mapping[str, str | int] | None = None,
    **values: str | int,
) -> None:
    """Show what a check came to: a sentence; in a pipe, a row too.

    Args:
        ask: This run.
        what: What was checked.
        answer: What it came to.
        why: What fills the sentence of the code in it.
        values: What fills the sentence of the verdict in it.
    """
    key = f"verify-{what}.{answer['verdict']}"
    if ask.json:
        show_json(ask, {"schema": f"transfer-ledger/verify-{what}/1", **answer})
        return
    if is_drawn(ask):
        show_lines(ask, [ask.say(key, **values)])
    else:
        cells = {
            name: None if value == "" else value
            for name, value in answer.items()
            if not isinstance(value, list)
        }
        show_table(ask, one_row(cells))
        talk(ask, key, **values)
    if answer["code"] not in {None, "summary.other-signer"}:
        told = reason(ask, answer["code"], {**values, **(why or {})})
        talk(ask, "verify-file.why", reason=told)


def say_card(ask: Globals, card: "OpenedCard | None") -> None:
    """Say on which card an answer rests, if on one."""
    if card is not None and not ask.json:
        talk(ask, "verify-file.card", fingerprint=card.fingerprint)
