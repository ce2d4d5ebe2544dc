"""A count that is not exact is nowhere said as if it were."""

import json
import re
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from tests.cli.desk import RECORD, Desk, answer
from tests.output_schemas import MAKERS, output_schema

# A number that can be nothing else in what is printed.
MANY = "7351"
RATE = ("--compensation", "10.00 USD", "--per", "person-day")
ASKED = (
    *(("list",), ("held",), ("overdue",), ("variances",), ("timeline",), ("money",)),
    *(("due", "--within", "900d"), ("today",), ("show", "T-1"), ("explain", "T-1")),
    *(("totals", "--by", way) for way in ("year", "corridor", "facility")),
    *(("timeline", "--text"), ("history", "T-1")),
)
ENDED = ("end", "T-1", "--how", "repatriated", "--at", "2025-03-20")


@pytest.fixture
def book(desk: Desk) -> Desk:
    """Return a desk with an empty book, long after what is recorded in it."""
    desk.now = desk.now.replace(year=2026, month=5)
    return desk


def with_persons(said: str, *, desk: Desk) -> None:
    """Record a departure of so many persons, with a rate and one who left."""
    argv = list(RECORD)
    argv[argv.index("--persons") + 1] = said
    for words in ((*argv, *RATE), (*ENDED, "--persons", "1")):
        outcome = desk.run(*words)
        assert outcome.code == 0, outcome.err


def unsigned(text: str) -> list[str]:
    """Return where the number, or one less, stands without a sign or words."""
    bare = re.compile(rf"(?<![≈≥≤\d.-])(?:{MANY}|{int(MANY) - 1})(?!\d)")
    return [text[max(0, m.start() - 40) : m.end() + 20] for m in bare.finditer(text)]


@pytest.mark.parametrize("argv", ASKED, ids=" ".join)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_query_prints_it_without_a_sign_on_a_terminal(
    book: Desk, argv: tuple[str, ...], lang: str
) -> None:
    with_persons(f"about:{MANY}", desk=book)
    book.columns = 200

    outcome = book.run(*argv, "--lang", lang, "--on", "2026-03-20")

    words = rf"(?:about|unas|unos|alrededor de) {MANY}(?:; (?:se cuentan )?{MANY})?"
    said = re.sub(words, "", outcome.out)
    said = re.sub(rf"about:{MANY}|about:{int(MANY) - 1}", "", said)
    assert unsigned(said + outcome.err) == []


def figures(found: object, *, beside: dict[str, object]) -> Iterator[str]:
    """Yield the members with such a number that do not say how exact it is."""
    match found:
        case dict():
            for name, value in found.items():
                yield from figures(value, beside={**found, "": name})
        case list():
            for value in found:
                yield from figures(value, beside=beside)
        case int() if found in {int(MANY), int(MANY) - 1}:
            name = str(beside[""])
            stem = name.removesuffix("_min").removesuffix("_max")
            if f"{stem}_qualifier" not in beside and "qualifier" not in beside:
                yield name
        case _:
            pass


@pytest.mark.parametrize("argv", ASKED, ids=" ".join)
def test_every_answer_says_it_beside_the_number_and_follows_its_schema(
    book: Desk, argv: tuple[str, ...]
) -> None:
    with_persons(f"about:{MANY}", desk=book)

    outcome = book.run(*argv, "--on", "2026-03-20", "--json")

    document = json.loads(outcome.out)
    name = document["schema"].split("/")[1]
    assert name in MAKERS
    Draft202012Validator(output_schema(name)).validate(document)
    # The code of this step says how exact its number is.
    if "steps" in document:
        steps = document["steps"]
        document["steps"] = [s for s in steps if s["code"] != "balance.about"]
    assert list(figures(document, beside={"": ""})) == []


@pytest.mark.parametrize("argv", [("due", "--within", "900d"), ("overdue",), ("held",)])
@pytest.mark.parametrize("form", ["--csv", "--plain"])
def test_a_table_for_programs_has_a_column_for_it(
    book: Desk, argv: tuple[str, ...], form: str
) -> None:
    with_persons("at-least:40", desk=book)
    on = "2026-03-20" if argv[0] == "overdue" else "2025-04-01"

    head, row, *_ = book.run(*argv, "--on", on, form).out.splitlines()

    mark = "," if form == "--csv" else "\t"
    cells = dict(zip(head.split(mark), row.split(mark), strict=True))
    said = "in_transit" if argv[0] == "held" else "held"
    assert cells[f"{said}_max"] == "39"
    assert cells[f"{said}_qualifier"] == "at_least"


def test_who_left_of_an_exact_number_but_not_exactly_leaves_at_most_the_rest(
    book: Desk,
) -> None:
    with_persons("40", desk=book)
    came = ("receive", "T-1", "--persons", "40", "--arrived", "2025-03-16")
    assert book.run(*came).code == 0
    assert book.run(*ENDED, "--persons", "at-least:9").code == 0

    (row,) = answer(book, "held", "--on", "2025-04-01")["transfers"]
    shown = answer(book, "show", "T-1", "--on", "2025-04-01")

    assert (row["held_max"], row["held_qualifier"]) == (30, "at_most")
    assert shown["balance"]["exits_qualifier"] == {"repatriated": "at_least"}


