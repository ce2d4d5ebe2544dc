"""Signatures: stolen, wrong, retired, revoked, unknown and weak keys."""

import base64
import hashlib
import json
from functools import partial
from typing import Any

from ledger.domain.keyring import possession_text
from ledger.tlog import merkle
from ledger.tlog.entry import HEADER
from ledger.tlog.note import Ed25519Signer
from tests.corpus.base import (
    ADDED,
    ADDED_CLERK,
    ENTRIES,
    REMARK,
    REMARK_AFTER,
    RETIRED_CLERK,
    REVOKED_CLERK,
    STRANGER,
    Body,
    base_office,
)
from tests.corpus.desk import Cases, Desk, spell
from tests.office import signer

CASES = Cases()
STATE_KEY, LOG_KEY, CLERK = (
    signer("us.example/state", 10),
    signer("us.example/book", 11),
    signer("us.example/clerk-07", 13),
)
WITNESS = signer("us.example/witness", 12)
IDENTITY = b"\x01" + bytes(31)
WEAK = {
    "the identity": IDENTITY,
    "a point of order 2": b"\xec" + b"\xff" * 30 + b"\x7f",
    "a point of order 4": bytes(32),
    "a point of order 8": bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    ),
    "a point of order 8 with the other sign": bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
    ),
    "another spelling of the identity": b"\xee" + b"\xff" * 30 + b"\x7f",
}


def _next(desk: Desk, key: Ed25519Signer, **members: Any) -> None:
    """A remark that is sound but for its key is inserted."""
    desk.insert(desk.sign(desk.next_body(by=key.key.name, **members), key))


def _anew(desk: Desk, key: Ed25519Signer) -> None:
    """A remark is signed in its place, the leaf hash made to fit."""
    body = {**desk.body(REMARK), "by": key.key.name}
    desk.replace(REMARK, desk.sign(body, key))


SIGNERS = {
    "a key that the book never had": STRANGER,
    "another key of the clerk's name": signer("us.example/clerk-07", 99),
    "the retired clerk's key": RETIRED_CLERK,
    "the revoked clerk's key": REVOKED_CLERK,
    "the state key, which signs no remarks": STATE_KEY,
    "the log key, which signs no remarks": LOG_KEY,
    "the witness key as a plain key": WITNESS,
    "the clerk's key under another name": signer("us.example/clerk-08", 13),
}
for _name, _key in SIGNERS.items():
    CASES.add(
        f"the next entry is signed by {_name}",
        partial(_next, key=_key),
        (12, "signatures", ENTRIES),
    )
    CASES.add(
        f"an old entry is signed anew by {_name}",
        partial(_anew, key=_key),
        (12, "signatures", REMARK),
    )


def _add(key: Ed25519Signer, **members: Any) -> Body:
    return {"action": "add", **base_office().listing("clerk", key), **members}


@CASES.tampered(12, "signatures", ENTRIES)
def a_clerk_adds_a_clerk(desk: Desk) -> None:
    """A stolen clerk's key signs a `key` entry for a key of the thief."""
    _next(desk, CLERK, kind="key", data=_add(STRANGER))
    _next(desk, STRANGER)


@CASES.tampered(12, "signatures", ENTRIES)
def a_new_key_adds_itself(desk: Desk) -> None:
    """A `key` entry is signed by the very key that it adds."""
    _next(desk, STRANGER, kind="key", data=_add(STRANGER))


@CASES.tampered(12, "signatures", ENTRIES)
def a_key_signs_before_it_is_added(desk: Desk) -> None:
    """A key signs an entry, and the entry after it adds the key."""
    _next(desk, STRANGER)
    _next(desk, STATE_KEY, kind="key", data=_add(STRANGER))


@CASES.tampered(12, "signatures", ENTRIES)
def a_clerk_retires_the_state_key(desk: Desk) -> None:
    """A stolen clerk's key signs that the state key is retired."""
    vkey = STATE_KEY.key.format()
    data = {"action": "retire", "role": "state", "vkey": vkey}
    _next(desk, CLERK, kind="key", data=data)


@CASES.tampered(12, "signatures", ENTRIES)
def a_clerk_acknowledges_a_void_entry(desk: Desk) -> None:
    """Garbage is put in, and a stolen clerk's key says that the state has seen it."""
    _next(desk, STRANGER)
    leaf = merkle.leaf_hash(desk.notes()[-1]).hex()
    data = {"targets": [{"seq": ENTRIES, "leaf": leaf}], "reason": "all is well"}
    _next(desk, CLERK, kind="acknowledgement", data=data)


