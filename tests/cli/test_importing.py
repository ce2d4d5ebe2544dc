"""`import`: every kind in every form, what is refused, and what is said of it."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.cli.arguments import lift
from ledger.cli.column_choices import choices
from ledger.cli.columns import VERB_OF, kind_of
from ledger.cli.import_report import shown
from ledger.cli.options import Globals, compose
from ledger.cli.progress import ProgressLine
from ledger.domain.schemas import KINDS, ROLES
from ledger.errors import NotPermittedError
from tests.cli.desk import REMARK, Desk, answer
from tests.cli.filing import (
    DEPARTURE,
    FORMS,
    ROWS,
    all_kinds,
    as_csv,
    as_jsonl,
    as_xlsx,
    put,
)
from tests.cli.program import Terminal
from tests.exchange.workbooks import workbook
from tests.surroundings import files

TRANSFER = ("--kind", "transfer")


def anyone() -> Globals:
    return compose(
        lift(()), environ={}, stdin=Terminal(), stdout=Terminal(), stderr=Terminal()
    )


def problems(desk: Desk, *argv: str) -> list[tuple[int, str | None, str]]:
    """Return row, column and code of what is wrong with a file."""
    found = answer(desk, "import", *argv, code=3)["problems"]
    return [(each["row"], each["column"], each["code"]) for each in found]


def refused(desk: Desk, *argv: str, code: int = 3) -> str:
    """Return the code with which a file as a whole is refused."""
    before = desk.bytes()
    outcome = desk.run("import", *argv, "--json")
    assert (outcome.code, outcome.out) == (code, ""), outcome
    assert desk.bytes() == before
    return str(json.loads(outcome.err.splitlines()[0])["code"])


def test_a_states_code_in_small_letters_is_no_name_in_a_cell_either(
    desk: Desk,
) -> None:
    put(desk, "rows.csv", as_csv([{**DEPARTURE, "asserted-by": "us"}]))

    found = problems(desk, "rows.csv", *TRANSFER)

    assert (2, "asserted_by", "value.state-or-name") in found


def test_every_kind_that_a_clerk_records_can_be_imported() -> None:
    """Only what vouches for others' entries is never done by the hundred."""
    recorded = {kind for kind in KINDS if ROLES[kind] == "clerk"}
    assert set(VERB_OF) == set(ROWS) == recorded - {"confirmation"}


@pytest.mark.parametrize("name", FORMS)
def test_a_row_of_every_kind_becomes_its_entry(
    name: str, after_departure: Desk
) -> None:
    desk = after_departure
    put(desk, name, FORMS[name](all_kinds()))
    found = answer(desk, "import", name)
    entries = [answer(desk, "show", str(seq)) for seq in range(2, 13)]

    assert found["result"] == "recorded"
    assert (found["rows"], found["added"]) == (11, 11)
    assert [entry["kind"] for entry in entries] == list(ROWS)
    data = [entry["data"] for entry in entries]
    assert data[0]["parties"] == ["US", "SV"]
    assert [each["persons"] for each in data[1]["departures"]] == [13, 10]
    assert data[1]["instruments"] == ["I-1"]
    assert data[1]["evidence"][1]["url"] == "https://example.org/a"
    assert data[2]["transfer"]["seq"] == 3
    assert data[2]["refused"] == [
        {"n": 2, "reason": "no papers"},
        {"n": 1, "reason": "illness"},
    ]
    assert data[2]["more_to_come"] is True
    assert [each["n"] for each in data[4]["split"]] == [3, 2]
    assert (data[5]["exit"]["seq"], data[5]["split"][0]["n"]) == (6, 1)
    assert data[6]["for"]["instrument"] == "I-1"
    assert data[7]["value"] == 24
    assert data[8]["responsibility"] == {"state": "SV", "accepted": False}
    assert all(each["source"]["file"] == name for each in data)
    assert desk.run("verify").code == 0


