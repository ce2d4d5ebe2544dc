"""Where the persons are: each number with its entry, the bounds, the equation."""

from datetime import date

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.explaining import explain_balance
from ledger.domain.steps import Step
from ledger.tlog.canonical import Json
from tests.domain.steps_of import codes, number, value, values
from tests.office import Office

ON = date(2026, 4, 1)
LEFT = "2025-04-20"


def balance(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Step]:
    """Return the explanation of the balance of a transfer."""
    return explain_balance(pool_of(office.history, ref), ref, on=on)


def received(n: int, **members: Json) -> Office:
    """Return an office whose first transfer was received in full."""
    office = Office()
    count: Json = {"n": n, "qualifier": "exact"}
    office.transfer(**{"persons": count, **members})
    office.receipt("T-1", n)
    return office


@pytest.mark.parametrize(
    ("departed", "exits", "held"),
    [
        (299, [("repatriated", 177), ("escaped", 10)], 112),
        (
            200,
            [("repatriated", 107), ("released", 35), ("onward_transferred", 30)],
            28,
        ),
        (8, [("released", 1), ("repatriated", 1)], 6),
    ],
)
def test_the_public_figures_come_out(
    departed: int, exits: list[tuple[str, int]], held: int
) -> None:
    office = received(departed)
    for how, n in exits:
        office.exit(["T-1"], n, LEFT, how=how)

    steps = balance(office)

    left = {s.code: dict(s.values) for s in steps if s.code.startswith("left.")}
    assert [v["n"] for v in left.values()] == [n for _, n in exits]
    assert value(steps, "balance.held")["n"] == held
    assert value(steps, "equation.exact") == {
        "departed": departed,
        "surplus": 0,
        "in_transit": 0,
        "held": held,
        "left": sum(n for _, n in exits),
        "unaccounted": 0,
    }


def test_departures_are_told_one_by_one_with_both_zones() -> None:
    departures: Json = [
        {"at": "2025-03-15T19:36-04:00"},
        {"at": "2025-03-15T17:26-04:00", "persons": 137},
        {"at": "2025-03-16"},
        {"at": "2027-01-01"},
    ]
    office = Office()
    office.transfer(departures=departures)

    steps = balance(office)

    assert value(steps, "balance.departed") == {
        "n": 137,
        "recorded": "2025-03-15T17:26-04:00",
    }
    assert value(steps, "balance.departed-rest")["n"] == 101
    assert value(steps, "balance.departed-with") == {"recorded": "2025-03-16"}
    assert value(steps, "time.day") == {"recorded": "2025-03-16", "day": "2025-03-16"}
    assert values(steps, "time.zones")[0]["local"] == "2025-03-15T17:36-06:00"
    assert value(steps, "balance.departed-total")["n"] == 238
    assert value(steps, "balance.in-transit")["n"] == 238


@pytest.mark.parametrize(
    ("qualifier", "code"),
    [
        ("about", "balance.about"),
        ("at_least", "balance.at-least"),
        ("at_most", "balance.at-most"),
    ],
)
def test_a_number_that_is_not_exact_says_so(qualifier: str, code: str) -> None:
    office = received(5, persons={"n": 5, "qualifier": qualifier})

    assert value(balance(office), code) == {"n": 5}


def test_receipts_add_up_and_the_final_one_shows_who_is_missing() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 100, more_to_come=True)
    office.receipt("T-1", 130, arrived="2025-03-18", admitted="2025-03-18")

    steps = balance(office)

    assert [v["n"] for v in values(steps, "balance.arrived")] == [100, 130]
    assert codes(steps).count("balance.receipt-more") == 1
    assert codes(steps).count("balance.receipt-final") == 1
    missing = {"n": 8, "expected": 238, "arrived": 230}
    assert value(steps, "balance.missing") == missing
    assert value(steps, "balance.missing-total") == {"n": 8}
    assert value(steps, "equation.exact")["unaccounted"] == 8


def test_a_receipt_after_the_day_is_not_told_yet() -> None:
    office = received(238)

    steps = balance(office, on=date(2025, 3, 15))

    assert values(steps, "balance.arrived") == []
    assert value(steps, "balance.in-transit")["n"] == 238


def test_the_refused_and_the_unplaced_are_told() -> None:
    office = Office()
    office.transfer()
    refused: Json = [{"n": 8, "reason": "not on the list"}]
    office.receipt("T-1", 238, refused=refused, admitted_persons=220)

    steps = balance(office)

    assert value(steps, "left.refused-not-admitted") == {"n": 8, "day": "2025-03-16"}
    assert value(steps, "balance.unplaced") == {"n": 10}
    assert value(steps, "balance.missing-total") == {"n": 10}
    assert values(steps, "balance.missing") == []


