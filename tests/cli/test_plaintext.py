import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cli.plaintext import clean, clean_json

HOSTILE = "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\u061c\u200b\u200e\u2028\u202e\u2066\ufeff"


@pytest.mark.parametrize("character", [*HOSTILE, "\ud800", "\U000e0041"])
def test_a_hostile_character_is_shown_as_an_escape(character: str) -> None:
    shown = clean(f"a{character}b")

    assert shown.isascii()
    assert shown.isprintable()
    assert shown.encode().decode("unicode_escape") == f"a{character}b" or (
        character == "\ud800"
    )


def test_what_scripts_need_is_left_alone() -> None:
    text = (
        "Éa ñ \u0645\u06cc\u200c\u062e \u0915\u094d\u200d\u0937 👩\u200d🚀"
        " [red]x[/red] :skull:"
    )

    assert clean(text) == text


def test_line_feeds_pass_only_where_asked() -> None:
    assert clean("a\nb\r", lines=True) == "a\nb\\x0d"
    assert clean("a\nb") == "a\\x0ab"


@given(st.text(st.characters()))
def test_nothing_uncontrolled_is_left_and_cleaning_twice_changes_nothing(
    text: str,
) -> None:
    shown = clean(text)

    assert {unicodedata.category(each) for each in shown}.isdisjoint({"Cc", "Cs", "Zl"})
    assert clean(shown) == shown


@given(st.text(st.characters()))
def test_cleaned_json_has_the_same_value(text: str) -> None:
    cleaned = clean_json(json.dumps(text, ensure_ascii=False))

    assert json.loads(cleaned) == text
    assert clean(cleaned) == cleaned
