"""Days, event times, zones and lengths: one strict reader and one spelling for each.

A time is kept with the precision that is known (a minute, a day, a month) and with
the offset that was in force, so that a later change of the zone tables changes
nothing. The room has no clock; arithmetic on terms is in `ledger.domain.days`.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.errors import RefusedError

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9999
LONGEST_SPAN: Final = 36_600

_MINUTES_OF_DAY: Final = 24 * 60
# Clocks run from UTC+14 to UTC-12: a named day lasts 50 hours around the world.
_EASTERNMOST: Final = 14 * 60
_WESTERNMOST: Final = 12 * 60
# The last day on which a minute can still be converted to every zone.
_LAST_DAY_OF_MINUTES: Final = date(LAST_YEAR, 12, 29)
_LENGTH_OF_ZONE: Final = 64
_ZONES_KEPT: Final = 64
_DAYS_KEPT: Final = 4096

_DAY: Final = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH: Final = re.compile("([0-9]{4})-([0-9]{2})")
_MINUTE: Final = re.compile(
    "([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})([+-])([0-9]{2}):([0-9]{2})"
)
_TYPED: Final = re.compile(
    "([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})"
    "(?: ?([+-][0-9]{2}:[0-9]{2}))?(?: ([^ ]+))?"
)
_YEAR_LAST: Final = re.compile(
    "([0-9]{1,2})([/.-])([0-9]{1,2})\\2([0-9]{4})(?:[ T].*)?"
)
# Every part of a published zone name starts with a capital letter. This keeps out
# `localtime`, `posixrules`, `right/…`, paths and the tables beside the zones.
_ZONE: Final = re.compile("[A-Z][A-Za-z0-9_+-]*(?:/[A-Z][A-Za-z0-9_+-]*){0,2}")
_YEARS_AND_MONTHS: Final = re.compile("P(?:([1-9][0-9]{0,3})Y)?(?:([1-9][0-9]{0,3})M)?")
_DAYS: Final = re.compile("P([1-9][0-9]{0,3})D")
_SPAN: Final = re.compile("(0|[1-9][0-9]{0,4})d?")


def _check_year(year: int) -> None:
    """Refuse a year that is outside the calendar of the register."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RefusedError("value.year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR)


def _refuse_year_last(text: str) -> None:
    """Refuse `03/04/2025` and its like with the days that it can mean."""
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    _check_year(year)
    readings: list[str] = []
    for month, day in ((one, two), (two, one)):
        try:
            reading = date(year, month, day).isoformat()
        except ValueError:
            continue
        if reading not in readings:
            readings.append(reading)
    match readings:
        case [first, second]:
            raise RefusedError("value.day-two-readings", first=first, second=second)
        case [only]:
            raise RefusedError("value.day-year-last", day=only)
        case _:
            raise RefusedError("value.not-a-day")


def parse_day(text: str) -> date:
    """Return the day that `YYYY-MM-DD` names.

    Raises:
        RefusedError: Another spelling, a day that does not exist, or a year before
            1900. A spelling with two readings is refused with both of them.
    """
    found = _DAY.fullmatch(text)
    if found is None:
        _refuse_year_last(text)
        raise RefusedError("value.not-a-day")
    _check_year(int(found[1]))
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise RefusedError("value.not-a-day") from None


def day_at(instant: datetime, zone: str) -> date:
    """Return the day of an instant in a zone."""
    return instant.astimezone(_zone(zone)).date()


@lru_cache(maxsize=_ZONES_KEPT)
def _zone(name: str) -> ZoneInfo:
    """Return the rules of a zone."""
    if len(name) > _LENGTH_OF_ZONE or name == "Factory" or not _ZONE.fullmatch(name):
        raise RefusedError("value.not-a-zone")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RefusedError("value.not-a-zone") from None


def check_zone(name: str) -> str:
    """Return the name if it is a zone of the IANA database, such as `America/Chicago`.

    Raises:
        RefusedError: There is no such zone, or the name is a path or a local alias.
    """
    return _zone(name).key


