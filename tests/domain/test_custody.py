"""Where everyone is: real numbers, and a law over generated books."""

from datetime import date
from functools import cache

import pytest

from ledger.domain.custody import Pool, held_among, pool_of
from ledger.domain.flows import Range
from ledger.tlog.canonical import Json
from tests.books import SEEDS, book
from tests.office import Office

ON = date(2026, 4, 1)


def pool(office: Office, ref: str = "T-1") -> Pool:
    """Return the pool of a transfer."""
    return pool_of(office.history, ref)


def sent(n: int, **members: Json) -> Office:
    """Return an office that sent n persons and has a final receipt of them."""
    office = Office()
    office.transfer(persons={"n": n, "qualifier": "exact"}, **members)
    office.receipt("T-1", n)
    return office


def test_panama_comes_out() -> None:
    office = sent(299, destination="PA")
    office.exit(["T-1"], 177, "2025-03-31")
    office.exit(["T-1"], 10, "2025-04-15", how="onward_transferred")
    office.exit(["T-1"], 112, "2025-05-20", how="released")

    balance = pool(office).balance("T-1", on=ON)

    assert balance.held == Range(0, 0)
    assert balance.exits == {
        "repatriated": 177,
        "onward_transferred": 10,
        "released": 112,
    }


def test_costa_rica_comes_out() -> None:
    office = sent(200, destination="CR")
    for n, how in (
        (107, "repatriated"),
        (35, "released"),
        (30, "onward_transferred"),
    ):
        office.exit(["T-1"], n, "2025-06-30", how=how)

    balance = pool(office).balance("T-1", on=ON)

    assert balance.held == Range(28, 28)
    assert balance.departed == 107 + 35 + 30 + 28


def test_south_sudan_comes_out() -> None:
    office = sent(8, destination="SS")
    office.exit(["T-1"], 1, "2025-09-05")
    office.exit(["T-1"], 1, "2025-09-06", how="released")

    balance = pool(office).balance("T-1", on=ON)

    assert balance.held == Range(6, 6)
    assert sum(balance.exits.values()) == 2


@cache
def us_to_sv() -> Office:
    """Return a book with the four flights to El Salvador and what left the pool."""
    office = Office()
    for n, left, came in (
        (238, "2025-03-15T17:26-04:00", "2025-03-16T02:00-06:00"),
        (23, "2025-03-15T17:45-04:00", "2025-03-16T02:10-06:00"),
        (17, "2025-03-30T19:00-04:00", "2025-03-30T23:10-06:00"),
        (10, "2025-04-12T18:00-04:00", "2025-04-12T22:30-06:00"),
    ):
        count: Json = {"n": n, "qualifier": "exact"}
        opened = office.transfer(persons=count, departures=[{"at": left}])
        ref = f"T-{office.history.numbers['T']}"
        assert office.history.opened[ref] == opened.seq
        office.receipt(ref, n, arrived=came, admitted=came)
    everyone = ["T-1", "T-2", "T-3", "T-4"]
    office.exit(everyone, 1, "2025-06-06", how="returned_to_origin")
    office.exit(everyone, 252, "2025-07-18")
    return office


def test_the_united_states_and_el_salvador_come_out() -> None:
    whole = pool(us_to_sv())

    rows = {ref: whole.balance(ref, on=ON).held for ref in whole.cases}
    together = held_among([whole], list(rows), on=ON)

    assert {ref: held.most for ref, held in rows.items()} == {
        "T-1": 35,
        "T-2": 23,
        "T-3": 17,
        "T-4": 10,
    }
    assert [held.least for held in rows.values()] == [0, 0, 0, 0]
    assert together == Range(35, 35)
    assert whole.beyond(on=ON) == 0


def test_totals_are_the_bounds_of_the_set_and_not_sums_of_its_rows() -> None:
    whole = pool(us_to_sv())

    assert held_among([whole], ["T-1", "T-2"], on=ON) == Range(8, 35)
    assert held_among([whole], ["T-3", "T-4"], on=ON) == Range(0, 27)
    assert held_among([whole], [], on=ON) == Range(0, 0)


def test_the_exits_of_a_pool_are_shared_by_its_transfers() -> None:
    whole = pool(us_to_sv())

    balance = whole.balance("T-3", on=ON)

    assert balance.exits == {}
    assert [leave.n for leave in balance.shared] == [1, 252]


