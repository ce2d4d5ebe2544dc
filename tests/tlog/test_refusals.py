"""Every refusal of `tlog` says which bound was passed, with its numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ledger.errors import (
    LedgerError,
    MalformedError,
    SignatureError,
    TamperedError,
    UsageError,
)
from ledger.tlog import merkle, proof, tiles
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.cosignature import check_cosignature, cosign, parse_cosignature
from ledger.tlog.merkle import MAX_SIZE, Frontier, MemoryNodes
from ledger.tlog.note import (
    MAX_SIGNATURES,
    SIG_COSIGNATURE,
    Ed25519Signer,
    Note,
    Signature,
    open_note,
    sign_note,
)
from ledger.tlog.proof import MAX_HASHES, Proof

LOG = Ed25519Signer(name="us.example/book", seed=bytes([1] * 32))
OTHER = Ed25519Signer(name="xa.example/book", seed=bytes([2] * 32))
WITNESS = Ed25519Signer(
    name="sv.example/witness", seed=bytes([4] * 32), algorithm=SIG_COSIGNATURE
)
HERE = Checkpoint("us.example/book", size=3, root=bytes(32))
AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
LEAVES = [bytes([n]) * 32 for n in range(1, 8)]
NODES = MemoryNodes(LEAVES)
LINE = cosign(HERE.format(), WITNESS, at=AT)
BROKEN = Signature(LINE.name, LINE.key_id, LINE.blob[:-1] + bytes([LINE.blob[-1] ^ 1]))
ID = LOG.key.key_id.hex()


def refused(call: Callable[[], object]) -> tuple[type[LedgerError], str, object]:
    with pytest.raises(LedgerError) as error:
        call()
    return type(error.value), error.value.code, error.value.values


def bad_signature() -> Note:
    """A note whose signature of a known key was changed."""
    note = Note.parse(sign_note("text\n", LOG))
    (line,) = note.signatures
    blob = line.blob[:-1] + bytes([line.blob[-1] ^ 1])
    return Note(note.text, (Signature(line.name, line.key_id, blob),))


def another_book() -> bytes:
    """A checkpoint that says it is of another book than its signer's."""
    return sign_note(Checkpoint("xa.example/book", 3, bytes(32)).format(), LOG)


def two_lines_of_one_key() -> bytes:
    note = Note.parse(sign_checkpoint(HERE, LOG))
    (line,) = note.signatures
    blob = line.blob[:-1] + bytes([line.blob[-1] ^ 1])
    twice = (line, Signature(line.name, line.key_id, blob))
    return Note(note.text, twice).format()


def consistency(*, old: int, new: int, root: bytes) -> None:
    merkle.check_consistency(
        merkle.prove_consistency(NODES, old_size=3, size=7),
        old_size=old,
        old_root=merkle.root(LEAVES[:3]),
        size=new,
        root=root,
    )


