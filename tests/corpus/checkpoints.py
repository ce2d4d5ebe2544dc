"""Checkpoints that are forged, edited, misfiled, or of another key or book."""

import base64

from ledger.tlog.note import Ed25519Signer
from tests.corpus.base import ENTRIES, SIGNED, checkpoint_of
from tests.corpus.desk import Cases, Desk
from tests.corpus.keys_and_signatures import LOG_KEY
from tests.office import signer

CASES = Cases()


@CASES.tampered(12, "signatures", None)
def a_checkpoint_is_signed_by_a_stranger(desk: Desk) -> None:
    """A right checkpoint by a key that has the book's name only."""
    _checkpoint(desk, ENTRIES, signer("us.example/book", 77))


@CASES.tampered(12, "signatures", None)
def a_checkpoint_is_signed_twice_once_wrongly(desk: Desk) -> None:
    """A line of the log key that does not hold stands beside one that does."""
    size, note = desk.checkpoints()[-1]
    encoded = note.rpartition(b" ")[2]
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    line = b"\xe2\x80\x94 us.example/book " + base64.b64encode(raw) + b"\n"
    sql = "UPDATE checkpoint SET note = ? WHERE size = ?"
    desk.run(sql, note + line, size)


@CASES.tampered(12, "signatures", None)
def a_checkpoint_has_another_root(desk: Desk) -> None:
    """The root in a kept checkpoint is edited under its signature."""
    size, note = desk.checkpoints()[-1]
    name, digits, _, rest = note.split(b"\n", 3)
    root = base64.b64encode(bytes(32))
    sql = "UPDATE checkpoint SET note = ? WHERE size = ?"
    desk.run(sql, b"\n".join((name, digits, root, rest)), size)


@CASES.tampered(11, "tree", None)
def a_stolen_log_key_signs_another_root(desk: Desk) -> None:
    """A checkpoint of the right size and a root of other entries is put in."""
    _checkpoint(desk, ENTRIES, LOG_KEY, change=True)


@CASES.tampered(11, "tree", ENTRIES)
def a_stolen_log_key_signs_entries_that_are_not_there(desk: Desk) -> None:
    """A checkpoint goes beyond the end of the book."""
    _checkpoint(desk, ENTRIES + 5, LOG_KEY)


@CASES.tampered(11, "tree", None)
def a_checkpoint_of_another_book_is_put_in(desk: Desk) -> None:
    """A row of the table holds the checkpoint of another book."""
    _checkpoint(desk, SIGNED, signer("sv.example/book", 11))


@CASES.tampered(11, "tree", None)
def a_checkpoint_becomes_garbage(desk: Desk) -> None:
    """The note of a kept checkpoint is overwritten."""
    desk.run("UPDATE checkpoint SET note = x'00' WHERE size = ?", SIGNED)


@CASES.tampered(10, "projections", None)
def a_checkpoint_is_filed_under_another_size(desk: Desk) -> None:
    """The size column beside a kept checkpoint is changed."""
    desk.run("UPDATE checkpoint SET size = 13 WHERE size = 12")


def _checkpoint(
    desk: Desk, size: int, key: Ed25519Signer, *, change: bool = False
) -> None:
    notes = desk.notes()
    notes += notes[: max(0, size - len(notes))]
    if change:
        notes[0] = b"another"
    note = checkpoint_of(notes, size, key)
    desk.run("INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)", size, note)
