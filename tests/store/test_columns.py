"""The law: what is kept in packed columns reads as it would from dictionaries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.store.columns import Column, Openings, Subjects, Threads

NUMBERS = st.one_of(st.integers(0, 40), st.integers(0, 2**63 - 1))
REFS = st.one_of(
    st.builds("{}-{}".format, st.sampled_from("TRI"), st.integers(1, 12)),
    st.builds("#{}".format, NUMBERS),
)


@settings(deadline=None)  # a far number fills what is before it
@given(st.lists(st.tuples(NUMBERS, st.integers(1, 2**63 - 1))))
def test_a_column_keeps_the_last_value_under_each_number(
    said: list[tuple[int, int]],
) -> None:
    column, plain = Column(), dict(said)
    for number, value in said:
        column[number] = value

    assert {number: column[number] for number in column} == plain
    assert list(column) == sorted(plain)
    assert all(column[n] == plain.get(n, 0) for n in range(-1, 50))


def test_a_number_that_was_kept_aside_is_found_when_the_column_reaches_it() -> None:
    column = Column()
    column[70_000] = 7
    for number in range(0, 80_000, 40_000):
        column[number] = 1

    assert [column[n] for n in (0, 40_000, 70_000, 70_001)] == [1, 1, 7, 0]
    column[70_001] = 8
    assert list(column) == [0, 40_000, 70_000, 70_001]


def test_a_number_too_large_for_eight_bytes_is_kept_aside_with_its_place() -> None:
    column = Column()
    column[0] = 2**63
    assert (column[0], list(column)) == (2**63, [0])

    column[3] = 5
    assert [column[n] for n in range(4)] == [2**63, 0, 0, 5]

    column[0] = 1
    assert [column[n] for n in range(4)] == [1, 0, 0, 5]


@given(st.lists(st.tuples(REFS, st.integers(0, 99))))
def test_a_thread_has_the_entries_of_a_reference_in_the_order_they_came(
    said: list[tuple[str, int]],
) -> None:
    threads, plain = Threads(), dict[str, list[int]]()
    for ref, seq in said:
        threads.setdefault(ref, []).append(seq)
        plain.setdefault(ref, []).append(seq)

    assert dict(threads) == plain
    assert len(threads) == len(plain)
    assert threads.get("T-99") is None


@given(st.lists(st.tuples(REFS, NUMBERS)))
def test_a_reference_is_given_by_the_entry_that_came_first(
    said: list[tuple[str, int]],
) -> None:
    openings, plain = Openings(), dict[str, int]()
    for ref, seq in said:
        openings.setdefault(ref, seq)
        plain.setdefault(ref, seq)

    assert dict(openings) == plain
    assert "T-99" not in openings


@given(st.dictionaries(NUMBERS, st.lists(REFS).map(tuple)))
def test_an_entry_concerns_what_it_was_said_to_concern(
    said: dict[int, tuple[str, ...]],
) -> None:
    subjects = Subjects()
    subjects.update(said)

    assert dict(subjects) == said
    assert subjects.get(-1) is None


def test_several_entries_can_be_put_on_a_thread_at_once() -> None:
    threads = Threads()
    threads["T-1"] = [3, 4]

    assert threads["T-1"] == [3, 4]


def test_what_is_there_stays() -> None:
    openings = Openings()
    openings["T-1"] = 1

    with pytest.raises(TypeError):
        del openings["T-1"]
