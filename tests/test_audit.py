"""The law: an honest book has no findings, and no changed byte goes unnoticed."""

from functools import cache
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit import LEVELS, Audit, Finding, Level, differences, ordered
from ledger.domain.history import Fault, History, Void
from ledger.errors import TooNewError
from ledger.tlog import merkle
from tests.books import SEEDS, book, plausible
from tests.office import Office
from tests.register.stored import garbage, usual_office

SHORT = 16


@cache
def short(seed: int) -> Office:
    return plausible(seed, entries=SHORT)


def audited(
    book_name: str, notes: list[bytes], leaves: list[bytes] | None = None
) -> Audit:
    audit = Audit(History(book=book_name), wanted=frozenset({0, 1, len(notes)}))
    known = leaves or [merkle.leaf_hash(note) for note in notes]
    for seq, (leaf, note) in enumerate(zip(known, notes, strict=True)):
        audit.take(seq=seq, leaf=leaf, note=note)
    return audit


def findings(audit: Audit) -> list[Finding]:
    return ordered([*audit.findings, *audit.void_findings()])


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_an_honest_book_has_no_findings_but_its_void_entries(seed: int) -> None:
    office = book(seed)

    audit = audited(office.book, office.notes)

    open_voids = set(office.history.voids) - office.history.acknowledged
    assert audit.findings == []
    assert {finding.seq for finding in findings(audit)} == open_voids
    assert audit.history.entries == office.history.entries
    assert audit.roots[len(office.notes)] == merkle.root(
        map(merkle.leaf_hash, office.notes)
    )


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 3), st.data())
def test_no_changed_byte_goes_unnoticed(seed: int, data: st.DataObject) -> None:
    office = short(seed)
    notes = list(office.notes)
    leaves = [merkle.leaf_hash(note) for note in notes]
    seq = data.draw(st.sampled_from([s for s in range(SHORT) if notes[s]]), label="seq")
    raw = bytearray(notes[seq])
    at = data.draw(st.integers(0, len(raw) - 1), label="byte")
    raw[at] ^= data.draw(st.integers(1, 255), label="flip")
    notes[seq] = bytes(raw)

    found = findings(audited(office.book, notes, leaves))

    assert found
    voids = set(office.history.voids)
    first = next(f for f in found if f.seq not in voids - {seq})
    assert (first.seq, first.level, first.code) == (seq, "bytes", "bytes-changed")
    assert first.exit_code == 10


def test_one_changed_byte_of_a_signature_is_one_finding() -> None:
    office = usual_office()
    notes = list(office.notes)
    leaves = [merkle.leaf_hash(note) for note in notes]
    for seq, note in enumerate(notes):
        bent = [*notes]
        flipped = b"A" if note[-10:-9] != b"A" else b"B"
        bent[seq] = note[:-10] + flipped + note[-9:]
        if seq % 9:
            continue

        found = findings(audited(office.book, bent, leaves))

        assert found == [
            Finding(
                seq,
                "bytes",
                "bytes-changed",
                field="note",
                expected=leaves[seq].hex(),
                found=merkle.leaf_hash(bent[seq]).hex(),
            )
        ]


def test_an_altered_leaf_hash_is_an_altered_entry() -> None:
    office = usual_office()
    leaves = [merkle.leaf_hash(note) for note in office.notes]
    leaves[5] = bytes(32)

    found = findings(audited(office.book, office.notes, leaves))

    assert (found[0].seq, found[0].code) == (5, "bytes-changed")
    assert (6, "void:chain.prev") in {(f.seq, f.code) for f in found}


def test_a_gap_is_named_and_what_follows_it_is_judged() -> None:
    office = Office()
    for _ in range(5):
        office.transfer()
    audit = Audit(History(book=office.book))
    for seq in (0, 1, 2, 4, 5):
        note = office.notes[seq]
        audit.take(seq=seq, leaf=merkle.leaf_hash(note), note=note)

    found = findings(audit)

    assert [(f.seq, f.code, f.expected, f.found) for f in found] == [
        (3, "gap", "3", "4"),
        (4, "void:rule.not-the-next-number", None, None),
        (5, "void:rule.not-the-next-number", None, None),
    ]
    assert found[0].exit_code == 11


