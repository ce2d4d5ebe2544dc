"""Which key may sign what, from which entry on: the keys of one book.

The genesis lists the first keys; `key` entries, signed by a state key, add, retire
and revoke the others. A key works for the entries after the one that adds it, and
for none after the one that ends it: a state cannot repudiate its past.
"""

import base64
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from ledger.domain.authority import Genesis, Key, KeyListing, Role
from ledger.errors import RefusedError
from ledger.tlog.note import SIG_COSIGNATURE, VerifyKey, check_name

# An age X25519 recipient: Bech32 of 32 bytes.
_RECIPIENT = re.compile("age1[02-9ac-hj-np-z]{58}")


@dataclass(frozen=True, slots=True)
class Standing:
    """One key of a book and the entries that it may sign.

    Attributes:
        key: The public key and its name.
        role: What it may sign.
        since: First entry that it may sign.
        until: First entry that it may no longer sign; None while it is active.
        revoked: It was struck off, not merely retired.
        suspect_from: Day from which its entries are disputed until confirmed.
    """

    key: VerifyKey
    role: Role
    since: int
    until: int | None = None
    revoked: bool = False
    suspect_from: date | None = None

    def active(self, seq: int) -> bool:
        """Return whether it may sign entry `seq`."""
        return self.since <= seq and (self.until is None or seq < self.until)


def possession_text(*, book: str, state: str, role: Role, vkey: str) -> bytes:
    """Return what a new key signs to show that its holder has the private part."""
    return f"transfer-ledger/key/v1\n{book}\n{state}\n{role}\n{vkey}\n".encode()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one book as they stand after some entry; changes make a new one.

    Attributes:
        book: The book's name.
        state: Its state's code.
        standings: Every key that it ever had, in the order in which they came.
        holders: The age recipients that open sealed manifests; they sign nothing.
    """

    book: str
    state: str
    standings: tuple[Standing, ...] = ()
    holders: tuple[str, ...] = ()

    def find(self, *, name: str, key_id: bytes, seq: int) -> Standing | None:
        """Return the standing of a key that may sign entry `seq`, if there is one."""
        for standing in self.standings:
            key = standing.key
            if key.name == name and key.key_id == key_id and standing.active(seq):
                return standing
        return None

    def known(self, *, name: str, key_id: bytes) -> Standing | None:
        """Return the latest standing of a key, active or not."""
        for standing in reversed(self.standings):
            if standing.key.name == name and standing.key.key_id == key_id:
                return standing
        return None

    def active(self, role: Role, *, seq: int) -> tuple[Standing, ...]:
        """Return the standings of one role that may sign entry `seq`."""
        return tuple(s for s in self.standings if s.role == role and s.active(seq))

    @classmethod
    def opened(cls, genesis: Genesis, *, book: str) -> "KeyRing":
        """Return the ring that entry 0 of a book opens.

        Raises:
            RefusedError: If a key is listed twice or not proved.
            MalformedError: If a key is not one.
        """
        return cls(book=book, state=genesis.state).with_listed(genesis.keys, since=0)

    def with_key(self, record: Key, *, seq: int) -> "KeyRing":
        """Return the ring after a `key` entry.

        Raises:
            RefusedError: If the key is malformed, not proved, already there, or,
                for `retire` and `revoke`, not there.
        """
        if record.action == "add":
            listing = KeyListing.model_construct(
                role=record.role, vkey=record.vkey, proof=record.proof
            )
            return self.with_listed((listing,), since=seq + 1)
        if record.role == "holder":
            if record.vkey not in self.holders:
                raise RefusedError("key.holder-not-active")
            kept = tuple(holder for holder in self.holders if holder != record.vkey)
            return replace(self, holders=kept)
        key = VerifyKey.parse(record.vkey)
        standing = self.find(name=key.name, key_id=key.key_id, seq=seq)
        if standing is None or standing.role != record.role:
            raise RefusedError("key.not-active", key=key.name)
        if record.role == "state" and len(self.active("state", seq=seq)) == 1:
            raise RefusedError("key.last-state-key", key=key.name)
        ended = replace(
            standing,
            until=seq + 1,
            revoked=record.action == "revoke",
            suspect_from=record.suspect_from,
        )
        standings = tuple(ended if s is standing else s for s in self.standings)
        return replace(self, standings=standings)

    def with_listed(self, listings: Iterable[KeyListing], *, since: int) -> "KeyRing":
        """Return the ring with more keys, which may sign from entry `since` on.

        Raises:
            RefusedError: If a name is taken or a key is not proved.
            MalformedError: If a key is not one.
        """
        standings, holders = list(self.standings), list(self.holders)
        for listing in listings:
            if listing.role == "holder":
                holders.append(_recipient(listing.vkey, others=holders))
                continue
            key = VerifyKey.parse(listing.vkey)
            check_name(key.name)
            if (listing.role == "witness") != (key.algorithm == SIG_COSIGNATURE):
                raise RefusedError("key.wrong-type", key=key.name, role=listing.role)
            if any(s.key.name == key.name and s.active(since) for s in standings):
                raise RefusedError("key.name-taken", key=key.name)
            if (listing.role == "log") != (key.name == self.book):
                raise RefusedError("key.log-name", key=key.name)
            message = possession_text(
                book=self.book,
                state=self.state,
                role=listing.role,
                vkey=listing.vkey,
            )
            proof = base64.b64decode(listing.proof or "")
            if not key.verify(message, proof):
                raise RefusedError("key.not-proved", key=key.name)
            standings.append(Standing(key=key, role=listing.role, since=since))
        return replace(self, standings=tuple(standings), holders=tuple(holders))


def _recipient(text: str, *, others: Collection[str]) -> str:
    if not _RECIPIENT.fullmatch(text):
        raise RefusedError("key.not-a-recipient")
    if text in others:
        raise RefusedError("key.holder-taken")
    return text
