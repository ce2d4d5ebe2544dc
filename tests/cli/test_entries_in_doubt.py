"""What a stolen key may have signed is work to do until another officer vouches."""

import pytest

from tests.cli.desk import REMARK, Desk, answer

LOST = ("--since", "2025-03-01", "--reason", "stolen")


@pytest.fixture(name="stolen")
def _stolen(after_departure: Desk) -> Desk:
    desk = after_departure
    desk.done("key", "add", "--name", "clerk-08", "--new-passphrase-file", "passphrase")
    for n in range(3):
        desk.done(*REMARK[:-1], f"seen {n}", "--as", "clerk-08")
    desk.done("key", "revoke", "clerk-08", *LOST)
    return desk


def doubts(desk: Desk, *options: str) -> list[dict[str, object]]:
    found = answer(desk, "today", *options)["duties"]
    return [row for row in found if row["task"] == "doubt"]


def test_today_names_the_entries_to_confirm(stolen: Desk) -> None:
    (row,) = doubts(stolen)

    assert (row["n"], row["entry"], row["detail"]) == (3, 3, "us.example/clerk-08")
    assert row["day"] == "2025-03-01"
    assert row["command"] == "transfer-ledger confirm 3 4 5 --text TEXT"


def test_what_is_confirmed_or_retracted_is_done(stolen: Desk) -> None:
    stolen.done("confirm", "3", "--text", "compared with the list")
    stolen.done("retract", "4", "--reason", "nobody saw that")
    assert doubts(stolen)[0]["command"] == "transfer-ledger confirm 5 --text TEXT"
    stolen.done("confirm", "5")

    assert doubts(stolen) == []


def test_before_the_day_of_doubt_nothing_is_to_be_done(stolen: Desk) -> None:
    assert doubts(stolen, "--on", "2025-02-28") == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "3 entries were signed with us.example/clerk-08, which is suspect"),
        ("es", "3 asientos se firmaron con us.example/clerk-08, que está en duda"),
    ],
)
def test_a_person_reads_what_to_do(stolen: Desk, language: str, said: str) -> None:
    stolen.columns = 200

    assert said in stolen.done("today", "--lang", language).out
