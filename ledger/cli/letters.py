"""Whether what was typed on the command line is text at all."""

from collections.abc import Iterator

from ledger.errors import RefusedError
from ledger.tlog.canonical import Json


def check_letters(request: Json) -> None:
    """Refuse a text with bytes that are none in UTF-8 (PEP 383 keeps them as halves).

    Raises:
        RefusedError: With the member that has it, never the bytes.
    """
    for member, text in _texts(request, ""):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise RefusedError("value.not-utf-8", member=member)


def _texts(value: Json, member: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield member or "/", value
        case list():
            for index, each in enumerate(value):
                yield from _texts(each, f"{member}/{index}")
        case dict():
            for name, each in value.items():
                yield from _texts(each, f"{member}/{name}")
        case _:
            pass
