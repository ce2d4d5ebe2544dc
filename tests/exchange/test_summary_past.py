"""Who came back, and parts that were left late and empty: in each file of a summary."""

from datetime import date
from typing import Any

import pytest

from ledger.domain.custody import pool_of
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.sshsig import sign_file
from ledger.exchange.summary_check import check_summary
from ledger.exchange.summary_html import summary_html
from ledger.exchange.summary_text import summary_text
from ledger.tlog import canonical
from tests.domain.counted_terms import received, term
from tests.exchange.pages import read_page
from tests.office import Office
from tests.summaries import AUDITOR, FINGERPRINT, summary_of

ON = date(2025, 6, 2)
WAYS = {
    "en": {
        "recaptured": "recaptured, of those who had left by entry 3: 2, by 2025-04-12",
        "found": "found, of those who had left by entry 3: 2, by 2025-04-12",
        "returned": "returned, of those who had left by entry 3: 2, by 2025-04-12",
    },
    "es": {
        "recaptured": "recapturadas, de las que habían salido según el asiento 3: 2",
        "found": "halladas, de las que habían salido según el asiento 3: 2",
        "returned": "regresaron, de las que habían salido según el asiento 3: 2",
    },
}
EMPTIED = {
    "en": "8 persons were held past the last authorised day 2025-04-28, the last of "
    "them until 2025-05-19; person-days past that day: 168",
    "es": "8 personas siguieron bajo custodia después del último día autorizado, "
    "2025-04-28, la última hasta el 2025-05-19; personas-día después de ese día: 168",
}


def emptied() -> Office:
    """Return a book of a part that was left late, beside one that was renewed late."""
    office = received(20, day="2025-03-29", term=term(length="P1M"))
    office.renewal("T-1", 12, agreed_on="2025-05-10", until="2025-07-28")
    office.exit(["T-1"], 8, "2025-05-20", part="2025-04-28")
    return office


def files(found: dict[str, Any], language: str) -> tuple[str, str]:
    """Return the text without its line breaks, and the text of the page."""
    catalogue = Catalogue.load(language)
    text = " ".join(summary_text(found, catalogue).split())
    page = read_page(summary_html(found, catalogue)).text
    isolates = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
    return text.translate(isolates), " ".join(page.translate(isolates).split())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("how", ["recaptured", "found", "returned"])
def test_who_came_back_is_in_every_file(how: str, language: str) -> None:
    office = received(20, day="2025-03-29")
    office.exit(["T-1"], 3, "2025-04-10", how="escaped")
    office.recovery(3, 2, "2025-04-12", how=how)
    found = summary_of(office, on=ON)

    row = {"seq": 4, "exit": 3, "how": how, "persons": 2, "day": "2025-04-12"}
    assert found["transfers"][0]["recovered"] == [row]
    for written in files(found, language):
        assert WAYS[language][how] in written
    before = summary_of(office, on=date(2025, 4, 11))["transfers"][0]
    assert "recovered" not in before


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_part_that_was_left_late_and_empty_is_in_every_file(language: str) -> None:
    found = summary_of(emptied(), on=ON)

    (row,) = found["transfers"]
    (part,) = row["emptied"]
    assert part["authorised_until"] == "2025-04-28"
    assert (part["held_until"], part["days_over"]) == ("2025-05-19", 21)
    assert part["person_days_min"] == part["person_days_max"] == 21 * 8
    assert "gaps" not in part
    for written in files(found, language):
        assert EMPTIED[language] in written


def test_the_page_draws_the_bars_that_the_timeline_draws() -> None:
    _, page = files(summary_of(emptied(), on=ON), "en")

    over = "21 days past the last authorised day, by 2025-05-19, the last on which"
    assert over in page
    assert "part 1 of 2" in page
    assert "part 2 of 2" in page


def test_an_emptied_part_has_the_gaps_before_its_renewals() -> None:
    office = received(20, day="2025-03-29", term=term(length="P1M"))
    office.renewal("T-1", 20, agreed_on="2025-05-10", until="2025-05-15")
    office.exit(["T-1"], 20, "2025-05-20")
    (row,) = summary_of(office, on=ON)["transfers"]

    assert row["terms"] == []
    (part,) = row["emptied"]
    assert part["gaps"] == [{"first": "2025-04-29", "last": "2025-05-09"}]
    assert (part["gap_days"], part["person_days_max"]) == (11, 4 * 20)
    assert "overstayed" in {flag["flag"] for flag in row["open"]}


def test_such_a_summary_is_verified() -> None:
    office = emptied()
    exit_ = office.exit(["T-1"], 2, "2025-05-21", how="escaped").seq
    office.recovery(exit_, 1, "2025-05-25")
    content = canonical.encode(summary_of(office, on=ON))

    report = check_summary(content, sign_file(content, AUDITOR), expected=FINGERPRINT)

    assert (report.verdict, report.code) == ("verified", "")
    assert pool_of(office.history, "T-1").balance("T-1", on=ON).recovered == 1


def test_a_summary_with_a_recovery_that_is_only_alleged_is_verified() -> None:
    office = received(20, day="2025-03-29")
    office.exit(["T-1"], 3, "2025-04-10", how="escaped")
    office.recovery(3, 2, "2025-04-12", status="alleged")
    found = summary_of(office, on=ON)
    content = canonical.encode(found)

    report = check_summary(content, sign_file(content, AUDITOR), expected=FINGERPRINT)

    assert [row["kind"] for row in found["claims"]] == ["recovery"]
    assert (report.verdict, report.oddities) == ("verified", ())
