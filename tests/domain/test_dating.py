"""Every day of every kind: which must have come, and which may lie ahead."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.agreements import TRIGGER_PATTERN
from ledger.domain.dating import AHEAD, LATEST_YEARS, PAST, date_faults
from ledger.domain.notation import Model
from ledger.domain.schemas import KINDS
from ledger.domain.shapes import members_of
from ledger.domain.times import When

NOW = datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC)
PAIRS = [(kind, path) for kind, paths in PAST.items() for path in paths]
LATER = [(kind, path) for kind, paths in AHEAD.items() for path in paths]


def within(path: str, value: object) -> dict[str, Any]:
    """Return data that has a value at a path; a star is the first of a list."""
    for step in reversed(path.split("/")[1:]):
        value = [value] if step == "*" else {step: value}
    assert isinstance(value, dict)
    return value


def faults(kind: str, path: str, day: str, **more: str) -> list[str]:
    found = list(date_faults(kind, {**within(path, day), **more}, now=NOW))
    shown = path.replace("*", "0")
    assert all(each.values["member"] == shown for each in found)
    return [each.code for each in found]


def dated(form: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of the days and times within a type."""
    if form in {date, When}:
        yield path
    elif isinstance(form, type) and issubclass(form, Model):
        for name, member in members_of(form).items():
            inner = f"{path}/{name}"
            if TRIGGER_PATTERN in repr(member.said):
                yield inner
            yield from dated(member.form, inner)
    elif get_origin(form) is tuple:
        yield from dated(get_args(form)[0], f"{path}/*")
    else:
        for part in get_args(form):
            yield from dated(part, path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_day_of_a_kind_is_of_one_sort(kind: str) -> None:
    named = [*PAST.get(kind, ()), *AHEAD.get(kind, ())]

    assert sorted(named) == sorted(dated(KINDS[kind]))


@pytest.mark.parametrize(("kind", "path"), PAIRS)
def test_what_happened_lies_in_the_past(kind: str, path: str) -> None:
    assert faults(kind, path, "2026-11-24") == []
    assert faults(kind, path, "2026-11-25") == ["value.still-to-come"]
    assert faults(kind, path, "2026-12") == ["value.still-to-come"]
    assert faults(kind, path, "2026-11") == []


@pytest.mark.parametrize(("kind", "path"), LATER)
def test_what_is_agreed_for_later_may_lie_ahead_by_sixty_years(
    kind: str, path: str
) -> None:
    assert LATEST_YEARS == 60
    assert faults(kind, path, "2086-11-24", stage="commitment") == []
    assert faults(kind, path, "2087-11-24", stage="pledge") == ["value.too-far-ahead"]


@pytest.mark.parametrize("stage", ["payment", "expenditure", "refund"])
def test_money_that_moved_has_its_day_behind_it(stage: str) -> None:
    assert faults("payment", "/value_on", "2026-11-24", stage=stage) == []
    assert faults("payment", "/value_on", "2026-11-26", stage=stage) == [
        "value.still-to-come"
    ]


def test_a_minute_is_past_once_it_has_begun_and_a_day_once_it_has_somewhere() -> None:
    evening = NOW.replace(hour=10)
    tomorrow = {"agreed_on": "2026-11-25"}

    assert faults("exit", "/occurred", "2026-11-24T03:00-06:00") == []
    assert faults("exit", "/occurred", "2026-11-24T03:01-06:00") == [
        "value.still-to-come"
    ]
    assert list(date_faults("renewal", tomorrow, now=evening)) == []


def test_what_is_no_day_and_what_was_not_asked_for_is_passed_over() -> None:
    data: dict[str, Any] = {
        "agreed_on": "soon",
        "until": 7,
        "counted": {"on": "2027-01-01"},
    }

    found = date_faults("renewal", data, now=NOW, asked=lambda _: None)

    assert list(found) == []
    assert [e.values for e in date_faults("renewal", data, now=NOW)] == [
        {"member": "/counted/on"}
    ]


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)))
def test_an_agreement_is_refused_exactly_if_its_day_has_begun_nowhere(
    day: date,
) -> None:
    begun = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)

    assert bool(faults("renewal", "/agreed_on", day.isoformat())) == (
        NOW.replace(second=0) < begun
    )
