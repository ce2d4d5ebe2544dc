"""The demo: short, complete, in a pipe and on a terminal, and typed again."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
from jsonschema import Draft202012Validator

from ledger.cli.demo import examples, typed_as
from tests.cli.desk import Desk
from tests.cli.program import Outcome
from tests.output_schemas import output_schema

CODES = [0, 0, 4, 0, 0, 0, 0, 0, 10, 0, 0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def piped(place: Path) -> Outcome:
    began = monotonic()
    outcome = Desk(place).run("demo")

    assert monotonic() - began < 20
    return outcome


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line[2:]) for line in text.splitlines() if line[:2] == "$ "]


def test_it_ends_well_in_a_pipe_and_says_where_the_book_is(
    piped: Outcome, place: Path
) -> None:
    folder = place / "transfer-ledger-demo"

    assert piped.code == 0
    assert piped.err == ""
    assert piped.out.count(str(folder)) > 3
    assert f"The book stays in {folder}" in piped.out
    assert (folder / "book" / "book.sqlite").is_file()


def test_the_tampering_is_caught_and_named(piped: Outcome) -> None:
    after = piped.out.split("tamper.py")[1]

    assert "NOT verified" in after
    assert "entry 8 (T-3): bytes: " in after
    assert "transfer.persons" in after
    assert re.search(r"transfer\.persons .*\b17\b.*\b16\b", after)
    assert "breakdown" not in after
    assert "(exit code 10)" in after


def test_the_refusal_is_one_that_the_demo_announces(piped: Outcome) -> None:
    assert piped.out.count("(exit code 4)") == 1
    assert piped.out.count("(exit code ") == 2


def test_every_command_can_be_typed_again(piped: Outcome, place: Path) -> None:
    """Type what it printed, in a shell of its own, with the settings it printed."""
    exports = [x for x in piped.out.splitlines() if x.startswith("export ")]
    typed = [
        shlex.join(words)
        for words in commands(piped.out)
        if words[1] in {"due", "overdue", "show", "verify"}
    ]
    program = f'transfer-ledger() {{ "{sys.executable}" -m ledger "$@"; }}'
    script = "\n".join([program, *exports, *(f"{x}; echo [$?]" for x in typed)])
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"], "HOME": str(place)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert len(typed) == 6
    assert re.findall(r"^\[(\d+)\]$", ended.stdout, re.MULTILINE) == [
        *("0", "0", "0", "0", "10", "0"),
    ]
    for line in ended.stdout.splitlines():
        assert line in piped.out or line.startswith("["), line


def test_a_second_one_makes_another_folder(piped: Outcome, place: Path) -> None:
    assert piped.code == 0
    desk = Desk(place, columns=80)
    outcome = desk.run("demo", "--color", "always")

    assert outcome.code == 0
    assert (place / "transfer-ledger-demo-2").is_dir()
    assert "85" in outcome.out
    assert "NOT verified" in outcome.out
    assert max(map(len, re.sub("\x1b\\[[0-9;]*m", "", outcome.out).split("\n"))) > 80


def test_to_a_program_it_answers_with_one_object(place: Path) -> None:
    outcome = Desk(place).run("demo", "other", "--json")
    document = json.loads(outcome.out)

    assert outcome.code == 0
    assert outcome.out.count("\n") == 1
    assert outcome.err == ""
    Draft202012Validator(output_schema("demo")).validate(document)
    assert document["codes"] == CODES
    assert document["folder"] == str(place / "other")


def test_a_folder_that_is_there_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    desk = Desk(tmp_path)
    codes = [desk.run("demo", x).code for x in ("file", "folder", "file/x", "x" * 300)]

    assert codes == [3, 3, 24, 24]


def test_the_examples_are_beside_the_package_or_in_it(tmp_path: Path) -> None:
    package = tmp_path / "ledger"
    package.mkdir()

    assert examples().joinpath("us-sv-2025", "entries.json").is_file()
    assert examples(package) == tmp_path / "examples"
    (package / "examples").mkdir()
    assert examples(package) == package / "examples"


@pytest.mark.parametrize(
    ("argv0", "typed"),
    [
        ("/somewhere/pytest", "transfer-ledger"),
        (".venv/bin/transfer-ledger", ".venv/bin/transfer-ledger"),
        ("/a b/transfer-ledger", "'/a b/transfer-ledger'"),
        ("/src/ledger/__main__.py", f"{shlex.quote(sys.executable)} -m ledger"),
        ("/src/other/__main__.py", "transfer-ledger"),
    ],
)
def test_commands_are_printed_as_this_reader_can_type_them(
    argv0: str, typed: str
) -> None:
    assert typed_as(argv0, {"PATH": "/nowhere"}) == typed


def test_on_the_path_the_bare_name_is_enough(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "transfer-ledger"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    environ = {"PATH": str(program.parent)}

    assert typed_as(str(program), environ) == "transfer-ledger"
    assert typed_as("/other/bin/transfer-ledger", environ) != "transfer-ledger"
    assert typed_as(str(program), {}) == str(program)


def test_the_tampering_typed_again_ends_with_a_sentence(
    piped: Outcome, place: Path
) -> None:
    assert piped.code == 0
    folder = place / "transfer-ledger-demo"
    junk = folder / "junk"
    junk.write_text("no book\n")
    book = folder / "tampered" / "book.sqlite"

    def typed(*words: str | Path) -> str:
        ended = subprocess.run(
            [sys.executable, str(folder / "tamper.py"), *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ended.returncode, ended.stdout) == (1, "")
        return ended.stderr

    assert typed(book).startswith("nothing was changed")
    assert typed().startswith("name one file to change")
    assert typed(folder / "none").startswith("name one file to change")
    assert typed(junk).startswith("this file is no book")
    assert not (folder / "none").exists()
