"""How far a verification had come: kept whole, or not relied on at all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import MalformedError, TamperedError
from ledger.store import verified
from ledger.store.verified import Verified, VerifiedFile

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOME = Verified("us.example/book", 10_000, "5f" * 32, AT, voids=(3, 70))


def test_what_is_kept_is_read_again_until_it_is_forgotten(tmp_path: Path) -> None:
    file = VerifiedFile(tmp_path / "memory")
    first = file.read()
    file.keep(SOME)
    file.keep(replace(SOME, size=20_000))
    kept = file.read()
    file.forget()
    file.forget()

    assert (first, file.read()) == (None, None)
    assert kept == replace(SOME, size=20_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        SOME.format() + b" ",
        SOME.format().replace(b"5f", b"5F"),
        SOME.format().replace(b"[3,70]", b'["3",70]'),
        SOME.format().replace(b"verified/1", b"verified/2"),
        SOME.format().replace(b"T09:00", b"T9:00"),
        SOME.format().replace(b"10000", b"true"),
    ],
)
def test_anything_else_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "verified").write_bytes(content)

    assert VerifiedFile(tmp_path).read() is None
    with pytest.raises(MalformedError):
        Verified.parse(content)


def test_what_another_version_of_the_program_verified_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    VerifiedFile(tmp_path).keep(SOME)
    monkeypatch.setattr(verified, "__version__", "0.0.1")

    assert VerifiedFile(tmp_path).read() is None


def test_a_lock_that_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "verified.lock").mkdir()

    with pytest.raises(TamperedError):
        VerifiedFile(tmp_path).keep(SOME)
