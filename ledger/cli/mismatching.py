"""Looking for what does not add up: variances."""

from typing import TYPE_CHECKING

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Column, Table, is_drawn, show_json, show_table, talk

if TYPE_CHECKING:
    from datetime import date

    from ledger.domain.custody import Balance
    from ledger.register.mismatching import Reason, Said, Variance

FIGURES = (
    "departed",
    "arrived",
    "admitted",
    "refused",
    "unaccounted",
    "surplus",
    "beyond_count",
)
QUALIFIED = ("departed", "arrived", "unaccounted", "surplus", "in_transit", "held")
FULL = (
    "ref",
    "book",
    "origin",
    "destination",
    *FIGURES,
    "in_transit_min",
    "in_transit_max",
    "held_min",
    "held_max",
    *(f"{name}_qualifier" for name in QUALIFIED),
    "pool",
    "reasons",
    "open_since",
    "open_since_seq",
    "days_open",
    "remarks",
)
SCREEN = ("ref", *FIGURES, "reasons", "open_since", "days_open")


def variances(ask: Globals, *, on: On = None, known_on: KnownOn = None) -> None:
    """Show the transfers whose numbers do not add up."""
    from ledger.register.mismatching import variances as find  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = find(register, on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(found.books)
    rows = [variance_object(line, book=book, on=found.on) for line in found.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/variances/1",
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "transfers": rows,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    if is_drawn(ask):
        for row, line in zip(rows, found.lines, strict=True):
            row["ref"] = line.case.ref
            _sign(row, line.balance)
    _show(ask, rows)
    remarks = [(line.case.ref, said) for line in found.lines for said in line.remarks]
    if is_drawn(ask):
        for line in found.lines:
            for reason in line.reasons:
                _say_both(ask, line.case.ref, reason)
        for ref, said in remarks:
            _say_remark(ask, ref, said)
    key = "answer.variances" if rows else "answer.none-variances"
    talk(ask, key, n=len(rows), on=found.on.isoformat())
    complete_under(ask, found.heads, known_on=as_known)


def variance_object(line: "Variance", *, book: str, on: "date") -> answers.Object:
    """Return one row: the figures, what does not add up since when, the remarks."""
    case, balance, first = line.case, line.balance, line.first
    return {
        **answers.at_home(case.ref, book),
        "origin": case.origin,
        "destination": case.destination,
        **answers.number("departed", balance.departed),
        **answers.number("arrived", balance.arrived),
        "admitted": line.admitted,
        "refused": line.refused,
        **answers.number("unaccounted", balance.missing),
        **answers.number("surplus", balance.surplus),
        "beyond_count": line.beyond,
        **answers.bounds("in_transit", balance.in_transit),
        **answers.bounds("held", balance.held),
        "pool": list(line.pool),
        "reasons": [
            {
                "reason": reason.code,
                **answers.number("n", reason.n),
                "seq": reason.seq,
                "since": reason.since.isoformat(),
                "days_open": (on - reason.since).days,
                "said": [{"seq": s.seq, "value": s.value} for s in reason.said],
            }
            for reason in line.reasons
        ],
        "open_since": None if first is None else first.since.isoformat(),
        "open_since_seq": None if first is None else first.seq,
        "days_open": None if first is None else (on - first.since).days,
        "remarks": [
            {
                "seq": said.item.seq,
                "asserted_by": said.item.record.asserted_by,
                "status": said.item.record.status,
                "text": said.item.record.text,
                "resolved_by": said.resolved_by,
            }
            for said in line.remarks
        ],
    }


def _sign(row: answers.Object, balance: "Balance") -> None:
    """Put numbers that are not exact with their signs."""
    row["departed"], row["arrived"] = str(balance.departed), str(balance.arrived)
    row["unaccounted"], row["surplus"] = str(balance.missing), str(balance.surplus)


def _show(ask: Globals, rows: list[answers.Object]) -> None:
    drawn = is_drawn(ask)
    names = SCREEN if drawn else FULL
    right = {*FIGURES, "days_open"}
    columns = [Column(name, "right" if name in right else "left") for name in names]
    cells = []
    for row in rows:
        said = [reason["reason"] for reason in row["reasons"]]
        row["reasons"] = said
        row["remarks"] = [remark["seq"] for remark in row["remarks"]]
        if drawn:
            row["reasons"] = ", ".join(ask.say(f"flag-name.{code}") for code in said)
        cells.append(answers.cells(row, names))
    show_table(ask, Table(columns, cells))


def _say_both(ask: Globals, ref: str, reason: "Reason") -> None:
    """Say who says what, where two books do not say the same."""
    what = ask.say(f"flag-name.{reason.code}")
    for saying in reason.said:
        values = {"ref": ref, "what": what, "value": saying.value}
        talk(ask, "variances.said", seq=saying.seq, **values)


def _say_remark(ask: Globals, ref: str, said: "Said") -> None:
    values: dict[str, str | int] = {
        "ref": ref,
        "seq": said.item.seq,
        "author": said.item.record.asserted_by,
        "text": said.item.record.text,
    }
    if said.resolved_by is None:
        talk(ask, "variances.remark-open", **values)
    else:
        talk(ask, "variances.remark-settled", by=said.resolved_by, **values)
