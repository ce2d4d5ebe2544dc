"""What verbs answer in each form, and what they say beside it."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest

from ledger.cli.arguments import lift
from ledger.cli.lines import reason
from ledger.cli.options import compose
from tests.cli.conversing import insert
from tests.cli.desk import RECEIVE, RECORD, REMARK, Desk, answer
from tests.cli.program import Terminal
from tests.surroundings import open_folder, without_power

ROOT = Path(__file__).parents[2]
DUE_MEMBERS = (
    *("ref", "book", "origin", "destination", "group", "facility", "held_min"),
    *("held_max", "authorised_until", "provisional", "days_left", "renewable"),
    "renewals",
)
VERIFY_MEMBERS = (
    *("schema", "verdict", "exit_code", "book", "genesis", "entries", "head", "root"),
    *("levels", "findings", "void", "cosigned", "beyond_last_cosigned"),
)
# Dies within a transaction whose pages had to be written before its end.
CRASH = """
import os, sqlite3, sys
book = sqlite3.connect(sys.argv[1], isolation_level=None)
book.execute("PRAGMA cache_size=1")
book.execute("BEGIN IMMEDIATE")
for seq in range(9, 999):
    book.execute(
        "INSERT INTO heading (book, seq, at) VALUES (1, ?, ?)", (seq, "x" * 500)
    )
