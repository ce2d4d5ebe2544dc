"""One value, one spelling: JSON as it is signed.

The profile is RFC 8785 restricted to what a book needs: objects, arrays, strings,
integers within ±(2^53-1), true and false. There is no null and no float, and a member
name matches ``[a-z][a-z0-9_]*``. Names are thus ASCII, so sorting them by code point is
sorting them by UTF-16 code unit, and Python's own encoder writes the RFC 8785 bytes.

What the strings may say (NFC, no control characters) is for those who write; here a
string is any sequence of Unicode scalar values.
"""

import json
import re
from typing import NoReturn, TypeAlias

from ledger.errors import MalformedError

Json: TypeAlias = bool | int | str | list["Json"] | dict[str, "Json"]

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16

_MEMBER = re.compile(r"[a-z][a-z0-9_]*")
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
# Every token of a value inside the profile, but for integers of sixteen digits.
_PLAIN = re.compile(
    r"""(?:[{}\[\],]|"[a-z][a-z0-9_]*+":|"(?:[^"\\]++|\\.)*+"(?!:)"""
    r"""|-?[0-9]{1,15}+(?![0-9.eE])|true|false)*+""",
    re.DOTALL,
)
_LONGEST_INTEGER = len(str(-MAX_INTEGER))
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def encode(value: Json) -> bytes:
    """Return the one spelling of a value.

    Raises:
        MalformedError: The value is outside the profile (``json.*``).

    Source:
        RFC 8785 section 3.2, under the restrictions above.
    """
    _check(value, depth=0)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise MalformedError("json.lone-surrogate") from None


def decode(data: bytes) -> Json:
    """Return the value that these bytes are the one spelling of.

    Raises:
        MalformedError: The bytes are not JSON, are outside the profile, or spell their
            value in another way than `encode` does (``json.*``).
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("json.not-utf-8") from None
    if text.startswith("\ufeff"):
        raise MalformedError("json.byte-order-mark")
    _check_depth(text)
    plain = _decode_plain(text)
    if plain is not None:
        return plain
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedError("json.not-json", position=error.pos) from None
    if encode(value) != data:
        raise MalformedError("json.not-canonical")
    return value


def _decode_plain(text: str) -> Json | None:
    """Return the value of a text that is its one spelling at first sight.

    None where a closer look is needed, which alone says what is wrong. A member that
    comes twice is lost when it is decoded, so that the spelling comes out another.
    """
    if not _PLAIN.fullmatch(text):
        return None
    try:
        value: Json = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if _ENCODER.encode(value) == text else None


def _check(value: object, *, depth: int) -> None:
    """Raise unless the value is inside the profile (strings: see `encode`)."""
    match value:
        case bool() | str():
            return
        case int():
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise MalformedError("json.integer-too-big")
        case list() | dict() if depth == MAX_DEPTH:
            raise MalformedError("json.too-deep", limit=MAX_DEPTH)
        case list():
            for item in value:
                _check(item, depth=depth + 1)
        case dict():
            for name, member in value.items():
                if not isinstance(name, str) or not _MEMBER.fullmatch(name):
                    raise MalformedError("json.bad-member-name")
                _check(member, depth=depth + 1)
        case _:
            raise _unsupported(value)


def _unsupported(value: object) -> MalformedError:
    """Return what to raise about a value of a type outside the profile."""
    match value:
        case None:
            return MalformedError("json.null")
        case float():
            return MalformedError("json.float")
        case _:
            return MalformedError("json.unsupported-type")


def _check_depth(text: str) -> None:
    """Raise before the parser recurses into brackets that are nested too deep."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
        elif found[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise MalformedError("json.too-deep", limit=MAX_DEPTH)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("json.duplicate-member")
    return members


def _integer(digits: str) -> int:
    if digits == "-0":
        raise MalformedError("json.negative-zero")
    if len(digits) > _LONGEST_INTEGER:  # int() itself refuses over 4,300 digits
        raise MalformedError("json.integer-too-big")
    return int(digits)


def _float(_: str) -> NoReturn:
    raise MalformedError("json.float")


def _constant(_: str) -> NoReturn:
    raise MalformedError("json.not-a-number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
