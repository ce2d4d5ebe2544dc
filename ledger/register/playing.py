"""Playing an example into a book: the same requests, through the same door.

An example is a file of requests as people give them, each with the time at which it
is recorded (`examples/*/entries.json`).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.exchange.outbox import read_file
from ledger.register.founding import Founding
from ledger.register.opening import Register
from ledger.register.writing import Recorded, acknowledge, append
from ledger.tlog.canonical import Json
from ledger.tlog.entry import parse_instant
from ledger.tlog.note import Signer

SCHEMA = "transfer-ledger/example/1"
LARGEST = 16 * 1024 * 1024


class Step(Struct, frozen=True):
    """One request of an example.

    Attributes:
        kind: The kind of entry.
        at: When it is recorded, UTC.
        request: What is asked for.
    """

    kind: str
    at: datetime
    request: Mapping[str, Json]


class Example(Struct, frozen=True):
    """A book to be, and what is to be recorded in it.

    Attributes:
        title: What it is about.
        founding: The book.
        at: When it is opened, UTC.
        steps: What is recorded, in order.
    """

    title: str
    founding: Founding
    at: datetime
    steps: tuple[Step, ...]


def read_example(path: Path) -> Example:
    """Return an example from its file.

    Raises:
        MalformedError: If it is not one.
        NotFoundError, RefusedError: If there is no such file.
    """
    try:
        said = json.loads(read_file(path, most=LARGEST))
    except (ValueError, RecursionError):
        raise MalformedError("example.not-one") from None
    match said:
        case {
            "schema": str(schema),
            "title": str(title),
            "book": {
                "name": str(name),
                "state": str(state),
                "zone": str(zone),
                "clerk": str(clerk),
            },
            "at": str(at),
            "entries": [*entries],
        } if schema == SCHEMA:
            return Example(
                title=title,
                founding=Founding(name=name, state=state, zone=zone, clerk=clerk),
                at=parse_instant(at),
                steps=tuple(_step(entry) for entry in entries),
            )
        case _:
            raise MalformedError("example.not-one")


def _step(entry: Json) -> Step:
    match entry:
        case {"kind": str(kind), "at": str(at), "request": dict(request)}:
            return Step(kind, parse_instant(at), request)
        case _:
            raise MalformedError("example.not-one")


def play(register: Register, example: Example, *, signer: Signer) -> Iterator[Recorded]:
    """Record an example step by step; return what came of each.

    A step is acknowledged when the caller comes back for the next one.

    Raises:
        RefusedError: If a rule forbids a step; those before it are recorded.
    """
    for step in example.steps:
        recorded = append(
            register,
            kind=step.kind,
            request=step.request,
            signer=signer,
            now=step.at,
        )
        yield recorded
        acknowledge(register, recorded)
