"""Why the persons of a transfer may be held until a day, and since when no longer.

In order: the words, the instruments, each event that began a term, each renewal, who
left, and for each part its first day, each step of the arithmetic, the instant at
which its last day is over, and what the overstay adds up from.
"""

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeAlias

from ledger.domain.beginnings import Part, cap, stage_item
from ledger.domain.cases import Case, Item, arrival_day
from ledger.domain.custody import Leave, Pool
from ledger.domain.days import end_of_day, last_day
from ledger.domain.explaining_renewals import (
    Reckoned,
    counting,
    period_steps,
    renewal_steps,
)
from ledger.domain.explaining_words import clause_steps, instrument_steps, word_steps
from ledger.domain.flows import Range
from ledger.domain.overstays import over_bounds, overstay
from ledger.domain.qualifying import number
from ledger.domain.records import Receipt
from ledger.domain.starting import start_of
from ledger.domain.staying import evenings
from ledger.domain.steps import Step, counted, local_time, rivals, step, time_steps
from ledger.domain.terms import parts
from ledger.tlog.entry import format_instant

_ONE_DAY = timedelta(days=1)
_PATHS = ("/term", "/renewable")
_NO_END = {
    "none": "end.no-term",
    "until_event": "end.until-event",
    "indefinite": "end.indefinite",
    "unknown": "end.unknown",
}

Segment: TypeAlias = tuple[date, date, Range]


def explain_term(pool: Pool, ref: str, *, on: date) -> list[Step]:
    """Return every step from the quoted words to the figures of each part.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer, or the unannounced arrival.
        on: The day at whose end the figures hold.
    """
    case = pool.cases[ref]
    found = parts(pool, ref, on=on)
    steps = [
        *word_steps(case),
        *instrument_steps(case),
        *clause_steps(case),
        *_beginning(case, on=on),
        *renewal_steps(pool, ref, on=on),
        *_leaving(pool, ref, found, on=on),
    ]
    if not found:
        steps.append(step("part.nobody", ref=ref, on=on))
    for place, part in enumerate(found, 1):
        steps += _part(pool, ref, part, number=place, on=on)
    return [*steps, *rivals(case.claims, paths=_PATHS, of=[case.opening.seq])]


def _beginning(case: Case, *, on: date) -> Iterator[Step]:
    """Yield the events from which the terms are counted."""
    trigger = (case.term and case.term.trigger) or "admitted"
    departed = sum(d.n for d in case.departures() if d.day <= on)
    departed -= case.lost_in_transit(on=on)
    final = False
    for item in case.counted_receipts():
        if arrival_day(item.record, case.zone) > on:
            continue
        departed -= item.record.arrived_persons
        final = final or item.record.more_to_come is None
        yield step("batch.received", item.seq, n=item.record.held_persons)
        if trigger in {"admitted", "arrived"}:
            yield from _received(case, item, trigger=trigger)
    waiting = departed > 0 and not final
    if waiting:
        yield step(
            "batch.in-transit",
            case.opening.seq,
            n=number(departed, case.persons.qualifier),
        )
    if trigger in {"admitted", "arrived"}:
        if waiting:
            yield from _departed(case, on=on)
    elif trigger == "departed":
        yield from _departed(case, on=on)
    elif trigger in {"signed", "in_force"}:
        yield from _stage(case, trigger)
    else:
        yield step("event.date", case.opening.seq, day=trigger)


def _received(case: Case, item: Item[Receipt], *, trigger: str) -> Iterator[Step]:
    admitted, arrived = item.record.admitted, item.record.arrived
    if trigger == "admitted":
        when = admitted or arrived
        code = "event.admitted" if admitted else "event.arrived-for-admitted"
    else:
        when = arrived or admitted
        code = "event.arrived" if arrived else "event.admitted-for-arrived"
    assert when is not None  # noqa: S101 (form of a receipt: one of the two)
    said_by = item.record.asserted_by
    yield step(code, item.seq, recorded=when.text, said_by=said_by)
    yield from time_steps(when, case, item.seq)


def _departed(case: Case, *, on: date) -> Iterator[Step]:
    """Yield the first departure by a day; none for an unannounced arrival."""
    if case.transfer is None:
        return
    moments = [d.at for d in case.transfer.departures]
    first = min(moments, key=lambda at: at.earliest(case.zone))
    if first.earliest(case.zone) <= on:
        seq = case.opening.seq
        yield step("event.departed", seq, recorded=first.text)
        yield from time_steps(first, case, seq)


def _stage(case: Case, trigger: str) -> Iterator[Step]:
    found = stage_item(case, trigger)
    signed = trigger == "signed"
    if found is None:
        yield step("event.never-signed" if signed else "event.never-in-force")
        return
    day, item = found
    when = item.record.occurred
    assert when is not None  # noqa: S101 (a stage without a day is none of these)
    code = "event.signed" if signed else "event.in-force"
    yield step(code, item.seq, ref=item.record.id, recorded=when.text)
    yield from time_steps(when, case, item.seq, day=day)


