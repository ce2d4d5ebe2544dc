"""From what was typed at a question to values of its option, or to what is wrong.

Every answer is read by the reader of the flag that it stands for; there is no second
one. A time without a zone is given its place's first.
"""

from collections.abc import Callable, Mapping

from ledger.cli import request as read
from ledger.cli.changing import changes, claimed
from ledger.cli.questions import NO, YES, Kind, Question
from ledger.domain.times import check_zone, read_when
from ledger.domain.values import check_text, check_whose, parse_ref_or_entry
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json

_LONG: frozenset[Kind] = frozenset(("lines", "value", "change"))


def _path(text: str) -> None:
    changes((), (text,))


def _nothing(text: str) -> None:
    del text


def asked_changes(question: Question, value: str) -> list[dict[str, Json]]:
    """Return the change of an entry that an answer asks for, if it asks for one."""
    match question.option:
        case "--set":
            return changes((value,), ())
        case "--unset":
            return changes((), (value,))
        case _:
            return []


_READERS: Mapping[Kind, Callable[[str], object]] = {
    "change": lambda text: changes((text,), ()),
    "choice": _nothing,
    "day": read.day,
    "departure": lambda text: read.departures((text,)),
    "evidence": lambda text: read.evidence((text,)),
    "flag": _nothing,
    "length": read.maybe_length,
    "lines": _nothing,
    "manifest": read.manifest,
    "money": read.money,
    "path": _path,
    "persons": read.persons,
    "portion": lambda text: read.portions((text,)),
    "ref": parse_ref_or_entry,
    "refusal": lambda text: read.refusals((text,)),
    "share": lambda text: read.shares((text,), option="--breakdown"),
    "state": read.state,
    "text": _nothing,
    "trigger": read.day,
    "value": claimed,
    "when": read.when,
    "who": check_whose,
    "whole": read.whole,
    "zone": check_zone,
}


def value_of(question: Question, typed: str, *, zone: str) -> str:
    """Return the value that an answer gives its option.

    Args:
        question: What was asked.
        typed: What was typed; none of the words that the guide itself takes.
        zone: The zone in which a time without one is read; empty if it is not known.

    Raises:
        RefusedError, MalformedError, UsageError: The flag would not take it either.
    """
    check_text(typed, lines=question.kind in _LONG)
    if question.literal and typed == read.UNKNOWN:
        return typed
    if typed in question.choices:
        return typed
    match question.kind:
        case "choice":
            raise RefusedError("guide.not-a-choice")
        case "flag" if typed not in {YES, NO}:
            raise RefusedError("guide.yes-or-no")
        case "when":
            typed = read_when(typed, zone=zone or None).text
        case "departure":
            time, equals, n = typed.partition("=")
            typed = f"{read_when(time, zone=zone or None).text}{equals}{n}"
        case _:
            pass
    _READERS[question.kind](typed)
    return typed
