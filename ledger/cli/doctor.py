"""`doctor`: whether the book, its machine and its keys are as they have to be."""

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import DONE, PROGRAM, answers
from ledger.cli.faults import words
from ledger.cli.main import exit_code
from ledger.cli.options import Globals, in_book
from ledger.cli.progress import ProgressLine
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.cli.words import metavars

if TYPE_CHECKING:
    from ledger.register.checking import Report
    from ledger.register.health import Check

COMMANDS = {
    "recovery-needed": "doctor --recover",
    "book-unopened": "verify",
    "unreadable": "verify",
    "schema-changed": "verify",
    "memory-absent": "verify",
    "memory-unlike": "verify",
    "pending-some": "today",
    "void-some": "today",
    "checkpoint-old": "checkpoint --out FILE",
    "backup-old": "backup FOLDER",
    "backup-never": "backup FOLDER",
    "clerk-keys-none": "key list",
}
"""What to type about what was found."""


def doctor(
    ask: Globals,
    *,
    recover: Annotated[
        bool, typer.Option("--recover", help="option.doctor.recover")
    ] = False,
) -> int:
    """Check the book, the machine and the keys."""
    from ledger.register.health import examine  # noqa: PLC0415 - start-up

    there = places(ask)
    recovered, report = False, None
    if recover:
        from ledger.register.recovering import recover as finish  # noqa: PLC0415 - same

        with ProgressLine(ask, stopped="verify.stopped") as line:
            recovered, report = finish(there, tell=line)
    health = examine(there, now=ask.now)
    codes = [exit_code(c.error) for c in health.checks if c.error is not None]
    code = next((c for c in (_verdict(report), *codes) if c), DONE)
    rows = [_row(ask, check) for check in health.checks]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/doctor/1",
                "book": health.book or None,
                "exit_code": code,
                "recovered": recovered,
                "verify": None
                if report is None
                else {"verdict": report.verdict, "exit_code": report.exit_code},
                "checks": rows,
            },
        )
        return code
    if is_drawn(ask):
        show_lines(
            ask, [line for check in health.checks for line in _lines(ask, check)]
        )
    else:
        names = ("check", "result", "code", "values", "error", "command")
        for row in rows:
            row["values"] = [f"{name}={value}" for name, value in row["values"].items()]
        cells = [answers.cells(row, names) for row in rows]
        show_table(ask, Table([Column(name) for name in names], cells))
    _say(ask, rows, recovered=recovered, report=report)
    return code


def _verdict(report: "Report | None") -> int:
    return DONE if report is None else report.exit_code


def _row(ask: Globals, check: "Check") -> answers.Object:
    command = COMMANDS.get(check.code)
    return {
        "check": check.name,
        "result": check.result,
        "code": check.code,
        "values": dict(check.values),
        "error": None if check.error is None else check.error.code,
        "command": None if command is None else in_book(ask, f"{PROGRAM} {command}"),
    }


def _lines(ask: Globals, check: "Check") -> list[str]:
    """Return a check for people: the word for how it is comes first."""
    values = dict(check.values)
    if check.error is not None:
        values["reason"] = words(ask, check.error)
    result = ask.say(f"doctor.result.{check.result}")
    lines = [f"{result:<5} {ask.say(f'doctor.{check.code}', **values)}"]
    if check.code in COMMANDS:
        command = metavars(ask, f"{PROGRAM} {COMMANDS[check.code]}")
        lines.append(f"      {in_book(ask, command)}")
    return lines


def _say(
    ask: Globals,
    rows: list[answers.Object],
    *,
    recovered: bool,
    report: "Report | None",
) -> None:
    if report is not None:
        talk(ask, "doctor.recovered" if recovered else "doctor.nothing-to-recover")
        talk(ask, f"verify.{report.verdict}", book=report.book, n=report.entries)
    for result in ("bad", "warn"):
        n = sum(row["result"] == result for row in rows)
        if n:
            talk(ask, f"doctor.some-{result}", n=n)
    if all(row["result"] == "ok" for row in rows):
        talk(ask, "doctor.all-well")
