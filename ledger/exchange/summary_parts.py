"""What the readable files of a summary are made of: words for its members."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.code_words import member_word, said
from ledger.exchange.markup import Html, element, isolated, joined, sentence, text
from ledger.exchange.plaintext import clean
from ledger.exchange.summary_lines import beside, sources
from ledger.tlog.canonical import Json

_PARAGRAPH = " ¶ "


class Words:
    """The sentences of one language, as HTML.

    A value is one line, its paragraphs marked: no text that somebody typed can look
    like a sentence of the page.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.language = catalogue.language
        self._catalogue = catalogue

    def plain(self, key: str, /, **values: str | int) -> str:
        """Return a sentence as text, its values cleaned."""
        safe = {
            name: _line(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return self._catalogue.say(key, **safe)

    def say(self, key: str, /, **values: str | int) -> Html:
        """Return a sentence, each value that is a text set apart."""
        safe = {
            name: isolated(_line(value)) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return sentence(self._catalogue.say(key, **safe))

    def item(self, key: str, /, **values: str | int) -> Html:
        """Return a sentence as an item of a list."""
        return element("li", self.say(key, **values))

    def paragraph(self, key: str, /, **values: str | int) -> Html:
        """Return a sentence as a paragraph."""
        return element("p", self.say(key, **values))

    def said(self, value: Json, *, member: str = "") -> str:
        """Return a value as a person reads it; its exact form is in the JSON."""
        return said(value, self._catalogue, member=member)

    def member(self, name: str) -> str:
        """Return the name of a member in words."""
        return member_word(name, self._catalogue)

    def record(
        self, first: Html, row: Mapping[str, Json], *, told: Collection[str]
    ) -> Html:
        """Return an entry as an item: its sentence, then all else that it says.

        Args:
            first: The sentence.
            row: The entry's members.
            told: The members that the sentence has.
        """
        beside = list(self._beside(row, told))
        return element("li", first, unordered(beside, "beside"), class_="long")

    def _beside(self, row: Mapping[str, Json], told: Collection[str]) -> Iterator[Html]:
        for key, values in beside(row, told=told, say=self):
            yield self.item(key, **values)
        yield from self.sources(row)

    def sources(self, row: Mapping[str, Json]) -> Iterator[Html]:
        """Yield the sources of an entry, an item each."""
        for source in sources(row):
            (key, values), *more = source
            first = self.say(key, **values)
            lines = (element("div", self.say(key, **each)) for key, each in more)
            yield element("li", first, *lines)


def unordered(items: Iterable[Html], class_: str | None = None) -> Html:
    """Return items as a list; nothing where there are none."""
    found = list(items)
    if not found:
        return text("")
    named = {} if class_ is None else {"class_": class_}
    return element("ul", joined(found), **named)


def _line(value: str) -> str:
    return _PARAGRAPH.join(clean(line) for line in value.split("\n"))
