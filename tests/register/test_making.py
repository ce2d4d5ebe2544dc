"""The law: a book and its keys appear together, whole, or not at all."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.domain.authority import Genesis, Role
from ledger.errors import LedgerError
from ledger.keys.files import known_keys
from ledger.register.founding import Founding
from ledger.register.making import Founded, acknowledge_book, init_book
from ledger.register.opening import Places, ring_of
from ledger.store.watermark import WatermarkFile
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, VerifyKey
from tests.keys.sample_keys import FEW, PASSPHRASE
from tests.register.stored import (
    checked,
    first_office,
    opened,
    places,
    remember,
)
from tests.surroundings import files, open_folder, without_power

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BOOK = "us.example/book"
FOUNDING = Founding(BOOK, "US", "America/Chicago", "clerk-07")
KEYS = {
    "us.example/state": ("state", SIG_ED25519),
    "us.example/book": ("log", SIG_ED25519),
    "us.example/witness": ("witness", SIG_COSIGNATURE),
    "us.example/clerk-07": ("clerk", SIG_ED25519),
}


def make(there: Places, founding: Founding = FOUNDING) -> Founded:
    return init_book(there, founding, passphrase=PASSPHRASE, now=NOW, rounds=FEW)


def found(there: Places, founding: Founding = FOUNDING) -> dict[Role, VerifyKey]:
    founded = make(there, founding)
    acknowledge_book(there)
    return dict(founded.keys)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(LedgerError) as refused:
        act()
    return f"{type(refused.value).__name__} {refused.value.code}"


def test_a_new_book_has_its_keys_its_genesis_and_a_memory(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    usb = tmp_path / "usb" / "recovery.pem"
    there = Places(tmp_path / "book.ledger", tmp_path / "keys", tmp_path / "state", usb)
    found(there)
    keys = known_keys(there.keys)

    with opened(there) as register:
        genesis = register.recall().entry(0)
        ring, seq = ring_of(register)

    assert {key.name: key.algorithm for key in keys} == {
        name: algorithm for name, (_, algorithm) in KEYS.items()
    }
    assert genesis is not None
    assert isinstance(genesis.record, Genesis)
    assert (genesis.record.state, genesis.record.zone) == ("US", "America/Chicago")
    assert {s.key.name: s.role for s in ring.standings} == {
        name: role for name, (role, _) in KEYS.items()
    }
    assert (genesis.by, genesis.at, seq) == ("us.example/state", NOW, 1)
    assert files(tmp_path) == {
        "book.ledger",
        "usb/recovery.pem",
        "keys/us.example/state.vkey",
        "keys/us.example/book.vkey",
        "keys/us.example/book.pem",
        "keys/us.example/witness.vkey",
        "keys/us.example/witness.pem",
        "keys/us.example/clerk-07.vkey",
        "keys/us.example/clerk-07.pem",
    } | {path for path in files(tmp_path) if path.startswith("state/")}
    for path in [*tmp_path.rglob("*.pem"), there.database]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_book_verifies_and_is_remembered(tmp_path: Path) -> None:
    there = places(tmp_path)

    founded = make(there)
    genesis, made = founded.genesis, founded.keys

    mark = WatermarkFile(there.memory).read()
    assert [role for role, _ in made] == ["state", "log", "witness", "clerk"]
    assert (tmp_path / "keys/us.example/state.pem").exists()
    assert mark is not None
    assert not founded.repeated
    assert (mark.book, mark.size) == ("us.example/book", 1)
    assert mark.genesis == genesis.leaf.hex()
    report = checked(there)
    assert (report.verdict, report.memory, report.entries) == ("consistent", "pass", 1)


def test_a_book_is_not_made_twice(tmp_path: Path) -> None:
    there = places(tmp_path)
    found(there)
    before = there.database.read_bytes()

    refused = refusal(lambda: found(there))

    assert refused == "RefusedError init.exists"
    assert there.database.read_bytes() == before


def test_a_link_to_nowhere_is_not_a_place_for_a_book(tmp_path: Path) -> None:
    there = places(tmp_path)
    there.database.symlink_to(tmp_path / "nowhere")

    assert refusal(lambda: found(there)) == "RefusedError init.exists"
    assert files(tmp_path) == {"book.ledger"}


def test_where_a_book_is_remembered_no_other_one_is_made(tmp_path: Path) -> None:
    there = places(tmp_path)
    remember(there, first_office(), size=1)
    before = files(tmp_path)

    assert refusal(lambda: found(there)) == "RewrittenError init.remembered"
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("founding", "refused"),
    [
        (Founding("book", "US", "UTC", "clerk-07"), "RefusedError init.book-name"),
        (
            Founding(BOOK, "US", "UTC", "a/b"),
            "RefusedError init.book-name",
        ),
        (
            Founding(BOOK, "US", "UTC", "book"),
            "RefusedError init.name-taken",
        ),
        (
            Founding(BOOK, "US", "UTC", "state"),
            "RefusedError init.name-taken",
        ),
        (
            Founding("us.example/witness", "US", "UTC", "clerk-1"),
            "RefusedError init.name-taken",
        ),
        (Founding("US.example/book", "US", "UTC", "c"), "MalformedError"),
        (Founding(BOOK, "US", "UTC", "Clerk"), "MalformedError"),
        (Founding(f"{'a' * 125}/b", "US", "UTC", "c"), "MalformedError"),
        (
            Founding(BOOK, "QQ", "UTC", "c"),
            "RefusedError value.not-a-state",
        ),
        (Founding(BOOK, "US", "Mars/Base", "c"), "RefusedError"),
    ],
)
def test_what_no_book_can_be_is_refused_before_anything_is_made(
    tmp_path: Path, founding: Founding, refused: str
) -> None:
    there = places(tmp_path)

    assert refusal(lambda: found(there, founding)).startswith(refused)
    assert files(tmp_path) == set()


def test_a_key_that_is_there_already_stays_and_no_book_is_made(tmp_path: Path) -> None:
    there = places(tmp_path)
    kept = there.keys / "us.example" / "clerk-07.vkey"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")

    refused = refusal(lambda: found(there))

    assert refused == "RefusedError keys.exists"
    assert files(tmp_path) == {"keys/us.example/clerk-07.vkey"}
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_recovery_key_on_another_medium_is_taken_back_as_well(
    tmp_path: Path, kind: str
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    there = Places(
        tmp_path / "file" / "book.ledger",
        tmp_path / "keys",
        tmp_path / "state",
        usb / "recovery.pem" if kind == "file" else usb,
    )
    if kind == "folder":
        (usb / "us.example").mkdir()
    (tmp_path / "file").write_text("no folder")

    refused = refusal(lambda: found(there))

    assert refused == "NotPermittedError system.not-a-folder"
    assert files(tmp_path) == {"file"}


@pytest.mark.parametrize("name", ["book", "deep/book"])
def test_where_no_book_can_be_put_nothing_is_left(name: str) -> None:
    with open_folder(mode=0o777) as folder:
        (folder / "shut").mkdir(mode=0o555)
        there = Places(folder / "shut" / name, folder / "keys", folder / "state")

        with without_power():
            refused = refusal(lambda: found(there))

        left = files(folder)
    assert refused == "NotPermittedError system.forbidden"
    assert left == set()


def test_where_no_memory_can_be_kept_no_book_is_left(tmp_path: Path) -> None:
    there = places(tmp_path)
    there.state.write_text("no folder")

    assert refusal(lambda: found(there)) == "NotPermittedError system.not-a-folder"
    assert files(tmp_path) == {"state"}


def test_a_memory_that_appears_meanwhile_leaves_no_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = places(tmp_path)
    remember(there, first_office(), size=1)
    read = WatermarkFile.read
    seen: list[object] = []

    def blind_once(file: WatermarkFile) -> object:
        seen.append(file)
        return read(file) if len(seen) > 1 else None

    monkeypatch.setattr(WatermarkFile, "read", blind_once)

    refused = refusal(lambda: found(there))

    assert refused == "RewrittenError watermark.other-book"
    assert {path for path in files(tmp_path) if not path.startswith("state/")} == set()


def test_a_book_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = places(tmp_path)
    check = Founding.check

    def late(founding: Founding) -> None:
        check(founding)
        monkeypatch.setattr("os.path.lexists", lambda _: False)
        there.database.write_text("mine")

    monkeypatch.setattr(Founding, "check", late)

    assert refusal(lambda: found(there)) == "RefusedError init.taken"
    assert files(tmp_path) == {"book.ledger"}