@CASES.tampered(12, "signatures", ENTRIES + 1)
def a_revoked_key_signs_right_after_it_is_revoked(desk: Desk) -> None:
    """The added clerk's key is revoked and signs the very next entry."""
    vkey = ADDED_CLERK.key.format()
    data = {"action": "revoke", "role": "clerk", "vkey": vkey, "reason": "lost"}
    _next(desk, STATE_KEY, kind="key", data=data)
    _next(desk, ADDED_CLERK)


@CASES.tampered(12, "signatures", REMARK)
def the_signatures_of_two_entries_change_places(desk: Desk) -> None:
    """Two entries of one clerk swap their signature lines, leaves as they should be."""
    notes = desk.notes()
    (text, line), (other_text, other_line) = (
        notes[seq].rsplit(b"\n\n", 1) for seq in (REMARK, REMARK_AFTER)
    )
    desk.replace(REMARK, text + b"\n\n" + other_line)
    desk.replace(REMARK_AFTER, other_text + b"\n\n" + line)


@CASES.tampered(12, "signatures", ENTRIES)
def a_checkpoint_signature_is_used_for_an_entry(desk: Desk) -> None:
    """The signature line of a checkpoint is put under an entry."""
    line = desk.checkpoints()[0][1].rpartition(b"\n\n")[2]
    body = desk.next_body(by="us.example/book")
    desk.insert(f"{HEADER}\n".encode() + spell(body) + b"\n\n" + line)


@CASES.tampered(11, "tree", REMARK)
def an_insider_takes_over_the_entry_of_another_clerk(desk: Desk) -> None:
    """An active clerk signs another's old entry as his own."""
    desk.replace(
        REMARK,
        desk.sign({**desk.body(REMARK), "by": ADDED_CLERK.key.name}, ADDED_CLERK),
    )


def _edit(body: Body) -> None:
    body["data"]["text"] = "the lists agree"


@CASES.tampered(11, "tree", None, memory=False)
def a_suffix_below_the_checkpoint_is_signed_anew(desk: Desk) -> None:
    """Both clerks' keys are stolen; everything from an entry below the checkpoint on
    is linked and signed anew, and the database rebuilt."""
    desk.relink(REMARK, _edit, CLERK, ADDED_CLERK)


@CASES.tampered(11, "tree", None)
def a_suffix_beyond_the_checkpoint_is_signed_anew(desk: Desk) -> None:
    """As before, but beyond the checkpoint: this machine remembers."""
    desk.relink(REMARK_AFTER, _edit, CLERK, ADDED_CLERK)


@CASES.tampered(11, "tree", None)
def a_suffix_is_signed_anew_with_a_stolen_log_key(desk: Desk) -> None:
    """Clerks' and log key are stolen, old checkpoints replaced by a new one."""
    desk.relink(REMARK, _edit, CLERK, ADDED_CLERK, signed=ENTRIES, keep=False)


@CASES.tampered(11, "tree", None, memory=False)
def a_stolen_log_key_signs_a_second_history(desk: Desk) -> None:
    """As before, but the old checkpoints are left where they were."""
    desk.relink(REMARK, _edit, CLERK, ADDED_CLERK, signed=ENTRIES)


@CASES.tampered(12, "signatures", ADDED, memory=False)
def a_suffix_is_signed_anew_without_the_state_key(desk: Desk) -> None:
    """From entry 2 on all is signed anew, but `key` entries need the state key."""
    desk.relink(
        2, lambda body: body["data"]["persons"].update(n=138), CLERK, ADDED_CLERK
    )


@CASES.tampered(12, "signatures", REMARK_AFTER + 1, memory=False)
def a_suffix_is_signed_anew_with_one_of_two_keys(desk: Desk) -> None:
    """Only one clerk's key is stolen; the other's entries do not hold."""
    desk.relink(REMARK_AFTER, _edit, CLERK)


@CASES.tampered(12, "signatures", ENTRIES - 1, memory=False)
def the_last_entry_is_edited_under_its_old_signature(desk: Desk) -> None:
    """The last entry is edited, its leaf and the whole database are made to fit."""
    desk.relink(ENTRIES - 1, _edit)


@CASES.tampered(21, None, None)
def an_unknown_kind_of_an_active_key(desk: Desk) -> None:
    """A kind that this program does not know: the reader is too old."""
    _next(desk, CLERK, kind="amnesty")


@CASES.tampered(21, None, None)
def an_unknown_version_of_an_active_key(desk: Desk) -> None:
    """A version that this program does not know: the reader is too old."""
    _next(desk, CLERK, v=2)


