"""What is remembered of a book is found wherever its database lay."""

from pathlib import Path

import pytest

from ledger.errors import NotPermittedError
from ledger.store.marks import furthest
from ledger.store.watermark import Watermark, WatermarkFile
from tests.surroundings import open_folder, without_power

BOOK, GENESIS = "us.example/book", "0" * 64


def keep(folder: Path, size: int, *, book: str = BOOK, genesis: str = GENESIS) -> None:
    WatermarkFile(folder).advance(Watermark(book, genesis, size, "1" * 64))


def test_nothing_is_remembered_where_nothing_was_kept(tmp_path: Path) -> None:
    (tmp_path / "state" / "drafts").mkdir(parents=True)
    (tmp_path / "state" / "a-file").touch()

    assert furthest(tmp_path / "nowhere", book=BOOK, genesis=GENESIS) is None
    assert furthest(tmp_path / "state", book=BOOK, genesis=GENESIS) is None


def test_the_furthest_mark_of_the_same_book_counts(tmp_path: Path) -> None:
    for name, size in (("a", 3), ("b", 7), ("c", 5)):
        keep(tmp_path / name, size)
    keep(tmp_path / "d", 90, book="sv.example/book")
    keep(tmp_path / "e", 91, genesis="2" * 64)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "watermark").write_text("damaged")
    mark = furthest(tmp_path, book=BOOK, genesis=GENESIS)

    assert mark is not None
    assert mark.size == 7


def test_a_folder_that_cannot_be_read_is_told() -> None:
    with open_folder() as folder:
        (folder / "state").mkdir(mode=0o700)
        with without_power(), pytest.raises(NotPermittedError):
            furthest(folder / "state", book=BOOK, genesis=GENESIS)
