"""Money: what is added, what is only listed, and what a person-day cost."""

from datetime import date, timedelta

import pytest

from ledger.domain.accounts import (
    Account,
    accounts,
    arrangements,
    written,
)
from ledger.domain.custody import Pool, pool_of
from ledger.domain.flows import Range
from ledger.domain.history import pools
from ledger.domain.persondays import person_days
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.office import Office

ON = date(2025, 12, 31)
TOTAL: dict[str, Json] = {"amount": "4760000.00", "currency": "USD", "per": "total"}


def pools_of(office: Office) -> list[Pool]:
    refs = [ref for ref in office.history.opened if ref[0] in "TR"]
    return [pool_of(office.history, names[0]) for names in pools(office.history, refs)]


def found(office: Office, on: date = ON) -> list[Account]:
    return accounts(office.history, pools_of(office), on=on)


def only(office: Office, on: date = ON) -> Account:
    (account,) = found(office, on)
    return account


def held(office: Office, *members: dict[str, Json]) -> None:
    for each in members:
        ref = office.transfer(**each).data["ref"]
        office.receipt(str(ref), 238)


def test_the_total_of_a_transfer_accrues_and_its_rest_is_unused() -> None:
    office = Office()
    held(office, {"compensation": TOTAL})
    office.exit(["T-1"], 238, "2025-07-18")
    account = only(office)

    assert account.accrued == Range(161_709_589, 161_709_589)
    assert account.unused == Range(314_290_411, 314_290_411)
    assert account.agreed == 476_000_000
    assert account.paid_minus_accrued == Range(-161_709_589, -161_709_589)
    assert account.refund_clauses == ()
    assert account.person_days == Range(238 * 124, 238 * 124)
    assert (account.basis, account.cost) == ("accrued", (5479, 5479))
    assert account.without_sum == ()


def test_transfers_that_state_no_sum_beside_one_that_does_are_named() -> None:
    office = Office()
    held(office, {"compensation": TOTAL, "arrangement": "a"}, {"arrangement": "a"})
    account = only(office)

    assert account.without_sum == ("T-2",)
    assert account.transfers == ("T-1", "T-2")


def test_a_commitment_is_no_payment_and_currencies_are_never_added() -> None:
    office = Office()
    held(office, {"arrangement": "a-b"})
    stages = ("pledge", "commitment", "payment", "expenditure", "refund")
    for n, stage in enumerate(stages, start=1):
        office.payment(["T-1"], f"{n}.00", stage=stage)
        office.payment(["T-1"], f"{n}0.00", stage=stage, currency="EUR")
    euro, dollar = found(office)

    assert list(dollar.moved.items()) == [
        (stage, n * 100) for n, stage in enumerate(stages, start=1)
    ]
    assert list(euro.moved.values()) == [1000, 2000, 3000, 4000, 5000]
    assert {euro.arrangements, dollar.arrangements} == {("a-b",)}
    assert dollar.transfers == ("T-1",)
    assert dollar.accrued is None
    assert dollar.unused is None
    assert dollar.paid_minus_accrued is None
    assert dollar.basis == "paid"


def test_what_is_promised_before_anybody_left_is_of_the_arrangement() -> None:
    office = Office()
    office.transfer(arrangement="a-b")
    office.payment(["T-1"], "5.00", stage="commitment", occurred="2025-03-01")
    account = only(office, on=date(2025, 3, 2))

    assert account.arrangements == ("a-b",)
    assert account.transfers == ()
    assert account.person_days == Range(0, 0)
    assert account.cost == (None, None)


