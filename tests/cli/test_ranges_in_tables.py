"""What the tables of a terminal say where a day or a number is not sure."""

import pytest

from tests.cli.desk import INIT, Desk

MONTH = (
    *("record", "--from", "US", "--to", "SV", "--persons", "9", "--group", "some"),
    *("--group-by", "US", "--facility", "CECOT", "--departed", "2025-03"),
    *("--term", "P1M", "--term-from", "departed", "--renewable", "no"),
)
TERMLESS = (*MONTH[: MONTH.index("--term")], "--renewable", "no")


@pytest.fixture
def since_march(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.write_passphrase()
    desk.done(*INIT)
    desk.now = desk.now.replace(month=4, day=20)
    desk.done(*MONTH)
    desk.columns = 140
    return desk


def test_a_departure_in_a_month_has_two_last_days_and_two_numbers_of_days(
    since_march: Desk,
) -> None:
    desk = since_march

    due = desk.done("due", "--on", "2025-03-25").out
    overdue = desk.done("overdue", "--on", "2025-05-10").out
    listed = desk.done("list").out
    shown = desk.done("show", "T-1").out

    assert "6\u201336" in due
    assert "10\u201340" in overdue
    assert "90\u2013360" in overdue
    assert "March 2025" in listed
    assert "last day, at the latest" in shown
    for text in (due, overdue, listed, shown):
        assert "2025-03-31" in text
        assert "2025-04-30" in text


def test_a_transfer_of_whom_nobody_is_left_has_no_last_day_to_come(
    since_march: Desk,
) -> None:
    desk = since_march
    desk.done("receive", "T-1", "--arrived", "2025-04-01", "--persons", "9")
    left = ("--how", "released", "--persons", "9", "--at", "2025-04-02")
    desk.done("end", "T-1", *left)

    assert "nobody" in desk.done("list").out


def test_a_sum_without_a_term_earns_nothing_that_could_be_counted(
    since_march: Desk,
) -> None:
    desk = since_march
    desk.done(*TERMLESS, "--compensation", "1.00 USD")
    drawn = desk.done("show", "T-2", "--on", "2025-02-01").out
    desk.columns = None
    piped = desk.done("show", "T-2", "--on", "2025-02-01").out

    assert "nothing can be counted" in drawn
    assert "accrued_min\t\t\n" in piped


def test_a_gap_and_a_limit_that_was_passed_are_shown_with_the_renewal(
    since_march: Desk,
) -> None:
    desk = since_march
    desk.now = desk.now.replace(month=6)
    desk.done(
        *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
        *("--binding", "yes", "--text-public", "no", "--party", "US"),
        *("--outer-limit", "2025-06-01", "--renewal", "express"),
    )
    desk.done(*MONTH, "--instrument", "I-1")
    desk.done(
        *("renew", "T-2", "--persons", "9", "--until", "2025-07-31"),
        *("--agreed-on", "2025-05-20"),
    )
    drawn = desk.done("show", "T-2").out
    desk.columns = None
    piped = desk.done("show", "T-2").out

    assert "without authority before the renewal" in drawn
    assert "passes the outer limit" in drawn
    assert "renewal_gap_days\t" in piped
    assert "renewal_beyond_limit\tyes" in piped


def test_a_renewal_in_time_has_no_gap_and_an_end_is_that_of_its_instrument(
    since_march: Desk,
) -> None:
    desk = since_march
    desk.done(
        *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
        *("--binding", "yes", "--text-public", "no", "--party", "US"),
        *("--term-until", "2025-03-20", "--term-reading", "until-date"),
    )
    desk.done(*MONTH, "--instrument", "I-1")
    capped = desk.done("show", "T-2").out
    agreed = ("--until", "2025-07-31", "--agreed-on", "2025-03-20")
    desk.done("renew", "T-1", "--persons", "9", *agreed)
    drawn = desk.done("show", "T-1").out

    assert "I-1" in capped
    assert "2025-07-31" in drawn
    assert "without authority" not in drawn
    assert "outer limit" not in drawn


def test_what_was_corrected_or_is_a_list_or_has_no_day_is_shown_of_an_instrument(
    since_march: Desk,
) -> None:
    desk = since_march
    desk.columns = None
    desk.done(
        *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
        *("--binding", "yes", "--text-public", "no", "--party", "US", "--party", "SV"),
    )
    desk.done("correct", "2", "--set", "/title=a note", "--reason", "misread")
    shown = desk.done("show", "I-1").out

    assert "corrected_opening\tyes\t2" in shown
    assert "parties\tUS, SV\t2" in shown
    assert "title\ta note\t2" in shown
    assert "occurred" not in shown


def test_more_to_come_is_told_as_a_word(since_march: Desk) -> None:
    desk = since_march
    desk.columns = None
    desk.done(
        *("receive", "--unannounced", "--from", "MX", "--persons", "4"),
        *("--arrived", "2025-04-01", "--facility", "CECOT", "--more-to-come"),
    )

    assert "more_to_come\tyes" in desk.done("show", "R-1").out


def test_a_number_that_no_entry_holds_is_refused_in_a_correction(
    since_march: Desk,
) -> None:
    desk = since_march
    change = ("--set", f"/departures=[{'9' * 30}]", "--reason", "r")
    outcome = desk.run("correct", "T-1", *change)

    assert (outcome.code, outcome.out) == (3, "")
