"""The JSON Schema of the summary file."""

from typing import Any

from ledger.domain.agreements import CompensationTerms, Term
from ledger.domain.records import Receipt, Transfer
from ledger.domain.recovery import WAYS
from ledger.domain.schemas import KINDS
from ledger.domain.shapes import members_of
from tests.schema_parts import (
    ACCRUING,
    AMOUNT,
    BASIS,
    COUNT,
    CURRENCY,
    DAY,
    DISPOSITION,
    EVENT,
    FLAG,
    HASH,
    INSTANT,
    KIND,
    NOTICE,
    PER,
    QUALIFIER,
    RATE_STEP,
    READING,
    REF,
    RENEWABLE,
    STATE,
    STATUS,
    TEXT,
    TRUTH,
    Schema,
    answer,
    closed,
    counted,
    many,
    one_of,
    within,
)


def summary() -> Schema:
    period = closed(
        {
            "seq": COUNT,
            "begins": DAY,
            "last_day": DAY,
            "agreed_on": DAY,
            "gap_days": COUNT,
            "notice": NOTICE,
            "beyond_limit": TRUTH,
        }
    )
    left = closed(
        {
            "seq": COUNT,
            "how": DISPOSITION,
            **counted("persons"),
            "day": DAY,
            "said": TEXT,
            "transfers": many(REF),
        }
    )
    accrual = closed(
        {
            "currency": CURRENCY,
            "agreed": AMOUNT,
            "per": PER,
            **within("accrued", AMOUNT),
            **within("unused", AMOUNT),
            "basis": BASIS,
            "basis_assumed": TRUTH,
            "first": DAY,
            "last": DAY,
            "provisional": TRUTH,
            "course": ACCRUING,
            **within("persons"),
            **within("person_days"),
            **within("unauthorised", AMOUNT),
            **within("unauthorised_person_days"),
            "steps": many(RATE_STEP),
            "other_sums": many(COUNT),
        },
        optional=(
            *("unused_min", "unused_max", "last", "persons_min", "persons_max"),
            *("person_days_min", "person_days_max", "steps", "other_sums"),
            *("unauthorised_min", "unauthorised_max"),
            *("unauthorised_person_days_min", "unauthorised_person_days_max"),
        ),
    )
    term = closed(
        {
            "start": DAY,
            "counted_from": TEXT,
            "reading": READING,
            "provisional": TRUTH,
            "renewals": COUNT,
            **within("persons"),
            "without_recorded_authority": {"const": True},
            "authorised_until": DAY,
            "days_over": COUNT,
            **within("person_days"),
            "gap_days": COUNT,
            "gaps": many(closed({"first": DAY, "last": DAY})),
            "periods": many(period),
            "starts_with": EVENT,
            "start_event": EVENT,
            "start_said": many(TEXT),
            "start_latest": DAY,
            "authorised_until_latest": DAY,
            "capped_by": REF,
            "assumed": {"const": True},
        },
        optional=(
            *("without_recorded_authority", "authorised_until", "days_over"),
            *("person_days_min", "person_days_max", "gap_days", "gaps"),
            *("start_event", "start_latest", "authorised_until_latest"),
            *("capped_by", "assumed"),
        ),
    )
    back = closed(
        {
            "seq": COUNT,
            "exit": COUNT,
            "how": one_of(*WAYS),
            "persons": COUNT,
            "day": DAY,
        }
    )
    emptied = closed(
        {
            "start": DAY,
            "starts_with": EVENT,
            "start_event": EVENT,
            "start_said": many(TEXT),
            "start_latest": DAY,
            "provisional": TRUTH,
            **within("persons"),
            "authorised_until": DAY,
            "authorised_until_latest": DAY,
            "held_until": DAY,
            "days_over": COUNT,
            **within("person_days"),
            "gap_days": COUNT,
            "gaps": many(closed({"first": DAY, "last": DAY})),
        },
        optional=(
            *("start_event", "start_latest", "authorised_until_latest"),
            *("gap_days", "gaps"),
        ),
    )
    proved = closed({"seq": COUNT, "leaf": HASH, "proof": many(HASH)})
    exits = many(closed({"how": DISPOSITION, **counted("persons")}))
    shared = many(closed({"seq": COUNT, "how": DISPOSITION, **counted("persons")}))
    late = many(closed({"seq": COUNT, "days": COUNT}))
    transfer = closed(
        {
            "ref": REF,
            "origin": STATE,
            "destination": STATE,
            "status": STATUS,
            "asserted_by": TEXT,
            "departed_on": DAY,
            "departed_at": TEXT,
            "persons": closed({"n": COUNT, "qualifier": QUALIFIER}),
            "acknowledged": TRUTH,
            "deciding_zone": TEXT,
            **counted("departed"),
            **counted("arrived"),
            **counted("surplus"),
            **counted("unaccounted"),
            **within("in_transit"),
            **within("held"),
            "exits": exits,
            "shared_exits": shared,
            "left": many(left),
            "recovered": many(back),
            "emptied": many(emptied),
            "recorded": _members_of(Transfer, Receipt),
            "terms": many(term),
            "open": many(FLAG),
            "late": late,
            "entries": many(proved),
            "group": closed({"label": TEXT, "said_by": TEXT}),
            "renewable": RENEWABLE,
            "facility": TEXT,
            "term": _members_of(Term),
            "compensation": _members_of(CompensationTerms),
            "accrual": accrual,
        },
        optional=(
            *("destination", "group", "renewable", "facility", "term"),
            *("compensation", "accrual", "recovered", "emptied"),
        ),
    )
    book = closed(
        {
            "book": TEXT,
            "state": STATE,
            "genesis": HASH,
            "checkpoint": many(TEXT),
            "log_keys": many(TEXT),
            "entries": COUNT,
            "entries_beyond_checkpoint": COUNT,
        }
    )
    changed = {"seq": COUNT, "target": COUNT, "reason": TEXT}
    retraction = closed({"kind": {"const": "retraction"}, **changed})
    change = closed({"path": TEXT, "old": {}, "new": {}}, optional=("old", "new"))
    correction = closed(
        {"kind": {"const": "correction"}, "changes": many(change), **changed}
    )
    known: dict[str, Schema] = {"known_on": DAY, "known_entries": COUNT}
    found = answer(
        "summary",
        **known,
        scope=closed({"book": TEXT, "transfers": many(REF), "whole": TRUTH}),
        on=DAY,
        made_at=INSTANT,
        books=many(book),
        totals=closed(
            {
                "transfers": COUNT,
                **counted("departed"),
                **counted("surplus"),
                **counted("arrived"),
                **within("in_transit_or_held"),
                **counted("unaccounted"),
                "exits": exits,
                "shared_exits": shared,
            }
        ),
        transfers=many(transfer),
        instruments=many(_with_seq("instrument")),
        payments=many(_with_seq("payment")),
        claims=many(_claimed()),
        remarks=many(_with_seq("remark", open=TRUTH)),
        corrections=many({"oneOf": [correction, retraction]}),
        void=many(closed({"seq": COUNT, "leaf": HASH, "acknowledged": TRUTH})),
        late=late,
        later=many(closed({"seq": COUNT, "kind": KIND})),
        entries=many(proved),
        proves=TEXT,
        rests_on_signer=TEXT,
        rests_on_nobody=TEXT,
    )
    found["required"] = [name for name in found["required"] if name not in known]
    return found


def _members_of(*models: Any) -> Schema:
    """Return what the members of a recorded value may be called."""
    names = dict.fromkeys(name for model in models for name in members_of(model))
    return {"type": "object", "propertyNames": one_of(*names)}


def _with_seq(kind: str, /, **members: Schema) -> Schema:
    """Return a record as `kinds/<kind>.json` says, with its entry's number."""
    names = _members_of(KINDS[kind])["propertyNames"]["enum"]
    return {
        "type": "object",
        "properties": {"seq": COUNT, **members},
        "propertyNames": one_of("seq", *members, *names),
        "required": ["seq", *members],
    }


def _claimed() -> Schema:
    """Return a claim, or what is alleged: a receipt, a renewal, an exit and so on."""
    kinds = ("claim", "receipt", "renewal", "exit", "recovery", "instrument")
    return {"oneOf": [_with_seq(kind, kind={"const": kind}) for kind in kinds]}
