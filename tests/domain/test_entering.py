"""What is asked for becomes what is signed: filled in, and fit to be read by all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.entering import (
    check,
    check_book,
    cite,
    complete,
    entry_number,
    named_refs_of,
)
from ledger.domain.history import History, Logged
from ledger.domain.schemas import read_record
from ledger.domain.values import check_text
from ledger.errors import NotFoundError, RefusedError
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.office import Office

NOW = datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC)
TYPED = "never to be echoed"
HOSTILE = {
    "value.text-direction": "a\u202eb",
    "value.text-control": "a\x1bb",
    "value.text-not-nfc": "e\u0301",
    "value.text-surrogate": "a\ud800",
    "value.text-invisible": "a\u200bb",
    "value.text-line-break": "a\nb",
    "value.text-empty": "",
    "value.text-outer-space": " a",
    "value.text-unassigned": "a\u0378",
    "value.text-private-use": "a\ue000",
}
SENTENCE: dict[str, Json] = {
    "origin": "US",
    "destination": "SV",
    "group": {"label": "alleged members", "said_by": "US"},
    "persons": {"n": 238, "qualifier": "exact"},
    "departures": [{"at": "2025-03-15T17:26-04:00"}],
    "facility": {"name": "CECOT", "zone": "America/El_Salvador"},
    "term": {"reading": "fixed", "length": "P1Y"},
    "renewable": "yes",
}
INSTRUMENT: dict[str, Json] = {
    "title": "Exchange of notes",
    "type": "exchange_of_notes",
    "binding": "yes",
    "stage": "signed",
    "text_public": "no",
    "parties": ["US", "SV"],
}


@pytest.fixture
def office() -> Office:
    """Return an office: 1 T-1, 2 its receipt, 3 I-1, 4 void, 5 T-2."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 238)
    made.instrument()
    made.put(b"not a page\n")
    made.transfer(persons={"n": 5, "qualifier": "exact"})
    return made


def asked(office: Office, kind: str, request: dict[str, Json]) -> Logged:
    """Record a request as the program does, but for the lock."""
    data = complete(kind, request, history=office.history)
    check(kind, data, now=NOW, history=office.history)
    return office.write(kind, data)


def faults(
    data: dict[str, Any],
    *,
    kind: str = "remark",
    history: History | None = None,
    now: datetime = NOW,
) -> dict[str, str]:
    """Return member → code of every fault; empty if there is none."""
    known = History(book="us.example/book") if history is None else history
    try:
        check(kind, data, now=now, history=known)
    except RefusedError as error:
        every = [error, *error.others]
        assert TYPED not in "".join(map(repr, every))
        return {str(each.values["member"]): each.code for each in every}
    return {}


