"""Claims and corrections: how a value is read, and what a correction brings about."""

import pytest

from tests.cli.desk import RECORD, Desk, answer


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [
        ("/persons/n", "252", 252),
        ("/persons", "at-least:250", {"n": 250, "qualifier": "at_least"}),
        ("/persons", '{"n": 1, "qualifier": "exact"}', {"n": 1, "qualifier": "exact"}),
        ("/persons", '"more than 250"', "more than 250"),
        ("/term/length", "P2Y", "P2Y"),
        ("/group/label", "252", "252"),
        ("/group/label", "-3", "-3"),
        ("/group/label", "1.50", "1.50"),
        ("/group/label", '"12"', "12"),
        ("/group/label", "true", "true"),
        ("/group/label", "true enough", "true enough"),
        ("/group/label", "[a remark in brackets]", "[a remark in brackets]"),
        ("/group/label", "[red]x[/red]", "[red]x[/red]"),
        ("/breakdown", '[{"label": "a", "n": 8}]', [{"label": "a", "n": 8}]),
    ],
)
def test_a_claimed_value_is_what_its_member_takes(
    field: str, typed: str, meant: object, after_departure: Desk
) -> None:
    claim = ("claim", "T-1", "--field", field, "--by", "VE")
    after_departure.done(*claim, f"--value={typed}")

    assert answer(after_departure, "show", "2")["data"]["value"] == meant


@pytest.mark.parametrize("typed", ["1e5", "-5", " 5 ", "1_000", "٣", "true", "null"])
def test_a_claimed_or_corrected_value_is_refused_as_its_member_would_be(
    typed: str, after_departure: Desk
) -> None:
    claim = ("claim", "T-1", "--field", "/persons/n", "--by", "VE")
    correct = ("correct", "T-1", "--reason", "r", f"--set=/persons/n={typed}")
    claimed = after_departure.run(*claim, f"--value={typed}")
    corrected = after_departure.run(*correct)
    sentence = "not a whole number between 0 and 10000000; write digits alone\n"

    assert (claimed.code, corrected.code) == (3, 3)
    assert claimed.err == f"transfer-ledger: --value: {sentence}"
    assert corrected.err == f"transfer-ledger: /persons/n: {sentence}"


def test_a_value_that_is_no_json_is_named_by_its_option(after_departure: Desk) -> None:
    claim = ("claim", "T-1", "--field", "/persons", "--by", "VE")
    outcome = after_departure.run(*claim, '--value={"n": 1.5}')

    assert outcome.code == 3
    assert outcome.err.startswith("transfer-ledger: --value: the JSON has a number")


def test_a_correction_tells_what_it_brought_about(received: Desk) -> None:
    desk = received
    desk.now = desk.now.replace(year=2026, month=3, day=10)
    desk.done(
        *("end", "T-1", "--how", "released", "--persons", "230", "--at", "2025-03-19")
    )
    correct = ("correct", "--reason", "misread")
    more = answer(desk, *correct, "3", "--set", "/persons/n=239")
    sooner = answer(desk, *correct, "3", "--set", "/persons/n=230")
    shorter = answer(desk, *correct, "T-1", "--set", "/term/length=P1M")
    nothing = answer(desk, *correct, "T-1", "--set", "/text=t")
    struck = answer(desk, "retract", "6", "--reason", "r")

    assert more["flags"] == [{"flag": "beyond-count", "seq": 3, "n": 1}]
    assert sooner["flags"] == []
    assert shorter["flags"] == [{"flag": "overdue", "seq": 1, "n": 329}]
    assert nothing["flags"] == []
    assert struck["flags"] == []


def test_a_retraction_tells_what_it_brought_about(received: Desk) -> None:
    received.now = received.now.replace(year=2026, month=4)
    received.done(
        *("renew", "T-1", "--for", "P1Y", "--persons", "238"),
        *("--agreed-on", "2026-03-01"),
    )
    said = answer(received, "retract", "3", "--reason", "never agreed")

    assert said["flags"] == [{"flag": "overdue", "seq": 1, "n": 36}]


def test_a_correction_of_an_instrument_tells_of_the_transfers_that_name_it(
    desk: Desk,
) -> None:
    desk.now = desk.now.replace(day=20)
    desk.done(
        *("instrument", "--stage", "signed", "--title", "notes", "--type", "letter"),
        *("--binding", "yes", "--text-public", "no", "--party", "US"),
        *("--headcount", "at-most:300"),
    )
    desk.done(*RECORD, "--instrument", "I-1")
    said = answer(desk, "correct", "I-1", "--set", "/headcount/n=100", "--reason", "r")

    assert said["flags"] == [{"flag": "headcount-exceeded", "seq": 2, "n": 100}]


def test_the_state_of_a_place_is_only_what_somebody_said(after_departure: Desk) -> None:
    desk = after_departure
    assert answer(desk, "show", "T-1")["data"]["facility"] == {
        "name": "CECOT",
        "zone": "America/El_Salvador",
    }
    correct = ("correct", "T-1", "--reason", "misread", "--json")
    moved = desk.done(*correct, "--set", "/destination=HN")
    said = desk.done(*correct, "--set", "/facility/state=SV")
    both = desk.done(
        *correct,
        *("--set", "/facility/name=another place", "--set", "/facility/state=HN"),
        *("--set", "/facility/zone=America/Tegucigalpa"),
    )

    stays = "the time zone of the place of custody stays America/El_Salvador"
    assert stays in moved.err
    assert stays in said.err
    assert '"facility-elsewhere"' in said.out
    assert "stays" not in both.err
    assert "facility-elsewhere" not in both.out
    unset = desk.done(*correct, "--unset", "/facility/zone")
    bare = desk.done(*correct, "--set", "/facility/name=a third place")
    text = desk.done(*correct, "--set", "/text=t")
    assert "stays" not in unset.err + bare.err + text.err


def test_a_correction_of_what_has_no_place_says_nothing_of_its_zone(
    received: Desk,
) -> None:
    received.done(
        *("end", "T-1", "--how", "released", "--persons", "1"), "--at=2025-03-19"
    )
    outcome = received.run(
        *("correct", "2", "--reason", "r", "--set", "/facility/name=a camp")
    )
    other = received.run("correct", "3", "--reason", "r", "--set", "/destination=HN")

    assert outcome.code == 0
    assert "stays" not in outcome.err
    assert other.code == 3
