"""How long the program takes to start: `python -m bench.startup [TIMES]`.

Whole processes, against `python -c pass` in the same run; the least processor time of
several runs each, with the bytecode that an installed program has. The key is sealed
with few rounds: opening a real key takes as long as it is meant to.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.desk import INIT, RECEIVE, RECORD, Desk

USUAL = 7
AFTER = datetime(2025, 3, 20, tzinfo=UTC)
PROGRAM = ("-m", "ledger")
LINES: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("--help", (*PROGRAM, "--help"), 7),
    ("--version", (*PROGRAM, "--version"), 7),
    ("due", (*PROGRAM, "due", "--on", "2026-02-01"), 12),
    ("show T-1", (*PROGRAM, "show", "T-1"), 12),
    ("record", (*PROGRAM, *RECORD, "--yes"), 12),
)


def spent(arguments: Sequence[str], desk: Desk) -> float:
    """Return the seconds of the processor that one process took.

    Raises:
        ValueError: If it failed.
    """
    environ = {
        **os.environ,
        **desk.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PYTHONPYCACHEPREFIX": str(desk.folder / "bytecode"),
        "LANG": "en",
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, *arguments],
        cwd=desk.folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(process.returncode, arguments)
    return usage.ru_utime + usage.ru_stime


def main(times: int) -> None:
    """Measure, and print a line for each command."""
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name), now=AFTER)
        desk.write_passphrase()
        desk.done(*INIT, "--yes")
        desk.done(*RECORD, "--yes")
        desk.done(*RECEIVE, "--yes")
        base = min(spent(("-c", "pass"), desk) for _ in range(times))
        sys.stdout.write(f"python -c pass: {base * 1000:.0f} ms\n")
        for what, arguments, goal in LINES:
            took = min(spent(arguments, desk) for _ in range(times))
            sys.stdout.write(
                f"{what}: {took * 1000:.0f} ms, {took / base:.1f} x (goal {goal})\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else USUAL)
