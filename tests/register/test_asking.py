"""The law: what is listed is what counting all transfers would list, on any day."""

import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from ledger.domain.custody import held_among, pool_of
from ledger.domain.flows import Range
from ledger.domain.history import pools
from ledger.domain.overstays import Over
from ledger.domain.terms import parts
from ledger.errors import TamperedError
from ledger.register import asking
from ledger.register.asking import Answer, CustodyLine, due, held, listed, overdue
from ledger.register.opening import Places
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import (
    image_of,
    lay,
    opened,
    storable,
    tampering,
    usual,
)

LAST = date(2026, 3, 15)
"""The last authorised day of the sample transfer."""


@pytest.fixture
def there(tmp_path: Path) -> Places:
    """A book with one transfer of 238 persons, received the day after."""
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    return lay(tmp_path, image_of(office))


def refs(answer: Answer) -> list[str]:
    return [line.case.ref for line in answer.lines]


def counted(answer: Answer) -> list[tuple[str, int | None, int, int]]:
    return [
        (
            line.case.ref,
            line.days_left,
            line.part.persons.least,
            line.part.persons.most,
        )
        for line in answer.lines
    ]


# --- due and overdue


@pytest.mark.parametrize(
    ("on", "within", "left"),
    [
        (LAST - timedelta(days=90), 90, 90),
        (LAST - timedelta(days=91), 91, 91),
        (date(2025, 12, 20), 90, 85),
        (LAST - timedelta(days=1), 1, 1),
        (LAST, 0, 0),
        (LAST, 90, 0),
    ],
)
def test_a_term_is_due_until_its_last_day_is_over(
    there: Places, on: date, within: int, left: int
) -> None:
    with opened(there) as register:
        answer = due(register, on=on, within=within)
        late = overdue(register, on=on)

    assert counted(answer) == [("T-1", left, 238, 238)]
    assert answer.lines[0].over is None
    assert (answer.on, answer.total) == (on, Range(238, 238))
    assert late.lines == ()


@pytest.mark.parametrize(
    ("on", "within"),
    [(LAST - timedelta(days=91), 90), (LAST - timedelta(days=1), 0)],
)
def test_a_term_further_away_is_not_due(there: Places, on: date, within: int) -> None:
    with opened(there) as register:
        answer = due(register, on=on, within=within)

    assert (answer.lines, answer.total) == ((), Range(0, 0))


def test_the_day_after_the_last_one_a_term_is_overdue(there: Places) -> None:
    with opened(there) as register:
        answer = overdue(register, on=LAST + timedelta(days=1))
        over = due(register, on=LAST + timedelta(days=1), within=90)

    assert counted(answer) == [("T-1", -1, 238, 238)]
    assert answer.lines[0].over == Over(Range(1, 1), Range(238, 238))
    assert over.lines == ()


def test_overdue_persons_are_counted_day_by_day(there: Places) -> None:
    with opened(there) as register:
        answer = overdue(register, on=date(2026, 4, 1))

    (line,) = answer.lines
    assert (line.days_left, line.over) == (-17, Over(Range(17, 17), Range(4046, 4046)))
    assert {"overdue", "unacknowledged"} <= {flag.code for flag in line.flags}


def test_every_answer_says_under_which_head_it_is_complete(there: Places) -> None:
    with opened(there) as register:
        root = register.journal.root(3)
        answers = [
            due(register, on=LAST, within=1).heads,
            overdue(register, on=LAST).heads,
            held(register, on=LAST).heads,
            listed(register, on=LAST).heads,
        ]

    for (head,) in answers:
        assert (head.book, head.size, head.root) == ("us.example/book", 3, root)


def test_persons_without_a_recorded_end_are_listed_before_the_overdue(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    office.transfer(term={"reading": "unknown"}, persons={"n": 5, "qualifier": "exact"})
    office.receipt("T-2", 5)
    there = lay(tmp_path, image_of(office))

    with opened(there) as register:
        early = overdue(register, on=date(2025, 3, 16))
        late = overdue(register, on=date(2026, 4, 1))
        soon = due(register, on=date(2026, 1, 1), within=900)

    assert counted(early) == [("T-2", None, 5, 5)]
    assert counted(late) == [("T-2", None, 5, 5), ("T-1", -18, 238, 238)]
    assert late.lines[0].over is None
    assert (late.total, refs(soon)) == (Range(243, 243), ["T-1"])


def test_totals_in_a_pool_are_bounds_of_the_set(tmp_path: Path) -> None:
    office = Office()
    for n in (35, 23, 17, 213):
        office.transfer(persons={"n": n, "qualifier": "exact"})
    office.exit(["T-1", "T-2", "T-3", "T-4"], 252, "2025-07-18")
    office.exit(["T-4"], 1, "2025-07-18", how="released")
    there = lay(tmp_path, image_of(office))

    with opened(there) as register:
        late = overdue(register, on=date(2026, 4, 1))
        all_held = held(register, on=date(2026, 4, 1))
        before = held(register, on=date(2025, 7, 17))

    assert counted(late) == [
        ("T-1", -18, 0, 35),
        ("T-2", -18, 0, 23),
        ("T-3", -18, 0, 17),
        ("T-4", -18, 0, 35),
    ]
    assert late.total == all_held.total == Range(35, 35)
    assert [line.balance.remaining for line in all_held.lines] == [
        Range(0, 35),
        Range(0, 23),
        Range(0, 17),
        Range(0, 35),
    ]
    assert before.total == Range(288, 288)


def test_a_part_that_is_not_due_leaves_the_total_open(tmp_path: Path) -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 10)
    office.renewal("T-1", 4)
    there = lay(tmp_path, image_of(office))

    with opened(there) as register:
        late = overdue(register, on=date(2026, 4, 1))
        soon = due(register, on=date(2027, 1, 1), within=90)

    assert counted(late) == [("T-1", -17, 6, 6)]
    assert late.total == Range(6, 6)
    assert counted(soon) == [("T-1", 73, 4, 4)]


