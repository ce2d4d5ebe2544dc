"""Files of rows on disk: opened once, digested, and the same until the end."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import NotFoundError, NotPermittedError, RefusedError
from ledger.exchange import source_file
from ledger.exchange.rows import Rows
from ledger.exchange.source_file import SourceFile, Traced, open_source
from tests.exchange.workbooks import workbook


def rows_of(source: SourceFile) -> Rows:
    return source.rows(
        encoding=None, sheet=None, first_line=1, knows=lambda name: name == "a"
    )


@pytest.mark.parametrize(
    ("content", "form", "lines"),
    [
        (b"a\n1\n", "csv", 2),
        (b'{"a":1}\n', "jsonl", 1),
        (workbook([["a"], [1]]), "xlsx", 0),
    ],
)
def test_a_file_is_known_digested_and_read(
    content: bytes, form: str, lines: int, tmp_path: Path
) -> None:
    path = tmp_path / "rows.txt"
    path.write_bytes(content)
    with open_source(path) as source:
        found = [row.cells for row in rows_of(source).each]
        source.check_unchanged()
        again = [row.cells for row in rows_of(source).each]
        source.check_unchanged()

    assert (source.name, source.form, source.lines) == ("rows.txt", form, lines)
    assert source.sha256 == sha256(content).hexdigest()
    assert found == again == [{"a": "1"}]


def test_a_file_that_is_written_to_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    with open_source(path) as source:
        path.write_text("a\n2\n")
        assert [row.cells for row in rows_of(source).each] == [{"a": "2"}]
        with pytest.raises(RefusedError, match=r"import\.changed"):
            source.check_unchanged()


def test_what_is_no_regular_file_of_a_known_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a.csv")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (tmp_path / "empty").touch()
    for name, code in (
        ("link", "file.unfit"),
        ("pipe", "file.unfit"),
        (".", "file.unfit"),
        ("old.xls", "import.old-workbook"),
        ("empty", "import.empty"),
    ):
        with pytest.raises(RefusedError) as caught, open_source(tmp_path / name):
            pass
        assert caught.value.code == code
    with pytest.raises(NotFoundError), open_source(tmp_path / "nothing"):
        pass


def test_a_file_has_a_largest_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "1\n" * 100)
    monkeypatch.setattr(source_file, "LARGEST_TEXT", 100)

    with pytest.raises(RefusedError, match=r"file\.unfit"), open_source(path):
        pass


def test_a_file_that_cannot_be_read_on_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    with path.open("ab") as file, pytest.raises(NotPermittedError):
        Traced(file).read(1)
