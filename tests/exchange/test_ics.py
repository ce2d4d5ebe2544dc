"""A calendar file is what any calendar reads, and replaces only its own kind."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from ledger.errors import NotPermittedError, RefusedError
from ledger.exchange.ics import AllDay, calendar_file, put_calendar
from tests.surroundings import ME, files, files_of_at_most, open_folder, without_power

REVISED = datetime(2026, 4, 2, 15, 0, 0, tzinfo=UTC)


def event(uid: str, **members: object) -> AllDay:
    usual = {
        "day": date(2026, 3, 15),
        "summary": "T-1: last day",
        "description": "Type: show T-1",
        "status": "CONFIRMED",
        "revision": 4,
        "revised": REVISED,
    }
    return AllDay(uid=uid, **{**usual, **members})  # type: ignore[arg-type]


def test_an_event_lasts_the_whole_day_and_says_how_new_it_is() -> None:
    content = calendar_file([event("a@b", status="TENTATIVE")], name="days")
    (read,) = Calendar.from_ical(content).walk("VEVENT")

    assert read["uid"] == "a@b"
    assert read.decoded("dtstart") == date(2026, 3, 15)
    assert read.decoded("dtend") == date(2026, 3, 16)
    assert read.decoded("dtstamp") == REVISED
    assert (read["sequence"], read["status"]) == (4, "TENTATIVE")


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"))),
            st.dates(date(1900, 1, 1), date(9999, 12, 30)),
            st.integers(0, 10**9),
        ),
        max_size=6,
    )
)
def test_what_is_written_is_read(days: list[tuple[str, date, int]]) -> None:
    events = [
        event(str(number), summary=summary, day=day, revision=revision)
        for number, (summary, day, revision) in enumerate(days)
    ]
    content = calendar_file(events, name="days")
    read = Calendar.from_ical(content).walk("VEVENT")

    assert [(str(e["summary"]), e.decoded("dtstart"), e["sequence"]) for e in read] == [
        (summary, day, revision) for summary, day, revision in days
    ]
    assert content == calendar_file(events, name="days")
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_the_last_day_of_all_has_an_event() -> None:
    content = calendar_file([event("a", day=date.max)], name="days")
    (read,) = Calendar.from_ical(content).walk("VEVENT")

    assert read.decoded("dtstart") == date.max
    assert "dtend" not in read


def test_a_calendar_of_ours_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    first, second = (calendar_file([event(uid)], name="days") for uid in "ab")

    assert not put_calendar(path, first)
    assert put_calendar(path, second)
    assert path.read_bytes() == second
    assert files(tmp_path) == {"a.ics"}


@pytest.mark.parametrize("content", [b"", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"])
def test_nothing_else_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(content)

    with pytest.raises(RefusedError, match=r"file\.exists"):
        put_calendar(path, calendar_file([], name="days"))

    assert path.read_bytes() == content


def test_a_full_disk_leaves_the_old_calendar(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    old = calendar_file([], name="days")
    put_calendar(path, old)
    new = calendar_file([event(str(n)) for n in range(100)], name="days")

    with files_of_at_most(1000), pytest.raises(NotPermittedError):
        put_calendar(path, new)

    assert path.read_bytes() == old
    assert files(tmp_path) == {"a.ics"}


@pytest.mark.skipif(ME != 0, reason="only root can be somebody else")
def test_a_calendar_of_somebody_else_in_a_common_folder_is_left() -> None:
    with open_folder(mode=0o1777) as folder:
        path = folder / "a.ics"
        old = calendar_file([], name="days")
        put_calendar(path, old)
        with without_power(), pytest.raises(NotPermittedError):
            put_calendar(path, calendar_file([], name="other days"))

        assert path.read_bytes() == old
        assert files(folder) == {"a.ics"}


def test_a_folder_that_takes_no_file_is_told() -> None:
    with open_folder() as folder:
        path = folder / "a.ics"
        put_calendar(path, calendar_file([], name="days"))
        with without_power(), pytest.raises(NotPermittedError):
            put_calendar(path, calendar_file([], name="other days"))
