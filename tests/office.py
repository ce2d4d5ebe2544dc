"""An office in memory, for tests: keys, a history, and entries signed as real ones.

Nothing is faked: every entry is composed, signed, and judged as stored bytes are.
"""

import base64
from datetime import UTC, datetime, timedelta

from ledger.domain.authority import Role
from ledger.domain.forms import Reference
from ledger.domain.history import History, Logged, Void
from ledger.domain.judging import judge
from ledger.domain.keyring import possession_text
from ledger.domain.schemas import ROLES, read_record
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry
from ledger.tlog.note import SIG_COSIGNATURE, SIG_ED25519, Ed25519Signer

START = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)


def signer(name: str, number: int, *, algorithm: int = SIG_ED25519) -> Ed25519Signer:
    """Return a test key: its seed is 32 bytes of one value."""
    return Ed25519Signer(name=name, algorithm=algorithm, seed=bytes([number]) * 32)


class Office:
    """One book in memory with its keys."""

    def __init__(
        self,
        *,
        book: str = "us.example/book",
        state: str = "US",
        zone: str = "America/Chicago",
        seed: int = 10,
    ) -> None:
        """Open a book with a genesis."""
        self.book = book
        self.state = state
        prefix = book.rpartition("/")[0]
        self.keys: dict[Role, Ed25519Signer] = {
            "state": signer(f"{prefix}/state", seed),
            "log": signer(book, seed + 1),
            "witness": signer(f"{prefix}/witness", seed + 2, algorithm=SIG_COSIGNATURE),
            "clerk": signer(f"{prefix}/clerk-07", seed + 3),
        }
        self.notes: list[bytes] = []
        self.history = History(book=book)
        self.now = START
        self.write(
            "genesis",
            {
                "state": state,
                "name": book,
                "zone": zone,
                "hash": "sha256-rfc6962",
                "keys": [self.listing(role, key) for role, key in self.keys.items()],
            },
        )

    def listing(self, role: Role, key: Ed25519Signer) -> dict[str, Json]:
        """Return a key as genesis and key entries list it, with its proof."""
        vkey = key.key.format()
        text = possession_text(book=self.book, state=self.state, role=role, vkey=vkey)
        proof = base64.b64encode(key.sign(text)).decode()
        return {"role": role, "vkey": vkey, "proof": proof}

    def page(
        self, kind: str, data: dict[str, Json], *, by: Ed25519Signer | None = None
    ) -> Entry:
        """Return the next entry before it is signed."""
        key = by or self.keys[ROLES.get(kind, "clerk")]
        head = self.history.head
        return Entry(
            ledger=self.book,
            seq=head.size,
            prev=head.leaf,
            at=self.now,
            kind=kind,
            once=f"{head.size + 1:032x}",
            by=key.key.name,
            data=data,
        )

    def compose(
        self, kind: str, data: dict[str, Json], *, by: Ed25519Signer | None = None
    ) -> bytes:
        """Return a signed next entry without judging it."""
        key = by or self.keys[ROLES.get(kind, "clerk")]
        return self.page(kind, data, by=key).sign(key)

    def put(self, note: bytes) -> Logged | Void:
        """Take stored bytes as the next entry, valid or void."""
        judged = judge(note, history=self.history)
        match judged:
            case Logged():
                self.history.add(judged)
            case Void():
                self.history.add_void(judged)
        self.notes.append(note)
        self.now += timedelta(hours=1)
        return judged

    def write(
        self, kind: str, data: dict[str, Json], *, by: Ed25519Signer | None = None
    ) -> Logged:
        """Record an entry, or raise what the rules say against it."""
        note = self.compose(kind, data, by=by)
        judged = judge(note, history=self.history)
        if isinstance(judged, Void):
            read_record(kind, data)
            raise RefusedError.many(
                [RefusedError(fault.code, **fault.values) for fault in judged.faults]
            )
        self.put(note)
        return judged

    def refused(self, kind: str, data: dict[str, Json]) -> set[str]:
        """Return the codes with which an entry would be refused; empty if none."""
        judged = judge(self.compose(kind, data), history=self.history)
        if isinstance(judged, Logged):
            return set()
        return {fault.code for fault in judged.faults}

    def cite(self, ref: str) -> dict[str, Json]:
        """Return the citation of the entry that opened a reference."""
        return self.cite_entry(self.history.opened[ref])

    def cite_entry(self, seq: int) -> dict[str, Json]:
        """Return the citation of an entry."""
        reference: Reference = self.history.reference(seq)
        return {
            "ledger": reference.ledger,
            "seq": reference.seq,
            "leaf": reference.leaf,
        }

    def transfer(self, **members: Json) -> Logged:
        """Record a departure; members given replace the usual ones."""
        data: dict[str, Json] = {
            "ref": self.history.next_ref("T"),
            "origin": self.state,
            "destination": "SV",
            "group": {"label": "alleged members", "said_by": "US"},
            "persons": {"n": 238, "qualifier": "exact"},
            "departures": [{"at": "2025-03-15T17:26-04:00"}],
            "facility": {"name": "CECOT", "zone": "America/El_Salvador"},
            "term": {"reading": "fixed", "length": "P1Y"},
            "renewable": "yes",
            "asserted_by": self.state,
            "status": "official",
        }
        return self.write("transfer", {**data, **members})

    def receipt(self, ref: str, persons: int, **members: Json) -> Logged:
        """Record an arrival, as reported."""
        data: dict[str, Json] = {
            "transfer": self.cite(ref),
            "arrived": "2025-03-16T00:30-06:00",
            "admitted": "2025-03-16T02:00-06:00",
            "arrived_persons": persons,
            "asserted_by": "SV",
            "status": "reported",
        }
        return self.write("receipt", {**data, **members})

    def renewal(self, ref: str, persons: int, **members: Json) -> Logged:
        """Record a renewal."""
        data: dict[str, Json] = {
            "transfer": self.cite(ref),
            "persons": {"n": persons, "qualifier": "exact"},
            "agreed_on": "2026-03-01",
            "asserted_by": self.state,
            "status": "official",
        }
        if "until" not in members and "length" not in members:
            data["length"] = "P1Y"
        return self.write("renewal", {**data, **members})

    def exit(self, refs: list[str], persons: int, day: str, **members: Json) -> Logged:
        """Record an exit, as reported."""
        data: dict[str, Json] = {
            "transfers": [self.cite(ref) for ref in refs],
            "persons": {"n": persons, "qualifier": "exact"},
            "occurred": day,
            "how": "repatriated",
            "asserted_by": "SV",
            "status": "reported",
        }
        return self.write("exit", {**data, **members})

    def recovery(self, exit_: int, persons: int, day: str, **members: Json) -> Logged:
        """Record that persons of an exit are in custody again, as reported."""
        return self.write("recovery", self.recovered(exit_, persons, day, **members))

    def recovered(
        self, exit_: int, persons: int, day: str, **members: Json
    ) -> dict[str, Json]:
        """Return what a recovery says."""
        data: dict[str, Json] = {
            "exit": self.cite_entry(exit_),
            "persons": {"n": persons, "qualifier": "exact"},
            "occurred": day,
            "how": "recaptured",
            "asserted_by": "SV",
            "status": "reported",
        }
        return {**data, **members}

    def instrument(self, **members: Json) -> Logged:
        """Record an instrument or a later stage of one."""
        data: dict[str, Json] = {
            "id": self.history.next_ref("I"),
            "title": "Exchange of notes",
            "type": "exchange_of_notes",
            "binding": "yes",
            "stage": "signed",
            "text_public": "no",
            "parties": ["US", "SV"],
            "asserted_by": self.state,
            "status": "official",
        }
        return self.write("instrument", {**data, **members})

    def payment(self, refs: list[str], amount: str, **members: Json) -> Logged:
        """Record a payment for some transfers."""
        data: dict[str, Json] = {
            "stage": "payment",
            "amount": amount,
            "currency": "USD",
            "payer": self.state,
            "payee": "SV",
            "occurred": "2025-03-22",
            "for": {"transfers": [self.cite(ref) for ref in refs]},
            "asserted_by": self.state,
            "status": "official",
        }
        return self.write("payment", {**data, **members})

    def remark(self, *seqs: int, **members: Json) -> Logged:
        """Record a remark about some entries."""
        data: dict[str, Json] = {
            "about": [self.cite_entry(seq) for seq in seqs],
            "type": "variance",
            "text": "the lists differ",
            "asserted_by": self.state,
            "status": "official",
        }
        return self.write("remark", {**data, **members})

    def claim(self, seq: int, path: str, value: Json, **members: Json) -> Logged:
        """Record a rival value for a member of an entry."""
        data: dict[str, Json] = {
            "target": self.cite_entry(seq),
            "path": path,
            "value": value,
            "asserted_by": "press",
            "status": "alleged",
        }
        return self.write("claim", {**data, **members})

    def correction(self, seq: int, *changes: Json) -> dict[str, Json]:
        """Return the data of a correction of an entry."""
        return {
            "target": self.cite_entry(seq),
            "reason": "misread",
            "changes": list(changes),
        }

    def retraction(self, seq: int) -> dict[str, Json]:
        """Return the data of a retraction of an entry."""
        return {"target": self.cite_entry(seq), "reason": "recorded twice"}

    def correct(self, seq: int, *changes: Json) -> Logged:
        """Record a correction of an entry."""
        return self.write("correction", self.correction(seq, *changes))

    def retract(self, seq: int) -> Logged:
        """Record a retraction of an entry."""
        return self.write("retraction", self.retraction(seq))

    def acknowledge(self, *seqs: int) -> Logged:
        """Record that the state has seen void entries."""
        voids = [self.history.voids[seq] for seq in seqs]
        targets: list[Json] = [{"seq": v.seq, "leaf": v.leaf.hex()} for v in voids]
        data: dict[str, Json] = {"targets": targets, "reason": "written by hand"}
        return self.write("acknowledgement", data)
