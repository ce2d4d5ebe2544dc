"""`today`: what the office has to do now, with the command to type for each line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import DUE, PROGRAM, answers
from ledger.cli.asked import (
    ExitCode,
    KnownOn,
    On,
    complete_under,
    day,
    days_ahead,
    known,
    known_text,
)
from ledger.cli.options import Globals, in_book
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
    tell,
)
from ledger.cli.words import metavars
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.domain.flows import Range
    from ledger.register.duties import Duties, Duty

FULL = (
    "urgency",
    "task",
    "ref",
    "entry",
    "persons_min",
    "persons_max",
    "persons_qualifier",
    "n",
    "day",
    "days",
    "notice_by",
    "detail",
    "command",
)
NUMBERS = frozenset(("urgency", "entry", "persons_min", "persons_max", "n", "days"))
SHOWN = 20
"""Lines of one kind that a person is shown; all are in every other form."""

VERB_OF = {
    "transfer": "record",
    "receipt": "receive",
    "renewal": "renew",
    "exit": "end",
    "recovery": "recover",
    "payment": "pay",
    "instrument": "instrument",
    "claim": "claim",
    "remark": "remark",
    "correction": "correct",
    "retraction": "retract",
    "confirmation": "confirm",
    "acknowledgement": "acknowledge",
    "key": "key",
    "approval": "key approve",
    "peer": "peer add",
    "seal": "sync",
}
"""The verb that records each kind of entry."""

COMMANDS: Mapping[str, str] = {
    "unaccounted": "explain {ref}",
    "overdue": "renew {ref} --for LENGTH --persons {n} --agreed-on DATE",
    "no-authority": "renew {ref} --until DATE --persons {n} --agreed-on DATE",
    "due": "renew {ref} --for LENGTH --persons {n} --agreed-on DATE",
    "unanswered": "sync",
    "unacknowledged": "prove {ref} --out {ref}.proofs",
    "pending": "{verb} …",
    "variance": "explain {ref}",
    "void": "acknowledge {seq} --reason TEXT",
    "doubt": "confirm {seqs} --text TEXT",
    "consent": "key approve {seq}",
    "histories": "verify --book {book}",
    "mirror": "sync",
    "uncosigned": "sync",
    "checkpoint": "checkpoint --out FILE",
    "backup": "backup FOLDER",
}
"""What to type for each kind of work."""


def today(
    ask: Globals,
    *,
    on: On = None,
    known_on: KnownOn = None,
    within: Annotated[
        str, typer.Option(help="option.due.within", metavar="DAYS")
    ] = "90d",
    exit_code: ExitCode = False,
) -> int | None:
    """Show what is to be done now, the most urgent first."""
    from ledger.register.duties import duties  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.readonly import why_read_only  # noqa: PLC0415 - start-up

    asked, span, as_known = day(ask, on), days_ahead(within), known(known_on)
    with open_register(places(ask), known_on=as_known) as register:
        found = duties(register, on=asked, within=span)
        book = register.journal.book.name
        closed = why_read_only(register)
    ask = ask.over(found.books)
    rows = [_row(ask, duty) for duty in found.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/today/1",
                "book": book,
                "on": asked.isoformat(),
                "known_on": known_text(as_known),
                "within_days": span,
                "read_only": None if closed is None else closed.code,
                "duties": rows,
                "complete_under": answers.heads(found.heads),
            },
        )
    else:
        if closed is not None:
            _say_read_only(ask, closed)
        if is_drawn(ask):
            show_lines(ask, _drawn(ask, found, book=book))
        else:
            columns = [Column(n, "right" if n in NUMBERS else "left") for n in FULL]
            show_table(ask, Table(columns, [answers.cells(row, FULL) for row in rows]))
            key = "today.some" if rows else "today.nothing"
            talk(ask, key, n=len(rows), book=book, on=asked.isoformat())
        complete_under(ask, found.heads, known_on=as_known)
    return DUE if exit_code and rows else None


def _say_read_only(ask: Globals, error: LedgerError) -> None:
    """Say before all else that no entry can be recorded, and what to type."""
    from ledger.cli.ways_out import read_only  # noqa: PLC0415 - seldom needed

    lines = read_only(ask, error)
    if is_drawn(ask):
        show_lines(ask, [*lines, ""])
    elif not ask.quiet:
        tell(ask, lines)


def _row(ask: Globals, duty: "Duty") -> answers.Object:
    from ledger.register.duties import TASKS  # noqa: PLC0415 - start-up

    return {
        "urgency": TASKS.index(duty.task) + 1,
        "task": duty.task,
        "ref": duty.ref,
        "entry": duty.seq,
        **answers.maybe_bounds("persons", duty.persons),
        "n": duty.n,
        "day": None if duty.day is None else duty.day.isoformat(),
        "days": duty.days,
        "notice_by": None if duty.notice_by is None else duty.notice_by.isoformat(),
        "detail": duty.detail or None,
        "command": in_book(ask, _command(ask, duty)),
    }


def _command(ask: Globals, duty: "Duty") -> str:
    return str(ask.at_home(command(duty)))


def command(duty: "Duty") -> str:
    """Return what to type for a duty; what only people know is in capitals."""
    n = "N" if duty.persons is None else spelled(duty.persons)
    # Who comes is counted anew, and exactly.
    counted = n if n.isdigit() else "N"
    ref, seq, verb = duty.ref, duty.seq, VERB_OF.get(duty.detail, "help")
    seqs = " ".join(map(str, duty.seqs[:SHOWN]))
    match duty.task:
        case "overdue" | "due" if duty.renewable == "no":
            rest = f"end {ref} --how HOW --persons {n} --at WHEN"
        case "variance" if duty.detail == "remark":
            rest = f"remark {ref} --type variance --resolves {seq} --text TEXT"
        case "unacknowledged" if "@" in str(ref):
            rest = f"receive {ref} --arrived WHEN --persons {counted}"
        case "pending" if seq is not None:
            rest = f"show {seq}"
        case "not-received":
            rest = f"receive {ref} --arrived WHEN --persons {counted}"
        case task:
            rest = COMMANDS[task].format(
                ref=ref, seq=seq, n=n, verb=verb, book=duty.detail, seqs=seqs
            )
    return f"{PROGRAM} {rest}"


def spelled(persons: "Range") -> str:
    """Return a number as it is typed: `100`, `about:100`."""
    from ledger.domain.values import spell_persons  # noqa: PLC0415 - start-up

    return spell_persons(persons.most, persons.qualifier)


def _drawn(ask: Globals, found: "Duties", *, book: str) -> list[str]:
    """Return the answer for people: a heading a kind, a sentence and a command each.

    No table: commands are to be copied whole, and a screen reader reads line by line.
    """
    on = found.on.isoformat()
    if not found.lines:
        return [ask.say("today.nothing", book=book, on=on)]
    lines = [ask.say("today.some", book=book, on=on, n=len(found.lines))]
    for task in dict.fromkeys(duty.task for duty in found.lines):
        alike = [duty for duty in found.lines if duty.task == task]
        lines += ["", ask.say(f"today.head.{task}")]
        for duty in alike[:SHOWN]:
            lines += [
                f"  {sentence(ask, duty)}",
                f"    {in_book(ask, metavars(ask, _command(ask, duty)))}",
            ]
        if more := len(alike[SHOWN:]):
            lines.append(f"  {ask.say('today.more', n=more)}")
    return [*lines, ""]


def sentence(ask: Globals, duty: "Duty") -> str:
    """Return a duty in words."""
    key = f"today.{duty.task}"
    values: dict[str, str | int] = {
        "ref": duty.ref or "",
        "seq": duty.seq or 0,
        "persons": "" if duty.persons is None else answers.between(duty.persons),
        "n": duty.n if duty.persons is None else duty.persons.upper,
        "day": "" if duty.day is None else duty.day.isoformat(),
        "days": duty.days or 0,
    }
    match duty.task:
        case "variance" if duty.detail == "remark":
            key = "today.remark"
        case "variance":
            n = values["n"]
            values["what"] = ask.say(f"flag.{duty.detail}", seq=values["seq"], n=n)
        case "unanswered":
            key = f"today.unanswered.{duty.detail}"
        case "unacknowledged" if "@" in str(duty.ref):
            key = "today.unacknowledged-here"
        case "doubt" | "consent":
            values["key"] = duty.detail
        case "histories":
            values["book"] = duty.detail
        case "mirror":
            values["book"] = duty.detail
            key = "today.mirror" if duty.day is not None else "today.mirror-none"
        case "pending":
            key = "today.pending-recorded" if duty.seq is not None else "today.pending"
            known = f"kind.{duty.detail}"  # a newer program may have asked for another
            values["kind"] = ask.say(known) if ask.catalogue.has(known) else duty.detail
        case _ if duty.notice_by is not None:
            key = f"today.{duty.task}-notice"
            values["notice"] = duty.notice_by.isoformat()
        case _:
            pass
    return ask.say(key, **values)
