"""How each renewal moved the last authorised day, and whose."""

from datetime import date

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.explaining import explain_term
from ledger.domain.steps import Step
from ledger.tlog.canonical import Json
from tests.domain.steps_of import codes, value, values
from tests.office import Office

ON = date(2026, 6, 1)
EXPRESS: dict[str, Json] = {"clause": "express"}


def received(n: int = 238, *, clause: Json | None = None, **members: Json) -> Office:
    """Return an office whose first transfer was received on 16 March 2025."""
    office = Office()
    if clause is not None:
        office.instrument(renewal=clause)
        members["instruments"] = ["I-1"]
    count: Json = {"n": n, "qualifier": "exact"}
    office.transfer(**{"persons": count, **members})
    office.receipt("T-1", n)
    return office


def terms(office: Office, *, on: date = ON) -> list[Step]:
    """Return the explanation of the terms of the first transfer."""
    return explain_term(pool_of(office.history, "T-1"), "T-1", on=on)


def test_lengths_add_up_and_are_counted_from_the_original_start() -> None:
    term: Json = {"reading": "fixed", "length": "P1M", "trigger": "2025-01-31"}
    office = received(term=term)
    office.renewal("T-1", 238, length="P1M", agreed_on="2025-02-20")
    office.renewal("T-1", 238, length="P1M", agreed_on="2025-03-20")

    steps = terms(office)

    assert values(steps, "renewal.sum") == [
        {"before": "P1M", "length": "P1M", "total": "P2M", "first": "2025-01-31"},
        {"before": "P2M", "length": "P1M", "total": "P3M", "first": "2025-01-31"},
    ]
    assert [v["last"] for v in values(steps, "count.day-before")] == ["2025-03-30"]
    assert [v["last"] for v in values(steps, "count.clipped")] == [
        "2025-02-28",
        "2025-04-30",
    ]
    assert value(steps, "result.last-day") == {"n": 238, "day": "2025-04-30"}


def test_a_gap_has_a_first_and_a_last_day() -> None:
    office = received(term={"reading": "until_date", "until": "2025-12-31"})
    until = "2026-12-31"
    office.renewal("T-1", 238, until=until, agreed_on="2026-01-03")

    steps = terms(office)

    assert value(steps, "renewal.gap") == {
        "first": "2026-01-01",
        "last": "2026-01-02",
        "n": 2,
    }
    assert value(steps, "renewal.from-next-day") == {"day": "2026-01-01"}
    assert value(steps, "renewal.until") == {"last": "2026-12-31"}


def test_a_later_first_day_breaks_the_count() -> None:
    office = received()
    office.renewal("T-1", 238, **{"from": "2026-04-01", "length": "P1M"})

    steps = terms(office)

    assert value(steps, "renewal.from-stated") == {"day": "2026-04-01"}
    assert value(steps, "renewal.gap")["n"] == 16
    assert value(steps, "renewal.anew-after-break") == {
        "length": "P1M",
        "first": "2026-04-01",
    }
    assert value(steps, "result.last-day")["day"] == "2026-04-30"


def test_lengths_of_two_kinds_are_not_added() -> None:
    office = received()
    office.renewal("T-1", 238, length="P90D")

    steps = terms(office)

    assert value(steps, "renewal.anew-no-sum") == {
        "length": "P90D",
        "first": "2026-03-16",
    }


def test_a_length_after_a_cap_is_counted_anew() -> None:
    office = Office()
    office.instrument(term={"reading": "until_date", "until": "2025-12-31"})
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, agreed_on="2025-12-01", length="P6M")

    steps = terms(office)

    assert value(steps, "renewal.anew-after-cap")["first"] == "2026-01-01"
    assert value(steps, "renewal.beyond-instrument") == {
        "last": "2026-06-30",
        "limit": "2025-12-31",
        "ref": "I-1",
    }


def test_where_there_was_no_end_the_agreement_begins_one() -> None:
    office = received(term={"reading": "unknown"})
    office.renewal("T-1", 100, agreed_on="2026-03-01", length="P1Y")

    steps = terms(office)

    assert value(steps, "renewal.from-agreed") == {"day": "2026-03-01"}
    assert value(steps, "renewal.kept-none") == {"n": 138, "day": "2026-03-01"}
    assert value(steps, "result.no-authority") == {"n": 138}
    assert value(steps, "result.last-day") == {"n": 100, "day": "2027-02-28"}


def test_late_notice_is_said_with_the_day_it_was_due() -> None:
    office = received(clause={**EXPRESS, "notice": {"lead": "P1M"}})
    office.renewal("T-1", 238, agreed_on="2026-03-01", requested_on="2026-02-17")

    steps = terms(office)

    assert value(steps, "renewal.late") == {
        "due": "2026-02-15",
        "asked": "2026-02-17",
        "n": 2,
    }


def test_notice_in_time_is_said_too() -> None:
    office = received(clause={**EXPRESS, "notice": {"last_day": "2026-03-01"}})
    office.renewal("T-1", 238, agreed_on="2026-03-01", requested_on="2026-02-28")

    assert value(terms(office), "renewal.in-time") == {
        "due": "2026-03-01",
        "asked": "2026-02-28",
    }


