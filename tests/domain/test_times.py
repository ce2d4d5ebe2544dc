from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.times import (
    Duration,
    When,
    check_zone,
    parse_day,
    parse_span,
    read_when,
    surely_before,
)
from ledger.errors import RefusedError

ZONES = (
    "UTC",
    "America/Chicago",
    "America/El_Salvador",
    "America/St_Johns",
    "Africa/Juba",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
DAYS = st.dates(date(1900, 1, 1), date(9999, 12, 31))
MINUTES = st.builds(
    lambda day, minute, offset: When.parse(
        f"{day}T{minute // 60:02}:{minute % 60:02}"
        f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    ),
    st.dates(date(1900, 1, 1), date(9999, 12, 29)),
    st.integers(0, 1439),
    st.integers(-840, 840),
)
WHENS = st.one_of(
    MINUTES,
    DAYS.map(lambda day: When.parse(day.isoformat())),
    DAYS.map(lambda day: When.parse(day.isoformat()[:7])),
)


@given(DAYS)
def test_a_day_is_read_back_as_written(day: date) -> None:
    read = parse_day(day.isoformat())

    assert read == day


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("03/04/2025", "2025-03-04", "2025-04-03"),
        ("3.4.2025", "2025-03-04", "2025-04-03"),
        ("12-11-2025", "2025-12-11", "2025-11-12"),
    ],
)
def test_a_day_with_two_readings_is_refused_with_both(
    text: str, first: str, second: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_day(text)

    assert caught.value.code == "value.day-two-readings"
    assert caught.value.values == {"first": first, "second": second}


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("28/02/2025", "value.day-year-last", {"day": "2025-02-28"}),
        ("02/28/2025", "value.day-year-last", {"day": "2025-02-28"}),
        ("03/03/2025", "value.day-year-last", {"day": "2025-03-03"}),
        ("31/31/2025", "value.not-a-day", {}),
        ("03/04/1899", "value.year-out-of-range", {"first": 1900, "last": 9999}),
        ("1899-12-31", "value.year-out-of-range", {"first": 1900, "last": 9999}),
        ("0000-01-01", "value.year-out-of-range", {"first": 1900, "last": 9999}),
        ("2025-02-29", "value.not-a-day", {}),
        ("2025-13-01", "value.not-a-day", {}),
        ("2025/03/04", "value.not-a-day", {}),
        ("03/04-2025", "value.not-a-day", {}),
        ("20250228", "value.not-a-day", {}),
    ],
)
def test_another_spelling_of_a_day_is_refused(
    text: str, code: str, values: dict[str, str | int]
) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_day(text)

    assert caught.value.code == code
    assert caught.value.values == values


@given(WHENS)
def test_a_time_is_read_back_as_written(when: When) -> None:
    read = read_when(when.text, zone=None)

    assert read == when
    assert When.parse(when.text) == when


@given(WHENS, st.sampled_from(ZONES))
def test_a_time_lies_between_its_earliest_and_latest_day(when: When, zone: str) -> None:
    earliest, latest = when.earliest(zone), when.latest(zone)
    instant = when.instant()

    assert (instant is None) == (when.precision != "minute")
    if instant is not None:
        assert earliest == latest == instant.astimezone(ZoneInfo(zone)).date()
    elif when.precision == "day":
        assert earliest == latest == date.fromisoformat(when.text)
    else:
        assert earliest.isoformat() == f"{when.text}-01"
        assert latest == latest.max or (latest + timedelta(1)).day == 1
        assert (earliest.year, earliest.month) == (latest.year, latest.month)


