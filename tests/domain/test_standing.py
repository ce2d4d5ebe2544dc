"""What every fact must keep to: each rule with what it allows and what it refuses."""

import pytest

from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.domain.full_book import arrival, full, refused, usual
from tests.office import Office

GARBAGE = b"not an entry\n"


@pytest.mark.parametrize(("kind", "seq"), [("transfer", 2), ("receipt", 3)])
def test_a_zone_that_nobody_knows_is_refused(kind: str, seq: int) -> None:
    office = full()
    there: Json = {"name": "CECOT", "zone": "America/El_Salvador"}
    nowhere: Json = {"name": "CECOT", "zone": "America/Nowhere"}
    data = (
        usual(office, kind, seq, ref="T-2")
        if kind == "transfer"
        else usual(office, kind, seq)
    )

    assert office.refused(kind, {**data, "facility": there}) == set()
    assert office.refused(kind, {**data, "facility": {"name": "CECOT"}}) == set()
    assert office.refused(kind, {**data, "facility": nowhere}) == {"value.not-a-zone"}


@pytest.mark.parametrize(
    "wrong",
    [{"leaf": "0" * 64}, {"seq": 99}, {"ledger": "sv.example/book"}],
)
def test_a_citation_of_nothing_is_refused(wrong: dict[str, Json]) -> None:
    office = full()
    right = office.cite("T-1")

    assert refused("remark", 8, about=[{**right, **wrong}]) == {"rule.cites-nothing"}
    assert refused("receipt", 3, transfer={**right, **wrong}) == {"rule.cites-nothing"}
    assert refused("claim", 7, target={**right, **wrong}) == {"rule.cites-nothing"}
    gone: Json = {**right, **wrong}
    assert office.refused("remark", usual(office, "remark", 8, resolves=gone)) == {
        "rule.cites-nothing"
    }
    assert office.refused("retraction", {"target": gone, "reason": "r"}) == {
        "rule.cites-nothing"
    }
    change: Json = {"path": "/text", "new": "x"}
    assert office.refused(
        "correction", {"target": gone, "reason": "r", "changes": [change]}
    ) == {"rule.cites-nothing"}


def test_a_void_entry_cannot_be_cited() -> None:
    office = full()
    void = office.put(GARBAGE)
    gone: Json = {"ledger": office.book, "seq": void.seq, "leaf": void.leaf.hex()}

    assert office.refused("remark", usual(office, "remark", 8, about=[gone])) == {
        "rule.cites-nothing"
    }


def test_what_was_retracted_cannot_be_cited() -> None:
    office = full()
    office.retract(5)
    gone: Json = office.cite_entry(5)

    assert office.refused("remark", usual(office, "remark", 8, about=[gone])) == {
        "rule.cites-retracted"
    }
    assert office.refused(
        "correction", office.correction(5, {"path": "/text", "new": "x"})
    ) == {"rule.cites-retracted"}


@pytest.mark.parametrize(
    ("kind", "seq", "member", "absent"),
    [
        ("transfer", 2, "instruments", ["I-1", "I-2"]),
        ("renewal", 4, "instrument", "I-2"),
        ("payment", 6, "for", {"instrument": "I-2"}),
    ],
)
def test_an_instrument_that_is_not_there_cannot_be_named(
    kind: str, seq: int, member: str, absent: Json
) -> None:
    members: dict[str, Json] = {"ref": "T-2"} if kind == "transfer" else {}

    assert refused(kind, seq, **members) == set()
    assert refused(kind, seq, **{**members, member: absent}) == {"rule.names-nothing"}


def test_a_retracted_instrument_cannot_be_named() -> None:
    office = Office()
    office.instrument()
    office.retract(1)

    with pytest.raises(RefusedError, match=r"rule\.names-nothing"):
        office.transfer(instruments=["I-1"])


@pytest.mark.parametrize("seq", [0, 1, 3, 9])
def test_custody_is_of_transfers_and_arrivals(seq: int) -> None:
    office = full()
    other: Json = office.cite_entry(seq)

    assert refused("receipt", 3, transfer=other) == {"rule.not-a-transfer"}
    assert refused("renewal", 4, transfer=other) == {"rule.not-a-transfer"}
    assert refused("exit", 5, transfers=[other]) == {"rule.not-a-transfer"}
    purpose: dict[str, Json] = {"for": {"transfers": [other]}}
    assert refused("payment", 6, **purpose) == {"rule.not-a-transfer"}
    assert refused("exit", 5, transfers=[office.cite("R-1")]) == set()


def test_a_renewal_of_nothing_is_refused() -> None:
    office = Office()
    nothing: Json = {"ledger": office.book, "seq": 7, "leaf": "0" * 64}
    data = usual(full(), "renewal", 4, transfer=nothing)
    del data["instrument"]

    assert office.refused("renewal", data) == {"rule.cites-nothing"}


