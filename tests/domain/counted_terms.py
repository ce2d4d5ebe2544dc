"""Terms counted through whole books: short ways to ask, for tests."""

from datetime import date

from ledger.domain.custody import pool_of
from ledger.domain.terms import Part, parts
from ledger.tlog.canonical import Json
from tests.office import Office

ON = date(2026, 4, 1)


def parts_of(office: Office, ref: str = "T-1", *, on: date = ON) -> tuple[Part, ...]:
    """Return the parts of a transfer."""
    return parts(pool_of(office.history, ref), ref, on=on)


def only(office: Office, ref: str = "T-1", *, on: date = ON) -> Part:
    """Return the only part of a transfer."""
    (part,) = parts_of(office, ref, on=on)
    return part


def term(**members: Json) -> dict[str, Json]:
    """Return a term of one year, with other members."""
    return {"reading": "fixed", "length": "P1Y", **members}


def received(n: int = 238, *, day: str = "2025-03-16", **members: Json) -> Office:
    """Return an office whose first transfer was received on a day, in full."""
    office = Office()
    departures: Json = [{"at": day}]
    count: Json = {"n": n, "qualifier": "exact"}
    office.transfer(**{"persons": count, "departures": departures, **members})
    office.receipt("T-1", n, arrived=day, admitted=day)
    return office


def until(office: Office, ref: str = "T-1") -> str:
    """Return the last authorised day of the only part."""
    return str(only(office, ref).last_day)


ROLLING = [
    ("2025-03-15T17:26-04:00", "2025-03-16T02:00-06:00"),
    ("2025-03-30T20:00-04:00", "2025-03-30T23:10-06:00"),
    ("2025-04-12T18:00-04:00", "2025-04-12T22:30-06:00"),
]


def rolling(**instrument: Json) -> Office:
    """Return the three flights of one arrangement."""
    office = Office()
    office.instrument(**instrument)
    for left, came in ROLLING:
        office.transfer(departures=[{"at": left}], instruments=["I-1"])
        ref = f"T-{office.history.numbers['T']}"
        office.receipt(ref, 238, arrived=came, admitted=came)
    return office
