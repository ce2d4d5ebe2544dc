"""What a record cannot say, by its own members alone."""

import pytest

from ledger.domain.records import Change, Renewal
from ledger.domain.schemas import data_of, read_record
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json

CITED: Json = {"ledger": "us.example/book", "seq": 1, "leaf": "0" * 64}
OTHER: Json = {"ledger": "us.example/book", "seq": 2, "leaf": "0" * 64}
SAID: dict[str, Json] = {"asserted_by": "US", "status": "official"}
TEN: Json = {"n": 10, "qualifier": "exact"}

USUAL: dict[str, dict[str, Json]] = {
    "genesis": {
        "state": "US",
        "name": "us.example/2/book",
        "zone": "America/Chicago",
        "keys": [{"role": "state", "vkey": "us.example/2/state+0c38+AQ=="}],
        "hash": "sha256-rfc6962",
        "successor_of": {
            "ledger": "us.example/book",
            "genesis": "0" * 64,
            "size": 12,
            "root": "1" * 64,
        },
    },
    "key": {
        "action": "retire",
        "role": "clerk",
        "vkey": "us.example/clerk-07+0c38+AQ==",
    },
    "transfer": {
        **SAID,
        "ref": "T-1",
        "origin": "US",
        "destination": "SV",
        "group": {"label": "alleged members", "said_by": "US"},
        "persons": TEN,
        "departures": [{"at": "2025-03-15"}],
        "facility": {"name": "CECOT"},
        "term": {"reading": "unknown"},
        "renewable": "yes",
    },
    "receipt": {
        **SAID,
        "transfer": CITED,
        "arrived": "2025-03-16",
        "arrived_persons": 10,
    },
    "renewal": {
        **SAID,
        "transfer": CITED,
        "persons": TEN,
        "length": "P1Y",
        "agreed_on": "2026-03-01",
    },
    "exit": {
        **SAID,
        "occurred": "2025-07-18",
        "transfers": [CITED, OTHER],
        "persons": TEN,
        "how": "repatriated",
    },
    "payment": {
        **SAID,
        "occurred": "2025-03-22",
        "stage": "payment",
        "amount": "4760000.00",
        "currency": "USD",
        "payer": "US",
        "payee": "SV",
        "for": {"transfers": [CITED]},
    },
    "remark": {**SAID, "about": [CITED], "type": "variance", "text": "they differ"},
    "correction": {
        "target": CITED,
        "reason": "misread",
        "changes": [{"path": "/text", "new": "as read"}],
    },
}


def with_members(kind: str, **members: Json | None) -> dict[str, Json]:
    """Return the usual data of a kind with other members; None takes one away."""
    data: dict[str, Json | None] = {**USUAL[kind], **members}
    return {name: value for name, value in data.items() if value is not None}


@pytest.mark.parametrize("kind", USUAL)
def test_the_usual_data_of_a_kind_is_accepted(kind: str) -> None:
    record = read_record(kind, with_members(kind))

    assert data_of(record) == USUAL[kind]


TOTAL: dict[str, Json] = {"ref": "R-1", "origin": "SV", "persons": TEN}

