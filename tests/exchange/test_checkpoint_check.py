"""A checkpoint is verified only by the log that a card of its book lists."""

import pytest
from msgspec.structs import replace

from ledger.errors import MalformedError
from ledger.exchange.card import Card, OpenedCard
from ledger.exchange.checkpoint_check import check_checkpoint, read_checkpoint
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.office import Office, signer

OFFICE = Office()
LOG, STATE = OFFICE.keys["log"], OFFICE.keys["state"]
CHECKPOINT = Checkpoint(OFFICE.book, 3, bytes(32))
NOTE = sign_checkpoint(CHECKPOINT, LOG)
CARD = OpenedCard(
    Card(
        book=OFFICE.book,
        state="US",
        genesis="ab" * 32,
        keys=(("log", LOG.key), ("state", STATE.key)),
    ),
    STATE.key,
)
KEYS = CARD.card.keys


def test_the_log_of_the_card_signed_it() -> None:
    report = check_checkpoint(NOTE, card=CARD, fingerprint=CARD.fingerprint)

    assert (report.verdict, report.exit_code, report.code) == ("verified", 0, "")
    assert (report.checkpoint, report.fingerprint) == (CHECKPOINT, CARD.fingerprint)


@pytest.mark.parametrize(
    ("card", "fingerprint", "code"),
    [
        (None, None, "checkpoint.no-card"),
        (
            replace(CARD, card=replace(CARD.card, book="zz.example/b", keys=KEYS[1:])),
            None,
            "checkpoint.card-of-another-book",
        ),
        (CARD, "SHA256:other", "checkpoint.other-signer-of-card"),
        (
            replace(CARD, card=replace(CARD.card, keys=KEYS[1:])),
            None,
            "checkpoint.log-key-not-on-card",
        ),
        (
            replace(
                CARD,
                card=replace(
                    CARD.card, keys=(("log", signer(OFFICE.book, 77).key), *KEYS[1:])
                ),
            ),
            None,
            "checkpoint.log-key-not-on-card",
        ),
    ],
)
def test_what_nobody_vouches_for_is_untrusted(
    card: OpenedCard | None, fingerprint: str | None, code: str
) -> None:
    report = check_checkpoint(NOTE, card=card, fingerprint=fingerprint)

    assert (report.verdict, report.exit_code, report.code) == ("untrusted", 13, code)


def test_a_changed_checkpoint_has_a_bad_signature() -> None:
    report = check_checkpoint(NOTE.replace(b"\n3\n", b"\n4\n"), card=CARD)

    assert (report.verdict, report.exit_code) == ("bad_signature", 12)
    assert report.code


def test_a_file_that_is_no_checkpoint_is_not_read_as_one() -> None:
    assert read_checkpoint(NOTE) == CHECKPOINT
    assert read_checkpoint(b"no checkpoint") is None
    with pytest.raises(MalformedError):
        check_checkpoint(b"no checkpoint", card=None)
