"""Which key may sign what, from which entry on: the keys of one book.

The genesis lists the first keys; `key` entries, signed by a state key, add, retire
and revoke the others. A key works for the entries after the one that adds it, and
for none after the one that ends it: a state cannot repudiate its past. A change of a
state key waits for the consent of another state key, where there is one that neither
signed the change nor is changed by it.
"""

import base64
import re
from collections.abc import Collection, Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.authority import Genesis, Key, KeyListing, Role
from ledger.errors import RefusedError
from ledger.tlog.note import SIG_COSIGNATURE, VerifyKey, check_name

# An age X25519 recipient: Bech32 of 32 bytes.
_RECIPIENT = re.compile("age1[02-9ac-hj-np-z]{58}")


class Standing(Struct, frozen=True):
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


class Proposal(Struct, frozen=True):
    """A change of a state key that waits for the consent of another state key.

    Attributes:
        seq: The entry that asks for it.
        by: Name of the state key that signed that entry.
        record: What is to change.
    """

    seq: int
    by: str
    record: Key


def possession_text(*, book: str, state: str, role: Role, vkey: str) -> bytes:
    """Return what a new key signs to show that its holder has the private part."""
    return f"transfer-ledger/key/v1\n{book}\n{state}\n{role}\n{vkey}\n".encode()


class KeyRing(Struct, frozen=True):
    """The keys of one book as they stand after some entry; changes make a new one.

    Attributes:
        book: The book's name.
        state: Its state's code.
        standings: Every key that it ever had, in the order in which they came.
        holders: The age recipients that open sealed manifests; they sign nothing.
        proposals: The changes of state keys that wait for consent, in their order.
    """

    book: str
    state: str
    standings: tuple[Standing, ...] = ()
    holders: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()

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

    def signer(self, name: str, *, seq: int) -> Standing | None:
        """Return the standing of the key of that name that may sign entry `seq`.

        There is one at most: a name is taken as long as its key is active.
        """
        for standing in self.standings:
            if standing.key.name == name and standing.active(seq):
                return standing
        return None

    def consenters(self, record: Key, *, seq: int, by: str) -> tuple[Standing, ...]:
        """Return the keys of which one has to consent to a change; often none.

        Only a change of a state key asks for it: by a state key that neither signed
        the change nor is changed by it.
        """
        if record.role != "state":
            return ()
        return tuple(
            standing
            for standing in self.active("state", seq=seq)
            if standing.key.name != by and standing.key.format() != record.vkey
        )

    def after(
        self, record: Key, *, seq: int, by: str, judged: bool = False
    ) -> "KeyRing":
        """Return the ring after a `key` entry, which may have to wait for consent.

        Args:
            record: The entry's record.
            seq: Its number.
            by: Name of the state key that signed it.
            judged: As `with_listed`.

        Raises:
            RefusedError, MalformedError: As `with_key`, even if it has to wait.
        """
        changed = self.with_key(record, seq=seq, judged=judged)
        if not self.consenters(record, seq=seq, by=by):
            return changed
        return replace(self, proposals=(*self.proposals, Proposal(seq, by, record)))

    def approved(self, target: int, *, seq: int, by: str) -> "KeyRing":
        """Return the ring after an `approval`: the change works from here on.

        Args:
            target: The entry that waits for consent.
            seq: The number of the approval.
            by: Name of the state key that signed the approval.

        Raises:
            RefusedError: If nothing waits there, whoever asked for it may no longer
                sign, the key that consents may not, or the change is impossible now.
            MalformedError: As `with_key`.
        """
        found = next((p for p in self.proposals if p.seq == target), None)
        if found is None:
            raise RefusedError("key.nothing-to-approve", seq=target)
        if self.signer(found.by, seq=seq) is None:
            raise RefusedError("key.proposer-ended", seq=target, key=found.by)
        consenters = self.consenters(found.record, seq=seq, by=found.by)
        if by not in {standing.key.name for standing in consenters}:
            raise RefusedError("key.own-approval", seq=target, key=by)
        kept = tuple(proposal for proposal in self.proposals if proposal != found)
        # Its proof was checked when it was asked for.
        ring = replace(self, proposals=kept)
        return ring.with_key(found.record, seq=seq, judged=True)

    @classmethod
    def opened(cls, genesis: Genesis, *, book: str, judged: bool = False) -> "KeyRing":
        """Return the ring that entry 0 of a book opens.

        Args:
            genesis: The entry's record.
            book: The book's name.
            judged: As `with_listed`.

        Raises:
            RefusedError: If a key is listed twice or not proved.
            MalformedError: If a key is not one.
        """
        ring = cls(book=book, state=genesis.state)
        return ring.with_listed(genesis.keys, since=0, judged=judged)

    def with_key(self, record: Key, *, seq: int, judged: bool = False) -> "KeyRing":
        """Return the ring after a `key` entry.

        Args:
            record: The entry's record.
            seq: Its number.
            judged: As `with_listed`.

        Raises:
            RefusedError: If the key is malformed, not proved, already there, or,
                for `retire` and `revoke`, not there.
        """
        if record.action == "add":
            listing = KeyListing(role=record.role, vkey=record.vkey, proof=record.proof)
            return self.with_listed((listing,), since=seq + 1, judged=judged)
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

    def with_listed(
        self, listings: Iterable[KeyListing], *, since: int, judged: bool = False
    ) -> "KeyRing":
        """Return the ring with more keys, which may sign from entry `since` on.

        Args:
            listings: The keys, with the proofs of their holders.
            since: The first entry that they may sign.
            judged: The entry that lists them was judged, and is only read again: no
                proof is checked. A question need not pay for OpenSSL.

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
            self._check_new(key, listing.role, since=since, others=standings)
            if not judged and not self._is_proved(key, listing):
                raise RefusedError("key.not-proved", key=key.name)
            standings.append(Standing(key=key, role=listing.role, since=since))
        return replace(self, standings=tuple(standings), holders=tuple(holders))

    def _is_proved(self, key: VerifyKey, listing: KeyListing) -> bool:
        message = possession_text(
            book=self.book, state=self.state, role=listing.role, vkey=listing.vkey
        )
        return key.verify(message, base64.b64decode(listing.proof or ""))

    def _check_new(
        self, key: VerifyKey, role: Role, *, since: int, others: Collection[Standing]
    ) -> None:
        """Refuse a name that is taken or not of this book, and a key seen before."""
        if any(s.key.name == key.name and s.active(since) for s in others):
            raise RefusedError("key.name-taken", key=key.name)
        if (role == "log") != (key.name == self.book):
            raise RefusedError("key.log-name", key=key.name)
        prefix, slash, _ = self.book.rpartition("/")
        if slash and key.name.rpartition("/")[0] != prefix:
            raise RefusedError("key.foreign-name", key=key.name, prefix=prefix)
        # Who holds one secret for two names could consent to what he himself asks for;
        # and a key that was lost must not come back.
        if any(s.key.public == key.public for s in others):
            raise RefusedError("key.seen-before", key=key.name)


def _recipient(text: str, *, others: Collection[str]) -> str:
    if not _RECIPIENT.fullmatch(text):
        raise RefusedError("key.not-a-recipient")
    if text in others:
        raise RefusedError("key.holder-taken")
    return text
