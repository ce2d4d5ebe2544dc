"""Ed25519: which public keys may be trusted, and their signatures.

The only file of the room that touches `cryptography`, which is imported when the first
signature is made or checked: reading a book's shape should not pay for OpenSSL.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from ledger.errors import MalformedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SIGN_BIT = 1 << 255

# The y of the eight points whose order divides 8. With such a key, anybody can make a
# signature that holds for nearly any message, and OpenSSL would accept it.
# Source: C2SP/CCTV ed25519, README.
_LOW_ORDER = frozenset(
    int.from_bytes(bytes.fromhex(point), "little")
    for point in (
        "0100000000000000000000000000000000000000000000000000000000000000",  # order 1
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
        "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
    )
)


@lru_cache(maxsize=1024)
def check_public_key(public: bytes) -> None:
    """Check that a public key is one spelling of a point that is fit to be a key.

    Args:
        public: 32 bytes: y, little-endian, and the sign of x in the highest bit.

    Raises:
        MalformedError: It has another size, y is not below p, the point has low order
            (either sign), or no point has this y.

    Source:
        RFC 8032 section 5.1.3; the vectors of C2SP/CCTV ed25519.
    """
    if len(public) != PUBLIC_SIZE:
        raise MalformedError("key.wrong-size", size=len(public))
    y = int.from_bytes(public, "little") & ~_SIGN_BIT
    if y >= _P:
        raise MalformedError("key.not-canonical")
    if y in _LOW_ORDER:
        raise MalformedError("key.low-order")
    # x² = (y² - 1) / (d·y² + 1); the product has a root exactly when the quotient has.
    numerator, denominator = y * y - 1, _D * y * y + 1
    if pow(numerator * denominator, (_P - 1) // 2, _P) != 1:
        raise MalformedError("key.not-on-curve")


def verify(public: bytes, *, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature of 64 bytes over a message is by this public key.

    Source:
        RFC 8032 section 5.1.7, as OpenSSL checks it: without the cofactor, S below the
        group order.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - lazy

    try:
        _loaded(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def private_key(seed: bytes) -> "Ed25519PrivateKey":
    """Return the private key of a seed of 32 bytes (RFC 8032 section 5.1.5)."""
    from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415 - lazy
        ed25519,
    )

    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=1024)
def _loaded(public: bytes) -> "Ed25519PublicKey":
    """Return the key as OpenSSL holds it; loading costs as much as verifying."""
    from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415 - lazy
        ed25519,
    )

    return ed25519.Ed25519PublicKey.from_public_bytes(public)
