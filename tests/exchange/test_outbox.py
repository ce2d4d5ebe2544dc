"""Files go out whole or not at all, and come in small, regular and unlinked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, NotFoundError, NotPermittedError, RefusedError
from ledger.exchange.outbox import put_in_place, read_file, write_new
from tests.surroundings import (
    files,
    files_of_at_most,
    in_the_way,
    open_folder,
    without_power,
)

ENOUGH = 1000
PROC = Path("/proc/self")
on_linux = pytest.mark.skipif(not PROC.exists(), reason="the system has no /proc")


def refusal(path: Path, *, most: int = ENOUGH) -> LedgerError:
    with pytest.raises(LedgerError) as refused:
        read_file(path, most=most)
    assert str(path) not in repr(refused.value)
    return refused.value


@given(st.binary(max_size=ENOUGH))
def test_what_is_written_is_read(content: bytes) -> None:
    with open_folder() as folder:
        write_new(folder / "a.txt", content)

        assert read_file(folder / "a.txt", most=ENOUGH) == content
        assert files(folder) == {"a.txt"}


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"first")

    with pytest.raises(RefusedError, match=r"file\.exists"):
        write_new(path, b"second")

    assert path.read_bytes() == b"first"
    assert files(tmp_path) == {"a.txt"}


def test_a_link_to_nowhere_is_not_written_through(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RefusedError, match=r"file\.exists"):
        write_new(path, b"second")

    assert files(tmp_path) == {"a.txt"}


@pytest.mark.parametrize("name", [".", "/", ".."])
def test_a_folder_is_no_name_for_a_file(name: str) -> None:
    with pytest.raises(RefusedError, match=r"file\.exists"):
        write_new(Path(name), b"x")


@pytest.mark.parametrize("place", ["nowhere/a.txt", "file/a.txt", "n" * 300])
def test_a_place_that_is_none_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(NotPermittedError, match=r"file\.not-written"):
        write_new(tmp_path / place, b"x")

    assert files(tmp_path) == {"file"}


def test_a_finished_file_takes_its_name_without_a_hard_link(tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"whole")

    put_in_place(draft, tmp_path / "a.txt")

    assert (tmp_path / "a.txt").read_bytes() == b"whole"
    assert files(tmp_path) == {"a.txt"}


def test_a_draft_that_is_gone_leaves_no_name_behind(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "draft", tmp_path / "a.txt")

    assert files(tmp_path) == set()


def test_a_folder_that_may_not_be_written_to_is_left_as_it_is() -> None:
    with open_folder(mode=0o555) as folder:
        with without_power(), pytest.raises(NotPermittedError, match="not-written"):
            write_new(folder / "a.txt", b"x")

        assert files(folder) == set()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    with files_of_at_most(10), pytest.raises(NotPermittedError, match="not-written"):
        write_new(tmp_path / "a.txt", b"x" * 100)

    assert files(tmp_path) == set()


def test_a_file_of_exactly_the_most_is_read_and_one_more_byte_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 10)

    assert read_file(path, most=10) == b"x" * 10
    assert refusal(path, most=9).values == {"most": 9}


@pytest.mark.parametrize("place", ["nowhere", "file/a.txt"])
def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    refused = refusal(tmp_path / place)

    assert isinstance(refused, NotFoundError)
    assert refused.code == "file.none"


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, kind: str) -> None:
    in_the_way(tmp_path / "a", kind=kind)

    refused = refusal(tmp_path / "a")

    assert isinstance(refused, RefusedError)
    assert refused.code == "file.unfit"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")

    assert refusal(tmp_path / "b").code == "file.unfit"


@on_linux
def test_a_file_whose_size_is_said_to_be_none_is_still_measured() -> None:
    path = PROC / "status"

    assert path.stat().st_size == 0
    assert refusal(path, most=10).code == "file.unfit"


@on_linux
def test_a_file_that_gives_an_error_is_not_read() -> None:
    refused = refusal(PROC / "mem")

    assert isinstance(refused, NotPermittedError)
    assert refused.code == "file.not-read"


def test_a_file_that_is_not_ours_is_not_read() -> None:
    with open_folder() as folder:
        path = folder / "a"
        path.write_bytes(b"x")
        path.chmod(0)
        with without_power():
            assert refusal(path).code == "file.not-read"
