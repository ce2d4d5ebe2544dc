"""Entries about entries: correct, retract, confirm, acknowledge, recover."""

from typing import Annotated

import typer

from ledger.cli import request as read
from ledger.cli.changing import changes
from ledger.cli.clerk import AssertedBy, Evidence, Once, Remark, Status
from ledger.cli.options import Globals
from ledger.cli.recording import write


def correct(
    ask: Globals,
    target: Annotated[str, typer.Argument(help="argument.target", metavar="REF|ENTRY")],
    *,
    reason: Annotated[str, typer.Option(help="option.reason", metavar="TEXT")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="option.correct.set", metavar="PATH=VALUE"),
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option(help="option.correct.unset", metavar="PATH")
    ] = None,
    once: Once = None,
) -> None:
    """Record that members of an earlier entry were wrong."""
    request: read.Data = {
        "target": target,
        "reason": reason,
        "changes": [*changes(set_ or (), unset or ())],
    }
    write(ask, "correction", request, once=once)


def retract(
    ask: Globals,
    target: Annotated[str, typer.Argument(help="argument.target", metavar="REF|ENTRY")],
    *,
    reason: Annotated[str, typer.Option(help="option.reason", metavar="TEXT")],
    once: Once = None,
) -> None:
    """Record that an earlier entry counts for nothing from now on."""
    request: read.Data = {"target": target, "reason": reason}
    write(ask, "retraction", request, once=once)


def confirm(
    ask: Globals,
    entries: Annotated[
        list[str], typer.Argument(help="argument.confirm", metavar="ENTRY")
    ],
    *,
    text: Annotated[
        str | None, typer.Option(help="option.confirm.text", metavar="TEXT")
    ] = None,
    once: Once = None,
) -> None:
    """Record that an officer vouches for entries of a key that is suspect."""
    request: read.Data = {"targets": list(entries), **read.given(text=text)}
    write(ask, "confirmation", request, once=once)


def recover(
    ask: Globals,
    entry: Annotated[str, typer.Argument(help="argument.recover", metavar="ENTRY")],
    *,
    how: Annotated[str, typer.Option(help="option.recover.how", metavar="HOW")],
    persons: Annotated[str, typer.Option(help="option.recover.persons", metavar="N")],
    at: Annotated[str, typer.Option(help="option.at", metavar="WHEN")],
    split: Annotated[
        list[str] | None, typer.Option(help="option.recover.split", metavar="REF=N")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(help="option.authority", metavar="WHO")
    ] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record that persons who had escaped or were lost are in custody again."""
    request: read.Data = {
        "exit": entry,
        "how": how,
        "persons": read.persons(persons),
        "occurred": read.when(at),
        **read.given(split=read.portions(split or ()) or None, authority=authority),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "recovery", request, once=once)


def acknowledge(
    ask: Globals,
    entries: Annotated[
        list[str], typer.Argument(help="argument.void", metavar="ENTRY")
    ],
    *,
    reason: Annotated[str, typer.Option(help="option.reason", metavar="TEXT")],
    once: Once = None,
) -> None:
    """Record that the state has seen void entries."""
    request: read.Data = {"targets": list(entries), "reason": reason}
    write(ask, "acknowledgement", request, once=once, role="state")
