"""Two books laid side by side: what is in one only, and what is otherwise in both."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.pairing import Signed
from ledger.tlog.canonical import Json
from tests.two_books import NOW, Books, exact, told


@pytest.fixture(name="books")
def _books() -> Books:
    return Books()


def test_a_departure_that_was_answered_with_the_same_number_is_no_difference(
    books: Books,
) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)

    assert books.differences() == []


def test_announced_11_arrived_10_names_both_keys(books: Books) -> None:
    cited = books.depart(11)
    books.arrive(cited, 10)
    found = books.only()

    assert told(found) == ("persons", "11", "10", 1)
    assert (found.ref, found.book, found.unit) == ("T-1", "us.example/book", "persons")
    assert found.one.signed == (Signed(1, "us.example/clerk-07"),)
    assert found.other.signed == (Signed(1, "sv.example/clerk-07"),)
    assert found.since == date(2025, 3, 15)


def test_252_against_238_in_what_both_say_of_the_arrival(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238, by=books.us)
    books.arrive(cited, 252)

    found = [told(each) for each in books.differences()]
    assert found == [("arrived", "238", "252", 14), ("persons", "238", "252", 14)]


def test_all_left_against_11_still_held(books: Books) -> None:
    cited = books.depart(11)
    books.arrive(cited, 11)
    books.leave([cited], 11, by=books.us)

    assert told(books.only()) == ("held", "0", "11", 11)
    assert [s.seq for s in books.only().one.signed] == [1, 2]


def test_all_left_where_nobody_has_signed_for_an_arrival(books: Books) -> None:
    cited = books.depart(11)
    books.leave([cited], 11, by=books.us)

    found = {told(each) for each in books.differences()}
    assert ("left", "11", "0", 11) in found


def test_a_departure_on_4_july_and_an_arrival_on_5_july_are_no_days_apart(
    books: Books,
) -> None:
    cited = books.depart(8, departures=[{"at": "2025-07-04T22:30-04:00"}])
    books.arrive(cited, 8, arrived="2025-07-05T01:15-06:00")
    books.arrive(cited, 8, by=books.us, arrived="2025-07-04")

    assert books.differences() == []


def test_an_arrival_that_both_date_and_cannot_be_the_same_is_days_apart(
    books: Books,
) -> None:
    cited = books.depart(8)
    books.arrive(cited, 8, arrived="2025-03-20T08:00-06:00")
    books.arrive(cited, 8, by=books.us, arrived="2025-03-16")
    found = books.only()

    assert told(found) == ("arrived-on", "2025-03-16", "2025-03-20T08:00-06:00", 4)
    assert found.unit == "days"


def test_an_arrival_hours_apart_on_one_day_is_no_difference_of_days(
    books: Books,
) -> None:
    cited = books.depart(8)
    books.arrive(cited, 8, arrived="2025-03-20T08:00-06:00")
    books.arrive(cited, 8, by=books.us, arrived="2025-03-20T09:00-06:00")

    assert books.differences() == []


def test_an_arrival_before_the_departure_is_said(books: Books) -> None:
    cited = books.depart(8)
    books.arrive(cited, 8, arrived="2025-03-13T08:00-06:00")

    assert told(books.only())[0] == "before-departure"
    assert books.only().n == 2


@pytest.mark.parametrize(
    ("hours", "code"), [(23, []), (24, [24]), (119, [119]), (120, [120])]
)
def test_a_departure_that_nobody_answered_is_said_after_a_day(
    books: Books, hours: int, code: list[int]
) -> None:
    books.depart(238)
    left = datetime(2025, 3, 15, 21, 27, tzinfo=UTC)
    now = datetime.fromtimestamp(left.timestamp() + hours * 3600, tz=UTC)
    found = books.differences(on=date(2026, 1, 1), now=now)

    assert [each.hours for each in found] == code
    assert [told(each) for each in found] == [
        ("unanswered", "238", "", 238) for _ in code
    ]


def test_a_day_is_over_everywhere_before_its_hours_count(books: Books) -> None:
    books.depart(238, departures=[{"at": "2025-03-15"}])
    on = date(2025, 3, 16)

    assert books.differences(on=on) == []
    assert books.only(on=date(2025, 3, 17)).hours == 42


def test_the_last_day_of_all_has_an_end(books: Books) -> None:
    books.depart(238)

    assert books.only(on=date.max).hours > 0


def test_what_happens_later_is_not_looked_at(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 10)
    books.leave([cited], 10, by=books.us)
    books.renew(cited, books.us)
    books.pay(cited, books.us)

    assert books.differences(on=date(2025, 3, 14)) == []
    assert books.differences(on=date(2025, 3, 15)) == []
    assert [d.code for d in books.differences(on=date(2025, 3, 18))] == ["persons"]


def test_an_alleged_arrival_answers_nothing(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 10, status="alleged")

    assert books.only().code == "unanswered"


@pytest.mark.parametrize(
    ("count", "n", "apart"),
    [
        ({"n": 247, "qualifier": "at_least"}, 252, 0),
        ({"n": 247, "qualifier": "at_least"}, 240, 7),
        ({"n": 247, "qualifier": "at_most"}, 252, 5),
        ({"n": 250, "qualifier": "about"}, 252, 0),
    ],
)
def test_numbers_that_can_both_be_true_are_no_difference(
    books: Books, count: Json, n: int, apart: int
) -> None:
    cited = books.depart(count)
    books.arrive(cited, n)

    assert [each.n for each in books.differences()] == [apart] * bool(apart)


def test_more_to_come_is_no_difference_unless_too_many_came(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 200, more_to_come=True)
    assert books.differences() == []

    books.arrive(cited, 50, more_to_come=True)
    assert told(books.only()) == ("persons", "238", "250-10000000", 12)


def test_what_is_held_while_more_are_to_come_is_at_least_a_number(
    books: Books,
) -> None:
    cited = books.depart(238)
    books.arrive(cited, 200, more_to_come=True)
    books.arrive(cited, 200, by=books.us)
    books.leave([cited], 150, by=books.us)

    assert told(books.only()) == ("held", "50", "200-10000000", 150)


def test_refused_persons_are_not_held_on_either_side(books: Books) -> None:
    cited = books.depart(238)
    refused: Json = [{"n": 8, "reason": "no room"}]
    books.arrive(cited, 238, refused=refused)
    books.arrive(cited, 238, by=books.us, refused=refused)
    books.leave([cited], 100, by=books.us)
    books.leave([cited], 100)

    assert books.differences() == []


def test_exits_on_other_days_are_days_apart(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.leave([cited], 100, by=books.us, occurred="2025-07-01")
    books.leave([cited], 100)

    assert told(books.only()) == ("left-on", "2025-07-01", "2025-07-18", 17)


def test_several_exits_of_one_kind_are_not_matched_by_guessing(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.leave([cited], 100, by=books.us, occurred="2025-07-01")
    books.leave([cited], 60)
    books.leave([cited], 40)

    assert books.differences() == []


def test_exits_of_several_transfers_are_bounds(books: Books) -> None:
    first, second = books.depart(100), books.depart(50)
    for cited, n in ((first, 100), (second, 50)):
        books.arrive(cited, n)
    books.leave([first, second], 120, by=books.us)
    books.leave(
        [first, second],
        120,
        split=[{"transfer": first, "n": 80}, {"transfer": second, "n": 40}],
    )

    assert books.differences() == []


def test_what_the_custodian_alone_says_of_exits_needs_no_answer(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.leave([cited], 100)

    assert books.differences() == []


def test_an_arrival_that_nobody_announced_is_said(books: Books) -> None:
    books.put(books.sv, "receipt", unannounced())
    found = books.only()

    assert told(found) == ("unannounced", "", "17", 17)
    assert (found.ref, found.book) == ("R-1", "sv.example/book")


def unannounced(**members: Json) -> dict[str, Json]:
    return {
        "ref": "R-1",
        "origin": "US",
        "persons": exact(17),
        "arrived": "2025-03-16",
        "arrived_persons": 17,
        **members,
    }


def test_an_arrival_that_turned_out_to_be_a_departure_answers_it(books: Books) -> None:
    cited = books.depart(17)
    opening = books.put(books.sv, "receipt", unannounced())
    books.arrive(cited, 17, formerly="R-1")
    books.leave([books.sv.cite_entry(opening.seq)], 5)
    books.leave([cited], 5, by=books.us)

    assert books.differences() == []


def test_arrivals_from_a_third_state_or_to_come_concern_neither(books: Books) -> None:
    books.put(books.sv, "receipt", unannounced(origin="MX"))
    books.put(books.sv, "receipt", unannounced(ref="R-2", arrived="2027-03-16"))
    books.us.transfer(destination="MX")

    assert books.differences() == []


def test_a_receipt_of_what_was_retracted_answers_nothing(books: Books) -> None:
    cited = books.depart(17)
    books.arrive(cited, 17)
    books.us.retract(1)

    assert told(books.only()) == ("answers-nothing", "", "17", 17)
    assert books.only().ref == "T-1"


def test_a_receipt_of_what_was_never_there_answers_nothing(books: Books) -> None:
    books.depart(17)
    books.arrive({"ledger": "us.example/book", "seq": 9, "leaf": "0" * 64}, 3)
    books.arrive({"ledger": "mx.example/book", "seq": 1, "leaf": "0" * 64}, 3)

    codes = [(each.code, each.ref) for each in books.differences()]
    assert codes == [("answers-nothing", ""), ("unanswered", "T-1")]


def test_a_renewal_stands_in_one_book_until_the_other_signs_it(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.renew(cited, books.us)
    found = books.only()
    assert told(found) == ("renewal-unanswered", "2027-03-15", "", 238)
    assert found.since == date(2026, 3, 1)

    books.renew(cited, books.sv)
    assert books.differences() == []


def test_a_renewal_that_only_the_custodian_signed(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.renew(cited, books.sv, length="P1Y")

    assert told(books.only()) == ("renewal-unanswered", "", "P1Y", 238)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"until": "2027-03-20"}, [("renewed-until", 5)]),
        ({"persons": exact(200)}, [("renewed-persons", 38)]),
        ({"length": "P2Y"}, []),
        ({"reviewer": "somebody"}, []),
    ],
)
def test_renewals_of_one_day_are_compared(
    books: Books, other: dict[str, Json], expected: list[tuple[str, int]]
) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.renew(cited, books.us)
    books.renew(cited, books.sv, **other)

    assert [(each.code, each.n) for each in books.differences()] == expected


@pytest.mark.parametrize(
    ("other", "n"),
    [
        ({"length": "P6M"}, 181),  # at least: from another day they are 184 apart
        ({"length": "P6M", "from": "2026-03-16"}, 181),
        ({"length": "P6M", "from": "2026-09-01"}, 184),
        ({"length": "P365D"}, 0),
        ({"length": "P2Y"}, 365),
    ],
)
def test_two_lengths_differ_by_so_many_days_at_least(
    books: Books, other: dict[str, Json], n: int
) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.renew(cited, books.us, length="P1Y")
    books.renew(cited, books.sv, **other)

    assert told(books.only()) == ("renewed-until", "P1Y", other["length"], n)


def test_money_that_one_state_signed_alone(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.pay(cited, books.us)
    found = books.only()

    assert told(found) == ("payment-unanswered", "4760000.00 USD", "", 476_000_000)
    assert (found.unit, found.currency) == ("money", "USD")
    books.pay(cited, books.sv, occurred="2025-03-25")
    assert books.differences() == []


def test_money_that_only_the_payee_signed_and_other_amounts(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.pay(cited, books.sv, amount="4000000.00")
    assert told(books.only())[:3] == ("payment-unanswered", "", "4000000.00 USD")

    books.pay(cited, books.us)
    found = books.only()
    assert told(found) == ("amount", "4760000.00 USD", "4000000.00 USD", 76_000_000)


def test_payments_that_say_the_same_go_together_first(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.pay(cited, books.us, amount="1.00")
    books.pay(cited, books.us, amount="2.00")
    books.pay(cited, books.sv, amount="2.00")
    books.pay(cited, books.sv, amount="1.00")

    assert books.differences() == []


def test_commitments_and_payments_are_never_one(books: Books) -> None:
    cited = books.depart(238)
    books.arrive(cited, 238)
    books.pay(cited, books.us, stage="commitment")
    books.pay(cited, books.sv)

    assert [each.code for each in books.differences()] == ["payment-unanswered"] * 2


def test_both_directions_are_reconciled(books: Books) -> None:
    books.depart(238)
    sent = books.sv.transfer(origin="SV", destination="US")
    books.arrive(books.sv.cite_entry(sent.seq), 9, by=books.us)
    found = books.differences()

    assert [(each.book, each.code) for each in found] == [
        ("sv.example/book", "persons"),
        ("us.example/book", "unanswered"),
    ]
    assert found[0].one.book == "us.example/book"
    assert found[0].one.text == "9"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_each_departure_is_answered_or_unanswered_and_what_is_the_same_is_silent(
    seed: int,
) -> None:
    chance, books = Random(seed), Books()  # noqa: S311 (nothing here is secret)
    answered, wrong = 0, 0
    for _ in range(chance.randrange(1, 6)):
        n = chance.randrange(1, 300)
        cited = books.depart(n)
        off = chance.choice((0, 0, 0, 1, -1)) if n > 1 else 0
        if chance.random() < 0.7:
            answered += 1
            wrong += bool(off)
            books.arrive(cited, n + off)
    codes = [each.code for each in books.differences(now=NOW)]

    assert codes.count("unanswered") == len(books.us.history.entries) - 1 - answered
    assert codes.count("persons") == wrong
    assert len(codes) == codes.count("unanswered") + wrong


def test_who_was_recognised_twice_is_counted_once(books: Books) -> None:
    cited = books.depart(20)
    books.put(books.sv, "receipt", unannounced(arrived_persons=20))
    for _ in range(2):
        books.arrive(cited, 20, formerly="R-1")

    assert books.differences() == []


def test_who_came_later_by_the_name_of_the_arrival_is_counted_too(books: Books) -> None:
    cited = books.depart(20)
    first = books.put(books.sv, "receipt", unannounced(arrived_persons=15))
    own = books.sv.cite_entry(first.seq)
    books.arrive(own, 2)
    books.arrive(cited, 17, formerly="R-1", more_to_come=True)
    books.arrive(own, 3)

    assert books.differences() == []
