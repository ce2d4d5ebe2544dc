"""The program as a process of its own, and what it left on the disk."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ledger.register.checking import verify
from ledger.register.opening import Places
from tests.cli.desk import Desk

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "ledger")


def unmeasured() -> dict[str, str]:
    """Return this environment for a process that will be killed in mid-write.

    Coverage is not measured in it: its file would be left in mid-write as well.
    """
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


def environ(desk: Desk) -> dict[str, str]:
    """Return the environment of a program at a desk."""
    return {**unmeasured(), **desk.environ, "PYTHONPATH": str(ROOT), "LANG": "en"}


def start(
    desk: Desk, *argv: str, program: Sequence[str] = PROGRAM, **streams: Any
) -> subprocess.Popen[bytes]:
    """Start the program; its streams are pipes, unless they are given."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [*program, *argv],
        cwd=desk.folder,
        env=environ(desk),
        stdin=subprocess.DEVNULL,
        **{**pipes, **streams},
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """Return exit code, answer and talk of a program, once it is done."""
    out, err = process.communicate(timeout=60)
    return process.returncode, (out or b"").decode(), (err or b"").decode()


def places(desk: Desk) -> Places:
    """Return where the files of a desk are."""
    return Places(desk.database, desk.keys, desk.folder / "state" / "transfer-ledger")


def pending(desk: Desk) -> list[str]:
    """Return the requests that are kept as unanswered."""
    folder = places(desk).memory / "pending"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def entries(desk: Desk) -> int:
    """Return how many entries the book has, whoever may be writing."""
    with closing(sqlite3.connect(desk.database, timeout=10)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    return int(count)


def is_sound(desk: Desk) -> bool:
    """Return whether the book verifies, and is what this user remembers."""
    report = verify(places(desk))
    return (report.exit_code, report.memory) == (0, "pass")
