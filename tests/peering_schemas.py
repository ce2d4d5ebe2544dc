"""The JSON Schemas of what is answered between states: peers, sync, evidence."""

from collections.abc import Callable, Mapping
from typing import get_args

from ledger.domain.pairing import DifferenceCode, Unit
from ledger.exchange.evidence import EvidenceVerdict
from ledger.exchange.summary_check import EXIT_CODES
from ledger.register.syncing import Result
from tests.schema_parts import (
    COUNT,
    CURRENCY,
    DAY,
    FINGERPRINT,
    HASH,
    HEAD,
    INSTANT,
    STATE,
    TEXT,
    TRUTH,
    Schema,
    answer,
    closed,
    counted,
    many,
    maybe,
    one_of,
)


def sync() -> Schema:
    file = closed(
        {
            "file": TEXT,
            "result": one_of(*get_args(Result)),
            "entries": COUNT,
            "void": COUNT,
            "size": maybe(COUNT),
            "cosigned": maybe(COUNT),
            "code": maybe(TEXT),
            "evidence": maybe(TEXT),
        }
    )
    cosigned = closed({"size": COUNT, "at": INSTANT, "new": TRUTH})
    peer = closed(
        {
            "peer": TEXT,
            "files": many(file),
            "mirrored": COUNT,
            "cosigned": maybe(cosigned),
            "withheld": TRUTH,
            "other_roots": many(HASH),
            "cosigned_by_peer": COUNT,
            "written": maybe(TEXT),
        }
    )
    return answer("sync", book=TEXT, entries=COUNT, seal=maybe(COUNT), peers=many(peer))


def repair() -> Schema:
    span = closed({"first": COUNT, "last": COUNT})
    mirror = closed({"book": TEXT, "size": COUNT, "cosigned": maybe(COUNT)})
    return answer(
        "repair",
        book=TEXT,
        file=TEXT,
        size=COUNT,
        root=HASH,
        proven=COUNT,
        from_copy=COUNT,
        from_damaged=COUNT,
        nobody_has=maybe(span),
        unproven=maybe(span),
        differing=many(span),
        read_only=TRUTH,
        aside=maybe(TEXT),
        given_up=maybe(span),
        other_history_signed=many(COUNT),
        mirrors=many(mirror),
        next=TEXT,
    )


def reconcile() -> Schema:
    signed = closed({"seq": COUNT, "by": TEXT})
    value = closed({"book": TEXT, "says": maybe(TEXT), "signed": many(signed)})
    difference = closed(
        {
            "ref": TEXT,
            "book": TEXT,
            "difference": one_of(*get_args(DifferenceCode)),
            **counted("n"),
            "unit": one_of(*get_args(Unit)),
            "currency": maybe(CURRENCY),
            "since": DAY,
            "hours": maybe(COUNT),
            "own": value,
            "other": value,
        }
    )
    mirror = closed({"book": TEXT, "size": COUNT, "last_recorded_at": maybe(INSTANT)})
    return answer(
        "reconcile",
        on=DAY,
        known_on=maybe(DAY),
        differences=many(difference),
        mirrors=many(mirror),
        complete_under=many(HEAD),
    )


def peer_kept() -> Schema:
    ways = {name: maybe(TEXT) for name in ("inbox", "outbox", "mirror")}
    return answer("peer-kept", peer=TEXT, **ways)


def peer_list() -> Schema:
    peer = closed(
        {
            "peer": TEXT,
            "state": STATE,
            "since": COUNT,
            "genesis": HASH,
            "mirrored": COUNT,
            "cosigned": COUNT,
            "inbox": maybe(TEXT),
            "outbox": maybe(TEXT),
            "mirror": maybe(TEXT),
        }
    )
    return answer("peer-list", book=TEXT, peers=many(peer))


def verify_evidence() -> Schema:
    verdicts = get_args(EvidenceVerdict)
    return answer(
        "verify-evidence",
        verdict=one_of(*verdicts),
        exit_code=one_of(*(EXIT_CODES[verdict] for verdict in verdicts)),
        code=maybe(TEXT),
        book=TEXT,
        sizes=many(COUNT),
        roots=many(HASH),
        index=maybe(COUNT),
        fingerprint=maybe(FINGERPRINT),
    )


MAKERS: Mapping[str, Callable[[], Schema]] = {
    "reconcile": reconcile,
    "repair": repair,
    "sync": sync,
    "peer-kept": peer_kept,
    "peer-list": peer_list,
    "verify-evidence": verify_evidence,
}
