"""The law: only a book is opened, with the keys that it knows."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ledger.domain.authority import Role
from ledger.errors import (
    LedgerError,
    LockedError,
    NoBookError,
    NotPermittedError,
    TamperedError,
)
from ledger.register.founding import Founding
from ledger.register.making import acknowledge_book, init_book
from ledger.register.opening import (
    Places,
    Register,
    open_register,
)
from ledger.register.writing import append
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, VerifyKey
from tests.keys.sample_keys import FEW, PASSPHRASE
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
    tampering,
    usual,
)
from tests.surroundings import open_folder, without_power

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


@cache
def founded() -> Path:
    """Return the folder of a book that was made once: copy it, never write there."""
    folder = Path(mkdtemp())
    (folder / "usb").mkdir()
    there = Places(
        folder / "book.ledger",
        folder / "keys",
        folder / "state",
        folder / "usb" / "recovery.pem",
    )
    init_book(there, FOUNDING, passphrase=PASSPHRASE, now=NOW, rounds=FEW)
    acknowledge_book(there)
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


def test_a_named_key_is_not_told_as_if_no_key_were_here(tmp_path: Path) -> None:
    with opened(with_keys(tmp_path, "clerk")) as register:
        refused = refusal(lambda: chosen(register, "clerk-08"))

    assert refused == "LockedError keys.named-unfit"


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