def test_the_same_rows_in_another_form_are_found(after_departure: Desk) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv(all_kinds()))
    put(desk, "b.jsonl", as_jsonl(all_kinds()))
    put(desk, "c.xlsx", as_xlsx(all_kinds()))
    desk.done("import", "a.csv")
    before = desk.bytes()
    for name in ("a.csv", "b.jsonl", "c.xlsx"):
        found = answer(desk, "import", name)
        first = 1 if name == "b.jsonl" else 2
        assert (found["result"], found["added"], found["found"]) == (
            "nothing-new",
            0,
            11,
        )
        assert found["runs"] == [
            {
                "first_row": first,
                "last_row": first + 10,
                "first_seq": 2,
                "last_seq": 12,
                "added": False,
            }
        ]

    assert desk.bytes() == before


def test_a_list_of_json_and_numbers_are_the_same_as_texts(
    after_departure: Desk,
) -> None:
    desk = after_departure
    row = {**DEPARTURE, "persons": 23, "departed": [DEPARTURE["departed"]]}
    put(desk, "a.csv", as_csv([DEPARTURE]))
    put(desk, "a.jsonl", json.dumps(row))
    desk.done("import", "a.csv", *TRANSFER)

    assert answer(desk, "import", "a.jsonl", *TRANSFER)["result"] == "nothing-new"


def test_a_dry_run_needs_no_passphrase_and_writes_nothing(
    after_departure: Desk,
) -> None:
    desk = after_departure
    (desk.folder / "passphrase").unlink()
    put(desk, "a.csv", as_csv(all_kinds()))
    before, there = desk.bytes(), files(desk.folder)
    found = answer(desk, "import", "a.csv", "--dry-run")

    assert (found["result"], found["dry_run"], found["added"]) == ("checked", True, 11)
    assert found["runs"] == []
    assert desk.bytes() == before
    assert files(desk.folder) == there


def test_bad_rows_are_told_and_written_to_mend(after_departure: Desk) -> None:
    desk = after_departure
    rows = [
        DEPARTURE,
        {**DEPARTURE, "departed": "03/04/2025", "persons": "4.760", "to": "sv"},
        {**DEPARTURE, "group": "Juan\u202e Pérez", "compensation": "4.760 USD"},
    ]
    put(desk, "a.csv", as_csv(rows))
    before = desk.bytes()
    found = answer(desk, "import", "a.csv", *TRANSFER, "--rejects", "b.csv", code=3)
    told = [(e["row"], e["column"], e["value"], e["code"]) for e in found["problems"]]

    assert (found["result"], found["refused"], found["added"]) == ("refused", 2, 0)
    assert told == [
        (3, "to", "sv", "value.state-in-capitals"),
        (3, "persons", "4.760", "value.count-two-readings"),
        (3, "departed", "03/04/2025", "value.day-two-readings"),
        (4, "compensation", "4.760 USD", "value.amount-two-readings"),
    ]
    assert "4760 or 4.76" in found["problems"][1]["message"]
    assert "2025-03-04 or 2025-04-03" in found["problems"][2]["message"]
    assert "4760.00 USD or 4.76 USD" in found["problems"][3]["message"]
    assert "Juan" not in json.dumps(found)
    assert desk.bytes() == before

    text = (desk.folder / "b.csv").read_text(encoding="utf-8")
    mended = list(csv.DictReader(StringIO(text, newline="")))
    assert [row["persons"] for row in mended] == ["4.760", "23"]
    assert "2025-03-04 or 2025-04-03" in mended[0]["problem"]
    put(desk, "b.csv", text.replace("4.760 USD", "4.76 USD"))
    assert (4, "group", "value.text-direction") not in problems(
        desk, "b.csv", *TRANSFER
    )
    assert (3, "group", "value.text-direction") in problems(desk, "b.csv", *TRANSFER)


