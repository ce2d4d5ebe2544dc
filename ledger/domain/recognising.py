"""An arrival that nobody announced, now recognised as a transfer.

The receipt that says which transfer `R-1` was counts everyone anew. Whatever it leaves
out is what was recorded when they arrived.
"""

from collections.abc import Iterator, Mapping

from ledger.domain.cases import case_of
from ledger.domain.history import History, Logged
from ledger.domain.records import Receipt
from ledger.domain.schemas import data_of
from ledger.errors import NotFoundError, RefusedError
from ledger.tlog.canonical import Json

_COUNTED = ("admitted_persons", "refused", "more_to_come")
_TAKEN = ("facility", "receiving_authority", "commitment_order", "manifest")


def received(history: History, data: Mapping[str, Json]) -> dict[str, Json]:
    """Return the data of a receipt: its reference, or what a former arrival says.

    Args:
        history: The book, with what concerns the arrival.
        data: A receipt; one with `formerly` is without `arrived_persons` where the
            count of the arrival stands.

    Raises:
        NotFoundError: If there is no such arrival.
        RefusedError: If it was counted several times, or not exactly, so that the
            count has to be said.
    """
    if "transfer" not in data:
        return {**data, "ref": history.next_ref("R")}
    if "formerly" not in data:
        return dict(data)
    former = str(data["formerly"])
    case = case_of(history, former)
    if case is None:
        raise NotFoundError("cite.no-such-ref", ref=former)
    receipts = [item.record for item in case.counted_receipts()]
    anew = "arrived_persons" in data
    if not anew and (len(receipts) != 1 or case.persons.qualifier != "exact"):
        raise RefusedError(
            "cite.count-anew", ref=former, persons=str(case.persons.number)
        )
    return {**_first(receipts, data, anew=anew), **data}


def recognised_once(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Yield why an arrival cannot be recognised again: it was, and that stands.

    It is asked when a receipt is recorded, and never again: a book in which it
    happened is none the worse, and counts by the last of them alone.
    """
    match entry.record:
        case Receipt(formerly=str() as former):
            for seq in history.by_ref.get(former, ()):
                record = history.worth(seq)
                if isinstance(record, Receipt) and record.formerly == former:
                    yield RefusedError("rule.recognised-already", ref=former, seq=seq)
                    return
        case _:
            pass


def _first(
    receipts: list[Receipt], data: Mapping[str, Json], *, anew: bool
) -> dict[str, Json]:
    """Return what the first receipt of an arrival says that is still so."""
    said = data_of(receipts[0]) if receipts else {}
    names = list(_TAKEN)
    if not {"arrived", "admitted"} & data.keys():
        names += ["arrived", "admitted"]
    if not anew:
        names += ["arrived_persons", *_COUNTED]
    return {name: said[name] for name in names if name in said}
