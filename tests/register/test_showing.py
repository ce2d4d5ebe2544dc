"""The law: all that was said of a thing is shown, with what it is worth now."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.domain.accruing import accrual_of
from ledger.domain.compensation import Accrual
from ledger.domain.flows import Range
from ledger.domain.history import Logged, Void
from ledger.errors import LedgerError, NotFoundError, RefusedError
from ledger.register.opening import Places
from ledger.register.showing import (
    Shown,
    ShownEntry,
    ShownInstrument,
    delays,
    resolve,
    show,
)
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import garbage, image_of, lay, opened

TODAY = date(2025, 8, 1)
TOTAL: dict[str, Json] = {"amount": "4760000.00", "currency": "USD", "per": "total"}
ARRIVAL: dict[str, Json] = {
    "ref": "R-1",
    "origin": "MX",
    "persons": {"n": 3, "qualifier": "exact"},
    "arrived": "2025-03-31",
    "arrived_persons": 3,
    "asserted_by": "US",
    "status": "official",
}


def shown(folder: Path, office: Office, name: str, *, on: date = TODAY) -> Shown:
    found = anything(folder, office, name, on=on)
    assert isinstance(found, Shown)
    return found


def anything(
    folder: Path, office: Office, name: str, *, on: date = TODAY
) -> Shown | ShownEntry | ShownInstrument:
    with opened(lay(folder, image_of(office))) as register:
        return show(register, name, on=on)


@pytest.fixture
def office() -> Office:
    """A transfer under an instrument, received, paid for, disputed, and ended."""
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"], compensation=TOTAL)
    office.receipt("T-1", 238)
    office.payment(["T-1"], "4760000.00")
    office.claim(2, "/persons/n", 252)
    office.exit(["T-1"], 238, "2025-07-18")
    return office


@pytest.fixture
def there(tmp_path: Path, office: Office) -> Places:
    return lay(tmp_path, image_of(office))


# --- names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("T-1", "T-1"),
        ("us:T-1", "T-1"),
        ("us.example/book:T-1", "T-1"),
        ("R-9", "R-9"),
        ("I-1", "I-1"),
        ("5", 5),
    ],
)
def test_a_name_is_of_a_reference_or_an_entry_of_the_own_book(
    there: Places, name: str, expected: str | int
) -> None:
    with opened(there) as register:
        assert resolve(register, name) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("T-2", "cite.no-such-ref"),
        ("R-1", "cite.no-such-ref"),
        ("I-2", "cite.no-such-ref"),
        ("7", "cite.no-such-entry"),
        ("999999999", "cite.no-such-entry"),
        (str(2**40), "cite.no-such-entry"),
        ("sv:T-1", "cite.no-such-book"),
    ],
)
def test_what_is_not_there_is_not_found(there: Places, name: str, code: str) -> None:
    with opened(there) as register, pytest.raises(NotFoundError) as refused:
        show(register, name, on=TODAY)

    assert refused.value.code == code


@pytest.mark.parametrize("name", ["", "T", "T-0", "X-1", "-1", "T-1\n", "9" * 40])
def test_what_is_no_name_is_refused(there: Places, name: str) -> None:
    with opened(there) as register, pytest.raises(LedgerError) as refused:
        show(register, name, on=TODAY)

    assert isinstance(refused.value, RefusedError | NotFoundError)


# --- transfers


def test_a_transfer_is_shown_with_all_that_concerns_it(
    tmp_path: Path, office: Office
) -> None:
    found = shown(tmp_path, office, "T-1")

    assert (found.ref, found.on, found.case.ref) == ("T-1", TODAY, "T-1")
    assert sorted(found.history.entries) == [0, 1, 2, 3, 4, 5, 6]
    assert [item.seq for item in found.case.payments] == [4]
    assert [item.record.value for item in found.case.claims] == [252]
    assert [item.seq for item in found.case.exits] == [6]
    assert found.balance.exits == {"repatriated": 238}
    assert (found.balance.remaining, found.parts) == (Range(0, 0), ())
    assert found.heads[0].size == 7
    assert "unacknowledged" in {flag.code for flag in found.flags}


def test_a_transfer_is_shown_as_it_was_on_a_day(tmp_path: Path, office: Office) -> None:
    found = shown(tmp_path, office, "T-1", on=date(2025, 7, 17))

    assert found.balance.held == Range(238, 238)
    assert [part.last_day for part in found.parts] == [date(2026, 3, 15)]


def test_an_entry_that_was_recorded_late_says_by_how_many_days(
    tmp_path: Path, office: Office
) -> None:
    found = shown(tmp_path, office, "T-1")

    assert found.days == {
        2: date(2025, 3, 15),
        3: date(2025, 3, 16),
        4: date(2025, 3, 22),
        6: date(2025, 7, 18),
    }
    assert delays(found) == {}  # this office writes before the events

    office.now = office.now.replace(month=8, day=20)
    office.exit(["T-1"], 1, "2025-08-01")
    assert delays(shown(tmp_path, office, "T-1")) == {7: 19}


def test_an_unannounced_arrival_is_shown_until_it_is_known_as_a_transfer(
    tmp_path: Path,
) -> None:
    office = Office()
    office.write("receipt", {**ARRIVAL})

    found = shown(tmp_path, office, "R-1")

    assert (found.ref, found.case.transfer) == ("R-1", None)
    assert found.earning is None


def test_an_arrival_that_was_a_transfer_is_shown_as_that(tmp_path: Path) -> None:
    office = Office()
    office.write("receipt", {**ARRIVAL})
    office.transfer(persons={"n": 3, "qualifier": "exact"})
    office.receipt("T-1", 3, formerly="R-1")

    assert shown(tmp_path, office, "R-1").ref == "T-1"


def test_a_retracted_transfer_is_shown_as_the_entry_that_it_was(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer()
    office.retract(1)

    found = anything(tmp_path, office, "T-1")

    assert isinstance(found, ShownEntry)
    assert (found.seq, found.retracted_by) == (1, 2)


# --- entries


def test_an_entry_is_shown_with_its_bytes_and_what_became_of_it(
    tmp_path: Path, office: Office
) -> None:
    office.correct(2, {"path": "/persons/n", "old": 238, "new": 252})

    found = anything(tmp_path, office, "2")

    assert isinstance(found, ShownEntry)
    assert isinstance(found.entry, Logged)
    assert (found.seq, found.note) == (2, office.notes[2])
    assert (found.retracted_by, found.corrected_by) == (None, (7,))
    assert found.history.worth_data(2)["persons"] == {"n": 252, "qualifier": "exact"}


def test_a_void_entry_is_shown_with_what_is_wrong(tmp_path: Path) -> None:
    office = Office()
    office.put(garbage(1))

    found = anything(tmp_path, office, "1")

    assert isinstance(found, ShownEntry)
    assert isinstance(found.entry, Void)
    assert found.note == garbage(1)


def test_the_genesis_is_an_entry(tmp_path: Path, office: Office) -> None:
    found = anything(tmp_path, office, "0")

    assert isinstance(found, ShownEntry)
    assert isinstance(found.entry, Logged)
    assert found.entry.kind == "genesis"


# --- instruments


def test_an_instrument_is_shown_with_its_stages_and_transfers(
    tmp_path: Path, office: Office
) -> None:
    office.transfer(instruments=["I-1"])
    office.instrument(id="I-1", stage="in_force")
    office.instrument(title="another")
    office.claim(1, "/binding", "no")
    office.correct(8, {"path": "/title", "old": "Exchange of notes", "new": "Notes"})
    office.remark(1)

    found = anything(tmp_path, office, "us:I-1")

    assert isinstance(found, ShownInstrument)
    assert [(s.seq, s.record.stage, s.corrected) for s in found.stages] == [
        (1, "signed", False),
        (8, "in_force", True),
    ]
    assert (found.ref, found.transfers) == ("I-1", ("T-1", "T-2"))
    assert [remark.seq for remark in found.remarks] == [12]
    assert found.stage is not None
    assert (found.stage.seq, found.later) == (8, ())
    assert [claim.record.value for claim in found.claims] == ["no"]
    assert found.stages[1].record.title == "Notes"


def test_an_instrument_is_shown_as_it_was_on_a_day_with_what_was_paid_under_it(
    tmp_path: Path,
) -> None:
    office = Office()
    office.instrument(occurred="2025-03-14")
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    office.instrument(id="I-1", stage="in_force", occurred="2025-04", status="alleged")
    office.instrument(id="I-1", stage="terminated", occurred="2026-01-01")
    purpose: dict[str, Json] = {"for": {"instrument": "I-1"}}
    office.payment([], "5.00", **purpose)
    office.payment([], "6.00", occurred="2026-02-01", **purpose)
    office.renewal("T-1", 238, instrument="I-1")

    before = anything(tmp_path, office, "I-1", on=date(2025, 3, 14))
    found = anything(tmp_path, office, "I-1", on=date(2025, 12, 31))
    after = anything(tmp_path, office, "I-1", on=date(2026, 12, 31))
    never = anything(tmp_path, office, "I-1", on=date(2025, 3, 13))

    assert isinstance(found, ShownInstrument)
    assert found.stage is not None
    assert [item.record.stage for item in found.stages] == ["signed", "in_force"]
    assert (found.stage.seq, found.transfers) == (1, ("T-1",))
    assert [item.record.amount for item in found.payments] == ["5.00"]
    assert found.later == (5, 7, 8)
    assert isinstance(after, ShownInstrument)
    assert after.stage is not None
    assert (after.stage.record.stage, after.later) == ("terminated", ())
    assert [item.seq for item in after.renewals] == [8]
    assert isinstance(before, ShownInstrument)
    assert (before.transfers, [item.seq for item in before.stages]) == ((), [1])
    assert isinstance(never, ShownInstrument)
    assert (never.stage, never.stages) == (None, ())


# --- accrual


def accrued(folder: Path, office: Office, on: date) -> tuple[Accrual, Accrual]:
    found = shown(folder, office, "T-1", on=on)
    earned = accrual_of(found.pool, "T-1", on=on)
    assert earned is not None
    assert found.earning is not None
    assert found.earning.accrued == (earned.least.accrued, earned.most.accrued)
    assert found.earning.unused == (earned.most.unused, earned.least.unused)
    return earned.least, earned.most


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2025, 3, 16), 1),
        (date(2025, 7, 17), 124),
        (date(2025, 7, 18), 124),
        (date(2025, 12, 31), 124),
        (date(9999, 12, 31), 124),
    ],
)
def test_an_agreed_total_accrues_until_the_exit(
    tmp_path: Path, office: Office, on: date, days: int
) -> None:
    least, most = accrued(tmp_path, office, on)

    assert least == most
    assert least.share == Fraction(days, 365)
    if days == 124:
        assert least.accrued.format() == "1617095.89 USD"
        assert least.unused.format() == "3142904.11 USD"


@pytest.mark.parametrize("on", [date(2026, 3, 15), date(2026, 9, 1), date.max])
def test_an_agreed_total_is_earned_when_its_term_is_over(
    tmp_path: Path, on: date
) -> None:
    office = Office()
    office.transfer(compensation=TOTAL)
    office.receipt("T-1", 238)

    assert accrued(tmp_path, office, on)[1].share == 1


def test_a_renewal_does_not_spread_the_first_total(tmp_path: Path) -> None:
    office = Office()
    office.transfer(compensation=TOTAL)
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, agreed_on="2025-06-01")

    assert accrued(tmp_path, office, date(2025, 7, 17))[0].share == Fraction(124, 365)


def test_before_anyone_arrived_a_total_accrues_from_the_departure(
    tmp_path: Path,
) -> None:
    office = Office()
    office.transfer(compensation=TOTAL)

    assert accrued(tmp_path, office, date(2025, 3, 15))[0].share == Fraction(1, 365)


def test_in_a_pool_a_total_accrues_between_two_bounds(tmp_path: Path) -> None:
    office = Office()
    office.transfer(compensation=TOTAL, persons={"n": 10, "qualifier": "exact"})
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 10)
    office.exit(["T-1", "T-2"], 12, "2025-07-18")

    least, most = accrued(tmp_path, office, date(2025, 7, 20))

    assert (least.share, most.share) == (Fraction(124, 365), Fraction(127, 365))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"compensation": TOTAL, "term": {"reading": "unknown"}},
        {
            "compensation": TOTAL,
            "term": {"reading": "until_date", "until": "2025-03-14"},
        },
    ],
)
def test_nothing_accrues_without_a_total_or_a_term(
    tmp_path: Path, members: dict[str, Json]
) -> None:
    office = Office()
    office.transfer(**members)

    assert shown(tmp_path, office, "T-1").earning is None
    assert shown(tmp_path, office, "T-1", on=date(2020, 1, 1)).earning is None
