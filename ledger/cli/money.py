"""`money`: what was promised, moved and earned, by arrangement and currency."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Cell, Column, Table, is_drawn, show_json, show_table, talk

if TYPE_CHECKING:
    from ledger.domain.accounts import Account
    from ledger.domain.flows import Range
    from ledger.domain.sums_apart import Stage
    from ledger.domain.values import Qualifier

STAGES: "dict[str, Stage]" = {
    "pledged": "pledge",
    "committed": "commitment",
    "paid": "payment",
    "spent": "expenditure",
    "refunded": "refund",
}


class _Line(Struct, frozen=True):
    """One figure of an account, or one sum that is not added."""

    what: str
    least: Cell = None
    most: Cell = None
    seq: int | None = None
    note: str = ""
    is_money: bool = True
    said: "Qualifier" = "exact"


def money(
    ask: Globals,
    *,
    on: On = None,
    known_on: KnownOn = None,
    arrangement: Annotated[
        str | None, typer.Option(help="option.money.arrangement", metavar="NAME")
    ] = None,
) -> None:
    """Show the accounts of the book."""
    from ledger.register.accounting import money as find  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = find(register, on=day(ask, on), arrangement=arrangement)
        book = register.journal.book.name
    ask = ask.over(found.books)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/money/1",
                "book": book,
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "accounts": [_object(account) for account in found.accounts],
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    show_table(ask, _table(ask, found.accounts))
    on_day = found.on.isoformat()
    key = "answer.money" if found.accounts else "answer.none-money"
    talk(ask, key, n=len(found.accounts), on=on_day)
    complete_under(ask, found.heads, known_on=as_known)


def _object(account: "Account") -> answers.Object:
    moved = account.moved
    stages = {name: _amount(account, moved[what]) for name, what in STAGES.items()}
    least, most = account.cost
    return {
        "arrangements": list(account.arrangements),
        "currency": account.currency,
        "transfers": list(account.transfers),
        **stages,
        "agreed": _amount(account, account.agreed),
        **_amounts(account, "accrued", account.accrued),
        **_amounts(account, "unauthorised", account.unauthorised),
        **_amounts(account, "unused", account.unused),
        **_amounts(account, "paid_minus_accrued", account.paid_minus_accrued),
        "not_accruing": list(account.unearned),
        "without_sum": list(account.without_sum),
        **answers.bounds("person_days", account.person_days),
        "persons_approximate": account.approximate,
        "cost_basis": account.basis,
        "cost_per_person_day_min": None if least is None else _amount(account, least),
        "cost_per_person_day_max": None if most is None else _amount(account, most),
        **_cost_qualifier(account),
        "refund_clauses": [
            {"seq": seq, "text": text} for seq, text in account.refund_clauses
        ],
        "apart": [
            {
                "seq": apart.seq,
                "what": apart.what,
                "amount": apart.money.amount,
                "currency": apart.money.currency,
                "per": apart.per,
                "status": apart.status,
                "reason": apart.reason,
            }
            for apart in account.apart
        ],
    }


def _cost_qualifier(account: "Account") -> answers.Object:
    said = account.cost_qualifier
    known = account.basis is not None and said != "exact"
    return {"cost_per_person_day_qualifier": said} if known else {}


def _amount(account: "Account", minor: int) -> str:
    from ledger.domain.accounts import written  # noqa: PLC0415 - start-up

    return written(minor, currency=account.currency)


def _amounts(account: "Account", name: str, found: "Range | None") -> answers.Object:
    if found is None:
        return {f"{name}_min": None, f"{name}_max": None}
    least, most = _amount(account, found.least), _amount(account, found.most)
    said = found.qualifier
    ends = {f"{name}_min": least, f"{name}_max": most}
    return ends if said == "exact" else {**ends, f"{name}_qualifier": said}


def _table(ask: Globals, accounts: "tuple[Account, ...]") -> Table:
    """Return one line a figure: a person reads few columns, a program all."""
    drawn = is_drawn(ask)
    rows: list[list[Cell]] = []
    for account in accounts:
        name = " ".join(account.arrangements)
        for line in _lines(ask, account):
            value = _value(line, account.currency)
            if drawn and (value or line.note):
                what = ask.say(f"money.{line.what}")
                rows.append([name, what, value, line.seq, line.note])
            elif not drawn:
                figures = [line.what, line.least, line.most, line.seq, line.note]
                rows.append([name, account.currency, *figures, line.said])
    names = [
        "arrangement",
        "currency",
        "what",
        "min",
        "max",
        "entry",
        "remark",
        "qualifier",
    ]
    if drawn:
        names = ["arrangement", "what", "value", "entry", "remark"]
    right = frozenset(("value", "entry"))
    return Table([Column(n, "right" if n in right else "left") for n in names], rows)


def _value(line: _Line, currency: str) -> str:
    from ledger.domain.values import SIGNS  # noqa: PLC0415 - start-up

    if line.least == line.most:
        value = "" if line.least is None else f"{SIGNS[line.said]}{line.least}"
    else:
        ends = ("…" if end is None else str(end) for end in (line.least, line.most))
        value = SIGNS[line.said] + " – ".join(ends)  # noqa: RUF001 (a range)
    return f"{value} {currency}" if value and line.is_money else value


def _lines(ask: Globals, account: "Account") -> Iterator[_Line]:
    for name, stage in STAGES.items():
        sum_ = _amount(account, account.moved[stage])
        yield _Line(name, sum_, sum_)
    agreed = _amount(account, account.agreed)
    yield _Line("agreed", agreed, agreed)
    for name, found in (
        ("accrued", account.accrued),
        ("unauthorised", account.unauthorised),
        ("unused", account.unused),
        ("paid_minus_accrued", account.paid_minus_accrued),
    ):
        ends = _amounts(account, name, found)
        said = ends.get(f"{name}_qualifier", "exact")
        yield _Line(name, ends[f"{name}_min"], ends[f"{name}_max"], said=said)
    for ref in account.unearned:
        yield _Line("not_accruing", note=ref)
    for ref in account.without_sum:
        yield _Line("without_sum", note=ref)
    days = account.person_days
    about = _word(ask, "approximate") if account.approximate else ""
    yield _Line(
        "person_days",
        days.least,
        days.most,
        note=about,
        is_money=False,
        said=days.qualifier,
    )
    least, most = (
        None if end is None else _amount(account, end) for end in account.cost
    )
    basis = "" if account.basis is None else _word(ask, f"basis-{account.basis}")
    said = account.cost_qualifier
    yield _Line("cost_per_person_day", least, most, note=basis, said=said)
    for seq, text in account.refund_clauses:
        yield _Line("refund_clause", seq=seq, note=text)
    if not account.refund_clauses:
        yield _Line("refund_clause", note=_word(ask, "none-recorded"))
    for apart in account.apart:
        sum_ = apart.money.amount
        note = f"{apart.what} {apart.per} {apart.status} {apart.reason}"
        if is_drawn(ask):
            note = ask.say(
                f"money.reason.{apart.reason}",
                what=ask.say(f"money.apart.{apart.what}"),
                per=ask.say(f"money.per.{apart.per}"),
                status=ask.say(f"summary.word.{apart.status}"),
            )
        yield _Line("apart", sum_, sum_, seq=apart.seq, note=note)


def _word(ask: Globals, word: str) -> str:
    return ask.say(f"money.word.{word}") if is_drawn(ask) else word