def test_sums_per_person_and_claims_that_do_not_count_are_listed_apart() -> None:
    office = Office()
    per = {**TOTAL, "per": "person_year"}
    office.transfer(compensation=per, status="alleged")
    office.payment(["T-1"], "1.00", per="person_day")
    office.payment(["T-1"], "2.00", status="disputed")
    office.payment(["T-1"], "3.00", occurred="2026-01-01")
    account = only(office)

    assert [(a.seq, a.what, a.per, a.reason) for a in account.apart] == [
        (1, "agreed", "person_year", "accrues"),
        (2, "payment", "person_day", "per-person"),
        (3, "payment", "total", "not-counted"),
    ]
    assert set(account.moved.values()) == {0}
    assert account.agreed == 0
    assert account.basis == "accrued"


def test_sums_of_instruments_and_renewals_are_listed_apart_with_their_clauses() -> None:
    office = Office()
    clause: dict[str, Json] = {**TOTAL, "refund_clause": "half"}
    office.instrument(arrangement="a-b", compensation=clause)
    office.instrument(compensation=clause, status="alleged")
    office.instrument()
    office.transfer(instruments=["I-1"], compensation=clause)
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, compensation=clause, agreed_on="2025-12-01")
    office.renewal("T-1", 238, compensation=clause, agreed_on="2026-01-01")
    office.renewal("T-1", 238)
    for amount, ref in (("7.00", "I-1"), ("8.00", "I-3")):
        purpose: dict[str, Json] = {"for": {"instrument": ref}}
        office.payment([], amount, **purpose)
    named, unnamed = found(office)

    assert named.arrangements == ("a-b",)
    assert [(a.seq, a.reason) for a in named.apart] == [
        (1, "of-instrument"),
        (6, "of-renewal"),
    ]
    assert named.refund_clauses == ((1, "half"), (4, "half"), (6, "half"))
    assert named.moved["payment"] == 700
    assert unnamed.arrangements == ()
    assert [(a.seq, a.reason) for a in unnamed.apart] == [(2, "not-counted")]
    assert unnamed.refund_clauses == ()
    assert unnamed.moved["payment"] == 800
    assert arrangements(office.history) == {"a-b"}


def test_a_total_without_a_term_that_ends_does_not_accrue_and_says_so() -> None:
    office = Office()
    held(office, {"compensation": TOTAL, "term": {"reading": "unknown"}})
    account = only(office)

    assert account.unearned == ("T-1",)
    assert account.accrued is None
    assert account.agreed == 476_000_000


def test_nothing_was_earned_before_the_first_day_of_the_term() -> None:
    office = Office()
    term: Json = {"reading": "fixed", "trigger": "2025-06-01", "length": "P1Y"}
    held(office, {"compensation": TOTAL, "term": term})
    account = only(office, on=date(2025, 5, 1))

    assert account.accrued == Range(0, 0)
    assert account.basis is None


def test_the_cost_of_a_person_day_is_a_range_where_the_count_is_one() -> None:
    office = Office()
    held(office, {"persons": {"n": 238, "qualifier": "about"}}, {})
    office.exit(["T-1", "T-2"], 238, "2025-03-17")
    office.payment(["T-1"], "238.00")
    account = only(office, on=date(2025, 3, 22))

    assert account.person_days == Range(238, 238 * 7)
    assert account.cost == (14, 100)
    assert account.approximate


def test_the_most_is_unknown_where_perhaps_nobody_was_held() -> None:
    office = Office()
    held(office, {}, {})
    office.exit(["T-1", "T-2"], 238, "2025-03-16")
    office.payment(["T-1"], "238.00", occurred="2025-03-16")

    assert only(office, on=date(2025, 3, 16)).cost == (100, None)


def test_a_payment_for_transfers_of_two_arrangements_is_split_by_nobody() -> None:
    office = Office()
    office.transfer(arrangement="a-b")
    office.transfer(arrangement="c-d")
    office.payment(["T-1", "T-2"], "9.00")
    account = only(office)

    assert account.arrangements == ("a-b", "c-d")
    assert account.transfers == ("T-1", "T-2")


