import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.errors import MalformedError, SignatureError, TamperedError
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.merkle import MAX_SIZE as LARGEST_TREE
from ledger.tlog.merkle import MemoryNodes, leaf_hash, prove_inclusion, root
from ledger.tlog.note import Ed25519Signer
from ledger.tlog.proof import MAX_SIZE, Proof, check_proof
from tests.vectors import vectors

LOG = Ed25519Signer(name="us.example/book", seed=bytes([1] * 32))
OTHER = Ed25519Signer(name="sv.example/book", seed=bytes([2] * 32))
LEAVES = [leaf_hash(bytes([n])) for n in range(5)]
SIGNED = sign_checkpoint(Checkpoint("us.example/book", size=5, root=root(LEAVES)), LOG)
HASH = base64.b64encode(LEAVES[0]).decode()

proofs = st.builds(
    Proof,
    index=st.integers(0, LARGEST_TREE - 1),
    hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    checkpoint=st.binary(min_size=1) | st.just(SIGNED),
    extra=st.none() | st.binary(min_size=1),
)


def receipt(index: int) -> Proof:
    hashes = prove_inclusion(MemoryNodes(LEAVES), index=index, size=5)
    return Proof(index=index, hashes=tuple(hashes), checkpoint=SIGNED)


@given(proofs)
def test_a_formatted_proof_parses_to_itself(proof: Proof) -> None:
    assert Proof.parse(proof.format()) == proof


@given(st.integers(0, 4), st.integers(0, 4))
def test_a_receipt_proves_its_entry_and_no_other(index: int, other: int) -> None:
    if index == other:
        checkpoint = check_proof(receipt(index), leaf=LEAVES[index], key=LOG.key)
        assert checkpoint.size == 5
    else:
        with pytest.raises(TamperedError, match=r"tree\.not-included"):
            check_proof(receipt(index), leaf=LEAVES[other], key=LOG.key)


@given(st.data())
def test_no_changed_byte_of_a_receipt_goes_unnoticed(data: st.DataObject) -> None:
    raw = bytearray(receipt(3).format())
    at = data.draw(st.integers(0, len(raw) - 1), label="byte")
    raw[at] ^= data.draw(st.integers(1, 255), label="flip")

    with pytest.raises((MalformedError, SignatureError, TamperedError)):
        check_proof(Proof.parse(bytes(raw)), leaf=LEAVES[3], key=LOG.key)


def test_a_receipt_of_another_book_proves_nothing() -> None:
    with pytest.raises(SignatureError, match=r"note\.no-known-signature"):
        check_proof(receipt(0), leaf=LEAVES[0], key=OTHER.key)


def test_an_index_beyond_the_checkpoint_is_malformed() -> None:
    with pytest.raises(MalformedError, match=r"tree\.index-beyond-size"):
        check_proof(replace(receipt(4), index=5), leaf=LEAVES[4], key=LOG.key)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v2\nindex 0\n\nx", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\n", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v1\nindex 00\n\nx", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n\nx", "proof.bad-form"),
        ("c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n\nx", "base64.not-canonical"),
        ("c2sp.org/tlog-proof@v1\nindex 0\n=\n\nx", "base64.not-base64"),
        ("c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx", "proof.bad-hash-size"),
        (f"c2sp.org/tlog-proof@v1\nindex {LARGEST_TREE}\n\nx", "proof.bad-index"),
        (
            "c2sp.org/tlog-proof@v1\nindex 0\n" + f"{HASH}\n" * 64 + "\nx",
            "proof.too-many-hashes",
        ),
        ("x" * (MAX_SIZE + 1), "proof.too-big"),
    ],
)
def test_other_bytes_are_no_proof(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Proof.parse(text.encode())

    assert caught.value.code == code


def test_what_no_proof_can_hold_is_refused_when_written() -> None:
    with pytest.raises(MalformedError, match=r"proof\.bad-form"):
        Proof(index=0, hashes=(), checkpoint=b"x", extra=b"")
    with pytest.raises(MalformedError, match=r"proof\.bad-form"):
        Proof(index=0, hashes=(), checkpoint=b"")
    with pytest.raises(MalformedError, match=r"proof\.too-big"):
        Proof(index=0, hashes=(), checkpoint=b"x" * MAX_SIZE).format()


def test_the_proofs_of_transparency_dev_are_written_and_read_as_there() -> None:
    cases = json.loads(vectors("tdev-formats", "tlog_proof.json").read_bytes())

    for case in cases["marshal"]:
        proof = Proof(
            index=case["index"],
            hashes=tuple(base64.b64decode(line) for line in case["hashes"]),
            checkpoint=case["checkpoint"].encode(),
            extra=base64.b64decode(case["extra"]) if "extra" in case else None,
        )
        assert proof.format() == case["want"].encode(), case["name"]
        assert Proof.parse(case["want"].encode()) == proof, case["name"]
    for case in cases["unmarshal_errors"]:
        with pytest.raises(MalformedError):
            Proof.parse(case["proof"].encode())
