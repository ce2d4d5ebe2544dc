"""How exact a number of persons is that follows from other numbers.

Law: a sum or a difference is `exact` only if all that it is counted from is. At least
that many of some, and that many of others, are at least their sum; what is taken away
turns round; bounds of both kinds, or anything `about`, leave `about`.
"""

from collections.abc import Iterable
from typing import Final

from typing_extensions import override

from ledger.domain.values import SIGNS, Qualifier

_TURNED: Final[dict[Qualifier, Qualifier]] = {
    "exact": "exact",
    "about": "about",
    "at_least": "at_most",
    "at_most": "at_least",
}


def plus(*said: Qualifier) -> Qualifier:
    """Return how exact a sum is, from how exact its terms are."""
    found = {each for each in said if each != "exact"}
    if len(found) > 1:
        return "about"
    return found.pop() if found else "exact"


def turned(said: Qualifier) -> Qualifier:
    """Return how exact what is left of an exact number is, less one that is not."""
    return _TURNED[said]


def minus(said: Qualifier, *taken: Qualifier) -> Qualifier:
    """Return how exact a difference is."""
    return plus(said, turned(plus(*taken)))


class Number(int):
    """A number of persons that is not exact: it is written with its sign, `≈100`.

    It counts as any other number; what is counted from it is a plain number again.
    """

    qualifier: Qualifier

    @override
    def __str__(self) -> str:
        """Return the number with its sign."""
        return f"{SIGNS[self.qualifier]}{int(self)}"


def number(n: int, said: Qualifier) -> int:
    """Return a number that knows how exact it is; a plain one is exact."""
    if said == "exact":
        return int(n)
    found = Number(n)
    found.qualifier = said
    return found


def qualifier_of(n: int) -> Qualifier:
    """Return how exact a number is."""
    return n.qualifier if isinstance(n, Number) else "exact"


def added(numbers: Iterable[int]) -> int:
    """Return a sum that knows how exact it is."""
    every = list(numbers)
    return number(sum(every), plus(*map(qualifier_of, every)))


def less(n: int, taken: int) -> int:
    """Return a difference that knows how exact it is."""
    return number(int(n) - int(taken), minus(qualifier_of(n), qualifier_of(taken)))