REFUSED: list[tuple[str, dict[str, Json | None], str]] = [
    ("genesis", {"name": "us.example/book"}, "record.own-successor"),
    ("key", {"action": "add"}, "record.key-without-proof"),
    ("key", {"action": "revoke"}, "record.revoke-without-reason"),
    ("key", {"suspect_from": "2025-03-15"}, "record.suspect-without-revoke"),
    ("transfer", {"destination": "US"}, "record.same-state"),
    ("transfer", {"breakdown": [{"label": "a", "n": 9}]}, "record.breakdown-sum"),
    (
        "transfer",
        {"departures": [{"at": "2025-03-15", "persons": 9}]},
        "record.departures-sum",
    ),
    (
        "transfer",
        {"departures": [{"at": "2025-03-15", "persons": 11}, {"at": "2025-03-16"}]},
        "record.departures-sum",
    ),
    ("transfer", {"term": {"reading": "fixed"}}, "record.term-length"),
    (
        "transfer",
        {"term": {"reading": "unknown", "length": "P1Y"}},
        "record.term-length",
    ),
    ("transfer", {"term": {"reading": "until_date"}}, "record.term-until"),
    (
        "transfer",
        {"term": {"reading": "unknown", "until": "2026-01-01"}},
        "record.term-until",
    ),
    ("receipt", {"transfer": None}, "record.receipt-of-nothing"),
    ("receipt", {"transfer": None, "ref": "R-1"}, "record.receipt-of-nothing"),
    ("receipt", {"ref": "R-1"}, "record.receipt-of-both"),
    ("receipt", {"origin": "SV"}, "record.receipt-of-both"),
    (
        "receipt",
        {"transfer": None, **TOTAL, "formerly": "R-2"},
        "record.receipt-formerly",
    ),
    ("receipt", {"arrived": None}, "record.receipt-without-time"),
    ("receipt", {"admitted_persons": 11}, "record.receipt-sum"),
    (
        "receipt",
        {"admitted_persons": 9, "refused": [{"n": 2, "reason": "ill"}]},
        "record.receipt-sum",
    ),
    ("receipt", {"refused": [{"n": 11, "reason": "ill"}]}, "record.receipt-sum"),
    ("renewal", {"length": None}, "record.renewal-until-or-length"),
    ("renewal", {"until": "2027-01-01"}, "record.renewal-until-or-length"),
    (
        "renewal",
        {"length": None, "until": "2026-03-15", "from": "2026-03-16"},
        "record.renewal-ends-before-it-begins",
    ),
    (
        "renewal",
        {"requested_on": "2026-03-02"},
        "record.renewal-agreed-before-requested",
    ),
    ("exit", {"transfers": [CITED, CITED]}, "record.exit-names-twice"),
    ("exit", {"split": [{"transfer": CITED, "n": 10}]}, "record.split-transfers"),
    (
        "exit",
        {"split": [{"transfer": CITED, "n": 9}, {"transfer": OTHER, "n": 2}]},
        "record.split-sum",
    ),
    ("payment", {"for": {}}, "record.payment-for-nothing"),
    ("remark", {"type": "responsibility"}, "record.remark-responsibility"),
    (
        "remark",
        {"responsibility": {"state": "US", "accepted": True}},
        "record.remark-responsibility",
    ),
    ("remark", {"type": "facility_statement"}, "record.remark-facility"),
    ("remark", {"facility_statement": {}}, "record.remark-facility"),
    (
        "correction",
        {"changes": [{"path": "/text", "old": "a", "new": "a"}]},
        "record.change-of-nothing",
    ),
    ("correction", {"changes": [{"path": "/text"}]}, "record.change-of-nothing"),
]


@pytest.mark.parametrize(("kind", "members", "code"), REFUSED)
def test_a_record_that_contradicts_itself_is_refused(
    kind: str, members: dict[str, Json | None], code: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_record(kind, with_members(kind, **members))

    assert code in {caught.value.code, *(e.code for e in caught.value.others)}
    assert caught.value.values["kind"] == kind


ACCEPTED: list[tuple[str, dict[str, Json | None]]] = [
    ("transfer", {"breakdown": [{"label": "a", "n": 9}, {"label": "b", "n": 1}]}),
    ("transfer", {"departures": [{"at": "2025-03-15", "persons": 10}]}),
    (
        "transfer",
        {"departures": [{"at": "2025-03-15", "persons": 4}, {"at": "2025-03-16"}]},
    ),
    (
        "transfer",
        {"departures": [{"at": "2025-03-15", "persons": 10}, {"at": "2025-03-16"}]},
    ),
    ("receipt", {"transfer": None, **TOTAL}),
    ("receipt", {"arrived": None, "admitted": "2025-03-16", "formerly": "R-1"}),
    ("receipt", {"arrived_persons": 0, "more_to_come": True}),
    ("renewal", {"requested_on": "2026-03-01"}),
    ("renewal", {"length": None, "until": "2026-03-16", "from": "2026-03-16"}),
    (
        "exit",
        {"split": [{"transfer": OTHER, "n": 1}, {"transfer": CITED, "n": 9}]},
    ),
    ("payment", {"for": {"instrument": "I-1"}}),
    (
        "remark",
        {
            "type": "facility_statement",
            "facility_statement": {
                "capacity": 40_000,
                "annual_cost": {"amount": "200000000.00", "currency": "USD"},
            },
        },
    ),
]


@pytest.mark.parametrize(("kind", "members"), ACCEPTED)
def test_a_record_that_is_whole_is_accepted(
    kind: str, members: dict[str, Json | None]
) -> None:
    data = with_members(kind, **members)

    assert data_of(read_record(kind, data)) == data


def test_more_to_come_is_said_or_absent() -> None:
    with pytest.raises(RefusedError, match=r"record\.not-a-choice"):
        read_record("receipt", with_members("receipt", more_to_come=False))


def test_a_record_never_changes() -> None:
    change = Change(path="/text", new="x")

    with pytest.raises(AttributeError, match="immutable"):
        setattr(change, "path", "/other")  # noqa: B010 - mypy knows that it fails


def test_a_member_with_a_python_word_for_a_name_keeps_its_own() -> None:
    data = with_members("renewal", **{"from": "2026-03-16"})
    record = read_record("renewal", data)

    assert isinstance(record, Renewal)
    assert record.from_ is not None
    with pytest.raises(RefusedError, match=r"record\.member-unknown"):
        read_record("renewal", with_members("renewal", from_="2026-03-16"))
