"""The law: what `seal` writes opens with its passphrase alone, here and elsewhere."""

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LockedError, MalformedError, UsageError
from ledger.keys.pkcs8 import MOST_ROUNDS, ROUNDS, seal, unseal

SEED = bytes(range(32))
SALT = b"s" * 16
IV = b"i" * 16
PASSPHRASE = b"correct horse"
FEW = 3
BEGIN = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
END = b"-----END ENCRYPTED PRIVATE KEY-----\n"
DER, PEM, PKCS8 = Encoding.DER, Encoding.PEM, PrivateFormat.PKCS8


def sealed(*, rounds: int = FEW) -> bytes:
    return seal(SEED, passphrase=PASSPHRASE, salt=SALT, iv=IV, rounds=rounds)


def der_of(pem: bytes) -> bytes:
    return base64.b64decode(pem.removeprefix(BEGIN).removesuffix(END))


def pem_of(der: bytes) -> bytes:
    text = base64.b64encode(der)
    starts = range(0, len(text), 64)
    return BEGIN + b"".join(text[at : at + 64] + b"\n" for at in starts) + END


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width) + content


def container(
    secret: bytes = der_of(sealed())[-64:],
    *,
    rounds: bytes = bytes([FEW]),
    salt: bytes = SALT,
    iv: bytes = IV,
) -> bytes:
    """Return our container, in PEM, built a second time and around any parts."""
    prf = element(0x30, bytes.fromhex("06082a864886f70d02090500"))
    numbers = element(0x04, salt) + element(0x02, rounds) + prf
    kdf = bytes.fromhex("06092a864886f70d01050c") + element(0x30, numbers)
    cipher = bytes.fromhex("060960864801650304012a") + element(0x04, iv)
    parameters = element(0x30, element(0x30, kdf) + element(0x30, cipher))
    scheme = bytes.fromhex("06092a864886f70d01050d") + parameters
    return pem_of(element(0x30, element(0x30, scheme) + element(0x04, secret)))


def locked(plain: bytes) -> bytes:
    """Return our container around any plaintext, under PASSPHRASE."""
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE, SALT, FEW)
    padding = 16 - len(plain) % 16
    cipher = Cipher(AES256(key), CBC(IV)).encryptor()
    secret = cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()
    return container(secret)


def openssl_pkey(file: Path, *, passphrase: str) -> subprocess.CompletedProcess[bytes]:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed")
    given = ["-in", str(file), "-passin", f"pass:{passphrase}", "-outform", "DER"]
    return subprocess.run([openssl, "pkey", *given], check=False, capture_output=True)


@given(
    seed=st.binary(min_size=32, max_size=32),
    passphrase=st.binary(min_size=1, max_size=80),
    salt=st.binary(min_size=16, max_size=16),
    iv=st.binary(min_size=16, max_size=16),
    rounds=st.integers(1, 300),
)
@settings(max_examples=60, deadline=None)
def test_what_was_sealed_opens_again(
    seed: bytes, passphrase: bytes, salt: bytes, iv: bytes, rounds: int
) -> None:
    pem = seal(seed, passphrase=passphrase, salt=salt, iv=iv, rounds=rounds)

    assert unseal(pem, passphrase=passphrase) == seed


def test_the_library_reads_a_key_sealed_at_full_strength() -> None:
    pem = seal(SEED, passphrase=PASSPHRASE, salt=SALT, iv=IV)

    key = load_pem_private_key(pem, PASSPHRASE)

    assert isinstance(key, Ed25519PrivateKey)
    assert key.private_bytes_raw() == SEED
    assert ROUNDS == 600_000
    assert b"\x02\x03" + ROUNDS.to_bytes(3) in der_of(pem)


