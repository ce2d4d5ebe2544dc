"""Keys for the tests of key files."""

import stat
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.keys.files import create_key
from ledger.tlog.note import SIG_ED25519, VerifyKey

NAME = "us.example/clerk-07"
PASSPHRASE = b"correct horse"
FEW = 3


def made(folder: Path, *, name: str = NAME, at: Path | None = None) -> VerifyKey:
    return create_key(
        folder,
        name=name,
        algorithm=SIG_ED25519,
        passphrase=PASSPHRASE,
        at=at,
        rounds=FEW,
    )


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def code_of(refusal: pytest.ExceptionInfo[LedgerError]) -> str:
    assert "/" not in str(refusal.value).replace(NAME, "")
    return refusal.value.code
