"""The life of keys: what holds on every ring, and what a thief cannot do."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.authority import Key, Role
from ledger.domain.custody import pool_of
from ledger.domain.history import Logged, Void
from ledger.domain.keyring import KeyRing
from ledger.domain.schemas import read_record
from ledger.domain.suspicion import is_suspect, suspects, suspicion_of
from ledger.domain.variances import flags
from ledger.errors import LedgerError, RefusedError
from ledger.tlog.canonical import Json
from ledger.tlog.note import Ed25519Signer
from tests.office import Office, signer

ROLES: tuple[Role, ...] = ("state", "clerk", "auditor")
NAMES = tuple(f"us.example/{name}" for name in ("state", "clerk-07", "a", "b", "c"))
STATES = tuple(signer(f"us.example/state-{n}", 40 + n) for n in range(4))


def change(
    office: Office,
    action: str,
    role: Role,
    new: Ed25519Signer,
    **members: Json,
) -> dict[str, Json]:
    """Return the data of a `key` entry."""
    data: dict[str, Json] = {"action": action, "role": role, **members}
    if action == "add":
        return {**office.listing(role, new), **data}
    if action == "revoke":
        data = {"reason": "the laptop was stolen", **data}
    return {**data, "vkey": new.key.format()}


def stolen(*, since: str = "2025-03-01") -> tuple[Office, Ed25519Signer]:
    """Return an office whose clerk-08 signed entries 3 and 4, revoked with entry 5."""
    office, thief = Office(), signer("us.example/clerk-08", 30)
    office.transfer()
    office.write("key", change(office, "add", "clerk", thief))
    for _ in range(2):
        office.write("remark", remark(office), by=thief)
    office.write("key", change(office, "revoke", "clerk", thief, suspect_from=since))
    return office, thief


def remark(office: Office) -> dict[str, Json]:
    return {
        "about": [office.cite_entry(1)],
        "type": "notice",
        "text": "t",
        "asserted_by": "US",
        "status": "official",
    }


def confirmation(office: Office, *seqs: int) -> dict[str, Json]:
    return {"targets": [office.cite_entry(seq) for seq in seqs]}


def codes(judged: Logged | Void) -> list[tuple[str, str]]:
    assert isinstance(judged, Void)
    return [(fault.level, fault.code) for fault in judged.faults]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "retire", "revoke"]),
            st.sampled_from(ROLES),
            st.sampled_from(NAMES),
            st.integers(60, 75),
            st.integers(0, 5),
        ),
        max_size=25,
    )
)
def test_on_every_ring_a_name_has_one_active_key_and_a_state_key_is_left(
    steps: list[tuple[str, Role, str, int, int]],
) -> None:
    office = Office()
    ring: KeyRing = office.history.ring
    for seq, (action, role, name, seed, by) in enumerate(steps, start=1):
        new = signer(name, seed)
        if action != "add" and (known := ring.signer(name, seq=seq)) is not None:
            record = read_record(
                "key",
                {
                    "action": action,
                    "role": known.role,
                    "vkey": known.key.format(),
                    "reason": "r",
                },
            )
        else:
            record = read_record("key", change(office, action, role, new))
        assert isinstance(record, Key)
        signers = ring.active("state", seq=seq)
        before = ring
        try:
            ring = ring.after(record, seq=seq, by=signers[by % len(signers)].key.name)
        except LedgerError:
            assert ring is before
        for at in range(seq + 2):
            active = [s for s in ring.standings if s.active(at)]
            assert len({s.key.name for s in active}) == len(active)
            assert any(s.role == "state" for s in active)
        assert len({s.key.public for s in ring.standings}) == len(ring.standings)
        # What was so stays so: nothing changes for an entry that is there.
        for at in range(seq + 1):
            assert {s.key.key_id for s in before.standings if s.active(at)} == {
                s.key.key_id for s in ring.standings if s.active(at)
            }


def test_what_a_stolen_key_signs_after_its_revocation_is_void() -> None:
    office, thief = stolen()

    judged = office.put(office.compose("remark", remark(office), by=thief))

    assert codes(judged) == [("signatures", "signature.key-not-active")]


def test_what_a_stolen_key_signed_before_stands_and_is_in_doubt() -> None:
    office, _ = stolen()

    found = suspects(office.history)

    assert [(each.seq, each.revoked_by) for each in found] == [(3, 5), (4, 5)]
    assert {3, 4} <= office.history.entries.keys()
    assert not is_suspect(office.history, office.history.entries[1])


def test_the_day_of_doubt_is_that_of_the_office() -> None:
    # Entries 3 and 4 are of 2025-03-01 12:00 and 13:00 UTC, 06:00 in Chicago.
    assert len(suspects(stolen(since="2025-03-01")[0].history)) == 2
    assert suspects(stolen(since="2025-03-02")[0].history) == []

    office, thief = Office(), signer("us.example/clerk-08", 30)
    office.transfer()
    office.write("key", change(office, "add", "clerk", thief))
    office.now = datetime(2025, 3, 3, 5, 30, tzinfo=UTC)  # the evening before there
    office.write("remark", remark(office), by=thief)
    revoked = change(office, "revoke", "clerk", thief, suspect_from="2025-03-03")
    office.write("key", revoked)

    assert suspects(office.history) == []


def test_another_officer_lifts_the_doubt_and_nobody_else() -> None:
    office, _ = stolen()
    again = signer("us.example/clerk-08", 31)
    office.write("key", change(office, "add", "clerk", again))
    own = office.put(office.compose("confirmation", confirmation(office, 3), by=again))

    assert codes(own) == [("rules", "rule.confirms-own")]
    assert office.refused("confirmation", confirmation(office, 1)) == {
        "rule.not-suspect"
    }
    assert office.refused("confirmation", confirmation(office, 3, 3)) == {
        "rule.not-suspect"
    }
    elsewhere: dict[str, Json] = {**office.cite_entry(3), "ledger": "sv.example/book"}
    assert "rule.not-suspect" not in office.refused(
        "confirmation", {"targets": [elsewhere], "text": "seen"}
    )
    office.write("confirmation", confirmation(office, 3))
    assert [each.seq for each in suspects(office.history)] == [4]
    doubt = suspicion_of(office.history, office.history.entries[3])
    assert doubt is not None
    assert doubt.confirmed_by == 8
    assert office.refused("confirmation", confirmation(office, 3)) == {
        "rule.not-suspect"
    }


def test_a_confirmation_by_a_key_that_turns_out_stolen_lifts_no_doubt() -> None:
    office, _ = stolen()
    office.write("confirmation", confirmation(office, 3))
    clerk = office.keys["clerk"]
    third = signer("us.example/clerk-09", 32)
    office.write("key", change(office, "add", "clerk", third))
    office.write(
        "key", change(office, "revoke", "clerk", clerk, suspect_from="2025-03-01")
    )
    office.keys["clerk"] = third

    assert {1, 3, 4, 6} <= {each.seq for each in suspects(office.history)}
    office.write("confirmation", confirmation(office, 6))
    assert 3 not in {each.seq for each in suspects(office.history)}


def test_a_proof_of_possession_of_another_key_enrols_nobody() -> None:
    office, new = Office(), signer("us.example/clerk-08", 30)
    other = office.listing("clerk", signer("us.example/clerk-08", 31))
    data = {**change(office, "add", "clerk", new), "proof": other["proof"]}

    assert office.refused("key", data) == {"key.not-proved"}


def test_a_key_entry_of_another_book_is_void_here() -> None:
    theirs = Office(book="us.example/book-2", seed=90)
    new = signer("us.example/clerk-08", 30)
    note = theirs.compose("key", change(theirs, "add", "clerk", new))
    office = Office()

    judged = codes(office.put(note))

    assert {level for level, _ in judged} == {"chain", "signatures"}
    own = office.compose("key", change(theirs, "add", "clerk", new))
    assert codes(office.put(own)) == [("rules", "key.not-proved")]
    assert office.history.ring.signer(new.key.name, seq=office.history.head.size) is (
        None
    )


def test_a_clerk_enrols_nobody_and_is_no_state_key() -> None:
    office = Office()
    clerk, new = office.keys["clerk"], signer("us.example/state-2", 30)
    grab = change(office, "add", "state", new, text="seen")

    judged = office.put(office.compose("key", grab, by=clerk))

    assert codes(judged) == [("signatures", "signature.wrong-role")]
    # The clerk's secret under another name and role is the same secret.
    seed = bytes([13]) * 32
    twin = Ed25519Signer(name="us.example/state-2", seed=seed)
    grab = change(office, "add", "state", twin, text="seen")
    assert office.refused("key", grab) == {"key.seen-before"}


def test_a_revoked_key_never_comes_back() -> None:
    office, thief = stolen()

    assert office.refused("key", change(office, "add", "clerk", thief)) == {
        "key.seen-before"
    }


@pytest.mark.parametrize("name", ["sv.example/clerk-01", "us.example/a/b", "clerk-08"])
def test_a_key_has_a_name_of_its_book(name: str) -> None:
    office, new = Office(), signer(name, 30)

    assert office.refused("key", change(office, "add", "clerk", new)) == {
        "key.foreign-name"
    }


def test_with_one_state_key_a_second_is_checked_in_person() -> None:
    office = Office()

    bare = change(office, "add", "state", STATES[1])
    assert office.refused("key", bare) == {"rule.state-key-unchecked"}
    office.write("key", {**bare, "text": "compared at the border"})
    assert len(office.history.ring.active("state", seq=2)) == 2


def with_two() -> Office:
    """Return an office with a second state key."""
    office = Office()
    added = change(office, "add", "state", STATES[1], text="compared")
    office.write("key", added)
    return office


def test_a_third_state_key_waits_for_the_second() -> None:
    office = with_two()
    office.write("key", change(office, "add", "state", STATES[2]))
    ring = office.history.ring
    target: dict[str, Json] = {"target": office.cite_entry(2)}

    assert [proposal.seq for proposal in ring.proposals] == [2]
    assert len(ring.active("state", seq=3)) == 2
    assert office.refused("approval", target) == {"key.own-approval"}
    office.write("approval", target, by=STATES[1])
    assert office.history.ring.proposals == ()
    assert len(office.history.ring.active("state", seq=4)) == 3
    assert office.refused("approval", target) == {"key.nothing-to-approve"}
    nothing: dict[str, Json] = {"target": office.cite_entry(0)}
    assert office.refused("approval", nothing) == {"key.nothing-to-approve"}


def test_a_proposal_of_a_state_key_that_ended_is_none() -> None:
    office = with_two()
    first = office.keys["state"]
    office.write("key", change(office, "add", "state", STATES[2]))
    struck = change(office, "revoke", "state", first, text="told in person")
    office.write("key", struck, by=STATES[1])

    with pytest.raises(RefusedError, match=r"key\.proposer-ended"):
        office.write("approval", {"target": office.cite_entry(2)}, by=STATES[1])


def test_an_approved_change_that_became_impossible_is_refused() -> None:
    office = with_two()
    for _ in range(2):
        office.write("key", change(office, "add", "state", STATES[2]))
    office.write("approval", {"target": office.cite_entry(2)}, by=STATES[1])

    with pytest.raises(RefusedError, match=re.escape("key.name-taken")):
        office.write("approval", {"target": office.cite_entry(3)}, by=STATES[1])


def test_doubt_flags_the_transfers_that_an_entry_concerns() -> None:
    office, _ = stolen()
    day = office.now.date()
    pool = pool_of(office.history, "T-1")
    found = {f.seq for f in flags(pool, "T-1", on=day) if f.code == "suspect-key"}

    assert found == {3, 4}
