"""What two books do not both say, as people and programs read it."""

import csv
from pathlib import Path

import pytest

from tests.cli.desk import Desk, answer
from tests.register.stored import make, places
from tests.register.test_reconciling import lay, trusting
from tests.two_books import Books


@pytest.fixture(scope="module", name="laid")
def _laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    books = trusting()
    fill(books)
    folder = tmp_path_factory.mktemp("laid")
    return lay(books, folder).database


def fill(books: Books) -> None:
    """Let two books differ in every way."""
    us = books.us
    cited = books.depart(11)
    books.arrive(cited, 10, arrived="2025-03-20T08:00-06:00")
    books.arrive(cited, 11, by=us)
    books.leave([cited], 11, by=us, occurred="2025-07-01")
    books.leave([cited], 2)
    books.renew(cited, us, agreed_on="2026-03-01")
    books.renew(cited, us, agreed_on="2026-03-02")
    books.renew(cited, books.sv, agreed_on="2026-03-02", until="2027-03-20")
    books.renew(cited, us, agreed_on="2026-03-03", length="P1M")
    books.renew(cited, books.sv, agreed_on="2026-03-03", length="P30D")
    books.pay(cited, us)
    books.pay(cited, books.sv, amount="4000000.00")
    books.pay(cited, us, stage="commitment")
    books.depart(3)
    books.depart(4, departures=[{"at": "2026-05-30T10:00-04:00"}])


@pytest.fixture(name="desk")
def _desk(laid: Path, tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, environ={"TRANSFER_LEDGER": str(laid)})
    desk.now = desk.now.replace(year=2026, month=6, day=1)
    return desk


def test_a_person_reads_what_differs_by_how_much_and_who_signed_it(desk: Desk) -> None:
    desk.columns = 200
    said = desk.done("reconcile")

    for words in (
        "departed and arrived differ by 1 person",
        "both say who arrived: 1 person apart",
        "still held: 8 persons apart",
        "day of arrival: 4 days apart",
        "day of exit: 17 days apart",
        "renewal of 2026-03-01 signed by one state only: 238 persons",
        "last authorised days 5 days apart",
        "renewal of 2026-03-03: other lengths",
        "amounts differ by 760000.00 USD",
        "money signed by one state only: 4760000.00 USD",
        "no receipt 5 days after the departure: 3 persons",
        "no receipt 24 hours after the departure: 4 persons",
        "us.example/clerk-07",
        "sv.example/clerk-07",
        "nothing",
    ):
        assert words in " ".join(said.out.split()), words
    assert "12 differences between the books" in said.err
    assert "mirror of sv.example/book: 6 entries" in said.err
    assert said.err.count("complete under") == 2


def test_a_program_reads_both_values_with_their_entries(desk: Desk) -> None:
    found = answer(desk, "reconcile", "--on", "2025-03-21")

    (persons,) = [d for d in found["differences"] if d["difference"] == "persons"]
    assert (persons["ref"], persons["n"], persons["unit"]) == ("T-1", 1, "persons")
    assert persons["own"] == {
        "book": "us.example/book",
        "says": "11",
        "signed": [{"seq": 2, "by": "us.example/clerk-07"}],
    }
    assert persons["other"]["says"] == "10"
    assert [head["book"] for head in found["complete_under"]] == [
        "us.example/book",
        "sv.example/book",
    ]


def test_csv_has_a_row_for_each_difference(desk: Desk) -> None:
    said = desk.done("reconcile", "--csv", "--on", "2025-03-21")

    rows = list(csv.DictReader(said.out.splitlines()))
    assert {row["difference"] for row in rows} == {
        *("persons", "arrived", "arrived-on", "unanswered"),
    }
    (waiting,) = [row for row in rows if row["difference"] == "unanswered"]
    assert (waiting["own_says"], waiting["other_says"]) == ("3", "")
    assert int(waiting["hours"]) > 120


def test_spanish_says_the_same(desk: Desk) -> None:
    desk.columns = 200
    said = desk.done("reconcile", "--lang", "es")

    assert "la salida y la llegada difieren en 1 persona" in " ".join(said.out.split())


def test_books_that_agree_and_a_peer_that_was_never_mirrored(
    tmp_path: Path,
) -> None:
    books = trusting()
    there = places(tmp_path)
    make(books.us, there.database).close()
    desk = Desk(tmp_path, environ={"TRANSFER_LEDGER": str(there.database)})
    said = desk.done("reconcile")

    assert "no difference between the books" in said.err
    assert "nothing of sv.example/book is mirrored yet" in said.err