def test_a_gap_before_garbage_is_named() -> None:
    audit = Audit(History(book="us.example/book"))

    audit.take(seq=1, leaf=merkle.leaf_hash(b"x"), note=b"x")

    assert [f.code for f in findings(audit)] == ["gap", "void:note.no-signature"]


def test_a_void_entry_fails_until_it_is_acknowledged() -> None:
    office = Office()
    office.put(garbage(1))
    before = findings(audited(office.book, office.notes))
    office.acknowledge(1)
    after = audited(office.book, office.notes)

    assert [(f.seq, f.exit_code) for f in before] == [(1, 10)]
    assert findings(after) == []
    assert list(after.history.voids) == [1]


def test_an_entry_of_a_newer_program_stops_the_audit() -> None:
    office = Office()
    notes = [*office.notes, office.compose("weather", {})]

    with pytest.raises(TooNewError):
        audited(office.book, notes)


def test_entries_can_be_judged_beside_the_few_that_concern_them() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    whole = audited(office.book, office.notes[:2]).history
    audit = Audit(History(book=office.book, head=whole.head, ring=whole.ring))
    beside = whole.concerning({"T-1"})
    beside.state, beside.numbers = whole.state, whole.numbers

    note = office.notes[2]
    audit.take(seq=2, leaf=merkle.leaf_hash(note), note=note, beside=beside)

    assert findings(audit) == []
    assert audit.ref_of(2) == "T-1"


def test_head_and_keys_are_those_of_the_history_whatever_lies_beside_it() -> None:
    office = Office()
    office.transfer()
    audit = Audit(History(book=office.book))
    for seq, note in enumerate(office.notes):
        few = History(book=office.book, state=office.history.state)
        beside = few if seq else None
        audit.take(seq=seq, leaf=merkle.leaf_hash(note), note=note, beside=beside)

    assert findings(audit) == []
    assert list(audit.history.entries) == [0, 1]


def refused(*_: object) -> NoReturn:
    raise AssertionError


def test_what_was_judged_before_is_read_whole_and_not_judged_again() -> None:
    office = short(SEEDS[0])
    voids = office.history.voids
    audit = Audit(History(book=office.book), check=refused)
    for seq, note in enumerate(office.notes):
        if seq in voids:
            break
        leaf = merkle.leaf_hash(note)
        audit.take(seq=seq, leaf=leaf, note=note, known=True)

    assert len(audit.history.entries) > 3
    for seq, entry in audit.history.entries.items():
        assert entry == office.history.entries[seq]


def test_a_signature_is_checked_as_it_was_asked_unless_all_is_known() -> None:
    office = Office()
    (note,) = office.notes
    audit = Audit(History(book=office.book), check=refused)

    with pytest.raises(AssertionError):
        audit.take(seq=0, leaf=merkle.leaf_hash(note), note=note)


def test_an_altered_entry_that_cannot_be_read_leaves_the_others_as_they_were() -> None:
    office = Office()
    office.transfer()
    office.remark(0)
    office.remark(0)
    leaves = [merkle.leaf_hash(note) for note in office.notes]
    notes = [*office.notes]
    notes[2] = b"a broken disk"
    audit = audited(office.book, notes, leaves)

    assert [(f.seq, f.code) for f in findings(audit)] == [(2, "bytes-changed")]
    assert list(audit.history.entries) == [0, 1, 3]
    assert audit.history.voids == {}


def test_a_gap_says_which_number_stands_where_and_the_chain_goes_on_after_it() -> None:
    office = Office()
    for _ in range(3):
        office.remark(0)
    audit = Audit(History(book=office.book))
    for seq in (0, 2):
        note = office.notes[seq]
        audit.take(seq=seq, leaf=merkle.leaf_hash(note), note=note)

    assert audit.findings == [
        Finding(1, "chain", "gap", field="seq", expected="1", found="2")
    ]


def test_a_void_entry_is_told_with_level_and_values_of_its_fault() -> None:
    audit = Audit(History(book="us.example/book"))
    fault = Fault("signatures", "x", values={"name": "us.example/clerk-07"})
    audit.history.voids[3] = Void(3, b"", (fault,))

    assert findings(audit) == [
        Finding(3, "signatures", "void:x", values=fault.values),
    ]


