"""How far long work has come, told to whoever waits for it."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

Stage: TypeAlias = Literal[
    "known",
    "entries",
    "projections",
    "integrity",
    "rows",
    "rows-again",
    "written",
    "copy",
]


class Progress(Struct, frozen=True):
    """How far one stage of a verification or an import has come.

    Attributes:
        stage: What is being done.
        done: How much of it is done: entries, transfers, rows, passes over the file.
        total: How much there is to do.
        findings: How much was found to be wrong so far.
    """

    stage: Stage
    done: int
    total: int
    findings: int = 0


Tell: TypeAlias = Callable[[Progress], None]


def say_nothing(_: Progress) -> None:
    """Tell nobody (a `Tell`)."""
