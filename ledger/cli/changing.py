"""From what a person typed for a member of an entry to a corrected or claimed value."""

import json
import re
from collections.abc import Iterable
from typing import NoReturn

from ledger.cli.arguments import named
from ledger.cli.request import Data
from ledger.domain.records import Correction, Receipt, Transfer
from ledger.domain.schemas import Record
from ledger.errors import RefusedError, UsageError
from ledger.store.recall import Recall
from ledger.tlog.canonical import MAX_DEPTH, MAX_INTEGER, Json, encode

# Members that say where a place of custody is.
MOVES = frozenset(
    ("/destination", "/facility/name", "/facility/place", "/facility/state")
)
# What starts like JSON is read as JSON; `[a remark in brackets]` is a text.
_json = re.compile(r'["{]|\[\s*(?:[\[{"\]0-9-]|(?:true|false|null)\s*[,\]])')


def value(member: str, text: str) -> Data:
    """Return what a value means: JSON, or a text that is read as its member is.

    Args:
        member: The member of the request that a value in JSON fills.
        text: What was typed. A text in quotes is JSON too.

    Returns:
        `{member: value}`, or `{"typed": text}`, for the book to read: only it knows
        which kind of entry is meant.

    Raises:
        RefusedError: If it starts like JSON and is not, or names a member twice.
        MalformedError: If it is JSON with what no entry has: null, fractions, numbers
            beyond 2^53 - 1, great depth.
    """
    if not _json.match(text):
        return {"typed": str(text)}
    try:
        read: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_number,
            parse_constant=_constant,
        )
    except ValueError:
        raise RefusedError("value.not-json") from None
    except RecursionError:
        raise RefusedError("json.too-deep", limit=MAX_DEPTH) from None
    encode(read)
    return {member: read}


def claimed(text: str) -> Data:
    """Return the rival value of a claim."""
    with named(text):
        return value("value", text)


def zone_that_stays(recall: Recall, record: Record) -> str | None:
    """Return the zone of a place of custody that was corrected, if nobody touched it.

    The zone decides when a day is over; the program may once have taken it from the
    state that is corrected now.
    """
    if not isinstance(record, Correction):
        return None
    paths = {change.path for change in record.changes}
    if not paths & MOVES or paths & {"/facility", "/facility/zone"}:
        return None
    seq = record.target.seq
    worth = recall.history(recall.refs_of(seq)).worth(seq)
    facility = worth.facility if isinstance(worth, Transfer | Receipt) else None
    return None if facility is None else facility.zone


def _object(pairs: list[tuple[str, Json]]) -> Data:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError("json.duplicate-member")
    return members


def _number(digits: str) -> int:
    if len(digits) > len(str(-MAX_INTEGER)):  # int() itself refuses 4,300 digits
        raise RefusedError("json.integer-too-big")
    return int(digits)


def _constant(_: str) -> NoReturn:
    raise RefusedError("json.not-a-number")


def changes(sets: Iterable[str], unsets: Iterable[str]) -> list[dict[str, Json]]:
    """Return corrected members (`/persons/n=252`) and those to be left unknown."""
    found: list[dict[str, Json]] = []
    for text in sets:
        path, equals, new = text.partition("=")
        if not equals or not path.startswith("/"):
            raise UsageError("usage.set")
        with named(text):
            found.append({"path": path, **value("new", new)})
    for path in unsets:
        if not path.startswith("/"):
            raise UsageError("usage.path")
        found.append({"path": path})
    if not found:
        raise UsageError("usage.nothing-to-correct")
    paths = [str(change["path"]) for change in found]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError("usage.set-twice", path=path)
    return found
