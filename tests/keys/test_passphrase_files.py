"""The law: a passphrase is a first line that nobody else can read."""

import os
from pathlib import Path

import pytest

from ledger.errors import (
    LockedError,
)
from ledger.keys.files import (
    PASSPHRASE_SIZE,
    read_passphrase,
)
from tests.keys.sample_keys import code_of
from tests.surroundings import (
    in_the_way,
)


def passphrase_file(folder: Path, content: bytes, *, mode: int = 0o600) -> Path:
    file = folder / "passphrase"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"correct horse\n", b"correct horse"),
        (b"correct horse", b"correct horse"),
        (b"correct horse\r\n", b"correct horse"),
        (b" correct horse \nsecond line\n", b" correct horse "),
        (b"x" * PASSPHRASE_SIZE, b"x" * PASSPHRASE_SIZE),
        ("contraseña\n".encode(), "contraseña".encode()),
    ],
)
def test_a_passphrase_is_the_first_line(
    tmp_path: Path, content: bytes, passphrase: bytes
) -> None:
    assert read_passphrase(passphrase_file(tmp_path, content)) == passphrase


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (b"", 0o600, "keys.passphrase-file-empty"),
        (b"\n", 0o600, "keys.passphrase-file-empty"),
        (b"\r\nsecond\n", 0o600, "keys.passphrase-file-empty"),
        (b"x" * (PASSPHRASE_SIZE + 1), 0o600, "keys.passphrase-too-long"),
        (b"correct horse", 0o640, "keys.passphrase-file-readable"),
        (b"correct horse", 0o604, "keys.passphrase-file-readable"),
    ],
)
def test_a_passphrase_file_that_does_not_serve_is_refused(
    tmp_path: Path, content: bytes, mode: int, code: str
) -> None:
    with pytest.raises(LockedError) as refusal:
        read_passphrase(passphrase_file(tmp_path, content, mode=mode))

    assert code_of(refusal) == code


def test_a_passphrase_file_that_is_missing_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "none", Path("/dev/fd/999999999")):
        with pytest.raises(LockedError) as refusal:
            read_passphrase(path)

        assert code_of(refusal) == "keys.no-passphrase-file"


def test_a_passphrase_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(passphrase_file(tmp_path, b"correct horse"))

    with pytest.raises(LockedError) as refusal:
        read_passphrase(link)

    assert code_of(refusal) == "keys.passphrase-symlink"


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_a_passphrase_file_that_is_no_file_is_refused(
    tmp_path: Path, kind: str
) -> None:
    in_the_way(tmp_path / "passphrase", kind=kind)

    with pytest.raises(LockedError) as refusal:
        read_passphrase(tmp_path / "passphrase")

    assert code_of(refusal) == "keys.passphrase-not-a-file"


def test_an_endless_device_is_refused() -> None:
    with pytest.raises(LockedError) as refusal:
        read_passphrase(Path("/dev/zero"))

    assert code_of(refusal) == "keys.passphrase-not-a-file"


def test_a_pipe_of_the_shell_is_read_up_to_the_first_line() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"correct horse\nthe rest")

    passphrase = read_passphrase(Path(f"/dev/fd/{reader}"))

    assert passphrase == b"correct horse"
    assert os.read(reader, 100) == b"the rest"
    os.close(reader)
    os.close(writer)


def test_standard_input_is_read_when_it_is_named() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"correct horse\n")
    before = os.dup(0)
    os.dup2(reader, 0)
    try:
        passphrase = read_passphrase(Path("/dev/stdin"))
    finally:
        os.dup2(before, 0)
        for descriptor in (before, reader, writer):
            os.close(descriptor)

    assert passphrase == b"correct horse"
