"""With `--accessible` numbers are words for the ear: no sign that is passed over."""

import pytest
from msgspec.structs import replace

from ledger.cli.spoken import without_signs
from tests.cli.asked_clerk import globals_of
from tests.cli.desk import RECORD, Desk
from tests.cli.program import Terminal

SIGNS = "≥≈≤–|=!?│"  # noqa: RUF001


@pytest.fixture
def unsure(after_departure: Desk) -> Desk:
    """Return a desk with a departure of at least 7, at a terminal."""
    at = RECORD.index("--persons") + 1
    after_departure.done(*RECORD[:at], "at-least:7", *RECORD[at + 1 :])
    after_departure.columns = 80
    return after_departure


@pytest.mark.parametrize("verb", ["held", "list", "today", "timeline"])
def test_a_number_that_is_not_exact_is_heard_as_such(verb: str, unsure: Desk) -> None:
    seen = unsure.done(verb)
    heard = unsure.done(verb, "--accessible")
    spanish = unsure.done(verb, "--accessible", "--lang", "es")

    assert "≥7" in seen.out
    assert "at least 7" in heard.out
    assert "al menos 7" in spanish.out
    said = f"{heard.out}{heard.err}{spanish.out}{spanish.err}"
    assert [line for line in said.splitlines() if set(SIGNS) & set(line)] == []


def test_programs_get_what_they_got(unsure: Desk) -> None:
    for form in ("--json", "--csv", "--plain"):
        for verb in ("held", "timeline"):
            plain = unsure.done(verb, form)
            heard = unsure.done(verb, form, "--accessible")
            assert plain.out == heard.out


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("≈4760000.00 USD", "about 4760000.00 USD"),
        ("28–50", "between 28 and 50"),  # noqa: RUF001
        ("≤300 and ≥ x", "at most 300 and ≥ x"),
        ("2025-03-15", "2025-03-15"),
    ],
)
def test_signs_before_numbers_become_words(shown: str, said: str, desk: Desk) -> None:
    ask = globals_of(desk, Terminal(), Terminal())
    assert without_signs(replace(ask, accessible=True), shown) == said
    assert without_signs(ask, shown) == shown
