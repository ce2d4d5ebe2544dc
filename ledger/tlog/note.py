"""Text that is signed: the C2SP signed note.

    text, one or more lines

    — name base64(key id ‖ signature)

A note is UTF-8 without control characters. The last empty line divides the text from
the signature lines, and what is signed is the text with its final newline. A signature
line names its key by name and by key id, four bytes that only help to find the key: a
verifier ignores keys that it does not know, and a key that it knows must be right.

A key is written as a vkey, ``name+hex8+base64(type ‖ public key)``. The type says how
the key signs: 0x01 signs the text, 0x04 a cosignature of the text at a time.

Source:
    c2sp.org/signed-note; c2sp.org/tlog-cosignature for type 0x04.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog import ed25519

SIG_ED25519 = 0x01
SIG_COSIGNATURE = 0x04

MAX_NAME = 128
MAX_SIGNATURES = 100
MAX_SIZE = 1_000_000

check_public_key = ed25519.check_public_key

_KEY_ID_SIZE = 4
_TIME_SIZE = 8
_MAX_TIME = 2**63 - 1
_DASH = "—"
_OWN_NAME = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9.-]+)*")
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_TEXT = re.compile(r"[^\x00-\x09\x0b-\x1f\ud800-\udfff]*\n")
_VKEY = re.compile(r"(?P<name>[^+]+)\+[0-9a-f]{8}\+(?P<key>[A-Za-z0-9+/=]+)")


def check_name(name: str) -> None:
    """Check the name of a book or a key of ours: narrower than C2SP's key names.

    Raises:
        MalformedError: It does not match ``[a-z0-9.-]+(/[a-z0-9.-]+)*`` or is longer
            than 128 characters.
    """
    if len(name) > MAX_NAME or not _OWN_NAME.fullmatch(name):
        raise MalformedError("name.bad-form")


def to_base64(data: bytes) -> str:
    """Return the base64 of RFC 4648 section 4, padded."""
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Return the bytes that this text is the one base64 spelling of.

    Raises:
        MalformedError: It is not base64, or spare bits or padding differ.
    """
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise MalformedError("base64.not-base64") from None
    if to_base64(data) != text:
        raise MalformedError("base64.not-canonical")
    return data


def cosigned(text: str, *, seconds: int) -> bytes:
    """Return the message that a cosignature of a checkpoint's text signs.

    Source:
        c2sp.org/tlog-cosignature, "Ed25519 signed message".
    """
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


class VerifyKey(Struct, frozen=True):
    """A public key and the name it is known by; every instance is safe to verify with.

    Attributes:
        name: Non-empty, without spaces and plus signs.
        algorithm: SIG_ED25519 or SIG_COSIGNATURE.
        public: The Ed25519 public key, 32 bytes.
    """

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        """Refuse names, types and points that no key can have."""
        _check_key_name(self.name)
        if self.algorithm not in (SIG_ED25519, SIG_COSIGNATURE):
            raise MalformedError("key.unknown-type", type=self.algorithm)
        check_public_key(self.public)

    @classmethod
    def parse(cls, text: str) -> "VerifyKey":
        """Return the key of a vkey.

        Raises:
            MalformedError: It is not a vkey in its one spelling, its key id is not that
                of its key, or the key is unfit (`check_public_key`).
        """
        found = _VKEY.fullmatch(text)
        if not found:
            raise MalformedError("key.not-a-vkey")
        typed = from_base64(found["key"])
        key = cls(found["name"], algorithm=typed[0], public=typed[1:])
        if key.format() != text:
            raise MalformedError("key.wrong-id")
        return key

    def format(self) -> str:
        """Return the vkey, ``name+hex8+base64(type ‖ public key)``."""
        typed = bytes([self.algorithm]) + self.public
        return f"{self.name}+{self.key_id.hex()}+{to_base64(typed)}"

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
        return _key_id(self.name, self.algorithm, self.public)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Tell whether 64 bytes are this key's Ed25519 signature of these bytes."""
        return ed25519.verify(self.public, message=message, signature=signature)

    def signed(self, text: str, signature: "Signature") -> bool:
        """Tell whether a signature line is this key's, under this text.

        A line of a SIG_COSIGNATURE key holds its time, 8 bytes, before the signature.
        """
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            return False
        if self.algorithm == SIG_ED25519:
            return self.verify(text.encode(), signature.blob)
        seconds = int.from_bytes(signature.blob[:_TIME_SIZE], "big")
        message = cosigned(text, seconds=seconds)
        return seconds <= _MAX_TIME and self.verify(
            message, signature.blob[_TIME_SIZE:]
        )


