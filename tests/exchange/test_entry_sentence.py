"""Every kind of entry is said in one sentence, and no number of it is left out."""

from functools import cache

import pytest

from ledger.domain.history import Logged
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.entry_sentence import entry_sentence
from tests.books import FEW_SEEDS, book
from tests.office import Office

ENGLISH = Catalogue.load("en")


@cache
def written() -> Office:
    office = Office()
    office.instrument()
    office.transfer(persons={"n": 247, "qualifier": "at_least"})
    office.receipt("T-1", 240, refused=[{"n": 8, "reason": "no room"}])
    office.renewal("T-1", 1)
    office.renewal("T-1", 100, until="2026-12-31", status="alleged")
    office.transfer()
    office.exit(["T-1"], 1, "2025-07-18")
    office.exit(["T-1", "T-2"], 30, "2025-07-18")
    office.payment(["T-1"], "5.00", stage="commitment")
    office.claim(2, "/persons/n", 252)
    office.remark(2)
    office.correct(2, {"path": "/text", "new": "a note"})
    office.retract(9)
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "MX",
            "persons": {"n": 3, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 3,
            "asserted_by": "US",
            "status": "reported",
        },
    )
    return office


SENTENCES = {
    0: "first entry",
    1: "US (official): Exchange of notes: signed",
    2: "US (official): ≥247 persons left US for SV",
    3: "SV (reported): 240 persons arrived; admitted: 232, refused: 8",
    4: "US (official): the authority for 1 person is extended by P1Y",
    5: "US (alleged): renewal: 100 persons may be held until 2026-12-31",
    7: "SV (reported): 1 person: repatriated",
    8: "SV (reported): 30 persons of 2 transfers together: repatriated",
    9: "US (official): 5.00 USD committed by US to SV, which is not a payment",
    10: "press (alleged): /persons/n of entry 2 is 252",
    11: "US (official): remark: the lists differ",
    12: "correction of entry 2: /text was not recorded, is a note (misread)",
    13: "entry 9 is struck out (recorded twice)",
    14: "US (reported): 3 persons arrived from MX, unannounced; "
    "admitted: 3, refused: 0",
}


@pytest.mark.parametrize("seq", SENTENCES)
def test_an_entry_is_said_in_a_sentence(seq: int) -> None:
    entry = written().history.entries[seq]

    assert entry_sentence(entry, ENGLISH.say) == SENTENCES[seq]


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_entry_can_be_said(seed: int) -> None:
    for entry in book(seed).history.entries.values():
        assert said(entry)


def said(entry: Logged) -> str:
    return entry_sentence(entry, ENGLISH.say)


@pytest.mark.parametrize(
    "key",
    [
        *(f"stage.{s}" for s in ("pledge", "payment", "expenditure", "refund")),
        *(f"instrument.{s}" for s in ("announced", "in_force", "suspended")),
        *(f"instrument.{s}" for s in ("resumed", "terminated", "expired")),
    ],
)
def test_every_stage_has_its_words(key: str) -> None:
    assert ENGLISH.has(f"history.{key}")
