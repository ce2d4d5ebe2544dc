"""Work goes on without a key: it is said which, where it is sought, what to type."""

import pytest

from tests.cli.desk import REMARK, Desk
from tests.cli.test_sync import States, _states  # noqa: F401 (a fixture)

SOUGHT = "it is {key}, looked for in {folder}: there is no private key file for {key}"


def move_away(desk: Desk, *names: str) -> None:
    for name in names:
        (folder,) = desk.keys.iterdir()
        (folder / f"{name}.pem").rename(desk.folder / f"{name}.pem")


def test_an_exchange_names_each_key_that_it_goes_without(
    states: States,
) -> None:
    us, sv = states
    us.done("sync")
    move_away(sv, "book", "witness")
    said = sv.run("sync").err

    for key in ("sv.example/book", "sv.example/witness"):
        assert SOUGHT.format(key=key, folder=sv.keys) in said
    assert said.count("put the file back into the folder of keys (type key list)") == 2
    assert sv.run("sync", "--quiet").err == ""


@pytest.mark.parametrize(
    "argv",
    [("prove", "1", "--out", "proof"), ("summary", "--out", "summary")],
    ids=["prove", "summary"],
)
def test_who_proves_without_the_log_key_is_told_where_it_is_sought(
    after_departure: Desk, argv: tuple[str, ...]
) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done(*REMARK)
    move_away(desk, "book")
    said = desk.done(*argv).err

    assert SOUGHT.format(key="us.example/book", folder=desk.keys) in said


def test_where_no_key_is_left_it_is_said_how_to_enrol_one(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done("key", "retire", "us.example/book")
    said = desk.done("prove", "1", "--out", "proof").err
    quiet = desk.done("prove", "1", "--out", "again", "--quiet").err

    assert "transfer-ledger key add --name log --role log" in said
    assert "looked for" not in said
    assert quiet == ""


@pytest.mark.parametrize("verb", ["doctor", "due", "today"])
def test_a_key_is_told_in_the_language_that_is_asked_for(
    after_departure: Desk, verb: str
) -> None:
    """No sentence about what is wrong has an English code in it."""
    move_away(after_departure, "clerk-07")
    (after_departure.keys / "us.example" / "clerk-07.vkey").unlink()
    said = after_departure.run(verb, "--lang", "es")
    refused = after_departure.run(*REMARK, "--lang", "es").err

    assert "clerk " not in said.err
    assert "clave del rol escribiente" in refused
