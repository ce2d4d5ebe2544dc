"""A variance is shown from the day on which it began, with what was said about it."""

from datetime import date
from pathlib import Path

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.variances import flags
from ledger.register.mismatching import VARIANCES, Variance, Variances, variances
from ledger.register.opening import Places
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import image_of, lay, opened, storable

LATE = date(2025, 12, 31)


def asked(office: Office, folder: Path, *, on: date = LATE) -> Variances:
    return asked_of(lay(folder, image_of(office)), on=on)


def asked_of(there: Places, *, on: date) -> Variances:
    with opened(there) as register:
        return variances(register, on=on)


def reasons(line: Variance) -> list[tuple[str, int, int, str]]:
    return [(r.code, r.n, r.seq, r.since.isoformat()) for r in line.reasons]


def exactly(n: int) -> dict[str, Json]:
    return {"n": n, "qualifier": "exact"}


def test_a_transfer_whose_numbers_add_up_is_not_listed(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)

    assert asked(office, tmp_path).lines == ()


def test_figures_and_reasons_are_given_with_the_entry_and_the_day(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer(persons=exactly(10))
    office.receipt(
        "T-1", 8, admitted_persons=5, refused=[{"n": 2, "reason": "no room"}]
    )

    (line,) = asked(office, tmp_path).lines

    assert (line.admitted, line.refused, line.balance.missing) == (5, 2, 3)
    assert reasons(line) == [("unaccounted", 3, 2, "2025-03-16")]
    assert line.first == line.reasons[0]


@pytest.mark.parametrize(("split", "pool"), [(True, ("T-1",)), (False, ("T-1", "T-2"))])
def test_only_an_exit_that_is_not_split_ties_transfers(
    split: bool,  # noqa: FBT001 (a parameter of the test)
    pool: tuple[str, ...],
    tmp_path: Path,
) -> None:
    office = Office()
    for ref, n in (("T-1", 9), ("T-2", 10)):
        office.transfer(persons=exactly(10))
        office.receipt(ref, n)
    portions: list[Json] = [
        {"transfer": office.cite(ref), "n": 1} for ref in ("T-1", "T-2")
    ]
    office.exit(
        ["T-1", "T-2"], 2, "2025-07-18", **({"split": portions} if split else {})
    )
    line = asked(office, tmp_path).lines[0]

    assert (line.case.ref, line.pool) == ("T-1", pool)


def test_nobody_received_is_open_since_the_departure(tmp_path: Path) -> None:
    office = Office()
    office.transfer(persons=exactly(10))
    office.receipt(
        "T-1", 4, more_to_come=True, arrived="2025-03-20", admitted="2025-03-20"
    )

    (line,) = asked(office, tmp_path).lines

    assert reasons(line) == [("not-received", 6, 1, "2025-03-15")]


def test_before_it_began_a_variance_is_not_listed(tmp_path: Path) -> None:
    office = Office()
    office.transfer(persons=exactly(10))
    office.receipt("T-1", 8, arrived="2025-03-20", admitted="2025-03-20")
    there = lay(tmp_path, image_of(office))

    before = asked_of(there, on=date(2025, 3, 14))
    between = asked_of(there, on=date(2025, 3, 19))
    after = asked_of(there, on=date(2025, 3, 20))

    assert before.lines == ()
    assert [r[0] for r in reasons(between.lines[0])] == ["not-received"]
    assert reasons(after.lines[0]) == [("unaccounted", 2, 2, "2025-03-20")]


def test_a_surplus_and_persons_beyond_the_count_are_apart(tmp_path: Path) -> None:
    office = Office()
    office.transfer(persons=exactly(10))
    office.receipt("T-1", 12)
    office.exit(["T-1"], 15, "2025-07-18")

    (line,) = asked(office, tmp_path).lines

    assert reasons(line) == [
        ("surplus", 2, 2, "2025-03-16"),
        ("beyond-count", 3, 3, "2025-07-18"),
    ]
    assert line.beyond == 3


def test_papers_that_give_another_number_are_open_since_the_departure(
    tmp_path: Path,
) -> None:
    office = Office()
    office.instrument(headcount={"n": 5, "qualifier": "at_most"})
    office.transfer(
        instruments=["I-1"],
        persons=exactly(10),
        manifest={"root": "ab" * 32, "count": 9},
    )
    office.receipt("T-1", 10)

    (line,) = asked(office, tmp_path).lines

    assert reasons(line) == [
        ("manifest-differs", 9, 2, "2025-03-15"),
        ("headcount-exceeded", 5, 2, "2025-03-15"),
    ]


def test_persons_recorded_as_unaccounted_are_added_to_those_not_counted(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer(persons=exactly(10))
    office.receipt("T-1", 8)
    office.exit(["T-1"], 1, "2025-07-18", how="unaccounted")

    (line,) = asked(office, tmp_path).lines

    assert reasons(line) == [("unaccounted", 3, 2, "2025-03-16")]


def test_a_remark_keeps_a_transfer_listed_until_another_settles_it(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.remark(1)
    office.remark(1, type="notice")
    office.remark(1, occurred="2026-02-01")
    there = lay(tmp_path, image_of(office))

    (line,) = asked_of(there, on=LATE).lines

    assert (line.reasons, line.first) == ((), None)
    assert [(s.item.seq, s.resolved_by) for s in line.remarks] == [(3, None)]
    office.remark(1, resolves=office.cite_entry(3))
    (tmp_path / "later").mkdir()
    assert asked(office, tmp_path / "later").lines == ()
    (tmp_path / "last").mkdir()
    (line,) = asked(office, tmp_path / "last", on=date(2026, 2, 1)).lines
    assert [(s.item.seq, s.resolved_by) for s in line.remarks] == [(3, 6), (5, None)]


def test_what_has_been_open_for_longest_comes_first(tmp_path: Path) -> None:
    office = Office()
    office.transfer(departures=[{"at": "2025-04-15"}], persons=exactly(9))
    office.transfer(persons=exactly(10))
    office.transfer(persons=exactly(10))
    office.receipt("T-3", 10)
    office.remark(3)

    assert [line.case.ref for line in asked(office, tmp_path).lines] == [
        *("T-2", "T-1", "T-3")
    ]


@pytest.mark.parametrize("number", range(6))
def test_every_transfer_with_such_a_flag_is_listed_and_no_other(
    number: int, tmp_path: Path
) -> None:
    office = storable(number)
    there = lay(tmp_path, image_of(office))
    history = office.history
    for on in (date(2025, 6, 1), date(2026, 3, 1)):
        found = asked_of(there, on=on)
        flagged = {}
        for ref in history.opened:
            pool = pool_of(history, ref) if ref[0] in "TR" else None
            if pool is not None and ref in pool.cases:
                codes = {f.code for f in flags(pool, ref, on=on)} & set(VARIANCES)
                if codes and pool.cases[ref].opening_day() <= on:
                    flagged[ref] = codes

        listed = {x.case.ref: {r.code for r in x.reasons} for x in found.lines}
        assert {ref: codes for ref, codes in listed.items() if codes} == flagged
        for line in found.lines:
            for reason in line.reasons:
                assert reason.since <= on