MALFORMED: dict[str, tuple[Callable[[], object], str, dict[str, str | int]]] = {
    "a consistency proof from nothing": (
        lambda: consistency(old=0, new=7, root=bytes(32)),
        "tree.bad-old-size",
        {"old": 0, "size": 7},
    ),
    "an old tree larger than the new one": (
        lambda: consistency(old=8, new=7, root=bytes(32)),
        "tree.bad-old-size",
        {"old": 8, "size": 7},
    ),
    "an edge with a hash too few": (
        lambda: Frontier.of(3, [bytes(32)]),
        "tree.bad-frontier",
        {"size": 3, "count": 1},
    ),
    "an edge of a negative size": (
        lambda: Frontier.of(-1, []),
        "tree.bad-frontier",
        {"size": -1, "count": 0},
    ),
    "a proof of too many hashes": (
        lambda: Proof(0, (bytes(32),) * (MAX_HASHES + 1), b"x"),
        "proof.too-many-hashes",
        {"limit": MAX_HASHES},
    ),
    "a proof without a checkpoint": (
        lambda: Proof(0, (), b""),
        "proof.bad-form",
        {},
    ),
    "a proof file over the limit": (
        lambda: Proof.parse(bytes(proof.MAX_SIZE + 1)),
        "proof.too-big",
        {"size": proof.MAX_SIZE + 1, "limit": proof.MAX_SIZE},
    ),
    "a proof file at the limit that is none": (
        lambda: Proof.parse(bytes(proof.MAX_SIZE)),
        "proof.bad-form",
        {},
    ),
    "a proof that would be over the limit": (
        lambda: Proof(0, (), bytes(proof.MAX_SIZE)).format(),
        "proof.too-big",
        {
            "size": len(Proof(0, (), b"x").format()) - 1 + proof.MAX_SIZE,
            "limit": proof.MAX_SIZE,
        },
    ),
    "a bundle of too many bytes": (
        lambda: tiles.parse_entry_bundle(bytes(tiles.WIDTH * (2 + 65_535) + 1)),
        "tiles.bundle-too-long",
        {"limit": tiles.WIDTH},
    ),
    "a bundle of too many entries": (
        lambda: tiles.parse_entry_bundle(bytes(2 * (tiles.WIDTH + 1))),
        "tiles.bundle-too-long",
        {"limit": tiles.WIDTH},
    ),
    "a bundle that is cut off": (
        lambda: tiles.parse_entry_bundle(b"\x00\x01a\x00\x02b"),
        "tiles.bundle-cut",
        {"entries": 1},
    ),
    "a cosignature of another size": (
        lambda: parse_cosignature(Signature("a", bytes(4), bytes(71))),
        "cosignature.wrong-size",
        {"size": 71},
    ),
    "a root of another size": (
        lambda: Checkpoint("us.example/book", 3, bytes(31)),
        "checkpoint.bad-root-size",
        {"size": 31},
    ),
    "a checkpoint with two lines of one key": (
        lambda: open_checkpoint(two_lines_of_one_key(), key=LOG.key),
        "checkpoint.two-signatures-of-one-key",
        {},
    ),
    "a note of too many signatures": (
        lambda: Note(
            "a\n",
            (Signature("a", bytes(4), b"x"),) * (MAX_SIGNATURES + 1),
        ),
        "note.too-many-signatures",
        {"limit": MAX_SIGNATURES},
    ),
}

MISUSED: dict[str, tuple[Callable[[], object], str, dict[str, str | int]]] = {
    "a consistency proof of a larger tree": (
        lambda: merkle.prove_consistency(NODES, old_size=8, size=7),
        "tree.no-such-size",
        {"old": 8, "size": 7},
    ),
    "a tile above the highest level": (
        lambda: tiles.tile_path(level=tiles.MAX_LEVEL + 1, index=0, width=1),
        "tiles.no-such-level",
        {"level": tiles.MAX_LEVEL + 1},
    ),
    "a tile of a negative index": (
        lambda: tiles.tile_path(level=0, index=-1, width=1),
        "tiles.no-such-index",
        {"index": -1},
    ),
    "a tile that is too wide": (
        lambda: tiles.entries_path(index=0, width=tiles.WIDTH + 1),
        "tiles.no-such-width",
        {"width": tiles.WIDTH + 1},
    ),
    "an entry that no bundle holds": (
        lambda: tiles.entry_bundle([bytes(65_536)]),
        "tiles.entry-too-big",
        {"size": 65_536, "limit": 65_535},
    ),
    "a log that cosigns": (
        lambda: cosign(HERE.format(), LOG, at=AT),
        "cosignature.not-a-witness-key",
        {},
    ),
    "a witness in the time before 1970": (
        lambda: cosign(HERE.format(), WITNESS, at=datetime(1969, 1, 1, tzinfo=UTC)),
        "cosignature.bad-instant",
        {},
    ),
    "another book's log that signs": (
        lambda: sign_checkpoint(HERE, OTHER),
        "checkpoint.not-the-log-key",
        {},
    ),
    "a witness that opens": (
        lambda: open_checkpoint(sign_checkpoint(HERE, LOG), key=WITNESS.key),
        "checkpoint.not-the-log-key",
        {},
    ),
}

