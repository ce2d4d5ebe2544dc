"""Who can leave, who left, and a number that is known only by its bounds."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Group:
    """Persons of one transfer who came on the same day.

    Attributes:
        ref: Their transfer.
        day: The day from which they can leave.
        n: How many.
    """

    ref: str
    day: date
    n: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """Persons who left together.

    Attributes:
        refs: The transfers that they can belong to.
        day: The day on which they had left.
        n: How many.
    """

    refs: tuple[str, ...]
    day: date
    n: int


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is only known to lie between two bounds, both inclusive."""

    least: int
    most: int

    @property
    def exact(self) -> bool:
        """Return whether the bounds are one number."""
        return self.least == self.most
