"""An exit that goes beyond what a pool of transfers still has says so at once."""

from pathlib import Path

import pytest

from tests.cli.desk import Desk, answer
from tests.cli.two_states import SV

ENDED = ("--how", "repatriated", "--to", "VE", "--at")
CAME = ("receive", "--unannounced", "--from", "US", "--arrived", "2025-03-16")


@pytest.fixture(name="pooled")
def _pooled(tmp_path: Path) -> Desk:
    """Make a book of a custodian: twenty and ten came, and of both together left 25."""
    desk = Desk(tmp_path)
    desk.now = desk.now.replace(day=31)
    desk.write_passphrase()
    desk.done(*SV)
    desk.done(*CAME, "--persons", "20")
    desk.done(*CAME, "--persons", "10")
    desk.done("end", "R-1", "R-2", "--persons", "25", *ENDED, "2025-03-20")
    return desk


def over(desk: Desk, *argv: str) -> list[tuple[int, int]]:
    """Return which exits a new one leaves beyond the count, and by how many."""
    flags = answer(desk, "end", *argv)["flags"]
    return [(f["seq"], f["n"]) for f in flags if f["flag"] == "beyond-count"]


def test_an_exit_of_one_transfer_beyond_what_the_pool_has(pooled: Desk) -> None:
    found = over(pooled, "R-1", "--persons", "8", *ENDED, "2025-03-21")
    rows = {row["ref"]: row for row in answer(pooled, "variances")["transfers"]}

    # Five were left of both together; the exit of 25 was fine.
    assert found == [(4, 3)]
    assert [r["seq"] for r in rows["R-1"]["reasons"]] == [4]
    assert "R-2" not in rows


def test_an_exit_of_both_beyond_what_the_pool_has(pooled: Desk) -> None:
    assert over(pooled, "R-1", "R-2", "--persons", "8", *ENDED, "2025-03-21") == [
        (4, 3)
    ]


def test_a_late_entry_leaves_too_few_for_a_later_exit(pooled: Desk) -> None:
    found = over(pooled, "R-1", "--persons", "8", *ENDED, "2025-03-19")

    # Entry 3 has fewer than it says, now that eight had left before it.
    assert found == [(3, 3)]
    # What was so before is no news.
    assert over(pooled, "R-2", "--persons", "1", *ENDED, "2025-03-22") == [(5, 1)]


def test_an_exit_that_fits_says_nothing(pooled: Desk) -> None:
    assert over(pooled, "R-1", "--persons", "5", *ENDED, "2025-03-21") == []
