"""Hostile cells and files through `import`: refused, nothing written, no echo."""

import json
from collections.abc import Iterator

import pytest

from ledger.exchange import xlsx_package
from tests.cli.desk import Desk, is_harmless
from tests.cli.filing import DEPARTURE, FORMS, as_csv, as_jsonl, put
from tests.cli.test_hostile_input import (
    AMOUNTS,
    DECEPTIVE,
    JSONS,
    MARKUP,
    NUMBERS,
    OF_METAVAR,
    WHENS,
)
from tests.exchange.workbooks import workbook

COLUMNS: dict[str, tuple[str, ...]] = {
    "persons": NUMBERS,
    "departed": WHENS,
    "compensation": AMOUNTS,
    "term": OF_METAVAR["LENGTH"],
    "to": OF_METAVAR["STATE"],
    "term_until": WHENS,
    "group": tuple(DECEPTIVE.values()),
    "legal_basis": tuple(DECEPTIVE.values()),
    "facility": tuple(DECEPTIVE.values()),
    "asserted_by": tuple(DECEPTIVE.values()),
    "facility_zone": ("localtime", "../etc/passwd", "America/Nowhere", "UTC+5", "\0"),
    "status": ("OFFICIAL", "officiel", "\u043efficial", "x" * 5000),
    "manifest": ("x:5", f"{'a' * 64}:0", f"{'A' * 64}:5", ":", "a" * 64),
    "instrument": ("I-0", "I-9", "i-1", "T-1", "I-1|I-1", "I-99999999999999999999"),
    "breakdown": ("=238", "x=", "x=0", "x=5", "x", "x=238|y=1"),
    "evidence": (
        "t",
        "t,2025-02-30",
        "t,2025-03-01,/etc/passwd",
        "t,2025-03-01,ftp://x",
    ),
    "arrangement": ("US SV", "-", "../x", "É"),
    "label": ("#x", "a b", "-", "x" * 65, "é"),
}
HOSTILE = [(column, value) for column, values in COLUMNS.items() for value in values]
# An empty cell is one that was left open; a workbook cannot hold some of the others.
OPEN = frozenset(
    (
        *("facility_zone", "label", "term", "compensation", "term_until"),
        *("legal_basis", "asserted_by"),
    )
)


def cells(form: str) -> Iterator[tuple[str, str]]:
    for column, value in HOSTILE:
        unfit = any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for c in value)
        if value == "" and column in OPEN:
            continue
        # What makes a file unreadable as a whole is tried below.
        if form == "a.csv" and any(
            c in "\0\r" or "\ud800" <= c <= "\udfff" for c in value
        ):
            continue
        if form == "a.xlsx" and (unfit or len(value) > 32_000):
            continue
        yield column, value


