"""Rival values side by side with the book's, and what counts for nothing."""

from datetime import date

from ledger.domain.custody import pool_of
from ledger.domain.rivals import Conflict, Uncounted, conflicts
from ledger.domain.variances import days_of
from ledger.tlog.canonical import Json
from tests.office import Office

ON = date(2026, 6, 1)


def found(office: Office, on: date = ON) -> tuple[list[Conflict], list[Uncounted]]:
    history = office.history
    days = days_of(history, [pool_of(history, "T-1")])
    return conflicts(history, list(history.entries), days=days, on=on)


def disputed() -> Office:
    office = Office()
    office.transfer()
    office.claim(
        1,
        "/persons/n",
        252,
        status="reported",
        asserted_by="VE",
        occurred="2025-03-17",
        evidence=[{"title": "a statement", "date": "2025-03-17"}],
    )
    office.claim(1, "/persons/n", 238)
    return office


def test_rival_values_stand_side_by_side_with_whose_they_are() -> None:
    (conflict,), uncounted = found(disputed())
    first, second = conflict.rivals

    assert (conflict.source.seq, conflict.path) == (1, "/persons/n")
    assert (conflict.present, conflict.signed) == (238, 238)
    assert (first.value, first.agrees, first.adopted_by) == (252, False, None)
    assert (first.source.asserted_by, first.source.day) == ("VE", "2025-03-17")
    assert [each.title for each in first.source.evidence] == ["a statement"]
    assert (second.value, second.agrees, second.adopted_by) == (238, True, None)
    assert uncounted == []


def test_a_claim_is_adopted_by_a_later_correction_of_the_member() -> None:
    office = disputed()
    old: Json = {"n": 238, "qualifier": "exact"}
    new: Json = {"n": 252, "qualifier": "exact"}
    office.correct(1, {"path": "/persons", "old": old, "new": new})
    office.correct(1, {"path": "/text", "new": "read again"})
    office.claim(1, "/persons/n", 252)
    (conflict,), _ = found(office)

    assert (conflict.present, conflict.signed) == (252, 238)
    assert conflict.corrected_by == (4,)
    assert [rival.adopted_by for rival in conflict.rivals] == [4, None, None]
    assert [rival.agrees for rival in conflict.rivals] == [True, False, True]


def test_a_claim_of_what_the_book_does_not_have_stands_alone() -> None:
    office = Office()
    office.transfer()
    office.claim(1, "/legal_basis", "a law")
    (conflict,), _ = found(office)

    assert conflict.present is None
    assert conflict.rivals[0].agrees is False


def test_a_part_of_a_claimed_member_that_is_corrected_touches_it() -> None:
    office = Office()
    office.transfer()
    office.claim(1, "/persons", {"n": 9, "qualifier": "exact"})
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 9})
    (conflict,), _ = found(office)

    assert conflict.rivals[0].adopted_by == 3


def test_a_retracted_claim_is_none_any_more() -> None:
    office = disputed()
    office.retract(2)
    office.retract(3)

    assert found(office) == ([], [])


def test_what_is_only_alleged_or_disputed_is_listed() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238, status="alleged")
    office.renewal("T-1", 238, status="disputed")
    office.exit(["T-1"], 1, "2025-07-18", status="alleged")
    office.payment(["T-1"], "1.00", status="alleged")
    office.instrument(status="alleged")
    office.receipt("T-1", 238)
    _, uncounted = found(office)

    assert [(each.source.seq, each.kind) for each in uncounted] == [
        (2, "receipt"),
        (3, "renewal"),
        (4, "exit"),
        (5, "payment"),
        (6, "instrument"),
    ]
    assert uncounted[0].refs == ("T-1",)
    assert uncounted[2].data["how"] == "repatriated"


def test_what_is_about_a_later_day_is_left_out() -> None:
    office = disputed()
    office.exit(["T-1"], 1, "2025-07-18", status="alleged")

    assert found(office, date(2025, 3, 16))[1] == []
    assert [r.value for r in found(office, date(2025, 3, 16))[0][0].rivals] == [238]
