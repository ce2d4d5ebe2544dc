"""How the annotations of a record's class read, spell and describe its values."""

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import field

from ledger.domain.forms import DayText, JsonValue
from ledger.domain.notation import Between, Model, Sized, Written
from ledger.domain.shapes import JsonSchema, Unfit, members_of, shape_of
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json


def _even(text: str) -> None:
    if len(text) % 2:
        raise RefusedError("test.odd", length=len(text))


class Item(Model, frozen=True, kw_only=True):
    """A thing in a list."""

    name: Annotated[str, Written(least=1, most=4, check=_even)]


class Sample(Model, frozen=True, kw_only=True):
    """One member of each shape.

    Attributes:
        from_: A day.
    """

    word: Annotated[str, Written(pattern="^[a-z]+$", code="test.not-a-word")]
    free: Annotated[str, Written()] | None = None
    number: Annotated[int, Between(1, 9)] | None = None
    truth: bool | None = None
    only: Literal[True] | None = None
    choice: Literal["a", "b"] | None = None
    from_: DayText | None = field(default=None, name="from")
    items: Annotated[tuple[Item, ...], Sized(1, 2)] | None = None
    names: tuple[Annotated[str, Written()], ...] | None = None
    anything: JsonValue | None = None

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        if self.number == 1 and self.truth:
            raise RefusedError("test.together")


SHAPE = shape_of(Sample)

FITTING: tuple[dict[str, Json], ...] = (
    {"word": "a"},
    {"word": "ab", "free": "", "number": 9, "truth": False, "only": True},
    {"word": "ab", "choice": "b", "from": "2025-03-15", "items": [{"name": "ab"}]},
    {"word": "ab", "names": [], "anything": {"a": [1, True, "b", {"c": []}]}},
)


def faults(value: object) -> dict[str, str]:
    """Return what is wrong with a value, by place."""
    with pytest.raises(Unfit) as caught:
        SHAPE.read(value)  # type: ignore[arg-type]
    return {place: code for place, code, _ in caught.value.faults}


@pytest.mark.parametrize("value", FITTING)
def test_what_fits_is_read_and_spelled_the_same(value: dict[str, Json]) -> None:
    read = SHAPE.read(value)

    assert isinstance(read, Sample)
    assert SHAPE.spell(read) == value


def test_any_value_of_restricted_json_is_copied_not_shared() -> None:
    inner: list[Json] = [1]
    read: Sample = SHAPE.read({"word": "a", "anything": inner})
    inner.append(2)

    assert read.anything == [1]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("word", "", "test.not-a-word"),
        ("word", "a\n", "test.not-a-word"),
        ("word", 1, "form.not-text"),
        ("number", 0, "record.out-of-range"),
        ("number", 10, "record.out-of-range"),
        ("number", True, "form.not-a-number"),
        ("number", 1.0, "form.not-a-number"),
        ("truth", 1, "form.not-true-or-false"),
        ("only", False, "record.not-a-choice"),
        ("only", 1, "record.not-a-choice"),
        ("choice", "c", "record.not-a-choice"),
        ("choice", ["a"], "record.not-a-choice"),
        ("from", "2025-02-30", "value.not-a-day"),
        ("from", "1899-12-31", "value.year-out-of-range"),
        ("from", 20250315, "form.not-text"),
        ("items", [], "record.wrong-length"),
        ("items", [{"name": "ab"}] * 3, "record.wrong-length"),
        ("items", {"name": "ab"}, "form.not-a-list"),
        ("items", ["ab"], "form.not-an-object"),
        ("items", [{"name": "a"}], "test.odd"),
        ("items", [{"name": "abcdef"}], "record.wrong-length"),
        ("items", [{"name": ""}], "record.wrong-length"),
        ("anything", None, "form.not-json"),
        ("anything", [2**53], "form.not-json"),
        ("anything", {"a": 1.5}, "form.not-json"),
        ("from_", "2025-03-15", "record.member-unknown"),
        ("word", None, "form.not-text"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(
    member: str, value: object, code: str
) -> None:
    found = faults({"word": "a", member: value})

    assert list(found.values()) == [code]
    assert all(place.startswith(f"/{member}") for place in found)


def test_a_fault_within_a_list_has_the_place_of_its_item() -> None:
    items = [{"name": "ab"}, {"name": "a", "more": 1}]

    assert faults({"word": "a", "items": items}) == {
        "/items/1/name": "test.odd",
        "/items/1/more": "record.member-unknown",
    }


def test_every_fault_is_named_at_once_and_what_is_missing_too() -> None:
    assert faults({"number": 0, "truth": 1, "other": 1}) == {
        "/word": "record.member-missing",
        "/number": "record.out-of-range",
        "/truth": "form.not-true-or-false",
        "/other": "record.member-unknown",
    }


def test_the_whole_is_asked_when_each_member_fits() -> None:
    assert faults({"word": "a", "number": 1, "truth": True}) == {"": "test.together"}
    assert faults({"word": "A", "number": 1, "truth": True}) == {
        "/word": "test.not-a-word"
    }


def test_the_members_are_known_by_what_they_are_called_in_the_json() -> None:
    members = members_of(Sample)

    assert members["from"].name == "from_"
    assert members["word"].required
    assert not members["from"].required
    assert "from_" not in members


def test_the_schema_describes_each_shape() -> None:
    parts: dict[str, JsonSchema] = {}
    schema = SHAPE.whole(parts)

    assert schema["required"] == ["word"]
    assert schema["properties"]["only"] == {"type": "boolean", "const": True}
    assert schema["properties"]["truth"] == {"type": "boolean"}
    assert schema["properties"]["free"] == {"type": "string"}
    assert schema["properties"]["names"] == {
        "type": "array",
        "items": {"type": "string"},
    }
    assert parts["Item"]["properties"]["name"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 4,
    }


_plain = st.none() | st.booleans() | st.integers(-3, 12) | st.text("ab\n", max_size=3)
_values = st.dictionaries(
    st.sampled_from([*members_of(Sample), "other"]),
    _plain
    | st.lists(_plain, max_size=3)
    | st.lists(st.fixed_dictionaries({"name": _plain}), max_size=3),
)


@given(_values)
def test_what_the_schema_forbids_is_refused_and_what_is_read_it_allows(
    value: dict[str, Json],
) -> None:
    parts: dict[str, JsonSchema] = {}
    validator = Draft202012Validator({**SHAPE.whole(parts), "$defs": parts})
    try:
        read = SHAPE.read(value)
    except Unfit:
        return
    assert validator.is_valid(value)
    assert SHAPE.spell(read) == value
