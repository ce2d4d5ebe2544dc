"""Which bytes are the next entry of a book, which are void, and why."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.history import History, Logged, Void
from ledger.domain.judging import judge
from ledger.errors import TooNewError
from ledger.tlog import entry as pages
from ledger.tlog.canonical import Json
from ledger.tlog.entry import HEADER, MAX_SIZE
from ledger.tlog.note import sign_note
from tests.books import FEW_SEEDS, book, plausible
from tests.office import Office, signer

REASON: dict[str, Json] = {"targets": [{"seq": 0, "leaf": "0" * 64}], "reason": "r"}


def remark(office: Office, **members: Json) -> dict[str, Json]:
    """Return the data of a remark about the first transfer."""
    data: dict[str, Json] = {
        "about": [office.cite("T-1")],
        "type": "variance",
        "text": "the lists differ",
        "asserted_by": "US",
        "status": "official",
    }
    return {**data, **members}


def begun() -> Office:
    """Return an office with one transfer."""
    office = Office()
    office.transfer()
    return office


def faults(note: bytes, office: Office) -> list[tuple[str, str]]:
    """Return what is wrong with bytes as the next entry: level and code."""
    judged = judge(note, history=office.history)
    if isinstance(judged, Logged):
        return []
    assert judged.seq == office.history.head.size
    assert judged.leaf == pages.leaf(note)
    return [(fault.level, fault.code) for fault in judged.faults]


def test_a_sound_entry_is_read_with_all_that_it_says() -> None:
    office = begun()
    data = remark(office)

    judged = judge(office.compose("remark", data), history=office.history)

    assert isinstance(judged, Logged)
    assert (judged.seq, judged.kind, judged.by) == (2, "remark", "us.example/clerk-07")
    assert (judged.at, judged.once, judged.data) == (office.now, f"{3:032x}", data)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (b"", "note.no-signature"),
        (b"garbage", "note.no-signature"),
        (b"\xff\xfe", "note.not-utf-8"),
        (b"x" * (MAX_SIZE + 1), "entry.too-big"),
        (b"a\nb\n\n\xe2\x80\x94 a AAAAAAAA\n", "entry.wrong-header"),
        (b"a\n\n\xe2\x80\x94 a !\n", "base64.not-base64"),
    ],
)
def test_garbage_is_void_at_the_level_of_bytes(note: bytes, code: str) -> None:
    assert faults(note, begun()) == [("bytes", code)]


def test_two_signatures_are_one_too_many() -> None:
    office = begun()
    note = office.compose("remark", remark(office))
    line = note.rpartition(b"\n\n")[2]

    assert faults(note + line, office) == [("bytes", "entry.not-one-signature")]


def signed(office: Office, body: str) -> bytes:
    """Return any body as the clerk signs it."""
    return sign_note(f"{HEADER}\n{body}\n", office.keys["clerk"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{}", "entry.wrong-members"),
        ("[]", "entry.wrong-members"),
        ("nothing", "json.not-json"),
        ('{"v": 1}', "json.not-canonical"),
        ('{"v":null}', "json.null"),
    ],
)
def test_a_signed_body_that_is_none_is_void_at_the_level_of_bytes(
    body: str, code: str
) -> None:
    office = begun()

    assert faults(signed(office, body), office) == [("bytes", code)]


def test_an_unsigned_body_that_is_none_says_both() -> None:
    office = begun()
    stranger = signer("us.example/clerk-99", 99)
    note = sign_note(f"{HEADER}\n{{}}\n", stranger)

    assert faults(note, office) == [
        ("bytes", "entry.wrong-members"),
        ("signatures", "signature.unknown-key"),
    ]


def test_each_broken_link_is_named() -> None:
    office = begun()
    key = office.keys["clerk"]
    page = office.page("remark", remark(office))

    def codes(**changed: object) -> list[tuple[str, str]]:
        return faults(replace(page, **changed).sign(key), office)  # type: ignore[arg-type]

    assert codes(prev=bytes(32)) == [("chain", "chain.prev")]
    assert codes(seq=3) == [("chain", "chain.seq")]
    assert codes(ledger="sv.example/book") == [("chain", "chain.ledger")]
    assert codes(at=office.history.entries[0].at) == [("chain", "chain.at")]
    assert codes(seq=9, prev=bytes(32)) == [
        ("chain", "chain.seq"),
        ("chain", "chain.prev"),
    ]


def test_an_entry_of_another_book_is_void() -> None:
    office, other = begun(), Office(book="sv.example/book", state="SV", seed=40)
    other.transfer(origin="SV", destination="US")

    assert faults(other.notes[1], office) == [
        ("chain", "chain.ledger"),
        ("chain", "chain.seq"),
        ("chain", "chain.prev"),
        ("signatures", "signature.unknown-key"),
    ]


def test_an_entry_that_is_there_already_is_void() -> None:
    office = begun()

    assert faults(office.notes[1], office)[0] == ("chain", "chain.seq")


def test_a_key_that_nobody_knows_signs_nothing() -> None:
    office = begun()
    stranger = signer("us.example/clerk-99", 99)
    namesake = signer("us.example/clerk-07", 99)

    for key in (stranger, namesake):
        note = office.compose("remark", remark(office), by=key)
        assert faults(note, office) == [("signatures", "signature.unknown-key")]


@pytest.mark.parametrize("action", ["retire", "revoke"])
def test_a_key_that_has_ended_signs_nothing_more(action: str) -> None:
    office = begun()
    old = office.keys["clerk"]
    data: dict[str, Json] = {
        "action": action,
        "role": "clerk",
        "vkey": old.key.format(),
        "reason": "lost",
    }
    office.write("key", data)

    note = office.compose("remark", remark(office))

    assert faults(note, office) == [("signatures", "signature.key-not-active")]
    assert isinstance(office.history.entries[1], Logged)


def test_a_key_signs_only_from_the_entry_after_its_own() -> None:
    office = begun()
    new = signer("us.example/clerk-08", 30)
    note = office.compose("remark", remark(office), by=new)
    assert faults(note, office) == [("signatures", "signature.unknown-key")]
    office.write("key", {"action": "add", **office.listing("clerk", new)})

    note = office.compose("remark", remark(office), by=new)

    assert faults(note, office) == []


def test_a_signature_of_another_text_does_not_hold() -> None:
    office = begun()
    first = office.compose("remark", remark(office))
    second = office.compose("remark", remark(office, text="another"))
    mixed = second.rpartition(b"\n\n")[0] + b"\n\n" + first.rpartition(b"\n\n")[2]

    assert faults(mixed, office) == [("signatures", "entry.bad-signature")]


@pytest.mark.parametrize("role", ["state", "log"])
def test_a_key_signs_only_what_is_of_its_role(role: str) -> None:
    office = begun()
    key = next(key for name, key in office.keys.items() if name == role)
    note = office.compose("remark", remark(office), by=key)

    judged = judge(note, history=office.history)

    assert isinstance(judged, Void)
    (fault,) = judged.faults
    assert (fault.level, fault.code) == ("signatures", "signature.wrong-role")
    assert fault.values == {"role": role, "kind": "remark"}


def test_a_clerk_does_not_sign_for_the_state() -> None:
    office = begun()
    note = office.compose("acknowledgement", REASON, by=office.keys["clerk"])

    assert faults(note, office) == [("signatures", "signature.wrong-role")]


def test_a_witness_key_signs_no_entry() -> None:
    office = begun()
    page = office.page("remark", remark(office), by=office.keys["witness"])
    plain = signer("us.example/witness", 12)
    note = sign_note(page.text(), plain)
    line = f"— us.example/witness {note.decode().rpartition(' ')[2]}"
    body = note.decode().rpartition("\n\n")[0]

    assert faults(f"{body}\n\n{line}".encode(), office)[0][0] == "signatures"


def test_data_of_another_form_is_void_at_the_level_of_rules() -> None:
    office = begun()
    note = office.compose("remark", remark(office, nickname="x"))

    assert faults(note, office) == [("rules", "record.member-unknown")]


def test_a_broken_rule_is_void_at_the_level_of_rules() -> None:
    office = begun()
    note = office.compose(
        "remark", remark(office, about=[{**office.cite("T-1"), "seq": 9}])
    )

    assert faults(note, office) == [("rules", "rule.cites-nothing")]


def test_levels_come_in_their_order_and_rules_only_where_all_else_holds() -> None:
    office = begun()
    page = replace(office.page("remark", remark(office, nickname="x")), seq=7)
    stranger = replace(page, by="us.example/clerk-99").sign(
        signer("us.example/clerk-99", 99)
    )
    broken = remark(office, about=[{**office.cite("T-1"), "seq": 9}])
    by_state = replace(
        office.page("remark", broken, by=office.keys["state"]), seq=7
    ).sign(office.keys["state"])

    assert faults(stranger, office) == [
        ("chain", "chain.seq"),
        ("signatures", "signature.unknown-key"),
        ("rules", "record.member-unknown"),
    ]
    assert faults(by_state, office) == [
        ("chain", "chain.seq"),
        ("signatures", "signature.wrong-role"),
    ]


def newer(office: Office) -> str:
    """Return the body of an entry of version 2."""
    body = office.page("remark", remark(office)).body().decode()
    return body.replace('"v":1', '"v":2')


def test_a_newer_version_that_an_active_key_signed_needs_a_newer_reader() -> None:
    office = begun()

    with pytest.raises(TooNewError, match=r"entry\.unknown-version"):
        judge(signed(office, newer(office)), history=office.history)


def test_a_kind_that_is_not_known_needs_a_newer_reader() -> None:
    office = begun()

    with pytest.raises(TooNewError, match=r"entry\.unknown-kind"):
        judge(office.compose("poem", {}), history=office.history)


def test_what_nobody_of_the_book_signed_is_void_and_not_too_new() -> None:
    office = begun()
    stranger = signer("us.example/clerk-99", 99)
    by_name = newer(office).replace("clerk-07", "clerk-99")
    version = sign_note(f"{HEADER}\n{by_name}\n", stranger)
    kind = office.compose("poem", {}, by=stranger)

    assert faults(version, office) == [("signatures", "signature.unknown-key")]
    assert faults(kind, office) == [("signatures", "signature.unknown-key")]


def test_a_kind_that_is_not_known_and_hangs_on_nothing_is_void() -> None:
    office = begun()
    page = replace(office.page("poem", {}), prev=bytes(32))

    assert faults(page.sign(office.keys["clerk"]), office) == [("chain", "chain.prev")]


def empty() -> Office:
    """Return an office whose book has no entry yet."""
    office = Office()
    office.history = History(book=office.book)
    return office


def test_a_genesis_is_judged_by_the_keys_that_it_lists() -> None:
    office = Office()

    assert faults(office.notes[0], empty()) == []


def genesis(office: Office, **members: Json) -> bytes:
    """Return a genesis with other members, signed by the state key."""
    data = {**Office().history.entries[0].data, **members}
    return office.compose("genesis", data)


def test_a_genesis_that_is_none_is_void() -> None:
    office = empty()
    keys = office.keys
    clerk = office.listing("clerk", keys["clerk"])
    log = office.listing("log", keys["log"])
    stolen = {**clerk, "proof": log["proof"]}
    by_clerk = office.compose(
        "genesis",
        dict(Office().history.entries[0].data),
        by=keys["clerk"],
    )

    assert faults(genesis(office, nickname="x"), office) == [
        ("signatures", "signature.unknown-key"),
        ("rules", "record.member-unknown"),
    ]
    assert faults(genesis(office, keys=[{**stolen}]), office) == [
        ("signatures", "signature.unknown-key")
    ]
    assert faults(genesis(office, keys=[{**clerk}, {**log}]), office) == [
        ("signatures", "signature.unknown-key")
    ]
    assert faults(by_clerk, office) == [("signatures", "signature.wrong-role")]
    assert faults(genesis(office, zone="No/Zone"), office) == [
        ("rules", "value.not-a-zone")
    ]


def test_another_kind_is_no_first_entry() -> None:
    office = empty()

    assert faults(office.compose("acknowledgement", REASON), office) == [
        ("signatures", "signature.unknown-key")
    ]
    assert faults(office.compose("poem", {}), office) == [
        ("signatures", "signature.unknown-key")
    ]


def test_a_book_goes_on_after_a_void_entry() -> None:
    office = begun()
    void = office.put(b"garbage")
    office.transfer()
    office.acknowledge(void.seq)

    history = office.history
    assert (history.head.size, sorted(history.entries)) == (5, [0, 1, 3, 4])
    assert history.opened == {"T-1": 1, "T-2": 3}
    assert history.acknowledged == {2}
    assert office.page("remark", remark(office)).prev == pages.leaf(office.notes[-1])


def test_numbers_ids_and_times_of_void_entries_count_for_nothing() -> None:
    office = begun()
    key = office.keys["clerk"]
    far = replace(
        office.page("transfer", dict(office.history.entries[1].data)),
        data={**office.history.entries[1].data, "ref": "T-7"},
        once="f" * 32,
    )
    later = far.at.replace(year=2099)
    void = office.put(replace(far, at=later).sign(key))
    assert isinstance(void, Void)

    again = replace(office.page("remark", remark(office)), once="f" * 32).sign(key)

    assert office.history.next_ref("T") == "T-2"
    assert faults(again, office) == []
    assert isinstance(office.put(again), Logged)


def replay(notes: list[bytes], name: str) -> History:
    """Return the history of a book read anew from its bytes."""
    history = History(book=name)
    for note in notes:
        match judge(note, history=history):
            case Logged() as entry:
                history.add(entry)
            case Void() as void:
                history.add_void(void)
    return history


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_book_that_is_read_anew_is_the_same(seed: int) -> None:
    office = book(seed)

    history = replay(office.notes, office.book)

    assert history.entries == office.history.entries
    assert history.voids == office.history.voids
    assert history.ring == office.history.ring
    assert history.by_ref == office.history.by_ref
    assert history.retracted == office.history.retracted


@pytest.mark.sweep
@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FEW_SEEDS), st.data())
def test_no_changed_byte_of_any_note_goes_unnoticed(
    seed: int, data: st.DataObject
) -> None:
    office = book(seed)
    seqs = sorted(office.history.entries)
    seq = data.draw(st.sampled_from(seqs), label="entry")
    raw = bytearray(office.notes[seq])
    at = data.draw(st.integers(0, len(raw) - 1), label="byte")
    raw[at] ^= data.draw(st.integers(1, 255), label="flip")
    before = replay(office.notes[:seq], office.book)

    try:
        judged = judge(bytes(raw), history=before)
    except TooNewError:
        # Nobody can check an entry 0 of a version that is not known here.
        assert seq == 0
        return

    assert isinstance(judged, Void)
    assert judged.leaf != pages.leaf(office.notes[seq])
    before.add_void(judged)
    if seq + 1 < len(office.notes) and seq + 1 in office.history.entries:
        after = judge(office.notes[seq + 1], history=before)
        assert isinstance(after, Void)
        assert "chain.prev" in [fault.code for fault in after.faults]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_judged(note: bytes) -> None:
    assert isinstance(judge(note, history=book(0).history), Void)


def test_the_work_of_judging_grows_with_the_number_of_entries() -> None:
    office = plausible(7, entries=240)

    def calls(notes: list[bytes]) -> int:
        made = 0

        def count(_: object, event: str, __: object) -> None:
            nonlocal made
            made += event == "call"

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            replay(notes, office.book)
        finally:
            sys.setprofile(before)
        return made

    half, whole = calls(office.notes[:120]), calls(office.notes)

    # Four times the calls for twice as many entries would be quadratic.
    assert whole < 3 * half
