"""A renewal that was over when it was agreed: what a clerk is told, and the figures."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.desk import Desk, answer

RECORD = (
    *("record", "--from", "US", "--to", "SV", "--persons", "20"),
    *("--group", "a group", "--group-by", "US", "--facility", "CECOT"),
    *("--departed", "2025-03-28", "--term", "P1M", "--renewable", "yes"),
    *("--compensation", "10.00 USD", "--per", "person_day"),
)
RECEIVE = (
    *("receive", "T-1", "--persons", "20", "--arrived", "2025-03-29"),
    *("--admitted", "2025-03-29"),
)
RENEW = ("renew", "T-1", "--until", "2025-05-28", "--agreed-on", "2025-06-01")
ON = ("--on", "2025-06-02")


@pytest.fixture
def desk(received: Desk) -> Desk:
    """Return a desk on 3 June 2025; the book of the fixture has T-1 already."""
    received.now = datetime(2025, 6, 3, 15, 0, tzinfo=UTC)
    received.done(*RECORD)
    received.done(*(word.replace("T-1", "T-2") for word in RECEIVE))
    return received


def renewed(desk: Desk, n: int, *more: str) -> str:
    """Record a renewal of T-2 for some; return the notes."""
    argv = [word.replace("T-1", "T-2") for word in RENEW]
    return desk.done(*argv, "--persons", str(n), *more).err


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        (
            "en",
            "the new period of this renewal is over already: its last",
        ),
        (
            "es_SV.UTF-8",
            "el nuevo período de esta prórroga ya terminó: su último día",
        ),
    ],
)
def test_a_renewal_that_is_over_when_it_is_recorded_is_noted(
    lang: str, note: str, desk: Desk
) -> None:
    desk.environ["LC_ALL"] = lang

    said = " ".join(renewed(desk, 20).split())

    assert note in said
    assert "2025-05-28" in said


def test_a_renewal_that_still_runs_has_no_such_note(desk: Desk) -> None:
    argv = ("renew", "T-2", "--until", "2025-06-03", "--agreed-on", "2025-06-01")

    assert "is over already" not in desk.done(*argv, "--persons", "20").err


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        ("en", "only time zones can explain that"),
        ("es_SV.UTF-8", "solo los husos horarios pueden explicarlo"),
    ],
)
def test_an_arrival_on_the_day_before_the_departure_is_noted(
    lang: str, note: str, desk: Desk
) -> None:
    desk.environ["LC_ALL"] = lang
    desk.done(*RECORD)
    came = [word.replace("T-1", "T-3") for word in RECEIVE]
    came[came.index("--arrived") + 1] = "2025-03-27"

    assert note in " ".join(desk.done(*came).err.split())
    argv = [word.replace("2025-03-27", "2025-03-25") for word in came]
    assert desk.run(*argv).code == 3


def person_days(found: dict[str, Any]) -> Iterator[int]:
    for row in found["transfers"]:
        if row["ref"] == "T-2":
            assert row["person_days_min"] == row["person_days_max"]
            yield row["person_days_max"]


def test_every_answer_counts_the_same_days_without_authority(
    desk: Desk,
) -> None:
    renewed(desk, 20)

    assert [*person_days(answer(desk, "overdue", *ON))] == [5 * 20]
    (row,) = answer(desk, "show", "T-2", *ON)["terms"]
    assert row["gap_days"] == 30
    explained = desk.done("explain", "T-2", *ON).out
    assert "2025-04-29 to 2025-05-28" in " ".join(explained.split())
    assert "100 person-days" in explained
    money = answer(desk, "show", "T-2", *ON)["accrual"]
    assert money["unauthorised_person_days_max"] == (5 + 30) * 20


def test_a_partial_renewal_takes_its_days_along(desk: Desk) -> None:
    renewed(desk, 12)

    assert [*person_days(answer(desk, "overdue", *ON))] == [35 * 8, 5 * 12]
    money = answer(desk, "show", "T-2", *ON)["accrual"]
    assert money["unauthorised_person_days_max"] == 35 * 8 + (5 + 30) * 12
