"""A clerk's desk: a folder with keys, a book and a clock, and the program in it.

The program runs within the test's process, with the folder as the current one. The
files of keys that it makes have few rounds, so that a signature costs no third of a
second.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from ledger.cli.main import main
from ledger.exchange.plaintext import clean
from tests.cli.program import Outcome, Terminal, Typing

SECRET = "correct horse battery"  # noqa: S105 (of keys that live for one test)
ROUNDS = 1000
"""Rounds of PBKDF2 of new keys on a desk: as good to sign with, quicker to guess."""
MORNING = datetime(2025, 3, 15, 12, 0, 0, tzinfo=UTC)
INIT = (
    *("init", "book", "--name", "us.example/book", "--state", "US"),
    *("--clerk", "clerk-07", "--zone", "America/Chicago"),
)
RECORD = (
    *("record", "--from", "US", "--to", "SV", "--persons", "238"),
    *("--group", "a group", "--group-by", "US", "--facility", "CECOT"),
    *("--departed", "2025-03-15T17:26-04:00", "--term", "P1Y", "--renewable", "yes"),
)
RECEIVE = (
    *("receive", "T-1", "--persons", "238", "--arrived", "2025-03-16T00:05-06:00"),
    *("--admitted", "2025-03-16T03:00-06:00"),
)
REMARK = ("remark", "T-1", "--type", "notice", "--text", "t")


@dataclass
class Desk:
    """One folder in which commands are typed."""

    folder: Path
    now: datetime = MORNING
    columns: int | None = None
    shown: dict[str, str] = field(default_factory=dict)
    root: Path | None = None
    offices: dict[str, dict[str, str]] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    typing: str = ""
    rounds: int | None = ROUNDS

    def __post_init__(self) -> None:
        self.environ = {
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "TRANSFER_LEDGER": "book",
            "TRANSFER_LEDGER_PASSPHRASE_FILE": "passphrase",
            "NO_COLOR": "1",
            **self.environ,
        }

    @property
    def database(self) -> Path:
        return self.folder / "book" / "book.sqlite"

    @property
    def keys(self) -> Path:
        return self.folder / "data" / "transfer-ledger" / "keys"

    def write_passphrase(self, secret: str = SECRET, name: str = "passphrase") -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(f"{secret}\n")

    def run(
        self,
        *argv: str,
        hidden: Callable[[str], str] | None = None,
        environ: Mapping[str, str] | None = None,
        answers: str = "",
        stop_at: int | None = None,
    ) -> Outcome:
        """Run the program; with `columns` its streams are a terminal.

        Then the answers are what is typed there, a line each, and Ctrl-C is pressed
        where the line `stop_at` (from 0) would be typed.
        """
        kind = StringIO if self.columns is None else Terminal
        out, err = kind(), kind()
        keyboard = StringIO(answers)
        if self.columns is not None:
            keyboard = Typing(answers, err, stop_at=stop_at)
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            code = main(
                argv,
                environ={
                    **self.environ,
                    "COLUMNS": str(self.columns or ""),
                    **(environ or {}),
                },
                stdin=keyboard,
                stdout=out,
                stderr=err,
                now=self.now,
                hidden=hidden,
                rounds=self.rounds,
            )
        finally:
            os.chdir(here)
        return Outcome(code, out.getvalue(), err.getvalue())

    def done(self, *argv: str) -> Outcome:
        """Run the program, which must do what it was asked."""
        outcome = self.run(*argv)
        assert outcome.code == 0, outcome.err
        return outcome

    def bytes(self) -> str:
        """Return a digest of the book as it is on disk."""
        return hashlib.sha256(self.database.read_bytes()).hexdigest()


def enter(desk: Desk, office: str) -> None:
    """Go to an office: a folder with keys, books and a memory of its own."""
    desk.root = desk.root or desk.folder
    desk.folder = desk.root / office
    if office not in desk.offices:
        there = Desk(desk.folder)
        there.folder.mkdir(exist_ok=True)
        if not (there.folder / "passphrase").exists():
            there.write_passphrase()
        desk.offices[office] = there.environ
    desk.environ = desk.offices[office]


def answer(desk: Desk, *argv: str, code: int = 0) -> dict[str, Any]:
    """Return what a command answers to a program; it must end with this code."""
    outcome = desk.run(*argv, "--json")
    assert outcome.code == code, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def is_harmless(outcome: Outcome) -> bool:
    """Return whether no character of the answer moves, hides or colours anything."""
    said = (outcome.out + outcome.err).replace("\t", " ").replace("\r\n", "\n")
    return clean(said, lines=True) == said
