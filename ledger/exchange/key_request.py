"""The request for a key: what an officer hands to whoever holds the state key.

    transfer-ledger/key-request/v1
    book us.example/book
    state US
    role clerk
    key us.example/clerk-08+…
    proof …

The proof is the new key's own signature over book, state, role and key. So the file is
good for that book and role alone, and shows that its maker holds the private part;
whose key it is rests on the fingerprint, which officer and holder compare.
"""

import base64
import binascii
from typing import get_args

from msgspec import Struct

from ledger.domain.authority import Role
from ledger.domain.keyring import possession_text
from ledger.errors import MalformedError, RefusedError
from ledger.exchange.sshsig import fingerprint
from ledger.tlog.note import Signer, VerifyKey, check_name, to_base64

HEADER = "transfer-ledger/key-request/v1"
MAX_SIZE = 4 * 1024


class KeyRequest(Struct, frozen=True):
    """A new key, and the proof that somebody holds its private part.

    Attributes:
        book: The book that it is for.
        state: The book's state.
        role: What it is to sign.
        key: The public part with its name.
        proof: The signature that proves possession, in base64.
    """

    book: str
    state: str
    role: Role
    key: VerifyKey
    proof: str

    @classmethod
    def made(cls, signer: Signer, *, book: str, state: str, role: Role) -> "KeyRequest":
        """Return the request that a new key signs for itself."""
        text = possession_text(
            book=book, state=state, role=role, vkey=signer.key.format()
        )
        return cls(book, state, role, signer.key, to_base64(signer.sign(text)))

    @classmethod
    def parse(cls, content: bytes) -> "KeyRequest":
        """Return the request that these bytes are the one spelling of.

        Raises:
            MalformedError: They are none, the key is unsafe, or the proof is wrong.
        """
        if len(content) > MAX_SIZE:
            raise MalformedError("key-request.too-big", limit=MAX_SIZE)
        try:
            lines = [line.split(" ") for line in content.decode("ascii").split("\n")]
        except UnicodeDecodeError:
            raise MalformedError("key-request.bad-form") from None
        # The walk is lenient; the comparison at its end is what makes it strict.
        match lines:
            case [_, [_, book], [_, state], [_, named], [_, vkey], [_, proof], _]:
                role = _role(named)
                found = cls(book, state, role, VerifyKey.parse(vkey), proof)
            case _:
                raise MalformedError("key-request.bad-form")
        if found.format() != content:
            raise MalformedError("key-request.bad-form")
        check_name(found.key.name)
        if not found.is_proved():
            raise MalformedError("key.not-proved", key=found.key.name)
        return found

    def format(self) -> bytes:
        """Return the bytes of the file."""
        lines = (
            HEADER,
            f"book {self.book}",
            f"state {self.state}",
            f"role {self.role}",
            f"key {self.key.format()}",
            f"proof {self.proof}",
        )
        return "".join(f"{line}\n" for line in lines).encode("ascii")

    def is_proved(self) -> bool:
        """Return whether the key signed for this book, state and role."""
        try:
            proof = base64.b64decode(self.proof, validate=True)
        except binascii.Error:
            return False
        text = possession_text(
            book=self.book, state=self.state, role=self.role, vkey=self.key.format()
        )
        return self.key.verify(text, proof)

    @property
    def fingerprint(self) -> str:
        """The OpenSSH fingerprint, to be compared between officer and holder."""
        return fingerprint(self.key.public)

    def check_book(self, *, book: str, state: str) -> None:
        """Refuse a request that was made for another book.

        Raises:
            RefusedError: It is for another book or state.
        """
        if (self.book, self.state) != (book, state):
            raise RefusedError("key-request.other-book", book=book)


def _role(text: str) -> Role:
    """Return a role that a signing key can have."""
    for role in get_args(Role):
        if role == text != "holder":
            found: Role = role
            return found
    raise MalformedError("key-request.bad-form")
