"""Whose words a term rests on: the quotation, its reading, the instruments beside it.

Nothing is counted here except an instrument's own end, which caps every term of the
transfers that name it.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.agreements import RenewalClause, Term
from ledger.domain.beginnings import cap, stage_item
from ledger.domain.cases import Case, counts
from ledger.domain.days import last_day
from ledger.domain.records import Instrument
from ledger.domain.steps import Step, step
from ledger.domain.terms import renewal_clause

_READINGS = {
    "fixed": "term.reading-fixed",
    "up_to": "term.reading-up-to",
    "until_event": "term.reading-until-event",
    "until_date": "term.reading-until-date",
    "indefinite": "term.reading-indefinite",
    "unknown": "term.reading-unknown",
}
_TRIGGERS = {
    "admitted": "term.trigger-admitted",
    "arrived": "term.trigger-arrived",
    "departed": "term.trigger-departed",
    "signed": "term.trigger-signed",
    "in_force": "term.trigger-in-force",
}
_RENEWABLE = {
    "yes": "term.renewable-yes",
    "no": "term.renewable-no",
    "unknown": "term.renewable-unknown",
}
_CLAUSES = {
    "express": "clause.express",
    "tacit": "clause.tacit",
    "automatic": "clause.automatic",
    "none": "clause.none",
    "unknown": "clause.unknown",
}
_OF_PERSONS = frozenset((None, "admitted", "arrived", "departed"))


def word_steps(case: Case) -> Iterator[Step]:
    """Yield the quoted words, how they are read, and the zone that decides."""
    seq, transfer = case.opening.seq, case.transfer
    if case.opening.corrected:
        yield step("term.corrected", seq)
    if transfer is None:
        yield step("term.none", seq, ref=case.ref)
    else:
        yield from _quoted(transfer.term, seq, said_by=transfer.asserted_by)
        yield _reading(transfer.term, seq)
        yield _trigger(transfer.term, seq)
        yield step(_RENEWABLE[transfer.renewable], seq)
    if case.zone_assumed:
        yield step("term.zone-assumed", zone=case.zone)
    else:
        yield step("term.zone", zone=case.zone)


def _quoted(term: Term, seq: int, *, said_by: str) -> Iterator[Step]:
    if term.text is None:
        yield step("term.not-quoted", seq, said_by=said_by)
    elif term.language is None:
        yield step("term.quoted", seq, words=term.text, said_by=said_by)
    else:
        yield step(
            "term.quoted-language",
            seq,
            words=term.text,
            language=term.language,
            said_by=said_by,
        )


def _reading(term: Term, seq: int) -> Step:
    code = _READINGS[term.reading]
    if term.length is not None:
        return step(code, seq, length=term.length.format())
    if term.until is not None:
        return step(code, seq, day=term.until)
    return step(code, seq)


def _trigger(term: Term, seq: int) -> Step:
    if term.trigger is None:
        return step("term.trigger-not-said", seq, trigger="admitted")
    if term.trigger in _TRIGGERS:
        return step(_TRIGGERS[term.trigger], seq, trigger=term.trigger)
    return step("term.trigger-date", seq, day=term.trigger)


def instrument_steps(case: Case) -> Iterator[Step]:
    """Yield what each named instrument says of a term, and where its own end lies."""
    latest = {
        item.record.id: item.seq
        for item in case.instruments
        if item.record.term is not None and _is_said(item.record)
    }
    for item in case.instruments:
        record = item.record
        if record.term is None:
            continue
        yield from _quoted_beside(record, record.term, item.seq)
        if not counts(record.status):
            yield step("instrument.not-counted", item.seq, ref=record.id)
        elif not _is_said(record):
            yield step("instrument.announced", item.seq, ref=record.id)
        elif latest[record.id] != item.seq:
            yield step("instrument.replaced", item.seq, ref=record.id)
        else:
            yield _own_end(case, record.term, item.seq, ref=record.id)
    limit, ref = cap(case)
    if limit is not None and ref is not None:
        yield step("instrument.cap", latest[ref], ref=ref, day=limit)


def _quoted_beside(record: Instrument, term: Term, seq: int) -> Iterator[Step]:
    """Yield an instrument's words, which stand beside those of the transfer."""
    ref, said_by, words = record.id, record.asserted_by, term.text
    if words is None:
        return
    if term.language is None:
        yield step("instrument.quoted", seq, ref=ref, words=words, said_by=said_by)
    else:
        yield step(
            "instrument.quoted-language",
            seq,
            ref=ref,
            words=words,
            language=term.language,
            said_by=said_by,
        )


def _is_said(record: Instrument) -> bool:
    return (
        record.type != "announcement"
        and record.stage != "announced"
        and counts(record.status)
    )


def _own_end(case: Case, term: Term, seq: int, *, ref: str) -> Step:
    if term.until is not None:
        return step("instrument.until", seq, ref=ref, day=term.until)
    if term.length is None:
        return step("instrument.no-end", seq, ref=ref)
    if term.trigger in _OF_PERSONS:
        return step("instrument.of-persons", seq, ref=ref)
    if term.trigger in {"signed", "in_force"}:
        stage = stage_item(case, term.trigger, of=ref)
        if stage is None:
            return step("instrument.not-begun", seq, ref=ref)
        first = stage[0]
    else:
        first = date.fromisoformat(str(term.trigger))
    return step(
        "instrument.counted",
        seq,
        ref=ref,
        length=term.length.format(),
        first=first,
        day=last_day(first, term.length),
    )


def clause_steps(case: Case) -> Iterator[Step]:
    """Yield what the deciding renewal clause asks for, and whose it is."""
    clause = renewal_clause(case)
    if clause is None:
        return
    # The same clause, not an equal one: an earlier stage may say the same.
    item = [item for item in case.instruments if item.record.renewal is clause][-1]
    seq, ref = item.seq, item.record.id
    yield step(_CLAUSES[clause.clause], seq, ref=ref)
    if clause.max is not None:
        yield step("clause.max", seq, ref=ref, n=clause.max)
    if clause.outer_limit is not None:
        yield step("clause.outer-limit", seq, ref=ref, day=clause.outer_limit)
    yield from _notice(clause, seq, ref=ref)


def _notice(clause: RenewalClause, seq: int, *, ref: str) -> Iterator[Step]:
    notice = clause.notice
    if notice is None:
        return
    if notice.text is not None:
        yield step("clause.notice-quoted", seq, ref=ref, words=notice.text)
    if notice.last_day is not None:
        yield step("clause.notice-day", seq, ref=ref, day=notice.last_day)
    elif notice.lead is not None:
        yield step("clause.notice-lead", seq, ref=ref, length=notice.lead.format())
