"""The law: what is no folder, and lies where one has to be, is named."""

from pathlib import Path

import pytest

from ledger.errors import NotPermittedError
from ledger.folders import check_way
from tests.surroundings import in_the_way, without_power


@pytest.mark.parametrize("below", ["", "a", "a/b"])
def test_a_folder_that_is_there_or_missing_is_a_way(tmp_path: Path, below: str) -> None:
    check_way(tmp_path / below)
    (tmp_path / "link").symlink_to(tmp_path)
    check_way(tmp_path / "link" / below)


@pytest.mark.parametrize("below", ["", "a", "a/b"])
@pytest.mark.parametrize("kind", ["file", "link-to-file", "nowhere", "circle", "pipe"])
def test_anything_else_on_the_way_is_named(
    tmp_path: Path, kind: str, below: str
) -> None:
    place = tmp_path / "place"
    match kind:
        case "file":
            place.write_bytes(b"")
        case "link-to-file":
            (tmp_path / "file").write_bytes(b"")
            place.symlink_to(tmp_path / "file")
        case "nowhere":
            place.symlink_to(tmp_path / "none")
        case "circle":
            place.symlink_to(tmp_path / "other")
            (tmp_path / "other").symlink_to(place)
        case _:
            in_the_way(place, kind=kind)

    with pytest.raises(NotPermittedError) as refused:
        check_way(place / below)

    assert refused.value.code == "system.not-a-folder"
    assert refused.value.values == {"path": str(place)}


def test_a_name_that_is_too_long_for_a_folder_is_missing(tmp_path: Path) -> None:
    check_way(tmp_path / ("x" * 300) / "a")


def test_where_this_user_may_not_look_the_reader_is_told_later(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut").chmod(0)
    try:
        with without_power():
            check_way(tmp_path / "shut" / "a" / "b")
    finally:
        (tmp_path / "shut").chmod(0o700)
