"""Peers are pinned once; seals hold what the log of this book signed."""

from datetime import timedelta

import pytest

from ledger.register.peering import card_data
from ledger.tlog.canonical import Json
from ledger.tlog.note import SIG_COSIGNATURE, Note
from tests.office import Office, signer
from tests.register.neighbours import card_of, cosigned, signed, sv, us

SENT = card_data(card_of(sv()))


@pytest.fixture(name="office")
def _office() -> Office:
    return us()


def with_keys(*listed: tuple[str, str]) -> dict[str, Json]:
    keys: list[Json] = [{"role": role, "vkey": vkey} for role, vkey in listed]
    return {**SENT, "keys": keys}


def test_a_peer_is_pinned_once(office: Office) -> None:
    office.write("peer", SENT)
    assert office.history.peers["sv.example/book"].state == "SV"

    assert office.refused("peer", {**SENT, "genesis": "ab" * 32}) == {
        "rule.peer-other-genesis"
    }
    assert office.refused("peer", SENT) == set()


def test_a_book_is_no_peer_of_itself(office: Office) -> None:
    data = card_data(card_of(office))

    assert office.refused("peer", data) == {"rule.peer-of-itself"}


def test_the_keys_of_a_peer_are_those_that_a_book_can_have(office: Office) -> None:
    state = signer("sv.example/state", 40).key.format()
    clerk = signer("sv.example/clerk-01", 41).key.format()
    witness = signer("sv.example/witness", 42, algorithm=SIG_COSIGNATURE).key.format()

    def refused(*listed: tuple[str, str]) -> set[str]:
        return office.refused("peer", with_keys(*listed))

    assert refused(("witness", clerk)) == {"key.wrong-type"}
    assert refused(("state", witness)) == {"key.wrong-type"}
    assert refused(("log", clerk), ("state", state)) == {"key.log-name"}
    assert refused(("state", state), ("auditor", state)) == {"key.name-taken"}
    assert refused(("witness", witness)) == {"rule.peer-without-state-key"}
    assert refused(("state", "nothing")) == {"key.not-a-vkey"}


def sealed(office: Office, note: bytes) -> dict[str, Json]:
    parsed = Note.parse(cosigned(sv(), note, at=office.now + timedelta(hours=1)))
    lines: list[Json] = [line.format() for line in parsed.signatures]
    return {"checkpoint": list(parsed.text.splitlines()), "signatures": lines}


def test_a_seal_holds_what_the_log_signed(office: Office) -> None:
    office.write("seal", sealed(office, signed(office, 2)))

    assert office.refused("seal", sealed(office, signed(office, 3))) == set()
    beyond = signed(office, 4, root=b"\1" * 32)
    assert office.refused("seal", sealed(office, beyond)) == {"rule.seal-beyond-book"}
    theirs = sealed(office, signed(sv(), 1))
    assert office.refused("seal", theirs) == {"rule.seal-of-another-book"}
    data = sealed(office, signed(office, 2))
    lines = data["signatures"]
    assert isinstance(lines, list)
    assert office.refused("seal", {**data, "signatures": lines[1:] * 2}) == {
        "rule.seal-not-signed"
    }
    assert office.refused("seal", {**data, "signatures": ["x", "y"]}) == {
        "note.bad-signature-line"
    }
    assert office.refused("seal", {**data, "checkpoint": ["x", "y", "z"]}) == {
        "checkpoint.bad-form"
    }
