"""The page of a summary: nothing left out, nothing loaded, every text only text."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.page_style import STYLE, policy
from ledger.exchange.plaintext import clean
from ledger.exchange.summary_html import summary_html
from ledger.exchange.summary_members import counted
from ledger.exchange.summary_text import summary_text
from ledger.tlog import canonical
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS
from tests.exchange.pages import Page, read_page
from tests.office import Office
from tests.summaries import plausible_summary, summary_of

ENGLISH = Catalogue.load("en")
# Members whose values are words of the program or hashes: said in other words.
CODED = {
    *("status", "qualifier", "kind", "how", "counted_from", "stage", "renewable"),
    *("per", "flag", "ledger", "leaf", "open", "acknowledged", "starts_with"),
    *("start_event", "basis", "course", "notice", "trigger", "type", "reading"),
}
NASTY = (
    '<script>alert(1)</script>" onload="x\' \u202egnp.exe\u2066 \x1b[31m \u05e9 A&B '
    "&lt; </style></svg></title>]]>--> http://evil.example/ {n} \x02\x03\n- entry 1"
)
TEXTS = {
    *("text", "reason", "label", "said_by", "asserted_by", "facility", "payer"),
    *("payee", "purpose", "value", "path", "book", "origin", "destination", "old"),
    *("new", "title", "url", "deciding_zone", "occurred", "ref", "made_at", "amount"),
    *("state", "currency", "checkpoint"),
}


def page_of(summary: Mapping[str, Json], catalogue: Catalogue = ENGLISH) -> Page:
    return read_page(summary_html(summary, catalogue))


@cache
def troubled() -> dict[str, Any]:
    """Return a summary in which much is open: read it, never write."""
    office = Office()
    office.instrument(
        renewal={
            "clause": "express",
            "outer_limit": "2027-06-30",
            "notice": {"lead": "P1M"},
        }
    )
    money: Json = {"amount": "4760000.00", "currency": "USD", "per": "total"}
    paper: Json = {
        "title": "A letter",
        "date": "2025-03-22",
        "url": "https://archive.example/letter?a=1&b=2",
        "sha256": "9f5b" * 16,
        "media_type": "application/pdf",
    }
    hearsay: Json = {"title": "A talk", "date": "2025-03-23"}
    words: Json = {"reading": "fixed", "length": "P1Y", "text": "por un año"}
    office.transfer(instruments=["I-1"], compensation=money, term=words)
    office.receipt("T-1", 238, refused=[{"n": 2, "reason": "not on the list"}])
    office.renewal("T-1", 100, agreed_on="2026-04-01", length="P6M")
    office.transfer(
        term={"reading": "unknown"}, persons={"n": 23, "qualifier": "about"}
    )
    office.receipt("T-2", 23)
    office.transfer(
        term={"reading": "up_to", "length": "P30D"},
        persons={"n": 1, "qualifier": "exact"},
    )
    office.transfer(persons={"n": 8, "qualifier": "exact"})
    office.receipt("T-4", 8)
    office.exit(["T-4"], 8, "2025-08-01", how="released")
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "SV",
            "persons": {"n": 4, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 4,
            "asserted_by": "US",
            "status": "official",
        },
    )
    office.exit(["T-1"], 5, "2026-05-01", how="died")
    office.exit(["T-1", "T-2"], 9, "2026-05-02", how="escaped", status="alleged")
    office.exit(["T-1", "T-2"], 10, "2026-05-03", how="unaccounted")
    office.claim(
        2, "/persons", {"n": 247, "qualifier": "at_least"}, evidence=[paper, hearsay]
    )
    office.claim(2, "/breakdown", [{"label": "men", "n": 1}], text="of two kinds")
    remark = office.remark(2, text="one\ntwo")
    settling = office.history.entries[remark.seq]
    office.remark(2, resolves=office.cite_entry(settling.seq))
    office.correct(2, {"path": "/text", "new": "as read"})
    office.retract(office.remark(2).seq)
    office.put(office.compose("remark", {"nonsense": 1}))
    office.put(office.compose("remark", {"nonsense": 2}))
    office.acknowledge(office.history.head.size - 1)
    office.payment(["T-1"], "4760000.00", restrictions=["not to others"])
    office.exit(["T-2"], 1, "2029-01-01")
    return summary_of(office, on=date(2026, 6, 1), beyond=2)


def strings(value: Json, name: str = "") -> Iterator[str]:
    """Yield every text of a summary that is to be on its page."""
    match value:
        case dict():
            for key, inner in value.items():
                if key not in CODED:
                    yield from strings(inner, key)
        case list():
            for inner in value:
                yield from strings(inner, name)
        case str():
            # Of a path, the first stroke is not shown.
            yield value.removeprefix("/") if name == "path" else value
        case _:
            pass


def listed(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of all that a summary lists."""
    for name in ("payments", "claims", "remarks", "corrections", "void"):
        yield from strings(summary[name])
    for row in summary["transfers"]:
        yield from strings({k: v for k, v in row.items() if k != "entries"})


