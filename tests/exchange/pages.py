"""A strict reader of pages, for tests: every element closed, nothing loaded or run."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

from typing_extensions import override

Element: TypeAlias = tuple[str, dict[str, str]]
Attributes: TypeAlias = list[tuple[str, str | None]]

VOID = {"meta"}
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body main header section h1 h2 h3 h4 p ul ol li dl "
        "dt dd div a bdi time strong pre table caption thead tbody tr th td "
        "svg desc defs pattern path rect text",
    )
)
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background"}


@dataclass
class Page(HTMLParser):
    """A page that was read: its elements in order, and its text."""

    elements: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    style: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @override
    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        assert tag in ELEMENTS, tag
        named = dict(attrs)
        assert len(named) == len(attrs), f"an attribute of {tag} is there twice"
        self.elements.append((tag, {key: value or "" for key, value in named.items()}))
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        raise AssertionError(f"{tag} ends where it starts")

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} was never open"
        assert self.open.pop() == tag, f"{tag} is not the innermost"

    @override
    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.parts.append(data)

    @override
    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    @override
    def handle_pi(self, data: str) -> None:
        raise AssertionError("an instruction")

    @override
    def unknown_decl(self, data: str) -> None:
        raise AssertionError("a declaration")

    @property
    def text(self) -> str:
        """Return all text, as it stands."""
        return "".join(self.parts)

    @property
    def tags(self) -> list[str]:
        """Return the names of the elements, in order."""
        return [tag for tag, _ in self.elements]


def read_page(page: str) -> Page:
    """Return a page or a part of one, once it has been held against all rules."""
    reader = Page()
    reader.feed(page)
    reader.close()
    assert reader.open == [], "not all is closed"
    ids = [named["id"] for _, named in reader.elements if "id" in named]
    assert len(ids) == len(set(ids)), "an id is there twice"
    for tag, named in reader.elements:
        assert LOADING.isdisjoint(named), f"{tag} loads"
        assert not any(key.startswith("on") or key == "style" for key in named), tag
        cited = [
            named[key] for key in named if key.startswith("aria-") and key[-3:] == "dby"
        ]
        if "href" in named:
            assert named["href"].startswith("#"), named["href"]
            cited.append(named["href"][1:])
        if named.get("fill", "").startswith("url("):
            cited.append(named["fill"].removeprefix("url(#").removesuffix(")"))
        assert set(cited) <= set(ids), f"{tag} cites what is not there"
    return reader
