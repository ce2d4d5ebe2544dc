"""Looking into one thing: history, explain."""

import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
    width,
)
from ledger.cli.words import for_programs, value
from ledger.errors import MalformedError, UsageError
from ledger.tlog.canonical import Json, decode

if TYPE_CHECKING:
    from ledger.domain.explaining import Step
    from ledger.register.tracing import Explained, Trace, Traced

HISTORY_FULL = (
    "seq",
    "at",
    "kind",
    "by",
    "asserted_by",
    "status",
    "day",
    "said",
    "days_late",
    "corrected_by",
    "corrects",
    "retracted_by",
    "retracts",
    "suspect_since",
    "confirmed_by",
    "refs",
    "data",
)


def history(
    ask: Globals,
    ref: Annotated[
        str | None, typer.Argument(help="argument.history", metavar="REF")
    ] = None,
    *,
    key: Annotated[
        str | None, typer.Option(help="option.history.key", metavar="KEY")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="option.history.on", metavar="DATE")
    ] = None,
    known_on: KnownOn = None,
) -> None:
    """Show every entry that concerns one thing, or that a key signed, in order."""
    if (ref is None) == (key is None) or (key is not None and on is not None):
        raise UsageError("usage.history-what")
    if ref is None:
        from ledger.cli.key_history import show_key  # noqa: PLC0415 - start-up

        show_key(ask, str(key), known_on=known(known_on))
        return
    from ledger.register.tracing import trace  # noqa: PLC0415 - start-up

    until, as_known = known(on), known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = trace(register, ref, on=until)
        book = register.journal.book.name
    ask = ask.over(found.books)
    rows = [_trace(line) for line in found.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/history/1",
                "ref": found.ref,
                "book": book,
                "on": known_text(until),
                "known_on": known_text(as_known),
                "entries": rows,
                "left_out": found.left_out,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    _show_history(ask, found, rows)
    talk(ask, "answer.history", n=len(rows), ref=found.ref)
    if found.left_out:
        talk(ask, "answer.history-later", n=found.left_out, on=str(until))
    complete_under(ask, found.heads, known_on=as_known)


def _trace(line: "Trace") -> answers.Object:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    data, doubt = dict(line.entry.data), line.doubt
    return {
        "seq": line.entry.seq,
        "kind": line.entry.kind,
        "at": format_instant(line.entry.at),
        "by": line.entry.by,
        "asserted_by": data.get("asserted_by"),
        "status": data.get("status"),
        "day": None if line.day is None else line.day.isoformat(),
        "said": line.said,
        "days_late": line.days_late,
        "corrected_by": list(line.corrected_by),
        "corrects": line.corrects,
        "retracted_by": line.retracted_by,
        "retracts": line.retracts,
        "suspect_since": None if doubt is None else doubt.since.isoformat(),
        "confirmed_by": None if doubt is None else doubt.confirmed_by,
        "refs": [ref for ref in line.refs if ref[0] in "TRI"],
        "data": data,
    }


def _show_history(ask: Globals, found: "Traced", rows: list[answers.Object]) -> None:
    from ledger.exchange.entry_sentence import (  # noqa: PLC0415 - start-up
        entry_sentence,
    )
    from ledger.exchange.summary_text import shown  # noqa: PLC0415 - start-up

    if not is_drawn(ask):
        for row in rows:
            row["data"] = shown(row["data"])
        cells = [answers.cells(row, HISTORY_FULL) for row in rows]
        show_table(ask, Table([Column(name) for name in HISTORY_FULL], cells))
        return
    columns = (
        Column("entry", "right"),
        Column("recorded_at"),
        Column("day", absent="cell.no-day"),
        Column("said"),
        Column("flags"),
    )
    lines = [
        (
            row["seq"],
            row["at"],
            _day(ask, row),
            entry_sentence(line.entry, ask.say),
            "; ".join(_notes(ask, line)),
        )
        for row, line in zip(rows, found.lines, strict=True)
    ]
    show_table(ask, Table(columns, lines))


def _day(ask: Globals, row: answers.Object) -> str | None:
    """Return when an entry's event was; nothing for what is about another entry."""
    from ledger.exchange.time_words import (  # noqa: PLC0415 - start-up
        is_month,
        time_words,
    )

    if row["said"] is not None and is_month(row["said"]):
        return time_words(row["said"], ask.say)
    if row["kind"] in {"correction", "retraction"}:
        return ""
    day: str | None = row["day"]
    return day


def _notes(ask: Globals, line: "Trace") -> list[str]:
    """Return what became of an entry, and how late it was."""
    notes = []
    if line.days_late:
        notes.append(ask.say("history.late", n=line.days_late))
    notes += [ask.say("history.corrected-by", seq=seq) for seq in line.corrected_by]
    if line.retracted_by is not None:
        notes.append(ask.say("history.retracted-by", seq=line.retracted_by))
    if line.doubt is not None:
        from ledger.cli.key_history import doubt_note  # noqa: PLC0415 - start-up

        notes.append(doubt_note(ask, line.doubt))
    if line.entry.data.get("status") in {"alleged", "disputed"}:
        notes.append(ask.say("flag-name.not-counted"))
    return notes


def explain(
    ask: Globals,
    ref: Annotated[str, typer.Argument(help="argument.explain", metavar="REF")],
    *,
    money: Annotated[
        bool, typer.Option("--money", help="option.explain.money")
    ] = False,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Show where every figure of a transfer comes from."""
    from ledger.register.tracing import explained  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = explained(register, ref, on=day(ask, on), money=money)
        book = register.journal.book.name
    ask = ask.over(found.books)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/explain/1",
                "ref": found.ref,
                "book": book,
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "steps": [
                    {"code": s.code, "values": _values(s), "seq": s.seq}
                    for s in found.steps
                ],
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    _show_steps(ask, found)
    complete_under(ask, found.heads, known_on=as_known)


def _values(step: "Step") -> answers.Object:
    """Return the values of a step, with how exact a number is that is not."""
    found: answers.Object = {}
    for name, each in step.values.items():
        found |= answers.number(name, each) if isinstance(each, int) else {name: each}
    return found


def _words(ask: Globals, step: "Step") -> dict[str, str | int]:
    """Return the values of a step, with words for a language and for a rival value."""
    from ledger.cli.wording import language_words  # noqa: PLC0415 - start-up

    said = dict(step.values)
    if "language" in said:
        said["language"] = language_words(ask, str(said["language"]))
    if step.code == "claim.not-adopted":
        _, _, member = str(said["path"]).rpartition("/")
        said["value"] = value(ask, member, _rival(str(said["value"])))
    return said


def _triggered(
    values: Mapping[str, str | int], say: Callable[..., str]
) -> dict[str, str | int]:
    """Return the values with what a term runs from in the words of a summary."""
    said = dict(values)
    if "trigger" in said:
        said["trigger"] = say(f"word.trigger.{said['trigger']}")
    return said


def _rival(text: str) -> Json:
    """Return what a claim says: the step has objects and arrays as their JSON."""
    try:
        return decode(text.encode()) if text[:1] in {"{", "["} else text
    except MalformedError:
        return text  # words that begin like JSON


def _show_steps(ask: Globals, found: "Explained") -> None:
    """Show numbered sentences on a terminal, a table of them elsewhere."""
    drawn = is_drawn(ask)
    say = ask.say if drawn else for_programs(ask).say
    said = [
        say(
            f"explain.{step.code}",
            **_triggered(_words(ask, step) if drawn else step.values, say),
        )
        for step in found.steps
    ]
    if not drawn:
        rows = [
            (number, step.code, sentence, step.seq)
            for number, (step, sentence) in enumerate(
                zip(found.steps, said, strict=True), start=1
            )
        ]
        columns = (Column("step"), Column("code"), Column("sentence"), Column("entry"))
        show_table(ask, Table(columns, rows))
        return
    edge = len(str(len(said))) + 2
    for number, (step, sentence) in enumerate(
        zip(found.steps, said, strict=True), start=1
    ):
        text = sentence
        if step.seq is not None:
            text = f"{sentence} {ask.say('course.rests-on', seq=step.seq)}"
        lines = textwrap.wrap(
            text,
            width(ask),
            initial_indent=f"{number}.".ljust(edge),
            subsequent_indent=" " * edge,
        )
        show_lines(ask, lines)
