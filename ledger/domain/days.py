"""The arithmetic of terms: pure functions on days, and one on the end of a day.

The first day counts and the last authorised day is inclusive: it is the day before
the day that corresponds to the start. A month that lacks the corresponding day ends
the term with its own last day (German Civil Code, section 188(2) and (3)). The k-th
period is counted from the original start, never from the end of the one before:
write `last_day(start, times(length, k))`.
"""

from bisect import bisect_left
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.times import Duration, check_zone
from ledger.errors import RefusedError

_LARGEST_NUMBER: Final = 9999
_ONE_DAY: Final = timedelta(days=1)
_ONE_SECOND: Final = timedelta(seconds=1)


def _day(year: int, month: int, day: int) -> date:
    """Return the day, or the month's last day where the month lacks it."""
    if not date.min.year <= year <= date.max.year:
        raise RefusedError("term.outside-calendar", last=date.max.isoformat())
    return date(year, month, min(day, monthrange(year, month)[1]))


def _later(day: date, days: int) -> date:
    """Return the day that many days later."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise RefusedError("term.outside-calendar", last=date.max.isoformat()) from None


def add_months(day: date, months: int) -> date:
    """Return the corresponding day that many months later, earlier if negative.

    A month that lacks the day gives its last day.

    Raises:
        RefusedError: The calendar ends before that (9999-12-31).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _day(year, month + 1, day.day)


def _months(length: Duration) -> int:
    """Return the months of a length in years and months."""
    return length.years * 12 + length.months


def last_day(start: date, length: Duration) -> date:
    """Return the last authorised day, inclusive, of a term.

    Args:
        start: The first day, which counts.
        length: Years and months, or days.

    Raises:
        RefusedError: The term would end after 9999-12-31.
    """
    if length.days:
        return _later(start, length.days - 1)
    # From the first of a month the day before lies in the month before, which also
    # keeps a term that ends with the calendar inside it.
    if start.day == 1:
        end = add_months(start, _months(length) - 1)
        return end.replace(day=monthrange(end.year, end.month)[1])
    end = add_months(start, _months(length))
    return end if end.day < start.day else end - _ONE_DAY


def last_day_clipped(start: date, length: Duration) -> bool:
    """Tell whether the last month lacks the day that corresponds to the start.

    Raises:
        RefusedError: The term would end after 9999-12-31.
    """
    if length.days or start.day == 1:
        return False
    return add_months(start, _months(length)).day < start.day


def next_period_start(start: date, length: Duration) -> date:
    """Return the first day after a term.

    Raises:
        RefusedError: It would lie after 9999-12-31.
    """
    return _later(last_day(start, length), 1)


def _length(years: int, months: int, days: int) -> Duration:
    """Return a length whose numbers can be written down."""
    if max(years, months, days) > _LARGEST_NUMBER:
        raise RefusedError("term.too-long", last=_LARGEST_NUMBER)
    return Duration(years, months, days)


def add(a: Duration, b: Duration) -> Duration | None:
    """Return the sum of two lengths; None for days with years or months.

    Raises:
        RefusedError: A number of the sum is above 9999.
    """
    if bool(a.days) != bool(b.days):
        return None
    return _length(a.years + b.years, a.months + b.months, a.days + b.days)


def times(length: Duration, count: int) -> Duration:
    """Return the length of that many periods, 1 or more.

    Raises:
        RefusedError: A number of the product is above 9999.
    """
    return _length(length.years * count, length.months * count, length.days * count)


def days_left(last: date, on: date) -> int:
    """Return the days from a day to the last authorised one; negative when over."""
    return (last - on).days


def days_over(last: date, on: date) -> int:
    """Return the days since the last authorised one; 0 while it is not over."""
    return max(0, (on - last).days)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the UTC instant from which the day is over in the zone.

    It is the first midnight that no clock of the zone goes behind again: where the
    clocks skip midnight it is the moment of the skip, where they show the last
    minutes of the day twice it is the second midnight. The day 9999-12-31 ends with
    the last second that can be written.

    Raises:
        RefusedError: There is no such zone.
    """
    rules = ZoneInfo(check_zone(zone))
    if day == date.max:
        return datetime.max.replace(microsecond=0, tzinfo=UTC)
    midnight = datetime.combine(day + _ONE_DAY, time(), rules)
    early, late = sorted(midnight.replace(fold=n).astimezone(UTC) for n in (0, 1))
    if (late - _ONE_SECOND).astimezone(rules).date() <= day:
        return late
    seconds = range(int((late - early).total_seconds()))
    return early + timedelta(
        seconds=bisect_left(
            seconds,
            True,  # noqa: FBT003 (what is searched for)
            key=lambda n: (early + timedelta(seconds=n)).astimezone(rules).date() > day,
        )
    )


def latest_notice_day(last: date, lead: Duration) -> date:
    """Return the last day for a notice that must come that long before the end.

    Args:
        last: The last authorised day.
        lead: Years and months, or days, counted backwards from that day.

    Raises:
        RefusedError: The calendar begins after that.
    """
    if lead.days:
        return _later(last, -lead.days)
    return add_months(last, -_months(lead))