@pytest.mark.parametrize(
    ("name", "seq"),
    [
        ("T-1", 1),
        ("us:T-1", 1),
        ("us.example/book:T-1", 1),
        ("I-1", 3),
        ("2", 2),
        (5, 5),
        ("0", 0),
    ],
)
def test_a_name_is_cited_by_number_and_leaf(
    office: Office, name: Json, seq: int
) -> None:
    assert entry_number(office.history, name) == seq
    assert cite(office.history, name) == office.cite_entry(seq)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("T-9", "cite.no-such-ref"),
        ("R-1", "cite.no-such-ref"),
        ("sv:T-1", "cite.no-such-book"),
        ("us.example/other:T-1", "cite.no-such-book"),
        ("6", "cite.no-such-entry"),
    ],
)
def test_what_is_not_there_is_not_found(office: Office, name: str, code: str) -> None:
    with pytest.raises(NotFoundError) as refusal:
        cite(office.history, name)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("4", "cite.void"),
        (TYPED, "value.not-a-reference"),
        ("US:T-1", "value.not-a-reference"),
        ("T-01", "value.not-a-count"),
        ("\uff11", "value.not-a-count"),
        (["T-1"], "value.not-a-reference"),
    ],
)
def test_a_void_entry_or_no_name_is_refused(
    office: Office, name: Json, code: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        cite(office.history, name)

    assert refusal.value.code == code
    assert TYPED not in repr(refusal.value)


@pytest.mark.parametrize("prefix", [None, "us.example/book", "us"])
def test_the_own_book_has_three_names(prefix: str | None) -> None:
    check_book(prefix, name="us.example/book", state="US")


def test_every_name_of_a_request_is_found() -> None:
    split: list[Json] = [{"transfer": "T-2", "n": 1}, {"n": 1}, 7]
    payment: dict[str, Json] = {"for": {"transfers": ["T-1"], "instrument": "I-1"}}

    assert named_refs_of("transfer", {"instruments": ["I-1", "I-2"]}) == ["I-1", "I-2"]
    assert named_refs_of("receipt", {"transfer": "T-1", "formerly": "R-1"}) == [
        "T-1",
        "R-1",
    ]
    assert named_refs_of("exit", {"transfers": ["T-1"], "split": split}) == [
        "T-1",
        "T-2",
    ]
    assert named_refs_of("exit", {"transfers": "T-1"}) == ["T-1"]
    assert named_refs_of("payment", payment) == ["T-1", "I-1"]
    assert named_refs_of("payment", {"for": {"instrument": "I-1"}}) == ["I-1"]
    assert named_refs_of("payment", {"for": "T-1"}) == []
    assert named_refs_of("remark", {"about": ["1"], "resolves": "2"}) == ["1", "2"]
    assert named_refs_of("acknowledgement", {"targets": ["4"]}) == ["4"]
    assert named_refs_of("instrument", {}) == []


def test_a_transfer_gets_the_next_reference_author_and_status(office: Office) -> None:
    data = complete("transfer", SENTENCE, history=office.history)

    assert data == {
        **SENTENCE,
        "ref": "T-3",
        "asserted_by": "US",
        "status": "official",
    }


def test_a_receipt_of_another_state_is_reported_and_asserted_by_it(
    office: Office,
) -> None:
    request: dict[str, Json] = {"transfer": "us:T-2", "arrived": "2025-03-16"}

    data = complete("receipt", request, history=office.history)

    assert data == {
        "transfer": office.cite("T-2"),
        "arrived": "2025-03-16",
        "asserted_by": "SV",
        "status": "reported",
    }


def test_an_unannounced_arrival_is_the_own_states_and_official(office: Office) -> None:
    data = complete("receipt", {"origin": "SV"}, history=office.history)

    assert data == {
        "origin": "SV",
        "ref": "R-1",
        "asserted_by": "US",
        "status": "official",
    }


@pytest.mark.parametrize("given_by", ["press", "US"])
def test_what_a_named_author_says_of_anothers_deed_is_reported(
    office: Office, given_by: str
) -> None:
    request: dict[str, Json] = {"transfers": ["T-1"], "asserted_by": given_by}

    data = complete("exit", request, history=office.history)

    assert (data["asserted_by"], data["status"]) == (given_by, "reported")


def test_what_somebody_else_says_is_not_official_unless_said(office: Office) -> None:
    said = complete("transfer", {"asserted_by": "press"}, history=office.history)
    part = complete("transfer", {"asserted_by": "US-TX"}, history=office.history)
    told = complete(
        "transfer",
        {"asserted_by": "press", "status": "alleged"},
        history=office.history,
    )

    assert said["status"] == "reported"
    assert part["status"] == "official"
    assert told["status"] == "alleged"


def test_an_exit_cites_transfers_and_portions(office: Office) -> None:
    request: dict[str, Json] = {
        "transfers": ["T-1", "T-2"],
        "split": [{"transfer": "T-1", "n": 1}, {"transfer": "T-2", "n": 2}],
    }

    data = complete("exit", request, history=office.history)

    assert data["transfers"] == [office.cite("T-1"), office.cite("T-2")]
    assert data["split"] == [
        {"transfer": office.cite("T-1"), "n": 1},
        {"transfer": office.cite("T-2"), "n": 2},
    ]
    assert (data["asserted_by"], data["status"]) == ("SV", "reported")


def test_an_exit_of_an_unannounced_arrival_is_the_own_states(office: Office) -> None:
    arrival: dict[str, Json] = {
        "origin": "SV",
        "persons": {"n": 4, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 4,
    }
    asked(office, "receipt", arrival)

    data = complete("exit", {"transfers": ["R-1"]}, history=office.history)

    assert (data["asserted_by"], data["status"]) == ("US", "official")


def test_what_has_no_form_is_left_for_the_schema_to_refuse(office: Office) -> None:
    history = office.history

    def done(kind: str, request: dict[str, Json]) -> dict[str, Json]:
        return complete(kind, request, history=history)

    assert done("exit", {"transfers": "T-1"})["transfers"] == office.cite("T-1")
    assert done("exit", {"transfers": []})["asserted_by"] == "US"
    assert done("exit", {"split": [7]})["split"] == [7]
    assert done("exit", {"split": 7})["split"] == []
    assert done("payment", {"for": 7})["for"] == 7
    assert done("payment", {"for": {}})["for"] == {}
    assert done("correction", {"target": "1"}) == {"target": office.cite("T-1")}
    assert done("correction", {"changes": 7}) == {"changes": 7}
    assert done("correction", {"target": "1", "changes": [7]})["changes"] == [7]
    assert done("acknowledgement", {"reason": "x"}) == {"reason": "x"}
    with pytest.raises(RefusedError):
        done("exit", {"split": [{"n": 1}]})


def test_a_payment_cites_what_it_is_for(office: Office) -> None:
    purpose: dict[str, Json] = {"transfers": ["T-1"], "instrument": "I-1"}

    data = complete("payment", {"for": purpose}, history=office.history)

    assert data["for"] == {"transfers": [office.cite("T-1")], "instrument": "I-1"}


def test_claims_remarks_renewals_and_retractions_cite_their_targets(
    office: Office,
) -> None:
    history = office.history

    claim = complete("claim", {"target": "2"}, history=history)
    remark = complete(
        "remark", {"about": ["T-1", "2"], "resolves": "3"}, history=history
    )
    renewal = complete("renewal", {"transfer": "T-1"}, history=history)
    retraction = complete("retraction", {"target": "2"}, history=history)

    assert claim["target"] == office.cite_entry(2)
    assert remark["about"] == [office.cite("T-1"), office.cite_entry(2)]
    assert remark["resolves"] == office.cite("I-1")
    assert renewal["transfer"] == office.cite("T-1")
    assert (renewal["asserted_by"], renewal["status"]) == ("US", "official")
    assert retraction == {"target": office.cite_entry(2)}


def test_a_correction_gets_the_values_that_it_replaces(office: Office) -> None:
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 239})
    request: dict[str, Json] = {
        "target": "T-1",
        "reason": "misread",
        "changes": [
            {"path": "/persons/n", "new": 240},
            {"path": "/text", "new": "as read"},
            {"path": "/renewable", "old": "yes", "new": "no"},
            {"new": 1},
        ],
    }

    data = complete("correction", request, history=office.history)

    assert data["changes"] == [
        {"path": "/persons/n", "old": 239, "new": 240},
        {"path": "/text", "new": "as read"},
        {"path": "/renewable", "old": "yes", "new": "no"},
        {"new": 1},
    ]


