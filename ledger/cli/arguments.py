"""The options that every verb understands, lifted out of argv.

They may stand before or after the verb, as `--opt value` or `--opt=value`; after `--`
nothing is lifted. A word is lifted for what it is, wherever it stands: in
`remark --text --json` the program is asked for JSON and `--text` lacks its value.
Who means the text writes `--text=--json`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from msgspec import Struct

from ledger.errors import MalformedError, RefusedError, UsageError
from ledger.exchange.catalogue import languages

VALUED: Mapping[str, str] = {
    "--ledger": "PATH",
    "--as": "KEY",
    "--lang": "LANG",
    "--color": "auto|always|never",
    "--passphrase-file": "FILE",
    "--state-key": "PATH",
}
FLAGS: Mapping[str, str] = {
    "--json": "",
    "--csv": "",
    "--plain": "",
    "--accessible": "",
    "--quiet": "-q",
    "--verbose": "-v",
    "--no-input": "",
    "--yes": "",
    "--version": "",
    "--help": "-h",
}
COLORS = ("auto", "always", "never")
FORMS = ("--json", "--csv", "--plain")

_long_of = {short: long for long, short in FLAGS.items() if short}
_shorts = re.compile("-[qvh]+")


class Word(str):
    """What was typed for one option, which it remembers, to be named if it is wrong.

    Attributes:
        option: The option or argument that it was given for (`--agreed-on`).
    """

    __slots__ = ("option",)

    option: str

    def __new__(cls, text: str, option: str) -> Self:
        """Return the text with its option."""
        word = super().__new__(cls, text)
        word.option = option
        return word


@contextmanager
def named(text: str | None) -> Iterator[None]:
    """Name the option of a text in whatever is found to be wrong with it."""
    try:
        yield
    except (RefusedError, MalformedError) as error:
        if isinstance(text, Word) and "member" not in error.values:
            values = {**error.values, "member": text.option}
            raise type(error)(error.code, **values) from None
        raise


class Lifted(Struct, frozen=True):
    """What was lifted, and what is left.

    Attributes:
        flags: The long names of the flags that were given.
        values: The value of each valued option that was given, by long name.
        rest: The verb and its own arguments.
        problem: The first thing wrong; kept, not raised, so that it can be told in
            the language and the form that the same argv asks for.
    """

    flags: frozenset[str]
    values: Mapping[str, str]
    rest: tuple[str, ...]
    problem: UsageError | None


def lift(argv: Sequence[str]) -> Lifted:
    """Return the global options of an argv (without the program) and the rest."""
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest: list[str] = []
    problems: list[UsageError] = []
    words = list(argv)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
            break
        if _shorts.fullmatch(word):
            flags.update(_long_of[f"-{letter}"] for letter in word[1:])
        elif name in FLAGS:
            flags.add(name)
            if equals:
                problems.append(UsageError("usage.takes-no-value", option=name))
        elif name in VALUED:
            if not equals and _is_value(words):
                value = words.pop(0)
            if name in values:
                problems.append(UsageError("usage.option-twice", option=name))
            elif not value:
                problems.append(UsageError("usage.needs-value", option=name))
            else:
                values[name] = value
        else:
            rest.append(word)
    problems += _contradictions(flags, values)
    return Lifted(
        frozenset(flags), values, tuple(rest), problems[0] if problems else None
    )


def _is_value(words: Sequence[str]) -> bool:
    """Return whether the next word is a value: `-` is, `--json` is not."""
    return bool(words) and (words[0] == "-" or not words[0].startswith("-"))


def _contradictions(flags: set[str], values: Mapping[str, str]) -> list[UsageError]:
    found = []
    if len(flags.intersection(FORMS)) > 1:
        found.append(UsageError("usage.one-form", choices=", ".join(FORMS)))
    if values.get("--color", "auto") not in COLORS:
        found.append(
            UsageError("usage.not-one-of", option="--color", choices=", ".join(COLORS))
        )
    if "--lang" in values:
        spoken = languages()
        if not set(values["--lang"].split(",")) <= set(spoken):
            choices = ", ".join(spoken)
            found.append(
                UsageError("usage.not-one-of", option="--lang", choices=choices)
            )
    return found
