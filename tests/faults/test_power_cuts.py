"""The law (R3): whenever the power fails, what was answered is recorded, and once.

The real program records under `strace`. After each of its steps the power fails: of
all that it had not brought to the disk by then some is there and some is not (what may
be, tests/faults/power.py says). The real program then opens each of these images, and
is asked for the same once more.

A file system in SQLite (apsw) would see less: the database alone, written by another
SQLite than the one that records. It would see neither the file of what is pending, nor
the one that remembers how far the book came, nor the moment of the answer.

Some 2,000 images, 700 of them different: 30 s on one core.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from tests.cli.desk import RECEIVE, RECORD, Desk
from tests.faults.injecting import needs_strace
from tests.faults.power import Cut, Image, cuts, digest, put_back, taken
from tests.faults.processes import PROGRAM, entries, is_sound
from tests.faults.tracing import Answer, Step, traced

pytestmark = needs_strace

SEED = 20261124
LEAST = 850
"""Images of one run; there are two."""

STATE = ("book", "state")
"""The folders of a desk in which anything is written."""

NEEDS_RECOVERY = 15


@dataclass
class Run:
    """What the program did, and what was there before, all of it on the disk."""

    desk: Desk
    argv: Sequence[str]
    before: Image
    size: int
    steps: Sequence[Step]
    counted: Counter[str] = field(default_factory=Counter)

    def moments(self, *, last: int | None = None) -> Sequence[Cut]:
        """Return when the power may fail; the last ones alone, if it is said."""
        every = tuple(cuts(self.before, self.steps))
        return every if last is None else every[-last:]


def run(
    desk: Desk, argv: Sequence[str] = RECORD, *, program: Sequence[str] = PROGRAM
) -> Run:
    before, size = taken(desk.folder, *STATE), entries(desk)
    return Run(desk, argv, before, size, traced(desk, argv, program=program))


def faults(ran: Run, moments: Sequence[Cut]) -> Iterator[str]:
    """Yield what is not as promised, wherever the power fails."""
    chance = random.Random(SEED)  # noqa: S311
    seen: set[tuple[bytes, bool]] = set()
    for cut in moments:
        for image in cut.images(chance):
            ran.counted["all"] += 1
            known = (digest(image), cut.answered)
            if known in seen:
                continue
            seen.add(known)
            put_back(ran.desk.folder, image, *STATE)
            for fault in after(ran, answered=cut.answered, way=len(seen) % 3):
                yield f"seed {SEED}, after step {cut.number}, {cut.last}: {fault}"
    ran.counted["different"] = len(seen)


def after(ran: Run, *, answered: bool, way: int) -> Iterator[str]:
    """Yield what is wrong at a desk after a power cut.

    Args:
        ran: What was asked there.
        answered: Whether it had been answered.
        way: What is typed first: `doctor`, `verify`, or the same once more.
    """
    desk = ran.desk
    if way == 0:
        yield from recovering(ran)
    elif way == 1 and (verified := desk.run("verify")).code != 0:
        yield f"verify: {verified}"
    count = entries(desk)
    if count not in ({ran.size + 1} if answered else {ran.size, ran.size + 1}):
        yield f"answered: {answered}; {count} entries after {ran.size}"
    again = desk.run(*ran.argv)
    new = not again.out.endswith("yes\n")
    if again.code != 0 or entries(desk) != count + new:
        yield f"again: {again}, {entries(desk)} entries after {count}"
    elif not answered and entries(desk) != ran.size + 1:
        yield f"recorded twice: {entries(desk)} entries after {ran.size}"
    if way == 2 and not is_sound(desk):
        yield "the book does not verify"


def recovering(ran: Run) -> Iterator[str]:
    """Yield what is wrong with what `doctor` says of an interrupted write."""
    found = ran.desk.run("doctor")
    if found.code == NEEDS_RECOVERY:
        ran.counted["recovered"] += 1
        found = ran.desk.run("doctor", "--recover")
    if found.code != 0:
        yield f"doctor: {found}"


def test_the_trace_has_all_that_was_written(desk: Desk) -> None:
    ran = run(desk)
    written = taken(desk.folder, *STATE)
    end = ran.moments()[-1]

    assert end.kept_all() == {".": None, **written}
    assert ran.before != written
    assert sum(isinstance(step, Answer) for step in ran.steps) == 1
    assert not any(isinstance(step, Answer) for step in ran.steps[-1:])


@pytest.mark.sweep
def test_the_first_entry_survives_every_power_cut(desk: Desk) -> None:
    ran = run(desk)

    assert list(faults(ran, ran.moments())) == []
    assert ran.counted["all"] >= LEAST
    assert ran.counted["recovered"] > 0


@pytest.mark.sweep
def test_a_later_entry_survives_every_power_cut(desk: Desk) -> None:
    desk.done(*RECORD)
    ran = run(desk, RECEIVE)

    assert list(faults(ran, ran.moments())) == []
    assert ran.counted["all"] >= LEAST
    assert ran.counted["recovered"] > 0


def changed(code: str) -> Sequence[str]:
    """Return our program with something changed in it."""
    end = "from ledger.cli.main import run\nrun()\n"
    return (sys.executable, "-c", f"{code}\n{end}")


SYNCHRONOUS = """
from ledger.store import engine
engine.SETTINGS = tuple(
    (name, {level} if name == "synchronous" else value)
    for name, value in engine.SETTINGS
)
"""
UNSYNCED = """
from ledger.store import smallfiles
smallfiles.sync_folder = lambda folder: None
"""


@pytest.mark.parametrize("level", [1, 2], ids=["NORMAL", "FULL"])
def test_control_with_less_syncing_an_answered_entry_is_lost(
    level: int, desk: Desk
) -> None:
    ran = run(desk, program=changed(SYNCHRONOUS.format(level=level)))
    found = faults(ran, [cut for cut in ran.moments() if cut.answered])

    assert any("answered: True; 1 entries" in fault for fault in found)


def test_control_without_syncing_the_book_is_damaged(desk: Desk) -> None:
    ran = run(desk, program=changed(SYNCHRONOUS.format(level=0)))

    assert any("code=10" in fault for fault in faults(ran, ran.moments()))


def test_control_where_names_are_not_synced_an_entry_is_recorded_twice(
    desk: Desk,
) -> None:
    ran = run(desk, program=changed(UNSYNCED))
    found = faults(ran, ran.moments(last=12))

    assert any("recorded twice" in fault for fault in found)