def test_an_acknowledgement_names_void_entries_by_their_leaf(office: Office) -> None:
    void = office.history.voids[4]

    data = complete(
        "acknowledgement", {"targets": ["4"], "reason": "seen"}, history=office.history
    )

    assert data == {"targets": [{"seq": 4, "leaf": void.leaf.hex()}], "reason": "seen"}
    with pytest.raises(RefusedError, match=r"rule.not-void \(seq=1\)"):
        complete("acknowledgement", {"targets": ["1"]}, history=office.history)


def test_a_new_instrument_gets_the_next_number(office: Office) -> None:
    data = complete("instrument", INSTRUMENT, history=office.history)

    assert data["id"] == "I-2"
    assert (data["asserted_by"], data["status"]) == ("US", "official")


def test_a_later_stage_keeps_what_it_does_not_change() -> None:
    office = Office()
    first: dict[str, Json] = {
        **INSTRUMENT,
        "occurred": "2025-02-01",
        "text": "seen by a reporter",
        "evidence": [{"title": "a report", "date": "2025-02-02"}],
        "headcount": {"n": 300, "qualifier": "at_most"},
        "asserted_by": "press",
        "status": "reported",
    }
    asked(office, "instrument", first)
    office.correct(1, {"path": "/headcount/n", "old": 300, "new": 500})
    request: dict[str, Json] = {"id": "I-1", "stage": "in_force"}

    data = complete("instrument", request, history=office.history)

    kept: dict[str, Json] = {"headcount": {"n": 500, "qualifier": "at_most"}}
    own: dict[str, Json] = {"asserted_by": "US", "status": "official"}
    assert data == {**INSTRUMENT, **request, **kept, **own}