def test_a_row_that_a_rule_forbids_is_told_with_its_column(
    after_departure: Desk,
) -> None:
    desk = after_departure
    late = {**ROWS["exit"], "transfer": "T-1", "split": "", "at": "2025-03-01"}
    rows: list[dict[str, str]] = [
        {"kind": "exit", **late},
        {"kind": "receipt", "transfer": "T-9", "persons": "1", "arrived": "2025-03-16"},
        {"kind": "transfer", **DEPARTURE, "status": "maybe"},
        {"kind": "transfer", **DEPARTURE, "facility_zone": "", "to": "MX"},
        {"kind": "seal"},
        {"kind": "", "from": "US"},
        {"kind": "retraction", "target": "#x", "reason": "r", "label": "?"},
    ]
    put(desk, "a.csv", as_csv(rows))
    found = problems(desk, "a.csv")

    assert found[0][0::2] == (2, "rule.before-departure")
    assert found[1] == (3, "transfer", "cite.no-such-ref") or found[1][2] == (
        "cite.no-such-ref"
    )
    assert found[2] == (4, "status", "record.not-a-choice")
    assert found[3][0::2] == (5, "usage.needs-facility-zone")
    assert found[4:] == [
        (6, "kind", "import.kind"),
        (7, "kind", "import.kind"),
        (8, "label", "import.bad-label"),
    ]


def test_cells_that_are_no_row_of_their_kind_are_told(after_departure: Desk) -> None:
    desk = after_departure
    lines = [
        {"kind": "transfer", **DEPARTURE, "split": "T-1=5"},
        {"kind": "retraction", "target": ["1", "2"], "reason": "r"},
        {"kind": "retraction", "target": "1"},
        {"kind": ["retraction"], "target": "1", "reason": "r", "group-by": "x"},
        {"kind": "transfer", **DEPARTURE, "group-by": "x"},
        {
            "kind": "remark",
            "about": "1",
            "type": "notice",
            "text": "t",
            "accepted": "?",
        },
        {"kind": "retraction", "target": "1", "reason": {"a": 1}},
        {"kind": "transfer", **DEPARTURE, "evidence": "t,2025-03-01,passphrase"},
        {"kind": "transfer", **DEPARTURE, "evidence": "no day"},
        {"kind": "claim", "target": "1", "field": "group", "value": '{"a', "by": "VE"},
    ]
    put(desk, "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines) + "[\n")

    assert problems(desk, "a.jsonl") == [
        (1, None, "import.not-of-kind"),
        (2, "target", "import.one-value"),
        (3, "reason", "import.cell-missing"),
        (4, None, "import.not-of-kind"),
        (5, None, "import.column-twice"),
        (6, "accepted", "import.not-yes-or-no"),
        (7, "reason", "import.nested"),
        (7, "reason", "import.cell-missing"),
        (8, "evidence", "import.evidence-file"),
        (9, "evidence", "usage.evidence"),
        (10, "field", "usage.path"),
        (10, "value", "value.not-json"),
        (11, None, "import.not-json"),
    ]


def test_only_the_first_problems_are_shown_and_all_are_written(
    after_departure: Desk,
) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv([{**DEPARTURE, "persons": f"x{n}"} for n in range(30)]))
    found = answer(desk, "import", "a.csv", *TRANSFER, "--rejects", "b.csv", code=3)
    outcome = desk.run("import", "a.csv", *TRANSFER)

    assert (len(found["problems"]), found["problems_total"]) == (20, 30)
    assert "and 10 more problems" in outcome.err
    assert outcome.out.count("\n") == 21
    assert (desk.folder / "b.csv").read_text().count("\n") == 31


def test_headings_are_checked_before_any_row(after_departure: Desk) -> None:
    desk = after_departure
    for headings, code in (
        ("from,to,sex", "import.unknown-heading"),
        ("from,To,group", "import.unknown-heading-near"),
        ("from,to,group", "import.no-such-columns"),
        ("group_by,group-by", "import.column-twice"),
        ("from,from", "import.heading-twice"),
    ):
        put(desk, "a.csv", f"{headings}\nUS,SV,x\n")
        assert refused(desk, "a.csv", *TRANSFER) == code
    put(desk, "a.csv", "from,to\nUS,SV\n")
    assert refused(desk, "a.csv", code=2) == "usage.import-kind"
    put(desk, "a.csv", "from,To\nUS,SV\n")
    assert "did you mean to" in desk.run("import", "a.csv", *TRANSFER).err
    put(desk, "a.csv", "kind,A Person,1990-01-01\n")
    outcome = desk.run("import", "a.csv")
    assert outcome.code == 3
    assert "Person" not in outcome.err


def test_a_file_without_rows_is_refused(after_departure: Desk) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv([DEPARTURE]).splitlines()[0])

    assert refused(desk, "a.csv", *TRANSFER) == "import.no-rows"


