"""Every figure can be added up again from its steps; the real case; the sentences."""

import json
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.accruing import accrual_of
from ledger.domain.custody import Balance, Pool, pool_of
from ledger.domain.entering import complete
from ledger.domain.explaining import explain, explain_balance, explain_money
from ledger.domain.explaining_terms import explain_term
from ledger.domain.history import History
from ledger.domain.money import Money
from ledger.domain.overstays import overstay
from ledger.domain.qualifying import Number
from ledger.domain.steps import Step
from ledger.domain.terms import Part, parts
from tests.books import FEW_SEEDS, book
from tests.domain.steps_of import bounds, codes, number, value, values
from tests.office import Office

EXAMPLE = Path(__file__).parents[2] / "examples" / "us-sv-2025" / "entries.json"
LATE = date(2025, 12, 20)
DAYS = st.dates(date(2025, 3, 1), date(2027, 12, 31))


@cache
def real() -> History:
    """Return the history of the example of real figures."""
    example = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    office = Office(**{name: example["book"][name] for name in ("state", "zone")})
    for row in example["entries"]:
        data = complete(row["kind"], row["request"], history=office.history)
        office.write(row["kind"], data)
    return office.history


def pools_of(history: History) -> list[tuple[Pool, str]]:
    """Return every transfer and arrival of a history with its pool."""
    found = [(pool_of(history, ref), ref) for ref in history.opened if ref[0] != "I"]
    return [(pool, ref) for pool, ref in found if ref in pool.cases]


def by_part(steps: list[Step]) -> list[list[Step]]:
    """Return the steps of each part."""
    found: list[list[Step]] = []
    for step in steps:
        if step.code.startswith("part.persons"):
            found.append([])
        if found:
            found[-1].append(step)
    return found


def only(steps: list[Step], code: str) -> tuple[int, int]:
    """Return the bounds of the only step with a code, exact or a range."""
    (found,) = [s.values for s in steps if s.code in {code, f"{code}-range"}]
    return bounds(found)


def total(steps: list[Step], *starts: str) -> int:
    """Return the sum of the numbers of all steps whose code begins so."""
    return sum(number(s.values) for s in steps if s.code.startswith(starts))


def check_part(pool: Pool, ref: str, part: Part, steps: list[Step], on: date) -> None:
    """Add one part up again from its steps."""
    persons = (part.persons.least, part.persons.most)
    assert only(steps, "part.persons") == persons
    if part.last_day is None:
        assert only(steps, "result.no-authority") == persons
        return
    assert only(steps, "result.last-day") == persons
    ends = {"count.days", "count.day-before", "count.clipped", "count.calendar-end"}
    ends |= {"renewal.until", "end.until-date", "end.capped"}
    lasts = [
        step.values["last" if "last" in step.values else "day"]
        for step in steps
        if step.code in ends
    ]
    assert lasts[-1] == part.last_day.isoformat()
    assert len(values(steps, "renewal.agreed")) == len(part.periods)
    gaps = [number(v) for v in values(steps, "renewal.gap")]
    assert gaps == [p.gap_days for p in part.periods if p.gap_days]
    for gap in values(steps, "renewal.gap"):
        assert days(gap) == number(gap)
    assert codes(steps).count("renewal.late") == sum(p.late for p in part.periods)
    over = overstay(pool, ref, part, on=on)
    if over is None:
        assert number(value(steps, "over.days-left")) == (part.last_day - on).days
        return
    assert number(value(steps, "over.days")) == over[0]
    added = [0, 0]
    for step in steps:
        if step.code.startswith("over.segment"):
            assert days(step.values) == number(step.values, "days")
            least, most = bounds(step.values)
            added[0] += least * days(step.values)
            added[1] += most * days(step.values)
    assert tuple(added) == only(steps, "over.person-days")
    assert tuple(added) == (over[1].least, over[1].most)


def days(found: object) -> int:
    """Return the days from `first` to `last`, both included."""
    assert hasattr(found, "__getitem__")
    first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
    return (last - first).days + 1


def check_balance(balance: Balance, steps: list[Step]) -> None:
    """Add a balance up again from its steps."""
    came = ("balance.departed-rest", "balance.unannounced")
    departed = total(steps, *came) + sum(
        number(v) for v in values(steps, "balance.departed")
    )
    assert departed == balance.departed
    assert departed == number(value(steps, "balance.departed-total"))
    arrived = sum(number(v) for v in values(steps, "balance.arrived"))
    assert arrived == balance.arrived
    unplaced = sum(number(v) for v in values(steps, "balance.unplaced"))
    missing = sum(number(v) for v in values(steps, "balance.missing"))
    assert unplaced + missing == balance.missing
    assert total(steps, "balance.surplus") == balance.surplus
    assert total(steps, "left.") == sum(balance.exits.values())
    assert total(steps, "shared.") == sum(leave.n for leave in balance.shared)
    here = number(value(steps, "bounds.here"))
    assert here == departed + balance.surplus - balance.missing
    if values(steps, "bounds.left"):
        left = number(value(steps, "bounds.left"))
        rest = (here - left, here - left)
    else:
        most, least = (
            value(steps, "bounds.most-left"),
            value(steps, "bounds.least-left"),
        )
        others = value(steps, "bounds.others")
        assert number(least) == number(others, "whole") - number(others)
        rest = (here - number(most), here - number(least))
        assert rest == (number(most, "rest"), number(least, "rest"))
    assert rest == (balance.remaining.least, balance.remaining.most)
    transit, held = only(steps, "balance.in-transit"), only(steps, "balance.held")
    assert transit == (balance.in_transit.least, balance.in_transit.most)
    assert held == (balance.held.least, balance.held.most)
    for step in steps:
        if step.code.startswith("equation."):
            check_equation(step)


