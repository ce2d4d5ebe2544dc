"""What `verify` says to a person of copies and of damage: once, and of which memory."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from ledger.errors import TamperedError
from tests.cli.desk import INIT, RECEIVE, REMARK, Desk, answer


@pytest.fixture
def book(after_departure: Desk) -> Desk:
    """Return a desk with a book of three entries, and an older copy elsewhere."""
    desk = after_departure
    desk.done(*RECEIVE)
    shutil.copyfile(desk.database, desk.folder / "older.sqlite")
    desk.done(*REMARK)
    return desk


def test_an_older_copy_is_compared_with_what_is_remembered_of_the_book(
    book: Desk,
) -> None:
    """The file lies at a path of which this machine remembers nothing."""
    outcome = book.run("verify", "older.sqlite")
    document = answer(book, "verify", "older.sqlite", code=11)

    assert outcome.code == 11
    assert "the book has 3 entries, but it is known to have had 4" in outcome.err
    assert "this machine remembers 4 entries of this book" in outcome.err
    assert "remembers nothing" not in outcome.err
    assert document["memory"] == "fail"
    assert document["remembered"]["size"] == 4
    assert document["remembered"]["elsewhere"] is True


def test_a_whole_copy_says_with_which_memory_it_was_compared(book: Desk) -> None:
    shutil.copyfile(book.database, book.folder / "whole.sqlite")
    said = book.done("verify", "whole.sqlite").err

    assert "remembers 4 entries of this book, which lay at another path" in said
    assert answer(book, "verify")["remembered"]["elsewhere"] is False


@pytest.mark.parametrize("table", ["term", "subject", "node", "entry"])
def test_a_table_that_is_gone_is_said_once(book: Desk, table: str) -> None:
    with closing(sqlite3.connect(book.database)) as connection:
        connection.execute(f"DROP TABLE {table}")

    outcome = book.run("verify")
    said = Counter(outcome.err.splitlines())

    assert outcome.code == 10
    assert [line for line, n in said.items() if n > 1] == []
    assert len([line for line in said if "cannot be read" in line]) == 1


def test_nothing_is_said_of_no_entries_that_somebody_could_rewrite(
    book: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise TamperedError("store.damaged", code=11)

    monkeypatch.setattr("ledger.register.checking.begin", stop)

    outcome = book.run("verify")

    assert outcome.code == 10
    assert "rewrite" not in outcome.err


def test_nobody_is_told_to_pin_another_book_that_was_put_in_its_place(
    book: Desk,
) -> None:
    other = {"XDG_DATA_HOME": "other/data", "XDG_STATE_HOME": "other/state"}
    environ = dict(book.environ)
    book.environ.update({name: str(book.folder / path) for name, path in other.items()})
    book.done(*INIT[:1], "other/book", *INIT[2:])
    book.environ = environ
    assert "trust on first use" in book.run("verify").err
    shutil.copyfile(book.folder / "other" / "book" / "book.sqlite", book.database)

    outcome = book.run("verify")

    assert outcome.code == 11
    assert "this is another book" in outcome.err
    assert "trust on first use" not in outcome.err
