"""The form of a summary: what its published schema says, and every record its own.

The schema is the one of `schemas/output/summary.json`, which lies in this package as
well. It is read here without a library for schemas, so that a verifier needs nothing
but this program; of JSON Schema only what that file uses is known. Dates must exist,
and payments, claims, remarks and instruments have the form of their kind of entry. What
is found names the member as an RFC 6901 pointer and never repeats a text: it may be
about a person.

Source:
    JSON Schema 2020-12, core and validation.
"""

import importlib.resources
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from msgspec import Struct, field

from ledger.domain.schemas import read_record
from ledger.domain.times import parse_day
from ledger.errors import LedgerError, RefusedError
from ledger.tlog.canonical import Json
from ledger.tlog.entry import parse_instant

Schema: TypeAlias = Mapping[str, Any]

_RECORDS: Mapping[str, tuple[str | None, frozenset[str]]] = {
    "payments": ("payment", frozenset({"seq"})),
    "remarks": ("remark", frozenset({"seq", "open"})),
    "instruments": ("instrument", frozenset({"seq"})),
    "claims": (None, frozenset({"seq", "kind"})),
}
"""Lists of records: their kind, or None where each says it, and members beside it."""

_DATES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": ("form-day", parse_day),
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$": (
        "form-instant",
        parse_instant,
    ),
}
_TYPES: Mapping[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}


class Oddity(Struct, frozen=True):
    """One thing in a summary that cannot be so.

    Attributes:
        at: The member, as an RFC 6901 pointer.
        code: What is wrong, as the catalogue knows it (`summary-finding.<code>`).
        expected: What it would have to be.
        found: What it is; empty where that is a text.
        values: What fills the sentence of a fault in a record.
    """

    at: str
    code: str
    expected: str = ""
    found: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


@cache
def summary_schema() -> Schema:
    """Return the published JSON Schema of a summary."""
    file = importlib.resources.files("ledger") / "exchange" / "summary.schema.json"
    schema: Schema = json.loads(file.read_text(encoding="utf-8"))
    return schema


def form_oddities(summary: Mapping[str, Json]) -> list[Oddity]:
    """Return where a summary has not its form; none if it has.

    A summary is of one book. What has its form can be read without looking again.
    """
    found = [*_unfit(summary_schema(), dict(summary), "")]
    if found:
        return found
    books, scope = summary["books"], summary["scope"]
    match books, scope:
        case [{"book": book}], {"book": named} if book == named:
            pass
        case [_], _:
            found.append(Oddity("/scope/book", "other-book"))
        case _:
            number = len(books) if isinstance(books, list) else 0
            found.append(Oddity("/books", "one-book", "1", str(number)))
    for name, (kind, beside) in _RECORDS.items():
        rows = summary.get(name, [])
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            found += _record(kind, beside, row, f"/{name}/{number}")
    return found


def _record(
    kind: str | None, beside: frozenset[str], row: Json, at: str
) -> Iterator[Oddity]:
    """Yield where a row is no record of its kind."""
    members = row if isinstance(row, dict) else {}
    data = {name: value for name, value in members.items() if name not in beside}
    try:
        read_record(kind or str(members.get("kind")), data)
    except RefusedError as error:
        for fault in (error, *error.others):
            member = str(fault.values["member"]).removesuffix("/")
            code, values = f"record:{fault.code}", fault.values
            yield Oddity(f"{at}{member}", code, values=values)


def _unfit(schema: Schema, value: Json, at: str) -> Iterator[Oddity]:
    """Yield where a value does not fit a schema."""
    if "oneOf" in schema:
        yield from _unfit(_branch(schema["oneOf"], value), value, at)
        return
    if "const" in schema or "enum" in schema:
        yield from _choice(schema.get("enum", [schema.get("const")]), value, at)
    name = schema.get("type")
    if name is None:
        return
    # True is an integer to Python, and to nobody else.
    if type(value) is not _TYPES[name]:
        yield Oddity(at, f"form-{name}", found=_shown(value))
        return
    match value:
        case dict():
            yield from _members(schema, value, at)
        case list():
            for number, item in enumerate(value):
                yield from _unfit(schema["items"], item, f"{at}/{number}")
        case str():
            yield from _text(schema, value, at)
        case _:  # a number, or a truth value, which has no minimum
            least = schema.get("minimum")
            if least is not None and value < least:
                yield Oddity(at, "too-few", str(least), str(value))


def _branch(branches: list[Schema], value: Json) -> Schema:
    """Return the branch for the kind that a value says it is, else the first."""
    kind = value.get("kind") if isinstance(value, dict) else None
    kinds = [branch["properties"]["kind"]["const"] for branch in branches]
    return branches[kinds.index(kind) if kind in kinds else 0]


def _choice(choices: list[Json], value: Json, at: str) -> Iterator[Oddity]:
    if not any(type(value) is type(each) and value == each for each in choices):
        words = ", ".join(json.dumps(each) for each in choices)
        yield Oddity(at, "form-choice", words, _shown(value))


def _members(schema: Schema, value: Mapping[str, Json], at: str) -> Iterator[Oddity]:
    known = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield Oddity(f"{at}/{name}", "missing")
    names = schema.get("propertyNames", {}).get("enum")
    closed = schema.get("additionalProperties") is False
    for name, member in value.items():
        if name in known:
            yield from _unfit(known[name], member, f"{at}/{name}")
        elif closed or (names is not None and name not in names):
            yield Oddity(f"{at}/{name}", "unknown")


def _text(schema: Schema, value: str, at: str) -> Iterator[Oddity]:
    pattern = schema.get("pattern")
    if pattern is None:
        return
    if not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value):
        yield Oddity(at, "form-pattern", expected=pattern)
        return
    if pattern in _DATES:
        code, parse = _DATES[pattern]
        try:
            parse(value)
        except LedgerError:
            yield Oddity(at, code)


def _shown(value: Json) -> str:
    return str(value) if type(value) is int else ""
