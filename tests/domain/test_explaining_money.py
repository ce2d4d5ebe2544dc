"""What an agreed sum has earned, from the sum to the rounded figure."""

from datetime import date

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.explaining import explain_money
from ledger.domain.steps import Step
from ledger.tlog.canonical import Json
from tests.domain.steps_of import codes, value, values
from tests.office import Office

ON = date(2025, 12, 20)
GRANT: dict[str, Json] = {"amount": "4760000.00", "currency": "USD", "per": "total"}


def received(**terms: Json) -> Office:
    """Return an office with a transfer that was received, and its grant."""
    office = Office()
    office.transfer(compensation={**GRANT, **terms})
    office.receipt("T-1", 238)
    return office


def money(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Step]:
    """Return the explanation of the money of a transfer."""
    return explain_money(pool_of(office.history, ref), ref, on=on)


def test_a_grant_that_ended_after_124_days_is_told_step_by_step() -> None:
    office = received(payer="US State Department", payee="SV")
    office.exit(["T-1"], 238, "2025-07-18")

    steps = money(office)

    assert [(step.code, dict(step.values)) for step in steps] == [
        ("money.agreed-total", {"amount": "4760000.00 USD"}),
        ("money.payer", {"payer": "US State Department"}),
        ("money.payee", {"payee": "SV"}),
        ("money.no-refund-clause", {}),
        ("money.term", {"first": "2025-03-16", "last": "2026-03-15", "n": 365}),
        ("money.basis-days-of-term", {}),
        ("money.ended", {"day": "2025-07-18"}),
        ("money.days", {"first": "2025-03-16", "stop": "2025-07-18", "n": 124}),
        ("money.fraction", {"part": 124, "whole": 365}),
        (
            "money.product-between",
            {
                "agreed": "4760000.00 USD",
                "part": 124,
                "whole": 365,
                "amount": "1617095.89 USD",
                "numerator": 3,
                "denominator": 73,
            },
        ),
        ("money.accrued", {"amount": "1617095.89 USD", "n": 2}),
        (
            "money.unused",
            {
                "agreed": "4760000.00 USD",
                "accrued": "1617095.89 USD",
                "amount": "3142904.11 USD",
            },
        ),
        ("paid.nothing", {"ref": "T-1"}),
        (
            "paid.less",
            {
                "paid": "0.00 USD",
                "refunded": "0.00 USD",
                "accrued": "1617095.89 USD",
                "amount": "1617095.89 USD",
            },
        ),
    ]


@pytest.mark.parametrize(
    ("basis", "code", "part", "whole", "amount"),
    [
        ("ACT/365", "money.basis-act-365", 124, 365, "1617095.89 USD"),
        ("ACT/366", "money.basis-act-366", 124, 366, "1612677.60 USD"),
        ("30/360", "money.basis-30-360", 122, 360, "1613111.11 USD"),
        ("month/12", "money.basis-month-12", 4, 12, "1586666.67 USD"),
    ],
)
def test_a_stated_basis_decides_the_fraction(
    basis: str, code: str, part: int, whole: int, amount: str
) -> None:
    office = received(basis=basis)
    office.exit(["T-1"], 238, "2025-07-18")

    steps = money(office)

    assert code in codes(steps)
    assert value(steps, "money.fraction") == {"part": part, "whole": whole}
    assert value(steps, "money.accrued")["amount"] == amount


def test_a_whole_term_earns_the_whole_sum_exactly() -> None:
    steps = money(received(), on=date(2026, 6, 1))

    assert value(steps, "money.days-to-last") == {"last": "2026-03-15", "n": 365}
    assert "money.whole" in codes(steps)
    assert value(steps, "money.product")["amount"] == "4760000.00 USD"
    assert value(steps, "money.running") == {"on": "2026-06-01"}


def test_before_the_receipt_it_is_provisional() -> None:
    steps = money(received(), on=date(2025, 3, 15))

    assert "money.first-day-provisional" in codes(steps)
    assert value(steps, "money.days")["n"] == 1


def open_end() -> Office:
    """Return an office of two transfers of which a pool of persons left."""
    office = received(refund_clause="the unused part is returned")
    office.transfer(persons={"n": 23, "qualifier": "exact"})
    office.receipt("T-2", 23)
    office.exit(["T-1", "T-2"], 240, "2025-07-18")
    return office


