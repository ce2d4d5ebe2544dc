"""`calendar`: the days that must not be missed, as a file for any calendar program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import PROGRAM, answers
from ledger.cli.asked import (
    KnownOn,
    On,
    complete_under,
    day,
    days_ahead,
    known,
    known_text,
)
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import one_row, show_json, show_table, talk

if TYPE_CHECKING:
    from ledger.exchange.ics import AllDay
    from ledger.register.deadlines import Deadline

USUAL = ("90d", "30d", "7d")


def calendar(
    ask: Globals,
    *,
    out: Annotated[str, typer.Option(help="option.calendar.out", metavar="FILE")],
    remind: Annotated[
        list[str] | None, typer.Option(help="option.calendar.remind", metavar="DAYS")
    ] = None,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Write the last authorised days and reminders of them as a calendar file."""
    from ledger.exchange.ics import calendar_file, put_calendar  # noqa: PLC0415 - same
    from ledger.register.deadlines import deadlines  # noqa: PLC0415 - start-up

    path, asked = Path(out), day(ask, on)
    reminders = {days_ahead(text) for text in remind or USUAL}
    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = deadlines(register, on=asked, reminders=reminders)
        book = register.journal.book.name
    ask = ask.over(found.books)
    events = [_event(ask, line) for line in found.lines]
    content = calendar_file(events, name=ask.say("calendar.name", book=book))
    replaced = put_calendar(path, content)
    counts = {
        "events": len(events),
        "provisional": sum(event.status == "TENTATIVE" for event in events),
        "cancelled": sum(event.status == "CANCELLED" for event in events),
    }
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/calendar/1",
                "book": book,
                "on": asked.isoformat(),
                "known_on": known_text(as_known),
                "file": str(path),
                "replaced": replaced,
                **counts,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    show_table(ask, one_row({"file": str(path), **counts}))
    key = "calendar.replaced" if replaced else "calendar.written"
    talk(ask, key, n=len(events), book=book)
    complete_under(ask, found.heads, known_on=as_known)


def _event(ask: Globals, line: "Deadline") -> "AllDay":
    """Return an event with its words; nothing that a clerk typed is among them."""
    from ledger.exchange.ics import AllDay, EventStatus  # noqa: PLC0415 - start-up

    kind: str = line.what
    status: EventStatus = "CONFIRMED"
    described = "calendar.description"
    if line.persons is None:
        described = "calendar.description-cancelled"
        kind, status = f"{line.what}-cancelled", "CANCELLED"
    elif line.provisional:
        kind, status = f"{line.what}-provisional", "TENTATIVE"
    values: dict[str, str | int] = {
        "ref": line.ref,
        "origin": line.origin,
        "destination": line.destination or "?",
        "last_day": line.last_day.isoformat(),
        "days": line.days_before,
        "n": 0 if line.persons is None else line.persons.upper,
        "persons": "" if line.persons is None else answers.between(line.persons),
        "command": f"{PROGRAM} show {line.ref}",
    }
    return AllDay(
        uid=line.uid,
        day=line.day,
        summary=ask.say(f"calendar.{kind}", **values),
        description=ask.say(described, **values),
        status=status,
        revision=line.revision,
        revised=line.revised,
    )
