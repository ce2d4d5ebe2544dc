"""The law: what a folder lists are keys, each under its own name."""

from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import (
    MalformedError,
)
from ledger.keys.files import (
    known_keys,
)
from ledger.tlog.note import to_base64
from tests.keys.sample_keys import NAME, code_of, made
from tests.surroundings import in_the_way


def test_no_folder_holds_no_keys(tmp_path: Path) -> None:
    assert known_keys(tmp_path / "keys") == []


def test_known_keys_are_sorted_by_name(tmp_path: Path) -> None:
    names = ["us.example/state", "sv.example/log", "us.example/book", "a"]
    made_keys = [made(tmp_path, name=name) for name in names]
    (tmp_path / "us.example" / "notes.txt").write_bytes(b"not a key")

    assert known_keys(tmp_path) == sorted(made_keys, key=lambda key: key.name)


def vkey_of(public: bytes) -> bytes:
    """Return the vkey of any 32 bytes, with the right key id."""
    typed = b"\x01" + public
    key_id = sha256(NAME.encode() + b"\n" + typed).hexdigest()[:8]
    return f"{NAME}+{key_id}+{to_base64(typed)}\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\n",
        b"us.example/clerk-07\n",
        b"us.example/clerk-07+00000000+AQ==\n",
        vkey_of(bytes(32)),
        vkey_of(b"\xff" * 32),
        b"x" * 10_000,
    ],
)
def test_a_public_file_that_holds_no_key_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "us.example").mkdir()
    (tmp_path / f"{NAME}.vkey").write_bytes(content)

    with pytest.raises(MalformedError) as refusal:
        known_keys(tmp_path)

    assert code_of(refusal) == "keys.public-malformed"


@pytest.mark.parametrize("end", ["", "\n\n", "\r\n", " \n"])
def test_a_public_file_has_one_spelling(tmp_path: Path, end: str) -> None:
    key = made(tmp_path)
    (tmp_path / f"{NAME}.vkey").write_bytes((key.format() + end).encode())

    with pytest.raises(MalformedError) as refusal:
        known_keys(tmp_path)

    assert code_of(refusal) == "keys.public-malformed"


def test_a_public_file_must_lie_under_its_name(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / f"{NAME}.vkey").rename(tmp_path / "us.example" / "state.vkey")

    with pytest.raises(MalformedError) as refusal:
        known_keys(tmp_path)

    assert code_of(refusal) == "keys.public-misplaced"


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_public_file_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    in_the_way(tmp_path / "a.vkey", kind=kind)

    with pytest.raises(MalformedError) as refusal:
        known_keys(tmp_path)

    assert code_of(refusal) == "keys.public-not-a-file"


def test_a_public_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    made(tmp_path, name="a")
    (tmp_path / "b.vkey").symlink_to(tmp_path / "a.vkey")

    with pytest.raises(MalformedError) as refusal:
        known_keys(tmp_path)

    assert code_of(refusal) == "keys.public-not-a-file"


def test_the_vkey_of_these_tests_is_the_right_one(tmp_path: Path) -> None:
    key = made(tmp_path)

    assert vkey_of(key.public) == (tmp_path / f"{NAME}.vkey").read_bytes()
