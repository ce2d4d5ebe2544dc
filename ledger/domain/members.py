"""Which member of a record a path names, and how what is typed for it is read.

A rival value and a corrected one are read exactly as the member itself: `--value 1e5`
is as little a number of persons as `--persons 1e5`. A list or an object is given as
JSON, and a text in quotes is somebody's words, taken as they are.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args, get_origin

from ledger.domain.forms import (
    AMOUNT_PATTERN,
    STATE_PATTERN,
    ZONE_PATTERN,
    Count,
    Sum,
)
from ledger.domain.money import read_money
from ledger.domain.notation import Model, Written
from ledger.domain.pointers import put, steps, value_at
from ledger.domain.schemas import KINDS, read_record
from ledger.domain.shapes import members_of
from ledger.domain.times import Duration, When, check_zone, parse_day, read_when
from ledger.domain.values import (
    MOST_PERSONS,
    parse_count,
    parse_persons,
    parse_state,
)
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json


def read_as(kind: str, path: str, text: str, *, data: Mapping[str, Json]) -> Json:
    """Return the value that a typed text means for a member.

    Args:
        kind: The kind of the entry that has the member, or can have it.
        path: The member.
        text: What was typed.
        data: The entry as it is worth now: an amount is read in its currency.

    Raises:
        RefusedError: What was typed is no value of the member. A path that names no
            member is not refused here; the text is returned.
    """
    form, patterns = _form(kind, path)
    try:
        return _read(form, patterns, text, currency=_currency(data, path))
    except RefusedError as error:
        raise RefusedError(error.code, **{**error.values, "member": path}) from None


def misfits(
    kind: str, path: str, value: Json, *, data: Mapping[str, Json]
) -> list[RefusedError]:
    """Return what is wrong with the form of a value for a member of an entry."""
    try:
        whole = put(data, path, value)
    except RefusedError as error:
        return [RefusedError(error.code, **{**error.values, "member": path})]
    try:
        read_record(kind, whole)
    except RefusedError as error:
        every = [RefusedError(error.code, **error.values), *error.others]
        return [each for each in every if _is_at(str(each.values["member"]), path)]
    return []


def is_member(kind: str, path: str) -> bool:
    """Return whether entries of a kind can have something at a path."""
    return _form(kind, path)[0] is not None


def _is_at(member: str, path: str) -> bool:
    """Return whether a fault is of a member, within it, or of what leads to it."""
    return f"{member}/".startswith(f"{path}/") or path.startswith(f"{member}/")


def _currency(data: Mapping[str, Json], path: str) -> str:
    holder = path.rpartition("/")[0]
    found = value_at(data, f"{holder}/currency")
    return found if isinstance(found, str) else ""


def _form(kind: str, path: str) -> tuple[Any, list[str]]:
    """Return the type of a member and the patterns of a text; None for no member."""
    form: Any = KINDS[kind]
    found: list[str] = []
    for step in steps(path):
        if not _is_model(form):
            return None, []
        named = members_of(form)
        if step not in named:
            return None, []
        member = named[step]
        form = member.form
        found = [each.pattern for each in member.said if isinstance(each, Written)]
    return form, found


def _is_model(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, Model)


def _read(form: Any, patterns: list[str], text: str, *, currency: str) -> Json:
    if get_origin(form) is Literal:
        return _choice(get_args(form), text)
    readers: dict[Any, Any] = {
        bool: lambda: _choice((True, False), text),
        int: lambda: parse_count(text, first=0, last=MOST_PERSONS),
        date: lambda: parse_day(text).isoformat(),
        When: lambda: read_when(text, zone=None).text,
        Duration: lambda: Duration.parse(text).format(),
        Count: lambda: dict(zip(("n", "qualifier"), parse_persons(text), strict=True)),
        Sum: lambda: _sum(text),
    }
    if form in readers:
        value: Json = readers[form]()
        return value
    if get_origin(form) is not None or _is_model(form):
        raise RefusedError("value.needs-json")
    if STATE_PATTERN in patterns:
        return parse_state(text)
    if ZONE_PATTERN in patterns:
        return check_zone(text)
    if AMOUNT_PATTERN in patterns and currency:
        return read_money(f"{text} {currency}").amount
    return text


def _choice(choices: tuple[Any, ...], text: str) -> Json:
    named = {_word(choice): choice for choice in choices}
    for spelling in (text, text.replace("-", "_")):
        if spelling in named:
            found: Json = named[spelling]
            return found
    raise RefusedError("value.not-one-of", choices=", ".join(named))


def _word(choice: object) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _sum(text: str) -> Json:
    money = read_money(text)
    return {"amount": money.amount, "currency": money.currency}
