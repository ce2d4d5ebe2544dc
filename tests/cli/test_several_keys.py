"""While one key of a role is changed for another, both are active, and work goes on."""

from pathlib import Path

from tests.cli.desk import Desk, answer
from tests.cli.two_states import befriend, later, opened

NEW = ("--new-passphrase-file", "passphrase")


def test_a_book_with_two_state_keys_hands_out_a_card(after_departure: Desk) -> None:
    desk = after_departure
    second = ("--name", "state-2", "--role", "state", "--text", "seen by SV in person")
    desk.done("key", "add", *second, *NEW)

    assert desk.run("card", "--out", "none.card").code == 22
    made = answer(desk, "card", "--out", "us.card", "--as", "state-2")
    assert made["signed_by"] == "us.example/state-2"


def test_the_newer_of_two_witness_keys_cosigns(tmp_path: Path) -> None:
    us, sv = opened(tmp_path)
    befriend(us, sv)
    us.done("sync")
    sv.done("key", "add", "--name", "witness-2", "--role", "witness", *NEW)
    for desk in (sv, us, sv, us):
        later(us, sv)
        desk.done("sync")

    cosigned = answer(us, "verify")["cosigned"]
    assert cosigned["by"] == ["sv.example/witness-2"]
