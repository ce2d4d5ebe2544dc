"""What corrections, retractions and renewals made of the figures of transfers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.consequences import Shortened, changed, shortened
from ledger.domain.custody import pool_of
from ledger.domain.flows import Range
from ledger.domain.history import History
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.office import Office

ON = date(2025, 10, 2)
END = date(2026, 3, 15)


@pytest.fixture
def office() -> Office:
    """Return an office: 238 held until 2026-03-15."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 238)
    return made


def news(office: Office, before: int, *, on: date = ON) -> dict[str, tuple[str, str]]:
    """Return the figures that the entries from one on changed."""
    earlier = History(book=office.history.book)
    for seq in range(before):
        earlier.add(office.history.entries[seq])
    found = changed(earlier, office.history, ["T-1"], on=on)
    return {each.member: (str(each.before), str(each.after)) for each in found}


def test_a_correction_changes_the_persons_and_what_follows(office: Office) -> None:
    new: Json = {"n": 240, "qualifier": "exact"}
    old: Json = {"n": 238, "qualifier": "exact"}
    office.correct(1, {"path": "/persons", "old": old, "new": new})

    assert news(office, 3) == {
        "persons": ("238", "240"),
        "departed": ("238", "240"),
        "unaccounted": ("0", "2"),
    }


def test_an_end_that_stays_is_no_change_for_more_persons() -> None:
    office = Office()
    office.transfer()
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 240})

    assert set(news(office, 2)) == {"persons", "departed", "in_transit"}


def test_how_exact_a_number_is_is_a_change(office: Office) -> None:
    path = "/persons/qualifier"
    office.correct(1, {"path": path, "old": "exact", "new": "about"})

    assert news(office, 3)["persons"] == ("238", "≈238")


def test_a_change_of_no_figure_is_none(office: Office) -> None:
    office.correct(1, {"path": "/legal_basis", "new": "none"})

    assert news(office, 3) == {}


def test_a_transfer_that_is_gone_is_told_by_what_it_had(office: Office) -> None:
    office.retract(2)
    office.retract(1)

    assert set(news(office, 3)) == {"persons", "departed", "held", "authorised_until"}
    assert news(office, 3)["persons"] == ("238", "None")


def test_ends_are_told_with_whose_they_are(office: Office) -> None:
    renewal = office.renewal("T-1", 100, until="2026-01-31", agreed_on="2025-10-01")
    before = office.history.seqs_of("T-1")
    assert renewal.seq in before
    office.retract(renewal.seq)
    earlier = History(book=office.history.book)
    for seq in range(renewal.seq + 1):
        earlier.add(office.history.entries[seq])

    (each,) = changed(earlier, office.history, ["T-1"], on=ON)

    assert each.member == "authorised_until"
    assert each.before == (
        (date(2026, 1, 31), Range(100, 100)),
        (END, Range(138, 138)),
    )
    assert each.after == ((END, Range(238, 238)),)


def test_parts_with_one_end_are_told_together() -> None:
    office = Office()
    term: Json = {"reading": "until_date", "until": "2026-03-15"}
    office.transfer(term=term)
    office.receipt("T-1", 100, more_to_come=True)
    office.receipt("T-1", 138, admitted="2025-03-18", arrived="2025-03-18")
    office.correct(1, {"path": "/term/until", "old": "2026-03-15", "new": "2026-03-16"})

    assert news(office, 4)["authorised_until"] == (
        str(((END, Range(238, 238)),)),
        str(((END + timedelta(1), Range(238, 238)),)),
    )


def of(office: Office, seq: int) -> tuple[Shortened, ...]:
    return shortened(pool_of(office.history, "T-1"), "T-1", seq)


def test_who_has_an_earlier_last_day_by_a_renewal_is_told(office: Office) -> None:
    new = date(2026, 1, 31)
    renewal = office.renewal("T-1", 100, until="2026-01-31", agreed_on="2025-10-01")

    assert of(office, renewal.seq) == (Shortened(100, END, new),)
    assert of(office, 2) == ()


def test_how_exactly_they_were_counted_is_told_too(office: Office) -> None:
    count: Json = {"n": 100, "qualifier": "about"}
    until = "2026-01-31"
    data = {**office.renewal("T-1", 50).data, "persons": count, "until": until}
    office.retract(3)
    del data["length"]
    office.write("renewal", {**data, "agreed_on": "2025-10-01"})

    (found,) = of(office, 5)

    assert str(found.n) == "≈100"


def test_an_alleged_renewal_shortens_nothing(office: Office) -> None:
    office.renewal("T-1", 100, until="2026-01-31", status="alleged")

    assert of(office, 3) == ()


@given(
    st.dates(date(2025, 3, 16), date(2027, 12, 31)),
    st.dates(date(2025, 3, 17), date(2027, 12, 31)),
    st.sampled_from([0, 1]),
)
def test_a_renewed_period_never_begins_after_its_end(
    until: date, agreed: date, begins: int
) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    first: dict[str, Json] = {"from": min(until, agreed).isoformat()} if begins else {}
    office.renewal(
        "T-1", 238, until=until.isoformat(), agreed_on=agreed.isoformat(), **first
    )

    (part,) = parts(pool_of(office.history, "T-1"), "T-1", on=date.max)
    (period,) = part.periods

    assert period.begins <= period.last_day == part.last_day == until
    assert sum(each.n for each in of(office, 3)) == (238 if until < END else 0)
