"""Who came back after an exit, and when: they are in custody again from that day on."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from ledger.domain.history import History
from ledger.domain.qualifying import number
from ledger.domain.records import Exit
from ledger.domain.recovery import Recovery, Way


class Regained(Struct, frozen=True):
    """Persons of one transfer who came back.

    Attributes:
        seq: The entry that says so.
        exit: The exit by which they had left.
        how: How they came back.
        left: The day by which they had left.
        day: The day from the end of which they are in custody again.
        n: How many; it knows how exact that is (`ledger.domain.qualifying`).
    """

    seq: int
    exit: int
    how: Way
    left: date
    day: date
    n: int


def regained(
    history: History,
    ref: str,
    *,
    recoveries: Iterable[tuple[int, Recovery]],
    exits: Mapping[int, Exit],
    zone: str,
) -> tuple[Regained, ...]:
    """Return who of a transfer came back, by day and entry.

    Args:
        history: What was read.
        ref: The transfer.
        recoveries: What counts, by number of entry.
        exits: The exits of the transfer that count.
        zone: The deciding zone.
    """
    found = []
    for seq, record in recoveries:
        left = exits.get(record.exit.seq)
        n = 0 if left is None else own_portion(history, ref, record, left)
        if left is not None and n:
            gone = left.occurred.latest(zone)
            # A month or a day alone does not say that they came back first.
            day = max(gone, record.occurred.latest(zone))
            back = number(n, record.persons.qualifier)
            found.append(Regained(seq, record.exit.seq, record.how, gone, day, back))
    return tuple(sorted(found, key=lambda each: (each.day, each.seq)))


def own_portion(history: History, ref: str, record: Recovery | Exit, left: Exit) -> int:
    """Return how many of a recovery, or of its exit, are of one transfer.

    Of what names several transfers without a split nobody knows: none.
    """
    if record.split is not None:
        return sum(
            portion.n
            for portion in record.split
            if history.ref_at(portion.transfer) == ref
        )
    named = {history.ref_at(reference) for reference in left.transfers}
    return record.persons.n if named == {ref} else 0