@CASES.tampered(21, None, None)
def an_unknown_version_with_other_members(desk: Desk) -> None:
    """A later version may have members that this one has not."""
    _next(desk, CLERK, v=3, zeal="x")


@CASES.tampered(21, None, None)
def an_unknown_kind_of_the_state_key(desk: Desk) -> None:
    """Any active key may sign a kind that is not known yet."""
    _next(desk, STATE_KEY, kind="pardon")


@CASES.tampered(12, "signatures", ENTRIES)
def an_unknown_kind_of_a_stranger(desk: Desk) -> None:
    """A stranger does not stop the register with a kind that nobody knows."""
    _next(desk, STRANGER, kind="amnesty")


@CASES.tampered(12, "signatures", ENTRIES)
def an_unknown_version_of_a_retired_key(desk: Desk) -> None:
    """Nor does a retired clerk with a version that nobody knows."""
    _next(desk, RETIRED_CLERK, v=2)


@CASES.tampered(11, "chain", ENTRIES)
def an_unknown_kind_with_a_wrong_link(desk: Desk) -> None:
    """An active key's unknown kind that is not the next link is void."""
    _next(desk, CLERK, kind="amnesty", prev="0" * 64)


def _vkey(name: str, public: bytes) -> str:
    typed = b"\x01" + public
    key_id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(typed).decode()}"


def _forged(name: str, public: bytes, body: Body) -> bytes:
    """Return a note whose signature a verifier without care takes for the key's."""
    key_id = bytes.fromhex(_vkey(name, public).split("+")[1])
    line = base64.b64encode(key_id + IDENTITY + bytes(32)).decode()
    return f"{HEADER}\n".encode() + spell(body) + f"\n\n— {name} {line}\n".encode()


def _register_weak(desk: Desk, public: bytes) -> None:
    """The state enrols the point as a clerk's key, its proof forged."""
    name = "us.example/clerk-00"
    proof = base64.b64encode(IDENTITY + bytes(32)).decode()
    data = {
        "action": "add",
        "role": "clerk",
        "vkey": _vkey(name, public),
        "proof": proof,
    }
    _next(desk, STATE_KEY, kind="key", data=data)
    desk.insert(_forged(name, public, desk.next_body(by=name)))


for _name, _public in WEAK.items():
    CASES.add(
        f"{_name} is registered as a key",
        partial(_register_weak, public=_public),
        (10, "rules", ENTRIES),
    )


@CASES.tampered(10, "rules", ENTRIES)
def a_key_is_added_without_proof_of_possession(desk: Desk) -> None:
    """The proof of another key is given for the new one."""
    proof = base_office().listing("clerk", ADDED_CLERK)["proof"]
    _next(desk, STATE_KEY, kind="key", data=_add(STRANGER, proof=proof))


@CASES.tampered(10, "rules", ENTRIES)
def a_key_is_added_with_a_proof_for_another_role(desk: Desk) -> None:
    """A clerk's proof is used to add the key as an auditor's."""
    _next(desk, STATE_KEY, kind="key", data=_add(STRANGER, role="auditor"))


@CASES.tampered(10, "rules", ENTRIES)
def a_key_is_added_with_a_proof_for_another_book(desk: Desk) -> None:
    """The proof was made for another book."""
    text = possession_text(
        book="sv.example/book", state="US", role="clerk", vkey=STRANGER.key.format()
    )
    proof = base64.b64encode(STRANGER.sign(text)).decode()
    _next(desk, STATE_KEY, kind="key", data=_add(STRANGER, proof=proof))


def genesis_with(desk: Desk, **changes: Any) -> Body:
    """Return the body of entry 0 with other data."""
    body: Body = json.loads(desk.notes()[0].split(b"\n")[1])
    body["data"].update(changes)
    return body


@CASES.tampered(12, "signatures", 0, memory=False)
def the_genesis_is_signed_by_a_key_it_does_not_list(desk: Desk) -> None:
    """Entry 0 is signed anew by a state key that is not in it."""
    stranger = signer("us.example/state", 88)
    notes = desk.notes()
    notes[0] = desk.sign(genesis_with(desk), stranger)
    desk.rewrite(notes)


@CASES.tampered(12, "signatures", 0, memory=False)
def the_genesis_is_signed_by_the_clerk_it_lists(desk: Desk) -> None:
    """Entry 0 is signed anew by the clerk, who is in it but is not the state."""
    notes = desk.notes()
    notes[0] = desk.sign({**genesis_with(desk), "by": CLERK.key.name}, CLERK)
    desk.rewrite(notes)
