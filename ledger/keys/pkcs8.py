"""An Ed25519 seed under a passphrase: encrypted PKCS#8, in PEM.

The container is written here because the library's own writer uses 2,048 rounds of
PBKDF2 and no setting changes that; it is read by the library and by `openssl pkey`.
Exactly one shape is written and exactly that shape is read: PBES2 with
PBKDF2-HMAC-SHA256, a salt of 16 bytes, and AES-256-CBC.

CBC has no checksum: damage inside the encrypted part looks like a wrong passphrase,
or opens as another seed. So whoever unseals compares the public key (`files`).

`cryptography` is slow to load, so only the functions that need it import it.
"""

import base64
import binascii
import hashlib

from msgspec import Struct

from ledger.errors import LockedError, MalformedError, UsageError

ROUNDS = 600_000
"""Rounds of PBKDF2 for a new key."""

MOST_ROUNDS = 10_000_000
"""More than this is refused unread: a file must not be able to stall the reader."""

SEED_SIZE = 32
SALT_SIZE = 16
BLOCK_SIZE = 16

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_SHORT_LENGTHS = 0x80

_PBES2 = bytes.fromhex("2a864886f70d01050d")  # 1.2.840.113549.1.5.13
_PBKDF2 = bytes.fromhex("2a864886f70d01050c")  # 1.2.840.113549.1.5.12
_HMAC_SHA256 = bytes.fromhex("2a864886f70d0209")  # 1.2.840.113549.2.9
_AES256_CBC = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42
_ED25519_KEY = bytes.fromhex("302e020100300506032b657004220420")
"""RFC 8410 section 7: everything of the PKCS#8 key that stands before the seed."""
_PADDING = bytes([BLOCK_SIZE]) * BLOCK_SIZE
"""PKCS#7: the key fills three blocks, so the padding is one more."""

_BEGIN = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
_END = b"-----END ENCRYPTED PRIVATE KEY-----\n"
_BEGIN_OPEN = b"-----BEGIN PRIVATE KEY-----"
_PEM_WIDTH = 64


def seal(
    seed: bytes, *, passphrase: bytes, salt: bytes, iv: bytes, rounds: int = ROUNDS
) -> bytes:
    """Return the seed as an encrypted private key in PEM.

    Args:
        seed: 32 bytes.
        passphrase: What opens it again; at least one byte.
        salt: 16 random bytes, new for every file.
        iv: 16 random bytes, new for every file.
        rounds: Rounds of PBKDF2, from 1 to MOST_ROUNDS.

    Raises:
        UsageError: One of the arguments has another size.

    Source:
        RFC 5958 section 3, RFC 8018 sections 5.2 and 6.2, RFC 8410 section 7.
    """
    if (
        (len(seed), len(salt), len(iv)) != (SEED_SIZE, SALT_SIZE, BLOCK_SIZE)
        or not passphrase
        or not 1 <= rounds <= MOST_ROUNDS
    ):
        raise UsageError("keys.unfit-parameters")
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 - lazy
        Cipher,
        algorithms,
        modes,
    )

    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, rounds)
    cipher = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    sealed = cipher.update(_ED25519_KEY + seed + _PADDING) + cipher.finalize()
    return _Container(salt=salt, rounds=rounds, iv=iv, sealed=sealed).format()