def test_a_finding_names_the_transfer_of_its_entry() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    audit = audited(office.book, office.notes)

    assert [audit.ref_of(seq) for seq in (0, 1, 2, 99, None)] == [
        None,
        "T-1",
        "T-1",
        None,
        None,
    ]


def test_findings_count_by_entry_then_level_and_those_without_entry_last() -> None:
    wanted: list[tuple[int | None, Level]] = [
        (0, "signatures"),
        (2, "bytes"),
        (2, "chain"),
        (2, "signatures"),
        (2, "tree"),
        (2, "rules"),
        (2, "projections"),
        (3, "bytes"),
        (None, "tree"),
        (None, "guards"),
    ]
    shuffled = [Finding(seq, level, "x") for seq, level in reversed(wanted)]

    assert [(f.seq, f.level) for f in ordered(shuffled)] == wanted


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("bytes", 10),
        ("chain", 11),
        ("signatures", 12),
        ("tree", 11),
        ("rules", 10),
        ("projections", 10),
        ("guards", 10),
    ],
)
def test_each_level_has_its_exit_code(level: Level, code: int) -> None:
    assert Finding(None, level, "x").exit_code == code
    assert level in LEVELS


def test_a_void_entry_of_no_known_level_counts_as_one_of_the_rules() -> None:
    audit = Audit(History(book="us.example/book"))
    audit.history.voids[3] = Void(3, b"", (Fault("junk", "x"),))

    assert findings(audit) == [Finding(3, "rules", "void:x")]


COLUMNS = ("ref", "seq", "n", "hash", "until")


def compared(
    expected: list[tuple[object, ...]], found: list[tuple[object, ...]]
) -> list[Finding]:
    cells, extra = differences(
        "movement", COLUMNS, ("ref", "n"), expected=expected, found=found
    )
    return [*cells, *extra]


def test_equal_rows_have_no_findings() -> None:
    row = ("T-1", 1, 0, b"\x01", None)

    assert compared([row], [row]) == []


def test_each_column_that_differs_is_named_with_both_values() -> None:
    found = compared([("T-1", 1, 0, b"\x01", None)], [("T-1", 2, 0, b"\x02", "x")])

    assert [(f.field, f.expected, f.found) for f in found] == [
        ("seq", "1", "2"),
        ("hash", "01", "02"),
        ("until", None, "x"),
    ]
    assert {(f.seq, f.ref, f.table, f.code) for f in found} == {
        (1, "T-1", "movement", "column-differs")
    }


def test_equal_values_of_two_types_differ() -> None:
    found = compared([("T-1", 1, 0, b"", None)], [("T-1", 1.0, 0, b"", None)])

    assert [(f.field, f.expected, f.found) for f in found] == [("seq", "1", "1.0")]


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    (found,) = compared([("T-1", 1, 0, b"", "é")], [("T-1", 1, 0, b"", "CECO\udcff")])

    assert (found.expected, found.found) == ("é", r"CECO\xff")


def test_a_row_with_a_key_of_three_columns_is_named_by_the_last() -> None:
    (found,), _ = differences(
        "part", ("ref", "k", "n"), ("ref", "k", "n"), expected=[("T-1", 2, 5)], found=[]
    )

    assert (found.field, found.expected) == ("n", "ref=T-1, k=2, n=5")


def test_a_row_that_is_missing_or_too_much_is_named_by_its_key() -> None:
    found = compared([("T-1", 1, 0, b"", None)], [("T-1", None, 1, b"", None)])

    assert [(f.code, f.seq, f.ref, f.field, f.expected, f.found) for f in found] == [
        ("row-missing", 1, "T-1", "n", "ref=T-1, n=0", None),
        ("row-extra", None, "T-1", "n", None, "ref=T-1, n=1"),
    ]


def test_a_row_of_a_table_without_transfers_has_no_transfer() -> None:
    found, _ = differences("heading", ("seq",), ("seq",), expected=[(3,)], found=[])

    assert [(f.seq, f.ref, f.field) for f in found] == [(3, None, "seq")]
