"""States, counts of persons, references and texts: the strict readers of each.

Codes are compared as ASCII, so a full-width digit or a Cyrillic letter that looks
like a Latin one is refused. No refusal repeats what was typed.
"""

import re
from types import MappingProxyType
from typing import Final, Literal, Self, get_args
from unicodedata import category, normalize

from msgspec import Struct

from ledger.domain.codes import is_state
from ledger.errors import RefusedError

Qualifier = Literal["exact", "about", "at_least", "at_most"]

MOST_PERSONS: Final = 10_000_000
# The largest integer that every JSON reader keeps exactly.
LARGEST_NUMBER: Final = 2**53 - 1
LONGEST_LINE: Final = 2_000
LONGEST_TEXT: Final = 20_000
QUALIFIERS: Final[tuple[Qualifier, ...]] = get_args(Qualifier)
SIGNS: Final = MappingProxyType[Qualifier, str](
    {"exact": "", "about": "≈", "at_least": "≥", "at_most": "≤"}
)

_COUNT: Final = re.compile("0|[1-9][0-9]{0,15}")
_PERSONS: Final = re.compile("(?:(exact|about|at-least|at-most):)?([0-9]+)")
_QUALIFIER_OF: Final[dict[str | None, Qualifier]] = {
    None: "exact",
    "exact": "exact",
    "about": "about",
    "at-least": "at_least",
    "at-most": "at_most",
}
# Thousands to some, a decimal to others: `4.760`, `4,760`.
_GROUPED: Final = re.compile("([1-9][0-9]{0,2})[.,]([0-9]{3})")
_REF: Final = re.compile("(?:([a-z0-9.-]+(?:/[a-z0-9.-]+)*):)?([TRI])-([0-9]+)")
_LONGEST_NAME: Final = 128

# Explicit and implicit marks of writing direction.
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Unicode's Default_Ignorable_Code_Point (what shows nothing) and the interlinear
# annotations, without the two joiners that some scripts need to be spelled.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BY_CATEGORY: Final = MappingProxyType(
    {
        "Cc": "value.text-control",
        "Cs": "value.text-surrogate",
        "Cn": "value.text-unassigned",
        "Co": "value.text-private-use",
        "Zl": "value.text-line-break",
        "Zp": "value.text-line-break",
    }
)


def parse_count(text: str, *, first: int, last: int) -> int:
    """Return the whole number that ASCII digits mean, without leading zeros.

    Args:
        text: What was typed.
        first: The smallest number allowed, 0 or more.
        last: The largest number allowed, 2^53 - 1 or less.

    Raises:
        RefusedError: Another spelling, or out of bounds.
    """
    _refuse_separator(text)
    if not _COUNT.fullmatch(text) or not first <= int(text) <= last:
        raise RefusedError("value.not-a-count", first=first, last=last)
    return int(text)


def _refuse_separator(text: str) -> None:
    """Refuse `4.760` with the two numbers that it can mean."""
    if found := _GROUPED.fullmatch(text):
        whole, rest = found.groups()
        fraction = rest.rstrip("0") or "0"
        raise RefusedError(
            "value.count-two-readings", first=whole + rest, second=f"{whole}.{fraction}"
        )


def parse_persons(text: str) -> tuple[int, Qualifier]:
    """Return the count and the qualifier that `238` or `at-least:247` means.

    Returns:
        1 to 10,000,000, and how exact it is.

    Raises:
        RefusedError: Another spelling, or out of bounds.
    """
    found = _PERSONS.fullmatch(text)
    if found is None:
        _refuse_separator(text.rpartition(":")[2])
        raise RefusedError("value.not-persons", first=1, last=MOST_PERSONS)
    n = parse_count(found[2], first=1, last=MOST_PERSONS)
    return n, _QUALIFIER_OF[found[1]]


def spell_persons(n: int, qualifier: Qualifier) -> str:
    """Return the count as it is typed: `238`, `at-least:247`."""
    if qualifier == "exact":
        return str(n)
    return f"{qualifier.replace('_', '-')}:{n}"


def format_persons(n: int, qualifier: Qualifier) -> str:
    """Return the count with its sign, as people read it: `≥247`."""
    return f"{SIGNS[qualifier]}{n}"


