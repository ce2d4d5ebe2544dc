"""Two books tell of one renewal or one payment, and do not say the same."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import MORNING, Desk, answer
from tests.cli.test_two_books import States, exchange, only, receive
from tests.cli.two_states import moved

RENEWED = ("--agreed-on", "2025-03-19")
PAID = (
    *("--stage", "payment", "--at", "2025-03-19", "--payer", "US", "--payee", "SV"),
)


@pytest.fixture(scope="module", name="received")
def _received(befriended: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two books with one transfer that both know of."""
    folder = tmp_path_factory.mktemp("received")
    us, sv = moved(befriended, folder, now=MORNING.replace(day=20))
    exchange(us, sv)
    receive(sv)
    exchange(sv, us)
    return folder


@pytest.fixture(name="states")
def _states(received: Path, tmp_path: Path) -> States:
    return moved(received, tmp_path, now=MORNING.replace(day=21))


def renewed(states: States, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    us, sv = states
    us.done("renew", "T-1", *one, *RENEWED)
    sv.done("renew", "us:T-1", *other, *RENEWED)
    exchange(us, sv)


def variance(desk: Desk) -> dict[str, Any]:
    """Return the one way in which the one transfer does not add up."""
    (row,) = answer(desk, "variances")["transfers"]
    (reason,) = row["reasons"]
    assert isinstance(reason, dict)
    return reason


def names(states: States) -> list[tuple[Desk, str]]:
    us, sv = states
    return [(us, "T-1"), (sv, "us:T-1")]


def test_sums_of_one_renewal_that_cannot_be_compared_are_told_by_both(
    states: States,
) -> None:
    part = ("--for", "P1Y", "--persons", "238", "--per", "person-day")
    sums = ("--compensation", "90.00 USD"), ("--compensation", "80.00 EUR")
    renewed(states, (*part, *sums[0]), (*part, *sums[1]))
    for desk, name in names(states):
        assert "renewed-compensation" in desk.done("show", name).out
        desk.columns = 100
        said = desk.done("reconcile").out
        desk.columns = None
        assert "90.00 USD/person_day" in said
        assert "80.00 EUR/person_day" in said


def test_of_two_lengths_of_one_renewal_the_shorter_is_in_force(states: States) -> None:
    part = ("--persons", "238")
    renewed(states, ("--for", "P1Y", *part), ("--for", "P6M", *part))
    for desk, name in names(states):
        (term,) = answer(desk, "show", name)["terms"]
        due = only(answer(desk, "due", "--within", "1000d"))
        held = only(answer(desk, "held"))
        over = only(answer(desk, "overdue", "--on", "2026-10-01"))

        # Admitted on 2025-03-16 for P1Y: six months more, not a year, nor both.
        assert term["authorised_until"] == "2026-09-15"
        assert due["authorised_until"] == "2026-09-15"
        assert len(term["periods"]) == 1
        for row in (due, held, over):
            assert "renewed-otherwise" in row["flags"]  # type: ignore[operator]


def test_who_says_which_length_is_shown(states: States) -> None:
    part = ("--persons", "238")
    renewed(states, ("--for", "P1Y", *part), ("--for", "P6M", *part))
    us, _ = states
    reason = variance(us)
    duty = next(d for d in answer(us, "today")["duties"] if d["task"] == "variance")
    us.columns = 120
    screen = us.run("variances")
    us.columns = None
    steps = us.done("explain", "T-1").out

    assert (reason["reason"], reason["n"]) == ("renewed-otherwise", 181)
    assert [said["value"] for said in reason["said"]] == ["P1Y", "P6M"]
    assert reason["said"][1]["book"] == "sv.example/book"
    assert (duty["detail"], duty["n"], duty["persons_max"]) == (
        "renewed-otherwise",
        181,
        None,
    )
    assert "T-1, renewed otherwise: entry sv:5 says P6M" in screen.err
    assert "US tells of this renewal: P1Y, for 238 persons." in steps
    assert "SV tells of this renewal: P6M, for 238 persons." in steps
    assert "until 2026-09-15, and not until 2027-03-15" in steps


def test_of_two_numbers_of_one_renewal_the_fewer_are_extended(states: States) -> None:
    until = ("--until", "2026-09-15", "--persons")
    renewed(states, (*until, "238"), (*until, "200"))
    for desk, name in names(states):
        terms = answer(desk, "show", name)["terms"]
        reason = variance(desk)

        assert [(t["authorised_until"], t["persons_max"]) for t in terms] == [
            ("2026-03-15", 38),
            ("2026-09-15", 200),
        ]
        assert (reason["reason"], reason["n"]) == ("renewed-persons", 38)
        assert {said["value"] for said in reason["said"]} == {"238", "200"}


def test_two_sums_of_one_payment_are_not_added(states: States) -> None:
    us, sv = states
    us.done("pay", "--for", "T-1", "--amount", "100.00 USD", *PAID)
    sv.done("pay", "--for", "us:T-1", "--amount", "90.00 USD", *PAID)
    exchange(us, sv)
    for desk, name in names(states):
        reason = variance(desk)
        told = desk.done("explain", name, "--money").out

        assert reason["reason"] == "paid-otherwise"
        assert [s["value"] for s in reason["said"]] == ["90.00 USD", "100.00 USD"]
        assert "US tells of the same payment, as 100.00 USD" in told
        assert "paid in all: 90.00 USD" in told


def test_one_payment_that_both_tell_of_alike_is_in_no_variance(states: States) -> None:
    us, sv = states
    for desk, name in names(states):
        desk.done("pay", "--for", name, "--amount", "100.00 USD", *PAID)
    exchange(us, sv)

    assert "paid in all: 100.00 USD" in us.done("explain", "T-1", "--money").out
    assert answer(us, "variances")["transfers"] == []
