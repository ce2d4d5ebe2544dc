"""Tree hashes are compared many at a time; what differs is found one by one."""

from pathlib import Path

import pytest

from tests.register.stored import checked, tampering, usual


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

    found = [f for f in checked(there).findings if f.level == "tree"]

    assert (found[0].seq, found[0].code) == (1, "node-differs")
