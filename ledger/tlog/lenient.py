"""Two spellings of one entry compared, even where one of them is damaged.

What verification refuses is read here as far as it can be, by nobody but whoever asks
what was altered: the members of a body, the text around it, the signature. Nothing
that is read here is believed.
"""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from ledger.errors import LedgerError
from ledger.tlog.canonical import Json, encode
from ledger.tlog.entry import EntryNote

Members: TypeAlias = dict[str, str]

HEADER = "header"
SIGNATURE = "signature"
SPELLING = "spelling"
_DEEPEST = 32


class Difference(Struct, frozen=True):
    """One place where two copies of an entry differ.

    Attributes:
        member: A member of the body (`/data/persons/n`), or `header`, `signature`;
            `spelling` where the members are the same and the bytes are not.
        one: Its value in the first copy, a value of the body as JSON; None where it
            has none, or where it cannot be read.
        other: The same for the second copy.
        offset: The first byte that differs, where no value can be compared.
    """

    member: str
    one: str | None
    other: str | None
    offset: int | None = None


def compare(one: bytes, other: bytes) -> list[Difference]:
    """Return where two copies differ; nothing only if they are the same bytes.

    Members are compared where both bodies can be read at all. Where one cannot, the
    first byte that differs is placed in the other one.
    """
    if one == other:
        return []
    offset = _offset(one, other)
    first, second = members(one), members(other)
    if first is None or second is None:
        sound = one if second is None else other
        name = _member_at(sound, offset)
        values = [
            None if found is None else found.get(name) for found in (first, second)
        ]
        return [Difference(name, values[0], values[1], offset)]
    found = [
        Difference(name, first.get(name), second.get(name))
        for name in dict.fromkeys([*first, *second])
        if first.get(name) != second.get(name)
    ]
    return found or [Difference(SPELLING, None, None, offset)]


def members(note: bytes) -> Members | None:
    """Return what an entry says, member by member; None if it cannot be read."""
    text, gap, signature = note.decode("utf-8", "replace").rpartition("\n\n")
    header, _, body = text.partition("\n")
    if not gap:
        return None
    try:
        value = json.loads(body)
        found = dict(flat(value, ""))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return {HEADER: header, **found, SIGNATURE: signature.rstrip("\n")}


def flat(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the parts of a value that have none themselves, each with its path.

    Raises:
        RecursionError: If it nests too deep.
    """
    if depth > _DEEPEST:
        raise RecursionError
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from flat(inner, f"{path}/{name}", depth + 1)
        case list() if value:
            for number, inner in enumerate(value):
                yield from flat(inner, f"{path}/{number}", depth + 1)
        case _:
            written = json.dumps(value, ensure_ascii=False)
            yield path, written.encode("utf-8", "backslashreplace").decode()


def _offset(one: bytes, other: bytes) -> int:
    """Return the first place where two byte strings differ."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _member_at(note: bytes, offset: int) -> str:
    """Return the member of a readable entry that a byte belongs to."""
    try:
        parsed = EntryNote.parse(note)
        data = parsed.envelope()
    except LedgerError:
        return SPELLING
    start = parsed.text.encode().index(b"\n") + 1
    if offset < start:
        return HEADER
    if offset > start + len(parsed.body):
        return SIGNATURE
    body = json.loads(data.body())
    return next(
        (name for name, end in _ends(body, "", start) if offset < end), SIGNATURE
    )


def _ends(value: Json, path: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield each part of a canonical value with where it ends, in their order."""
    match value:
        case dict() if value:
            for name, inner in sorted(value.items()):
                start += len(name) + 4  # its quotes, the colon, and what is before it
                yield from _ends(inner, f"{path}/{name}", start)
                start += len(encode(inner))
        case list() if value:
            for number, inner in enumerate(value):
                start += 1
                yield from _ends(inner, f"{path}/{number}", start)
                start += len(encode(inner))
        case _:
            yield path, start + len(encode(value))