def test_an_open_end_gives_two_sums() -> None:
    steps = money(open_end())

    assert value(steps, "money.refund-clause")["words"] == "the unused part is returned"
    assert value(steps, "money.end-open")["earliest"] == "2025-07-18"
    assert value(steps, "money.end-not-sure") == {"on": "2025-12-20"}
    assert [v["n"] for v in values(steps, "money.days")] == [124, 280]
    assert value(steps, "paid.if-least") == {"accrued": "1617095.89 USD"}
    assert value(steps, "paid.if-most") == {"accrued": "3651506.85 USD"}
    assert len(values(steps, "paid.less")) == 2


def test_an_open_end_can_have_a_latest_day() -> None:
    office = open_end()
    office.exit(["T-1", "T-2"], 21, "2025-08-18")

    steps = money(office)

    assert value(steps, "money.end-latest") == {"latest": "2025-08-18"}
    assert [v["n"] for v in values(steps, "money.days")] == [124, 155]


@pytest.mark.parametrize(
    ("per", "code"),
    [
        ("person_year", "money.agreed-person-year"),
        ("person_month", "money.agreed-person-month"),
        ("person_day", "money.agreed-person-day"),
    ],
)
def test_a_rate_is_told_with_its_person_days_and_day_count(per: str, code: str) -> None:
    steps = money(received(per=per, amount="36.50"))

    assert code in codes(steps)
    assert value(steps, "money.rate-term") == {
        "first": "2025-03-16",
        "last": "2026-03-15",
    }
    assert value(steps, "money.rate-person-days") == {
        "n": 238 * 280,
        "on": "2025-12-20",
    }
    assert ("money.basis-assumed" in codes(steps)) is (per != "person_day")
    earned = {"person_day": "2432360.00", "person_month": "79968.00"}
    amount = earned.get(per, "6664.00")
    assert value(steps, "money.rate-accrued") == {"amount": f"{amount} USD"}


def test_a_rate_is_told_as_a_range_where_the_persons_are_one() -> None:
    office = received(per="person_year", amount="365.00", basis="ACT/365")
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-2", 10)
    office.exit(["T-1", "T-2"], 10, "2025-03-17")

    steps = money(office, on=date(2025, 3, 17))

    assert value(steps, "money.rate-person-days-range")["least"] == 238 + 228
    assert value(steps, "money.rate-accrued-range") == {
        "least": "466.00 USD",
        "most": "476.00 USD",
    }
    assert "money.basis-act-365" in codes(steps)


def test_a_rate_needs_no_end_and_counts_from_the_departure_until_an_arrival() -> None:
    office = Office()
    office.transfer(
        compensation={**GRANT, "per": "person_day"}, term={"reading": "unknown"}
    )

    steps = money(office)

    assert value(steps, "money.rate-no-end") == {"first": "2025-03-15"}
    assert "money.first-day-provisional" in codes(steps)


def test_a_rate_earns_nothing_before_anybody_left() -> None:
    steps = money(received(per="person_day"), on=date(2025, 3, 14))

    assert value(steps, "money.rate-none") == {"on": "2025-03-14"}


def test_without_an_end_nothing_is_earned() -> None:
    office = Office()
    office.transfer(compensation=GRANT, term={"reading": "unknown"})

    assert value(money(office), "money.no-term") == {"on": "2025-12-20"}


def test_nothing_agreed_is_said() -> None:
    office = Office()
    office.transfer()

    assert codes(money(office)) == ["money.nothing-agreed", "paid.nothing"]


def test_stages_are_told_apart_and_currencies_never_added() -> None:
    office = received()
    for stage in ("pledge", "commitment", "payment", "expenditure", "refund"):
        office.payment(["T-1"], "100.00", stage=stage)
    office.payment(["T-1"], "50.00")
    office.payment(["T-1"], "7.00", currency="EUR")
    office.payment(["T-1"], "9.00", occurred="2027-01-01")
    office.payment(["T-1"], "11.00", status="alleged")

    steps = money(office)

    assert values(steps, "paid.total-payment") == [
        {"amount": "7.00 EUR", "ref": "T-1"},
        {"amount": "150.00 USD", "ref": "T-1"},
    ]
    for stage in ("pledge", "commitment", "expenditure", "refund"):
        assert value(steps, f"paid.{stage}")["amount"] == "100.00 USD"
        assert value(steps, f"paid.total-{stage}")["amount"] == "100.00 USD"
    assert value(steps, "paid.not-counted") == {"said_by": "US"}
    assert value(steps, "paid.less")["paid"] == "150.00 USD"
    assert value(steps, "paid.less")["refunded"] == "100.00 USD"


