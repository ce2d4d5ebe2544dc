"""A refusal says which entry, reference or state it is about, for whoever must act."""

from collections.abc import Mapping

import pytest

from ledger.domain.history import Void
from ledger.domain.judging import judge
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.domain.counted_terms import received, term
from tests.domain.full_book import arrival, full, usual
from tests.office import Office

Told = list[tuple[str, Mapping[str, object]]]


def told(office: Office, kind: str, data: dict[str, Json]) -> Told:
    """Return the codes and values with which an entry would be refused."""
    judged = judge(office.compose(kind, data), history=office.history)
    assert isinstance(judged, Void)
    return [(fault.code, dict(fault.values)) for fault in judged.faults]


def test_what_is_cited_is_told_by_its_number() -> None:
    office = full()
    office.retract(5)
    nothing: Json = {**office.cite("T-1"), "leaf": "0" * 64}

    assert told(office, "remark", usual(office, "remark", 8, about=[nothing])) == [
        ("rule.cites-nothing", {"seq": 2})
    ]
    gone: Json = office.cite_entry(5)
    assert told(office, "remark", usual(office, "remark", 8, about=[gone])) == [
        ("rule.cites-retracted", {"seq": 5})
    ]


def test_a_split_tells_the_number_that_is_no_transfer_of_the_exit() -> None:
    office = full()
    portion: Json = {"transfer": {**office.cite("T-1"), "leaf": "0" * 64}, "n": 1}

    assert told(office, "exit", usual(office, "exit", 5, split=[portion])) == [
        ("rule.cites-nothing", {"seq": 2})
    ]


def test_an_instrument_that_is_not_there_is_told_by_its_name() -> None:
    office = full()
    data = usual(office, "transfer", 2, ref="T-2", instruments=["I-7"])

    assert told(office, "transfer", data) == [("rule.names-nothing", {"ref": "I-7"})]


def test_what_is_no_transfer_is_told_by_its_number_and_kind() -> None:
    office = full()
    office.write("receipt", arrival(ref="R-2"))
    renewal = usual(office, "renewal", 4, transfer=office.cite_entry(1))
    formerly = usual(office, "receipt", 3, transfer=office.cite("R-2"), formerly="R-1")

    assert told(office, "renewal", renewal) == [
        ("rule.not-a-transfer", {"seq": 1, "kind": "instrument"})
    ]
    assert told(office, "receipt", formerly) == [
        ("rule.not-a-transfer", {"seq": 11, "kind": "receipt"})
    ]


def test_an_arrival_that_another_transfer_was_is_told_by_its_reference() -> None:
    office = full()
    office.transfer()
    office.receipt("T-1", 4, formerly="R-1")
    again = usual(office, "receipt", 3, transfer=office.cite("T-2"), formerly="R-1")

    assert told(office, "receipt", again) == [
        ("rule.already-identified", {"ref": "R-1"})
    ]


def test_whose_departure_it_is_is_told_by_the_state_of_the_book() -> None:
    office = full()
    members: dict[str, Json] = {"origin": "SV", "destination": "US"}
    theirs = usual(office, "transfer", 2, ref="T-2", **members)

    assert told(office, "transfer", theirs) == [
        ("rule.origin-is-another-state", {"state": "US"})
    ]
    assert told(office, "receipt", arrival(ref="R-2", origin="US")) == [
        ("rule.origin-is-own-state", {"state": "US"})
    ]


@pytest.mark.parametrize(
    ("kind", "seq", "members", "code"),
    [
        ("receipt", 3, {"status": "official"}, "rule.official-of-another-state"),
        ("exit", 5, {"occurred": "2025-02"}, "rule.before-departure"),
    ],
)
def test_what_a_transfer_does_not_bear_is_told_by_its_reference_and_the_kind(
    kind: str, seq: int, members: dict[str, Json], code: str
) -> None:
    office = full()
    data = usual(office, kind, seq, **members)

    assert told(office, kind, data) == [(code, {"ref": "T-1", "kind": kind})]


def test_a_renewal_before_the_departure_is_told_by_the_transfer() -> None:
    office = full()
    early = usual(office, "renewal", 4, until="2025-03-14")

    assert told(office, "renewal", early) == [
        ("rule.renewal-before-departure", {"ref": "T-1"})
    ]


def test_of_an_exit_of_two_the_one_that_has_not_departed_is_told() -> None:
    office = full()
    office.transfer(departures=[{"at": "2025-09-01"}])
    both: Json = [office.cite("R-1"), office.cite("T-2")]
    early = usual(office, "exit", 5, transfers=both, occurred="2025-08-01")

    assert told(office, "exit", early) == [
        ("rule.before-departure", {"ref": "T-2", "kind": "exit"})
    ]


def test_what_a_claim_cannot_be_about_is_told_by_kind_and_by_number_or_path() -> None:
    office = full()
    correction = usual(office, "claim", 7, target=office.cite_entry(9))
    member = usual(office, "claim", 7, path="/from")

    assert told(office, "claim", correction) == [
        ("rule.not-a-fact", {"seq": 9, "kind": "correction"})
    ]
    assert told(office, "claim", member) == [
        ("rule.no-such-member", {"kind": "transfer", "path": "/from"})
    ]


def test_what_a_remark_cannot_resolve_is_told_by_its_number() -> None:
    office = full()
    remark = usual(office, "remark", 8, resolves=office.cite_entry(5))

    assert told(office, "remark", remark) == [("rule.not-a-remark", {"seq": 5})]


def long(years: int) -> Office:
    return received(5, term=term(length=f"P{years}Y"))


def test_what_makes_a_term_leave_the_calendar_is_refused() -> None:
    def refuses(office: Office) -> set[str]:
        renewal: dict[str, Json] = {
            "transfer": office.cite("T-1"),
            "persons": {"n": 5, "qualifier": "exact"},
            "agreed_on": "2025-04-01",
            "length": "P4000Y",
            "asserted_by": office.state,
            "status": "official",
        }
        return office.refused("renewal", renewal)

    near, far = long(3000), long(5000)
    assert refuses(near) == set()
    assert len(refuses(far)) == 1
    # What only an exit ties to it does not change it.
    far.transfer()
    far.receipt("T-2", 238)
    far.exit(["T-1", "T-2"], 1, "2025-06-01")
    assert refuses(far) == refuses(long(5000))


def test_a_transfer_whose_own_term_leaves_the_calendar_is_refused() -> None:
    with pytest.raises(RefusedError):
        long(8000)


@pytest.mark.parametrize(("years", "possible"), [(3000, True), (7000, False)])
def test_a_renewal_is_held_against_all_that_came_before_it_in_a_pool(
    years: int, *, possible: bool
) -> None:
    office = long(years)
    office.transfer()
    office.receipt("T-2", 238)
    office.exit(["T-1", "T-2"], 1, "2025-06-01")
    longer: dict[str, Json] = {"agreed_on": "2026-01-01", "length": "P4000Y"}

    office.renewal("T-2", 5, **longer)
    if possible:
        office.renewal("T-1", 5, **longer)
    else:
        with pytest.raises(RefusedError):
            office.renewal("T-1", 5, **longer)


def test_lengths_that_pass_the_calendar_only_together_are_tried_and_stand() -> None:
    office = Office()
    office.instrument(
        occurred="2025-03-14", term={"reading": "fixed", "length": "P7000Y"}
    )
    office.transfer(instruments=["I-1"], term=term(length="P7000Y"))

    assert office.history.opened["T-1"] == 2
