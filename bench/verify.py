"""How long `verify` takes, and its stages: `python -m bench.verify [ENTRIES]`.

The baseline of each ratio is measured in the same run: bare Ed25519 verification of
the same bytes by two processes; or reading each row and hashing it once, in one.
"""

import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from bench.books import long_office, write_database
from ledger.audit import Audit
from ledger.domain.history import History
from ledger.domain.schemas import read_record
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.rebuilding import Rebuilding
from ledger.register.sharing import first_look
from ledger.store.journal import Journal
from ledger.store.shelf import Onces, Shelf, shelved
from ledger.tlog import ed25519, merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.entry import Entry, EntryNote
from ledger.tlog.merkle import Frontier
from tests.office import Office

USUAL = 20_000
CORES = 2
NEW = 1_000

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


def stages(database: Path) -> Iterator[tuple[str, float]]:
    """Yield what each stage of a verification takes alone, in one process."""
    journal = Journal.open(database, write=False)
    size = journal.size()
    notes = [row.note for row in journal.rows(0, size)]
    frontier = Frontier()
    yield (
        "hash and tree",
        measured(lambda: [frontier.append(merkle.leaf_hash(n)) for n in notes]),
    )
    said: list[Entry] = []
    yield (
        "bytes: split, decode, compare the spelling",
        measured(lambda: said.extend(EntryNote.parse(n).envelope() for n in notes)),
    )
    yield (
        "records",
        measured(lambda: [read_record(s.kind, s.data, spelt=s.spelt) for s in said]),
    )
    book = said[0].ledger
    history = shelved(History(book=book), journal, stop=size)
    audit = Audit(history, check=lambda *_: None)
    compared = Rebuilding(journal, history)

    def judge() -> None:
        for row in journal.rows(0, size):
            if isinstance(history.entries, Shelf) and isinstance(history.onces, Onces):
                history.entries.coming(row)
                history.onces.coming(row)
            audit.take(seq=row.seq, leaf=row.leaf, note=row.note)
            compared.judged(row.seq)

    yield "all of these, chain and rules", measured(judge)
    yield (
        "projections",
        measured(
            lambda: first_look(compared, database, workers=0, tell=lambda *_: None)
        ),
    )
    journal.close()


def alone(link: Connection, places: Places, workers: int, since: bytes | None) -> None:
    """Verify in a process of its own; send the exit code, seconds and megabytes."""
    start = perf_counter()
    report = verify(places, workers=workers, since=since)
    took = perf_counter() - start
    sizes = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    link.send((report.exit_code, took, max(sizes)))


def verified(
    places: Places, *, workers: int, since: bytes | None = None
) -> tuple[float, int]:
    """Return the seconds and the megabytes of the largest process of a verification."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=alone, args=(theirs, places, workers, since))
    process.start()
    code, seconds, megabytes = ours.recv()
    process.join()
    if code:
        raise ValueError(code)
    return seconds, megabytes


def main(entries: int) -> None:
    """Measure, and print a line for each figure."""
    office = long_office(entries)
    signed, count = signed_by(office), len(office.notes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "book"
        write_database(office, database)
        leaves = map(merkle.leaf_hash, office.notes[: count - NEW])
        checkpoint = Checkpoint(office.book, count - NEW, merkle.root(leaves))
        since = sign_checkpoint(checkpoint, office.keys["log"])
        del office
        places = Places(database, folder / "keys", folder / "state")
        bare(signed[:100])
        signatures = measured(partial(bare_on_two_cores, signed))
        rows = measured(lambda: read_and_hash(database))
        write(
            f"{count} entries",
            f"bare Ed25519 on {CORES} cores: {count / signatures:.0f} a second",
            f"read and hash on one core: {count / rows:.0f} a second",
        )
        for stage, took in stages(database):
            write(f"  {stage}: {took / count * 1e6:.0f} µs, {took / rows:.1f} x rows")
        for workers in (0, 1):
            took, size = verified(places, workers=workers)
            write(
                f"verify, {workers + 1} process(es): {count / took:.0f} a second, "
                f"{took / signatures:.1f} x bare Ed25519 (goal 1.15 on 2), "
                f"{size} MB (goal < 150)"
            )
        took, _ = verified(places, workers=0, since=since)
        write(f"verify --since, {NEW} new entries: {took:.2f} s (goal: flat)")


def write(*lines: str) -> None:
    """Write lines as soon as they are known."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else USUAL)
