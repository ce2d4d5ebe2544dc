"""Checking the bytes of one entry, a note, with nothing but the card of its book.

A card lists state, log, witness and auditor keys. Who signed as a clerk is on no card:
such a note holds only together with its proof.
"""

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import SignatureError
from ledger.exchange.card import OpenedCard
from ledger.tlog.entry import EntryNote, leaf

NoteVerdict: TypeAlias = Literal["verified", "rewritten", "bad_signature", "untrusted"]


class NoteReport(Struct, frozen=True):
    """What checking a note came to.

    Attributes:
        verdict: `verified` only if a state key of the card signed it.
        book: The book that it says it is of.
        seq: The number that it says it has.
        code: What is wrong, as the catalogue knows it; empty where nothing is.
        fingerprint: Of the state key that signed the card; empty without a card.
    """

    verdict: NoteVerdict
    book: str
    seq: int
    code: str = ""
    fingerprint: str = ""


def check_note(
    note: bytes, *, card: OpenedCard | None, fingerprint: str | None = None
) -> NoteReport:
    """Check that a state key of a card signed an entry.

    Args:
        note: The stored bytes of the entry.
        card: The card of the book; without one the best verdict is `untrusted`.
        fingerprint: The fingerprint of the key that must have signed the card.

    Raises:
        MalformedError: It is no entry in its one spelling.
        TooNewError: The entry is of a later version.
    """
    page = EntryNote.parse(note)
    said = page.envelope()
    report = NoteReport("untrusted", said.ledger, said.seq)
    if card is None:
        return replace(report, code="paper.note-alone")
    report = replace(report, fingerprint=card.fingerprint)
    if card.card.book != said.ledger:
        return replace(report, code="proof.card-of-another-book")
    if fingerprint not in {None, card.fingerprint}:
        return replace(report, code="proof.other-signer")
    if said.seq == 0 and leaf(note).hex() != card.card.genesis:
        return replace(report, verdict="rewritten", code="proof.other-genesis")
    line = page.signature
    for key in card.card.of_role("state"):
        if (key.name, key.key_id) != (line.name, line.key_id):
            continue
        try:
            page.check_signature(key)
        except SignatureError as error:
            return replace(report, verdict="bad_signature", code=error.code)
        return replace(report, verdict="verified")
    return replace(report, code="paper.note-by-a-clerk")