def unseal(pem: bytes, *, passphrase: bytes) -> bytes:
    """Return the seed in an encrypted private key.

    Args:
        pem: The file, in the one shape that `seal` writes.
        passphrase: What it was sealed with.

    Raises:
        LockedError: The passphrase is wrong, or the key is not encrypted or is of
            another type.
        MalformedError: The bytes are not in that shape, or ask for more than
            MOST_ROUNDS rounds.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - lazy
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
    )

    if pem.startswith(_BEGIN_OPEN):
        raise LockedError("keys.not-encrypted")
    _Container.parse(pem)
    if not passphrase:
        raise LockedError("keys.wrong-passphrase")
    try:
        key = load_pem_private_key(pem, passphrase)
    except ValueError:
        raise LockedError("keys.wrong-passphrase") from None
    except UnsupportedAlgorithm:
        raise LockedError("keys.not-ed25519") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LockedError("keys.not-ed25519")
    return key.private_bytes_raw()


class _Container(Struct, frozen=True):
    """What stands in the file beside fixed bytes.

    Attributes:
        salt: 16 bytes.
        rounds: Rounds of PBKDF2.
        iv: 16 bytes.
        sealed: The encrypted PKCS#8 key, whole blocks.
    """

    salt: bytes
    rounds: int
    iv: bytes
    sealed: bytes

    def format(self) -> bytes:
        """Return the container in PEM."""
        rounds = self.rounds.to_bytes(self.rounds.bit_length() // 8 + 1)
        derivation = _sequence(
            _element(_OID, _PBKDF2),
            _sequence(
                _element(_OCTETS, self.salt),
                _element(_INTEGER, rounds),
                _sequence(_element(_OID, _HMAC_SHA256), _element(_NULL, b"")),
            ),
        )
        encryption = _sequence(_element(_OID, _AES256_CBC), _element(_OCTETS, self.iv))
        der = _sequence(
            _sequence(_element(_OID, _PBES2), _sequence(derivation, encryption)),
            _element(_OCTETS, self.sealed),
        )
        text = base64.b64encode(der)
        starts = range(0, len(text), _PEM_WIDTH)
        lines = b"".join(text[at : at + _PEM_WIDTH] + b"\n" for at in starts)
        return _BEGIN + lines + _END

    @classmethod
    def parse(cls, pem: bytes) -> "_Container":
        """Read exactly what `format` writes, before any key is derived."""
        text = pem.removeprefix(_BEGIN).removesuffix(_END).replace(b"\n", b"")
        try:
            der = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise MalformedError("keys.damaged") from None
        # The walk is lenient; the comparison at its end is what makes it strict.
        algorithm, sealed = _first_two(_inside(der))
        _, parameters = _first_two(algorithm)
        derivation, encryption = _first_two(parameters)
        _, numbers = _first_two(derivation)
        salt, rounds = _first_two(numbers)
        _, iv = _first_two(encryption)
        found = cls(salt=salt, rounds=int.from_bytes(rounds), iv=iv, sealed=sealed)
        if (
            found.format() != pem
            or (len(salt), len(iv)) != (SALT_SIZE, BLOCK_SIZE)
            or not sealed
            or len(sealed) % BLOCK_SIZE
            or found.rounds < 1
        ):
            raise MalformedError("keys.damaged")
        if found.rounds > MOST_ROUNDS:
            raise MalformedError("keys.too-many-rounds", most=MOST_ROUNDS)
        return found


def _element(tag: int, content: bytes) -> bytes:
    """Return one DER element."""
    size = len(content)
    if size < _SHORT_LENGTHS:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, _SHORT_LENGTHS | len(length)]) + length + content


def _sequence(*elements: bytes) -> bytes:
    """Return a DER SEQUENCE of these elements."""
    return _element(_SEQUENCE, b"".join(elements))


def _split(der: bytes) -> tuple[bytes, bytes]:
    """Return what the first DER element holds, and the bytes after it."""
    start, size = 2, int.from_bytes(der[1:2])
    if size >= _SHORT_LENGTHS:
        start = 2 + size - _SHORT_LENGTHS
        size = int.from_bytes(der[2:start])
    return der[start : start + size], der[start + size :]


def _inside(der: bytes) -> bytes:
    """Return what the first DER element holds."""
    return _split(der)[0]


def _first_two(der: bytes) -> tuple[bytes, bytes]:
    """Return what the first and the second DER element hold."""
    first, rest = _split(der)
    return first, _inside(rest)
