"""An older copy answers every question, and says first that its figures may be old."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.cli.verbs import VERBS
from ledger.errors import NotPermittedError
from ledger.register.opening import Register
from tests.cli.desk import Desk
from tests.cli.test_read_only import cut  # noqa: F401 (a fixture)
from tests.register.stored import tampering

SAID = (
    "warning: this copy of the book has 2 entries, and this machine has seen 3: an "
    "older copy was put in place, or the end was cut off; what is answered may be old, "
    "and transfer-ledger today says what to do"
)
NOT_ASKED = frozenset(
    (
        *("record", "receive", "renew", "end", "correct", "pay", "instrument"),
        *("remark", "claim", "retract", "confirm", "recover", "import"),
        *("acknowledge", "init", "key new", "key add", "key retire", "key revoke"),
        *("key approve", "key passphrase", "peer add", "sync", "repair", "restore"),
        *("completion", "demo"),
    )
)
"""Verbs that record, or that ask no book."""

TOLD_OTHERWISE = frozenset(
    ("today", "verify", "doctor", "backup", "checkpoint", "prove", "summary")
)
"""Verbs that say what this machine remembers in words or refusals of their own."""

QUESTIONS = {
    "calendar": ("calendar", "--out", "days.ics"),
    "card": ("card", "--out", "card"),
    "compare": ("compare", "1", "whole.sqlite"),
    "conflicts": ("conflicts",),
    "diff": ("diff", "--known-on", "2025-03-14", "--and", "2025-03-15"),
    "due": ("due",),
    "explain": ("explain", "T-1"),
    "export": ("export", "--out", "rows", "--format", "csv"),
    "find": ("find", "alleged"),
    "held": ("held",),
    "history": ("history", "T-1"),
    "key list": ("key", "list"),
    "history/key": ("history", "us.example/clerk-07"),
    "list": ("list",),
    "money": ("money",),
    "overdue": ("overdue",),
    "peer list": ("peer", "list"),
    "reconcile": ("reconcile",),
    "show": ("show", "T-1"),
    "show/entry": ("show", "1"),
    "timeline": ("timeline",),
    "totals": ("totals", "--by", "facility"),
    "variances": ("variances",),
}


@pytest.mark.parametrize("argv", QUESTIONS.values(), ids=QUESTIONS)
def test_every_question_to_an_older_copy_is_answered_with_a_warning(
    cut: Desk,  # noqa: F811 (the fixture)
    argv: tuple[str, ...],
) -> None:
    outcome = cut.run(*argv)

    assert outcome.err.count(SAID) == 1, outcome
    assert outcome.err.startswith(SAID)


@pytest.mark.parametrize("argv", QUESTIONS.values(), ids=QUESTIONS)
def test_a_whole_book_is_answered_from_without_a_word_of_it(
    after_departure: Desk, argv: tuple[str, ...]
) -> None:
    shutil.copyfile(after_departure.database, after_departure.folder / "whole.sqlite")

    assert "warning" not in after_departure.run(*argv).err


def test_every_verb_that_reads_a_book_is_among_these() -> None:
    asked = {name.partition("/")[0] for name in QUESTIONS}

    assert {verb.name for verb in VERBS} == asked | NOT_ASKED | TOLD_OTHERWISE


@pytest.mark.parametrize(
    "argv",
    [
        ("backup", "backups"),
        ("checkpoint", "--out", "ckpt"),
        ("export", "--out", "lines", "--format", "lines"),
        ("prove", "1", "--out", "proof"),
        ("summary", "--out", "folder"),
    ],
)
def test_what_would_vouch_for_an_older_copy_is_refused(
    cut: Desk,  # noqa: F811
    argv: tuple[str, ...],
) -> None:
    outcome = cut.run(*argv)

    assert outcome.code == 11
    assert "the book has 2 entries, but it had 3 before" in outcome.err


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_the_warning_changes_nothing_that_a_program_reads(
    cut: Desk,  # noqa: F811
    form: str,
) -> None:
    warned = cut.run("due", form)
    shutil.rmtree(cut.folder / "state")
    silent = cut.run("due", form)

    assert (warned.code, warned.out) == (silent.code, silent.out) == (0, silent.out)
    assert SAID in warned.err
    assert "warning" not in silent.err


def test_a_quiet_question_is_answered_without_the_warning(
    cut: Desk,  # noqa: F811
) -> None:
    assert cut.run("due", "--quiet").err == ""


def test_a_copy_at_another_path_is_told_with_its_path(
    cut: Desk,  # noqa: F811
) -> None:
    (cut.folder / "an older one").mkdir()
    copy = Path("an older one") / "book.sqlite"
    shutil.copyfile(cut.database, cut.folder / copy)
    command = f"transfer-ledger today --ledger '{copy}' says what to do"

    assert command in cut.run("due", "--ledger", str(copy)).err
    assert "READ-ONLY" in cut.run("today", "--ledger", str(copy)).err


def test_a_book_that_was_restored_from_an_old_backup_says_so_at_each_question(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("backup", "old.sqlite")
    desk.done("remark", "T-1", "--type", "notice", "--text", "later")
    desk.done("restore", "old.sqlite", "--to", "again")

    assert (
        SAID.partition("and transfer")[0] in desk.run("list", "--ledger", "again").err
    )


def test_another_history_is_told_as_one(after_departure: Desk) -> None:
    with tampering(after_departure.database) as connection:
        connection.execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 1")
        connection.execute("UPDATE node SET hash = zeroblob(32)")

    said = after_departure.run("due").err

    assert "what is answered may be wrong, and transfer-ledger today says" in said
    assert "the first 2 entries are not those that were there before" in said


def test_a_memory_that_may_not_be_read_stops_no_question(
    after_departure: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise NotPermittedError("system.forbidden", path="state", code="EACCES")

    monkeypatch.setattr(Register, "check_memory", fail)
    outcome = after_departure.run("due", "--json")

    assert json.loads(outcome.out)["held_max"] == 0
    assert "it was not compared with what this machine remembers" in outcome.err


def test_the_warning_is_in_the_language_that_is_asked_for(
    cut: Desk,  # noqa: F811
) -> None:
    said = cut.run("due", "--lang", "es").err

    assert "esta copia del libro tiene 2 asientos, y este equipo ha visto 3" in said
