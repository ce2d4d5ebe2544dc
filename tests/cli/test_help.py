"""The help screens, compared with golden files.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/cli/test_help.py`, and read the
difference before it is committed.
"""

import os
import re
from pathlib import Path

import pytest

from ledger.cli import BUG, DONE, DUE, EXIT_CODES, INTERRUPTED
from ledger.cli.verbs import VERBS
from ledger.exchange.catalogue import Catalogue
from tests.cli.program import FAKES, program

GOLDEN = Path(__file__).parent.parent / "golden"

SCREENS = {
    "help-first.txt": (["--help"], VERBS),
    "help-all.txt": (["help"], VERBS),
    "help-key.txt": (["key", "--help"], VERBS),
    "help-due.txt": (["due", "--help"], FAKES),
    "help-record.txt": (["help", "record"], FAKES),
    "help-show.txt": (["-h", "show"], FAKES),
    "help-key-list.txt": (["key", "list", "-h"], FAKES),
}


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_as_it_was_read_and_approved(name: str) -> None:
    argv, verbs = SCREENS[name]
    outcome = program(*argv, verbs=verbs)

    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(outcome.out, encoding="utf-8")
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out == (GOLDEN / name).read_text(encoding="utf-8")


def test_a_bare_call_shows_the_first_screen() -> None:
    assert program() == program("--help")


def test_no_line_is_wider_than_the_terminal() -> None:
    outcome = program("help", verbs=VERBS, environ={"COLUMNS": "60"})

    assert max(map(len, outcome.out.splitlines())) <= 60


def test_a_topic_is_shown_where_the_catalogue_has_one() -> None:
    outcome = program("help", "exit-codes")

    assert outcome.code == 0
    assert "130" in outcome.out


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_topic_of_the_verbs_explains_every_verb(language: str) -> None:
    told = Catalogue.load(language).say("topic.verbos")
    explained = re.findall(r"^  (\w+)  ", told, flags=re.MULTILINE)

    verbs = dict.fromkeys(verb.name.partition(" ")[0] for verb in VERBS)
    assert sorted(explained) == sorted([*verbs, "help"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_topic_of_the_exit_codes_has_those_that_there_are(language: str) -> None:
    told = Catalogue.load(language).say("topic.exit-codes")
    codes = {int(code) for code in re.findall(r"^(\d+) ", told, flags=re.MULTILINE)}

    assert codes == {DONE, BUG, DUE, INTERRUPTED, *EXIT_CODES.values()}
