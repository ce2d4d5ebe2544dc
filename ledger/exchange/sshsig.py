"""Signatures over whole files, as OpenSSH makes and checks them.

Whoever gets a file and its `.sig` checks them with `ssh-keygen -Y check-novalidate`;
no program of ours is needed, in thirty years either. Only Ed25519 keys are written and
read. Who the key belongs to is not said by a signature: the reader compares the
fingerprint with one that came by another road.

Source:
    OpenSSH, PROTOCOL.sshsig; RFC 4251 section 5 for the wire types; RFC 8709 for
    Ed25519 keys and signatures.
"""

import base64
import binascii
import hashlib

from msgspec import Struct

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog import ed25519
from ledger.tlog.note import SIG_ED25519, Signer

NAMESPACE = "transfer-ledger-summary"
"""What a signature is for; one made for another purpose does not count."""

LARGEST_ARMOR = 4 * 1024
"""Characters of the longest text that is read as a signature."""

_MAGIC = b"SSHSIG"
_VERSION = 1
_KEY_TYPE = b"ssh-ed25519"
_SHA256, _SHA512 = "sha256", "sha512"
_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"
_WIDTH = 70
_LENGTH_SIZE = 4


def fingerprint(public: bytes) -> str:
    """Return a key's fingerprint as OpenSSH shows it, `SHA256:` and 43 characters.

    Args:
        public: The Ed25519 public key, 32 bytes.
    """
    digest = hashlib.sha256(_strings(_KEY_TYPE, public)).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def is_fingerprint(text: str) -> bool:
    """Return whether a text is `SHA256:` and the one spelling of 32 bytes in base64."""
    kind, _, digest = text.partition(":")
    try:
        found = base64.b64decode(f"{digest}=", validate=True)
    except (binascii.Error, ValueError):
        return False
    plain = base64.b64encode(found).decode("ascii").rstrip("=")
    return (kind, len(found), plain) == ("SHA256", hashlib.sha256().digest_size, digest)


def sign_file(data: bytes, signer: Signer, *, namespace: str = NAMESPACE) -> str:
    """Return the armored signature of a file, the contents of its `.sig`.

    Args:
        data: The whole file.
        signer: Holds the private key; an Ed25519 key that is not a witness's.
        namespace: What the signature is for; not empty.

    Raises:
        UsageError: It is a witness's key, or there is no namespace.
    """
    if signer.key.algorithm != SIG_ED25519:
        raise UsageError("sshsig.witness-cannot-sign")
    if not namespace:
        raise UsageError("sshsig.no-namespace")
    message = _message(data, namespace=namespace.encode(), hash_name=_SHA512)
    return _Blob(
        public=signer.key.public,
        namespace=namespace.encode(),
        hash_name=_SHA512,
        signature=signer.sign(message),
    ).format()


def check_file(data: bytes, armored: str, *, namespace: str = NAMESPACE) -> bytes:
    """Return the public key, 32 bytes, that signed a file.

    Args:
        data: The whole file.
        armored: The contents of its `.sig`; hashes sha512 and sha256 are read.
        namespace: What the signature must be for.

    Raises:
        MalformedError: It is not such a signature in its one spelling, or the key is
            unfit (`ledger.tlog.ed25519.check_public_key`).
        SignatureError: It is for another purpose, or not of these bytes.
    """
    blob = _Blob.parse(armored)
    ed25519.check_public_key(blob.public)
    if blob.namespace != namespace.encode():
        raise SignatureError("sshsig.other-namespace")
    message = _message(data, namespace=blob.namespace, hash_name=blob.hash_name)
    if not ed25519.verify(blob.public, message=message, signature=blob.signature):
        raise SignatureError("sshsig.wrong-signature")
    return blob.public


class _Blob(Struct, frozen=True):
    """What an armored signature holds beside fixed bytes.

    Attributes:
        public: The Ed25519 public key, 32 bytes when it was checked.
        namespace: What the signature is for.
        hash_name: How the file was hashed, sha256 or sha512.
        signature: The Ed25519 signature.
    """

    public: bytes
    namespace: bytes
    hash_name: str
    signature: bytes

    def format(self) -> str:
        """Return the armored signature, as ssh-keygen writes it."""
        blob = (
            _MAGIC
            + _VERSION.to_bytes(_LENGTH_SIZE)
            + _strings(
                _strings(_KEY_TYPE, self.public),
                self.namespace,
                b"",
                self.hash_name.encode("ascii"),
                _strings(_KEY_TYPE, self.signature),
            )
        )
        text = base64.b64encode(blob).decode("ascii")
        starts = range(0, len(text), _WIDTH)
        return _BEGIN + "".join(f"{text[at : at + _WIDTH]}\n" for at in starts) + _END

    @classmethod
    def parse(cls, armored: str) -> "_Blob":
        """Read exactly what `format` writes."""
        if len(armored) > LARGEST_ARMOR:
            raise MalformedError("sshsig.too-large", most=LARGEST_ARMOR)
        body = armored.removeprefix(_BEGIN).removesuffix(_END).replace("\n", "")
        try:
            blob = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise MalformedError("sshsig.not-a-signature") from None
        # The walk is lenient; the comparison at its end is what makes it strict.
        key, rest = _split(blob[len(_MAGIC) + _LENGTH_SIZE :])
        namespace, rest = _split(rest)
        _, rest = _split(rest)
        hash_name, rest = _split(rest)
        signed, _ = _split(rest)
        found = cls(
            public=_split(_split(key)[1])[0],
            namespace=namespace,
            hash_name=_SHA256 if hash_name == _SHA256.encode() else _SHA512,
            signature=_split(_split(signed)[1])[0],
        )
        if found.format() != armored:
            raise MalformedError("sshsig.not-a-signature")
        return found


def _message(data: bytes, *, namespace: bytes, hash_name: str) -> bytes:
    """Return the bytes that the key signs for a file."""
    digest = (hashlib.sha256 if hash_name == _SHA256 else hashlib.sha512)(data).digest()
    return _MAGIC + _strings(namespace, b"", hash_name.encode("ascii"), digest)


def _strings(*strings: bytes) -> bytes:
    """Return these as SSH wire strings, one after the other."""
    return b"".join(len(string).to_bytes(_LENGTH_SIZE) + string for string in strings)


def _split(wire: bytes) -> tuple[bytes, bytes]:
    """Return the first SSH wire string, and the bytes after it."""
    end = _LENGTH_SIZE + int.from_bytes(wire[:_LENGTH_SIZE])
    return wire[_LENGTH_SIZE:end], wire[end:]