@pytest.mark.parametrize(
    ("agreed", "code"),
    [
        ("2026-03-01", "renewal.in-time-agreed"),
        ("2026-03-02", "renewal.notice-unknown"),
    ],
)
def test_without_the_day_of_the_request_only_an_early_agreement_shows_notice(
    agreed: str, code: str
) -> None:
    office = received(clause={**EXPRESS, "notice": {"last_day": "2026-03-01"}})
    office.renewal("T-1", 238, agreed_on=agreed)

    steps = terms(office)

    assert value(steps, code) == {"due": "2026-03-01", "agreed": agreed}
    assert "renewal.late" not in codes(steps)


def test_no_day_for_notice_is_no_judgement_of_it() -> None:
    office = received(clause={**EXPRESS, "notice": {"text": "in good time"}})
    office.renewal("T-1", 238)

    found = codes(terms(office))

    assert "renewal.late" not in found
    assert "renewal.in-time" not in found


def test_an_outer_limit_that_is_passed_is_said() -> None:
    office = received(clause={**EXPRESS, "outer_limit": "2026-12-31"})
    office.renewal("T-1", 238)

    assert value(terms(office), "renewal.beyond-outer-limit") == {
        "last": "2027-03-15",
        "limit": "2026-12-31",
    }


def test_an_outer_limit_that_is_kept_is_not() -> None:
    office = received(clause={**EXPRESS, "outer_limit": "2027-12-31"})
    office.renewal("T-1", 238)

    assert "renewal.beyond-outer-limit" not in codes(terms(office))


def test_a_partial_renewal_says_how_many_kept_the_old_end() -> None:
    office = received()
    office.renewal("T-1", 200)

    steps = terms(office)

    assert value(steps, "renewal.named")["n"] == 200
    assert value(steps, "renewal.kept") == {
        "n": 38,
        "day": "2026-03-01",
        "last": "2026-03-15",
    }
    assert values(steps, "result.last-day") == [
        {"n": 38, "day": "2026-03-15"},
        {"n": 200, "day": "2027-03-15"},
    ]


def test_a_renewal_of_more_than_are_held_says_so() -> None:
    office = received()
    office.exit(["T-1"], 38, "2025-07-18")
    office.renewal("T-1", 238)

    assert value(terms(office), "renewal.beyond-held") == {
        "n": 38,
        "day": "2026-03-01",
        "held": 200,
    }


def test_an_alleged_renewal_extends_nothing() -> None:
    office = received()
    office.renewal("T-1", 238, status="alleged")

    steps = terms(office)

    assert value(steps, "renewal.not-counted") == {"said_by": "US", "day": "2026-03-01"}
    assert value(steps, "result.last-day")["day"] == "2026-03-15"


def test_a_renewal_that_is_not_agreed_yet_is_not_told() -> None:
    office = received()
    office.renewal("T-1", 238)

    found = codes(terms(office, on=date(2026, 2, 1)))

    assert not any(code.startswith("renewal.") for code in found)


def test_whom_a_renewal_extended_can_all_have_left() -> None:
    office = received()
    office.renewal("T-1", 238)
    office.exit(["T-1"], 238, "2026-04-01")

    steps = terms(office)

    assert value(steps, "renewal.nobody-left") == {"on": "2026-06-01"}
    assert "part.nobody" in codes(steps)


def test_an_end_before_the_one_in_force_shortens_from_the_agreement_on() -> None:
    office = received()
    office.renewal("T-1", 100, until="2026-01-31", agreed_on="2025-10-01")

    steps = terms(office, on=date(2025, 10, 2))

    assert value(steps, "renewal.shortens") == {
        "n": 43,
        "last": "2026-01-31",
        "before": "2026-03-15",
        "day": "2025-10-01",
    }
    assert value(steps, "renewal.until") == {"last": "2026-01-31"}
    assert not {c for c in codes(steps) if c.startswith("renewal.from-")}
    assert [v["day"] for v in values(steps, "result.last-day")] == [
        "2026-01-31",
        "2026-03-15",
    ]


def test_the_same_end_again_extends_nothing() -> None:
    office = received()
    office.renewal("T-1", 238, until="2026-03-15")

    steps = terms(office)

    assert value(steps, "renewal.extends-nothing") == {"last": "2026-03-15"}
    assert "renewal.shortens" not in codes(steps)


def test_a_first_day_within_the_term_can_shorten_by_its_length() -> None:
    office = received()
    office.renewal("T-1", 238, **{"from": "2025-10-01", "length": "P1M"})

    steps = terms(office)

    assert value(steps, "renewal.from-stated") == {"day": "2025-10-01"}
    assert value(steps, "renewal.shortens")["n"] == 135


def test_an_end_before_the_agreement_where_there_was_none_begins_on_no_day() -> None:
    office = received(term={"reading": "unknown"})
    office.renewal("T-1", 238, until="2026-01-31", agreed_on="2026-03-01")

    found = codes(terms(office))

    assert not {code for code in found if code.startswith("renewal.from-")}
    assert "renewal.shortens" not in found
