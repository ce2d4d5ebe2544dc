"""The page beside evidence: all of it is said, nothing is loaded, texts stay texts."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from msgspec.structs import replace

from ledger.exchange.catalogue import Catalogue, languages
from ledger.exchange.evidence import Evidence, checkpoint_of
from ledger.exchange.evidence_html import Finding, evidence_html
from ledger.exchange.page_style import STYLE
from tests.exchange.pages import Page, read_page
from tests.exchange.test_evidence import APART, SAME

MARK = f"SHA256:{'a' * 43}"
FINDING = Finding(
    name="us.example-book-0123456789abcdef.evidence",
    finder="sv.example/book",
    state="US",
    at=datetime(2026, 3, 25, 12, 0, 0, tzinfo=UTC),
    key=MARK,
    signed=True,
)


def page_of(said: Evidence, *, language: str = "en", **found: str | bool) -> Page:
    finding = replace(FINDING, **found)
    return read_page(evidence_html(said, finding, Catalogue.load(language)))


def words_of(page: Page) -> str:
    return " ".join("".join(page.parts).split())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("said", [SAME, APART])
def test_the_page_says_which_papers_who_found_them_and_how_it_is_checked(
    said: Evidence, language: str
) -> None:
    page = page_of(said, language=language)
    words = words_of(page)

    for note in said.checkpoints:
        paper = checkpoint_of(note)
        assert words.count(paper.root.hex()) == 2, "in the table and in the answer"
        assert " ".join(note.decode().split()) in words
    for leaf in said.leaves:
        assert leaf.hex() in words
    for text in (said.book, "sv.example/book", "2026-03-25T12:00:00Z", MARK):
        assert text in words
    assert sha256(said.format()).hexdigest() in words
    assert f"transfer-ledger verify {FINDING.name} --trust" in words
    assert f"-s {FINDING.name}.{language}.html.sig" in words
    assert page.style == STYLE
    assert not page.open


def test_a_person_reads_what_is_proven_and_what_is_not() -> None:
    words = words_of(page_of(APART))

    for text in (
        "They prove",
        "that whoever held the private key of that log signed both papers",
        "They do not prove",
        "who did it, nor with what intent",
        "which of the two histories came first",
        "Ask the state US, which answers for us.example/book",
        "Entry 2 is in both, and it is another one in each",
        "vouches for no further entry of us.example/book",
    ):
        assert text in words, text
    assert "at least one entry is another one" in words_of(page_of(SAME))


def test_a_page_that_nobody_signed_promises_no_signature() -> None:
    words = words_of(page_of(APART, signed=False))

    assert "ssh-keygen" not in words
    assert "must each say Good" not in words


def test_names_are_never_markup() -> None:
    nasty = '<script>alert(1)</script>" onload="x'
    page = page_of(APART, finder=nasty, state=nasty, name=nasty)

    assert nasty in "".join(page.parts)
