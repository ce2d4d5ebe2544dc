"""Void entries: written round the program, they are listed until the state has seen."""

from typing import Any

from ledger.tlog import merkle
from tests.corpus.base import ENTRIES, TRANSFER, Body, base_office
from tests.corpus.desk import Cases, Desk
from tests.office import signer

CASES = Cases()
STATE_KEY = signer("us.example/state", 10)
GARBAGE = b"not a page\n"


def acknowledge(desk: Desk, *targets: Body) -> None:
    """Let the state sign that it has seen void entries."""
    data = {"targets": list(targets), "reason": "written by hand"}
    body = desk.next_body(kind="acknowledgement", by=STATE_KEY.key.name, data=data)
    desk.insert(desk.sign(body, STATE_KEY))


def target(desk: Desk, seq: int) -> Body:
    """Return the target of an acknowledgement."""
    return {"seq": seq, "leaf": merkle.leaf_hash(desk.notes()[seq]).hex()}


def _fact(desk: Desk, kind: str, data: Body, **members: Any) -> None:
    desk.insert(desk.sign(desk.next_body(kind=kind, data=data, **members)))


@CASES.tampered(10, "bytes", ENTRIES)
def garbage_is_inserted(desk: Desk) -> None:
    """Bytes that are no note are the next entry."""
    desk.insert(GARBAGE)


@CASES.tampered(10, "bytes", ENTRIES)
def garbage_is_inserted_and_the_book_goes_on(desk: Desk) -> None:
    """A sound entry follows; the garbage is still listed."""
    desk.insert(GARBAGE)
    desk.insert(desk.sign(desk.next_body()))


@CASES.tampered(10, "bytes", ENTRIES)
def garbage_is_inserted_three_times(desk: Desk) -> None:
    """Three void entries in a row."""
    for n in range(3):
        desk.insert(GARBAGE * (n + 1))


@CASES.tampered(10, "bytes", ENTRIES)
def the_second_of_two_void_entries_is_acknowledged(desk: Desk) -> None:
    """The first of them is not."""
    desk.insert(GARBAGE)
    desk.insert(GARBAGE)
    acknowledge(desk, target(desk, ENTRIES + 1))


@CASES.tampered(10, "bytes", ENTRIES)
def a_void_entry_is_acknowledged_under_another_leaf(desk: Desk) -> None:
    """The acknowledgement names other bytes: it covers nothing."""
    desk.insert(GARBAGE)
    acknowledge(desk, {"seq": ENTRIES, "leaf": "ab" * 32})


@CASES.tampered(10, "bytes", ENTRIES)
def an_acknowledged_void_entry_is_changed(desk: Desk) -> None:
    """After the state has seen it, the garbage becomes other garbage."""
    desk.insert(GARBAGE)
    acknowledge(desk, target(desk, ENTRIES))
    desk.run("UPDATE entry SET note = x'00' WHERE seq = ?", ENTRIES)


@CASES.tampered(10, "bytes", ENTRIES)
def an_acknowledged_void_entry_is_changed_with_its_leaf(desk: Desk) -> None:
    """As before, but the leaf fits: the acknowledgement no longer does."""
    desk.insert(GARBAGE)
    acknowledge(desk, target(desk, ENTRIES))
    desk.replace(ENTRIES, b"other garbage")


@CASES.tampered(10, "bytes", ENTRIES)
def an_acknowledgement_is_cut_off(desk: Desk) -> None:
    """The acknowledgement is deleted; the garbage counts again."""
    desk.insert(GARBAGE)
    acknowledge(desk, target(desk, ENTRIES))
    desk.run("DELETE FROM entry WHERE seq = ?", ENTRIES + 1)


@CASES.tampered(10, "rules", ENTRIES)
def a_sound_entry_is_acknowledged_as_void(desk: Desk) -> None:
    """The state may not call a sound entry void."""
    acknowledge(desk, target(desk, TRANSFER))


@CASES.tampered(10, "rules", ENTRIES)
def a_once_is_used_twice(desk: Desk) -> None:
    """A sound next entry with the client-made id of an old one."""
    desk.insert(desk.sign(desk.next_body(once=desk.body(TRANSFER)["once"])))


@CASES.tampered(10, "rules", ENTRIES)
def a_transfer_takes_a_number_that_is_taken(desk: Desk) -> None:
    """A second T-1."""
    _fact(desk, "transfer", desk.body(TRANSFER)["data"])


@CASES.tampered(10, "rules", ENTRIES)
def a_renewal_of_nothing(desk: Desk) -> None:
    """A renewal that cites a remark in the place of a transfer."""
    data = desk.body(12)["data"]
    _fact(desk, "renewal", {**data, "transfer": base_office().cite_entry(21)})


@CASES.tampered(10, "rules", ENTRIES)
def a_citation_of_another_leaf(desk: Desk) -> None:
    """A renewal cites the right number with a leaf that is not there."""
    data = desk.body(12)["data"]
    cited = {**base_office().cite("T-1"), "leaf": "ab" * 32}
    _fact(desk, "renewal", {**data, "transfer": cited})


@CASES.tampered(10, "rules", ENTRIES)
def a_correction_of_a_correction(desk: Desk) -> None:
    """What is corrected cannot be corrected through its correction."""
    data = base_office().correction(
        19, {"path": "/reason", "old": "misread", "new": "x"}
    )
    _fact(desk, "correction", data)


@CASES.tampered(10, "rules", ENTRIES)
def an_unknown_member_of_data(desk: Desk) -> None:
    """A schema is closed: a member that it has not makes an entry void."""
    body = desk.next_body()
    body["data"]["weather"] = "rain"
    desk.insert(desk.sign(body))


@CASES.tampered(10, "rules", ENTRIES)
def a_member_of_another_type(desk: Desk) -> None:
    """A text where a list is due."""
    body = desk.next_body()
    body["data"]["about"] = "T-1"
    desk.insert(desk.sign(body))


@CASES.tampered(10, "rules", ENTRIES)
def a_second_genesis(desk: Desk) -> None:
    """The state key signs another genesis in the middle of the book."""
    body = desk.next_body(
        kind="genesis", by=STATE_KEY.key.name, data=desk.body(0)["data"]
    )
    desk.insert(desk.sign(body, STATE_KEY))


@CASES.tampered(10, "rules", ENTRIES)
def an_acknowledgement_without_targets(desk: Desk) -> None:
    """The state key signs an acknowledgement of nothing."""
    acknowledge(desk)


@CASES.tampered(10, "rules", ENTRIES)
def an_acknowledgement_in_another_form(desk: Desk) -> None:
    """Targets that are numbers only."""
    data = {"targets": [ENTRIES - 1], "reason": "x"}
    body = desk.next_body(kind="acknowledgement", by=STATE_KEY.key.name, data=data)
    desk.insert(desk.sign(body, STATE_KEY))


@CASES.tampered(10, "rules", ENTRIES)
def the_last_state_key_is_retired(desk: Desk) -> None:
    """The state key signs itself away."""
    vkey = STATE_KEY.key.format()
    data = {"action": "retire", "role": "state", "vkey": vkey}
    body = desk.next_body(kind="key", by=STATE_KEY.key.name, data=data)
    desk.insert(desk.sign(body, STATE_KEY))
