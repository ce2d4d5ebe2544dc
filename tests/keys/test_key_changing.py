"""Key files that are replaced: whole, at once, and never lost."""

import stat
from pathlib import Path

import pytest

from ledger.errors import LockedError, NotPermittedError, RefusedError
from ledger.keys.changing import change_passphrase, put_aside
from ledger.keys.files import create_key, known_keys, load_signer
from ledger.tlog.note import SIG_ED25519, VerifyKey

OLD, NEW = b"correct horse", b"battery staple"


def made(folder: Path, *, name: str = "us.example/clerk-07") -> VerifyKey:
    return create_key(
        folder, name=name, algorithm=SIG_ED25519, passphrase=OLD, rounds=1000
    )


def test_a_key_opens_with_its_new_passphrase_only(tmp_path: Path) -> None:
    key = made(tmp_path)

    path = change_passphrase(tmp_path, key=key, old=OLD, new=NEW, rounds=1000)

    assert load_signer(tmp_path, key=key, passphrase=NEW).key == key
    with pytest.raises(LockedError, match=r"keys\.wrong-passphrase"):
        load_signer(tmp_path, key=key, passphrase=OLD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"wrong passphrase", NEW, "keys.wrong-passphrase"),
        (OLD, OLD, "keys.same-passphrase"),
        (OLD, b"short", "keys.passphrase-too-short"),
        (OLD, b"", "keys.passphrase-empty"),
    ],
)
def test_what_is_refused_leaves_the_file_as_it_was(
    tmp_path: Path, old: bytes, new: bytes, code: str
) -> None:
    key = made(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.[pv]*")}

    with pytest.raises((LockedError, RefusedError)) as caught:
        change_passphrase(tmp_path, key=key, old=old, new=new, rounds=1000)

    assert caught.value.code == code
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.[pv]*")} == before


def test_a_file_that_holds_another_key_is_not_sealed_again(tmp_path: Path) -> None:
    key, other = made(tmp_path), made(tmp_path, name="us.example/clerk-08")
    file = tmp_path / "us.example" / "clerk-08.pem"

    with pytest.raises(LockedError, match=r"keys\.other-key"):
        change_passphrase(tmp_path, key=key, old=OLD, new=NEW, at=file, rounds=1000)

    assert load_signer(tmp_path, key=other, passphrase=OLD).key == other


def test_a_disk_that_refuses_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = made(tmp_path)

    def refuse(path: Path, _: Path) -> Path:
        raise PermissionError(1, "no", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(NotPermittedError):
            change_passphrase(tmp_path, key=key, old=OLD, new=NEW, rounds=1000)

    assert load_signer(tmp_path, key=key, passphrase=OLD).key == key
    assert len(list((tmp_path / "us.example").iterdir())) == 2


def test_a_key_that_ended_is_put_aside_and_its_name_is_free(tmp_path: Path) -> None:
    key = made(tmp_path)
    pem = (tmp_path / "us.example" / "clerk-07.pem").read_bytes()

    aside = put_aside(tmp_path, key)

    assert aside.read_bytes() == pem
    assert known_keys(tmp_path) == []
    again = made(tmp_path)
    assert known_keys(tmp_path) == [again]
    put_aside(tmp_path, again)
    assert len(list((tmp_path / "us.example").iterdir())) == 4


def test_a_public_part_alone_is_put_aside_too(tmp_path: Path) -> None:
    key = made(tmp_path)
    (tmp_path / "us.example" / "clerk-07.pem").unlink()

    put_aside(tmp_path, key)

    assert known_keys(tmp_path) == []


def test_what_lies_in_the_way_is_never_replaced(tmp_path: Path) -> None:
    key = made(tmp_path)
    taken = tmp_path / "us.example" / f"clerk-07.pem.{key.key_id.hex()}.old"
    taken.write_text("mine")

    with pytest.raises(RefusedError, match=r"keys\.exists"):
        put_aside(tmp_path, key)

    assert taken.read_text() == "mine"
    assert known_keys(tmp_path) == [key]
