"""Looking things up: due, overdue, held, list."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import DUE, answers
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
from ledger.cli.look_columns import CUSTODY_FULL, DUE_FULL
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_table,
    talk,
)
from ledger.cli.words import code

if TYPE_CHECKING:
    from ledger.register.asking import Answer, Custody

NUMBERS = frozenset(
    (
        *("days_left", "days_over", "held", "in_custody", "in_transit"),
        *("persons", "person_days"),
    )
)
DUE_SCREEN = ("ref", "origin", "destination", "facility", "held", "authorised_until")
# What a terminal says where a value is not known; other columns are never empty.
ABSENT = {
    "facility": "cell.unknown",
    "authorised_until": "cell.none-recorded",
    "days_left": "cell.unknown",
    "days_over": "cell.unknown",
    "person_days": "cell.unknown",
}


def due(
    ask: Globals,
    *,
    within: Annotated[
        str, typer.Option(help="option.due.within", metavar="DAYS")
    ] = "90d",
    on: On = None,
    known_on: KnownOn = None,
    exit_code: ExitCode = False,
) -> int | None:
    """Show the terms whose last day is near."""
    from ledger.register.asking import due as find  # noqa: PLC0415 - start-up

    asked, span, as_known = day(ask, on), days_ahead(within), known(known_on)
    with read_book(ask, known_on=as_known) as register:
        answer = find(register, on=asked, within=span)
        book = register.journal.book.name
    ask = ask.over(answer.books)
    rows = [
        answers.term_object(line, book=book, overdue=False) for line in answer.lines
    ]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/due/1",
                "on": asked.isoformat(),
                "known_on": known_text(as_known),
                "within_days": span,
                "transfers": rows,
                **answers.bounds("held", answer.total),
                "complete_under": answers.heads(answer.heads),
            },
        )
    else:
        extra = ("days_left", "renewable", "flags")
        _terms(ask, rows, answer, screen=(*DUE_SCREEN, *extra), full=DUE_FULL)
        _said(ask, answer, "due", days=span, known_on=as_known)
    return DUE if exit_code and rows else None


def overdue(
    ask: Globals,
    *,
    on: On = None,
    known_on: KnownOn = None,
    exit_code: ExitCode = False,
) -> int | None:
    """Show who is held beyond the authority that was recorded, or without one."""
    from ledger.register.asking import overdue as find  # noqa: PLC0415 - start-up

    asked, as_known = day(ask, on), known(known_on)
    with read_book(ask, known_on=as_known) as register:
        answer = find(register, on=asked)
        book = register.journal.book.name
    ask = ask.over(answer.books)
    rows = [answers.term_object(line, book=book, overdue=True) for line in answer.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/overdue/1",
                "on": asked.isoformat(),
                "known_on": known_text(as_known),
                "transfers": rows,
                **answers.bounds("held", answer.total),
                "complete_under": answers.heads(answer.heads),
            },
        )
    else:
        days = ("person_days_min", "person_days_max", "person_days_qualifier")
        extra = ("days_over", "days_over_min", *days)
        _terms(
            ask,
            rows,
            answer,
            screen=(*DUE_SCREEN, "days_over", "person_days", "flags"),
            full=(*DUE_FULL, *extra),
        )
        _said(ask, answer, "overdue", days=0, known_on=as_known)
    return DUE if exit_code and rows else None


def _terms(
    ask: Globals,
    rows: list[answers.Object],
    answer: "Answer",
    *,
    screen: Iterable[str],
    full: Iterable[str],
) -> None:
    for row, line in zip(rows, answer.lines, strict=True):
        row["held"] = answers.between(line.part.persons)
        if is_drawn(ask):
            row["ref"] = line.case.ref
        over = line.over
        row["person_days"] = None if over is None else answers.between(over.person_days)
    _table(ask, rows, screen=screen, full=full)


def _table(
    ask: Globals,
    rows: list[answers.Object],
    *,
    screen: Iterable[str],
    full: Iterable[str],
) -> None:
    """Show few columns on a terminal, with flags in words; all of them elsewhere."""
    drawn = is_drawn(ask)
    names = list(screen if drawn else full)
    if drawn:
        for row in rows:
            row["flags"] = ", ".join(dict.fromkeys(_to_be_known(ask, row)))
            row["renewable"] = code(ask, "renewable", row["renewable"])
            _in_words(ask, row)
    columns = [
        Column(n, "right" if n in NUMBERS else "left", absent=ABSENT.get(n, ""))
        for n in names
    ]
    show_table(ask, Table(columns, [answers.cells(row, names) for row in rows]))


def _in_words(ask: Globals, row: answers.Object) -> None:
    """Put words for a month without a day, and for an end between two days."""
    from ledger.exchange.time_words import (  # noqa: PLC0415 - start-up
        days_words,
        is_month,
        time_words,
    )

    if "departed_at" in row and is_month(row["departed_at"]):
        row["departed_on"] = time_words(row["departed_at"], ask.say)
    first, last = row["authorised_until"], row["authorised_until_latest"]
    if first is not None:
        row["authorised_until"] = days_words(first, last, ask.say)
        _in_days(row, (date.fromisoformat(last) - date.fromisoformat(first)).days)
    elif row.get("in_transit_max", 1) == row["held_max"] == 0:
        row["authorised_until"] = ask.say("cell.nobody")


def _in_days(row: answers.Object, open_days: int) -> None:
    """Put two numbers of days where the end is known but for some days."""
    from ledger.domain.flows import Range  # noqa: PLC0415 - start-up

    left, over = row.get("days_left"), row.get("days_over")
    if open_days and left is not None:
        row["days_left"] = answers.between(Range(left, left + open_days))
    if open_days and over is not None:
        row["days_over"] = answers.between(Range(max(0, over - open_days), over))


def _to_be_known(ask: Globals, row: answers.Object) -> Iterator[str]:
    """Yield the flags of a row in words, and that it was recorded late or corrected."""
    yield from (ask.say(f"flag-name.{flag}") for flag in row["flags"])
    if row["late_days"]:
        yield ask.say("flag-name.late-days", n=row["late_days"])
    if row["corrected"]:
        yield ask.say("flag-name.corrected")


def _said(
    ask: Globals, answer: "Answer", what: str, *, days: int, known_on: date | None
) -> None:
    key = f"answer.{what}" if answer.lines else f"answer.none-{what}"
    talk(
        ask,
        key,
        n=len(answer.lines),
        persons=answers.between(answer.total),
        on=answer.on.isoformat(),
        days=days,
    )
    complete_under(ask, answer.heads, known_on=known_on)


def held(
    ask: Globals,
    *,
    on: On = None,
    known_on: KnownOn = None,
    facility: Annotated[
        str | None, typer.Option(help="option.held.facility", metavar="TEXT")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="option.held.state", metavar="STATE")
    ] = None,
) -> None:
    """Show of which transfers somebody is in transit or held."""
    from ledger.domain.values import parse_state  # noqa: PLC0415 - start-up
    from ledger.register.asking import held as find  # noqa: PLC0415 - start-up

    asked, as_known = day(ask, on), known(known_on)
    asked_state = None if state is None else parse_state(state)
    with read_book(ask, known_on=as_known) as register:
        custody = find(register, on=asked, facility=facility, state=asked_state)
        book = register.journal.book.name
    ask = ask.over(custody.books)
    _custody(ask, custody, book=book, what="held", known_on=as_known)


def list_(ask: Globals, *, on: On = None, known_on: KnownOn = None) -> None:
    """Show the transfers of the book."""
    from ledger.register.asking import listed  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        custody = listed(register, on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(custody.books)
    _custody(ask, custody, book=book, what="list", known_on=as_known)


def _custody(
    ask: Globals,
    custody: "Custody",
    *,
    book: str,
    what: str,
    known_on: date | None,
) -> None:
    rows = [answers.custody_object(line, book=book) for line in custody.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": f"transfer-ledger/{what}/1",
                "on": custody.on.isoformat(),
                "known_on": known_text(known_on),
                "transfers": rows,
                **answers.bounds("in_transit_or_held", custody.total),
                "complete_under": answers.heads(custody.heads),
            },
        )
        return
    for row, line in zip(rows, custody.lines, strict=True):
        row["in_custody"] = answers.between(line.balance.held)
        if is_drawn(ask):
            row["ref"] = line.case.ref
            row["persons"] = line.case.persons.number
        row["in_transit"] = answers.between(line.balance.in_transit)
    place = ("facility",) if what == "held" else ("departed_on", "persons")
    # The room of a column that says 0 of every transfer is better given to the others.
    waiting = any(line.balance.in_transit.most for line in custody.lines)
    where = ("in_transit", "in_custody") if waiting else ("in_custody",)
    screen = ("ref", "origin", "destination", *place, *where, "authorised_until")
    _table(ask, rows, screen=(*screen, "flags"), full=CUSTODY_FULL)
    talk(
        ask,
        f"answer.{what}" if rows else f"answer.none-{what}",
        n=len(rows),
        persons=answers.between(custody.total),
        on=custody.on.isoformat(),
    )
    complete_under(ask, custody.heads, known_on=known_on)
