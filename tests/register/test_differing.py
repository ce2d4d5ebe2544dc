"""What a book said of a day as it was known at two times, and why it differs."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.register.differing import Difference, Known, _told_day, differences, known
from ledger.register.opening import Places, open_register
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import image_of, lay, storable

ON = date(2026, 1, 1)


def between(there: Places, on: date, first: int, last: int) -> list[Difference]:
    with open_register(there) as register:
        register.before = first
        before = known(register, on=on)
        register.before = last
        return differences(register, before, known(register, on=on))


def test_a_correction_changes_a_figure_and_is_named(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 240})
    there = lay(tmp_path, image_of(office))
    (found,) = between(there, ON, 2, 3)

    assert (found.ref, found.change) == ("T-1", "changed")
    assert [(f.member, f.before, f.after) for f in found.figures][:2] == [
        ("persons", 238, 240),
        ("departed", 238, 240),
    ]
    assert [(r.entry.seq, r.cause) for r in found.entries] == [(2, "correction")]


def test_new_and_gone_transfers_come_with_their_entries(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.transfer()
    office.retract(2)
    there = lay(tmp_path, image_of(office))
    (new,) = between(there, ON, 1, 2)
    (gone,) = between(there, ON, 3, 4)

    assert (new.ref, new.change) == ("T-1", "new")
    assert [(r.entry.seq, r.cause, r.days_late) for r in new.entries] == [
        (1, "timely", 0)
    ]
    assert (gone.ref, gone.change) == ("T-2", "gone")
    assert [(r.entry.seq, r.cause) for r in gone.entries] == [(3, "retraction")]


def test_what_moves_the_bounds_of_a_pool_concerns_all_of_it(tmp_path: Path) -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer()
        office.receipt(ref, 238)
    office.exit(["T-1", "T-2"], 10, "2025-07-18")
    office.remark(1)
    office.exit(["T-1"], 230, "2025-07-18")
    there = lay(tmp_path, image_of(office))
    first, second = between(there, ON, 6, 8)

    assert [r.entry.seq for r in first.entries] == [6, 7]
    assert [r.entry.seq for r in second.entries] == [7]
    assert {f.member for f in second.figures} == {"held_max"} or second.figures


def test_a_split_exit_moves_each_transfer_alone(tmp_path: Path) -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer()
        office.receipt(ref, 238)
    split: list[Json] = [
        {"transfer": office.cite(ref), "n": n} for ref, n in (("T-1", 4), ("T-2", 6))
    ]
    office.exit(["T-1", "T-2"], 10, "2025-07-18", split=split)
    office.exit(["T-1"], 30, "2025-07-19")
    office.exit(["T-2"], 230, "2025-07-19")
    there = lay(tmp_path, image_of(office))
    first, second = between(there, ON, 5, 8)

    assert [r.entry.seq for r in first.entries] == [5, 6]
    assert [r.entry.seq for r in second.entries] == [5, 7]


def test_an_instrument_concerns_the_transfers_that_name_it(tmp_path: Path) -> None:
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"], term={"reading": "unknown"})
    office.receipt("T-1", 238)
    office.instrument(id="I-1", term={"reading": "until_date", "until": "2026-02-01"})
    office.transfer(facility={"name": "elsewhere"})
    there = lay(tmp_path, image_of(office))
    found = between(there, ON, 4, 6)

    assert [(each.ref, each.change) for each in found][-1] == ("T-2", "new")
    assert all(r.entry.seq in (4, 5) for each in found for r in each.entries)


def test_nothing_differs_from_itself(tmp_path: Path) -> None:
    office = storable(3)
    there = lay(tmp_path, image_of(office))
    size = len(office.notes)

    assert between(there, ON, size, size) == []


@pytest.mark.parametrize("number", range(4))
def test_figures_differ_exactly_where_the_answers_do(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    size = len(office.notes)
    half = size // 2
    with open_register(there) as register:
        states: list[Known] = []
        for before in (half, size):
            register.before = before
            states.append(known(register, on=ON))
        found = differences(register, *states)
    old, new = (state.figures for state in states)

    assert {each.ref for each in found} == {
        ref for ref in {*old, *new} if old.get(ref) != new.get(ref)
    }
    for each in found:
        assert (each.ref in old, each.ref in new) == {
            "new": (False, True),
            "gone": (True, False),
            "changed": (True, True),
        }[each.change]
        assert all(half <= r.entry.seq < size for r in each.entries)
        assert each.entries


@pytest.mark.parametrize("what", ["renewal", "receipt", "exit", "transfer"])
def test_what_was_recorded_late_is_late_even_if_it_is_retracted_later(
    what: str, tmp_path: Path
) -> None:
    office = Office()
    office.transfer()
    office.now += timedelta(days=100)
    late = office.now.date() - timedelta(days=40)
    match what:
        case "renewal":
            office.renewal("T-1", 238, agreed_on=str(late))
        case "receipt":
            office.receipt("T-1", 238, arrived=str(late))
        case "exit":
            office.exit(["T-1"], 3, str(late))
        case _:
            office.transfer(departures=[{"at": str(late)}])
    office.retract(2)
    there = lay(tmp_path, image_of(office))
    on = office.now.date()

    with open_register(there) as register:
        register.before = 2
        before = known(register, on=on)
        register.before = 3
        after = known(register, on=on)
        register.before = 4
        (found,) = differences(register, before, after)

    recorded = {r.entry.seq: (r.cause, r.days_late) for r in found.entries}
    assert recorded[2] == ("late", 40)


def test_what_is_about_no_day_is_not_late() -> None:
    office = Office()
    office.transfer()
    seq = office.remark(1).seq

    assert _told_day(office.history.entries[seq].record, "UTC") is None
