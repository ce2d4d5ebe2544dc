"""The cosignature: another state saw this checkpoint, at this time.

A line of type 0x04 under a checkpoint: 8 bytes of time (seconds since 1970, big-endian)
and 64 bytes of Ed25519 signature of "cosignature/v1", the time and the checkpoint's
text. It says that this is the largest tree the witness had seen at that time, and that
it extends all the earlier ones.

Source:
    c2sp.org/tlog-cosignature.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog.ed25519 import SIGNATURE_SIZE
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    Signature,
    Signer,
    VerifyKey,
    cosigned,
)

_TIME_SIZE = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SECONDS = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()


class Cosignature(Struct, frozen=True):
    """A line of a witness, split but not verified.

    Attributes:
        name: The name of the witness's key.
        key_id: 4 bytes.
        time: When the witness signed: UTC, whole seconds.
        signature: 64 bytes.
    """

    name: str
    key_id: bytes
    time: datetime
    signature: bytes


def parse_cosignature(signature: Signature) -> Cosignature:
    """Return the parts of a witness's signature line.

    Raises:
        MalformedError: It is not 8 and 64 bytes, or its time is beyond the year 9999.
    """
    if len(signature.blob) != _TIME_SIZE + SIGNATURE_SIZE:
        raise MalformedError("cosignature.wrong-size", size=len(signature.blob))
    seconds = int.from_bytes(signature.blob[:_TIME_SIZE], "big")
    if seconds > _MAX_SECONDS:
        raise MalformedError("cosignature.bad-time")
    return Cosignature(
        signature.name,
        key_id=signature.key_id,
        time=_EPOCH + timedelta(seconds=seconds),
        signature=signature.blob[_TIME_SIZE:],
    )


def cosign(text: str, signer: Signer, *, at: datetime) -> Signature:
    """Return a witness's signature line for a checkpoint's text.

    Args:
        text: The text of the checkpoint, as the log signed it.
        signer: A witness's key.
        at: Now: UTC, whole seconds, not before 1970.

    Raises:
        UsageError: The signer is no witness, or the time has another form.
    """
    key = signer.key
    if key.algorithm != SIG_COSIGNATURE:
        raise UsageError("cosignature.not-a-witness-key")
    if at.utcoffset() != timedelta(0) or at.microsecond or at < _EPOCH:
        raise UsageError("cosignature.bad-instant")
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    made = signer.sign(cosigned(text, seconds=seconds))
    return Signature(key.name, key.key_id, seconds.to_bytes(_TIME_SIZE, "big") + made)


def check_cosignature(text: str, signature: Signature, key: VerifyKey) -> datetime:
    """Check a witness's line under a checkpoint's text, and return its time.

    Raises:
        MalformedError: The line is not a cosignature.
        SignatureError: It is not by this key, or does not hold.
    """
    time = parse_cosignature(signature).time
    if key.algorithm != SIG_COSIGNATURE or not key.signed(text, signature):
        raise SignatureError("cosignature.bad-signature", id=signature.key_id.hex())
    return time
