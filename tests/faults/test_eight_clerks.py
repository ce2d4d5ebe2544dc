"""The law (R4): eight clerks at once record each entry once, and none waits for long.

Each clerk is a process of its own, the real program, at the same book; how long one
waits for its turn is measured in tests/store/test_queueing.py.
"""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

from ledger.domain.records import Transfer
from ledger.store.engine import BUSY_MILLISECONDS
from tests.cli.desk import RECORD, Desk
from tests.faults.processes import (
    entries,
    finish,
    is_sound,
    pending,
    places,
    start,
)
from tests.register.stored import opened

CLERKS, EACH = 8, 2
BUSY = 5

IMPATIENT = """
from ledger.store import engine
engine.SETTINGS = (("busy_timeout", 300), *engine.SETTINGS[1:])
from ledger.cli.main import run
run()
"""

# A writer as many libraries make one: it reads before it asks to write.
HASTY = """
import pathlib, sys, time
from ledger.store.journal import Journal
met = pathlib.Path(sys.argv.pop())
def begin(self):
    self.connection.execute("BEGIN")
    self.connection.execute("SELECT count(*) FROM entry").fetchone()
    met.touch()
    while len(list(met.parent.iterdir())) < 2:
        time.sleep(0.01)
Journal._begin_in_turn = begin
from ledger.cli.main import run
run()
"""


def record_of(persons: int) -> Sequence[str]:
    at = RECORD.index("--persons") + 1
    return (*RECORD[:at], str(persons), *RECORD[at + 1 :])


def recorded(desk: Desk) -> list[int]:
    """Return the numbers of persons of all departures, in book order."""
    with opened(places(desk)) as register:
        recall = register.recall()
        found = [recall.entry(seq) for seq in range(1, register.journal.size())]
    return [
        entry.record.persons.n
        for entry in found
        if entry is not None and isinstance(entry.record, Transfer)
    ]


def test_eight_clerks_record_each_entry_once_and_nobody_is_sent_away(
    desk: Desk,
) -> None:
    ended: list[tuple[int, str, str]] = []

    def work(clerk: int) -> None:
        for number in range(EACH):
            argv = record_of(1 + clerk * EACH + number)
            ended.append(finish(start(desk, *argv)))

    clerks = [Thread(target=work, args=(clerk,)) for clerk in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()

    # Who is not let in within 10 s is told so by exit code 5.
    assert [end for end in ended if end[0] != 0] == []
    assert sorted(recorded(desk)) == list(range(1, 1 + CLERKS * EACH))
    assert pending(desk) == []
    assert is_sound(desk)


@contextmanager
def writing(desk: Desk) -> Iterator[None]:
    """Be another writer of the book, who takes a while."""
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def queue(desk: Desk, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process is in the queue of the writers."""
    folder = str(desk.database.parent)
    while folder not in _open_files(process.pid):
        assert process.poll() is None
        time.sleep(0.01)


def _open_files(pid: int) -> list[str]:
    found = []
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(file.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


def test_those_who_are_killed_while_they_wait_hold_up_nobody(desk: Desk) -> None:
    with writing(desk):
        waiting = []
        for number in range(4):
            waiting.append(start(desk, *record_of(1 + number)))
            queue(desk, waiting[-1])
        # The one who is next, and one in the middle.
        for number in (0, 2):
            waiting[number].send_signal(signal.SIGKILL)
            assert finish(waiting[number])[0] == -signal.SIGKILL
    codes = [finish(waiting[number])[0] for number in (1, 3)]
    later = finish(start(desk, *record_of(9)))

    assert codes == [0, 0]
    assert later[0] == 0, later
    # Who was killed in the queue has recorded nothing, and left nothing to settle.
    assert sorted(recorded(desk)) == [2, 4, 9]
    assert pending(desk) == []
    assert is_sound(desk)


def test_control_who_waits_for_too_little_is_told_so_and_records_nothing(
    desk: Desk,
) -> None:
    program = (sys.executable, "-c", IMPATIENT)
    with writing(desk):
        next_one = finish(start(desk, *RECORD, program=program))
    folder = os.open(desk.database.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with writing(desk):
        in_the_queue = finish(start(desk, *RECORD, program=program))
    os.close(folder)

    for code, out, err in (next_one, in_the_queue):
        assert (code, out) == (BUSY, "")
        assert "another clerk was writing for 10 seconds" in err
    assert (entries(desk), pending(desk)) == (1, [])
    assert BUSY_MILLISECONDS == 10_000


def test_control_two_who_read_before_they_ask_to_write_do_not_both_record(
    desk: Desk, tmp_path: Path
) -> None:
    met = tmp_path / "met"
    met.mkdir()
    program = (sys.executable, "-c", HASTY)
    clerks = [
        start(desk, *record_of(1 + clerk), str(met / str(clerk)), program=program)
        for clerk in range(2)
    ]
    codes = sorted(finish(clerk)[0] for clerk in clerks)

    # With such writers the law above fails; what is in the book is still sound.
    assert codes[0] == 0
    assert codes[1] != 0
    assert len(recorded(desk)) == 1
    assert is_sound(desk)


def test_ctrl_c_in_the_queue_ends_it_and_holds_up_nobody(desk: Desk) -> None:
    with writing(desk):
        first = start(desk, *record_of(1))
        queue(desk, first)
        second = start(desk, *record_of(2))
        queue(desk, second)
        second.send_signal(signal.SIGINT)
        stopped = finish(second)
    code, _, _ = finish(first)

    assert stopped[0] == 130, stopped
    assert "Traceback" not in stopped[2]
    assert (code, recorded(desk), pending(desk)) == (0, [1], [])
