"""Two offices in memory that cite each other's entries."""

from copy import deepcopy
from datetime import UTC, date, datetime

from ledger.domain import joining
from ledger.domain.history import Logged
from ledger.domain.joining import JoinedHistory
from ledger.domain.pairing import Difference, Side
from ledger.domain.reconciling import reconciled
from ledger.domain.schemas import read_record
from ledger.tlog.canonical import Json
from ledger.tlog.entry import leaf
from tests.office import Office

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ON = date(2026, 12, 31)


def exact(n: int) -> Json:
    return {"n": n, "qualifier": "exact"}


class Books:
    """A sending book `us` and a receiving one `sv`.

    What cites the other book is signed and taken as it is: whether the rules of a book
    let it in is not asked here.
    """

    def __init__(self) -> None:
        self.us = Office()
        self.sv = Office(
            book="sv.example/book", state="SV", zone="America/El_Salvador", seed=40
        )

    def put(self, office: Office, kind: str, data: dict[str, Json]) -> Logged:
        """Let an office sign an entry, whatever it cites."""
        own = office is self.sv or kind in {"renewal", "payment", "transfer"}
        said: dict[str, Json] = {
            "asserted_by": office.state,
            "status": "official" if own else "reported",
        }
        page = office.page(kind, {**said, **data})
        note = page.sign(office.keys["clerk"])
        entry = Logged(
            seq=page.seq,
            leaf=leaf(note),
            at=page.at,
            kind=kind,
            by=page.by,
            once=page.once,
            data=page.data,
            record=read_record(kind, page.data),
        )
        office.notes.append(note)
        office.history.add(entry)
        return entry

    def depart(self, persons: Json = 238, **members: Json) -> dict[str, Json]:
        """Let persons leave; return the citation of the departure."""
        count = exact(persons) if isinstance(persons, int) else persons
        entry = self.us.transfer(persons=count, **members)
        return self.us.cite_entry(entry.seq)

    def arrive(
        self, cited: dict[str, Json], n: int, *, by: Office | None = None, **more: Json
    ) -> Logged:
        """Let an office record an arrival: the custodian, unless it is said."""
        data: dict[str, Json] = {
            "transfer": cited,
            "arrived": "2025-03-16T00:30-06:00",
            "arrived_persons": n,
        }
        return self.put(by or self.sv, "receipt", {**data, **more})

    def leave(
        self,
        cited: list[Json],
        persons: Json,
        *,
        by: Office | None = None,
        **more: Json,
    ) -> Logged:
        """Let an office record an exit: the custodian, unless it is said."""
        data: dict[str, Json] = {
            "transfers": cited,
            "persons": exact(persons) if isinstance(persons, int) else persons,
            "occurred": "2025-07-18",
            "how": "repatriated",
        }
        return self.put(by or self.sv, "exit", {**data, **more})

    def renew(self, cited: dict[str, Json], by: Office, **more: Json) -> Logged:
        data: dict[str, Json] = {
            "transfer": cited,
            "persons": exact(238),
            "agreed_on": "2026-03-01",
        }
        if "length" not in more:
            data["until"] = "2027-03-15"
        return self.put(by, "renewal", {**data, **more})

    def pay(self, cited: dict[str, Json], by: Office, **more: Json) -> Logged:
        data: dict[str, Json] = {
            "stage": "payment",
            "amount": "4760000.00",
            "currency": "USD",
            "payer": "US",
            "payee": "SV",
            "occurred": "2025-03-22",
            "for": {"transfers": [cited]},
        }
        return self.put(by, "payment", {**data, **more})

    def differences(self, *, on: date = ON, now: datetime = NOW) -> list[Difference]:
        """Return where the books differ; it is the same from the other side."""
        us, sv = Side(self.us.history), Side(self.sv.history)
        found = reconciled(us, sv, on=on, now=now)
        turned = reconciled(sv, us, on=on, now=now)
        assert [(d.one, d.other) for d in found] == [(d.other, d.one) for d in turned]
        return list(found)

    def only(self, *, on: date = ON, now: datetime = NOW) -> Difference:
        """Return the one difference that there is."""
        (found,) = self.differences(on=on, now=now)
        return found


def told(found: Difference) -> tuple[str, str, str, int]:
    """Return what it is, both values, and how far they are apart."""
    return found.code, found.one.text, found.other.text, found.n


def asked_together(us: Office, sv: Office) -> JoinedHistory:
    """Return what both books say in one history, as the first one's office asks."""
    both = joining.Books(
        names=(us.history.book, sv.history.book),
        states=(us.state, sv.state),
    )
    offices = tuple(
        joining.Office(each.state, each.history.zone, each.history.ring)
        for each in (us, sv)
    )
    own = deepcopy(us.history)
    history = JoinedHistory.over(own, books=both, offices=offices)
    for entry in sv.history.entries.values():
        if entry.kind not in {"genesis", "key"}:
            history.add(both.joined_entry(entry, 1))
    return history
