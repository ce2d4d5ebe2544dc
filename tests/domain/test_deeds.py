"""Two books' accounts of one renewal, payment, arrival or exit: nothing is added."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.beginnings import Part
from ledger.domain.custody import Pool, pool_of
from ledger.domain.explaining import explain
from ledger.domain.explaining_renewals import renewal_steps
from ledger.domain.joining import STRIDE
from ledger.domain.terms import ends_surely, parts
from ledger.domain.variances import Flag, flags
from ledger.tlog.canonical import Json
from tests.two_books import Books, asked_together, exact

ON = date(2026, 3, 14)
Said = dict[str, Json]


def opened(n: int = 238) -> tuple[Books, Said]:
    """Return two books with a departure that the other one received."""
    books = Books()
    cited = books.depart(n)
    books.arrive(cited, n, admitted="2025-03-16T03:00-06:00")
    return books, cited


def both(books: Books) -> Pool:
    return pool_of(asked_together(books.us, books.sv), "T-1")


def renewed(one: Said | None, other: Said | None) -> Pool:
    """Return the transfer as both books' accounts of one renewal leave it."""
    books, cited = opened()
    for office, said in ((books.us, one), (books.sv, other)):
        if said is not None:
            books.renew(cited, office, **said)
    return both(books)


def ends(pool: Pool, *, on: date = ON) -> list[tuple[str, int]]:
    return [(str(p.last_day), p.persons.most) for p in parts(pool, "T-1", on=on)]


def told(pool: Pool, code: str, *, on: date = ON) -> list[Flag]:
    return [flag for flag in flags(pool, "T-1", on=on) if flag.code == code]


def values(flag: Flag) -> list[str]:
    return [saying.value for saying in flag.said]


@pytest.mark.parametrize(
    ("one", "other", "end", "apart", "said"),
    [
        ({"length": "P1Y"}, {"length": "P6M"}, "2026-09-15", 181, ["P1Y", "P6M"]),
        ({"length": "P6M"}, {"length": "P1Y"}, "2026-09-15", 181, ["P6M", "P1Y"]),
        (
            {"until": "2026-10-01"},
            {"length": "P1Y"},
            "2026-10-01",
            165,
            ["2026-10-01", "P1Y"],
        ),
        (
            {"length": "P6M", "from": "2026-03-16"},
            {"length": "P6M", "from": "2026-03-20"},
            "2026-09-15",
            4,
            ["2026-03-16/P6M", "2026-03-20/P6M"],
        ),
    ],
)
def test_of_two_ends_of_one_renewal_the_earlier_is_in_force(
    one: Said, other: Said, end: str, apart: int, said: list[str]
) -> None:
    pool = renewed(one, other)
    (flag,) = told(pool, "renewed-otherwise")

    assert ends(pool) == [(end, 238)]
    assert (flag.seq, flag.n, values(flag)) == (STRIDE + 2, apart, said)


def test_of_two_first_days_with_one_end_the_longer_gap_counts() -> None:
    until: Said = {"until": "2026-10-01"}
    for days in (("2026-03-16", "2026-03-20"), ("2026-03-20", "2026-03-16")):
        one, other = ({**until, "from": day} for day in days)
        pool = renewed(one, other)
        (part,) = parts(pool, "T-1", on=ON)
        (flag,) = told(pool, "renewed-otherwise")

        assert [period.gap_days for period in part.periods] == [4]
        assert flag.n == 4


def test_of_two_numbers_of_one_renewal_the_fewer_are_extended() -> None:
    pool = renewed({"persons": exact(238)}, {"persons": exact(200)})
    (flag,) = told(pool, "renewed-persons")

    assert ends(pool) == [("2026-03-15", 38), ("2027-03-15", 200)]
    # Of 38 both books agree: which of them counts is the one that names fewer.
    assert (flag.seq, flag.n, values(flag)) == (2, 38, ["200", "238"])


def test_a_number_that_is_not_exact_differs_from_one_that_is() -> None:
    about: Json = {"n": 238, "qualifier": "about"}
    (flag,) = told(renewed({"persons": about}, {}), "renewed-persons")

    assert (flag.n, values(flag)) == (0, ["≈238", "238"])


def test_what_both_say_alike_is_no_difference_and_counts_once() -> None:
    pool = renewed({}, {})
    codes = Counter(flag.code for flag in flags(pool, "T-1", on=ON))

    assert ends(pool) == [("2027-03-15", 238)]
    assert codes["said-by-both"] == 1
    assert not {"renewed-otherwise", "renewed-persons"} & codes.keys()


def test_two_renewals_of_one_book_are_two() -> None:
    books, cited = opened()
    for _ in range(2):
        books.renew(cited, books.us, length="P6M")
    books.renew(cited, books.sv, length="P6M")

    # The second one of the first book stands alone, as `reconcile` says.
    assert ends(both(books)) == [("2027-03-15", 238)]