def numbers(summary: Mapping[str, Any]) -> set[int]:
    """Return the number of every entry that a summary speaks of."""
    names = ("payments", "claims", "remarks", "corrections", "void", "late", "later")
    found = {row["seq"] for name in names for row in summary[name]}
    for row in summary["transfers"]:
        for name in ("late", "entries", "shared_exits"):
            found |= {each["seq"] for each in row[name]}
    return found


def shown(text: str) -> str:
    return " ¶ ".join(clean(line) for line in text.split("\n"))


SUMMARIES = [plausible_summary(seed) for seed in FEW_SEEDS[:6]]


@pytest.mark.parametrize("number", range(-1, len(SUMMARIES)))
def test_nothing_that_a_summary_lists_is_left_out(number: int) -> None:
    summary = troubled() if number < 0 else SUMMARIES[number]
    text = page_of(summary).text
    said = {
        int(n)
        for part in re.findall(r"entr\w+ ([\d, ]+)", text)
        for n in part.replace(",", " ").split()
    }
    flags = [
        ENGLISH.say(f"flag.{flag['flag']}", n=counted(flag, "n"), seq=flag["seq"])
        for row in summary["transfers"]
        for flag in row["open"]
    ]

    assert [each for each in listed(summary) if shown(each) not in text] == []
    assert numbers(summary) - said == set()
    assert [each for each in flags if text.count(each) < flags.count(each)] == []


def test_the_page_has_every_sentence_that_the_plain_text_has() -> None:
    keys = {
        key: {"one": f"[{key}]", "other": f"[{key}]"}
        if isinstance(sentence, Mapping)
        else f"[{key}]"
        for key, sentence in ENGLISH.sentences.items()
    }
    catalogue = Catalogue("en", keys)
    # Said as a figure with its name, or as a row: see `page.figure.*`.
    elsewhere = re.compile(
        r"summary\.(departed|arrived|surplus|held|unaccounted|balance|late|how\..*)"
    )
    for summary in [troubled(), *SUMMARIES]:
        text = re.findall(r"\[([a-z0-9._-]+)\]", summary_text(summary, catalogue))
        page = re.findall(r"\[([a-z0-9._-]+)\]", page_of(summary, catalogue).text)
        missing = {
            key
            for key in text
            if not elsewhere.fullmatch(key) and page.count(key) < text.count(key)
        }

        assert missing == set()


def test_persons_come_first_as_figures() -> None:
    page = page_of(troubled())
    text = page.text

    assert page.tags.index("dl") < page.tags.index("svg") < page.tags.index("h3")
    assert re.findall(r"<dd>([^<]+)</dd>", summary_html(troubled(), ENGLISH))[:4] == [
        "≈274",
        "273",
        "249",
        "0",
    ]
    assert text.index("unaccounted for") < text.index("The terms on a line of time")


def test_sections_come_in_their_order_under_one_first_heading() -> None:
    page = summary_html(troubled(), ENGLISH)
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)

    assert page.count("<h1>") == 1
    assert headings == [
        ENGLISH.say(key)
        for key in (
            "summary.persons",
            "page.timeline",
            "page.transfers",
            "summary.instruments",
            "summary.money",
            "summary.disputed",
            "summary.remarks",
            "summary.changed",
            "summary.later",
            "summary.worth",
            "summary.how-to-check",
            "summary.checkpoint",
        )
    ]


def test_terms_are_drawn_and_what_has_none_is_said() -> None:
    text = page_of(troubled()).text

    for words in (
        "T-1: US to SV (part 1 of 2): 136 persons, 2025-03-16 to 2026-03-15",
        "78 days past the last authorised day, by 2026-06-01",
        "16 days without authority: 2026-03-16 to 2026-03-31",
        "2026-05-01: 5 died",
        "2026-05-03: 10 of several transfers together: recorded as unaccounted for",
        "persons, from 2025-03-16, no end recorded",
        "provisional: no arrival is recorded",
        "T-4 has no bar: by the records nobody of it is in transit or held.",
        "R-1: unannounced, from SV to US: 4 persons",
    ):
        assert words in text


