"""The law: a key that was made loads again, and nothing is ever replaced."""

import os
from pathlib import Path

import pytest

from ledger.errors import (
    LockedError,
    MalformedError,
    NotPermittedError,
    RefusedError,
)
from ledger.keys.files import (
    create_key,
    load_signer,
)
from ledger.keys.pkcs8 import ROUNDS, seal
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Ed25519Signer,
)
from tests.keys.sample_keys import FEW, NAME, PASSPHRASE, code_of, made, permissions
from tests.surroundings import (
    files,
    files_of_at_most,
    open_folder,
    without_power,
)


@pytest.mark.parametrize("algorithm", [SIG_ED25519, SIG_COSIGNATURE])
def test_a_key_that_was_made_loads_again(tmp_path: Path, algorithm: int) -> None:
    key = create_key(
        tmp_path, name=NAME, algorithm=algorithm, passphrase=PASSPHRASE, rounds=FEW
    )

    signer = load_signer(tmp_path, key=key, passphrase=PASSPHRASE)

    assert signer.key == key
    assert (key.name, key.algorithm) == (NAME, algorithm)
    assert key.verify(b"page", signer.sign(b"page"))


def test_a_new_key_has_the_full_number_of_rounds(tmp_path: Path) -> None:
    key = create_key(tmp_path, name=NAME, algorithm=SIG_ED25519, passphrase=PASSPHRASE)

    seed = Ed25519Signer(name=NAME, seed=bytes(32)).key.public
    pem = (tmp_path / f"{NAME}.pem").read_bytes()
    assert key.public != seed
    assert len(pem) == len(
        seal(bytes(32), passphrase=b"x", salt=b"s" * 16, iv=b"i" * 16, rounds=ROUNDS)
    )


def test_every_key_is_another(tmp_path: Path) -> None:
    keys = [made(tmp_path, name=f"us.example/clerk-{n}") for n in range(4)]

    assert len({key.public for key in keys}) == 4


def test_only_the_owner_can_read_what_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "keys"

    key = made(folder)

    assert files(folder) == {f"{NAME}.pem", f"{NAME}.vkey"}
    assert permissions(folder / f"{NAME}.pem") == 0o600
    assert permissions(folder / "us.example") == 0o700
    assert permissions(folder) == 0o700
    assert permissions(folder.parent) == 0o700
    assert (folder / f"{NAME}.vkey").read_text() == key.format() + "\n"


def test_the_public_part_may_be_read_by_all(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        made(tmp_path)
    finally:
        os.umask(before)

    assert permissions(tmp_path / f"{NAME}.vkey") == 0o644


def test_a_private_file_can_lie_in_a_folder_elsewhere(tmp_path: Path) -> None:
    keys, medium = tmp_path / "keys", tmp_path / "medium"
    medium.mkdir()

    key = made(keys, at=medium)

    assert files(keys) == {f"{NAME}.vkey"}
    assert files(medium) == {f"{NAME}.pem"}
    assert load_signer(keys, key=key, passphrase=PASSPHRASE, at=medium).key == key
    with pytest.raises(LockedError, match=r"keys\.no-such-key"):
        load_signer(keys, key=key, passphrase=PASSPHRASE)


def test_a_private_file_can_be_named_itself(tmp_path: Path) -> None:
    file = tmp_path / "recovery.pem"

    key = made(tmp_path / "keys", at=file)

    assert permissions(file) == 0o600
    assert load_signer(tmp_path, key=key, passphrase=PASSPHRASE, at=file).key == key


def test_a_medium_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    keys = tmp_path / "keys"

    with pytest.raises(RefusedError) as refusal:
        made(keys, at=tmp_path / "medium" / "state.pem")

    assert code_of(refusal) == "keys.no-such-folder"
    assert files(tmp_path) == set()


@pytest.mark.parametrize("suffix", [".pem", ".vkey"])
def test_an_existing_file_is_never_replaced(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "us.example").mkdir()
    file = tmp_path / (NAME + suffix)
    file.write_bytes(b"mine")

    with pytest.raises(RefusedError) as refusal:
        made(tmp_path)

    assert code_of(refusal) == "keys.exists"
    assert files(tmp_path) == {NAME + suffix}
    assert file.read_bytes() == b"mine"


def test_a_link_in_the_place_of_a_new_key_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "us.example").mkdir()
    (tmp_path / f"{NAME}.pem").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RefusedError) as refusal:
        made(tmp_path)

    assert code_of(refusal) == "keys.exists"
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "us.example").write_bytes(b"")

    with pytest.raises(NotPermittedError) as refusal:
        made(tmp_path)

    assert refusal.value.code == "system.not-a-folder"
    assert refusal.value.values == {"path": str(tmp_path / "us.example")}


@pytest.mark.parametrize("size", [0, 40, 250])
def test_a_full_disk_leaves_neither_file(tmp_path: Path, size: int) -> None:
    with pytest.raises(OSError, match="File too large"), files_of_at_most(size):
        made(tmp_path)

    assert files(tmp_path) == set()


def test_the_public_file_failing_takes_the_private_one_along(tmp_path: Path) -> None:
    medium = tmp_path / "medium.pem"
    (tmp_path / "keys" / "us.example").mkdir(parents=True)
    (tmp_path / "keys" / f"{NAME}.vkey").mkdir()

    with pytest.raises(RefusedError):
        made(tmp_path / "keys", at=medium)

    assert not medium.exists()


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        (b"", "keys.passphrase-empty"),
        (b"seven77", "keys.passphrase-too-short"),
        ("ñandúes".encode(), "keys.passphrase-too-short"),
    ],
)
def test_a_weak_passphrase_is_refused(
    tmp_path: Path, passphrase: bytes, code: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        create_key(tmp_path, name=NAME, algorithm=SIG_ED25519, passphrase=passphrase)

    assert code_of(refusal) == code
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", ["..", ".", "us.example/..", "../book", "a/./b"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        made(tmp_path / "keys", name=name)

    assert refusal.value.code == "keys.name-not-a-path"
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", ["", "/etc/book", "a//b", "a/", "A", "a b", "a\0"])
def test_a_name_that_is_none_of_ours_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        made(tmp_path / "keys", name=name)

    assert refusal.value.code == "name.bad-form"


def test_a_folder_that_may_not_be_written_to_is_said() -> None:
    with open_folder(mode=0o555) as folder:
        with pytest.raises(NotPermittedError) as refusal, without_power():
            made(folder)

        assert code_of(refusal) == "keys.not-permitted"
        assert files(folder) == set()
