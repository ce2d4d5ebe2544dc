"""The record of persons who came back: recaptured, found, or returned by themselves.

Only who escaped or was lost sight of can come back: every other way to leave custody
is final, and persons who come to the custodian again do so by a new transfer.
Source: Geneva Convention III, article 122 (escapes and recaptures are both recorded).
"""

from typing import Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from ledger.domain.forms import (
    Count,
    Disposition,
    Fact,
    Moment,
    Portion,
    Reference,
    Text,
    fault,
)

Way: TypeAlias = Literal["recaptured", "found", "returned"]
WAYS: tuple[Way, ...] = get_args(Way)

REOPENED: frozenset[Disposition] = frozenset(("escaped", "unaccounted"))
"""The ways to leave custody from which persons can come back."""


class Recovery(Fact):
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
    split: tuple[Portion, ...] | None = Field(
        default=None, min_length=1, max_length=256
    )
    how: Way
    authority: Text | None = None

    @model_validator(mode="after")
    def _form(self) -> "Recovery":
        if self.split is not None:
            named = [portion.transfer.seq for portion in self.split]
            added_up = sum(portion.n for portion in self.split)
            if len(set(named)) != len(named) or added_up != self.persons.n:
                raise fault("record.recovery-split")
        return self
