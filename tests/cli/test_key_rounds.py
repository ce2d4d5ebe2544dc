"""A passphrase is as slow to guess as a key promises, whatever verb writes its file."""

import base64
from pathlib import Path

from ledger.keys.pkcs8 import ROUNDS
from tests.cli import desk as desks
from tests.cli.desk import INIT, Desk

INTEGER = b"\x02\x03"  # of three bytes, in DER
OLD = ("--passphrase-file", "new")
NEW = ("--new-passphrase-file", "passphrase")


def rounds_of(desk: Desk) -> dict[str, bool]:
    """Return of each file of a key whether it says the full rounds."""
    return {path.stem: _says(path, ROUNDS) for path in desk.keys.rglob("*.pem")}


def _says(path: Path, rounds: int) -> bool:
    lines = path.read_text().splitlines()[1:-1]
    return INTEGER + rounds.to_bytes(3) in base64.b64decode("".join(lines))


def test_every_verb_that_writes_a_key_gives_it_the_full_rounds(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rounds=None)
    desk.write_passphrase()
    desk.write_passphrase("another long passphrase", "new")
    desk.done(*INIT)
    made = rounds_of(desk)
    desk.rounds = desks.ROUNDS
    desk.done("key", "passphrase", "clerk-07", "--new-passphrase-file", "new")
    changed = rounds_of(desk)
    desk.rounds = None
    desk.done("key", "passphrase", "clerk-07", *OLD, *NEW)
    desk.done("key", "add", "--name", "clerk-08", *NEW)
    book = ("--book", "us.example/book", "--state", "US")
    desk.done("key", "new", "clerk-09", *book)
    in_the_end = rounds_of(desk)

    assert made == dict.fromkeys(["state", "book", "witness", "clerk-07"], True)
    assert changed == {**made, "clerk-07": False}  # the test can tell them apart
    assert in_the_end == {**made, "clerk-08": True, "clerk-09": True}
