import json
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.tlog import canonical
from ledger.tlog.canonical import MAX_DEPTH, MAX_INTEGER, Json, decode, encode
from tests.vectors import vectors

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
scalars = (
    st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_was_encoded_decodes_to_itself(value: Json) -> None:
    assert decode(encode(value)) == value


@given(values)
def test_the_bytes_are_those_of_another_rfc_8785_implementation(value: Json) -> None:
    assert encode(value) == rfc8785.dumps(cast("Any", value))


@given(st.binary(max_size=12) | st.text(max_size=12).map(str.encode))
def test_whatever_decodes_is_spelled_in_the_one_way(data: bytes) -> None:
    try:
        value = decode(data)
    except MalformedError:
        return

    assert encode(value) == data


PIECES = (
    *'{}[]",:\\ \t',
    *("0", "-0", "01", "1.5", "1e3", "-", "null", "true", "false", "NaN", "Infinity"),
    *("9007199254740991", "9007199254740992", "1" * 5000, "\ufeff", "\u2028"),
    *('"a":1', '"a":', '"A":1', '"":1', '"\\u0061"', '"\\ud800"', '"\\/"', '"\x7f"'),
    *("[" * 9, "]" * 9),
)


@st.composite
def nearly(draw: st.DrawFn) -> bytes:
    """Return the spelling of a value with a few pieces put in or instead."""
    text = encode(draw(values)).decode()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 2)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[until:]
    return text.encode()


def said(data: bytes) -> tuple[Json, str]:
    try:
        return decode(data), ""
    except MalformedError as error:
        return "", error.code


@settings(max_examples=1500, deadline=None)
@given(nearly())
def test_what_is_seen_at_first_sight_is_what_a_closer_look_says(data: bytes) -> None:
    first = said(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "_decode_plain", lambda _: None)
        closer = said(data)

    assert first == closer
    assert json.dumps(first[0]) == json.dumps(closer[0])  # True is not 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff", "json.not-utf-8"),
        (b'"\xed\xa0\x80"', "json.not-utf-8"),
        (b"\xef\xbb\xbf{}", "json.byte-order-mark"),
        (b"", "json.not-json"),
        (b"{", "json.not-json"),
        (b"{} {}", "json.not-json"),
        (b"[01]", "json.not-json"),
        (b'"\t"', "json.not-json"),
        (b'{"a":1,"a":1}', "json.duplicate-member"),
        (b"1.5", "json.float"),
        (b"1e3", "json.float"),
        (b"1.0", "json.float"),
        (b"NaN", "json.not-a-number"),
        (b"-Infinity", "json.not-a-number"),
        (b"-0", "json.negative-zero"),
        (b"9007199254740992", "json.integer-too-big"),
        (b"-9007199254740992", "json.integer-too-big"),
        (b"9" * 5000, "json.integer-too-big"),
        (b"null", "json.null"),
        (b'{"a":[null]}', "json.null"),
        (b'{"A":1}', "json.bad-member-name"),
        (b'{"":1}', "json.bad-member-name"),
        (b'{"1a":1}', "json.bad-member-name"),
        ('{"é":1}'.encode(), "json.bad-member-name"),
        (b'{"a\\n":1}', "json.bad-member-name"),
        (b'"\\ud800"', "json.lone-surrogate"),
        (b'{"b":1,"a":1}', "json.not-canonical"),
        (b'{"a": 1}', "json.not-canonical"),
        (b"1\n", "json.not-canonical"),
        (b'"\\u0061"', "json.not-canonical"),
        (b'"\\u00e9"', "json.not-canonical"),
        (b'"\\/"', "json.not-canonical"),
        (b'"\\u001F"', "json.not-canonical"),
    ],
)
def test_other_json_is_refused_with_its_own_code(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        decode(data)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "json.null"),
        ([1.0], "json.float"),
        (MAX_INTEGER + 1, "json.integer-too-big"),
        (-MAX_INTEGER - 1, "json.integer-too-big"),
        ({"Name": 1}, "json.bad-member-name"),
        ({1: 1}, "json.bad-member-name"),
        ("\ud800", "json.lone-surrogate"),
        ((1,), "json.unsupported-type"),
        (b"", "json.unsupported-type"),
    ],
)
def test_a_value_outside_the_profile_has_no_spelling(value: object, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        encode(cast("Json", value))

    assert caught.value.code == code


def test_sixteen_levels_are_read_and_written_and_seventeen_are_not() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert encode(decode(deepest)) == deepest
    with pytest.raises(MalformedError, match=r"json\.too-deep"):
        decode(b"[" + deepest + b"]")
    with pytest.raises(MalformedError, match=r"json\.too-deep"):
        encode([decode(deepest)])


def test_a_hundred_thousand_brackets_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(MalformedError, match=r"json\.too-deep"):
        decode(b'{"a":[' * 100_000)


def test_brackets_side_by_side_or_in_strings_are_not_depth() -> None:
    flat = b'[["[[[[[[[[[\\"[[[[[[[["],{},{},{},{},{},{},{},{},{},{},{},{},{},{}]'

    assert encode(decode(flat)) == flat


def test_a_long_string_that_never_ends_is_refused_in_linear_time() -> None:
    with pytest.raises(MalformedError, match=r"json\.not-json"):
        decode(b'[""' + b"," * 20 + b"{}" * 20 + b'"' + b'\\"' * 100_000)


def test_cyberphones_files_are_encoded_as_published_or_refused() -> None:
    outside: dict[str, str] = {}
    for source in sorted(vectors("rfc8785-cyberphone", "input").iterdir()):
        published = vectors("rfc8785-cyberphone", "outhex", f"{source.stem}.txt")
        value = json.loads(source.read_bytes())
        try:
            written = encode(value)
        except MalformedError as error:
            outside[source.stem] = error.code
        else:
            assert written == bytes.fromhex(published.read_text()), source.stem

    assert outside == {
        "arrays": "json.bad-member-name",  # "d": true, but also "10": null
        "french": "json.bad-member-name",  # péché
        "structures": "json.bad-member-name",  # "1", "10", ""
        "unicode": "json.bad-member-name",  # a space in the only name
        "values": "json.float",
        "weird": "json.bad-member-name",
    }


def test_the_strings_of_cyberphones_files_are_encoded_as_published() -> None:
    for stem in ("french", "unicode", "weird", "values"):
        source = json.loads(
            vectors("rfc8785-cyberphone", "input", f"{stem}.json").read_bytes()
        )
        published = vectors("rfc8785-cyberphone", "outhex", f"{stem}.txt").read_text()
        strings = [text for text in source.values() if isinstance(text, str)]

        for text in strings:
            assert encode(text) in bytes.fromhex(published)
        assert strings
