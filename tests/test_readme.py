"""The README is replayed: its clerk's day gives what it says, its tables are true.

`UPDATE_GOLDEN=1 pytest tests/test_readme.py` writes the answers into the README anew.
"""

import io
import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.cli import EXIT_CODES
from ledger.cli.main import main
from ledger.cli.verbs import VERBS

README = Path(__file__).parent.parent / "README.md"
NOW = datetime(2026, 4, 2, 15, 0, 0, tzinfo=UTC)
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
VARYING = re.compile(r"[0-9a-f]{64}|SHA256:[A-Za-z0-9+/]{43}")


def steady(text: str) -> str:
    """Return a transcript with what differs each time taken out."""
    return re.sub(r"\t[0-9]+$", "\tN", VARYING.sub("HASH", text), flags=re.MULTILINE)


class Office:
    """A folder in which a reader types the README's commands."""

    def __init__(self, folder: Path) -> None:
        passphrase = folder / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text("a long enough passphrase\n")
        (folder / "usb").mkdir(mode=0o700)
        self.environ = {
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
            "TRANSFER_LEDGER_PASSPHRASE_FILE": str(passphrase),
        }

    def type(self, line: str) -> str:
        """Return what a command line answers: results, talk, exit code if not 0."""
        out, err = io.StringIO(), io.StringIO()
        program, *words = shlex.split(line)
        assert program == "transfer-ledger"
        code = main(
            words,
            environ=self.environ,
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=NOW,
        )
        ended = f"(exit code {code})\n" if code else ""
        return out.getvalue() + err.getvalue() + ended


def replayed(block: str, office: Office) -> str:
    """Return a block of the README with the answers that its commands give now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{office.type(line[2:])}" for line in commands)


def test_the_clerks_day_in_the_readme_is_what_the_program_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = README.read_text()
    blocks = BLOCK.findall(text)
    answers = []
    for block in blocks:
        answers.append(replayed(block, office))
        if "init book" in block:
            monkeypatch.chdir(tmp_path / "book")
    if os.environ.get("UPDATE_GOLDEN"):
        for block, answer in zip(blocks, answers, strict=True):
            text = text.replace(f"```console\n{block}```", f"```console\n{answer}```")
        README.write_text(text)
        blocks = answers

    assert [steady(answer) for answer in answers] == [steady(b) for b in blocks]


def test_the_readme_names_every_exit_code() -> None:
    table = README.read_text().partition("## Exit codes")[2].partition("## ")[0]
    named = {int(n) for n in re.findall(r"[0-9]+", table)}

    assert set(EXIT_CODES.values()) <= named


def test_the_changelog_names_every_command() -> None:
    changes = (README.parent / "CHANGELOG.md").read_text()

    assert [verb.name for verb in VERBS if f"`{verb.name}`" not in changes] == []