def test_a_pool_is_exact_while_nothing_was_split_by_guess() -> None:
    whole = pool(us_to_sv())
    before = date(2025, 7, 17)

    assert held_among([whole], list(whole.cases), on=before) == Range(287, 287)
    assert whole.balance("T-4", on=before).held == Range(9, 10)
    assert whole.balance("T-4", on=date(2025, 4, 11)).remaining == Range(0, 0)


def test_transfers_that_nothing_ties_are_added_up() -> None:
    office = Office()
    for n in (5, 7):
        office.transfer(persons={"n": n, "qualifier": "exact"})
    pools = [pool(office, "T-1"), pool(office, "T-2")]

    assert held_among(pools, ["T-1", "T-2"], on=ON) == Range(12, 12)
    assert held_among(pools, ["T-2"], on=ON) == Range(7, 7)


def test_eleven_announced_and_ten_arrived_leaves_one_unaccounted_at_once() -> None:
    office = Office()
    office.transfer(persons={"n": 11, "qualifier": "exact"})
    office.receipt("T-1", 10)

    balance = pool(office).balance("T-1", on=date(2025, 3, 16))

    assert balance.final
    assert balance.missing == 1
    assert balance.held == Range(10, 10)
    assert balance.in_transit == Range(0, 0)


def test_with_more_to_come_nobody_is_unaccounted_yet() -> None:
    office = Office()
    office.transfer(persons={"n": 11, "qualifier": "exact"})
    office.receipt("T-1", 10, more_to_come=True)

    balance = pool(office).balance("T-1", on=ON)

    assert not balance.final
    assert balance.missing == 0
    assert balance.in_transit == Range(1, 1)
    assert balance.held == Range(10, 10)


def test_receipts_add_up_and_the_last_one_closes_the_count() -> None:
    office = Office()
    office.transfer(persons={"n": 11, "qualifier": "exact"})
    office.receipt("T-1", 6, more_to_come=True)
    later = "2025-03-18T08:00-06:00"
    office.receipt("T-1", 4, arrived=later, admitted=later)

    before = pool(office).balance("T-1", on=date(2025, 3, 17))
    after = pool(office).balance("T-1", on=date(2025, 3, 18))

    assert (before.arrived, before.missing, before.in_transit) == (6, 0, Range(5, 5))
    assert (after.arrived, after.missing, after.in_transit) == (10, 1, Range(0, 0))


def test_who_departed_and_has_no_receipt_is_in_transit() -> None:
    office = Office()
    office.transfer()

    before = pool(office).balance("T-1", on=date(2025, 3, 14))
    after = pool(office).balance("T-1", on=ON)

    assert (before.departed, before.remaining) == (0, Range(0, 0))
    assert (after.departed, after.in_transit, after.held) == (
        238,
        Range(238, 238),
        Range(0, 0),
    )


def test_a_receiver_who_counts_more_holds_more_and_the_surplus_is_shown() -> None:
    office = Office()
    office.transfer(persons={"n": 11, "qualifier": "exact"})
    office.receipt("T-1", 13)

    balance = pool(office).balance("T-1", on=ON)

    assert (balance.surplus, balance.missing, balance.held) == (2, 0, Range(13, 13))


def test_who_is_refused_on_landing_is_an_exit() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238, refused=[{"n": 9, "reason": "women"}])

    balance = pool(office).balance("T-1", on=ON)

    assert balance.exits == {"refused_not_admitted": 9}
    assert balance.held == Range(229, 229)


@pytest.mark.parametrize(("departed", "missing"), [(10, 4), (3, 4)])
def test_who_was_neither_admitted_nor_refused_is_unaccounted(
    departed: int, missing: int
) -> None:
    office = Office()
    office.transfer(persons={"n": departed, "qualifier": "exact"})
    office.receipt("T-1", 10, admitted_persons=5, refused=[{"n": 1, "reason": "ill"}])

    balance = pool(office).balance("T-1", on=ON)

    assert balance.missing == missing
    assert balance.held == Range(5, 5)
    assert balance.departed + balance.surplus == 5 + 1 + missing


