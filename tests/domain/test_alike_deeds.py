"""Deeds of two books that may be one, sums of one renewal, payments counted once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.accounts import Account, accounts
from ledger.domain.custody import Pool, pool_of
from ledger.domain.deeds import Item, payments_once
from ledger.domain.explaining import explain
from ledger.domain.history import pools
from ledger.domain.joining import STRIDE, JoinedHistory
from ledger.domain.records import Payment
from ledger.domain.variances import Flag, flags
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.two_books import ON, Books, asked_together, exact, told

Said = dict[str, Json]
RATE: Said = {"amount": "90.00", "currency": "USD", "per": "person_day"}


def opened(persons: int = 238, **members: Json) -> tuple[Books, Said]:
    books = Books()
    cited = books.depart(persons, arrangement="us-sv-2025", **members)
    books.arrive(cited, persons)
    return books, cited


def both(books: Books) -> JoinedHistory:
    return asked_together(books.us, books.sv)


def pool(history: JoinedHistory) -> Pool:
    return pool_of(history, "T-1")


def asked(books: Books, *, on: date = ON) -> list[Account]:
    history = both(books)
    refs = [ref for ref in history.opened if ref[0] in "TR"]
    found = [pool_of(history, names[0]) for names in pools(history, refs)]
    return accounts(history, found, on=on)


def flagged(books: Books, code: str, *, on: date = ON) -> list[Flag]:
    return [f for f in flags(pool(both(books)), "T-1", on=on) if f.code == code]


def renewed(one: Said, other: Said) -> Books:
    books, cited = opened()
    books.renew(cited, books.us, **{"agreed_on": "2026-03-01", **one})
    books.renew(cited, books.sv, **{"agreed_on": "2026-03-02", **other})
    return books


def test_renewals_that_are_alike_but_for_the_day_may_be_one_and_both_count() -> None:
    books = renewed({}, {})
    (flag,) = flagged(books, "renewed-perhaps-once")
    steps = explain(pool(both(books)), "T-1", ON, money=False)
    named = [s.seq for s in steps if s.code == "renewal.perhaps-once"]
    found = [each for each in books.differences() if each.code != "renewal-unanswered"]

    assert (flag.seq, flag.n) == (STRIDE + 2, 1)
    assert [(s.seq, s.value) for s in flag.said] == [
        (2, "2026-03-01"),
        (STRIDE + 2, "2026-03-02"),
    ]
    assert sorted(n for n in named if n is not None) == [2, STRIDE + 2]
    assert [s.code for s in steps].count("renewal.named") == 2
    assert [told(each) for each in found] == [
        ("renewed-perhaps-once", "2026-03-01", "2026-03-02", 1)
    ]
    assert [each.code for each in books.differences()].count("renewal-unanswered") == 2


def test_nobody_knows_of_the_other_renewal_before_its_day() -> None:
    books = renewed({}, {"agreed_on": "2026-06-01"})
    early = date(2026, 4, 1)
    steps = explain(pool(both(books)), "T-1", early, money=False)

    assert flagged(books, "renewed-perhaps-once", on=early) == []
    assert "renewal.perhaps-once" not in {step.code for step in steps}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"persons": exact(200)}),
        ({}, {"until": "2027-03-16"}),
        ({"from": "2026-03-16"}, {}),
        ({"length": "P1Y"}, {}),
        # One follows on the other: each of its year.
        ({"length": "P1Y"}, {"length": "P1Y", "agreed_on": "2027-03-01"}),
        # Both books have it.
        ({}, {"agreed_on": "2026-03-01"}),
        ({}, {"status": "alleged"}),
    ],
)
def test_renewals_that_differ_in_more_or_follow_on_are_no_pair(
    one: Said, other: Said
) -> None:
    books = renewed(one, other)
    codes = {each.code for each in books.differences(on=date(2027, 4, 1))}

    assert flagged(books, "renewed-perhaps-once", on=date(2027, 4, 1)) == []
    assert "renewed-perhaps-once" not in codes


@pytest.mark.parametrize(
    "same", [{"length": "P1Y"}, {"length": "P1Y", "from": "2026-03-16"}]
)
def test_lengths_can_be_one_renewal_too(same: Said) -> None:
    assert len(flagged(renewed(same, same), "renewed-perhaps-once")) == 1


def test_renewals_that_one_book_has_twice_are_two() -> None:
    books, cited = opened()
    for day in ("2026-03-01", "2026-03-02"):
        books.renew(cited, books.us, agreed_on=day)

    assert flagged(books, "renewed-perhaps-once") == []


def compensated(one: Said | None, other: Said | None) -> Books:
    books, cited = opened(compensation=RATE)
    for office, terms in ((books.us, one), (books.sv, other)):
        more: Said = {} if terms is None else {"compensation": terms}
        books.renew(cited, office, **more)
    return books


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_sums_of_one_renewal_the_lesser_is_earned(*, turned: bool) -> None:
    sums: list[Said] = [{**RATE, "amount": "100.00"}, {**RATE, "amount": "80.00"}]
    books = compensated(*(reversed(sums) if turned else sums))
    lesser, greater = (2, STRIDE + 2) if turned else (STRIDE + 2, 2)
    (flag,) = flagged(books, "renewed-compensation")
    (account,) = asked(books, on=date(2026, 12, 31))
    steps = explain(pool(both(books)), "T-1", ON, money=False)
    said = [s for s in steps if s.code == "renewal.account-sum"]
    (counted,) = (s for s in steps if s.code == "renewal.sum-counts")
    (found,) = books.differences()

    assert (flag.seq, flag.n) == (greater, 0)
    assert [s.value for s in flag.said] == [
        "80.00 USD/person_day",
        "100.00 USD/person_day",
    ]
    assert {(a.seq, a.reason) for a in account.apart} == {
        (1, "accrues"),
        (lesser, "accrues"),
        (greater, "beside"),
    }
    # 365 days at 90.00 and 291 at 80.00, for 238 persons.
    assert account.accrued is not None
    assert account.accrued.least == 238 * (365 * 9000 + 291 * 8000)
    assert {s.seq for s in said} == {lesser, greater}
    assert (counted.seq, counted.values["said"]) == (lesser, "80.00 USD/person_day")
    assert (found.code, found.n, found.currency) == (
        "renewed-compensation",
        2000,
        "USD",
    )


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "90.00", "currency": "EUR", "per": "person_day"},
        {"amount": "90.00", "currency": "USD", "per": "person_month"},
        {**RATE, "basis": "ACT/366"},
    ],
)
def test_sums_that_cannot_be_compared_are_told_and_never_subtracted(
    other: Said,
) -> None:
    books = compensated(RATE, other)
    (found,) = books.differences()

    assert (found.code, found.n, found.currency) == ("renewed-compensation", 0, "")
    assert len(flagged(books, "renewed-compensation")) == 1


@pytest.mark.parametrize(
    "sums", [(RATE, None), (None, RATE), (RATE, RATE), (None, None)]
)
def test_what_one_book_leaves_open_is_no_other_sum(
    sums: tuple[Said | None, Said | None],
) -> None:
    books = compensated(*sums)
    (account,) = asked(books)
    reasons = [a.reason for a in account.apart]
    steps = explain(pool(both(books)), "T-1", ON, money=False)

    assert [s.code for s in steps].count("renewal.account-sum") == 2 - sums.count(None)
    assert flagged(books, "renewed-compensation") == []
    assert books.differences() == []
    assert reasons.count("accrues") == 1 + any(sums)
    assert reasons.count("beside") == all(sums)


def test_one_payment_of_two_books_is_added_once_by_the_lesser_sum() -> None:
    books, cited = opened()
    books.pay(cited, books.us, amount="100.00")
    books.pay(cited, books.sv, amount="90.00")
    books.pay(cited, books.sv, amount="5.00", currency="EUR")
    euros, dollars = asked(books)

    assert (euros.currency, euros.moved["payment"]) == ("EUR", 500)
    assert (dollars.currency, dollars.moved["payment"]) == ("USD", 9000)
    assert [(a.seq, a.reason) for a in dollars.apart] == [(2, "beside")]


def test_one_payment_for_two_transfers_is_that_which_another_book_tells_in_two() -> (
    None
):
    books, first = opened()
    second = books.depart(10, arrangement="us-sv-2025")
    purpose: Json = {"transfers": [first, second]}
    books.pay(first, books.us, amount="100.00", **{"for": purpose})
    for cited, amount in ((first, "60.00"), (second, "50.00")):
        books.pay(cited, books.sv, amount=amount)
    (account,) = asked(books)

    assert account.moved["payment"] == 10_000
    assert [a.seq - STRIDE for a in account.apart] == [2, 3]


def test_money_for_an_arrangement_is_added_once_though_each_book_has_its_paper() -> (
    None
):
    books = Books()
    paper: Json = {"instrument": "I-1"}
    for office, amount in ((books.us, "100.00"), (books.sv, "90.00")):
        office.instrument(arrangement="us-sv-2025")
        books.pay({}, office, amount=amount, **{"for": paper})
    (account,) = asked(books)

    assert account.arrangements == ("us-sv-2025",)
    assert account.moved["payment"] == 9000
    assert [a.reason for a in account.apart] == ["beside"]


def test_money_for_papers_without_a_common_name_is_not_joined() -> None:
    books = Books()
    paper: Json = {"instrument": "I-1"}
    for office in (books.us, books.sv):
        office.instrument()
        books.pay({}, office, amount="100.00", **{"for": paper})
    (account,) = asked(books)

    assert (account.arrangements, account.moved["payment"]) == ((), 20_000)


def test_of_an_account_of_a_later_day_nothing_is_known_yet() -> None:
    books, cited = opened()
    books.pay(cited, books.us, amount="100.00")
    books.pay(cited, books.sv, amount="90.00", occurred="2025-06-01")
    (early,), (late,) = (asked(books, on=date(2025, m, 1)) for m in (5, 7))

    assert early.moved["payment"] == 10_000
    assert early.apart == ()
    assert late.moved["payment"] == 9000


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9), max_size=3), st.lists(st.integers(1, 9), max_size=3))
def test_what_two_books_tell_is_never_more_than_what_either_order_allows(
    one: list[int], other: list[int]
) -> None:
    """Law: the account says what `explain` adds up, whoever tells of it first."""
    paid = []
    for sums in ((one, other), (other, one)):
        books, cited = opened()
        for office, told_ in zip((books.us, books.sv), sums, strict=True):
            for n in told_:
                books.pay(cited, office, amount=f"{n}.00")
        steps = explain(pool(both(books)), "T-1", ON, money=True)
        said = [s.values["amount"] for s in steps if s.code == "paid.total-payment"]
        found = [a.moved["payment"] for a in asked(books)]
        assert [f"{minor // 100}.00 USD" for minor in found] == said
        paid.append(found)

    assert paid[0] == paid[1]


def payments(history: JoinedHistory) -> list[Item[Payment]]:
    return [
        Item(seq=seq, entry=entry, record=entry.record, corrected=False)
        for seq, entry in history.entries.items()
        if isinstance(entry.record, Payment)
    ]


def test_payments_of_one_book_are_no_accounts_of_each_other() -> None:
    office = Office()
    office.transfer()
    books, cited = opened()
    for _ in range(2):
        books.pay(cited, books.us)

    assert payments_once(both(books), payments(both(books))) == []
