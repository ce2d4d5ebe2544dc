"""Terms of custody, one row each, and the same in words.

What a drawing (`ledger.exchange.timeline_svg`) shows is all here, for whoever does not
see it: nothing is said by a line alone.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from ledger.domain.values import SIGNS, Qualifier
from ledger.exchange.markup import Html, element, joined, text, timed
from ledger.exchange.time_words import Say, days_words, is_month, time_words

_SHORT = 12
# How far a drawing reaches, at most: a term to 9999 would leave no room for others.
_YEARS_BEFORE, _YEARS_AFTER = 12, 3


class Gap(Struct, frozen=True):
    """Days without authority between two periods, both inclusive."""

    first: date
    last: date


class Tick(Struct, frozen=True):
    """Something that happened on a day, such as an exit, in words.

    Attributes:
        day: The day that is counted.
        words: What happened.
        said: The time as recorded, such as a month; empty where it is the day.
    """

    day: date
    words: str
    said: str = ""


class Bar(Struct, frozen=True):
    """One term: persons of one transfer who share it.

    Attributes:
        label: What it is the term of.
        start: First day.
        last_day: Last authorised day, inclusive; None where none is recorded.
        persons_min: The fewest that it can be.
        persons_max: The most.
        qualifier: How exact they are.
        provisional: Counted from the departure: no arrival is recorded.
        over_until: The day to which they were held past the last authorised day.
        emptied: Nobody is left in it since that day; the persons are the last ones.
        gaps: Days without authority, where it is known which.
        gap_days: How many days without authority, where it is not known which.
        ticks: What happened, by day.
        start_known: The event that begins the term is recorded.
        start_latest: The last day on which it can have begun, where only its month is
            recorded.
    """

    label: str
    start: date
    last_day: date | None
    persons_min: int
    persons_max: int
    provisional: bool = False
    over_until: date | None = None
    gaps: tuple[Gap, ...] = ()
    gap_days: int = 0
    ticks: tuple[Tick, ...] = ()
    start_known: bool = True
    start_latest: date | None = None
    emptied: bool = False

    def first_day(self, say: Say) -> str:
        """Return the first day, or what is known of it."""
        if not self.start_known:
            return say("time.not-recorded")
        latest = self.start_latest or self.start
        return days_words(self.start.isoformat(), latest.isoformat(), say)

    qualifier: Qualifier = "exact"

    @property
    def persons(self) -> str:
        """Return how many, as one number or as two bounds."""
        if self.persons_min == self.persons_max:
            return f"{SIGNS[self.qualifier]}{self.persons_min}"
        least = f"{SIGNS[self.qualifier]}{self.persons_min}"
        return f"{least}–{self.persons_max}"  # noqa: RUF001 (a range)


def timeline_table(rows: Sequence[Bar], *, say: Say) -> Html:
    """Return the same as a table: everything that the drawings show, in words."""
    words = [list(bar_words(bar, say)) for bar in rows]
    columns = {"transfer": "text", "persons": "number"}
    columns |= {"first-day": "day", "last-day": "day"}
    remarked = any(words)
    if remarked:
        columns["remark"] = "text"
    heads = (
        element("th", text(say(f"page.column.{name}")), scope="col", class_=kind)
        for name, kind in columns.items()
    )
    body = []
    for bar, said in zip(rows, words, strict=True):
        cells = [
            element("th", text(bar.label), scope="row"),
            element("td", text(bar.persons), class_="number"),
            element("td", text(bar.first_day(say)), class_="day"),
            element("td", text(_last_day(bar, say)), class_="day"),
        ]
        if remarked:
            items = [element("li", timed(word)) for word in said]
            cells.append(element("td", element("ul", *items) if said else text("")))
        body.append(element("tr", *cells))
    return element(
        "table",
        element("caption", text(say("page.timeline.table"))),
        element("thead", element("tr", *heads)),
        element("tbody", joined(body)),
        # A short table is kept on one printed page; a long one repeats its head.
        class_="terms keep" if len(rows) <= _SHORT else "terms",
    )


def _last_day(bar: Bar, say: Say) -> str:
    return say("page.none") if bar.last_day is None else bar.last_day.isoformat()


def bar_words(bar: Bar, say: Say) -> Iterator[str]:
    """Yield what there is to say of a bar beside its days and persons."""
    if not bar.start_known:
        yield say("page.bar.start-unknown", day=bar.start.isoformat())
    elif bar.start_latest is not None:
        yield say("page.bar.start-month", day=bar.start.isoformat())
    if bar.last_day is None:
        yield say("page.bar.no-end")
    if bar.provisional:
        yield say("page.bar.provisional")
    if bar.over_until is not None and bar.last_day is not None:
        days = (bar.over_until - bar.last_day).days
        kind = "page.bar.over-emptied" if bar.emptied else "page.bar.over"
        yield say(kind, n=days, day=bar.over_until.isoformat())
    for gap in bar.gaps:
        days = (gap.last - gap.first).days + 1
        first, last = gap.first.isoformat(), gap.last.isoformat()
        yield say("page.bar.gap", n=days, first=first, last=last)
    if bar.gap_days:
        yield say("page.bar.gap-days", n=bar.gap_days)
    for tick in bar.ticks:
        day = (
            time_words(tick.said, say) if is_month(tick.said) else tick.day.isoformat()
        )
        yield say("page.bar.tick", day=day, words=tick.words)


class Scale(Struct, frozen=True):
    """The days that a drawing shows, as ordinals: from one, to before the other."""

    first: int
    end: int

    def share(self, ordinal: int) -> float:
        """Return where a day begins, from 0 to 1; what is not shown is on the edge."""
        inside = min(max(ordinal, self.first), self.end)
        return (inside - self.first) / (self.end - self.first)


def ends(bar: Bar, on: date) -> list[date]:
    """Return the days up to which a bar has something to show."""
    return [
        bar.start,
        bar.last_day or on,
        bar.over_until or bar.start,
        *(gap.last for gap in bar.gaps),
        *(tick.day for tick in bar.ticks),
    ]


def scale_of(rows: Sequence[Bar], *, on: date) -> Scale:
    """Return the days that are shown: all, but for what is many years away."""
    before, after = _YEARS_BEFORE * 366, _YEARS_AFTER * 366
    today = on.toordinal()
    first = min([today, *(bar.start.toordinal() for bar in rows)])
    last = max([today, *(d.toordinal() for bar in rows for d in ends(bar, on))])
    return Scale(max(first, today - before), min(last, today + after) + 1)


def cut_words(bar: Bar, scale: Scale, *, on: date, say: Say) -> Iterator[str]:
    """Yield that a bar goes on beyond what is drawn, where it does."""
    if bar.start.toordinal() < scale.first:
        day = date.fromordinal(scale.first).isoformat()
        yield say("page.bar.cut-before", day=day)
    if max(ends(bar, on)).toordinal() >= scale.end:
        day = date.fromordinal(scale.end - 1).isoformat()
        yield say("page.bar.cut-after", day=day)