def check_equation(step: Step) -> None:
    """Work an equation out."""
    found = step.values
    right = ["in_transit", "held"] if "held" in found else ["remaining"]
    right += ["left", "unaccounted"]
    sides = [["departed", "surplus"], right]
    left_side, right_side = (sum(number(found, n) for n in side) for side in sides)
    assert left_side == right_side
    assert all(number(found, name) >= 0 for name in (*sides[0], *sides[1]))


def check_money(pool: Pool, ref: str, steps: list[Step], on: date) -> None:
    """Work out what was earned again from the sum, the fraction and the rounding."""
    earned = accrual_of(pool, ref, on=on)
    if earned is None:
        assert values(steps, "money.accrued") == []
        return
    told = [earned.least, *([earned.most] if earned.most != earned.least else [])]
    fractions = values(steps, "money.fraction")
    for accrual, fraction, accrued, unused in zip(
        told,
        fractions,
        values(steps, "money.accrued"),
        values(steps, "money.unused"),
        strict=True,
    ):
        share = Fraction(number(fraction, "part"), number(fraction, "whole"))
        agreed = Money.parse(str(value(steps, "money.agreed-total")["amount"]))
        again = Money(agreed.currency, round(agreed.minor * share)).format()
        assert accrued["amount"] == again == accrual.accrued.format()
        assert unused["amount"] == accrual.unused.format()


@settings(max_examples=25, deadline=None)
@given(seed=st.sampled_from(FEW_SEEDS), on=DAYS)
def test_every_figure_can_be_added_up_again_from_its_steps(seed: int, on: date) -> None:
    for pool, ref in pools_of(book(seed).history):
        found = parts(pool, ref, on=on)
        term = explain_term(pool, ref, on=on)

        told = by_part(term)
        assert len(told) == len(found)
        for part, steps in zip(found, told, strict=True):
            check_part(pool, ref, part, steps, on)
        assumed = {"exit.latest-end", "exit.shared-latest-end", "exit.named-too-many"}
        if found:
            assert any(p.assumed for p in found) == bool(assumed & set(codes(term)))
        check_balance(pool.balance(ref, on=on), explain_balance(pool, ref, on=on))
        check_money(pool, ref, explain_money(pool, ref, on=on), on)


@settings(max_examples=10, deadline=None)
@given(seed=st.sampled_from(FEW_SEEDS), on=DAYS)
def test_a_step_names_an_entry_of_the_book_and_plain_values(
    seed: int, on: date
) -> None:
    history = book(seed).history
    for pool, ref in pools_of(history):
        for step in explain(pool, ref, on, money=True):
            assert step.seq is None or step.seq in history.entries
            assert all(type(v) in {str, int, Number} for v in step.values.values())


@pytest.mark.parametrize("ref", ["T-1", "T-2", "T-3", "T-4"])
@pytest.mark.parametrize("on", [date(2025, 3, 16), LATE, date(2026, 4, 20)])
def test_the_real_case_adds_up(ref: str, on: date) -> None:
    pool = pool_of(real(), ref)

    steps = explain(pool, ref, on, money=True)

    check_balance(pool.balance(ref, on=on), explain_balance(pool, ref, on=on))
    for part, of_part in zip(
        parts(pool, ref, on=on), by_part(explain_term(pool, ref, on=on)), strict=True
    ):
        check_part(pool, ref, part, of_part, on)
    check_money(pool, ref, steps, on)


def test_the_real_case_quotes_its_words_and_lists_the_others() -> None:
    steps = explain_term(pool_of(real(), "T-1"), "T-1", on=LATE)

    quoted = value(steps, "term.quoted-language")
    assert (quoted["language"], quoted["said_by"]) == ("es", "US")
    assert [v["path"] for v in values(steps, "claim.not-adopted")] == [
        "/term/text",
        "/renewable",
        "/term/text",
        "/term/reading",
    ]
    assert value(steps, "result.last-day-range") == {
        "least": 0,
        "most": 35,
        "day": "2026-03-15",
    }


def test_the_real_case_leaves_35_between_four_transfers() -> None:
    steps = explain_balance(pool_of(real(), "T-1"), "T-1", on=LATE)

    assert value(steps, "bounds.least-left") == {
        "ref": "T-1",
        "n": 203,
        "here": 238,
        "rest": 35,
    }
    assert value(steps, "equation.pool")["remaining"] == 35
    assert "/refused" in {v["path"] for v in values(steps, "claim.not-adopted")}


def test_the_real_grant_earns_from_the_day_of_admission() -> None:
    steps = explain_money(pool_of(real(), "T-1"), "T-1", on=LATE)

    assert value(steps, "money.term") == {
        "first": "2025-03-16",
        "last": "2026-03-15",
        "n": 365,
    }
    assert values(steps, "money.accrued")[0]["amount"] == "1617095.89 USD"
    assert values(steps, "money.unused")[0]["amount"] == "3142904.11 USD"
    assert "money.no-refund-clause" in codes(steps)
    assert "paid.commitment" in codes(steps)


def test_money_is_explained_only_when_asked_for() -> None:
    pool = pool_of(real(), "T-1")

    without, with_money = (explain(pool, "T-1", LATE, money=m) for m in (False, True))

    assert with_money[: len(without)] == without
    assert {c.partition(".")[0] for c in codes(with_money[len(without) :])} == {
        "money",
        "paid",
        "claim",
    }