def test_a_split_names_the_transfers_of_the_exit_by_leaf_too() -> None:
    office = full()
    right = office.cite("T-1")

    def split(cited: Json) -> set[str]:
        return refused("exit", 5, split=[{"transfer": cited, "n": 1}])

    assert split(right) == set()
    assert split({**right, "leaf": "0" * 64}) == {"rule.cites-nothing"}
    elsewhere = split({**right, "ledger": "sv.example/book"})
    assert elsewhere == {"record.split-transfers"}


def test_an_arrival_is_identified_with_one_transfer() -> None:
    office = full()
    office.transfer()
    office.write("receipt", arrival(ref="R-2"))
    office.receipt("T-1", 4, formerly="R-1")

    def codes(opening: Json, formerly: str) -> set[str]:
        data = usual(office, "receipt", 3, transfer=opening, formerly=formerly)
        return office.refused("receipt", data)

    assert codes(office.cite("T-1"), "R-1") == set()
    assert codes(office.cite("T-2"), "R-1") == {"rule.already-identified"}
    assert codes(office.cite("T-2"), "R-2") == set()
    assert codes(office.cite("T-2"), "R-3") == {"rule.names-nothing"}
    assert codes(office.cite("R-2"), "R-2") == {"rule.not-a-transfer"}
    nothing: Json = {**office.cite("T-2"), "seq": 99}
    assert codes(nothing, "R-2") == {"rule.cites-nothing"}


def test_a_state_records_its_own_departures_and_others_arrivals() -> None:
    assert refused("transfer", 2, ref="T-2", origin="US-TX") == set()
    assert refused("transfer", 2, ref="T-2", origin="SV", destination="US") == {
        "rule.origin-is-another-state"
    }
    assert refused("receipt", 10, ref="R-2", origin="US") == {
        "rule.origin-is-own-state"
    }


def test_only_the_custodian_is_official() -> None:
    assert refused("receipt", 3, status="official") == {
        "rule.official-of-another-state"
    }
    assert refused("exit", 5, status="official") == {"rule.official-of-another-state"}
    assert refused("exit", 5, status="disputed") == set()


def test_within_one_state_and_for_own_arrivals_the_book_is_official() -> None:
    office = full()
    office.transfer(destination="US-TX")
    mine: Json = office.cite("T-2")
    came: Json = office.cite("R-1")

    for opening in (mine, came):
        receipt = usual(office, "receipt", 3, transfer=opening, status="official")
        assert office.refused("receipt", receipt) == set()


@pytest.mark.parametrize(
    ("kind", "seq", "member"),
    [("receipt", 3, "arrived"), ("receipt", 3, "admitted"), ("exit", 5, "occurred")],
)
def test_nothing_happens_before_everyone_left(kind: str, seq: int, member: str) -> None:
    for early in ("2025-03-15T17:25-04:00", "2025-03-13", "2025-02"):
        assert refused(kind, seq, **{member: early}) == {"rule.before-departure"}
    for same in ("2025-03-15T17:26-04:00", "2025-03-15", "2025-03"):
        assert refused(kind, seq, **{member: same}) == set()


def test_something_can_happen_between_two_departures() -> None:
    office = Office()
    office.transfer(departures=[{"at": "2025-03-20"}, {"at": "2025-03-15"}])
    office.receipt("T-1", 100, arrived="2025-03-16", more_to_come=True)

    with pytest.raises(RefusedError, match=r"rule\.before-departure"):
        office.receipt("T-1", 100, arrived="2025-03-12", admitted="2025-03-12")


def test_an_arrival_that_nobody_announced_has_no_departure() -> None:
    office = full()

    assert refused("exit", 5, transfers=[office.cite("R-1")]) == set()


def test_a_renewed_term_does_not_end_before_anyone_left() -> None:
    assert refused("renewal", 4, until="2025-03-14") == {
        "rule.renewal-before-departure"
    }
    assert refused("renewal", 4, until="2025-03-15") == set()


def test_a_claim_is_about_a_member_of_a_fact() -> None:
    office = full()

    assert refused("claim", 7, path="/departures") == set()
    assert refused("claim", 7, path="/from") == {"rule.no-such-member"}
    assert refused("claim", 7, target=office.cite_entry(4), path="/from") == set()
    assert refused("claim", 7, target=office.cite_entry(4), path="/from_") == {
        "rule.no-such-member"
    }
    assert refused("claim", 7, target=office.cite_entry(9)) == {"rule.not-a-fact"}


def test_a_remark_resolves_a_remark() -> None:
    office = full()

    assert refused("remark", 8, resolves=office.cite_entry(8)) == set()
    assert refused("remark", 8, resolves=office.cite_entry(5)) == {"rule.not-a-remark"}
