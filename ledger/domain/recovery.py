"""The record of persons who came back: recaptured, found, or returned by themselves.

Only who escaped or was lost sight of can come back: every other way to leave custody
is final, and persons who come to the custodian again do so by a new transfer.
Source: Geneva Convention III, article 122 (escapes and recaptures are both recorded).
"""

from typing import Annotated, Literal, TypeAlias, get_args

from ledger.domain.forms import (
    Count,
    Disposition,
    Fact,
    Moment,
    Portion,
    Reference,
    Text,
)
from ledger.domain.notation import Sized
from ledger.errors import RefusedError

Way: TypeAlias = Literal["recaptured", "found", "returned"]
WAYS: tuple[Way, ...] = get_args(Way)

REOPENED: frozenset[Disposition] = frozenset(("escaped", "unaccounted"))
"""The ways to leave custody from which persons can come back."""


class Recovery(Fact, frozen=True, kw_only=True):
    """Persons of an exit who are in custody again.

    Attributes:
        exit: The exit by which they had left.
        persons: How many of them.
        split: How many of each transfer, where the exit names several; sums to
            `persons`.
        how: How they came back.
        authority: Who took them in.
    """

    occurred: Moment
    exit: Reference
    persons: Count
    split: Annotated[tuple[Portion, ...], Sized(1, 256)] | None = None
    how: Way
    authority: Text | None = None

    def __post_init__(self) -> None:
        """Refuse a split that does not add up."""
        if self.split is not None:
            named = [portion.transfer.seq for portion in self.split]
            added_up = sum(portion.n for portion in self.split)
            if len(set(named)) != len(named) or added_up != self.persons.n:
                raise RefusedError("record.recovery-split")
