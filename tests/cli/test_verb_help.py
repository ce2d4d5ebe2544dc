"""The help of every verb, compared with golden files; nothing in it is empty.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/cli/test_verb_help.py`.
"""

import os
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from ledger.cli.arguments import lift
from ledger.cli.options import compose
from ledger.cli.parse import call, command_of, describe
from ledger.cli.verbs import VERBS, Verb
from ledger.errors import UsageError
from ledger.exchange.catalogue import Catalogue
from tests.cli.program import Terminal, program

GOLDEN = Path(__file__).parent.parent / "golden" / "verbs"
ISSUE = (
    "init, key list, record, receive, renew, end, pay, instrument, claim, remark, "
    "correct, retract, acknowledge, list, show, due, overdue, held, verify, "
    "checkpoint, summary, demo, completion, "
    "money, conflicts, diff, timeline, totals, compare, "
    "import, history, find, variances, explain, prove, export, card, "
    "today, calendar, backup, restore, doctor, "
    "key new, key add, key retire, key revoke, key approve, key passphrase, confirm, "
    "peer add, peer list, sync, repair, reconcile, recover"
)
BY_KEY = {verb.key: verb for verb in VERBS}


@pytest.mark.parametrize("key", BY_KEY)
def test_the_help_of_a_verb_is_as_it_was_read_and_approved(key: str) -> None:
    path = GOLDEN / f"{key}.txt"
    words = BY_KEY[key].name.split()
    outcome = program(*words, "--help", verbs=VERBS)

    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(outcome.out, encoding="utf-8")
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out == path.read_text(encoding="utf-8")
    assert outcome == program("help", *words, verbs=VERBS)


def test_the_verbs_are_those_of_the_issue_and_each_exists() -> None:
    assert {verb.name for verb in VERBS} == set(ISSUE.split(", "))
    for verb in VERBS:
        assert callable(getattr(import_module(verb.module), verb.function))


def test_no_golden_screen_is_of_a_verb_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(BY_KEY)


@pytest.mark.parametrize("key", BY_KEY)
def test_every_option_has_a_sentence_of_its_own(key: str) -> None:
    catalogue = Catalogue.load("en")
    ask = compose(
        lift(()),
        environ={},
        stdin=Terminal(),
        stdout=Terminal(),
        stderr=Terminal(),
    )
    found = describe(command_of(ask, BY_KEY[key]))
    sentences = [each.sentence for each in found]

    assert all(catalogue.has(sentence) for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("key", BY_KEY)
def test_the_help_gives_an_example_that_the_verb_takes(key: str) -> None:
    """Every line of an example parses, though nothing is run."""
    verb = BY_KEY[key]
    about = Catalogue.load("en").say(f"verb.{key}.about")
    lines = [
        line.strip()
        for line in about.replace("\\\n", " ").splitlines()
        if line.startswith("  transfer-ledger ")
    ]

    assert lines
    assert max(map(len, about.split("Example:")[1].splitlines())) <= 78
    for line in lines:
        lifted = lift(shlex.split(line)[1:])
        assert lifted.problem is None
        assert lifted.rest[: len(verb.name.split())] == tuple(verb.name.split())
        assert parses(verb, lifted.rest[len(verb.name.split()) :])


def parses(verb: Verb, words: tuple[str, ...]) -> bool:
    """Return whether the verb takes these words: one more word is one too many."""
    ask = compose(
        lift(()),
        environ={},
        stdin=Terminal(),
        stdout=Terminal(),
        stderr=Terminal(),
    )
    try:
        call(command_of(ask, verb), [*words, "--no-such-option-at-all"])
    except UsageError as error:
        return error.code == "usage.no-such-option"
    return False
