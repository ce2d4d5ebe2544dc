"""The law: what `show --json` says of a thing, its text says too.

Every value of the JSON is looked for in the table on a terminal and in the one in a
pipe; what is said in other words, or on purpose not at all, is named here with why.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.code_words import code_word
from tests.cli.desk import RECEIVE, RECORD, Desk, answer

# Members that a table has no value of, and why.
ELSEWHERE = {
    "schema": "a word of the program",
    "what": "a word of the program",
    "book": "said below the table, with the head",
    "known_on": "said below the table",
    "complete_under": "said below the table",
    "entries": "one line an entry; all that it says: show ENTRY",
    "leaf": "of a citation: its number is there",
    "ledger": "of a citation: its number is there",
    "transfers": "of an exit: the references, in another form",
    "claims": "author, path and value are there; the rest: show ENTRY",
    "remarks": "author and text are there; the rest: show ENTRY",
    "payments": "the sum, who, when and on whose word are there; the rest: show ENTRY",
    "data": "walked apart",
    "at": "when an entry was recorded: show ENTRY",
    "day": "where the time as recorded has another day, a flag says which counts",
    "transfer": "of a citation",
    "id": "the reference",
    "counted_from": "of `start_event`, `starts_with`",
    "start": "where the event is not known, it is said",
    "currency": "with each amount",
    "corrected": "said as yes or no",
    "acknowledged": "said as yes or no",
    "deciding_zone_assumed": "said as yes or no",
    "provisional": "said as yes, and as a flag",
    "month_clipped": "said as yes",
    "assumed": "said as yes, and as a flag",
    "basis_assumed": "said with the basis, and on a terminal in words",
    "late": "said as the notice",
    "beyond_limit": "said as yes, and as a flag",
    "gap_days": "said period by period",
    "renewals": "said period by period",
    "n": "with its qualifier",
    "reading": "on a terminal in words",
    "flag": "on a terminal in words",
    "how": "on a terminal in words",
    "qualifier": "as a sign",
    "starts_with": "on a terminal in words",
    "start_event": "on a terminal in words",
    "notice": "on a terminal in words",
    "basis": "on a terminal in words",
    "course": "on a terminal in words",
    "per": "on a terminal in words",
}
SHORT = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
MONTHS = {"2025-03": "March 2025", "2025-04": "April 2025", "2025-07": "July 2025"}


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every single value, with the name of the member that it is of."""
    match value:
        case dict():
            for key, inner in value.items():
                if key not in ELSEWHERE:
                    yield from leaves(inner, key)
        case list():
            for inner in value:
                yield from leaves(inner, name)
        case None | bool() | 0:
            pass
        case _:
            yield name, str(value)


def table(desk: Desk, *argv: str) -> dict[str, list[str]]:
    """Return the values of a table in a pipe, by what they are."""
    out = desk.done(*argv, "--csv").out
    found: dict[str, list[str]] = {}
    for what, value, _ in list(csv.reader(io.StringIO(out, newline="")))[1:]:
        found.setdefault(what, []).append(value)
    return found


