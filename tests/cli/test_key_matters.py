"""Key matters that an officer is told: which file, what waits, what comes next."""

from pathlib import Path

from tests.cli.desk import Desk, answer
from tests.cli.test_several_keys import NEW
from tests.cli.two_states import befriend, opened

SECOND = ("--name", "state-2", "--role", "state", "--text", "seen by SV in person")


def test_the_file_of_a_state_key_says_which_one_it_is(after_departure: Desk) -> None:
    desk = after_departure
    desk.done("key", "add", *SECOND, *NEW)
    second = desk.keys / "us.example" / "state-2.pem"
    elsewhere = second.rename(desk.folder / "any-name.pem")
    add = ("key", "add", "--name", "clerk-08", *NEW, "--state-key")

    clerk = desk.keys / "us.example" / "clerk-07.pem"
    refused = desk.run(*add, str(clerk))
    desk.done(*add, str(elsewhere))

    assert refused.code == 22
    assert "none of the active state keys" in refused.err
    assert "us.example/state-2" in refused.err

    other = desk.folder / "other"
    other.write_text("another passphrase")
    other.chmod(0o600)
    wrong = desk.run(*add, str(elsewhere), "--passphrase-file", "other")
    assert wrong.code == 22
    assert "wrong passphrase" in wrong.err


def test_today_lists_a_change_of_a_state_key_that_waits(after_departure: Desk) -> None:
    desk = after_departure
    desk.done("key", "add", *SECOND, *NEW)
    third = ("--name", "state-3", "--role", "state", *NEW)
    desk.done("key", "add", *third, "--as", "state")

    rows = answer(desk, "today")["duties"]
    said = desk.run("today", environ={"LANG": "en"}).out
    (row,) = [row for row in rows if row["task"] == "consent"]

    assert f"key approve {row['entry']}" in row["command"]
    assert "key approve" in said


def test_without_a_log_key_a_new_one_is_to_be_enrolled(after_departure: Desk) -> None:
    desk = after_departure
    desk.done("key", "retire", "us.example/book")

    refused = desk.run("checkpoint", "--out", "a.ckpt")

    assert refused.code == 22
    assert "key add --name log --role log" in refused.err
    desk.done("key", "add", "--name", "log", "--role", "log", *NEW)
    desk.done("checkpoint", "--out", "a.ckpt")


def test_the_role_of_a_key_is_told_in_spanish(after_departure: Desk) -> None:
    desk = after_departure

    added = desk.done("key", "add", "--name", "clerk-08", *NEW, "--lang", "es").err
    said = desk.done("history", "--key", "clerk-07", "--lang", "es").err

    assert "con el rol escribiente" in added
    assert "con el rol escribiente" in said


def test_a_mirror_of_another_book_is_told_by_both_first_entries(tmp_path: Path) -> None:
    us, sv = opened(tmp_path)
    befriend(us, sv)
    (tmp_path / "third").mkdir()
    third = Desk(tmp_path / "third")
    third.write_passphrase()
    third.done("init", "book", *_NAMED)
    known = answer(us, "peer", "list")["peers"][0]["genesis"]

    other = us.run("sync", "--mirror", str(tmp_path / "third" / "book"))
    missing = us.run("sync", "--mirror", str(tmp_path / "nowhere"))
    (tmp_path / "list").write_text("a list")
    no_book = us.run("sync", "--mirror", str(tmp_path / "list"))

    assert "another book" in other.err
    assert known in other.err
    assert "init" not in missing.err
    assert "path to the peer's database" in missing.err
    assert "that file is not a book of this program" in no_book.err


_NAMED = (
    *("--name", "sv.example/book", "--state", "SV", "--clerk", "clerk-09"),
    *("--zone", "America/El_Salvador"),
)
