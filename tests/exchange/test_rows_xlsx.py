"""Rows of workbooks: what cells say, and what no workbook may make a reader do."""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ledger.errors import RefusedError
from ledger.exchange import rows_xlsx, xlsx_package
from ledger.exchange.rows import Row, Rows
from ledger.exchange.rows_xlsx import read_xlsx
from tests.exchange.workbooks import (
    packed,
    parts_of,
    saved,
    with_part,
    with_sheet,
    workbook,
)


def opened(content: bytes, *, sheet: str | None = None, first_line: int = 1) -> Rows:
    return read_xlsx(content, sheet=sheet, first_line=first_line)


def one_row(content: bytes) -> Row:
    (found,) = opened(content).each
    return found


def refusal(content: bytes, *, sheet: str | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        list(opened(content, sheet=sheet).each)
    return caught.value.code


def cell(value: Any, number_format: str | None = None) -> str:
    """Return what a workbook's cell is read as."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["a"])
    sheet["A2"] = value
    if number_format is not None:
        sheet["A2"].number_format = number_format
    return str(one_row(saved(book)).cells["a"])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("CECOT", "CECOT"),
        (" x ", " x "),
        (238, "238"),
        (238.0, "238"),
        (4760.5, "4760.5"),
        (1e300, "1e+300"),
        (True, "yes"),
        (False, "no"),
        (date(2025, 3, 15), "2025-03-15"),
        (datetime(2025, 3, 15, 17, 26), "2025-03-15T17:26"),  # noqa: DTZ001
        (datetime(2025, 3, 15, 17, 26, 5), "2025-03-15T17:26:05"),  # noqa: DTZ001
        (time(17, 26), "17:26:00"),
    ],
)
def test_a_cell_is_read_as_a_clerk_would_type_it(value: Any, read: str) -> None:
    assert cell(value) == read


def test_a_whole_number_with_a_fraction_of_nothing_is_whole() -> None:
    row = '<row r="2"><c r="A2"><v>238.0</v></c></row>'

    assert one_row(with_sheet(HEADING + row)).cells == {"a": "238"}


def test_midnight_is_a_time_only_where_a_time_is_shown() -> None:
    midnight = datetime(2025, 3, 15)  # noqa: DTZ001

    assert cell(midnight, "yyyy-mm-dd") == "2025-03-15"
    assert cell(midnight, "yyyy-mm-dd hh:mm") == "2025-03-15T00:00"


def test_rows_have_the_numbers_of_their_sheet() -> None:
    content = workbook([["about"], ["a", "b", None], [1, "x"], [None], ["", 2]])
    found = opened(content, first_line=2)

    assert (found.form, found.headings, found.sheet) == ("xlsx", ("a", "b"), "rows")
    assert [(row.number, row.cells) for row in found.each] == [
        (3, {"a": "1", "b": "x"}),
        (5, {"b": "2"}),
    ]


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "'-1", "+5", "@x"])
def test_a_text_that_nearly_was_a_formula_is_not_taken_for_the_value(
    text: str,
) -> None:
    """A cell that was marked as text, or that an apostrophe made harmless."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["a", "b"])
    sheet.append(["x", "'tis"])
    sheet["A2"].value, sheet["A2"].data_type = text, "s"
    sheet["A2"].quotePrefix = True
    found = one_row(saved(book))

    assert found.cells == {"a": text, "b": "'tis"}
    assert [fault.code for fault in found.faults] == ["import.formula"]
    assert one_row(workbook([["a"], [-1]])).faults == ()


def test_a_formula_or_an_error_is_refused_whatever_it_came_to() -> None:
    found = one_row(workbook([["a", "b"], ["=1+1", "#REF!"]]))

    assert [fault.code for fault in found.faults] == [
        "import.formula",
        "import.error-cell",
    ]
    assert [fault.values["column"] for fault in found.faults] == ["a", "b"]


def test_more_cells_than_headings_and_headings_again_are_refused() -> None:
    first, second = opened(workbook([["a", "b"], [1, 2, 3], ["a", "b"]])).each

    assert [fault.code for fault in first.faults] == ["import.extra-cells"]
    assert [fault.code for fault in second.faults] == ["import.heading-again"]


def test_the_only_sheet_to_read_is_read() -> None:
    rows: list[list[Any]] = [["a"], [1]]
    other: list[list[Any]] = [["b"], [2]]
    book = workbook(rows, _aside=other)

    assert opened(book).headings == ("a",)
    assert opened(workbook(rows, two=other), sheet="two").headings == ("b",)
    assert refusal(workbook(rows, two=other)) == "import.which-sheet"
    assert refusal(book, sheet="three") == "import.no-such-sheet"


def test_a_hidden_sheet_is_not_read_unless_it_is_named() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["a"])
    hidden = book.create_sheet("hidden")
    hidden.append(["b"])
    hidden.sheet_state = "hidden"

    assert opened(saved(book)).headings == ("a",)
    assert opened(saved(book), sheet="hidden").headings == ("b",)


def test_an_empty_sheet_has_no_headings() -> None:
    assert refusal(workbook([])) == "import.no-heading"
    assert refusal(workbook([[None, "a"]])) == "import.heading-empty"


# What no honest workbook is.


def test_what_is_no_workbook_is_refused() -> None:
    honest = workbook([["a"], [1]])

    assert refusal(b"PK\x03\x04garbage") == "import.workbook-broken"
    assert refusal(packed({"a.txt": b"x"})) == "import.not-a-workbook"
    assert refusal(honest[:-200]) == "import.workbook-broken"
    assert refusal(packed(parts_of(honest), how=zipfile.ZIP_BZIP2)) == (
        "import.not-a-workbook"
    )


