"""What is remembered of a book is found wherever its database lay."""

from pathlib import Path

import pytest

from ledger.errors import NotPermittedError
from ledger.store.marks import Marks, marks_of, seen_file
from ledger.store.watermark import Watermark, WatermarkFile
from tests.surroundings import open_folder, without_power

BOOK, GENESIS = "us.example/book", "0" * 64


def keep(folder: Path, size: int, *, book: str = BOOK, genesis: str = GENESIS) -> None:
    WatermarkFile(folder).advance(Watermark(book, genesis, size, "1" * 64))


def test_nothing_is_remembered_where_nothing_was_kept(tmp_path: Path) -> None:
    (tmp_path / "state" / "drafts").mkdir(parents=True)
    (tmp_path / "state" / "a-file").touch()

    assert marks_of(tmp_path / "nowhere", book=BOOK, genesis=GENESIS) == Marks()
    assert marks_of(tmp_path / "state", book=BOOK, genesis=GENESIS).all == ()


def test_the_furthest_mark_of_the_same_book_counts(tmp_path: Path) -> None:
    for name, size in (("a", 3), ("b", 7), ("c", 5)):
        keep(tmp_path / name, size)
    keep(tmp_path / "d", 90, book="sv.example/book")
    keep(tmp_path / "e", 91, genesis="2" * 64)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "watermark").write_text("damaged")
    marks = marks_of(tmp_path, book=BOOK, genesis=GENESIS)

    assert marks.own is not None
    assert (marks.own.size, marks.seen) == (7, None)


def test_what_a_peer_has_seen_is_known_under_every_path(tmp_path: Path) -> None:
    keep(tmp_path / "a", 3)
    seen_file(tmp_path / "b").advance(Watermark(BOOK, GENESIS, 9, "1" * 64))
    marks = marks_of(tmp_path, book=BOOK, genesis=GENESIS)

    assert [mark.size for mark in marks.all] == [9, 3]


def test_one_head_that_both_name_counts_once(tmp_path: Path) -> None:
    keep(tmp_path / "a", 3)
    seen_file(tmp_path / "a").advance(Watermark(BOOK, GENESIS, 3, "1" * 64))

    assert len(marks_of(tmp_path, book=BOOK, genesis=GENESIS).all) == 1


def test_a_folder_that_cannot_be_read_is_told() -> None:
    with open_folder() as folder:
        (folder / "state").mkdir(mode=0o700)
        with without_power(), pytest.raises(NotPermittedError):
            marks_of(folder / "state", book=BOOK, genesis=GENESIS)
