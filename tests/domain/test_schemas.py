"""The one gate for records, and the JSON Schemas that say what passes it."""

import json
from datetime import date
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ledger.domain.agreements import Term
from ledger.domain.forms import (
    DAY_PATTERN,
    Evidence,
    Reference,
    Sum,
)
from ledger.domain.money import Money
from ledger.domain.records import Payment, Receipt, Transfer
from ledger.domain.schemas import KINDS, ROLES, data_of, json_schema, read_record
from ledger.domain.shapes import Unfit, shape_of
from ledger.errors import RefusedError
from ledger.tlog import canonical
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, SEEDS, book
from tests.domain.data_strategies import DATA
from tests.regenerate_schemas import ROOT, SCHEMAS, regenerate, spelled

PERSON = "María Pérez"

of_any_kind = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), DATA[kind])
)
REFERENCE = Reference(ledger="us.example/book", seq=1, leaf="0" * 64)
VALIDATORS = {kind: Draft202012Validator(json_schema(kind)) for kind in KINDS}


def faults(kind: str, data: object) -> dict[str, str]:
    """Return the codes with which data is refused, by member."""
    with pytest.raises(RefusedError) as caught:
        read_record(kind, cast("Json", data))
    every = [caught.value, *caught.value.others]
    return {str(error.values.get("member")): error.code for error in every}


def example(kind: str) -> dict[str, Json]:
    """Return the data of an entry of a kind that some generated book has."""
    for seed in SEEDS:
        for entry in book(seed).history.entries.values():
            if entry.kind == kind:
                copied: dict[str, Json] = json.loads(json.dumps(dict(entry.data)))
                return copied
    raise LookupError(kind)


@settings(max_examples=120, deadline=None)
@given(of_any_kind)
def test_every_kind_is_read_and_spelled_the_same(
    made: tuple[str, dict[str, Json]],
) -> None:
    kind, data = made

    assert data_of(read_record(kind, data)) == data


@settings(max_examples=120, deadline=None)
@given(of_any_kind)
def test_the_json_schema_allows_what_the_gate_allows(
    made: tuple[str, dict[str, Json]],
) -> None:
    kind, data = made

    assert VALIDATORS[kind].is_valid(data)


@settings(max_examples=120, deadline=None)
@given(of_any_kind, st.data())
def test_what_the_json_schema_forbids_is_refused(
    made: tuple[str, dict[str, Json]], draw: st.DataObject
) -> None:
    kind, data = made
    member = draw.draw(st.sampled_from(sorted(data)), label="member")
    other = draw.draw(
        st.sampled_from([True, 0, -1, 10**9, "", PERSON, [], [PERSON], {}, {"n": 0}]),
        label="value",
    )
    changed = {**data, member: cast("Json", other)}

    if not VALIDATORS[kind].is_valid(changed):
        with pytest.raises(RefusedError) as caught:
            read_record(kind, changed)

        for error in (caught.value, *caught.value.others):
            assert str(error.values["member"]).startswith("/")
            assert PERSON not in repr(error)