def test_a_stage_follows_the_latest_that_stands() -> None:
    office = Office()
    office.instrument()
    office.instrument(id="I-1", stage="in_force", title="Treaty")
    office.claim(2, "/title", "Agreement")
    office.retract(3)
    office.retract(2)

    data = complete("instrument", {"id": "I-1"}, history=office.history)

    assert (data["stage"], data["title"]) == ("signed", "Exchange of notes")


def test_a_later_stage_of_nothing_is_not_found(office: Office) -> None:
    with pytest.raises(NotFoundError, match=r"cite.no-such-ref \(ref=I-9\)"):
        complete("instrument", {"id": "I-9", "stage": "signed"}, history=office.history)


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_entry_of_a_plausible_book_could_have_been_asked_for(seed: int) -> None:
    whole = book(seed).history
    history = History(book=whole.book)
    for seq in range(whole.head.size):
        if seq in whole.voids:
            history.add_void(whole.voids[seq])
            continue
        entry = whole.entries[seq]
        if entry.kind not in {"genesis", "key"}:
            data = complete(entry.kind, _as_asked(entry, history), history=history)
            kept = {**data, **entry.data} if entry.kind == "instrument" else entry.data

            assert data == kept
            later = NOW.replace(year=2030)
            assert faults(data, kind=entry.kind, history=history, now=later) == {}
            assert read_record(entry.kind, dict(entry.data)) == entry.record
        history.add(entry)


def _as_asked(entry: Logged, history: History) -> dict[str, Json]:
    """Return an entry's data with names where it has citations."""

    def named(value: Any) -> Any:
        match value:
            case {"ledger": _, "seq": int(seq), "leaf": _}:
                return str(seq)
            case {"seq": int(seq), "leaf": _}:
                return str(seq)
            case dict():
                return {name: named(inner) for name, inner in value.items()}
            case list():
                return [named(inner) for inner in value]
            case _:
                return value

    request: dict[str, Any] = named(dict(entry.data))
    request.pop("ref", None)
    if request.get("id") not in history.opened:
        request.pop("id", None)
    for change in request.get("changes", []):
        change.pop("old", None)
    return request


@pytest.mark.parametrize("code", HOSTILE)
def test_a_text_that_deceives_or_vanishes_is_refused(code: str) -> None:
    text = HOSTILE[code]

    assert faults({"group": {"label": text, "said_by": "US"}}) == {"/group/label": code}
    assert faults({"parties": ["US", text]}) == {"/parties/1": code}


