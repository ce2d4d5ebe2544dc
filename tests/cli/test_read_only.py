"""A book that lacks entries takes none: it says so first, and what to type to go on."""

import shlex
import shutil
import sqlite3

import pytest

from ledger.errors import TamperedError
from ledger.register.opening import Places, open_register
from ledger.register.readonly import following, following_name
from tests.cli.desk import RECEIVE, REMARK, Desk, answer

REPAIR = "transfer-ledger repair --from FILE"
INIT_NEXT = (
    "transfer-ledger init DIR --name us.example/2/book --state US --clerk NAME "
    "--zone America/Chicago --successor-of {path}"
)


@pytest.fixture
def cut(after_departure: Desk) -> Desk:
    """Return a desk on which an older copy of the book was put in place."""
    desk = after_departure
    older, whole = desk.folder / "older.sqlite", desk.folder / "whole.sqlite"
    shutil.copyfile(desk.database, older)
    desk.done(*RECEIVE)
    shutil.copyfile(desk.database, whole)
    shutil.copyfile(older, desk.database)
    return desk


def places_of(desk: Desk) -> Places:
    return Places(desk.database, desk.keys, desk.folder / "state" / "transfer-ledger")


def typed(text: str, start: str) -> list[str]:
    """Return the words of the command that a line ends with."""
    found = next(line for line in text.splitlines() if start in line)
    return shlex.split(found[found.index(start) :])[1:]


def test_today_says_in_its_first_lines_that_the_book_is_read_only(cut: Desk) -> None:
    first = cut.run("today").err.splitlines()[:3]
    cut.columns = 80
    drawn = cut.run("today").out.splitlines()

    assert first[0].startswith("READ-ONLY: the book has 2 entries, but it had 3")
    assert first[1].endswith(REPAIR)
    assert first[2].endswith(INIT_NEXT.format(path="book/book.sqlite"))
    assert drawn[0].startswith("READ-ONLY: ")
    assert f"  {REPAIR}" in drawn
    assert answer(cut, "today")["read_only"] == "memory.cut"


def test_today_of_a_book_that_takes_entries_says_nothing_of_it(
    after_departure: Desk,
) -> None:
    assert "READ-ONLY" not in after_departure.run("today").err
    assert answer(after_departure, "today")["read_only"] is None


def test_a_quiet_today_says_nothing_on_stderr(cut: Desk) -> None:
    assert cut.run("today", "--quiet").err == ""


def test_a_memory_that_is_damaged_closes_the_book_too(after_departure: Desk) -> None:
    desk = after_departure
    desk.done(*RECEIVE)
    for mark in (desk.folder / "state").rglob("watermark"):
        mark.write_bytes(b"{}")

    said = desk.run("today").err

    assert said.startswith("READ-ONLY: the anti-rollback file of this book is damaged")
    assert "repair --from" not in said


@pytest.mark.parametrize("argv", [REMARK, ("verify",), ("backup", ".")])
def test_whoever_meets_it_is_told_both_ways_out(
    cut: Desk, argv: tuple[str, ...]
) -> None:
    outcome = cut.run(*argv)

    assert outcome.code == 11
    assert REPAIR in outcome.err
    assert INIT_NEXT.format(path="book/book.sqlite") in outcome.err


def test_the_first_way_out_builds_the_book_anew(cut: Desk) -> None:
    command = typed(cut.run(*REMARK).err, REPAIR)
    cut.done(*[word.replace("FILE", "whole.sqlite") for word in command], "--yes")

    assert cut.run(*REMARK).code == 0
    assert answer(cut, "today")["read_only"] is None


def test_the_second_way_out_makes_a_book_that_names_what_was_lost(cut: Desk) -> None:
    said = cut.run(*REMARK).err
    command = [
        {"DIR": "next", "NAME": "clerk-07"}.get(word, word)
        for word in typed(said, "transfer-ledger init")
    ]

    assert "us.example/book, which had 3 entries" in cut.done(*command).err


def test_a_restored_older_book_is_told_with_its_own_path(cut: Desk) -> None:
    (cut.folder / "r").mkdir()

    said = cut.done("restore", "older.sqlite", "--to", "r").err

    assert f"{REPAIR} --ledger r/book.sqlite" in said
    assert INIT_NEXT.format(path="r/book.sqlite") in said


def test_the_ways_out_name_the_book_that_was_named(cut: Desk) -> None:
    said = cut.run(*REMARK, "--ledger", "book").err

    assert f"{REPAIR} --ledger book/book.sqlite" in said


def test_what_cannot_be_read_any_more_is_left_to_be_filled_in(
    cut: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise TamperedError("store.damaged", code=11)

    monkeypatch.setattr("ledger.register.readonly.following_name", gone)

    said = cut.run("today").err

    assert "--name NAME --state STATE --clerk NAME --zone ZONE --successor-of" in said


def test_a_zone_that_cannot_be_read_is_left_to_be_filled_in(
    cut: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise TamperedError("store.entry-unreadable", seq=0)

    with open_register(places_of(cut)) as register:
        monkeypatch.setattr(register, "recall", gone)
        made = following(register)

    assert (made.name, made.state, made.zone) == ("us.example/2/book", "US", None)


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("us.example/book", "us.example/2/book"),
        ("us.example/2/book", "us.example/3/book"),
        ("us.example/9/book", "us.example/10/book"),
        ("book", "book/2"),
        ("us.example/0/book", "us.example/0/2/book"),
    ],
)
def test_a_following_book_has_a_name_of_its_own(name: str, following: str) -> None:
    assert following_name(name) == following


@pytest.mark.parametrize("verb", ["repair --from", "restore"])
def test_whoever_may_ask_nobody_is_told_the_damage_and_what_is_missing(
    cut: Desk, verb: str
) -> None:
    outcome = cut.run(*verb.split(), "whole.sqlite", "--no-input")

    assert outcome.code == 3
    assert "the book has 2 entries, but it is known to have had 3" in outcome.err
    assert "give --yes" in outcome.err


def test_damage_that_no_verification_can_name_is_told_as_it_is(cut: Desk) -> None:
    cut.database.write_bytes(b"no book")

    outcome = cut.run("repair", "--from", "whole.sqlite", "--no-input")

    assert outcome.code == 3
    assert "give --yes" in outcome.err


def test_what_is_no_book_is_told_as_it_is(cut: Desk) -> None:
    (cut.folder / "other.sqlite").write_bytes(b"no book")

    outcome = cut.run(
        *("repair", "--from", "whole.sqlite", "--ledger", "other.sqlite"), "--no-input"
    )

    assert outcome.code == 3
    assert "that file is not a book of this program" in outcome.err
    assert "give --yes" in outcome.err


def test_whoever_may_be_asked_is_told_the_damage_and_asked(cut: Desk) -> None:
    cut.columns = 80

    outcome = cut.run("repair", "--from", "whole.sqlite", answers="no\n")

    assert outcome.code == 3
    assert "it is known to have had 3" in outcome.err
    assert "Move the file that is there aside as evidence" in outcome.err


def test_a_quiet_verification_says_no_ways_out(cut: Desk) -> None:
    outcome = cut.run("verify", "--quiet")

    assert (outcome.code, outcome.err) == (11, "")


def test_much_damage_is_told_in_part(cut: Desk) -> None:
    with sqlite3.connect(cut.database) as connection:
        for table in ("term", "subject", "part", "held"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.close()

    said = cut.run("repair", "--from", "whole.sqlite", "--no-input").err

    assert "more findings: transfer-ledger verify --all" in said
