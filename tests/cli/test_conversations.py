"""Whole conversations with the program, compared with golden files."""

import os
from pathlib import Path

import pytest

from tests.cli.conversing import replay
from tests.cli.desk import Desk

FOLDER = Path(__file__).parent.parent / "golden" / "conversations"
# These make their book themselves, with `init`.
FROM_NOTHING = frozenset(
    (
        *("clerks-day", "clerks-day-es", "life-of-keys", "receiving-state"),
        *("two-states", "two-books", "two-books-es"),
        "month",
    )
)
NAMES = sorted(path.stem for path in FOLDER.glob("*.golden"))


@pytest.mark.parametrize("name", NAMES)
def test_the_conversation_is_as_it_was_read_and_approved(
    name: str, request: pytest.FixtureRequest
) -> None:
    fixture = "bare" if name in FROM_NOTHING else "after_departure"
    desk: Desk = request.getfixturevalue(fixture)
    path = FOLDER / f"{name}.golden"
    before = path.read_text(encoding="utf-8")

    after = replay(before, desk)

    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(after, encoding="utf-8")
    else:
        assert after == before


def test_there_are_conversations() -> None:
    assert set(NAMES) > FROM_NOTHING
