"""What a clerk waits for, in process: `python -m bench.office [ENTRIES]`.

One durable append against a bare insert of the same row in the same journal mode; what
is due; the proof of an entry. Each is the median of many.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.books import long_office, write_database
from ledger.register.asking import due
from ledger.register.opening import Places, open_register
from ledger.register.writing import acknowledge, append
from ledger.store.engine import make_database
from ledger.tlog import merkle
from tests.register.stored import asked

USUAL = 10_000
TIMES = 40


def often(work: Callable[[int], object]) -> float:
    """Return the median of how many milliseconds some work takes."""
    found = []
    for number in range(TIMES):
        start = perf_counter()
        work(number)
        found.append((perf_counter() - start) * 1000)
    return median(found)


def bare_insert(folder: Path, note: bytes) -> float:
    """Return the milliseconds of one durable insert of one row, and nothing else."""
    connection: sqlite3.Connection = make_database(folder / "bare")
    connection.execute("CREATE TABLE plain (seq INTEGER PRIMARY KEY, leaf, note)")

    def insert(number: int) -> None:
        connection.execute(
            "INSERT INTO plain VALUES (?, ?, ?)", (number, merkle.leaf_hash(note), note)
        )

    took = often(insert)
    connection.close()
    return took


def main(entries: int) -> None:
    """Measure, and print a line for each figure."""
    office = long_office(entries)
    now = max(office.now, datetime(2026, 1, 1, tzinfo=UTC))
    clerk, last = office.keys["clerk"], office.notes[-1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_database(office, folder / "book")
        count = len(office.notes)
        del office
        bare = bare_insert(folder, last)
        places = Places(folder / "book", folder / "keys", folder / "state")
        with open_register(places, write=True) as register:

            def record(number: int) -> None:
                recorded = append(
                    register,
                    kind="transfer",
                    request=asked(100 + number),
                    signer=clerk,
                    now=now + timedelta(minutes=number),
                    once=f"{2**100 + number:032x}",
                )
                acknowledge(register, recorded)

            own = often(record)
        with open_register(places, write=False) as register:
            asked_for = often(
                lambda number: due(
                    register, on=date(2026, 1, 1) + timedelta(number), within=30
                )
            )
            journal, size = register.journal, register.journal.size()
            proof = often(
                lambda number: merkle.prove_inclusion(
                    journal.read_nodes, index=size * number // TIMES, size=size
                )
            )
    sys.stdout.write(
        f"{count} entries\n"
        f"bare durable insert: {bare:.2f} ms\n"
        f"one durable append, signed: {own:.2f} ms, {own / bare:.1f} x (goal 1.3)\n"
        f"due within 30 days: {asked_for:.2f} ms (goal 1)\n"
        f"inclusion proof: {proof:.2f} ms (goal 1)\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else USUAL)
