"""A command that is printed to be typed does what it says, also beside no book."""

import json
import shlex
from shutil import move

import pytest

from tests.cli.desk import Desk

BOOK = ("--ledger", "the BOOK")
NEXT = "next: transfer-ledger "


@pytest.fixture
def elsewhere(after_departure: Desk) -> Desk:
    """Return a desk whose book is found by `--ledger` alone."""
    desk = after_departure
    del desk.environ["TRANSFER_LEDGER"]
    move(desk.folder / "book", desk.folder / "the BOOK")
    return desk


def said_next(told: str) -> list[str]:
    """Return the words of the command after `next`, as a shell reads them."""
    (line,) = [line for line in told.splitlines() if line.startswith(NEXT)]
    return shlex.split(line.removeprefix(NEXT))


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_to_be_done_is_typed_with_the_book_that_was_named(
    language: str, elsewhere: Desk
) -> None:
    told = elsewhere.done("today", *BOOK, "--lang", language, "--json")
    (command,) = {duty["command"] for duty in json.loads(told.out)["duties"]}
    words = [{"WHEN": "2025-03-16"}.get(word, word) for word in shlex.split(command)]
    elsewhere.columns = 200
    drawn = elsewhere.done("today", *BOOK, "--lang", language)

    assert "'the BOOK'" in drawn.out
    assert elsewhere.run(*words[1:]).code == 0
    assert elsewhere.run(*words[1:-2]).code == 20


def test_the_next_command_is_typed_with_the_book_that_was_named(
    elsewhere: Desk,
) -> None:
    remark = ("remark", "T-1", "--type", "notice", "--text", "t")
    told = elsewhere.done(*remark, *BOOK)
    written = elsewhere.done(*remark, *BOOK, "--json")

    assert elsewhere.done(*said_next(told.err)).out
    assert shlex.split(json.loads(written.out)["next"])[-2:] == list(BOOK)


def test_after_a_restore_elsewhere_the_restored_book_is_verified(
    after_departure: Desk,
) -> None:
    after_departure.done("backup", "copy.sqlite")
    told = after_departure.done("restore", "copy.sqlite", "--to", "new book.sqlite")
    words = said_next(told.err)

    assert words == ["verify", "--ledger", "new book.sqlite"]
    assert after_departure.done(*words).out


def test_a_template_with_a_blank_in_its_name_is_imported_as_printed(desk: Desk) -> None:
    made = desk.done("import", "--template", "my rows.xlsx", "--kind", "transfer")

    assert desk.run(*said_next(made.err)).err.strip() == (
        "transfer-ledger: the file has no rows"
    )
