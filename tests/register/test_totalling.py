"""Totals are bounds of each set, and every exit is counted where it is sure."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from ledger.domain.flows import Range
from ledger.register.totalling import By, Totals, totals
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import image_of, lay, opened, storable

ON = date(2026, 1, 1)


def found(folder: Path, office: Office, by: By, on: date = ON) -> Totals:
    with opened(lay(folder, image_of(office))) as register:
        return totals(register, by=by, on=on)


def test_a_pool_is_a_range_for_its_parts_and_certain_as_a_whole(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    office.transfer(destination="CR", facility={"name": "Puntarenas"})
    office.receipt("T-1", 238)
    office.receipt("T-2", 238, asserted_by="CR")
    office.exit(["T-1", "T-2"], 10, "2025-07-18")
    office.exit(["T-1"], 1, "2025-07-19", how="died")
    office.exit(["T-1"], 1, "2026-07-19", how="died")
    answer = found(tmp_path, office, "corridor")
    costa_rica, salvador = answer.totals

    assert [total.key for total in answer.totals] == ["US CR", "US SV"]
    assert salvador.in_transit_or_held == Range(227, 237)
    assert costa_rica.in_transit_or_held == Range(228, 238)
    assert answer.whole.in_transit_or_held == Range(465, 465)
    assert salvador.exits == {"died": 1}
    assert answer.whole.exits == {"died": 1, "repatriated": 10}
    assert [leave.n for leave in salvador.shared] == [10]
    assert answer.whole.shared == ()


def test_what_has_no_key_comes_last_and_arrivals_go_to_this_state(
    tmp_path: Path,
) -> None:
    office = Office(book="sv.example/book", state="SV")
    arrival: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": {"n": 3, "qualifier": "exact"},
        "arrived": "2025-03-30",
        "arrived_persons": 3,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", arrival)
    office.write("receipt", {**arrival, "ref": "R-2", "facility": {"name": "A"}})

    assert [t.key for t in found(tmp_path, office, "facility").totals] == ["A", None]
    assert [t.key for t in found(tmp_path, office, "corridor").totals] == ["US SV"]
    assert [t.key for t in found(tmp_path, office, "year").totals] == ["2025"]


@pytest.mark.parametrize("by", get_args(By))
@pytest.mark.parametrize("number", range(4))
def test_the_groups_add_up_to_the_whole(number: int, by: By, tmp_path: Path) -> None:
    answer = found(tmp_path, storable(number), by)
    whole = answer.whole

    for name in ("transfers", "departed", "arrived", "surplus", "unaccounted"):
        assert sum(getattr(t, name) for t in answer.totals) == getattr(whole, name)
    bounds = [total.in_transit_or_held for total in answer.totals]
    assert sum(b.least for b in bounds) <= whole.in_transit_or_held.least
    assert whole.in_transit_or_held.most <= sum(b.most for b in bounds)
