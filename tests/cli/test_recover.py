"""The verb `recover`, as a clerk types it, is asked, and reads it again."""

from pathlib import Path

import pytest

from tests.cli.asked_clerk import drafts, typed
from tests.cli.desk import RECORD, Desk, answer

ESCAPED = (
    *("end", "T-1", "--how", "escaped", "--persons", "3"),
    *("--at", "2025-03-17"),
)
RECOVER = (
    *("recover", "3", "--how", "recaptured", "--persons", "2"),
    *("--at", "2025-03-18"),
)


@pytest.fixture
def lost(received: Desk) -> Desk:
    """Return a desk where three of 238 escaped, by entry 3."""
    received.done(*ESCAPED)
    return received


def test_who_came_back_is_held_and_shown(lost: Desk) -> None:
    recorded = answer(lost, *RECOVER)
    found = answer(lost, "show", "T-1")["balance"]

    assert (recorded["kind"], recorded["seq"]) == ("recovery", 4)
    assert (found["held_min"], found["held_max"]) == (237, 237)
    assert found["exits"] == {"escaped": 1}
    assert found["left"][0]["persons"] == 3
    assert found["recovered"] == [
        {"seq": 4, "exit": 3, "how": "recaptured", "persons": 2, "day": "2025-03-18"}
    ]
    assert answer(lost, "show", "T-1", "--on", "2025-03-17")["balance"]["held_min"] == (
        235
    )
    assert "2 recaptured 2025-03-18 #3" in lost.done("show", "T-1").out
    assert lost.run("verify").code == 0


@pytest.mark.parametrize(
    ("lang", "history", "explained", "shown"),
    [
        (
            "en",
            "2 persons recaptured, of those who had left by entry 3",
            "2 persons of those who had left by entry 3 were recaptured",
            "came back",
        ),
        (
            "es_SV.UTF-8",
            "2 personas recapturadas, de las que habían salido según el asiento 3",
            "personas de las que habían salido según el asiento 3 fueron recapturadas",
            "volvieron",
        ),
    ],
)
def test_it_is_said_in_both_languages(
    lost: Desk, lang: str, history: str, explained: str, shown: str
) -> None:
    lost.done(*RECOVER)
    lost.environ["LANG"] = lang
    lost.columns = 300

    assert history in lost.done("history", "T-1").out
    assert explained in " ".join(lost.done("explain", "T-1").out.split())
    assert shown in lost.done("show", "T-1").out
    assert lost.done("show", "4").code == 0


def test_a_clerk_is_asked_for_what_is_left_open(lost: Desk) -> None:
    lost.columns = 80
    # Exit, how, persons, when; no split, no authority, no source; then the signature.
    answers = ("3", "1", "2", "2025-03-18", "", "", "", "yes")

    outcome = lost.run("recover", answers=typed(*answers))

    assert outcome.code == 0, outcome.err
    assert "Number of the exit by which they had left" in outcome.err
    assert " ".join(("transfer-ledger", *RECOVER)) in outcome.err
    assert drafts(lost) == []
    lost.columns = None
    assert answer(lost, "show", "T-1")["balance"]["held_min"] == 237


def test_only_an_exit_is_taken_and_its_place_gives_the_zone(lost: Desk) -> None:
    lost.columns = 80
    answers = ("T-1", "2", "3", "1", "1", "2025-03-18 08:00", "", "", "", "yes")

    outcome = lost.run("recover", answers=typed(*answers))

    assert outcome.code == 0, outcome.err
    assert "! entry 1 is of the kind departure, and nobody left by it" in outcome.err
    assert "! entry 2 is of the kind receipt, and nobody left by it" in outcome.err
    assert "18 March 2025 (Tuesday), 14:00 UTC" in outcome.err
    lost.columns = None
    shown = answer(lost, "show", "4")["data"]
    assert shown["occurred"] == "2025-03-18T08:00-06:00"


def test_an_exit_from_two_zones_gives_none(lost: Desk) -> None:
    lost.done(*RECORD, "--facility-zone", "Asia/Tokyo")
    both = ("end", "T-1", "T-2", "--how", "escaped", "--persons", "2")
    lost.done(*both, "--at", "2025-03-18", "--split", "T-1=1", "--split", "T-2=1")
    lost.columns = 80

    outcome = lost.run("recover", "5", answers=typed("1", "1", "2025-03-18 08:00"))

    assert outcome.code == 130
    assert "! a time needs its zone" in outcome.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("recover", "3", "--persons", "4"), "no more can come back than left"),
        (("recover", "2", "--persons", "1"), "entry 2 is of the kind receipt"),
        (("recover", "T-1", "--persons", "1"), "entry 1 is of the kind departure"),
        (("recover", "9", "--persons", "1"), "no entry 9"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_writes_nothing(
    lost: Desk, argv: tuple[str, ...], said: str
) -> None:
    before = lost.bytes()

    outcome = lost.run(*argv, "--how", "found", "--at", "2025-03-18")

    assert outcome.code in {3, 4}
    assert said in outcome.err
    assert lost.bytes() == before


def test_a_final_exit_and_a_wrong_way_are_refused(lost: Desk) -> None:
    lost.done("end", "T-1", "--how", "released", "--persons", "1", "--at", "2025-03-18")
    at = ("--persons", "1", "--at", "2025-03-18")

    final = lost.run("recover", "4", "--how", "found", *at)
    wrong = lost.run("recover", "3", "--how", "forgotten", *at)

    assert (final.code, wrong.code) == (3, 3)
    assert "nobody comes back from exit 4 (released)" in final.err
    assert "--how" in wrong.err


def test_the_summary_counts_them_once(lost: Desk, tmp_path: Path) -> None:
    lost.done(*RECOVER)
    folder = tmp_path / "summary"
    lost.done("summary", "--out", str(folder))

    verified = lost.run("verify", str(folder / "summary.json"))

    assert verified.code in {0, 13}, verified.err
    text = (folder / "summary.en.txt").read_text()
    assert "237" in text


def test_who_came_back_is_in_the_totals_once(lost: Desk) -> None:
    lost.done(*RECOVER)

    (row,) = answer(lost, "totals", "--by", "year")["totals"]
    assert row["exits"] == {"escaped": 1}
    assert row["in_transit_or_held_min"] == 237
