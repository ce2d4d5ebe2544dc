"""The bars of the page of a summary: one for each term of a transfer."""

from collections.abc import Iterator, Mapping
from datetime import date

from ledger.exchange.summary_members import counted, number, rows, said, texts, word
from ledger.exchange.summary_parts import Words
from ledger.exchange.timeline import Bar, Gap, Tick
from ledger.tlog.canonical import Json


def bars(say: Words, row: Mapping[str, Json], *, on: date, state: str) -> Iterator[Bar]:
    """Yield the bars of a transfer: its terms, and those that were left late and empty.

    They are those that `timeline` draws, in the same order.

    Args:
        say: The sentences.
        row: The row of the transfer.
        on: The day of the summary.
        state: The state that keeps the book: who came unannounced came there.
    """
    terms = sorted([*rows(row, "terms"), *rows(row, "emptied")], key=_by_end)
    kind = "transfer" if "destination" in row else "arrival"
    key = f"page.bar.{kind}" if len(terms) == 1 else f"page.bar.{kind}-part"
    for part, each in enumerate(terms, start=1):
        last, latest = word(each, "authorised_until"), word(each, "start_latest")
        until = word(each, "held_until")
        over = on if "days_over" in each else None
        yield Bar(
            label=say.plain(
                key,
                ref=word(row, "ref"),
                origin=word(row, "origin"),
                destination=word(row, "destination") or state,
                part=part,
                parts=len(terms),
            ),
            start=date.fromisoformat(word(each, "start")),
            start_known="start_event" in each,
            start_latest=date.fromisoformat(latest) if latest else None,
            last_day=date.fromisoformat(last) if last else None,
            persons_min=number(each, "persons_min"),
            persons_max=number(each, "persons_max"),
            qualifier=said(each, "persons"),
            provisional=each["provisional"] is True,
            over_until=date.fromisoformat(until) if until else over,
            emptied=bool(until),
            gaps=tuple(
                Gap(
                    first=date.fromisoformat(word(gap, "first")),
                    last=date.fromisoformat(word(gap, "last")),
                )
                for gap in rows(each, "gaps")
            ),
            # Nobody says which term they were of who left.
            ticks=tuple(_ticks(say, row)) if part == 1 else (),
        )


def _by_end(part: Mapping[str, Json]) -> tuple[bool, str, str]:
    last = word(part, "authorised_until")
    return not last, last, word(part, "start")


def _ticks(say: Words, row: Mapping[str, Json]) -> Iterator[Tick]:
    for gone in rows(row, "left"):
        several = len(texts(gone, "transfers")) > 1
        how = say.plain(f"page.figure.how.{word(gone, 'how')}")
        key = "timeline.left-shared" if several else "timeline.left"
        yield Tick(
            day=date.fromisoformat(word(gone, "day")),
            words=say.plain(key, n=counted(gone, "persons"), how=how),
            said=word(gone, "said"),
        )
