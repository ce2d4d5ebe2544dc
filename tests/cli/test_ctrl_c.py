"""The law: Ctrl-C at any prompt of any verb ends it, said, and nothing is written.

On a terminal a verb asks for what its flags left open (guided entry), for passphrases,
and whether something is meant. Each of these prompts is met here once with Ctrl-C:
exit code 130, the book and the keys as they were, and the answers so far kept.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from typing_extensions import override

from ledger.cli.main import main
from ledger.cli.question_tables import TABLES
from ledger.cli.questions import Question
from ledger.cli.verbs import VERBS
from tests.cli.asked_clerk import RESUME, SIGN, Clerk, drafts
from tests.cli.conversing import insert
from tests.cli.desk import INIT, REMARK, SECRET, Desk
from tests.cli.filing import FORMS, all_kinds, put
from tests.cli.program import Outcome, Terminal
from tests.cli.test_guide_laws import usable
from tests.cli.test_hostile_input import WORKING
from tests.cli.two_states import befriend, opened
from tests.surroundings import files

STOPPED = "transfer-ledger: stopped"
KEPT = "Your answers are kept"
NEW = "another good passphrase"
MOST = 20
"""Prompts of one command; more would be one that never ends."""


def on_a_terminal(
    desk: Desk,
    argv: Sequence[str],
    *,
    keyboard: Callable[[Terminal], StringIO],
    hidden: Callable[[str], str],
) -> Outcome:
    """Run the program on a terminal without a file for the passphrase."""
    environ = {**desk.environ, "COLUMNS": "80", "LANG": "en"}
    del environ["TRANSFER_LEDGER_PASSPHRASE_FILE"]
    out, err = Terminal(), Terminal()
    here = Path.cwd()
    os.chdir(desk.folder)
    try:
        code = main(
            argv,
            environ=environ,
            stdin=keyboard(err),
            stdout=out,
            stderr=err,
            now=desk.now,
            hidden=hidden,
            rounds=desk.rounds,
        )
    finally:
        os.chdir(here)
    return Outcome(code, out.getvalue(), err.getvalue())


def content(desk: Desk) -> dict[str, bytes]:
    """Return all files at a desk but those that hold nothing but a lock."""
    return {
        name: (desk.folder / name).read_bytes()
        for name in files(desk.folder)
        if not name.endswith(".lock")
    }


def secret(_: str) -> str:
    return SECRET


def pressed(_: str = "") -> str:
    raise KeyboardInterrupt


@dataclass
class OneMore:
    """Answers one question that was not answered before, then presses Ctrl-C.

    Attributes:
        good: Says a usable answer to a question.
        answers: How many questions it answers.
        new: Which it answered.
        met: At what Ctrl-C was pressed.
    """

    good: Callable[[str, Question], str]
    answers: int = 1
    new: list[str] = field(default_factory=list)
    met: str = ""

    def __call__(self, option: str, question: Question | None) -> str:
        if option == RESUME and self.answers:
            return "yes"
        if question is not None and option in self.new and question.repeated:
            return ""  # Enter ends a list
        if question is None or len(self.new) == self.answers:
            self.met = option
            pressed()
        assert question is not None
        self.new.append(option)
        return self.good(option, question)


@pytest.mark.parametrize("verb", TABLES)
def test_ctrl_c_at_each_question_keeps_the_answers_and_writes_nothing(
    verb: str, after_departure: Desk
) -> None:
    desk = after_departure
    if verb == "recover":
        escaped = ("--how", "escaped", "--persons", "3", "--at", "2025-03-18")
        desk.done("end", "T-1", *escaped)
    before = desk.bytes()

    def stopped_by(clerk: OneMore) -> str:
        outcome = on_a_terminal(
            desk, (verb,), keyboard=lambda err: Clerk(verb, err, clerk), hidden=secret
        )
        assert outcome.code == 130, outcome.err
        assert desk.bytes() == before
        return outcome.err

    def one_more(answers: int = 1) -> OneMore:
        return OneMore(usable(verb), answers)

    at_once = stopped_by(one_more(answers=0))
    assert at_once.endswith(f"{STOPPED}\n")
    assert drafts(desk) == []

    answered: list[str] = []
    met, draft = "", Path()
    while met != SIGN:
        clerk = one_more()
        assert KEPT in stopped_by(clerk)
        met = clerk.met
        answered += clerk.new
        (draft,) = drafts(desk)
        kept = json.loads(draft.read_bytes())["answers"]
        assert set(answered) <= {each["option"] for each in kept}

    # An answer is asked for once, however often Ctrl-C is pressed.
    assert len(answered) == len(set(answered))
    at_the_draft = one_more(answers=0)
    assert KEPT in stopped_by(at_the_draft)
    assert at_the_draft.met == RESUME
    assert drafts(desk) == [draft]


class Prompts:
    """Whoever answers passphrases and what is typed, until Ctrl-C at one of them.

    Args:
        stop_at: At which prompt of the run (from 0).
        typed: What is typed at those that show it.
    """

    def __init__(self, stop_at: int, typed: str) -> None:
        self.seen = 0
        self._stop_at = stop_at
        self._typed = typed

    def _next(self) -> None:
        if self.seen == self._stop_at:
            pressed()
        self.seen += 1

    def hidden(self, prompt: str) -> str:
        self._next()
        return NEW if re.search("new|same|again", prompt, re.IGNORECASE) else SECRET

    def keyboard(self, _: Terminal) -> StringIO:
        return _Keyboard(self)

    def typed(self) -> str:
        self._next()
        return f"{self._typed}\n"


class _Keyboard(Terminal):
    def __init__(self, prompts: Prompts) -> None:
        super().__init__()
        self._prompts = prompts

    @override
    def readline(  # type: ignore[override]
        self, size: int | None = -1, /
    ) -> str:
        return self._prompts.typed()


def alone(desk: Desk, folder: Path) -> Desk:
    """Leave a desk as it is."""
    del folder
    return desk


def with_request(desk: Desk, folder: Path) -> Desk:
    """Let the key of another clerk ask to be enrolled."""
    del folder
    book = ("--book", "us.example/book", "--state", "US")
    desk.done("key", "new", "clerk-08", *book, "--out", "request.txt")
    return desk


def with_a_waiting_change(desk: Desk, folder: Path) -> Desk:
    """Let the end of a state key wait for the consent of another one."""
    del folder
    key = ("--name", "state-2", "--role", "state", "--text", "seen")
    desk.done("key", "add", *key, "--new-passphrase-file", "passphrase")
    desk.done("key", "retire", "state", "--as", "state")
    return desk


def with_rows(desk: Desk, folder: Path) -> Desk:
    """Lay a file to import on the desk."""
    del folder
    put(desk, "a.csv", FORMS["a.csv"](all_kinds()))
    return desk


def with_a_void_entry(desk: Desk, folder: Path) -> Desk:
    """Let somebody go round the program."""
    del folder
    insert(desk, "not an entry")
    desk.done(*REMARK)
    return desk


def with_something_to_mirror(desk: Desk, folder: Path) -> Desk:
    """Let another state that is trusted have sent its book."""
    us, sv = opened(folder)
    befriend(us, sv)
    sv.done("sync")
    us.now = desk.now
    return us


def with_a_damaged_book(desk: Desk, folder: Path) -> Desk:
    """Damage the book after a backup."""
    del folder
    (desk.folder / "usb").mkdir()
    desk.done("backup", "usb")
    (backup,) = (desk.folder / "usb").rglob("*.sqlite")
    backup.rename(desk.folder / "backup.sqlite")
    desk.database.write_bytes(b"no longer a book")
    return desk


def with_an_escape(desk: Desk, folder: Path) -> Desk:
    """Let somebody have escaped."""
    del folder
    persons = ("--persons", "1", "--at", "2025-03-17")
    desk.done("end", "T-1", "--how", "escaped", *persons)
    return desk


def without_a_book(desk: Desk, folder: Path) -> Desk:
    """Return a desk on which nothing was begun."""
    empty = Desk(folder / "empty", now=desk.now)
    empty.folder.mkdir()
    return empty


def with_a_card(desk: Desk, folder: Path) -> Desk:
    """Hand a clerk the card of another state."""
    us, sv = opened(folder)
    sv.done("card", "--out", str(us.folder / "sv.card"))
    us.now = desk.now
    return us


Laid = Callable[[Desk, Path], Desk]
KEY = ("key", "add", "--name")
COMMANDS: dict[str, tuple[Laid, tuple[str, ...], str, int]] = {
    # name: what lies on the desk, what is asked, what is typed, how many prompts.
    **{verb: (alone, argv, "", 1) for verb, argv in WORKING.items()},
    "init": (without_a_book, INIT, "", 2),
    "key new": (alone, ("key", "new", "clerk-08"), "", 2),
    "key add": (with_request, ("key", "add", "request.txt"), "", 1),
    "key add, made here": (alone, (*KEY, "clerk-09", "--role", "clerk"), "", 3),
    "key add, a state key": (alone, (*KEY, "state-2", "--role", "state"), "seen", 4),
    "acknowledge": (
        with_a_void_entry,
        ("acknowledge", "2", "--reason", "r"),
        "",
        1,
    ),
    "recover": (
        with_an_escape,
        (
            *("recover", "2", "--how", "returned", "--persons", "1"),
            *("--at", "2025-03-18"),
        ),
        "",
        1,
    ),
    "import": (with_rows, ("import", "a.csv"), "", 1),
    "sync": (with_something_to_mirror, ("sync",), "", 2),
    "key approve": (
        with_a_waiting_change,
        ("key", "approve", "3", "--as", "state-2"),
        "",
        1,
    ),
    "key retire": (alone, ("key", "retire", "clerk-07"), "", 1),
    "key revoke": (
        alone,
        ("key", "revoke", "clerk-07", "--reason", "lost"),
        "",
        1,
    ),
    "key passphrase": (alone, ("key", "passphrase", "clerk-07"), "", 3),
    "checkpoint": (alone, ("checkpoint", "--out", "c.ckpt"), "", 1),
    "card": (alone, ("card", "--out", "own.card"), "", 1),
    "prove": (alone, ("prove", "1", "--out", "p.tlog-proof"), "", 1),
    "export": (alone, ("export", "--format", "tiles", "--out", "tiles"), "", 1),
    "summary": (alone, ("summary", "--out", "summary"), "", 1),
    "peer add": (with_a_card, ("peer", "add", "sv.card"), "yes", 2),
    "restore": (with_a_damaged_book, ("restore", "backup.sqlite"), "yes", 1),
    "repair": (with_a_damaged_book, ("repair", "--from", "backup.sqlite"), "yes", 1),
}
MADE = {"key add, a state key": {"state-2"}}
"""Whose fingerprint has to be seen before the question is answered."""


@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_at_each_other_prompt_leaves_all_as_it_was(
    name: str, after_departure: Desk, tmp_path: Path
) -> None:
    lay, argv, typed, wanted = COMMANDS[name]
    desk = lay(after_departure, tmp_path)
    before = content(desk)

    outcome, prompts = Outcome(130, "", ""), Prompts(0, typed)
    for number in range(MOST):
        prompts = Prompts(number, typed)
        outcome = on_a_terminal(
            desk, argv, keyboard=prompts.keyboard, hidden=prompts.hidden
        )
        if outcome.code != 130:
            break
        assert outcome.err.endswith(f"{STOPPED}\n"), outcome.err
        assert "Traceback" not in outcome.err
        after = content(desk)
        assert {path: after[path] for path in before} == before, number
        # A key that was made is not lost: the same command goes on with it.
        assert {Path(path).stem for path in after.keys() - before.keys()} <= MADE.get(
            name, set()
        )

    # It works where nobody presses Ctrl-C, and has so many prompts.
    assert outcome.code == 0, outcome.err
    assert prompts.seen == wanted
    assert content(desk) != before


def test_every_verb_that_writes_is_met_with_ctrl_c() -> None:
    met = {" ".join(argv) for _, argv, _, _ in COMMANDS.values()} | set(TABLES)
    harmless = {
        *("today", "due", "verify", "list", "show", "history", "find", "overdue"),
        *("held", "variances", "conflicts", "money", "timeline", "explain", "diff"),
        *("totals", "calendar", "compare", "peer list", "key list", "backup"),
        *("doctor", "completion", "demo", "reconcile"),
    }
    for verb in VERBS:
        words = re.compile(rf"{verb.name}( |$)")
        assert verb.name in harmless or any(map(words.match, met)), verb.name