def test_who_were_counted_in_are_exact_again(book: Desk) -> None:
    with_persons("about:40", desk=book)
    came = ("receive", "T-1", "--persons", "38", "--arrived", "2025-03-19")
    assert book.run(*came).code == 0

    (row,) = answer(book, "held", "--on", "2025-03-19")["transfers"]

    assert (row["held_max"], row.get("held_qualifier")) == (38, None)
    assert (row["unaccounted"], row["unaccounted_qualifier"]) == (2, "about")


def test_a_receipt_counts_exactly_or_is_refused(book: Desk) -> None:
    with_persons("about:40", desk=book)

    outcome = book.run(
        "receive", "T-1", "--persons", "about:38", "--arrived", "2025-03-19"
    )

    assert outcome.code == 3
    assert "write a plain number" in outcome.err


def test_a_renewal_of_about_so_many_leaves_no_part_exact(book: Desk) -> None:
    with_persons("40", desk=book)
    came = ("receive", "T-1", "--persons", "40", "--arrived", "2025-03-16")
    assert book.run(*came).code == 0
    renewed = ("renew", "T-1", "--persons", "at-least:10", "--for", "P1Y")
    assert book.run(*renewed, "--agreed-on", "2025-04-01").code == 0

    terms = answer(book, "show", "T-1", "--on", "2025-04-02")["terms"]

    said = {part["renewals"]: part["persons_qualifier"] for part in terms}
    assert said == {0: "at_most", 1: "at_least"}


def test_the_cost_of_a_person_day_is_no_more_exact_than_the_persons(book: Desk) -> None:
    with_persons("40", desk=book)
    came = ("receive", "T-1", "--persons", "40", "--arrived", "2025-03-16")
    assert book.run(*came).code == 0
    assert book.run(*ENDED, "--persons", "at-least:9").code == 0
    paid = ("--payer", "US", "--payee", "SV", "--at", "2025-03-20")
    pay = ("pay", "--for", "T-1", "--stage", "payment", "--amount", "9.00 USD", *paid)
    assert book.run(*pay).code == 0

    (account,) = answer(book, "money", "--on", "2025-04-01")["accounts"]
    book.columns = 120
    drawn = book.run("money", "--on", "2025-04-01").out

    assert account["person_days_qualifier"] == "at_most"
    assert account["cost_per_person_day_qualifier"] == "at_least"
    assert account["accrued_qualifier"] == "at_most"
    assert account["paid_minus_accrued_qualifier"] == "at_least"
    assert re.search(r"≥0\.0\d USD", drawn)


def test_a_summary_says_it_in_every_form_and_can_be_checked(book: Desk) -> None:
    with_persons(f"about:{MANY}", desk=book)
    assert book.run("checkpoint", "--out", "us.ckpt").code == 0
    made = book.run("summary", "--out", "out", "--on", "2026-03-20", "--json")
    assert made.code == 0, made.err
    fingerprint = json.loads(made.out)["fingerprint"]

    document = json.loads((book.folder / "out/summary.json").read_text())
    Draft202012Validator(output_schema("summary")).validate(document)
    assert document["totals"]["departed_qualifier"] == "about"
    assert document["totals"]["in_transit_or_held_qualifier"] == "about"
    # The code of this step says how exact its number is.
    if "steps" in document:
        steps = document["steps"]
        document["steps"] = [s for s in steps if s["code"] != "balance.about"]
    assert list(figures(document, beside={"": ""})) == []
    for path in sorted((book.folder / "out").glob("*.txt")):
        text = re.sub(rf"(?:about|unas) {MANY}", "", path.read_text())
        assert unsigned(text) == []
    for path in (book.folder / "out").glob("*.html"):
        assert f"≈{MANY}" in path.read_text()
    checked = book.run("verify", "out/summary.json", "--fingerprint", fingerprint)
    assert checked.code == 0, checked.err


def test_a_calendar_says_it(book: Desk) -> None:
    with_persons(f"about:{MANY}", desk=book)

    assert book.run("calendar", "--out", "a.ics", "--on", "2025-04-01").code == 0

    lines = (book.folder / "a.ics").read_text().replace("\r\n ", "")
    assert f"≈{int(MANY) - 1}" in lines
    assert unsigned(lines) == []


@pytest.mark.parametrize(
    ("persons", "then"),
    [
        ("40", (*ENDED, "--persons", "about:9")),
        ("about:40", ("receive", "T-1", "--persons", "38", "--arrived", "2025-03-16")),
        ("40", ("receive", "--unannounced", "--from", "MX", "--persons", "about:9")),
    ],
    ids=["exit", "departure", "unannounced"],
)
def test_a_book_with_a_number_that_is_not_exact_is_as_it_was_written(
    book: Desk, persons: str, then: tuple[str, ...]
) -> None:
    with_persons(persons, desk=book)
    if "--unannounced" in then:
        then = (*then, "--arrived", "2025-03-18", "--facility", "CECOT")
    elif then[0] == "end":
        came = ("receive", "T-1", "--persons", "40", "--arrived", "2025-03-16")
        assert book.run(*came).code == 0
    assert book.run(*then).code == 0

    assert answer(book, "verify", "--deep")["findings"] == []
