"""What a book knows of one transfer."""

from datetime import date

import pytest
from msgspec.structs import replace

from ledger.domain.cases import (
    admission_day,
    arrival_day,
    case_of,
    counts,
    exit_day,
    same_state,
)
from ledger.domain.custody import Pool, pool_of
from ledger.domain.forms import Status
from ledger.domain.records import Exit, Receipt
from ledger.tlog.canonical import Json
from tests.office import Office

SV = "America/El_Salvador"


def pool(office: Office, ref: str = "T-1") -> Pool:
    """Return the pool of a transfer."""
    return pool_of(office.history, ref)


def sent(n: int, **members: Json) -> Office:
    """Return an office that sent n persons and has a final receipt of them."""
    office = Office()
    office.transfer(persons={"n": n, "qualifier": "exact"}, **members)
    office.receipt("T-1", n)
    return office


def arrival(office: Office, n: int, **members: Json) -> None:
    """Record an unannounced arrival from El Salvador."""
    data: dict[str, Json] = {
        "ref": office.history.next_ref("R"),
        "origin": "SV",
        "persons": {"n": n, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": n,
        "asserted_by": "US",
        "status": "official",
    }
    office.write("receipt", {**data, **members})


def test_departures_without_a_number_are_counted_with_the_earliest_of_them() -> None:
    office = Office()
    office.transfer(
        persons={"n": 10, "qualifier": "exact"},
        departures=[
            {"at": "2025-03-20"},
            {"at": "2025-03-18", "persons": 2},
            {"at": "2025-03-16"},
        ],
    )

    departures = pool(office).cases["T-1"].departures()

    assert [(d.day.day, d.n) for d in departures] == [(16, 8), (18, 2)]


def test_a_retracted_transfer_is_no_case() -> None:
    office = Office()
    office.transfer()
    office.retract(1)

    assert case_of(office.history, "T-1") is None
    assert case_of(office.history, "T-9") is None
    assert pool(office).cases == {}


def test_an_instrument_is_no_case() -> None:
    office = Office()
    office.instrument()

    assert case_of(office.history, "I-1") is None


def test_a_case_knows_its_states_its_place_and_what_was_agreed() -> None:
    office = Office()
    pay: Json = {"amount": "4760000.00", "currency": "USD", "per": "total"}
    office.transfer(compensation=pay)
    arrival(office, 4)
    here = pool(office).cases["T-1"]
    there = pool(office, "R-1").cases["R-1"]

    assert (here.origin, here.destination) == ("US", "SV")
    assert (there.origin, there.destination) == ("SV", None)
    assert here.facility is not None
    assert here.facility.name == "CECOT"
    assert there.facility is None
    assert here.compensation is not None
    assert (there.term, there.compensation) == (None, None)
    assert (here.zone, here.zone_assumed) == ("America/El_Salvador", False)
    assert (there.zone, there.zone_assumed) == ("America/Chicago", True)
    assert not here.acknowledged()


def test_the_place_and_the_zone_are_those_named_last() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238, facility={"name": "Izalco", "zone": "Africa/Juba"})
    office.receipt("T-1", 1, facility={"name": "Mariona"})
    case = pool(office).cases["T-1"]

    assert case.facility is not None
    assert case.facility.name == "Mariona"
    assert case.zone == "Africa/Juba"


def test_a_corrected_record_says_so() -> None:
    office = sent(5)
    office.correct(2, {"path": "/arrived_persons", "old": 5, "new": 4})
    case = pool(office).cases["T-1"]

    assert [item.corrected for item in case.receipts] == [True]
    assert not case.opening.corrected
    assert pool(office).balance("T-1", on=date(2026, 4, 1)).missing == 1


@pytest.mark.parametrize(
    ("code", "state", "same"),
    [
        ("US", "US", True),
        ("US-TX", "US", True),
        ("US", "US-TX", True),
        ("SV", "US", False),
        (None, "US", False),
    ],
)
def test_a_part_of_a_state_is_of_the_state(
    code: str | None, state: str, *, same: bool
) -> None:
    assert same_state(code, state) is same


@pytest.mark.parametrize(
    ("status", "entered"),
    [("official", True), ("reported", True), ("alleged", False), ("disputed", False)],
)
def test_only_what_is_official_or_reported_is_counted(
    status: Status, *, entered: bool
) -> None:
    assert counts(status) is entered


def test_the_days_of_a_receipt_are_the_earliest_and_of_an_exit_the_latest() -> None:
    office = sent(5)
    receipt, exit_ = office.history.worth(2), office.exit(["T-1"], 1, "2025-06").record
    assert isinstance(receipt, Receipt)
    assert isinstance(exit_, Exit)
    late = replace(receipt, arrived=None)

    assert arrival_day(receipt, SV) == admission_day(receipt, SV) == date(2025, 3, 16)
    assert arrival_day(receipt, "Pacific/Honolulu") == date(2025, 3, 15)
    assert arrival_day(late, SV) == date(2025, 3, 16)
    assert exit_day(exit_, SV) == date(2025, 6, 30)


def test_receipts_are_counted_in_the_order_of_arrival() -> None:
    office = Office()
    office.transfer()
    later = "2025-03-20T08:00-06:00"
    office.receipt("T-1", 2, arrived=later, admitted=later, more_to_come=True)
    office.receipt("T-1", 3, more_to_come=True)
    office.receipt("T-1", 4, status="alleged")

    counted = pool(office).cases["T-1"].counted_receipts()

    assert [item.record.arrived_persons for item in counted] == [3, 2]
    assert len(pool(office).cases["T-1"].receipts) == 3
