"""Who is in transit and who is held, on a terminal; and how arrivals are counted."""

import pytest

from tests.cli.desk import RECEIVE, RECORD, Desk, answer

PARTLY = ("receive", "T-1", "--persons", "218", "--arrived", "2025-03-16T00:05-06:00")


@pytest.mark.parametrize("verb", ["list", "held"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_persons_in_transit_are_never_shown_as_nobody(
    after_departure: Desk, verb: str, columns: int
) -> None:
    desk = after_departure
    desk.columns = columns

    before = desk.done(verb).out
    desk.done(*PARTLY, "--more-to-come")
    after = desk.done(verb).out

    assert "in transit" in before
    assert "238" in before
    assert {"20", "218"} <= set(after.split())


def test_where_nobody_is_in_transit_no_column_says_so(received: Desk) -> None:
    received.columns = 120

    for verb in ("list", "held"):
        heading = received.done(verb).out.splitlines()[1]
        assert "in transit" not in heading
        assert "held" in heading


@pytest.mark.parametrize("said", ["about:250", "at-least:250", "at-most:250"])
def test_who_arrived_is_counted_and_the_refusal_says_why(
    after_departure: Desk, said: str
) -> None:
    words = [said if word == "238" else word for word in RECEIVE]

    outcome = after_departure.run(*words)

    assert outcome.code == 3
    assert "whoever a receipt leaves out is unaccounted for at once" in outcome.err
    assert "such as 250; add --more-to-come" in outcome.err


def test_more_than_were_announced_are_recorded_and_shown(after_departure: Desk) -> None:
    words = ["250" if word == "238" else word for word in RECEIVE]

    outcome = after_departure.done(*words)

    assert "12 persons more were counted on arrival than had departed" in outcome.err


def test_of_an_unannounced_arrival_the_number_need_not_be_exact(desk: Desk) -> None:
    words = ("receive", "--unannounced", "--from", "SV", "--persons", "about:17")
    desk.columns = 120

    desk.done(*words, "--arrived", "2025-03-14")

    assert "≈17" in desk.done("list").out


@pytest.mark.parametrize("columns", [70, 80, 120])
def test_a_fingerprint_stands_on_one_line(desk: Desk, columns: int) -> None:
    desk.columns = columns

    said = desk.done("key", "list").out.split()

    assert {len(word) for word in said if word.startswith("SHA256:")} == {50}


def test_what_to_type_next_comes_last(received: Desk) -> None:
    received.now = received.now.replace(year=2027)
    words = ("renew", "T-1", "--until", "2026-04-15", "--persons", "9")

    lines = received.done(*words, "--agreed-on", "2026-03-01").err.splitlines()

    assert lines[-1].startswith("next: ")
    assert any("over already" in line for line in lines[:-1])


def test_below_one_another_no_heading_stands_without_a_value(received: Desk) -> None:
    received.columns = 60
    paid = ("--stage", "commitment", "--amount", "5.00 USD", "--at", "2025-03-16")
    received.done("pay", "--for", "T-1", *paid, "--payer", "US", "--payee", "SV")

    lines = received.done("money").out.splitlines()

    assert "committed" in " ".join(lines)
    assert not [line for line in lines if line.strip() in {"arrangement", "entry"}]


def test_money_names_who_states_no_sum_beside_one_who_does(received: Desk) -> None:
    both = (*RECORD, "--arrangement", "a")
    sum_ = ("--compensation", "9.00 USD", "--payer", "US", "--payee", "SV")
    received.done(*both, *sum_)
    received.done(*both)

    (account,) = answer(received, "money")["accounts"]
    received.columns = 120
    told = " ".join(received.done("money").out.split())

    assert account["without_sum"] == ["T-3"]
    assert "states no sum, its days count" in told
