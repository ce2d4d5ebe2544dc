"""What an auditor asks, beyond the conversations: the seldom answers."""

import json

import pytest

from tests.cli.desk import RECORD, Desk, answer


def test_a_total_that_cannot_accrue_is_named(received: Desk) -> None:
    money = ("--compensation", "5.00 USD")
    unknown = ("--term-reading", "unknown")
    words = [word for word in RECORD if word not in ("--term", "P1Y")]
    received.done(*words, *unknown, *money)
    received.columns = 90

    assert "nothing accrues" in received.done("money").out


def test_a_refund_clause_is_quoted(received: Desk) -> None:
    received.done(*RECORD, "--compensation", "5.00 USD")
    clause = "/compensation/refund_clause=half is owed"
    received.done("correct", "T-2", "--set", clause, "--reason", "left out")
    received.columns = 90
    said = received.done("money").out

    assert "half is owed" in said
    assert "none recorded" not in said


def test_nothing_disputed_is_said_in_so_many_words(received: Desk) -> None:
    outcome = received.done("conflicts")

    assert outcome.out.count("\n") == 1
    assert "nothing is disputed" in outcome.err


def test_a_void_entry_has_no_conflicts(received: Desk) -> None:
    outcome = received.run("conflicts", "9")

    assert outcome.code == 4


@pytest.mark.parametrize("columns", [None, 100])
def test_a_gained_receipt_changes_yes_and_no_and_the_flags(
    received: Desk, columns: int | None
) -> None:
    received.now = received.now.replace(day=25)
    unbounded = ("--set", '/term={"reading":"unknown"}', "--reason", "misread")
    received.done("correct", "T-1", *unbounded)
    received.columns = columns
    said = received.done("diff", "--known-on", "2025-03-21").out

    assert "yes" in said
    assert "no" in said


def test_a_gap_and_an_open_end_are_in_the_timeline(received: Desk) -> None:
    received.now = received.now.replace(year=2026, month=4)
    agreed = ("--agreed-on", "2026-03-20", "--persons", "238", "--until", "2026-12-31")
    received.done("renew", "T-1", *agreed)
    (row,) = answer(received, "timeline")["bars"]

    assert row["gaps"] == [{"first": "2026-03-16", "last": "2026-03-19"}]
    assert "2026-03-16/2026-03-19" in received.done("timeline").out
    received.columns = 80
    assert ". days without authority" in received.done("timeline").out


def test_a_timeline_without_bars_draws_nothing(received: Desk) -> None:
    received.now = received.now.replace(month=8)
    end = ("--how", "released", "--persons", "238", "--at", "2025-07-18")
    received.done("end", "T-1", *end)
    received.columns = 80
    outcome = received.done("timeline")

    assert outcome.out == ""
    assert "T-1 has no bar" in outcome.err


def test_a_timeline_keeps_a_term_that_ended_late_and_empty(received: Desk) -> None:
    received.now = received.now.replace(year=2026, month=8)
    end = ("--how", "released", "--persons", "238", "--at", "2026-04-02")
    received.done("end", "T-1", *end)
    (row,) = answer(received, "timeline")["bars"]
    said = received.done("timeline", "--text")
    received.columns = 80
    drawn = received.done("timeline")

    assert (row["over_until"], row["emptied"]) == ("2026-04-01", True)
    assert "17 days past the last authorised day, by 2026-04-01, the last" in said.out
    assert "nobody of T-1 is in transit or held any more" in " ".join(said.err.split())
    assert {"=", "!", "|"} <= set(drawn.out)


def test_an_exit_shared_with_others_is_told_in_totals(received: Desk) -> None:
    elsewhere = ["elsewhere" if word == "CECOT" else word for word in RECORD]
    received.done(*elsewhere)
    received.now = received.now.replace(month=8)
    end = ("--how", "released", "--persons", "1", "--at", "2025-07-18")
    received.done("end", "T-1", "T-2", *end)

    assert "1 released (4)" in received.done("totals", "--by", "facility").out
    received.columns = 80
    assert "1 released (entry 4)" in received.done("totals", "--by", "facility").out


def test_totals_say_where_nothing_is_recorded(desk: Desk) -> None:
    arrival = ("--unannounced", "--from", "MX", "--persons", "3")
    desk.done("receive", *arrival, "--arrived", "2025-03-14")
    desk.columns = 80

    assert "not recorded" in desk.done("totals", "--by", "facility").out
    assert "2025-03-14" in desk.done("timeline").out


def test_a_difference_is_said_in_a_pipe_too(received: Desk) -> None:
    received.done("checkpoint", "--out", "us.ckpt")
    received.done("export", "--out", "book.jsonl", "--format", "lines")
    path = received.folder / "book.jsonl"
    lines = path.read_text().splitlines()
    lines[2] = json.dumps(json.loads(lines[2]).replace('"n":238', '"n":237'))
    path.write_text("\n".join(lines))
    outcome = received.run("compare", "1", "book.jsonl")

    assert outcome.code == 10
    assert outcome.out.splitlines()[1] == "/data/persons/n\t238\t237\t"
    assert "NOT the same" in outcome.err


def test_late_and_corrected_transfers_are_marked(received: Desk) -> None:
    text = ("--set", "/group/label=another group", "--reason", "as quoted")
    received.done("correct", "T-1", *text)
    (row,) = answer(received, "list")["transfers"]
    received.columns = 120
    timely = received.done("due", "--within", "400d").out

    assert (row["late_days"], row["corrected"]) == (5, True)
    assert "recorded 5 days late, corrected" in " ".join(timely.split())


def test_a_transfer_that_was_recorded_at_once_is_not_marked(desk: Desk) -> None:
    desk.now = desk.now.replace(hour=23)
    desk.done(*RECORD)
    (row,) = answer(desk, "list")["transfers"]
    desk.columns = 120

    assert (row["late_days"], row["corrected"]) == (0, False)
    assert "late" not in desk.done("list").out


def test_a_figure_that_was_unknown_before_is_shown_as_nothing(desk: Desk) -> None:
    arrival = ("--unannounced", "--from", "MX", "--persons", "3")
    desk.done("receive", *arrival, "--arrived", "2025-03-14")
    desk.now = desk.now.replace(day=25)
    place = ("--set", '/facility={"name":"A"}', "--reason", "left out")
    desk.done("correct", "R-1", *place)

    assert "R-1\tfacility\t\tA" in desk.done("diff", "--known-on", "2025-03-20").out
