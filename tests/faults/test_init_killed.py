"""The law: whatever kills `init`, the same command again makes a good book."""

from itertools import islice
from pathlib import Path
from shutil import rmtree

import pytest

from ledger.keys.files import known_keys
from tests.cli.desk import INIT, RECORD, Desk, answer
from tests.faults.conftest import LATER
from tests.faults.injecting import Order, needs_strace, server
from tests.faults.processes import entries, is_sound

pytestmark = needs_strace

EVERY = 2
"""One of so many steps is tried: 15 s for all four together."""

CALLS = ("openat", "mkdir", "unlink", "rename", "fsync", "fdatasync", "write", "flock")


def new_desk(folder: Path) -> Desk:
    folder.mkdir()
    desk = Desk(folder, now=LATER)
    desk.write_passphrase()
    return desk


@pytest.mark.parametrize("recovery", [(), ("--recovery", "usb.pem")])
@pytest.mark.parametrize("what", ["signal=SIGKILL", "error=EIO"])
def test_the_same_command_finishes_what_a_fault_left(
    what: str, recovery: tuple[str, ...], tmp_path: Path
) -> None:
    argv = (*INIT, *recovery)
    with server(new_desk(tmp_path / "calm"), argv) as calm:
        plan = calm.plan(new_desk(tmp_path / "counted"), argv)
    kinds = CALLS if what.startswith("signal") else ("rename", "fsync", "openat")
    first = new_desk(tmp_path / "first")
    with server(first, argv, what=what, plan=plan) as failing:
        number = 0
        for order in islice(plan.orders(first, argv, *kinds), 0, None, EVERY):
            number = len(list(tmp_path.iterdir()))
            desk = new_desk(tmp_path / str(number))
            ended = failing.run(Order(desk, argv, order.call, order.before))
            where = (order.call, order.before, ended)
            assert ended.code in (-9, 0, 7, 22, 24), where
            if ended.code != 0:
                made = desk.run(*argv)
                # Once it was answered, the same command is a new one.
                answered = ended.out.count("SHA256:") == 4
                assert made.code == 0 or (made.code, answered) == (3, True), where
            assert_good(desk)

    assert number > 20


def assert_good(desk: Desk) -> None:
    """Assert that there is a book with its four keys, that they sign, and no more."""
    assert len(known_keys(desk.keys)) == 4
    assert len(list(desk.folder.rglob("*.pem"))) == 4
    assert not [path for path in desk.folder.rglob("*") if path.name.endswith(".new")]
    assert not list(desk.keys.glob("_*"))
    assert answer(desk, *RECORD)["seq"] == 1
    assert entries(desk) == 2
    assert is_sound(desk)


def test_another_passphrase_does_not_finish_what_was_begun(desk: Desk) -> None:
    folder = desk.keys
    begun(desk)
    desk.write_passphrase("another horse battery")
    refused = desk.run(*INIT)
    desk.write_passphrase()
    done = desk.run(*INIT)

    assert (refused.code, done.code) == (22, 0)
    assert "made before" in done.err
    assert not list(folder.glob("_*"))


def begun(desk: Desk) -> Path:
    """Leave a new book as if the answer of its init had been lost."""
    rmtree(desk.folder / "book")
    rmtree(desk.folder / "data")
    rmtree(desk.folder / "state")
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr("ledger.register.making.acknowledge_book", lambda _: None)
        assert desk.run(*INIT).code == 0
    (folder,) = desk.keys.glob("_*")
    return folder


def test_another_book_does_not_take_what_was_begun(desk: Desk) -> None:
    folder = begun(desk)
    other = [word.replace("clerk-07", "clerk-08") for word in INIT]
    refused = desk.run(*other)
    (folder / "founding").write_bytes(b"{")
    damaged = desk.run(*INIT)

    assert (refused.code, damaged.code) == (3, 3)
    assert str(folder) in refused.err
    assert "damaged" in damaged.err
    assert len(list(desk.keys.rglob("*.pem"))) == 4


def test_a_book_that_was_taken_elsewhere_keeps_its_keys(desk: Desk) -> None:
    begun(desk)
    elsewhere = desk.folder / "elsewhere"
    (desk.folder / "book").rename(elsewhere)
    refused = desk.run(*INIT)
    desk.environ["TRANSFER_LEDGER"] = str(elsewhere)

    assert refused.code == 11
    assert answer(desk, *RECORD)["seq"] == 1
