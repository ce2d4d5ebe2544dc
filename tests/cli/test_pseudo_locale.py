"""No sentence escapes the catalogue: conversations in a language that marks its own."""

import re
import shlex
from collections.abc import Iterator

import pytest

from ledger.cli.arguments import FLAGS, VALUED
from ledger.cli.verbs import VERBS
from tests.cli.conversing import direct, settled, typed
from tests.cli.desk import INIT, RECORD, Desk
from tests.cli.program import Outcome
from tests.cli.pseudo import escaped, marked, speak_marked
from tests.cli.test_conversations import FOLDER, FROM_NOTHING, NAMES

FOR_PROGRAMS = {"--json", "--csv", "--plain"}
# Wide enough that no cell of a table is folded.
COLUMNS = 900
# What is no prose: `<hash>`, `--option`, and names of files, members and codes.
PLAIN = re.compile(r"<[a-z]+>|--[a-z-]+|[^\s⟦⟧]*[./:]\w[^\s⟦⟧]*")
COMMANDS = (
    *("transfer-ledger", *(verb.name for verb in VERBS)),
    *(*VALUED.values(), *FLAGS),
)

# `find` cuts an excerpt within a word; a request for a key is shown as it is sent.
CODES = ("US SV VE T-1 R-1 leaf nobod", "role proof")
# What was typed before the conversations that start with a departure.
OPENING = (" ".join((*INIT, *RECORD)),)
# What stands for a choice, and the letters that stand for numbers and files.
HELP_CODES = (
    "auto always never",
    "q v h N n",
    "yes no unknown",
    "SHA256",
    "corridor facility year",
    "lines csv tiles",
    "bash zsh fish",
    "age1",
)


def test_a_word_outside_of_the_brackets_is_found() -> None:
    text = "⟦of ⟦two⟧ sentences⟧ T-1 loose, 2 US\n⟦folded\nhere⟧ US"

    assert list(escaped(text, ["US T-1"])) == ["loose"]
    assert marked({"by": "n", "one": "a", "other": "b"}) == {
        "by": "n",
        "one": "⟦a⟧",
        "other": "⟦b⟧",
    }


@pytest.mark.parametrize("name", [x for x in NAMES if not x.endswith("-es")])
def test_no_sentence_escapes_the_catalogue(
    name: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixture = "bare" if name in FROM_NOTHING else "after_departure"
    desk: Desk = request.getfixturevalue(fixture)
    speak_marked(tmp_path_factory.mktemp("locale"), monkeypatch)
    text = (FOLDER / f"{name}.golden").read_text(encoding="utf-8")

    misses = list(_misses(text, desk))

    assert not misses, "\n".join(f"{line}: {words}" for line, words in misses)


def _misses(text: str, desk: Desk) -> Iterator[tuple[str, list[str]]]:
    desk.columns = COLUMNS
    known = [*COMMANDS, *CODES, *OPENING]
    for line in text.splitlines():
        if line.startswith("@ "):
            known.append(line)
            direct(line.removeprefix("@ "), desk)
            desk.columns = COLUMNS
        elif line.startswith("$ "):
            known.append(line)
            _, *argv = shlex.split(line)
            outcome = typed(line.removeprefix("$ "), desk)
            if FOR_PROGRAMS.isdisjoint(argv) and (
                found := list(escaped(_seen(outcome, desk), known))
            ):
                yield line, found


def _seen(outcome: Outcome, desk: Desk) -> str:
    return PLAIN.sub("", settled(outcome.out + "\n" + outcome.err, desk))


def test_no_sentence_of_the_help_escapes_the_catalogue(
    desk: Desk,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speak_marked(tmp_path_factory.mktemp("locale"), monkeypatch)
    desk.columns = COLUMNS
    asked = [("--help",), ("help",), ("help", "key"), ("doctor",), ("qwertz",)]
    asked += [("help", *verb.name.split()) for verb in VERBS]
    known = [*COMMANDS, *CODES, "T-n I-n R-n", *HELP_CODES]

    misses = {
        words: found
        for words in asked
        if (found := list(escaped(_seen(desk.run(*words), desk), known)))
    }

    assert not misses, misses