def test_the_same_minute_is_another_day_elsewhere() -> None:
    juba = When.parse("2025-07-05T05:00+02:00")

    assert juba.instant() == datetime(2025, 7, 5, 3, 0, tzinfo=UTC)
    assert juba.earliest("Africa/Juba") == date(2025, 7, 5)
    assert juba.latest("America/New_York") == date(2025, 7, 4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-03-15T17:26", "value.not-a-time"),
        ("2025-03-15T17:26Z", "value.not-a-time"),
        ("2025-03-15T17:26:00-04:00", "value.not-a-time"),
        ("2025-03-15T24:00-04:00", "value.not-a-time"),
        ("2025-03-15T17:60-04:00", "value.not-a-time"),
        ("2025-03-15T17:26-0400", "value.not-a-time"),
        ("03/04/2025T17:26", "value.day-two-readings"),
        ("2025-02-29T17:26-04:00", "value.not-a-day"),
        ("2025-13", "value.not-a-day"),
        ("2025-00", "value.not-a-day"),
        ("1899-12", "value.year-out-of-range"),
        ("2025", "value.not-a-day"),
        ("2025-03-15T17:26-00:00", "value.offset-unknown"),
        ("2025-03-15T17:26+14:01", "value.offset-out-of-range"),
        ("2025-03-15T17:26-15:00", "value.offset-out-of-range"),
        ("2025-03-15T17:26+01:60", "value.offset-out-of-range"),
        ("9999-12-30T00:00+00:00", "value.time-too-late"),
    ],
)
def test_another_spelling_of_a_time_is_refused(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        When.parse(text)

    assert caught.value.code == code


@given(WHENS, WHENS, WHENS)
def test_surely_before_is_a_strict_order(a: When, b: When, c: When) -> None:
    assert not surely_before(a, a)
    assert not (surely_before(a, b) and surely_before(b, a))
    assert surely_before(a, c) or not (surely_before(a, b) and surely_before(b, c))


@given(MINUTES, MINUTES)
def test_minutes_are_ordered_as_their_instants_are(a: When, b: When) -> None:
    first, second = a.instant(), b.instant()

    assert first is not None
    assert second is not None
    assert surely_before(a, b) == (first < second)


@pytest.mark.parametrize(
    ("a", "b", "before"),
    [
        ("2025-03-15", "2025-03-16", False),
        ("2025-03-15", "2025-03-17", False),
        ("2025-03-15", "2025-03-18", True),
        ("2025-03-15", "2025-03-16T12:00+00:00", True),
        ("2025-03-15", "2025-03-16T11:59+00:00", False),
        ("2025-03-14T09:59+00:00", "2025-03-15", True),
        ("2025-03-14T10:00+00:00", "2025-03-15", False),
        ("2025-02", "2025-03-01", False),
        ("2025-02", "2025-03-03", True),
        ("2025-03-15T17:26-04:00", "2025-03-15T21:26+00:00", False),
        ("2025-03-15T17:26-04:00", "2025-03-15T16:27-05:00", True),
        ("9999-12", "9999-12-31", False),
    ],
)
def test_a_day_may_be_meant_anywhere_on_earth(a: str, b: str, *, before: bool) -> None:
    known = surely_before(When.parse(a), When.parse(b))

    assert known == before


@pytest.mark.parametrize(
    ("text", "zone", "read"),
    [
        ("2025-03-15 16:26 America/Chicago", None, "2025-03-15T16:26-05:00"),
        ("2025-03-15T16:26 America/Chicago", "UTC", "2025-03-15T16:26-05:00"),
        ("2025-03-15 16:26", "America/El_Salvador", "2025-03-15T16:26-06:00"),
        ("2025-03-15T16:26", "UTC", "2025-03-15T16:26+00:00"),
        ("2025-03-15 16:26-04:00", "UTC", "2025-03-15T16:26-04:00"),
        ("2025-03-15 16:26 -04:00", None, "2025-03-15T16:26-04:00"),
        ("2025-11-02 01:30-06:00 America/Chicago", None, "2025-11-02T01:30-06:00"),
        ("2025-11-02 01:30 -05:00 America/Chicago", None, "2025-11-02T01:30-05:00"),
        ("2025-03-15", "UTC", "2025-03-15"),
        ("2025-03", None, "2025-03"),
    ],
)
def test_what_people_type_is_read(text: str, zone: str | None, read: str) -> None:
    when = read_when(text, zone=zone)

    assert when.text == read


@given(
    st.datetimes(datetime(1973, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 (local)
    st.sampled_from(ZONES),
)
def test_a_time_in_a_zone_is_shown_by_its_clocks(local: datetime, zone: str) -> None:
    typed = local.strftime("%Y-%m-%d %H:%M")
    aware = datetime.strptime(typed, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        with pytest.raises(RefusedError, match=r"time-(skipped|shown-twice)"):
            read_when(f"{typed} {zone}", zone=None)
        return

    instant = read_when(f"{typed} {zone}", zone=None).instant()

    assert instant is not None
    assert instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") == typed


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        (
            "2025-03-09 02:30 America/Chicago",
            "value.time-skipped",
            {"first": "-06:00", "second": "-05:00"},
        ),
        (
            "2025-03-09 02:30-06:00 America/Chicago",
            "value.time-skipped",
            {"first": "-06:00", "second": "-05:00"},
        ),
        (
            "2025-11-02 01:30 America/Chicago",
            "value.time-shown-twice",
            {"first": "-05:00", "second": "-06:00"},
        ),
        (
            "2025-11-02 01:30-04:00 America/Chicago",
            "value.offset-not-of-zone",
            {"offset": "-05:00 -06:00"},
        ),
        (
            "2025-07-02 01:30-06:00 America/Chicago",
            "value.offset-not-of-zone",
            {"offset": "-05:00"},
        ),
        (
            "03/04/2025 17:26",
            "value.day-two-readings",
            {"first": "2025-03-04", "second": "2025-04-03"},
        ),
        ("2025-03-15 16:26", "value.time-without-zone", {}),
        ("2025-03-15T16:26", "value.time-without-zone", {}),
        ("2025-03-15 16:26 CST", "value.not-a-zone", {}),
        ("2025-03-15 25:26 America/Chicago", "value.not-a-time", {}),
        ("yesterday", "value.not-a-time", {}),
        ("2025", "value.not-a-time", {}),
        ("2025-02-29", "value.not-a-day", {}),
        ("2025-13", "value.not-a-day", {}),
        ("2025-02-29 16:26 America/Chicago", "value.not-a-day", {}),
        ("2025-03-15  16:26", "value.not-a-time", {}),
        ("1920-01-01 10:00 Africa/Monrovia", "value.zone-offset-has-seconds", {}),
        ("9999-12-31 10:00 UTC", "value.time-too-late", {"last": "9999-12-29"}),
    ],
)
def test_a_time_that_was_not_or_was_twice_is_refused(
    text: str, code: str, values: dict[str, str | int]
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_when(text, zone=None)

    assert caught.value.code == code
    assert caught.value.values == values


def test_every_published_zone_is_known_by_its_name() -> None:
    aside = {"localtime", "Factory"}
    published = sorted(available_timezones() - aside)

    assert [check_zone(name) for name in published] == published


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localtime",
        "Factory",
        "America",
        "America/",
        "/usr/share/zoneinfo/UTC",
        "../UTC",
        "America/../UTC",
        "america/chicago",
        "posixrules",
        "posix/UTC",
        "right/UTC",
        "tzdata.zi",
        "Mars/Olympus",
        "UTC\n",
        "X" * 65,
    ],
)
def test_a_path_or_an_unknown_name_is_no_zone(name: str) -> None:
    with pytest.raises(RefusedError, match="not-a-zone"):
        check_zone(name)


@given(
    st.builds(Duration, st.integers(0, 9999), st.integers(0, 9999))
    | st.builds(Duration, days=st.integers(0, 9999))
)
def test_a_length_is_read_back_as_written(length: Duration) -> None:
    text = length.format()
    if length == Duration():
        with pytest.raises(RefusedError, match="not-a-length"):
            Duration.parse(text)
        return

    assert Duration.parse(text) == length


@pytest.mark.parametrize(
    "text",
    [
        *("P", "P0D", "P0Y", "P01Y", "P1M1Y", "P1Y1D", "P1W", "P1.5Y", "-P1Y", "p1y"),
        *("P10000D", "PT1H", "1Y", "P1Y ", "P1Y\n", "P\u0661Y", ""),
    ],
)
def test_another_spelling_of_a_length_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="not-a-length"):
        Duration.parse(text)


@given(st.integers(0, 36_600))
def test_a_span_is_read_with_and_without_its_unit(days: int) -> None:
    spans = parse_span(str(days)), parse_span(f"{days}d")

    assert spans == (days, days)


@pytest.mark.parametrize("text", ["36601", "-1", "090", "90D", "90 d", "9w", "d", ""])
def test_another_span_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match=r"not-a-span \(last=36600\)"):
        parse_span(text)
