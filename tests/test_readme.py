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
from tests.cli.desk import ROUNDS
from tests.cli.program import Terminal

README = Path(__file__).parent.parent / "README.md"
NOW = datetime(2026, 4, 2, 15, 0, 0, tzinfo=UTC)
BLOCK = re.compile(
    r"(?:<!-- (?P<day>[0-9-]{10}), (?P<columns>[0-9]+) columns -->\n)?"
    r"```console\n(?P<typed>.*?)```",
    re.DOTALL,
)
VARYING = re.compile(
    r"[0-9a-f]{64}|SHA256:[A-Za-z0-9+/]{43}"
    r"|(?:[A-Za-z0-9+/]{4}  ){10}[A-Za-z0-9+/]{3}"
)


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
        self.now = NOW

    def type(self, line: str, *, columns: str | None = None) -> str:
        """Return what a command line answers: results, talk, exit code if not 0."""
        kind = io.StringIO if columns is None else Terminal
        out, err = kind(), kind()
        program, *words = shlex.split(line)
        assert program == "transfer-ledger"
        code = main(
            words,
            environ={**self.environ, "COLUMNS": columns or "", "NO_COLOR": "1"},
            stdin=kind(),
            stdout=out,
            stderr=err,
            now=self.now,
            rounds=ROUNDS,
        )
        ended = f"(exit code {code})\n" if code else ""
        return out.getvalue() + err.getvalue() + ended


def replayed(block: re.Match[str], office: Office) -> str:
    """Return a block of the README with the answers that its commands give now."""
    if block["day"]:
        office.now = datetime.fromisoformat(f"{block['day']}T15:00:00Z")
    commands = [line for line in block["typed"].splitlines() if line.startswith("$ ")]
    answers = (
        f"{line}\n{office.type(line[2:], columns=block['columns'])}"
        for line in commands
    )
    return "".join(re.sub(r" +$", "", answer, flags=re.MULTILINE) for answer in answers)


def test_the_days_in_the_readme_are_what_the_program_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = README.read_text()
    typed, answers = [], []
    for block in BLOCK.finditer(text):
        typed.append(block["typed"])
        answers.append(replayed(block, office))
        if "init book" in block["typed"]:
            monkeypatch.chdir(tmp_path / "book")
    if os.environ.get("UPDATE_GOLDEN"):
        for old, answer in zip(typed, answers, strict=True):
            text = text.replace(f"```console\n{old}```", f"```console\n{answer}```")
        README.write_text(text)
        typed = answers

    assert [steady(answer) for answer in answers] == [steady(old) for old in typed]


def test_the_readme_names_every_exit_code() -> None:
    table = README.read_text().partition("## Exit codes")[2].partition("## ")[0]
    named = {int(n) for n in re.findall(r"[0-9]+", table)}

    assert set(EXIT_CODES.values()) <= named


def test_the_changelog_names_every_command() -> None:
    changes = (README.parent / "CHANGELOG.md").read_text()

    assert [verb.name for verb in VERBS if f"`{verb.name}`" not in changes] == []
