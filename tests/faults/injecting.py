"""Failing system calls: the program's own, one by one, through `strace -e inject`.

One process runs the program once, waits for orders, and forks for each, so that a run
costs some 50 ms instead of a second. `strace` fails one fixed call of each process,
one more of its kind than a run makes; the child makes as many harmless ones first as it
takes for that one to be the call that is meant. The process itself makes none of them.
"""

import ctypes
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.cli import BUG
from tests.cli.desk import Desk
from tests.faults.processes import ROOT, environ, unmeasured

Calls = Counter[str]
"""How many calls of each kind."""

CALLS = (
    *("openat", "read", "write", "pread64", "pwrite64", "fsync", "fdatasync"),
    *("ftruncate", "unlink", "rename", "mkdir", "flock"),
)
"""The calls by which a run reaches its files."""

MANY = 40
"""Of a kind that is called more often than this, every third call is made to fail."""

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="needs strace: apt-get install strace"
)

SERVER = "from tests.faults.injecting import serve; serve()"
ANY_TRACER = (0x59616D61, -1)  # PR_SET_PTRACER, PR_SET_PTRACER_ANY: prctl(2)


@dataclass(frozen=True)
class Order:
    """One run of the program: at which desk, and how many calls it makes before."""

    desk: Desk
    argv: Sequence[str]
    call: str = ""
    before: int = 0


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, or minus the signal; what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Plan:
    """What a run calls: all in all, and before the program itself begins."""

    calls: Calls
    without: Calls

    def orders(self, desk: Desk, argv: Sequence[str], *kinds: str) -> Iterator[Order]:
        """Yield an order for each call of these kinds, to fail just that one."""
        for call in kinds:
            own = self.calls[call] - self.without[call]
            for before in range(1, own + 1, 3 if own > MANY else 1):
                yield Order(desk, argv, call, before)


class Server:
    """A process under strace that runs the program as often as it is told."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, order: Order) -> Ended:
        """Run the program once, in a child of the server."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said = {
            "folder": str(order.desk.folder),
            "argv": list(order.argv),
            "environ": environ(order.desk),
            "rounds": order.desk.rounds,
            "call": order.call,
            "before": order.before,
        }
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the server died"
        status = json.loads(answer)["status"]
        return Ended(
            os.waitstatus_to_exitcode(status),
            (order.desk.folder / "out").read_text(),
            (order.desk.folder / "err").read_text(),
        )

    def plan(self, desk: Desk, argv: Sequence[str]) -> "Plan":
        """Return what a run calls, on a server where nothing fails.

        It is asked twice, with the program and without, to tell the program's calls
        from those before it.
        """
        self.run(Order(desk, ()))
        without = self._counted()
        self.run(Order(desk, argv))
        return Plan(self._counted(), without)

    def _counted(self) -> Calls:
        """Return how many calls of each kind the last run made."""
        lines = self._log.read_text(errors="replace").splitlines()
        last = max(int(line.split()[0]) for line in lines)
        found = [re.match(rf"{last} +(\w+)\(", line) for line in lines]
        return Counter(match[1] for match in found if match is not None)

    def injected(self) -> int:
        """Return how many calls were made to fail."""
        return self._log.read_text(errors="replace").count("(INJECTED)")


@contextmanager
def server(
    desk: Desk,
    argv: Sequence[str],
    *,
    what: str = "",
    plan: Plan | None = None,
    program: str = SERVER,
) -> Iterator[Server]:
    """Start a server.

    Args:
        desk: Where it runs the program once beforehand.
        argv: What it runs there.
        what: What happens to a call: `error=EIO`, `signal=SIGKILL`.
        plan: How many calls of each kind a run makes; nothing fails without it.
        program: Another program than ours, which ends in SERVER.
    """
    log = desk.folder / "strace.log"
    calls = ",".join(CALLS)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**unmeasured(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        served = Server(process, log)
        served.run(Order(desk, argv))
        inject = [
            word
            for call, count in (plan.calls if plan else Counter[str]()).items()
            for word in ("-e", f"inject={call}:{what}:when={count + 1}")
        ]
        with subprocess.Popen(
            [
                *("strace", "-f", "-qq", "-o", str(log), "-s", "0"),
                *("-e", f"trace={calls}", "-e", "signal=none", *inject),
                *("-p", str(process.pid)),
            ]
        ) as tracer:
            while "TracerPid:\t0" in Path(f"/proc/{process.pid}/status").read_text():
                assert tracer.poll() is None, "strace cannot attach"
                time.sleep(0.01)
            try:
                yield served
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(timeout=30)
                tracer.wait(timeout=30)


def serve() -> None:
    """Do what the lines on stdin order, each in a child; for the process in strace."""
    ctypes.CDLL(None).prctl(*ANY_TRACER)
    first = True
    while line := _read_line():
        order = json.loads(line)
        child = 0 if first else os.fork()
        if child == 0:
            code = _run(order)
            if not first:
                os._exit(code)
        status = 0 if first else os.waitpid(child, 0)[1]
        first = False
        os.writev(1, [json.dumps({"status": status}).encode() + b"\n"])


def _read_line() -> bytes:
    """Return the next line of stdin, by calls of a kind that never fail here."""
    line, byte = b"", bytearray(1)
    while not line.endswith(b"\n") and os.readv(0, [byte]):
        line += byte
    return line


def _run(order: Mapping[str, Any]) -> int:
    """Run the program within this process; return its exit code, BUG for a bug."""
    from ledger.cli.main import main  # noqa: PLC0415 (only in the server)

    os.chdir(order["folder"])
    with (
        Path("out").open("w") as out,
        Path("err").open("w") as err,
        Path(os.devnull).open("r+") as nothing,
    ):
        if not order["argv"]:
            return 0
        _spend(order["call"], order["before"], null=nothing.fileno())
        try:
            return main(
                order["argv"],
                environ=order["environ"],
                stdin=nothing,
                stdout=out,
                stderr=err,
                rounds=order["rounds"],
            )
        except Exception:  # noqa: BLE001 (as sys.excepthook does)
            traceback.print_exc(file=err)
            return BUG


def _spend(call: str, number: int, *, null: int) -> None:
    """Make so many harmless system calls of a kind; whether they fail is the same."""
    gone = "/nowhere/at/all"
    harmless: dict[str, Callable[[], object]] = {
        "openat": lambda: os.close(os.open(gone, os.O_RDONLY)),
        "read": lambda: os.read(null, 1),
        "write": lambda: os.write(null, b"x"),
        "pread64": lambda: os.pread(null, 1, 0),
        "pwrite64": lambda: os.pwrite(null, b"x", 0),
        "fsync": lambda: os.fsync(null),
        "fdatasync": lambda: os.fdatasync(null),
        "ftruncate": lambda: os.ftruncate(null, 0),
        "unlink": lambda: Path(gone).unlink(),
        "rename": lambda: Path(gone).rename(gone),
        "mkdir": lambda: Path(gone).mkdir(),
        "flock": lambda: fcntl.flock(null, fcntl.LOCK_UN),
    }
    for _ in range(number):
        with suppress(OSError):
            harmless[call]()
