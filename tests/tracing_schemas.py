"""The JSON Schemas of what is traced, proved and handed out, and of its checks."""

from collections.abc import Callable, Mapping
from typing import get_args

from ledger.exchange.recognising import Kind
from ledger.exchange.summary_check import EXIT_CODES
from ledger.register.bundled import BundleVerdict
from ledger.register.holding import Holding
from ledger.register.mismatching import VARIANCES
from tests.schema_parts import (
    COUNT,
    DATA,
    DAY,
    FINGERPRINT,
    HASH,
    HEAD,
    INEXACT,
    INSTANT,
    KIND,
    MIRRORED,
    NAMED,
    REF,
    STATE,
    STATUS,
    TEXT,
    Schema,
    answer,
    closed,
    counted,
    many,
    maybe,
    one_of,
    placed,
    within,
)

KNOWN_ON = maybe(DAY)


def history() -> Schema:
    entry = placed(
        {
            "seq": COUNT,
            "kind": KIND,
            "at": INSTANT,
            "by": TEXT,
            "asserted_by": maybe(TEXT),
            "status": maybe(STATUS),
            "day": maybe(DAY),
            "said": maybe(TEXT),
            "days_late": COUNT,
            "corrected_by": many(COUNT),
            "corrects": maybe(COUNT),
            "retracted_by": maybe(COUNT),
            "retracts": maybe(COUNT),
            "suspect_since": maybe(DAY),
            "confirmed_by": maybe(COUNT),
            "refs": many(NAMED),
            "data": DATA,
        }
    )
    return answer(
        "history",
        ref=REF,
        book=TEXT,
        on=maybe(DAY),
        known_on=KNOWN_ON,
        entries=many(entry),
        left_out=COUNT,
        complete_under=many(MIRRORED),
    )


def variances() -> Schema:
    reason = placed(
        {
            "reason": one_of(*VARIANCES),
            **counted("n"),
            "seq": COUNT,
            "since": DAY,
            "days_open": COUNT,
            "said": many(placed({"seq": COUNT, "value": TEXT})),
        }
    )
    remark = placed(
        {
            "seq": COUNT,
            "asserted_by": TEXT,
            "status": STATUS,
            "text": TEXT,
            "resolved_by": maybe(COUNT),
        }
    )
    row = closed(
        {
            "ref": REF,
            "book": TEXT,
            "origin": STATE,
            "destination": maybe(STATE),
            **counted("departed"),
            **counted("arrived"),
            "admitted": COUNT,
            "refused": COUNT,
            **counted("unaccounted"),
            **counted("surplus"),
            "beyond_count": COUNT,
            **within("in_transit"),
            **within("held"),
            "pool": many(NAMED),
            "reasons": many(reason),
            "open_since": maybe(DAY),
            "open_since_seq": maybe(COUNT),
            "days_open": maybe(COUNT),
            "remarks": many(remark),
        }
    )
    return answer(
        "variances",
        on=DAY,
        known_on=KNOWN_ON,
        transfers=many(row),
        complete_under=many(MIRRORED),
    )


def find() -> Schema:
    hit = closed(
        {
            "seq": COUNT,
            "at": INSTANT,
            "kind": KIND,
            "ref": maybe(REF),
            "path": TEXT,
            "text": TEXT,
            "start": COUNT,
            "stop": COUNT,
            "corrected_by": many(COUNT),
            "retracted_by": maybe(COUNT),
            "book": TEXT,
        }
    )
    return answer(
        "find", known_on=KNOWN_ON, found=many(hit), complete_under=many(MIRRORED)
    )


def explain() -> Schema:
    values: Schema = {
        "type": "object",
        "additionalProperties": {"type": ["string", "integer"]},
        # Beside a number NAME that is not exact, NAME_qualifier says how exact it is.
        "patternProperties": {"_qualifier$": INEXACT},
    }
    step = placed({"code": TEXT, "values": values, "seq": maybe(COUNT)})
    return answer(
        "explain",
        ref=REF,
        book=TEXT,
        on=DAY,
        known_on=KNOWN_ON,
        steps=many(step),
        complete_under=many(MIRRORED),
    )


def prove() -> Schema:
    entry = placed({"seq": COUNT, "proof": TEXT, "note": TEXT})
    return answer(
        "prove",
        book=TEXT,
        ref=maybe(REF),
        size=COUNT,
        root=HASH,
        entries=many(entry),
        left_out=many(COUNT),
        others=many(HEAD),
    )


def export() -> Schema:
    return answer(
        "export",
        book=TEXT,
        format=one_of("lines", "csv", "tiles"),
        path=TEXT,
        entries=COUNT,
        left_out=COUNT,
    )


def _keys() -> Schema:
    role = one_of("log", "witness", "auditor", "state")
    return many(
        closed({"role": role, "name": TEXT, "fingerprint": FINGERPRINT, "vkey": TEXT})
    )


def card() -> Schema:
    return answer(
        "card",
        book=TEXT,
        state=STATE,
        genesis=HASH,
        file=TEXT,
        signed_by=TEXT,
        fingerprint=FINGERPRINT,
        keys=_keys(),
    )


def _verdict(*verdicts: str) -> dict[str, Schema]:
    codes = [code for verdict, code in EXIT_CODES.items() if verdict in verdicts]
    return {
        "verdict": one_of(*verdicts),
        "exit_code": one_of(*codes),
        "code": maybe(TEXT),
    }


def verify_proof() -> Schema:
    return answer(
        "verify-proof",
        **_verdict("verified", "rewritten", "bad_signature", "untrusted"),
        book=TEXT,
        seq=COUNT,
        entries=COUNT,
        fingerprint=maybe(FINGERPRINT),
    )


def verify_checkpoint() -> Schema:
    return answer(
        "verify-checkpoint",
        **_verdict("verified", "rewritten", "bad_signature", "untrusted"),
        book=TEXT,
        size=COUNT,
        root=HASH,
        fingerprint=maybe(FINGERPRINT),
        book_at_hand=maybe(one_of(*get_args(Holding))),
    )


def verify_card() -> Schema:
    return answer(
        "verify-card",
        **_verdict("verified", "bad_signature", "untrusted"),
        book=maybe(TEXT),
        state=maybe(STATE),
        genesis=maybe(HASH),
        fingerprint=maybe(FINGERPRINT),
        keys=_keys(),
    )


def verify_paper() -> Schema:
    kinds = set(get_args(Kind)) - {"database", "signature"}
    return answer(
        "verify-paper",
        **_verdict("verified", "altered", "rewritten", "bad_signature", "untrusted"),
        kind=one_of(*sorted(kinds)),
        book=maybe(TEXT),
        seq=maybe(COUNT),
        fingerprint=maybe(FINGERPRINT),
    )


def verify_bundle() -> Schema:
    return answer(
        "verify-bundle",
        **_verdict(*get_args(BundleVerdict)),
        book=TEXT,
        genesis=HASH,
        **{"from": COUNT},
        to=COUNT,
        seq=maybe(COUNT),
        void=many(COUNT),
        answers=many(closed({"book": TEXT, "size": COUNT})),
        fingerprint=maybe(FINGERPRINT),
    )


MAKERS: Mapping[str, Callable[[], Schema]] = {
    "history": history,
    "variances": variances,
    "find": find,
    "explain": explain,
    "prove": prove,
    "export": export,
    "card": card,
    "verify-proof": verify_proof,
    "verify-checkpoint": verify_checkpoint,
    "verify-card": verify_card,
    "verify-paper": verify_paper,
    "verify-bundle": verify_bundle,
}
