"""Where entries and references are at home, once several books are in an answer.

Within the program the entries of all books have numbers of their own; a person reads
`us:5` and `us:T-3`, a program the number in its book and the book's name beside it.
"""

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from ledger.domain.joining import Books


class Homes(Struct, frozen=True):
    """Puts numbers and references of an answer back into their books.

    Attributes:
        books: The books of the answer.
    """

    books: "Books"

    def said(self, value: Any) -> Any:
        """Return a value as a person reads it."""
        match value:
            case int() if self._is_elsewhere(value):
                return self.books.spoken_entry(value)
            case str():
                return self._joined.sub(lambda at: self.books.spoken(at[0]), value)
            case _:
                return value

    @property
    def _joined(self) -> re.Pattern[str]:
        """What a reference to a mirror of these books looks like."""
        names = "|".join(map(re.escape, self.books.names[1:]))
        return re.compile(rf"\b[TRI]-[1-9][0-9]*@(?:{names})(?![a-z0-9./-]*[a-z0-9])")

    def document(self, value: Any, *, verbatim: bool = False) -> Any:
        """Return a part of a JSON document with numbers and names at home.

        Args:
            value: The part.
            verbatim: It is what somebody signed: only whole references are changed.
        """
        match value:
            case dict():
                return self._object(value, verbatim=verbatim)
            case list() | tuple():
                return [self.document(each, verbatim=verbatim) for each in value]
            case bool():
                return value
            case int() if self._is_elsewhere(value):
                return self.books.home(value)[1]
            case str():
                whole = self._joined.fullmatch(value)
                if verbatim:
                    return self._full(value).rpartition(":")[2] if whole else value
                return self._joined.sub(lambda at: self._full(at[0]), value)
            case _:
                return value

    def _object(self, value: dict[str, Any], *, verbatim: bool) -> dict[str, Any]:
        if value.keys() == {"ledger", "seq", "leaf"}:
            book, seq = self.books.home(value["seq"])
            is_own = value["ledger"] == self.books.names[0]
            return {**value, "ledger": book, "seq": seq} if is_own else dict(value)
        found = {
            name: self.document(each, verbatim=verbatim or name == "data")
            for name, each in value.items()
        }
        if verbatim:
            return found
        for name in ("ref", "seq", "entry"):
            home = self._home(value.get(name))
            if home is not None:
                found[name], found["book"] = home[1], home[0]
                break
        return found

    def _home(self, value: object) -> tuple[str, str | int] | None:
        """Return the book of a reference or a number of a mirror, and what it is."""
        if isinstance(value, str) and self._joined.fullmatch(value):
            index, local = self.books.split(value)
            return self.books.names[index], local
        if isinstance(value, int) and self._is_elsewhere(value):
            return self.books.home(value)
        return None

    def _full(self, ref: str) -> str:
        index, local = self.books.split(ref)
        return f"{self.books.names[index]}:{local}"

    def _is_elsewhere(self, value: int) -> bool:
        from ledger.domain.joining import STRIDE  # noqa: PLC0415 - start-up

        return STRIDE <= value < STRIDE * len(self.books.names)
