"""Paths into data: what is there, and what a correction makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.pointers import changed, steps, value_at
from ledger.domain.records import Change
from ledger.domain.shapes import shape_of
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json

DATA: dict[str, Json] = {
    "persons": {"n": 238, "qualifier": "exact"},
    "departures": [{"at": "2025-03-15"}],
    "more_to_come": True,
    "text": "as read",
}


def change(path: str, **values: Json) -> Change:
    """Return one change."""
    read: Change = shape_of(Change).read({"path": path, **values})
    return read


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/text", "as read"),
        ("/persons", {"n": 238, "qualifier": "exact"}),
        ("/persons/n", 238),
        ("/persons/m", None),
        ("/text/n", None),
        ("/departures/0", None),
        ("/none/of/it", None),
    ],
)
def test_a_pointer_finds_the_value_or_none(path: str, value: Json | None) -> None:
    assert value_at(DATA, path) == value


def test_a_pointer_has_its_steps() -> None:
    assert steps("/persons/n") == ["persons", "n"]


def test_a_change_leaves_the_data_that_it_is_made_of() -> None:
    after = changed(DATA, [change("/persons/n", old=238, new=237)])

    assert value_at(after, "/persons/n") == 237
    assert value_at(DATA, "/persons/n") == 238


def test_changes_are_made_one_after_the_other() -> None:
    after = changed(
        DATA,
        [change("/text", old="as read", new="b"), change("/text", old="b", new="c")],
    )

    assert after["text"] == "c"


def test_a_member_is_added_with_what_it_lies_in_and_removed_with_it() -> None:
    with_zone = changed(DATA, [change("/facility/zone", new="Africa/Juba")])
    without = changed(with_zone, [change("/facility/zone", old="Africa/Juba")])
    flat = changed(DATA, [change("/text", old="as read")])

    assert with_zone["facility"] == {"zone": "Africa/Juba"}
    assert without == DATA
    assert "text" not in flat


def test_an_array_is_replaced_whole() -> None:
    new: Json = [{"at": "2025-03-16"}]
    after = changed(DATA, [change("/departures", old=DATA["departures"], new=new)])

    assert after["departures"] == new
    with pytest.raises(RefusedError, match="path-through-value"):
        changed(DATA, [change("/departures/0", new="2025-03-16")])


@pytest.mark.parametrize(
    ("path", "old"),
    [
        ("/persons/n", 237),
        ("/text", "AS READ"),
        ("/more_to_come", 1),
        ("/facility", "there is none"),
        ("/departures/0/at", "2025-03-15"),
    ],
)
def test_another_old_value_is_refused_and_not_repeated(path: str, old: Json) -> None:
    with pytest.raises(RefusedError, match="other-old-value") as caught:
        changed(DATA, [change(path, old=old, new="x")])

    assert caught.value.values == {"path": path}


def test_a_missing_old_value_is_another_one() -> None:
    with pytest.raises(RefusedError, match="other-old-value"):
        changed(DATA, [change("/text", new="x")])


@given(st.sampled_from(["/text", "/persons/n", "/facility/zone", "/a/b/c"]), st.text())
def test_a_change_made_back_leaves_no_trace(path: str, text: str) -> None:
    old = value_at(DATA, path)
    there = Change(path=path, old=old, new=f"{text}.")
    back = Change(path=path, old=f"{text}.", new=old)

    assert changed(DATA, [there, back]) == DATA
