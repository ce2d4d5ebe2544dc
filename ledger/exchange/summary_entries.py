"""The entries of a summary as items of a page: money, claims, remarks, changes.

Each is a sentence of the catalogue with what else the entry says under it.
"""

from collections.abc import Iterator, Mapping

from ledger.exchange.markup import Html, element
from ledger.exchange.summary_lines import (
    OF_CLAIM,
    OF_INSTRUMENT,
    OF_PAYMENT,
    OF_REMARK,
    OF_UNCOUNTED,
    OF_VOID,
    instrument,
)
from ledger.exchange.summary_members import last, mapping, number, rows, word
from ledger.exchange.summary_parts import Words, unordered
from ledger.exchange.time_words import time_words
from ledger.tlog.canonical import Json


def late(say: Words, holder: Mapping[str, Json]) -> Iterator[Html]:
    """Yield how many days after its event each entry was recorded."""
    for row in rows(holder, "late"):
        yield say.item("page.late-entry", seq=number(row, "seq"), n=number(row, "days"))


def payments(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield the money promised or moved, an item each."""
    for row in rows(summary, "payments"):
        first = say.say(
            f"summary.stage.{word(row, 'stage')}",
            amount=f"{word(row, 'amount')} {word(row, 'currency')}",
            payer=word(row, "payer"),
            payee=word(row, "payee"),
            day=time_words(word(row, "occurred"), say.plain),
            status=say.plain(f"summary.word.{word(row, 'status')}"),
            author=word(row, "asserted_by"),
            seq=number(row, "seq"),
        )
        yield say.record(first, row, told=OF_PAYMENT)


def instruments(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield the stages of the instruments that count, an item each."""
    for row in rows(summary, "instruments"):
        key, values = instrument(row, say)
        yield say.record(say.say(key, **values), row, told=OF_INSTRUMENT)


def claims(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield rival values, and what is only alleged or disputed."""
    for row in rows(summary, "claims"):
        status, author = word(row, "status"), word(row, "asserted_by")
        seq = number(row, "seq")
        if "target" in row:
            first = say.say(
                f"summary.claim.{status}",
                author=author,
                path=word(row, "path").removeprefix("/"),
                value=say.said(row["value"], member=last(word(row, "path"))),
                target=number(mapping(row["target"]), "seq"),
                seq=seq,
            )
            yield say.record(first, row, told=OF_CLAIM)
        else:
            what = {k: v for k, v in row.items() if k not in OF_UNCOUNTED}
            first = say.say(
                f"summary.uncounted.{status}",
                author=author,
                kind=say.plain(f"kind.{word(row, 'kind')}"),
                what=say.said(what),
                seq=seq,
            )
            yield say.record(first, {"evidence": row.get("evidence", [])}, told=())


def remarks(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield the remarks, each with whether it is settled."""
    for row in rows(summary, "remarks"):
        seq = number(row, "seq")
        first = say.say(
            f"summary.remark.{word(row, 'status')}",
            author=word(row, "asserted_by"),
            text=word(row, "text"),
            seq=seq,
        )
        yield say.record(first, row, told=OF_REMARK)
        if not row["open"]:
            yield say.item("summary.remark-settled", seq=seq)


def changes(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield corrections, retractions and void entries."""
    for row in rows(summary, "corrections"):
        first = say.say(
            f"summary.change.{word(row, 'kind')}",
            seq=number(row, "seq"),
            target=number(row, "target"),
            reason=word(row, "reason"),
        )
        yield element("li", first, unordered(_changed(say, row), "beside"))
    for row in rows(summary, "void"):
        known = "acknowledged" if row["acknowledged"] else "open"
        first = say.say(f"summary.void.{known}", seq=number(row, "seq"))
        yield say.record(first, row, told=OF_VOID)


def _changed(say: Words, row: Mapping[str, Json]) -> Iterator[Html]:
    for change in rows(row, "changes"):
        member = last(word(change, "path"))
        old, new = (
            say.said(change[name], member=member)
            if name in change
            else say.plain("summary.unknown")
            for name in ("old", "new")
        )
        path = word(change, "path").removeprefix("/")
        yield say.item("summary.changed-member", path=path, old=old, new=new)


def other_days(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield what was recorded late beside the transfers, and what happened later."""
    found = list(late(say, summary))
    if found:
        heading = element("h2", say.say("summary.late-others"))
        what = say.paragraph("page.late")
        yield element("section", heading, what, unordered(found, "late"))
    later = [
        say.item(
            "summary.later-entry",
            seq=number(row, "seq"),
            kind=say.plain(f"kind.{word(row, 'kind')}"),
        )
        for row in rows(summary, "later")
    ]
    if later:
        heading = element("h2", say.say("summary.later"))
        what = say.paragraph("summary.later-what")
        yield element("section", heading, what, unordered(later))
