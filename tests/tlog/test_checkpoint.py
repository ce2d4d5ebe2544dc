import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.merkle import MAX_SIZE
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    Ed25519Signer,
    Note,
    Signature,
    sign_note,
)
from tests.vectors import vectors

LOG = Ed25519Signer(name="us.example/book", seed=bytes([1] * 32))
OTHER = Ed25519Signer(name="sv.example/book", seed=bytes([2] * 32))
WITNESS = Ed25519Signer(
    name="us.example/book", seed=bytes([1] * 32), algorithm=SIG_COSIGNATURE
)
ROOT = "x1mUzlyvDVxIADAfjHp5XEytD1OvbTwlZ60H2v7RXqQ="
HERE = Checkpoint("us.example/book", size=3, root=bytes(32))

checkpoints = st.builds(
    Checkpoint,
    origin=st.from_regex(r"[a-z0-9.-]{1,9}(/[a-z0-9.-]{1,9})?", fullmatch=True),
    size=st.integers(0, MAX_SIZE),
    root=st.binary(min_size=32, max_size=32),
)


def with_lines(count: int, *, of: bytes = b"x") -> bytes:
    """Return a signed checkpoint with this many lines in all, the others unknown."""
    note = Note.parse(sign_checkpoint(HERE, LOG))
    others = tuple(Signature(f"w{n}", bytes(4), of) for n in range(1, count))
    return Note(note.text, note.signatures + others).format()


@given(checkpoints)
def test_a_formatted_checkpoint_parses_to_itself(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.format()) == checkpoint


@given(st.integers(0, MAX_SIZE))
def test_what_the_log_signed_opens_with_its_key(size: int) -> None:
    checkpoint = replace(HERE, size=size)

    assert open_checkpoint(sign_checkpoint(checkpoint, LOG), key=LOG.key) == checkpoint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "checkpoint.bad-form"),
        (f"a\n3\n{ROOT}", "checkpoint.bad-form"),
        (f"a\n3\n{ROOT}\nextension\n", "checkpoint.bad-form"),
        (f"a\n3\n{ROOT}\n\n", "checkpoint.bad-form"),
        (f"a\n03\n{ROOT}\n", "checkpoint.bad-form"),
        (f"a\n-1\n{ROOT}\n", "checkpoint.bad-form"),
        (f"a\n+1\n{ROOT}\n", "checkpoint.bad-form"),
        (f"a\n٣\n{ROOT}\n", "checkpoint.bad-form"),
        (f"\n3\n{ROOT}\n", "checkpoint.bad-form"),
        (f"a\n{MAX_SIZE + 1}\n{ROOT}\n", "checkpoint.bad-size"),
        (f"A\n3\n{ROOT}\n", "name.bad-form"),
        ("a\n3\nAAAA\n", "checkpoint.bad-root-size"),
        (f"a\n3\n{ROOT[:-2]}R=\n", "base64.not-canonical"),
        (f"a\n3\n {ROOT}\n", "base64.not-base64"),
    ],
)
def test_another_text_is_no_checkpoint(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Checkpoint.parse(text)

    assert caught.value.code == code


def test_a_hundred_lines_of_any_type_are_accepted() -> None:
    assert open_checkpoint(with_lines(16), key=LOG.key) == HERE
    assert open_checkpoint(with_lines(100, of=bytes(2428)), key=LOG.key) == HERE


def test_equal_lines_are_one_and_two_different_ones_of_one_key_are_refused() -> None:
    note = Note.parse(with_lines(2))
    known, unknown = note.signatures
    twice = Note(note.text, note.signatures * 2)

    assert open_checkpoint(twice.format(), key=LOG.key) == HERE
    for line in (known, unknown):
        two = Note(note.text, (*note.signatures, replace(line, blob=b"y")))
        with pytest.raises(MalformedError, match="two-signatures-of-one-key"):
            open_checkpoint(two.format(), key=LOG.key)


def test_only_the_log_itself_vouches_for_its_checkpoint() -> None:
    elsewhere = replace(HERE, origin="sv.example/book")

    with pytest.raises(SignatureError, match=r"note\.no-known-signature"):
        open_checkpoint(sign_checkpoint(HERE, LOG), key=OTHER.key)
    with pytest.raises(SignatureError, match=r"checkpoint\.another-book"):
        open_checkpoint(sign_note(elsewhere.format(), LOG), key=LOG.key)
    with pytest.raises(UsageError, match=r"checkpoint\.not-the-log-key"):
        open_checkpoint(sign_checkpoint(HERE, LOG), key=WITNESS.key)
    with pytest.raises(UsageError, match=r"checkpoint\.not-the-log-key"):
        sign_checkpoint(HERE, OTHER)


def test_the_checkpoints_of_transparency_dev_are_refused_for_what_we_narrow() -> None:
    cases = json.loads(vectors("tdev-formats", "checkpoint_body.json").read_bytes())

    for case in cases["invalid"]:
        with pytest.raises(MalformedError):
            Checkpoint.parse(case["m"])
    # Valid there, refused here: an origin is a name of ours (lowercase), a root has 32
    # bytes (theirs say "bananas"), and there are no extension lines.
    assert len(cases["valid"]) == 3
    for text in cases["valid"]:
        with pytest.raises(MalformedError):
            Checkpoint.parse(text)
        origin, size, _ = text.split("\n")[:3]
        narrowed = Checkpoint.parse(f"{origin.lower()}\n{size}\n{ROOT}\n")
        assert narrowed.size == int(size)
