"""Exits and renewals that name a part: what is refused, and what is noted."""

from datetime import date

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.history import Logged
from ledger.domain.naming import parts_exist
from ledger.domain.schemas import read_record
from ledger.domain.variances import flags
from ledger.errors import RefusedError
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from tests.office import Office

OLD, NEW = "2026-03-15", "2027-03-15"
NOTED = {
    "part-exceeded",
    "part-unknown",
    "renewal-extends-nothing",
    "renewal-shortens",
    "renewal-part-assumed",
}


@pytest.fixture
def office() -> Office:
    """Return an office: 238 held until 2026-03-15, 100 of them until 2027-03-15."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 238)
    made.renewal("T-1", 100, until=NEW)
    return made


def asked(office: Office, kind: str, data: dict[str, Json]) -> list[RefusedError]:
    """Return why an entry cannot be recorded for the parts that it names."""
    page = office.page(kind, data)
    trial = Logged(
        seq=page.seq,
        leaf=bytes(merkle.HASH_SIZE),
        at=page.at,
        kind=kind,
        by=page.by,
        once=page.once,
        data=data,
        record=read_record(kind, data),
    )
    return list(parts_exist(office.history, trial))


def leaving(office: Office, *refs: str, **members: Json) -> dict[str, Json]:
    data: dict[str, Json] = {
        "transfers": [office.cite(ref) for ref in refs],
        "persons": {"n": 10, "qualifier": "exact"},
        "occurred": "2026-03-10",
        "how": "released",
        "asserted_by": "SV",
        "status": "reported",
    }
    return {**data, **members}


def noted(office: Office, ref: str = "T-1", on: str = "2027-01-01") -> dict[str, int]:
    """Return the notes of parts, with their numbers."""
    pool = pool_of(office.history, ref)
    found = flags(pool, ref, on=date.fromisoformat(on))
    return {flag.code: flag.n for flag in found if flag.code in NOTED}


@pytest.mark.parametrize("part", [OLD, NEW])
def test_a_part_that_there_was_can_be_named(office: Office, part: str) -> None:
    assert asked(office, "exit", leaving(office, "T-1", part=part)) == []

    office.exit(["T-1"], 10, "2026-03-10", part=part)

    assert noted(office) == {}


def test_a_part_that_there_was_not_is_refused_with_those_that_there_were(
    office: Office,
) -> None:
    (refusal,) = asked(office, "exit", leaving(office, "T-1", part="2026-03-16"))

    assert refusal.code == "rule.no-such-part"
    assert refusal.values == {"ref": "T-1", "ends": f"{OLD}, {NEW}"}
    assert asked(office, "exit", leaving(office, "T-1")) == []
    assert asked(office, "remark", dict(office.remark(1).data)) == []


def test_a_renewal_of_that_day_or_later_extends_nobody_who_left(office: Office) -> None:
    day = {"occurred": "2026-03-01"}
    (refusal,) = asked(office, "exit", leaving(office, "T-1", part=NEW, **day))

    assert refusal.values["ends"] == OLD
    assert asked(office, "exit", leaving(office, "T-1", part=OLD, **day)) == []


def test_where_no_end_is_recorded_no_part_can_be_named() -> None:
    office = Office()
    office.transfer(term={"reading": "unknown"})
    office.receipt("T-1", 238)

    (refusal,) = asked(office, "exit", leaving(office, "T-1", part=OLD))

    assert refusal.code == "rule.no-part-with-end"


def test_an_alleged_exit_moves_nobody_so_its_part_is_not_looked_for(
    office: Office,
) -> None:
    data = leaving(office, "T-1", part="2026-03-16", status="alleged")

    assert asked(office, "exit", data) == []


def test_a_part_is_of_one_transfer(office: Office) -> None:
    office.transfer()
    split: Json = [
        {"transfer": office.cite("T-1"), "n": 4},
        {"transfer": office.cite("T-2"), "n": 6},
    ]
    both = leaving(office, "T-1", "T-2", part=NEW)

    with pytest.raises(RefusedError, match=r"record\.exit-part-of-several"):
        read_record("exit", both)
    (refusal,) = asked(office, "exit", {**both, "split": split})
    assert refusal.values == {"ref": "T-2", "ends": "2026-03-14"}


def test_a_corrected_part_is_looked_for_too(office: Office) -> None:
    left = office.exit(["T-1"], 10, "2026-03-10", part=OLD)
    wrong: Json = {"path": "/part", "old": OLD, "new": "2026-03-16"}
    right: Json = {"path": "/part", "old": OLD, "new": NEW}
    other: Json = {"path": "/place", "new": "an airport"}

    def of(*changes: Json) -> list[str]:
        data = office.correction(left.seq, *changes)
        return [each.code for each in asked(office, "correction", data)]

    assert of(wrong) == ["rule.no-such-part"]
    assert of(right) == []
    assert of(other) == []
    office.retract(left.seq)
    assert of(wrong) == []
    stray = office.correction(1, {"path": "/part", "new": OLD})
    with pytest.raises(RefusedError, match=r"member-unknown"):
        asked(office, "correction", stray)


def test_more_who_left_than_the_part_had_are_noted(office: Office) -> None:
    office.exit(["T-1"], 120, "2026-03-10", part=NEW)

    assert noted(office) == {"part-exceeded": 20}
    assert noted(office, on="2026-03-09") == {}


def test_of_one_day_the_earlier_entry_leaves_first(office: Office) -> None:
    office.exit(["T-1"], 60, "2026-03-10", part=NEW)
    office.exit(["T-1"], 60, "2026-03-10", part=NEW)

    assert noted(office) == {"part-exceeded": 20}


def test_a_part_that_a_correction_took_away_is_noted(office: Office) -> None:
    office.exit(["T-1"], 10, "2026-03-10", part=OLD)
    office.correct(2, {"path": "/admitted", "old": ADMITTED, "new": "2025-03-17"})

    assert noted(office) == {"part-unknown": 10}


ADMITTED = "2025-03-16T02:00-06:00"


def test_a_renewal_that_extends_nothing_is_noted() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, until=OLD)

    assert noted(office) == {"renewal-extends-nothing": 238}
    assert noted(office, on="2026-02-01") == {}


def test_a_renewal_that_shortens_some_is_noted_for_them(office: Office) -> None:
    office.renewal("T-1", 238, until="2026-09-15", agreed_on="2026-03-05")

    assert noted(office) == {"renewal-shortens": 100}


def test_a_renewal_of_some_where_terms_end_on_two_days_is_noted(office: Office) -> None:
    office.renewal("T-1", 50, until="2028-01-01", agreed_on="2026-03-05")

    assert noted(office) == {"renewal-part-assumed": 50}


def test_a_renewal_says_by_its_first_day_whose_term_it_extends(office: Office) -> None:
    begins: dict[str, Json] = {"from": "2027-03-16", "agreed_on": "2026-03-05"}
    office.renewal("T-1", 100, until="2028-03-15", **begins)

    assert noted(office) == {}


def test_a_renewal_of_more_than_the_part_that_it_follows_is_noted(
    office: Office,
) -> None:
    begins: dict[str, Json] = {"from": "2026-03-16", "agreed_on": "2026-03-05"}
    office.renewal("T-1", 140, until="2028-03-15", **begins)

    assert noted(office) == {"renewal-part-assumed": 2}


def test_a_first_day_within_the_term_is_noted_and_a_gap_is_another_note() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, until="2026-09-15", **{"from": "2026-03-01"})
    office.renewal(
        "T-1",
        238,
        until="2027-09-15",
        agreed_on="2026-03-05",
        **{"from": "2026-10-01"},
    )

    assert noted(office) == {"renewal-part-assumed": 238}


def test_the_part_that_is_none_is_refused_after_others_that_were_there(
    office: Office,
) -> None:
    office.exit(["T-1"], 5, "2026-02-01", part=OLD)
    (error,) = asked(office, "exit", leaving(office, "T-1", part="2026-05-05"))

    assert (error.code, error.values) == (
        "rule.no-such-part",
        {"ref": "T-1", "ends": f"{OLD}, {NEW}"},
    )


def test_a_transfer_without_any_last_day_is_told_by_its_reference() -> None:
    office = Office()
    office.transfer(term={"reading": "indefinite"})
    office.receipt("T-1", 238)
    (error,) = asked(office, "exit", leaving(office, "T-1", part="2026-05-05"))

    assert (error.code, error.values) == ("rule.no-part-with-end", {"ref": "T-1"})
