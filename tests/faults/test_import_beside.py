"""An import in a process of its own, while other processes record; and killed."""

import time
from pathlib import Path

import pytest

from tests.cli.desk import INIT, RECORD, Desk
from tests.cli.filing import DEPARTURE, as_csv, put
from tests.faults.processes import entries, finish, is_sound, start

ROWS = 2000
MOMENTS = (0.9, 2.4)
"""Seconds after which an import is killed."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.write_passphrase()
    assert desk.run(*INIT).code == 0
    rows = [{**DEPARTURE, "group": f"group {number}"} for number in range(1, ROWS + 1)]
    put(desk, "rows.csv", as_csv(rows))
    return desk


@pytest.mark.parametrize("options", [("--dry-run",), ()], ids=["dry", "real"])
def test_nobody_is_refused_while_another_imports_thousands_of_rows(
    desk: Desk, options: tuple[str, ...]
) -> None:
    importing = start(desk, "import", "rows.csv", "--kind", "transfer", *options)
    answers: list[tuple[int, str, str]] = []
    while importing.poll() is None and len(answers) < 3:
        group = f"beside {len(answers)}"
        words = [group if word == "a group" else word for word in RECORD]
        answers.append(finish(start(desk, *words)))
    code, out, err = finish(importing)
    recorded = 0 if options else ROWS

    assert [answer[0] for answer in answers] == [0] * len(answers), answers
    assert answers
    assert code == 0, err
    assert entries(desk) == 1 + len(answers) + recorded
    assert is_sound(desk), out
    if recorded:
        again = finish(start(desk, "import", "rows.csv", "--kind", "transfer"))
        assert again[1].split("\n")[1].startswith(f"nothing-new\t{ROWS}\t0\t{ROWS}\t")
        assert entries(desk) == 1 + len(answers) + ROWS


def test_who_is_killed_leaves_the_book_whole_and_imports_it_again(desk: Desk) -> None:
    for seconds in MOMENTS:
        importing = start(desk, "import", "rows.csv", "--kind", "transfer")
        time.sleep(seconds)
        importing.kill()
        finish(importing)

        assert entries(desk) in {1, 1 + ROWS}
        assert is_sound(desk)
    finish(start(desk, "import", "rows.csv", "--kind", "transfer"))

    assert entries(desk) == 1 + ROWS
    assert is_sound(desk)