def test_unplaced_persons_of_a_large_surplus_are_not_held() -> None:
    office = Office()
    office.transfer(persons={"n": 3, "qualifier": "exact"})
    office.receipt("T-1", 10, admitted_persons=2)

    balance = pool(office).balance("T-1", on=ON)

    assert (balance.surplus, balance.missing, balance.held) == (7, 8, Range(2, 2))


def test_who_died_on_the_way_is_not_missing_on_arrival() -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.exit(["T-1"], 1, "2025-03-15T23:00-06:00", how="died")
    office.receipt("T-1", 9)

    balance = pool(office).balance("T-1", on=ON)

    assert (balance.missing, balance.held) == (0, Range(9, 9))
    assert balance.exits == {"died": 1}


def test_who_died_on_the_way_is_no_longer_awaited() -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.exit(["T-1"], 1, "2025-03-15", how="died")
    office.receipt("T-1", 4, more_to_come=True)

    balance = pool(office).balance("T-1", on=ON)

    assert (balance.in_transit, balance.held) == (Range(5, 5), Range(4, 4))


def test_who_died_on_the_day_of_arrival_died_after_it_unless_the_hour_says_so() -> None:
    office = Office()
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 9)
    office.exit(["T-1"], 1, "2025-03-16", how="died")

    by_day = pool(office).balance("T-1", on=ON)
    change: Json = {
        "path": "/occurred",
        "old": "2025-03-16",
        "new": "2025-03-16T00:29-06:00",
    }
    office.correct(3, change)
    by_hour = pool(office).balance("T-1", on=ON)

    assert (by_day.missing, by_day.held) == (1, Range(8, 8))
    assert (by_hour.missing, by_hour.held) == (0, Range(9, 9))


def test_a_split_on_the_way_is_counted_for_each_transfer() -> None:
    office = Office()
    for _ in range(2):
        office.transfer(persons={"n": 10, "qualifier": "exact"})
    split: Json = [
        {"transfer": office.cite("T-1"), "n": 1},
        {"transfer": office.cite("T-2"), "n": 2},
    ]
    office.exit(["T-1", "T-2"], 3, "2025-03-15", how="escaped", split=split)
    office.receipt("T-1", 9)
    office.receipt("T-2", 8)

    whole = pool(office)

    assert [whole.balance(ref, on=ON).missing for ref in whole.cases] == [0, 0]
    assert held_among([whole], ["T-1", "T-2"], on=ON) == Range(17, 17)


def test_a_split_says_how_many_of_each() -> None:
    office = Office()
    for n in (5, 7):
        office.transfer(persons={"n": n, "qualifier": "exact"})
        office.receipt(f"T-{office.history.numbers['T']}", n)
    split: Json = [
        {"transfer": office.cite("T-2"), "n": 4},
        {"transfer": office.cite("T-1"), "n": 1},
    ]
    office.exit(["T-1", "T-2"], 5, "2025-06-01", split=split)

    whole = pool(office)

    assert whole.balance("T-1", on=ON).held == Range(4, 4)
    assert whole.balance("T-2", on=ON).held == Range(3, 3)
    assert whole.balance("T-2", on=ON).exits == {"repatriated": 4}
    assert whole.balance("T-2", on=ON).shared == ()


@pytest.mark.parametrize("status", ["alleged", "disputed"])
def test_an_alleged_exit_frees_nobody(status: str) -> None:
    office = sent(5)
    office.exit(["T-1"], 5, "2025-06-01", status=status)

    assert pool(office).balance("T-1", on=ON).held == Range(5, 5)
    assert len(pool(office).cases["T-1"].exits) == 1


@pytest.mark.parametrize("status", ["alleged", "disputed"])
def test_an_alleged_receipt_brings_nobody(status: str) -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238, status=status)

    assert pool(office).balance("T-1", on=ON).in_transit == Range(238, 238)


def test_exits_beyond_the_count_are_shown_and_never_negative() -> None:
    office = sent(5)
    office.exit(["T-1"], 4, "2025-06-01")
    office.exit(["T-1"], 3, "2025-06-02")

    balance = pool(office).balance("T-1", on=ON)

    assert balance.held == Range(0, 0)
    assert balance.exits == {"repatriated": 7}
    assert pool(office).beyond(on=date(2025, 6, 1)) == 0
    assert pool(office).beyond(on=ON) == 2


