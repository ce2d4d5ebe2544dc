"""Words for codes on a terminal; elsewhere, where programs read, the codes."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from ledger.cli.options import Globals
from ledger.cli.render import is_drawn
from ledger.exchange.catalogue import ENGLISH, Catalogue
from ledger.exchange.code_words import code_word, member_word, said
from ledger.tlog.canonical import Json

_capitals = re.compile(r"(?<![\w-])[A-Z][A-Z]+(?![\w-])")


def code(ask: Globals, member: str, text: str) -> str:
    """Return a code of a member: on a terminal in words."""
    return code_word(member, text, ask.catalogue) if is_drawn(ask) else text


def name(ask: Globals, member: str) -> str:
    """Return the name of a member: on a terminal in words."""
    return member_word(member, ask.catalogue) if is_drawn(ask) else member


def value(ask: Globals, member: str, data: Json) -> str:
    """Return the value of a member: on a terminal in words, else as JSON."""
    if is_drawn(ask):
        return said(data, ask.catalogue, member=member)
    from ledger.exchange.summary_text import shown  # noqa: PLC0415 - start-up

    return shown(data)


def truth(ask: Globals, *, yes: bool) -> str:
    """Return yes or no: on a terminal in words."""
    word = "yes" if yes else "no"
    return ask.say(f"answer.{word}") if is_drawn(ask) else word


def metavars(ask: Globals, form: str) -> str:
    """Return the form of a command with its words in capitals in the language."""

    def word(found: re.Match[str]) -> str:
        key = f"metavar.{found[0].lower()}"
        return ask.say(key) if ask.catalogue.has(key) else found[0]

    return _capitals.sub(word, form)


def spoken(ask: Globals, values: Mapping[str, str | int]) -> dict[str, str | int]:
    """Return the values of a sentence with words for a kind and a role."""
    said = dict(values)
    for member in ("kind", "role"):
        key = f"{member}.{values.get(member)}"
        if ask.catalogue.has(key):
            said[member] = ask.say(key)
    return said


def for_programs(ask: Globals) -> Globals:
    """Return the run as programs hear it: sentences within data are English."""
    if ask.catalogue.language == ENGLISH:
        return ask
    return replace(ask, catalogue=Catalogue.load(ENGLISH))
