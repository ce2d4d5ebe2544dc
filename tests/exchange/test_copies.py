"""Copies of entries in files that left an office, read as hostile."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import (
    LedgerError,
    MalformedError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
)
from ledger.exchange import copies
from ledger.exchange.copies import (
    Digest,
    entry_in_bundle,
    entry_in_summary,
    is_bundle,
    is_database,
)

BOOK = "us.example/book"
HEADER = {"schema": "transfer-ledger/bundle/1", "book": BOOK, "from": 2, "to": 5}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def bundle(file: Path, *lines: bytes, **members: Any) -> Path:
    file.write_bytes(b"\n".join([json.dumps({**HEADER, **members}).encode(), *lines]))
    return file


@pytest.mark.parametrize(
    ("seq", "found"),
    [
        (1, None),
        (2, b"two \xc3\xa9\n"),
        (3, b"three \xff"),
        (4, b"lone \xed\xa0\x80"),
        (5, None),
    ],
)
def test_an_entry_is_the_string_in_its_line(
    seq: int, found: bytes | None, file: Path
) -> None:
    lines = (
        b'"two \\u00e9\\n"',
        b'"three \\udcff"',
        b'"lone \\ud800"',
        b'"checkpoint"',
    )

    assert is_bundle(bundle(file, *lines))
    assert entry_in_bundle(file, book=BOOK, seq=seq) == found


@pytest.mark.parametrize("line", [b'"broken', b"[1]", b"[" * 10_000, b"\xff"])
def test_a_line_that_is_no_string_is_the_entry_as_it_stands(
    line: bytes, file: Path
) -> None:
    bundle(file, line, b'"x"')

    assert entry_in_bundle(file, book=BOOK, seq=2) == line + b"\n"


def test_a_bundle_that_was_cut_has_no_such_entry(file: Path) -> None:
    bundle(file, b'"two"')

    assert entry_in_bundle(file, book=BOOK, seq=4) is None


@pytest.mark.parametrize(
    ("members", "kind", "code"),
    [
        ({"book": "sv.example/book"}, RefusedError, "compare.another-book"),
        ({"from": "2"}, MalformedError, "compare.bundle-header"),
        ({"to": None}, MalformedError, "compare.bundle-header"),
    ],
)
def test_a_bundle_of_something_else_is_refused(
    members: dict[str, Any], kind: type[LedgerError], code: str, file: Path
) -> None:
    with pytest.raises(kind) as caught:
        entry_in_bundle(bundle(file, **members), book=BOOK, seq=2)

    assert caught.value.code == code


def test_a_line_without_end_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LONGEST_LINE", 200)
    bundle(file, b'"two"', b'"' + b"x" * 300)

    with pytest.raises(RefusedError) as caught:
        entry_in_bundle(file, book=BOOK, seq=4)
    assert (caught.value.code, caught.value.values) == (
        "compare.line-too-long",
        {"seq": 3},
    )


@pytest.mark.parametrize("text", [b"", b"x", b"[1]", b"[" * 100_000, b'{"schema":1}'])
def test_other_files_are_no_bundles(text: bytes, file: Path) -> None:
    file.write_bytes(text)

    assert not is_bundle(file)
    assert not is_database(file)


def test_a_database_is_known_by_its_beginning(file: Path) -> None:
    file.write_bytes(copies.SQLITE + b"x")

    assert is_database(file)


def summary(file: Path, **members: Any) -> Path:
    document = {
        "schema": "transfer-ledger/summary/1",
        "scope": {"book": BOOK},
        "books": [{"entries": 9}],
        "entries": [{"seq": 0, "leaf": "00"}, {"seq": True, "leaf": "11"}, 7],
        "transfers": [
            {"ref": "T-1", "entries": [{"seq": 1, "leaf": "aa"}, {"seq": 3}]},
            {"ref": "T-2", "entries": "none"},
        ],
        "payments": [{"seq": 1, "amount": "5.00"}],
        "corrections": [
            {"seq": 4, "target": 1, "changes": [{"path": "/text", "old": "a"}]},
            {"seq": 5, "target": 2, "changes": [{"path": "/text"}]},
        ],
    }
    file.write_text(json.dumps({**document, **members}))
    return file


def said(file: Path, seq: int) -> Digest | None:
    return entry_in_summary(file, book=BOOK, seq=seq, refs={"T-1": 1})


def test_a_summary_says_the_leaf_and_what_it_knows(file: Path) -> None:
    found = said(summary(file), 1)

    assert found is not None
    assert (found.leaf, found.size) == ("aa", 9)
    assert [name for name, _ in found.rows] == ["payments", "transfers"]
    assert found.changes == (("/text", "a"),)


def test_what_a_summary_does_not_list_is_absent(file: Path) -> None:
    assert said(summary(file), 2) is None
    assert said(summary(file), 3) is None
    assert said(summary(file, transfers=None, entries={}), 1) is None


def test_a_summary_without_a_size_knew_nothing(file: Path) -> None:
    found = said(summary(file, books=[{"entries": "9"}]), 0)

    assert found == Digest("00", size=0, rows=(), changes=())


@pytest.mark.parametrize(
    ("members", "kind", "code"),
    [
        ({"schema": "other"}, MalformedError, "compare.unknown-file"),
        ({"scope": {"book": "x"}}, RefusedError, "compare.another-book"),
        ({"scope": [1]}, RefusedError, "compare.another-book"),
    ],
)
def test_a_summary_of_something_else_is_refused(
    members: dict[str, Any], kind: type[LedgerError], code: str, file: Path
) -> None:
    with pytest.raises(kind) as caught:
        said(summary(file, **members), 1)

    assert caught.value.code == code


def test_what_is_no_regular_file_is_not_read(file: Path) -> None:
    link, pipe = file.with_name("link"), file.with_name("pipe")
    link.symlink_to(file)
    os.mkfifo(pipe)
    for path in (link, pipe, file.parent):
        with pytest.raises(RefusedError) as caught:
            is_database(path)
        assert caught.value.code == "compare.not-a-file"
    with pytest.raises(NotFoundError):
        is_database(file)
    with pytest.raises(NotPermittedError):
        is_database(file.with_name("n" * 300))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = ("entries", "transfers", "payments", "corrections", "books")


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
@settings(max_examples=100)
def test_a_summary_of_any_shape_is_an_answer(members: dict[str, Any]) -> None:
    with TemporaryDirectory() as name:
        found = said(summary(Path(name) / "file", **members), 1)

    assert found is None or found.leaf == "aa"
