"""Derived rows against stored ones: each finding says all that it knows."""

from collections.abc import Collection

from ledger.audit import Finding, differences

COLUMNS = ("seq", "ref", "n", "hash")
KEY = ("ref", "n")


def compare_rows(
    table: str,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    *,
    expected: Collection[tuple[object, ...]],
    found: Collection[tuple[object, ...]],
) -> list[Finding]:
    cells, extra = differences(table, columns, key, expected=expected, found=found)
    return [*cells, *extra]


def test_a_column_that_differs_is_one_finding_of_the_projections() -> None:
    found = compare_rows(
        "movement",
        COLUMNS,
        KEY,
        expected=[(4, "T-2", 1, b"\x0a")],
        found=[(4, "T-2", 1, b"\x0b")],
    )

    assert found == [
        Finding(
            4,
            "projections",
            "column-differs",
            ref="T-2",
            table="movement",
            field="hash",
            expected="0a",
            found="0b",
            row="ref=T-2, n=1",
        )
    ]


def test_rows_after_a_missing_one_are_compared_too() -> None:
    found = compare_rows(
        "movement",
        COLUMNS,
        KEY,
        expected=[(1, "T-1", 0, b""), (2, "T-1", 1, b""), (3, "T-1", 2, b"")],
        found=[(9, "T-1", 1, b""), (3, "T-1", 2, b""), (3, "T-1", 3, b"")],
    )

    assert found == [
        Finding(
            1,
            "projections",
            "row-missing",
            ref="T-1",
            table="movement",
            field="n",
            expected="ref=T-1, n=0",
            row="ref=T-1, n=0",
        ),
        Finding(
            2,
            "projections",
            "column-differs",
            ref="T-1",
            table="movement",
            field="seq",
            expected="2",
            found="9",
            row="ref=T-1, n=1",
        ),
        Finding(
            3,
            "projections",
            "row-extra",
            ref="T-1",
            table="movement",
            field="n",
            found="ref=T-1, n=3",
            row="ref=T-1, n=3",
        ),
    ]


def test_a_row_that_is_found_by_its_entry_is_named_by_it() -> None:
    columns, key = ("book", "seq", "ref"), ("seq", "ref")
    missing = compare_rows("m", columns, key, expected=[(1, 5, "T-1")], found=[])
    extra = compare_rows("m", columns, key, expected=[], found=[(1, 5, "T-1")])

    assert [(f.field, f.expected, f.found) for f in missing + extra] == [
        ("seq", "seq=5, ref=T-1", None),
        ("seq", None, "seq=5, ref=T-1"),
    ]


def test_what_is_no_entry_number_and_no_reference_names_nothing() -> None:
    (found,) = compare_rows("m", COLUMNS, KEY, expected=[], found=[("x", 7, 0, b"")])

    assert (found.seq, found.ref) == (None, None)
