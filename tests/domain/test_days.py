from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.days import (
    add,
    add_months,
    days_left,
    days_over,
    end_of_day,
    last_day,
    last_day_clipped,
    latest_notice_day,
    next_period_start,
    times,
)
from ledger.domain.times import Duration
from ledger.errors import RefusedError

ONE_DAY = timedelta(days=1)
STARTS = st.dates(date(1900, 1, 1), date(2400, 12, 31))
MONTHS = st.builds(Duration, st.integers(0, 90), st.integers(1, 90))
DAYS = st.builds(Duration, days=st.integers(1, 9999))
ZONES = (
    "UTC",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Toronto",
    "Asia/Beirut",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
)


@pytest.mark.parametrize(
    ("start", "length", "last", "clipped"),
    [
        ("2025-03-16", "P1Y", "2026-03-15", False),
        ("2015-09-01", "P3Y", "2018-08-31", False),
        ("2024-02-29", "P1Y", "2025-02-28", True),
        ("2024-02-29", "P4Y", "2028-02-28", False),
        ("2024-03-01", "P1Y", "2025-02-28", False),
        ("2023-03-01", "P1Y", "2024-02-29", False),
        ("2025-01-28", "P1M", "2025-02-27", False),
        ("2025-01-29", "P1M", "2025-02-28", True),
        ("2025-01-31", "P1M", "2025-02-28", True),
        ("2025-01-31", "P2M", "2025-03-30", False),
        ("2025-01-31", "P3M", "2025-04-30", True),
        ("2027-03-16", "P1Y", "2028-03-15", False),
        ("2027-03-16", "P365D", "2028-03-14", False),
        ("2025-03-16", "P1D", "2025-03-16", False),
        ("2025-12-31", "P1Y2M", "2027-02-28", True),
        ("9999-01-01", "P1Y", "9999-12-31", False),
        ("9999-12-31", "P1D", "9999-12-31", False),
    ],
)
def test_the_last_day_is_the_one_before_the_corresponding_day(
    start: str, length: str, last: str, *, clipped: bool
) -> None:
    first, term = date.fromisoformat(start), Duration.parse(length)

    assert last_day(first, term) == date.fromisoformat(last)
    assert last_day_clipped(first, term) == clipped


@pytest.mark.parametrize(
    ("start", "length"),
    [("9999-01-02", "P1Y"), ("9999-12-31", "P2D"), ("2025-01-01", "P9999Y")],
)
def test_a_term_that_outlasts_the_calendar_is_refused(start: str, length: str) -> None:
    with pytest.raises(RefusedError, match="outside-calendar"):
        last_day(date.fromisoformat(start), Duration.parse(length))


def test_there_is_no_period_after_the_calendar() -> None:
    with pytest.raises(RefusedError, match=r"outside-calendar \(last=9999-12-31\)"):
        next_period_start(date(9999, 1, 1), Duration(years=1))


@given(STARTS, MONTHS | DAYS)
def test_the_next_period_starts_on_the_day_after_the_last(
    start: date, length: Duration
) -> None:
    following = next_period_start(start, length)

    assert following == last_day(start, length) + ONE_DAY
    assert following > start


@given(STARTS, MONTHS)
def test_an_unclipped_term_ends_before_the_corresponding_day(
    start: date, length: Duration
) -> None:
    following = next_period_start(start, length)
    corresponding = add_months(start, length.years * 12 + length.months)

    if last_day_clipped(start, length):
        assert following == corresponding + ONE_DAY
        assert following.day == 1
    else:
        assert following == corresponding
        assert following.day == start.day


@given(
    STARTS, MONTHS | st.builds(Duration, days=st.integers(1, 400)), st.integers(1, 9)
)
def test_periods_from_the_original_start_join_without_gap_or_overlap(
    start: date, length: Duration, k: int
) -> None:
    first_of_next = next_period_start(start, times(length, k))
    last_of_next = last_day(start, times(length, k + 1))

    assert first_of_next == last_day(start, times(length, k)) + ONE_DAY
    assert last_of_next >= first_of_next


@given(STARTS, st.integers(1, 5))
def test_periods_from_the_original_start_do_not_drift(start: date, k: int) -> None:
    years = last_day(start, times(Duration(months=12), k))

    assert years == last_day(start, Duration(years=k))


@given(STARTS, MONTHS | DAYS)
def test_a_longer_term_ends_later(start: date, length: Duration) -> None:
    last = last_day(start, length)
    if length.days:
        longer = [Duration(days=length.days + 1)]
    else:
        longer = [
            Duration(length.years + 1, length.months),
            Duration(length.years, length.months + 1),
        ]

    assert all(last_day(start, more) > last for more in longer)


@given(STARTS, MONTHS | DAYS)
def test_a_later_start_never_ends_earlier(start: date, length: Duration) -> None:
    ends = last_day(start, length), last_day(start + ONE_DAY, length)

    assert ends[0] <= ends[1]


