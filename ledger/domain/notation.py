"""What the annotation of a record's member can say beyond its type.

A record is a frozen class with annotated members, and nothing else defines it: how its
JSON is read, spelled and described follows from these (`ledger.domain.shapes`).
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct


class Model(Struct, frozen=True, kw_only=True):
    """A frozen, closed value; absent members are unknown, never null."""


class Written(Struct, frozen=True, kw_only=True):
    """A text: how many characters it has, and what it looks like.

    Attributes:
        least: The fewest characters.
        most: The most, if that is bounded.
        pattern: An anchored regular expression, of ASCII alone.
        code: What is wrong with a text of another look.
        check: Refuses, with an error of ours, what the pattern cannot tell.
    """

    least: int = 0
    most: int | None = None
    pattern: str = ""
    code: str = "record.wrong-form"
    check: Callable[[str], object] | None = None


class Between(Struct, frozen=True):
    """A whole number: the smallest and the largest."""

    low: int
    high: int


class Sized(Struct, frozen=True):
    """A list: how few and how many it holds."""

    least: int
    most: int | None = None


class Spelled(Struct, frozen=True, kw_only=True):
    """A value that is written as text: how it is read, spelled and described."""

    read: Callable[[str], object]
    spell: Callable[[Any], str]
    pattern: str
    description: str


class Anything(Struct, frozen=True):
    """Any value of restricted JSON."""
