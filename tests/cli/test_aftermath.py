"""What is said once an entry is recorded: what it changed, and whom it concerns."""

from datetime import UTC, datetime

import pytest

from tests.cli.desk import RECORD, Desk, answer

LATER = datetime(2025, 10, 2, 15, tzinfo=UTC)
SHORTER = (
    *("renew", "T-1", "--until", "2026-01-31", "--persons", "100"),
    *("--agreed-on", "2025-10-01"),
)

UNKNOWN = '/term={"reading":"unknown"}'


@pytest.fixture
def held(received: Desk) -> Desk:
    """Return a desk on which 238 persons are held until 2026-03-15."""
    received.now = LATER
    received.columns = 100
    return received


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "day was 2026-03-15, and is 2026-01-31 now"),
        ("es", "día autorizado era el 2026-03-15 y ahora es el 2026-01-31"),
    ],
)
def test_a_clerk_is_told_that_a_renewal_shortens(
    held: Desk, language: str, said: str
) -> None:
    outcome = held.done(*SHORTER, "--lang", language)

    assert said in " ".join(outcome.err.split())
    assert "transfer-ledger retract 3 --reason" in outcome.err


def test_one_who_is_asked_is_told_before_the_signature(held: Desk) -> None:
    words = "\n".join(["unknown", "unknown", "2025-10-01", *[""] * 30])

    outcome = held.run(*SHORTER[:6], answers=words)

    said = " ".join(outcome.err.split())
    assert outcome.code != 0
    assert "this shortens the term of 100 persons" in said
    assert "recorded as entry" not in outcome.out


def test_a_shortened_term_is_in_the_tables(held: Desk) -> None:
    held.done(*SHORTER)

    assert "shortened" in held.done("due", "--within", "400d").out
    assert "shortened" in held.done("list").out
    assert "from 2025-10-01 to 2026-01-31" in held.done("show", "T-1").out


def test_a_correction_says_what_it_changed(held: Desk) -> None:
    outcome = held.done("correct", "T-1", "--set", "/persons/n=240", "--reason", "a")

    assert "correction of entry 1: /persons/n was 238, is 240 (a)" in outcome.err
    assert "T-1, departed: 238 before, 240 now" in outcome.err
    assert "T-1, unaccounted for: 0 before, 2 now" in outcome.err
    assert "note: T-1: 2 persons are unaccounted for (entry 2)" in outcome.err


def test_a_correction_that_changes_no_figure_says_so(held: Desk) -> None:
    outcome = held.done("correct", "T-1", "--set", "/group/label=x", "--reason", "a")

    assert "no number of persons and no last authorised day changed" in outcome.err


def test_a_retraction_says_what_no_longer_counts(held: Desk) -> None:
    held.done(*SHORTER)

    outcome = held.done("retract", "3", "--reason", "wrong end")

    said = " ".join(outcome.err.split())
    assert "it no longer counts: US (official): renewal: 100 persons may be" in said
    assert (
        "T-1, last authorised day: 2026-01-31 (persons: 100), 2026-03-15 (persons: "
        "138) before, 2026-03-15 now"
    ) in said


def test_a_transfer_that_is_struck_out_has_no_figures_now(held: Desk) -> None:
    held.done("retract", "2", "--reason", "a")

    outcome = held.done("retract", "T-1", "--reason", "a")

    assert "T-1, persons: 238 before, none now" in outcome.err
    assert "T-1, held" not in outcome.err


def test_a_transfer_of_which_nobody_is_left_has_no_end(held: Desk) -> None:
    left = ("end", "T-1", "--how", "released", "--persons", "238")
    held.done(*left, "--at", "2025-09-01")

    outcome = held.done("retract", "3", "--reason", "a")

    assert "last authorised day: nobody there before, 2026-03-15 now" in outcome.err
    assert "T-1, left: 238 before, 0 now" in outcome.err


def test_a_term_without_an_end_is_none_recorded(held: Desk) -> None:
    outcome = held.done("correct", "T-1", "--set", UNKNOWN, "--reason", "a")

    assert "last authorised day: 2026-03-15 before, none recorded now" in outcome.err


def test_a_change_of_an_instrument_names_the_transfers(desk: Desk) -> None:
    desk.columns = 100
    desk.now = LATER
    desk.done(
        *("instrument", "--title", "Notes", "--type", "exchange-of-notes"),
        *("--stage", "signed", "--at", "2025-03-01", "--party", "US", "--party", "SV"),
        *("--binding", "no", "--text-public", "yes", "--term-until", "2025-12-31"),
    )
    for _ in range(22):
        desk.done(*RECORD, "--instrument", "I-1")

    refused = desk.run("retract", "I-1", "--reason", "a")
    assert refused.code == 3
    assert refused.err.count("would become impossible") == 20
    assert "2 faults more; --json names them all" in refused.err

    to = ("--set", "/term/until=2025-12-30", "--reason", "a")
    outcome = desk.done("correct", "I-1", *to)

    assert outcome.err.count("2025-12-31 before, 2025-12-30 now") == 20
    assert "changed: 2 figures more" in outcome.err


def test_a_program_reads_the_figures_that_changed(held: Desk) -> None:
    held.columns = None
    held.done(*SHORTER)
    retraction = answer(held, "retract", "3", "--reason", "a")
    correction = answer(held, "correct", "1", "--set", UNKNOWN, "--reason", "a")
    gone = answer(held, "retract", "2", "--reason", "a")

    end = {"authorised_until": "2026-03-15", "persons_min": 238, "persons_max": 238}
    (figure,) = retraction["changed"]
    assert (figure["ref"], figure["member"]) == ("T-1", "authorised_until")
    assert figure["after"] == [end]
    assert correction["changed"][0]["before"] == [end]
    assert correction["changed"][0]["after"][0]["authorised_until"] is None
    assert gone["changed"][0] == {
        "ref": "T-1",
        "member": "in_transit",
        "before": {"min": 0, "max": 0},
        "after": {"min": 238, "max": 238},
    }
    struck = answer(held, "retract", "1", "--reason", "a")["changed"]
    assert {each["after"] for each in struck} == {None}
    assert struck[0]["before"] == 238
    assert answer(held, *RECORD)["changed"] == []


def test_what_an_exit_brings_about_for_two_transfers_is_said_once(held: Desk) -> None:
    held.done(*RECORD)
    left = ("end", "T-1", "T-2", "--how", "released", "--persons", "3")

    outcome = held.done(*left, "--at", "2025-09-01")

    assert outcome.err.count("some exits name 2 transfers together") == 1
