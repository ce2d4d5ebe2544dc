"""Codes, days, times and amounts in words, in the language of the run.

What is read back is what will be signed, said differently: a slip of a digit is seen
as another weekday or another million. Babel has the words; it is imported when the
first is needed.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ledger.cli.options import Globals
from ledger.cli.questions import Question
from ledger.cli.request import day, maybe_length, when
from ledger.domain.codes import STATES, is_state
from ledger.domain.money import read_money
from ledger.domain.times import When
from ledger.domain.values import parse_persons
from ledger.exchange.time_words import time_words

# In British English the day stands before the month, as in every other language here;
# in El Salvador a point stands before the decimals.
_LOCALES = {"en": "en_GB", "es": "es_SV"}
_GROUP = re.compile(r"(?<=[0-9])(?=(?:[0-9]{3})+$)")


def locale_of(ask: Globals) -> str:
    """Return the name by which Babel knows the language of this run."""
    return _LOCALES.get(ask.catalogue.language, ask.catalogue.language)


def day_words(ask: Globals, value: date) -> str:
    """Return a day with its weekday (`16 March 2025 (Sunday)`)."""
    from babel.dates import format_date  # noqa: PLC0415 - start-up

    locale = locale_of(ask)
    written = format_date(value, "long", locale)
    weekday = format_date(value, "EEEE", locale)
    return ask.say("guide.day", day=written, weekday=weekday)


def money_words(ask: Globals, text: str) -> str:
    """Return an amount with its currency's name (`4 760 000.00 US dollars`).

    Args:
        ask: This run.
        text: An amount as flags take it.
    """
    from babel.numbers import get_currency_name, get_decimal_symbol  # noqa: PLC0415

    read = read_money(text)
    whole, _, fraction = read.amount.partition(".")
    locale = locale_of(ask)
    number = _GROUP.sub(" ", whole)
    if fraction:
        number += get_decimal_symbol(locale) + fraction
    # Only one and not one decide the form; cents make it not one.
    count = 1 if read.amount == "1" else 2
    name = get_currency_name(read.currency, count=count, locale=locale)
    return ask.say("guide.money", number=number, currency=name)


def length_words(ask: Globals, text: str) -> str:
    """Return a length (`1 year, 6 months`)."""
    from babel.units import format_unit  # noqa: PLC0415 - start-up

    units = {"Y": "duration-year", "M": "duration-month", "D": "duration-day"}
    locale = locale_of(ask)
    return ", ".join(
        format_unit(int(number), units[unit], locale=locale)
        for number, unit in re.findall("([0-9]+)([YMD])", text)
    )


def when_words(ask: Globals, text: str, *, zones: Iterable[str]) -> list[str]:
    """Return a time as it was said, in UTC, and at each place.

    Args:
        ask: This run.
        text: A time in its recorded form.
        zones: The zones of the places that it concerns.
    """
    said = When.parse(text)
    instant = said.instant()
    if instant is None:
        if said.precision == "month":
            return [time_words(text, ask.say)]
        return [day_words(ask, date.fromisoformat(text))]
    clocks = [("UTC", instant)]
    clocks += [
        (zone, instant.astimezone(ZoneInfo(zone))) for zone in dict.fromkeys(zones)
    ]
    written = datetime.fromisoformat(text)
    if all(written.utcoffset() != at.utcoffset() for _, at in clocks):
        clocks.insert(0, (text[-6:], written))
    return [_clock(ask, at, zone=zone) for zone, at in clocks]


def _clock(ask: Globals, at: datetime, *, zone: str) -> str:
    words = day_words(ask, at.date())
    return ask.say("guide.clock", day=words, time=f"{at:%H:%M}", zone=zone)


def state_words(ask: Globals, code: str) -> str:
    """Return the name of a state (`El Salvador`); empty for one that has none."""
    from babel import Locale  # noqa: PLC0415 - start-up

    country, _, part = code.partition("-")
    # Of the user's own codes, Babel uses some for tests of programs.
    known = country in STATES or country == "XK"
    names = Locale.parse(locale_of(ask)).territories if known else {}
    name = str(names.get(country, ""))
    return ask.say("guide.part-of", part=part, state=name) if part and name else name


def language_words(ask: Globals, code: str) -> str:
    """Return the name of a language (`Spanish`); its code where it has none."""
    from babel import Locale  # noqa: PLC0415 - start-up

    language, _, _ = code.partition("-")
    return str(Locale.parse(locale_of(ask)).languages.get(language, code))


def choice_words(ask: Globals, value: str) -> str:
    """Return what one of several answers means; empty where its word says it."""
    words = ask.say(f"guide.choice.{value.casefold().replace('/', '-')}")
    return "" if words == value.replace("-", " ") else words


def persons_words(ask: Globals, text: str) -> str:
    """Return a head count (`at least 247 persons`)."""
    n, qualifier = parse_persons(text)
    return ask.say(f"guide.persons.{qualifier.replace('_', '-')}", n=n)


def read_back(
    ask: Globals, question: Question, value: str, *, zones: Iterable[str]
) -> list[str]:
    """Return an answer in words, a line each; none where it says itself.

    Args:
        ask: This run.
        question: What was asked.
        value: The answer, which is one.
        zones: The zones of the places that a time concerns.
    """
    match question.kind:
        case "day":
            return [day_words(ask, date.fromisoformat(day(value)))]
        case "trigger" if value not in question.choices:
            return [day_words(ask, date.fromisoformat(day(value)))]
        case "when":
            return when_words(ask, when(value), zones=zones)
        case "departure":
            time, _, n = value.partition("=")
            lines = when_words(ask, when(time), zones=zones)
            return lines + ([persons_words(ask, n)] if n else [])
        case "money":
            return [money_words(ask, value)]
        case "length":
            return [length_words(ask, str(maybe_length(value)))]
        case "persons":
            return [persons_words(ask, value)]
        case "who" if not is_state(value):
            return []
        case "state" | "who":
            return [name] if (name := state_words(ask, value)) else []
        case "choice" | "trigger":
            words = choice_words(ask, value)
            return [words] if words else []
        case _:
            return []


def instant_words(ask: Globals, stamp: str) -> str:
    """Return a recorded instant (`…Z`) as a day and a time in UTC."""
    at = datetime.fromisoformat(stamp).astimezone(UTC)
    return _clock(ask, at, zone="UTC")
