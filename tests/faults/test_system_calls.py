"""The law (R2, R6): whatever the system refuses, an answer is true, and asking again
settles it: exactly one entry.

Under `strace` one system call after the other fails, or kills the process. About 370
runs and as many second ones: 25 s on two cores.
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.cli.desk import RECORD, Desk
from tests.faults.conftest import LATER
from tests.faults.injecting import (
    SERVER,
    Ended,
    Order,
    Plan,
    needs_strace,
    server,
)
from tests.faults.processes import entries, is_sound, pending

pytestmark = needs_strace

KILLED = -9
FAULTS = {
    "error=EIO": (
        *("openat", "read", "pread64", "pwrite64", "write"),
        *("fsync", "fdatasync", "unlink", "rename"),
    ),
    "error=ENOSPC": ("openat", "write", "pwrite64", "mkdir", "rename", "fsync"),
    "error=EACCES": ("openat", "unlink", "rename", "mkdir"),
    "error=EMFILE": ("openat",),
    "signal=SIGKILL": (
        *("openat", "pwrite64", "write", "fsync", "fdatasync"),
        *("unlink", "rename", "mkdir", "flock"),
    ),
}
# Done; damaged, as SQLite calls a page that cannot be read; unknown; not permitted.
CODES = {"error=EIO": {0, 7, 10, 24}, "signal=SIGKILL": {KILLED}}
LEAST = 350


def copied(laid: Path, name: Path) -> Desk:
    return Desk(copytree(laid, name), now=LATER)


@pytest.fixture(scope="module")
def plan(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("plan")
    with server(copied(laid, folder / "first"), RECORD) as calm:
        return calm.plan(copied(laid, folder / "desk"), RECORD)


@pytest.mark.parametrize("what", FAULTS)
def test_a_failing_call_never_makes_an_answer_false(
    what: str, plan: Plan, laid: Path, tmp_path: Path
) -> None:
    first = copied(laid, tmp_path / "first")
    hits = 0
    with server(first, RECORD, what=what, plan=plan) as failing:
        for number, order in enumerate(plan.orders(first, RECORD, *FAULTS[what])):
            desk = copied(laid, tmp_path / str(number))
            again = Order(desk, RECORD, order.call, order.before)
            ended = failing.run(again)
            wrong = list(faults(desk, ended, CODES.get(what, {0, 7, 24})))
            assert not wrong, (what, order.call, order.before, ended, wrong)
            hits += 1
            rmtree(desk.folder)
        injected = failing.injected()

    # A killed run is seen by its exit code; of the others, strace says what it failed.
    assert injected >= hits or what.startswith("signal")


def faults(desk: Desk, ended: Ended, codes: set[int]) -> Iterator[str]:
    """Yield what is not as promised after a run, and after the same command again."""
    count = entries(desk)
    if ended.code not in codes:
        yield f"exit code {ended.code}"
    if ended.code == 0 and not (count == 2 and ended.out and not pending(desk)):
        yield "done, and no entry, no answer, or something pending"
    if ended.code not in (0, 7, KILLED) and count != 1:
        yield "refused, and recorded"
    if ended.code == 0:
        return
    outcome = desk.run(*RECORD)
    if outcome.code != 0 or entries(desk) != 2 or pending(desk):
        yield f"again: {outcome}, {entries(desk)} entries, {pending(desk)}"
    if outcome.out.endswith("yes\n") != (count == 2):
        yield "said to be repeated although it is new, or the other way round"
    if not is_sound(desk):
        yield "the book does not verify"


def test_so_many_calls_are_made_to_fail(plan: Plan, laid: Path) -> None:
    # Counted from the plan: the runs themselves may be spread over several processes.
    desk = Desk(laid)
    orders = [o for kinds in FAULTS.values() for o in plan.orders(desk, RECORD, *kinds)]

    assert len(orders) >= LEAST


FORGETFUL = f"""
from ledger.register import writing
append = writing.append
def forgetful(register, **words):
    recorded = append(register, **words)
    writing.acknowledge(register, recorded)
    return recorded
writing.append = forgetful
{SERVER}
"""


def test_control_one_that_forgets_before_it_answers_records_twice(
    plan: Plan, laid: Path, tmp_path: Path
) -> None:
    wrong = []
    first = copied(laid, tmp_path / "first")
    what = "signal=SIGKILL"
    with server(first, RECORD, what=what, plan=plan, program=FORGETFUL) as failing:
        for number, order in enumerate(plan.orders(first, RECORD, "write")):
            desk = copied(laid, tmp_path / str(number))
            ended = failing.run(Order(desk, RECORD, order.call, order.before))
            wrong += list(faults(desk, ended, {KILLED}))

    assert any("3 entries" in fault for fault in wrong)