os._exit(9)
"""


def test_due_is_as_the_interface_has_it(received: Desk) -> None:
    document = answer(received, "due", "--within", "90d", "--on", "2025-12-20")
    (row,) = document["transfers"]
    (head,) = document.pop("complete_under")

    assert document["schema"] == "transfer-ledger/due/1"
    assert (document["on"], document["within_days"]) == ("2025-12-20", 90)
    assert (document["held_min"], document["held_max"]) == (238, 238)
    assert set(DUE_MEMBERS) <= set(row)
    assert (row["authorised_until"], row["days_left"]) == ("2026-03-15", 85)
    assert (row["renewable"], row["renewals"], row["provisional"]) == ("yes", 0, False)
    assert set(head) == {"book", "size", "root"}


def test_overdue_counts_days_and_person_days(received: Desk) -> None:
    (row,) = answer(received, "overdue", "--on", "2026-04-01")["transfers"]

    assert (row["days_over"], row["days_left"]) == (17, -17)
    assert (row["person_days_min"], row["person_days_max"]) == (4046, 4046)


def test_without_recorded_authority_there_is_no_last_day(desk: Desk) -> None:
    desk.now = desk.now.replace(day=20)
    words = list(RECORD)
    del words[words.index("--term") : words.index("--renewable")]
    desk.done(*words)
    (row,) = answer(desk, "overdue")["transfers"]

    assert row["authorised_until"] is None
    assert row["days_over"] is None
    assert row["person_days_min"] is None
    assert row["flags"] == [
        *("unacknowledged", "not-received", "no-authority", "provisional"),
    ]


def test_verify_is_as_the_interface_has_it(received: Desk) -> None:
    document = answer(received, "verify")

    assert list(document)[: len(VERIFY_MEMBERS)] == list(VERIFY_MEMBERS)
    assert document["verdict"] == "consistent"
    assert document["levels"][0] == {"level": "bytes", "result": "pass", "covers": 3}


def test_options_stand_before_or_after_the_verb(received: Desk) -> None:
    after = received.run("due", "--on", "2025-12-20", "--json", "--ledger", "book")
    before = received.run("--json", "--ledger", "book", "due", "--on", "2025-12-20")

    assert after == before


@pytest.mark.parametrize(("verb", "code"), [("due", 6), ("overdue", 0)])
def test_the_exit_code_says_whether_there_is_something(
    verb: str, code: int, received: Desk
) -> None:
    for form in ((), ("--json",), ("--csv",), ("-q",)):
        argv = (verb, "--on", "2026-03-01", *form)

        assert received.run(*argv, "--exit-code").code == code
        assert received.run(*argv).code == 0


@pytest.mark.parametrize("verb", ["list", "held", "due", "overdue", "show", "verify"])
def test_a_pipe_gets_full_values_under_machine_names(verb: str, received: Desk) -> None:
    argv = [verb, *(["T-1"] if verb == "show" else [])]
    argv += [] if verb == "verify" else ["--on", "2026-04-20"]
    tabs = received.done(*argv).out
    commas = received.done(*argv, "--csv").out
    received.columns = 60
    plain = received.done(*argv, "--plain").out
    rows = list(csv.reader(io.StringIO(commas, newline="")))

    assert plain == tabs
    assert [line.split("\t") for line in tabs.splitlines()] == rows
    assert len({len(row) for row in rows}) == 1
    assert all(cell.replace("_", "").isalpha() for cell in rows[0])
    assert "\n" not in commas.replace("\r\n", "")


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("verb", ["list", "held", "due", "overdue", "show", "verify"])
def test_a_terminal_gets_what_fits(columns: int, verb: str, received: Desk) -> None:
    received.columns = columns
    argv = [verb, *(["T-1"] if verb == "show" else [])]
    argv += [] if verb == "verify" else ["--on", "2026-03-01"]
    outcome = received.done(*argv)
    drawn = outcome.out.splitlines()[1 if verb == "verify" else 0 :]

    assert max(map(len, drawn), default=0) <= columns
    assert "\x1b" not in outcome.out


def test_no_word_is_broken_on_a_narrow_terminal(received: Desk) -> None:
    received.columns = 60
    out = received.done("due", "--on", "2026-03-01").out

    assert "transfer     T-1\n" in "\n".join(x.rstrip() for x in out.split("\n"))
    assert "2026-03-15" in out
    assert "unacknowledged" in out


def test_two_rows_on_a_narrow_terminal_stand_apart(after_departure: Desk) -> None:
    after_departure.done(*RECORD)
    after_departure.columns = 40
    out = after_departure.done("list").out
    blank = [line for line in out.splitlines() if not line.strip()]

    assert len(blank) == 1


def test_a_dumb_terminal_gets_no_colour(received: Desk) -> None:
    received.columns = 120
    argv = ("list",)
    plain = received.run(*argv, environ={"NO_COLOR": "", "TERM": "dumb"})
    coloured = received.run(*argv, environ={"NO_COLOR": "", "TERM": "xterm"})

    assert "\x1b" not in plain.out
    assert "\x1b[" in coloured.out


def child(
    desk: Desk, *argv: str, **environ: str
) -> "subprocess.CompletedProcess[bytes]":
    """Run the program as a process of its own, at the desk."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *argv],
        cwd=desk.folder,
        env={**os.environ, **desk.environ, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_a_terminal_of_few_letters_gets_escapes(received: Desk) -> None:
    received.done("remark", "T-1", "--type", "notice", "--text", "señor, 囚")
    ended = child(received, "show", "T-1", PYTHONIOENCODING="cp1252")

    assert ended.returncode == 0
    assert "señor, \\u56da".encode("cp1252") in ended.stdout
    assert child(received, "list", "--csv", PYTHONIOENCODING="cp1252").returncode == 0


def test_a_process_records_and_refuses_with_the_documented_codes(
    received: Desk,
) -> None:
    at = ("--at", "2025-03-18")
    done = child(received, *REMARK, *at, "--json")
    refused = child(received, "renew", "T-9", "--for", "P1Y", *AGREED, "--json")
    missing = child(received, "list", "--ledger", "elsewhere")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kind"] == "remark"
    assert refused.returncode == 4
    assert json.loads(refused.stderr)["exit_code"] == 4
    assert refused.stdout == b""
    assert missing.returncode == 20


AGREED = ("--persons", "1", "--agreed-on", "2025-03-18")


@pytest.mark.parametrize("columns", [None, 100])
def test_many_findings_are_cut_for_people_and_not_for_programs(
    columns: int | None, received: Desk
) -> None:
    for number in range(25):
        insert(received, f"not an entry: {number}")
    received.columns = columns
    outcome = received.run("verify")

    assert "and 5 more findings" in outcome.err
    assert len(answer(received, "verify", code=10)["findings"]) == 25


def test_a_crash_in_mid_write_is_not_called_tampering(received: Desk) -> None:
    with open_folder(mode=0o755) as folder:
        there = Desk(copytree(received.folder, folder / "desk"))
        subprocess.run([sys.executable, "-c", CRASH, str(there.database)], check=False)
        for path in (there.folder, *there.folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        with without_power():
            outcome = there.run("verify")
            document = answer(there, "verify", code=15)
            there.columns = 80
            drawn = there.run("verify")
        for path in (there.folder, there.folder / "book"):
            path.chmod(0o755)

    assert (outcome.code, outcome.out) == (15, "")
    assert "this is not tampering" in outcome.err
    assert document["verdict"] == "needs_recovery"
    assert "this is not tampering" in drawn.out


def test_show_tells_of_the_missing_and_of_corrections(after_departure: Desk) -> None:
    desk = after_departure
    words = list(RECEIVE)
    words[words.index("238")] = "230"
    desk.done(*words)
    desk.done("correct", "T-1", "--set", "/group/label=b", "--reason", "r")
    desk.columns = 100
    transfer, entry = (desk.done("show", name).out for name in ("T-1", "1"))

    assert "unaccounted" in transfer
    assert "corrected by" in entry


def test_show_says_why_an_entry_is_void(received: Desk) -> None:
    insert(received, "not an entry")
    (fault,) = answer(received, "show", "3")["faults"]
    piped = received.done("show", "3").out
    received.columns = 150
    drawn = received.done("show", "3").out

    assert f"void\tbytes {fault['code']}\t3\n" in piped
    assert fault["code"] not in drawn
    assert "not a signed note" in drawn


def test_a_fault_without_words_is_no_code_to_a_person() -> None:
    ask = compose(
        lift(()),
        environ={},
        stdin=Terminal(),
        stdout=Terminal(),
        stderr=Terminal(),
    )

    unknown = reason(ask, "test.no-such-fault", {})
    assert "type verify" in unknown
    assert reason(ask, "file.unfit", {}) == unknown
    assert "7 bytes" in reason(ask, "file.unfit", {"most": 7})
    assert reason(ask, "bytes-changed", {}) == "the bytes do not have this leaf hash"


def test_a_summary_with_another_signature_is_told_to_people(received: Desk) -> None:
    received.done("summary", "--out", "summary")
    (received.folder / "summary" / "summary.json.sig").write_text("not a signature")
    received.columns = 80
    outcome = received.run("verify", "summary/summary.json")

    assert outcome.code == 12
    assert "NOT verified" in outcome.out
    assert outcome.err.startswith("why: the .sig file")


def test_show_tells_all_of_an_instrument(after_departure: Desk) -> None:
    desk = after_departure
    desk.done(
        *("instrument", "--title", "a letter", "--type", "letter", "--stage"),
        *("signed", "--binding", "unknown", "--text-public", "no", "--party", "US"),
        *("--term-text", "one year", "--compensation", "5.00 USD"),
    )
    desk.done("claim", "I-1", "--field", "/title", "--value", "a note", "--by", "VE")
    desk.columns = 100
    out = desk.done("show", "I-1").out

    assert "one year" in out
    assert "VE (reported): /title = a note" in out


def test_a_book_changed_by_hand_is_read_only(received: Desk) -> None:
    with closing(sqlite3.connect(received.database)) as book:
        book.execute("DROP TRIGGER guard_entry_delete")
    before = received.bytes()
    codes = [received.run(*argv).code for argv in (REMARK, ("checkpoint",), ("list",))]

    assert codes == [10, 10, 0]
    assert received.bytes() == before


def test_an_older_copy_that_was_put_back_is_told_to_people(received: Desk) -> None:
    older = received.database.read_bytes()
    received.done(*REMARK)
    received.database.write_bytes(older)
    received.columns = 80
    outcome = received.run("verify")

    assert outcome.code == 11
    told = " ".join(outcome.err.split())
    assert "an older copy was put here, or the end was cut off" in told


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("", "--field: the text is empty"),
        ("persons", "--field in the claim must be a path from the root"),
        ("/nope", "of the kind “departure” have no member /nope"),
        ("/term/nope", "of the kind “departure” have no member /term/nope"),
    ],
)
def test_a_claim_about_no_member_says_what_is_wrong_with_the_field(
    field: str, said: str, after_departure: Desk
) -> None:
    desk, before = after_departure, after_departure.bytes()

    outcome = desk.run("claim", "T-1", "--field", field, "--value", "3", "--by", "VE")

    assert outcome.code == 3
    assert said in outcome.err
    assert desk.bytes() == before