def test_an_exit_known_by_its_month_counts_from_the_month_s_last_day() -> None:
    office = sent(5)
    office.exit(["T-1"], 5, "2025-06")

    assert pool(office).balance("T-1", on=date(2025, 6, 29)).held == Range(5, 5)
    assert pool(office).balance("T-1", on=date(2025, 6, 30)).held == Range(0, 0)


def test_who_is_missing_is_missing_from_the_latest_departure() -> None:
    office = Office()
    office.transfer(
        persons={"n": 10, "qualifier": "exact"},
        departures=[
            {"at": "2025-03-15", "persons": 7},
            {"at": "2025-03-17", "persons": 3},
        ],
    )
    came = "2025-03-18T08:00-06:00"
    office.receipt("T-1", 6, arrived=came, admitted=came)

    groups = pool(office).groups(on=ON)

    assert [(g.day.day, g.n) for g in groups] == [(15, 6)]


def test_the_days_of_a_pool_are_those_on_which_its_balance_can_change() -> None:
    office = sent(5)
    office.exit(["T-1"], 1, "2025-06-01")

    assert pool(office).event_days() == [
        date(2025, 3, 15),
        date(2025, 3, 16),
        date(2025, 6, 1),
    ]


def arrival(office: Office, n: int, **members: Json) -> None:
    """Record an unannounced arrival from El Salvador."""
    data: dict[str, Json] = {
        "ref": office.history.next_ref("R"),
        "origin": "SV",
        "persons": {"n": n, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": n,
        "asserted_by": "US",
        "status": "official",
    }
    office.write("receipt", {**data, **members})


def test_an_unannounced_arrival_is_counted_and_acknowledged() -> None:
    office = Office()
    arrival(office, 4)
    office.exit(["R-1"], 1, "2025-04-01", status="official")

    balance = pool(office, "R-1").balance("R-1", on=ON)

    assert (balance.departed, balance.arrived, balance.held) == (4, 4, Range(3, 3))
    assert pool(office, "R-1").cases["R-1"].acknowledged()


def identified() -> Office:
    """Return a book whose R-1 turned out to be T-1, with exits before and after."""
    office = Office()
    arrival(office, 4)
    office.receipt("R-1", 1)
    office.exit(["R-1"], 1, "2025-04-01")
    office.transfer(persons={"n": 6, "qualifier": "exact"})
    office.receipt("T-1", 5, formerly="R-1")
    office.exit(["R-1", "T-1"], 2, "2025-04-02")
    office.receipt("R-1", 1)
    return office


def test_an_arrival_that_turned_out_to_be_a_transfer_is_counted_once() -> None:
    office = identified()

    whole = pool(office, "R-1")
    balance = whole.balance("T-1", on=ON)

    assert list(whole.cases) == ["T-1"]
    assert (balance.departed, balance.arrived, balance.missing) == (6, 6, 0)
    assert (balance.exits, balance.shared) == ({"repatriated": 3}, ())
    assert balance.held == Range(3, 3)


def test_what_is_retracted_counts_for_nothing() -> None:
    office = identified()
    (exit_,) = [e.seq for e in office.history.entries.values() if e.seq == 3]
    office.retract(exit_)

    assert pool(office).balance("T-1", on=ON).held == Range(4, 4)


def days_of(whole: Pool) -> list[date]:
    """Return the days on which the balance changes, and the last of all."""
    return [*whole.event_days(), date.max]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEEDS)
def test_the_balance_holds_in_every_pool_on_every_day(seed: int) -> None:
    history = book(seed).history
    for ref in [ref for ref in history.opened if not ref.startswith("I-")]:
        whole = pool_of(history, ref)
        for day in days_of(whole):
            rows = [whole.balance(r, on=day) for r in whole.cases]
            came = sum(b.departed + b.surplus for b in rows)
            missing = sum(b.missing for b in rows)
            left = sum(leave.n for leave in whole.leaves if leave.day <= day)
            rest = whole.remaining(whole.cases, on=day)

            assert rest.exact
            beyond = whole.beyond(on=day)
            assert came + beyond == rest.most + left + missing
            assert (came == rest.most + left + missing) == (beyond == 0)
            assert all(0 <= b.remaining.least <= b.remaining.most for b in rows)
            assert all(0 <= b.in_transit.least <= b.in_transit.most for b in rows)
            assert all(0 <= b.held.least <= b.held.most for b in rows)
