"""The sentences of one language, by key.

Each language is one file, `ledger/locale/<language>.json`: a flat object from key to a
sentence, or to its forms `{"one": …, "other": …}` where the value `n` decides. Another
value decides with `{"by": "days", "one": …, "other": …}`, and a form may have forms of
its own where a sentence has two numbers. English is complete; another language falls
back to it key by key. Nothing here prints.
"""

import json
import pkgutil
import re
from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

# A sentence, or its forms by a number: `by` names the number, `n` if it is not there.
Sentence: TypeAlias = str | Mapping[str, "Sentence"]

ENGLISH = "en"

_language = re.compile(r"[a-z]{2,3}")
_braces = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_name = re.compile(r"[a-z_][a-z0-9_]*")
_locale_variables = ("LC_ALL", "LC_MESSAGES", "LANG")


class Catalogue(Struct, frozen=True):
    """What the program says, in one language.

    Attributes:
        language: Its code as in the name of its file (`en`).
        sentences: A sentence, or its plural forms, by key.
    """

    language: str
    sentences: Mapping[str, Sentence]

    @classmethod
    def load(cls, language: str) -> "Catalogue":
        """Read a language, completed with English.

        Raises:
            FileNotFoundError: There is no such catalogue; `choose_language` returns
                only languages that have one.
        """
        sentences = _read(ENGLISH)
        if language != ENGLISH:
            sentences |= _read(language)
        return cls(language, sentences)

    def has(self, key: str) -> bool:
        """Return whether there is a sentence with this key."""
        return key in self.sentences

    def say(self, key: str, /, **values: str | int) -> str:
        """Return the sentence with its placeholders filled.

        Placeholders are `{name}` and nothing more; a literal brace is doubled.

        Raises:
            KeyError: There is no such sentence, or it needs a value that was not
                given. That is a bug of the caller; the key is its argument.
        """
        sentence = self.sentences[key]
        while not isinstance(sentence, str):
            number = str(sentence.get("by", "n"))
            if number not in values:
                raise KeyError(key)
            # A number with a sign is none of one: `≈1`.
            sentence = sentence["one" if str(values[number]) == "1" else "other"]

        def fill(found: re.Match[str]) -> str:
            if found[0] in ("{{", "}}"):
                return found[0][0]
            if found[1] not in values:
                raise KeyError(key)
            return str(values[found[1]])

        return _braces.sub(fill, sentence)


def languages() -> list[str]:
    """Return the languages that have a catalogue, in alphabetical order."""
    from importlib import resources  # noqa: PLC0415 - start-up

    return sorted(
        file.name.removesuffix(".json")
        for file in (resources.files("ledger") / "locale").iterdir()
        if file.name.endswith(".json")
    )


def choose_language(explicit: str | None, environ: Mapping[str, str]) -> str:
    """Return the language to speak: asked for, else the user's locale, else English.

    Args:
        explicit: What `--lang` said (`es`), or None.
        environ: The environment; of LC_ALL, LC_MESSAGES and LANG the first that is
            set decides, by its prefix (`es_SV.UTF-8` is `es`).
    """
    wanted = explicit or next(
        (environ[name] for name in _locale_variables if environ.get(name)), ENGLISH
    )
    prefix = _language.match(wanted.lower())
    if prefix and prefix[0] != ENGLISH and prefix[0] in languages():
        return prefix[0]
    return ENGLISH


def forms(sentence: Sentence) -> list[str]:
    """Return a sentence, or all of its plural forms."""
    if isinstance(sentence, str):
        return [sentence]
    inner = (each for name, each in sentence.items() if name != "by")
    return [form for each in inner for form in forms(each)]


def placeholders(sentence: Sentence) -> set[str]:
    """Return the names that a sentence, or any of its plural forms, needs.

    A number that decides between forms is not among them unless a form shows it.

    Raises:
        ValueError: A brace is neither doubled nor part of a plain `{name}`.
    """
    names = set()
    for form in forms(sentence):
        for found in _braces.finditer(form):
            if found[0] in ("{{", "}}"):
                continue
            if not _name.fullmatch(found[1] or ""):
                raise ValueError(form)
            names.add(found[1])
    return names


def _read(language: str) -> dict[str, Sentence]:
    # It finds the file wherever the package is, and imports little.
    text = pkgutil.get_data("ledger", f"locale/{language}.json")
    sentences: dict[str, Sentence] = json.loads(text or b"")
    return sentences
