"""What an office asks every day: `python -m bench.today [OPEN ...]`.

`today` and `calendar` of a book in which so many transfers are open, each alone; its
figures are processor time, and the ratio to the first book of the same run.
"""

import sys
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

from bench.books import LongOffice, write_database
from bench.pools import measured
from ledger.register.deadlines import deadlines
from ledger.register.duties import duties
from ledger.register.mismatching import variances
from ledger.register.opening import Places, open_register
from tests.office import Office

USUAL = (100, 1000)
ON = date(2026, 4, 1)
WITHIN = 90
REMINDERS = (90, 30, 7)


def busy_office(transfers: int) -> Office:
    """Return an office of which so many transfers are open, and as many are over."""
    office = LongOffice()
    for _ in range(transfers):
        opening = office.transfer(persons={"n": 100, "qualifier": "exact"})
        ref = str(opening.data["ref"])
        office.receipt(ref, 99)
        office.remark(opening.seq, text="the list of the origin names 101")
        office.renewal(ref, 99)
        office.exit([ref], 40, "2025-07-18")
    return office


def figures(transfers: int) -> dict[str, float]:
    """Return the seconds of the processor for each question."""
    office = busy_office(transfers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_database(office, folder / "book")
        del office
        places = Places(folder / "book", folder / "keys", folder / "state")
        found = {}
        with open_register(places) as register:
            for what, ask in (
                ("today", partial(duties, on=ON, within=WITHIN)),
                ("calendar", partial(deadlines, on=ON, reminders=REMINDERS)),
                ("mismatches", partial(variances, on=ON)),
            ):
                found[what] = measured(partial(ask, register))
    return found


def main(sizes: list[int]) -> None:
    """Measure, and print a line for each figure."""
    base: dict[str, float] = {}
    for transfers in sizes:
        found = figures(transfers)
        base = base or found
        for what, seconds in found.items():
            sys.stdout.write(
                f"{what}, {transfers} open transfers: {seconds:.2f} s, "
                f"{seconds / base[what]:.1f} x {sizes[0]}\n"
            )
        sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(USUAL))
