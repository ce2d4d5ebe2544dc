r"""What a terminal of few letters shows for a character that it lacks.

A person reads `senor` more easily than `se\xf1or`, and `-` than `\u2014`. In a pipe
or a file a character is escaped and can be told from every other.
"""

import codecs
import unicodedata

READABLE = "ledger.readable"

_PLAIN = {
    **dict.fromkeys("«»“”„", '"'),
    **dict.fromkeys("‘’‚", "'"),  # noqa: RUF001 (quotation marks)
    **dict.fromkeys("–—‒−", "-"),  # noqa: RUF001 (dashes of four lengths)
    **dict.fromkeys("¿¡", ""),
    "…": "...",
    "·": "-",
    "→": "->",
    "←": "<-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "¶": "|",
    "×": "x",  # noqa: RUF001 (the sign of multiplication)
}


def plain(character: str) -> str:
    """Return ASCII that is read as a character, or its escape."""
    if character in _PLAIN:
        return _PLAIN[character]
    base = unicodedata.normalize("NFKD", character)
    letters = "".join(each for each in base if not unicodedata.combining(each))
    if letters.isascii() and letters.isprintable() and letters:
        return letters
    return character.encode("ascii", "backslashreplace").decode()


def _readable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(plain, lacking)), error.end


def register() -> str:
    """Let streams use this; return the name of the error handler."""
    codecs.register_error(READABLE, _readable)
    return READABLE
