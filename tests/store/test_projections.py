"""The law: the rows written one by one are those that follow from all entries."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.history import Fault, Void
from ledger.domain.terms import parts
from ledger.store.projections import (
    COUNTER,
    HEADING,
    MOVEMENT,
    PAYMENT,
    SUBJECT,
    TABLES,
    TERM,
    TRANSFER,
    Cells,
    Table,
    expected_rows,
    heading_row,
    payment_row,
    stored_rows,
    transfer_rows,
)
from tests.office import Office
from tests.register.stored import make, storable


def rows_of(folder: Path, office: Office) -> dict[Table, list[Cells]]:
    with closing(make(office, folder / "book")) as journal:
        return {table: stored_rows(journal, table) for table in TABLES}


def named(table: Table, row: Cells) -> dict[str, object]:
    return dict(zip(table.columns, row, strict=True))


@pytest.fixture
def pooled() -> Office:
    """Four transfers, one of them received; an exit of some of two of them."""
    office = Office()
    office.transfer()
    office.instrument()
    office.transfer(persons={"n": 10, "qualifier": "exact"}, instruments=["I-1"])
    office.receipt("T-1", 238, refused=[{"n": 8, "reason": "not on the list"}])
    office.exit(["T-1", "T-2"], 20, "2025-07-18")
    office.exit(["T-2"], 2, "2025-07-19", how="released")
    return office


@pytest.mark.parametrize("number", range(8))
def test_rows_grow_into_those_of_the_whole_book(tmp_path: Path, number: int) -> None:
    office = storable(number)

    assert rows_of(tmp_path, office) == expected_rows(office.history)


def test_a_transfer_and_its_terms_and_movements(tmp_path: Path, pooled: Office) -> None:
    found = rows_of(tmp_path, pooled)

    first, second = (named(TRANSFER, row) for row in found[TRANSFER])
    assert first == {
        "ref": "T-1",
        "seq": 1,
        "number": 1,
        "origin": "US",
        "destination": "SV",
        "arrangement": None,
        "group_label": "alleged members",
        "facility": "CECOT",
        "zone": "America/El_Salvador",
        "status": "official",
        "persons": 238,
        "qualifier": "exact",
        "departed_on": "2025-03-15",
        "acknowledged": 0,
        "arrived": 238,
        "missing": 0,
        "held_min": 210,
        "held_max": 218,
        "ended_on": None,
        "renewable": "yes",
    }
    assert (second["held_min"], second["held_max"]) == (0, 8)
    assert [row[:5] for row in found[TERM] if row[0] == "T-1"] == [
        ("T-1", 0, "2025-03-15", "2026-03-14", "fixed"),
        ("T-1", 1, "2025-03-16", "2026-03-15", "fixed"),
    ]
    assert [row for row in found[MOVEMENT] if row[0] == "T-2"] == [
        ("T-2", 3, 0, "departed", "2025-03-15", 10, 0),
        ("T-2", 5, 0, "repatriated", "2025-07-18", 20, 1),
        ("T-2", 6, 0, "released", "2025-07-19", 2, 0),
    ]
    assert ("T-1", 4, 1, "refused_not_admitted", "2025-03-16", 8, 0) in found[MOVEMENT]
    assert found[COUNTER] == [("I", 1), ("T", 2)]


def test_a_transfer_has_ended_when_certainly_nobody_is_left(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.exit(["T-1"], 238, "2025-07-18")

    (row,) = rows_of(tmp_path, office)[TRANSFER]

    assert named(TRANSFER, row)["ended_on"] == "2025-07-18"


def test_a_transfer_whose_people_left_before_more_came_ended_the_last_time() -> None:
    office = Office()
    office.transfer(
        persons={"n": 3, "qualifier": "exact"},
        departures=[
            {"at": "2025-03-15", "persons": 1},
            {"at": "2025-06-01", "persons": 2},
        ],
    )
    office.exit(["T-1"], 1, "2025-04-01")
    office.exit(["T-1"], 2, "2025-08-01")

    rows = transfer_rows(pool_of(office.history, "T-1"), "T-1")

    assert named(TRANSFER, rows[TRANSFER][0])["ended_on"] == "2025-08-01"


def test_an_unannounced_arrival_has_a_row_until_it_is_known_as_a_transfer(
    tmp_path: Path,
) -> None:
    office = Office(book="sv.example/book", state="SV")
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "US",
            "persons": {"n": 17, "qualifier": "exact"},
            "arrived": "2025-03-31",
            "arrived_persons": 17,
            "asserted_by": "SV",
            "status": "official",
        },
    )

    (row,) = rows_of(tmp_path, office)[TRANSFER]

    found = named(TRANSFER, row)
    assert (found["ref"], found["destination"], found["renewable"]) == (
        "R-1",
        None,
        None,
    )
    assert (found["acknowledged"], found["facility"]) == (1, None)
    assert found["zone"] == "America/Chicago"


def test_a_retracted_transfer_has_no_row(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.retract(1)

    found = rows_of(tmp_path, office)

    assert found[TRANSFER] == found[TERM] == found[MOVEMENT] == []
    assert [row[0] for row in found[HEADING]] == [0, 1, 2]
    assert ("T-1", 2) in found[SUBJECT]


def test_a_payment_is_in_minor_units_as_corrected(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.payment(["T-1"], "4760000.00")
    office.correct(2, {"path": "/amount", "old": "4760000.00", "new": "476.00"})
    office.payment(["T-1"], "1.00")
    office.retract(4)

    found = rows_of(tmp_path, office)[PAYMENT]

    assert found == [
        (2, "payment", "USD", 47_600, "2025-03-22", "US", "SV", "official")
    ]
    assert payment_row(office.history, 1) == []


def test_a_retracted_correction_gives_the_first_value_back(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.payment(["T-1"], "5.00")
    office.correct(2, {"path": "/amount", "old": "5.00", "new": "6.00"})
    office.retract(3)

    assert rows_of(tmp_path, office)[PAYMENT][0][3] == 500


def test_a_void_entry_has_a_heading_with_its_first_fault() -> None:
    faults = (Fault("chain", "chain.prev"), Fault("rules", "rule.not-void"))

    row = heading_row(Void(7, b"\0" * 32, faults))

    assert named(HEADING, row) == {
        "seq": 7,
        "at": None,
        "kind": None,
        "signer": None,
        "ref": None,
        "fault": "chain chain.prev",
    }


@pytest.mark.parametrize("number", range(8))
def test_every_term_of_any_day_has_a_row(number: int) -> None:
    history = storable(number).history
    for ref in (ref for ref in history.opened if ref[0] in "TR"):
        pool = pool_of(history, ref)
        if ref not in pool.cases:
            continue
        found = {(row[2], row[3]) for row in transfer_rows(pool, ref)[TERM]}
        days = pool.event_days()
        day, last = days[0], days[-1] + timedelta(days=400)
        while day < last:
            for part in parts(pool, ref, on=day):
                end = None if part.last_day is None else part.last_day.isoformat()
                assert (part.start.isoformat(), end) in found
            day += timedelta(days=5)
