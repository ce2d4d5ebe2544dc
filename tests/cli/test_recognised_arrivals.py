"""An arrival that nobody announced is recognised later, and nothing is typed twice."""

import pytest

from tests.cli.desk import Desk, answer

CAME = ("receive", "--unannounced", "--from", "US", "--facility", "a place")


@pytest.fixture
def book(after_departure: Desk) -> Desk:
    """Return a desk with T-1 departed, and room for what came later."""
    after_departure.now = after_departure.now.replace(month=5)
    return after_departure


def came(book: Desk, persons: str) -> None:
    """Record who came unannounced, from a state that is not the own one."""
    words = [word if word != "US" else "VE" for word in CAME]
    book.done(*words, "--persons", persons, "--arrived", "2025-03-17")


def test_day_and_count_are_those_of_the_arrival(book: Desk) -> None:
    came(book, "17")

    book.done("receive", "T-1", "--is", "R-1")

    data = answer(book, "show", "3")["data"]
    assert (data["arrived"], data["arrived_persons"]) == ("2025-03-17", 17)
    assert (data["formerly"], data["facility"]) == ("R-1", {"name": "a place"})
    (row,) = answer(book, "list")["transfers"]
    assert (row["ref"], row["arrived"], row["held_max"]) == ("T-1", 17, 17)


def test_what_is_said_anew_stands(book: Desk) -> None:
    came(book, "17")

    book.done(
        *("receive", "T-1", "--is", "R-1", "--persons", "18"),
        *("--admitted", "2025-03-18", "--facility", "another"),
    )

    data = answer(book, "show", "3")["data"]
    assert data["arrived_persons"] == 18
    assert (data.get("arrived"), data["admitted"]) == (None, "2025-03-18")
    assert data["facility"] == {"name": "another"}


def test_a_count_that_is_not_exact_has_to_be_said(book: Desk) -> None:
    came(book, "about:17")

    outcome = book.run("receive", "T-1", "--is", "R-1")

    assert outcome.code == 3
    assert "R-1 (≈17)" in outcome.err
    assert book.run("receive", "T-1", "--is", "R-1", "--persons", "17").code == 0


def test_an_arrival_that_there_is_not_is_named(book: Desk) -> None:
    outcome = book.run("receive", "T-1", "--is", "R-9")

    assert outcome.code == 4
    assert "R-9" in outcome.err