def test_what_is_alleged_is_no_account_of_a_renewal_that_counts() -> None:
    pool = renewed({"length": "P1Y"}, {"length": "P6M", "status": "alleged"})

    assert ends(pool) == [("2027-03-15", 238)]
    assert not told(pool, "renewed-otherwise")
    assert told(pool, "not-counted")


def test_a_renewal_of_nobody_left_is_told_of_otherwise_all_the_same() -> None:
    books, cited = opened()
    books.leave([cited], 238)
    books.renew(cited, books.us, length="P1Y")
    books.renew(cited, books.sv, length="P6M")
    (flag,) = told(both(books), "renewed-otherwise")

    assert flag.n == 181
    books, cited = opened()
    books.leave([cited], 238)
    books.renew(cited, books.us, length="P1Y")
    books.renew(cited, books.sv, length="P1Y")
    assert not told(both(books), "renewed-otherwise")


def test_a_difference_is_told_from_the_day_of_the_agreement() -> None:
    pool = renewed({"length": "P1Y"}, {"length": "P6M"})

    assert not told(pool, "renewed-otherwise", on=date(2026, 2, 28))
    assert told(pool, "renewed-otherwise", on=date(2026, 3, 1))


def test_explain_says_who_says_what_and_what_counts() -> None:
    pool = renewed({"length": "P1Y"}, {"length": "P6M"})
    steps = {(s.code, s.seq): s.values for s in renewal_steps(pool, "T-1", on=ON)}

    assert steps["renewal.account", 2] == {"n": 238, "said_by": "US", "said": "P1Y"}
    assert steps["renewal.account", STRIDE + 2]["said"] == "P6M"
    assert steps["renewal.less-counts", None] == {
        "n": 238,
        "last": "2026-09-15",
        "latest": "2027-03-15",
    }
    # What moved the end is the account that says so.
    (end,) = [s for s in explain(pool, "T-1", ON) if s.code == "renewal.agreed"]
    assert (end.seq, end.values["said_by"]) == (STRIDE + 2, "SV")
    alone = renewed({"length": "P1Y"}, None)
    assert not [s for s in explain(alone, "T-1", ON) if s.code == "renewal.account"]


def test_an_account_beyond_the_calendar_is_seen_before_it_is_counted() -> None:
    pool = renewed({"length": "P1Y"}, {"length": "P9000Y"})

    assert not ends_surely(pool.cases["T-1"])


_terms = st.one_of(
    st.builds(
        lambda length: {"length": length},
        st.sampled_from(["P1M", "P6M", "P1Y", "P30D", "P365D", "P1Y6M"]),
    ),
    st.builds(
        lambda n: {"until": (date(2026, 3, 15) + timedelta(n)).isoformat()},
        st.integers(0, 500),
    ),
)
_accounts = st.builds(
    lambda terms, n, begins: {
        **terms,
        "persons": exact(n),
        **({} if begins is None else {"from": begins}),
    },
    _terms,
    st.integers(1, 250),
    st.sampled_from([None, "2026-03-01", "2026-03-16", "2026-03-20"]),
)


def valid(said: Said) -> bool:
    until, begins = said.get("until"), said.get("from")
    return until is None or begins is None or str(begins) <= str(until)


def surely(found: tuple[Part, ...], day: date) -> int:
    """Return how many persons may be held on a day."""
    return sum(p.persons.most for p in found if p.last_day and p.last_day >= day)


@settings(max_examples=60, deadline=None)
@given(_accounts.filter(valid), _accounts.filter(valid))
def test_two_books_never_authorise_later_nor_more_than_either(
    one: Said, other: Said
) -> None:
    """Law of renewals that extend: none here ends before the term does."""
    together = parts(renewed(one, other), "T-1", on=ON)
    turned = parts(renewed(other, one), "T-1", on=ON)
    alone = [
        parts(pool, "T-1", on=ON) for pool in (renewed(one, None), renewed(None, other))
    ]
    days = {p.last_day for found in (together, *alone) for p in found if p.last_day}

    for day in days:
        least = min(surely(found, day) for found in alone)
        assert surely(together, day) <= least
        assert surely(together, day) == surely(turned, day)
    assert sum(p.persons.most for p in together) == 238


def paid(one: Said, other: Said, *, on: date = ON) -> tuple[list[str], list[Flag]]:
    """Return what is paid in all by both books' accounts, and how they differ."""
    books, cited = opened()
    books.pay(cited, books.us, **one)
    books.pay(cited, books.sv, **other)
    pool = both(books)
    steps = explain(pool, "T-1", on, money=True)
    totals = [str(s.values["amount"]) for s in steps if s.code == "paid.total-payment"]
    return totals, told(pool, "paid-otherwise", on=on)


def test_two_sums_of_one_payment_are_not_added() -> None:
    totals, (flag,) = paid({"amount": "100.00"}, {"amount": "90.00"})

    assert totals == ["90.00 USD"]
    assert (flag.seq, values(flag)) == (2, ["90.00 USD", "100.00 USD"])


