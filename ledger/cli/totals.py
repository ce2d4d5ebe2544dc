"""`totals`: how many persons, by corridor, by place of custody, or by year."""

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Cell, Column, Table, is_drawn, show_json, show_table, talk
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.register.totalling import By, Total

WAYS: "tuple[By, ...]" = ("corridor", "facility", "year")
COUNTS = ("transfers", "departed", "arrived", "surplus", "unaccounted")
PLACE = "in_transit_or_held"
LEFT = frozenset(("what", "key", "exits", "shared_exits"))


def totals(
    ask: Globals,
    *,
    by: Annotated[
        str, typer.Option(help="option.totals.by", metavar="corridor|facility|year")
    ],
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Show totals of persons."""
    from ledger.register.totalling import totals as find  # noqa: PLC0415 - start-up

    way = _way(by)
    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = find(register, by=way, on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(found.books)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/totals/1",
                "book": book,
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "by": way,
                "totals": [{"key": x.key, **_object(x)} for x in found.totals],
                "whole": _whole(found.whole),
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    rows = [_row(ask, total, what=way) for total in found.totals]
    rows.append(_row(ask, found.whole, what="whole"))
    names = ["what", "key", *COUNTS, PLACE, "exits", "shared_exits"]
    if not is_drawn(ask):
        said = [f"{name}_qualifier" for name in (*COUNTS[1:], PLACE)]
        places_ = [f"{PLACE}_min", f"{PLACE}_max"]
        names = ["what", "key", *COUNTS, *places_, "exits", "shared_exits", *said]
    if is_drawn(ask):
        names.remove("what")
    columns = [Column(n, "left" if n in LEFT else "right") for n in names]
    show_table(ask, Table(columns, rows))
    talk(ask, "answer.totals", n=found.whole.transfers, on=found.on.isoformat())
    complete_under(ask, found.heads, known_on=as_known)


def _way(by: str) -> "By":
    for way in WAYS:
        if by == way:
            return way
    raise UsageError("usage.not-one-of", option="--by", choices=", ".join(WAYS))


def _object(total: "Total") -> answers.Object:
    return {
        "transfers": total.transfers,
        **answers.number("departed", total.departed),
        **answers.number("arrived", total.arrived),
        **answers.number("surplus", total.surplus),
        **answers.number("unaccounted", total.unaccounted),
        **answers.bounds("in_transit_or_held", total.in_transit_or_held),
        "exits": {how: int(n) for how, n in total.exits.items()},
        **answers.inexact("exits", total.exits),
        "shared_exits": [
            {
                "seq": leave.seq,
                "how": leave.how,
                **answers.number("persons", leave.n),
            }
            for leave in total.shared
        ],
    }


def _whole(total: "Total") -> answers.Object:
    """Return the same of all transfers: no exit names any beside them."""
    found = _object(total)
    del found["shared_exits"]
    return found


def _row(ask: Globals, total: "Total", *, what: str) -> list[Cell]:
    found = _object(total)
    counts: list[Cell] = [found[name] for name in COUNTS]
    held = total.in_transit_or_held
    shared = [
        f"{leave.n} {leave.how} ({ask.at_home(leave.seq)})" for leave in total.shared
    ]
    exits = [f"{n} {how}" for how, n in total.exits.items()]
    if not is_drawn(ask):
        bounds = (held.least, held.most)
        said = [found.get(f"{x}_qualifier", "exact") for x in (*COUNTS[1:], PLACE)]
        left = (", ".join(exits), ", ".join(shared))
        return [what, total.key, *counts, *bounds, *left, *said]
    sums = (total.departed, total.arrived, total.surplus, total.unaccounted)
    counts = [total.transfers, *map(str, sums)]
    key = total.key or ask.say("totals.not-recorded")
    if what == "whole":
        key = ask.say("totals.whole")
    words = (
        ask.say("timeline.left", n=n, how=ask.say(f"page.figure.how.{how}"))
        for how, n in total.exits.items()
    )
    tied = (
        ask.say(
            "totals.shared",
            n=leave.n,
            how=ask.say(f"page.figure.how.{leave.how}"),
            seq=leave.seq,
        )
        for leave in total.shared
    )
    return [key, *counts, answers.between(held), ", ".join(words), ", ".join(tied)]