UNSIGNED: dict[str, tuple[Callable[[], object], str, dict[str, str | int]]] = {
    "a known key's line that does not hold": (
        lambda: open_note(bad_signature().format(), keys=[LOG.key]),
        "note.bad-signature",
        {"id": ID},
    ),
    "no line of a known key": (
        lambda: open_note(sign_note("text\n", LOG), keys=[OTHER.key]),
        "note.no-known-signature",
        {},
    ),
    "a checkpoint of another book": (
        lambda: open_checkpoint(another_book(), key=LOG.key),
        "checkpoint.another-book",
        {},
    ),
    "a cosignature that does not hold": (
        lambda: check_cosignature(HERE.format(), BROKEN, WITNESS.key),
        "cosignature.bad-signature",
        {"id": WITNESS.key.key_id.hex()},
    ),
    "a cosignature by a log": (
        lambda: check_cosignature(HERE.format(), LINE, LOG.key),
        "cosignature.bad-signature",
        {"id": WITNESS.key.key_id.hex()},
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_has_no_such_form_is_refused_with_its_numbers(name: str) -> None:
    call, code, values = MALFORMED[name]

    assert refused(call) == (MalformedError, code, values)


@pytest.mark.parametrize("name", MISUSED)
def test_what_has_no_meaning_is_refused_with_its_numbers(name: str) -> None:
    call, code, values = MISUSED[name]

    assert refused(call) == (UsageError, code, values)


@pytest.mark.parametrize("name", UNSIGNED)
def test_what_nobody_signed_is_refused_by_name(name: str) -> None:
    call, code, values = UNSIGNED[name]

    assert refused(call) == (SignatureError, code, values)


def test_two_keys_of_one_name_and_id_are_refused_together() -> None:
    note = sign_note("text\n", LOG)

    found = refused(lambda: open_note(note, keys=[LOG.key, LOG.key]))

    assert found == (UsageError, "note.ambiguous-key", {"id": ID})


def test_a_tree_that_does_not_continue_is_refused_with_both_sizes() -> None:
    found = refused(lambda: consistency(old=3, new=7, root=bytes(32)))

    assert found == (TamperedError, "tree.not-consistent", {"old": 3, "size": 7})


def test_the_largest_sizes_are_sizes() -> None:
    edge = Frontier.of(MAX_SIZE, [bytes(32)] * MAX_SIZE.bit_count())
    most = Proof(0, (bytes(32),) * MAX_HASHES, b"x")
    wide = merkle.prove_consistency(
        lambda nodes: [bytes(32) for _ in nodes], old_size=MAX_SIZE, size=MAX_SIZE
    )
    merkle.check_consistency(
        [], old_size=MAX_SIZE, old_root=bytes(32), size=MAX_SIZE, root=bytes(32)
    )

    assert edge.size == MAX_SIZE
    assert len(most.hashes) == MAX_HASHES
    assert wide == []


def test_a_proof_may_be_as_long_as_the_limit() -> None:
    rest = proof.MAX_SIZE - len(Proof(0, (), b"x").format()) + 1
    longest = Proof(0, (), b"x" * rest)

    assert len(longest.format()) == proof.MAX_SIZE
    assert Proof.parse(longest.format()) == longest


def test_the_first_and_the_last_second_can_be_cosigned() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for at in (epoch, last):
        line = cosign(HERE.format(), WITNESS, at=at)
        assert check_cosignature(HERE.format(), line, WITNESS.key) == at
    after = ((last - epoch) // timedelta(seconds=1) + 1).to_bytes(8, "big")

    found = refused(
        lambda: parse_cosignature(Signature("a", bytes(4), after + b"x" * 64))
    )

    assert found == (MalformedError, "cosignature.bad-time", {})
