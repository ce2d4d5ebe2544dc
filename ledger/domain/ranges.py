"""Who can leave, who left, and a number that is known only by its bounds."""

from datetime import date

from msgspec import Struct

from ledger.domain.qualifying import number
from ledger.domain.values import Qualifier


class Group(Struct, frozen=True):
    """Persons of one transfer who came on the same day.

    Attributes:
        ref: Their transfer.
        day: The day from which they can leave.
        n: How many.
    """

    ref: str
    day: date
    n: int


class Leaving(Struct, frozen=True):
    """Persons who left together.

    Attributes:
        refs: The transfers that they can belong to.
        day: The day on which they had left.
        n: How many.
    """

    refs: tuple[str, ...]
    day: date
    n: int


class Range(Struct, frozen=True):
    """A number that is only known to lie between two bounds, both inclusive.

    Attributes:
        least: The lower bound.
        most: The upper one.
        qualifier: How exact the counts are said to be that both are counted from.
    """

    least: int
    most: int
    qualifier: Qualifier = "exact"

    @property
    def lower(self) -> int:
        """Return the lower bound, as a number that knows how exact it is."""
        return number(self.least, self.qualifier)

    @property
    def upper(self) -> int:
        """Return the upper bound, as a number that knows how exact it is."""
        return number(self.most, self.qualifier)

    @property
    def exact(self) -> bool:
        """Return whether the bounds are one number."""
        return self.least == self.most
