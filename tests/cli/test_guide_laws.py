"""Laws of guided entry: hostile answers, and the command that is printed."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from ledger.cli import parse
from ledger.cli.arguments import lift
from ledger.cli.guide import guided
from ledger.cli.question_tables import TABLES
from ledger.cli.questions import Question
from ledger.cli.verbs import VERBS, find
from ledger.tlog.canonical import Json
from tests.cli.asked_clerk import (
    BY_NAME,
    CHOOSE,
    RESUME,
    SIGN,
    Clerk,
    drafts,
    globals_of,
)
from tests.cli.desk import Desk, is_harmless
from tests.cli.program import Terminal
from tests.cli.test_hostile_input import DECEPTIVE, OF_METAVAR, WORKING


@pytest.fixture
def clerk(after_departure: Desk) -> Desk:
    escaped = ("--how", "escaped", "--persons", "3", "--at", "2025-03-18")
    after_departure.done("end", "T-1", *escaped)
    after_departure.columns = 80
    return after_departure


@pytest.mark.parametrize("verb", WORKING)
def test_hostile_answers_are_refused_in_words_and_write_nothing(
    verb: str, clerk: Desk
) -> None:
    values = [*DECEPTIVE.values(), *(v for vs in OF_METAVAR.values() for v in vs)]
    hostile = [
        line for value in values if len(value) < 3000 for line in value.split("\n")
    ]
    before = clerk.bytes()
    good = usable(verb)
    asked: dict[str, Iterator[str]] = {}
    ended: set[str] = set()

    def reply(option: str, question: Question | None) -> str | None:
        if option == SIGN:
            return None
        if question is None:
            return "<"
        if option not in asked:
            # A value that is good after all goes on to the next question.
            asked[option] = iter([line for line in hostile if line.strip()])
        line = next(asked[option], None)
        if line is None and question.repeated and option in ended:
            return ""  # Enter ends a list
        ended.update({option} if line is None else ())
        return good(option, question) if line is None else line

    screen = Terminal()
    keyboard = Clerk(verb, screen, reply)
    ask = globals_of(clerk, keyboard, screen)
    code = guided(ask, BY_NAME[verb], ())

    assert code == 130
    said = screen.getvalue()
    assert is_harmless(replace(clerk.run("--version"), err=said, out=""))
    assert "Traceback" not in said
    assert clerk.bytes() == before


def usable(verb: str) -> Callable[[str, Question], str]:
    """Return what says a usable answer to each question of a verb."""
    by_kind = {
        "change": "/group/label=b",
        "day": "2025-03-18",
        "departure": "2025-03-15T17:26-04:00",
        "length": "P1Y",
        "money": "4.00 USD",
        "path": "/group/label",
        "persons": "2",
        "ref": "T-1",
        "refusal": "8:no room",
        "share": "a=2",
        "portion": "T-1=1",
        "state": "SV",
        "text": "words",
        "lines": "words",
        "value": "2",
        "when": "2025-03-18T17:26-04:00",
        "who": "VE",
        "whole": "2",
        "zone": "America/El_Salvador",
        "evidence": "letter,2025-03-01",
        "manifest": f"{'a' * 64}:2",
        "trigger": "1",
        "choice": "1",
        "flag": "y",
    }

    def good(option: str, question: Question) -> str:
        if option in {"I-n", "--is", "--resolves", "--instrument"}:
            return ""
        if verb == "acknowledge" and option == "ENTRY":
            return "1"
        if verb == "recover" and option == "ENTRY":
            return "2"
        return by_kind[question.kind]

    return good


POOL = (
    *("", "", "<", "?", "unknown", "none", "y", "n", "1", "2", "yes", "-q", "--json"),
    *("T-1", "0", "salv", "SV", "4.00 USD", "2025-03-18", "2025-03-18 10:00", "P1Y"),
    *("a=1", "--x=y", "'quoted \"words\"'", "$(x)", "é ñ", "T-1=1", "/persons/n=3"),
    *("/group/label", "letter,2025-03-01", "8:no room", "at-least:3", "ACT/365"),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(verb=st.sampled_from(sorted(TABLES)), data=st.data())
def test_the_printed_command_asks_for_the_same_as_the_answers(
    verb: str, data: st.DataObject, clerk: Desk
) -> None:
    for path in drafts(clerk):
        path.unlink()
    good = usable(verb)
    tries: dict[str, int] = {}
    turns = [0]

    def reply(option: str, question: Question | None) -> str | None:
        turns[0] += 1
        if turns[0] > 400:
            return None
        if option in {SIGN, RESUME, CHOOSE} or question is None:
            return "yes" if option in {SIGN, RESUME} else "1"
        tries[option] = tries.get(option, 0) + 1
        if tries[option] > 3:
            # Enter ends a list, once it has something.
            return (
                ""
                if question.repeated and tries[option] % 2
                else good(option, question)
            )
        return data.draw(st.sampled_from((*POOL, good(option, question))), label=option)

    taken: list[tuple[str, Json]] = []
    screen = Terminal()
    ask = structs.replace(
        globals_of(clerk, Clerk(verb, screen, reply), screen),
        take=lambda kind, request: taken.append((kind, dict(request))),
    )
    code = guided(ask, BY_NAME[verb], ())
    if code:
        return
    command = screen.getvalue().splitlines()[-1]
    lifted = lift(shlex.split(command)[1:])
    assert lifted.problem is None
    found, words = find(lifted.rest, VERBS)
    assert parse.call(parse.command_of(ask, found), words) == 0

    assert len(taken) == 2
    assert taken[0] == taken[1]
