"""Plausible books between invented states, for tests: many, varied, repeatable.

`plausible(seed)` returns an office of XA whose book tells of transfers to XB, XC and
XD and of unannounced arrivals from there. Every entry is recorded through
`Office.write`; the void ones go round it. One seed gives one book, byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from ledger.domain.cases import Case, case_of
from ledger.domain.custody import pool_of
from ledger.domain.history import History
from ledger.domain.records import Correction, Receipt, Renewal, Transfer
from ledger.tlog.canonical import Json
from tests.office import Office, signer

ZONES = {
    "XA": ("America/Chicago", "-05:00"),
    "XB": ("Africa/Juba", "+02:00"),
    "XC": ("America/El_Salvador", "-06:00"),
    "XD": ("Europe/Amsterdam", "+01:00"),
}
LENGTHS = ("P1Y", "P6M", "P90D", "P1M", "P1Y6M")
HOWS = ("repatriated", "released", "returned_to_origin", "died", "escaped")
LAST = date(2030, 1, 1)
SEEDS = range(50)
FEW_SEEDS = range(20)


@dataclass(slots=True)
class Writer:
    """Writes one book; remembers which void entries nobody has acknowledged."""

    office: Office
    rng: Random
    voids: list[int] = field(default_factory=list)

    @property
    def history(self) -> History:
        """Return the history so far."""
        return self.office.history

    def instrument(self) -> None:
        """Record an instrument, or a later stage of one."""
        rng, history = self.rng, self.history
        known = [ref for ref in history.opened if ref.startswith("I-")]
        day = date(2025, 1, 1) + timedelta(days=rng.randrange(60))
        members: dict[str, Json] = {
            "occurred": day.isoformat(),
            "stage": rng.choice(["announced", "signed", "in_force"]),
            "parties": ["XA", rng.choice(["XB", "XC", "XD"])],
        }
        if known and rng.random() < 0.5:
            members["id"] = rng.choice(known)
            members["stage"] = rng.choice(["in_force", "suspended", "terminated"])
        if rng.random() < 0.5:
            members["renewal"] = {
                "clause": "express",
                "outer_limit": "2027-06-30",
                "notice": {"lead": "P1M"},
            }
        if rng.random() < 0.3:
            members["term"] = {"reading": "until_date", "until": "2026-12-31"}
        self.office.instrument(**members)

    def transfer(self) -> None:
        """Record a departure to another state."""
        rng, history = self.rng, self.history
        to = rng.choice(["XB", "XC", "XD"])
        day = date(2025, 3, 1) + timedelta(days=rng.randrange(300))
        n = rng.randint(1, 60)
        departures: list[Json] = [{"at": f"{day}T17:26-05:00"}]
        if n > 2 and rng.random() < 0.3:
            later = day + timedelta(days=rng.randrange(3))
            departures = [
                {"at": f"{day}T17:26-05:00", "persons": n // 2},
                {"at": later.isoformat()},
            ]
        members: dict[str, Json] = {
            "destination": to,
            "persons": {"n": n, "qualifier": rng.choice(["exact", "about"])},
            "departures": departures,
            "facility": {"name": f"Place {rng.randint(1, 3)}", "zone": ZONES[to][0]},
            "term": self._term(day),
            "renewable": rng.choice(["yes", "no", "unknown"]),
        }
        if n > 1 and rng.random() < 0.3:
            members["breakdown"] = [{"label": "a", "n": 1}, {"label": "b", "n": n - 1}]
        instruments: list[Json] = [r for r in history.opened if r.startswith("I-")]
        if instruments and rng.random() < 0.6:
            members["instruments"] = [rng.choice(instruments)]
        if rng.random() < 0.5:
            members["compensation"] = {
                "amount": f"{n * 20_000}.00",
                "currency": "USD",
                "per": "total",
            }
        self.office.transfer(**members)

    def _term(self, day: date) -> dict[str, Json]:
        rng = self.rng
        match rng.randrange(6):
            case 0:
                return {"reading": "unknown"}
            case 1:
                until = day + timedelta(days=rng.randrange(30, 500))
                return {"reading": "until_date", "until": until.isoformat()}
            case 2:
                trigger = rng.choice(["signed", "in_force", "departed", "2025-02-28"])
                length = rng.choice(LENGTHS)
                return {"reading": "up_to", "trigger": trigger, "length": length}
            case _:
                return {"reading": "fixed", "length": rng.choice(LENGTHS)}

    def receipt(self) -> None:
        """Record an arrival of some, all or more of those who left."""
        rng, case = self.rng, self._case(lambda case: not _closed(case))
        if case is None or case.transfer is None:
            self.arrival()
            return
        n = case.persons.n
        zone, offset = ZONES[case.transfer.destination]
        day = case.opening_day() + timedelta(days=rng.randrange(4))
        members: dict[str, Json] = {
            "arrived": f"{day + timedelta(days=1)}T08:30{offset}",
            "admitted": f"{day + timedelta(days=1)}T10:00{offset}",
            "asserted_by": case.transfer.destination,
        }
        arrived = rng.choice([n, n, n, max(0, n - 1), n + 1, n // 2])
        if arrived == n // 2 and rng.random() < 0.8:
            members["more_to_come"] = True
        if arrived > 3 and rng.random() < 0.2:
            members["refused"] = [{"n": 2, "reason": "not on the list"}]
        if arrived > 5 and rng.random() < 0.1:
            members["admitted_persons"] = arrived - 4
        if rng.random() < 0.3:
            members["facility"] = {"name": "Place 4", "zone": zone}
        self.office.receipt(case.ref, arrived, **members)

    def arrival(self) -> None:
        """Record an unannounced arrival from another state."""
        rng, office = self.rng, self.office
        n = rng.randint(1, 20)
        day = date(2025, 3, 1) + timedelta(days=rng.randrange(300))
        data: dict[str, Json] = {
            "ref": self.history.next_ref("R"),
            "origin": rng.choice(["XB", "XC", "XD"]),
            "persons": {"n": n, "qualifier": "exact"},
            "arrived": day.isoformat(),
            "arrived_persons": n,
            "asserted_by": "XA",
            "status": "official",
        }
        office.write("receipt", data)

    def renewal(self) -> None:
        """Record a renewal of some or all, early or late."""
        rng, case = self.rng, self._case(lambda _: True)
        if case is None:
            self.transfer()
            return
        agreed = case.opening_day() + timedelta(days=rng.randrange(20, 420))
        n = rng.choice([case.persons.n, max(1, case.persons.n // 2)])
        members: dict[str, Json] = {"agreed_on": agreed.isoformat()}
        if rng.random() < 0.5:
            until = agreed + timedelta(days=rng.randrange(30, 400))
            members["until"] = until.isoformat()
        else:
            members["length"] = rng.choice(LENGTHS)
        if rng.random() < 0.3:
            requested = agreed - timedelta(days=rng.randrange(40))
            members["requested_on"] = requested.isoformat()
        instruments: list[str] = [r for r in self.history.opened if r[0] == "I"]
        if instruments and rng.random() < 0.3:
            members["instrument"] = rng.choice(instruments)
        members["status"] = rng.choice(["official", "official", "alleged"])
        self.office.renewal(case.ref, n, **members)

    def exit(self) -> None:
        """Record persons who left: of one transfer, of several, or by a split."""
        rng = self.rng
        cases = self._cases(lambda _: True)
        if not cases:
            self.transfer()
            return
        first = rng.choice(cases)
        near = [c for c in cases if c is not first and not c.ref.startswith("R")]
        chosen = [first]
        if near and not first.ref.startswith("R") and rng.random() < 0.4:
            chosen.append(rng.choice(near))
        day = max(case.opening_day() for case in chosen)
        day += timedelta(days=rng.randrange(3, 200))
        room = sum(
            pool_of(self.history, c.ref).remaining({c.ref}, on=LAST).least
            for c in chosen
        )
        n = rng.randint(1, max(1, min(room, 12)))
        members: dict[str, Json] = {
            "how": rng.choice(HOWS),
            "status": rng.choice(["reported", "reported", "reported", "alleged"]),
        }
        if len(chosen) == 2 and n > 1 and rng.random() < 0.3:
            members["split"] = [
                {"transfer": self.office.cite(chosen[0].ref), "n": n - 1},
                {"transfer": self.office.cite(chosen[1].ref), "n": 1},
            ]
        refs = [case.ref for case in chosen]
        self.office.exit(refs, n, day.isoformat(), **members)

    def payment(self) -> None:
        """Record money promised or moved."""
        cases = self._cases(lambda _: True)
        if not cases:
            self.transfer()
            return
        refs = sorted({case.ref for case in self.rng.choices(cases, k=2)})
        amount = f"{self.rng.randint(1, 900_000)}.00"
        stage = self.rng.choice(["pledge", "commitment", "payment", "refund"])
        self.office.payment(refs, amount, stage=stage)

    def remark(self) -> None:
        """Record a remark, or a rival value."""
        cases = self._cases(lambda _: True)
        if not cases:
            self.transfer()
        elif self.rng.random() < 0.5:
            seqs = sorted({case.opening.seq for case in self.rng.choices(cases, k=2)})
            self.office.remark(*seqs)
        else:
            case = self.rng.choice(cases)
            value: Json = {"n": self.rng.randint(1, 99), "qualifier": "at_least"}
            self.office.claim(case.opening.seq, "/persons", value)

    def correct(self) -> None:
        """Record a correction of a transfer, a receipt or a renewal."""
        history, rng = self.history, self.rng
        seqs = [
            seq
            for seq in history.entries
            if isinstance(history.worth(seq), Transfer | Receipt | Renewal)
        ]
        if not seqs:
            self.transfer()
            return
        seq = rng.choice(seqs)
        data = history.worth_data(seq)
        self.office.correct(seq, *self._changes(history.worth(seq), data))

    def _changes(self, record: object, data: dict[str, Json]) -> list[Json]:
        rng = self.rng
        number = rng.randrange(10**9)
        text: dict[str, Json] = {"path": "/text", "new": f"as read again, {number}"}
        if "text" in data:
            text["old"] = data["text"]
        changes: list[Json] = [text]
        instruments: list[Json] = [r for r in self.history.opened if r[0] == "I"]
        match record:
            case Transfer() if rng.random() < 0.5 and record.breakdown is None:
                n = record.persons.n
                if all(d.persons is None for d in record.departures):
                    changes.append({"path": "/persons/n", "old": n, "new": n + 1})
            case Transfer() if rng.random() < 0.5:
                old = data["term"]
                new = self._term(date(2025, 5, 1))
                if new != old:
                    changes.append({"path": "/term", "old": old, "new": new})
            case Transfer() if instruments:
                named: list[Json] = [rng.choice(instruments)]
                change: dict[str, Json] = {"path": "/instruments", "new": named}
                if "instruments" in data:
                    change["old"] = data["instruments"]
                if change.get("old") != named:
                    changes.append(change)
            case Receipt():
                n = record.arrived_persons
                changes.append({"path": "/arrived_persons", "old": n, "new": n + 1})
            case _:
                pass
        return changes

    def retract(self) -> None:
        """Record a retraction of an entry on which no other rests."""
        history = self.history
        cited = {
            (data["ledger"], data["seq"])
            for entry in history.entries.values()
            if entry.seq not in history.retracted
            for data in _citations(entry.data)
        }
        free = [
            seq
            for seq, entry in history.entries.items()
            if (history.book, seq) not in cited
            and seq not in history.retracted
            and (
                entry.kind in {"exit", "renewal", "remark", "claim", "payment"}
                or isinstance(entry.record, Receipt)
                or (isinstance(entry.record, Correction) and self._is_latest(seq))
            )
        ]
        if not free:
            self.transfer()
            return
        self.office.retract(self.rng.choice(free))

    def _is_latest(self, seq: int) -> bool:
        return any(list_[-1:] == [seq] for list_ in self.history.corrections.values())

    def void(self) -> None:
        """Put an entry into the book that is none, or acknowledge those there."""
        if self.voids:
            self.office.acknowledge(*self.voids)
            self.voids.clear()
            return
        note = self.rng.choice([b"", b"not a page\n", self.rng.randbytes(40)])
        self.voids.append(self.office.put(note).seq)

    def key(self) -> None:
        """Change the clerk's key."""
        office = self.office
        office.now += timedelta(days=1)
        number = self.history.head.size
        prefix = office.book.rpartition("/")[0]
        new = signer(f"{prefix}/clerk-{number}", number % 200 + 20)
        old = office.keys["clerk"]
        office.write("key", {"action": "add", **office.listing("clerk", new)})
        office.write(
            "key", {"action": "retire", "role": "clerk", "vkey": old.key.format()}
        )
        office.keys["clerk"] = new

    def _cases(self, wanted: Callable[[Case], bool]) -> list[Case]:
        history = self.history
        found = (case_of(history, r) for r in history.opened if r[0] != "I")
        return [case for case in found if case is not None and wanted(case)]

    def _case(self, wanted: Callable[[Case], bool]) -> Case | None:
        cases = self._cases(wanted)
        return self.rng.choice(cases[-6:]) if cases else None


