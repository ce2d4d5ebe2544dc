"""What is unsafe about key files is found without reading them."""

import os
from pathlib import Path

import pytest

from ledger.errors import NotPermittedError
from ledger.keys.inspecting import private_files, unsafe_files
from tests.surroundings import ME, in_the_way, open_folder, without_power


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys" / "us.example"
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    for name in ("state.pem", "clerk-07.pem"):
        (folder / name).touch(mode=0o600)
    (folder / "state.vkey").touch(mode=0o644)
    return folder.parent


def found(keys: Path) -> set[tuple[str, str]]:
    return {(file.path.name, file.why) for file in unsafe_files(keys)}


def test_safe_files_are_listed_and_nothing_is_said(keys: Path) -> None:
    assert [path.name for path in private_files(keys)] == ["clerk-07.pem", "state.pem"]
    assert found(keys) == set()
    assert found(keys / "nowhere") == set()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_file_that_others_can_read_or_write_is_unsafe(keys: Path, mode: int) -> None:
    (keys / "us.example" / "state.pem").chmod(mode)

    assert found(keys) == {("state.pem", "mode")}


@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_a_folder_in_which_others_can_put_files_is_unsafe(
    keys: Path, mode: int
) -> None:
    (keys / "us.example").chmod(mode)

    assert found(keys) == {("us.example", "folder-mode")}


def test_a_link_and_what_is_no_file_are_unsafe(keys: Path) -> None:
    (keys / "us.example" / "log.pem").symlink_to("state.pem")
    in_the_way(keys / "us.example" / "witness.pem", kind="pipe")

    assert found(keys) == {("log.pem", "link"), ("witness.pem", "kind")}


@pytest.mark.skipif(ME != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_unsafe(keys: Path) -> None:
    os.chown(keys / "us.example" / "state.pem", 65534, -1)

    assert found(keys) == {("state.pem", "owner")}


def test_a_folder_that_cannot_be_read_is_told() -> None:
    with open_folder() as folder:
        (folder / "keys").mkdir(mode=0o700)
        with without_power(), pytest.raises(NotPermittedError):
            private_files(folder / "keys")
