"""`history --key` of a key of another state, and what nobody could rewrite any more."""

from pathlib import Path

import pytest

from tests.cli.desk import MORNING, Desk, answer
from tests.cli.test_sync import exchanged
from tests.cli.two_states import moved


@pytest.fixture(name="states")
def _states(befriended: Path, tmp_path: Path) -> tuple[Desk, Desk]:
    return moved(befriended, tmp_path, now=MORNING.replace(day=20))


def test_a_key_of_another_state_is_answered_from_its_mirror(
    states: tuple[Desk, Desk],
) -> None:
    us, sv = states
    exchanged(us, sv, rounds=2)

    found = answer(sv, "history", "--key", "us.example/clerk-07")
    said = sv.done("history", "--key", "us.example/clerk-07").err
    own = sv.done("history", "--key", "clerk-01").err

    assert (found["book"], found["key"]) == ("us.example/book", "us.example/clerk-07")
    assert [row["kind"] for row in found["entries"]] == ["transfer"]
    assert found["complete_under"][0]["book"] == "us.example/book"
    assert "this key is of us.example/book" in said
    assert "another state's" not in own


def test_before_the_mirror_was_there_nobody_had_such_a_key(
    states: tuple[Desk, Desk],
) -> None:
    us, sv = states
    exchanged(us, sv, rounds=2)

    then = sv.run("history", "--key", "us.example/clerk-07", "--known-on", "2025-03-01")

    assert then.code == 4


def test_a_key_on_a_card_alone_is_said_to_be_of_that_book(
    states: tuple[Desk, Desk],
) -> None:
    _, sv = states

    state = sv.run("history", "--key", "us.example/state")
    nobody = sv.run("history", "--key", "us.example/clerk-99")

    assert (state.code, nobody.code) == (4, 4)
    assert "on the card of us.example/book" in state.err
    assert "neither this book nor a mirror" in nobody.err


def test_where_all_is_cosigned_no_entry_is_said_to_be_open_to_rewriting(
    states: tuple[Desk, Desk],
) -> None:
    us, sv = states
    exchanged(us, sv, rounds=4)

    said = us.done("verify").err

    assert "no entry lies beyond the last checkpoint" in said
    assert "rewrite" not in said
