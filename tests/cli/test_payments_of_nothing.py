"""A payment of nothing is none; agreed terms may come to nothing, and say so."""

import pytest

from ledger.domain.money import payment_faults
from tests.cli.desk import RECORD, Desk, answer
from tests.cli.filing import ROWS, as_csv, put

PAY = (
    *("pay", "--for", "T-1", "--at", "2025-03-14", "--payer", "US", "--payee", "SV"),
    *("--stage", "payment", "--amount"),
)
SAID = "a payment of nothing is none"


@pytest.mark.parametrize(
    "stage", ["pledge", "commitment", "payment", "expenditure", "refund"]
)
@pytest.mark.parametrize("amount", ["0 USD", "0.00 USD", "0 JPY"])
def test_a_payment_of_nothing_is_refused_at_every_stage(
    after_departure: Desk, stage: str, amount: str
) -> None:
    words = [stage if word == "payment" else word for word in PAY]
    outcome = after_departure.run(*words, amount)

    assert outcome.code == 3
    assert outcome.err.startswith(f"transfer-ledger: --amount: {SAID}")


def test_a_payment_is_not_corrected_into_nothing_and_a_rival_may_say_so(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done(*PAY, "5 USD")
    corrected = desk.run("correct", "2", "--set", "/amount=0.00", "--reason", "r")
    claimed = desk.run("claim", "2", "--field", "/amount", "--value", "0", "--by", "SV")
    desk.done("correct", "2", "--set", "/purpose=food", "--reason", "r")

    assert (corrected.code, claimed.code) == (3, 0), claimed
    assert SAID in corrected.err
    assert "retract" in corrected.err


def test_a_row_of_nothing_is_refused_with_its_column(after_departure: Desk) -> None:
    row = {**ROWS["payment"], "kind": "payment", "for": "T-1", "amount": "0 USD"}
    put(after_departure, "rows.csv", as_csv([row]))
    found = answer(after_departure, "import", "rows.csv", code=3)["problems"]

    assert [(each["row"], each["column"], each["code"]) for each in found] == [
        (2, "amount", "payment.nothing")
    ]


def test_agreed_terms_may_come_to_nothing(after_departure: Desk) -> None:
    assert after_departure.run(*RECORD, "--compensation", "0 USD").code == 0


def test_only_amounts_that_are_read_as_nothing_are() -> None:
    def faults(kind: str, amount: object) -> list[str]:
        data = {"amount": amount}
        return [each.code for each in payment_faults(kind, data)]  # type: ignore[arg-type]

    assert faults("payment", "0") == faults("payment", "0.000") == ["payment.nothing"]
    for amount in ("", ".", "0.01", "00", "10", 0, None):
        assert faults("payment", amount) == []
    assert faults("transfer", "0") == []
    assert not [*payment_faults("payment", {"amount": "0"}, asked=lambda _: None)]