def _leaving(
    pool: Pool, ref: str, found: tuple[Part, ...], *, on: date
) -> Iterator[Step]:
    """Yield from which part those who left are taken to have left, and why."""
    refused = {item.seq for item in pool.cases[ref].receipts}
    assumed = any(part.assumed for part in found) or not found
    for leave in pool.leaves:
        if ref not in leave.refs or leave.day > on or leave.seq in refused:
            continue
        seq, day, n = leave.seq, leave.day, leave.n
        before = _before(pool, ref, leave, on=on)
        differ = len({part.last_day for part in before}) > 1 and assumed
        if len(leave.refs) > 1:
            code = "exit.shared-latest-end" if differ else "exit.shared"
            yield step(code, seq, n=n, day=day, refs=", ".join(leave.refs))
        elif leave.part is None:
            code = "exit.latest-end" if differ else "exit.one-end"
            yield step(code, seq, n=n, day=day)
        else:
            yield step("exit.named", seq, n=n, day=day, last=leave.part)
            there = sum(p.persons.most for p in before if p.last_day == leave.part)
            if there < n:
                yield step("exit.named-too-many", seq, n=n - there, last=leave.part)


def _before(pool: Pool, ref: str, leave: Leave, *, on: date) -> tuple[Part, ...]:
    """Return the parts just before a day on which some left, as known on a later day.

    Those refused on arrival were in no part: they stay away.
    """
    case = pool.cases[ref]
    renewals = [i for i in case.renewals if i.record.agreed_on < leave.day]
    refused = {item.seq for item in case.receipts}
    leaves = [e for e in pool.leaves if e.day < leave.day or e.seq in refused]
    cases = {**pool.cases, ref: dataclasses.replace(case, renewals=tuple(renewals))}
    return parts(Pool(cases=cases, leaves=tuple(leaves)), ref, on=on)


def _part(pool: Pool, ref: str, part: Part, *, number: int, on: date) -> Iterator[Step]:
    """Yield how the last day of one part comes about, and what follows from it."""
    case = pool.cases[ref]
    yield counted("part.persons", part.persons, number=number)
    if part.assumed:
        yield step("part.assumed")
    if part.provisional:
        yield step("part.provisional")
    end, steps = _first_end(case, part)
    yield from steps
    reckoned = Reckoned(
        anchor=part.start,
        length=None if case.term is None else case.term.length,
        last_day=end,
        capped=any(each.code == "end.capped" for each in steps),
    )
    told = [i for each in case.renewals for i in case.accounts_of(each)]
    by_seq = {item.seq: item.record for item in told}
    for period in part.periods:
        record = by_seq[period.seq]
        yield from period_steps(case, reckoned, period, record)
        reckoned = reckoned.after(period, record)
    if part.last_day is None:
        yield counted("result.no-authority", part.persons)
        return
    yield counted("result.last-day", part.persons, day=part.last_day)
    yield from _over(pool, ref, part, on=on)


def _first_end(case: Case, part: Part) -> tuple[date | None, list[Step]]:
    """Return the last day before any renewal, and the steps that lead to it."""
    term, seq = case.term, case.opening.seq
    if term is not None and term.until is not None:
        return _capped(case, term.until, [step("end.until-date", seq, day=term.until)])
    if term is None or term.length is None:
        return None, [step(_NO_END[part.reading], seq)]
    if part.trigger in {"signed", "in_force"} and not stage_item(case, part.trigger):
        return None, [step("end.not-begun", seq)]
    end = last_day(part.start, term.length)
    steps = [
        step("count.first-day", seq, day=part.start),
        *counting(part.start, term.length, seq),
    ]
    return _capped(case, end, steps)


def _capped(case: Case, end: date, steps: list[Step]) -> tuple[date, list[Step]]:
    limit, ref = cap(case)
    if limit is None or ref is None:
        return end, steps
    if limit < end:
        return limit, [*steps, step("end.capped", ref=ref, day=limit, uncapped=end)]
    return end, [*steps, step("end.not-capped", ref=ref, day=limit, last=end)]


def _over(pool: Pool, ref: str, part: Part, *, on: date) -> Iterator[Step]:
    """Yield when the last day is over, and the days and person-days since."""
    last, zone = part.last_day, pool.cases[ref].zone
    assert last is not None  # noqa: S101 (of a part with an end)
    if last == date.max:
        yield step("over.calendar-end", day=last)
    else:
        instant = end_of_day(last, zone)
        yield step(
            "over.instant",
            day=last,
            zone=zone,
            local=local_time(instant, zone),
            utc=format_instant(instant),
        )
    over = overstay(pool, ref, part, on=on)
    if over is None:
        yield step("over.days-left", n=(last - on).days, on=on)
        return
    yield step("over.days", n=over[0], on=on, last=last)
    for first, until, persons in segments(pool, ref, part, on=on):
        days = (until - first).days + 1
        yield counted("over.segment", persons, first=first, last=until, days=days)
    yield counted("over.person-days", over[1])
    bounded = over_bounds(pool, ref, part, on=on)
    latest = start_of(pool.cases[ref], part).end_latest
    if bounded is not None and bounded.person_days != over[1] and latest is not None:
        between = bounded.person_days
        yield step("over.month", last=latest, least=between.least, most=between.most)


def segments(pool: Pool, ref: str, part: Part, *, on: date) -> list[Segment]:
    """Return first day, last day and persons of each stretch of an overstay.

    Persons times days, added up, are the person-days of `overstay`. Stretches in
    which nobody can have been of the part are left out.
    """
    if part.last_day is None or on <= part.last_day:
        return []
    return evenings(pool, ref, part, first=part.last_day + _ONE_DAY, on=on)
