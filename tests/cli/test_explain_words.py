"""What `explain` says in words on a terminal, and exactly to programs."""

import pytest

from tests.cli.desk import RECORD, Desk, answer

CLAIM = ("claim", "T-1", "--by", "VE", "--status", "reported")


def rivals(desk: Desk) -> list[str]:
    steps = answer(desk, "explain", "T-1")["steps"]
    return [s["values"]["value"] for s in steps if s["code"] == "claim.not-adopted"]


@pytest.mark.parametrize(
    ("field", "value", "exact", "said"),
    [
        ("/term/reading", "fixed", "fixed", "not adopted: a fixed term."),
        (
            "/persons",
            '{"n":240,"qualifier":"at_least"}',
            '{"n":240,"qualifier":"at_least"}',
            "not adopted: at least 240.",
        ),
        ("/term/text", '"{one year"', "{one year", "not adopted: {one year."),
    ],
)
def test_a_rival_value_is_said_in_words_on_a_terminal(
    field: str, value: str, exact: str, said: str, after_departure: Desk
) -> None:
    desk = after_departure
    desk.done(*CLAIM, "--field", field, "--value", value)

    assert rivals(desk) == [exact]
    desk.columns = 200
    assert said in desk.done("explain", "T-1").out


def test_the_language_of_quoted_words_has_its_name(after_departure: Desk) -> None:
    desk = after_departure
    desk.done(
        *("correct", "T-1", "--set", '/term/text="un año"'),
        *("--set", "/term/language=es", "--reason", "the note says so"),
    )
    desk.columns = 200

    assert "in this language: Spanish" in desk.done("explain", "T-1").out
    spanish = desk.done("--lang", "es", "explain", "T-1").out
    assert "en este idioma: español" in spanish


def test_a_term_runs_from_what_a_summary_says_it_runs_from(received: Desk) -> None:
    said = "The term runs from the admission to the place of custody."
    taken = "the admission to the place of custody is taken"
    received.done(*RECORD, "--term-from", "admitted")

    for columns in (None, 200):
        received.columns = columns
        assert said in received.done("explain", "T-2").out
        assert taken in received.done("explain", "T-1").out
