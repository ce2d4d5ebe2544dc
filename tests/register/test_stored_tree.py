"""Tree hashes are compared many at a time; what differs is found one by one."""

from pathlib import Path

import pytest

from ledger.register.checking import verify
from tests.register.stored import (
    LENGTH,
    checked,
    remember,
    tampering,
    usual,
    usual_office,
)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND number = 0",
        "DELETE FROM node WHERE level = 1 AND number = 0",
        "ALTER TABLE node RENAME COLUMN hash TO other",
    ],
)
def test_each_hash_that_is_not_as_it_should_be_is_named(
    tmp_path: Path, attack: str
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(attack)

    found = [f for f in checked(there).findings if f.code == "node-differs"]

    assert (found[0].seq, found[0].level) == (1, "projections")
    assert {f.exit_code for f in found} == {10}


def test_a_hash_is_of_the_tree_where_the_history_is_another_one_as_well(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM node WHERE level = 1 AND number = 0")
        connection.execute("DELETE FROM entry WHERE seq = 59")

    found = [f for f in verify(there).findings if f.code == "node-differs"]

    assert (found[0].seq, found[0].level, found[0].exit_code) == (1, "tree", 11)