def test_openssl_reads_a_sealed_key_and_refuses_a_wrong_passphrase(
    tmp_path: Path,
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(sealed(rounds=200))

    opened = openssl_pkey(file, passphrase=PASSPHRASE.decode())
    refused = openssl_pkey(file, passphrase=PASSPHRASE.decode().upper())

    assert opened.returncode == 0
    assert opened.stdout.endswith(SEED)
    assert refused.returncode != 0


def test_another_salt_or_iv_gives_another_file() -> None:
    files = {
        seal(SEED, passphrase=PASSPHRASE, salt=salt, iv=iv, rounds=FEW)
        for salt in (SALT, b"t" * 16)
        for iv in (IV, b"j" * 16)
    }

    assert len(files) == 4


@pytest.mark.parametrize("wrong", [b"", b"correct hors", b"correct horse ", b"\0"])
def test_a_wrong_passphrase_is_refused(wrong: bytes) -> None:
    with pytest.raises(LockedError) as refusal:
        unseal(sealed(), passphrase=wrong)

    assert refusal.value.code == "keys.wrong-passphrase"


def test_an_unencrypted_key_is_refused() -> None:
    pem = Ed25519PrivateKey.from_private_bytes(SEED).private_bytes(
        PEM, PKCS8, NoEncryption()
    )

    with pytest.raises(LockedError) as refusal:
        unseal(pem, passphrase=PASSPHRASE)

    assert refusal.value.code == "keys.not-encrypted"


OTHER_KEYS = {
    "x25519": X25519PrivateKey.from_private_bytes(SEED).private_bytes(
        DER, PKCS8, NoEncryption()
    ),
    "p256": derive_private_key(7, SECP256R1()).private_bytes(
        DER, PKCS8, NoEncryption()
    ),
    # An algorithm that does not exist: 1.3.101.127.
    "unknown": bytes.fromhex("302e020100300506032b657f04220420") + SEED,
}


@pytest.mark.parametrize("name", OTHER_KEYS)
def test_a_key_of_another_type_is_refused(name: str) -> None:
    pem = locked(OTHER_KEYS[name])

    with pytest.raises(LockedError) as refusal:
        unseal(pem, passphrase=PASSPHRASE)

    assert refusal.value.code == "keys.not-ed25519"


def test_a_plaintext_that_is_no_key_reads_as_a_wrong_passphrase() -> None:
    with pytest.raises(LockedError) as refusal:
        unseal(locked(b"not a key"), passphrase=PASSPHRASE)

    assert refusal.value.code == "keys.wrong-passphrase"


def test_the_container_of_these_tests_is_the_sealed_one() -> None:
    assert container() == sealed()


@pytest.mark.parametrize("rounds", [MOST_ROUNDS + 1, 1 << 31, 1 << 4000])
def test_absurd_rounds_are_refused_before_deriving(rounds: int) -> None:
    pem = container(rounds=rounds.to_bytes(rounds.bit_length() // 8 + 1))

    with pytest.raises(MalformedError) as refusal:
        unseal(pem, passphrase=PASSPHRASE)

    assert refusal.value.code == "keys.too-many-rounds"
    assert refusal.value.values == {"most": MOST_ROUNDS}


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"hello",
        BEGIN + END,
        BEGIN + b"====\n" + END,
        BEGIN + b"\xff\n" + END,
        pem_of(b"\x30"),
        pem_of(b"\x30\xff\x01"),
        sealed() + b"\n",
        b"\n" + sealed(),
        sealed()[:-1],
        sealed().replace(b"\n", b"\r\n"),
        pem_of(der_of(sealed()) + b"\0"),
        pem_of(der_of(sealed())[:-1]),
        container(b""),
        container(b"x" * 15),
        container(rounds=b""),
        container(rounds=b"\0"),
        container(rounds=b"\0\1"),
        container(rounds=b"\x80"),
        container(salt=SALT[1:]),
        container(salt=SALT + b"s"),
        container(iv=IV[1:]),
        container(iv=IV + b"i"),
    ],
)
def test_a_damaged_file_is_refused(pem: bytes) -> None:
    with pytest.raises(MalformedError) as refusal:
        unseal(pem, passphrase=PASSPHRASE)

    assert refusal.value.code == "keys.damaged"


@given(at=st.integers(0, len(sealed()) - 1), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_a_flipped_bit_never_opens_as_the_same_key(at: int, bit: int) -> None:
    pem = bytearray(sealed())
    pem[at] ^= 1 << bit

    try:
        seed = unseal(bytes(pem), passphrase=PASSPHRASE)
    except (LockedError, MalformedError):
        return

    assert seed != SEED


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(der: bytes) -> None:
    with pytest.raises(MalformedError):
        unseal(pem_of(der), passphrase=PASSPHRASE)


@pytest.mark.parametrize(
    ("seed", "passphrase", "salt", "iv", "rounds"),
    [
        (b"", PASSPHRASE, SALT, IV, FEW),
        (SEED + b"\0", PASSPHRASE, SALT, IV, FEW),
        (SEED, b"", SALT, IV, FEW),
        (SEED, PASSPHRASE, SALT[1:], IV, FEW),
        (SEED, PASSPHRASE, SALT, IV[1:], FEW),
        (SEED, PASSPHRASE, SALT, IV, 0),
        (SEED, PASSPHRASE, SALT, IV, MOST_ROUNDS + 1),
    ],
)
def test_unfit_parameters_are_refused(
    seed: bytes, passphrase: bytes, salt: bytes, iv: bytes, rounds: int
) -> None:
    with pytest.raises(UsageError) as refusal:
        seal(seed, passphrase=passphrase, salt=salt, iv=iv, rounds=rounds)

    assert refusal.value.code == "keys.unfit-parameters"
