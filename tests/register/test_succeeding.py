"""A new book names the head of the one whose history was lost."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.domain.authority import Genesis
from ledger.errors import LedgerError, RefusedError
from ledger.register.founding import Founding
from ledger.register.making import init_book
from ledger.register.opening import Places
from ledger.register.succeeding import lost_head
from tests.keys.sample_keys import FEW, PASSPHRASE
from tests.register.stored import (
    LENGTH,
    lay,
    opened,
    remember,
    usual,
    usual_image,
    usual_office,
)
from tests.register.test_making import FOUNDING, NOW


def refused(there: Places) -> str:
    with pytest.raises(LedgerError) as error:
        lost_head(there)
    return error.value.code


@pytest.mark.parametrize("left", [b"a broken disk", None])
def test_what_this_machine_remembers_is_named_whatever_is_left(
    tmp_path: Path, left: bytes | None
) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    there.database.unlink()
    if left is not None:
        there.database.write_bytes(left)
    head = lost_head(there)

    assert (head.ledger, head.size) == (usual_office().book, LENGTH)
    new = replace(FOUNDING, name="us.example/2/book", successor_of=head)
    book = Places(tmp_path / "new.ledger", tmp_path / "new-keys", there.state)
    init_book(book, new, passphrase=PASSPHRASE, now=NOW, rounds=FEW)
    with opened(book) as register:
        genesis = register.recall().entry(0)
    assert genesis is not None
    assert isinstance(genesis.record, Genesis)
    assert genesis.record.successor_of == head


def test_a_sound_book_has_no_successor(tmp_path: Path) -> None:
    assert refused(usual(tmp_path)) == "init.nothing-lost"


def test_an_older_copy_elsewhere_is_known_by_its_name(tmp_path: Path) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    (tmp_path / "b").mkdir()
    copy = replace(lay(tmp_path / "b", usual_image()), state=there.state)
    with copy.database.open("r+b") as file:
        file.seek(-1000, 2)
        file.write(bytes(1000))

    assert lost_head(copy).size == LENGTH


def test_without_a_memory_there_is_no_head_to_name(tmp_path: Path) -> None:
    there = usual(tmp_path)
    there.database.unlink()

    assert refused(there) == "init.nothing-remembered"


def test_a_book_is_not_its_own_successor(tmp_path: Path) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    there.database.unlink()
    head = lost_head(there)
    founding = Founding(head.ledger, "US", "UTC", "clerk-07", successor_of=head)

    with pytest.raises(RefusedError) as error:
        founding.check()
    assert error.value.code == "init.own-successor"