@settings(max_examples=60, deadline=None)
@given(of_any_kind, st.data())
def test_a_required_member_that_is_missing_is_named(
    made: tuple[str, dict[str, Json]], draw: st.DataObject
) -> None:
    kind, data = made
    required = json_schema(kind)["required"]
    member = draw.draw(st.sampled_from(required))
    rest = {name: value for name, value in data.items() if name != member}

    assert faults(kind, rest) == {f"/{member}": "record.member-missing"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_schema_is_one_and_knows_no_null(kind: str) -> None:
    schema = json_schema(kind)

    Draft202012Validator.check_schema(schema)

    assert schema["title"] == kind
    assert schema["additionalProperties"] is False
    assert "null" not in json.dumps(schema)
    assert "anyOf" not in json.dumps(schema)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_file_says_what_the_program_does(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert text == spelled(SCHEMAS[name]()), "run python -m tests.regenerate_schemas"


def test_the_schema_files_are_written_anew(tmp_path_factory: object) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    root = tmp_path_factory.mktemp("schemas")

    regenerate(root)

    written = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in root.rglob("*.json")
    }
    assert written == {name: spelled(make()) for name, make in SCHEMAS.items()}


def test_every_kind_has_a_role() -> None:
    assert ROLES.keys() == KINDS.keys()
    assert {kind for kind, role in ROLES.items() if role == "state"} == {
        "genesis",
        "key",
        "peer",
        "acknowledgement",
        "approval",
    }
    assert {kind for kind, role in ROLES.items() if role == "log"} == {"seal"}


def test_an_unknown_member_is_refused() -> None:
    data = {**example("transfer"), "nickname": PERSON}

    assert faults("transfer", data) == {"/nickname": "record.member-unknown"}


def test_a_null_is_refused_wherever_it_is() -> None:
    transfer = example("transfer")
    facility = {**cast("dict[str, object]", transfer["facility"]), "place": None}

    assert faults("transfer", {**transfer, "text": None}) == {"/text": "json.null"}
    assert faults("transfer", {**transfer, "facility": facility}) == {
        "/facility/place": "json.null"
    }
    assert faults("transfer", {**transfer, "departures": [None]}) == {
        "/departures/0": "json.null"
    }
    assert faults("transfer", None) == {"/": "json.null"}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/persons/n", True, "form.not-a-number"),
        ("/persons/n", "238", "form.not-a-number"),
        ("/persons/n", 0, "record.out-of-range"),
        ("/persons/n", 10_000_001, "record.out-of-range"),
        ("/persons/n", 238.0, "json.float"),
        ("/persons/qualifier", PERSON, "record.not-a-choice"),
        ("/persons", [238], "form.not-an-object"),
        ("/renewable", True, "record.not-a-choice"),
        ("/text", "", "record.wrong-length"),
        ("/text", "x" * 20_001, "record.wrong-length"),
        ("/text", 7, "form.not-text"),
        ("/departures", [], "record.wrong-length"),
        ("/departures", {}, "form.not-a-list"),
        ("/instruments", ["I-0"], "form.not-an-instrument"),
        ("/term/length", "P1W", "value.not-a-length"),
        ("/term/length", 12, "form.not-text"),
        ("/origin", PERSON, "value.not-a-state"),
        ("/facility/zone", "../../etc/passwd", "value.not-a-zone"),
        ("/evidence", [{"title": "t", "date": "2025-02-30"}], "value.not-a-day"),
        ("/term/trigger", "2025-02-30", "value.not-a-day"),
        ("/term/trigger", "9999-99-99", "value.not-a-day"),
        ("/term/trigger", PERSON, "form.not-a-trigger"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_not_repeated(
    path: str, value: object, code: str
) -> None:
    data = example("transfer")
    data["persons"] = {"n": 238, "qualifier": "exact"}
    data["departures"] = [{"at": "2025-03-15"}]
    data["term"] = {"reading": "fixed", "length": "P1Y"}
    data.pop("breakdown", None)
    holder: object = data
    *way, last = path.split("/")[1:]
    for step in way:
        holder = cast("dict[str, object]", holder)[step]
    cast("dict[str, object]", holder)[last] = value

    with pytest.raises(RefusedError) as caught:
        read_record("transfer", data)

    error = caught.value
    assert error.code == code
    assert str(error.values["member"]).startswith(path)
    assert PERSON not in f"{error!r} {error.__cause__!r}"
    assert error.__suppress_context__


def test_all_faults_are_named_at_once() -> None:
    data: Json = {"target": {"ledger": "US", "seq": -1, "leaf": "0"}}

    assert faults("retraction", data) == {
        "/target/ledger": "record.wrong-form",
        "/target/seq": "record.out-of-range",
        "/target/leaf": "form.not-a-hash",
        "/reason": "record.member-missing",
    }


def test_a_kind_that_is_none_is_the_caller_s_mistake() -> None:
    with pytest.raises(KeyError):
        read_record("poem", {})


@pytest.mark.parametrize("value", [None, 1.5, 2**53, -(2**53), [None], {"a": 2**60}])
def test_a_value_from_elsewhere_is_refused_when_it_is_no_json(value: object) -> None:
    claim = {**example("claim"), "value": value}

    (member,) = faults("claim", claim)
    assert member.startswith("/value")
    with pytest.raises(Unfit, match="not-json"):
        shape_of(KINDS["claim"]).read(cast("Json", claim))


def test_an_amount_has_the_digits_of_its_currency() -> None:
    payment = example("payment")

    short = faults("payment", {**payment, "amount": "12.5", "currency": "USD"})
    unknown = faults("payment", {**payment, "amount": "12.50", "currency": "XXX"})

    assert short == {"/": "value.amount-digits"}
    assert unknown == {"/": "value.not-a-currency"}


def test_an_amount_is_read_as_money() -> None:
    record = read_record("payment", {**example("payment"), "amount": "12.50"})

    assert isinstance(record, Payment)
    assert record.money == Money("USD", 1250)


def test_records_know_what_they_add_up_to() -> None:
    receipt = read_record(
        "receipt",
        {
            **example("receipt"),
            "arrived_persons": 10,
            "refused": [{"n": 2, "reason": "ill"}, {"n": 1, "reason": "age"}],
        },
    )

    assert isinstance(receipt, Receipt)
    assert (receipt.refused_persons, receipt.held_persons) == (3, 7)


def test_times_are_read_and_spelled_as_they_were_written() -> None:
    record = read_record("transfer", example("transfer"))

    assert isinstance(record, Transfer)
    assert record.departures[0].at.precision == "minute"
    term = shape_of(Term).read({"reading": "until_date", "until": "2026-03-15"})
    assert term.until == date(2026, 3, 15)
    assert data_of(term) == {"reading": "until_date", "until": "2026-03-15"}


def test_parts_of_records_are_read_alone_too() -> None:
    evidence = shape_of(Evidence).read({"title": "t", "date": "2025-03-15"})
    amount = shape_of(Sum).read({"amount": "1.00", "currency": "EUR"})

    assert evidence.date == date(2025, 3, 15)
    assert amount.money.format() == "1.00 EUR"
    assert DAY_PATTERN in json.dumps(json_schema("claim"))


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_entry_of_a_book_is_spelled_as_it_was_signed(seed: int) -> None:
    for entry in book(seed).history.entries.values():
        assert data_of(entry.record) == entry.data
        assert VALIDATORS[entry.kind].is_valid(dict(entry.data))
        assert canonical.encode(data_of(entry.record)) == canonical.encode(
            dict(entry.data)
        )
