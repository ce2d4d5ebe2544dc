"""What contradicts the book, and what only contradicts the world."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from ledger.domain.history import Fault, History, Logged, Void
from ledger.domain.records import Transfer
from ledger.domain.rules import refusals
from ledger.domain.schemas import read_record
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.domain.full_book import full, refused, standing, usual
from tests.office import Office, signer

GARBAGE = b"not an entry\n"


def test_an_entry_of_every_kind_is_accepted() -> None:
    office = full()

    assert len(office.history.entries) == 11
    assert office.history.voids == {}
    assert refused("exit", 5) == set()


def test_a_second_genesis_is_refused() -> None:
    office = full()
    data = dict(office.history.entries[0].data)

    assert office.refused("genesis", data) >= {"rule.genesis-not-first"}


def as_first(
    kind: str, data: dict[str, Json], *, book: str = "us.example/book"
) -> set[str]:
    """Return the codes with which an entry is refused as entry 0."""
    entry = Logged(
        seq=0,
        leaf=bytes(32),
        at=datetime(2025, 3, 1, tzinfo=UTC),
        kind=kind,
        by="us.example/state",
        once="0" * 32,
        data=data,
        record=read_record(kind, data),
    )
    return {error.code for error in refusals(History(book=book), entry)}


def test_the_first_entry_is_a_genesis() -> None:
    data: dict[str, Json] = {"targets": [{"seq": 0, "leaf": "0" * 64}], "reason": "r"}

    assert as_first("acknowledgement", data) >= {"rule.genesis-not-first"}


@pytest.mark.parametrize("missing", ["state", "log", "clerk"])
def test_a_genesis_has_a_key_for_each_role_that_it_needs(missing: str) -> None:
    office = Office()
    data = dict(office.history.entries[0].data)
    keys: list[Json] = [
        office.listing(role, key)
        for role, key in office.keys.items()
        if role != missing
    ]

    assert as_first("genesis", data) == set()
    assert as_first("genesis", {**data, "keys": keys}) == {"rule.genesis-without-key"}


def test_a_genesis_names_its_book_and_a_zone_that_exists() -> None:
    data = dict(Office().history.entries[0].data)

    assert as_first("genesis", data, book="sv.example/book") >= {
        "rule.genesis-of-another-book"
    }
    assert as_first("genesis", {**data, "zone": "No/Zone"}) == {"value.not-a-zone"}


def test_a_key_is_added_used_and_retired() -> None:
    office = Office()
    new = signer("us.example/clerk-08", 30)
    office.write("key", {"action": "add", **office.listing("clerk", new)})
    office.keys["clerk"] = new
    office.transfer()
    vkey = new.key.format()
    office.write("key", {"action": "retire", "role": "clerk", "vkey": vkey})

    with pytest.raises(RefusedError, match=r"signature\.key-not-active"):
        office.transfer()


def test_a_key_that_is_not_sound_is_refused() -> None:
    office = Office()
    new = signer("us.example/clerk-08", 30)
    other = office.listing("clerk", signer("us.example/clerk-08", 31))
    listing = office.listing("clerk", new)
    last: dict[str, Json] = {
        "action": "retire",
        "role": "state",
        "vkey": office.keys["state"].key.format(),
    }
    no_key: dict[str, Json] = {"action": "retire", "role": "clerk", "vkey": "none"}

    proof = {"action": "add", **listing, "proof": other["proof"]}

    assert office.refused("key", {**proof}) == {"key.not-proved"}
    assert office.refused("key", last) == {"key.last-state-key"}
    assert office.refused("key", no_key) == {"key.not-a-vkey"}


def test_an_id_of_a_client_is_used_once() -> None:
    office = full()
    entry = office.history.entries[5]
    again = replace(entry, seq=11)

    found = refusals(office.history, again)
    fresh = refusals(office.history, replace(again, once="f" * 32))

    assert [(e.code, e.values["seq"]) for e in found] == [("rule.once-taken", 5)]
    assert fresh == []


@pytest.mark.parametrize("ref", ["T-1", "T-3"])
def test_references_are_given_without_gaps(ref: str) -> None:
    assert refused("transfer", 2, ref=ref) == {"rule.not-the-next-number"}
    assert refused("transfer", 2, ref="T-2") == set()


def test_arrivals_and_instruments_are_numbered_too() -> None:
    assert refused("receipt", 10, ref="R-3") == {"rule.not-the-next-number"}
    assert refused("receipt", 10, ref="R-2") == set()
    assert refused("instrument", 1, id="I-3") == {"rule.not-the-next-number"}
    assert refused("instrument", 1, id="I-2") == set()
    assert refused("instrument", 1, id="I-1", stage="in_force") == set()


def test_a_void_entry_is_acknowledged_once() -> None:
    office = full()
    void = office.put(GARBAGE)
    right: dict[str, Json] = {"seq": void.seq, "leaf": void.leaf.hex()}

    def codes(*targets: Json) -> set[str]:
        data: dict[str, Json] = {"targets": [*targets], "reason": "by hand"}
        return office.refused("acknowledgement", data)

    assert codes(right) == set()
    assert codes(right, right) == {"rule.already-acknowledged"}
    assert codes({**right, "leaf": "0" * 64}) == {"rule.not-void"}
    assert codes({"seq": 5, "leaf": office.history.entries[5].leaf.hex()}) == {
        "rule.not-void"
    }
    office.acknowledge(void.seq)
    assert codes(right) == {"rule.already-acknowledged"}
    assert office.history.acknowledged == {void.seq}


def test_a_term_ends_by_the_year_9999() -> None:
    office = full()
    long: Json = {"reading": "fixed", "length": "P9000Y"}
    data = usual(office, "renewal", 4, length="P9000Y")
    del data["until"]

    assert refused("transfer", 2, ref="T-2", term=long) == {"term.outside-calendar"}
    assert office.refused("renewal", data) == {"term.outside-calendar"}
    assert refused("renewal", 4, until="9999-12-31") == set()


def test_a_term_that_a_correction_makes_too_long_is_refused() -> None:
    office = full()
    term = office.history.entries[2].data["term"]
    long: Json = {"reading": "fixed", "length": "P9000Y"}
    change: Json = {"path": "/term", "old": term, "new": long}

    assert office.refused("correction", office.correction(2, change)) == {
        "term.outside-calendar"
    }


def test_an_instrument_whose_stage_makes_a_term_too_long_is_refused() -> None:
    office = Office()
    office.instrument(stage="announced")
    term: Json = {"reading": "fixed", "length": "P8000Y", "trigger": "signed"}
    office.transfer(instruments=["I-1"], term=term)
    data = usual(office, "instrument", 1, stage="signed")

    assert office.refused("instrument", {**data, "occurred": "2025-03-14"}) == {
        "term.outside-calendar"
    }
    assert office.refused("instrument", {**data, "occurred": "1950-03-14"}) == set()


def corrected(seq: int, *changes: Json) -> set[str]:
    """Return the codes with which a correction is refused in a full book."""
    office = standing()
    return office.refused("correction", office.correction(seq, *changes))


def test_a_correction_names_the_present_value() -> None:
    again: Json = {"path": "/text", "old": "as read", "new": "as read again"}
    stale: Json = {"path": "/text", "new": "as read again"}

    assert corrected(2, again) == set()
    assert corrected(2, stale) == {"correction.other-old-value"}


def test_a_correction_replaces_an_array_whole() -> None:
    old: Json = [{"at": "2025-03-15T17:26-04:00"}]
    new: Json = [{"at": "2025-03-15T17:27-04:00"}]
    inside: Json = {"path": "/departures/0/at", "new": "2025-03-15T17:27-04:00"}

    assert corrected(2, {"path": "/departures", "old": old, "new": new}) == set()
    assert corrected(2, inside) == {"correction.path-through-value"}


def test_a_correction_leaves_a_record_that_is_one() -> None:
    wrong: Json = {"path": "/persons/n", "old": 238, "new": "many"}
    unknown: Json = {"path": "/nickname", "new": "x"}
    sums: Json = {"path": "/breakdown", "new": [{"label": "a", "n": 1}]}
    deep: Json = {"path": "/a/b/c/d/e/f/g/h", "new": [[[[[[[[["x"]]]]]]]]]}

    assert corrected(2, wrong) == {"form.not-a-number"}
    assert corrected(2, unknown) == {"record.member-unknown"}
    assert corrected(2, sums) == {"record.breakdown-sum"}
    assert corrected(2, deep) == {"json.too-deep"}


@pytest.mark.parametrize(
    ("seq", "path"),
    [
        (2, "/ref"),
        (1, "/id"),
        (3, "/transfer"),
        (5, "/transfers"),
        (7, "/target"),
        (8, "/about"),
        (8, "/resolves"),
        (6, "/for/instrument"),
        (3, "/formerly"),
    ],
)
def test_a_reference_cannot_be_corrected(seq: int, path: str) -> None:
    assert "rule.reference-corrected" in corrected(seq, {"path": path, "new": "x"})


@pytest.mark.parametrize(
    ("seq", "code"), [(0, "rule.genesis-stays"), (9, "rule.not-correctable")]
)
def test_only_facts_are_corrected(seq: int, code: str) -> None:
    assert corrected(seq, {"path": "/reason", "old": "misread", "new": "x"}) == {code}


def test_a_correction_that_makes_a_later_entry_impossible_names_it() -> None:
    office = full()
    old: Json = [{"at": "2025-03-15T17:26-04:00"}]
    change: Json = {"path": "/departures", "old": old, "new": [{"at": "2025-03-20"}]}
    note = office.compose("correction", office.correction(2, change))

    judged = office.put(note)

    assert not isinstance(judged, Logged)
    faults = [(fault.code, dict(fault.values)) for fault in judged.faults]
    assert faults == [
        (
            "rule.later-entry-impossible",
            {
                "seq": 3,
                "kind": "receipt",
                "because": "rule.before-departure",
                "because_ref": "T-1",
                "because_kind": "receipt",
            },
        )
    ]


def test_a_correction_is_judged_by_the_rules_of_its_target() -> None:
    official: Json = {"path": "/status", "old": "reported", "new": "official"}
    early: Json = {"path": "/occurred", "old": "2025-06-06", "new": "2025-01-01"}
    nowhere: Json = {
        "path": "/facility/zone",
        "old": "America/El_Salvador",
        "new": "No/Zone",
    }
    absent: Json = {"path": "/instruments", "old": ["I-1"], "new": ["I-9"]}

    assert corrected(3, official) == {"rule.official-of-another-state"}
    assert corrected(5, early) == {"rule.before-departure"}
    assert corrected(2, nowhere) == {"value.not-a-zone"}
    assert corrected(2, absent) == {"rule.names-nothing"}


def test_a_destination_that_is_corrected_is_another_custodian() -> None:
    office = Office()
    office.transfer(destination="US-TX")
    office.receipt("T-1", 238, status="official")
    change: Json = {"path": "/destination", "old": "US-TX", "new": "SV"}

    data = office.correction(1, change)

    assert office.refused("correction", data) == {"rule.later-entry-impossible"}


def retracted(seq: int, office: Office | None = None) -> set[str]:
    """Return the codes with which a retraction is refused."""
    office = office or standing()
    return office.refused("retraction", office.retraction(seq))


@pytest.mark.parametrize("seq", [3, 4, 5, 6, 7, 8, 9, 10])
def test_what_nothing_rests_on_can_be_retracted(seq: int) -> None:
    assert retracted(seq) == set()


def test_a_transfer_with_a_receipt_cannot_be_retracted() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.correct(1, {"path": "/text", "new": "as read"})

    refused_first = retracted(1, office)
    office.retract(2)

    assert refused_first == {"rule.later-entry-impossible"}
    assert retracted(1, office) == set()


def test_an_instrument_that_is_named_cannot_be_retracted() -> None:
    assert retracted(1) == {"rule.later-entry-impossible"}


def test_an_instrument_that_a_correction_names_cannot_be_retracted() -> None:
    office = full()
    office.instrument(id="I-2")
    change: Json = {"path": "/instruments", "old": ["I-1"], "new": ["I-2"]}
    office.correct(2, change)
    named = office.history.head.size - 1

    assert retracted(11, office) == {"rule.later-entry-impossible"}
    office.retract(named)
    assert retracted(11, office) == set()


def test_an_instrument_with_a_later_stage_keeps_that_stage() -> None:
    office = Office()
    office.instrument()
    office.instrument(id="I-1", stage="in_force")
    office.transfer(instruments=["I-1"])

    assert retracted(1, office) == set()
    office.retract(1)
    assert retracted(2, office) == {"rule.later-entry-impossible"}


@pytest.mark.parametrize("seq", [0, 11])
def test_state_entries_and_retractions_cannot_be_retracted(seq: int) -> None:
    office = full()
    office.retract(5)

    assert retracted(seq, office) == {"rule.not-retractable"}


def test_nothing_is_retracted_twice() -> None:
    office = full()
    office.retract(5)
    note = office.compose("retraction", office.retraction(5))

    judged = office.put(note)

    assert not isinstance(judged, Logged)
    assert judged.faults[0].code == "rule.already-retracted"
    assert judged.faults[0].values == {"seq": 5, "by": 11}


def test_a_retraction_of_a_correction_restores_the_value() -> None:
    office = full()
    office.retract(9)

    worth = office.history.worth(2)

    assert isinstance(worth, Transfer)
    assert worth.text is None


def test_a_correction_that_a_later_one_rests_on_cannot_be_retracted() -> None:
    office = full()
    again: Json = {"path": "/text", "old": "as read", "new": "as read again"}
    office.correct(2, again)
    note = office.compose("retraction", office.retraction(9))

    judged = office.put(note)

    assert not isinstance(judged, Logged)
    assert judged.faults[0].values == {
        "seq": 11,
        "kind": "correction",
        "because": "correction.other-old-value",
        "because_path": "/text",
    }


def test_a_correction_without_which_the_sums_are_wrong_cannot_be_retracted() -> None:
    office = Office()
    office.transfer(breakdown=[{"label": "all", "n": 238}])
    old: Json = [{"label": "all", "n": 238}]
    office.correct(1, {"path": "/breakdown", "old": old})
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 237})

    assert retracted(2, office) == {"rule.later-entry-impossible"}


def test_a_correction_of_what_was_retracted_since_can_be_retracted() -> None:
    office = full()
    office.correct(5, {"path": "/text", "new": "as read"})
    office.retract(5)

    assert retracted(11, office) == set()


def test_a_correction_after_which_a_receipt_is_early_cannot_be_undone() -> None:
    office = Office()
    office.transfer(departures=[{"at": "2025-03-25"}])
    old: Json = [{"at": "2025-03-25"}]
    new: Json = [{"at": "2025-03-15"}]
    office.correct(1, {"path": "/departures", "old": old, "new": new})
    office.receipt("T-1", 238)

    assert retracted(2, office) == {"rule.later-entry-impossible"}


def test_another_transfer_that_a_remark_ties_does_not_stand_in_the_way() -> None:
    office = Office()
    office.transfer()
    office.transfer()
    receipt = office.receipt("T-2", 238)
    office.remark(1, receipt.seq)
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.payment(["T-1", "T-3"], "1.00")

    assert (
        office.refused(
            "correction", office.correction(1, {"path": "/text", "new": "as read"})
        )
        == set()
    )


def test_an_arrival_that_was_identified_can_be_unidentified() -> None:
    office = full()
    office.transfer()
    office.receipt("T-2", 4, formerly="R-1")
    office.exit(["R-1"], 1, "2025-06-06")

    assert retracted(12, office) == set()
    change: Json = {
        "path": "/departures",
        "old": [{"at": "2025-03-15T17:26-04:00"}],
        "new": [{"at": "2025-08-01"}],
    }
    assert office.refused("correction", office.correction(11, change)) == {
        "rule.later-entry-impossible"
    }


def test_what_was_wrong_in_the_world_is_recorded() -> None:
    office = full()
    office.exit(["T-1"], 1000, "2025-07-18")
    office.receipt("T-1", 500, arrived="2025-03-20")
    office.renewal("T-1", 10_000, agreed_on="2029-01-01")

    assert office.history.voids == {}


def test_every_reason_is_named_at_once() -> None:
    office = full()
    nothing: Json = {**office.cite("T-1"), "seq": 99}

    codes = refused(
        "transfer", 2, ref="T-7", origin="SV", destination="US", instruments=["I-9"]
    )

    assert codes == {
        "rule.not-the-next-number",
        "rule.origin-is-another-state",
        "rule.names-nothing",
    }
    assert refused("remark", 8, about=[nothing], resolves=office.cite("T-1")) == {
        "rule.cites-nothing",
        "rule.not-a-remark",
    }


def test_an_altered_entry_is_not_void_and_cannot_be_acknowledged() -> None:
    office = Office()
    leaf = bytes(32)
    altered = Void(1, leaf, (Fault("bytes", "bytes-changed"),))
    office.history.add_void(altered)

    assert office.refused(
        "acknowledgement",
        {"targets": [{"seq": 1, "leaf": leaf.hex()}], "reason": "seen"},
    ) == {"rule.not-void"}
