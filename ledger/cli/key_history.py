"""What a key has signed, and how it stands: `history --key`."""

from datetime import date
from typing import TYPE_CHECKING

from ledger.cli import answers
from ledger.cli.asked import complete_under, known_text
from ledger.cli.options import Globals
from ledger.cli.reading import read_book
from ledger.cli.render import Column, Table, is_drawn, show_json, show_table, talk

if TYPE_CHECKING:
    from ledger.domain.keyring import Standing
    from ledger.domain.suspicion import Suspicion
    from ledger.register.enrolling import KeyHistory, Signed

NAMES = ("seq", "at", "kind", "refs", "fingerprint", "suspect_since", "confirmed_by")


def show_key(ask: Globals, name: str, *, known_on: date | None) -> None:
    """Show every entry that keys of a name signed, and how each key stands."""
    from ledger.register.enrolling import key_history  # noqa: PLC0415 - start-up

    with read_book(ask, known_on=known_on) as register:
        found = key_history(register, name)
        own = register.journal.book.name
    rows = [_line(line) for line in found.lines]
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/key-history/1",
                "book": found.book,
                "key": found.name,
                "known_on": known_text(known_on),
                "standings": [standing_object(s) for s in found.standings],
                "entries": rows,
                "complete_under": answers.heads(found.heads),
            },
        )
        return
    _show(ask, found, rows, own=own)
    complete_under(ask, found.heads, known_on=known_on)


def standing_object(standing: "Standing") -> answers.Object:
    """Return how a key stands, as `key list` and `history --key` say it."""
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up

    suspect = standing.suspect_from
    state = "revoked" if standing.revoked else "retired"
    return {
        "name": standing.key.name,
        "role": standing.role,
        "state": "active" if standing.until is None else state,
        "since": standing.since,
        "until": standing.until,
        "suspect_from": None if suspect is None else suspect.isoformat(),
        "fingerprint": fingerprint(standing.key.public),
        "vkey": standing.key.format(),
    }


def doubt_note(ask: Globals, doubt: "Suspicion") -> str:
    """Return that an entry is in doubt, or who has vouched for it."""
    if doubt.confirmed_by is not None:
        return ask.say("history.confirmed-by", seq=doubt.confirmed_by)
    return ask.say(
        "history.suspect",
        key=doubt.key,
        day=doubt.since.isoformat(),
        seq=doubt.revoked_by,
    )


def _line(line: "Signed") -> answers.Object:
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    doubt = line.doubt
    return {
        "seq": line.entry.seq,
        "at": format_instant(line.entry.at),
        "kind": line.entry.kind,
        "refs": list(line.refs),
        "fingerprint": fingerprint(line.standing.key.public),
        "suspect_since": None if doubt is None else doubt.since.isoformat(),
        "confirmed_by": None if doubt is None else doubt.confirmed_by,
    }


def _show(
    ask: Globals, found: "KeyHistory", rows: list[answers.Object], *, own: str
) -> None:
    from ledger.exchange.entry_sentence import (  # noqa: PLC0415 - start-up
        entry_sentence,
    )

    if is_drawn(ask):
        columns = (
            Column("entry", "right"),
            Column("recorded_at"),
            Column("said"),
            Column("flags"),
        )
        lines = [
            (
                row["seq"],
                row["at"],
                entry_sentence(line.entry, ask.say),
                "" if line.doubt is None else doubt_note(ask, line.doubt),
            )
            for row, line in zip(rows, found.lines, strict=True)
        ]
        show_table(ask, Table(columns, lines))
    else:
        cells = [answers.cells(row, NAMES) for row in rows]
        show_table(ask, Table([Column(name) for name in NAMES], cells))
    talk(ask, "answer.history-key", n=len(rows), key=found.name)
    if found.book != own:
        talk(ask, "key.of-a-peer", book=found.book)
    for standing in found.standings:
        said = standing_object(standing)
        key = f"key.stands-{said['state']}"
        if standing.suspect_from is not None:
            key = "key.stands-suspect"
        talk(
            ask,
            key,
            role=ask.say(f"role.{standing.role}"),
            since=said["since"],
            until=said["until"] or 0,
            day=said["suspect_from"] or "",
            fingerprint=said["fingerprint"],
        )
