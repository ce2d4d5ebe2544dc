"""The card: what a state hands to the other once, on paper or by a trusted road.

    transfer-ledger/card/v1
    book sv.example/book
    state SV
    genesis 9f5b…
    key log sv.example/book+…
    key state sv.example/state+…

It is signed as a note by one of the state keys that it lists. So it shows that it was
not changed since, and nothing about who made it: that rests on the fingerprint of
that state key, which the reader compares with one that came by another road.
"""

import re
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from ledger.domain.codes import is_state
from ledger.errors import MalformedError, RefusedError, UsageError
from ledger.exchange.sshsig import fingerprint
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Note,
    Signer,
    VerifyKey,
    check_name,
    open_note,
    sign_note,
)

HEADER = "transfer-ledger/card/v1"
MAX_SIZE = 64 * 1024

CardRole: TypeAlias = Literal["log", "witness", "auditor", "state"]
ROLES: tuple[CardRole, ...] = get_args(CardRole)
"""The roles of the keys that a card lists, in the order in which we write them."""

_genesis = re.compile(r"[0-9a-f]{64}")


class Card(Struct, frozen=True):
    """A book, its first entry, and the keys that work in it.

    Attributes:
        book: The book's name.
        state: Its state's code.
        genesis: Leaf hash of entry 0, 64 lowercase hex.
        keys: Role and key, no name twice; one state key at least.
    """

    book: str
    state: str
    genesis: str
    keys: tuple[tuple[CardRole, VerifyKey], ...]

    def __post_init__(self) -> None:
        """Refuse what no book can have."""
        check_name(self.book)
        if not is_state(self.state):
            raise MalformedError("card.bad-state")
        if not _genesis.fullmatch(self.genesis):
            raise MalformedError("card.bad-genesis")
        for role, key in self.keys:
            check_name(key.name)
            wanted = SIG_COSIGNATURE if role == "witness" else SIG_ED25519
            if key.algorithm != wanted:
                raise MalformedError("card.wrong-key-type", key=key.name, role=role)
            if (role == "log") != (key.name == self.book):
                raise MalformedError("card.log-name", key=key.name)
        if len({key.name for _, key in self.keys}) != len(self.keys):
            raise MalformedError("card.name-twice")
        if not self.of_role("state"):
            raise MalformedError("card.no-state-key")

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Return the card that this text is the one spelling of.

        Raises:
            MalformedError: It is not in the form, or names and keys do not fit.
        """
        # The walk is lenient; the comparison at its end is what makes it strict.
        match [line.split(" ") for line in text.split("\n")]:
            case [_, [_, book], [_, state], [_, genesis], *keys, _]:
                card = cls(book, state, genesis, tuple(map(_listed, keys)))
            case _:
                raise MalformedError("card.bad-form")
        if card.format() != text:
            raise MalformedError("card.bad-form")
        return card

    def format(self) -> str:
        """Return the text that is signed."""
        lines = [
            HEADER,
            f"book {self.book}",
            f"state {self.state}",
            f"genesis {self.genesis}",
            *(f"key {role} {key.format()}" for role, key in self.keys),
        ]
        return "".join(f"{line}\n" for line in lines)

    def of_role(self, role: CardRole) -> tuple[VerifyKey, ...]:
        """Return the keys of one role; of `log` there is at most one."""
        return tuple(key for listed, key in self.keys if listed == role)


class OpenedCard(Struct, frozen=True):
    """A card that one of its own state keys signed.

    Attributes:
        card: What it says.
        signed_by: The state key that signed it.
    """

    card: Card
    signed_by: VerifyKey

    @property
    def fingerprint(self) -> str:
        """The OpenSSH fingerprint of the key that signed: on it the card rests."""
        return fingerprint(self.signed_by.public)


def is_card(content: bytes) -> bool:
    """Return whether a file says of itself that it is a card."""
    return content.startswith(f"{HEADER}\n".encode())


def sign_card(card: Card, signer: Signer) -> bytes:
    """Return the note of a card, signed by one of its state keys.

    Raises:
        UsageError: The signer is no state key of the card.
        RefusedError: The card has over 64 KiB.
    """
    if signer.key not in card.of_role("state"):
        raise UsageError("card.not-a-state-key", key=signer.key.name)
    note = sign_note(card.format(), signer)
    if len(note) > MAX_SIZE:
        raise RefusedError("card.too-many-keys", size=len(note), limit=MAX_SIZE)
    return note


def open_card(note: bytes) -> OpenedCard:
    """Return a card after checking that a state key which it lists signed it.

    Raises:
        MalformedError: It has over 64 KiB, is not a note or not a card, or does not
            have exactly one signature.
        SignatureError: None of its state keys signed it, or the signature is wrong.
    """
    if len(note) > MAX_SIZE:
        raise MalformedError("card.too-big", size=len(note), limit=MAX_SIZE)
    parsed = Note.parse(note)
    card = Card.parse(parsed.text)
    if len(parsed.signatures) != 1:
        raise MalformedError("card.not-one-signature")
    (line,) = open_note(note, keys=card.of_role("state")).verified
    (signed_by,) = (key for _, key in card.keys if key.name == line.name)
    return OpenedCard(card, signed_by)


def _listed(words: list[str]) -> tuple[CardRole, VerifyKey]:
    """Return role and key of a line, given as its words."""
    match words:
        case [_, str(named), vkey] if named in ROLES:
            role = next(role for role in ROLES if role == named)
            return role, VerifyKey.parse(vkey)
        case _:
            raise MalformedError("card.bad-key-line")
