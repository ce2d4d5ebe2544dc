"""The law: a proof is verified for the entry that was logged, and for nothing else."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.errors import LedgerError, MalformedError
from ledger.exchange.card import Card, CardRole, OpenedCard
from ledger.exchange.proof_check import (
    ProofReport,
    check_entry_proof,
    is_entry_proof,
)
from ledger.exchange.sshsig import fingerprint
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.entry import Entry
from ledger.tlog.note import Ed25519Signer, Note, VerifyKey, sign_note
from ledger.tlog.proof import Proof
from tests.office import Office, signer
from tests.vectors import vectors


def written() -> Office:
    office = Office()
    office.transfer()
    office.remark(1)
    office.put(b"no entry")
    office.remark(1, text="the list came later")
    return office


OFFICE = written()
SIZE = len(OFFICE.notes)
NOTE = OFFICE.notes[2]
STATE, LOG = OFFICE.keys["state"], OFFICE.keys["log"]
GENESIS = OFFICE.history.entries[0].leaf.hex()
KEYS: tuple[tuple[CardRole, VerifyKey], ...] = (("log", LOG.key), ("state", STATE.key))


def card_of(**changed: str) -> OpenedCard:
    said = {"book": OFFICE.book, "state": "US", "genesis": GENESIS, **changed}
    return OpenedCard(Card(**said, keys=KEYS), STATE.key)


def proof_of(
    index: int, notes: list[bytes] = OFFICE.notes, *, log: Ed25519Signer = LOG
) -> Proof:
    leaves = [merkle.leaf_hash(note) for note in notes]
    checkpoint = Checkpoint(log.key.name, len(leaves), merkle.root(leaves))
    hashes = merkle.prove_inclusion(
        merkle.MemoryNodes(leaves), index=index, size=len(leaves)
    )
    return Proof(index, tuple(hashes), sign_checkpoint(checkpoint, log))


CARD = card_of()
PROOF = proof_of(2)
BYTES = PROOF.format()


def outcome(report: ProofReport) -> tuple[str, str, int]:
    return report.verdict, report.code, report.exit_code


@pytest.mark.parametrize("seq", [0, 1, 2, 4])
def test_an_entry_that_was_logged_is_verified(seq: int) -> None:
    report = check_entry_proof(
        proof_of(seq).format(),
        OFFICE.notes[seq],
        card=CARD,
        genesis=GENESIS,
        fingerprint=CARD.fingerprint,
    )

    assert report == ProofReport(
        "verified",
        book=OFFICE.book,
        seq=seq,
        size=SIZE,
        fingerprint=fingerprint(STATE.key.public),
    )
    assert report.exit_code == 0


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    files = [bytearray(BYTES), bytearray(NOTE)]
    changed = files[data.draw(st.integers(0, 1), label="file")]
    at = data.draw(st.integers(0, len(changed) - 1), label="at")
    changed[at] ^= data.draw(st.integers(1, 255), label="flip")

    try:
        report = check_entry_proof(bytes(files[0]), bytes(files[1]), card=CARD)
    except LedgerError:
        return

    assert report.verdict != "verified"


@given(st.integers(0, len(BYTES) - 1))
def test_a_proof_that_was_cut_off_is_refused(length: int) -> None:
    try:
        report = check_entry_proof(BYTES[:length], NOTE, card=CARD)
    except MalformedError:
        return

    assert report.verdict != "verified"


@pytest.mark.parametrize("seq", [0, 1, 3, 4])
def test_another_entry_is_rewritten(seq: int) -> None:
    report = check_entry_proof(BYTES, OFFICE.notes[seq], card=CARD)

    assert outcome(report) == ("rewritten", "tree.not-included", 11)


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (replace(PROOF, hashes=PROOF.hashes[1:]), "tree.proof-too-short"),
        (replace(PROOF, hashes=(*PROOF.hashes, bytes(32))), "tree.proof-too-long"),
        (replace(PROOF, hashes=PROOF.hashes[::-1]), "tree.not-included"),
        (replace(PROOF, index=3), "tree.not-included"),
        (replace(PROOF, index=SIZE), "tree.index-beyond-size"),
    ],
)
def test_a_path_that_leads_elsewhere_is_rewritten(proof: Proof, code: str) -> None:
    with_card = check_entry_proof(proof.format(), NOTE, card=CARD)
    without = check_entry_proof(proof.format(), NOTE, card=None)

    assert outcome(with_card) == ("rewritten", code, 11)
    assert outcome(without) == ("rewritten", code, 11)


def test_without_a_card_nobody_vouches() -> None:
    report = check_entry_proof(BYTES, NOTE, card=None, fingerprint=CARD.fingerprint)

    assert outcome(report) == ("untrusted", "proof.no-card", 13)
    assert report.fingerprint == ""


def test_a_card_of_another_book_does_not_vouch() -> None:
    office = Office(book="sv.example/book", state="SV", seed=20)
    notes = [*office.notes, NOTE]
    proof = proof_of(0, notes, log=office.keys["log"])

    report = check_entry_proof(proof.format(), notes[0], card=CARD)

    assert outcome(report) == ("untrusted", "proof.card-of-another-book", 13)


def test_a_card_that_another_key_signed_does_not_vouch() -> None:
    expected = fingerprint(LOG.key.public)
    genesis = proof_of(0).format()
    forged = card_of(genesis="00" * 32)

    report = check_entry_proof(
        genesis, OFFICE.notes[0], card=forged, fingerprint=expected
    )

    assert outcome(report) == ("untrusted", "proof.other-signer", 13)
    assert report.fingerprint == CARD.fingerprint


def test_a_checkpoint_by_a_log_key_that_is_on_no_card_is_untrusted() -> None:
    proof = proof_of(2, log=signer(OFFICE.book, 77))

    report = check_entry_proof(proof.format(), NOTE, card=CARD)

    assert outcome(report) == ("untrusted", "proof.log-key-not-on-card", 13)


def test_a_card_without_a_log_key_does_not_vouch() -> None:
    card = OpenedCard(replace(CARD.card, keys=KEYS[1:]), STATE.key)

    report = check_entry_proof(BYTES, NOTE, card=card)

    assert outcome(report) == ("untrusted", "proof.log-key-not-on-card", 13)


def test_a_checkpoint_with_a_wrong_signature_is_found() -> None:
    other = Note.parse(proof_of(2, OFFICE.notes[:4]).checkpoint)
    forged = Note(Note.parse(PROOF.checkpoint).text, other.signatures).format()

    report = check_entry_proof(
        replace(PROOF, checkpoint=forged).format(), NOTE, card=CARD
    )

    assert outcome(report) == ("bad_signature", "note.bad-signature", 12)


def test_two_different_lines_of_the_log_key_are_refused() -> None:
    note = Note.parse(PROOF.checkpoint)
    line = replace(note.signatures[0], blob=bytes(64))
    doubled = Note(note.text, (*note.signatures, line)).format()

    with pytest.raises(MalformedError) as caught:
        check_entry_proof(replace(PROOF, checkpoint=doubled).format(), NOTE, card=CARD)

    assert caught.value.code == "checkpoint.two-signatures-of-one-key"


def test_equal_lines_of_the_log_key_count_once() -> None:
    note = Note.parse(PROOF.checkpoint)
    doubled = Note(note.text, note.signatures * 2).format()

    report = check_entry_proof(
        replace(PROOF, checkpoint=doubled).format(), NOTE, card=CARD
    )

    assert outcome(report) == ("verified", "", 0)


def page(seq: int, ledger: str, by: Ed25519Signer) -> Entry:
    entry = OFFICE.page("remark", {"text": "x"}, by=by)
    return dataclasses.replace(entry, seq=seq, ledger=ledger)


@pytest.mark.parametrize(
    ("seq", "ledger", "code"),
    [
        (4, OFFICE.book, "proof.entry-of-another-number"),
        (5, "sv.example/book", "proof.entry-of-another-book"),
    ],
)
def test_an_entry_that_says_it_stands_elsewhere_is_rewritten(
    seq: int, ledger: str, code: str
) -> None:
    note = page(seq, ledger, STATE).sign(STATE)
    proof = proof_of(SIZE, [*OFFICE.notes, note])

    report = check_entry_proof(proof.format(), note, card=None)

    assert outcome(report) == ("rewritten", code, 11)


def test_a_logged_entry_with_a_wrong_signature_of_the_state_is_found() -> None:
    entry = page(SIZE, OFFICE.book, STATE)
    right = Note.parse(entry.sign(STATE))
    wrong = replace(right.signatures[0], blob=bytes(64))
    note = Note(right.text, (wrong,)).format()
    proof = proof_of(SIZE, [*OFFICE.notes, note]).format()

    report = check_entry_proof(proof, note, card=CARD)

    assert outcome(report) == ("bad_signature", "entry.bad-signature", 12)
    assert check_entry_proof(proof, note, card=None).verdict == "untrusted"


def test_another_first_entry_than_the_one_that_was_pinned_is_rewritten() -> None:
    note = OFFICE.notes[0]
    proof = proof_of(0).format()
    elsewhere = "00" * 32

    for report in (
        check_entry_proof(proof, note, card=card_of(genesis=elsewhere)),
        check_entry_proof(proof, note, card=None, genesis=elsewhere),
        check_entry_proof(BYTES, NOTE, card=CARD, genesis=elsewhere),
    ):
        assert outcome(report) == ("rewritten", "proof.other-genesis", 11)


def test_what_was_logged_and_is_no_entry_is_said_to_be_none() -> None:
    with pytest.raises(MalformedError) as caught:
        check_entry_proof(proof_of(3).format(), OFFICE.notes[3], card=CARD)

    assert caught.value.code == "note.no-signature"


def nested(depth: int) -> bytes:
    text = f'transfer-ledger/entry/v1\n{{"a":{"[" * depth}{"]" * depth}}}\n'
    return sign_note(text, STATE)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (nested(20_000), "json.too-deep"),
        (b"\xff", "note.not-utf-8"),
        (b"a" * 65_536, "entry.too-big"),
    ],
)
def test_a_hostile_entry_is_refused_though_it_was_logged(
    note: bytes, code: str
) -> None:
    proof = proof_of(SIZE, [*OFFICE.notes, note]).format()

    with pytest.raises(MalformedError) as caught:
        check_entry_proof(proof, note, card=CARD)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (b"", "proof.bad-form"),
        (BYTES + b"a" * 1_000_000, "proof.too-big"),
        (BYTES.replace(b"index 2", b"index 02"), "proof.bad-form"),
        (BYTES.replace(b"index 2", b"index 9999999999999999999"), "proof.bad-index"),
        (replace(PROOF, checkpoint=sign_note("x\n", LOG)).format(), "checkpoint."),
        (replace(PROOF, checkpoint=b"x").format(), "note."),
    ],
)
def test_a_hostile_proof_is_refused(proof: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_entry_proof(proof, NOTE, card=CARD)

    assert caught.value.code.startswith(code)


def test_a_proof_is_known_by_its_first_line() -> None:
    assert is_entry_proof(BYTES)
    assert not is_entry_proof(b"c2sp.org/tlog-proof@v10\n")


def test_the_golden_proof_leads_from_its_entry_to_an_opaque_body() -> None:
    proof = vectors("golden", "entry.1.tlog-proof").read_bytes()
    note = vectors("golden", "entry.1.note").read_bytes()
    other = vectors("golden", "entry.2.note").read_bytes()

    with pytest.raises(MalformedError) as caught:
        check_entry_proof(proof, note, card=None)
    report = check_entry_proof(proof, other, card=None)

    # The golden entries predate the form of entries; the path is checked before it.
    assert caught.value.code.startswith("entry.")
    assert outcome(report) == ("rewritten", "tree.not-included", 11)
