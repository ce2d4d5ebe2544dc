"""The law: ssh-keygen calls our signatures good, we call its own good, and no other."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.exchange.sshsig import (
    LARGEST_ARMOR,
    NAMESPACE,
    check_file,
    fingerprint,
    sign_file,
)
from ledger.tlog.note import SIG_COSIGNATURE, Ed25519Signer

SIGNER = Ed25519Signer(name="us.example/auditor", seed=bytes(range(32)))
DATA = b'{"totals":{"open":3}}\n'
SIGNATURE = sign_file(DATA, SIGNER)
BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
END = "-----END SSH SIGNATURE-----\n"

Completed: TypeAlias = subprocess.CompletedProcess[bytes]
Run: TypeAlias = Callable[..., Completed]


@pytest.fixture
def ssh_keygen() -> Run:
    if (program := shutil.which("ssh-keygen")) is None:
        pytest.skip("ssh-keygen is not installed")

    def run(
        *arguments: str | Path, given: bytes = b""
    ) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [program, *arguments], input=given, capture_output=True, check=False
        )

    return run


def string(content: bytes) -> bytes:
    return len(content).to_bytes(4) + content


def armored(
    *,
    magic: bytes = b"SSHSIG",
    version: int = 1,
    key_type: bytes = b"ssh-ed25519",
    public: bytes = SIGNER.key.public,
    namespace: bytes = NAMESPACE.encode(),
    reserved: bytes = b"",
    hash_name: bytes = b"sha512",
    signature_type: bytes = b"ssh-ed25519",
    signature: bytes = bytes(64),
    end: bytes = b"",
    width: int = 70,
) -> str:
    """Return a signature built a second time, of any parts."""
    blob = (
        magic
        + version.to_bytes(4)
        + string(string(key_type) + string(public))
        + string(namespace)
        + string(reserved)
        + string(hash_name)
        + string(string(signature_type) + string(signature))
        + end
    )
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + width] + "\n" for at in range(0, len(text), width)]
    return BEGIN + "".join(lines) + END


@given(data=st.binary(max_size=200), seed=st.binary(min_size=32, max_size=32))
@settings(max_examples=40, deadline=None)
def test_what_was_signed_checks(data: bytes, seed: bytes) -> None:
    signer = Ed25519Signer(name="a", seed=seed)

    assert check_file(data, sign_file(data, signer)) == signer.key.public


@given(data=st.binary(max_size=50), other=st.binary(max_size=50))
def test_no_other_file_checks(data: bytes, other: bytes) -> None:
    signature = sign_file(data, SIGNER)

    if data != other:
        with pytest.raises(SignatureError) as refusal:
            check_file(other, signature)

        assert refusal.value.code == "sshsig.wrong-signature"


@given(at=st.integers(0, len(SIGNATURE) - 1), flip=st.integers(1, 127))
@settings(max_examples=300)
def test_no_changed_character_goes_unnoticed(at: int, flip: int) -> None:
    changed = SIGNATURE[:at] + chr(ord(SIGNATURE[at]) ^ flip) + SIGNATURE[at + 1 :]

    with pytest.raises((MalformedError, SignatureError)):
        check_file(DATA, changed)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(blob: bytes) -> None:
    text = BEGIN + base64.b64encode(blob).decode() + "\n" + END

    with pytest.raises(MalformedError):
        check_file(DATA, text)


@given(st.text(max_size=100))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    for signature in (text, BEGIN + text + END):
        with pytest.raises(MalformedError):
            check_file(DATA, signature)


def test_ssh_keygen_calls_ours_good_and_shows_the_fingerprint(
    tmp_path: Path, ssh_keygen: Run
) -> None:
    file = tmp_path / "summary.json.sig"
    file.write_text(SIGNATURE)
    check = ("-Y", "check-novalidate", "-n", NAMESPACE, "-s", file)

    good = ssh_keygen(*check, given=DATA)
    bad = ssh_keygen(*check, given=DATA.replace(b"3", b"4"))

    assert good.returncode == 0
    assert good.stdout.decode() == (
        f'Good "{NAMESPACE}" signature with ED25519 key '
        f"{fingerprint(SIGNER.key.public)}\n"
    )
    assert bad.returncode != 0
    assert b"Good" not in bad.stdout


def test_ssh_keygen_knows_what_a_signature_is_for(
    tmp_path: Path, ssh_keygen: Run
) -> None:
    file = tmp_path / "summary.json.sig"
    file.write_text(sign_file(DATA, SIGNER, namespace="file"))

    check = ssh_keygen(
        *("-Y", "check-novalidate", "-n", NAMESPACE, "-s", file), given=DATA
    )

    assert check.returncode != 0


@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
def test_a_signature_of_ssh_keygen_checks(
    tmp_path: Path, ssh_keygen: Run, hash_name: str
) -> None:
    key, file = tmp_path / "key", tmp_path / "file"
    file.write_bytes(DATA)
    ssh_keygen("-q", "-t", "ed25519", "-N", "", "-f", key)
    ssh_keygen(
        *("-Y", "sign", "-n", NAMESPACE, "-O", f"hashalg={hash_name}", "-f", key, file)
    )
    listed = ssh_keygen("-l", "-f", key).stdout.decode()

    public = check_file(DATA, (tmp_path / "file.sig").read_text())

    loaded = load_ssh_public_key((tmp_path / "key.pub").read_bytes())
    assert isinstance(loaded, Ed25519PublicKey)
    assert public == loaded.public_bytes_raw()
    assert fingerprint(public) in listed.split()


def test_a_key_of_another_type_is_refused(tmp_path: Path, ssh_keygen: Run) -> None:
    key, file = tmp_path / "key", tmp_path / "file"
    file.write_bytes(DATA)
    ssh_keygen("-q", "-t", "ecdsa", "-N", "", "-f", key)
    ssh_keygen("-Y", "sign", "-n", NAMESPACE, "-f", key, file)

    with pytest.raises(MalformedError) as refusal:
        check_file(DATA, (tmp_path / "file.sig").read_text())

    assert refusal.value.code == "sshsig.not-a-signature"


def test_a_signature_for_another_purpose_does_not_count() -> None:
    signature = sign_file(DATA, SIGNER, namespace="git")

    assert check_file(DATA, signature, namespace="git") == SIGNER.key.public
    with pytest.raises(SignatureError) as refusal:
        check_file(DATA, signature)
    assert refusal.value.code == "sshsig.other-namespace"


def test_a_signature_of_nothing_does_not_check() -> None:
    with pytest.raises(SignatureError) as refusal:
        check_file(DATA, armored())

    assert refusal.value.code == "sshsig.wrong-signature"


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_size_does_not_check(size: int) -> None:
    with pytest.raises(SignatureError) as refusal:
        check_file(DATA, armored(signature=bytes(size)))

    assert refusal.value.code == "sshsig.wrong-signature"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        BEGIN + END,
        SIGNATURE[:-1],
        SIGNATURE + "\n",
        "\n" + SIGNATURE,
        SIGNATURE.replace("\n", "\r\n"),
        SIGNATURE.replace("\n", "", 2),
        SIGNATURE.replace("A", "Á"),
        armored(magic=b"SSHSIX"),
        armored(version=2),
        armored(key_type=b"ssh-rsa"),
        armored(signature_type=b"ssh-rsa"),
        armored(reserved=b"x"),
        armored(hash_name=b"sha1"),
        armored(hash_name=b""),
        armored(end=b"\0"),
        armored(width=64),
        armored(width=76),
    ],
)
def test_a_signature_has_one_spelling(signature: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        check_file(DATA, signature)

    assert refusal.value.code == "sshsig.not-a-signature"


@pytest.mark.parametrize(
    ("public", "code"),
    [
        (bytes(32), "key.low-order"),
        (b"\x01" + bytes(31), "key.low-order"),
        (b"\xff" * 32, "key.not-canonical"),
        (bytes(31), "key.wrong-size"),
    ],
)
def test_a_weak_key_is_refused(public: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as refusal:
        check_file(DATA, armored(public=public))

    assert refusal.value.code == code


def test_a_signature_that_is_too_large_is_refused() -> None:
    with pytest.raises(MalformedError) as refusal:
        check_file(DATA, armored(namespace=b"x" * LARGEST_ARMOR))

    assert refusal.value.code == "sshsig.too-large"


def test_a_witness_does_not_sign_files() -> None:
    witness = Ed25519Signer(name="a", seed=bytes(32), algorithm=SIG_COSIGNATURE)

    with pytest.raises(UsageError) as refusal:
        sign_file(DATA, witness)

    assert refusal.value.code == "sshsig.witness-cannot-sign"


def test_a_signature_is_always_for_something() -> None:
    with pytest.raises(UsageError) as refusal:
        sign_file(DATA, SIGNER, namespace="")

    assert refusal.value.code == "sshsig.no-namespace"


def test_a_fingerprint_is_the_one_that_openssh_shows() -> None:
    shown = "SHA256:lbmsoA0yIEcEiVDRnMWuzm+nV+3ZEEpVIURqFoeSspg"  # ssh-keygen -l

    assert fingerprint(SIGNER.key.public) == shown
