"""Which key may sign what, and from which entry on."""

import base64
from datetime import date

import pytest

from ledger.domain.authority import Genesis, Key, Role
from ledger.domain.keyring import KeyRing, possession_text
from ledger.domain.schemas import read_record
from ledger.errors import LedgerError, MalformedError, RefusedError
from ledger.tlog.canonical import Json
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, Ed25519Signer
from tests.office import Office, signer

BOOK = "us.example/book"
HOLDER = "age1" + "q" * 58


def opened() -> KeyRing:
    """Return the ring of an office's genesis."""
    return Office().history.ring


def key(action: str, role: Role, new: Ed25519Signer, **members: Json) -> Key:
    """Return a key record for the office's book."""
    data: dict[str, Json] = {
        "action": action,
        "role": role,
        "vkey": new.key.format(),
        **members,
    }
    if action == "add":
        data = {**Office().listing(role, new), **data}
    if action == "revoke":
        data["reason"] = "the laptop was stolen"
    record = read_record("key", data)
    assert isinstance(record, Key)
    return record


def holder(action: str, recipient: str = HOLDER) -> Key:
    """Return a key record of an age recipient."""
    data: dict[str, Json] = {"action": action, "role": "holder", "vkey": recipient}
    if action == "revoke":
        data["reason"] = "lost"
    record = read_record("key", data)
    assert isinstance(record, Key)
    return record


def test_a_genesis_opens_a_ring_with_its_keys() -> None:
    ring = opened()

    assert (ring.book, ring.state, ring.holders) == (BOOK, "US", ())
    assert [s.role for s in ring.standings] == ["state", "log", "witness", "clerk"]
    assert all(s.active(0) for s in ring.standings)


def test_the_message_of_a_proof_names_book_state_role_and_key() -> None:
    text = possession_text(book=BOOK, state="US", role="clerk", vkey="k")

    assert text == b"transfer-ledger/key/v1\nus.example/book\nUS\nclerk\nk\n"


def test_a_key_works_from_the_entry_after_the_one_that_adds_it() -> None:
    new = signer("us.example/clerk-08", 30)
    ring = opened().with_key(key("add", "clerk", new), seq=5)
    name, key_id = new.key.name, new.key.key_id

    assert ring.find(name=name, key_id=key_id, seq=5) is None
    standing = ring.find(name=name, key_id=key_id, seq=6)
    assert standing is not None
    assert standing.role == "clerk"
    assert ring.known(name=name, key_id=key_id) == standing
    assert ring.known(name=name, key_id=b"none") is None


@pytest.mark.parametrize("action", ["retire", "revoke"])
def test_a_key_works_for_no_entry_after_the_one_that_ends_it(action: str) -> None:
    old = signer("us.example/clerk-07", 13)
    ring = opened().with_key(key(action, "clerk", old), seq=5)
    name, key_id = old.key.name, old.key.key_id

    assert ring.find(name=name, key_id=key_id, seq=5) is not None
    assert ring.find(name=name, key_id=key_id, seq=6) is None
    standing = ring.known(name=name, key_id=key_id)
    assert standing is not None
    assert standing.revoked is (action == "revoke")
    assert ring.active("clerk", seq=6) == ()
    assert len(ring.active("clerk", seq=5)) == 1


def test_a_revoked_key_can_be_suspect_from_a_day() -> None:
    old = signer("us.example/clerk-07", 13)
    record = key("revoke", "clerk", old, suspect_from="2025-04-01")

    ring = opened().with_key(record, seq=5)

    standing = ring.known(name=old.key.name, key_id=old.key.key_id)
    assert standing is not None
    assert standing.suspect_from == date(2025, 4, 1)


def test_a_name_is_free_again_when_its_key_has_ended() -> None:
    old, new = signer("us.example/clerk-07", 13), signer("us.example/clerk-07", 30)
    ring = opened().with_key(key("retire", "clerk", old), seq=5)
    ring = ring.with_key(key("add", "clerk", new), seq=6)

    assert ring.find(name=old.key.name, key_id=old.key.key_id, seq=7) is None
    assert ring.find(name=new.key.name, key_id=new.key.key_id, seq=7) is not None


