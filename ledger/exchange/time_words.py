"""Times and starts of terms in words, with what is not recorded said.

A month is never shown as a day: it is named, and the day that is counted stands beside
it as what it is, an assumption.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol, TypeAlias

from ledger.tlog.canonical import Json

_MONTH = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])")

Sentence: TypeAlias = tuple[str, dict[str, str | int]]


class Say(Protocol):
    """What fills a sentence of a catalogue, as `Catalogue.say` does."""

    def __call__(self, key: str, /, **values: str | int) -> str:
        """Return the sentence, filled."""
        ...


def is_month(said: str) -> bool:
    """Return whether a recorded time is a month: the day is not known."""
    return _MONTH.fullmatch(said) is not None


def time_words(said: str, say: Say) -> str:
    """Return a recorded time for people: a month by its name, others as they are."""
    if not is_month(said):
        return said
    year, _, month = said.partition("-")
    return say(f"time.month-{month}", year=year)


def days_words(first: str, last: str, say: Say) -> str:
    """Return a day, or between which days it lies."""
    return first if first == last else say("time.between", first=first, last=last)


def start_sentences(term: Mapping[str, Json], say: Say) -> Iterator[Sentence]:
    """Yield what the first day of a term was counted from, and what is assumed.

    Args:
        term: Its `start`, what it `starts_with`, and, where they are known, the
            `start_event`, the times of that as recorded (`start_said`), the last day
            that it can have been (`start_latest`), and the end that follows from
            that (`authorised_until_latest`).
        say: Fills a sentence of the catalogue.
    """
    trigger, event = str(term["starts_with"]), term.get("start_event")
    start = str(term["start"])
    if event is None:
        yield f"start.unknown.{trigger}", {"start": start}
        return
    latest = str(term.get("start_latest") or start)
    said = term.get("start_said")
    texts = [str(text) for text in said] if isinstance(said, list) else []
    months = [text for text in texts if is_month(text)]
    shown = time_words(months[0], say) if months else start
    kind = "summary.counted" if event == trigger else "start.assumed"
    yield f"{kind}.{event}", {"start": shown}
    for said_at in [text for text in texts if text != start and text not in months]:
        yield "start.recorded", {"said": said_at}
    if latest != start:
        yield "start.month", {"first": start, "last": latest}
    end = term.get("authorised_until_latest")
    if end is not None and end != term.get("authorised_until"):
        yield "start.month-end", {"last": latest, "day": str(end)}
