"""A language of which every sentence is marked, to see what escapes the catalogue.

⟦Each sentence⟧ is the English one between brackets. What is left of an output when
they are taken away with all that they hold is table values, commands and codes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ledger.exchange import catalogue
from ledger.exchange.catalogue import Sentence

OPEN, CLOSE = "⟦", "⟧"

_innermost = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_word = re.compile(r"[^\W\d_][\w'/-]*")


def marked(sentence: Sentence) -> Sentence:
    """Return a sentence, or each of its forms, between brackets."""
    if isinstance(sentence, str):
        return f"{OPEN}{sentence}{CLOSE}"
    return {
        name: each if name == "by" else marked(each) for name, each in sentence.items()
    }


def speak_marked(folder: Path, patched: pytest.MonkeyPatch) -> None:
    """Let the program speak the marked language in the place of English."""
    english = catalogue.Catalogue.load("en").sentences
    sentences = {key: marked(each) for key, each in english.items()}
    for language in ("en", "es"):  # in a conversation of two states both are spoken
        path = folder / f"{language}.json"
        path.write_text(json.dumps(sentences), encoding="utf-8")

    def read(language: str) -> dict[str, Sentence]:
        text = (folder / f"{language}.json").read_text(encoding="utf-8")
        found: dict[str, Sentence] = json.loads(text)
        return found

    patched.setattr(catalogue, "_read", read)


def escaped(text: str, known: Iterable[str]) -> Iterator[str]:
    """Yield the words of an output that are in no sentence and not known as values.

    Args:
        text: What a person sees.
        known: Words that were typed, and those that are codes for everybody.
    """
    left, n = text, 1
    while n:
        left, n = _innermost.subn(" ", left)
    allowed = {word for each in known for word in _word.findall(each)}
    for word in _word.findall(left):
        if word not in allowed:
            yield word
