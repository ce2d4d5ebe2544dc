"""The office's desk: what is to be done, the calendar, backups, and the doctor."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from ledger.cli import today
from ledger.domain.schemas import KINDS
from ledger.register.opening import Places
from tests.cli.conversing import insert
from tests.cli.desk import RECEIVE, RECORD, REMARK, Desk, answer, is_harmless
from tests.cli.test_verb_answers import CRASH

HOT = datetime(2099, 1, 1, tzinfo=UTC)
INSTRUMENT = (
    *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
    *("--binding", "unknown", "--text-public", "no", "--party", "US"),
)


def test_a_bare_call_in_a_folder_with_a_book_is_today(received: Desk) -> None:
    bare = received.done()

    assert bare == received.done("today")
    assert received.done("--json").out.startswith('{"schema":"transfer-ledger/today/1"')
    named = received.done("--ledger", "book/book.sqlite")
    assert named.out.replace(" --ledger book/book.sqlite", "") == bare.out


def test_a_bare_call_without_a_book_shows_the_first_screen(desk: Desk) -> None:
    for place in ("nowhere", "x" * 5000):
        outcome = desk.done("--ledger", place)
        assert outcome == desk.done("--help")


def test_nothing_to_do_is_said(desk: Desk) -> None:
    desk.done("checkpoint", "--out", "us.ckpt")
    piped = desk.done("today", "--on", "2025-03-15")
    desk.columns = 80
    drawn = desk.done("today", "--on", "2025-03-15")

    assert "nothing is to be done" in piped.err
    assert "nothing is to be done" in drawn.out
    assert desk.run("today", "--on", "2025-03-15", "--exit-code").code == 0


def test_every_command_that_it_names_is_one_of_this_program(received: Desk) -> None:
    """Type each command with its capitals filled in, and be understood."""
    received.done(
        "end", "T-1", "--how", "unaccounted", "--persons", "1", "--at", "2025-03-18"
    )
    received.done(
        *("remark", "T-1", "--type", "variance", "--text", "one is missing"),
    )
    insert(received, "not an entry")
    received.now = received.now.replace(year=2026, month=6)
    duties = answer(received, "today")["duties"]
    filled = {
        "FILE": "a.ckpt",
        "FOLDER": ".",
        "TEXT": "t",
        "LENGTH": "P1Y",
        "DATE": "2026-06-01",
        "WHEN": "2025-03-18",
        "HOW": "released",
    }

    assert {duty["task"] for duty in duties} == {
        *("unaccounted", "overdue", "unacknowledged", "variance", "void"),
        *("checkpoint", "backup"),
    }
    for duty in duties:
        program, *words = duty["command"].split()
        assert program == "transfer-ledger"
        outcome = received.run(*(filled.get(word, word) for word in words))
        assert outcome.code == 0, (words, outcome.err)


@pytest.mark.parametrize("renewable", ["yes", "no"])
def test_a_term_that_cannot_be_renewed_is_to_be_ended(
    desk: Desk, renewable: str
) -> None:
    desk.now = desk.now.replace(day=20)
    desk.done(*RECORD[:-1], renewable)
    desk.done(*RECEIVE)
    desk.now = desk.now.replace(year=2026, month=4)
    duties = answer(desk, "today")["duties"]
    (overdue,) = [duty for duty in duties if duty["task"] == "overdue"]

    verb = overdue["command"].split()[1]
    assert verb == ("renew" if renewable == "yes" else "end")


def test_the_day_for_notice_is_said(desk: Desk) -> None:
    desk.now = desk.now.replace(day=20)
    desk.done(*INSTRUMENT, "--renewal", "express", "--notice-lead", "P1M")
    desk.done(*RECORD, "--instrument", "I-1")
    desk.done(*RECEIVE)
    desk.columns = 80
    due = " ".join(desk.done("today", "--on", "2026-01-10").out.split())
    over = " ".join(desk.done("today", "--on", "2026-04-10").out.split())

    assert "a renewal is to be asked for by 2026-02-15" in due
    assert "a renewal had to be asked for by 2026-02-15" in over


def test_many_lines_of_one_kind_are_cut_for_people_alone(
    after_departure: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = after_departure
    desk.done(*RECORD, "--once", "1" * 32)
    monkeypatch.setattr(today, "SHOWN", 1)
    plain = desk.done("today")
    desk.columns = 80
    drawn = desk.done("today")

    assert plain.out.count("not-received\tT-") == 2
    assert "and 1 more" in drawn.out
    assert drawn.out.count("receive T-") == 1


def test_a_request_nobody_was_told_about_is_named_with_its_verb(
    received: Desk,
) -> None:
    state = received.folder / "state" / "transfer-ledger"
    place = Places(received.database, received.keys, state).memory
    (place / "pending").mkdir(parents=True, exist_ok=True)
    asked = {
        "1" * 64: ("transfer", "f" * 32),
        "2" * 64: ("transfer", answer(received, "show", "1")["once"]),
        "3" * 64: ("of-a-newer-program", "e" * 32),
    }
    for digest, (kind, once) in asked.items():
        (place / "pending" / digest).write_text(
            f'{{"at":"2025-03-20T12:00:00Z","kind":"{kind}","once":"{once}",'
            '"schema":"transfer-ledger/pending/1"}'
        )
    piped = [d for d in answer(received, "today")["duties"] if d["task"] == "pending"]
    received.columns = 80
    drawn = " ".join(received.done("today").out.split())

    assert [duty["command"] for duty in piped] == [
        "transfer-ledger help …",
        "transfer-ledger record …",
        "transfer-ledger show 1",
    ]
    assert "is not in the book: type the same command again" in drawn
    assert "was recorded as entry 1: do not record it again" in drawn
    assert "of the kind of-a-newer-program" in drawn


def test_every_kind_that_a_clerk_records_has_a_verb() -> None:
    assert set(KINDS) - set(today.VERB_OF) <= {"genesis"}


def test_void_entries_and_variances_are_said_in_words(received: Desk) -> None:
    received.done(*RECEIVE, "--once", "2" * 32)
    received.done("remark", "T-1", "--type", "variance", "--text", "who are they")
    insert(received, "not an entry")
    received.columns = 80
    drawn = received.done("today").out

    assert "was written round this program" in drawn
    assert "238 persons more were counted on arrival than had departed" in drawn
    assert "a variance is remarked" in drawn


def test_garbage_beside_a_false_leaf_hash_is_acknowledged_like_any_other(
    received: Desk,
) -> None:
    sql = "INSERT INTO entry SELECT book, max(seq) + 1, NULL, zeroblob(32), x'00'"
    with closing(sqlite3.connect(received.database)) as book, book:
        book.execute(f"{sql} FROM entry")
    altered = received.run("verify").code
    received.done(*REMARK)
    void = received.run("verify").code
    (found,) = (
        row for row in answer(received, "today")["duties"] if row["task"] == "void"
    )
    received.done("acknowledge", str(found["entry"]), "--reason", "by hand")

    assert (altered, void) == (10, 10)
    assert received.done("verify", "-q").code == 0
    assert received.done("checkpoint", "--out", "us.ckpt").code == 0


def events(desk: Desk) -> dict[str, tuple[str, int, str]]:
    content = (desk.folder / "us.ics").read_bytes()
    return {
        str(event["uid"]): (
            str(event["status"]),
            int(str(event["sequence"])),
            str(event["summary"]),
        )
        for event in Calendar.from_ical(content).walk("VEVENT")
    }


def test_a_later_calendar_updates_and_cancels_events(after_departure: Desk) -> None:
    desk = after_departure
    desk.done("calendar", "--out", "us.ics")
    before = events(desk)
    desk.done(*RECEIVE)
    desk.done("calendar", "--out", "us.ics")
    after = events(desk)

    assert {status for status, _, _ in before.values()} == {"TENTATIVE"}
    assert before.keys() < after.keys()
    for uid, (_, sequence, summary) in before.items():
        assert "provisional" in summary
        assert after[uid][0] == "CANCELLED"
        assert after[uid][1] > sequence
    assert [s for s, _, _ in after.values()].count("CONFIRMED") == 4


def test_nothing_that_a_clerk_typed_is_in_the_calendar(desk: Desk) -> None:
    typed = list(RECORD)
    typed[typed.index("a group")] = "Fulano Mengano"
    typed[typed.index("CECOT")] = "ward 6, bed 2"
    desk.now = desk.now.replace(day=20)
    desk.done(*typed)
    desk.done("calendar", "--out", "us.ics")
    content = (desk.folder / "us.ics").read_text()

    assert "238 persons" in content
    for word in ("Fulano", "Mengano", "ward", "clerk-07"):
        assert word not in content


def test_an_arrival_without_destination_is_in_no_calendar(desk: Desk) -> None:
    desk.done("calendar", "--out", "us.ics", "--remind", "1d")

    assert events(desk) == {}
    assert desk.run("calendar", "--out", "x.ics", "--remind", "soon").code == 3


def crashed(desk: Desk) -> None:
    subprocess.run([sys.executable, "-c", CRASH, str(desk.database)], check=False)


def test_after_a_crash_a_backup_waits_for_the_doctor(
    received: Desk, tmp_path: Path
) -> None:
    crashed(received)
    received.now = HOT
    refused = received.run("backup", str(tmp_path / "copy"))
    ill = answer(received, "doctor", code=15)
    well = answer(received, "doctor", "--recover")
    made = answer(received, "backup", str(tmp_path / "copy"))

    assert refused.code == 15
    assert "doctor --recover" in refused.err
    assert ill["checks"][0]["code"] == "recovery-needed"
    assert (well["recovered"], well["verify"]["exit_code"]) == (True, 0)
    assert made["size"] == 3


def test_the_doctor_says_so_in_words_and_in_lines(received: Desk) -> None:
    crashed(received)
    received.now = HOT
    piped = received.run("doctor")
    received.columns = 80
    drawn = received.run("doctor")
    healed = received.done("doctor", "--recover")

    assert piped.out.splitlines()[1].split("\t")[:3] == [
        *("recovery", "bad", "recovery-needed"),
    ]
    assert drawn.out.startswith("BAD ")
    assert "this is no tampering" in drawn.out
    assert "is finished" in healed.err


def test_the_doctor_without_a_complaint_says_that_all_is_well(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.now = HOT
    desk.write_passphrase()
    (tmp_path / "usb").mkdir(mode=0o700)
    desk.done(
        *("init", "book", "--name", "us.example/book", "--state", "US"),
        *("--clerk", "clerk-07", "--zone", "America/Chicago", "--recovery", "usb"),
    )
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done("backup", "usb")
    well = desk.done("doctor")

    assert well.err == "all is well\n"
    assert "bad" not in well.out


def test_where_no_book_is_the_doctor_says_so(desk: Desk) -> None:
    outcome = desk.run("--ledger", "nowhere", "doctor")

    assert outcome.code == 20
    assert answer(desk, "--ledger", "nowhere", "doctor", code=20)["book"] is None


def test_a_backup_on_another_disk_is_not_warned_about(received: Desk) -> None:
    here = received.folder.stat().st_dev
    places = [Path("/dev/shm"), Path("/var/tmp")]  # noqa: S108 (other file systems)
    others = [each for each in places if each.is_dir() and each.stat().st_dev != here]
    if not others:
        pytest.skip("there is one file system here")
    path = others[0] / f"transfer-ledger-test-{received.folder.parent.name}"
    try:
        made = received.done("backup", str(path))
    finally:
        path.unlink()

    assert "warning" not in made.err


def test_a_restored_book_where_nothing_was_remembered_is_said_to_be_so(
    received: Desk, tmp_path: Path
) -> None:
    received.done("backup", "kept.sqlite")
    state = {"XDG_STATE_HOME": str(tmp_path / "other-machine")}
    restored = received.run("restore", "kept.sqlite", "--to", "two", environ=state)

    assert restored.code == 0
    assert "remembers nothing" in restored.err
    assert received.run("restore", "kept.sqlite", "--to", "book").code == 3


def test_a_restored_book_that_is_complete_takes_entries(received: Desk) -> None:
    received.done("backup", "kept.sqlite")
    (received.database).rename(received.folder / "lost")
    document = answer(received, "restore", "kept.sqlite")
    said = received.done("restore", "kept.sqlite", "--to", "two.sqlite").err
    received.done(*REMARK)

    assert (document["remembered"], document["read_only"]) == (3, False)
    assert document["aside"] is None
    assert "READ-ONLY" not in said


def test_a_calendar_answers_a_program_with_counts(received: Desk) -> None:
    document = answer(received, "calendar", "--out", "us.ics")

    assert (document["events"], document["cancelled"]) == (8, 4)
    assert (document["provisional"], document["replaced"]) == (0, False)


HOSTILE = ("", ".", "/", "..", "\x1b[31m", "a\nb", "x" * 5000, "/dev/null", "\udcff")


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "words",
    [("backup",), ("restore",), ("calendar", "--out"), ("restore", "x", "--to")],
)
def test_a_hostile_path_gives_no_traceback_and_no_control(
    received: Desk, words: tuple[str, ...], value: str
) -> None:
    before = received.bytes()
    outcome = received.run(*words, value)

    assert outcome.code in {0, 2, 3, 4, 20, 24}
    assert is_harmless(outcome)
    assert received.bytes() == before