class When(Struct, frozen=True):
    """When something happened, as precisely as it is known.

    Attributes:
        text: The spelling that is signed: `2025-03-15T17:26-04:00`, `2025-03-15` or
            `2025-03`.
        precision: What the text leaves open: nothing below the minute, the time of
            the day, or the day of the month.
    """

    text: str
    precision: Literal["minute", "day", "month"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the time that a signed spelling means.

        Raises:
            RefusedError: Another spelling, no offset, `Z`, `-00:00`, an offset
                beyond 14 hours, or a time that does not exist.
        """
        if minute := _MINUTE.fullmatch(text):
            _check_minute(minute)
            return cls(text, "minute")
        if month := _MONTH.fullmatch(text):
            _check_year(int(month[1]))
            parse_day(f"{text}-01")
            return cls(text, "month")
        if "T" in text:
            _refuse_year_last(text)
            raise RefusedError("value.not-a-time")
        parse_day(text)
        return cls(text, "day")

    def instant(self) -> datetime | None:
        """Return the UTC instant at which the minute starts; None if unknown."""
        if self.precision != "minute":
            return None
        return datetime.fromisoformat(self.text).astimezone(UTC)

    def earliest(self, zone: str) -> date:
        """Return the first day that it can have been at a place in the zone."""
        return _earliest(self.text, self.precision, zone)

    def latest(self, zone: str) -> date:
        """Return the last day that it can have been at a place in the zone."""
        first = self.earliest(zone)
        if self.precision != "month":
            return first
        return first.replace(day=monthrange(first.year, first.month)[1])


@lru_cache(maxsize=_DAYS_KEPT)
def _earliest(
    text: str, precision: Literal["minute", "day", "month"], zone: str
) -> date:
    match precision:
        case "minute":
            return datetime.fromisoformat(text).astimezone(_zone(zone)).date()
        case "day":
            return date.fromisoformat(text)
        case _:
            return date.fromisoformat(f"{text}-01")


def _check_minute(found: re.Match[str]) -> None:
    """Refuse a day, a time or an offset that does not exist."""
    if parse_day(found[1]) > _LAST_DAY_OF_MINUTES:
        last = _LAST_DAY_OF_MINUTES.isoformat()
        raise RefusedError("value.time-too-late", last=last)
    hour, minute = int(found[2]), int(found[3])
    if hour > 23 or minute > 59:  # noqa: PLR2004 (the clock)
        raise RefusedError("value.not-a-time")
    hours, minutes = int(found[5]), int(found[6])
    offset = hours * 60 + minutes
    if minutes > 59 or offset > _EASTERNMOST:  # noqa: PLR2004 (the clock)
        raise RefusedError("value.offset-out-of-range", first="-14:00", last="+14:00")
    if found[4] == "-" and offset == 0:
        raise RefusedError("value.offset-unknown")


def _bounds(when: When) -> tuple[int, int]:
    """Return the first minute it can be and the first it cannot be any more, in UTC."""
    instant = when.instant()
    if instant is not None:
        of_day = instant.hour * 60 + instant.minute
        minute = instant.toordinal() * _MINUTES_OF_DAY + of_day
        return minute, minute + 1
    # A day or a month is the same in every zone; UTC stands for any.
    first, last = when.earliest("UTC").toordinal(), when.latest("UTC").toordinal()
    return (
        first * _MINUTES_OF_DAY - _EASTERNMOST,
        (last + 1) * _MINUTES_OF_DAY + _WESTERNMOST,
    )


def surely_before(a: When, b: When) -> bool:
    """Tell whether every instant that a can mean lies before every one that b can.

    A day or a month may be meant anywhere from UTC+14 to UTC-12.
    """
    return _bounds(a)[1] <= _bounds(b)[0]


def hours_since(when: When, *, on: date, zone: str, now: datetime) -> int:
    """Return how many whole hours surely lie between a time and the end of a day.

    Args:
        when: A time that may be known by its day or month alone.
        on: The day, which ends in the zone.
        zone: The deciding zone.
        now: The clock, UTC: what is still to come has not passed.
    """
    day = min(on, _LAST_DAY_OF_MINUTES) + timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=_zone(zone))
    end = min(midnight.astimezone(UTC), now)
    minutes = end.toordinal() * _MINUTES_OF_DAY + end.hour * 60 + end.minute
    return max(0, (minutes - _bounds(when)[1]) // 60)


def _offset(delta: timedelta) -> str:
    """Return an offset as `+HH:MM`; refuse one with seconds, as before about 1972."""
    seconds = round(delta.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    if rest % 60:
        raise RefusedError("value.zone-offset-has-seconds")
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{rest // 60:02}"


def _offsets(local: datetime, zone: ZoneInfo) -> tuple[list[str], list[str]]:
    """Return the offsets under which the clock showed this time, and both sides'."""
    shown: list[str] = []
    sides: list[str] = []
    for fold in (0, 1):
        aware = local.replace(tzinfo=zone, fold=fold)
        delta = aware.utcoffset() or timedelta()
        offset = _offset(delta)
        back = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)
        if back == local and offset not in shown:
            shown.append(offset)
        sides.append(offset)
    return shown, sides