def test_a_transfer_in_two_parts_is_listed_once_for_each(tmp_path: Path) -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 10)
    office.renewal("T-1", 4, length="P1M")
    there = lay(tmp_path, image_of(office))

    with opened(there) as register:
        answer = due(register, on=date(2026, 3, 10), within=90)

    assert [(ref, left, n) for ref, left, n, _ in counted(answer)] == [
        ("T-1", 5, 6),
        ("T-1", 36, 4),
    ]
    assert answer.total == Range(10, 10)


@pytest.mark.parametrize("on", [date.max, date(9999, 10, 10), date(1900, 1, 1)])
def test_the_first_and_the_last_days_can_be_asked_about(
    there: Places, on: date
) -> None:
    with opened(there) as register:
        for answer in (due(register, on=on, within=36_500), overdue(register, on=on)):
            assert answer.on == on
        assert held(register, on=on).on == on


# --- held and list


@pytest.fixture
def several(tmp_path: Path) -> Places:
    office = Office()
    office.transfer(persons={"n": 9, "qualifier": "exact"})
    office.transfer(
        persons={"n": 5, "qualifier": "exact"},
        destination="CR",
        facility={"name": "CATEM", "zone": "America/Costa_Rica"},
        departures=[{"at": "2025-02-20"}],
    )
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "MX",
        "persons": {"n": 3, "qualifier": "exact"},
        "arrived": "2025-03-31",
        "arrived_persons": 3,
        "asserted_by": "US",
        "status": "official",
    }
    office.write("receipt", data)
    office.exit(["T-1"], 9, "2025-07-18")
    return lay(tmp_path, image_of(office))


def names(lines: Iterable[CustodyLine]) -> list[str]:
    return [line.case.ref for line in lines]


@pytest.mark.parametrize(
    ("on", "facility", "state", "expected", "total"),
    [
        (date(2025, 2, 19), None, None, [], 0),
        (date(2025, 2, 20), None, None, ["T-2"], 5),
        (date(2025, 4, 1), None, None, ["R-1", "T-1", "T-2"], 17),
        (date(2025, 4, 1), "cecot", None, ["T-1"], 9),
        (date(2025, 4, 1), "no such place", None, [], 0),
        (date(2025, 4, 1), None, "CR", ["T-2"], 5),
        (date(2025, 4, 1), None, "US", ["R-1"], 3),
        (date(2025, 4, 1), "CATEM", "SV", [], 0),
        (date(2025, 7, 18), None, None, ["R-1", "T-2"], 8),
    ],
)
def test_who_is_held_where_on_a_day(
    several: Places,
    on: date,
    facility: str | None,
    *,
    state: str | None,
    expected: list[str],
    total: int,
) -> None:
    with opened(several) as register:
        found = held(register, on=on, facility=facility, state=state)

    assert names(found.lines) == expected
    assert found.total == Range(total, total)


def test_the_list_has_all_that_had_begun_in_order(several: Places) -> None:
    with opened(several) as register:
        late = listed(register, on=date(2026, 1, 1))
        early = listed(register, on=date(2025, 3, 1))

    assert names(late.lines) == ["R-1", "T-1", "T-2"]
    assert names(early.lines) == ["T-2"]
    assert [line.balance.remaining.most for line in late.lines] == [3, 0, 5]
    assert late.lines[1].parts == ()


