"""Looking for words: find."""

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.asked import KnownOn, complete_under, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Column, Table, is_drawn, show_json, show_table, talk

if TYPE_CHECKING:
    from ledger.register.finding import Hit

FULL = (
    "seq",
    "at",
    "kind",
    "ref",
    "path",
    "text",
    "corrected_by",
    "retracted_by",
    "book",
)
BESIDE = 30
"""How much of a text is shown on either side of the words, on a terminal."""


def find(
    ask: Globals,
    text: Annotated[str, typer.Argument(help="argument.find", metavar="TEXT")],
    *,
    known_on: KnownOn = None,
) -> None:
    """Find words in the text of all entries."""
    from ledger.register.finding import find as search  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = search(register, text)
    rows = [_hit(hit) for hit in found.hits]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/find/1",
                "known_on": known_text(as_known),
                "found": rows,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    if is_drawn(ask):
        several = len(found.heads) > 1
        columns = (
            *([Column("book")] if several else []),
            Column("entry", "right"),
            Column("kind"),
            Column("ref"),
            Column("path"),
            Column("text"),
            Column("flags"),
        )
        lines = [
            (
                *([hit.book] if several else []),
                hit.entry.seq,
                ask.say(f"kind.{hit.entry.kind}"),
                hit.ref,
                hit.path,
                excerpt(hit),
                "; ".join(_notes(ask, hit)),
            )
            for hit in found.hits
        ]
        show_table(ask, Table(columns, lines))
    else:
        cells = [answers.cells(row, FULL) for row in rows]
        show_table(ask, Table([Column(name) for name in FULL], cells))
    talk(ask, "answer.find" if rows else "answer.none-find", n=len(rows))
    complete_under(ask, found.heads, known_on=as_known)


def _hit(hit: "Hit") -> answers.Object:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    return {
        "seq": hit.entry.seq,
        "at": format_instant(hit.entry.at),
        "kind": hit.entry.kind,
        "ref": hit.ref,
        "path": hit.path,
        "text": hit.text,
        "start": hit.start,
        "stop": hit.stop,
        "corrected_by": list(hit.corrected_by),
        "retracted_by": hit.retracted_by,
        "book": hit.book,
    }


def excerpt(hit: "Hit") -> str:
    """Return the words with a little of the text on either side."""
    start, stop = max(hit.start - BESIDE, 0), hit.stop + BESIDE
    before = "…" if start else ""
    after = "…" if stop < len(hit.text) else ""
    return f"{before}{hit.text[start:stop]}{after}"


def _notes(ask: Globals, hit: "Hit") -> list[str]:
    notes = [ask.say("history.corrected-by", seq=seq) for seq in hit.corrected_by]
    if hit.retracted_by is not None:
        notes.append(ask.say("history.retracted-by", seq=hit.retracted_by))
    return notes
