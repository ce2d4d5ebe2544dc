"""Parts that exits emptied after their last day, against a count by hand."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.custody import pool_of
from ledger.domain.overstays import Overstay, emptied_late, ended_overstays
from tests.domain.counted_terms import received, term
from tests.office import Office

ON = date(2026, 6, 1)
Told = tuple[date | None, int, int, date]


def emptied(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Told]:
    """Return the last day, the persons and the last evening of each emptied part."""
    found = emptied_late(pool_of(office.history, ref), ref, on=on)
    persons = [each.part.persons for each in found]
    return [
        (each.part.last_day, n.least, n.most, each.until)
        for each, n in zip(found, persons, strict=True)
    ]


def ended(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Overstay]:
    return list(ended_overstays(pool_of(office.history, ref), ref, on=on))


def test_who_left_on_the_day_after_the_last_was_not_held_past_it() -> None:
    office = received(5)
    office.exit(["T-1"], 5, "2026-03-16")

    assert emptied(office) == []
    assert ended(office) == []


def test_who_left_a_day_later_was_held_one_day_past_it() -> None:
    office = received(5)
    seq = office.exit(["T-1"], 5, "2026-03-17").seq

    assert emptied(office) == [(date(2026, 3, 15), 5, 5, date(2026, 3, 16))]
    assert ended(office) == [Overstay(seq, days=1, sure=True)]


def test_it_is_not_empty_before_the_exit_nor_while_somebody_is_left() -> None:
    office = received(5)
    office.exit(["T-1"], 2, "2026-03-20")
    office.exit(["T-1"], 3, "2026-04-20")

    assert emptied(office, on=date(2026, 4, 19)) == []
    assert emptied(office, on=date(2026, 4, 20)) == [
        (date(2026, 3, 15), 3, 3, date(2026, 4, 19))
    ]


def test_a_part_that_a_renewal_of_the_same_day_extends_is_not_emptied() -> None:
    office = received(5)
    office.exit(["T-1"], 2, "2026-03-20")
    office.renewal("T-1", 3, agreed_on="2026-03-20")

    assert emptied(office) == []


def test_what_is_left_after_a_renewal_of_some_can_be_emptied() -> None:
    office = received(5)
    office.renewal("T-1", 3, agreed_on="2026-03-18")
    office.exit(["T-1"], 2, "2026-03-20", part="2026-03-15")

    assert emptied(office) == [(date(2026, 3, 15), 2, 2, date(2026, 3, 19))]


def test_who_stayed_past_an_end_that_a_renewal_set_earlier_was_held_past_it() -> None:
    office = received(5)
    office.renewal("T-1", 5, agreed_on="2025-06-01", until="2025-12-31")
    seq = office.exit(["T-1"], 5, "2026-01-11").seq

    assert emptied(office) == [(date(2025, 12, 31), 5, 5, date(2026, 1, 10))]
    assert ended(office) == [Overstay(seq, days=10, sure=True)]


def test_a_renewal_in_days_may_begin_and_end_before_the_old_end() -> None:
    office = received(5)
    members = {"from": "2025-07-01", "length": "P10D"}
    office.renewal("T-1", 5, agreed_on="2025-06-01", **members)
    seq = office.exit(["T-1"], 5, "2025-07-13").seq

    assert emptied(office) == [(date(2025, 7, 10), 5, 5, date(2025, 7, 12))]
    assert ended(office) == [Overstay(seq, days=2, sure=True)]


def test_without_a_last_day_nobody_is_held_past_one() -> None:
    office = received(5, term={"reading": "indefinite"})
    office.exit(["T-1"], 5, "2026-01-11")

    assert emptied(office) == []
    assert ended(office) == []


def test_a_pool_that_leaves_open_who_left_empties_no_part_for_sure() -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer(term=term(length="P1M"))
        office.receipt(ref, 238)
    office.exit(["T-1", "T-2"], 238, "2026-03-20")

    assert emptied(office) == []
    office.exit(["T-1", "T-2"], 238, "2026-04-20")
    assert emptied(office) == [(date(2025, 4, 15), 0, 238, date(2026, 4, 19))]


def test_in_a_pool_it_is_sure_of_none_that_somebody_of_it_left_late() -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer(term=term(length="P1M"))
        office.receipt(ref, 238)
    seq = office.exit(["T-1", "T-2"], 238, "2025-04-20").seq

    assert ended(office) == [Overstay(seq, days=4, sure=False)]
    # By the next exit all of both are gone; of each somebody may have been there.
    last = office.exit(["T-1", "T-2"], 238, "2025-04-21").seq
    assert ended(office)[-1] == Overstay(last, days=5, sure=False)


def test_who_left_another_transfer_late_ended_no_overstay_of_this_one() -> None:
    office = Office()
    for ref in ("T-1", "T-2"):
        office.transfer(term=term(length="P1M"))
        office.receipt(ref, 238)
    office.exit(["T-1", "T-2"], 1, "2025-04-10")
    seq = office.exit(["T-2"], 237, "2025-04-20").seq

    assert ended(office) == []
    assert [each.seq for each in ended(office, "T-2")] == [seq]


def test_of_one_person_who_left_late_it_is_sure_on_the_day_of_the_exit() -> None:
    office = received(1)
    seq = office.exit(["T-1"], 1, "2026-03-18").seq

    assert ended(office, on=date(2026, 3, 18)) == [Overstay(seq, days=2, sure=True)]
    assert ended(office, on=date(2026, 3, 17)) == []


def test_who_left_when_the_own_term_had_just_ended_ended_no_overstay() -> None:
    office = received(5)
    office.renewal("T-1", 2, agreed_on="2026-03-01", until="2026-04-02")
    office.exit(["T-1"], 2, "2026-04-03", part="2026-04-02")

    assert ended(office) == []
    assert emptied(office) == []


def test_persons_who_died_on_the_way_empty_what_was_counted_from_the_departure() -> (
    None
):
    office = Office()
    office.transfer(term=term(length="P1M"))
    seq = office.exit(["T-1"], 238, "2025-06-01", how="died").seq

    assert emptied(office) == [(date(2025, 4, 14), 238, 238, date(2025, 5, 31))]
    assert ended(office) == [Overstay(seq, days=47, sure=True)]


def test_an_arrival_on_the_day_of_an_exit_makes_another_part() -> None:
    office = Office()
    office.transfer(term=term(length="P1M"))
    office.receipt("T-1", 238, arrived="2025-06-01", admitted="2025-06-01")
    office.exit(["T-1"], 1, "2025-06-01")

    assert emptied(office) == []


def test_of_several_parts_the_one_that_was_longest_over_counts() -> None:
    office = received(5)
    office.renewal("T-1", 2, agreed_on="2026-03-01", until="2026-03-31")
    office.renewal("T-1", 1, agreed_on="2026-03-02", until="2026-09-30")
    seq = office.exit(["T-1"], 5, "2026-04-03").seq

    assert ended(office) == [Overstay(seq, days=18, sure=True)]
    assert [(end, until) for end, _, _, until in emptied(office)] == [
        (date(2026, 3, 15), date(2026, 4, 2)),
        (date(2026, 3, 31), date(2026, 4, 2)),
    ]


def test_who_left_a_part_in_time_ended_no_overstay_of_another() -> None:
    office = received(5)
    office.renewal("T-1", 2, agreed_on="2026-03-01")
    office.exit(["T-1"], 2, "2026-04-03", part="2027-03-15")

    assert ended(office) == []
    assert emptied(office) == []


CAME = (date(2025, 1, 1), date(2025, 1, 11))
ENDS = (date(2025, 1, 31), date(2025, 2, 10))
left = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(1, 3)), max_size=5
)


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(1, 4), st.integers(1, 4)), left)
def test_a_part_is_emptied_late_by_its_own_last_exit_if_that_is_after_its_end(
    came: tuple[int, int], leaving: list[tuple[int, int, int]]
) -> None:
    office = Office()
    office.transfer(
        persons={"n": sum(came), "qualifier": "exact"},
        departures=[{"at": "2025-01-01"}],
        term=term(length="P1M"),
    )
    for n, day in zip(came, CAME, strict=True):
        more = {"more_to_come": True} if day == CAME[0] else {}
        office.receipt("T-1", n, arrived=str(day), admitted=str(day), **more)
    evenings: dict[int, date] = {}
    rest = list(came)
    for number, after, asked in sorted(leaving, key=lambda exit_: exit_[1]):
        n = min(asked, rest[number])
        if n:
            day = date(2025, 2, 1) + timedelta(after)
            office.exit(["T-1"], n, str(day), part=str(ENDS[number]))
            rest[number] -= n
            evenings[number] = day - timedelta(days=1)

    expected = [
        (ENDS[number], evenings[number])
        for number in (0, 1)
        if not rest[number] and evenings[number] > ENDS[number]
    ]
    assert sorted((each[0], each[3]) for each in emptied(office)) == expected
