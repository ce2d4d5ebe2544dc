"""How long a large pool takes: `python -m bench.pools [TRANSFERS ...]`.

Every exit names several transfers without a split, so that all transfers are one pool.
Each figure is the processor time for a pool of so many transfers against that for one
of ten in the same run, and the time itself: work that grows as the pool does has the
ratio of the transfers.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import process_time

from bench.books import LongOffice, write_database
from ledger.register.asking import due, held, listed, overdue
from ledger.register.checking import verify
from ledger.register.opening import Places, Register, open_register
from ledger.register.writing import append
from ledger.tlog.canonical import Json
from tests.office import Office

BASE = 10
USUAL = (10, 50, 120, 500)
ON = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
FIRST = date(2025, 4, 1)
PERSONS = 20
MOST_NAMED = 200
OVERLAP = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds for each question, of one pool."""

    transfers: int
    seconds: dict[str, float]


def measured(work: Callable[[], object]) -> float:
    """Return how many seconds of the processor some work took."""
    start = process_time()
    work()
    return process_time() - start


def chained(transfers: int) -> Office:
    """Return an office whose transfers an exit each ties to the next one."""
    office = _opened(transfers)
    refs = [f"T-{n}" for n in range(1, transfers + 1)]
    for number, (one, other) in enumerate(pairwise(refs)):
        day = FIRST + timedelta(days=number % 300)
        office.exit([one, other], 3, day.isoformat())
    return office


def crowded(transfers: int) -> Office:
    """Return an office with a few exits that name all transfers, or many of them."""
    office = _opened(transfers)
    refs = [f"T-{n}" for n in range(1, transfers + 1)]
    for number in range(5):
        day = FIRST + timedelta(days=number)
        for first in range(0, max(1, transfers - OVERLAP), MOST_NAMED - OVERLAP):
            named = refs[first : first + MOST_NAMED]
            office.exit(named, len(named), day.isoformat())
    return office


def _opened(transfers: int) -> Office:
    office = LongOffice()
    for number in range(1, transfers + 1):
        office.transfer(persons={"n": PERSONS, "qualifier": "exact"})
        office.receipt(f"T-{number}", PERSONS)
    return office


def figures(make: Callable[[int], Office], transfers: int) -> Figures:
    """Return how long each piece of work takes; the last transfer is in no pool."""
    office = make(transfers)
    office.transfer(persons={"n": PERSONS, "qualifier": "exact"})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "book"
        write_database(office, database)
        places = Places(database, folder / "keys", folder / "state")
        seconds = {}
        with open_register(places, write=True) as register:
            for what, refs in (
                ("end in the pool", ["T-1", "T-2"]),
                ("end outside it", [f"T-{transfers + 1}"]),
            ):
                seconds[what] = measured(partial(_end, register, office, refs))
        with open_register(places) as register:
            for what, ask in (
                ("list", listed),
                ("held", held),
                ("overdue", overdue),
                ("due", partial(due, within=90)),
            ):
                seconds[what] = measured(partial(ask, register, on=ON))
        seconds["verify"] = measured(partial(verify, places, workers=0))
    return Figures(transfers, seconds)


def _end(register: Register, office: Office, refs: list[str]) -> None:
    """Record an exit of one person."""
    request: dict[str, Json] = {
        "transfers": [*refs],
        "persons": {"n": 1, "qualifier": "exact"},
        "occurred": "2026-02-05",
        "how": "repatriated",
        "asserted_by": "SV",
        "status": "reported",
    }
    append(
        register,
        kind="exit",
        request=request,
        signer=office.keys["clerk"],
        now=NOW,
    )


def main(sizes: Sequence[int]) -> None:
    """Measure, and print a line for each figure."""
    for name, make in (
        ("each exit names two transfers", chained),
        ("each exit names up to 200 transfers", crowded),
    ):
        sys.stdout.write(f"{name}\n")
        base = figures(make, BASE)
        for transfers in sizes:
            found = base if transfers == BASE else figures(make, transfers)
            sys.stdout.write(f"  {transfers} transfers\n")
            for what, seconds in found.seconds.items():
                ratio = seconds / base.seconds[what]
                sys.stdout.write(
                    f"    {what}: {ratio:.1f} x {BASE} transfers, {seconds:.3f} s\n"
                )
            sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or USUAL)