def test_a_summary_of_nothing_says_so() -> None:
    page = page_of(summary_of(Office()))

    assert "svg" not in page.tags
    assert page.text.count(ENGLISH.say("summary.none")) >= 2


def test_an_acknowledged_arrival_without_flags_says_both() -> None:
    office = Office(book="sv.example/book", state="SV", zone="America/El_Salvador")
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "US",
            "persons": {"n": 4, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 4,
            "facility": {"name": "CECOT", "zone": "America/El_Salvador"},
            "asserted_by": "SV",
            "status": "official",
        },
    )
    summary = summary_of(office, on=date(2025, 3, 20))
    quiet = {**summary, "transfers": [{**summary["transfers"][0], "open": []}]}

    text = page_of(quiet).text

    assert ENGLISH.say("page.acknowledged") in text
    assert ENGLISH.say("page.open-none") in text


def test_how_to_check_begins_with_the_danger_and_names_this_file() -> None:
    page = page_of(troubled())
    text, steps = page.text, page.text.index(ENGLISH.say("summary.how-to-check"))

    assert text.index(ENGLISH.say("summary.step.forged"), steps) < text.index(
        ENGLISH.say("summary.step.telephone"), steps
    )
    assert "-s summary.en.html.sig < summary.en.html" in text
    assert "-s summary.json.sig < summary.json" in text


def test_no_fingerprint_and_no_key_is_printed_as_if_it_were_true() -> None:
    text = page_of(troubled()).text

    assert re.search(r"SHA256:[A-Za-z0-9+/]{43}", text) is None
    assert troubled()["books"][0]["log_keys"][0] not in text
    assert all(line in text for line in troubled()["books"][0]["checkpoint"])


def test_the_policy_lets_in_the_one_style_sheet_and_nothing_else() -> None:
    page = page_of(troubled())
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    metas = [named for tag, named in page.elements if tag == "meta"]

    assert page.tags.count("style") == 1
    assert page.style == STYLE
    assert metas[0] == {"charset": "utf-8"}
    assert metas[1]["content"] == policy()
    assert policy() == (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert re.search(r"url\(|@import|@font-face|http", STYLE) is None


def test_the_page_says_its_language() -> None:
    other = Catalogue("es", ENGLISH.sentences)

    assert page_of(troubled()).elements[0] == ("html", {"lang": "en"})
    assert page_of(troubled(), other).elements[0] == ("html", {"lang": "es"})
    assert "summary.es.html.sig" in page_of(troubled(), other).text


def test_equal_summaries_are_equal_pages() -> None:
    read_again = json.loads(canonical.encode(troubled()))

    assert summary_html(read_again, ENGLISH) == summary_html(troubled(), ENGLISH)


def replaced(value: Any, by: str, name: str = "") -> Any:
    """Return a summary in which every text that somebody typed is another."""
    match value:
        case dict():
            return {key: replaced(inner, by, key) for key, inner in value.items()}
        case list():
            return [replaced(inner, by, name) for inner in value]
        case str() if name in TEXTS:
            return by
        case _:
            return value


def outline(page: Page) -> list[str]:
    """Return the elements of a page, but for those that a text may well change.

    A long label takes lines of a drawing, and a long drawing is continued in another.
    """
    drawn = ("svg", "title", "desc", "defs", "pattern", "path", "rect", "text")
    return [tag for tag in page.tags if tag not in ("bdi", "time", *drawn)]


def test_a_hostile_text_is_shown_and_changes_nothing() -> None:
    page = page_of(replaced(troubled(), NASTY))

    assert outline(page) == outline(page_of(troubled()))
    assert '<script>alert(1)</script>" onload="x\' \\u202egnp.exe\\u2066' in page.text
    assert page.style == STYLE


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_ever_markup_or_moves_what_is_around_it(text: str) -> None:
    made = summary_html(replaced(troubled(), text), ENGLISH)

    assert outline(read_page(made)) == outline(page_of(troubled()))
    assert clean(made, lines=True) == made
    assert shown(text) in read_page(made).text


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear: list[float] = [((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_is_dark_enough_on_white_and_large_enough_on_paper() -> None:
    colours = re.findall(r"[ {]color: (#\w+)", STYLE)
    printed = STYLE[STYLE.index("@media print") :]

    assert len(colours) >= 3
    assert all(1.05 / (luminance(colour) + 0.05) >= 7 for colour in colours)
    assert all(
        float(size) >= 10 for size in re.findall(r"font-size: ([\d.]+)pt", printed)
    )
