"""Days without authority, person by person, against a count by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.beginnings import Gap, Part
from ledger.domain.custody import Pool, pool_of
from ledger.domain.explaining_terms import explain_term
from ledger.domain.overstays import (
    emptied_late,
    over_already,
    overstay,
    person_days_from,
    stretches,
)
from ledger.domain.ranges import Range
from ledger.domain.staying import evenings
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.domain.counted_terms import received, term
from tests.office import Office

ONE = timedelta(days=1)
ON = date(2025, 6, 2)
END = date(2025, 4, 28)
"""The last day of a month that begins with the admission on 29 March."""


def late(n: int = 20) -> Office:
    """Return a book of persons whose term of one month ended on 28 April."""
    return received(n, day="2025-03-29", term=term(length="P1M"))


def over(office: Office, *, on: date = ON, ref: str = "T-1") -> list[tuple[str, int]]:
    """Return the last day and the person-days of each part that is over."""
    pool = pool_of(office.history, ref)
    found = []
    for part in parts(pool, ref, on=on):
        counted = overstay(pool, ref, part, on=on)
        if counted is not None:
            assert counted[1].exact
            found.append((str(part.last_day), counted[1].most))
    return found


def gaps(office: Office, *, on: date = ON) -> list[Gap]:
    """Return the days without authority before renewals."""
    pool = pool_of(office.history, "T-1")
    return [
        period.gap
        for part in parts(pool, "T-1", on=on)
        for period in part.periods
        if period.gap is not None
    ]


def test_a_renewal_agreed_after_its_own_end_is_over_since_that_end() -> None:
    office = late()
    members: dict[str, Json] = {"from": "2025-04-29", "until": "2025-05-28"}
    office.renewal("T-1", 20, agreed_on="2025-06-01", **members)

    assert over(office) == [("2025-05-28", 5 * 20)]
    assert gaps(office) == [Gap(date(2025, 4, 29), date(2025, 5, 28))]


def test_a_gap_ends_with_the_agreement_where_the_new_end_comes_later() -> None:
    office = late()
    office.renewal("T-1", 20, agreed_on="2025-05-10", until="2025-05-28")

    assert over(office) == [("2025-05-28", 5 * 20)]
    assert gaps(office) == [Gap(date(2025, 4, 29), date(2025, 5, 9))]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        # The 28th is over in El Salvador at 06:00 UTC on the 29th.
        (datetime(2025, 5, 29, 5, 59, tzinfo=UTC), None),
        (datetime(2025, 5, 29, 6, 0, tzinfo=UTC), date(2025, 5, 28)),
    ],
)
def test_a_new_period_is_over_when_its_last_day_is_in_the_deciding_zone(
    now: datetime, last: date | None
) -> None:
    office = late()
    seq = office.renewal("T-1", 12, agreed_on="2025-05-10", until="2025-05-28").seq
    pool = pool_of(office.history, "T-1")

    assert over_already(pool, "T-1", seq, now=now) == last
    assert over_already(pool, "T-1", seq - 1, now=now) is None


def test_who_moved_on_takes_the_gap_along() -> None:
    office = late()
    office.renewal("T-1", 12, agreed_on="2025-06-02", until="2025-05-05")

    assert over(office) == [("2025-04-28", 35 * 8), ("2025-05-05", 28 * 12)]
    assert gaps(office) == [Gap(date(2025, 4, 29), date(2025, 5, 5))]


def test_a_renewal_that_moves_the_end_forward_takes_the_gaps_beyond_it_along() -> None:
    office = late()
    office.renewal("T-1", 20, agreed_on="2025-05-10", until="2025-05-28")
    office.renewal("T-1", 20, agreed_on="2025-05-20", until="2025-05-03")

    assert over(office) == [("2025-05-03", 30 * 20)]
    assert gaps(office) == [Gap(date(2025, 4, 29), date(2025, 5, 3))]
    office.renewal("T-1", 20, agreed_on="2025-05-30", until="2025-04-20")
    assert over(office) == [("2025-04-20", 43 * 20)]
    assert gaps(office) == []


def test_who_left_counts_until_the_day_of_the_exit_in_the_part_that_was_left() -> None:
    office = late()
    office.exit(["T-1"], 5, "2025-05-10")
    office.renewal("T-1", 12, agreed_on="2025-05-20", until="2025-05-28")
    office.exit(["T-1"], 2, "2025-05-31", part="2025-05-28")

    # Three are still in the old part, of which five left on the eleventh day after
    # its end; of those who moved on, two were there on two more evenings.
    assert over(office) == [
        ("2025-04-28", 35 * 3 + 11 * 5),
        ("2025-05-28", 5 * 10 + 2 * 2),
    ]


def test_who_escaped_and_came_back_counts_on_the_days_before_and_after() -> None:
    office = late(10)
    exit_ = office.exit(["T-1"], 4, "2025-05-03", how="escaped").seq
    office.recovery(exit_, 4, "2025-05-13")
    office.renewal("T-1", 10, agreed_on="2025-05-20", until="2025-05-28")
    pool = pool_of(office.history, "T-1")
    (part,) = parts(pool, "T-1", on=ON)

    # Since the end of the renewal all ten; before it they were of two parts.
    assert over(office) == [("2025-05-28", 50)]
    found = evenings(pool, "T-1", part, first=date(2025, 5, 1), on=ON)
    assert found == [
        (date(2025, 5, 1), date(2025, 5, 12), Range(6, 6)),
        (date(2025, 5, 13), ON, Range(10, 10)),
    ]


def test_nobody_is_asked_for_after_the_last_evening() -> None:
    pool = pool_of(late().history, "T-1")
    (part,) = parts(pool, "T-1", on=ON)

    assert evenings(pool, "T-1", part, first=ON + ONE, on=ON) == []


def test_who_came_by_a_later_flight_is_there_from_its_departure_on() -> None:
    office = Office()
    office.transfer(
        persons={"n": 7, "qualifier": "exact"},
        departures=[{"at": "2025-03-15", "persons": 3}, {"at": "2025-03-20"}],
        term={"reading": "until_date", "until": "2025-03-10"},
    )
    office.receipt("T-1", 5, arrived="2025-03-22", admitted="2025-03-22")
    office.receipt("T-1", 4, arrived="2025-03-24", admitted="2025-03-24")
    pool = pool_of(office.history, "T-1")
    found = parts(pool, "T-1", on=date(2025, 3, 25))

    # Three departed first, then four; the last two came beyond those who departed.
    # They began on two days, so they are two parts.
    days = [overstay(pool, "T-1", part, on=date(2025, 3, 25)) for part in found]
    assert [each and each[1].most for each in days] == [
        3 * 11 + 2 * 6,
        2 * 6 + 2 * 2,
    ]


def test_who_is_still_on_the_way_is_of_those_who_departed_last() -> None:
    office = Office()
    office.transfer(
        persons={"n": 7, "qualifier": "exact"},
        departures=[{"at": "2025-03-15", "persons": 3}, {"at": "2025-03-20"}],
        term={"reading": "until_date", "until": "2025-03-10"},
    )
    office.receipt("T-1", 5, arrived="2025-03-22", more_to_come=True)
    pool = pool_of(office.history, "T-1")
    (waiting,) = [p for p in parts(pool, "T-1", on=ON) if p.provisional]

    assert evenings(pool, "T-1", waiting, first=date(2025, 3, 11), on=ON) == [
        (date(2025, 3, 20), ON, Range(2, 2))
    ]


def test_the_account_of_a_late_renewal_has_no_day_twice() -> None:
    office = late()
    office.renewal("T-1", 20, agreed_on="2025-06-01", until="2025-05-28")
    pool = pool_of(office.history, "T-1")
    said = {each.code: each.values for each in explain_term(pool, "T-1", on=ON)}

    gap = {"first": "2025-04-29", "last": "2025-05-28", "n": 30}
    assert said["renewal.gap"] == gap
    segment = {"first": "2025-05-29", "last": "2025-06-02", "days": 5, "n": 20}
    assert said["over.segment"] == segment
    assert said["over.person-days"] == {"n": 100}


@dataclass
class Person:
    """One person of the count by hand.

    Attributes:
        end: The last authorised day.
        gaps: Days without authority before renewals.
        ended: Whose words moved the end: the entries.
        left: The day of the exit.
    """

    end: date
    gaps: set[date] = field(default_factory=set)
    ended: tuple[int, ...] = ()
    left: date | None = None

    def there(self, *, on: date) -> Iterator[date]:
        """Yield the evenings in custody."""
        day = date(2025, 3, 29)
        while day <= on and (self.left is None or day < self.left):
            yield day
            day += ONE

    def renew(self, seq: int, agreed: date, until: date) -> None:
        """Move the end."""
        day = self.end + ONE
        while day < agreed and day <= until:
            self.gaps.add(day)
            day += ONE
        self.gaps = {day for day in self.gaps if day <= until}
        self.end, self.ended = until, (*self.ended, seq)


Act = tuple[int, bool, int, int]
"""Days since the last act, whether it is a renewal, how many, and a new end."""
acts = st.lists(
    st.tuples(
        st.integers(0, 20), st.booleans(), st.integers(1, 6), st.integers(-25, 40)
    ),
    max_size=6,
)


def played(n: int, told: list[Act]) -> tuple[Office, list[Person]]:
    """Return a book of a transfer, and each person of it."""
    office, persons = late(n), [Person(END) for _ in range(n)]
    day = date(2025, 4, 10)
    for after, renews, asked, further in told:
        day += timedelta(after + 1)
        here = [each for each in persons if each.left is None]
        if not here:
            break
        # In the order of the ends: a renewal takes the first, an exit the last.
        here.sort(key=lambda each: each.end, reverse=not renews)
        some = here[: min(asked, len(here))]
        if renews:
            until = max(date(2025, 3, 30), day + timedelta(further))
            # Of two parts that end on one day nobody says which an exit empties.
            while until in {each.end for each in persons}:
                until += ONE
            day_of: dict[str, Json] = {"until": str(until)}
            seq = office.renewal("T-1", len(some), agreed_on=str(day), **day_of).seq
            for each in some:
                each.renew(seq, day, until)
        else:
            office.exit(["T-1"], len(some), str(day))
            for each in some:
                each.left = day
    return office, persons


def key(part: Part) -> tuple[date | None, tuple[int, ...]]:
    """Return what makes a part another than the others in these books."""
    return part.last_day, tuple(period.seq for period in part.periods)


def every_part(pool: Pool, *, on: date) -> list[Part]:
    """Return the parts that anybody was ever in, as they were last."""
    days = sorted(date(2025, 3, 29) + timedelta(n) for n in range((on - END).days + 60))
    found = {
        key(part): part
        for day in days
        if day <= on
        for part in parts(pool, "T-1", on=day)
    }
    return list(found.values())


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 8), acts, st.integers(0, 120))
def test_each_day_without_authority_is_counted_once(
    n: int, told: list[Act], after: int
) -> None:
    office, persons = played(n, told)
    on = END + timedelta(after)
    # What is agreed later is not known on the day.
    pool = pool_of(office.history, "T-1")
    on = max([on, *(i.record.agreed_on for i in pool.cases["T-1"].renewals)])
    rows = {key(part): part for part in parts(pool, "T-1", on=on)}
    counted = 0
    for part in every_part(pool, on=on):
        mine = [each for each in persons if (each.end, each.ended) == key(part)]
        past = [d for each in mine for d in each.there(on=on) if d > each.end]
        assert part.last_day is not None
        found = person_days_from(pool, "T-1", part, first=part.last_day + ONE, on=on)
        assert found == Range(len(past), len(past))
        counted += found.most
        if key(part) in rows:
            row = overstay(pool, "T-1", part, on=on)
            assert (row is None) == (on <= part.last_day)
            assert row is None or row[1] == found
        for gap in (period.gap for period in part.periods):
            if gap is not None:
                assert gap.last <= part.last_day
                found = _within(pool, part, gap, on=on)
                counted += found.most
    without = sum(
        day > each.end or day in each.gaps
        for each in persons
        for day in each.there(on=on)
    )
    assert counted == without


def _within(pool: Pool, part: Part, gap: Gap, *, on: date) -> Range:
    """Return the person-days of a part in a gap, as they are known on a day."""
    whole = person_days_from(pool, "T-1", part, first=gap.first, on=on)
    after = person_days_from(pool, "T-1", part, first=gap.last + ONE, on=on)
    return Range(whole.least - after.least, whole.most - after.most)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2))
def test_in_a_pool_the_bounds_hold_whoever_left(
    mine: int, others: int, gone: int, before: int
) -> None:
    """Each way to share out an exit of two transfers, followed by a partial renewal."""

    def book(split: tuple[int, int] | None) -> Pool:
        office = Office()
        for ref, n in (("T-1", mine), ("T-2", others)):
            departures: Json = [{"at": "2025-03-29"}]
            office.transfer(
                persons={"n": n, "qualifier": "exact"},
                departures=departures,
                term=term(length="P1M"),
            )
            office.receipt(ref, n, arrived="2025-03-29", admitted="2025-03-29")
        day = str(date(2025, 5, 2) + timedelta(before * 10))
        left = min(gone, mine + others)
        if split is None:
            office.exit(["T-1", "T-2"], left, day)
        else:
            for ref, n in zip(("T-1", "T-2"), split, strict=True):
                if n:
                    office.exit([ref], n, day)
        office.renewal("T-1", 2, agreed_on="2025-05-15", until="2025-05-20")
        return pool_of(office.history, "T-1")

    pool = book(None)
    told = {key(p): overstay(pool, "T-1", p, on=ON) for p in parts(pool, "T-1", on=ON)}
    left = min(gone, mine + others)
    ways = [(k, left - k) for k in range(left + 1) if k <= mine and left - k <= others]
    reached: dict[object, list[int]] = {each: [] for each in told}
    for way in ways:
        one = book(way)
        for part in parts(one, "T-1", on=ON):
            # The renewal has another number where the exit was told in two entries.
            (same,) = [each for each in told if len(each[1]) == part.renewals]
            counted = overstay(one, "T-1", part, on=ON)
            assert counted is not None
            reached[same].append(counted[1].most)
    for each, found in told.items():
        assert found is not None
        assert found[1].least <= min(reached[each], default=0)
        assert max(reached[each], default=0) <= found[1].most


@pytest.mark.parametrize(("n", "expected"), [(20, []), (12, [END])])
def test_a_part_that_was_left_late_is_emptied_whether_others_moved_on_or_not(
    n: int, expected: list[date]
) -> None:
    office = late()
    office.renewal("T-1", n, agreed_on="2025-05-10", until="2025-07-28")
    office.exit(["T-1"], 8, "2025-05-20", **({} if n == 20 else {"part": str(END)}))
    pool = pool_of(office.history, "T-1")

    assert [e.part.last_day for e in emptied_late(pool, "T-1", on=ON)] == expected


def test_between_an_escape_of_all_and_their_return_there_is_no_stretch() -> None:
    office = late(4)
    exit_ = office.exit(["T-1"], 4, "2025-05-03", how="escaped").seq
    office.recovery(exit_, 4, "2025-05-13")
    pool = pool_of(office.history, "T-1")
    (part,) = parts(pool, "T-1", on=ON)

    assert evenings(pool, "T-1", part, first=date(2025, 5, 1), on=ON) == [
        (date(2025, 5, 1), date(2025, 5, 2), Range(4, 4)),
        (date(2025, 5, 13), ON, Range(4, 4)),
    ]


def test_who_came_back_and_left_on_one_day_stayed_no_evening() -> None:
    office = late(4)
    exit_ = office.exit(["T-1"], 1, "2025-05-03", how="escaped").seq
    office.recovery(exit_, 1, "2025-05-13")
    office.exit(["T-1"], 4, "2025-05-13")
    pool = pool_of(office.history, "T-1")
    (part,) = parts(pool, "T-1", on=date(2025, 5, 12))

    assert evenings(pool, "T-1", part, first=date(2025, 5, 2), on=ON) == [
        (date(2025, 5, 2), date(2025, 5, 2), Range(4, 4)),
        (date(2025, 5, 3), date(2025, 5, 12), Range(3, 3)),
    ]


def test_a_day_on_which_as_many_left_as_came_back_ends_no_stretch() -> None:
    office = late(4)
    exit_ = office.exit(["T-1"], 1, "2025-05-03", how="escaped").seq
    office.recovery(exit_, 1, "2025-05-13")
    office.exit(["T-1"], 1, "2025-05-13")
    pool = pool_of(office.history, "T-1")
    (part,) = parts(pool, "T-1", on=ON)

    assert evenings(pool, "T-1", part, first=date(2025, 5, 3), on=ON) == [
        (date(2025, 5, 3), ON, Range(3, 3))
    ]


def test_after_the_last_day_that_is_asked_for_nothing_changes() -> None:
    pool = pool_of(late().history, "T-1")

    assert list(stretches(pool, "T-1", first=ON + ONE, on=ON)) == []
