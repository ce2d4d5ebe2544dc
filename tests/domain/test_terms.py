"""Renewals, exits and overstays: the traps of term arithmetic, through whole books."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.custody import pool_of
from ledger.domain.days import end_of_day, latest_notice_day
from ledger.domain.flows import Range
from ledger.domain.overstays import overstay
from ledger.domain.terms import ends_surely, parts
from ledger.domain.times import Duration
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.domain.counted_terms import (
    ON,
    ROLLING,
    only,
    parts_of,
    received,
    rolling,
    term,
    until,
)
from tests.office import Office


def test_chained_renewals_count_from_the_original_start() -> None:
    office = received(day="2025-01-31", term=term(length="P1M"))
    ends = []
    for _ in range(3):
        last = only(office).last_day
        assert last is not None
        ends.append(str(last))
        office.renewal("T-1", 238, length="P1M", agreed_on=str(last))

    assert [*ends, until(office)] == [
        "2025-02-28",
        "2025-03-30",
        "2025-04-30",
        "2025-05-30",
    ]
    assert only(office).renewals == 3
    assert only(office).length == Duration(months=4)
    assert only(office).anchor == date(2025, 1, 31)


@pytest.mark.parametrize("start", [{}, {"from": "2026-01-01"}])
def test_a_renewal_after_the_end_leaves_a_gap_even_if_it_is_retroactive(
    start: dict[str, Json],
) -> None:
    office = received(term={"reading": "until_date", "until": "2025-12-31"})
    office.renewal("T-1", 238, agreed_on="2026-01-03", until="2026-12-31", **start)

    (period,) = only(office).periods

    assert period.gap_days == 2
    assert (str(period.begins), str(period.last_day)) == ("2026-01-01", "2026-12-31")
    assert not period.late


def test_a_renewal_that_begins_later_leaves_a_gap_and_counts_anew() -> None:
    office = received()
    office.renewal("T-1", 238, agreed_on="2026-03-01", **{"from": "2026-03-20"})

    part = only(office)

    assert part.periods[0].gap_days == 4
    assert (part.anchor, part.last_day) == (date(2026, 3, 20), date(2027, 3, 19))


def test_a_renewal_in_days_of_a_term_in_years_counts_from_its_own_begin() -> None:
    office = received()
    office.renewal("T-1", 238, length="P90D")

    part = only(office)

    assert (part.anchor, part.last_day) == (date(2026, 3, 16), date(2026, 6, 13))
    assert part.periods[0].gap_days == 0


@pytest.mark.parametrize("replied", ["2015-07-02", "2015-07-10"])
def test_a_reply_after_the_notice_day_is_late_and_leaves_no_gap(replied: str) -> None:
    """Tilburg: notice was due on 1 July; the replies came one and nine days late."""
    office = Office()
    office.instrument(
        occurred="2009-10-31",
        renewal={
            "clause": "express",
            "outer_limit": "2016-12-31",
            "notice": {"last_day": "2015-07-01"},
        },
    )
    office.transfer(
        instruments=["I-1"],
        departures=[{"at": "2015-01-10"}],
        term={"reading": "until_date", "until": "2015-12-31"},
    )
    members = {"agreed_on": replied, "until": "2016-12-31"}
    office.renewal("T-1", 238, requested_on=replied, **members)

    (period,) = only(office, on=date(2016, 6, 1)).periods

    assert (period.late, period.gap_days, period.beyond_limit) == (True, 0, False)


@pytest.mark.parametrize(
    ("asked", "agreed", "notice"),
    [
        ("2026-02-15", "2026-03-01", "in-time"),
        ("2026-02-16", "2026-03-01", "late"),
        (None, "2026-03-01", "unknown"),
        (None, "2026-02-16", "unknown"),
        (None, "2026-02-15", "in-time"),
    ],
)
def test_a_lead_is_counted_back_from_the_end(
    asked: str | None, agreed: str, notice: str
) -> None:
    office = Office()
    office.instrument(renewal={"clause": "express", "notice": {"lead": "P1M"}})
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    requested: dict[str, Json] = {} if asked is None else {"requested_on": asked}
    office.renewal("T-1", 238, agreed_on=agreed, **requested)

    (period,) = only(office).periods

    assert latest_notice_day(date(2026, 3, 15), Duration(months=1)).day == 15
    assert (period.notice, period.late) == (notice, notice == "late")


@pytest.mark.parametrize("notice", [None, {"text": "in good time"}])
def test_where_no_day_for_notice_is_known_none_is_missed(notice: Json) -> None:
    office = Office()
    clause: dict[str, Json] = {"clause": "express"}
    office.instrument(
        renewal=clause if notice is None else {**clause, "notice": notice}
    )
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    office.renewal("T-1", 238)

    (period,) = only(office).periods

    assert period.notice == "none"


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ({"clause": "express", "notice": {"text": "in writing"}}, term()),
        ({"clause": "unknown"}, term()),
        ({"clause": "express", "notice": {"lead": "P1M"}}, {"reading": "unknown"}),
    ],
)
def test_without_a_day_for_notice_nothing_is_late(
    clause: dict[str, Json], words: dict[str, Json]
) -> None:
    office = Office()
    office.instrument(renewal=clause)
    office.transfer(instruments=["I-1"], term=words)
    office.renewal("T-1", 238)

    assert not only(office).periods[0].late


def test_a_renewal_past_the_outer_limit_is_flagged() -> None:
    office = Office()
    clause: Json = {"clause": "express", "outer_limit": "2016-12-31"}
    office.instrument(renewal=clause)
    office.transfer(
        instruments=["I-1"],
        departures=[{"at": "2015-01-10"}],
        term={"reading": "until_date", "until": "2015-12-31"},
    )
    office.renewal("T-1", 238, agreed_on="2015-06-01", until="2017-01-01")

    (period,) = only(office).periods

    assert period.beyond_limit
    assert only(office).last_day == date(2017, 1, 1)


def test_a_renewal_of_a_capped_term_counts_from_its_own_begin() -> None:
    office = rolling(term={"reading": "until_date", "until": "2025-12-31"})
    office.renewal("T-1", 238, agreed_on="2025-12-01")

    part = only(office)

    assert part.last_day == date(2026, 12, 31)
    assert part.capped_by is None
    assert part.periods[0].beyond_limit


def test_the_overstay_begins_when_the_day_is_over_where_they_are_held() -> None:
    office = received()
    part = only(office)
    pool = pool_of(office.history, "T-1")
    zone = pool.cases["T-1"].zone
    assert part.last_day is not None

    over = end_of_day(part.last_day, zone)
    next_day = part.last_day + timedelta(days=1)

    assert over == datetime(2026, 3, 16, 6, 0, tzinfo=UTC)
    assert end_of_day(part.last_day, "America/New_York").hour == 4
    assert overstay(pool, "T-1", part, on=part.last_day) is None
    assert overstay(pool, "T-1", part, on=next_day) == (1, Range(238, 238))


def test_days_over_and_person_days_come_out() -> None:
    office = received()
    pool = pool_of(office.history, "T-1")

    assert overstay(pool, "T-1", only(office), on=ON) == (17, Range(4046, 4046))


def test_person_days_end_for_those_who_leave() -> None:
    office = received(10)
    office.exit(["T-1"], 4, "2026-03-20")
    pool = pool_of(office.history, "T-1")

    # 16 to 19 March: 10; from the 20th on 6 are held at the end of the day.
    assert overstay(pool, "T-1", only(office), on=date(2026, 3, 21)) == (
        6,
        Range(4 * 10 + 2 * 6, 4 * 10 + 2 * 6),
    )


def test_person_days_of_a_part_are_of_those_whom_no_renewal_took_out_of_it() -> None:
    office = received(10)
    office.renewal("T-1", 4, agreed_on="2026-03-18")
    pool = pool_of(office.history, "T-1")
    old, new = parts_of(office, on=date(2026, 3, 20))

    assert overstay(pool, "T-1", old, on=date(2026, 3, 20)) == (
        5,
        Range(5 * 6, 5 * 6),
    )
    assert overstay(pool, "T-1", new, on=date(2026, 3, 20)) is None
    assert new.periods[0].gap_days == 2


def test_a_term_can_end_with_the_calendar() -> None:
    office = received(term={"reading": "until_date", "until": "9999-12-31"})
    pool = pool_of(office.history, "T-1")
    part = only(office)
    office.renewal("T-1", 238, until="2027-01-01")
    renewed = only(office)

    assert overstay(pool, "T-1", part, on=date.max) is None
    assert str(part.last_day) == "9999-12-31"
    assert renewed.periods[0].gap_days == 0
    assert (
        overstay(pool_of(office.history, "T-1"), "T-1", renewed, on=date.max)
        is not None
    )


def test_a_renewal_of_an_unknown_end_counts_from_its_agreement() -> None:
    office = received(term={"reading": "unknown"})
    office.renewal("T-1", 238, agreed_on="2026-03-01")

    part = only(office)

    assert (str(part.last_day), part.periods[0].gap_days) == ("2027-02-28", 0)
    assert part.anchor == date(2026, 3, 1)


def test_a_partial_renewal_leaves_the_rest_with_the_old_end() -> None:
    office = received()
    office.renewal("T-1", 100)

    found = [(str(p.last_day), p.persons, p.renewals) for p in parts_of(office)]

    assert found == [
        ("2026-03-15", Range(138, 138), 0),
        ("2027-03-15", Range(100, 100), 1),
    ]


def test_a_second_partial_renewal_meets_those_who_are_due_first() -> None:
    office = received()
    office.renewal("T-1", 100)
    office.renewal("T-1", 100, agreed_on="2026-03-02")

    found = [(str(p.last_day), p.persons.most) for p in parts_of(office)]

    assert found == [("2026-03-15", 38), ("2027-03-15", 100), ("2027-03-15", 100)]


def test_a_renewal_meets_the_part_that_it_follows() -> None:
    office = received()
    office.renewal("T-1", 100)
    follows: dict[str, Json] = {"from": "2027-03-16", "agreed_on": "2026-03-02"}
    office.renewal("T-1", 100, length="P1Y", **follows)

    found = [(str(p.last_day), p.persons.most) for p in parts_of(office)]

    assert found == [("2026-03-15", 138), ("2028-03-15", 100)]


def test_a_renewal_of_more_than_are_held_extends_those_who_are() -> None:
    office = received(10)
    office.renewal("T-1", 50)

    assert only(office).persons == Range(10, 10)


def test_parts_that_one_renewal_extends_to_one_day_stay_one_if_they_began_so() -> None:
    office = Office()
    office.transfer(persons={"n": 3, "qualifier": "exact"})
    for _, came in ROLLING[:2]:
        office.receipt("T-1", 1, arrived=came, admitted=came, more_to_come=True)
    office.renewal("T-1", 3, until="2027-01-01")

    found = [(str(p.start), str(p.last_day), p.persons.most) for p in parts_of(office)]

    assert found == [
        ("2025-03-15", "2027-01-01", 1),
        ("2025-03-16", "2027-01-01", 1),
        ("2025-03-30", "2027-01-01", 1),
    ]


def test_one_renewal_joins_parts_that_were_renewed_to_one_day_before() -> None:
    office = received(10)
    office.renewal("T-1", 4, agreed_on="2026-03-01", status="alleged")
    office.renewal("T-1", 10, agreed_on="2026-03-02")

    assert only(office).persons == Range(10, 10)
    assert only(office).renewals == 1


def test_an_exit_leaves_from_the_part_that_it_names() -> None:
    office = received()
    office.renewal("T-1", 100)
    office.exit(["T-1"], 30, "2026-03-10", part="2026-03-15")

    found = [(str(p.last_day), p.persons.most, p.assumed) for p in parts_of(office)]

    assert found == [("2026-03-15", 108, False), ("2027-03-15", 100, False)]


def test_an_exit_that_names_no_part_leaves_from_the_latest_end_and_says_so() -> None:
    office = received()
    office.renewal("T-1", 100)
    office.exit(["T-1"], 30, "2026-03-10")

    found = [(str(p.last_day), p.persons.most, p.assumed) for p in parts_of(office)]

    assert found == [("2026-03-15", 138, True), ("2027-03-15", 70, True)]


def test_an_exit_of_more_than_the_named_part_takes_the_rest_from_the_others() -> None:
    office = received()
    office.renewal("T-1", 100)
    office.exit(["T-1"], 150, "2026-03-10", part="2027-03-15")

    found = [(str(p.last_day), p.persons.most, p.assumed) for p in parts_of(office)]

    assert found == [("2026-03-15", 88, False)]


def test_those_without_an_end_leave_last() -> None:
    office = received(10, term={"reading": "unknown"})
    office.renewal("T-1", 4)
    office.exit(["T-1"], 5, "2026-03-10")

    found = [(p.last_day, p.persons.most) for p in parts_of(office)]

    assert found == [(None, 5)]


def test_those_who_had_not_arrived_leave_last() -> None:
    office = Office()
    office.transfer(persons={"n": 20, "qualifier": "exact"})
    office.receipt("T-1", 8, more_to_come=True)
    office.exit(["T-1"], 3, "2025-04-01")

    found = [(p.provisional, p.persons.most) for p in parts_of(office)]

    assert found == [(True, 12), (False, 5)]


def test_who_was_lost_on_the_way_is_in_no_part() -> None:
    office = Office()
    office.transfer(persons={"n": 20, "qualifier": "exact"})
    office.exit(["T-1"], 3, "2025-03-15", how="died")
    office.receipt("T-1", 8, more_to_come=True)

    found = [(p.provisional, p.persons.most) for p in parts_of(office)]

    assert found == [(True, 9), (False, 8)]


def test_the_refused_were_never_in_a_part() -> None:
    office = Office()
    office.transfer(persons={"n": 20, "qualifier": "exact"})
    office.receipt("T-1", 20, refused=[{"n": 3, "reason": "ill"}])
    office.exit(["T-1"], 1, "2025-03-16", how="died")

    assert only(office).persons == Range(16, 16)


def test_who_left_a_pool_makes_parts_ranges() -> None:
    office = Office()
    for ref, n in (("T-1", 5), ("T-2", 3)):
        office.transfer(persons={"n": n, "qualifier": "exact"})
        office.receipt(ref, n)
    office.exit(["T-1", "T-2"], 4, "2026-03-10")
    pool = pool_of(office.history, "T-1")

    first, second = only(office, "T-1"), only(office, "T-2")

    assert (first.persons, second.persons) == (Range(1, 4), Range(0, 3))
    assert overstay(pool, "T-2", second, on=date(2026, 3, 17)) == (2, Range(0, 6))
    assert overstay(pool, "T-1", first, on=date(2026, 3, 17)) == (2, Range(2, 8))


def test_who_is_refused_after_a_death_on_the_same_transfer_is_not_taken_twice() -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 4, more_to_come=True)
    office.exit(["T-1"], 1, "2025-03-17", how="died")
    later = "2025-03-20T08:00-06:00"
    refused: Json = [{"n": 2, "reason": "ill"}]
    office.receipt("T-1", 6, arrived=later, admitted=later, refused=refused)

    found = [(str(p.came), p.persons.most) for p in parts_of(office)]

    assert found == [("2025-03-16", 3), ("2025-03-20", 4)]


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_the_parts_of_a_transfer_alone_are_those_who_remain(seed: int) -> None:
    history = book(seed).history
    for ref in [ref for ref in history.opened if not ref.startswith("I-")]:
        pool = pool_of(history, ref)
        for day in [*pool.event_days(), date.max]:
            for known in pool.cases:
                found = parts(pool, known, on=day)
                rest = pool.remaining({known}, on=day)
                most = sum(part.persons.most for part in found)
                least = sum(part.persons.least for part in found)

                assert least <= rest.least
                assert rest.most <= most
                if rest.exact:
                    assert (least, most) == (rest.least, rest.most)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["P1Y", "P6M", "P4000Y", "P7900Y", "P9000D", "P9999M"]),
    st.lists(
        st.sampled_from(["P1Y", "P3000Y", "P7900Y", "P9000D", "P9999M", "P9999D"]),
        max_size=3,
    ),
)
def test_a_term_that_was_recorded_can_be_counted_on_any_day(
    length: str, renewals: list[str]
) -> None:
    office = Office()
    with suppress(RefusedError):
        office.transfer(term=term(length=length))
        office.receipt("T-1", 238)
        for n, longer in enumerate(renewals):
            office.renewal("T-1", 238 - n, length=longer)
    pool = pool_of(office.history, "T-1")

    for case in pool.cases.values():
        for day in [*pool.event_days(), ON, date.max]:
            for part in parts(pool, case.ref, on=day):
                overstay(pool, case.ref, part, on=date.max)


def test_only_a_term_that_comes_near_the_end_of_the_calendar_is_counted_at_entry() -> (
    None
):
    office = Office()
    for length in ("P1Y", "P7000Y", "P7960Y", "P9999M", "P9999D"):
        office.transfer(term=term(length=length))

    sure = [
        ends_surely(pool_of(office.history, f"T-{n}").cases[f"T-{n}"])
        for n in range(1, 6)
    ]

    assert sure == [True, True, True, False, False]