def test_a_surplus_is_told() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 240)

    steps = balance(office)

    assert value(steps, "balance.surplus") == {
        "n": 2,
        "expected": 238,
        "arrived": 240,
    }


def test_who_died_on_the_way_is_not_expected_on_arrival() -> None:
    office = Office()
    office.transfer()
    office.exit(["T-1"], 1, "2025-03-15", how="died")
    office.receipt("T-1", 237)

    steps = balance(office)

    assert value(steps, "balance.lost-in-transit") == {"n": 1, "expected": 237}
    assert value(steps, "left.died") == {"n": 1, "day": "2025-03-15"}
    assert values(steps, "balance.missing-total") == []


def pooled() -> Office:
    """Return the four transfers of which 253 left, nobody says from which."""
    office = Office()
    for n in (238, 23, 17, 10):
        office.transfer(persons={"n": n, "qualifier": "exact"})
        office.receipt(f"T-{office.history.numbers['T']}", n)
    refs = ["T-1", "T-2", "T-3", "T-4"]
    office.exit(refs, 1, "2025-06-06", how="returned_to_origin")
    office.exit(refs, 252, "2025-07-18")
    return office


@pytest.mark.parametrize(
    ("ref", "here", "others", "least", "held"),
    [
        ("T-1", 238, 50, 203, (0, 35)),
        ("T-2", 23, 253, 0, (0, 23)),
        ("T-3", 17, 253, 0, (0, 17)),
        ("T-4", 10, 253, 0, (0, 10)),
    ],
)
def test_the_bounds_follow_from_what_the_others_can_hold(
    ref: str, here: int, others: int, least: int, held: tuple[int, int]
) -> None:
    steps = balance(pooled(), ref)

    assert value(steps, "shared.repatriated")["refs"] == "T-1, T-2, T-3, T-4"
    assert value(steps, "shared.returned-to-origin")["n"] == 1
    assert value(steps, "bounds.most-left")["n"] == here
    assert value(steps, "bounds.others") == {"ref": ref, "n": others, "whole": 253}
    assert value(steps, "bounds.least-left") == {
        "ref": ref,
        "n": least,
        "here": here,
        "rest": here - least,
    }
    found = value(steps, "balance.held-range")
    assert (found["least"], found["most"]) == held
    assert value(steps, "equation.pool") == {
        "refs": "T-1, T-2, T-3, T-4",
        "departed": 288,
        "surplus": 0,
        "remaining": 35,
        "left": 253,
        "unaccounted": 0,
    }


def test_a_shared_exit_of_everybody_is_exact_and_still_told() -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer()
        office.receipt(ref, 238)
    office.exit(["T-1", "T-2"], 476, LEFT)

    steps = balance(office)

    assert value(steps, "bounds.least-left")["rest"] == 0
    assert value(steps, "equation.exact")["held"] == 0
    assert value(steps, "equation.pool")["remaining"] == 0


def test_more_can_be_said_to_have_left_than_ever_came() -> None:
    office = received(5)
    office.exit(["T-1"], 7, LEFT)

    steps = balance(office)

    assert value(steps, "bounds.beyond") == {"n": 2}
    assert value(steps, "bounds.left") == {"ref": "T-1", "n": 5}


def test_what_is_alleged_is_listed_and_not_counted() -> None:
    office = received(238)
    office.receipt("T-1", 9, status="alleged")
    office.exit(["T-1"], 4, LEFT, status="disputed")
    office.receipt("T-1", 7, status="alleged", arrived="2027-01-01")
    office.exit(["T-1"], 3, "2027-01-01", status="alleged")
    office.claim(2, "/arrived_persons", 247)
    office.claim(6, "/persons/n", 33)

    steps = balance(office)

    assert value(steps, "balance.receipt-not-counted")["n"] == 9
    assert value(steps, "balance.exit-not-counted") == {
        "n": 4,
        "day": LEFT,
        "said_by": "SV",
    }
    assert value(steps, "claim.not-adopted")["value"] == "247"
    assert value(steps, "balance.held")["n"] == 238


def test_an_unannounced_arrival_departs_when_it_arrives() -> None:
    office = Office(state="SV", zone="America/El_Salvador")
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": {"n": 5, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 5,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", data)

    steps = balance(office, "R-1")

    assert value(steps, "balance.unannounced") == {"n": 5, "day": "2025-03-16"}
    early = balance(office, "R-1", on=date(2025, 3, 1))
    assert values(early, "balance.unannounced") == []
    assert number(value(early, "balance.departed-total")) == 0
