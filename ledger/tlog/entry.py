"""A numbered and signed page of a book.

The stored bytes of an entry are a note of two lines and one signature:

    transfer-ledger/entry/v1
    {"at":…,"by":…,"data":{…},"kind":…,"ledger":…,"once":…,"prev":…,"seq":…,"v":1}

    — name base64(key id ‖ signature)

Reading goes in steps, so that a judge can stop between them: `EntryNote.parse` (size,
UTF-8, grammar), `check_signature` (before anything in the body is believed), and
`envelope` (JSON, its one spelling, the nine members). What `data` may say for a `kind`
is not known here.
"""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from ledger.errors import (
    MalformedError,
    RefusedError,
    SignatureError,
    TooNewError,
    UsageError,
)
from ledger.tlog import canonical, merkle
from ledger.tlog.canonical import Json
from ledger.tlog.note import (
    SIG_ED25519,
    Note,
    Signature,
    Signer,
    VerifyKey,
    check_name,
    sign_note,
)

MAX_SIZE = 65_535
HEADER = "transfer-ledger/entry/v1"
VERSION = 1
ZERO = bytes(merkle.HASH_SIZE)

_FIRST_YEAR = 1900
_LINES = 2
_MEMBERS = frozenset(("at", "by", "data", "kind", "ledger", "once", "prev", "seq", "v"))
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
_KIND = re.compile(r"[a-z]{1,32}")
_ONCE = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")


def format_instant(at: datetime) -> str:
    """Return ``YYYY-MM-DDTHH:MM:SSZ``.

    Raises:
        UsageError: The instant is not UTC in whole seconds, or is before 1900.
    """
    check_instant(at)
    return at.replace(tzinfo=None).isoformat() + "Z"


def check_instant(at: datetime) -> None:
    """Refuse an instant that has no spelling.

    Raises:
        UsageError: As for `format_instant`.
    """
    if at.tzinfo is not UTC and at.utcoffset() != timedelta(0):
        raise UsageError("instant.not-utc-seconds")
    if at.microsecond or at.year < _FIRST_YEAR:
        raise UsageError("instant.not-utc-seconds")


def parse_instant(text: str) -> datetime:
    """Return the instant of ``YYYY-MM-DDTHH:MM:SSZ``, in UTC.

    Raises:
        MalformedError: It has another form, is no real date, or is before 1900.
    """
    if not _INSTANT.fullmatch(text):
        raise MalformedError("instant.bad-form")
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise MalformedError("instant.no-such-date") from None
    if at.year < _FIRST_YEAR:
        raise MalformedError("instant.too-early")
    return at


