"""The golden ledger: made by another implementation, before entries had their form."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.errors import MalformedError
from ledger.tlog import merkle
from ledger.tlog.canonical import decode, encode
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.cosignature import check_cosignature, cosign
from ledger.tlog.entry import EntryNote, leaf
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Ed25519Signer,
    Note,
    open_note,
    sign_note,
)
from ledger.tlog.proof import Proof, check_proof
from tests.vectors import vectors

SEEDS = {
    "transfers.example/a-b": (1, SIG_ED25519),
    "a.example/clerk/ana": (2, SIG_ED25519),
    "b.example/clerk/ben": (3, SIG_ED25519),
    "a.example/witness": (4, SIG_COSIGNATURE),
    "b.example/witness": (5, SIG_COSIGNATURE),
    "a.example/auditor": (6, SIG_ED25519),
    "b.example/auditor": (7, SIG_ED25519),
}
COSIGNED = {
    "a.example/witness": datetime(2026, 11, 20, 16, 0, 0, tzinfo=UTC),
    "b.example/witness": datetime(2026, 11, 20, 16, 0, 30, tzinfo=UTC),
}


def signer(name: str) -> Ed25519Signer:
    seed, algorithm = SEEDS[name]
    return Ed25519Signer(name=name, seed=bytes([seed] * 32), algorithm=algorithm)


def golden(name: str) -> bytes:
    return vectors("golden", name).read_bytes()


@pytest.fixture(name="values")
def _values() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(golden("values.json"))
    return values


@pytest.fixture(name="leaves")
def _leaves() -> list[bytes]:
    return [leaf(golden(f"entry.{seq}.note")) for seq in range(3)]


def test_the_golden_keys_are_those_of_their_seeds(values: dict[str, Any]) -> None:
    assert {name: signer(name).key.format() for name in SEEDS} == values["vkeys"]


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_the_golden_notes_are_signed_to_the_same_bytes(seq: int) -> None:
    data = golden(f"entry.{seq}.note")
    note = Note.parse(data)
    signers = [signer(line.name) for line in note.signatures]
    body = note.text.split("\n")[1].encode()

    assert note.format() == data
    assert sign_note(note.text, *signers) == data
    assert len(open_note(data, keys=[s.key for s in signers]).unverified) == 0
    assert encode(decode(body)) == body


def test_the_golden_entries_predate_the_envelope_and_are_refused() -> None:
    with pytest.raises(MalformedError, match=r"entry\.not-one-signature"):
        EntryNote.parse(golden("entry.0.note"))
    for seq in (1, 2):
        found = EntryNote.parse(golden(f"entry.{seq}.note"))
        found.check_signature(signer(found.signature.name).key)
        with pytest.raises(MalformedError, match=r"entry\.wrong-members"):
            found.envelope()


def test_the_golden_tree_has_the_same_leaves_roots_and_proofs(
    values: dict[str, Any], leaves: list[bytes]
) -> None:
    nodes = merkle.MemoryNodes(leaves)
    inclusion = merkle.prove_inclusion(nodes, index=1, size=3)
    consistency = merkle.prove_consistency(nodes, old_size=2, size=3)

    assert [given.hex() for given in leaves] == values["leaf"]
    assert merkle.root(leaves).hex() == values["root_hex"]
    assert merkle.root(leaves[:2]).hex() == values["root_size2"]
    assert [given.hex() for given in inclusion] == values["inclusion_1_of_3"]
    assert [given.hex() for given in consistency] == values["consistency_2_3"]
    assert b"".join(leaves) == golden("tlog/tile/0/000.p/3")


def test_the_golden_checkpoint_is_signed_and_cosigned_to_the_same_bytes(
    leaves: list[bytes],
) -> None:
    log = signer("transfers.example/a-b")
    here = Checkpoint("transfers.example/a-b", size=3, root=merkle.root(leaves))
    signed = Note.parse(sign_checkpoint(here, log))
    lines = tuple(
        cosign(signed.text, signer(name), at=at) for name, at in COSIGNED.items()
    )
    data = Note(signed.text, signed.signatures + lines).format()

    assert data == golden("checkpoint")
    assert open_checkpoint(data, key=log.key) == here
    for line in lines:
        key = signer(line.name).key
        assert check_cosignature(signed.text, line, key) == COSIGNED[line.name]


def test_the_golden_receipt_is_written_to_the_same_bytes_and_holds(
    leaves: list[bytes],
) -> None:
    hashes = merkle.prove_inclusion(merkle.MemoryNodes(leaves), index=1, size=3)
    proof = Proof(index=1, hashes=tuple(hashes), checkpoint=golden("checkpoint"))
    log = signer("transfers.example/a-b")

    assert proof.format() == golden("entry.1.tlog-proof")
    assert check_proof(proof, leaf=leaves[1], key=log.key).size == 3