def drawn(desk: Desk, *argv: str) -> str:
    """Return what a wide terminal shows, on one line."""
    desk.columns = 400
    try:
        return " ".join(desk.done(*argv).out.split())
    finally:
        desk.columns = None


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk with much to show: money, months, renewals, sources, a pool."""
    instrument = (
        *("instrument", "--title", "Exchange of notes", "--type", "exchange_of_notes"),
        *("--binding", "yes", "--stage", "signed", "--text-public", "no"),
        *("--party", "US", "--party", "SV", "--at", "2025-03"),
    )
    desk.now = desk.now.replace(year=2026, month=4, day=1)
    limits = ("--renewal", "express", "--outer-limit", "2026-12-31")
    terms = ("--notice-lead", "P1M", "--term", "P2Y", "--term-from", "in_force")
    money = ("--compensation", "36.50 USD", "--per", "person-month")
    desk.done(*instrument, *limits, *terms, *money, "--payer", "US", "--payee", "SV")
    later = ("--stage", "suspended", "--party", "US", "--at", "2025-04-02")
    desk.done("instrument", "I-1", *instrument[1:7], *instrument[9:11], *later)
    other = list(RECORD)
    other[other.index("2025-03-15T17:26-04:00")] = "2025-03"
    source = "A letter,2025-03-22,https://archive.example/letter"
    desk.done(
        *RECORD,
        *("--instrument", "I-1", "--compensation", "4760000.00 USD", "--per", "total"),
        *("--payer", "US", "--payee", "SV", "--legal-basis", "a law"),
        *("--evidence", source, "--term-text", "one year"),
    )
    desk.done(*RECEIVE)
    desk.done(*other, "--instrument", "I-1", *money, "--payer", "US", "--payee", "SV")
    desk.done("receive", "T-2", "--persons", "238", "--arrived", "2025-03")
    desk.done(
        *("end", "T-1", "T-2", "--how", "repatriated", "--persons", "4"),
        *("--at", "2025-07"),
    )
    desk.done("end", "T-1", "--how", "died", "--persons", "1", "--at", "2025-07-18")
    desk.done(
        *("renew", "T-1", "--for", "P1Y", "--persons", "6"),
        *("--agreed-on", "2026-03-20"),
    )
    paid = ("--stage", "payment", "--amount", "5.00 USD", "--at", "2025-05-01")
    desk.done("pay", "--for", "I-1", *paid, "--payer", "US", "--payee", "SV")
    desk.done("pay", "--for", "T-1", *paid, "--payer", "US", "--payee", "SV")
    desk.done(
        *("claim", "T-1", "--field", "/persons", "--value", "at-least:247"),
        *("--by", "VE", "--status", "reported"),
    )
    desk.done("receive", "--unannounced", "--from", "MX", "--persons", "3", *ARRIVED)
    return desk


ARRIVED = ("--arrived", "2025-04")


@pytest.mark.parametrize("ref", ["T-1", "T-2", "R-1", "I-1"])
def test_every_value_of_the_json_is_in_the_table(full: Desk, ref: str) -> None:
    document = answer(full, "show", ref)
    piped = full.done("show", ref).out
    shown = drawn(full, "show", ref)
    data = document.get("data", {})
    data = {k: v for k, v in data.items() if k not in ("persons", "departures")}
    stages = [stage["data"] for stage in document.get("stages", [])]

    for what in (document, data, *stages):
        for name, value in leaves(what):
            assert value in piped, (name, value)
            words = MONTHS[value] if SHORT.fullmatch(value) else value
            words = code_word(name, words, Catalogue.load("en"))
            assert words in shown or value.replace("_", " ") in shown, (name, value)


def test_no_month_is_shown_as_a_day_where_it_is_said_when(full: Desk) -> None:
    shown = drawn(full, "show", "T-2")
    listed = drawn(full, "list")

    assert "departed at March 2025 (the day is not recorded)" in shown
    assert "counted from the arrival: March 2025 (the day is not recorded)" in shown
    assert "counted from 2025-03-01, the first day that it can have been" in shown
    assert "if it began on 2025-03-31, the last authorised day is 2026-03-30" in shown
    assert "T-2 US SV March 2025 (the day is not recorded)" in listed
    assert "between 2026-02-28 and 2026-03-30" in listed
    assert "R-1 MX US April 2025" in listed
    assert "March 2025" in drawn(full, "history", "T-2")


def test_a_rate_is_shown_with_its_persons_and_what_they_earned_as_ranges(
    full: Desk,
) -> None:
    shown = table(full, "show", "T-2")
    accrual = answer(full, "show", "T-2")["accrual"]

    assert shown["agreed"] == ["36.50 USD"]
    assert shown["agreed_per"] == ["person_month"]
    assert shown["accrual_persons"] == ["234–238"]  # noqa: RUF001 (a range)
    assert accrual["persons_min"] == 234
    assert accrual["accrued_min"] != accrual["accrued_max"]
    assert accrual["basis_assumed"] is True
    assert accrual["unused_min"] is None
    assert "ACT/365, assumed: none is recorded" in drawn(full, "show", "T-2")


def test_a_total_is_shown_with_what_is_unused_and_on_what_basis(full: Desk) -> None:
    shown = table(full, "show", "T-1")

    assert shown["accrual_basis"] == ["days-of-term"]
    assert shown["unused_min"] == shown["unused_max"] == ["0.00 USD"]
    assert shown["refund_clause"] == [""]
    assert "refund clause not recorded" in drawn(full, "show", "T-1")
    assert shown["payer"] == ["US"]
    assert "renewable" in shown
    assert shown["instruments"] == ["I-1"]


@pytest.mark.parametrize("trigger", ["signed", "in_force"])
def test_a_start_that_nobody_recorded_is_said_to_be_unknown(
    desk: Desk, trigger: str
) -> None:
    desk.now = desk.now.replace(day=20)
    desk.done(*RECORD, "--term-from", trigger)
    desk.done(*RECEIVE)
    shown = drawn(desk, "show", "T-1")

    assert "the first day is not known (shown from 2025-03-16)" in shown
    assert table(desk, "show", "T-1")["term_start"] == [
        f"2025-03-16 (unknown for {trigger})"
    ]
    (term,) = answer(desk, "show", "T-1")["terms"]
    assert (term["start_event"], term["starts_with"]) == (None, trigger)


def test_an_instrument_is_shown_as_of_a_day(full: Desk) -> None:
    before = answer(full, "show", "I-1", "--on", "2025-03-31")
    shown = drawn(full, "show", "I-1", "--on", "2025-03-31")
    nothing = drawn(full, "show", "I-1", "--on", "2025-03-01")

    assert (before["on"], before["stage"]) == ("2025-03-31", "signed")
    assert before["payments"] == []
    assert before["later"] != []
    assert "is about what happened after that day" in shown
    assert "outer limit 2026-12-31" in shown
    assert "stage reached not recorded" in nothing
    known = full.run("show", "I-1", "--known-on", "2025-03-31")
    assert known.code == 4
