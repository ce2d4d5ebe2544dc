"""Files of refused rows: the same columns and what is wrong, or no file at all."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import NotPermittedError, RefusedError
from ledger.exchange.rejects import Rejects
from tests.surroundings import files, files_of_at_most


def test_refused_rows_are_written_with_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "mend.csv"
    with Rejects(path, form="xlsx", headings=["a", "problem", "b"]) as rejects:
        rejects.write({"a": "1\n2", "b": ["x", "y"], "problem": "old"}, problem="new")
        assert not path.exists()
        rejects.write({"a": "=1+1", "b": "\ud800"}, problem="-x")
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))

    assert found == [
        ["a", "b", "problem"],
        ["1\n2", "x|y", "new"],
        ["'=1+1", "\\ud800", "'-x"],
    ]
    assert files(tmp_path) == {"mend.csv"}


def test_refused_lines_of_json_are_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "mend.jsonl"
    with Rejects(path, form="jsonl", headings=[]) as rejects:
        rejects.write({"a": ["x"], "b": "=1"}, problem="p")

    assert json.loads(path.read_text()) == {"a": ["x"], "b": "=1", "problem": "p"}


def test_where_no_row_was_refused_there_is_no_file(tmp_path: Path) -> None:
    with Rejects(tmp_path / "mend.csv", form="csv", headings=["a"]):
        pass
    with Rejects(None, form="csv", headings=["a"]) as rejects:
        rejects.write({"a": "1"}, problem="p")

    assert files(tmp_path) == set()


def written(path: Path, *texts: str, then: Callable[[], None] = lambda: None) -> None:
    """Write rows to a file, and do something before it is finished."""
    with Rejects(path, form="csv", headings=["a"]) as rejects:
        for text in texts:
            rejects.write({"a": text}, problem="p")
        then()


def test_nothing_is_left_of_a_file_that_was_not_finished(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "mend.csv", "1", then=stop)

    assert files(tmp_path) == set()


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mend.csv"
    path.write_text("mine")
    for taken in (path, Path()):
        with pytest.raises(RefusedError, match=r"file\.exists"):
            Rejects(taken, form="csv", headings=["a"])
    path.unlink()
    with pytest.raises(RefusedError, match=r"file\.exists"):
        written(path, "1", then=path.touch)

    assert path.read_text() == ""
    assert files(tmp_path) == {"mend.csv"}


def test_a_folder_that_takes_no_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotPermittedError):
        written(tmp_path / "nowhere" / "mend.csv", "1")
    path = tmp_path / "mend.csv"
    for most, texts in ((100_000, ("x" * 99_000,) * 2), (10, ("x" * 100,))):
        with files_of_at_most(most), pytest.raises(NotPermittedError):
            written(path, *texts)

    assert files(tmp_path) == set()