def parse_state(text: str) -> str:
    """Return the code of a state or a subdivision, in capital letters.

    Raises:
        RefusedError: It is in small letters, or it is no code of ISO 3166 and not
            one of XA to XZ.
    """
    if is_state(text):
        return text
    if text.isascii() and is_state(text.upper()):
        raise RefusedError("value.state-in-capitals", state=text.upper())
    raise RefusedError("value.not-a-state")


# Members that name a state by its code, or somebody else by a name.
_WHOSE = re.compile(
    "/asserted_by|/group/said_by|(/compensation)?/paye[er]|/account_holder"
    "|/parties/[0-9]+|/reports/[0-9]+/(by|to)"
)


def check_whose(text: str, path: str = "/asserted_by") -> None:
    """Refuse a state's code in small letters where others than states may be named.

    Taken as it is, `us` would be an organisation, and its money in another account
    than that of the state.

    Args:
        text: What was written.
        path: The member for which it was.

    Raises:
        RefusedError: With the code that the state has, and how else to be understood.
    """
    if _WHOSE.fullmatch(path) is None or is_state(text) or not text.isascii():
        return
    if is_state(text.upper()):
        raise RefusedError("value.state-or-name", state=text.upper())


class Ref(Struct, frozen=True):
    """The number that a person gives to a transfer, a receipt or an instrument.

    Attributes:
        book: The book's name, or its state's code in small letters; None for the
            own book.
        letter: `T` for a transfer, `R` for a receipt, `I` for an instrument.
        number: From 1, within one book and letter.
    """

    book: str | None
    letter: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the reference that `T-1`, `us:T-1` or `us.example/book:T-1` means.

        Raises:
            RefusedError: Another spelling.
        """
        found = _REF.fullmatch(text)
        if found is None or len(found[1] or "") > _LONGEST_NAME:
            raise RefusedError("value.not-a-reference")
        number = parse_count(found[3], first=1, last=LARGEST_NUMBER)
        return cls(found[1], found[2], number)

    @property
    def local(self) -> str:
        """The reference within its book: `T-1`."""
        return f"{self.letter}-{self.number}"

    def format(self) -> str:
        """Return the reference with its book, if it names one."""
        return self.local if self.book is None else f"{self.book}:{self.local}"


def parse_ref(text: str) -> Ref:
    """Return the reference that was typed.

    Raises:
        RefusedError: Another spelling.
    """
    return Ref.parse(text)


def parse_ref_or_entry(text: str) -> Ref | int:
    """Return a reference, or the number of an entry of the own book.

    Raises:
        RefusedError: It is neither.
    """
    if text.isdecimal():
        return parse_count(text, first=0, last=LARGEST_NUMBER)
    return Ref.parse(text)


def check_text(text: str, *, lines: bool) -> str:
    """Return the text if it may be signed.

    Args:
        text: NFC, without controls, surrogates, unassigned or private-use characters,
            marks of direction, or characters that show nothing (joiners are allowed),
            and without white space at either end.
        lines: Whether line feeds are allowed, and up to 20,000 characters; otherwise
            one line of up to 2,000.

    Raises:
        RefusedError: With the position, from 1, of the first character at fault.
    """
    longest = LONGEST_TEXT if lines else LONGEST_LINE
    if not text:
        raise RefusedError("value.text-empty")
    if len(text) > longest:
        raise RefusedError("value.text-too-long", last=longest)
    # Most texts are printable ASCII, where nothing is to be found.
    suspects = () if text.isascii() and text.isprintable() else text
    for position, character in enumerate(suspects, 1):
        code = _fault(character, lines=lines)
        if code is not None:
            raise RefusedError(code, position=position)
    if text != text.strip():
        position = 1 if text[0].isspace() else len(text)
        raise RefusedError("value.text-outer-space", position=position)
    composed = normalize("NFC", text)
    if text != composed:
        same = next(
            (
                n
                for n, pair in enumerate(zip(text, composed, strict=False))
                if len(set(pair)) > 1
            ),
            min(len(text), len(composed)),
        )
        raise RefusedError("value.text-not-nfc", position=same + 1)
    return text


def _fault(character: str, *, lines: bool) -> str | None:
    """Return the code of what is wrong with one character; None if it is fine."""
    if character == "\n":
        return None if lines else "value.text-line-break"
    if _BIDI.match(character):
        return "value.text-direction"
    if _INVISIBLE.match(character):
        return "value.text-invisible"
    return _BY_CATEGORY.get(category(character))