@given(STARTS, st.integers(1, 9999))
def test_a_length_in_days_counts_the_first_and_the_last(start: date, n: int) -> None:
    last = last_day(start, Duration(days=n))

    assert (last - start).days + 1 == n
    assert not last_day_clipped(start, Duration(days=n))


@given(STARTS, st.integers(-200, 200))
def test_the_corresponding_day_lies_that_many_months_away(
    day: date, months: int
) -> None:
    other = add_months(day, months)

    assert (other.year - day.year) * 12 + other.month - day.month == months
    assert other.day == day.day or (other + ONE_DAY).day == 1
    assert other.day <= day.day


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        ("P1Y", "P1Y6M", "P2Y6M"),
        ("P11M", "P11M", "P22M"),
        ("P90D", "P30D", "P120D"),
        ("P1Y", "P1D", None),
        ("P1D", "P1M", None),
    ],
)
def test_lengths_of_one_kind_add_up(a: str, b: str, total: str | None) -> None:
    result = add(Duration.parse(a), Duration.parse(b))

    assert result == (None if total is None else Duration.parse(total))


@given(STARTS, st.integers(1, 500), st.integers(1, 500))
def test_days_added_are_days_lived_through(start: date, a: int, b: int) -> None:
    together = add(Duration(days=a), Duration(days=b))

    assert together is not None
    second = next_period_start(start, Duration(days=a))
    assert last_day(start, together) == last_day(second, Duration(days=b))


def test_a_length_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"term.too-long \(last=9999\)"):
        add(Duration(days=9999), Duration(days=1))
    with pytest.raises(RefusedError, match=r"term.too-long \(last=9999\)"):
        times(Duration(months=5000), 2)


def test_days_over_and_days_left_are_counted_from_the_last_day() -> None:
    last = date(2026, 3, 15)

    assert days_over(last, date(2026, 4, 1)) == 17
    assert days_over(last, date(2026, 4, 1)) * 238 == 4_046
    assert days_left(last, date(2025, 12, 20)) == 85


@given(STARTS, STARTS)
def test_a_term_is_over_or_has_days_left(last: date, on: date) -> None:
    over, left = days_over(last, on), days_left(last, on)

    assert over == max(0, -left)
    assert (over > 0) == (on > last)


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-03-15", "America/New_York", "2026-03-16T04:00Z"),
        ("2026-03-15", "America/El_Salvador", "2026-03-16T06:00Z"),
        ("2025-11-01", "America/Havana", "2025-11-02T04:00Z"),
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00Z"),
        ("2006-10-28", "America/St_Johns", "2006-10-29T03:30Z"),
        ("1919-03-30", "America/Toronto", "1919-03-31T04:30Z"),
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00Z"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00Z"),
        ("9999-12-30", "Pacific/Kiritimati", "9999-12-30T10:00Z"),
        ("9999-12-31", "Pacific/Kiritimati", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_day_is_over_when_the_clocks_of_the_zone_say_so(
    day: str, zone: str, end: str
) -> None:
    over = end_of_day(date.fromisoformat(day), zone)

    assert over == datetime.fromisoformat(end)
    assert over.tzinfo is UTC


@given(st.dates(date(1910, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_the_second_before_the_end_is_the_last_of_the_day(day: date, zone: str) -> None:
    over = end_of_day(day, zone)
    before = (over - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()

    assert over.astimezone(ZoneInfo(zone)).date() > day
    assert before <= day
    assert end_of_day(before, zone) == over


@given(st.dates(date(1910, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_days_end_in_their_order(day: date, zone: str) -> None:
    ends = end_of_day(day, zone), end_of_day(day + ONE_DAY, zone)

    assert ends[0] <= ends[1]


def test_the_end_of_a_day_needs_a_zone() -> None:
    with pytest.raises(RefusedError, match="not-a-zone"):
        end_of_day(date(2026, 3, 15), "localtime")


@pytest.mark.parametrize(
    ("last", "lead", "notice"),
    [
        ("2027-04-30", "P3M", "2027-01-30"),
        ("2027-05-31", "P3M", "2027-02-28"),
        ("2028-02-29", "P1Y", "2027-02-28"),
        ("2026-03-15", "P90D", "2025-12-15"),
    ],
)
def test_notice_is_counted_back_from_the_last_day(
    last: str, lead: str, notice: str
) -> None:
    day = latest_notice_day(date.fromisoformat(last), Duration.parse(lead))

    assert day == date.fromisoformat(notice)


@pytest.mark.parametrize("lead", ["P9999Y", "P9999D"])
def test_a_notice_before_the_calendar_is_refused(lead: str) -> None:
    with pytest.raises(RefusedError, match="outside-calendar"):
        latest_notice_day(date(20, 1, 1), Duration.parse(lead))