@pytest.mark.parametrize("member", ["text", "purpose", "rule", "refund_clause"])
def test_quotations_and_remarks_may_have_lines(member: str) -> None:
    assert faults({"a": {member: "one\ntwo"}}) == {}
    assert faults({member: "one\x0btwo"}) == {f"/{member}": "value.text-control"}


def test_all_faults_are_told_at_once() -> None:
    data = {"origin": "ZZ", "text": "a\u202e", "facility": {"name": "\x00"}}

    assert faults(data) == {
        "/origin": "value.not-a-state",
        "/text": "value.text-direction",
        "/facility/name": "value.text-control",
    }


@pytest.mark.parametrize(
    "path", ["origin", "destination", "to", "facility/state", "responsibility/state"]
)
def test_a_state_that_does_not_exist_is_refused(path: str) -> None:
    outer, _, inner = path.partition("/")
    data: dict[str, Any] = {outer: {inner: "QQ"} if inner else "QQ"}
    fine: dict[str, Any] = {outer: {inner: "SV"} if inner else "XA"}

    assert faults(data) == {f"/{path}": "value.not-a-state"}
    assert faults(fine) == {}


def test_members_that_have_the_name_of_a_state_and_are_none_are_free() -> None:
    data = {
        "reports": [{"what": "a report", "by": "US", "to": "the court", "rule": "x"}],
        "responsibility": {"state": "SV", "to": "2025-12-31", "accepted": True},
        "asserted_by": "press",
        "payer": "somebody",
    }

    assert faults(data) == {}


@pytest.mark.parametrize("typed", ["us", "Us", "us-tx"])
@pytest.mark.parametrize(
    "path",
    [
        *("asserted_by", "payer", "payee", "account_holder", "group/said_by"),
        *("compensation/payer", "compensation/payee"),
    ],
)
def test_a_states_code_in_small_letters_is_no_name_of_an_organisation(
    path: str, typed: str
) -> None:
    outer, _, inner = path.partition("/")
    data: dict[str, Any] = {outer: {inner: typed} if inner else typed}
    fine: dict[str, Any] = {outer: {inner: "US"} if inner else "US Embassy"}

    assert faults(data) == {f"/{path}": "value.state-or-name"}
    assert faults(fine) == {}


def test_parties_and_those_who_report_are_not_named_by_small_letters_either() -> None:
    report = {"what": "it", "by": "sv", "to": "us", "rule": "x"}

    assert faults({"parties": ["US", "sv"], "reports": [report]}) == {
        "/parties/1": "value.state-or-name",
        "/reports/0/by": "value.state-or-name",
        "/reports/0/to": "value.state-or-name",
    }


def test_times_beyond_sixty_years_are_refused() -> None:
    assert faults({"term": {"until": "2086-11-24"}}, kind="transfer") == {}
    assert faults({"term": {"until": "2087-11-24"}}, kind="transfer") == {
        "/term/until": "value.too-far-ahead"
    }
    assert faults({"departures": [{"at": "2090-01"}]}, kind="transfer") == {
        "/departures/0/at": "value.too-far-ahead"
    }
    assert faults({"group": {"label": "2090-01"}}, kind="transfer") == {}


def corrected(
    office: Office, seq: int, path: str, new: Json, **more: Json
) -> dict[str, str]:
    """Return the faults of a correction."""
    changes: list[Json] = [
        {"path": path, "new": new},
        *({"path": f"/{name}", "new": value} for name, value in more.items()),
    ]
    data: dict[str, Json] = {"target": office.cite_entry(seq), "changes": changes}
    return faults(data, kind="correction", history=office.history)


