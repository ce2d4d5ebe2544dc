"""A book with an entry of every factual kind, for tests of rules."""

from functools import cache

from ledger.tlog.canonical import Json
from tests.office import Office


def arrival(**members: Json) -> dict[str, Json]:
    """Return the data of an unannounced arrival."""
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "SV",
        "persons": {"n": 4, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 4,
        "asserted_by": "US",
        "status": "official",
    }
    return {**data, **members}


def full() -> Office:
    """Return an office with one entry of every factual kind, and some more.

    0 genesis · 1 I-1 · 2 T-1 · 3 receipt · 4 renewal · 5 exit · 6 payment · 7 claim ·
    8 remark · 9 correction of 2 · 10 R-1
    """
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, until="2026-12-31", instrument="I-1")
    office.exit(["T-1"], 1, "2025-06-06")
    office.payment(["T-1"], "4760000.00")
    office.claim(2, "/persons", {"n": 247, "qualifier": "at_least"})
    office.remark(2)
    office.correct(2, {"path": "/text", "new": "as read"})
    office.write("receipt", arrival())
    return office


@cache
def standing() -> Office:
    """Return a full book that no test writes into."""
    return full()


def usual(office: Office, kind: str, seq: int, **members: Json) -> dict[str, Json]:
    """Return the data of a standing entry of a kind, with other members."""
    entry = office.history.entries[seq]
    assert entry.kind == kind
    return {**entry.data, **members}


def refused(kind: str, seq: int, **members: Json) -> set[str]:
    """Return the codes with which such an entry is refused in a full book."""
    office = standing()
    return office.refused(kind, usual(office, kind, seq, **members))
