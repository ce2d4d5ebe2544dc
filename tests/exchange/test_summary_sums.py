"""The parts of a summary fit one another, or each place that does not is named."""

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exchange.summary_check import check_summary
from ledger.exchange.summary_sums import left_out, sum_oddities
from tests.books import FEW_SEEDS, book
from tests.office import Office
from tests.summaries import FINGERPRINT, LATE, signed, summary_of

DAYS = (date(2025, 4, 1), date(2026, 4, 1), LATE)


def office() -> Office:
    """Return an office with transfers that share an exit, one overdue, one renewed."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 240)
    made.transfer(persons={"n": 20, "qualifier": "exact"})
    made.receipt("T-2", 18)
    made.exit(["T-1", "T-2"], 5, "2025-06-01")
    made.exit(["T-1"], 3, "2025-07-01", how="died")
    made.payment(["T-1"], "5.00")
    made.remark(1)
    made.transfer(persons={"n": 7, "qualifier": "exact"})
    return made


OFFICE = office()
SIZE = len(OFFICE.notes)
SUMMARY = summary_of(OFFICE)
ONE = summary_of(OFFICE, "T-1")


def found(summary: dict[str, Any]) -> list[tuple[str, str]]:
    return [(odd.at, odd.code) for odd in sum_oddities(summary, size=SIZE)]


def changed(*path: Any, to: Any, of: dict[str, Any] = SUMMARY) -> dict[str, Any]:
    """Return a summary with another value somewhere."""
    summary = copy.deepcopy(of)
    holder: Any = summary
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = to
    return summary


@pytest.mark.sweep
@pytest.mark.parametrize("on", DAYS)
@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_summary_that_the_program_makes_fits(seed: int, on: date) -> None:
    made = book(seed)
    whole = summary_of(made, on=on)
    refs = [row["ref"] for row in whole["transfers"]]
    some = summary_of(made, *refs[: len(refs) // 2], on=on) if refs[1:] else whole

    for summary in (whole, some):
        size = len(made.notes)
        assert sum_oddities(summary, size=size) == []


def test_the_summary_of_this_office_has_what_the_tests_are_about() -> None:
    assert found(SUMMARY) == found(ONE) == []
    assert SUMMARY["transfers"][0]["shared_exits"]
    assert SUMMARY["transfers"][0]["exits"]
    assert SUMMARY["totals"]["shared_exits"] == []
    assert ONE["totals"]["shared_exits"]
    assert any("days_over" in part for part in SUMMARY["transfers"][0]["terms"])


ROW, PART = ("transfers", 0), ("transfers", 0, "terms", 0)


@pytest.mark.parametrize(
    ("path", "value", "at", "code"),
    [
        (("books", 0, "entries"), 99, "/books/0/entries", "checkpoint"),
        (("totals", "transfers"), 9, "/totals/transfers", "sum"),
        (("totals", "departed"), 9, "/totals/departed", "sum"),
        (("totals", "surplus"), 9, "/totals/surplus", "sum"),
        (("totals", "arrived"), 9, "/totals/arrived", "sum"),
        (("totals", "unaccounted"), 9, "/totals/unaccounted", "sum"),
        (("totals", "exits"), [], "/totals/exits", "exit-sum"),
        (
            ("totals", "shared_exits"),
            [{"seq": 5, "how": "died", "persons": 5}],
            "/totals/shared_exits/0",
            "not-of-rows",
        ),
        (
            ("totals", "in_transit_or_held_max"),
            900,
            "/totals/in_transit_or_held_max",
            "too-many",
        ),
        (
            ("totals", "in_transit_or_held_min"),
            0,
            "/totals/in_transit_or_held_min",
            "too-few",
        ),
        ((*ROW, "held_max"), 900, "/transfers/0/held_max", "too-many"),
        ((*ROW, "held_min"), 900, "/transfers/0/held_min", "too-many"),
        ((*ROW, "held_min"), 0, "/transfers/0/held_min", "too-few"),
        ((*ROW, "departed"), 900, "/transfers/0/departed", "too-many"),
        ((*ROW, "surplus"), 900, "/transfers/0/surplus", "too-many"),
        ((*ROW, "surplus"), 0, "/transfers/0/surplus", "too-few"),
        ((*ROW, "unaccounted"), 900, "/transfers/0/unaccounted", "too-many"),
        ((*ROW, "open"), [], "/transfers/0/open", "flag-missing"),
        (
            (*ROW, "exits"),
            [{"how": "died", "persons": 1}, {"how": "died", "persons": 2}],
            "/transfers/0/exits",
            "repeated",
        ),
        (
            (*ROW, "shared_exits", 0, "persons"),
            4,
            "/transfers/1/shared_exits/0",
            "sum",
        ),
        (
            (*ROW, "shared_exits", 0, "how"),
            "died",
            "/transfers/1/shared_exits/0",
            "exit-how",
        ),
        (
            (*ROW, "shared_exits", 0, "seq"),
            3,
            "/transfers/0/shared_exits/0",
            "not-of-row",
        ),
        (
            (*ROW, "late"),
            [{"seq": 3, "days": 1}],
            "/transfers/0/late/0",
            "not-of-row",
        ),
        (
            (*ROW, "departed_on"),
            "2040-01-01",
            "/transfers/0/departed_on",
            "after-day",
        ),
        ((*ROW, "terms"), [], "/transfers/0/terms", "too-few"),
        ((*PART, "persons_min"), 900, "/transfers/0/terms", "too-many"),
        (
            (*PART, "persons_min"),
            900,
            "/transfers/0/terms/0/persons_min",
            "too-many",
        ),
        (
            ("transfers", 2, "terms", 0, "persons_max"),
            900,
            "/transfers/2/terms",
            "too-many",
        ),
        (
            (*PART, "start"),
            "2040-01-01",
            "/transfers/0/terms/0/authorised_until",
            "before-start",
        ),
        (
            (*PART, "without_recorded_authority"),
            True,
            "/transfers/0/terms/0/authorised_until",
            "authority",
        ),
        ((*PART, "days_over"), 1, "/transfers/0/terms/0/days_over", "days-over"),
        (
            (*PART, "person_days_min"),
            10**9,
            "/transfers/0/terms/0/person_days_min",
            "too-many",
        ),
        (
            (*PART, "gap_days"),
            3,
            "/transfers/0/terms/0/gap_days",
            "gap-without-renewal",
        ),
        (("scope", "transfers"), ["T-1"], "/scope/transfers", "scope"),
        (
            ("later"),
            [{"seq": 7, "kind": "payment"}],
            "/payments/0",
            "later",
        ),
        (("on"), "2025-01-01", "/transfers/0/departed_on", "after-day"),
    ],
)
def test_what_does_not_fit_is_named(path: Any, value: Any, at: str, code: str) -> None:
    path = (path,) if isinstance(path, str) else path

    assert (at, code) in found(changed(*path, to=value))


def test_person_days_without_days_over_are_named() -> None:
    summary = changed(*PART, "gap_days", to=0)
    del summary["transfers"][0]["terms"][0]["person_days_max"]

    at = "/transfers/0/terms/0/person_days_max"
    assert (at, "person-days") in found(summary)


def test_a_part_without_authority_has_no_last_day() -> None:
    summary = changed(*PART, "renewals", to=1)
    part = summary["transfers"][0]["terms"][0]
    for name in ("authorised_until", "days_over", "person_days_min", "person_days_max"):
        del part[name]

    at = "/transfers/0/terms/0/authorised_until"
    assert (at, "authority") in found(summary)
    part["without_recorded_authority"] = True
    assert found(summary) == [("/transfers/0/open", "flag-missing")]


def test_a_transfer_that_is_listed_twice_is_named() -> None:
    rows = [*SUMMARY["transfers"], SUMMARY["transfers"][0]]
    summary = changed("transfers", to=rows)
    summary["scope"]["transfers"].append("T-1")

    assert ("/scope/transfers", "scope") in found(summary)


def test_an_entry_that_is_listed_twice_is_named() -> None:
    entries = SUMMARY["transfers"][0]["entries"]
    twice = changed("transfers", 0, "entries", to=[*entries, entries[0]])
    again = changed("entries", to=[*SUMMARY["entries"], entries[0]])

    assert ("/transfers/0/entries", "order") in found(twice)
    assert ("/entries", "repeated") in found(again)


def test_what_a_whole_book_leaves_out_is_the_first_of_it() -> None:
    assert left_out(SUMMARY, range(SIZE), size=SIZE) is None
    assert left_out(SUMMARY, [0, 1, 3], size=5) == 2
    assert left_out(ONE, [], size=5) is None


def test_who_left_beyond_those_who_came_is_a_variance_and_fits() -> None:
    made = Office()
    made.transfer(persons={"n": 5, "qualifier": "exact"})
    made.receipt("T-1", 5)
    made.exit(["T-1"], 9, "2025-06-01")
    summary = summary_of(made)

    assert any(f["flag"] == "beyond-count" for f in summary["transfers"][0]["open"])
    assert sum_oddities(summary, size=len(made.notes)) == []


FIGURES = [
    *((*("totals",), name) for name in SUMMARY["totals"] if "exits" not in name),
    *(
        ("transfers", number, name)
        for number in range(len(SUMMARY["transfers"]))
        for name in ("departed", "unaccounted", "surplus", "arrived")
    ),
    *(
        # Within the bounds of a shared exit only the book can tell.
        ("transfers", 2, f"{name}_{side}")
        for name in ("held", "in_transit")
        for side in ("min", "max")
    ),
]


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(FIGURES), by=st.integers(1, 10_000), down=st.booleans())
def test_no_figure_of_persons_can_be_changed_alone(
    path: tuple[Any, ...], by: int, *, down: bool
) -> None:
    holder: Any = SUMMARY
    for step in path:
        holder = holder[step]
    value = holder - by if down else holder + by
    summary = changed(*path, to=max(0, value) if value >= 0 else holder + by)

    report = check_summary(*signed(summary), expected=FINGERPRINT)

    assert (report.verdict, report.exit_code) == ("altered", 10)
    assert report.oddities


def test_a_day_of_knowledge_and_its_entries_come_together() -> None:
    assert found({**SUMMARY, "known_on": "2025-12-31"}) == [("/known_on", "known")]
