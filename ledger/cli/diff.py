"""`diff`: what the book said on a day, as it was known at two times."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.asked import On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.recording import places
from ledger.cli.render import Cell, Column, Table, is_drawn, show_json, show_table, talk
from ledger.cli.words import code
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.register.differing import Difference, Known, Recorded
    from ledger.tlog.canonical import Json

FULL = (
    *("ref", "what", "before", "after"),
    *("entry", "kind", "cause", "recorded_at", "days_late"),
)
SCREEN = ("ref", "what", "before", "after", "entry", "recorded_at", "days_late")
FLAGS = "flags"


def diff(
    ask: Globals,
    *,
    known_on: Annotated[str, typer.Option(help="option.diff.known-on", metavar="DATE")],
    later: Annotated[
        str | None, typer.Option("--and", help="option.diff.and", metavar="DATE")
    ] = None,
    on: On = None,
) -> None:
    """Show what changed between two states of knowledge."""
    from ledger.register.differing import differences  # noqa: PLC0415 - start-up
    from ledger.register.differing import known as state  # noqa: PLC0415
    from ledger.register.opening import open_register  # noqa: PLC0415

    asked, first, last = day(ask, on), known(known_on), known(later)
    _check(first, last)
    with read_book(ask, known_on=first) as register:
        before = state(register, on=asked)
    with open_register(places(ask), known_on=last) as register:
        after = state(register, on=asked)
        found = differences(register, before, after)
        book = register.journal.book.name
    ask = ask.over(after.books)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/diff/1",
                "book": book,
                "on": asked.isoformat(),
                "before": _known(before, first),
                "after": _known(after, last),
                "transfers": [_object(each) for each in found],
            },
        )
        return
    rows = [row for each in found for row in _rows(ask, each)]
    right = frozenset(("entry", "days_late"))
    names = SCREEN if is_drawn(ask) else FULL
    columns = [Column(name, "right" if name in right else "left") for name in names]
    show_table(ask, Table(columns, rows))
    _say(ask, before, after, found=len(found))


def _check(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and first > last:
        raise UsageError("usage.diff-order")


def _say(ask: Globals, before: "Known", after: "Known", *, found: int) -> None:
    talk(
        ask,
        "answer.diff" if found else "answer.none-diff",
        n=found,
        on=before.on.isoformat(),
        first=sum(before.sizes().values()),
        last=sum(after.sizes().values()),
    )
    complete_under(ask, (*before.heads, *after.heads))


def _known(state: "Known", known_on: date | None) -> answers.Object:
    return {
        "known_on": known_text(known_on),
        "complete_under": answers.heads(state.heads),
    }


def _object(found: "Difference") -> answers.Object:
    return {
        "ref": found.ref,
        "change": found.change,
        "figures": [
            {"member": each.member, "before": each.before, "after": each.after}
            for each in found.figures
        ],
        "entries": [_entry(each) for each in found.entries],
    }


def _entry(recorded: "Recorded") -> answers.Object:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    return {
        "seq": recorded.entry.seq,
        "kind": recorded.entry.kind,
        "at": format_instant(recorded.entry.at),
        "cause": recorded.cause,
        "days_late": recorded.days_late,
    }


def _rows(ask: Globals, found: "Difference") -> Iterator[list[Cell]]:
    drawn = is_drawn(ask)
    empty: list[Cell] = [None] * (3 if drawn else 5)
    if found.change != "changed":
        what = ask.say(f"diff.{found.change}") if drawn else found.change
        yield [found.ref, what, None, None, *empty]
    for each in found.figures if found.change == "changed" else ():
        name = ask.say(f"diff.member.{each.member}") if drawn else each.member
        values = (_text(ask, each.member, v) for v in (each.before, each.after))
        yield [found.ref, name, *values, *empty]
    for recorded in found.entries:
        entry = _entry(recorded)
        late = recorded.days_late or None
        if drawn:
            kind = ask.say(f"kind.{recorded.entry.kind}")
            what = ask.say(f"diff.cause.{recorded.cause}", kind=kind)
            at = recorded.entry.at.date().isoformat()
            yield [found.ref, what, None, None, entry["seq"], at, late]
        else:
            kind, cause = entry["kind"], entry["cause"]
            row = [entry["seq"], kind, cause, entry["at"], late]
            yield [found.ref, "entry", None, None, *row]


def _member(ask: Globals, value: "Json") -> str:
    """Return one of a list: an entry as a person names it, or a text."""
    return str(ask.at_home(value) if isinstance(value, int) else value)


def _text(ask: Globals, member: str, value: "Json | None") -> str | None:
    """Return a figure as text: lists joined, nothing where there is nothing."""
    match value:
        case None:
            return None
        case bool():
            word = "yes" if value else "no"
            return ask.say(f"answer.{word}") if is_drawn(ask) else word
        case dict() if is_drawn(ask):
            return ", ".join(
                ask.say("timeline.left", n=int(str(n)), how=code(ask, "how", how))
                for how, n in value.items()
            )
        case dict():
            return ", ".join(f"{name} {inner}" for name, inner in value.items())
        case list() if member == FLAGS and is_drawn(ask):
            return ", ".join(ask.say(f"flag-name.{flag}") for flag in value)
        case list():
            return ", ".join(_member(ask, each) for each in value)
        case _:
            return str(value)
