"""The summary of a book on a day: what an office signs and hands out.

One object of restricted JSON, drawn from a history and from inclusion proofs under one
checkpoint. It says what it proves (these entries are in this book), what rests on
whoever signs it (the totals), and what rests on nobody (that it is true, lawful or
complete). Persons come first, as counts; there are no names. Whatever is open,
disputed, void or late is in it, always; what happened after the day is listed by
number only.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from ledger.domain.cases import counts
from ledger.domain.custody import Pool, held_among, pool_of
from ledger.domain.history import History, number_of, pools
from ledger.domain.qualifying import added
from ledger.domain.records import (
    Claim,
    Correction,
    Exit,
    Instrument,
    Payment,
    Receipt,
    Remark,
    Renewal,
    Retraction,
)
from ledger.domain.recovery import Recovery
from ledger.domain.schemas import OF_THE_BOOK, data_of
from ledger.domain.starting import delay_from
from ledger.domain.summary_rows import bounds, counted, transfer_row
from ledger.domain.summary_rows import shared as shared_rows
from ledger.domain.variances import days_of, delay_days, is_later
from ledger.errors import MalformedError
from ledger.tlog import canonical
from ledger.tlog.canonical import Json
from ledger.tlog.entry import format_instant

SCHEMA = "transfer-ledger/summary/1"
PROVES = (
    "Each entry listed here, under its number and leaf hash, is in this book under "
    "this checkpoint: the proofs show it."
)
RESTS_ON_SIGNER = (
    "The totals, the days and the choice of what is listed rest on whoever signed "
    "this summary, and so do the log keys named in it."
)
RESTS_ON_NOBODY = (
    "Nothing here shows that an entry is true, lawful or complete: an entry is a "
    "signed claim of its author."
)


class Sealed(Struct, frozen=True):
    """What of a book a summary stands under.

    Attributes:
        genesis: Leaf hash of entry 0, hex.
        checkpoint: The lines of the checkpoint note.
        log_keys: The vkeys of the log.
        size: How many entries it covers.
        beyond: Entries that came later and are left out.
        prove: Returns the inclusion proof of an entry, as hex hashes.
    """

    genesis: str
    checkpoint: tuple[str, ...]
    log_keys: tuple[str, ...]
    size: int
    beyond: int
    prove: Callable[[int], Sequence[str]]


class Known(Struct, frozen=True):
    """That a summary is of an earlier day's knowledge.

    Attributes:
        on: What was recorded after this day, UTC, is left out.
        entries: How many entries there were.
    """

    on: date
    entries: int


class _View(Struct, frozen=True):
    """The part of a history that a summary is about, on its day.

    Attributes:
        history: All that was read.
        on: The day.
        pools: The pools of the transfers, each once.
        refs: The transfers that had begun by the day.
        days: The day that an entry is about, by entry.
        about: The entries that concern the transfers.
        later: Those of them that are about something after the day.
    """

    history: History
    on: date
    pools: Mapping[str, Pool]
    refs: tuple[str, ...]
    days: Mapping[int, date]
    about: frozenset[int]
    later: frozenset[int]

    def each(self) -> Iterable[tuple[int, object]]:
        """Return number and worth of what had happened by the day, in order."""
        for seq in sorted(self.about - self.later):
            yield seq, self.history.worth(seq)


def summarise(
    history: History,
    refs: Sequence[str],
    *,
    whole: bool,
    on: date,
    made_at: datetime,
    sealed: Sealed,
    known: Known | None = None,
) -> dict[str, Json]:
    """Return the summary of some transfers of a book at the end of a day.

    Args:
        history: All that concerns the transfers, up to the checkpoint.
        refs: The transfers.
        whole: They are all transfers of the book.
        on: The day.
        made_at: When the summary is made, UTC.
        sealed: The checkpoint and the proofs under it.
        known: That it is of what was known on an earlier day, if it is.
    """
    view = _view(history, refs, whole=whole, on=on)
    rows = [_transfer(view, ref, sealed) for ref in view.refs]
    in_rows = {seq for ref in view.refs for seq in history.seqs_of(ref)}
    return {
        "schema": SCHEMA,
        "scope": {"book": history.book, "transfers": list(view.refs), "whole": whole},
        "on": on.isoformat(),
        **_known(known),
        "made_at": format_instant(made_at),
        "books": [
            {
                "book": history.book,
                "state": history.state,
                "genesis": sealed.genesis,
                "checkpoint": list(sealed.checkpoint),
                "log_keys": list(sealed.log_keys),
                "entries": sealed.size,
                "entries_beyond_checkpoint": sealed.beyond,
            }
        ],
        "totals": _totals(view),
        "transfers": list(rows),
        "instruments": _instruments(view),
        "payments": [
            {"seq": s, **data_of(r)} for s, r in view.each() if isinstance(r, Payment)
        ],
        "claims": _claims(view),
        "remarks": _remarks(view),
        "corrections": _changes(view),
        "void": _voids(history),
        "late": _late(view, view.about - in_rows),
        "later": [
            {"seq": s, "kind": history.entries[s].kind} for s in sorted(view.later)
        ],
        "entries": _others(view, in_rows, sealed),
        "proves": PROVES,
        "rests_on_signer": RESTS_ON_SIGNER,
        "rests_on_nobody": RESTS_ON_NOBODY,
    }


def _known(known: Known | None) -> dict[str, Json]:
    if known is None:
        return {}
    return {"known_on": known.on.isoformat(), "known_entries": known.entries}


def _view(history: History, refs: Sequence[str], *, whole: bool, on: date) -> _View:
    # An arrival that turned out to be a transfer is that transfer, and counts once.
    chosen = sorted({history.known_as(ref) for ref in refs}, key=number_of)
    found = [pool_of(history, names[0]) for names in pools(history, chosen)]
    by_ref = {ref: pool for pool in found for ref in pool.cases}
    days = days_of(history, found)
    about = (
        frozenset(history.entries)
        if whole
        else _concerned(history, chosen)
        | {leave.seq for pool in found for leave in pool.leaves}
    )
    return _View(
        history=history,
        on=on,
        pools=by_ref,
        refs=tuple(
            ref
            for ref in chosen
            if ref in by_ref and by_ref[ref].cases[ref].opening_day() <= on
        ),
        days=days,
        about=about,
        later=frozenset(s for s in about if is_later(history, s, days=days, on=on)),
    )


def _concerned(history: History, refs: Iterable[str]) -> frozenset[int]:
    """Return what concerns transfers, or an instrument that they name and no other."""
    own = {seq for ref in refs for seq in history.seqs_of(ref)}
    named = {r for seq in own for r in history.refs[seq] if r.startswith("I-")}
    return frozenset(own) | {
        seq
        for ref in named
        for seq in history.by_ref[ref]
        if all(r.startswith("I-") for r in history.refs[seq])
    }


def _totals(view: _View) -> dict[str, Json]:
    refs = set(view.refs)
    each = list({id(pool): pool for pool in view.pools.values()}.values())
    balances = [view.pools[ref].balance(ref, on=view.on) for ref in view.refs]
    exits: dict[str, int] = {}
    shared = []
    for leave in [leave for pool in each for leave in pool.still_gone(on=view.on)]:
        if refs.isdisjoint(leave.refs):
            continue
        if refs.issuperset(leave.refs):
            exits[leave.how] = added((exits.get(leave.how, 0), leave.n))
        else:
            shared.append(leave)
    return {
        "transfers": len(refs),
        **counted("departed", added(b.departed for b in balances)),
        **counted("surplus", added(b.surplus for b in balances)),
        **counted("arrived", added(b.arrived for b in balances)),
        **bounds("in_transit_or_held", held_among(each, refs, on=view.on)),
        **counted("unaccounted", added(b.missing for b in balances)),
        "exits": [
            {"how": how, **counted("persons", n)} for how, n in sorted(exits.items())
        ],
        "shared_exits": shared_rows(shared),
    }


def _transfer(view: _View, ref: str, sealed: Sealed) -> dict[str, Json]:
    seqs = view.history.seqs_of(ref)
    return {
        **transfer_row(view.pools[ref], ref, on=view.on),
        "late": _late(view, seqs),
        "entries": [_proved(view.history, seq, sealed) for seq in seqs],
    }


def _instruments(view: _View) -> list[Json]:
    """Return the stages of instruments; those only alleged or disputed are claims."""
    return [
        {"seq": seq, **data_of(record)}
        for seq, record in view.each()
        if isinstance(record, Instrument) and counts(record.status)
    ]


def _late(view: _View, seqs: Collection[int]) -> list[Json]:
    """Return how many days after its event each entry was recorded, if any."""
    delays = {
        seq: delay_days(view.history.entries[seq].at, _since(view, seq))
        for seq in sorted(view.days.keys() & set(seqs) - view.later)
    }
    return [{"seq": seq, "days": days} for seq, days in delays.items() if days]


def _since(view: _View, seq: int) -> date:
    record = view.history.worth(seq) or view.history.entries[seq].record
    return delay_from(record, view.history.zone, view.days[seq])


def _claims(view: _View) -> list[Json]:
    """Return rival values, and what is only alleged, each with whose it is."""
    rows: list[Json] = []
    for seq, record in view.each():
        match record:
            case Claim():
                data = {**data_of(record), "value": _shallow(record.value)}
                rows.append({"seq": seq, "kind": "claim", **data})
            case Receipt() | Renewal() | Exit() | Recovery() | Instrument() if (
                not counts(record.status)
            ):
                kind = view.history.entries[seq].kind
                rows.append({"seq": seq, "kind": kind, **data_of(record)})
            case _:
                pass
    return rows


def _shallow(value: Json) -> Json:
    """Return a value, or its JSON as text where it nests too deep to be signed here."""
    try:
        canonical.encode({"corrections": [{"changes": [{"new": value}]}]})
    except MalformedError:
        return canonical.encode(value).decode()
    return value


def _remarks(view: _View) -> list[Json]:
    found = {seq: r for seq, r in view.each() if isinstance(r, Remark)}
    settled = {r.resolves.seq for r in found.values() if r.resolves is not None}
    return [
        {"seq": seq, "open": seq not in settled, **data_of(record)}
        for seq, record in found.items()
    ]


def _changes(view: _View) -> list[Json]:
    """Return corrections and retractions that stand: what they change, and why."""
    rows: list[Json] = []
    for seq, record in view.each():
        match record:
            case Correction():
                row: dict[str, Json] = {
                    "kind": "correction",
                    "changes": [
                        {name: _shallow(value) for name, value in data_of(c).items()}
                        for c in record.changes
                    ],
                }
            case Retraction():
                row = {"kind": "retraction"}
            case _:
                continue
        row.update(seq=seq, target=record.target.seq, reason=record.reason)
        rows.append(row)
    return rows


def _voids(history: History) -> list[Json]:
    known = history.acknowledged
    return [
        {"seq": seq, "leaf": void.leaf.hex(), "acknowledged": seq in known}
        for seq, void in sorted(history.voids.items())
    ]


def _others(view: _View, in_rows: Collection[int], sealed: Sealed) -> list[Json]:
    """Return the entries that are in no row: instruments, keys, voids and the like."""
    history = view.history
    found = {
        seq
        for seq, entry in history.entries.items()
        if seq in view.about or entry.kind in OF_THE_BOOK
    }
    return [
        _proved(history, seq, sealed)
        for seq in sorted((found | history.voids.keys()) - set(in_rows))
    ]


def _proved(history: History, seq: int, sealed: Sealed) -> dict[str, Json]:
    entry = history.entries.get(seq) or history.voids[seq]
    return {"seq": seq, "leaf": entry.leaf.hex(), "proof": list(sealed.prove(seq))}
