"""A card that came by a trusted road pins the first entry and the log key."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import MalformedError
from ledger.exchange.card import Card
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
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
