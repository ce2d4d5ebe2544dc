"""A damaged book is mended from the other state's database, as people type it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.desk import MORNING, REMARK, Desk, answer
from tests.cli.two_states import (
    ARRIVED,
    US,
    later,
    moved,
)
from tests.register.neighbours import broken
from tests.register.stored import tampering

States = tuple[Desk, Desk]


@pytest.fixture(scope="module", name="met")
def _met(befriended: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("met")
    us, sv = moved(befriended, folder, now=MORNING.replace(day=20))
    sv.done(*ARRIVED, "--arrived", "2025-03-16", "--facility", "CECOT")
    for _ in range(2):
        for desk in (us, sv):
            later(us, sv)
            desk.done("sync")
    later(us, sv)
    us.done("sync")
    return folder


@pytest.fixture(name="states")
def _states(met: Path, tmp_path: Path) -> States:
    """Return two desks that have exchanged their books; the folders are other ones."""
    us, sv = moved(met, tmp_path, now=MORNING.replace(month=4))
    us.done(*REMARK)
    sv.done(*ARRIVED, "--arrived", "2025-03-17", "--facility", "CECOT")
    for desk in (us, sv, us, sv):
        later(us, sv)
        desk.done("sync")
    return us, sv


def own_entries(desk: Desk) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(desk.database)) as book:
        return book.execute(
            "SELECT * FROM entry WHERE book = 1 ORDER BY seq"
        ).fetchall()


def source(states: States) -> tuple[str, ...]:
    return ("repair", "--from", str(states[1].database.parent))


def test_a_lost_book_is_mended_and_the_exchange_goes_on(states: States) -> None:
    us, sv = states
    entries = own_entries(us)
    us.database.write_bytes(b"a broken disk")
    done = answer(us, *source(states), "--yes")

    assert (done["size"], done["read_only"]) == (done["proven"], False)
    assert done["from_damaged"] == 0
    (mirror,) = done["mirrors"]
    assert mirror["book"] == "sv.example/book"
    assert 0 < mirror["cosigned"] <= mirror["size"]
    assert own_entries(us) == entries
    assert answer(us, "verify")["cosigned"]["by"] == ["sv.example/witness"]
    assert answer(us, "verify", "--book", "sv.example/book")["exit_code"] == 0
    us.done(*REMARK)
    for desk in (us, sv, us):
        later(us, sv)
        assert answer(desk, "sync")["peers"][0]["withheld"] is False


def test_what_was_recorded_since_the_last_exchange_is_found_in_the_damaged_file(
    states: States,
) -> None:
    us, _ = states
    us.done(*REMARK)
    with tampering(us.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 1 AND seq = 1")
    done = us.done(*source(states), "--yes")

    assert "1 entry that the copy lacks came from the damaged file" in done.err
    assert "lacks or changes these entries: 1\n" in done.err
    assert answer(us, "verify")["exit_code"] == 0


def test_a_person_is_told_what_is_lost_and_how_to_go_on(states: States) -> None:
    us, _ = states
    us.done(*REMARK)
    us.done(*REMARK[:-1], "another")
    us.database.write_bytes(b"a broken disk")
    us.columns = 100
    refused = us.run(*source(states))
    left = us.run(*source(states), "--older", answers="n\n")
    done = us.run(*source(states), "--older", answers="y\n")

    assert (refused.code, left.code, done.code) == (3, 3, 0)
    assert "--older" in refused.err
    assert "nobody has these entries" in done.err
    assert "--successor-of" in done.err
    assert us.run(*REMARK).code == 11
    named = ("init", "new", "--name", "us.example/2/book", *US[4:], "--successor-of")
    assert us.run(*named, "postgresql://pg/us").code == 2
    made = us.done(*named, "book", "--lang", "en")
    assert "it follows us.example/book, which had" in made.err


def test_a_person_is_told_what_was_changed_and_what_is_not_proven(
    states: States,
) -> None:
    us, sv = states
    size = len(own_entries(us))
    us.done(*REMARK)
    shutil.rmtree(us.folder / "state")
    with tampering(us.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 1 AND seq IN (1, 2)")
        book.execute("DELETE FROM entry WHERE book = 2 AND seq > 0")
        book.execute("DELETE FROM node WHERE book = 2")
        book.execute("DELETE FROM checkpoint WHERE book = 2")
    sv.database.with_name("copy").write_bytes(sv.database.read_bytes())
    copy = sv.database.with_name("copy")
    with tampering(copy) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 1 AND seq = 1")
        for number, note in book.execute(
            "SELECT id, note FROM checkpoint WHERE book = 2"
        ).fetchall():
            book.execute(
                "UPDATE checkpoint SET note = ? WHERE id = ?", (broken(note), number)
            )
    done = us.done("repair", "--from", str(copy), "--yes")

    assert "changes these entries: 1-2" in done.err
    assert f"nothing proves them: {size};" in done.err
    assert "mirror of sv.example/book: 0 entries" in done.err


def test_a_mirror_that_is_gone_is_said_with_what_to_ask_for(states: States) -> None:
    us, sv = states
    us.done("export", "--format", "lines", "--out", "us.jsonl")
    us.database.unlink()
    done = us.done("repair", "--from", "us.jsonl")

    assert "ask that state for its whole book" in done.err
    us.done("sync", "--mirror", str(sv.database))


def test_two_histories_that_the_log_signed_are_said(states: States) -> None:
    us, _ = states
    other = Desk(shutil.copytree(us.folder, us.folder.parent / "fork"), now=us.now)
    us.done(*REMARK)
    us.done("checkpoint")
    other.done(*REMARK[:-1], "another")
    other.done("checkpoint")
    shutil.copy(us.database, us.folder / "good.sqlite")
    shutil.copy(other.database, us.database)
    done = us.done("repair", "--from", "good.sqlite", "--yes")

    assert "also signed another history" in done.err


def test_what_is_remembered_is_proof_enough(received: Desk) -> None:
    received.done("backup", "kept.sqlite")
    received.database.unlink()
    done = received.done("repair", "--from", "kept.sqlite")

    assert "signed its root" not in done.err


def test_a_server_is_no_copy_yet(states: States) -> None:
    us, _ = states
    assert us.run("repair", "--from", "postgresql://pg/us").code == 2
