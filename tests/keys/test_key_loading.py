"""The law: a private key is read from a safe file only."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import (
    LockedError,
    NotPermittedError,
)
from ledger.keys.files import (
    PRIVATE_SIZE,
    Fault,
    check_passphrase_file,
    check_private_file,
    fault,
    known_keys,
    load_signer,
    read_passphrase,
)
from tests.keys.sample_keys import NAME, PASSPHRASE, code_of, made
from tests.surroundings import (
    ME,
    in_the_way,
    open_folder,
    without_power,
)


def test_files_that_may_not_be_read_are_said() -> None:
    with open_folder() as folder:
        key = made(folder, name="a")
        for path in folder.iterdir():
            path.chmod(0)
        readers: list[Callable[[], object]] = [
            lambda: load_signer(folder, key=key, passphrase=PASSPHRASE),
            lambda: known_keys(folder),
            lambda: read_passphrase(folder / "a.pem"),
        ]

        for read in readers:
            with pytest.raises(NotPermittedError) as refusal, without_power():
                read()

            assert code_of(refusal) == "keys.not-permitted"


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    key = made(tmp_path)

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=b"correct mule")

    assert code_of(refusal) == "keys.wrong-passphrase"


def test_the_file_of_another_key_is_refused(tmp_path: Path) -> None:
    made(tmp_path, name="us.example/clerk-08")
    key = made(tmp_path)
    other = tmp_path / "us.example" / "clerk-08.pem"

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE, at=other)

    assert code_of(refusal) == "keys.other-key"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o601, 0o620, 0o602, 0o777])
def test_a_private_file_that_others_can_use_is_refused(
    tmp_path: Path, mode: int
) -> None:
    key = made(tmp_path)
    (tmp_path / f"{NAME}.pem").chmod(mode)

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.unsafe-mode"


def test_a_private_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    key = made(tmp_path)
    file = tmp_path / f"{NAME}.pem"
    file.rename(tmp_path / "real.pem")
    file.symlink_to(tmp_path / "real.pem")

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.symlink"


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_a_private_file_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    key = made(tmp_path)
    (tmp_path / f"{NAME}.pem").unlink()
    in_the_way(tmp_path / f"{NAME}.pem", kind=kind)

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.not-a-file"


@pytest.mark.parametrize("folder", ["keys", "keys/us.example"])
def test_a_private_file_that_is_missing_is_said(tmp_path: Path, folder: str) -> None:
    key = made(tmp_path / "other")
    (tmp_path / folder).mkdir(parents=True)

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path / "keys", key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.no-such-key"
    assert refusal.value.values == {"name": NAME}


def test_a_private_file_below_a_file_is_missing(tmp_path: Path) -> None:
    key = made(tmp_path / "other")
    (tmp_path / "us.example").write_bytes(b"")

    with pytest.raises(LockedError, match=r"keys\.no-such-key"):
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)


def test_a_private_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    key = made(tmp_path)
    file = tmp_path / f"{NAME}.pem"
    file.write_bytes(file.read_bytes().ljust(PRIVATE_SIZE + 1, b"\n"))

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.too-large"
    assert refusal.value.values["member"] == key.name


def test_a_private_file_with_garbage_is_of_no_use_and_its_key_is_named(
    tmp_path: Path,
) -> None:
    key = made(tmp_path)
    (tmp_path / f"{NAME}.pem").write_bytes(b"garbage")

    with pytest.raises(LockedError) as refusal:
        load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert code_of(refusal) == "keys.damaged"
    assert refusal.value.values == {"member": key.name}


def test_a_name_that_no_file_can_have_is_not_permitted(tmp_path: Path) -> None:
    key = made(tmp_path)
    long = tmp_path / ("x" * 300)

    for read in (
        lambda: load_signer(long, key=key, passphrase=PASSPHRASE),
        lambda: read_passphrase(long),
        lambda: known_keys(long),
    ):
        with pytest.raises(NotPermittedError) as error:
            read()
        assert error.value.code == "keys.not-permitted"


def test_a_folder_of_keys_that_is_a_circle_of_links_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    with pytest.raises(NotPermittedError) as refusal:
        known_keys(loop)

    assert refusal.value.code == "system.not-a-folder"
    assert refusal.value.values == {"path": str(loop)}


def status_of(*, mode: int, owner: int) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, owner, owner, 9, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "owner", "pipe", "expected"),
    [
        (stat.S_IFREG | 0o600, 1000, False, None),
        (stat.S_IFREG | 0o400, 0, False, None),
        (stat.S_IFREG | 0o600, 1001, False, Fault.OWNER),
        (stat.S_IFREG | 0o644, 1001, False, Fault.OWNER),
        (stat.S_IFREG | 0o644, 1000, False, Fault.MODE),
        (stat.S_IFREG | 0o644, 0, False, Fault.MODE),
        (stat.S_IFIFO | 0o600, 1000, False, Fault.KIND),
        (stat.S_IFIFO | 0o600, 1000, True, None),
        (stat.S_IFIFO | 0o600, 1001, True, Fault.OWNER),
        (stat.S_IFCHR | 0o600, 1000, True, Fault.KIND),
        (stat.S_IFLNK | 0o777, 1000, False, Fault.KIND),
    ],
)
def test_a_file_is_safe_if_only_its_owner_can_use_it(
    mode: int, owner: int, *, pipe: bool, expected: Fault | None
) -> None:
    status = status_of(mode=mode, owner=owner)

    assert fault(status, user=1000, pipe=pipe) is expected


def test_a_file_of_somebody_else_is_refused() -> None:
    status = status_of(mode=stat.S_IFREG | 0o600, owner=ME + 1)

    with pytest.raises(LockedError) as private:
        check_private_file(status, user=ME, name=NAME)
    with pytest.raises(LockedError) as passphrase:
        check_passphrase_file(status, user=ME, pipe=False)

    assert code_of(private) == "keys.wrong-owner"
    assert code_of(passphrase) == "keys.passphrase-wrong-owner"