class Signature(Struct, frozen=True):
    """One signature line.

    Attributes:
        name: The name of the key, as the line states it.
        key_id: 4 bytes, as the line states them.
        blob: What the key made of the text; its form depends on the type of the key.
    """

    name: str
    key_id: bytes
    blob: bytes

    def __post_init__(self) -> None:
        """Refuse what cannot be written as a line."""
        _check_key_name(self.name)
        if len(self.key_id) != _KEY_ID_SIZE or not self.blob:
            raise MalformedError("note.bad-signature-line")

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Return the signature of a line, given without its newline."""
        match line.split(" "):
            case ["—", name, encoded]:
                data = from_base64(encoded)
                return cls(name, key_id=data[:_KEY_ID_SIZE], blob=data[_KEY_ID_SIZE:])
            case _:
                raise MalformedError("note.bad-signature-line")

    def format(self) -> str:
        """Return the line without its newline."""
        return f"{_DASH} {self.name} {to_base64(self.key_id + self.blob)}"


class Note(Struct, frozen=True):
    """A text and its signature lines, none of them verified.

    Attributes:
        text: What is signed; ends in a newline.
        signatures: 1 to 100, in the order of the lines.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be written as a note."""
        if not _TEXT.fullmatch(self.text):
            raise MalformedError("note.bad-text")
        if not self.signatures:
            raise MalformedError("note.no-signature")
        if len(self.signatures) > MAX_SIGNATURES:
            raise MalformedError("note.too-many-signatures", limit=MAX_SIGNATURES)

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Return the note that these bytes are the one spelling of.

        Raises:
            MalformedError: Over 1 MB, not UTF-8, or not in the grammar (``note.*``,
                ``base64.*``).
        """
        if len(data) > MAX_SIZE:
            raise MalformedError("note.too-big", size=len(data), limit=MAX_SIZE)
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError("note.not-utf-8") from None
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise MalformedError("note.no-signature")
        signatures = lines[:-1].split("\n", maxsplit=MAX_SIGNATURES)
        if len(signatures) > MAX_SIGNATURES:
            raise MalformedError("note.too-many-signatures", limit=MAX_SIGNATURES)
        return cls(text + "\n", tuple(map(Signature.parse, signatures)))

    def format(self) -> bytes:
        """Return the bytes of the note."""
        lines = "".join(signature.format() + "\n" for signature in self.signatures)
        data = f"{self.text}\n{lines}".encode()
        if len(data) > MAX_SIZE:
            raise MalformedError("note.too-big", size=len(data), limit=MAX_SIZE)
        return data


class Signer(Protocol):
    """Something that holds a private key: a key file, a test's seed, a device."""

    @property
    def key(self) -> VerifyKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the plain Ed25519 signature of the message, 64 bytes."""
        ...


class Ed25519Signer:
    """A `Signer` whose private key is in memory."""

    def __init__(self, *, name: str, seed: bytes, algorithm: int = SIG_ED25519) -> None:
        self._private = ed25519.private_key(seed)
        public = self._private.public_key().public_bytes_raw()
        self._key = VerifyKey(name, algorithm, public)

    @property
    def key(self) -> VerifyKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Return the plain Ed25519 signature of the message, 64 bytes."""
        return self._private.sign(message)


class OpenedNote(Struct, frozen=True):
    """A note that at least one known key signed.

    Attributes:
        text: What was signed.
        verified: One line of each known key that signed, in the order of the note.
        unverified: The lines of other keys, each kept once.
    """

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...]


def sign_note(text: str, *signers: Signer) -> bytes:
    """Return the note of a text, with one line of each signer.

    Raises:
        UsageError: A signer is a witness: what it signs has a time (`cosign`).
        MalformedError: The text or the number of signers does not fit into a note.
    """
    message = text.encode(errors="surrogatepass")  # Note refuses surrogates, below
    signatures = []
    for signer in signers:
        key = signer.key
        if key.algorithm != SIG_ED25519:
            raise UsageError("note.witness-cannot-sign")
        signatures.append(Signature(key.name, key.key_id, signer.sign(message)))
    return Note(text, tuple(signatures)).format()


def open_note(data: bytes, *, keys: Sequence[VerifyKey]) -> OpenedNote:
    """Return a note that was verified with the known keys.

    Unknown keys are ignored. Of several lines of one known key each must hold, and the
    first is kept.

    Raises:
        MalformedError: It is not a note.
        SignatureError: A line of a known key does not hold, or no known key signed.
        UsageError: A line could be of two of the given keys.

    Source:
        c2sp.org/signed-note, "Signatures"; golang.org/x/mod/sumdb/note, Open.
    """
    note = Note.parse(data)
    known: dict[tuple[str, bytes], list[VerifyKey]] = {}
    for key in keys:
        known.setdefault((key.name, key.key_id), []).append(key)
    verified: dict[tuple[str, bytes], Signature] = {}
    unverified: list[Signature] = []
    for signature in dict.fromkeys(note.signatures):
        named = (signature.name, signature.key_id)
        match known.get(named, []):
            case []:
                unverified.append(signature)
            case [key]:
                if not key.signed(note.text, signature):
                    raise SignatureError("note.bad-signature", id=key.key_id.hex())
                verified.setdefault(named, signature)
            case _:
                raise UsageError("note.ambiguous-key", id=signature.key_id.hex())
    if not verified:
        raise SignatureError("note.no-known-signature")
    return OpenedNote(note.text, tuple(verified.values()), tuple(unverified))


@lru_cache(maxsize=1024)
def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """Return a key's id; a book has few keys, and each entry asks for all of them."""
    typed = bytes([algorithm]) + public
    return sha256(name.encode() + b"\n" + typed).digest()[:_KEY_ID_SIZE]


def _check_key_name(name: str) -> None:
    """Raise unless C2SP allows the name in a signature line."""
    if not _KEY_NAME.fullmatch(name):
        raise MalformedError("note.bad-key-name")