@pytest.mark.parametrize(
    ("per", "code"),
    [
        ("person_year", "paid.per-person-year"),
        ("person_month", "paid.per-person-month"),
        ("person_day", "paid.per-person-day"),
    ],
)
def test_a_rate_is_in_no_total(per: str, code: str) -> None:
    office = received()
    office.payment(["T-1"], "20000.00", per=per)

    steps = money(office)

    assert code in codes(steps)
    assert values(steps, "paid.total-payment") == []


@pytest.mark.parametrize(
    ("amount", "code", "more"),
    [
        ("4760000.00", "paid.even", "0.00 USD"),
        ("4760000.01", "paid.more", "0.01 USD"),
        ("4759999.99", "paid.less", "0.01 USD"),
    ],
)
def test_what_was_paid_is_set_against_what_was_earned(
    amount: str, code: str, more: str
) -> None:
    office = received()
    office.payment(["T-1"], amount)

    assert value(money(office, on=date(2026, 6, 1)), code)["amount"] == more


def test_what_was_paid_for_several_transfers_is_not_split() -> None:
    office = open_end()
    office.payment(["T-1", "T-2"], "100.00")
    office.payment(["T-1", "T-2"], "100.00", stage="pledge")

    steps = money(office)

    assert values(steps, "paid.shared") == [{"n": 2}, {"n": 2}]
    assert value(steps, "paid.cannot-be-split") == {"currency": "USD"}
    assert not any(c.startswith("paid.total-") for c in codes(steps))


def test_a_shared_pledge_alone_hinders_no_comparison() -> None:
    office = open_end()
    office.payment(["T-1", "T-2"], "100.00", stage="pledge")

    assert values(money(office), "paid.cannot-be-split") == []


def test_rival_sums_are_listed() -> None:
    office = received()
    paid = office.payment(["T-1"], "100.00")
    office.claim(1, "/compensation/amount", "6000000.00")
    office.claim(paid.seq, "/amount", "15000000.00")
    office.claim(1, "/persons/n", 250)

    found = values(money(office), "claim.not-adopted")

    assert [v["value"] for v in found] == ["6000000.00", "15000000.00"]


def test_each_step_of_a_rate_is_told_with_its_persons_days_and_product() -> None:
    office = received(per="person_day", amount="2.00")
    office.renewal("T-1", 200, agreed_on="2026-03-01")
    office.renewal(
        "T-1",
        200,
        agreed_on="2027-03-01",
        compensation={**GRANT, "per": "person_year", "amount": "365.01"},
    )
    office.renewal("T-1", 1, agreed_on="2028-03-01", compensation=GRANT)
    office.payment(["T-1"], "5.00")

    steps = money(office, on=date(2027, 3, 16))

    assert values(steps, "money.rate-days-unauthorised")[0] == {
        "first": "2026-03-16",
        "last": "2027-02-28",
        "days": 350,
        "n": 38,
    }
    assert values(steps, "money.rate-product")[0] == {
        "agreed": "2.00 USD",
        "persons": 238,
        "units": "350",
        "amount": "166600.00 USD",
    }
    between = values(steps, "money.rate-product-between")
    # It meets those first whose term ended first: the 38, and 162 of the others.
    assert {(v["persons"], v["units"]) for v in between} >= {(162, "1/365")}
    assert "money.rate-carried" in codes(steps)
    # It is told again where the sum of the others came in between.
    assert values(steps, "money.agreed-person-year")[0] == {"amount": "365.01 USD"}
    assert "money.rate-other-sum" in codes(steps)
    # The 38 for 350 days, and once more after their renewal, with the 38 others.
    assert value(steps, "money.rate-unauthorised-person-days")["n"] == 38 * 352
    assert "paid.less" in codes(steps)


def test_a_rate_of_a_pool_is_told_at_both_ends_apart_too() -> None:
    office = received(per="person_day", amount="2.00")
    office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-2", 10)
    office.exit(["T-1", "T-2"], 10, "2026-03-17")

    steps = money(office, on=date(2026, 3, 17))

    assert "money.rate-joint" in codes(steps)
    assert value(steps, "money.rate-unauthorised-accrued-range") == {
        "least": "932.00 USD",
        "most": "952.00 USD",
    }
    assert value(steps, "money.rate-days-unauthorised-range")["least"] == 228
