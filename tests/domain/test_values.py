import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codes import STATES
from ledger.domain.values import (
    LARGEST_NUMBER,
    QUALIFIERS,
    SIGNS,
    Qualifier,
    Ref,
    check_text,
    format_persons,
    parse_count,
    parse_persons,
    parse_ref,
    parse_ref_or_entry,
    parse_state,
)
from ledger.errors import RefusedError

BOOKS = st.none() | st.from_regex(
    r"[a-z0-9.-]{1,9}(/[a-z0-9.-]{1,9}){0,2}", fullmatch=True
)


@given(st.integers(0, LARGEST_NUMBER))
def test_a_count_is_read_back_as_written(n: int) -> None:
    read = parse_count(str(n), first=0, last=LARGEST_NUMBER)

    assert read == n


@given(st.integers(0, 50), st.integers(0, 20), st.integers(0, 20))
def test_a_count_is_read_inside_its_bounds_only(n: int, first: int, more: int) -> None:
    last = first + more
    if first <= n <= last:
        assert parse_count(str(n), first=first, last=last) == n
        return

    with pytest.raises(RefusedError) as caught:
        parse_count(str(n), first=first, last=last)
    assert caught.value.values == {"first": first, "last": last}


@pytest.mark.parametrize(
    ("text", "n", "qualifier", "shown"),
    [
        ("238", 238, "exact", "238"),
        ("exact:238", 238, "exact", "238"),
        ("at-least:247", 247, "at_least", "≥247"),
        ("about:300", 300, "about", "≈300"),
        ("at-most:500", 500, "at_most", "≤500"),
        ("10000000", 10_000_000, "exact", "10000000"),
    ],
)
def test_persons_are_read_with_their_qualifier(
    text: str, n: int, qualifier: Qualifier, shown: str
) -> None:
    read = parse_persons(text)

    assert read == (n, qualifier)
    assert format_persons(n, qualifier) == shown


def test_every_qualifier_has_a_sign() -> None:
    signs = [SIGNS[qualifier] for qualifier in QUALIFIERS]

    assert signs == ["", "≈", "≥", "≤"]


@pytest.mark.parametrize("code", ["US", "SV", "US-TX", "XK"])
def test_a_state_is_read_as_it_is(code: str) -> None:
    read = parse_state(code)

    assert read == code


@given(st.sampled_from(sorted(STATES)))
def test_a_state_in_small_letters_is_refused_with_the_capitals(code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_state(code.lower())

    assert caught.value.code == "value.state-in-capitals"
    assert caught.value.values == {"state": code}


@given(st.builds(Ref, BOOKS, st.sampled_from("TRI"), st.integers(1, LARGEST_NUMBER)))
def test_a_reference_is_read_back_as_written(ref: Ref) -> None:
    text = ref.format()

    assert parse_ref(text) == ref
    assert parse_ref_or_entry(text) == ref
    assert text.endswith(ref.local)


def test_a_reference_names_its_book_by_state_or_by_name() -> None:
    refs = [parse_ref(text) for text in ("T-1", "us:T-1", "us.example/book:R-20")]

    assert refs == [
        Ref(None, "T", 1),
        Ref("us", "T", 1),
        Ref("us.example/book", "R", 20),
    ]
    assert [ref.local for ref in refs] == ["T-1", "T-1", "R-20"]


def test_a_bare_number_is_an_entry() -> None:
    read = [parse_ref_or_entry(text) for text in ("0", "5", "9007199254740991")]

    assert read == [0, 5, LARGEST_NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "Tren de Aragua, según el gobierno",
        "[red]not markup[/red] :skull: =1+1",
        "\u0646\u0635 \u0639\u0631\u0628\u064a",
        "\u0645\u06cc\u200c\u062e\u0648",
        "क\u094d\u200dष",
        "日本\u3000国",
        "x" * 2_000,
        "\U00010348",
    ],
)
def test_a_text_of_any_script_may_be_signed(text: str) -> None:
    checked = check_text(text, lines=False)

    assert checked == text


