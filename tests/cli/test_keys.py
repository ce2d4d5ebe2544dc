"""Verbs about keys: what they refuse, and what goes without the book."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.exchange.key_request import KeyRequest
from tests.cli.conversing import insert
from tests.cli.desk import INIT, RECORD, SECRET, Desk, answer

NEW = "another good passphrase"
WITH = ("--new-passphrase-file", "new")
HOLDER = "age1" + "q" * 58
# Before the morning on which the desks begin.
DEPARTED = tuple(
    "2025-03-01" if word.startswith("2025-03-15T") else word for word in RECORD
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with an empty book and the file of another passphrase."""
    made = Desk(tmp_path)
    made.write_passphrase()
    made.done(*INIT)
    new = made.folder / "new"
    new.touch(mode=0o600)
    new.write_text(f"{NEW}\n")
    return made


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("key", "new", "a", "--book", "us.example/book"), 2, "--book and --state"),
        (("key", "new", "a", "--role", "holder"), 2, "--role"),
        (("key", "add"), 2, "one of these"),
        (("key", "add", "r", "--name", "a"), 2, "one of these"),
        (("key", "add", "r", "--role", "clerk"), 2, "go with --name"),
        (("key", "add", "none"), 4, "no such file"),
        (("key", "add", "passphrase"), 3, "no request for a key"),
        (("key", "add", "--name", "clerk-07", *WITH), 3, "belongs to a key"),
        (("key", "retire", "clerk-99"), 4, "never had a key"),
        (("key", "approve", "0"), 3, "waits for no consent"),
        (("key", "passphrase", "clerk-99", *WITH), 22, "no private key"),
        (("history", "--key", "clerk-99"), 4, "ever had a key"),
        (("history",), 2, "REF, or --key"),
        (("confirm", "0"), 3, "not in doubt"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    desk: Desk, argv: tuple[str, ...], code: int, said: str
) -> None:
    before = desk.bytes()

    outcome = desk.run(*argv)

    assert outcome.code == code, outcome.err
    assert said in outcome.err
    assert desk.bytes() == before


def test_an_officer_makes_a_key_without_the_book(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "laptop").mkdir()
    laptop = Desk(tmp_path / "laptop")
    laptop.write_passphrase(NEW)
    argv = ("key", "new", "clerk-08", "--book", "us.example/book", "--state", "US")
    laptop.done(*argv, "--out", "r.txt")
    request = KeyRequest.parse((laptop.folder / "r.txt").read_bytes())
    # The same again is the same request: a key that nobody enrolled is used again.
    laptop.done(*argv, "--out", "again.txt")
    assert (laptop.folder / "again.txt").read_bytes() == request.format()
    assert laptop.run(*argv, "--role", "witness").code == 3

    (desk.folder / "r.txt").write_bytes(request.format())
    desk.done("key", "add", "r.txt")

    names = [key["name"] for key in answer(desk, "key", "list")["keys"]]
    assert names[-1] == "us.example/clerk-08"
    assert desk.run("key", "add", "r.txt").code == 3


def test_a_request_for_another_book_is_refused(desk: Desk) -> None:
    argv = ("key", "new", "clerk-08", "--book", "us.example/book-2", "--state", "US")
    desk.done(*argv, "--out", "r.txt")

    outcome = desk.run("key", "add", "r.txt")

    assert outcome.code == 3
    assert "another book" in outcome.err


def test_a_recipient_of_manifests_comes_and_goes(desk: Desk) -> None:
    desk.done("key", "add", "--recipient", HOLDER)
    assert answer(desk, "key", "list")["holders"] == [HOLDER]
    desk.done("key", "retire", HOLDER)
    assert answer(desk, "key", "list")["holders"] == []


def test_a_retired_key_has_ended_and_its_history_says_so(desk: Desk) -> None:
    desk.done("key", "retire", "clerk-07")

    outcome = desk.run("key", "retire", "clerk-07")
    assert outcome.code == 3
    assert "retired or revoked before" in outcome.err
    assert (
        "retired, for entries from 0" in desk.done("history", "--key", "clerk-07").err
    )
    assert "active since" in desk.done("history", "--key", "book").err


