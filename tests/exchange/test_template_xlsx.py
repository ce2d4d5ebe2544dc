"""Templates: workbooks in which texts stay texts and days are days."""

import io
from datetime import UTC, datetime
from typing import Any

from openpyxl import load_workbook

from ledger.exchange.rows_xlsx import read_xlsx
from ledger.exchange.template_xlsx import TemplateColumn, write_template

COLUMNS = [
    TemplateColumn("how", "text", ("released", "died"), "how it ended", "HOW", "yes"),
    TemplateColumn("part", "day", (), "its last day", "DATE", ""),
    TemplateColumn("place", "text", (), "where", "TEXT", ""),
]
ABOUT = ["column", "form", "required", "meaning"]


def made() -> Any:
    now = datetime(2025, 3, 15, tzinfo=UTC)
    return load_workbook(io.BytesIO(write_template(COLUMNS, about=ABOUT, now=now)))


def test_a_template_has_headings_lists_and_day_cells() -> None:
    book = made()
    sheet = book["rows"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}

    assert [cell.value for cell in sheet[1]] == ["how", "part", "place"]
    assert [cell.font.bold for cell in sheet[1]] == [True, False, False]
    assert rules["A2:A1048576"].formula1 == "_lists!$A$1:$A$2"
    assert [cell.value for cell in book["_lists"]["A"]] == ["released", "died"]
    assert rules["B2:B1048576"].type == "date"
    assert sheet.column_dimensions["B"].number_format == "yyyy-mm-dd"
    assert sheet.column_dimensions["C"].number_format == "@"
    assert len(rules) == 2


def test_a_template_explains_its_columns_beside_them() -> None:
    book = made()
    found = [[cell.value for cell in row] for row in book["_columns"].iter_rows()]

    assert found == [
        ABOUT,
        ["how", "HOW", "yes", "how it ended"],
        ["part", "DATE", None, "its last day"],
        ["place", "TEXT", None, "where"],
    ]
    assert book["_lists"].sheet_state == "hidden"


def test_a_template_is_read_as_a_file_without_rows() -> None:
    now = datetime(2025, 3, 15, tzinfo=UTC)
    content = write_template(COLUMNS, about=ABOUT, now=now)
    found = read_xlsx(content, sheet=None, first_line=1)

    assert found.headings == ("how", "part", "place")
    assert list(found.each) == []
