"""What a question is asked of: the day, the books, and as of when they are known."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.arguments import named
from ledger.cli.options import Globals
from ledger.cli.render import talk

if TYPE_CHECKING:
    from ledger.register.opening import Head, Taken

On = Annotated[str | None, typer.Option(help="option.on", metavar="DATE")]
KnownOn = Annotated[str | None, typer.Option(help="option.known-on", metavar="DATE")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="option.exit-code")]


def day(ask: Globals, text: str | None) -> date:
    """Return the day that is asked about: the given one, else today (UTC)."""
    from ledger.domain.times import parse_day  # noqa: PLC0415 - start-up

    with named(text):
        return ask.now.date() if text is None else parse_day(text)


def known(text: str | None) -> date | None:
    """Return the day as of whose knowledge is asked, if one is given."""
    from ledger.domain.times import parse_day  # noqa: PLC0415 - start-up

    with named(text):
        return None if text is None else parse_day(text)


def days_ahead(text: str) -> int:
    """Return how many days ahead are asked about, from `90d` or `90`."""
    from ledger.domain.times import parse_span  # noqa: PLC0415 - start-up

    with named(text):
        return parse_span(text)


def known_text(day_known: date | None) -> str | None:
    """Return the day as of whose knowledge an answer is, as it is printed."""
    return None if day_known is None else day_known.isoformat()


def complete_under(
    ask: Globals, found: Iterable["Head"], *, known_on: date | None = None
) -> None:
    """Say which books an answer is complete under, and as of when they were known."""
    if known_on is not None:
        talk(ask, "answer.known-on", day=known_on.isoformat())
    for head in found:
        talk(
            ask,
            "answer.complete-under",
            book=head.book,
            n=head.size,
            root=head.root.hex(),
        )
        if head.mirror is not None:
            _how_old(ask, head.book, head.mirror)


def _how_old(ask: Globals, book: str, taken: "Taken") -> None:
    """Say how old a mirror is."""
    root = taken.root.hex()
    if not taken.size:
        talk(ask, "answer.mirror-unsigned", book=book)
    elif taken.day is None:
        talk(ask, "answer.mirror-undated", book=book, n=taken.size, root=root)
    else:
        day_taken = taken.day.isoformat()
        days = (ask.now.date() - taken.day).days
        talk(
            ask,
            "answer.mirror",
            book=book,
            size=taken.size,
            root=root,
            day=day_taken,
            n=days,
        )