def test_what_was_retracted_is_not_listed(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.retract(1)

    with opened(lay(tmp_path, image_of(office))) as register:
        assert listed(register, on=LAST).lines == ()
        assert due(register, on=LAST, within=90).lines == ()


def test_a_question_about_the_past_counts_only_what_had_happened(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    first = image_of(office)
    office.receipt("T-1", 238)
    office.renewal("T-1", 238)
    office.exit(["T-1"], 200, "2026-05-01")
    (tmp_path / "before").mkdir()
    (tmp_path / "now").mkdir()
    day = date(2025, 3, 15)

    with (
        opened(lay(tmp_path / "before", first)) as before,
        opened(lay(tmp_path / "now", image_of(office))) as now,
    ):
        was = [(due(r, on=day, within=365), listed(r, on=day)) for r in (before, now)]

    assert counted(was[0][0]) == counted(was[1][0]) == [("T-1", 364, 238, 238)]
    balances = [custody.lines[0].balance for _, custody in was]
    assert balances[0] == balances[1]


# --- the projections hide nothing


def expected(office: Office, on: date) -> tuple[dict[str, list[str]], Range]:
    """Count, transfer by transfer, what the answers of a day must list."""
    history = office.history
    opened_ = [ref for ref in history.opened if ref[0] in "TR"]
    found: dict[str, list[str]] = {"due": [], "overdue": [], "held": [], "listed": []}
    for ref in opened_:
        pool = pool_of(history, ref)
        if ref not in pool.cases:
            continue
        every = parts(pool, ref, on=on)
        ends = [part.last_day for part in every]
        until = on + timedelta(days=120)
        if any(end is not None and on <= end <= until for end in ends):
            found["due"].append(ref)
        if any(end is None or end < on for end in ends):
            found["overdue"].append(ref)
        if pool.remaining({ref}, on=on).most:
            found["held"].append(ref)
        if pool.cases[ref].opening_day() <= on:
            found["listed"].append(ref)
    names_ = found["held"]
    tied = [pool_of(history, group[0]) for group in pools(history, names_)]
    return found, held_among(tied, set(names_), on=on)


@pytest.mark.parametrize("number", range(8))
def test_answers_are_those_of_counting_every_transfer(
    tmp_path: Path, number: int
) -> None:
    office = storable(number)
    rng = Random(number)  # noqa: S311 (nothing here is secret)
    days = [date(2025, 2, 20) + timedelta(days=rng.randrange(900)) for _ in range(6)]
    with opened(lay(tmp_path, image_of(office))) as register:
        for on in days:
            wanted, total = expected(office, on)
            found = {
                "due": refs(due(register, on=on, within=120)),
                "overdue": refs(overdue(register, on=on)),
                "held": names(held(register, on=on).lines),
                "listed": names(listed(register, on=on).lines),
            }

            for name, wants in wanted.items():
                assert set(found[name]) == set(wants), (name, on)
            assert held(register, on=on).total == total


@pytest.mark.parametrize("number", range(10, 14))
def test_totals_lie_within_the_sums_of_their_lines(tmp_path: Path, number: int) -> None:
    office = storable(number)
    with opened(lay(tmp_path, image_of(office))) as register:
        for month in range(2, 25, 3):
            on = date(2025 + month // 12, month % 12 + 1, 15)
            for answer in (
                due(register, on=on, within=200),
                overdue(register, on=on),
            ):
                most = sum(line.part.persons.most for line in answer.lines)
                least = sum(line.part.persons.least for line in answer.lines)
                assert least <= answer.total.least <= answer.total.most <= most
                order = [line.part.last_day or date.min for line in answer.lines]
                assert order == sorted(order)


def test_a_row_of_no_transfer_is_no_answer(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE transfer SET ref = 'junk' WHERE ref = "
            "(SELECT min(ref) FROM transfer)"
        )

    with opened(there) as register, pytest.raises(TamperedError) as refused:
        listed(register, on=date(2027, 1, 1))

    assert refused.value.code == "store.projection-unfit"


def test_parts_of_one_pool_leave_the_total_of_another_as_it_is(tmp_path: Path) -> None:
    office = Office()
    for n in (5, 5, 10):
        office.transfer(persons={"n": n, "qualifier": "exact"})
        office.receipt(f"T-{len(office.history.opened)}", n)
    office.exit(["T-1", "T-2"], 6, "2025-07-18")
    office.renewal("T-3", 5)
    there = lay(tmp_path, image_of(office))

    with opened(there) as register:
        late = overdue(register, on=date(2026, 4, 1))

    # Four of the first two are left, whoever they are, and five were not renewed.
    assert late.total == Range(9, 9)


def lines_run(there: Places, *, on: date) -> int:
    """Return how many lines of `asking` are run to say what is overdue."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != asking.__file__:
            return None
        count += event == "line"
        return trace

    with opened(there, write=False) as register:
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            overdue(register, on=on)
        finally:
            sys.settrace(before)
    return count


def test_the_work_of_an_answer_grows_as_its_transfers_do(tmp_path: Path) -> None:
    work = []
    for transfers in (10, 40):
        office = Office()
        for _ in range(transfers):
            office.receipt(str(office.transfer().data["ref"]), 238)
        folder = tmp_path / str(transfers)
        folder.mkdir()
        image = image_of(office)
        work.append(lines_run(lay(folder, image), on=LAST + timedelta(days=9)))

    assert work[1] < 4.5 * work[0]
