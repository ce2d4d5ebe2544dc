"""The JSON Schemas of what an auditor asks: money, conflicts, diff and others."""

from collections.abc import Callable, Mapping
from typing import get_args

from ledger.domain.accounts import Basis
from ledger.domain.sums_apart import STAGES, Reason
from ledger.register.comparing import Form, Side, Verdict
from ledger.register.differing import Cause, Change
from ledger.register.totalling import By
from tests.schema_parts import (
    AMOUNT,
    COUNT,
    DATA,
    DAY,
    DISPOSITION,
    EVENT,
    EXITS_INEXACT,
    HASH,
    INSTANT,
    KIND,
    MIRRORED,
    NAMED,
    REF,
    STATE,
    STATUS,
    TEXT,
    TRUTH,
    Schema,
    answer,
    closed,
    counted,
    many,
    matching,
    maybe,
    one_of,
    placed,
    within,
)

ANY: Schema = {}
SIGNED = matching("^-?(0|[1-9][0-9]*)([.][0-9]{1,4})?$")
CURRENCY = matching("^[A-Z]{3}$")
SLUG = matching("^[a-z0-9][a-z0-9-]*$")
EXITS: Schema = {
    "type": "object",
    "propertyNames": DISPOSITION,
    "additionalProperties": COUNT,
}


def _asked(name: str, **members: Schema) -> Schema:
    return answer(
        name,
        book=TEXT,
        on=DAY,
        known_on=maybe(DAY),
        **members,
        complete_under=many(MIRRORED),
    )


def money() -> Schema:
    apart = placed(
        {
            "seq": COUNT,
            "what": one_of("agreed", *STAGES),
            "amount": AMOUNT,
            "currency": CURRENCY,
            "per": one_of("total", "person_year", "person_month", "person_day"),
            "status": STATUS,
            "reason": one_of(*get_args(Reason)),
        }
    )
    account = closed(
        {
            "arrangements": many(SLUG),
            "currency": CURRENCY,
            "transfers": many(NAMED),
            "pledged": AMOUNT,
            "committed": AMOUNT,
            "paid": AMOUNT,
            "spent": AMOUNT,
            "refunded": AMOUNT,
            "agreed": AMOUNT,
            **within("accrued", maybe(AMOUNT)),
            **within("unauthorised", maybe(AMOUNT)),
            **within("unused", maybe(AMOUNT)),
            **within("paid_minus_accrued", maybe(SIGNED)),
            "not_accruing": many(NAMED),
            "without_sum": many(NAMED),
            **within("person_days"),
            "persons_approximate": TRUTH,
            "cost_basis": maybe(one_of(*get_args(Basis))),
            **within("cost_per_person_day", maybe(AMOUNT)),
            "refund_clauses": many(placed({"seq": COUNT, "text": TEXT})),
            "apart": many(apart),
        }
    )
    return _asked("money", accounts=many(account))


def conflicts() -> Schema:
    evidence = closed(
        {
            "title": TEXT,
            "date": DAY,
            "url": TEXT,
            "sha256": HASH,
            "media_type": TEXT,
        },
        optional=("url", "sha256", "media_type"),
    )
    source = {
        "asserted_by": TEXT,
        "status": STATUS,
        "day": maybe(TEXT),
        "evidence": many(evidence),
    }
    claim = placed(
        {
            "seq": COUNT,
            "value": ANY,
            **source,
            "agrees": TRUTH,
            "adopted": TRUTH,
            "adopted_by": maybe(COUNT),
        }
    )
    conflict = placed(
        {
            "entry": COUNT,
            "refs": many(TEXT),
            "path": TEXT,
            "book_value": ANY,
            "signed_value": ANY,
            **source,
            "corrected_by": many(COUNT),
            "claims": many(claim),
        }
    )
    uncounted = placed(
        {"seq": COUNT, "kind": KIND, "refs": many(NAMED), **source, "data": DATA}
    )
    return _asked("conflicts", conflicts=many(conflict), uncounted=many(uncounted))


def diff() -> Schema:
    state = closed({"known_on": maybe(DAY), "complete_under": many(MIRRORED)})
    figure = closed({"member": TEXT, "before": ANY, "after": ANY})
    entry = placed(
        {
            "seq": COUNT,
            "kind": KIND,
            "at": INSTANT,
            "cause": one_of(*get_args(Cause)),
            "days_late": COUNT,
        }
    )
    transfer = placed(
        {
            "ref": REF,
            "change": one_of(*get_args(Change)),
            "figures": many(figure),
            "entries": many(entry),
        }
    )
    return answer(
        "diff",
        book=TEXT,
        on=DAY,
        before=state,
        after=state,
        transfers=many(transfer),
    )


def timeline() -> Schema:
    event = placed(
        {
            "day": DAY,
            "said": TEXT,
            "seq": COUNT,
            **counted("persons"),
            "how": DISPOSITION,
            "transfers": many(NAMED),
        }
    )
    bar = placed(
        {
            "ref": REF,
            "part": COUNT,
            "parts": COUNT,
            "origin": STATE,
            "destination": STATE,
            "start": DAY,
            "start_event": maybe(EVENT),
            "start_latest": DAY,
            "last_day": maybe(DAY),
            **within("persons"),
            "provisional": TRUTH,
            "over_until": maybe(DAY),
            "emptied": TRUTH,
            "gaps": many(closed({"first": DAY, "last": DAY})),
            "events": many(event),
        }
    )
    return _asked("timeline", bars=many(bar), nobody=many(NAMED), file=maybe(TEXT))


def totals() -> Schema:
    shared = placed({"seq": COUNT, "how": DISPOSITION, **counted("persons")})
    total: dict[str, Schema] = {
        "transfers": COUNT,
        **counted("departed"),
        **counted("arrived"),
        **counted("surplus"),
        **counted("unaccounted"),
        **within("in_transit_or_held"),
        "exits": EXITS,
        "exits_qualifier": EXITS_INEXACT,
    }
    part = {"key": maybe(TEXT), **total, "shared_exits": many(shared)}
    return _asked(
        "totals",
        by=one_of(*get_args(By)),
        totals=many(closed(part)),
        whole=closed(total),
    )


def compare() -> Schema:
    difference = closed(
        {
            "member": TEXT,
            "book": maybe(TEXT),
            "file": maybe(TEXT),
            "offset": maybe(COUNT),
        }
    )
    return answer(
        "compare",
        book=TEXT,
        seq=COUNT,
        form=one_of(*get_args(Form)),
        verdict=one_of(*get_args(Verdict)),
        exit_code=one_of(0, 4, 10),
        absent_in=maybe(one_of(*get_args(Side))),
        leaf_book=maybe(TEXT),
        leaf_file=maybe(TEXT),
        differences=many(difference),
    )


MAKERS: Mapping[str, Callable[[], Schema]] = {
    "money": money,
    "conflicts": conflicts,
    "diff": diff,
    "timeline": timeline,
    "totals": totals,
    "compare": compare,
}
