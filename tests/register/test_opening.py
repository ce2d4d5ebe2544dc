"""The law: a book and its keys appear together, whole, or not at all."""

import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ledger.domain.authority import Genesis, Role
from ledger.errors import (
    LedgerError,
    LockedError,
    NoBookError,
    NotPermittedError,
    TamperedError,
)
from ledger.keys.files import known_keys
from ledger.register.opening import (
    Founding,
    Places,
    Register,
    init_book,
    open_register,
    ring_of,
)
from ledger.register.writing import append
from ledger.store.watermark import WatermarkFile
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, VerifyKey
from tests.keys.sample_keys import PASSPHRASE
from tests.office import Office
from tests.register.stored import (
    asked,
    checked,
    first_image,
    first_office,
    garbage,
    image_of,
    insert,
    lay,
    opened,
    places,
    remember,
    tampering,
    usual,
)
from tests.surroundings import files, open_folder, without_power

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BOOK = "us.example/book"
FOUNDING = Founding(BOOK, "US", "America/Chicago", "clerk-07")
ROLES: tuple[Role, ...] = ("clerk", "log", "state")
KEYS = {
    "us.example/state": ("state", SIG_ED25519),
    "us.example/book": ("log", SIG_ED25519),
    "us.example/witness": ("witness", SIG_COSIGNATURE),
    "us.example/clerk-07": ("clerk", SIG_ED25519),
}


def found(there: Places, founding: Founding = FOUNDING) -> dict[Role, VerifyKey]:
    _, made = init_book(there, founding, passphrase=PASSPHRASE, now=NOW)
    return dict(made)


@cache
def founded() -> Path:
    """Return the folder of a book that was made once: copy it, never write there."""
    folder = Path(mkdtemp())
    (folder / "usb").mkdir()
    found(
        Places(
            folder / "book.ledger",
            folder / "keys",
            folder / "state",
            folder / "usb" / "recovery.pem",
        )
    )
    return folder


@pytest.fixture(scope="module", autouse=True)
def _swept() -> object:
    yield
    shutil.rmtree(founded())


def copied(folder: Path) -> Places:
    shutil.copytree(founded(), folder, dirs_exist_ok=True)
    there = places(folder)
    return Places(there.database, there.keys, there.state, folder / "usb/recovery.pem")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(LedgerError) as refused:
        act()
    return f"{type(refused.value).__name__} {refused.value.code}"


# --- init


def test_a_new_book_has_its_keys_its_genesis_and_a_memory(tmp_path: Path) -> None:
    there = copied(tmp_path)
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

    genesis, made = init_book(there, FOUNDING, passphrase=PASSPHRASE, now=NOW)

    mark = WatermarkFile(there.memory).read()
    assert [role for role, _ in made] == ["state", "log", "witness", "clerk"]
    assert (tmp_path / "keys/us.example/state.pem").exists()
    assert mark is not None
    assert (mark.book, mark.size) == ("us.example/book", 1)
    assert mark.genesis == genesis.leaf.hex()
    report = checked(there)
    assert (report.verdict, report.memory, report.entries) == ("consistent", "pass", 1)


def test_a_book_is_not_made_twice(tmp_path: Path) -> None:
    there = copied(tmp_path)
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

    assert refused == "NotPermittedError store.disk"
    assert files(tmp_path) == {"file"}


@pytest.mark.parametrize("name", ["book", "deep/book"])
def test_where_no_book_can_be_put_nothing_is_left(name: str) -> None:
    with open_folder(mode=0o777) as folder:
        (folder / "shut").mkdir(mode=0o555)
        there = Places(folder / "shut" / name, folder / "keys", folder / "state")

        with without_power():
            refused = refusal(lambda: found(there))

        left = files(folder)
    assert refused == "NotPermittedError store.not-permitted"
    assert left == set()


def test_where_no_memory_can_be_kept_no_book_is_left(tmp_path: Path) -> None:
    there = places(tmp_path)
    there.state.write_text("no folder")

    assert refusal(lambda: found(there)) == "NotPermittedError store.disk"
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

    assert refusal(lambda: found(there)) == "RefusedError init.exists"
    assert files(tmp_path) == {"book.ledger"}


# --- keys


def with_keys(folder: Path, *roles: str) -> Places:
    """Lay a book whose public keys of these roles are on this machine."""
    there = lay(folder, first_image())
    for role, signer in first_office().keys.items():
        if role in roles:
            path = there.keys / f"{signer.key.name}.vkey"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{signer.key.format()}\n")
    return there


