"""Text from anywhere, made safe to show.

What a clerk typed, or what came from another state, is shown as text: no character of
it moves the cursor, hides, or turns the direction of what follows.
"""

import re

_hostile = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0 (with ESC, TAB, LF, CR), DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks and overrides
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065"  # unseen
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # unseen, too
    "\u2028\u2029"  # line and paragraph separators
    "\ud800-\udfff"  # lone surrogates
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # tags
    "]"
)


def clean(text: str, *, lines: bool = False) -> str:
    r"""Return the text with every hostile character written as an escape.

    Joiners that scripts need (U+200C, U+200D) stay.

    Args:
        text: Anything.
        lines: Let line feeds through, for text of several lines.

    >>> clean("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """

    def escape(found: re.Match[str]) -> str:
        return "\n" if lines and found[0] == "\n" else _escape(ord(found[0]))

    return _hostile.sub(escape, text)


def clean_json(text: str) -> str:
    """Return JSON without hostile characters; it still means the same value.

    Args:
        text: Encoded JSON on one line, so that they occur inside strings only.
    """
    return _hostile.sub(lambda found: _json_escape(found[0]), text)


def _escape(point: int) -> str:
    if point <= 0xFF:  # noqa: PLR2004 - the widths of Python's own escapes
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(
        f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)
    )
