"""A clerk at the keyboard who answers the question that is on the screen."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

from typing_extensions import override

from ledger.cli.arguments import lift
from ledger.cli.options import Globals, compose
from ledger.cli.question_tables import TABLES
from ledger.cli.questions import Question
from ledger.cli.verbs import VERBS
from ledger.exchange.catalogue import Catalogue
from tests.cli.desk import Desk
from tests.cli.program import Terminal

ENGLISH = Catalogue.load("en")
SIGN = "sign"
RESUME = "resume"
CHOOSE = "choose"
BY_NAME = {verb.name: verb for verb in VERBS}

Answer = Callable[[str, Question | None], str | None]


class Clerk(Terminal):
    """The keyboard of somebody who reads the screen.

    Args:
        verb: Which verb asks.
        screen: What is on it.
        answer: Given what is asked for (an option, or SIGN, RESUME, CHOOSE) and its
            question, if it is one, says what is typed; None ends the input.
    """

    def __init__(self, verb: str, screen: StringIO, answer: Answer) -> None:
        super().__init__()
        self._screen = screen
        self._answer = answer
        self._read = 0
        self._questions = {
            ENGLISH.say(f"guide.ask.{question.key}"): question
            for question in TABLES[verb]
        }

    @override
    def readline(  # type: ignore[override]
        self, size: int | None = -1, /
    ) -> str:
        text = " ".join(self._screen.getvalue()[self._read :].split())
        self._read = len(self._screen.getvalue())
        answer = self._answer(*self._asked(text))
        return "" if answer is None else f"{answer}\n"

    def _asked(self, text: str) -> tuple[str, Question | None]:
        for name, said in (
            (SIGN, "guide.prompt.sign"),
            (RESUME, "guide.prompt.resume"),
            (CHOOSE, "guide.prompt.only"),
            (CHOOSE, "guide.prompt.who-else"),
        ):
            if text.endswith(ENGLISH.say(said)):
                return name, None
        ending = ENGLISH.say("guide.prompt.who", typed="“").rpartition("“")[2]
        if text.endswith(ending) or "Which one, 1 to" in text[-25:]:
            return CHOOSE, None
        label = max(self._questions, key=lambda each: _last(text, each))
        assert _last(text, label) >= 0, text
        return self._questions[label].option, self._questions[label]


def _last(text: str, label: str) -> int:
    """Return where a label is asked for last; longer ones win where two end alike."""
    marks = (f"{label}:", f"{label} [", f"{label}, one more")
    return max(
        at + len(label) if (at := text.rfind(mark)) >= 0 else -1 for mark in marks
    )


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def drafts(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "state").rglob("drafts/*.json"))


def globals_of(desk: Desk, keyboard: StringIO, screen: StringIO) -> Globals:
    return compose(
        lift(("--ledger", str(desk.database))),
        environ={**desk.environ, "COLUMNS": "80"},
        stdin=keyboard,
        stdout=Terminal(),
        stderr=screen,
        now=desk.now,
    )