def test_of_one_sum_on_two_days_the_later_counts() -> None:
    totals, none = paid({}, {"occurred": "2025-04-22"})
    early, _ = paid({}, {"occurred": "2025-04-22"}, on=date(2025, 4, 1))

    assert (totals, none) == (["4760000.00 USD"], [])
    assert early == []


def test_payments_of_other_stages_are_two() -> None:
    totals, none = paid({}, {"stage": "commitment", "amount": "5000000.00"})

    assert (totals, none) == (["4760000.00 USD"], [])


def test_a_difference_of_sums_is_told_from_the_day_of_the_payment() -> None:
    _, none = paid({"amount": "1.00"}, {"amount": "2.00"}, on=date(2025, 3, 21))

    assert none == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 5), max_size=3),
    st.lists(st.integers(1, 5), max_size=3),
)
def test_what_two_books_say_is_paid_is_never_more_than_all_pairs_allow(
    one: list[int], other: list[int]
) -> None:
    books, cited = opened()
    for office, sums in ((books.us, one), (books.sv, other)):
        for n in sums:
            books.pay(cited, office, amount=f"{n}.00")
    steps = explain(both(books), "T-1", ON, money=True)
    found = [s.values["amount"] for s in steps if s.code == "paid.total-payment"]
    minor = int(float(str(found[0]).split()[0])) if found else 0

    # As many payments as the longer list has; each pair counts its lesser sum.
    assert minor <= max(sum(one), sum(other), sum(one) + sum(other) - 1)
    assert len([s for s in steps if s.code == "paid.payment"]) == max(
        len(one), len(other)
    )
    assert minor <= sum(sorted(one + other)[-max(len(one), len(other)) :] or [0])


def test_a_report_of_arrivals_shows_by_how_many_it_differs() -> None:
    books, cited = opened(238)
    books.arrive(cited, 230, by=books.us)
    pool = both(books)
    (flag,) = told(pool, "reported-otherwise")
    steps = [s for s in explain(pool, "T-1", ON) if s.code.startswith("beside.")]

    assert (flag.seq, flag.n, values(flag)) == (2, 8, ["238", "230"])
    assert [(s.code, s.seq, s.values["n"]) for s in steps] == [
        ("beside.arrived", 2, 230),
        ("beside.apart", 2, 8),
    ]


def test_a_report_of_exits_shows_by_how_many_it_differs() -> None:
    books, cited = opened(263)
    books.leave([cited], 252)
    books.leave([cited], 263, by=books.us)
    pool = both(books)
    (flag,) = told(pool, "reported-otherwise")
    steps = [s for s in explain(pool, "T-1", ON) if s.code.startswith("beside.")]

    assert (flag.n, values(flag)) == (11, ["252", "263"])
    assert [(s.code, s.values["n"]) for s in steps] == [
        ("beside.left", 263),
        ("beside.apart", 11),
    ]
    assert not told(pool, "reported-otherwise", on=date(2025, 7, 17))


def test_reports_of_arrival_count_from_their_day() -> None:
    books, cited = opened(238)
    books.arrive(cited, 230, by=books.us, arrived="2025-04-16T00:30-06:00")
    pool = both(books)

    assert not told(pool, "reported-otherwise", on=date(2025, 4, 1))
    assert told(pool, "reported-otherwise", on=date(2025, 5, 1))


def shared(mine: Json, theirs: Json, **more: Json) -> list[Flag]:
    """Return how a report of a split exit differs from the custodian's of a pool."""
    books, cited = opened(238)
    second = books.depart(23)
    books.arrive(second, 23)
    books.leave([cited, second], theirs)
    books.leave([cited, second], mine, by=books.us, **more)
    return told(both(books), "reported-otherwise")


def test_of_an_exit_of_several_only_what_is_sure_differs() -> None:
    books, cited = opened(238)
    second = books.depart(23)
    books.arrive(second, 23)
    split: list[Json] = [
        {"transfer": cited, "n": 90},
        {"transfer": second, "n": 10},
    ]
    books.leave([cited, second], 50)
    books.leave([cited, second], 100, by=books.us, split=split)
    (flag,) = told(both(books), "reported-otherwise")

    # 90 of this transfer by the report; at most 50 by the custodian.
    assert (flag.n, values(flag)) == (40, ["50", "90"])
    assert [flag.n for flag in shared(100, 89)] == [11]
    assert shared(100, 100) == []


def test_an_exit_of_another_transfer_alone_is_no_report_of_this_one() -> None:
    books, cited = opened(238)
    second = books.depart(23)
    books.arrive(second, 23)
    books.leave([cited], 10)
    books.leave([second], 5)
    books.leave([cited], 10, by=books.us)

    assert not told(both(books), "reported-otherwise")


def test_accounts_that_agree_are_both_said_and_no_end_is_chosen() -> None:
    codes = [s.code for s in renewal_steps(renewed({}, {}), "T-1", on=ON)]

    assert codes.count("renewal.account") == 2
    assert "renewal.less-counts" not in codes
