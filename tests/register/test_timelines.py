"""Terms on a line of time: all of them, with their gaps, and who has none."""

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import NotFoundError
from ledger.exchange.timeline import Gap
from ledger.register.timelines import Terms, terms
from tests.office import Office
from tests.register.stored import image_of, lay, opened

ON = date(2026, 6, 1)


def sample() -> Office:
    office = Office()
    office.instrument()
    for ref in ("T-1", "T-2", "T-3"):
        office.transfer()
        office.receipt(ref, 238)
    office.renewal("T-1", 100, agreed_on="2026-03-20")
    office.renewal("T-2", 238, agreed_on="2026-03-01")
    office.exit(["T-3"], 238, "2025-07-18")
    return office


def found(folder: Path, *names: str, on: date = ON) -> Terms:
    with opened(lay(folder, image_of(sample()))) as register:
        return terms(register, names, on=on)


def test_each_term_is_a_row_with_its_gap_and_its_overstay(tmp_path: Path) -> None:
    answer = found(tmp_path)
    rows = [(r.case.ref, r.number, r.of, r.part.persons.most) for r in answer.rows]

    assert rows == [("T-1", 1, 2, 138), ("T-1", 2, 2, 100), ("T-2", 1, 1, 238)]
    assert [r.over_until for r in answer.rows] == [ON, None, None]
    assert answer.rows[1].gaps == (Gap(date(2026, 3, 16), date(2026, 3, 19)),)
    assert answer.rows[2].gaps == ()
    assert answer.nobody == ("T-3",)


def test_who_left_is_told_once_for_a_transfer(tmp_path: Path) -> None:
    answer = found(tmp_path, "T-3", on=date(2025, 7, 18))
    early = found(tmp_path, "us:T-1", "T-3", on=date(2025, 4, 1))

    assert answer.nobody == ("T-3",)
    assert [row.case.ref for row in early.rows] == ["T-1", "T-3"]
    assert all(row.leaves == () for row in early.rows)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("1", "timeline.not-a-transfer"),
        ("I-1", "timeline.not-a-transfer"),
        ("T-9", "cite.no-such-ref"),
    ],
)
def test_what_has_no_term_is_not_found(name: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        found(tmp_path, name)

    assert caught.value.code == code


def test_a_transfer_that_had_not_begun_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        found(tmp_path, "T-1", on=date(2020, 1, 1))

    assert caught.value.code == "timeline.not-begun"


def test_a_term_that_ended_late_and_empty_keeps_its_row(tmp_path: Path) -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer(term={"reading": "fixed", "length": "P1Y"})
        office.receipt(ref, 238)
    office.renewal("T-1", 100, agreed_on="2026-03-01")
    # 2026-03-15 was the last day: they are held past it on the 16th to the 19th.
    office.exit(["T-1"], 138, "2026-03-20", part="2026-03-15")
    office.exit(["T-2"], 238, "2026-03-20")
    with opened(lay(tmp_path, image_of(office))) as register:
        answer = terms(register, (), on=ON)

    rows = [(r.case.ref, r.number, r.of, r.part.persons.most) for r in answer.rows]
    assert rows == [("T-1", 1, 2, 138), ("T-1", 2, 2, 100), ("T-2", 1, 1, 238)]
    late = date(2026, 3, 19)
    assert [r.over_until for r in answer.rows] == [late, None, late]
    assert [r.emptied for r in answer.rows] == [True, False, True]
    assert [len(r.leaves) for r in answer.rows] == [1, 0, 1]
    assert answer.nobody == ("T-2",)