def test_the_last_state_key_cannot_end_but_one_of_two_can() -> None:
    first, second = signer("us.example/state", 10), signer("us.example/state-2", 30)
    with pytest.raises(RefusedError, match=r"key\.last-state-key"):
        opened().with_key(key("retire", "state", first), seq=5)

    ring = opened().with_key(key("add", "state", second), seq=5)
    ring = ring.with_key(key("revoke", "state", first), seq=6)

    assert [s.key.name for s in ring.active("state", seq=7)] == ["us.example/state-2"]


def refused(record: Key) -> str:
    """Return the code with which a key record is refused."""
    with pytest.raises(LedgerError) as caught:
        opened().with_key(record, seq=5)
    return caught.value.code


def test_a_proof_by_another_key_or_for_another_role_is_none() -> None:
    new, other = signer("us.example/clerk-08", 30), signer("us.example/clerk-08", 31)
    wrong_key: Json = Office().listing("clerk", other)["proof"]
    wrong_role: Json = Office().listing("auditor", new)["proof"]

    assert refused(key("add", "clerk", new, proof=wrong_key)) == "key.not-proved"
    assert refused(key("add", "clerk", new, proof=wrong_role)) == "key.not-proved"


def test_a_proof_for_another_book_or_state_is_none() -> None:
    new = signer("us.example/clerk-08", 30)
    for office in (Office(book="us.example/b2"), Office(state="XA")):
        proof: Json = office.listing("clerk", new)["proof"]

        assert refused(key("add", "clerk", new, proof=proof)) == "key.not-proved"


def test_a_genesis_that_lists_a_key_without_proof_is_refused() -> None:
    office = Office()
    data = {**office.history.entries[0].data}
    listing: dict[str, Json] = {
        "role": "clerk",
        "vkey": office.keys["clerk"].key.format(),
    }
    genesis = read_record("genesis", {**data, "keys": [listing]})
    assert isinstance(genesis, Genesis)

    with pytest.raises(RefusedError, match=r"key\.not-proved"):
        KeyRing.opened(genesis, book=BOOK)


@pytest.mark.parametrize(
    ("role", "name", "algorithm", "code"),
    [
        ("clerk", "us.example/clerk-07", SIG_ED25519, "key.name-taken"),
        ("clerk", BOOK, SIG_ED25519, "key.name-taken"),
        ("log", "us.example/log", SIG_ED25519, "key.log-name"),
        ("clerk", "us.example/clerk-08", SIG_COSIGNATURE, "key.wrong-type"),
        ("witness", "us.example/witness-2", SIG_ED25519, "key.wrong-type"),
        ("clerk", "José", SIG_ED25519, "name.bad-form"),
    ],
)
def test_a_key_that_cannot_do_its_work_is_refused(
    role: Role, name: str, algorithm: int, code: str
) -> None:
    new = signer(name, 30, algorithm=algorithm)

    assert refused(key("add", role, new)) == code


def test_a_key_that_is_not_active_in_that_role_cannot_end() -> None:
    stranger = signer("us.example/clerk-09", 40)
    clerk = signer("us.example/clerk-07", 13)

    assert refused(key("retire", "clerk", stranger)) == "key.not-active"
    assert refused(key("revoke", "auditor", clerk)) == "key.not-active"


def test_what_is_no_key_is_malformed() -> None:
    data: dict[str, Json] = {"action": "retire", "role": "clerk", "vkey": "no key"}
    record = read_record("key", data)
    assert isinstance(record, Key)

    with pytest.raises(MalformedError, match=r"key\.not-a-vkey"):
        opened().with_key(record, seq=5)


def test_a_holder_comes_and_goes_and_signs_nothing() -> None:
    ring = opened().with_key(holder("add"), seq=5)
    gone = ring.with_key(holder("revoke"), seq=6)

    assert ring.holders == (HOLDER,)
    assert ring.standings == opened().standings
    assert gone.holders == ()


def test_a_holder_that_is_none_there_or_twice_is_refused() -> None:
    ring = opened().with_key(holder("add"), seq=5)

    with pytest.raises(RefusedError, match=r"key\.holder-taken"):
        ring.with_key(holder("add"), seq=6)
    with pytest.raises(RefusedError, match=r"key\.holder-not-active"):
        opened().with_key(holder("retire"), seq=6)
    with pytest.raises(RefusedError, match=r"key\.not-a-recipient"):
        opened().with_key(holder("add", "Maria Pérez"), seq=6)


def test_a_proof_is_base64_of_a_signature() -> None:
    office = Office()
    proof = office.listing("clerk", signer("us.example/clerk-08", 30))["proof"]

    assert len(base64.b64decode(str(proof))) == 64
