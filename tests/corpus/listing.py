"""The list of all cases in CASES.md: what is done, what finds it, what is printed."""

import inspect
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from ledger.audit import Finding
from ledger.cli.arguments import lift
from ledger.cli.faults import words
from ledger.cli.options import compose
from ledger.cli.verified_lines import finding_sentence
from ledger.errors import LedgerError
from tests.cli.program import NOON, Terminal
from tests.corpus import (
    bytes_and_spelling,
    chain_and_order,
    checkpoints,
    cuts_and_rollbacks,
    honest,
    keys_and_signatures,
    projections_and_guards,
    register_of_books,
    undetectable,
    voids,
)
from tests.corpus.desk import Case

MODULES = (
    bytes_and_spelling,
    chain_and_order,
    keys_and_signatures,
    checkpoints,
    cuts_and_rollbacks,
    projections_and_guards,
    register_of_books,
    voids,
    honest,
)

LIST = Path(__file__).parent / "CASES.md"
HEAD = """\
# All cases of the corpus

Each line is a book: what is done to it, which level finds it first, the exit code of
`verify --deep`, and what a person is told first. The tests of the corpus compare each
line with what they see; `UPDATE_GOLDEN=1 pytest -n 0 tests/corpus/test_corpus.py`
writes the list anew. Hashes and keys are left out (…)."""
COLUMNS = (
    "| book | what is done | level | exit | what is said first |\n|---|---|---|---|---|"
)
ASK = compose(
    lift(()),
    environ={},
    stdin=Terminal(),
    stdout=Terminal(),
    stderr=Terminal(),
    now=NOON,
)
# What no two runs share, and what a page of a table cannot hold.
CHANGING = (
    (re.compile(r"[0-9a-f]{16,}"), "…"),
    (re.compile(r"(?:[A-Za-z0-9+/]{40,}={0,2})"), "…"),
    (re.compile(r"\|"), "/"),
    (re.compile(r"\s+"), " "),
)


def told(found: Finding | LedgerError | None) -> str:
    """Return what a person is told first."""
    match found:
        case None:
            return "nothing"
        case Finding():
            key, values = finding_sentence(ASK, found)
            return settled(ASK.say(key, **values))
        case LedgerError():
            return settled(words(ASK, found))


def settled(text: str) -> str:
    """Return what every run would have said, on one line."""
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text.strip()


def done(case: Case) -> str:
    """Return what a case does to the book: the docstring of what does it."""
    does = case.do.func if isinstance(case.do, partial) else case.do
    said = inspect.getdoc(does)
    assert said, case.name
    return settled(said)


def row(case: Case, found: Finding | LedgerError | None) -> str:
    """Return the line of a case in the list."""
    level, code = case.level or "—", case.exit_code
    return f"| {case.name} | {done(case)} | {level} | {code} | {told(found)} |"


@cache
def rows() -> Mapping[str, str]:
    """Return the lines of the list by the name of the case."""
    found = re.findall(r"^\| ([^|]+) \|.*$", LIST.read_text("utf-8"), re.MULTILINE)
    lines = re.findall(r"^\| .*$", LIST.read_text("utf-8"), re.MULTILINE)
    return dict(zip(found, lines, strict=True))


def whole(lines: Mapping[str, str]) -> str:
    """Return the list with these lines, each case in its place.

    Raises:
        KeyError: A case has no line.
    """
    parts = [HEAD]
    for module in MODULES:
        name = module.__name__.rpartition(".")[2]
        parts.append(f"\n## {name}\n\n{inspect.getdoc(module)}\n\n{COLUMNS}")
        parts += [lines[case.name] for case in module.CASES]
    parts.append(f"\n## undetectable\n\n{inspect.getdoc(undetectable)}\n\n{COLUMNS}")
    parts += [lines[book.name] for book in undetectable.UNDETECTABLE]
    return "\n".join(parts) + "\n"


def hidden_row(book: undetectable.Undetectable) -> str:
    """Return the line of a book that no look inside finds, with its controls."""
    by = ", ".join(f"{name} ({code})" for name, code in book.controls.items())
    said = settled(inspect.getdoc(book.do) or "")
    return f"| {book.name} | {said} | — | 0 | nothing; found by {by} |"
