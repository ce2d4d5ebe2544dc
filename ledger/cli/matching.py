"""From part of a name to the codes that it may mean: offered, never guessed."""

from collections.abc import Iterable, Sequence
from unicodedata import combining, normalize

from msgspec import Struct

from ledger.cli.options import Globals
from ledger.cli.questions import Question
from ledger.cli.request import zone_names
from ledger.cli.wording import choice_words, locale_of
from ledger.domain.codes import STATES

MOST_OFFERED = 12
PART_OF_A_NAME = 3
"""Fewer letters, and three capital ones, are no name: ICE is not Iceland."""


class Offer(Struct, frozen=True):
    """A code that may be meant.

    Attributes:
        code: As flags take it.
        words: What it stands for.
    """

    code: str
    words: str


def plain(text: str) -> str:
    """Return a text as it is searched: in small letters, without accents."""
    apart = normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not combining(letter))


def all_choices(ask: Globals, question: Question) -> list[Offer]:
    """Return every answer that a choice takes, in its own order."""
    return [Offer(code, choice_words(ask, code)) for code in question.choices]


def states(ask: Globals) -> list[Offer]:
    """Return every state with its name in the language of the run."""
    from babel import Locale  # noqa: PLC0415 - start-up

    names = Locale.parse(locale_of(ask)).territories
    # ISO 3166 has no code for Kosovo; everybody uses this one.
    return [Offer(code, str(names.get(code, code))) for code in sorted({*STATES, "XK"})]


def zones_named(typed: str) -> Sequence[Offer]:
    """Return the time zones whose name has a part of it (`mexico city`)."""
    wanted = typed.strip().replace(" ", "_")
    return matches([Offer(zone, "") for zone in zone_names()], wanted)


def states_named(ask: Globals, typed: str) -> Sequence[Offer]:
    """Return the states that may be meant where an organisation may be meant as well.

    Those are a code in small letters (`us`), and what a word of a name starts with.

    Args:
        ask: This run.
        typed: What was typed; no code of a state.
    """
    wanted = plain(typed)
    is_part = len(wanted) >= PART_OF_A_NAME + typed.isupper()
    return [
        offer
        for offer in matches(states(ask), typed)
        if plain(offer.code) == wanted
        or (is_part and f" {wanted}" in f" {plain(offer.words)}")
    ]


def matches(offers: Iterable[Offer], typed: str) -> Sequence[Offer]:
    """Return what may be meant by a code, or by part of a code or of a name.

    Those whose code it is come first, then those whose name starts with it.

    Args:
        offers: All that there is.
        typed: What was typed.
    """
    wanted = plain(typed)
    if not wanted:
        return []
    ranked = [
        (_rank(offer, wanted), offer.words, offer)
        for offer in offers
        if wanted in plain(offer.words) or wanted in plain(offer.code)
    ]
    return [offer for _, _, offer in sorted(ranked, key=lambda each: each[:2])]


def _rank(offer: Offer, wanted: str) -> int:
    if plain(offer.code) == wanted:
        return 0
    return 1 if plain(offer.words).startswith(wanted) else 2
