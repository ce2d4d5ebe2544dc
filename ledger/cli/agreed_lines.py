"""What `show` says of what was agreed: term, renewal, money, reports, sources.

Every member that an entry has gets a line of its own; the key of a line is the path of
the member, joined by strokes below (`term_length`).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ledger.cli import answers, words
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn

if TYPE_CHECKING:
    from ledger.domain.earning import Earning
    from ledger.domain.flows import Range
    from ledger.domain.money import Money

Line: TypeAlias = tuple[str, str | int | None, int | None]

# Members that are lists of objects: the line that each item gets.
_LISTED = {
    "evidence": "evidence",
    "reports": "report",
    "breakdown": "breakdown",
    "refused": "refused",
}
_HEADS = {"headcount", "facility", "manifest", "renewal", "source", "term"}


def member_lines(
    ask: Globals,
    data: Mapping[str, Any],
    seq: int | None,
    *,
    told: frozenset[str] = frozenset(),
) -> Iterator[Line]:
    """Yield a line for each member of an entry, but those that are told elsewhere."""
    for name, value in data.items():
        if name in told:
            continue
        if name in _LISTED:
            for item in value:
                yield _LISTED[name], joined(ask, item), seq
        elif name == "compensation":
            yield from compensation_lines(ask, value, seq)
        elif name in _HEADS:
            yield from _nested(ask, name, value, seq)
        elif isinstance(value, list):
            yield name, ", ".join(str(item) for item in value), seq
        elif isinstance(value, bool):
            yield name, words.truth(ask, yes=value), seq
        else:
            yield name, _plain(ask, name, value), seq


def _plain(ask: Globals, member: str, value: Any) -> Any:
    return words.code(ask, member, value) if isinstance(value, str) else value


def _nested(
    ask: Globals, name: str, value: Mapping[str, Any], seq: int | None
) -> Iterator[Line]:
    if set(value) == {"n", "qualifier"}:
        from ledger.domain.values import format_persons  # noqa: PLC0415 - start-up

        yield name, format_persons(value["n"], value["qualifier"]), seq
        return
    for inner, each in value.items():
        if isinstance(each, Mapping):
            yield from _nested(ask, inner, each, seq)
        else:
            yield f"{name}_{inner}", _plain(ask, inner, each), seq


def joined(ask: Globals, item: Mapping[str, Any]) -> str:
    """Return the members of one item of a list, each with its name."""
    drawn = is_drawn(ask)
    return "; ".join(
        f"{words.name(ask, name)}: {words.value(ask, name, each) if drawn else each}"
        for name, each in item.items()
    )


def compensation_lines(
    ask: Globals, agreed: Mapping[str, Any], seq: int | None
) -> Iterator[Line]:
    """Yield what was agreed to be paid, by whom and to whom, and on what basis."""
    yield "agreed", f"{agreed['amount']} {agreed['currency']}", seq
    yield "agreed_per", words.code(ask, "per", agreed["per"]), seq
    yield "payer", agreed.get("payer"), seq
    yield "payee", agreed.get("payee"), seq
    yield "basis", agreed.get("basis"), seq
    yield "refund_clause", agreed.get("refund_clause"), seq


def earning_lines(earning: "Earning") -> Iterator[Line]:
    """Yield what an agreed sum has earned, over what, and what is left of it."""
    found = accrual_object(earning)
    yield "accrual_first", found["first"], None
    yield "accrual_last", found["last"], None
    if earning.persons is not None and earning.person_days is not None:
        yield "accrual_persons", answers.between(earning.persons), None
        yield "accrual_person_days", answers.between(earning.person_days), None
    yield "accrual_basis", found["basis"], None
    yield "accrual_state", found["course"], None
    yield "accrued_min", _signed(earning.accrued[0], earning.person_days), None
    yield "accrued_max", _signed(earning.accrued[1], earning.person_days), None
    if earning.beyond is not None and earning.beyond_days is not None:
        yield (
            "accrual_unauthorised_person_days",
            answers.between(earning.beyond_days),
            None,
        )
        yield "unauthorised_min", _signed(earning.beyond[0], earning.beyond_days), None
        yield "unauthorised_max", _signed(earning.beyond[1], earning.beyond_days), None
    if earning.unused is not None:
        yield "unused_min", earning.unused[0].format(), None
        yield "unused_max", earning.unused[1].format(), None


def _signed(sum_: "Money", days: "Range | None") -> str:
    """Return a sum of money, which is no more exact than the person-days it is for."""
    from ledger.domain.values import SIGNS  # noqa: PLC0415 - start-up

    return f"{SIGNS['exact' if days is None else days.qualifier]}{sum_.format()}"


def step_lines(ask: Globals, earning: "Earning") -> Iterator[Line]:
    """Yield the days on which a rate was earned, by persons, sum and right."""
    from ledger.domain.summary_rows import accrual_step  # noqa: PLC0415 - start-up

    stretches = () if earning.rated is None else earning.rated.stretches
    for each in stretches:
        row = accrual_step(each)
        if is_drawn(ask):
            right = "" if each.authorised else "-unauthorised"
            text = ask.say(
                f"summary.accrual-step{right}",
                first=str(row["first"]),
                last=str(row["last"]),
                persons=answers.between(each.persons),
                amount=each.sum.terms.money.format(),
                seq=each.sum.seq,
            )
        else:
            text = joined(ask, row)
        yield "accrual_step", text, each.sum.seq


def accrual_object(earning: "Earning") -> answers.Object:
    """Return what an agreed sum has earned, as `--json` has it.

    `agreed` is the total, or the rate. Of a rate nothing is unused; of a total no
    person-days are counted.
    """
    persons, days = earning.persons, earning.person_days
    unused, beyond = earning.unused, earning.beyond
    from ledger.domain.summary_rows import accrual_step  # noqa: PLC0415 - start-up

    rated = earning.rated
    return {
        "currency": earning.terms.currency,
        "agreed": earning.terms.money.amount,
        "per": earning.terms.per,
        "accrued_min": earning.accrued[0].amount,
        "accrued_max": earning.accrued[1].amount,
        "unused_min": None if unused is None else unused[0].amount,
        "unused_max": None if unused is None else unused[1].amount,
        "basis": earning.counted_by,
        "basis_assumed": earning.assumed,
        "first": earning.first.isoformat(),
        "last": answers.iso(earning.last),
        "provisional": earning.provisional,
        "course": earning.state,
        **answers.maybe_bounds("persons", persons),
        **answers.maybe_bounds("person_days", days),
        "unauthorised_min": None if beyond is None else beyond[0].amount,
        "unauthorised_max": None if beyond is None else beyond[1].amount,
        **answers.maybe_bounds("unauthorised_person_days", earning.beyond_days),
        "steps": [] if rated is None else [*map(accrual_step, rated.stretches)],
        "other_sums": [] if rated is None else list(rated.other_sums),
    }
