"""The form of a summary is the one of its published schema, and names what is odd."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exchange.summary_form import form_oddities
from tests.books import FEW_SEEDS
from tests.exchange.test_summary_check import SUMMARY
from tests.regenerate_schemas import PACKAGED, ROOT
from tests.summaries import plausible_summary

SCHEMA = ROOT / "output" / "summary.json"
PUBLISHED = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
VALUES: tuple[Any, ...] = (
    *(0, 1, -1, True, False, "", "a", "T-1", "US", "2025-03-15", "0" * 64),
    *("exact", "official", "unaccounted", "2025-03-15T00:00:00Z", "a\nb"),
    *([], {}, [7], [{}], ["a"], {"seq": 1}, {"a": 1}),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every member and item of a value, as its holder and its name."""
    match value:
        case dict():
            items: list[tuple[Any, Any]] = list(value.items())
        case list():
            items = list(enumerate(value))
        case _:
            return []
    found = [(value, name) for name, _ in items]
    for _, inner in items:
        found.extend(places(inner))
    return found


def test_the_schema_in_the_package_is_the_published_one() -> None:
    assert PACKAGED.read_bytes() == SCHEMA.read_bytes()


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_summary_that_the_program_makes_has_the_form(seed: int) -> None:
    assert form_oddities(plausible_summary(seed)) == []
    assert form_oddities(SUMMARY) == []


@pytest.mark.sweep
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_has_not_the_form(data: st.DataObject) -> None:
    changed = copy.deepcopy(SUMMARY)
    holder, name = data.draw(st.sampled_from(places(changed)))
    match data.draw(st.sampled_from(["put", "drop", "add"])):
        case "put":
            holder[name] = data.draw(st.sampled_from(VALUES))
        case "drop":
            del holder[name]
        case _ if isinstance(holder, dict):
            holder["added"] = data.draw(st.sampled_from(VALUES))
        case _:
            holder.append(data.draw(st.sampled_from(VALUES)))

    odd = form_oddities(changed)

    if not PUBLISHED.is_valid(changed):
        assert odd
    # What the schema takes can be refused by the form of a record, a day that is
    # none, or a book that is another one: nothing else.
    for one in odd if PUBLISHED.is_valid(changed) else []:
        assert one.code.startswith("record:") or one.code in {
            "form-day",
            "form-instant",
            "other-book",
            "one-book",
        }


def test_no_text_is_repeated() -> None:
    changed = copy.deepcopy(SUMMARY)
    changed["totals"]["departed"] = "a name"
    changed["totals"]["arrived"] = -7

    odd = form_oddities(changed)

    assert [
        (one.at, one.code, one.found) for one in sorted(odd, key=lambda one: one.at)
    ] == [
        ("/totals/arrived", "too-few", "-7"),
        ("/totals/departed", "form-integer", ""),
    ]
