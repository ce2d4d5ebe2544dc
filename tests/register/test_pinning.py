"""A card or a checkpoint that came by a trusted road pins a book."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import MalformedError, SignatureError
from ledger.exchange.card import Card
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.merkle import leaf_hash, root
from ledger.tlog.note import Ed25519Signer
from tests.office import signer
from tests.register.stored import lay, usual_image, usual_office

OFFICE = usual_office()
CARD = Card(
    book=OFFICE.book,
    state=OFFICE.state,
    genesis=OFFICE.history.entries[0].leaf.hex(),
    keys=(("log", OFFICE.keys["log"].key), ("state", OFFICE.keys["state"].key)),
)


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Places:
    return lay(tmp_path, usual_image())


def checked(there: Places, card: Card) -> Report:
    return verify(there, card=card, workers=0)


def test_a_book_that_its_card_fits_is_verified(there: Places) -> None:
    report = checked(there, CARD)

    assert (report.verdict, report.pinned) == ("verified", True)


def test_another_first_entry_than_that_of_the_card_is_another_history(
    there: Places,
) -> None:
    report = checked(there, replace(CARD, genesis="ab" * 32))

    assert (report.verdict, report.exit_code) == ("rewritten", 11)
    assert [f.code for f in report.findings] == ["other-genesis"]


def test_a_log_key_that_the_book_never_had_is_of_another_history(
    there: Places,
) -> None:
    other = signer(OFFICE.book, 99).key
    card = replace(CARD, keys=(("log", other), *CARD.keys[1:]))

    report = checked(there, card)

    (finding,) = report.findings
    assert (report.verdict, report.exit_code) == ("rewritten", 11)
    assert (finding.code, finding.expected) == ("log-key-not-in-book", OFFICE.book)


def test_a_card_without_a_log_key_pins_the_first_entry_alone(there: Places) -> None:
    report = checked(there, replace(CARD, keys=CARD.keys[1:]))

    assert report.verdict == "verified"


def test_the_card_of_another_book_is_refused(there: Places) -> None:
    card = replace(CARD, book="zz.example/book", keys=CARD.keys[1:])

    with pytest.raises(MalformedError, match="card-of-another-book"):
        checked(there, card)


def signed(size: int, root: bytes, key: Ed25519Signer) -> bytes:
    return sign_checkpoint(Checkpoint(origin=OFFICE.book, size=size, root=root), key)


def forged(how: str) -> bytes:
    """Return a checkpoint that the log did not sign, forged in some way."""
    top = root(leaf_hash(note) for note in OFFICE.notes[:3])
    note = signed(3, top, OFFICE.keys["log"])
    match how:
        case "size":
            return note.replace(b"\n3\n", b"\n4\n", 1)
        case "root":
            _, _, line, *_ = note.split(b"\n")
            return note.replace(line, b"A" * 43 + b"=", 1)
        case _:
            return signed(3, top, signer(OFFICE.book, 99))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("size", "verify.since-altered"),
        ("root", "verify.since-altered"),
        ("key", "verify.since-not-signed"),
    ],
)
@pytest.mark.parametrize("card", [None, CARD])
def test_a_forged_checkpoint_accuses_nobody_and_vouches_for_nothing(
    there: Places, how: str, code: str, card: Card | None
) -> None:
    with pytest.raises(SignatureError) as found:
        verify(there, since=forged(how), card=card, workers=0)

    assert found.value.code == code
