"""What a summary says was earned is counted again from its own steps."""

import copy
from datetime import date
from typing import Any

import pytest

from ledger.exchange.summary_accrual import accrual_oddities
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.summaries import summary_of

ON = date(2026, 4, 1)
FEW: Json = {"n": 10, "qualifier": "exact"}


def office(per: str, **terms: Json) -> Office:
    """Return an office with a sum, a renewal of some, and an exit of a pool."""
    made = Office()
    agreed: dict[str, Json] = {"amount": "7.00", "currency": "USD", "per": per, **terms}
    made.transfer(compensation=agreed, persons=FEW)
    made.receipt("T-1", 10)
    made.transfer(persons=FEW)
    made.receipt("T-2", 10)
    made.renewal("T-1", 4)
    made.exit(["T-1", "T-2"], 3, "2026-02-01")
    made.exit(["T-1"], 1, "2026-03-20")
    return made


def row(per: str = "person_day", **terms: Json) -> dict[str, Any]:
    """Return the row of the transfer."""
    found: dict[str, Any] = summary_of(office(per, **terms), on=ON)["transfers"][0]
    return found


def oddities(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is odd, and where."""
    return [(odd.at, odd.code) for odd in accrual_oddities(row, "", on=ON.isoformat())]


def changed(row: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """Return a row with another value in what was earned."""
    made = copy.deepcopy(row)
    holder = made["accrual"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = to
    return made


@pytest.mark.parametrize("per", ["total", "person_day", "person_month", "person_year"])
@pytest.mark.parametrize("basis", [None, "ACT/366", "30/360", "month/12"])
def test_what_the_program_counts_fits(per: str, basis: str | None) -> None:
    assert oddities(row(per, **({} if basis is None else {"basis": basis}))) == []


def test_without_an_accrual_there_is_nothing_to_check() -> None:
    assert oddities({}) == []


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        (("accrued_max",), "999999.00", "accrual-sum"),
        (("accrued_min",), "0.00", "accrual-sum"),
        (("person_days_max",), 999_999, "accrual-sum"),
        (("unauthorised_max",), "99999.00", "accrual-sum"),
        (("unauthorised_person_days_min",), 0, "accrual-sum"),
        (("steps", 0, "first"), "2020-01-01", "accrual-days"),
        (("steps", 0, "last"), "2026-04-02", "accrual-days"),
    ],
)
def test_what_does_not_follow_from_the_steps_is_named(
    path: tuple[Any, ...], to: Any, code: str
) -> None:
    assert code in {each for _, each in oddities(changed(row(), *path, to=to))}


def test_a_least_above_the_most_is_named() -> None:
    made = row()
    least = made["accrual"]["person_days_max"]
    found = oddities(changed(made, "person_days_min", to=least + 1))

    assert ("/accrual/person_days_min", "too-many") in found


def test_a_total_whose_rest_is_not_said_is_left_to_the_form() -> None:
    made = row("total")
    del made["accrual"]["unused_min"]

    assert oddities(made) == []


def test_a_total_and_its_rest_are_what_was_agreed() -> None:
    found = oddities(changed(row("total"), "unused_min", to="1.00"))

    assert found == [("/accrual/unused_min", "sum")]
