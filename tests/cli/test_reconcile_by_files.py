"""Real cases as two offices type them: what `reconcile` says after `receive us:T-1`."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Desk, answer
from tests.cli.two_states import befriend, later, opened

PLACE = ("--facility", "CECOT", "--facility-zone", "America/El_Salvador")
CASES = (
    # announced 11, arrived 10; "all left" against "still held"
    ("11", "2025-03-10T10:00-05:00", "10", "2025-03-10T15:00-06:00"),
    # 252 against 238
    ("252", "2025-03-15T17:26-04:00", "238", "2025-03-16T00:05-06:00"),
    # 11 that all left, by one book, and are all held, by the other
    ("11", "2025-03-16T10:00-05:00", "11", "2025-03-16T15:00-06:00"),
    # a departure on the 4th in one zone, an arrival on the 5th in the other
    ("8", "2025-07-04T22:30-04:00", "8", "2025-07-05T01:15-06:00"),
)
REFS = ("us:T-1", "us:T-2", "us:T-3", "us:T-4")
States = tuple[Desk, Desk]


def departed(us: Desk, persons: str, left: str) -> None:
    us.done(
        *("record", "--from", "US", "--to", "SV", "--persons", persons),
        *("--group", "a group", "--group-by", "US", *PLACE),
        *("--departed", left, "--term", "P1Y"),
    )


@pytest.fixture(scope="module", name="states")
def _states(tmp_path_factory: pytest.TempPathFactory) -> States:
    folder: Path = tmp_path_factory.mktemp("real-cases")
    us, sv = opened(folder)
    befriend(us, sv)
    for desk in (us, sv):
        desk.now = desk.now.replace(month=7, day=8)
    for persons, left, _, _ in CASES:
        departed(us, persons, left)
    us.done("sync")
    sv.done("sync")
    for ref, (_, _, persons, came) in zip(REFS, CASES, strict=True):
        sv.done(
            *("receive", ref, "--persons", persons, "--arrived", came),
            *("--admitted", came),
        )
    for number in ("1", "3"):
        us.done(
            *("end", f"T-{number}", "--how", "repatriated", "--to", "VE"),
            *("--persons", "11", "--at", "2025-07-01", "--status", "reported"),
        )
    later(us, sv)
    for desk in (us, sv, us):
        desk.done("sync")
    return us, sv


def differences(desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
    found = answer(desk, "reconcile")["differences"]
    return {(each["ref"], each["difference"]): each for each in found}


def says(found: dict[str, Any]) -> tuple[str, str, int]:
    return found["own"]["says"], found["other"]["says"], found["n"]


def test_the_origin_sees_what_the_custodian_does_not_say(states: States) -> None:
    us, _ = states
    found = differences(us)

    assert says(found["T-1", "persons"]) == ("11", "10", 1)
    assert says(found["T-2", "persons"]) == ("252", "238", 14)
    assert says(found["T-3", "held"]) == ("0", "11", 11)
    assert set(found) == {
        *(("T-1", "persons"), ("T-1", "held"), ("T-2", "persons"), ("T-3", "held")),
    }, "a night flight over a border of zones is no difference"


def test_the_custodian_sees_the_same_from_its_side_with_both_keys(
    states: States,
) -> None:
    us, sv = states
    mine, theirs = differences(sv), differences(us)

    assert set(mine) == set(theirs)
    for key, found in mine.items():
        assert found["own"] == theirs[key]["other"]
        assert found["other"] == theirs[key]["own"]
    held = mine["T-3", "held"]
    assert {each["by"] for each in held["own"]["signed"]} == {"sv.example/clerk-01"}
    assert {each["by"] for each in held["other"]["signed"]} == {"us.example/clerk-07"}


def test_a_person_reads_it_in_each_language(states: States) -> None:
    us, sv = states
    assert "4 differences between the books" in us.done("reconcile").err
    told = sv.done("reconcile", "--lang", "es")
    assert "4 diferencias entre los libros" in told.err
