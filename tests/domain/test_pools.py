"""What exits that name several transfers leave open, by a day and as known later."""

from datetime import date

from ledger.domain.custody import Pool, pool_of, pools_by_ref
from ledger.domain.flows import Range
from ledger.tlog.canonical import Json
from tests.office import Office

ON = date(2026, 4, 1)


def pool(office: Office, ref: str = "T-1") -> Pool:
    """Return the pool of a transfer."""
    return pool_of(office.history, ref)


def sent(n: int) -> Office:
    """Return an office that sent n persons and has a final receipt of them."""
    office = Office()
    office.transfer(persons={"n": n, "qualifier": "exact"})
    office.receipt("T-1", n)
    return office


def pooled() -> Office:
    """Return a book of two transfers with a pool exit, and an exit of one later."""
    office = Office()
    for n in (4, 6):
        office.transfer(
            persons={"n": n, "qualifier": "exact"},
            departures=[{"at": "2025-01-01"}],
            term={"reading": "fixed", "length": "P1M", "trigger": "departed"},
        )
    office.exit(["T-1", "T-2"], 4, "2025-02-05")
    office.exit(["T-1"], 2, "2025-02-13")
    return office


def test_on_the_day_itself_only_what_had_happened_bounds_a_pool() -> None:
    whole = pool(pooled())

    assert whole.remaining({"T-1"}, on=date(2025, 2, 12)) == Range(0, 4)
    assert whole.remaining({"T-1"}, on=date(2025, 2, 13)) == Range(0, 2)
    assert whole.remaining({"T-2"}, on=date(2025, 2, 13)) == Range(2, 4)


def test_what_is_known_later_narrows_how_many_had_left_earlier() -> None:
    whole = pool(pooled())
    before, after = date(2025, 2, 12), date(2025, 2, 25)

    first = [(g.day.day, g.n) for g in whole.gone("T-1", on=before, known=after)]
    every = [(g.day.day, g.n) for g in whole.gone("T-1", on=after)]
    others = [(g.day.day, g.n) for g in whole.gone("T-2", on=after)]

    assert first == [(5, Range(0, 2))]
    assert every == [(5, Range(0, 2)), (13, Range(2, 4))]
    assert others == [(5, Range(2, 4))]


def test_what_remained_on_each_day_is_told_as_it_is_known() -> None:
    whole = pool(pooled())

    assert whole.rest("T-1", on=date(2025, 2, 25)) == {
        date(2025, 1, 1): Range(4, 4),
        date(2025, 2, 5): Range(2, 4),
        date(2025, 2, 13): Range(0, 2),
    }


def test_an_exit_of_one_transfer_exceeds_that_transfer_alone() -> None:
    office = pooled()
    split: Json = [
        {"transfer": office.cite("T-1"), "n": 3},
        {"transfer": office.cite("T-2"), "n": 1},
    ]
    office.exit(["T-1", "T-2"], 4, "2025-02-20", split=split)
    whole = pool(office)

    found = {
        ref: [(leave.seq, n) for leave, n in whole.exceeding(ref, on=ON)]
        for ref in whole.cases
    }

    assert found == {"T-1": [(5, 1)], "T-2": []}
    assert whole.beyond(on=ON) == 1


def test_an_unsplit_exit_exceeds_those_it_names_together() -> None:
    office = pooled()
    office.transfer(persons={"n": 9, "qualifier": "exact"})
    office.exit(["T-2", "T-3"], 1, "2025-04-01")
    office.exit(["T-1", "T-2"], 7, "2025-04-02")
    whole = pool(office)

    found = {
        ref: [(leave.seq, n) for leave, n in whole.exceeding(ref, on=ON)]
        for ref in whole.cases
    }

    assert found == {"T-1": [(7, 3)], "T-2": [(7, 3)], "T-3": []}


def test_what_fits_the_count_exceeds_nothing() -> None:
    assert pool(pooled()).exceeding("T-1", on=ON) == []


def test_a_pool_of_a_day_is_what_exits_tie_together_by_then() -> None:
    office = pooled()
    whole = pool(office)

    assert whole.tied("T-1", on=date(2025, 2, 4)).refs == ("T-1",)
    assert whole.tied("T-1", on=date(2025, 2, 5)).refs == ("T-1", "T-2")
    for n in range(12):
        whole.remaining({"T-1", "T-2"}, on=date(2025, 3, 1 + n))
    assert whole.remaining({"T-1", "T-2"}, on=ON) == Range(4, 4)


def test_nobody_is_left_from_the_day_of_the_last_exit() -> None:
    office = sent(5)
    office.exit(["T-1"], 3, "2025-06-01")
    open_ = pool(office).ended_on("T-1")
    office.exit(["T-1"], 2, "2025-06-02")
    office.exit(["T-1"], 1, "2025-06-09")

    assert open_ is None
    assert pool(office).ended_on("T-1") == date(2025, 6, 2)


def test_where_exits_name_several_the_last_of_them_ends_it() -> None:
    office = pooled()
    assert pool(office).ended_on("T-1") is None
    office.exit(["T-1", "T-2"], 4, "2025-04-02")

    assert pool(office).ended_on("T-1") == date(2025, 4, 2)


def test_who_had_left_is_known_without_asking_again_after_other_renewals() -> None:
    office = pooled()
    office.renewal("T-1", 2, agreed_on="2025-02-14")
    whole = pool(office)
    held = whole.remaining({"T-1"}, on=ON)

    assert whole.with_renewals("T-1", []).cases["T-1"].renewals == ()
    assert whole.with_renewals("T-1", []).remaining({"T-1"}, on=ON) == held
    assert whole.with_leaves([]).remaining({"T-1"}, on=ON) == Range(4, 4)
    assert whole.remaining({"T-1"}, on=ON) == held


def test_those_whom_exits_tie_together_share_a_pool() -> None:
    office = pooled()
    office.transfer(persons={"n": 9, "qualifier": "exact"})

    found = pools_by_ref(office.history, ["T-1", "T-2", "T-3"])

    assert found["T-1"] is found["T-2"]
    assert list(found["T-3"].cases) == ["T-3"]


def test_the_days_of_a_transfer_are_its_own_and_those_of_a_pool_are_all() -> None:
    office = pooled()
    office.exit(["T-2"], 1, "2025-02-14")
    whole = pool(office)
    first, shared = date(2025, 1, 1), date(2025, 2, 5)
    last = [date(2025, 2, 13), date(2025, 2, 14)]

    assert whole.days_of("T-1") == [first, shared, last[0]]
    assert whole.days_of("T-2") == [first, shared, last[1]]
    assert whole.event_days() == whole.event_days() == [first, shared, *last]
    assert [leave.n for leave in whole.leaving(on=shared)] == [4]
