"""What a book is worth after every entry, and that a part of it is worth the same."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from msgspec.structs import replace

from ledger.domain.cases import case_of
from ledger.domain.custody import pool_of
from ledger.domain.forms import Fact, Reference
from ledger.domain.history import Fault, History, Logged, Void, gather, pools
from ledger.domain.records import Receipt, Transfer
from ledger.domain.rules import refusals
from ledger.domain.schemas import read_record
from ledger.domain.standing import STANDING
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, SEEDS, book
from tests.office import START, Office

ON = date(2026, 4, 1)


def transfers(history: History) -> list[str]:
    """Return the references of all transfers and arrivals."""
    return [ref for ref in history.opened if not ref.startswith("I-")]


def replayed(history: History, seqs: set[int]) -> History:
    """Return the history that comes of reading some entries of a book alone."""
    found = History(book=history.book)
    for seq in sorted(seqs | {0}):
        found.add(history.entries[seq])
    return found


def test_a_history_grows_with_its_entries() -> None:
    office = Office()
    history = office.history
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)

    assert (history.state, history.zone) == ("US", "America/Chicago")
    assert (history.head.size, history.numbers) == (4, {"I": 1, "T": 1})
    assert history.opened == {"I-1": 1, "T-1": 2}
    assert history.by_ref == {"I-1": [1, 2], "T-1": [2, 3]}
    assert history.refs == {0: (), 1: ("I-1",), 2: ("I-1", "T-1"), 3: ("T-1",)}
    assert (history.next_ref("T"), history.next_ref("R")) == ("T-2", "R-1")


def test_a_void_entry_moves_the_chain_on_and_does_nothing_else() -> None:
    history = Office().history
    before = history.head
    void = Void(1, b"\1" * 32, (Fault("bytes", "note.not-utf-8"),))

    history.add_void(void)

    assert (history.head.size, history.head.leaf) == (2, void.leaf)
    assert history.head.at == before.at
    assert history.voids == {1: void}
    assert list(history.entries) == [0]


def test_a_later_stage_of_an_instrument_keeps_its_reference() -> None:
    office = Office()
    office.instrument()
    office.instrument(id="I-1", stage="in_force")

    assert office.history.opened == {"I-1": 1}
    assert office.history.by_ref == {"I-1": [1, 2]}
    assert office.history.next_ref("I") == "I-2"


def test_an_entry_that_concerns_no_reference_is_known_by_its_number() -> None:
    office = Office()
    office.remark(0)

    assert office.history.by_ref == {"#0": [1]}
    office.remark(1)
    assert office.history.by_ref == {"#0": [1, 2]}


def test_what_is_said_of_a_transfer_does_not_concern_its_instruments() -> None:
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.remark(2)
    office.remark(1)
    office.correct(2, {"path": "/text", "new": "as read"})

    assert office.history.refs[3] == ("T-1",)
    assert office.history.refs[4] == ("I-1",)
    assert office.history.refs[5] == ("I-1", "T-1")


def test_a_reference_needs_the_book_the_number_and_the_leaf() -> None:
    office = Office()
    office.transfer()
    history = office.history
    right = history.reference(1)

    found = [
        history.resolve(reference)
        for reference in (
            right,
            replace(right, ledger="sv.example/book"),
            replace(right, leaf="0" * 64),
            replace(right, seq=2),
        )
    ]

    assert found == [history.entries[1], None, None, None]


def test_a_citation_opens_a_transfer_or_an_arrival_or_nothing() -> None:
    office = Office()
    office.instrument()
    office.transfer()
    office.receipt("T-1", 238)
    history = office.history
    absent = Reference(ledger=history.book, seq=9, leaf="0" * 64)

    opened = [history.ref_at(history.reference(seq)) for seq in (1, 2, 3)]

    assert [*opened, history.ref_at(absent)] == [None, "T-1", None, None]


def test_a_correction_changes_what_a_record_is_worth_and_not_the_record() -> None:
    office = Office()
    office.transfer()
    history = office.history
    before = history.worth(1)
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 237})
    office.correct(1, {"path": "/persons/n", "old": 237, "new": 236})

    worth = history.worth(1)

    assert isinstance(worth, Transfer)
    assert worth.persons.n == 236
    assert history.entries[1].record == before
    assert history.corrections == {1: [2, 3]}
    assert history.worth(1) is worth


def test_a_retraction_of_a_correction_restores_what_was_before() -> None:
    office = Office()
    office.transfer()
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 237})
    office.retract(2)

    worth = office.history.worth(1)

    assert isinstance(worth, Transfer)
    assert worth.persons.n == 238
    assert office.history.worth(2) is None
    assert office.history.retracted == {2: 3}


def test_a_retracted_entry_is_worth_nothing_and_stays() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.retract(2)

    assert office.history.worth(2) is None
    assert isinstance(office.history.entries[2].record, Receipt)
    assert office.history.worth(99) is None


def test_the_pool_of_a_transfer_is_what_exits_tie_to_it() -> None:
    office = Office()
    for n in range(1, 6):
        office.transfer()
        office.receipt(f"T-{n}", 238)
    office.exit(["T-4", "T-1"], 1, "2025-06-06")
    office.exit(["T-1", "T-2"], 1, "2025-06-06")
    last = office.exit(["T-2", "T-5"], 1, "2025-06-06", status="alleged")
    history = office.history

    assert history.pool_of("T-2") == ("T-1", "T-2", "T-4", "T-5")
    assert history.pool_of("T-3") == ("T-3",)
    assert pools(history, ["T-3", "T-5", "T-1"]) == [
        ("T-3",),
        ("T-1", "T-2", "T-4", "T-5"),
    ]
    office.retract(last.seq)
    assert history.pool_of("T-2") == ("T-1", "T-2", "T-4")


def arrival(office: Office) -> Logged:
    """Record an unannounced arrival."""
    data: dict[str, Json] = {
        "ref": office.history.next_ref("R"),
        "origin": "SV",
        "persons": {"n": 4, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 4,
        "asserted_by": "US",
        "status": "official",
    }
    return office.write("receipt", data)


def test_an_arrival_is_known_as_the_transfer_that_it_turned_out_to_be() -> None:
    office = Office()
    arrival(office)
    office.transfer()
    history = office.history
    assert history.known_as("R-1") == "R-1"
    receipt = office.receipt("T-1", 4, formerly="R-1")

    assert history.known_as("R-1") == "T-1"
    assert history.aliases("T-1") == ("T-1", "R-1")
    assert history.aliases("R-1") == ("R-1",)
    assert history.seqs_of("T-1") == [1, 2, 3]
    assert history.ref_at(history.reference(1)) == "T-1"
    office.retract(receipt.seq)
    assert history.known_as("R-1") == "R-1"
    assert history.known_as("R-9") == "R-9"


@pytest.mark.sweep
def test_a_part_of_a_history_shares_nothing_that_grows() -> None:
    office = Office()
    office.transfer()
    office.transfer()
    whole = office.history
    part = whole.concerning(["T-1"])
    entry = replace(whole.entries[1], seq=3, once="f" * 32)

    grown = whole.with_entry(entry)

    assert list(part.entries) == [1]
    assert 3 in grown.entries
    assert 3 not in whole.entries
    assert whole.by_ref == {"T-1": [1], "T-2": [2]}
    assert "f" * 32 not in whole.onces


def test_an_instrument_matters_to_all_that_name_it_and_its_stages_to_each() -> None:
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.transfer(instruments=["I-1"])
    office.instrument(id="I-1", stage="in_force")
    office.remark(1, 3)
    office.correct(4, {"path": "/text", "new": "as read"})
    office.correct(4, {"path": "/text", "old": "as read", "new": "as read again"})
    office.retract(7)
    history = office.history

    assert set(history.concerning(["T-1"]).entries) == {1, 2, 4, 6, 7, 8}
    assert set(history.concerning(["I-1"]).entries) == {*range(1, 9)}
    assert set(history.concerning([], stages_of=["I-1"]).entries) == {1, 4, 6, 7, 8}


def test_what_an_instrument_is_corrected_to_matters_too() -> None:
    office = Office()
    office.instrument(occurred="2025-03-14")
    office.instrument(occurred="2025-01-01")
    office.transfer(
        instruments=["I-1"],
        term={"reading": "fixed", "length": "P1Y", "trigger": "signed"},
    )
    office.correct(3, {"path": "/persons/n", "old": 238, "new": 237})
    office.correct(3, {"path": "/instruments", "old": ["I-1"], "new": ["I-2"]})
    history = office.history

    part = history.concerning(["T-1"])

    assert 2 in part.entries
    assert case_of(part, "T-1") == case_of(history, "T-1")
    assert {3, 4, 5} <= set(history.concerning(["I-2"]).entries)
    (found,) = parts(pool_of(part, "T-1"), "T-1", on=ON)
    assert found.start == date(2025, 1, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_part_of_a_book_gives_the_same_case_balance_and_parts(seed: int) -> None:
    history = book(seed).history
    for ref in transfers(history):
        whole = pool_of(history, ref)
        seqs = gather([ref], seqs_of=history.by_ref.get, entry_of=history.entries.get)
        for part in (history.concerning([ref]), replayed(history, seqs)):
            assert case_of(part, ref) == case_of(history, ref)
            assert pool_of(part, ref) == whole
            assert part.known_as(ref) == history.known_as(ref)
        for known in whole.cases:
            assert whole.balance(known, on=ON) == pool_of(part, ref).balance(
                known, on=ON
            )
            assert parts(whole, known, on=ON) == parts(pool_of(part, ref), known, on=ON)


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_part_is_what_comes_of_reading_its_entries_alone(seed: int) -> None:
    history = book(seed).history
    rng = Random(seed)  # noqa: S311 (nothing here is secret)
    refs = rng.sample(sorted(history.opened), k=min(3, len(history.opened)))

    part = history.concerning(refs)
    again = replayed(history, set(part.entries))

    for seq in part.entries:
        assert again.refs[seq] == history.refs[seq] == part.refs[seq]
        assert again.worth(seq) == part.worth(seq)
    assert again.retracted == part.retracted
    for seq, numbers in part.corrections.items():
        assert again.corrections.get(seq, []) == numbers
    assert {r: s for r, s in again.opened.items() if s in part.entries} == part.opened


def trial(history: History, kind: str, data: dict[str, Json]) -> Logged:
    """Return an entry that has not been judged."""
    return Logged(
        seq=history.head.size,
        leaf=b"\2" * 32,
        at=datetime(2027, 1, 1, tzinfo=UTC),
        kind=kind,
        by="xa.example/clerk-07",
        once="e" * 32,
        data=data,
        record=read_record(kind, data),
    )


def tried(office: Office, rng: Random) -> tuple[str, dict[str, Json]]:
    """Return an entry that may be possible or not: any target, any change."""
    history = office.history
    seqs = sorted(history.entries)
    seq = rng.choice(seqs)
    said: dict[str, Json] = {"asserted_by": "XA", "status": "official"}
    instruments: list[Json] = [f"I-{rng.randint(1, 5)}"]
    match rng.randrange(6):
        case 0 | 1:
            return "retraction", office.retraction(seq)
        case 2 | 3:
            data = history.worth_data(seq)
            options: list[tuple[str, Json]] = [
                ("/status", rng.choice(["official", "alleged"])),
                ("/instruments", instruments),
                ("/instrument", instruments[0]),
                ("/destination", rng.choice(["XA", "XD"])),
                (
                    "/facility",
                    {"name": "P", "zone": rng.choice(["UTC", "No/Zone"])},
                ),
                ("/departures", [{"at": "2025-08-20"}]),
                ("/arrived", "2025-02-01"),
                ("/term", {"reading": "fixed", "length": "P9000Y"}),
                ("/until", "2025-01-02"),
                ("/occurred", "2025-01-02"),
                ("/text", "read again"),
            ]
            path, new = rng.choice(options)
            change: dict[str, Json] = {"path": path, "new": new}
            if path[1:] in data:
                change["old"] = data[path[1:]]
            if change.get("old") == new:
                change["new"] = "other"
            return "correction", office.correction(seq, change)
        case 4:
            exit_: dict[str, Json] = {
                **said,
                "transfers": [office.cite_entry(seq)],
                "persons": {"n": 1, "qualifier": "exact"},
                "occurred": rng.choice(["2025-01-02", "2026-01-02"]),
                "how": "died",
            }
            return "exit", exit_
        case _:
            receipt: dict[str, Json] = {
                **said,
                "transfer": office.cite_entry(seq),
                "arrived": rng.choice(["2025-01-02", "2026-01-02"]),
                "arrived_persons": 1,
                "formerly": rng.choice(["R-1", "R-2", "R-9"]),
            }
            return "receipt", receipt


@pytest.mark.sweep
@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_rules_say_the_same_of_a_part_and_of_the_whole(seed: int) -> None:
    office = book(seed)
    history = office.history
    rng = Random(seed)  # noqa: S311 (nothing here is secret)
    for _ in range(25):
        entry = trial(history, *tried(office, rng))
        part = history.around(entry.record)

        from_whole = [(e.code, e.values) for e in refusals(history, entry)]
        from_part = [(e.code, e.values) for e in refusals(part, entry)]
        seqs = {*part.entries, *(seq for seq in history.entries if seq == 0)}
        alone = replayed(history, seqs)
        alone.numbers = history.numbers

        assert from_part == from_whole
        assert [(e.code, e.values) for e in refusals(alone, entry)] == from_whole


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_what_the_rules_let_through_leaves_every_entry_possible(seed: int) -> None:
    office = book(seed)
    rng = Random(seed)  # noqa: S311 (nothing here is secret)
    for _ in range(25):
        entry = trial(office.history, *tried(office, rng))
        if refusals(office.history, entry):
            continue
        history = replayed(office.history, set(office.history.entries))
        history.add(entry)
        for seq in history.entries:
            record = history.worth(seq)
            if isinstance(record, Fact):
                standing = replace(history.entries[seq], record=record)

                assert [r for rule in STANDING for r in rule(history, standing)] == []


def test_the_generated_trials_are_refused_for_many_reasons_and_accepted_too() -> None:
    codes: set[str] = set()
    accepted = 0
    for seed in FEW_SEEDS:
        rng = Random(seed)  # noqa: S311 (nothing here is secret)
        for _ in range(25):
            entry = trial(book(seed).history, *tried(book(seed), rng))
            found = refusals(book(seed).history, entry)
            codes.update(str(e.values.get("because", e.code)) for e in found)
            accepted += not found

    assert accepted > 50
    assert {
        "rule.cites-retracted",
        "rule.before-departure",
        "rule.official-of-another-state",
        "rule.not-a-transfer",
        "rule.names-nothing",
        "value.not-a-zone",
        "correction.other-old-value",
    } <= codes


def test_time_starts_where_the_office_does() -> None:
    assert Office().history.head.at == START