def test_what_a_correction_or_a_claim_says_has_happened_too(office: Office) -> None:
    office.payment(["T-1"], "4.00", stage="commitment", value_on="2027-01-01")
    paid = office.history.head.size - 1
    rival: dict[str, Json] = {
        "target": office.cite_entry(2),
        "path": "/admitted",
        "value": "2027-01-01",
    }
    claim = faults(rival, kind="claim", history=office.history)
    rival["value"] = "in the spring"
    words = faults(rival, kind="claim", history=office.history)
    still = "value.still-to-come"

    assert claim == {"/value": still}
    assert words == {}
    assert corrected(office, 2, "/arrived", "2027-01-01") == {"/changes/0/new": still}
    assert corrected(office, 1, "/departures", [{"at": "2027-01-01"}]) == {
        "/changes/0/new/0/at": still
    }
    assert corrected(office, 1, "/term/until", "2027-01-01") == {}
    assert corrected(office, 1, "/text", "t") == {}
    assert corrected(office, 1, "/text/x/y", "t") == {}
    assert corrected(office, 1, "/group/label/x", "2027-01-01") == {}
    assert corrected(office, paid, "/value_on", "2027-02-01") == {}
    assert corrected(office, paid, "/stage", "payment") == {"/changes/0/new": still}
    assert corrected(office, paid, "/stage", "payment", value_on="2025-01-01") == {}
    assert corrected(office, 1, "/group/label", "a\x1b") == {
        "/changes/0/new": "value.text-control"
    }


def test_a_correction_or_a_claim_of_what_is_not_there_is_left_to_the_rules() -> None:
    data: dict[str, Any] = {
        "target": {"seq": 99},
        "changes": [{"path": "/arrived", "new": "2027-01-01"}, {"path": "/a"}, 7],
    }

    assert faults(data, kind="correction") == {}
    assert faults({"changes": 7}, kind="correction") == {}
    assert faults({"path": "/arrived"}, kind="claim") == {}
    assert faults({"target": {"seq": 1}, "path": "/a"}, kind="claim") == {}


def test_a_new_value_is_checked_as_the_member_that_it_is_for() -> None:
    def changed(path: str, new: Json) -> dict[str, Any]:
        return {"changes": [{"path": path, "old": "a\u202e", "new": new}]}

    assert faults(changed("/text", "one\ntwo")) == {}
    assert faults(changed("/title", "one\ntwo")) == {
        "/changes/0/new": "value.text-line-break"
    }
    assert faults(changed("/origin", "QQ")) == {"/changes/0/new": "value.not-a-state"}
    assert faults(changed("/facility", {"name": "a", "state": "QQ"})) == {
        "/changes/0/new/state": "value.not-a-state"
    }
    assert faults(changed(f"/{TYPED}", "a\x1b")) == {
        "/changes/0/new": "value.text-control"
    }
    assert faults({"changes": [{"path": "/a\x1b", "new": 1}]}) == {
        "/changes/0/path": "value.text-control"
    }


def test_a_claimed_value_may_be_no_code_but_is_a_text_like_others() -> None:
    def claim(path: str, value: Json) -> dict[str, Any]:
        return {"path": path, "value": value, "asserted_by": "press"}

    assert faults(claim("/destination", "a country in Africa")) == {}
    assert faults(claim("/text", "one\ntwo")) == {}
    assert faults(claim("/persons", ["a\u200b"])) == {
        "/value/0": "value.text-invisible"
    }


def test_numbers_and_truths_have_nothing_to_hide() -> None:
    assert faults({"n": 1, "more_to_come": True, "value": [1, False]}) == {}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12), st.sampled_from(["text", "title"]))
def test_a_text_passes_exactly_if_it_may_be_signed(text: str, member: str) -> None:
    expected = {}
    try:
        check_text(text, lines=member == "text")
    except RefusedError as error:
        expected = {f"/{member}": error.code}

    assert faults({member: text}) == expected


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.just(TYPED + "\x1b"),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "text", "new"]), inner, min_size=1)
        ),
        max_leaves=5,
    )
)
def test_what_was_typed_is_never_echoed(value: Json) -> None:
    assert set(faults({"a": value}).values()) == {"value.text-control"}