def test_there_are_enough_hostile_cells() -> None:
    assert all(len(list(cells(form))) >= 150 for form in FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_hostile_cell_is_refused_and_never_echoed_raw(
    form: str, after_departure: Desk
) -> None:
    """One file holds every hostile cell, each in a row of its own that is fine else."""
    desk = after_departure
    wanted = list(cells(form))
    rows = [{**DEPARTURE, column: value} for column, value in wanted]
    put(desk, form, FORMS[form](rows))
    before = desk.bytes()
    outcome = desk.run(
        *("import", form, "--kind", "transfer", "--json", "--rejects", "all")
    )
    document = json.loads(outcome.out)
    first = 1 if form == "a.jsonl" else 2
    text = (desk.folder / "all").read_text(encoding="utf-8")

    assert outcome.code == 3
    assert document["refused"] == len(rows), untold(desk, form, rows, first)
    assert len(text.splitlines()) >= len(rows)
    assert is_harmless(outcome)
    assert desk.bytes() == before
    for columns in (None, 80):
        desk.columns = columns
        # Quiet: a slow machine shows progress, which goes back over its own line.
        shown = desk.run("import", form, "--kind", "transfer", "--quiet")
        assert is_harmless(shown)
        assert shown.code == 3
    assert desk.bytes() == before


def untold(
    desk: Desk, form: str, rows: list[dict[str, str]], first: int
) -> list[dict[str, str]]:
    """Return the rows that were not refused, to be seen when the test fails."""
    found = []
    for row in rows:
        put(desk, f"one{form[1:]}", FORMS[form]([row]))
        if desk.run("import", f"one{form[1:]}", "--kind", "transfer", "-q").code == 0:
            found.append(row)
    return found[first - first :]


BYTES = {
    "a NUL": b"from,to\nUS,\0\n",
    "Latin-1": "from,to\nUS,\xe9\n".encode("latin-1"),
    "UTF-16 without a mark": "from,to\nUS,SV\n".encode("utf-16-le"),
    "UTF-32": "from,to\nUS,SV\n".encode("utf-32"),
    "UTF-7": b"from,to\nUS,+AF8-\n",
    "overlong UTF-8": b"from,to\nUS,\xc0\xaf\n",
    "a surrogate": b"from,to\nUS,\xed\xa0\x80\n",
    "an open quote": b'from,to\nUS,"SV\n',
    "old line ends": b"from,to\rUS,SV\r",
    "an endless line": b"from,to\n" + b"x" * 1_200_000,
    "no heading": b",,\n",
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100,
    "a ZIP that is none": b"PK\x03\x04" + b"\0" * 100,
    "an empty file": b"",
    "a PDF": b"%PDF-1.7\n\x00\x01",
    "HTML": b"<html><table><tr><td>from</td></tr></table></html>",
    "SYLK": b"ID;PWXL;N;E\n",
    "many headings": b",".join(b"c%d" % n for n in range(5000)),
    "deep JSON": b'{"a":' + b"[" * 100_000,
    "JSON as an array": b'{"from":1}\n[' + b"1," * 1000,
    "a colour": b"from,to\x1b[31m\nUS,SV\n",
}


@pytest.mark.parametrize("name", BYTES)
def test_a_hostile_file_is_refused(name: str, after_departure: Desk) -> None:
    desk = after_departure
    put(desk, "a.dat", BYTES[name])
    before = desk.bytes()
    outcome = desk.run("import", "a.dat", "--kind", "transfer")

    assert outcome.code == 3, outcome
    assert is_harmless(outcome)
    assert desk.bytes() == before


@pytest.mark.parametrize("form", FORMS)
def test_markup_is_text_wherever_it_is_shown(form: str, after_departure: Desk) -> None:
    desk = after_departure
    put(desk, form, FORMS[form]([{**DEPARTURE, "group": MARKUP}]))
    desk.done("import", form, "--kind", "transfer")
    desk.columns = 200

    assert MARKUP in desk.done("show", "T-2").out


@pytest.mark.parametrize("value", JSONS)
def test_hostile_json_in_a_cell_is_refused(value: str, after_departure: Desk) -> None:
    desk = after_departure
    row = {"target": "T-1", "field": "/persons/n", "value": value, "by": "VE"}
    put(desk, "a.jsonl", as_jsonl([row]))
    before = desk.bytes()
    outcome = desk.run("import", "a.jsonl", "--kind", "claim")

    assert outcome.code == 3, outcome
    assert is_harmless(outcome)
    assert desk.bytes() == before


def test_a_workbook_beyond_the_limit_is_refused(
    after_departure: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = after_departure
    monkeypatch.setattr(xlsx_package, "LARGEST_FILE", 100)
    put(desk, "a.xlsx", workbook([["from"], ["US"]]))
    outcome = desk.run("import", "a.xlsx", "--kind", "transfer", "--json")

    assert outcome.code == 3
    assert json.loads(outcome.err)["code"] == "file.unfit"


def test_a_passport_number_in_the_wrong_column_is_not_repeated(
    after_departure: Desk,
) -> None:
    desk = after_departure
    rows = [
        {**DEPARTURE, "persons": "A12345678"},
        {**DEPARTURE, "departed": "Juan Pérez"},
        {**DEPARTURE, "to": "Juan Pérez"},
        {**DEPARTURE, "term": "12345678-9"},
    ]
    put(desk, "a.csv", as_csv(rows))
    outcome = desk.run("import", "a.csv", "--kind", "transfer", "--json")

    assert outcome.code == 3
    for datum in ("A12345678", "Juan", "12345678-9"):
        assert datum not in outcome.out + outcome.err
