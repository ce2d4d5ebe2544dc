"""What may not be signed is never shown raw, wherever it comes from."""

import json

import pytest

from ledger.domain.values import check_text
from ledger.errors import RefusedError
from ledger.exchange.plaintext import clean, clean_json

DECEIVES = {
    "value.text-control",
    "value.text-direction",
    "value.text-invisible",
    "value.text-line-break",
    "value.text-surrogate",
}


def fault(point: int) -> str:
    try:
        check_text(f"a{chr(point)}b", lines=False)
    except RefusedError as error:
        return error.code
    return ""


@pytest.mark.sweep
@pytest.mark.parametrize("plane", [0, 1, 14])
def test_what_deceives_or_vanishes_is_escaped_and_nothing_else(plane: int) -> None:
    for point in range(plane << 16, (plane + 1) << 16):
        shown = clean(chr(point))

        assert (shown != chr(point)) == (fault(point) in DECEIVES), hex(point)
        assert shown == chr(point) or shown.isascii()


def test_lines_pass_where_they_are_asked_for_and_other_controls_never() -> None:
    assert clean("a\nb\x1b", lines=True) == "a\nb\\x1b"
    assert clean("a\nb") == "a\\x0ab"


@pytest.mark.parametrize("text", ["a\u202eb", "a\U000e0041b", "\x9b", "a\x1b"])
def test_json_without_hostile_characters_has_the_same_value(text: str) -> None:
    shown = clean_json(json.dumps(text, ensure_ascii=False))

    assert json.loads(shown) == text
    assert shown.isascii()
