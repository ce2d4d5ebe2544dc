"""`conflicts`: rival values side by side, and what counts for nothing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.asked import KnownOn, On, complete_under, day, known, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Cell, Column, Table, is_drawn, show_json, show_table, talk

if TYPE_CHECKING:
    from ledger.domain.forms import Evidence
    from ledger.domain.rivals import Conflict, Rival, Source, Uncounted
    from ledger.tlog.canonical import Json

NAMES = (
    "ref",
    "entry",
    "path",
    "what",
    "value",
    "asserted_by",
    "status",
    "day",
    "source",
    "adopted",
)


def conflicts(
    ask: Globals,
    name: Annotated[
        str | None, typer.Argument(help="argument.conflicts", metavar="REF|ENTRY")
    ] = None,
    *,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Show what is disputed in the book."""
    from ledger.register.contesting import contested  # noqa: PLC0415 - start-up

    as_known = known(known_on)
    with read_book(ask, known_on=as_known) as register:
        found = contested(register, name, on=day(ask, on))
        book = register.journal.book.name
    ask = ask.over(found.books)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/conflicts/1",
                "book": book,
                "on": found.on.isoformat(),
                "known_on": known_text(as_known),
                "conflicts": [_conflict(each) for each in found.conflicts],
                "uncounted": [_uncounted(each) for each in found.uncounted],
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    rows = [row for each in found.conflicts for row in _rows(ask, each)]
    rows += [_row(ask, each) for each in found.uncounted]
    show_table(ask, Table([Column(name) for name in NAMES], rows))
    on_day = found.on.isoformat()
    if found.conflicts or not found.uncounted:
        key = "answer.conflicts" if found.conflicts else "answer.none-conflicts"
        talk(ask, key, n=len(found.conflicts), on=on_day)
    if found.uncounted:
        talk(ask, "answer.uncounted", n=len(found.uncounted), on=on_day)
    complete_under(ask, found.heads, known_on=as_known)


def _conflict(found: "Conflict") -> answers.Object:
    return {
        "entry": found.source.seq,
        "refs": list(found.refs),
        "path": found.path,
        "book_value": found.present,
        "signed_value": found.signed,
        **_source(found.source),
        "corrected_by": list(found.corrected_by),
        "claims": [
            {
                "seq": rival.source.seq,
                "value": rival.value,
                **_source(rival.source),
                "agrees": rival.agrees,
                "adopted": rival.adopted_by is not None,
                "adopted_by": rival.adopted_by,
            }
            for rival in found.rivals
        ],
    }


def _uncounted(found: "Uncounted") -> answers.Object:
    return {
        "seq": found.source.seq,
        "kind": found.kind,
        "refs": list(found.refs),
        **_source(found.source),
        "data": dict(found.data),
    }


def _source(source: "Source") -> answers.Object:
    from ledger.domain.schemas import data_of  # noqa: PLC0415 - start-up

    return {
        "asserted_by": source.asserted_by,
        "status": source.status,
        "day": source.day,
        "evidence": [data_of(each) for each in source.evidence],
    }


def _rows(ask: Globals, found: "Conflict") -> Iterator[list[Cell]]:
    yield [
        _about(found.refs),
        found.source.seq,
        found.path,
        _word(ask, "book"),
        _text(ask, found.path, found.present),
        *_said(ask, found.source),
        None,
    ]
    for rival in found.rivals:
        yield [
            _about(found.refs),
            rival.source.seq,
            found.path,
            _word(ask, "claim"),
            _text(ask, found.path, rival.value),
            *_said(ask, rival.source),
            _word(ask, _standing(rival)),
        ]


def _about(refs: Iterable[str]) -> str:
    """Return the transfers of an entry; the instruments where it is about no other."""
    names = list(refs)
    return " ".join([ref for ref in names if ref[0] in "TR"] or names)


def _standing(rival: "Rival") -> str:
    if rival.adopted_by is not None:
        return "yes"
    return "agrees" if rival.agrees else "no"


def _row(ask: Globals, found: "Uncounted") -> list[Cell]:
    kind = ask.say(f"kind.{found.kind}") if is_drawn(ask) else found.kind
    refs = _about(found.refs)
    said = _said(ask, found.source)
    nothing = _word(ask, "uncounted")
    return [refs, found.source.seq, None, nothing, kind, *said, None]


def _said(ask: Globals, source: "Source") -> list[Cell]:
    status = source.status
    if is_drawn(ask):
        status = ask.say(f"summary.word.{status}")
    documents = "; ".join(_document(each) for each in source.evidence)
    return [source.asserted_by, status, source.day, documents]


def _document(evidence: "Evidence") -> str:
    day = evidence.date.isoformat()
    found = f"{evidence.title}, {day}"
    return found if evidence.url is None else f"{found}, {evidence.url}"


def _text(ask: Globals, path: str, value: "Json | None") -> str | None:
    from ledger.cli import words  # noqa: PLC0415 - start-up

    member = path.rpartition("/")[2]
    return None if value is None else words.value(ask, member, value)


def _word(ask: Globals, word: str) -> str:
    return ask.say(f"conflicts.{word}") if is_drawn(ask) else word