def _is_shaped(text: str) -> bool:
    """Return whether a text has the shape of a day, a month or a time; not if a word.

    Whoever types "yesterday" for a time is told all forms, and not that of a day alone.
    """
    return bool(_DAY.fullmatch(text) or _MONTH.fullmatch(text) or "T" in text)


def read_when(text: str, *, zone: str | None) -> When:
    """Return the time that a person typed.

    Args:
        text: A signed spelling, or a day and a time with a zone after it
            (`2025-03-15 16:26 America/Chicago`), with an offset, or with neither.
        zone: The place's zone, for a time that has neither; None refuses such a time.

    Raises:
        RefusedError: What was typed is no time, has no zone, was skipped by the
            clocks there, or was shown twice and no offset says which is meant.
    """
    typed = _TYPED.fullmatch(text)
    if typed is None:
        if not _is_shaped(text):
            _refuse_year_last(text)
            raise RefusedError("value.not-a-time")
        return When.parse(text)
    day, clock, offset, named = typed.groups()
    if offset is not None and named is None:
        return When.parse(f"{day}T{clock}{offset}")
    place = named or zone
    if place is None:
        raise RefusedError("value.time-without-zone")
    rules = _zone(place)
    When.parse(f"{day}T{clock}+00:00")
    shown, sides = _offsets(datetime.fromisoformat(f"{day}T{clock}"), rules)
    match shown:
        case []:
            raise RefusedError("value.time-skipped", first=sides[0], second=sides[1])
        case [first, second] if offset is None:
            raise RefusedError("value.time-shown-twice", first=first, second=second)
        case _ if offset is not None and offset not in shown:
            raise RefusedError("value.offset-not-of-zone", offset=" ".join(shown))
        case _:
            return When.parse(f"{day}T{clock}{offset or shown[0]}")


class Duration(Struct, frozen=True):
    """A length in calendar units: years and months, or days, never both.

    Attributes:
        years: 0 to 9999.
        months: 0 to 9999; twelve of them are not turned into a year.
        days: 0 to 9999; 0 unless years and months are.
    """

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the length that `P1Y`, `P6M`, `P1Y6M` or `P90D` means.

        Raises:
            RefusedError: Another spelling; zero; a number above 9999.
        """
        if found := _DAYS.fullmatch(text):
            return cls(days=int(found[1]))
        found = _YEARS_AND_MONTHS.fullmatch(text)
        if found is None or found.lastindex is None:
            raise RefusedError("value.not-a-length")
        return cls(years=int(found[1] or 0), months=int(found[2] or 0))

    def format(self) -> str:
        """Return the spelling that is signed."""
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        return "P" + "".join(f"{n}{unit}" for n, unit in parts if n)


def parse_span(text: str) -> int:
    """Return the number of days that `90d` or `90` means, 0 to 36,600.

    Raises:
        RefusedError: Another spelling, or too many days.
    """
    found = _SPAN.fullmatch(text)
    if found is None or int(found[1]) > LONGEST_SPAN:
        raise RefusedError("value.not-a-span", last=LONGEST_SPAN)
    return int(found[1])
