"""Each row of SECURITY.md's table is done to a book, and is seen as the row says.

`UPDATE_GOLDEN=1 pytest tests/test_security.py` writes what is printed anew.
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


def test_each_attack_of_the_table_is_seen_as_the_table_says(tmp_path: Path) -> None:
    text = SECURITY.read_text()
    wrong = []
    for number, (attack, level, code, prints, then) in enumerate(rows()):
        folder = tmp_path / str(number)
        folder.mkdir()
        case = CASES[attack]
        seen_code, seen = printed(case, lay(folder))
        old = f"| {attack} | {level} | {code} | {prints} | {then} |"
        new = f"| {attack} | {case.level} | {seen_code} | {seen} | {then} |"
        if old != new:
            wrong.append(new)
        text = text.replace(old, new)
    if os.environ.get("UPDATE_GOLDEN"):
        SECURITY.write_text(text)
        wrong = []

    assert wrong == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0]))
def test_a_row_says_what_to_do_next(row: list[str]) -> None:
    assert len(row) == 5
    assert row[4].endswith(".")
