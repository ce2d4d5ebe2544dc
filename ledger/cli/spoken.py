"""Signs before and between numbers, in the words that a screen reader says."""

import re

from ledger.cli.options import Globals

_QUALIFIED = re.compile(r"([≥≈≤])(\d[\d.]*(?:–\d+)?)")  # noqa: RUF001 (a range)
_RANGE = re.compile(r"\b(\d+) ?– ?(\d+)\b")  # noqa: RUF001
_WORDS = {"≥": "at_least", "≈": "about", "≤": "at_most"}


def without_signs(ask: Globals, text: str) -> str:
    """Return a text for the ear with `--accessible`: `≥7` is `at least 7`.

    Many screen readers leave such a sign out, and another number would be heard.
    Without `--accessible` the text is as it was.
    """
    if not ask.accessible:
        return text

    def qualified(found: re.Match[str]) -> str:
        return ask.say(f"summary.count.{_WORDS[found[1]]}", n=found[2])

    def between(found: re.Match[str]) -> str:
        return ask.say("time.between", first=found[1], last=found[2])

    return _RANGE.sub(between, _QUALIFIED.sub(qualified, text))
