"""The law (R1): what was acknowledged is there after a kill, once, and so is the rest.

Children of one process record without end and report each answer over a pipe, until
they are killed at a random moment. 200 kills: 10 s on two cores.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ledger.domain.records import Transfer
from ledger.register.opening import Places
from tests.faults.processes import ROOT, unmeasured
from tests.register.stored import checked, first_image, lay, opened

KILLS = 200
SEED = 7

WRITER = """
import json, os, random, select, signal, sys, time
from datetime import datetime, UTC
from itertools import count
from pathlib import Path
from ledger.register.opening import open_register
from ledger.register.writing import acknowledge, append
from ledger.store.pending import PendingFolder
from tests.register.stored import asked, first_office, places

there, kills, seed = places(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
if "--forgetful" in sys.argv:
    PendingFolder.keep = lambda *_, **__: None
chance = random.Random(seed)
clerk = first_office().keys["clerk"]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

def record(register, n):
    return append(
        register, kind="transfer", request=asked(n), signer=clerk, now=NOW
    )

def work(start, report):
    with open_register(there, write=True) as register:
        for n in count(start):
            recorded = record(register, n)
            os.write(report, f"{n} {recorded.entry.seq}\\n".encode())
            acknowledge(register, recorded)

heard, again = {}, []
start = 1
for _ in range(kills):
    read, report = os.pipe()
    child = os.fork()
    if child == 0:
        work(start, report)
    os.close(report)
    select.select([read], [], [])
    time.sleep(chance.random() / 80)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as answers:
        heard.update(tuple(map(int, line.split())) for line in answers)
    start = max(heard, default=0) + 1
    with open_register(there, write=True) as register:
        recorded = record(register, start)
        acknowledge(register, recorded)
        again.append(recorded.repeated)
        heard[start] = recorded.entry.seq
    start += 1
print(json.dumps({"heard": sorted(heard.items()), "repeated": sum(again)}))
"""


def killed(
    there: Places, *options: str, kills: int, seed: int = SEED
) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-c", WRITER, str(there.database.parent)),
            *(str(kills), str(seed), *options),
        ],
        cwd=ROOT,
        env={**unmeasured(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def recorded(there: Places) -> list[tuple[int, int]]:
    """Return number of persons and of entry of every departure in the book."""
    with opened(there) as register:
        recall = register.recall()
        found = [recall.entry(seq) for seq in range(1, register.journal.size())]
    return [
        (entry.record.persons.n, entry.seq)
        for entry in found
        if entry is not None and isinstance(entry.record, Transfer)
    ]


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(tmp_path: Path) -> None:
    there = lay(tmp_path, first_image())
    said = killed(there, kills=KILLS)
    found = recorded(there)
    report = checked(there)

    assert sorted(found) == [tuple(pair) for pair in said["heard"]]
    assert [n for n, _ in sorted(found)] == list(range(1, len(found) + 1))
    assert said["repeated"] > 0, "no kill hit between commit and answer"
    assert len(found) > KILLS
    assert (report.exit_code, report.memory) == (0, "pass")
    assert not list((there.memory / "pending").iterdir())


def test_control_without_pending_files_some_are_doubled(tmp_path: Path) -> None:
    """The moment between the entry and its answer is short: not each run meets it."""
    assert any(doubled(tmp_path / str(seed), seed=seed) for seed in range(20))


def doubled(folder: Path, *, seed: int) -> bool:
    """Return whether something was recorded twice where nothing pending is kept."""
    folder.mkdir()
    there = lay(folder, first_image())
    killed(there, "--forgetful", kills=KILLS // 4, seed=seed)
    found = [n for n, _ in recorded(there)]
    return len(found) > len(set(found))
