"""What `verify` offers for long books: all findings, a deep look, going on."""

import sqlite3
from contextlib import closing

import pytest

from ledger.register import examining, resuming
from ledger.register.levels import Work
from ledger.register.progress import Stage
from tests.cli.conversing import insert
from tests.cli.desk import REMARK, Desk, answer
from tests.cli.program import Outcome

HIDE = """
CREATE INDEX aside ON transfer (book, departed_on, ended_on) WHERE ref <> 'T-1';
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET rootpage =
    (SELECT rootpage FROM sqlite_schema WHERE name = 'aside')
    WHERE name = 'transfer_open';
DELETE FROM sqlite_schema WHERE name = 'aside';
PRAGMA writable_schema=RESET;
"""


@pytest.mark.parametrize("columns", [None, 100])
def test_all_findings_are_shown_to_who_asks(
    columns: int | None, received: Desk
) -> None:
    for number in range(25):
        insert(received, f"not an entry: {number}")
    received.columns = columns
    some = received.run("verify")
    every = received.run("verify", "--all")

    assert "and 5 more findings (--all shows them)" in some.err
    assert "more finding" not in every.err
    shown = (every.out + every.err).count("entry 2") - (some.out + some.err).count(
        "entry 2"
    )
    assert shown == 5


def test_an_index_that_hides_a_row_is_found_by_a_deep_look(received: Desk) -> None:
    with closing(sqlite3.connect(received.database)) as connection:
        connection.executescript(HIDE)

    plain = received.run("verify", "-q")
    document = answer(received, "verify", "--deep", code=10)

    assert plain.code == 0
    assert [f["code"] for f in document["findings"]] == ["index-differs"]


def test_a_deep_look_at_a_sound_book_finds_nothing(received: Desk) -> None:
    assert answer(received, "verify", "--deep")["verdict"] == "consistent"


def stop(received: Desk, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Verify, and press Ctrl-C when the derived tables are reached."""
    own = Work.report

    def report(work: Work, stage: Stage, done: int, total: int) -> None:
        own(work, stage, done, total)
        if stage == "projections":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(resuming, "KEPT_EACH", 2)
        patched.setattr(examining, "TOLD_EACH", 1)
        patched.setattr(Work, "report", report)
        return received.run("verify")


def test_who_stops_it_can_go_on_and_is_told_what_was_done_when(
    received: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    received.done(*REMARK)
    stopped = stop(received, monkeypatch)
    received.now = received.now.replace(day=30)
    gone_on = received.done("verify", "--resume")
    stop(received, monkeypatch)
    document = answer(received, "verify", "--resume")

    assert (stopped.code, stopped.out) == (130, "")
    assert "0 of 1 done, with 0 findings so far" in stopped.err
    assert "transfer-ledger verify --resume" in stopped.err
    assert "the first 2 entries were judged at 2025-03-20T12:00:00Z" in gone_on.err
    assert document["resumed"] == {"size": 2, "at": "2025-03-30T12:00:00Z"}
    assert document["verdict"] == "consistent"


def test_without_anything_to_go_on_from_everything_is_verified(received: Desk) -> None:
    outcome = received.done("verify", "--resume")

    assert "there was nothing to go on from: everything was verified" in outcome.err
    assert answer(received, "verify")["resumed"] is None


@pytest.mark.parametrize(
    "argv",
    [
        ("--resume", "--since", "us.ckpt"),
        ("--resume", "us.ckpt"),
        ("--deep", "us.ckpt"),
    ],
)
def test_what_has_no_meaning_together_is_refused(
    argv: tuple[str, ...], received: Desk
) -> None:
    received.done("checkpoint", "--out", "us.ckpt")

    assert received.run("verify", *argv).code == 2