def test_a_file_of_an_odd_name_is_refused(after_departure: Desk) -> None:
    desk = after_departure
    put(desk, "a\u202e.csv", as_csv([DEPARTURE]))
    book = workbook([list(DEPARTURE), list(DEPARTURE.values())])
    put(desk, "a.xlsx", book)
    sheet = load_workbook(desk.folder / "a.xlsx")
    sheet["rows"].title = "a\u200b"
    sheet.save(desk.folder / "b.xlsx")

    assert refused(desk, "a\u202e.csv", *TRANSFER) == "import.file-name"
    assert refused(desk, "b.xlsx", *TRANSFER) == "import.sheet-name"
    assert refused(desk, "no-such.csv", *TRANSFER, code=4) == "file.none"


def test_what_is_asked_for_must_fit_together(after_departure: Desk) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv([DEPARTURE]))
    schema = "transfer-ledger/column-map/1"
    said = {"schema": schema, "kind": "seal", "columns": {}}
    put(desk, "map.json", json.dumps(said))
    for argv, code, exit_code in (
        ((), "usage.import-what", 2),
        (("a.csv", "--template", "t.xlsx"), "usage.import-what", 2),
        (("a.csv", "--kind", "seal"), "usage.not-one-of", 2),
        (("--template", "t.xlsx"), "usage.import-template", 2),
        (("--template", "t.xlsx", *TRANSFER, "--dry-run"), "usage.import-template", 2),
        (("--template", "t.xlsx", *TRANSFER, "--map", "x"), "usage.import-template", 2),
        (("a.csv", *TRANSFER, "--sheet", "x"), "usage.import-sheet", 2),
        (("a.csv", *TRANSFER, "--encoding", "x"), "usage.not-one-of", 2),
        (("a.csv", "--map", "no-such"), "import.no-such-map", 4),
        (("a.csv", "--map", "./no-such.json"), "file.none", 4),
        (("a.csv", "--map", "map.json"), "import.map-of-no-kind", 3),
        (
            ("a.csv", "--map", "ddp-removals", "--kind", "exit"),
            "usage.import-map-kind",
            2,
        ),
        (("a.csv", *TRANSFER, "--rejects", "a.csv"), "file.exists", 3),
    ):
        assert refused(desk, *argv, code=exit_code) == code, argv


REMOVALS = (
    "departed_date,departure_country,gender,birth_year,duplicate_drop_row\n"
    "2025-03-01,EL SALVADOR,Male,1990,FALSE\n"
    "2025-03-01,EL SALVADOR,Male,1990,TRUE\n"
    "2025-03-02,HONDURAS,Female,1991,FALSE\n"
)


def test_a_shipped_map_reads_removals_and_leaves_persons_out(
    after_departure: Desk,
) -> None:
    desk = after_departure
    put(desk, "a.csv", REMOVALS)
    found = answer(desk, "import", "a.csv", "--map", "ddp-removals")
    outcome = desk.run("import", "a.csv", "--map", "ddp-removals")
    data = answer(desk, "show", "3")["data"]

    assert (found["added"], found["left_out"], found["headings_left_out"]) == (2, 1, 3)
    assert "3 columns are not in the map" in outcome.err
    assert "one row was left out" in outcome.err
    assert (data["origin"], data["destination"]) == ("US", "HN")
    assert (data["status"], data["persons"]["n"]) == ("reported", 1)
    assert "1991" not in json.dumps(data)


