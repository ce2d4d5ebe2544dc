"""What `verify` tells of what it found: what was altered first, the rest counted."""

import json
from pathlib import Path

import pytest

from ledger.cli.verbs import VERBS
from tests.cli.program import Outcome, program
from tests.corpus.base import TRANSFER
from tests.corpus.desk import Desk, lay

ALL = 235
"""What was found where one digit of T-1 cannot be read any more."""


def verify(desk: Desk, *options: str, terminal: bool = False) -> Outcome:
    return program(
        *("verify", "--ledger", str(desk.database), *options),
        environ={"XDG_STATE_HOME": str(desk.folder), "COLUMNS": "500"},
        terminal=terminal,
        verbs=VERBS,
    )


def with_a_digit_changed(folder: Path) -> Desk:
    desk = lay(folder)
    note = desk.notes()[TRANSFER].replace(b'"n":238', b'"n":038')
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, TRANSFER)
    return desk


def rows(said: Outcome) -> list[list[str]]:
    """Return the rows of the table in a pipe that are about a finding."""
    lines = [line.split("\t") for line in said.out.splitlines()[1:]]
    return [line for line in lines if line[5]]


def test_a_terminal_tells_the_altered_entry_and_counts_what_follows(
    tmp_path: Path,
) -> None:
    said = verify(with_a_digit_changed(tmp_path), terminal=True)

    told = [line for line in said.out.splitlines() if line.startswith("entry ")]
    assert said.code == 10
    assert [line.partition(": the")[0] for line in told] == ["entry 2 (T-1): bytes"]
    assert f"and {ALL - 1} more that can follow from the first (--all" in said.err


def test_a_few_findings_are_all_told_for_they_show_what_was_there(
    tmp_path: Path,
) -> None:
    desk = lay(tmp_path)
    note = desk.notes()[TRANSFER].replace(b'"n":238', b'"n":239')
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, TRANSFER)

    said = verify(desk, terminal=True)

    assert "can follow" not in said.err
    assert "entry 2 (T-1): bytes: the" in said.out


def test_a_pipe_tells_the_same_as_a_terminal(tmp_path: Path) -> None:
    said = verify(with_a_digit_changed(tmp_path))

    assert [row[3:6] for row in rows(said)] == [["2", "T-1", "bytes-changed"]]
    assert f"and {ALL - 1} more that can follow from the first (--all" in said.err


def test_it_is_told_in_spanish_too(tmp_path: Path) -> None:
    said = verify(with_a_digit_changed(tmp_path), "--lang", "es")

    assert f"y {ALL - 1} más que pueden" in said.err


def test_every_finding_is_told_where_all_are_asked_for(tmp_path: Path) -> None:
    said = verify(with_a_digit_changed(tmp_path), "--all")

    assert len(rows(said)) == ALL
    assert "more" not in said.err


def test_json_is_always_whole(tmp_path: Path) -> None:
    said = verify(with_a_digit_changed(tmp_path), "--json")

    found = json.loads(said.out)["findings"]
    assert len(found) == ALL
    assert (found[0]["seq"], found[0]["ref"]) == (TRANSFER, "T-1")


@pytest.mark.parametrize("terminal", [True, False])
def test_twenty_others_are_told_and_the_rest_is_counted(
    tmp_path: Path, *, terminal: bool
) -> None:
    desk = lay(tmp_path)
    desk.run("UPDATE entry SET leaf = zeroblob(32) WHERE seq > 9")

    said = verify(desk, terminal=terminal)

    told = [line for line in said.out.splitlines() if line.startswith("entry ")]
    assert len(told if terminal else rows(said)) == 20
    assert "more findings (--all shows them)" in said.err


def test_rows_of_the_register_of_books_never_follow_from_an_entry(
    tmp_path: Path,
) -> None:
    desk = with_a_digit_changed(tmp_path)
    desk.run("UPDATE book SET own = 0")
    desk.run("UPDATE entry SET book = 9 WHERE seq > 38")

    said = verify(desk)

    assert any(row[5] != "bytes-changed" for row in rows(said))


def test_what_is_void_by_itself_hides_nothing(tmp_path: Path) -> None:
    desk = lay(tmp_path)
    desk.insert(b"garbage")
    desk.run("UPDATE transfer SET persons = persons + 1")

    said = verify(desk)

    assert len(rows(said)) == 6
    assert "can follow" not in said.err


def test_a_deep_look_says_that_the_integrity_check_passed(tmp_path: Path) -> None:
    desk = lay(tmp_path)

    deep, plain = verify(desk, "--deep"), verify(desk)
    whole = json.loads(verify(desk, "--deep", "--json").out)["integrity_check"]
    unasked = json.loads(verify(desk, "--json").out)["integrity_check"]

    assert "SQLite's own integrity_check passed" in deep.err
    assert "integrity_check" not in plain.err
    assert (whole, unasked) == (True, None)
