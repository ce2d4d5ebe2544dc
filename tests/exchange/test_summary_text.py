"""The law: what the JSON of a summary says of persons, doubt and change, its text says.

And nothing that a person typed reaches the page as anything but text.
"""

import re
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.qualifying import number as exactly
from ledger.domain.schemas import json_schema
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.plaintext import clean
from ledger.exchange.summary_members import counted
from ledger.exchange.summary_text import WIDTH, shown, summary_text
from ledger.tlog import canonical
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS
from tests.office import Office
from tests.summaries import LATE, plausible_summary, summary_of

ENGLISH = Catalogue.load("en")
HOSTILE = "a\x1b[31mb\u202ec\u200bd\x9be\u2028f\r\tg\u2066h\ufeffi"
RULE = re.compile("=+|-+")


def text_of(office: Office, *refs: str, on: date = LATE, beyond: int = 0) -> str:
    return summary_text(summary_of(office, *refs, on=on, beyond=beyond), ENGLISH)


def flat(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def section(text: str, key: str) -> str:
    """Return what stands under a heading."""
    _, _, after = text.partition(f"\n{ENGLISH.say(key)}\n")
    assert after
    return flat(re.split("\n\n", after)[0])


def part(text: str, ref: str) -> str:
    """Return what stands under the heading of a transfer."""
    (found,) = [p for p in text.split("\n\n") if p.startswith(f"{ref}:")]
    return flat(found)


def told(text: str, key: str, **values: str | int) -> bool:
    return flat(ENGLISH.say(key, **values)) in flat(text)


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_nothing_of_a_row_is_left_out(seed: int) -> None:
    summary = plausible_summary(seed)
    text = summary_text(summary, ENGLISH)

    for row in summary["transfers"]:
        here = part(text, row["ref"])
        assert f"- {row['persons']['n']} p" in here or "about" in here
        for flag in row["open"]:
            assert told(
                here, f"flag.{flag['flag']}", n=counted(flag, "n"), seq=flag["seq"]
            )
        for late in row["late"]:
            assert told(here, "summary.late", seq=late["seq"], n=late["days"])
        for gone in row["exits"]:
            assert told(here, f"summary.how.{gone['how']}", n=counted(gone, "persons"))
        for gone in row["shared_exits"]:
            key = f"summary.shared.{gone['how']}"
            assert told(here, key, n=counted(gone, "persons"), seq=gone["seq"])
        for term in row["terms"]:
            assert term.get("authorised_until", "no last authorised day") in here


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_nothing_beside_the_rows_is_left_out(seed: int) -> None:
    summary = plausible_summary(seed)
    text = summary_text(summary, ENGLISH)
    claims = section(text, "summary.disputed")
    changes = section(text, "summary.changed")
    money = section(text, "summary.money")

    for row in summary["late"]:
        assert told(text, "summary.late", seq=row["seq"], n=row["days"])
    for row in summary["claims"]:
        assert f"({row['status']}, entry {row['seq']})" in claims
        assert row["asserted_by"] in claims
    for row in summary["payments"]:
        assert f"entry {row['seq']})" in money
        assert row["amount"] in money
    for row in summary["corrections"]:
        assert f"entry {row['seq']} " in changes
        assert f" entry {row['target']};" in changes
    for row in summary["void"]:
        known = "acknowledged" if row["acknowledged"] else "open"
        assert told(changes, f"summary.void.{known}", seq=row["seq"])
    for row in summary["remarks"]:
        assert f"entry {row['seq']}): {row['text']}" in section(text, "summary.remarks")


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_the_text_can_be_drawn_again_from_the_file(seed: int) -> None:
    summary = plausible_summary(seed)
    read: Any = canonical.decode(canonical.encode(summary))

    assert summary_text(read, ENGLISH) == summary_text(summary, ENGLISH)


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_lines_are_as_short_as_their_words_allow(seed: int) -> None:
    text = summary_text(plausible_summary(seed), ENGLISH)

    for line in text.splitlines():
        words = line.split()
        assert len(line) <= WIDTH or len(words) <= 2 or words[0] == "—"
        assert line == line.rstrip()


def test_the_front_says_what_it_is_about() -> None:
    office = Office()
    office.transfer()

    text = text_of(office, on=date(2025, 12, 20))

    assert text.startswith("Summary of the book us.example/book\n=====")
    assert told(text, "summary.on", on="2025-12-20")
    assert told(text, "summary.covers", n=2)
    assert told(text, "summary.whole")
    assert told(text, "summary.held", persons="238")
    assert "not covered" not in text


def test_some_transfers_and_later_entries_are_said_to_be_so() -> None:
    office = Office()
    office.transfer()
    office.transfer()

    text = text_of(office, "T-2", beyond=3)

    assert told(text, "summary.chosen")
    assert told(text, "summary.beyond", n=3)
    assert "\nT-1:" not in text


def test_a_transfer_is_told_in_plain_words() -> None:
    office = Office()
    office.transfer(
        persons={"n": 238, "qualifier": "about"},
        term={"reading": "up_to", "length": "P1Y", "text": "hasta un año"},
        compensation={"amount": "4760000.00", "currency": "USD", "per": "total"},
    )
    office.receipt("T-1", 240)
    office.exit(["T-1"], 3, "2025-04-01")
    office.renewal("T-1", 237, agreed_on="2026-03-20", length="P1M")

    text = text_of(office, on=date(2026, 5, 1))
    here = part(text, "T-1")

    assert "T-1: from US to SV, departed on 2025-03-15" in here
    assert "about 238 persons, according to US" in here
    assert "status of the departure: official" in here
    assert "group, in the words of US: “alleged members”" in here
    assert "place of custody: CECOT" in here
    assert "repatriated: 3" in here
    assert "the term, as quoted: “hasta un año”" in here
    assert "counted from the admission to the place of custody: 2025-03-16" in here
    assert "237 persons: last authorised day 2026-04-15" in here
    assert "renewed once" in here
    assert "16 days past the last authorised day" in here
    assert "it is said that the term can be renewed" in here
    assert "payment agreed: 4760000.00 USD in total" in here
    assert "recorded in entries 1, 2, 3, 4" in here
    assert told(text, "summary.surplus", n=exactly(2, "about"))


def test_an_unannounced_arrival_has_an_origin_and_no_destination() -> None:
    office = Office()
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "SV",
            "persons": {"n": 1, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 1,
            "asserted_by": "US",
            "status": "official",
        },
    )

    here = part(text_of(office), "R-1")

    assert "R-1: unannounced, from SV to US, arrived on 2025-03-16" in here
    assert "1 person, according to US" in here
    assert "1 person: no last authorised day is recorded" in here
    assert "group" not in here
    assert "renewed" not in here


