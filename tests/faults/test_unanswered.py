"""The law: who was not answered asks again, and nothing is recorded twice for it."""

import ast
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest

import ledger
from ledger.cli.main import main
from tests.cli.desk import INIT, RECEIVE, RECORD, REMARK, Desk, answer
from tests.faults.conftest import LATER
from tests.faults.processes import entries, finish, is_sound, pending, start

Unheard = Callable[[Desk], tuple[int, str]]


def to_a_full_device(desk: Desk) -> tuple[int, str]:
    with Path("/dev/full").open("w") as full:
        code, _, err = finish(start(desk, *RECORD, stdout=full))
    return code, err


def to_a_reader_that_left(desk: Desk) -> tuple[int, str]:
    read, written = os.pipe()
    os.close(read)
    process = start(desk, *RECORD, stdout=written)
    os.close(written)
    code, _, err = finish(process)
    return code, err


def to_one_pipe_that_nobody_reads(desk: Desk) -> tuple[int, str]:
    read, written = os.pipe()
    os.close(read)
    process = start(desk, *RECORD, stdout=written, stderr=subprocess.STDOUT)
    os.close(written)
    return process.wait(timeout=60), "run the same command again"


@contextmanager
def stuck(desk: Desk, *argv: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program until it waits for a reader of its answer; then kill it."""
    read, written = os.pipe()
    size = fcntl.fcntl(written, fcntl.F_GETPIPE_SZ)
    os.write(written, bytes(size))
    before = entries(desk)
    process = start(desk, *argv, stdout=written)
    os.close(written)
    try:
        while entries(desk) == before or not _waits_in_write(process.pid):
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        finish(process)
        os.close(read)


def _waits_in_write(pid: int) -> bool:
    return "pipe" in Path(f"/proc/{pid}/wchan").read_text() or (
        Path(f"/proc/{pid}/syscall").read_text().startswith("1 0x1 ")
    )


def killed_at_its_answer(desk: Desk) -> tuple[int, str]:
    with stuck(desk, *RECORD) as process:
        process.kill()
        return process.wait(timeout=60), "run the same command again"


def unheard_within(desk: Desk, *argv: str) -> tuple[int, str]:
    """Run the program within this process, its answer to a full device."""
    here, err = Path.cwd(), StringIO()
    os.chdir(desk.folder)
    try:
        with Path("/dev/full").open("w") as full:
            code = main(
                argv,
                environ=desk.environ,
                stdin=StringIO(),
                stdout=full,
                stderr=err,
                now=desk.now,
                rounds=desk.rounds,
            )
    finally:
        os.chdir(here)
    return code, err.getvalue()


UNHEARD: dict[Unheard, int] = {
    to_a_full_device: 7,
    to_a_reader_that_left: 7,
    to_one_pipe_that_nobody_reads: 7,
    killed_at_its_answer: -signal.SIGKILL,
}


@pytest.mark.parametrize("unheard", UNHEARD, ids=lambda unheard: unheard.__name__)
def test_an_answer_that_nobody_got_is_given_again(desk: Desk, unheard: Unheard) -> None:
    code, err = unheard(desk)
    left = pending(desk)
    again = answer(desk, *RECORD)
    later = answer(desk, *RECORD)

    assert code == UNHEARD[unheard]
    assert "run the same command again" in err
    assert len(left) == 1
    assert (again["seq"], again["repeated"]) == (1, True)
    # Who was answered and records the same once more means another one.
    assert (later["seq"], later["repeated"]) == (2, False)
    assert (entries(desk), pending(desk)) == (3, [])
    assert is_sound(desk)


EARLY = """
import sys
from ledger.register import writing
append = writing.append
def forgetful(register, **words):
    recorded = append(register, **words)
    writing.acknowledge(register, recorded)
    return recorded
writing.append = forgetful
from ledger.cli.main import run
run()
"""


def test_control_one_that_forgets_before_it_answers_records_twice(desk: Desk) -> None:
    program = (sys.executable, "-c", EARLY)
    with Path("/dev/full").open("w") as full:
        code, _, _ = finish(start(desk, *RECORD, program=program, stdout=full))
    again = answer(desk, *RECORD)

    assert (code, again["repeated"], entries(desk)) == (7, False, 3)


def test_a_request_of_a_program_that_is_still_to_answer_is_its_own(desk: Desk) -> None:
    with stuck(desk, *RECORD):
        other = desk.done("record", *RECORD[1:-2], "--renewable", "no")
        same = answer(desk, *RECORD)
        kept = pending(desk)
    again = answer(desk, *RECORD)

    assert "earlier request" not in other.err
    assert (same["seq"], same["repeated"]) == (1, True)
    assert len(kept) == 1
    assert (again["seq"], again["repeated"]) == (1, True)
    assert (entries(desk), pending(desk)) == (3, [])


def test_where_nobody_hears_of_earlier_requests_they_are_told_again(desk: Desk) -> None:
    to_a_full_device(desk)
    with Path("/dev/full").open("w") as full:
        code, out, _ = finish(start(desk, *REMARK, "--json", stderr=full))
    left = pending(desk)
    quiet = desk.done("remark", "T-1", "--type", "notice", "--text", "u", "--quiet")

    assert (code, '"seq":2' in out) == (0, True)
    assert len(left) == 1
    assert quiet.err == (
        "an earlier request that was left unanswered is recorded, as entry 1\n"
    )
    assert pending(desk) == []


def test_every_verb_that_writes_says_that_it_was_not_heard(desk: Desk) -> None:
    desk.done(*RECORD)
    on = ("--at", "2025-03-20")
    commands = (
        RECEIVE,
        REMARK,
        ("claim", "T-1", "--field", "/persons/n", "--value", "9", "--by", "VE"),
        ("correct", "1", "--set", "/persons/n=237", "--reason", "misread"),
        ("retract", "3", "--reason", "twice"),
        (
            *("pay", "--for", "T-1", "--stage", "payment", "--amount", "5.00 USD"),
            *("--payer", "US", "--payee", "SV", *on),
        ),
        ("end", "T-1", "--how", "released", "--persons", "3", *on),
    )
    for seq, argv in enumerate(commands, 2):
        code, err = unheard_within(desk, *argv)
        assert (code, f"entry {seq} is recorded" in err) == (7, True), err
        assert answer(desk, *argv)["repeated"]

    assert (entries(desk), pending(desk)) == (len(commands) + 2, [])


def test_nobody_else_records_and_forgets_to_acknowledge() -> None:
    package = Path(ledger.__file__).parent
    users: dict[str, set[str]] = {}
    # The verb `sync` records a seal through here, and shows it itself.
    shown_by = {"syncing.py": "sync.py"}
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module == (
                "ledger.register.writing"
            ):
                names = {alias.name for alias in node.names}
                users.setdefault(file.name, set()).update(names)

    appending = {name for name, names in users.items() if "append" in names}
    assert {"recording.py", "playing.py"} <= appending
    assert all("acknowledge" in users[shown_by.get(n, n)] for n in appending)


def test_a_note_that_is_too_long_leaves_nothing_behind(desk: Desk) -> None:
    titles = [f"{n}{'é' * 1990},2025-03-01" for n in range(7)]
    long = [word for title in titles for word in ("--evidence", title)]
    long += ["--text", "é" * 19_000]
    refused = desk.run(*RECORD, *long)
    after = desk.done(*RECORD)

    assert (refused.code, pending(desk)) == (3, [])
    assert "65535" in refused.err.replace(",", "")
    assert "not recorded" not in after.err
    assert entries(desk) == 2


def test_a_new_book_whose_answer_nobody_got_is_answered_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, now=LATER)
    desk.write_passphrase()
    code, err = unheard_within(desk, *INIT)
    again = answer(desk, *INIT)
    exists = desk.run(*INIT)

    assert (code, "run the same command again" in err) == (7, True)
    assert again["book"] == "us.example/book"
    assert (exists.code, entries(desk)) == (3, 1)
    assert not [path for path in desk.keys.iterdir() if path.name[0] == "_"]
    assert desk.done(*RECORD).code == 0
    assert is_sound(desk)