def test_a_line_feed_may_be_signed_only_in_a_text_of_lines() -> None:
    text = "one\n\ntwo\n" + "x" * 10_000

    assert check_text(text, lines=True) == text
    with pytest.raises(RefusedError, match=r"text-line-break \(position=4\)"):
        check_text(text[:99], lines=False)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("a\tb", "value.text-control", 2),
        ("a\x00b", "value.text-control", 2),
        ("\x1b[31mred", "value.text-control", 1),
        ("a\rb", "value.text-control", 2),
        ("ab\x7f", "value.text-control", 3),
        ("ab\x9bc", "value.text-control", 3),
        ("a\x85b", "value.text-control", 2),
        ("ab\ud800", "value.text-surrogate", 3),
        ("\udfffab", "value.text-surrogate", 1),
        ("a\u0378", "value.text-unassigned", 2),
        ("a\ufffe", "value.text-unassigned", 2),
        ("a\ufdd0", "value.text-unassigned", 2),
        ("a\ue000", "value.text-private-use", 2),
        ("a\U0010fffd", "value.text-private-use", 2),
        ("a\u200eb", "value.text-direction", 2),
        ("a\u200fb", "value.text-direction", 2),
        ("a\u061cb", "value.text-direction", 2),
        ("a\u202eb", "value.text-direction", 2),
        ("a\u2066b", "value.text-direction", 2),
        ("a\u2069b", "value.text-direction", 2),
        ("a\u200bb", "value.text-invisible", 2),
        ("a\u2060b", "value.text-invisible", 2),
        ("\ufeffab", "value.text-invisible", 1),
        ("a\u00adb", "value.text-invisible", 2),
        ("a\u034fb", "value.text-invisible", 2),
        ("a\u3164b", "value.text-invisible", 2),
        ("a\ufe0fb", "value.text-invisible", 2),
        ("a\ufff9b", "value.text-invisible", 2),
        ("a\U000e0041b", "value.text-invisible", 2),
        ("a\u2028b", "value.text-line-break", 2),
        ("a\u2029b", "value.text-line-break", 2),
        (" ab", "value.text-outer-space", 1),
        ("ab ", "value.text-outer-space", 3),
        ("\u00a0ab", "value.text-outer-space", 1),
        ("ab\u3000", "value.text-outer-space", 3),
        ("cafe\u0301", "value.text-not-nfc", 4),
        ("a\u212bb", "value.text-not-nfc", 2),
        ("xé\u0327", "value.text-not-nfc", 2),
        ("q\u0307\u0323", "value.text-not-nfc", 2),
    ],
)
def test_a_text_that_may_not_be_signed_is_refused_at_its_first_fault(
    text: str, code: str, position: int
) -> None:
    with pytest.raises(RefusedError) as caught:
        check_text(text, lines=False)

    assert caught.value.code == code
    assert caught.value.values == {"position": position}


def test_a_line_separator_is_refused_in_a_text_of_lines_too() -> None:
    with pytest.raises(RefusedError, match="line-break"):
        check_text("a\nb\u2028c", lines=True)


@pytest.mark.parametrize(("lines", "longest"), [(False, 2_000), (True, 20_000)])
def test_a_text_has_a_length(*, lines: bool, longest: int) -> None:
    with pytest.raises(RefusedError, match="empty"):
        check_text("", lines=lines)
    with pytest.raises(RefusedError) as caught:
        check_text("x" * (longest + 1), lines=lines)

    assert check_text("x" * longest, lines=lines)
    assert caught.value.values == {"last": longest}


@given(st.text(max_size=20), st.booleans())
def test_a_text_is_returned_unchanged_or_refused(text: str, lines: bool) -> None:  # noqa: FBT001 (drawn)
    try:
        checked = check_text(text, lines=lines)
    except RefusedError:
        return

    assert checked is text
    assert unicodedata.is_normalized("NFC", text)
    assert text.encode().decode() == text
    assert text == text.strip()
    assert lines or "\n" not in text


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("4.760", "4760", "4.76"),
        ("4,760", "4760", "4.76"),
        ("1.000", "1000", "1.0"),
        ("at-least:4.760", "4760", "4.76"),
    ],
)
def test_a_count_with_a_separator_is_refused_with_both_readings(
    text: str, first: str, second: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_persons(text)

    assert caught.value.code == "value.count-two-readings"
    assert caught.value.values == {"first": first, "second": second}
    if ":" not in text:
        with pytest.raises(RefusedError, match=r"value\.count-two-readings"):
            parse_count(text, first=0, last=9)
