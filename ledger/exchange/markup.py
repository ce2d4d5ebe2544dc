"""HTML and SVG as text that is safe by its type.

Only `text` and `element` make `Html`; both escape what they are given, so that a text
which people typed is shown as it is and is never markup. There is no other way in.
"""

import re
from collections.abc import Iterable
from html import escape
from typing import NewType

from ledger.exchange.plaintext import clean

__all__ = ["Html", "element", "isolated", "joined", "sentence", "text", "timed", "void"]

Html = NewType("Html", str)

# `clean` lets neither through in a value, and no sentence of a catalogue has them.
_OPEN, _CLOSE = "\x02", "\x03"
_any_day = re.compile(r"(\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b)")
_day = re.compile(f"{_OPEN}([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_CLOSE}")


def text(value: str) -> Html:
    r"""Return a text as content of an element, hostile characters as escapes.

    >>> text("a<b>\u202e")
    'a&lt;b&gt;\\u202e'
    """
    return Html(escape(clean(value)))


def timed(value: str) -> Html:
    """Return a text in which each day is a `time`, so that none is broken up."""
    return Html(_any_day.sub(r"<time>\1</time>", text(value)))


def isolated(value: str) -> str:
    """Return a cleaned value marked, to be set apart by `sentence` in its sentence."""
    return f"{_OPEN}{clean(value)}{_CLOSE}"


def sentence(filled: str) -> Html:
    """Return a sentence whose values were marked by `isolated`.

    Each value becomes a `bdi`, so that a script which runs from right to left cannot
    change the order of the words around it; a day becomes a `time`.
    """
    marked = _day.sub(r"<time>\1</time>", escape(filled))
    return Html(marked.replace(_OPEN, "<bdi>").replace(_CLOSE, "</bdi>"))


def element(name: str, /, *inner: Html, **attributes: str) -> Html:
    """Return an element.

    Args:
        name: Its name.
        inner: Its content, in order.
        attributes: By name; `_` stands for `-`, and one at the end is dropped.
    """
    return Html(f"{_tag(name, attributes)}{''.join(inner)}</{name}>")


def void(name: str, /, **attributes: str) -> Html:
    """Return an element that has no content and no end, such as `meta`."""
    return _tag(name, attributes)


def joined(parts: Iterable[Html]) -> Html:
    """Return one part after the other, a line each."""
    return Html("\n".join(parts))


def _tag(name: str, attributes: dict[str, str]) -> Html:
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    return Html(f"<{name}{written}>")


def _attribute(key: str, value: str) -> Html:
    # With the space before it, its value in quotes.
    name = key.removesuffix("_").replace("_", "-")
    return Html(f' {name}="{escape(clean(value))}"')
