"""Lines of a text file from elsewhere, in an encoding that is stated or marked."""

import codecs
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from ledger.errors import RefusedError, UsageError

ENCODINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "utf-8": "utf-8",
        "utf-16": "utf-16",
        "latin-1": "latin-1",
        "windows-1252": "cp1252",
    }
)
"""The names that may be stated, and the codecs that read them."""

LONGEST_LINE: Final = 1024 * 1024
"""Characters of the longest line that is read."""

_CHUNK: Final = 64 * 1024
_MARKED: Final = (
    (codecs.BOM_UTF32_LE, ""),  # it starts like the mark of UTF-16
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Readable(Protocol):
    """A file of bytes that is read from its start to its end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go back to the start."""
        ...


def encoding_of(start: bytes, *, stated: str | None) -> str:
    """Return the name of a file's encoding: as stated, else as its mark says, or UTF-8.

    Args:
        start: At least its first four bytes.
        stated: What the person says it is.

    Raises:
        UsageError: The stated encoding is not one of `ENCODINGS`.
        RefusedError: Its mark says another one, or one that is not read.
    """
    if stated is not None and stated not in ENCODINGS:
        raise UsageError(
            "usage.not-one-of", option="--encoding", choices=", ".join(ENCODINGS)
        )
    marked = next((name for mark, name in _MARKED if start.startswith(mark)), None)
    if marked == "":
        raise RefusedError("import.utf-32")
    if stated is None:
        return marked or "utf-8"
    if marked is not None and marked != stated:
        raise RefusedError("import.other-encoding", marked=marked, stated=stated)
    return stated


def lines_of(file: Readable, *, encoding: str) -> Iterator[str]:
    """Return the lines of a file with their ends, without its byte-order mark.

    Args:
        file: Where to read on from.
        encoding: One of `ENCODINGS`.

    Raises:
        RefusedError: A line is not in that encoding, is too long, or has a NUL; with
            its number.
    """
    decoder = codecs.getincrementaldecoder(ENCODINGS[encoding])("strict")
    number, rest, first = 0, "", True
    while True:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            utf_8 = encoding == "utf-8"
            code = "import.not-utf-8" if utf_8 else "import.not-in-encoding"
            raise RefusedError(code, line=number + 1 + before) from None
        except UnicodeError:  # UTF-16 without a mark
            raise RefusedError("import.no-mark") from None
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            number += 1
            yield _checked(f"{line}\n", number)
        if not chunk:
            break
        _checked(rest, number + 1)
    if rest:
        yield _checked(rest, number + 1)


def _checked(line: str, number: int) -> str:
    if "\0" in line:
        raise RefusedError("import.nul", line=number)
    if len(line) > LONGEST_LINE:
        raise RefusedError("import.line-too-long", line=number, most=LONGEST_LINE)
    return line