def chosen(register: Register, named: str | None = None) -> str:
    return register.choose_key("clerk", named=named).name


def test_the_only_key_of_a_role_is_chosen(tmp_path: Path) -> None:
    with opened(with_keys(tmp_path, "clerk", "state", "log")) as register:
        assert chosen(register) == "us.example/clerk-07"
        assert chosen(register, "clerk-07") == "us.example/clerk-07"
        assert chosen(register, "us.example/clerk-07") == "us.example/clerk-07"


@pytest.mark.parametrize("named", [None, "clerk-07"])
def test_a_key_that_is_not_here_is_not_chosen(
    tmp_path: Path, named: str | None
) -> None:
    with opened(with_keys(tmp_path, "state")) as register:
        refused = refusal(lambda: chosen(register, named))

    assert refused == "LockedError keys.none-of-role"


def test_of_two_keys_one_must_be_named(tmp_path: Path) -> None:
    there = with_keys(tmp_path, "clerk")
    office = Office()
    second = Office(seed=90).keys["clerk"]
    second = type(second)(
        name="us.example/clerk-08", algorithm=SIG_ED25519, seed=b"\x07" * 32
    )
    (there.keys / "us.example" / "clerk-08.vkey").write_text(f"{second.key.format()}\n")
    office.write("key", {"action": "add", **office.listing("clerk", second)})
    there.database.write_bytes(image_of(office))

    with opened(there) as register:
        with pytest.raises(LockedError) as refused:
            chosen(register)
        assert chosen(register, "clerk-08") == "us.example/clerk-08"
        assert refusal(lambda: chosen(register, "clerk-09")).startswith("LockedError")

    assert refused.value.values == {
        "role": "clerk",
        "keys": "us.example/clerk-07, us.example/clerk-08",
    }


def test_a_key_is_unlocked_with_its_passphrase_wherever_it_lies(
    tmp_path: Path,
) -> None:
    there = copied(tmp_path)
    with opened(there) as register:
        keys: dict[Role, VerifyKey] = {
            role: register.choose_key(role, named=None) for role in ROLES
        }
        signers = {
            role: register.unlock(key, role=role, passphrase=PASSPHRASE)
            for role, key in keys.items()
        }
        with pytest.raises(LockedError):
            register.unlock(keys["state"], role="state", passphrase=b"wrong horse")
        recorded = append(
            register,
            kind="transfer",
            request=asked(1),
            signer=signers["clerk"],
            now=NOW,
        )

    assert {role: signer.key for role, signer in signers.items()} == keys
    assert recorded.ref == "T-1"
    assert checked(there).exit_code == 0


# --- opening


def test_only_what_is_a_book_is_opened(tmp_path: Path) -> None:
    with pytest.raises(NoBookError), open_register(places(tmp_path)):
        raise AssertionError


def test_an_open_book_knows_how_far_it_goes(tmp_path: Path) -> None:
    with open_register(usual(tmp_path)) as register:
        head = register.head()
        connection = register.journal.connection

    assert (head.book, head.size) == ("xa.example/book", 60)
    with pytest.raises(Exception, match="closed"):
        connection.execute("SELECT 1")


def test_memory_is_compared_in_all_its_parts(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with opened(there) as register:
        register.check_memory()
        register.remember(60, register.journal.root(60))
        register.check_memory()
    with tampering(there.database) as connection:
        connection.execute("UPDATE node SET hash = zeroblob(32) WHERE level = 5")
    with opened(there) as register:
        assert refusal(register.check_memory) == "RewrittenError memory.other-root"


def test_entries_inserted_by_hand_are_judged_before_any_answer(tmp_path: Path) -> None:
    there = lay(tmp_path, first_image())
    with tampering(there.database) as connection:
        insert(connection, 1, garbage(1))

    with open_register(there) as register:
        assert [entry.seq for entry in register.taken_in] == [1]
        assert register.head().size == 2


def test_where_nobody_may_write_entries_inserted_by_hand_stop_the_answers() -> None:
    with open_folder() as folder:
        there = lay(folder, first_image())
        with tampering(there.database) as connection:
            insert(connection, 1, garbage(1))
        there.database.chmod(0o444)

        with (
            without_power(),
            pytest.raises(NotPermittedError) as refused,
            open_register(there),
        ):
            raise AssertionError

    assert refused.value.code == "store.entries-not-taken-in"


def test_projections_that_do_not_fit_are_no_answer(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM heading")

    with pytest.raises(TamperedError), open_register(there):
        raise AssertionError
