"""Unfit files on every way in: keys, passphrases, books, evidence, rows."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.desk import REMARK, Desk, is_harmless
from tests.surroundings import files, in_the_way


def test_an_output_file_of_an_impossible_name_is_refused(desk: Desk) -> None:
    before = desk.bytes()
    for name in ("x" * 300, "nowhere/us.ckpt", "passphrase/us.ckpt"):
        for argv in (("checkpoint", "--out", name), ("summary", "--out", name)):
            if argv == ("summary", "--out", "nowhere/us.ckpt"):
                continue  # it makes that folder
            assert desk.run(*argv).code == 24, argv

    assert desk.bytes() == before


def key_file(desk: Desk) -> Path:
    return desk.keys / "us.example" / "clerk-07.pem"


def test_a_key_that_others_can_read_is_refused(after_departure: Desk) -> None:
    key_file(after_departure).chmod(0o644)
    before = after_departure.bytes()
    outcome = after_departure.run(*REMARK)

    assert outcome.code == 22
    assert "0600" in outcome.err or "others" in outcome.err
    assert after_departure.bytes() == before


def test_a_key_that_is_a_link_is_refused(after_departure: Desk) -> None:
    path = key_file(after_departure)
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))
    before = after_departure.bytes()
    outcome = after_departure.run(*REMARK)

    assert outcome.code == 22
    assert "link" in outcome.err
    assert after_departure.bytes() == before


@pytest.mark.parametrize("secret", ["another passphrase", "", "x" * 5000])
def test_a_wrong_passphrase_is_refused(secret: str, after_departure: Desk) -> None:
    after_departure.write_passphrase(secret)
    before = after_departure.bytes()
    outcome = after_departure.run(*REMARK)

    assert outcome.code == 22
    assert not secret or secret not in outcome.err
    assert after_departure.bytes() == before


def test_a_passphrase_file_that_others_can_read_is_refused(
    after_departure: Desk,
) -> None:
    (after_departure.folder / "passphrase").chmod(0o640)
    before = after_departure.bytes()

    assert after_departure.run(*REMARK).code == 22
    assert after_departure.bytes() == before


def test_without_a_passphrase_and_without_a_person_nothing_is_written(
    after_departure: Desk,
) -> None:
    before = after_departure.bytes()
    outcome = after_departure.run(
        *REMARK, environ={"TRANSFER_LEDGER_PASSPHRASE_FILE": ""}
    )

    assert outcome.code == 22
    assert "--passphrase-file" in outcome.err
    assert after_departure.bytes() == before


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
@pytest.mark.parametrize("argv", [("list",), ("verify",), REMARK, ("key", "list")])
def test_a_book_that_is_no_file_is_no_book(
    kind: str, argv: tuple[str, ...], after_departure: Desk
) -> None:
    after_departure.database.unlink()
    in_the_way(after_departure.database, kind=kind)

    assert after_departure.run(*argv).code == 20


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, bytes(8192)])
@pytest.mark.parametrize("argv", [("list",), ("verify",), REMARK, ("checkpoint",)])
def test_a_book_of_garbage_is_no_book(
    content: bytes, argv: tuple[str, ...], after_departure: Desk
) -> None:
    after_departure.database.write_bytes(content)
    outcome = after_departure.run(*argv)

    assert outcome.code == 20, outcome
    assert after_departure.database.read_bytes() == content


def test_a_book_that_is_a_link_is_no_book(after_departure: Desk) -> None:
    path = after_departure.database
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))

    assert after_departure.run("list").code == 20


def test_a_book_of_another_format_says_so(after_departure: Desk) -> None:
    with closing(sqlite3.connect(after_departure.database)) as book:
        book.execute("PRAGMA user_version=99")

    assert after_departure.run("list").code == 21


@pytest.mark.parametrize("where", ["empty", "nowhere", "passphrase/book", "x" * 300])
@pytest.mark.parametrize("argv", [("list",), ("verify",), REMARK, ("summary",)])
def test_where_no_book_is_none_is_made(
    where: str, argv: tuple[str, ...], after_departure: Desk
) -> None:
    (after_departure.folder / "empty").mkdir()
    before = files(after_departure.folder)
    out = ("--out", "out") if argv == ("summary",) else ()
    outcome = after_departure.run(*argv, *out, "--ledger", where)

    assert outcome.code == 20
    assert files(after_departure.folder) == before


@pytest.mark.parametrize("where", ["passphrase", "passphrase/book"])
def test_a_folder_that_cannot_be_made_is_refused(where: str, desk: Desk) -> None:
    before = files(desk.folder)
    outcome = desk.run(
        *("init", where, "--name", "b.example/book", "--state", "US"),
        *("--clerk", "clerk-01", "--zone", "America/Chicago"),
    )

    assert outcome.code == 24
    assert files(desk.folder) == before


def test_evidence_is_a_regular_file(after_departure: Desk) -> None:
    os.mkfifo(after_departure.folder / "pipe")
    (after_departure.folder / "link").symlink_to("passphrase")
    before = after_departure.bytes()
    codes = {
        name: after_departure.run(*REMARK, "--evidence", f"t,2025-03-01,{name}").code
        for name in ("pipe", "link", "book", "nothing", "x" * 300, "/dev/zero")
    }

    assert codes == {
        "pipe": 3,
        "link": 3,
        "book": 3,
        "nothing": 4,
        "x" * 300: 24,
        "/dev/zero": 3,
    }
    assert after_departure.bytes() == before


def test_what_came_from_elsewhere_is_shown_escaped(after_departure: Desk) -> None:
    """A row that somebody wrote past the program reaches the terminal as text."""
    desk = after_departure
    with closing(sqlite3.connect(desk.database)) as book, book:
        book.execute("DROP TRIGGER guard_entry_update")
        book.execute(
            "UPDATE entry SET note = CAST(replace(CAST(note AS TEXT), 'a group', ?) "
            "AS BLOB) WHERE seq = 1",
            ("=1+1\x9b31m\u202e[red]",),
        )
    desk.columns = 100
    for argv in (("list",), ("show", "T-1"), ("show", "1"), ("verify",)):
        for form in ((), ("--json",), ("--csv",), ("--plain",)):
            outcome = desk.run(*argv, *form)

            assert is_harmless(outcome), argv
            if form == ("--csv",):
                assert not re.search(r"^=|,\"?=", outcome.out), argv
