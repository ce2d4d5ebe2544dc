"""`timeline`: terms as bars, as sentences, as rows, or as a drawing in a file."""

from collections.abc import Iterator
from pathlib import Path
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
from ledger.errors import RefusedError

if TYPE_CHECKING:
    from ledger.exchange.timeline import Bar
    from ledger.register.timelines import Row, Terms

NAMES = (
    "ref",
    "part",
    "parts",
    "origin",
    "destination",
    "start",
    "start_event",
    "start_latest",
    "last_day",
    "persons_min",
    "persons_max",
    "persons_qualifier",
    "provisional",
    "over_until",
    "emptied",
    "gaps",
    "events",
)


def timeline(
    ask: Globals,
    names: Annotated[
        list[str] | None, typer.Argument(help="argument.timeline", metavar="REF")
    ] = None,
    *,
    on: On = None,
    known_on: KnownOn = None,
    text: Annotated[bool, typer.Option("--text", help="option.timeline.text")] = False,
    svg: Annotated[
        str | None, typer.Option(help="option.timeline.svg", metavar="FILE")
    ] = None,
) -> None:
    """Show the terms of transfers on a line of time."""
    from ledger.register.timelines import terms as find  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = find(register, names or (), on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(found.books)
    bars = [_bar(ask, row) for row in found.rows]
    if svg is not None:
        _draw(ask, bars, found, Path(svg))
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/timeline/1",
                "book": book,
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "bars": [_object(row) for row in found.rows],
                "nobody": list(found.nobody),
                "file": svg,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    if svg is None:
        _show(ask, bars, found, text=text)
    drawn = {row.case.ref for row in found.rows}
    for ref in found.nobody:
        kind = "nobody-now" if ref in drawn else "nobody"
        talk(ask, f"page.timeline.{kind}", ref=ref)
    if not found.rows and not found.nobody:
        talk(ask, "answer.none-list", on=found.on.isoformat())
    if svg is not None:
        talk(ask, "answer.timeline", n=len(bars), file=svg)
    complete_under(ask, found.heads, known_on=as_known)


def _show(ask: Globals, bars: "list[Bar]", found: "Terms", *, text: bool) -> None:
    from ledger.cli import bars as lines  # noqa: PLC0415 - start-up

    if text or (ask.accessible and is_drawn(ask)):
        show_lines(ask, lines.sentences(bars, say=ask.say))
    elif not is_drawn(ask):
        rows = [answers.cells(_flat(row), NAMES) for row in found.rows]
        show_table(ask, Table([Column(name) for name in NAMES], rows))
    elif bars:
        drawn = lines.draw(bars, on=found.on, columns=width(ask), say=ask.say)
        show_lines(ask, drawn)


def _draw(ask: Globals, bars: "list[Bar]", found: "Terms", path: Path) -> None:
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.exchange.timeline_svg import (  # noqa: PLC0415 - start-up
        timeline_document,
    )

    if not bars:
        raise RefusedError("timeline.no-bar", on=found.on.isoformat())
    drawn = timeline_document(bars, on=found.on, say=ask.say)
    write_new(path, f"{drawn}\n".encode())


def _bar(ask: Globals, row: "Row") -> "Bar":
    from ledger.exchange.timeline import Bar, Tick  # noqa: PLC0415 - start-up

    case, part = row.case, row.part
    kind = "arrival" if case.destination is None else "transfer"
    label = ask.say(
        f"page.bar.{kind}" if row.of == 1 else f"page.bar.{kind}-part",
        ref=case.ref,
        origin=case.origin,
        destination=case.custodian,
        part=row.number,
        parts=row.of,
    )
    ticks = [
        Tick(
            leave.day,
            ask.say(
                "timeline.left" if len(leave.refs) == 1 else "timeline.left-shared",
                n=leave.n,
                how=ask.say(f"page.figure.how.{leave.how}"),
            ),
            said=row.said[leave.seq],
        )
        for leave in row.leaves
    ]
    return Bar(
        label=label,
        start=part.start,
        last_day=part.last_day,
        persons_min=part.persons.least,
        persons_max=part.persons.most,
        qualifier=part.persons.qualifier,
        provisional=part.provisional,
        over_until=row.over_until,
        gaps=row.gaps,
        ticks=tuple(ticks),
        start_known=row.start.event is not None,
        start_latest=None if row.start.last == part.start else row.start.last,
        emptied=row.emptied,
    )


def _object(row: "Row") -> answers.Object:
    case, part = row.case, row.part
    return {
        "ref": case.ref,
        "part": row.number,
        "parts": row.of,
        "origin": case.origin,
        "destination": case.custodian,
        "start": part.start.isoformat(),
        "start_event": row.start.event,
        "start_latest": row.start.last.isoformat(),
        "last_day": None if part.last_day is None else part.last_day.isoformat(),
        **answers.bounds("persons", part.persons),
        "provisional": part.provisional,
        "over_until": None if row.over_until is None else row.over_until.isoformat(),
        "emptied": row.emptied,
        "gaps": [
            {"first": gap.first.isoformat(), "last": gap.last.isoformat()}
            for gap in row.gaps
        ],
        "events": [
            {
                "day": leave.day.isoformat(),
                "said": row.said[leave.seq],
                "seq": leave.seq,
                **answers.number("persons", leave.n),
                "how": leave.how,
                "transfers": list(leave.refs),
            }
            for leave in row.leaves
        ],
    }


def _flat(row: "Row") -> answers.Object:
    """Return the same with its lists as words: `2026-03-16/2026-03-31`."""
    return {
        **_object(row),
        "gaps": list(_gaps(row)),
        "events": list(_events(row)),
    }


def _gaps(row: "Row") -> Iterator[str]:
    for gap in row.gaps:
        yield f"{gap.first.isoformat()}/{gap.last.isoformat()}"


def _events(row: "Row") -> Iterator[str]:
    for leave in row.leaves:
        shared = "" if len(leave.refs) == 1 else f"={'+'.join(leave.refs)}"
        yield f"{leave.day.isoformat()}:{leave.n}:{leave.how}{shared}"
