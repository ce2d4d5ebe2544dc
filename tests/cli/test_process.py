"""The program as a process of its own: imports, streams, signals, exit codes."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ledger.cli.main import run

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("pydantic", "sqlmodel", "sqlalchemy", "rich", "cryptography", "typer")

# A child that runs the program on the fake verbs.
FAKE = """
import ledger.cli.main as program
from tests.cli.program import FAKES
program.main.__kwdefaults__["verbs"] = FAKES
program.run()
"""


def child(*command: str, **environ: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("option", ["--help", "--version", "help"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    script = (
        "import sys, ledger.cli.main as m\n"
        f"sys.argv = ['transfer-ledger', {option!r}]\n"
        "try:\n    m.run()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"sys.exit(','.join(x for x in {HEAVY!r} if x in sys.modules))\n"
    )
    ended = child("-c", script)

    assert ended.stderr == b"\n"
    assert b"transfer-ledger" in ended.stdout


def test_the_module_runs_as_the_program_and_not_when_imported() -> None:
    module = import_module("ledger.__main__")
    ended = child("-m", "ledger", "--version")

    assert module.run is run
    assert ended.returncode == 0
    assert ended.stdout.startswith(b"transfer-ledger ")


def test_an_encoding_that_lacks_a_character_gets_an_escape() -> None:
    text = "é → \udcff".encode("utf-8", "surrogateescape")
    ended = subprocess.run(
        [sys.executable.encode(), b"-c", FAKE.encode(), b"remark", b"--text", text],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0
    assert ended.stdout == b"\xe9 \\u2192 \\udcff\n"


def test_a_csv_is_utf_8_wherever_it_goes() -> None:
    ended = child("-c", FAKE, "show", "→", "x", "--csv", PYTHONIOENCODING="cp1252")

    assert ended.stdout == "ref,number\r\n→,1\r\n,\r\nx,\r\n".encode()


def test_a_reader_that_goes_away_is_no_error_message() -> None:
    read, written = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, "-m", "ledger", "help"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=written,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(written)

    assert ended.returncode == 141
    assert ended.stderr == b""


def test_a_full_device_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "ledger", "help"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert ended.returncode == 24
    assert ended.stderr.count(b"\n") == 1


def test_streams_that_were_closed_before_the_start_are_no_bug() -> None:
    script = f'exec "{sys.executable}" -m ledger --help <&- >&- 2>&-'
    ended = subprocess.run(["sh", "-c", script], cwd=ROOT, check=False, timeout=60)

    assert ended.returncode == 0


def test_a_bug_leaves_a_report_without_values_and_exits_with_1(tmp_path: Path) -> None:
    ended = child("-c", FAKE, "remark", "--text", "bug", XDG_STATE_HOME=str(tmp_path))

    text = (tmp_path / "transfer-ledger" / "bug-1.txt").read_text()
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert b"bug-1.txt" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"secret" not in ended.stderr
    assert "ZeroDivisionError" in text
    assert "ledger/cli/parse.py" in text
    assert "secret" not in text


@pytest.mark.parametrize("verb", ["list", "new"])
def test_a_passphrase_is_read_from_the_terminal_without_echo(verb: str) -> None:
    script = f"""
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.executable, [sys.executable, "-c", {FAKE!r}, "key", {verb!r}])
seen = b""
for _ in range({1 if verb == "list" else 2}):
    while not seen.endswith(b": "):
        seen += os.read(terminal, 1)
    os.write(terminal, b"hunter2\\n")
    seen += b"|"
while True:
    try:
        more = os.read(terminal, 1024)
    except OSError:
        break
    if not more:
        break
    seen += more
os.waitpid(child, 0)
sys.stdout.buffer.write(seen)
"""
    ended = child("-c", script)

    assert ended.returncode == 0
    assert ended.stdout.count(b"hunter2") == 1
    assert b"b'hunter2'" in ended.stdout