def test_a_raw_release_has_its_headings_in_the_seventh_line(
    after_departure: Desk,
) -> None:
    desk = after_departure
    rows = [["about"]] * 6 + [
        ["Departed Date", "Departure Country", "Gender"],
        ["2025-03-01", "EL SALVADOR", "Male"],
        ["2025-03-01", "ATLANTIS", "Male"],
    ]
    put(desk, "a.xlsx", workbook(rows))
    options = ("a.xlsx", "--map", "ddp-removals-raw")

    assert problems(desk, *options) == [(9, "to", "value.not-a-state")]
    put(desk, "a.xlsx", workbook(rows[:-1]))
    assert answer(desk, "import", *options)["added"] == 1


def test_a_map_of_ones_own_is_a_file(after_departure: Desk) -> None:
    desk = after_departure
    said = {
        "schema": "transfer-ledger/column-map/1",
        "columns": {"Estado": "to", "Salida": "departed", "Personas": "persons"},
        "every_row": {
            name: DEPARTURE[name] for name in ("from", "group", "group_by", "facility")
        },
    }
    put(desk, "map.json", json.dumps(said))
    put(desk, "a.csv", "Estado;Salida;Personas\nSV;2025-03-15;8\n")
    put(desk, "b.csv", "Estado;Salida;Personas;Otra\nSV;2025-03-15;8;x\n")
    put(desk, "a.jsonl", '{"Estado":"SV","Otra":1}')
    mapped = ("--map", "map.json", *TRANSFER)

    assert answer(desk, "import", "a.csv", *mapped)["separator"] == "semicolon"
    assert refused(desk, "b.csv", *mapped) == "import.unknown-heading"
    assert problems(desk, "a.jsonl", *mapped)[0] == (1, None, "import.not-in-map")


@pytest.mark.parametrize("kind", VERB_OF)
def test_a_template_of_every_kind_can_be_filled_in_and_imported(
    kind: str, after_departure: Desk
) -> None:
    desk = after_departure
    chosen = ("--kind", kind)
    found = answer(desk, "import", "--template", "t.xlsx", *chosen)
    book = load_workbook(desk.folder / "t.xlsx")
    headings = [cell.value for cell in book["rows"][1]]
    cells = {**ROWS[kind], "label": "x"}
    cells = {name: cell.replace("#second", "T-1") for name, cell in cells.items()}
    cells.pop("instrument", None)
    cells = {
        n: c.replace("|#notes", "").replace("#rival", "1") for n, c in cells.items()
    }
    if kind == "exit":
        cells |= {"transfer": "T-1", "split": "T-1=5"}
    if kind == "remark":
        cells["about"] = "T-1|1"
    if kind == "recovery":
        persons = ("--persons", "1", "--at", "2025-03-18")
        desk.done("end", "T-1", "--how", "escaped", *persons)
        cells["exit"] = "2"
    for number, heading in enumerate(headings, 1):
        book["rows"].cell(row=2, column=number, value=cells.get(str(heading)))
    book.save(desk.folder / "t.xlsx")

    assert found["columns"] == headings
    assert set(cells) <= set(map(str, headings))
    if kind == "receipt":
        desk.done(*REMARK)
    outcome = desk.run("import", "t.xlsx", *chosen)
    assert outcome.code == 0, outcome


def test_a_template_is_told_on_a_terminal_and_never_overwrites(desk: Desk) -> None:
    desk.columns = 80
    outcome = desk.done("import", "--template", "t.xlsx", *TRANSFER)

    assert outcome.out == "template written to t.xlsx\n"
    assert "import t.xlsx --kind transfer" in outcome.err
    assert desk.run("import", "--template", "t.xlsx", *TRANSFER).code == 3
    desk.columns = None
    assert desk.done("import", "--template", "u.xlsx", *TRANSFER).out == (
        "file\tkind\nu.xlsx\ttransfer\n"
    )