def leaf(note: bytes) -> bytes:
    """Return the leaf hash of an entry's stored bytes, signature included."""
    return merkle.leaf_hash(note)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """What one entry says; every instance has the form that its bytes need.

    Attributes:
        ledger: The name of the book.
        seq: Its number, from 0 without gaps.
        prev: The leaf hash of entry seq - 1, 32 bytes; ZERO at seq 0.
        at: When it was written: UTC, whole seconds.
        kind: What `data` is about; lowercase letters, at most 32.
        once: 32 lowercase hex digits, unique in the book.
        by: The name of the key that signs it.
        data: What is recorded.
        spelt: The bytes that spell `data`, where the entry was read from its own.
    """

    ledger: str
    seq: int
    prev: bytes
    at: datetime
    kind: str
    once: str
    by: str
    data: dict[str, Json]
    spelt: bytes = dataclasses.field(default=b"", compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what has no spelling as an entry."""
        check_name(self.ledger)
        check_name(self.by)
        if isinstance(self.seq, bool) or self.seq < 0:
            raise MalformedError("entry.bad-member", member="seq")
        if len(self.prev) != merkle.HASH_SIZE:
            raise MalformedError("entry.bad-member", member="prev")
        if not _KIND.fullmatch(self.kind):
            raise MalformedError("entry.bad-member", member="kind")
        if not _ONCE.fullmatch(self.once):
            raise MalformedError("entry.bad-member", member="once")
        check_instant(self.at)

    def body(self) -> bytes:
        """Return the body: one line of JSON, without its newline."""
        return canonical.encode(
            {
                "at": format_instant(self.at),
                "by": self.by,
                "data": self.data,
                "kind": self.kind,
                "ledger": self.ledger,
                "once": self.once,
                "prev": self.prev.hex(),
                "seq": self.seq,
                "v": VERSION,
            }
        )

    def text(self) -> str:
        """Return what is signed: the header line and the body line."""
        return f"{HEADER}\n{self.body().decode()}\n"

    def sign(self, signer: Signer) -> bytes:
        """Return the note that is stored.

        Raises:
            UsageError: The signer is not the key that `by` names.
            RefusedError: The note would be larger than 65,535 bytes.
        """
        if signer.key.name != self.by:
            raise UsageError("entry.signer-is-not-by")
        note = sign_note(self.text(), signer)
        if len(note) > MAX_SIZE:
            raise RefusedError("entry.too-big", size=len(note), limit=MAX_SIZE)
        return note


class EntryNote(Struct, frozen=True):
    """The stored bytes of an entry, split but not believed.

    Attributes:
        text: What was signed.
        body: The second line, without its newline.
        signature: The only signature line.
    """

    text: str
    body: bytes
    signature: Signature

    @classmethod
    def parse(cls, note: bytes) -> "EntryNote":
        """Split stored bytes: size, UTF-8, note grammar, the two lines, one signature.

        Raises:
            MalformedError: Any of these is wrong.
        """
        if len(note) > MAX_SIZE:
            raise MalformedError("entry.too-big", size=len(note), limit=MAX_SIZE)
        parsed = Note.parse(note)
        header, *lines = parsed.text[:-1].split("\n")
        if header != HEADER:
            raise MalformedError("entry.wrong-header")
        if len(lines) != _LINES - 1:
            raise MalformedError("entry.not-one-line")
        if len(parsed.signatures) != 1:
            raise MalformedError("entry.not-one-signature")
        return cls(parsed.text, lines[0].encode(), parsed.signatures[0])

    def check_signature(self, key: VerifyKey) -> None:
        """Check that this key signed the entry.

        Raises:
            SignatureError: The line names another key, the key is no plain Ed25519
                key, or the signature does not hold.
        """
        if (self.signature.name, self.signature.key_id) != (key.name, key.key_id):
            raise SignatureError("entry.another-key", id=self.signature.key_id.hex())
        if key.algorithm != SIG_ED25519 or not key.signed(self.text, self.signature):
            raise SignatureError("entry.bad-signature", id=key.key_id.hex())

    def envelope(self) -> Entry:
        """Return what the entry says. Believe it only after `check_signature`.

        Raises:
            MalformedError: The body is not JSON in its one spelling, has other members
                than the nine, one of them has another form, or `by` is not the name in
                the signature line.
            TooNewError: `v` is larger than 1.
        """
        members = canonical.decode(self.body)
        if not isinstance(members, dict):
            raise MalformedError("entry.wrong-members")
        version = members.get("v")
        if isinstance(version, int) and version > VERSION:
            raise TooNewError("entry.unknown-version", version=version)
        if members.keys() != _MEMBERS:
            raise MalformedError("entry.wrong-members")
        if isinstance(version, bool) or version != VERSION:
            raise MalformedError("entry.bad-member", member="v")
        entry = Entry(
            ledger=_string(members, "ledger"),
            seq=_number(members, "seq"),
            prev=_hash(members, "prev"),
            at=parse_instant(_string(members, "at")),
            kind=_string(members, "kind"),
            once=_string(members, "once"),
            by=_string(members, "by"),
            data=_object(members, "data"),
            spelt=_spelt(self.body, members),
        )
        if entry.by != self.signature.name:
            raise MalformedError("entry.by-another-name")
        return entry


def said_before(note: bytes) -> Entry:
    """Return what an entry says whose very bytes gave an `envelope` before."""
    body = note[len(HEADER) + 1 : note.rindex(b"\n\n")]
    members = json.loads(body)
    return Entry(
        ledger=members["ledger"],
        seq=members["seq"],
        prev=bytes.fromhex(members["prev"]),
        at=parse_instant(members["at"]),
        kind=members["kind"],
        once=members["once"],
        by=members["by"],
        data=members["data"],
        spelt=_spelt(body, members),
    )


def _spelt(body: bytes, said: dict[str, Json]) -> bytes:
    """Return the part of a body, in its one spelling, that spells `data`.

    The other members have no character that JSON writes in another way, or there
    will be no `Entry` of them.
    """
    before = f'{{"at":"{said["at"]}","by":"{said["by"]}","data":'
    after = (
        f',"kind":"{said["kind"]}","ledger":"{said["ledger"]}","once":"{said["once"]}"'
        f',"prev":"{said["prev"]}","seq":{said["seq"]},"v":{VERSION}}}'
    )
    return body[len(before) : len(body) - len(after)]


def _string(members: dict[str, Json], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MalformedError("entry.bad-member", member=name)
    return value


def _number(members: dict[str, Json], name: str) -> int:
    value = members[name]
    if not isinstance(value, int):  # Entry refuses true and false
        raise MalformedError("entry.bad-member", member=name)
    return value


def _hash(members: dict[str, Json], name: str) -> bytes:
    value = _string(members, name)
    if not _HASH.fullmatch(value):
        raise MalformedError("entry.bad-member", member=name)
    return bytes.fromhex(value)


def _object(members: dict[str, Json], name: str) -> dict[str, Json]:
    value = members[name]
    if not isinstance(value, dict):
        raise MalformedError("entry.bad-member", member=name)
    return value
