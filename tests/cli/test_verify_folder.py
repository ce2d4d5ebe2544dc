"""`verify FOLDER`: a book as tiles, a folder with a book, and folders that are none."""

from pathlib import Path

import pytest

from tests.cli.desk import Desk, answer


@pytest.fixture(name="tiled")
def _tiled(after_departure: Desk) -> Desk:
    """Return a desk with the book as tiles, and its card."""
    desk = after_departure
    desk.done("export", "--format", "tiles", "--out", "tiles")
    desk.done("card", "--out", "us.card")
    return desk


def outcome(desk: Desk, *argv: str, code: int) -> tuple[str, str | None]:
    said = answer(desk, "verify", *argv, code=code)
    return said["verdict"], said["code"]


def a_file(desk: Desk, pattern: str) -> Path:
    return next(p for p in (desk.folder / "tiles").rglob(pattern) if p.is_file())


def test_a_book_as_tiles_is_verified_without_taking_it_in(tiled: Desk) -> None:
    before = tiled.bytes()

    assert outcome(tiled, "tiles", code=13) == ("untrusted", "bundle.no-card")
    assert outcome(tiled, "tiles", "--trust", "us.card", code=0) == ("verified", None)
    assert tiled.bytes() == before


@pytest.mark.parametrize(
    ("lang", "says"),
    [("en", "this rests on the card signed by"), ("es", "la ficha firmada por")],
)
def test_a_book_in_a_file_says_that_it_rests_on_the_card(
    tiled: Desk, lang: str, says: str
) -> None:
    said = tiled.run("verify", "tiles", "--trust", "us.card", "--lang", lang)
    alone = tiled.run("verify", "tiles", "--lang", lang)

    assert says in said.err
    assert says not in alone.err


def test_an_entry_that_was_changed_in_the_tiles_is_found(tiled: Desk) -> None:
    entries = a_file(tiled, "entries/000.p/*")
    entries.write_bytes(entries.read_bytes().replace(b"238", b"239"))

    assert outcome(tiled, "tiles", code=10) == ("altered", "tiles.other-hashes")


def test_tiles_that_are_missing_or_lead_nowhere_are_found(tiled: Desk) -> None:
    a_file(tiled, "tile/0/000.p/*").unlink()
    assert outcome(tiled, "tiles", code=10) == ("altered", "tiles.missing")

    (tiled.folder / "tiles" / "checkpoint").write_bytes(b"none\n")
    assert answer(tiled, "verify", "tiles", code=10)["kind"] == "bundle"


def test_a_folder_with_a_book_is_verified_as_that_book(tiled: Desk) -> None:
    assert answer(tiled, "verify", "book")["entries"] == 2


def test_any_other_folder_is_answered_with_what_to_type(tiled: Desk) -> None:
    tiled.done("summary", "--out", "made")
    (tiled.folder / "other").mkdir()

    summary = tiled.run("verify", "made")
    other = tiled.run("verify", "other")

    assert (summary.code, other.code) == (2, 2)
    assert summary.err.endswith("transfer-ledger verify made/summary.json\n")
    assert "neither a book nor a book as tiles" in other.err
