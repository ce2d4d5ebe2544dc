"""The law: every value of a row of `summary.json` is in the text and on the page.

What is said in other words, or on purpose not at all, is named here with why.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.summary_html import summary_html
from ledger.exchange.summary_text import summary_text
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS
from tests.exchange.pages import read_page
from tests.office import Office
from tests.summaries import plausible_summary, summary_of

ENGLISH = Catalogue.load("en")
# Members that are in no file as they stand, and why.
ELSEWHERE = {
    "departed_at": "among the departures, or a month in words",
    "departed_on": "of a month, the first day: a flag says so",
    "counted_from": "of `start_event` and `starts_with`",
    "start": "where no event is recorded, said to be unknown",
    "starts_with": "in words",
    "start_event": "in words",
    "reading": "in words",
    "trigger": "in words",
    "notice": "in words",
    "status": "in words",
    "qualifier": "in words",
    "renewable": "in words",
    "per": "in words",
    "basis": "in words",
    "course": "in words",
    "how": "in words",
    "flag": "in words",
    "stage": "in words",
    "type": "as a member beside the sentence",
    "leaf": "of an entry: its number is there, its proof in the JSON",
    "ledger": "of a citation: the entry's number is there",
    "proof": "in the JSON",
    "gap_days": "period by period, and in all",
    "renewals": "in words, and period by period",
    "provisional": "in words, where it is so",
    "assumed": "in words, where it is so",
    "acknowledged": "in words",
    "basis_assumed": "in words",
    "beyond_limit": "in words, where it is so",
    "without_recorded_authority": "in words",
}
MONTHS = {"2025-03": "March 2025", "2025-07": "July 2025"}


@cache
def much() -> dict[str, Any]:
    """Return the summary of a book with much to say: read it, never write."""
    office = Office()
    clause: Json = {"clause": "express", "notice": {"lead": "P1M"}}
    office.instrument(renewal=clause, occurred="2025-03", text="not published")
    paper: Json = {
        "title": "A letter",
        "date": "2025-03-22",
        "url": "https://a.example/x",
    }
    office.transfer(
        instruments=["I-1"],
        arrangement="us-sv-2025",
        departures=[{"at": "2025-03", "from": "Harlingen", "carrier": "a charter"}],
        breakdown=[{"label": "one", "n": 200}, {"label": "two", "n": 38}],
        legal_basis="a law",
        ordering_authority="an office",
        transferring_authority="another office",
        manifest={"root": "ab" * 32, "count": 238},
        compensation={
            "amount": "36.50",
            "currency": "USD",
            "per": "person_month",
            "payer": "State Department",
            "payee": "Treasury of SV",
            "refund_clause": "whatever is left",
        },
        term={"reading": "fixed", "length": "P1Y", "text": "un año", "language": "es"},
        text="as read",
        evidence=[paper],
    )
    office.receipt("T-1", 238, arrived="2025-03", admitted="2025-03")
    office.transfer(
        compensation={"amount": "4760000.00", "currency": "USD", "per": "total"},
        persons={"n": 23, "qualifier": "about"},
        term={"reading": "fixed", "length": "P1Y", "trigger": "signed"},
    )
    office.receipt("T-2", 23)
    office.transfer(
        compensation={
            "amount": "4760000.00",
            "currency": "USD",
            "per": "total",
            "basis": "ACT/365",
        },
        persons={"n": 17, "qualifier": "exact"},
    )
    office.exit(["T-1", "T-2"], 4, "2025-07")
    office.exit(["T-1"], 1, "2025-07-18", how="died")
    office.renewal("T-1", 238, agreed_on="2026-04-01", length="P6M")
    office.payment(["T-1"], "5.00", restrictions=["not to others"], purpose="food")
    return summary_of(office, on=date(2026, 6, 1))


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every single value, with the name of the member that it is of."""
    match value:
        case dict():
            for key, inner in value.items():
                if key not in ELSEWHERE:
                    yield from leaves(inner, key)
        case list():
            for inner in value:
                yield from leaves(inner, name)
        case bool():
            pass
        case _:
            yield name, MONTHS.get(str(value), str(value))


SUMMARIES = [plausible_summary(seed) for seed in FEW_SEEDS[:6]]


@pytest.mark.parametrize("number", range(-1, len(SUMMARIES)))
def test_every_value_of_a_row_is_in_the_text_and_on_the_page(number: int) -> None:
    summary = much() if number < 0 else SUMMARIES[number]
    text = " ".join(summary_text(summary, ENGLISH).split())
    page = read_page(summary_html(summary, ENGLISH)).text
    listed = [summary[k] for k in ("transfers", "instruments", "payments")]
    values = [pair for rows in listed for pair in leaves(rows)]

    assert [pair for pair in values if pair[1] not in text] == []
    assert [pair for pair in values if pair[1] not in page] == []
    assert len(values) > 20


def test_what_a_court_asks_for_is_said_in_words() -> None:
    text = " ".join(summary_text(much(), ENGLISH).split())

    for words in (
        "T-1: from US to SV, departed in March 2025 (the day is not recorded)",
        "payment agreed: 36.50 USD for each person and month",
        "to be paid by: State Department",
        "to be paid to: Treasury of SV",
        "refund clause, as quoted: “whatever is left”",
        "counted by ACT/365, days divided by 365, which is assumed: none was agreed",
        "for 233–237 persons at the end of that",  # noqa: RUF001 (a range)
        "accrued by the day of this summary: between ",
        "under the instruments: I-1",
        "legal basis: a law",
        "source: “A letter”, 2025-03-22",
        "repatriated, from T-1, T-2 together: 4, July 2025 (the day is not recorded)",
        "counted as left on 2025-07-31 (entry 7)",
        "last authorised day between 2026-08-31 and 2026-09-30",
        "counted from 2025-03-01, the first day that it can have been",
        "the last is 2025-03-31",
        "no day of signing is recorded: the first day is not known",
        "what that has earned cannot be counted: no term with an end has begun",
        "unused of what was agreed: 0.00 USD",
        "whether the renewal (entry 9) was asked for in time is not known",
        "I-1: “Exchange of notes”, signed: March 2025 (the day is not recorded)",
        "without authority: 2026-03-01 to 2026-03-31",
    ):
        assert words in text, words


def test_the_number_of_persons_being_about_is_said_of_the_sum() -> None:
    office = Office()
    office.transfer(
        compensation={"amount": "1.00", "currency": "USD", "per": "person_day"},
        persons={"n": 23, "qualifier": "about"},
        term={"reading": "unknown"},
    )

    text = " ".join(summary_text(summary_of(office), ENGLISH).split())

    assert "the number of persons is not exact, and so is the sum" in text
    assert "it is earned from 2025-03-15 on; no last authorised day" in text
    assert "no arrival is recorded: it is counted from the departure" in text
    assert "for ≈23 persons at the end of that" in text
