"""Long books for benchmarks: plausible small entries, the same each time.

Every seventh entry is a transfer, and what follows tells of it: its arrival, remarks,
a payment, a renewal, an exit. Entries are judged once, as they are recorded, and the
rows that follow from them are written in bulk.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from typing_extensions import override

from ledger.domain.history import Logged
from ledger.domain.judging import judge
from ledger.store.journal import Journal
from ledger.store.mirrors import add_mirror
from ledger.store.projections import expected_rows
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.merkle import Frontier
from ledger.tlog.note import Ed25519Signer
from tests.office import Office


class LongOffice(Office):
    """An office that records quickly: an entry a minute, each judged once."""

    @override
    def write(
        self, kind: str, data: dict[str, Json], *, by: Ed25519Signer | None = None
    ) -> Logged:
        """Record an entry; it must be valid."""
        note = self.compose(kind, data, by=by)
        # It was signed just now.
        judged = judge(note, history=self.history, check=lambda *_: None)
        if not isinstance(judged, Logged):
            raise TypeError(judged)
        self.history.add(judged)
        self.notes.append(note)
        self.now += timedelta(minutes=1)
        return judged


def long_office(entries: int) -> Office:
    """Return an office whose book has at least so many entries."""
    office = LongOffice()
    while len(office.notes) < entries:
        opening = office.transfer(persons={"n": 100, "qualifier": "exact"})
        ref = str(opening.data["ref"])
        receipt = office.receipt(ref, 100)
        office.remark(opening.seq, text="the list of the origin names 101")
        office.remark(receipt.seq, text="the list of the destination names 99")
        office.payment([ref], "476000.00")
        office.renewal(ref, 100)
        office.exit([ref], 40, "2025-07-18")
    return office


def write_database(
    office: Office, database: Path, *, mirrored: Iterable[Office] = ()
) -> None:
    """Write the database of an office, its rows in bulk; not durable.

    Args:
        office: The office.
        database: The file to make.
        mirrored: Offices of which it has a mirror.
    """
    genesis = office.history.entries[0]
    journal = Journal.make(
        database, name=office.book, state=office.state, genesis=genesis.leaf
    )
    journal.connection.execute("PRAGMA synchronous=OFF")
    with journal.writing():
        _write(journal, office)
        for other in mirrored:
            genesis = other.history.entries[0]
            _write(
                add_mirror(
                    journal, name=other.book, state=other.state, genesis=genesis.leaf
                ),
                other,
            )
    journal.close()


def _write(journal: Journal, office: Office) -> None:
    frontier = Frontier()
    connection, book = journal.connection, journal.book.id
    for seq, note in enumerate(office.notes):
        leaf = merkle.leaf_hash(note)
        once = office.history.entries[seq].once
        connection.execute(
            "INSERT INTO entry (book, seq, once, leaf, note) VALUES (?, ?, ?, ?, ?)",
            (book, seq, once, leaf, note),
        )
        connection.executemany(
            "INSERT INTO node VALUES (?, ?, ?, ?)",
            [(book, n.level, n.index, hash_) for n, hash_ in frontier.append(leaf)],
        )
    for table, rows in expected_rows(office.history).items():
        columns = ", ".join(("book", *table.columns))
        marks = ", ".join("?" * (len(table.columns) + 1))
        sql = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 (names are ours)
        connection.executemany(sql, [(book, *row) for row in rows])
