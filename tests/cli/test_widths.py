from hypothesis import given
from hypothesis import strategies as st

from ledger.cli.widths import EDGE, GAP, allotted

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
