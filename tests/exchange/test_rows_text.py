"""Rows of text files: CSV and JSON Lines, in stated or marked encodings."""

import codecs
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, RefusedError, UsageError
from ledger.exchange import rows, text_lines
from ledger.exchange.rows import Row, Rows, check_headings, form_of
from ledger.exchange.rows_csv import read_csv
from ledger.exchange.rows_jsonl import read_jsonl
from ledger.exchange.text_lines import lines_of


def csv_rows(
    content: bytes | str,
    *,
    encoding: str | None = None,
    first_line: int = 1,
    known: Sequence[str] = ("a", "b", "c"),
) -> Rows:
    data = content.encode() if isinstance(content, str) else content
    return read_csv(
        io.BytesIO(data),
        encoding=encoding,
        first_line=first_line,
        knows=known.__contains__,
    )


def cells(found: Rows) -> list[dict[str, object]]:
    return [dict(row.cells) for row in found.each]


def codes(row: Row) -> list[str]:
    return [fault.code for fault in row.faults]


def refusal(content: bytes | str, **settings: str) -> LedgerError:
    """Return why a CSV file as a whole is refused."""
    with pytest.raises((RefusedError, UsageError)) as caught:
        list(csv_rows(content, encoding=settings.get("encoding")).each)
    return caught.value


def test_a_file_is_known_by_its_first_bytes() -> None:
    assert form_of(b"PK\x03\x04rest") == "xlsx"
    assert form_of(b"a,b\n") == "csv"
    assert form_of(b'\xef\xbb\xbf {"a":1}') == "jsonl"
    assert form_of("\ufeff\n{}".encode("utf-16-le")) == "jsonl"
    for start, code in ((b"\xd0\xcf\x11\xe0", "old-workbook"), (b" \n", "empty")):
        with pytest.raises(RefusedError, match=rf"import\.{code}"):
            form_of(start)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_are_separated_by_commas_semicolons_or_tabs(
    separator: str, end: str
) -> None:
    lines = (separator.join(line) for line in (["a", "b"], ["1", "x y"], ["", "2"]))
    found = csv_rows(end.join(lines))

    assert found.headings == ("a", "b")
    assert cells(found) == [{"a": "1", "b": "x y"}, {"b": "2"}]
    assert found.form == "csv"
    assert found.sheet is None


def test_known_headings_decide_what_separates_cells() -> None:
    assert csv_rows("a;b,c\n", known=["a", "b,c"]).headings == ("a", "b,c")
    assert csv_rows("a,b;c\n", known=["a", "b;c"]).headings == ("a", "b;c")
    # Where none is known, the most columns.
    assert csv_rows("x;y;z,\n").headings == ("x", "y", "z,")
    assert csv_rows("a\n1\n").read_as == {"encoding": "utf-8", "separator": "comma"}


def test_excel_may_state_its_separator() -> None:
    found = csv_rows("sep=;\r\na,;b\r\n1;2\r\n")

    assert found.headings == ("a,", "b")
    assert [row.number for row in found.each] == [3]


def test_a_cell_in_quotes_holds_lines_separators_and_quotes() -> None:
    found = csv_rows('a,b\n"1\n2","x,""y"""\n3,4\n')

    assert [(row.number, dict(row.cells)) for row in found.each] == [
        (2, {"a": "1\n2", "b": 'x,"y"'}),
        (3, {"a": "3", "b": "4"}),
    ]


def test_rows_without_a_cell_are_passed_over_and_counted() -> None:
    assert [row.number for row in csv_rows("a,b\n\n,\n1,2\n").each] == [4]