def _closed(case: Case) -> bool:
    final = any(item.record.more_to_come is None for item in case.receipts)
    return final or case.transfer is None


def _citations(value: object) -> list[dict[str, Json]]:
    match value:
        case {"ledger": str() as name, "seq": int() as seq, "leaf": _}:
            return [{"ledger": name, "seq": seq}]
        case dict():
            return [c for member in value.values() for c in _citations(member)]
        case list():
            return [c for item in value for c in _citations(item)]
        case _:
            return []


WEIGHTS: dict[Callable[[Writer], None], int] = {
    Writer.transfer: 20,
    Writer.receipt: 22,
    Writer.exit: 14,
    Writer.renewal: 10,
    Writer.instrument: 6,
    Writer.payment: 6,
    Writer.remark: 6,
    Writer.correct: 8,
    Writer.retract: 4,
    Writer.void: 2,
    Writer.key: 1,
}


def plausible(seed: int, *, entries: int = 40) -> Office:
    """Return an office whose book has at least so many entries, the genesis included.

    Args:
        seed: One seed gives one book.
        entries: How many; one more where the last act writes two.
    """
    rng = Random(seed)  # noqa: S311 (nothing here is secret)
    office = Office(book="xa.example/book", state="XA", zone=ZONES["XA"][0])
    writer = Writer(office, rng)
    acts, weights = list(WEIGHTS), list(WEIGHTS.values())
    while len(office.notes) < entries:
        (act,) = rng.choices(acts, weights)
        act(writer)
    return office


@cache
def book(seed: int) -> Office:
    """Return the office of a seed, made once for all tests: read it, never write."""
    return plausible(seed)
