"""Sums per person: examples by hand, laws, and every allocation there is."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.compensation import accrue_total, years
from ledger.domain.custody import Pool, pool_of
from ledger.domain.earning import Earning, earning_of
from ledger.domain.money import Money
from ledger.domain.ranges import Group, Leaving, Range
from ledger.domain.ratedays import Stretch
from ledger.domain.rates import bounds_of
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.domain.allocating import allocations, gone_by
from tests.office import Office

CAME = date(2025, 1, 1)
ON = date(2025, 2, 25)
Exit = tuple[tuple[int, ...], int, int]  # numbers of the transfers, day, persons


def rate(per: str, amount: str = "1.00", basis: str | None = None) -> dict[str, Json]:
    """Return a sum per person."""
    agreed: dict[str, Json] = {"amount": amount, "currency": "USD", "per": per}
    return agreed if basis is None else {**agreed, "basis": basis}


def persons(n: int) -> Json:
    """Return an exact count."""
    return {"n": n, "qualifier": "exact"}


def received(n: int, agreed: dict[str, Json], **members: Json) -> Office:
    """Return an office with a transfer that was received on 2025-03-16, for a year."""
    office = Office()
    office.transfer(compensation=agreed, persons=persons(n), **members)
    office.receipt("T-1", n)
    return office


def earned(office: Office, on: date, ref: str = "T-1") -> Earning:
    """Return what a transfer has earned."""
    found = earning_of(pool_of(office.history, ref), ref, on=on)
    assert found is not None
    return found


def amounts(found: Earning) -> tuple[str, str]:
    """Return the exact sums of days with authority and of days without."""
    assert found.accrued[0] == found.accrued[1]
    assert found.beyond is not None
    assert found.beyond[0] == found.beyond[1]
    return found.accrued[0].amount, found.beyond[0].amount


def rows(found: Earning) -> list[tuple[str, str, int, bool, bool]]:
    """Return the stretches: first day, last day, persons at most, right, carried."""
    assert found.rated is not None
    return [
        (
            each.first.isoformat(),
            (each.stop - timedelta(days=1)).isoformat(),
            each.persons.most,
            each.authorised,
            each.carried,
        )
        for each in found.rated.stretches
    ]


def test_a_long_overstay_is_counted_apart_day_by_day() -> None:
    """238 persons, last day 2026-03-15, on 2026-04-01: 17 days, 4,046 person-days."""
    found = earned(received(238, rate("person_day")), date(2026, 4, 1))

    assert amounts(found) == ("86870.00", "4046.00")
    assert found.person_days == Range(238 * 365, 238 * 365)
    assert found.beyond_days == Range(4046, 4046)
    assert rows(found) == [
        ("2025-03-16", "2026-03-15", 238, True, False),
        ("2026-03-16", "2026-04-01", 238, False, False),
    ]


def test_twenty_thousand_a_year_for_252_of_238_and_more_until_july() -> None:
    """238 persons for 124 days at 20,000.00 a year: 124/365 of 4,760,000.00."""
    office = received(238, rate("person_year", "20000.00", "ACT/365"))
    office.exit(["T-1"], 238, "2025-07-18")

    assert amounts(earned(office, date(2025, 12, 20))) == ("1617095.89", "0.00")


def test_a_renewal_with_another_sum_earns_it_from_its_first_day() -> None:
    office = received(10, rate("person_day"))
    office.renewal("T-1", 4, compensation=rate("person_day", "2.00"))

    found = earned(office, date(2026, 3, 17))

    assert amounts(found) == (f"{10 * 365 + 4 * 2 * 2}.00", f"{6 * 2}.00")
    assert found.last == date(2027, 3, 15)
    assert rows(found)[1:] == [
        ("2026-03-01", "2026-03-15", 10, True, False),
        ("2026-03-16", "2026-03-17", 6, False, False),
        ("2026-03-16", "2026-03-17", 4, True, False),
    ] or sorted(rows(found))[-2:] == [
        ("2026-03-16", "2026-03-17", 4, True, False),
        ("2026-03-16", "2026-03-17", 6, False, False),
    ]


def test_a_renewal_without_a_sum_goes_on_at_the_former_and_says_so() -> None:
    office = received(10, rate("person_day"))
    office.renewal("T-1", 10)
    office.renewal("T-1", 10, compensation=rate("person_day", "3.00"), length="P1M")
    office.renewal("T-1", 10, length="P1M")

    found = earned(office, date(2026, 3, 20))

    assert found.rated is not None
    assert found.rated.carried
    assert amounts(found) == ("3700.00", "0.00")
    later = earned(office, date(2027, 5, 1))
    assert later.rated is not None
    assert later.rated.stretches[-1].sum.terms.money.amount == "3.00"
    assert later.rated.stretches[-1].carried


def test_a_gap_before_a_renewal_has_no_authority_even_afterwards() -> None:
    office = received(2, rate("person_day"))
    office.renewal("T-1", 2, agreed_on="2026-03-20", length="P1Y")
    office.renewal(
        "T-1", 2, **{"agreed_on": "2027-03-01", "from": "2027-03-20", "length": "P1M"}
    )

    assert amounts(earned(office, date(2026, 3, 25))) == ("742.00", "8.00")
    found = earned(office, date(2027, 3, 21))
    assert found.beyond_days == Range(2 * 4 + 2 * 4, 2 * 4 + 2 * 4)
    assert found.rated is not None
    assert sum(each.days for each in found.rated.stretches) == 365 * 2 + 6


@pytest.mark.parametrize(
    "agreed",
    [
        {"amount": "9.00", "currency": "USD", "per": "total"},
        {"amount": "9.00", "currency": "EUR", "per": "person_day"},
    ],
)
def test_a_renewal_whose_sum_cannot_be_compared_earns_nothing_and_is_named(
    agreed: dict[str, Json],
) -> None:
    office = received(2, rate("person_day"))
    seq = office.renewal("T-1", 1, compensation=agreed).seq

    found = earned(office, date(2026, 3, 17))

    assert found.rated is not None
    assert found.rated.other_sums == (seq,)
    assert amounts(found) == ("730.00", "2.00")


def test_an_alleged_renewal_changes_no_sum() -> None:
    office = received(2, rate("person_day"))
    dearer = rate("person_day", "9.00")
    office.renewal("T-1", 2, compensation=dearer, status="alleged")

    assert amounts(earned(office, date(2026, 3, 17))) == ("730.00", "4.00")


def test_the_day_count_of_the_instrument_is_taken_where_the_transfer_has_none() -> None:
    office = Office()
    stated = rate("person_year", "360.00", "30/360")
    office.instrument()
    office.instrument(compensation=stated)
    office.instrument(compensation={**stated, "basis": "ACT/366"}, status="alleged")
    office.instrument(compensation={**stated, "basis": "ACT/366"}, type="announcement")
    office.instrument(compensation=rate("person_year"))
    office.instrument(compensation=rate("person_month", basis="ACT/366"))
    names: Json = [f"I-{n}" for n in range(1, 7)]
    agreed = rate("person_year", "360.00")
    office.transfer(compensation=agreed, persons=persons(1), instruments=names)
    office.receipt("T-1", 1)

    found = earned(office, date(2025, 4, 15))

    assert (found.basis, found.assumed) == ("30/360", False)
    assert found.rated is not None
    assert found.rated.own.basis_from == 2
    assert amounts(found) == ("30.00", "0.00")


def test_a_corrected_count_corrects_the_sum() -> None:
    office = received(10, rate("person_day"))
    seq = office.history.opened["T-1"]
    office.exit(["T-1"], 4, "2025-03-17")
    before = earned(office, date(2025, 3, 20))
    office.write(
        "correction",
        {
            "target": office.cite_entry(seq + 2),
            "reason": "counted again",
            "changes": [{"path": "/persons/n", "old": 4, "new": 3}],
        },
    )

    assert amounts(before) == (f"{10 + 4 * 6}.00", "0.00")
    assert amounts(earned(office, date(2025, 3, 20))) == (f"{10 + 4 * 7}.00", "0.00")


def test_those_on_the_way_earn_nothing_once_somebody_is_received() -> None:
    office = Office()
    office.transfer(compensation=rate("person_day"), persons=persons(5))
    office.receipt("T-1", 3, more_to_come=True)

    assert amounts(earned(office, date(2025, 3, 17))) == ("6.00", "0.00")
    assert amounts(earned(office, date(2025, 3, 15))) == ("5.00", "0.00")


def pooled(came: Sequence[int], left: Sequence[Exit], agreed: Sequence[Json]) -> Pool:
    """Return the pool of a book: rates, a term of 20 days or none over, and exits."""
    office = Office()
    for n, each in zip(came, agreed, strict=True):
        office.transfer(
            persons=persons(n),
            departures=[{"at": CAME.isoformat()}],
            term={"reading": "fixed", "length": "P40D", "trigger": "departed"},
            compensation=each,
        )
    for number in range(1, len(came) + 1):
        office.receipt(f"T-{number}", came[number - 1], arrived="2025-01-01")
    for refs, day, n in left:
        office.exit([f"T-{ref}" for ref in refs], n, f"2025-02-{day:02}")
    return pool_of(office.history, "T-1")


def by_hand(
    came: Sequence[int],
    left: Sequence[Exit],
    weights: dict[str, dict[date, Fraction]],
) -> tuple[Fraction, Fraction]:
    """Return the bounds of what persons earned, by trying every allocation."""
    groups = [Group(f"T-{n}", CAME, each) for n, each in enumerate(came, 1)]
    leaving = [
        Leaving(tuple(f"T-{ref}" for ref in refs), date(2025, 2, day), n)
        for refs, day, n in sorted(left, key=lambda exit_: exit_[1])
    ]
    found = []
    for way in allocations(groups, leaving):
        sum_ = Fraction(0)
        for ref, by_day in weights.items():
            here = sum(group.n for group in groups if group.ref == ref)
            for day, weight in by_day.items():
                gone = gone_by(groups, leaving, way, refs={ref}, day=day)
                sum_ += weight * (here - gone)
        found.append(sum_)
    return min(found), max(found)


def weights_of(agreed: dict[str, Json], *, authorised: bool) -> dict[date, Fraction]:
    """Return what a person earns on each day: 40 days have authority, no others."""
    last = CAME + timedelta(days=39)
    found = {}
    minor = Money.parse(f"{agreed['amount']} USD").minor
    for n in range((ON - CAME).days + 1):
        day = CAME + timedelta(days=n)
        if (day <= last) != authorised:
            continue
        stop = day + timedelta(days=1)
        units = Fraction(1)
        if agreed["per"] != "person_day":
            basis = agreed.get("basis", "ACT/365")
            units = years(CAME, stop, basis=basis) - years(CAME, day, basis=basis)  # type: ignore[arg-type]
            units *= 12 if agreed["per"] == "person_month" else 1
        found[day] = minor * units
    return found


numbers = st.lists(st.integers(1, 3), min_size=2, max_size=3)
exits = st.lists(
    st.tuples(
        st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True),
        st.integers(5, 14),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=4,
)
some_rates = st.lists(
    st.sampled_from(
        [
            rate("person_day", "1.00"),
            rate("person_day", "7.00"),
            rate("person_month", "30.00", "month/12"),
            rate("person_month", "30.00"),
            rate("person_year", "365.00", "ACT/366"),
            rate("person_year", "360.00", "30/360"),
        ]
    ),
    min_size=3,
    max_size=3,
)


def fitting(came: list[int], left: list[tuple[list[int], int, int]]) -> list[Exit]:
    """Return the exits, of those transfers that there are, the first of all."""
    kept = [
        (tuple(sorted(r for r in refs if r <= len(came))), day, n)
        for refs, day, n in left
    ]
    whole = tuple(range(1, len(came) + 1))
    return [(whole, 4, 1), *((refs, day, n) for refs, day, n in kept if refs)]


@pytest.mark.sweep
@settings(max_examples=60, deadline=None)
@given(numbers, exits, some_rates)
def test_the_bounds_of_a_transfer_are_those_of_every_allocation(
    came: list[int],
    left: list[tuple[list[int], int, int]],
    agreed: list[dict[str, Json]],
) -> None:
    every = fitting(came, left)
    pool = pooled(came, every, agreed[: len(came)])

    for ref, terms in zip(pool.cases, agreed, strict=False):
        found = earning_of(pool, ref, on=ON)
        assert found is not None
        assert found.rated is not None
        for sum_, authorised in (
            (found.rated.authorised, True),
            (found.rated.beyond, False),
        ):
            weights = {ref: weights_of(terms, authorised=authorised)}
            assert sum_ == by_hand(came, every, weights)


@settings(max_examples=60, deadline=None)
@given(numbers, exits, some_rates, st.sets(st.sampled_from(["T-1", "T-2", "T-3"])))
def test_the_bounds_of_a_set_are_joint_whatever_each_of_them_earns(
    came: list[int],
    left: list[tuple[list[int], int, int]],
    agreed: list[dict[str, Json]],
    refs: set[str],
) -> None:
    every = fitting(came, left)
    pool = pooled(came, every, agreed[: len(came)])
    chosen = dict(zip(pool.cases, agreed, strict=False))
    chosen = {ref: terms for ref, terms in chosen.items() if ref in refs}
    sides = {}
    for ref in chosen:
        found = earning_of(pool, ref, on=ON)
        assert found is not None
        assert found.rated is not None
        sides[ref] = found.rated.side
    weights = {ref: weights_of(t, authorised=True) for ref, t in chosen.items()}

    money, _ = bounds_of(sides, pool, on=ON, received=[*sides])

    assert money == by_hand(came, every, weights)


@pytest.mark.sweep
@given(
    st.sampled_from(["person_day", "person_month", "person_year"]),
    st.sampled_from([None, "ACT/365", "ACT/366", "30/360", "month/12"]),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 500)), max_size=3),
    st.integers(0, 500),
    st.integers(0, 500),
)
@settings(max_examples=60, deadline=None)
def test_it_adds_up_over_days_and_persons_and_never_falls(
    per: str, basis: str | None, left: list[tuple[int, int]], one: int, more: int
) -> None:
    """Of 20 persons; in two transfers of 12 and 8 the same, exits split between."""
    first = date(2025, 3, 16)
    whole, split = received(20, rate(per, "31.00", basis)), Office()
    for n in (12, 8):
        split.transfer(compensation=rate(per, "31.00", basis), persons=persons(n))
    for number, n in ((1, 12), (2, 8)):
        split.receipt(f"T-{number}", n)
    for n, after in left:
        day = (first + timedelta(days=after)).isoformat()
        whole.exit(["T-1"], n, day)
        cut = min(n, 2)
        for ref, here in (("T-1", n - cut), ("T-2", cut)):
            if here:
                split.exit([ref], here, day)
    days = [first + timedelta(days=one), first + timedelta(days=one + more)]

    def exact(office: Office, ref: str, on: date) -> tuple[Fraction, list[Stretch]]:
        found = earned(office, on, ref)
        assert found.rated is not None
        low, high = found.rated.authorised
        over, _ = found.rated.beyond
        assert low == high
        return low + over, [*found.rated.stretches]

    sums = [exact(whole, "T-1", on) for on in days]

    assert sums[0][0] <= sums[1][0]
    for (sum_, found), on in zip(sums, days, strict=True):
        assert sum_ == sum(each.minor(each.persons.least) for each in found)
        assert sum_ == exact(split, "T-1", on)[0] + exact(split, "T-2", on)[0]
        assert sum_ <= exact(received(20, rate(per, "31.00", basis)), "T-1", on)[0]


@given(
    st.sampled_from(["ACT/365", "ACT/366", "30/360", "month/12"]),
    st.integers(1, 400),
    st.integers(0, 364),
)
@settings(max_examples=40, deadline=None)
def test_of_a_constant_count_it_is_the_total_of_all_of_them(
    basis: str, n: int, after: int
) -> None:
    start = date(2025, 3, 16)
    on = start + timedelta(days=after)
    total = accrue_total(
        Money("USD", 2_000_000 * n),
        start=start,
        until=date(2026, 3, 15),
        ended=on + timedelta(days=1),
        basis=basis,  # type: ignore[arg-type]
    )

    found = earned(received(n, rate("person_year", "20000.00", basis)), on)

    assert found.accrued == (total.accrued, total.accrued)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(FEW_SEEDS), st.integers(0, 900))
def test_in_plausible_books_bounds_hold_and_every_person_day_has_a_right(
    seed: int, days: int
) -> None:
    history = book(seed).history
    on = date(2025, 3, 1) + timedelta(days=days)
    for ref in [r for r in history.opened if r[0] == "T"]:
        pool = pool_of(history, ref)
        found = None if ref not in pool.cases else earning_of(pool, ref, on=on)
        if found is None or found.rated is None:
            continue
        for low, high in (found.rated.authorised, found.rated.beyond):
            assert 0 <= low <= high
        assert found.person_days is not None
        assert found.person_days.least <= found.person_days.most


def test_a_transfer_of_whom_some_may_have_left_on_the_way_is_counted_by_itself() -> (
    None
):
    office = Office()
    for n in (4, 6):
        office.transfer(
            persons=persons(n),
            departures=[{"at": CAME.isoformat()}],
            compensation=rate("person_day"),
        )
    came: dict[str, Json] = {"arrived": "2025-01-02", "admitted": "2025-01-02"}
    office.receipt("T-1", 1, more_to_come=True, **came)
    office.receipt("T-2", 6, **came)
    office.exit(["T-1", "T-2"], 3, "2025-01-03")

    found = earned(office, date(2025, 1, 4))

    assert [each.amount for each in found.accrued] == ["1.00", "3.00"]


def test_who_came_on_two_days_is_bounded_on_each_day_by_itself() -> None:
    office = Office()
    for n in (4, 6):
        office.transfer(
            persons=persons(n),
            departures=[
                {"at": "2025-01-01", "persons": 2},
                {"at": "2025-01-03", "persons": n - 2},
            ],
            compensation=rate("person_day"),
        )
    for ref, n in (("T-1", 4), ("T-2", 6)):
        for day, here in (("2025-01-01", 2), ("2025-01-03", n - 2)):
            when: dict[str, Json] = {"arrived": day, "admitted": day}
            office.receipt(ref, here, more_to_come=True, **when)
    office.exit(["T-1", "T-2"], 2, "2025-01-02")
    office.exit(["T-1", "T-2"], 4, "2025-01-04")

    found = earned(office, date(2025, 1, 4))

    # Of T-1, x left first and y then: 2 + (2 - x) + (4 - x) + (4 - x - y),
    # a dollar each; the least with x = y = 2, the most with x = y = 0.
    assert [each.amount for each in found.accrued] == ["4.00", "12.00"]