def test_unannounced_arrivals_belong_to_no_arrangement() -> None:
    office = Office(book="sv.example/book", state="SV")
    arrival: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": {"n": 3, "qualifier": "exact"},
        "arrived": "2025-03-30",
        "arrived_persons": 3,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", arrival)
    office.payment(["R-1"], "9.00", payee="US")

    assert only(office).arrangements == ()
    assert only(office).transfers == ("R-1",)


@pytest.mark.parametrize(
    ("minor", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-123_456, "-1234.56")]
)
def test_an_amount_may_be_negative(minor: int, text: str) -> None:
    assert written(minor, currency="USD") == text


@pytest.mark.sweep
@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_person_days_are_what_counting_day_by_day_gives(seed: int) -> None:
    office = book(seed)
    each = pools_of(office)
    on = date(2025, 12, 1)
    for pool in each:
        for ref in pool.cases:
            if pool.shared(ref, on=on):
                continue  # tests/domain/test_persondays.py has its bounds
            days = (date(2025, 1, 1) + timedelta(n) for n in range(335))
            daily = [pool.balance(ref, on=day).held for day in days if day <= on]

            assert person_days(each, [ref], on=on) == Range(
                sum(r.least for r in daily), sum(r.most for r in daily)
            )


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_payment_is_in_exactly_one_account(seed: int) -> None:
    office = book(seed)
    history = office.history
    on = date(2030, 1, 1)
    payments = [s for s in history.entries if history.entries[s].kind == "payment"]
    standing = [seq for seq in payments if seq not in history.retracted]
    listed = [a.seq for x in found(office, on) for a in x.apart if a.what != "agreed"]
    added = sum(sum(account.moved.values()) for account in found(office, on))
    amounts = [str(history.worth_data(seq)["amount"]) for seq in standing]

    assert listed == []
    assert added == sum(int(amount.replace(".", "")) for amount in amounts)


def rate(amount: str = "1.00", **members: Json) -> dict[str, Json]:
    """Return a sum per person and day."""
    return {"amount": amount, "currency": "USD", "per": "person_day", **members}


def test_rates_accrue_beside_totals_and_days_without_authority_are_apart() -> None:
    office = Office()
    held(office, {"compensation": TOTAL}, {"compensation": rate()})
    account = only(office, on=date(2026, 3, 25))

    assert account.accrued == Range(484_687_000, 484_687_000)
    assert account.unauthorised == Range(238 * 1000, 238 * 1000)
    assert account.unused == Range(0, 0)
    assert account.agreed == 476_000_000


def test_rates_of_a_pool_are_bounded_together_and_not_each() -> None:
    office = Office()
    few: Json = {"n": 10, "qualifier": "exact"}
    for number, amount in enumerate(("1.00", "2.00", "2.00"), 1):
        office.transfer(compensation=rate(amount), persons=few)
        office.receipt(f"T-{number}", 10)
    office.exit(["T-1", "T-2"], 10, "2025-03-17")
    account = only(office, on=date(2025, 3, 18))

    # Day one: 10 + 20 + 20. Two days: of T-1 and T-2 ten are left, and all of T-3.
    assert account.accrued == Range(5000 + 2 * (1000 + 2000), 5000 + 2 * (2000 + 2000))
    assert account.unauthorised == Range(0, 0)


def test_sums_of_renewals_that_replace_a_rate_accrue_and_others_do_not() -> None:
    office = Office()
    held(office, {"compensation": rate()}, {"compensation": TOTAL})
    for ref in ("T-1", "T-2"):
        office.renewal(ref, 1, compensation=rate("2.00"), agreed_on="2025-12-01")
    account = only(office)

    assert [(a.seq, a.reason) for a in account.apart] == [
        (1, "accrues"),
        (5, "accrues"),
        (6, "of-renewal"),
    ]


def test_a_rate_without_a_term_that_has_begun_does_not_accrue_and_says_so() -> None:
    office = Office()
    later: Json = {"length": "P1Y", "reading": "fixed", "trigger": "2026-06-01"}
    held(office, {"compensation": rate(), "term": later})

    assert only(office).unearned == ("T-1",)
