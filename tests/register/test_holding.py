"""A book at hand is compared with a checkpoint by its root at that size."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import NoBookError
from ledger.register.holding import Holding, holds
from ledger.register.opening import Places
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint
from tests.register.stored import SIGNED, lay, places, usual_image, usual_office

OFFICE = usual_office()
ROOT = merkle.root([merkle.leaf_hash(note) for note in OFFICE.notes[:SIGNED]])
CHECKPOINT = Checkpoint(OFFICE.book, SIGNED, ROOT)


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Places:
    return lay(tmp_path, usual_image())


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [
        (CHECKPOINT, "same"),
        (replace(CHECKPOINT, root=bytes(32)), "other"),
        (replace(CHECKPOINT, size=SIGNED - 1), "other"),
        (replace(CHECKPOINT, size=10_000), "shorter"),
        (replace(CHECKPOINT, origin="zz.example/book"), None),
    ],
)
def test_a_book_has_the_tree_or_another_or_is_too_short(
    checkpoint: Checkpoint, expected: Holding | None, there: Places
) -> None:
    assert holds(there, checkpoint, named=False) == expected


def test_a_book_that_is_not_there_is_missed_only_if_somebody_named_it(
    tmp_path: Path,
) -> None:
    assert holds(places(tmp_path), CHECKPOINT, named=False) is None
    with pytest.raises(NoBookError):
        holds(places(tmp_path), CHECKPOINT, named=True)
