"""Refusals that say what to do, references of the right kind, lines that fit."""

import json
import re
from itertools import pairwise

import pytest
from jsonschema import Draft202012Validator

from ledger.cli.verbs import VERBS, Verb
from tests.cli.desk import RECEIVE, Desk, answer
from tests.cli.program import program
from tests.cli.test_output_schemas import sign_again
from tests.output_schemas import output_schema

REASON = ("--reason", "r")
# Verbs that answer a question about what the book says of a day.
QUERIES = frozenset(
    (
        *("calendar", "conflicts", "due", "explain", "held", "list", "money"),
        *("overdue", "show", "summary", "timeline", "today", "totals", "variances"),
    )
)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("T-1", "--set", "/persons/n=238"), "already says this of /persons/n"),
        (("T-1", "--unset", "/breakdown"), "/breakdown is not recorded"),
        (("0", "--set", "/name=x"), "entry 0 is what the book began with"),
        (("T-1", "--set", "/text=a", "--set", "/text=b"), "/text is given twice"),
        (("T-1", "--set", "/text=a", "--unset", "/text"), "/text is given twice"),
    ],
)
def test_a_correction_that_cannot_be_says_what_to_do(
    after_departure: Desk, words: tuple[str, ...], said: str
) -> None:
    outcome = after_departure.run("correct", *words, *REASON)

    assert outcome.code in {2, 3}
    assert said in outcome.err
    assert "too short" not in outcome.err


def test_bytes_that_are_no_text_are_named_by_their_option(desk: Desk) -> None:
    outcome = desk.run(
        *("record", "--from", "US", "--to", "SV", "--persons", "3"),
        *("--group", "a\udcff", "--group-by", "US", "--departed", "2025-03-15"),
        *("--facility", "CECOT"),
    )

    assert outcome.code == 3
    assert outcome.err.startswith("transfer-ledger: --group: the text holds bytes")
    assert "\udcff" not in outcome.err


@pytest.mark.parametrize(
    ("verb", "typed", "said"),
    [
        ("instrument", "T-1", "is not an instrument"),
        ("renew", "I-1", "is not a transfer"),
        ("end", "I-1", "is not a transfer"),
        ("pay", "2", ""),
    ],
)
def test_the_guide_says_at_once_that_a_reference_is_of_another_kind(
    after_departure: Desk, verb: str, typed: str, said: str
) -> None:
    after_departure.done(
        *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
        *("--binding", "unknown", "--text-public", "no", "--party", "US"),
    )
    after_departure.columns = 200

    outcome = after_departure.run(verb, answers=f"{typed}\n")

    assert said in outcome.err
    assert bool(said) == bool(re.search(r"is (?:not|neither)", outcome.err))


@pytest.mark.parametrize("columns", [60, 80])
def test_running_lines_are_broken_between_words(
    after_departure: Desk, columns: int
) -> None:
    after_departure.columns = columns

    for words in (("overdue",), ("correct", "0", "--set", "/name=x", *REASON)):
        outcome = after_departure.run(*words)
        lines = (outcome.out + outcome.err).splitlines()
        # A hash is one word, and a word is never broken.
        assert all(len(line) <= columns for line in lines if len(line.split()) > 1)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.key)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_help_page_fits_60_columns(verb: Verb, lang: str) -> None:
    words = verb.name.split()
    outcome = program(
        *words, "--help", "--lang", lang, verbs=VERBS, environ={"COLUMNS": "60"}
    )

    lines = outcome.out.splitlines()
    assert [line for line in lines if len(line) > 60] == []
    # A command goes on where the line before says so, and can be copied.
    for before, line in pairwise(lines):
        if before.startswith("  transfer-ledger ") and line.startswith("    "):
            assert before.endswith(" \\")
        elif before.startswith("  transfer-ledger "):
            assert line.startswith("  transfer-ledger ") or not line


def test_every_query_takes_a_day_and_what_was_known_on_a_day() -> None:
    found = set()
    for verb in VERBS:
        outcome = program(*verb.name.split(), "--help", verbs=VERBS)
        both = {
            option for option in ("--on ", "--known-on ") if f" {option}" in outcome.out
        }
        if verb.name in QUERIES:
            assert both == {"--on ", "--known-on "}, verb.name
        if both == {"--on ", "--known-on "}:
            found.add(verb.name)

    assert found >= QUERIES


def test_a_summary_of_what_was_known_says_so_and_can_be_checked(
    after_departure: Desk,
) -> None:
    book = after_departure
    earlier = book.now.date().isoformat()
    book.now = book.now.replace(month=5)
    book.done(*RECEIVE)
    book.done("checkpoint", "--out", "us.ckpt")
    made = answer(
        book,
        *("summary", "--out", "out", "--format", "json,txt,html", "--lang", "en"),
        *("--known-on", earlier),
    )

    document = json.loads((book.folder / "out/summary.json").read_text())
    Draft202012Validator(output_schema("summary")).validate(document)
    assert (document["known_on"], document["known_entries"]) == (earlier, 2)
    assert document["totals"]["arrived"] == 0
    assert document["books"][0]["entries"] == 3
    for form in ("txt", "html"):
        page = (book.folder / f"out/summary.en.{form}").read_text()
        text = " ".join(re.sub("<[^>]*>", "", page).split())
        assert f"As known at the end of {earlier} (UTC)" in text
    mark = ("--fingerprint", made["fingerprint"])
    checked = answer(book, "verify", "out/summary.json", *mark)
    assert (checked["verdict"], checked["exit_code"]) == ("verified", 0)

    for members in ({"known_entries": 3}, {"known_entries": 1}, {"known_entries": 9}):
        sign_again(book, "out/summary.json", **members)
        assert book.run("verify", "out/summary.json", *mark).code in {10, 14}


def test_today_and_the_calendar_tell_what_was_known(after_departure: Desk) -> None:
    book = after_departure
    earlier = book.now.date().isoformat()
    book.now = book.now.replace(month=5)
    book.done(*RECEIVE)

    now = answer(book, "today")
    then = answer(book, "today", "--known-on", earlier)
    calendar = answer(book, "calendar", "--out", "a.ics", "--known-on", earlier)

    assert then["known_on"] == calendar["known_on"] == earlier
    assert now["known_on"] is None
    assert "not-received" in {duty["task"] for duty in then["duties"]}
    assert "not-received" not in {duty["task"] for duty in now["duties"]}
    assert calendar["provisional"] > 0
    assert then["complete_under"][0]["size"] == 2
