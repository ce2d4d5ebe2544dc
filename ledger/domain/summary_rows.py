"""The row of one transfer in a summary: what it is, where its persons are, till when.

Restricted JSON, without null: what is not known is left out. Times stand as they were
recorded, with the day that is counted beside them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ledger.domain.beginnings import Part, Period
from ledger.domain.cases import Case
from ledger.domain.custody import Leave, Pool
from ledger.domain.earning import Earning, earning_of
from ledger.domain.flows import Range
from ledger.domain.instrument_sums import sum_of
from ledger.domain.overstays import (
    Emptied,
    emptied_late,
    over_bounds,
    person_days_from,
)
from ledger.domain.qualifying import qualifier_of
from ledger.domain.ratedays import Stretch
from ledger.domain.schemas import data_of
from ledger.domain.starting import said_at, said_time, start_of
from ledger.domain.terms import parts
from ledger.domain.variances import acknowledged, flags
from ledger.tlog.canonical import Json

# What the row says of the first entry in members of its own.
_TOLD = frozenset(
    (
        *("ref", "origin", "destination", "persons", "asserted_by", "status", "group"),
        *("term", "renewable", "compensation"),
    )
)
_ONE_DAY = timedelta(days=1)


def bounds(name: str, found: Range) -> dict[str, Json]:
    """Return the two members of a range, and how exact they are if they are not."""
    row: dict[str, Json] = {f"{name}_min": found.least, f"{name}_max": found.most}
    if found.qualifier != "exact":
        row[f"{name}_qualifier"] = found.qualifier
    return row


def counted(name: str, n: int) -> dict[str, Json]:
    """Return a number of persons, and how exact it is if it is not."""
    said = qualifier_of(n)
    row: dict[str, Json] = {name: int(n)}
    if said != "exact":
        row[f"{name}_qualifier"] = said
    return row


def shared(leaves: Iterable[Leave]) -> list[Json]:
    """Return exits that name several transfers together."""
    return [{"seq": x.seq, "how": x.how, **counted("persons", x.n)} for x in leaves]


def transfer_row(pool: Pool, ref: str, *, on: date) -> dict[str, Json]:
    """Return what a summary says of one transfer, but for its entries and delays."""
    case = pool.cases[ref]
    balance = pool.balance(ref, on=on)
    when = said_time(case.opening.record, case.zone)
    data = data_of(case.opening.record)
    return {
        "ref": ref,
        "origin": case.origin,
        "status": case.opening.record.status,
        "asserted_by": case.opening.record.asserted_by,
        "departed_on": case.opening_day().isoformat(),
        "departed_at": "" if when is None else when.text,
        "persons": data_of(case.persons),
        "acknowledged": acknowledged(case, on=on),
        "deciding_zone": case.zone,
        **counted("departed", balance.departed),
        **counted("arrived", balance.arrived),
        **counted("surplus", balance.surplus),
        **counted("unaccounted", balance.missing),
        **bounds("in_transit", balance.in_transit),
        **bounds("held", balance.held),
        "exits": [
            {"how": how, **counted("persons", n)} for how, n in balance.exits.items()
        ],
        "shared_exits": shared(balance.shared),
        "left": list(_left(pool, ref, on=on)),
        "terms": [_term(pool, ref, part, on=on) for part in parts(pool, ref, on=on)],
        "recorded": {k: v for k, v in data.items() if k not in _TOLD},
        "open": [
            {"flag": flag.code, "seq": flag.seq, **counted("n", flag.n)}
            for flag in flags(pool, ref, on=on)
        ],
        **_past(pool, ref, on=on),
        **_agreed(case, on=on),
        **_accrual(earning_of(pool, ref, on=on)),
    }


def _left(pool: Pool, ref: str, *, on: date) -> Iterator[dict[str, Json]]:
    """Yield who left, of this transfer or of it and others together, and when.

    Who came back is not among them any more.
    """
    for leave in pool.still_gone(on=on):
        if ref in leave.refs:
            yield {
                "seq": leave.seq,
                "how": leave.how,
                **counted("persons", leave.n),
                "day": leave.day.isoformat(),
                "said": said_at(pool, leave.seq),
                "transfers": list(leave.refs),
            }


def _past(pool: Pool, ref: str, *, on: date) -> dict[str, Json]:
    """Return who came back, and the parts that were left late and empty, if any."""
    row: dict[str, Json] = {}
    back: list[Json] = [
        {
            "seq": each.seq,
            "exit": each.exit,
            "how": each.how,
            "persons": each.n,
            "day": each.day.isoformat(),
        }
        for each in pool.cases[ref].regained
        if each.day <= on
    ]
    if back:
        row["recovered"] = back
    emptied: list[Json] = [
        _emptied(pool, ref, each) for each in emptied_late(pool, ref, on=on)
    ]
    if emptied:
        row["emptied"] = emptied
    return row


def _emptied(pool: Pool, ref: str, each: Emptied) -> dict[str, Json]:
    """Return what a summary says of a part that was left late and empty."""
    part, last = each.part, each.part.last_day
    assert last is not None  # noqa: S101 (it was over)
    days = person_days_from(pool, ref, part, first=last + _ONE_DAY, on=each.until)
    return {
        **_start(pool.cases[ref], part),
        "provisional": part.provisional,
        **bounds("persons", part.persons),
        "authorised_until": last.isoformat(),
        "held_until": each.until.isoformat(),
        "days_over": (each.until - last).days,
        **bounds("person_days", days),
        **_gaps(part),
    }


def _gaps(part: Part) -> dict[str, Json]:
    """Return the days without authority before renewals, if there are any."""
    gaps = [period.gap for period in part.periods if period.gap is not None]
    if not gaps:
        return {}
    return {
        "gap_days": sum(period.gap_days for period in part.periods),
        "gaps": [
            {"first": gap.first.isoformat(), "last": gap.last.isoformat()}
            for gap in gaps
        ],
    }


def _agreed(case: Case, *, on: date) -> dict[str, Json]:
    """Return what is said of group, place, term and money, where it is.

    The sum is the one that the transfer earns by: its own, or its instrument's.
    """
    transfer, place, found = case.transfer, case.facility, sum_of(case, on=on)
    money = None if found is None else found.terms
    members: dict[str, Json | None] = {
        "destination": case.destination,
        "facility": None if place is None else place.name,
        "group": None if transfer is None else data_of(transfer.group),
        "renewable": None if transfer is None else transfer.renewable,
        "term": None if case.term is None else data_of(case.term),
        "compensation": None if money is None else data_of(money),
    }
    return {name: value for name, value in members.items() if value is not None}


def _accrual(earning: Earning | None) -> dict[str, Json]:
    """Return what an agreed sum has earned by the day, if anything can be counted."""
    if earning is None:
        return {}
    row: dict[str, Json] = {
        "currency": earning.terms.currency,
        "agreed": earning.terms.money.amount,
        "per": earning.terms.per,
        "accrued_min": earning.accrued[0].amount,
        "accrued_max": earning.accrued[1].amount,
        "basis": earning.counted_by,
        "basis_assumed": earning.assumed,
        "first": earning.first.isoformat(),
        "provisional": earning.provisional,
        "course": earning.state,
    }
    if earning.last is not None:
        row["last"] = earning.last.isoformat()
    if earning.unused is not None:
        row["unused_min"] = earning.unused[0].amount
        row["unused_max"] = earning.unused[1].amount
    if earning.persons is not None and earning.person_days is not None:
        row |= bounds("persons", earning.persons)
        row |= bounds("person_days", earning.person_days)
    if earning.rated is not None and earning.beyond is not None:
        row["unauthorised_min"] = earning.beyond[0].amount
        row["unauthorised_max"] = earning.beyond[1].amount
        row |= bounds("unauthorised_person_days", earning.rated.beyond_days)
        row["steps"] = [accrual_step(each) for each in earning.rated.stretches]
        row["other_sums"] = list(earning.rated.other_sums)
    return {"accrual": row}


def accrual_step(stretch: Stretch) -> dict[str, Json]:
    """Return days on which the same persons earned the same sum by the same right."""
    agreed = stretch.sum
    return {
        "first": stretch.first.isoformat(),
        "last": (stretch.stop - _ONE_DAY).isoformat(),
        "seq": agreed.seq,
        "amount": agreed.terms.money.amount,
        "per": agreed.terms.per,
        "basis": agreed.counted_by,
        "basis_assumed": agreed.assumed,
        "sum_assumed": stretch.carried or not stretch.authorised,
        "authorised": stretch.authorised,
        **bounds("persons", stretch.persons),
    }


def _term(pool: Pool, ref: str, part: Part, *, on: date) -> dict[str, Json]:
    row: dict[str, Json] = {
        **_start(pool.cases[ref], part),
        "counted_from": part.trigger,
        "reading": part.reading,
        "provisional": part.provisional,
        "renewals": part.renewals,
        **bounds("persons", part.persons),
        "periods": [_period(period) for period in part.periods],
    }
    if part.last_day is None:
        row["without_recorded_authority"] = True
    else:
        row["authorised_until"] = part.last_day.isoformat()
    if part.capped_by is not None:
        row["capped_by"] = part.capped_by
    if part.assumed:
        row["assumed"] = True
    over = over_bounds(pool, ref, part, on=on)
    if over is not None:
        row["days_over"] = over.days.most
        row |= bounds("person_days", over.person_days)
    row |= _gaps(part)
    return row


def _start(case: Case, part: Part) -> dict[str, Json]:
    start = start_of(case, part)
    row: dict[str, Json] = {
        "start": part.start.isoformat(),
        "starts_with": start.trigger,
        "start_said": list(start.said),
    }
    if start.event is not None:
        row["start_event"] = start.event
    if start.last != start.first:
        row["start_latest"] = start.last.isoformat()
    if start.end_latest is not None and start.end_latest != start.end:
        row["authorised_until_latest"] = start.end_latest.isoformat()
    return row


def _period(period: Period) -> dict[str, Json]:
    return {
        "seq": period.seq,
        "begins": period.begins.isoformat(),
        "last_day": period.last_day.isoformat(),
        "agreed_on": period.agreed_on.isoformat(),
        "gap_days": period.gap_days,
        "notice": period.notice,
        "beyond_limit": period.beyond_limit,
    }
