"""Each step of an explanation has its sentence, and each sentence its step."""

import re
from datetime import date
from pathlib import Path

import pytest

from ledger.domain import explaining
from ledger.domain.custody import pool_of
from ledger.domain.explaining import explain
from ledger.exchange.catalogue import Catalogue
from tests.books import FEW_SEEDS, book

FOLDER = Path(explaining.__file__).parent
ENGLISH = Catalogue.load("en")


def written() -> set[str]:
    """Return the codes that are written in the sources."""
    files = [*FOLDER.glob("explaining*.py"), FOLDER / "steps.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r'"([a-z]+\.[a-z0-9-]+)"', text))


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    said = {
        key.removeprefix("explain.")
        for key in ENGLISH.sentences
        if key.startswith("explain.")
    }

    assert written() - said == set()
    assert {code.removesuffix("-range") for code in said} - written() == set()


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_step_can_be_said(seed: int) -> None:
    history = book(seed).history
    for ref in history.opened:
        if ref[0] == "I" or ref not in (pool := pool_of(history, ref)).cases:
            continue
        for step in explain(pool, ref, date(2026, 6, 1), money=True):
            said = ENGLISH.say(f"explain.{step.code}", **step.values)

            assert said[-1] == "."