def test_columns_offer_what_their_members_allow() -> None:
    ask = anyone()
    offered: dict[str, Any] = {}
    for name in VERB_OF:
        kind = kind_of(ask, name)
        for column in kind.columns.values():
            offered[f"{name}.{column.name}"] = choices(kind, column)

    assert offered["transfer.renewable"] == ("yes", "no", "unknown")
    assert offered["transfer.status"] == (
        "official",
        "reported",
        "alleged",
        "disputed",
    )
    assert offered["transfer.term_reading"][0] == "fixed"
    assert "person_year" in offered["payment.per"]
    assert offered["exit.how"][0] == "released"
    assert offered["instrument.stage"] != offered["payment.stage"]
    assert "treaty" in offered["instrument.type"]
    assert "notice" in offered["remark.type"]
    assert offered["instrument.binding"] == ("yes", "no", "disputed", "unknown")
    assert offered["receipt.more_to_come"] == ("yes", "no")
    assert offered["transfer.group"] == ()


@pytest.mark.parametrize(
    ("metavar", "cell", "may"),
    [
        ("DATE", "03/04/2025", True),
        ("WHEN", "2025-03-15T17:26", True),
        ("WHEN", "Juan Pérez", False),
        ("N", "4.760", True),
        ("N", "A12345678", False),
        ("N", "123456789", False),
        ("STATE", "sv", True),
        ("STATE", "El Salvador", False),
        ("AMOUNT", "4.760.000,00 USD", True),
        ("AMOUNT", "Juan", False),
        ("TEXT", "x", False),
        ("WHO", "x", False),
        ("REF", ["T-1", "x"], True),
        ("N", None, False),
    ],
)
def test_a_value_is_shown_only_where_it_is_nobodys(
    metavar: str, cell: str | list[str] | None, *, may: bool
) -> None:
    assert (shown(metavar, cell) is not None) == may


def test_what_came_of_a_file_is_told_on_a_terminal(after_departure: Desk) -> None:
    desk = after_departure
    desk.columns = 100
    odd = [{**DEPARTURE, "persons": str(n)} for n in range(1, 40, 2)]
    put(desk, "a.csv", as_csv(odd))
    every = [{**DEPARTURE, "persons": str(n)} for n in range(1, 40)]
    put(desk, "b.csv", as_csv(every))

    assert (
        "20 rows of a.csv are recorded" in desk.done("import", "a.csv", *TRANSFER).out
    )
    checked = desk.done("import", "b.csv", *TRANSFER, "--dry-run").out
    assert "all 39 rows of b.csv can be recorded" in checked
    desk.now = desk.now.replace(day=19)
    outcome = desk.done("import", "b.csv", *TRANSFER)
    assert "19 rows of b.csv are recorded" in outcome.out
    assert "and 29 more stretches of rows" in outcome.out
    assert "the entries carry the book's time" in outcome.err


def test_an_answer_that_cannot_be_given_is_an_unknown_outcome(
    after_departure: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv([DEPARTURE]))

    def fail(*_: object) -> None:
        raise NotPermittedError("output.not-written")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.cli.import_report.show", fail)
        dry = desk.run("import", "a.csv", *TRANSFER, "--dry-run")
        outcome = desk.run("import", "a.csv", *TRANSFER)

    assert (dry.code, outcome.code) == (24, 7)
    assert "nothing will be recorded twice" in outcome.err
    assert answer(desk, "import", "a.csv", *TRANSFER)["found"] == 1


def test_an_import_stopped_by_a_person_leaves_nothing(
    after_departure: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = after_departure
    put(desk, "a.csv", as_csv([DEPARTURE, DEPARTURE, DEPARTURE]))
    before = desk.bytes()
    told = ProgressLine.__call__

    def stop(line: Any, progress: Any) -> None:
        told(line, progress)
        if progress.done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressLine, "__call__", stop)
    outcome = desk.run("import", "a.csv", *TRANSFER)

    assert outcome.code == 130
    assert "stopped at row 2" in outcome.err
    assert desk.bytes() == before