def test_where_nothing_is_to_be_told_it_says_none() -> None:
    text = text_of(Office())

    for key in ("summary.money", "summary.disputed", "summary.changed"):
        assert section(text, key).endswith("- none")
    assert ENGLISH.say("summary.remarks") not in text.splitlines()


def test_values_are_told_as_people_read_them() -> None:
    office = Office()
    office.transfer()
    office.claim(1, "/persons", {"n": 247, "qualifier": "at_least"}, text="a memo")
    office.claim(1, "/persons/n", 250)
    office.claim(1, "/breakdown", [{"label": "a", "n": 1}, {"label": "b", "n": 2}])
    office.claim(1, "/persons", {"n": 1, "qualifier": "rather", "more": True})
    office.claim(1, "/persons", {"n": 1, "qualifier": "rather"})

    claims = section(text_of(office), "summary.disputed")

    assert "the item “persons” of entry 1 is: at least 247" in claims
    assert "note to entry 2: a memo" in claims
    assert "the item “persons/n” of entry 1 is: 250" in claims
    assert "is: label a, number 1; label b, number 2" in claims
    assert "is: more yes, number 1, counted rather" in claims
    assert "is: number 1, counted rather" in claims


def test_what_is_alleged_is_told_with_its_figures() -> None:
    office = Office()
    office.transfer()
    office.exit(["T-1"], 3, "2025-04-01", status="alleged", asserted_by="press")

    claims = section(text_of(office), "summary.disputed")

    assert "according to press (alleged, entry 2), not counted in any figure" in claims
    assert "exit; how repatriated, occurred 2025-04-01, persons 3" in claims
    assert "persons 3, transfers entry 1" in claims


def test_a_correction_is_told_with_what_was_and_what_is() -> None:
    office = Office()
    office.transfer(text="first")
    office.correct(
        1,
        {"path": "/persons", "old": {"n": 238, "qualifier": "exact"}, "new": _count()},
        {"path": "/text", "old": "first"},
        {"path": "/legal_basis", "new": "none"},
    )
    office.retract(2)

    corrected = section(text_of(office), "summary.changed")

    assert "entry 3 retracts entry 2; the reason given: recorded twice" in corrected
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 239})
    office.correct(1, {"path": "/text", "old": "first"})
    office.correct(1, {"path": "/legal_basis", "new": "none"})
    again = section(text_of(office), "summary.changed")
    assert "entry 4 corrects entry 1; the reason given: misread" in again
    assert "the item “persons/n” was: 238; it is now: 239" in again
    assert "the item “text” was: first; it is now: not recorded" in again
    assert "the item “legal_basis” was: not recorded; it is now: none" in again


def _count() -> dict[str, Json]:
    return {"n": 239, "qualifier": "about"}


def test_a_settled_remark_is_said_to_be_settled() -> None:
    office = Office()
    office.transfer()
    office.remark(1)
    office.remark(1, resolves=office.cite_entry(2))

    text = text_of(office)

    assert told(text, "summary.remark-settled", seq=2)
    assert not told(text, "summary.remark-settled", seq=3)


