"""`show`: all that the book knows of a transfer, an instrument, or an entry."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import answers
from ledger.cli.agreed_lines import accrual_object
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.instrument_lines import instrument_lines
from ledger.cli.lines import entry_lines, transfer_lines
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

if TYPE_CHECKING:
    from ledger.domain.cases import Item
    from ledger.domain.custody import Leave
    from ledger.domain.regained import Regained
    from ledger.domain.terms import Period
    from ledger.register.showing import Shown, ShownEntry, ShownInstrument


def show(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.show", metavar="REF|ENTRY")],
    *,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Show a transfer, an instrument or an entry in full."""
    from ledger.register.showing import (  # noqa: PLC0415 - start-up
        Shown,
        ShownInstrument,
    )
    from ledger.register.showing import show as find  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = find(register, name, on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(found.books)
    if isinstance(found, Shown):
        document, lines = _transfer(found, book=book), transfer_lines(ask, found)
    elif isinstance(found, ShownInstrument):
        document = _instrument(found, book=book)
        lines = instrument_lines(ask, found)
    else:
        document, lines = _entry(found, book=book), entry_lines(ask, found)
    if ask.json:
        heads = document.pop("complete_under")
        as_of = {"known_on": known_text(as_known), "complete_under": heads}
        show_json(ask, {**document, **as_of})
        return
    drawn = is_drawn(ask)
    rows = [
        (ask.say(f"show.{what}") if drawn else what, value, seq)
        for what, value, seq in lines
    ]
    value = Column("value", absent="cell.not-recorded")
    columns = (Column("what"), value, Column("entry", "right"))
    show_table(ask, Table(columns, rows))
    for seq in _voids(found):
        talk(ask, "recorded.void", seq=seq)
    complete_under(ask, found.heads, known_on=as_known)


def _voids(found: "Shown | ShownEntry | ShownInstrument") -> list[int]:
    from ledger.register.showing import ShownEntry  # noqa: PLC0415 - start-up

    if isinstance(found, ShownEntry) and found.seq in found.history.voids:
        return [found.seq]
    return []


def _transfer(found: "Shown", *, book: str) -> answers.Object:
    from ledger.register.showing import delays  # noqa: PLC0415 - start-up

    case, balance, history = found.case, found.balance, found.history
    late = delays(found)
    return {
        "schema": "transfer-ledger/show/1",
        "what": "transfer",
        "ref": found.ref,
        "book": book,
        "on": found.on.isoformat(),
        "data": history.worth_data(case.opening.seq),
        "corrected": case.opening.corrected,
        "deciding_zone": case.zone,
        "deciding_zone_assumed": case.zone_assumed,
        "acknowledged": case.acknowledged(),
        "balance": {
            **answers.number("departed", balance.departed),
            **answers.number("surplus", balance.surplus),
            **answers.number("arrived", balance.arrived),
            **answers.number("unaccounted", balance.missing),
            **answers.bounds("in_transit", balance.in_transit),
            **answers.bounds("held", balance.held),
            "exits": {how: int(n) for how, n in balance.exits.items()},
            **answers.inexact("exits", balance.exits),
            "shared_exits": [_leave(found, leave) for leave in balance.shared],
            "left": [_leave(found, leave) for leave in found.left()],
            "recovered": [_back(back) for back in found.back()],
        },
        "terms": [
            {
                **answers.bounds("persons", part.persons),
                **answers.part_object(case, part),
                "periods": [_period(period) for period in part.periods],
            }
            for part in found.parts
        ],
        "accrual": None if found.earning is None else accrual_object(found.earning),
        "flags": [
            {"flag": flag.code, "seq": flag.seq, **answers.number("n", flag.n)}
            for flag in found.flags
        ],
        "entries": [
            {
                "seq": seq,
                "kind": history.entries[seq].kind,
                "at": _at(found, seq),
                "by": history.entries[seq].by,
                "data": dict(history.entries[seq].data),
                "corrected": bool(history.corrections.get(seq)),
                "retracted": seq in history.retracted,
                "days_late": late.get(seq, 0),
            }
            for seq in sorted(history.by_ref[found.ref])
        ],
        "complete_under": answers.heads(found.heads),
    }


def _leave(found: "Shown", leave: "Leave") -> answers.Object:
    return {
        "seq": leave.seq,
        "how": leave.how,
        **answers.number("persons", leave.n),
        "transfers": list(leave.refs),
        "day": leave.day.isoformat(),
        "said": found.said_at(leave.seq),
    }


def _back(back: "Regained") -> answers.Object:
    return {
        "seq": back.seq,
        "exit": back.exit,
        "how": back.how,
        **answers.number("persons", back.n),
        "day": back.day.isoformat(),
    }


def _period(period: "Period") -> answers.Object:
    return {
        "seq": period.seq,
        "begins": period.begins.isoformat(),
        "last_day": period.last_day.isoformat(),
        "agreed_on": period.agreed_on.isoformat(),
        "gap_days": period.gap_days,
        "late": period.late,
        "notice": period.notice,
        "beyond_limit": period.beyond_limit,
    }


def _at(found: "Shown | ShownEntry", seq: int) -> str:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    return format_instant(found.history.entries[seq].at)


def _instrument(found: "ShownInstrument", *, book: str) -> answers.Object:
    from ledger.domain.schemas import data_of  # noqa: PLC0415 - start-up
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    def each(items: "Iterable[Item[Any]]") -> list[answers.Object]:
        return [{"seq": item.seq, "data": data_of(item.record)} for item in items]

    return {
        "schema": "transfer-ledger/show/1",
        "what": "instrument",
        "ref": found.ref,
        "book": book,
        "on": found.on.isoformat(),
        "stage": None if found.stage is None else found.stage.record.stage,
        "stages": [
            {
                "seq": item.seq,
                "at": format_instant(item.entry.at),
                "data": data_of(item.record),
                "corrected": item.corrected,
            }
            for item in found.stages
        ],
        "renewals": each(found.renewals),
        "payments": each(found.payments),
        "claims": each(found.claims),
        "remarks": each(found.remarks),
        "transfers": list(found.transfers),
        "later": list(found.later),
        "complete_under": answers.heads(found.heads),
    }


def _entry(found: "ShownEntry", *, book: str) -> answers.Object:
    from ledger.domain.history import Void  # noqa: PLC0415 - start-up

    common: answers.Object = {
        "schema": "transfer-ledger/show/1",
        "what": "entry",
        "book": book,
        "seq": found.base + found.seq,
        "leaf": found.entry.leaf.hex(),
    }
    if isinstance(found.entry, Void):
        faults = [{"level": f.level, "code": f.code} for f in found.entry.faults]
        acknowledged = found.seq in found.history.acknowledged
        common.update(void=True, faults=faults, acknowledged=acknowledged)
    else:
        common.update(
            void=False,
            kind=found.entry.kind,
            at=_at(found, found.seq),
            by=found.entry.by,
            once=found.entry.once,
            data=dict(found.entry.data),
            retracted_by=found.retracted_by,
            corrected_by=list(found.corrected_by),
            suspect_since=None
            if found.doubt is None
            else found.doubt.since.isoformat(),
            confirmed_by=None if found.doubt is None else found.doubt.confirmed_by,
            note=found.note.decode(),
        )
    return {**common, "complete_under": answers.heads(found.heads)}
