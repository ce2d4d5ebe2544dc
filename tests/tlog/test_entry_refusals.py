"""Every refusal of an entry, a note or an inclusion proof names what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.errors import (
    LedgerError,
    MalformedError,
    RefusedError,
    SignatureError,
    TamperedError,
    UsageError,
)
from ledger.tlog import merkle, note
from ledger.tlog.canonical import encode
from ledger.tlog.entry import MAX_SIZE, Entry, EntryNote
from ledger.tlog.merkle import MemoryNodes
from ledger.tlog.note import Ed25519Signer, Note, Signature, sign_note

CLERK = Ed25519Signer(name="us.example/clerk-07", seed=bytes([1] * 32))
OTHER = Ed25519Signer(name="us.example/clerk-07", seed=bytes([2] * 32))
ANOTHER = Ed25519Signer(name="us.example/clerk-08", seed=bytes([3] * 32))
ENTRY = Entry(
    ledger="us.example/book",
    seq=1,
    prev=bytes(32),
    at=datetime(2025, 3, 1, 10, tzinfo=UTC),
    kind="remark",
    once="0" * 32,
    by="us.example/clerk-07",
    data={},
)
LEAVES = [bytes([n]) * 32 for n in range(1, 8)]
NODES = MemoryNodes(LEAVES)
PROOF = merkle.prove_inclusion(NODES, index=3, size=7)
ROOT = merkle.root(LEAVES)


def refused(call: Callable[[], object]) -> tuple[type[LedgerError], str, object]:
    with pytest.raises(LedgerError) as error:
        call()
    return type(error.value), error.value.code, error.value.values


def with_member(name: str, value: str) -> bytes:
    """Return a well-signed note whose body has another value of a member."""
    body = encode(
        {
            "at": "2025-03-01T10:00:00Z",
            "by": ENTRY.by,
            "data": {},
            "kind": "remark",
            "ledger": ENTRY.ledger,
            "once": ENTRY.once,
            "prev": "0" * 64,
            "seq": 1,
            "v": 1,
        }
    ).decode()
    members = dict(part.split(":", 1) for part in body[1:-1].split(',"'))
    members = {key.strip('"'): given for key, given in members.items()}
    members[name] = value
    text = ",".join(f'"{key}":{given}' for key, given in sorted(members.items()))
    return sign_note(f"transfer-ledger/entry/v1\n{{{text}}}\n", CLERK)


@pytest.mark.parametrize(
    ("member", "value"),
    [("seq", -1), ("seq", True), ("prev", b"short"), ("kind", "A"), ("once", "0")],
)
def test_a_member_that_has_no_spelling_is_named(member: str, value: object) -> None:
    members: dict[str, Any] = {member: value}
    found = refused(lambda: replace(ENTRY, **members))

    assert found == (MalformedError, "entry.bad-member", {"member": member})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", '"1"'),
        ("seq", '"1"'),
        ("kind", "1"),
        ("data", "[]"),
        ("prev", '"00"'),
        ("once", "7"),
        ("ledger", "7"),
        ("by", "7"),
    ],
)
def test_a_member_that_was_read_and_does_not_fit_is_named(
    member: str, value: str
) -> None:
    found = refused(lambda: EntryNote.parse(with_member(member, value)).envelope())

    assert found == (MalformedError, "entry.bad-member", {"member": member})


def test_a_member_too_much_is_a_wrong_set_of_members() -> None:
    found = refused(lambda: EntryNote.parse(with_member("w", "1")).envelope())

    assert found == (MalformedError, "entry.wrong-members", {})


def test_an_entry_is_signed_by_the_key_that_it_names() -> None:
    found = refused(lambda: ENTRY.sign(ANOTHER))

    assert found == (UsageError, "entry.signer-is-not-by", {})


def test_an_entry_over_the_limit_is_refused_with_its_size() -> None:
    rest = MAX_SIZE - len(replace(ENTRY, data={"a": ""}).sign(CLERK))
    longest = replace(ENTRY, data={"a": "x" * rest}).sign(CLERK)
    limit = {"size": MAX_SIZE + 1, "limit": MAX_SIZE}

    assert EntryNote.parse(longest).envelope().data == {"a": "x" * rest}
    found = refused(lambda: replace(ENTRY, data={"a": "x" * (rest + 1)}).sign(CLERK))
    assert found == (RefusedError, "entry.too-big", limit)
    found = refused(lambda: EntryNote.parse(longest + b"\n"))
    assert found == (MalformedError, "entry.too-big", limit)


def test_a_signature_by_another_key_and_one_that_does_not_hold_differ() -> None:
    signed = EntryNote.parse(ENTRY.sign(CLERK))
    key_id, other_id = CLERK.key.key_id.hex(), OTHER.key.key_id.hex()
    broken = EntryNote.parse(ENTRY.sign(CLERK).replace(b'"v":1', b'"v":2'))

    found = refused(lambda: signed.check_signature(OTHER.key))
    assert other_id != key_id
    assert found == (SignatureError, "entry.another-key", {"id": key_id})
    found = refused(lambda: broken.check_signature(CLERK.key))
    assert found == (SignatureError, "entry.bad-signature", {"id": key_id})


def test_a_note_is_as_long_as_its_limit_and_no_longer() -> None:
    rest = note.MAX_SIZE - len(sign_note("\n", CLERK))
    longest = sign_note("x" * rest + "\n", CLERK)
    limit = {"size": note.MAX_SIZE + 1, "limit": note.MAX_SIZE}

    assert Note.parse(longest).format() == longest
    found = refused(lambda: Note.parse(b"x" + longest))
    assert found == (MalformedError, "note.too-big", limit)
    parsed = Note.parse(longest)
    found = refused(lambda: Note("x" + parsed.text, parsed.signatures).format())
    assert found == (MalformedError, "note.too-big", limit)


def test_a_note_that_is_read_has_no_more_lines_than_the_limit() -> None:
    line = Signature("a", bytes(4), b"x").format() + "\n"
    most = f"text\n\n{line * note.MAX_SIGNATURES}".encode()

    assert len(Note.parse(most).signatures) == note.MAX_SIGNATURES
    found = refused(lambda: Note.parse(most + line.encode()))
    assert found == (
        MalformedError,
        "note.too-many-signatures",
        {"limit": note.MAX_SIGNATURES},
    )


def inclusion(
    proof: list[bytes], *, index: int = 3, size: int = 7, leaf: bytes = LEAVES[3]
) -> None:
    merkle.check_inclusion(proof, index=index, size=size, leaf=leaf, root=ROOT)


@pytest.mark.parametrize(
    ("call", "kind", "code", "values"),
    [
        (
            lambda: inclusion(PROOF, index=7),
            MalformedError,
            "tree.index-beyond-size",
            {"index": 7, "size": 7},
        ),
        (
            lambda: inclusion(PROOF[:-1]),
            MalformedError,
            "tree.proof-too-short",
            {"count": 2, "need": 3},
        ),
        (
            lambda: inclusion([*PROOF, bytes(32)]),
            MalformedError,
            "tree.proof-too-long",
            {"count": 4, "need": 3},
        ),
        (
            lambda: inclusion(PROOF, leaf=LEAVES[4]),
            TamperedError,
            "tree.not-included",
            {"index": 3, "size": 7},
        ),
        (
            lambda: merkle.prove_inclusion(NODES, index=7, size=7),
            UsageError,
            "tree.no-such-leaf",
            {"index": 7, "size": 7},
        ),
    ],
)
def test_an_inclusion_that_does_not_hold_is_refused_with_its_numbers(
    call: Callable[[], object],
    kind: type[LedgerError],
    code: str,
    values: dict[str, int],
) -> None:
    assert refused(call) == (kind, code, values)
