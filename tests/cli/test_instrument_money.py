"""What a person sees of a sum that only an instrument states."""

from datetime import UTC, datetime

from tests.cli.desk import RECEIVE, RECORD, Desk, answer

PAPER = (
    *("instrument", "--title", "Letter", "--type", "letter", "--stage", "signed"),
    *("--binding", "unknown", "--text-public", "no", "--party", "US"),
    *("--arrangement", "us-sv-2025", "--term", "P1Y", "--at", "2025-03-13"),
)
ON = ("--on", "2025-07-17")


def kept(desk: Desk, *sum_: str) -> None:
    """Record an instrument with a sum, and a transfer that names it and has none."""
    desk.now = datetime(2025, 8, 1, 9, 0, tzinfo=UTC)
    desk.done(*PAPER, *sum_)
    desk.done(*RECORD, "--instrument", "I-1")
    desk.done(*RECEIVE)


def test_a_total_of_an_instrument_is_in_money_and_told_beside_the_transfer(
    desk: Desk,
) -> None:
    kept(desk, "--compensation", "4760000.00 USD")
    (account,) = answer(desk, "money", *ON)["accounts"]
    shown = desk.done("show", "T-1", *ON).out
    steps = answer(desk, "explain", "T-1", "--money", *ON)["steps"]

    assert account["accrued_min"] == account["accrued_max"] == "1617095.89"
    assert account["unused_min"] == "3142904.11"
    assert account["apart"][0]["reason"] == "accrues"
    assert "I-1" in shown
    assert "money.instrument-total" in {step["code"] for step in steps}


def test_a_rate_of_an_instrument_is_told_as_the_transfers_own(desk: Desk) -> None:
    kept(desk, "--compensation", "20000.00 USD", "--per", "person-year")
    (account,) = answer(desk, "money", *ON)["accounts"]
    accrual = answer(desk, "show", "T-1", *ON)["accrual"]
    steps = answer(desk, "explain", "T-1", "--money", *ON)["steps"]

    assert account["accrued_min"] == accrual["accrued_min"] == "1617095.89"
    assert {"money.of-instrument", "money.rate-accrued"} <= {s["code"] for s in steps}
