"""Evidence: two signed histories, checkable by anyone who has the card."""

import pytest
from msgspec.structs import replace

from ledger.errors import MalformedError
from ledger.exchange import evidence
from ledger.exchange.card import OpenedCard
from ledger.exchange.evidence import Evidence, check_evidence, is_evidence
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.note import Note, Signature
from tests.office import Office, signer
from tests.register.neighbours import card_of, signed

OFFICE = Office()
CARD = OpenedCard(card_of(OFFICE), OFFICE.keys["state"].key)
LEAVES = [bytes([n]) * 32 for n in range(5)]
OTHERS = [*LEAVES[:2], b"\xff" * 32, *LEAVES[3:], b"\xfe" * 32]


def checkpoint(leaves: list[bytes], *, book: str = OFFICE.book) -> bytes:
    made = Checkpoint(book, len(leaves), merkle.root(leaves))
    return sign_checkpoint(made, signer(book, 11))


SAME = Evidence(
    book=OFFICE.book,
    checkpoints=(checkpoint(LEAVES), checkpoint(OTHERS[:5])),
)
APART = Evidence(
    book=OFFICE.book,
    checkpoints=(checkpoint(LEAVES), checkpoint(OTHERS)),
    index=2,
    leaves=(LEAVES[2], OTHERS[2]),
    proofs=(
        tuple(merkle.prove_inclusion(merkle.MemoryNodes(LEAVES), index=2, size=5)),
        tuple(merkle.prove_inclusion(merkle.MemoryNodes(OTHERS), index=2, size=6)),
    ),
)


def checked(said: Evidence, card: OpenedCard | None = CARD) -> tuple[str, str]:
    report = check_evidence(said.format(), card=card)
    return report.verdict, report.code


@pytest.mark.parametrize("said", [SAME, APART])
def test_two_histories_are_shown_to_whoever_has_the_card(said: Evidence) -> None:
    assert Evidence.parse(said.format()) == said
    assert is_evidence(said.format())
    assert checked(said) == ("verified", "")
    assert checked(said, None) == ("untrusted", "evidence.no-card")


def test_other_cards_vouch_for_nothing() -> None:
    other = Office(book="sv.example/book", state="SV", seed=40)
    theirs = OpenedCard(card_of(other), other.keys["state"].key)
    assert checked(SAME, theirs) == ("untrusted", "evidence.card-of-another-book")

    stranger = replace(
        CARD.card, keys=(("log", signer(OFFICE.book, 98).key), *CARD.card.keys[1:])
    )
    unknown = OpenedCard(stranger, CARD.signed_by)
    assert checked(SAME, unknown) == ("untrusted", "evidence.log-key-not-on-card")

    report = check_evidence(SAME.format(), card=CARD, fingerprint="SHA256:x")
    assert (report.exit_code, report.code) == (13, "checkpoint.other-signer-of-card")
    mark = CARD.fingerprint
    report = check_evidence(SAME.format(), card=CARD, fingerprint=mark)
    assert (report.exit_code, report.fingerprint) == (0, mark)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (replace(SAME, book="sv.example/book"), "evidence.another-book"),
        (
            replace(SAME, checkpoints=SAME.checkpoints[:1] * 2),
            "evidence.no-contradiction",
        ),
        (replace(SAME, checkpoints=APART.checkpoints), "evidence.no-contradiction"),
        (replace(APART, leaves=APART.leaves[:1] * 2), "evidence.no-contradiction"),
        (replace(APART, leaves=APART.leaves[::-1]), "evidence.not-included"),
        (replace(APART, index=3), "evidence.not-included"),
        (replace(APART, proofs=APART.proofs[::-1]), "evidence.not-included"),
    ],
)
def test_what_contradicts_nothing_is_no_evidence(said: Evidence, code: str) -> None:
    assert checked(said) == ("altered", code)


def test_nobody_can_make_it_without_the_log_key() -> None:
    parsed = Note.parse(SAME.checkpoints[1])
    line = parsed.signatures[0]
    forged = Note(parsed.text, (Signature(line.name, line.key_id, bytes(64)),))
    said = replace(SAME, checkpoints=(SAME.checkpoints[0], forged.format()))

    assert checked(said) == ("bad_signature", "note.bad-signature")


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        SAME.format() + b"\n",
        SAME.format().replace(b"evidence/1", b"evidence/2"),
        SAME.format().replace(b'{"book"', b'{"added":1,"book"'),
        APART.format().replace(b'"index":2,', b""),
        APART.format().replace(LEAVES[2].hex().encode(), b"xx"),
        APART.format().replace(b'"proofs":[["', b'"proofs":[[7,"'),
    ],
)
def test_the_file_has_one_spelling(content: bytes) -> None:
    with pytest.raises(MalformedError):
        Evidence.parse(content)


def test_a_large_file_is_none() -> None:
    with pytest.raises(MalformedError, match=r"evidence\.too-big"):
        Evidence.parse(b" " * (evidence.LARGEST + 1))


def test_other_files_are_not_taken_for_evidence() -> None:
    assert not is_evidence(signed(OFFICE, 1))
