"""What differs between two copies of an entry, however damaged one of them is."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tlog.canonical import Json
from ledger.tlog.entry import Entry
from ledger.tlog.lenient import Difference, compare, flat, members
from ledger.tlog.note import Ed25519Signer
from tests.office import Office


def _note() -> bytes:
    office = Office()
    office.transfer()
    return office.notes[1]


NOTE = _note()
NAMES = {"header", "signature", "spelling"}


def places(other: bytes) -> list[str]:
    return [difference.member for difference in compare(NOTE, other)]


def test_the_same_bytes_do_not_differ() -> None:
    assert compare(NOTE, NOTE) == []


def test_the_altered_member_is_named_with_both_values() -> None:
    assert compare(NOTE, NOTE.replace(b'"n":238', b'"n":252')) == [
        Difference("/data/persons/n", "238", "252")
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (b"entry/v1", b"entry/v2", ["header"]),
        (b"clerk-07 ", b"clerk-08 ", ["signature"]),
        (b'"n":238', b'"n": 238', ["spelling"]),
        (b'"n":238', b'"n":NaN', ["/data/persons/n"]),
        (b'"n":238', b'"n":[]', ["/data/persons/n"]),
        (b'"n":238', b'"n":"\\ud800"', ["/data/persons/n"]),
        (b'"n":238', b'"n":{"m":1}', ["/data/persons/n", "/data/persons/n/m"]),
        (b'"renewable":"yes",', b"", ["/data/renewable"]),
    ],
)
def test_each_altered_place_is_named(old: bytes, new: bytes, found: list[str]) -> None:
    assert places(NOTE.replace(old, new)) == found
    assert [d.member for d in compare(NOTE.replace(old, new), NOTE)] != []


@pytest.mark.parametrize(
    ("old", "new", "found", "value"),
    [
        (b'"n":238', b'"n"#238', "/data/persons/n", "238"),
        (b'"n":238', b'"n":2\xff8', "/data/persons/n", "238"),
        (b'"seq":1', b"?seq?:1", "/seq", "1"),
        (b"}\n\n", b"}\n#", "signature", None),
        (b"transfer-ledger", b"#\n\nransfer-ledger", "header", None),
    ],
)
def test_a_broken_body_is_placed_in_the_sound_one(
    old: bytes, new: bytes, found: str, value: str | None
) -> None:
    broken = NOTE.replace(old, new, 1)
    (one,) = compare(NOTE, broken) if found != "header" else compare(NOTE, b"#")
    place = next(n for n in range(len(NOTE)) if broken[n : n + 1] != NOTE[n : n + 1])

    assert one.member == found
    if value is not None:
        assert (one.one, one.other, one.offset) == (value, None, place)
        assert compare(broken, NOTE) == [Difference(found, None, value, place)]


def test_the_place_of_another_spelling_is_its_first_byte() -> None:
    at = NOTE.index(b'"n":238') + 4

    assert compare(NOTE, NOTE.replace(b'"n":238', b'"n": 238')) == [
        Difference("spelling", None, None, at)
    ]


DEEP: dict[str, Json] = {"a": ["x", "yé", {"b": 7}, ["z"]], "c": [], "d": {}}


def _deep() -> bytes:
    entry = Entry(
        ledger="us.example/book",
        seq=1,
        prev=bytes(32),
        at=datetime(2025, 3, 1, 10, tzinfo=UTC),
        kind="remark",
        once="0" * 32,
        by="us.example/book",
        data=DEEP,
    )
    return entry.sign(Ed25519Signer(name="us.example/book", seed=bytes(32)))


def test_each_part_of_a_list_has_its_place() -> None:
    note = _deep()
    for old, new, path in (
        (b'"x"', b'"X"', "0"),
        ('"yé"'.encode(), b'"y"', "1"),
        (b":7", b":8", "2/b"),
        (b'"z"', b'"Z"', "3/0"),
    ):
        one, other = (value.decode().lstrip(":") for value in (old, new))

        assert compare(note, note.replace(old, new)) == [
            Difference(f"/data/a/{path}", one, other)
        ]


@pytest.mark.parametrize("note", [NOTE, _deep()])
def test_every_byte_of_a_sound_entry_belongs_to_the_member_that_it_spells(
    note: bytes,
) -> None:
    pieces: dict[str, bytes] = {}
    for at in range(len(note) - 1):
        (difference,) = compare(note, note[:at])
        pieces[difference.member] = (
            pieces.get(difference.member, b"") + note[at : at + 1]
        )
        # Once the body is whole, the signatures are compared as they are.
        whole = b"\n\n" in note[:at]
        assert difference.offset == (None if whole else at)
    body = note.split(b"\n")[1]

    assert b"".join(pieces.values()) == note[:-1]
    assert pieces["header"] == note[: note.index(b"\n") + 1]
    assert pieces["signature"].lstrip(b"]}").startswith(b"\n\n")
    for path, value in flat(json.loads(body), ""):
        assert pieces[path].endswith(value.encode())


@pytest.mark.parametrize("shape", [b'{"a":%s}', b"[%s]"])
def test_an_entry_is_read_as_deep_as_stated_and_no_deeper(shape: bytes) -> None:
    def nested(depth: int) -> bytes:
        value = b"1"
        for _ in range(depth):
            value = shape % value
        return b'h\n{"a":' + value + b"}\n\ns\n"

    assert members(nested(31)) is not None
    assert members(nested(32)) is None


def test_what_stands_around_a_body_is_read_too() -> None:
    assert members(b'one\n{"a":"\\ud800","b":[1,"\xc3\xa9"]}\n\nname \nsig\n\n') is None
    assert members(b'one\n{"a":"\\ud800","b":[1,"\xc3\xa9"]}\n\nname\nsig\n') == {
        "header": "one",
        "/a": '"\\ud800"',
        "/b/0": "1",
        "/b/1": '"é"',
        "signature": "name\nsig",
    }


def test_bytes_that_nobody_can_read_differ_at_a_byte() -> None:
    assert compare(b"abc", b"abd") == [Difference("spelling", None, None, 2)]
    assert compare(b"abc", b"abcd") == [Difference("spelling", None, None, 3)]


@pytest.mark.parametrize(
    "body",
    [b"[1]", b"1", b"", b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40, b"9" * 5000],
)
def test_what_is_no_entry_is_not_read(body: bytes) -> None:
    assert members(b"header\n" + body + b"\n\nsignature\n") is None


@given(st.binary(max_size=40), st.integers(0, len(NOTE)))
@settings(max_examples=200)
def test_no_damage_is_missed_and_none_stops_the_reading(piece: bytes, at: int) -> None:
    damaged = NOTE[:at] + piece + NOTE[at + len(piece) :]

    assert (places(damaged) == []) == (damaged == NOTE)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
@settings(max_examples=200)
def test_a_flipped_byte_is_placed_in_one_member(at: int, mask: int) -> None:
    damaged = bytearray(NOTE)
    damaged[at] ^= mask
    found = places(bytes(damaged))

    assert all(name in NAMES or name.startswith("/") for name in found)
    assert found
