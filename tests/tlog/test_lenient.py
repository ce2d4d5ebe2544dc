"""What differs between two copies of an entry, however damaged one of them is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tlog.lenient import Difference, compare, members
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
