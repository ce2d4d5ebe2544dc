"""A summary as one HTML page: it loads nothing, runs nothing, and prints.

The same content and the same sentences as the plain text (`summary.*` of the
catalogue), with a drawing of the terms, and with what else the entries say: their
sources and remarks. Nothing that is open, disputed, void or late is left out. The
page does not print the fingerprint that it is to be checked against.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.markup import Html, element, joined, text, void
from ledger.exchange.page_style import STYLE, policy
from ledger.exchange.sshsig import NAMESPACE
from ledger.exchange.summary_bars import bars
from ledger.exchange.summary_entries import (
    changes,
    claims,
    instruments,
    late,
    other_days,
    payments,
    remarks,
)
from ledger.exchange.summary_lines import (
    heading,
    left,
    money,
    quoted,
    recorded,
    term,
    who,
)
from ledger.exchange.summary_members import (
    bounds,
    counted,
    figure,
    mapping,
    number,
    rows,
    word,
)
from ledger.exchange.summary_parts import Words, unordered
from ledger.exchange.time_words import Sentence
from ledger.exchange.timeline import timeline_table
from ledger.exchange.timeline_svg import timeline_svg
from ledger.tlog.canonical import Json


def summary_html(summary: Mapping[str, Json], catalogue: Catalogue) -> str:
    """Return the page of a summary in one language."""
    say = Words(catalogue)
    (book,) = rows(summary, "books")
    title = say.plain("page.title", book=word(book, "book"), on=word(summary, "on"))
    head = (
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy()),
        void(
            "meta",
            name="viewport",
            content="width=device-width, initial-scale=1",
        ),
        element("title", text(title)),
        element("style", Html(STYLE)),
    )
    main = (
        _front(say, summary, book),
        _persons(say, mapping(summary["totals"])),
        _timeline(say, summary, state=word(book, "state")),
        _transfers(say, summary, state=word(book, "state")),
        _section(say, "summary.instruments", instruments(say, summary)),
        _section(say, "summary.money", payments(say, summary)),
        _section(say, "summary.disputed", claims(say, summary)),
        _section(say, "summary.remarks", remarks(say, summary)),
        _section(say, "summary.changed", changes(say, summary)),
        *other_days(say, summary),
        _worth(say),
        _steps(say),
        _checkpoint(say, book),
    )
    page = element(
        "html",
        element("head", joined(head)),
        element("body", element("main", joined(main))),
        lang=say.language,
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _front(say: Words, summary: Mapping[str, Json], book: Mapping[str, Json]) -> Html:
    lines = [
        say.item("summary.on", on=word(summary, "on")),
        *_known(say, summary),
        say.item("summary.made-at", at=word(summary, "made_at")),
        say.item("page.kept-by", state=word(book, "state")),
        say.item("summary.covers", n=number(book, "entries")),
    ]
    beyond = number(book, "entries_beyond_checkpoint")
    if beyond:
        lines.append(say.item("summary.beyond", n=beyond))
    whole = mapping(summary["scope"])["whole"]
    lines.append(say.item("summary.whole" if whole else "summary.chosen"))
    lines.append(say.item("summary.not-cosigned"))
    where = element("a", say.say("page.check-where"), href="#check")
    return element(
        "header",
        element("h1", say.say("summary.title", book=word(book, "book"))),
        unordered(lines),
        element("p", say.say("page.check-first"), text(" "), where, class_="first"),
    )


def _known(say: Words, summary: Mapping[str, Json]) -> Iterator[Html]:
    """Yield that it tells what was known on an earlier day, if it does."""
    if "known_on" in summary:
        n, day = number(summary, "known_entries"), word(summary, "known_on")
        yield say.item("summary.known-on", n=n, day=day)


def _section(say: Words, key: str, items: Iterable[Html]) -> Html:
    """Return a list under its heading; an empty list says that it is empty."""
    found = list(items) or [say.item("summary.none")]
    return element("section", element("h2", say.say(key)), unordered(found))


def _persons(say: Words, totals: Mapping[str, Json]) -> Html:
    figures = [
        ("departed", figure(totals, "departed")),
        ("arrived", figure(totals, "arrived")),
        ("in-transit-or-held", bounds(totals, "in_transit_or_held")),
        ("unaccounted", figure(totals, "unaccounted")),
    ]
    if number(totals, "surplus"):
        figures.insert(2, ("surplus", figure(totals, "surplus")))
    return element(
        "section",
        element("h2", say.say("summary.persons")),
        _figures(say, [*figures, *_exits(totals)], "figures"),
        unordered(_shared(say, totals)),
    )


def _exits(holder: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for row in rows(holder, "exits"):
        yield f"how.{word(row, 'how')}", figure(row, "persons")


def _shared(say: Words, holder: Mapping[str, Json]) -> Iterator[Html]:
    for row in rows(holder, "shared_exits"):
        key = f"summary.shared.{word(row, 'how')}"
        yield say.item(key, n=counted(row, "persons"), seq=number(row, "seq"))


def _timeline(say: Words, summary: Mapping[str, Json], *, state: str) -> Html:
    on = date.fromisoformat(word(summary, "on"))
    transfers = rows(summary, "transfers")
    found = [bar for row in transfers for bar in bars(say, row, on=on, state=state)]
    drawn = (
        (
            _scroll(say, timeline_svg(found, on=on, say=say.plain)),
            _scroll(say, timeline_table(found, say=say.plain)),
        )
        if found
        else ()
    )
    nobody = [
        say.item("page.timeline.nobody", ref=word(row, "ref"))
        for row in transfers
        if not rows(row, "terms")
    ]
    none = () if transfers else (say.paragraph("summary.none"),)
    return element(
        "section",
        element("h2", say.say("page.timeline")),
        *drawn,
        unordered(nobody),
        *none,
    )


def _scroll(say: Words, wide: Html) -> Html:
    """Return what scrolls by itself on a small screen, with the keyboard too."""
    name = say.plain("page.timeline")
    about = {"role": "region", "aria_label": name, "tabindex": "0"}
    return element("div", wide, class_="scroll", **about)


def _transfers(say: Words, summary: Mapping[str, Json], *, state: str) -> Html:
    found = [_transfer(say, row, state=state) for row in rows(summary, "transfers")]
    return element(
        "section",
        element("h2", say.say("page.transfers")),
        joined(found or [say.paragraph("summary.none")]),
    )


def _items(say: Words, sentences: Iterable[Sentence]) -> Iterator[Html]:
    """Yield sentences as items of a list."""
    for key, values in sentences:
        yield say.item(key, **values)


def _transfer(say: Words, row: Mapping[str, Json], *, state: str) -> Html:
    key, values = heading(row, state=state, say=say)
    flags = [
        say.item(
            f"flag.{word(flag, 'flag')}", n=counted(flag, "n"), seq=number(flag, "seq")
        )
        for flag in rows(row, "open")
    ]
    delays = list(late(say, row))
    seqs = [word(entry, "seq") for entry in rows(row, "entries")]
    entries = say.paragraph("summary.entries", seqs=", ".join(seqs), n=len(seqs))
    gone = list(_items(say, left(row, say)))
    return element(
        "section",
        element("h3", say.say(key, **values)),
        unordered(_items(say, who(row))),
        unordered([*_items(say, recorded(row, say)), *_sources(say, row)], "beside"),
        element("h4", say.say("page.terms")),
        unordered(_terms(say, row)),
        _balance(say, row),
        unordered(_shared(say, row)),
        *(
            [_keep(element("h4", say.say("page.left")), unordered(gone))]
            if gone
            else []
        ),
        _keep(
            element("h4", say.say("page.open")),
            unordered(flags, "open") if flags else say.paragraph("page.open-none"),
        ),
        *(
            [_keep(element("h4", say.say("page.late")), unordered(delays, "late"))]
            if delays
            else []
        ),
        entries,
    )


def _sources(say: Words, row: Mapping[str, Json]) -> Iterator[Html]:
    yield from say.sources(mapping(row["recorded"]))


def _keep(*parts: Html) -> Html:
    """Return what a printed page keeps together, if it can."""
    return element("div", *parts, class_="keep")


def _balance(say: Words, row: Mapping[str, Json]) -> Html:
    figures = [
        ("departed", figure(row, "departed")),
        ("surplus", figure(row, "surplus")),
        ("arrived", figure(row, "arrived")),
        ("in-transit", bounds(row, "in_transit")),
        ("held", bounds(row, "held")),
        ("unaccounted", figure(row, "unaccounted")),
        *_exits(row),
    ]
    heading = element("h4", say.say("page.balance"))
    return _keep(heading, _figures(say, figures, "balance"))


def _figures(say: Words, figures: Iterable[tuple[str, str]], class_: str) -> Html:
    """Return numbers, each with what it counts."""
    cells = [
        element(
            "div",
            element("dt", say.say(f"page.figure.{name}")),
            element("dd", text(value)),
        )
        for name, value in figures
    ]
    return element("dl", joined(cells), class_=class_)


def _terms(say: Words, row: Mapping[str, Json]) -> Iterator[Html]:
    """Yield the words of the term, how each part is counted, and what is paid."""
    yield from _items(say, quoted(row, say))
    terms = rows(row, "terms")
    for part, each in enumerate(terms, start=1):
        items = _items(say, term(row, each, say))
        if len(terms) == 1:
            yield from items
        else:
            first = say.say("page.part", part=part, parts=len(terms))
            yield element("li", first, unordered(items), class_="long")
    yield from _items(say, money(row, say))


def _worth(say: Words) -> Html:
    """Say what this proves, and what rests on whom."""
    return element(
        "section",
        element("h2", say.say("summary.worth")),
        unordered(
            say.item(key)
            for key in (
                "summary.proves",
                "summary.rests-signer",
                "summary.rests-nobody",
                "summary.statuses",
            )
        ),
        class_="worth",
    )


def _steps(say: Words) -> Html:
    """Say how it is checked: by hand, and not by these words alone."""
    commands = "\n".join(
        f"ssh-keygen -Y check-novalidate -n {NAMESPACE} \\\n  -s {name}.sig < {name}"
        for name in (f"summary.{say.language}.html", "summary.json")
    )
    steps = (
        element("li", element("strong", say.say("summary.step.forged"))),
        say.item("summary.step.telephone"),
        element(
            "li",
            say.say("summary.step.fingerprint"),
            say.paragraph("page.no-fingerprint"),
        ),
        element("li", say.say("summary.step.command"), _lines(commands.split("\n"))),
        say.item("summary.step.good"),
        say.item("summary.step.json"),
    )
    heading = element("h2", say.say("summary.how-to-check"), id="check")
    return element("section", heading, element("ol", joined(steps)), class_="check")


def _checkpoint(say: Words, book: Mapping[str, Json]) -> Html:
    lines = book["checkpoint"]
    found = [str(line) for line in lines] if isinstance(lines, list) else []
    heading = element("h2", say.say("summary.checkpoint"))
    return element("section", heading, _lines(found))


def _lines(lines: Iterable[str]) -> Html:
    """Return lines as they are, such as commands."""
    return element("pre", joined(text(line) for line in lines))