def test_an_archive_with_a_password_is_refused() -> None:
    content = bytearray(workbook([["a"]]))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # general purpose flag of the central directory

    assert refusal(bytes(content)) == "import.not-a-workbook"


def test_an_archive_of_a_later_form_is_refused() -> None:
    content = bytearray(workbook([["a"]]))
    at = content.index(b"PK\x01\x02")
    content[at + 6] = 200  # version needed to extract

    assert refusal(bytes(content)) == "import.not-a-workbook"


def test_pictures_and_the_like_are_not_looked_at() -> None:
    content = with_part(workbook([["a"], [1]]), "xl/media/image1.png", b"\x89PNG")

    assert one_row(content).cells == {"a": "1"}


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = workbook([["a"], [1]])
    bomb = with_part(honest, "xl/theme/theme1.xml", b" " * (17 * 1024 * 1024))

    assert len(bomb) < 64 * 1024
    assert refusal(bomb) == "import.workbook-too-large"
    strings = with_part(honest, "xl/sharedStrings.xml", b" " * (33 * 1024 * 1024))
    assert refusal(strings) == "import.workbook-too-large"
    monkeypatch.setattr(xlsx_package, "LARGEST_WHOLE", 100)
    assert refusal(honest) == "import.workbook-too-large"


def test_a_part_that_says_too_little_of_its_size_is_not_unpacked_further() -> None:
    content = bytearray(workbook([["a"], [1]]))
    parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    sheet = next(p for p in parts if p.filename == "xl/worksheets/sheet1.xml")
    size = sheet.file_size.to_bytes(4, "little")
    content = bytearray(bytes(content).replace(size, (20).to_bytes(4, "little")))

    assert refusal(bytes(content)) == "import.workbook-broken"


def test_an_archive_of_too_many_parts_or_of_one_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = workbook([["a"]])
    out = io.BytesIO(honest)
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(out, "a") as package,
    ):
        package.writestr("xl/workbook.xml", b"<x/>")

    assert refusal(out.getvalue()) == "import.workbook-parts"
    monkeypatch.setattr(xlsx_package, "MOST_PARTS", 3)
    assert refusal(honest) == "import.workbook-parts"


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
)


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE x [{LAUGHS}]><x>&l9;</x>",
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        f"<!-- {'x' * 20_000} --><!DOCTYPE x><x/>",
    ],
)
@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"]
)
def test_a_document_type_definition_in_any_part_is_refused(
    doctype: str, part: str
) -> None:
    for encoding in ("utf-8", "utf-16"):
        content = with_part(workbook([["a"]]), part, doctype.encode(encoding))

        assert refusal(content) == "import.workbook-doctype"


def test_a_part_that_is_no_xml_or_never_begins_is_refused() -> None:
    honest = workbook([["a"]])
    for part in (b"garbage", b"", b"<?xml version='1.0'?>", b"<!--" + b"x" * 300_000):
        assert refusal(with_part(honest, "xl/styles.xml", part)) == (
            "import.workbook-broken"
        )


@pytest.mark.parametrize(
    "data",
    [
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="1"><c r="A1" t="n"><v>abc</v></c></row>',
        f'<row r="1"><c r="A1" t="n"><v>{"9" * 5000}</v></c></row>',
        '<row r="1"><c r="1A" t="n"><v>1</v></c></row>',
        '<row r="x"><c r="A1" t="n"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2025-02-30</v></c></row>',
        "<row",
    ],
)
def test_a_damaged_sheet_is_refused(data: str) -> None:
    assert refusal(with_sheet(data)) in {"import.workbook-broken", "import.no-heading"}


HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'


def test_a_row_beyond_the_last_of_a_sheet_is_refused_and_costs_little() -> None:
    far = '<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>'

    assert refusal(with_sheet(HEADING + far)) == "import.too-many-rows"


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_xlsx, "MOST_CELLS", 50_000)
    wide = "".join(
        f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 9)
    )

    assert refusal(with_sheet(HEADING + wide)) == "import.too-many-cells"


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    content = workbook([["a"], [1], [2]])
    sheet = parts_of(content)["xl/worksheets/sheet1.xml"]
    lying = sheet.replace(b'ref="A1:A3"', b'ref="A1:A1"')
    assert lying != sheet

    found = opened(with_part(content, "xl/worksheets/sheet1.xml", lying))
    assert [row.cells for row in found.each] == [{"a": "1"}, {"a": "2"}]


HONEST = workbook([["a", "b"], [1, "x"], [date(2025, 3, 15), "=1"]])
PARTS = parts_of(HONEST)


def flipped(content: bytes, flips: list[tuple[int, int]]) -> bytes:
    changed = bytearray(content)
    for at, value in flips:
        changed[at % len(changed)] = value
    return bytes(changed)


def is_read_or_refused(content: bytes) -> bool:
    try:
        list(opened(content).each)
    except RefusedError as error:
        return error.code.startswith("import.")
    return True


FLIPS = st.lists(
    st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(flips=FLIPS)
def test_a_workbook_with_flipped_bytes_is_read_or_refused(
    flips: list[tuple[int, int]],
) -> None:
    assert is_read_or_refused(flipped(HONEST, flips))


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(PARTS)), flips=FLIPS)
def test_a_workbook_with_flipped_bytes_in_a_part_is_read_or_refused(
    name: str, flips: list[tuple[int, int]]
) -> None:
    content = packed({**PARTS, name: flipped(PARTS[name], flips)})

    assert is_read_or_refused(content)
