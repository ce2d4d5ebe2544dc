import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cli.widths import (
    EDGE,
    GAP,
    LONGEST_WORD,
    allotted,
    narrowest,
    stacked,
)
from tests.cli.desk import INIT, Desk, answer

columns = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=12
)


@given(columns, st.integers(20, 300))
def test_no_column_is_wider_than_its_cells_nor_narrower_than_a_word(
    drawn: list[tuple[int, int]], room: int
) -> None:
    least = [low for low, _ in drawn]
    natural = [low + more for low, more in drawn]
    needed = EDGE + sum(GAP + low for low in least)
    wanted = EDGE + sum(GAP + width for width in natural)

    widths = allotted(natural, least, room=room)

    if needed > room:
        assert widths is None
        return
    assert widths is not None
    taken = EDGE + sum(GAP + width for width in widths)
    assert taken == min(room, wanted)
    assert all(
        low <= width <= most
        for low, width, most in zip(least, widths, natural, strict=True)
    )


def test_the_widest_column_gives_way_first() -> None:
    assert allotted([10, 4, 10], [2, 2, 2], room=1 + 9 + 20) == [8, 4, 8]
    assert allotted([10, 4], [2, 4], room=1 + 6 + 6) == [2, 4]
    assert allotted([10, 4], [3, 4], room=1 + 6 + 6) is None


MARK = f"SHA256:{'A' * 42}/"


@pytest.mark.parametrize("columns", [50, 52, 60, 63, 80, 100, 120])
def test_a_fingerprint_stays_whole_on_one_line(desk: Desk, columns: int) -> None:
    marks = [row["fingerprint"] for row in answer(desk, "key", "list")["keys"]]
    desk.columns = columns

    drawn = desk.done("key", "list").out.splitlines()

    assert all(len(line.rstrip()) <= columns for line in drawn)
    assert all(any(mark in line.split() for line in drawn) for mark in marks)


def test_init_shows_whole_fingerprints_at_eighty_columns(bare: Desk) -> None:
    bare.columns = 80

    drawn = bare.done(*INIT, "--yes").out

    assert len(re.findall("SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])", drawn)) == 4


def test_what_must_stay_whole_is_a_fingerprint_or_a_word() -> None:
    assert narrowest(MARK) == len(MARK)
    assert narrowest("x" * 64) == LONGEST_WORD
    assert narrowest("a few words") == len("words")
    assert narrowest("") == 0


def test_values_stand_below_their_headings_where_they_must() -> None:
    said = stacked(
        ["what", "mark", "empty"],
        [["a b", MARK, ""], ["c " * 30, MARK, "d"]],
        room=52,
    )

    assert said.split("\n\n")[0].splitlines() == [
        *("what  a b", "mark", f"  {MARK}", "empty")
    ]
    assert said.split("\n\n")[1].splitlines()[1].startswith("  c c")
    assert f"\n{MARK}\n" in stacked(["mark"], [[MARK]], room=50)
