"""Maps of columns: shipped ones, and files that are none."""

import json
from typing import Any

import pytest

from ledger.errors import MalformedError, NotFoundError
from ledger.exchange.column_map import (
    SCHEMA,
    ColumnMap,
    read_map,
    shipped,
    shipped_map,
)
from ledger.exchange.rows import Row


def spelled(**members: Any) -> bytes:
    return json.dumps({"schema": SCHEMA, "columns": {}, **members}).encode()


def test_without_a_map_every_heading_is_a_column() -> None:
    plain = ColumnMap()

    assert plain.column("group-by") == plain.column("group_by") == "group_by"
    assert plain.apply(Row(2, {"group-by": "US"})) == {"group_by": "US"}
    assert not plain.leaves_out(Row(2, {}))


def test_a_map_renames_adds_and_translates() -> None:
    said = read_map(
        spelled(
            kind="transfer",
            first_line=7,
            columns={"Country": "to", "Split": "split"},
            every_row={"from": "US"},
            values={"to": {"EL SALVADOR": "SV"}, "split": {"x": "y"}},
            others="leave-out",
            without={"Double": ["yes", ""]},
        )
    )
    row = Row(8, {"Country": "EL SALVADOR", "Split": ["x", "z"], "Sex": "F"})

    assert (said.kind, said.first_line, said.others) == ("transfer", 7, "leave-out")
    assert said.apply(row) == {"from": "US", "to": "SV", "split": ["y", "z"]}
    assert said.column("Sex") is None
    assert said.leaves_out(row)
    assert said.leaves_out(Row(9, {"Double": "yes"}))
    assert not said.leaves_out(Row(9, {"Double": "no"}))


def test_a_word_of_no_code_stays_as_it_is() -> None:
    said = read_map(spelled(columns={"c": "to"}, values={"to": {"A": "B"}}))

    assert said.apply(Row(2, {"c": "ATLANTIS"})) == {"to": "ATLANTIS"}


@pytest.mark.parametrize(
    ("content", "code", "member"),
    [
        (b"", "import.not-a-map", None),
        (b"[" * 100_000, "import.not-a-map", None),
        (b"\xff", "import.not-a-map", None),
        (b"[]", "import.not-a-map", None),
        (b'{"schema":"another/1"}', "import.not-a-map", None),
        (spelled(surprise=1), "import.bad-map", "/"),
        (spelled(kind=1), "import.bad-map", "/kind"),
        (spelled(first_line=0), "import.bad-map", "/first_line"),
        (spelled(first_line=101), "import.bad-map", "/first_line"),
        (spelled(first_line=True), "import.bad-map", "/first_line"),
        (spelled(columns=[]), "import.bad-map", "/columns"),
        (spelled(columns={"a": 1}), "import.bad-map", "/columns"),
        (spelled(every_row={"a": None}), "import.bad-map", "/every_row"),
        (spelled(values={"a": "b"}), "import.bad-map", "/values"),
        (spelled(others="guess"), "import.bad-map", "/others"),
        (spelled(without={"a": "b"}), "import.bad-map", "/without"),
        (spelled(without={"a": [1]}), "import.bad-map", "/without"),
    ],
)
def test_what_is_no_map_is_refused(
    content: bytes, code: str, member: str | None
) -> None:
    with pytest.raises(MalformedError) as caught:
        read_map(content)

    assert caught.value.code == code
    assert caught.value.values.get("member") == member


def test_the_shipped_maps_are_of_the_deportation_data_project() -> None:
    assert shipped() == ["ddp-removals", "ddp-removals-raw"]
    for name in shipped():
        said = shipped_map(name)
        assert said.kind == "transfer"
        assert said.others == "leave-out"
        # One row is one person: nothing of the person is taken over.
        assert set((said.columns or {}).values()) == {"departed", "to"}


@pytest.mark.parametrize("name", ["nothing", "", "../ddp-removals", "DDP", "a\0"])
def test_a_map_that_is_not_shipped_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError, match=r"import\.no-such-map"):
        shipped_map(name)
