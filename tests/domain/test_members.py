"""A value for a member is read as the member itself, or refused as it would be."""

from typing import Any

import pytest

from ledger.domain.entering import complete
from ledger.domain.members import misfits, read_as
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.office import Office


def read(kind: str, path: str, text: str, **data: Json) -> Json:
    return read_as(kind, path, text, data=data)


@pytest.mark.parametrize(
    ("kind", "path", "text", "meant"),
    [
        ("transfer", "/persons/n", "252", 252),
        ("transfer", "/persons", "at-least:247", {"n": 247, "qualifier": "at_least"}),
        ("transfer", "/persons/qualifier", "at-least", "at_least"),
        ("transfer", "/group/label", "252", "252"),
        ("transfer", "/group/label", "true", "true"),
        ("transfer", "/destination", "HN", "HN"),
        ("transfer", "/term/length", "P1Y", "P1Y"),
        ("transfer", "/term/until", "2026-01-01", "2026-01-01"),
        ("transfer", "/facility/zone", "America/Panama", "America/Panama"),
        ("transfer", "/nowhere", "1e5", "1e5"),
        ("transfer", "/group/label/x", "1e5", "1e5"),
        ("receipt", "/admitted", "2025-03-16 02:00 -06:00", "2025-03-16T02:00-06:00"),
        ("receipt", "/more_to_come", "true", True),
        ("receipt", "/arrived_persons", "0", 0),
        ("remark", "/responsibility/accepted", "false", False),
        (
            "remark",
            "/facility_statement/annual_cost",
            "4 USD",
            {"amount": "4.00", "currency": "USD"},
        ),
        ("payment", "/amount", "4.00", "4.00"),
    ],
)
def test_a_text_is_read_as_the_member(
    kind: str, path: str, text: str, meant: Json
) -> None:
    assert read(kind, path, text) == meant


@pytest.mark.parametrize(
    ("kind", "path", "text", "code"),
    [
        ("transfer", "/persons/n", "1e5", "value.not-a-count"),
        ("transfer", "/persons/n", "-5", "value.not-a-count"),
        ("transfer", "/persons/n", " 5 ", "value.not-a-count"),
        ("transfer", "/persons/n", "1_000", "value.not-a-count"),
        ("transfer", "/persons", "1e5", "value.not-persons"),
        ("transfer", "/persons/qualifier", "rather", "value.not-one-of"),
        ("transfer", "/destination", "us", "value.state-in-capitals"),
        ("transfer", "/facility/zone", "Mars", "value.not-a-zone"),
        ("transfer", "/facility", "CECOT", "value.needs-json"),
        ("transfer", "/departures", "2025-03-15", "value.needs-json"),
        ("transfer", "/term/length", "1 year", "value.not-a-length"),
        ("receipt", "/admitted", "tomorrow", "value.not-a-time"),
        ("receipt", "/more_to_come", "false", "value.not-one-of"),
        ("remark", "/responsibility/accepted", "yes", "value.not-one-of"),
    ],
)
def test_a_text_that_is_no_value_of_the_member_is_refused(
    kind: str, path: str, text: str, code: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(kind, path, text)

    assert (refusal.value.code, refusal.value.values["member"]) == (code, path)


def test_an_amount_is_read_in_the_currency_of_its_entry() -> None:
    assert read("payment", "/amount", "5", currency="USD") == "5.00"
    assert read("payment", "/amount", "5", currency="JPY") == "5"
    for text in ("1e5", "-5", " 5 ", "1_000"):
        with pytest.raises(RefusedError):
            read("payment", "/amount", text, currency="USD")


def claimed(office: Office, path: str, **said: Json) -> dict[str, Json]:
    request: dict[str, Json] = {"target": "T-1", "path": path, **said}
    return complete("claim", request, history=office.history)


@pytest.fixture
def office() -> Office:
    made = Office()
    made.transfer()
    return made


def test_a_claim_is_of_a_value_that_its_member_can_have(office: Office) -> None:
    def refused(path: str, **said: Json) -> dict[str, str]:
        with pytest.raises(RefusedError) as caught:
            claimed(office, path, **said)
        every = [caught.value, *caught.value.others]
        return {str(each.values["member"]): each.code for each in every}

    assert claimed(office, "/persons/n", typed="252")["value"] == 252
    assert "typed" not in claimed(office, "/persons/n", typed="252")
    assert claimed(office, "/persons", value="about 250")["value"] == "about 250"
    assert refused("/persons/n", typed="0") == {"/value": "record.out-of-range"}
    assert refused("/persons/n", value=[1]) == {"/value": "form.not-a-number"}
    assert refused("/persons", value={"n": 1, "qualifier": "rather"}) == {
        "/value/qualifier": "record.not-a-choice"
    }
    assert refused("/nowhere", typed="x") == {"/nowhere": "record.member-unknown"}
    assert refused("/nowhere/at/all", value=1) == {"/nowhere": "record.member-unknown"}
    for path in ("/nowhere", "/group/label/x"):
        for said in ({"value": 1}, {"value": "words"}, {"typed": "1"}):
            code = next(iter(refused(path, **said).values()))
            assert code in {"record.member-unknown", "correction.path-through-value"}
    assert refused("/persons/n", typed="1e5") == {"/value": "value.not-a-count"}
    assert "value" not in claimed(office, "/text")


def test_a_correction_is_read_as_the_member_too(office: Office) -> None:
    changes: list[Json] = [
        {"path": "/persons/n", "typed": "252"},
        {"path": "/group/label", "typed": "12"},
        {"path": "/facility"},
    ]
    request: dict[str, Json] = {"target": "T-1", "changes": changes}
    data: Any = complete("correction", request, history=office.history)

    assert [change.get("new") for change in data["changes"]] == [252, "12", None]
    assert data["changes"][0]["old"] == 238


def test_what_a_record_lacks_elsewhere_is_no_fault_of_the_value() -> None:
    assert misfits("renewal", "/counted/n", 5, data={}) == []
    assert [e.code for e in misfits("renewal", "/counted/n", "5", data={})] == [
        "form.not-a-number"
    ]
