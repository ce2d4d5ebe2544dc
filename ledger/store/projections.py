"""What is derived from entries, as rows: built by one pure function a table.

The same functions serve the append, which writes the rows of the transfers concerned
in the entry's own transaction, and `verify`, which builds all rows anew and compares
every column. Queries use the rows to find the transfers that can matter on a day; the
figures they print are counted from the entries themselves.
"""

from contextlib import nullcontext
from datetime import date
from typing import TypeAlias

from msgspec import Struct

from ledger.domain.cases import Case, arrival_day
from ledger.domain.custody import Pool, pools_by_ref
from ledger.domain.history import History, Logged, Void, number_of, own_refs
from ledger.domain.records import Payment
from ledger.domain.terms import parts
from ledger.store.engine import lenient, translated
from ledger.store.journal import Journal
from ledger.tlog.entry import format_instant

Value: TypeAlias = str | int | bytes | None
Cells: TypeAlias = tuple[Value, ...]


class Table(Struct, frozen=True):
    """One projection: its columns after `book`, and which of them are its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def whole(self) -> str:
        """Return the SQL that selects all rows of one book, in key order."""
        columns, key = ", ".join(self.columns), ", ".join(self.key)
        return f"SELECT {columns} FROM {self.name} WHERE book = ? ORDER BY {key}"  # noqa: S608 (names are ours)


HEADING = Table(
    "heading", ("seq", "at", "kind", "signer", "ref", "fault"), key=("seq",)
)
SUBJECT = Table("subject", ("ref", "seq"), key=("ref", "seq"))
COUNTER = Table("counter", ("letter", "number"), key=("letter",))
TRANSFER = Table(
    "transfer",
    (
        "ref",
        "seq",
        "number",
        "origin",
        "destination",
        "arrangement",
        "group_label",
        "facility",
        "zone",
        "status",
        "persons",
        "qualifier",
        "departed_on",
        "acknowledged",
        "arrived",
        "missing",
        "held_min",
        "held_max",
        "ended_on",
        "renewable",
    ),
    key=("ref",),
)
TERM = Table(
    "term",
    (
        "ref",
        "n",
        "start",
        "last_day",
        "reading",
        "counted_from",
        "provisional",
        "renewals",
        "persons_min",
        "persons_max",
    ),
    key=("ref", "n"),
)
MOVEMENT = Table(
    "movement",
    ("ref", "seq", "n", "what", "day", "persons", "shared"),
    key=("ref", "seq", "n"),
)
PAYMENT = Table(
    "payment",
    ("seq", "stage", "currency", "minor", "day", "payer", "payee", "status"),
    key=("seq",),
)
BY_ENTRY = (HEADING, SUBJECT, COUNTER)
BY_TRANSFER = (TRANSFER, TERM, MOVEMENT)
TABLES: tuple[Table, ...] = (*BY_ENTRY, *BY_TRANSFER, PAYMENT)


def heading_row(entry: Logged | Void) -> Cells:
    """Return the row of `heading` for a valid or a void entry."""
    if isinstance(entry, Void):
        fault = entry.faults[0]
        return (entry.seq, None, None, None, None, f"{fault.level} {fault.code}")
    refs = own_refs(entry.record)
    at = format_instant(entry.at)
    return (entry.seq, at, entry.kind, entry.by, refs[0] if refs else None, None)


def transfer_rows(pool: Pool, ref: str) -> dict[Table, list[Cells]]:
    """Return the rows of one transfer, as it stands after all entries."""
    case = pool.cases[ref]
    end = date.max
    balance = pool.balance(ref, on=end)
    transfer = case.transfer
    facility = case.facility
    rows: dict[Table, list[Cells]] = {
        TRANSFER: [
            (
                ref,
                case.opening.seq,
                number_of(ref)[1],
                case.origin,
                case.destination,
                None if transfer is None else transfer.arrangement,
                None if transfer is None else transfer.group.label,
                None if facility is None else facility.name,
                case.zone,
                case.opening.record.status,
                case.persons.n,
                case.persons.qualifier,
                case.opening_day().isoformat(),
                int(case.acknowledged()),
                balance.arrived,
                balance.missing,
                balance.remaining.least,
                balance.remaining.most,
                _ended_on(pool, ref),
                None if transfer is None else transfer.renewable,
            )
        ],
        TERM: term_rows(pool, ref),
        MOVEMENT: _movement_rows(pool, case),
    }
    return {table: [_plain(row) for row in found] for table, found in rows.items()}


def _plain(row: Cells) -> Cells:
    """Return a row with plain numbers: how exact one is has a column of its own."""
    return tuple(int(each) if isinstance(each, int) else each for each in row)


def _ended_on(pool: Pool, ref: str) -> str | None:
    """Return a day from which certainly nobody was left, for good."""
    ended = pool.ended_on(ref)
    return None if ended is None else ended.isoformat()


def term_days(case: Case) -> list[date]:
    """Return the days after which a transfer can have another term, in order."""
    days = {departure.day for departure in case.departures()}
    days.update(arrival_day(i.record, case.zone) for i in case.counted_receipts())
    days.update(item.record.agreed_on for item in case.renewals)
    return [*sorted(days), date.max]


def term_rows(pool: Pool, ref: str) -> list[Cells]:
    """Return every term that the transfer had on any day, each once."""
    case = pool.cases[ref]
    found: dict[tuple[Value, ...], tuple[int, int]] = {}
    for day in term_days(case):
        for part in parts(pool, ref, on=day):
            key = (
                part.start.isoformat(),
                None if part.last_day is None else part.last_day.isoformat(),
                part.reading,
                part.trigger,
                int(part.provisional),
                " ".join(str(period.seq) for period in part.periods),
            )
            last = day == date.max
            found[key] = (part.persons.least, part.persons.most) if last else (0, 0)
    return [
        (ref, n, *key, least, most)
        for n, (key, (least, most)) in enumerate(
            sorted(found.items(), key=lambda item: tuple(map(str, item[0])))
        )
    ]


def _movement_rows(pool: Pool, case: Case) -> list[Cells]:
    rows: list[Cells] = []
    opening = case.opening.seq
    for n, departed in enumerate(case.departures()):
        day = departed.day.isoformat()
        rows.append((case.ref, opening, n, "departed", day, departed.n, 0))
    for item in case.counted_receipts():
        day = arrival_day(item.record, case.zone).isoformat()
        persons = item.record.arrived_persons
        n = sum(1 for row in rows if row[1] == item.seq)
        rows.append((case.ref, item.seq, n, "arrived", day, persons, 0))
    for leave in pool.leaves_of(case.ref):
        n = sum(1 for row in rows if row[1] == leave.seq)
        day = leave.day.isoformat()
        shared = int(len(leave.refs) > 1)
        rows.append((case.ref, leave.seq, n, leave.how, day, leave.n, shared))
    for back in case.regained:
        day = back.day.isoformat()
        rows.append((case.ref, back.seq, 0, back.how, day, back.n, 0))
    return sorted(rows, key=lambda row: (row[1], row[2]))


def payment_row(history: History, seq: int) -> list[Cells]:
    """Return the row of `payment` for an entry; none if it is not a standing one."""
    record = history.worth(seq)
    if not isinstance(record, Payment):
        return []
    money = record.money
    day = record.occurred.earliest(history.zone).isoformat()
    return [
        (
            seq,
            record.stage,
            money.currency,
            money.minor,
            day,
            record.payer,
            record.payee,
            record.status,
        )
    ]


def expected_rows(history: History) -> dict[Table, list[Cells]]:
    """Return every row of every projection, from a whole history."""
    found: dict[Table, list[Cells]] = {table: [] for table in TABLES}
    every: list[Logged | Void] = [*history.entries.values(), *history.voids.values()]
    found[HEADING] = [heading_row(e) for e in sorted(every, key=lambda e: e.seq)]
    found[SUBJECT] = sorted(
        (ref, seq) for seq, refs in history.refs.items() for ref in refs
    )
    found[COUNTER] = sorted(history.numbers.items())
    refs = sorted(r for r in history.opened if not r.startswith("I-"))
    pools = pools_by_ref(history, refs)
    for ref in refs:
        if ref in pools[ref].cases:
            for table, rows in transfer_rows(pools[ref], ref).items():
                found[table].extend(rows)
    for seq in sorted(history.entries):
        found[PAYMENT].extend(payment_row(history, seq))
    return found


def stored_part(
    journal: Journal,
    table: Table,
    after: Value,
    upto: Value,
    *,
    readable: bool = True,
) -> list[Cells]:
    """Return the rows of one projection whose key begins in a span, in key order.

    Args:
        journal: The own book.
        table: The projection.
        after: The span begins after this value; None: with whatever comes first.
        upto: It ends with this value; None: with whatever comes last.
        readable: Refuse text that is no UTF-8; else each such byte is an escape of
            PEP 383, which no text of a derived row has.

    Raises:
        TamperedError: They cannot be read.
    """
    first = table.key[0]
    tests: list[str] = ["book = ?"]
    values: list[Value] = [journal.book.id]
    if after is not None:
        tests.append(f"{first} > ?")
        values.append(after)
    if upto is not None:
        tests.append(
            f"{first} <= ?" if values[1:] else f"({first} IS NULL OR {first} <= ?)"
        )
        values.append(upto)
    sql = (
        f"SELECT {', '.join(table.columns)} FROM {table.name} "  # noqa: S608 (names are ours)
        f"WHERE {' AND '.join(tests)} ORDER BY {', '.join(table.key)}"
    )
    spelled = nullcontext() if readable else lenient(journal.connection)
    with translated(), spelled:
        return journal.connection.execute(sql, values).fetchall()


def stored_rows(journal: Journal, table: Table) -> list[Cells]:
    """Return every row of one projection of the own book, in key order."""
    with translated():
        return journal.connection.execute(table.whole, (journal.book.id,)).fetchall()