def test_what_happened_later_is_listed_apart() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.exit(["T-1"], 3, "2025-06-01")

    text = text_of(office, on=date(2025, 5, 31))

    assert section(text, "summary.later").endswith("- entry 3 (exit)")
    assert "repatriated" not in text


def test_void_entries_are_told() -> None:
    office = Office()
    office.put(b"not a page\n")
    office.acknowledge(1)
    office.put(b"not a page\n")

    changed = section(text_of(office), "summary.changed")

    assert told(changed, "summary.void.acknowledged", seq=1)
    assert told(changed, "summary.void.open", seq=3)


def test_a_delay_beside_the_transfers_is_told() -> None:
    office = Office()
    office.instrument(occurred="2025-02-01")

    assert told(text_of(office), "summary.late", seq=1, n=28)


def test_it_says_what_it_proves_and_how_it_is_checked() -> None:
    text = text_of(Office())

    assert "1. Do not rely on these steps alone: they may be forged" in flat(text)
    for key in ("proves", "rests-signer", "rests-nobody", "statuses", "step.telephone"):
        assert told(text, f"summary.{key}")
    assert (
        "ssh-keygen -Y check-novalidate -n transfer-ledger-summary \\\n"
        "       -s summary.en.txt.sig < summary.en.txt\n" in text
    )
    assert "-s summary.json.sig < summary.json\n" in text


def test_the_checkpoint_stands_at_the_end_line_by_line() -> None:
    office = Office()
    summary = summary_of(office)

    tail = summary_text(summary, ENGLISH).splitlines()[-5:]

    assert [line.strip() for line in tail] == summary["books"][0]["checkpoint"]


def hostile(text: str) -> Office:
    """Return an office whose book was written round the program, with such texts."""
    office = Office()
    office.transfer(
        group={"label": text, "said_by": text},
        facility={"name": text, "zone": "America/El_Salvador"},
        term={"reading": "fixed", "length": "P1Y", "text": text},
        asserted_by=text,
        text=text,
    )
    office.claim(1, "/persons", {"label": text}, asserted_by=text, text=text)
    office.claim(1, "/text", text)
    office.remark(1, text=text, asserted_by=text)
    office.payment(["T-1"], "1.00", payer=text, payee=text)
    office.exit(["T-1"], 1, "2025-04-01", status="alleged", place=text)
    office.correct(1, {"path": "/text", "old": text, "new": text + "."})
    return office


def test_hostile_texts_are_shown_as_escapes() -> None:
    text = text_of(hostile(HOSTILE))

    assert clean(text, lines=True) == text
    assert clean(HOSTILE) in text


def test_paragraphs_cannot_be_taken_for_lines_of_the_page() -> None:
    forged = "fine\n\nWhat this summary is worth\n------\n  - everything"

    text = text_of(hostile(forged))

    assert text.splitlines().count(ENGLISH.say("summary.worth")) == 1
    assert "fine ¶ ¶ What" in flat(text)
    assert not any(RULE.fullmatch(line) and len(line) == 6 for line in text.split("\n"))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_no_text_moves_hides_or_breaks_out(typed: str) -> None:
    text = text_of(hostile(typed))
    categories = {unicodedata.category(each) for each in text if each != "\n"}

    assert clean(text, lines=True) == text
    assert categories.isdisjoint({"Cc", "Cs", "Zl", "Zp"})


def test_there_is_a_sentence_for_every_choice_of_the_records() -> None:
    def choices(kind: str, *path: str) -> list[str]:
        schema: Any = json_schema(kind)
        found: Any = schema["properties"]
        for step in path:
            found = found[step]
        return list(found["enum"])

    keys = [
        *(f"summary.how.{how}" for how in choices("exit", "how")),
        *(f"summary.shared.{how}" for how in choices("exit", "how")),
        *(f"summary.stage.{stage}" for stage in choices("payment", "stage")),
        *(f"summary.agreed.{per}" for per in choices("payment", "per")),
        *(f"summary.renewable.{yes}" for yes in choices("transfer", "renewable")),
        *(
            f"summary.{what}.{status}"
            for what in ("status", "claim", "uncounted", "remark", "word")
            for status in choices("claim", "status")
        ),
        *(
            f"summary.{what}.{qualifier}"
            for what in ("persons", "count")
            for qualifier in ("exact", "about", "at_least", "at_most")
        ),
        *(
            f"summary.counted.{trigger}"
            for trigger in (
                *("admitted", "arrived", "departed"),
                *("signed", "in_force", "date"),
            )
        ),
    ]

    assert [key for key in keys if not ENGLISH.has(key)] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("words", "words"),
        (7, "7"),
        (True, "true"),
        ({"b": [1], "a": 2}, '{"a":2,"b":[1]}'),
    ],
)
def test_a_value_is_shown_as_words_or_as_json(value: Json, text: str) -> None:
    assert shown(value) == text
