"""Many writers at once: `python -m bench.queue [WRITERS [APPENDS]]`.

Each writer is a process of its own and appends as quickly as it can; what counts is
how long the one who waited longest had to wait for an append.
"""

import multiprocessing
import sys
import tempfile
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.books import long_office, write_database
from ledger.register.opening import Places, open_register
from ledger.register.writing import acknowledge, append
from ledger.store.journal import Journal
from ledger.tlog.note import Ed25519Signer
from tests.register.stored import asked

USUAL = (8, 25)
ENTRIES = 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def write(
    link: Connection,
    places: Places,
    signer: Ed25519Signer,
    numbers: range,
    begin: Barrier,
) -> None:
    """Append, and send how many seconds each append took."""
    took = []
    begin.wait()
    for number in numbers:
        start = perf_counter()
        with open_register(places, write=True) as register:
            recorded = append(
                register,
                kind="transfer",
                request=asked(number),
                signer=signer,
                now=NOW,
                once=f"{2**100 + number:032x}",
            )
            acknowledge(register, recorded)
        took.append(perf_counter() - start)
    link.send(took)


def together(
    places: Places, signer: Ed25519Signer, *, writers: int, appends: int
) -> list[float]:
    """Return how many seconds each append of all writers took.

    Raises:
        EOFError: If a writer failed.
    """
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(writers)
    started = []
    for writer in range(writers):
        ours, theirs = context.Pipe(duplex=False)
        numbers = range(1 + writer * appends, 1 + (writer + 1) * appends)
        process = context.Process(
            target=write, args=(theirs, places, signer, numbers, begin)
        )
        process.start()
        theirs.close()
        started.append((process, ours))
    found = [seconds for _, ours in started for seconds in ours.recv()]
    for process, ours in started:
        process.join()
        ours.close()
    return found


def main(writers: int, appends: int) -> None:
    """Measure, and print a line."""
    office = long_office(ENTRIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_database(office, folder / "book")
        places = Places(folder / "book", folder / "keys", folder / "state")
        took = together(places, office.keys["clerk"], writers=writers, appends=appends)
        journal = Journal.open(folder / "book", write=False)
        lost = len(office.notes) + writers * appends - journal.size()
        journal.close()
    sys.stdout.write(
        f"{writers} writers, {appends} appends each: {len(took) / sum(took):.0f} a "
        f"second each, median {median(took) * 1000:.0f} ms, longest "
        f"{max(took) * 1000:.0f} ms, {lost} lost\n"
    )


if __name__ == "__main__":
    main(*(int(n) for n in sys.argv[1:]) if sys.argv[1:] else USUAL)
