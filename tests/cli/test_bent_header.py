"""A header of the database file with one byte changed: the reason given is true."""

import os
from pathlib import Path

import pytest

from ledger.cli.verbs import VERBS
from ledger.errors import TamperedError
from ledger.store.journal import Journal
from tests.cli.program import Outcome, program
from tests.corpus.base import base_image

WRITE_VERSION = 18


def bent(folder: Path, at: int, value: int) -> Path:
    content = bytearray(base_image())
    content[at] = value
    (folder / "book.ledger").write_bytes(content)
    return folder / "book.ledger"


def run(book: Path, *command: str) -> Outcome:
    environ = {"XDG_STATE_HOME": str(book.parent), "COLUMNS": "500"}
    return program(*command, "--ledger", str(book), environ=environ, verbs=VERBS)


def test_a_bent_write_version_is_no_matter_of_owner_and_mode(tmp_path: Path) -> None:
    with pytest.raises(TamperedError) as caught:
        Journal.open(bent(tmp_path, WRITE_VERSION, 3), write=True)

    assert caught.value.code == "store.header-altered"


def test_a_bent_write_version_hinders_no_reader(tmp_path: Path) -> None:
    Journal.open(bent(tmp_path, WRITE_VERSION, 3), write=False).close()


def test_a_folder_whose_name_is_no_text_is_written_in_all_the_same(
    tmp_path: Path,
) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()

    Journal.open(bent(folder, WRITE_VERSION, 1), write=True).close()


def test_verify_names_a_bent_write_version(tmp_path: Path) -> None:
    said = run(bent(tmp_path, WRITE_VERSION, 255), "verify")

    assert said.code == 10
    assert "the write_version in the header of the database file is 255" in said.err


@pytest.mark.sweep
@pytest.mark.parametrize("at", range(100))
def test_no_byte_of_the_header_ends_in_a_fault_of_the_program(
    at: int, tmp_path: Path
) -> None:
    book = bent(tmp_path, at, base_image()[at] ^ 0xFF)

    for verb in (["due"], ["verify"]):
        assert run(book, *verb).code in {0, 10, 20, 21}
