"""The JSON Schemas of what `--json` prints and of the summary file.

They are written by hand, closed and complete: nothing may appear that they do not
name, and every member that they name is seen in some real answer
(`tests/cli/test_output_schemas.py`). `python -m tests.regenerate_schemas` writes them
to `schemas/output/`.
"""

from collections.abc import Callable, Mapping
from typing import get_args

from ledger.cli import EXIT_CODES, PROGRAM
from ledger.domain.consequences import Member
from ledger.domain.recovery import WAYS
from ledger.exchange.summary_check import EXIT_CODES as SUMMARY_CODES
from ledger.register.checking import Verdict
from ledger.register.levels import Result
from tests.asking_schemas import MAKERS as ASKING
from tests.care_schemas import MAKERS as CARE
from tests.importing_schemas import MAKERS as IMPORTING
from tests.peering_schemas import MAKERS as PEERING
from tests.schema_parts import (
    ACCRUING,
    AMOUNT,
    BASIS,
    COUNT,
    CURRENCY,
    CUSTODY_ROW,
    DATA,
    DAY,
    DISPOSITION,
    EXITS_INEXACT,
    FAULT,
    FINGERPRINT,
    FLAG,
    HASH,
    INSTANT,
    KIND,
    LEVEL,
    MIRRORED,
    NAMED,
    NOTICE,
    NUMBER,
    ONCE,
    PART,
    PER,
    PLACED_FLAG,
    RATE_STEP,
    REF,
    ROLE,
    TERM_ROW,
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
from tests.summary_schema import summary
from tests.tracing_schemas import MAKERS as TRACING


def custody(name: str) -> Schema:
    return answer(
        name,
        on=DAY,
        known_on=maybe(DAY),
        transfers=many(closed(CUSTODY_ROW)),
        **within("in_transit_or_held"),
        complete_under=many(MIRRORED),
    )


def show() -> Schema:
    def of(what: str, **members: Schema) -> Schema:
        common = {"what": {"const": what}, "book": TEXT, "known_on": maybe(DAY)}
        return answer("show", **common, **members, complete_under=many(MIRRORED))

    period = placed(
        {
            "seq": COUNT,
            "begins": DAY,
            "last_day": DAY,
            "agreed_on": DAY,
            "gap_days": COUNT,
            "late": TRUTH,
            "notice": NOTICE,
            "beyond_limit": TRUTH,
        }
    )
    gone = placed(
        {
            "seq": COUNT,
            "how": DISPOSITION,
            **counted("persons"),
            "transfers": many(NAMED),
            "day": DAY,
            "said": TEXT,
        }
    )
    back = closed(
        {
            "seq": COUNT,
            "exit": COUNT,
            "how": one_of(*WAYS),
            **counted("persons"),
            "day": DAY,
        }
    )
    balance = closed(
        {
            **counted("departed"),
            **counted("surplus"),
            **counted("arrived"),
            **counted("unaccounted"),
            **within("in_transit"),
            **within("held"),
            "exits": {
                "type": "object",
                "propertyNames": DISPOSITION,
                "additionalProperties": COUNT,
            },
            "exits_qualifier": EXITS_INEXACT,
            "shared_exits": many(gone),
            "left": many(gone),
            "recovered": many(back),
        }
    )
    accrual = closed(
        {
            "currency": CURRENCY,
            "agreed": AMOUNT,
            "per": PER,
            **within("accrued", AMOUNT),
            **within("unused", maybe(AMOUNT)),
            "basis": BASIS,
            "basis_assumed": TRUTH,
            "first": DAY,
            "last": maybe(DAY),
            "provisional": TRUTH,
            "course": ACCRUING,
            **within("persons", maybe(COUNT)),
            **within("person_days", maybe(COUNT)),
            **within("unauthorised", maybe(AMOUNT)),
            **within("unauthorised_person_days", maybe(COUNT)),
            "steps": many(RATE_STEP),
            "other_sums": many(COUNT),
        }
    )
    entry = placed(
        {
            "seq": COUNT,
            "kind": KIND,
            "at": INSTANT,
            "by": TEXT,
            "data": DATA,
            "corrected": TRUTH,
            "retracted": TRUTH,
            "days_late": COUNT,
        }
    )
    transfer = of(
        "transfer",
        ref=REF,
        on=DAY,
        data=DATA,
        corrected=TRUTH,
        deciding_zone=TEXT,
        deciding_zone_assumed=TRUTH,
        acknowledged=TRUTH,
        balance=balance,
        terms=many(closed({**within("persons"), **PART, "periods": many(period)})),
        accrual=maybe(accrual),
        flags=many(PLACED_FLAG),
        entries=many(entry),
    )
    said = many(placed({"seq": COUNT, "data": DATA}))
    instrument = of(
        "instrument",
        ref=REF,
        on=DAY,
        stage=maybe(TEXT),
        stages=many(
            placed({"seq": COUNT, "at": INSTANT, "data": DATA, "corrected": TRUTH})
        ),
        renewals=said,
        payments=said,
        claims=said,
        remarks=said,
        transfers=many(NAMED),
        later=many(COUNT),
    )
    valid = of(
        "entry",
        seq=COUNT,
        leaf=HASH,
        void={"const": False},
        kind=KIND,
        at=INSTANT,
        by=TEXT,
        once=ONCE,
        data=DATA,
        retracted_by=maybe(COUNT),
        corrected_by=many(COUNT),
        suspect_since=maybe(DAY),
        confirmed_by=maybe(COUNT),
        note=TEXT,
    )
    void = of(
        "entry",
        seq=COUNT,
        leaf=HASH,
        void={"const": True},
        faults=many(FAULT),
        acknowledged=TRUTH,
    )
    return {"oneOf": [transfer, instrument, valid, void]}


def verify() -> Schema:
    finding = closed(
        {
            "seq": maybe(COUNT),
            "level": LEVEL,
            "code": TEXT,
            "ref": maybe(REF),
            "table": maybe(TEXT),
            "field": maybe(TEXT),
            "row": maybe(TEXT),
            "expected": maybe(TEXT),
            "found": maybe(TEXT),
        }
    )
    level = closed(
        {"level": LEVEL, "result": one_of(*get_args(Result)), "covers": COUNT}
    )
    void = closed(
        {"seq": COUNT, "leaf": HASH, "faults": many(FAULT), "acknowledged": TRUTH}
    )
    # Nothing is known of a book that a crash left in mid-write.
    hash_ = matching("^([0-9a-f]{64})?$")
    return answer(
        "verify",
        verdict=one_of(*get_args(Verdict)),
        exit_code=COUNT,
        book=TEXT,
        genesis=hash_,
        entries=COUNT,
        head=hash_,
        root=hash_,
        levels=many(level),
        findings=many(finding),
        void=many(void),
        suspect=many(
            closed({"seq": COUNT, "key": TEXT, "since": DAY, "revoked_by": COUNT})
        ),
        cosigned=closed({"size": COUNT, "by": many(TEXT)}),
        beyond_last_cosigned=COUNT,
        beyond_since=maybe(DAY),
        citations=closed({"fitting": COUNT, "unseen": COUNT, "missing": many(TEXT)}),
        memory=one_of(*get_args(Result)),
        remembered=maybe(closed({"size": COUNT, "root": HASH, "elsewhere": TRUTH})),
        pinned=TRUTH,
        required_missing=many(LEVEL),
        integrity_check=maybe(TRUTH),
        resumed=maybe(closed({"size": COUNT, "at": INSTANT})),
    )


STANDING: dict[str, Schema] = {
    "name": TEXT,
    "role": ROLE,
    "state": one_of("active", "retired", "revoked"),
    "since": COUNT,
    "until": maybe(COUNT),
    "suspect_from": maybe(DAY),
    "fingerprint": FINGERPRINT,
    "vkey": TEXT,
}


def key_list() -> Schema:
    waiting = closed(
        {"seq": COUNT, "action": one_of("add", "retire", "revoke"), "vkey": TEXT}
    )
    return answer(
        "key-list",
        book=TEXT,
        keys=many(closed({**STANDING, "here": TRUTH})),
        holders=many(TEXT),
        waiting=many(waiting),
    )


def key_history() -> Schema:
    entry = closed(
        {
            "seq": COUNT,
            "at": INSTANT,
            "kind": KIND,
            "refs": many(REF),
            "fingerprint": FINGERPRINT,
            "suspect_since": maybe(DAY),
            "confirmed_by": maybe(COUNT),
        }
    )
    return answer(
        "key-history",
        book=TEXT,
        key=TEXT,
        known_on=maybe(DAY),
        standings=many(closed(STANDING)),
        entries=many(entry),
        complete_under=many(MIRRORED),
    )


def key_new() -> Schema:
    return answer(
        "key-new",
        role=ROLE,
        key=TEXT,
        fingerprint=FINGERPRINT,
        file=maybe(TEXT),
        book=TEXT,
        state=TEXT,
        request=TEXT,
        next=TEXT,
    )


def key_passphrase() -> Schema:
    return answer("key-passphrase", key=TEXT, file=TEXT)


def error() -> Schema:
    other = {"code": TEXT, "message": TEXT, "values": DATA}
    return answer(
        "error",
        code=matching("^[a-z0-9-]+[.][a-z0-9-]+$"),
        exit_code=one_of(*sorted({1, *EXIT_CODES.values()})),
        message=TEXT,
        values=DATA,
        others=many(closed(other)),
    )


ENDS = many(
    closed({"authorised_until": maybe(DAY), "persons_min": COUNT, "persons_max": COUNT})
)
FIGURE: Schema = {
    "oneOf": [
        {"type": "null"},
        COUNT,
        closed({"min": COUNT, "max": COUNT}),
        ENDS,
    ]
}
CHANGED = closed(
    {
        "ref": REF,
        "member": one_of(*get_args(Member)),
        "before": FIGURE,
        "after": FIGURE,
    }
)


def recorded() -> Schema:
    return answer(
        "recorded",
        book=TEXT,
        seq=COUNT,
        kind=KIND,
        ref=maybe(REF),
        about=many(NAMED),
        at=INSTANT,
        once=ONCE,
        leaf=HASH,
        size=COUNT,
        root=HASH,
        repeated=TRUTH,
        flags=many(FLAG),
        changed=many(CHANGED),
        suspect=many(COUNT),
        next=TEXT,
    )


def due() -> Schema:
    return answer(
        "due",
        on=DAY,
        known_on=maybe(DAY),
        within_days=COUNT,
        transfers=many(closed(TERM_ROW)),
        **within("held"),
        complete_under=many(MIRRORED),
    )


def overdue() -> Schema:
    over = {
        "days_over": maybe(NUMBER),
        "days_over_min": maybe(NUMBER),
        **within("person_days", maybe(COUNT)),
    }
    return answer(
        "overdue",
        on=DAY,
        known_on=maybe(DAY),
        transfers=many(closed({**TERM_ROW, **over})),
        **within("held"),
        complete_under=many(MIRRORED),
    )


def verify_summary() -> Schema:
    return answer(
        "verify-summary",
        verdict=one_of(*SUMMARY_CODES),
        exit_code=one_of(*SUMMARY_CODES.values()),
        code=maybe(TEXT),
        seq=maybe(COUNT),
        fingerprint=maybe(FINGERPRINT),
        book=maybe(TEXT),
        entries=COUNT,
        proofs=COUNT,
        on=maybe(DAY),
        findings=many(
            closed(
                {
                    "at": TEXT,
                    "code": TEXT,
                    "expected": maybe(TEXT),
                    "found": maybe(TEXT),
                }
            )
        ),
    )


def checkpoint() -> Schema:
    return answer(
        "checkpoint", book=TEXT, size=COUNT, root=HASH, note=TEXT, file=maybe(TEXT)
    )


def summary_written() -> Schema:
    return answer(
        "summary-written",
        folder=TEXT,
        files=many(TEXT),
        signed_by=TEXT,
        fingerprint=FINGERPRINT,
    )


def init() -> Schema:
    key = closed({"role": ROLE, "name": TEXT, "fingerprint": FINGERPRINT})
    lost = closed({"ledger": TEXT, "genesis": HASH, "size": COUNT, "root": HASH})
    return answer(
        "init",
        book=TEXT,
        database=TEXT,
        genesis=HASH,
        successor_of=maybe(lost),
        keys=many(key),
        keys_folder=TEXT,
        state_key=TEXT,
        next=TEXT,
    )


def demo() -> Schema:
    return answer(
        "demo", folder=TEXT, book=TEXT, fingerprint=FINGERPRINT, codes=many(COUNT)
    )


def list_() -> Schema:
    return custody("list")


def held() -> Schema:
    return custody("held")


MAKERS: Mapping[str, Callable[[], Schema]] = {
    "recorded": recorded,
    "due": due,
    "overdue": overdue,
    "held": held,
    "list": list_,
    "show": show,
    "verify": verify,
    "verify-summary": verify_summary,
    "checkpoint": checkpoint,
    "summary-written": summary_written,
    "summary": summary,
    "init": init,
    "key-list": key_list,
    "key-history": key_history,
    "key-new": key_new,
    "key-passphrase": key_passphrase,
    "demo": demo,
    "error": error,
    **TRACING,
    **ASKING,
    **CARE,
    **IMPORTING,
    **PEERING,
}


def output_schema(name: str) -> Schema:
    """Return the schema of an answer, as its file has it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{PROGRAM}/{name}/1",
        **MAKERS[name](),
    }
