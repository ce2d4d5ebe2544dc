"""An empty workbook to be filled in and imported: headings, lists, date cells.

Cells of texts are texts, so that no spreadsheet turns `1/2` into a day or 0012 into
12; cells of days are days. What a column may hold is offered as a list.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final, Literal

from msgspec import Struct

from ledger.exchange.rows import MOST_ROWS
from ledger.exchange.rows_xlsx import ASIDE

ROWS: Final = "rows"
_DAYS: Final = ("DATE(1900,1,1)", "DATE(9999,12,31)")
_WIDEST: Final = 28


class TemplateColumn(Struct, frozen=True):
    """One column of the workbook.

    Attributes:
        name: Its heading.
        takes: What its cells are.
        choices: What may be chosen; empty if anything may be written.
        explained: What it means, in words.
        form: How it is written (`DATE`).
        required: Whether it must be filled in, in words.
    """

    name: str
    takes: Literal["text", "day"]
    choices: Sequence[str]
    explained: str
    form: str
    required: str


def write_template(
    columns: Sequence[TemplateColumn], *, about: Sequence[str], now: datetime
) -> bytes:
    """Return the workbook.

    Args:
        columns: Its columns.
        about: The headings of the sheet that explains them: column, form, required,
            meaning.
        now: When it is made, UTC.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - start-up

    book = Workbook()
    book.properties.created = now.replace(tzinfo=None)
    book.properties.creator = "transfer-ledger"
    rows: Any = book.active
    rows.title = ROWS
    rows.freeze_panes = "A2"
    lists = book.create_sheet(f"{ASIDE}lists")
    lists.sheet_state = "hidden"
    for number, column in enumerate(columns, 1):
        _add(rows, lists, column, number=number)
    _explain(book.create_sheet(f"{ASIDE}columns"), columns, about)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _add(rows: Any, lists: Any, column: TemplateColumn, *, number: int) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415 - start-up
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - same
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    letter = get_column_letter(number)
    head = rows.cell(row=1, column=number, value=column.name)
    head.font = Font(bold=bool(column.required))
    dimension = rows.column_dimensions[letter]
    dimension.width = min(max(len(column.name), 10) + 2, _WIDEST)
    # The format of a whole column holds for its cells that are still empty.
    dimension.number_format = "yyyy-mm-dd" if column.takes == "day" else "@"
    rule = None
    if column.choices:
        for place, choice in enumerate(column.choices, 1):
            lists.cell(row=place, column=number, value=choice)
        last = len(column.choices)
        source = f"{lists.title}!${letter}$1:${letter}${last}"
        rule = DataValidation(type="list", formula1=source, allow_blank=True)
    elif column.takes == "day":
        first, last_day = _DAYS
        rule = DataValidation(
            type="date", operator="between", formula1=first, formula2=last_day
        )
    if rule is not None:
        rule.showErrorMessage = True
        rule.add(f"{letter}2:{letter}{MOST_ROWS}")
        rows.add_data_validation(rule)


def _explain(
    sheet: Any, columns: Sequence[TemplateColumn], about: Sequence[str]
) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415 - start-up

    sheet.append(list(about))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in columns:
        sheet.append([column.name, column.form, column.required, column.explained])
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = _WIDEST
    sheet.column_dimensions["D"].width = 100