def test_a_name_of_two_keys_is_to_be_whole(desk: Desk) -> None:
    argv = ("key", "new", "clerk-07", "--book", "xx.example/book", "--state", "XX")
    desk.done(*argv)

    outcome = desk.run("key", "passphrase", "clerk-07", *WITH)
    assert outcome.code == 2
    assert "xx.example/clerk-07" in outcome.err
    assert desk.done("key", "passphrase", "us.example/clerk-07", *WITH).out


def test_a_recovery_key_elsewhere_gets_another_passphrase(desk: Desk) -> None:
    key = ("--name", "state-2", "--role", "state", "--recovery", "usb.pem")
    desk.done("key", "add", *key, *WITH, "--text", "seen")
    again = ("--passphrase-file", "new", "--new-passphrase-file", "passphrase")

    desk.done("key", "passphrase", "state-2", "--recovery", "usb.pem", *again)

    assert desk.done("key", "retire", "state", "--as", "state").err
    waiting = answer(desk, "key", "list")["waiting"]
    assert [each["action"] for each in waiting] == ["retire"]
    desk.columns = 100
    assert "waits for the consent" in desk.done("key", "list").err
    approved = ("--as", "state-2", "--state-key", "usb.pem")
    desk.done("key", "approve", str(waiting[0]["seq"]), *approved)
    desk.columns = None
    assert answer(desk, "key", "list")["waiting"] == []


@pytest.mark.parametrize(("said", "code"), [("at the border\n", 0), ("\n", 3)])
def test_a_person_is_asked_how_a_state_key_was_checked(
    desk: Desk, said: str, code: int
) -> None:
    desk.columns = 100
    argv = ("key", "add", "--name", "state-2", "--role", "state", *WITH)

    outcome = desk.run(*argv, answers=said)

    assert outcome.code == code, outcome.err
    assert "in person, where and when?" in outcome.err


def test_a_new_passphrase_is_asked_twice(desk: Desk) -> None:
    desk.columns = 100
    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return NEW

    outcome = desk.run("key", "passphrase", "clerk-07", hidden=hidden)

    assert outcome.code == 0, outcome.err
    assert len(asked) == 2
    assert SECRET not in outcome.err


def test_an_unsafe_file_of_a_new_passphrase_is_refused(desk: Desk) -> None:
    (desk.folder / "new").chmod(0o644)

    outcome = desk.run("key", "passphrase", "clerk-07", *WITH)

    assert outcome.code == 22
    assert "others can use the passphrase file" in outcome.err


def test_what_a_lost_key_signed_is_listed_by_the_score(desk: Desk) -> None:
    desk.done(*DEPARTED)
    desk.done("key", "add", "--name", "clerk-08", "--new-passphrase-file", "passphrase")
    rows = "type,about,text\n" + "notice,T-1,seen\n" * 21
    (desk.folder / "rows.csv").write_text(rows)
    desk.done("import", "rows.csv", "--kind", "remark", "--as", "clerk-08")
    lost = ("--since", "2025-03-01", "--reason", "stolen")
    desk.done("key", "revoke", "clerk-08", *lost)
    desk.columns = 100

    assert "and 1 more" in desk.done("verify").err
    assert "and 1 more" not in desk.done("verify", "--all").err
    desk.done("confirm", "3", "4")
    assert "checked against" not in desk.done("history", "T-1").out


def test_an_entry_given_to_a_key_round_the_program_is_not_its_own(
    desk: Desk, tmp_path: Path
) -> None:
    """A note that another office's key signed, and an index that says otherwise."""
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.write_passphrase()
    other.done(*(word.replace("clerk-07", "clerk-99") for word in INIT))
    other.done(*DEPARTED)
    with closing(sqlite3.connect(other.database)) as book:
        (note,) = book.execute("SELECT note FROM entry WHERE seq = 1").fetchone()
    insert(desk, note.decode())
    desk.done(*DEPARTED)
    with closing(sqlite3.connect(desk.database)) as book, book:
        book.execute("DROP TRIGGER IF EXISTS heading_kept")
        book.execute(
            "UPDATE heading SET fault = NULL, signer = 'us.example/clerk-07' "
            "WHERE seq = 1"
        )

    found = answer(desk, "history", "--key", "clerk-07")["entries"]

    assert [each["seq"] for each in found] == [2]
