"""An option that takes one value and is given two: none of them wins."""

from collections.abc import Iterator

import pytest

from ledger.cli.arguments import lift
from ledger.cli.option_names import OPTIONS
from ledger.cli.options import compose
from ledger.cli.parse import command_of, describe
from ledger.cli.verbs import VERBS
from ledger.domain.schemas import KINDS
from ledger.domain.shapes import members_of
from tests.cli.desk import RECORD, Desk
from tests.cli.program import Terminal
from tests.cli.test_hostile_input import WORKING

ASK = compose(
    lift(()), environ={}, stdin=Terminal(), stdout=Terminal(), stderr=Terminal()
)
# Kinds that a clerk's verb records, and the verb.
VERB_OF = {
    "transfer": "record",
    "receipt": "receive",
    "renewal": "renew",
    "exit": "end",
    "recovery": "recover",
    "payment": "pay",
    "correction": "correct",
    "retraction": "retract",
    "acknowledgement": "acknowledge",
    "instrument": "instrument",
    "claim": "claim",
    "remark": "remark",
    "key": "key revoke",
    "confirmation": "confirm",
    "approval": "key approve",
}


def options(verb: str) -> dict[str, bool]:
    """Return the options of a verb that take a value, and whether several times."""
    (found,) = [each for each in VERBS if each.name == verb]
    return {
        each.names[-1]: each.repeated
        for each in describe(command_of(ASK, found))
        if each.is_option and each.metavar
    }


def once() -> Iterator[tuple[str, str]]:
    for verb in WORKING:
        for option, repeated in options(verb).items():
            if not repeated:
                yield verb, option


def test_a_value_that_is_given_twice_is_refused_in_every_option(
    after_departure: Desk,
) -> None:
    desk, tried = after_departure, 0
    before = desk.bytes()
    for verb, option in once():
        outcome = desk.run(*WORKING[verb], f"{option}=5", f"{option}=6")
        tried += 1

        assert outcome.code == 2, (verb, option)
        assert outcome.err == f"transfer-ledger: {option} is given twice\n"
    assert desk.bytes() == before
    assert tried > 100


def test_the_same_value_twice_and_a_count_beside_a_least_one_are_two_values(
    after_departure: Desk,
) -> None:
    for second in ("238", "at-least:247"):
        outcome = after_departure.run(*RECORD, "--persons", second)

        assert outcome.code == 2
        assert outcome.err == "transfer-ledger: --persons is given twice\n"


def test_a_flag_that_is_said_again_says_the_same_and_its_opposite_does_not(
    after_departure: Desk,
) -> None:
    desk = after_departure
    unannounced = ("receive", "--unannounced", "--unannounced", "--from", "SV")
    came = ("--persons", "3", "--arrived", "2025-03-18")
    said = ("remark", "T-1", "--type", "responsibility", "--state", "SV", "--text", "t")

    assert desk.run(*unannounced, *came).code == 0
    assert desk.run(*said, "--accepted", "--denied").code == 2
    assert desk.run(*said, "--accepted").code == 0


def test_a_list_is_given_item_by_item(after_departure: Desk) -> None:
    evidence = ("--evidence", "a letter,2025-03-01", "--evidence", "a note,2025-03-02")

    assert after_departure.run(*RECORD, *evidence).code == 0


@pytest.mark.parametrize("kind", VERB_OF)
def test_every_member_is_named_by_an_option_that_there_is(kind: str) -> None:
    there = {*options(VERB_OF[kind]), "--accepted"}
    named = {name for name in OPTIONS[kind].values() if name.startswith("--")}

    assert named - there == ({"--at", "--text"} & (named - there))
    for path in OPTIONS[kind]:
        assert path.split("/")[1] in members_of(KINDS[kind])
    assert VERB_OF.keys() == OPTIONS.keys()
