"""How long `verify` takes: `python -m bench.verify [ENTRIES]`.

The baseline of each ratio is measured in the same run: bare Ed25519 verification of
the same bytes by two processes; or reading each row and hashing it once, in one.
"""

import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from bench.books import long_office, write_database
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.store.journal import Journal
from ledger.tlog import ed25519, merkle
from ledger.tlog.entry import EntryNote
from tests.office import Office

USUAL = 20_000
CORES = 2

Signed = list[tuple[bytes, bytes, bytes]]


def measured(work: Callable[[], object]) -> float:
    """Return how many seconds some work took."""
    start = perf_counter()
    work()
    return perf_counter() - start


def signed_by(office: Office) -> Signed:
    """Return public key, message and signature of each entry."""
    public = {
        (s.key.name, s.key.key_id): s.key.public for s in office.history.ring.standings
    }
    pages = map(EntryNote.parse, office.notes)
    return [
        (
            public[page.signature.name, page.signature.key_id],
            page.text.encode(),
            page.signature.blob,
        )
        for page in pages
    ]


def bare(signed: Signed) -> None:
    """Verify signatures, and do nothing else."""
    for public, message, signature in signed:
        if not ed25519.verify(public, message=message, signature=signature):
            raise ValueError


def bare_on_two_cores(signed: Signed) -> None:
    """Verify half of the signatures in each of two processes."""
    context = multiprocessing.get_context("fork")
    halves = [context.Process(target=bare, args=(signed[n::CORES],)) for n in (0, 1)]
    for half in halves:
        half.start()
    for half in halves:
        half.join()


def read_and_hash(database: Path) -> None:
    """Read every row and hash its note."""
    journal = Journal.open(database, write=False)
    for row in journal.rows(0, journal.size()):
        merkle.leaf_hash(row.note)
    journal.close()


def main(entries: int) -> None:
    """Measure, and print a line for each figure."""
    office = long_office(entries)
    signed, count = signed_by(office), len(office.notes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "book"
        write_database(office, database)
        del office
        places = Places(database, folder / "keys", folder / "state")
        bare(signed[:100])
        signatures = measured(lambda: bare_on_two_cores(signed))
        rows = measured(lambda: read_and_hash(database))
        lines = [
            f"{count} entries",
            f"bare Ed25519 on {CORES} cores: {count / signatures:.0f} a second",
            f"read and hash on one core: {count / rows:.0f} a second",
        ]
        for workers in (0, 1):
            own = measured(lambda n=workers: verify(places, workers=n))  # type: ignore[misc]
            lines.append(
                f"verify, {workers + 1} process(es): {count / own:.0f} a second, "
                f"{own / signatures:.1f} x bare Ed25519, "
                f"{own / rows:.0f} x read and hash"
            )
    # Of this process: the book in memory, for the benchmark, and one verification.
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"largest size of this process: {largest:.0f} MB")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else USUAL)