def test_lines_above_the_headings_are_passed_over() -> None:
    found = csv_rows('about\n"\na,b\n1,2\n', first_line=3)

    assert [(row.number, dict(row.cells)) for row in found.each] == [
        (4, {"a": "1", "b": "2"})
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('a,b\n"1,2\n3,4\n', "import.open-quote"),
        ('a,b\n"1"x,2\n', "import.csv-broken"),
        ("a,b\n1\r2,3\n", "import.csv-broken"),
        ('"a,b\n', "import.csv-broken"),
        ("a,b\n" + "x" * 200_000 + ",2\n", "import.csv-broken"),
        ("\n1,2\n", "import.no-heading"),
        (",,\n", "import.no-heading"),
        ("a,,b\n", "import.heading-empty"),
        ("a,b,a\n", "import.heading-twice"),
        (",".join(f"c{n}" for n in range(201)), "import.too-many-columns"),
        ("a,b\n1,\0\n", "import.nul"),
        ("a,b\n1," + "x" * 1_100_000, "import.line-too-long"),
        (b"a,b\n1,caf\xe9\n", "import.not-utf-8"),
        (b"a,b\n1,\x80\n", "import.not-utf-8"),
        (b"a,b\n1,2\xe2\x82", "import.not-utf-8"),
        ("a,b\n1,2\n".encode("utf-16-le"), "import.nul"),
        ("a,b\n".encode("utf-32"), "import.utf-32"),
        ("a,b\n".encode("utf-16")[:-1], "import.not-in-encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes | str, code: str) -> None:
    assert refusal(content).code == code


def test_a_refusal_names_the_row_and_never_what_stands_there() -> None:
    broken = refusal('a,b\n1,2\nname,"a person\n')
    undecoded = refusal(b"a,b\n1,2\nAndr\xe9,3\n")
    twice = refusal("a,a person,a person\n")

    assert broken.values == {"row": 3}
    assert undecoded.values == {"line": 3}
    assert twice.values == {"first": 2, "position": 3}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_marked_encodings_are_recognised(encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    found = csv_rows(f"{mark}a,b\n1,ñ\n".encode(encoding))

    assert cells(found) == [{"a": "1", "b": "ñ"}]
    assert found.read_as["encoding"] == encoding[:6].rstrip("-")


@pytest.mark.parametrize(("encoding", "codec"), text_lines.ENCODINGS.items())
def test_an_encoding_may_be_stated(encoding: str, codec: str) -> None:
    content = "a,b\n1,ñ\n".encode(codec)

    assert cells(csv_rows(content, encoding=encoding)) == [{"a": "1", "b": "ñ"}]


def test_a_stated_encoding_must_be_one_that_is_read_and_fit_the_mark() -> None:
    marked = codecs.BOM_UTF8 + b"a,b\n"

    assert refusal(b"a,b\n", encoding="utf-7").code == "usage.not-one-of"
    assert refusal(marked, encoding="latin-1").code == "import.other-encoding"
    assert csv_rows(marked, encoding="utf-8").headings == ("a", "b")
    assert refusal(b"a,b\n", encoding="utf-16").code == "import.no-mark"
    assert refusal(b"a\x81\n", encoding="windows-1252").code == "import.not-in-encoding"


def test_a_long_file_is_read_in_pieces() -> None:
    text = "a,b\n" + "1,ñé\n" * 40_000
    found = csv_rows(text)

    assert sum(1 for row in found.each if row.cells["b"] == "ñé") == 40_000
    broken = text.encode() + b"\xff\n"
    assert refusal(broken).values == {"line": 40_002}


@given(st.lists(st.text(st.characters(exclude_characters="\0\n", codec="utf-8"))))
def test_lines_come_back_as_they_were_written(lines: list[str]) -> None:
    content = "\ufeff" + "".join(f"{line}\n" for line in lines)
    found = lines_of(io.BytesIO(content.encode()), encoding="utf-8")

    assert "".join(found) == content.removeprefix("\ufeff")


def test_what_is_wrong_with_a_row_is_kept_with_it() -> None:
    found = list(csv_rows("a,b\n1\n1,2,3\na,b\n=1+1,@x\n1,2,\n-1,+2\n").each)

    assert [codes(row) for row in found] == [
        ["import.missing-cells"],
        ["import.extra-cells"],
        ["import.heading-again"],
        ["import.formula", "import.formula"],
        [],
        ["import.formula", "import.formula"],
    ]
    assert found[3].faults[0].values == {"column": "a"}
    assert found[3].faults[1].values == {"column": "b"}


def test_a_formula_that_was_made_harmless_is_not_taken_for_the_value() -> None:
    """`--csv` and `--rejects` put an apostrophe before such cells."""
    found = list(csv_rows("a,b\n'=1+1,'-1\n'tis,l'oro\n").each)

    assert [codes(row) for row in found] == [["import.formula", "import.formula"], []]


def test_empty_headings_at_the_end_are_none() -> None:
    assert check_headings(["a", "b", "", ""]) == ("a", "b")


def test_a_file_has_at_most_as_many_rows_as_a_sheet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 2)

    assert refusal("a,b\n1,2\n3,4\n").code == "import.too-many-rows"
    with pytest.raises(RefusedError, match=r"import\.too-many-rows"):
        list(read_jsonl(io.BytesIO(b'{"a":1}\n' * 3), encoding=None).each)


def json_rows(text: str) -> list[Row]:
    found = read_jsonl(io.BytesIO(text.encode()), encoding=None)
    assert (found.form, found.headings) == ("jsonl", ())
    return list(found.each)


def test_an_object_a_line_is_a_row() -> None:
    found = json_rows('{"a":"x","b":[1,"y"],"c":12}\n\n{"a":true,"b":false,"c":null}')

    assert [(row.number, row.cells) for row in found] == [
        (1, {"a": "x", "b": ["1", "y"], "c": "12"}),
        (3, {"a": "yes", "b": "no"}),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("[1]", "import.not-an-object"),
        ('"a"', "import.not-an-object"),
        ("nul", "import.not-json"),
        ('{"a":1', "import.not-json"),
        ('{"a":1}{"a":2}', "import.not-json"),
        ('{"a":"\t"}', "import.not-json"),
        ('{"a":1,"a":2}', "json.duplicate-member"),
        ('{"a":1.5}', "json.float"),
        ('{"a":1e3}', "json.float"),
        ('{"a":NaN}', "json.float"),
        ('{"a":-Infinity}', "json.float"),
        (f'{{"a":{"9" * 5000}}}', "json.integer-too-big"),
        ('{"a":' + "[" * 100_000, "import.nested"),
        ('{"a":{"b":1}}', "import.nested"),
        ('{"a":[[1]]}', "import.nested"),
        ('{"a":[null]}', "import.nested"),
        ('{"a":[true]}', "import.nested"),
        (
            "{" + ",".join(f'"c{n}":1' for n in range(201)) + "}",
            "import.too-many-columns",
        ),
    ],
)
def test_a_line_that_is_no_row_is_refused_and_the_others_are_read(
    line: str, code: str
) -> None:
    first, second = json_rows(f'{line}\n{{"a":"x"}}\n')

    assert codes(first) == [code]
    assert second.cells == {"a": "x"}
