"""Holding the own book against the mirrors of others: reconcile."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Column, Table, is_drawn, show_json, show_table, talk
from ledger.tlog.entry import format_instant

if TYPE_CHECKING:
    from ledger.domain.pairing import Difference, Value
    from ledger.register.reconciling import Beside

FULL = (
    *(
        "ref",
        "book",
        "difference",
        "n",
        "n_qualifier",
        "unit",
        "currency",
        "since",
        "hours",
    ),
    *("own_book", "own_says", "own_entries", "own_keys"),
    *("other_book", "other_says", "other_entries", "other_keys"),
)
SCREEN = ("ref", "difference", "own_says", "own_keys", "other_says", "other_keys")


def reconcile(
    ask: Globals,
    *,
    peer: Annotated[
        str | None, typer.Option(help="option.reconcile.peer", metavar="BOOK")
    ] = None,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Show where the own book and the other states' books do not say the same."""
    from ledger.register.reconciling import (  # noqa: PLC0415 - start-up
        reconcile as lay_beside,
    )

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = lay_beside(
            register, on=day(ask, on), now=ask.now, peer=peer, known_on=as_known
        )
    rows = [_object(each) for each in found.differences]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/reconcile/1",
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "differences": rows,
                "mirrors": [_mirror(each) for each in found.beside],
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    _show(ask, list(found.differences))
    key = "answer.reconcile" if rows else "answer.none-reconcile"
    talk(ask, key, n=len(rows), on=found.on.isoformat())
    for each in found.beside:
        _say_age(ask, each)
    complete_under(ask, found.heads, known_on=as_known)


def _object(found: "Difference") -> answers.Object:
    return {
        "ref": found.ref,
        "book": found.book,
        "difference": found.code,
        **answers.number("n", found.n),
        "unit": found.unit,
        "currency": found.currency or None,
        "since": found.since.isoformat(),
        "hours": found.hours or None,
        "own": _value(found.one),
        "other": _value(found.other),
    }


def _value(value: "Value") -> dict[str, Any]:
    return {
        "book": value.book,
        "says": value.text or None,
        "signed": [{"seq": each.seq, "by": each.by} for each in value.signed],
    }


def _mirror(beside: "Beside") -> answers.Object:
    last = beside.last_at
    return {
        "book": beside.book,
        "size": beside.size,
        "last_recorded_at": None if last is None else format_instant(last),
    }


def _show(ask: Globals, found: "list[Difference]") -> None:
    drawn = is_drawn(ask)
    names = SCREEN if drawn else FULL
    rows = []
    for each in found:
        row: answers.Object = {**_object(each), **_flat("own", each.one)}
        row |= _flat("other", each.other)
        if drawn:
            row["difference"] = _sentence(ask, each)
            for side in ("own", "other"):
                row[f"{side}_says"] = row[f"{side}_says"] or ask.say(
                    "reconcile.nothing"
                )
        rows.append(answers.cells(row, names))
    columns = [Column(name, "right" if name == "n" else "left") for name in names]
    show_table(ask, Table(columns, rows))


def _flat(side: str, value: "Value") -> answers.Object:
    return {
        f"{side}_book": value.book,
        f"{side}_says": value.text,
        f"{side}_entries": [each.seq for each in value.signed],
        f"{side}_keys": list(dict.fromkeys(each.by for each in value.signed)),
    }


def _sentence(ask: Globals, found: "Difference") -> str:
    """Return in words what differs, and by how much."""
    from ledger.domain.money import Money  # noqa: PLC0415 - start-up
    from ledger.domain.reconciling import FIVE_DAYS  # noqa: PLC0415 - start-up

    amount = ""
    if found.currency:
        amount = Money(found.currency, found.n).format()
    code: str = found.code
    if found.hours >= FIVE_DAYS:
        code = "unanswered-long"
    elif found.code == "renewed-until" and not found.n:
        code = "renewed-otherwise"
    elif found.code == "renewed-compensation" and not found.currency:
        code = "renewed-terms"
    since = found.since.isoformat()
    return ask.say(f"reconcile.{code}", n=found.n, amount=amount, since=since)


def _say_age(ask: Globals, beside: "Beside") -> None:
    """Tell how new what is here of another book is."""
    if beside.last_at is None:
        talk(ask, "reconcile.no-mirror", book=beside.book)
    else:
        at = format_instant(beside.last_at)
        talk(ask, "reconcile.mirror", book=beside.book, n=beside.size, at=at)
