"""What a book is to be, and its first entry."""

from datetime import datetime

from msgspec import Struct

from ledger.domain.authority import LostHead, Role
from ledger.domain.keyring import possession_text
from ledger.domain.schemas import data_of
from ledger.domain.times import check_zone
from ledger.domain.values import parse_state
from ledger.errors import RefusedError
from ledger.register.opening import new_once
from ledger.tlog import chain
from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Signer,
    check_name,
    to_base64,
)


class Founding(Struct, frozen=True):
    """What a new book is to be.

    Attributes:
        name: The book's name (`us.example/book`).
        state: Its state's code.
        zone: The office's zone.
        clerk: The first clerk's number (`clerk-07`).
        successor_of: The head of the book that it follows, if that one was lost.
    """

    name: str
    state: str
    zone: str
    clerk: str
    successor_of: LostHead | None = None

    def check(self) -> None:
        """Refuse names and codes that no book can have.

        Raises:
            RefusedError, MalformedError: With what is wrong.
        """
        _, slash, last = self.name.rpartition("/")
        if not slash or "/" in self.clerk:
            raise RefusedError("init.book-name")
        for _, name, _ in self.key_names():
            check_name(name)
        parse_state(self.state)
        check_zone(self.zone)
        if self.clerk in {last, "state", "witness"} or last in {"state", "witness"}:
            raise RefusedError("init.name-taken")
        if self.successor_of is not None and self.successor_of.ledger == self.name:
            raise RefusedError("init.own-successor")

    def key_names(self) -> list[tuple[Role, str, int]]:
        """Return role, name and type of the keys that a book starts with."""
        prefix = self.name.rpartition("/")[0]
        return [
            ("state", f"{prefix}/state", SIG_ED25519),
            ("log", self.name, SIG_ED25519),
            ("witness", f"{prefix}/witness", SIG_COSIGNATURE),
            ("clerk", f"{prefix}/{self.clerk}", SIG_ED25519),
        ]


def compose_genesis(
    founding: Founding, signers: dict[Role, Signer], *, now: datetime
) -> bytes:
    """Return the note of entry 0, signed by the state key that it lists."""
    keys: list[Json] = []
    for role, signer in signers.items():
        vkey = signer.key.format()
        text = possession_text(
            book=founding.name, state=founding.state, role=role, vkey=vkey
        )
        proof = to_base64(signer.sign(text))
        keys.append({"role": role, "vkey": vkey, "proof": proof})
    state = signers["state"]
    data: dict[str, Json] = {
        "state": founding.state,
        "name": founding.name,
        "zone": founding.zone,
        "keys": keys,
        "hash": "sha256-rfc6962",
    }
    if founding.successor_of is not None:
        data["successor_of"] = data_of(founding.successor_of)
    entry = Entry(
        ledger=founding.name,
        seq=0,
        prev=chain.EMPTY.leaf,
        at=now,
        kind="genesis",
        once=new_once(now),
        by=state.key.name,
        data=data,
    )
    return entry.sign(state)
