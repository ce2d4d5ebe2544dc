import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.cosignature import (
    Cosignature,
    check_cosignature,
    cosign,
    parse_cosignature,
)
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    Ed25519Signer,
    Note,
    Signature,
    open_note,
)
from tests.vectors import vectors

LOG = Ed25519Signer(name="us.example/book", seed=bytes([1] * 32))
WITNESS = Ed25519Signer(
    name="sv.example/witness", seed=bytes([4] * 32), algorithm=SIG_COSIGNATURE
)
HERE = Checkpoint("us.example/book", size=3, root=bytes(32))
TEXT = HERE.format()
AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)

instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis wants it naive
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))


@given(instants)
def test_a_cosignature_gives_back_its_time(at: datetime) -> None:
    line = cosign(TEXT, WITNESS, at=at)

    assert check_cosignature(TEXT, line, WITNESS.key) == at
    assert parse_cosignature(line) == Cosignature(
        "sv.example/witness",
        key_id=WITNESS.key.key_id,
        time=at,
        signature=line.blob[8:],
    )


def test_a_cosigned_checkpoint_opens_with_both_keys_and_with_the_logs_alone() -> None:
    note = Note.parse(sign_checkpoint(HERE, LOG))
    line = cosign(note.text, WITNESS, at=AT)
    data = Note(note.text, (*note.signatures, line)).format()

    assert open_note(data, keys=[LOG.key, WITNESS.key]).verified[1] == line
    assert open_checkpoint(data, key=LOG.key) == HERE


@given(st.integers(0, 71), st.integers(1, 255))
def test_no_changed_byte_of_a_cosignature_goes_unnoticed(at: int, flip: int) -> None:
    line = cosign(TEXT, WITNESS, at=AT)
    blob = bytearray(line.blob)
    blob[at] ^= flip

    with pytest.raises((MalformedError, SignatureError)):
        check_cosignature(TEXT, replace(line, blob=bytes(blob)), WITNESS.key)


def test_a_cosignature_of_another_checkpoint_does_not_hold() -> None:
    line = cosign(replace(HERE, size=4).format(), WITNESS, at=AT)

    with pytest.raises(SignatureError, match=r"cosignature\.bad-signature"):
        check_cosignature(TEXT, line, WITNESS.key)


def test_a_log_key_neither_makes_nor_checks_cosignatures() -> None:
    line = cosign(TEXT, WITNESS, at=AT)

    with pytest.raises(UsageError, match=r"cosignature\.not-a-witness-key"):
        cosign(TEXT, LOG, at=AT)
    with pytest.raises(SignatureError, match=r"cosignature\.bad-signature"):
        check_cosignature(TEXT, line, LOG.key)


@pytest.mark.parametrize(
    "at",
    [
        AT.replace(tzinfo=None),
        AT.replace(microsecond=1),
        AT.astimezone(timezone(timedelta(hours=-6))),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_a_cosignatures_time_is_utc_in_whole_seconds_since_1970(at: datetime) -> None:
    with pytest.raises(UsageError, match=r"cosignature\.bad-instant"):
        cosign(TEXT, WITNESS, at=at)


@pytest.mark.parametrize(
    ("blob", "code"),
    [
        (bytes(71), "cosignature.wrong-size"),
        (bytes(73), "cosignature.wrong-size"),
        (b"\x7f" + bytes(71), "cosignature.bad-time"),
    ],
)
def test_another_blob_is_no_cosignature(blob: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_cosignature(Signature("w", bytes(4), blob))

    assert caught.value.code == code


def test_the_published_cosignature_has_the_published_time() -> None:
    cases = json.loads(
        vectors("tdev-formats", "cosignature_timestamp.json").read_bytes()
    )
    valid, invalid = cases["valid"], cases["invalid"]

    data = base64.b64decode(valid["sig_b64"])
    line = Signature("w", data[:4], data[4:])
    assert parse_cosignature(line).time.timestamp() == valid["unix"]
    for text in invalid:
        with pytest.raises(MalformedError):
            parse_cosignature(Signature.parse(f"— w {text}"))
