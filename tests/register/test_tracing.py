"""The course of a thing: each entry once, in order, with what became of it."""

from datetime import date, datetime
from pathlib import Path

import pytest

from ledger.errors import MalformedError, NotFoundError, RefusedError
from ledger.register.opening import Places
from ledger.register.tracing import Trace, explained, trace
from tests.office import Office
from tests.register.stored import image_of, lay, opened, storable

ON = date(2025, 12, 31)


def written() -> Office:
    """Return an office with a transfer that much was said of, and a void entry."""
    office = Office()
    office.now = datetime.fromisoformat("2025-03-20T12:00:00Z")
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.now = datetime.fromisoformat("2025-07-22T12:00:00Z")
    office.receipt("T-1", 230)
    office.claim(2, "/persons/n", 252)
    office.put(b"no entry")
    office.correct(2, {"path": "/persons/n", "old": 238, "new": 240})
    office.payment(["T-1"], "5.00")
    office.retract(7)
    office.renewal("T-1", 100)
    office.exit(["T-1"], 3, "2025-07-18")
    office.retract(10)
    office.remark(9)
    office.correct(9, {"path": "/persons/n", "old": 100, "new": 90})
    return office


@pytest.fixture(name="there", scope="module")
def _there(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return lay(tmp_path_factory.mktemp("traced"), image_of(written()))


def lines_of(there: Places, ref: str, on: date | None = None) -> dict[int, Trace]:
    with opened(there, write=False) as register:
        found = trace(register, ref, on=on).lines
    return {line.entry.seq: line for line in found}


def test_every_entry_that_concerns_a_transfer_is_told_in_order(there: Places) -> None:
    lines = lines_of(there, "us:T-1")

    assert list(lines) == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [line.entry.kind for line in lines.values()][:3] == [
        *("transfer", "receipt", "claim")
    ]


def test_each_entry_says_what_became_of_it(there: Places) -> None:
    lines = lines_of(there, "T-1")

    assert (lines[2].corrected_by, lines[2].retracted_by) == ((6,), None)
    assert (lines[6].corrects, lines[6].retracts) == (2, None)
    assert (lines[7].retracted_by, lines[7].corrected_by) == (8, ())
    assert (lines[8].retracts, lines[8].corrects) == (7, None)


def test_each_entry_says_how_late_it_was_recorded(there: Places) -> None:
    lines = lines_of(there, "T-1")

    assert (lines[2].day, lines[2].days_late) == (date(2025, 3, 15), 5)
    assert (lines[3].day, lines[3].days_late) == (date(2025, 3, 16), 128)
    assert (lines[4].day, lines[4].days_late) == (None, 0)
    # What was retracted was about a day all the same.
    assert (lines[7].day, lines[7].days_late) == (date(2025, 3, 22), 122)
    assert (lines[9].day, lines[9].days_late) == (date(2026, 3, 1), 0)
    assert lines[10].day == date(2025, 7, 18)


def test_entries_about_a_later_day_are_left_out_with_what_changes_them(
    there: Places,
) -> None:
    with opened(there, write=False) as register:
        found = trace(register, "T-1", on=ON)

    # The renewal, the remark about nothing else, and the correction of it.
    assert [line.entry.seq for line in found.lines] == [2, 3, 4, 6, 7, 8, 10, 11]
    assert (found.on, found.left_out) == (ON, 3)


def test_the_course_of_an_instrument_names_all_that_concerns_it(there: Places) -> None:
    lines = lines_of(there, "I-1")

    assert list(lines)[:2] == [1, 2]
    assert lines[1].refs == ("I-1",)
    assert lines[2].day == date(2025, 3, 15)


def test_a_transfer_that_was_retracted_has_a_course_still(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.retract(1)
    there = lay(tmp_path, image_of(office))

    lines = lines_of(there, "T-1")

    assert (lines[1].day, lines[1].retracted_by) == (date(2025, 3, 15), 2)
    assert lines[2].day is None
    with opened(there) as register, pytest.raises(NotFoundError, match="no-figures"):
        explained(register, "T-1", on=ON, money=False)


def test_what_hung_on_it_keeps_its_day_too(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 5)
    office.renewal("T-1", 5)
    office.exit(["T-1"], 1, "2025-07-18")
    for seq in (4, 3, 2, 1):
        office.retract(seq)
    there = lay(tmp_path, image_of(office))

    lines = lines_of(there, "T-1")

    days = [lines[seq].day for seq in (2, 3, 4)]
    assert days == [date(2025, 3, 16), date(2026, 3, 1), date(2025, 7, 18)]


def test_an_arrival_that_turned_out_to_be_a_transfer_is_told_as_one(
    tmp_path: Path,
) -> None:
    office = Office()
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "MX",
            "persons": {"n": 3, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 3,
            "asserted_by": "US",
            "status": "official",
        },
    )
    office.transfer(persons={"n": 3, "qualifier": "exact"})
    office.receipt("T-1", 3, formerly="R-1")
    there = lay(tmp_path, image_of(office))

    with opened(there, write=False) as register:
        found = trace(register, "R-1")
        steps = explained(register, "R-1", on=ON, money=True)

    assert (found.ref, steps.ref) == ("T-1", "T-1")
    assert [line.entry.seq for line in found.lines] == [1, 2, 3]


@pytest.mark.parametrize("number", range(4))
def test_every_entry_is_told_wherever_it_concerns_something(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    history = office.history
    with opened(there, write=False) as register:
        told = {
            ref: trace(register, ref)
            for ref in register.recall().every_ref()
            if ref[0] in "TRI"
        }

    for seq, refs in history.refs.items():
        for ref in refs:
            if ref[0] in "TRI":
                assert seq in [line.entry.seq for line in told[ref].lines]


def test_money_is_explained_only_when_asked_for(there: Places) -> None:
    with opened(there, write=False) as register:
        plain = explained(register, "T-1", on=ON, money=False).steps
        money = explained(register, "T-1", on=ON, money=True).steps

    assert money[: len(plain)] == plain
    assert len(money) > len(plain)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("T-9", NotFoundError),
        ("sv:T-1", NotFoundError),
        ("I-1", NotFoundError),
        ("5", (MalformedError, RefusedError)),
    ],
)
def test_what_has_no_figures_is_not_explained(
    name: str, error: type[Exception], there: Places
) -> None:
    with opened(there, write=False) as register, pytest.raises(error):
        explained(register, name, on=ON, money=False)
