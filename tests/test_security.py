"""Each row of SECURITY.md's table is done to a book, and is seen as the row says.

`UPDATE_GOLDEN=1 pytest -n 0 tests/test_security.py` writes what is printed anew.
"""

import os
import re
from pathlib import Path

import pytest

from ledger.cli.verbs import VERBS
from tests.cli.program import program
from tests.corpus.base import base_office
from tests.corpus.desk import Case, Desk, lay
from tests.corpus.test_corpus import TAMPERED

SECURITY = Path(__file__).parent.parent / "SECURITY.md"
HASHES = re.compile(r"[0-9a-f]{16,}")
CASES = {str(case.name): case for case in TAMPERED}


def rows() -> list[list[str]]:
    """Return attack, level, exit code, what is printed, what to do, for each row."""
    table = SECURITY.read_text().partition("| attack |")[2].partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def steady(text: str) -> str:
    return HASHES.sub("…", text)


def printed(case: Case, desk: Desk) -> tuple[int, str]:
    """Return the exit code and the first finding that a person is shown."""
    if case.memory:
        desk.remember()
    case.do(desk)
    # The program looks for what it remembers below its own name.
    desk.places.state.mkdir(parents=True, exist_ok=True)
    (desk.folder / "transfer-ledger").symlink_to(desk.places.state)
    pin = ["--genesis", base_office().history.entries[0].leaf.hex()] if case.pin else []
    said = program(
        *("verify", "--ledger", str(desk.database), *pin),
        environ={"XDG_STATE_HOME": str(desk.folder), "COLUMNS": "1000"},
        terminal=True,
        verbs=VERBS,
    )
    finding = re.compile(r"entry |T-[0-9]+: |[a-z ]+: ")
    shown = [line for line in said.out.splitlines() if finding.match(line)]
    return said.code, steady(shown[0])


def names() -> list[str]:
    return [row[0] for row in rows()]


@pytest.mark.parametrize("attack", names())
def test_a_row_of_the_table_is_seen_as_it_says_when(
    attack: str, tmp_path: Path
) -> None:
    _, level, code, prints, then = next(row for row in rows() if row[0] == attack)
    case = CASES[attack]
    seen_code, seen = printed(case, lay(tmp_path))
    old = f"| {attack} | {level} | {code} | {prints} | {then} |"
    new = f"| {attack} | {case.level} | {seen_code} | {seen} | {then} |"
    if os.environ.get("UPDATE_GOLDEN"):
        SECURITY.write_text(SECURITY.read_text().replace(old, new))
        old = new

    assert old == new


def test_no_attack_has_two_rows() -> None:
    assert len(set(names())) == len(names())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0]))
def test_it_is_said_what_to_do_next_when(row: list[str]) -> None:
    assert len(row) == 5
    assert row[4].endswith(".")
