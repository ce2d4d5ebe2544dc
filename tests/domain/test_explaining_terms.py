"""From the quoted words to the last authorised day, every step said."""

from datetime import date

import pytest

from ledger.domain.custody import pool_of
from ledger.domain.explaining import explain_term
from ledger.domain.explaining_terms import segments
from ledger.domain.steps import Step
from ledger.domain.terms import parts
from ledger.tlog.canonical import Json
from tests.domain.steps_of import codes, value, values
from tests.office import Office

ON = date(2026, 4, 1)
OF_ONE: Json = {"n": 1, "qualifier": "exact"}


def terms(office: Office, ref: str = "T-1", *, on: date = ON) -> list[Step]:
    """Return the explanation of the terms of a transfer."""
    return explain_term(pool_of(office.history, ref), ref, on=on)


def received(n: int = 238, *, day: str = "2025-03-16", **members: Json) -> Office:
    """Return an office whose first transfer was received on a day, in full."""
    office = Office()
    departures: Json = [{"at": day}]
    count: Json = {"n": n, "qualifier": "exact"}
    office.transfer(**{"persons": count, "departures": departures, **members})
    office.receipt("T-1", n, arrived=day, admitted=day)
    return office


@pytest.mark.parametrize(
    ("start", "length", "corresponding", "last"),
    [
        ("2025-03-16", "P1Y", "2026-03-16", "2026-03-15"),
        ("2015-09-01", "P3Y", "2018-09-01", "2018-08-31"),
        ("2025-01-31", "P2M", "2025-03-31", "2025-03-30"),
    ],
)
def test_the_day_before_the_corresponding_day_is_the_last(
    start: str, length: str, corresponding: str, last: str
) -> None:
    steps = terms(received(day=start, term={"reading": "fixed", "length": length}))

    assert value(steps, "count.first-day") == {"day": start}
    assert value(steps, "count.corresponding") == {
        "first": start,
        "length": length,
        "day": corresponding,
    }
    assert value(steps, "count.day-before") == {"day": corresponding, "last": last}
    assert value(steps, "result.last-day") == {"n": 238, "day": last}


@pytest.mark.parametrize(
    ("start", "length", "day", "month", "last"),
    [
        ("2024-02-29", "P1Y", 29, "2025-02", "2025-02-28"),
        ("2025-01-31", "P1M", 31, "2025-02", "2025-02-28"),
    ],
)
def test_a_month_that_lacks_the_day_is_said(
    start: str, length: str, day: int, month: str, last: str
) -> None:
    steps = terms(received(day=start, term={"reading": "fixed", "length": length}))

    assert value(steps, "count.clipped") == {
        "first": start,
        "length": length,
        "day": day,
        "month": month,
        "last": last,
    }
    assert value(steps, "result.last-day")["day"] == last


def test_days_are_counted_and_never_made_a_year() -> None:
    steps = terms(
        received(day="2027-03-16", term={"reading": "fixed", "length": "P365D"}),
        on=date(2027, 4, 1),
    )

    assert value(steps, "count.days") == {
        "first": "2027-03-16",
        "n": 365,
        "last": "2028-03-14",
    }


def test_a_term_can_end_with_the_calendar() -> None:
    trigger = "9999-01-01"
    term: Json = {"reading": "fixed", "length": "P1Y", "trigger": trigger}

    steps = terms(received(term=term))

    assert value(steps, "count.calendar-end")["last"] == "9999-12-31"
    assert value(steps, "over.calendar-end") == {"day": "9999-12-31"}
    assert value(steps, "event.date") == {"day": trigger}


def test_the_words_their_language_and_who_quotes_them_come_first() -> None:
    office = received(
        term={
            "text": "por hasta un año",
            "language": "es",
            "reading": "up_to",
            "length": "P1Y",
            "trigger": "arrived",
        }
    )

    steps = terms(office)

    assert codes(steps)[:5] == [
        "term.quoted-language",
        "term.reading-up-to",
        "term.trigger-arrived",
        "term.renewable-yes",
        "term.zone",
    ]
    assert dict(steps[0].values) == {
        "words": "por hasta un año",
        "language": "es",
        "said_by": "US",
    }
    assert steps[0].seq == 1


def test_words_without_a_language_are_quoted_too() -> None:
    term: Json = {"text": "one year", "reading": "fixed", "length": "P1Y"}

    steps = terms(received(term=term))

    assert value(steps, "term.quoted") == {"words": "one year", "said_by": "US"}
    assert "term.trigger-not-said" in codes(steps)


def test_the_time_of_the_event_is_said_in_both_zones() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)

    steps = terms(office)

    assert value(steps, "event.admitted") == {
        "recorded": "2025-03-16T02:00-06:00",
        "said_by": "SV",
    }
    assert value(steps, "time.zones") == {
        "recorded": "2025-03-16T02:00-06:00",
        "utc": "2025-03-16T08:00:00Z",
        "local": "2025-03-16T02:00-06:00",
        "zone": "America/El_Salvador",
        "day": "2025-03-16",
    }
    assert value(steps, "time.origin") == {"origin": "2025-03-16T04:00-04:00"}


def test_one_instant_has_two_dates() -> None:
    office = Office()
    office.transfer(
        term={"reading": "fixed", "length": "P1Y", "trigger": "departed"},
        facility={"name": "Juba", "zone": "Africa/Juba"},
        departures=[{"at": "2025-07-04T23:00-04:00"}],
    )

    steps = terms(office)

    assert value(steps, "event.departed") == {"recorded": "2025-07-04T23:00-04:00"}
    assert value(steps, "time.zones")["local"] == "2025-07-05T05:00+02:00"
    assert value(steps, "time.zones")["day"] == "2025-07-05"
    assert values(steps, "time.origin") == []


def test_without_a_clock_at_the_origin_there_is_no_time_there() -> None:
    office = Office()
    office.transfer(departures=[{"at": "2025-03-15"}])
    office.receipt("T-1", 238)

    steps = terms(office)

    assert len(values(steps, "time.zones")) == 1
    assert values(steps, "time.origin") == []


def test_a_month_counts_from_its_first_day() -> None:
    office = received()
    office.correct(
        2,
        {"path": "/admitted", "old": "2025-03-16", "new": "2025-03"},
    )

    steps = terms(office)

    assert value(steps, "time.month") == {"recorded": "2025-03", "day": "2025-03-01"}


@pytest.mark.parametrize(
    ("trigger", "missing", "code"),
    [
        ("admitted", None, "event.admitted"),
        ("admitted", "admitted", "event.arrived-for-admitted"),
        ("arrived", None, "event.arrived"),
        ("arrived", "arrived", "event.admitted-for-arrived"),
    ],
)
def test_arrival_and_admission_stand_for_each_other(
    trigger: str, missing: str | None, code: str
) -> None:
    office = Office()
    office.transfer(term={"reading": "fixed", "length": "P1Y", "trigger": trigger})
    data: dict[str, Json] = {
        "transfer": office.cite("T-1"),
        "arrived": "2025-03-16T00:30-06:00",
        "admitted": "2025-03-16T02:00-06:00",
        "arrived_persons": 238,
        "asserted_by": "SV",
        "status": "reported",
    }
    data = {name: member for name, member in data.items() if name != missing}
    office.write("receipt", data)

    assert code in codes(terms(office))


def test_each_receipt_starts_its_own_part_and_the_rest_is_provisional() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 100, more_to_come=True)
    later = "2025-03-18"
    office.receipt("T-1", 100, arrived=later, admitted=later, more_to_come=True)

    steps = terms(office)

    assert [(v["n"], s) for s, v in _with_seq(steps, "batch.received")] == [
        (100, 2),
        (100, 3),
    ]
    assert value(steps, "batch.in-transit") == {"n": 38}
    assert values(steps, "part.persons") == [
        {"n": 38, "number": 1},
        {"n": 100, "number": 2},
        {"n": 100, "number": 3},
    ]
    assert codes(steps).count("part.provisional") == 1
    assert value(steps, "event.departed") == {"recorded": "2025-03-15T17:26-04:00"}


def _with_seq(
    steps: list[Step], code: str
) -> list[tuple[int | None, dict[str, object]]]:
    return [(step.seq, dict(step.values)) for step in steps if step.code == code]


def test_the_stage_of_an_instrument_can_start_the_term() -> None:
    office = Office()
    office.instrument(occurred="2025-03-14")
    office.instrument(occurred="2025-03-20", id="I-1", stage="in_force")
    for trigger in ("signed", "in_force"):
        office.transfer(
            instruments=["I-1"],
            term={"reading": "fixed", "length": "P1Y", "trigger": trigger},
        )

    signed, in_force = terms(office, "T-1"), terms(office, "T-2")

    assert value(signed, "event.signed") == {"ref": "I-1", "recorded": "2025-03-14"}
    assert value(in_force, "event.in-force")["recorded"] == "2025-03-20"
    assert "term.trigger-signed" in codes(signed)
    assert value(in_force, "result.last-day")["day"] == "2026-03-19"


@pytest.mark.parametrize(
    ("trigger", "code"),
    [("signed", "event.never-signed"), ("in_force", "event.never-in-force")],
)
def test_a_stage_that_nobody_recorded_starts_nothing(trigger: str, code: str) -> None:
    term: Json = {"reading": "fixed", "length": "P1Y", "trigger": trigger}

    steps = terms(received(term=term))

    assert code in codes(steps)
    assert "end.not-begun" in codes(steps)
    assert value(steps, "result.no-authority") == {"n": 238}


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        ("until_event", "end.until-event"),
        ("indefinite", "end.indefinite"),
        ("unknown", "end.unknown"),
    ],
)
def test_why_there_is_no_end_is_said(reading: str, code: str) -> None:
    steps = terms(received(term={"reading": reading}))

    assert code in codes(steps)
    assert value(steps, "result.no-authority") == {"n": 238}
    assert not any(c.startswith("over.") for c in codes(steps))


def test_an_unannounced_arrival_has_no_term() -> None:
    office = Office(state="SV", zone="America/El_Salvador")
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": OF_ONE,
        "arrived": "2025-03-16",
        "arrived_persons": 1,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", data)

    steps = terms(office, "R-1")

    assert value(steps, "term.none") == {"ref": "R-1"}
    assert value(steps, "term.zone-assumed") == {"zone": "America/El_Salvador"}
    assert "end.no-term" in codes(steps)


def test_an_unannounced_arrival_still_counted_has_no_departure_to_name() -> None:
    office = Office(state="SV", zone="America/El_Salvador")
    data: dict[str, Json] = {
        "ref": "R-1",
        "origin": "US",
        "persons": {"n": 5, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 3,
        "more_to_come": True,
        "asserted_by": "SV",
        "status": "official",
    }
    office.write("receipt", data)

    steps = terms(office, "R-1")

    assert value(steps, "batch.in-transit") == {"n": 2}
    assert values(steps, "event.departed") == []


def test_nobody_has_a_term_before_the_departure() -> None:
    steps = terms(received(), on=date(2025, 3, 1))

    assert value(steps, "part.nobody") == {"ref": "T-1", "on": "2025-03-01"}
    assert values(steps, "event.departed") == []


def test_a_departure_after_the_day_starts_nothing_yet() -> None:
    office = received(term={"reading": "fixed", "length": "P1Y", "trigger": "departed"})

    assert values(terms(office, on=date(2025, 3, 1)), "event.departed") == []


def test_the_instrument_that_ends_first_caps_the_term() -> None:
    office = Office()
    until: Json = {"reading": "until_date", "until": "2025-12-31", "text": "to the end"}
    office.instrument(term=until)
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)

    steps = terms(office)

    assert value(steps, "instrument.quoted")["words"] == "to the end"
    assert value(steps, "instrument.until") == {"ref": "I-1", "day": "2025-12-31"}
    assert value(steps, "instrument.cap") == {"ref": "I-1", "day": "2025-12-31"}
    assert value(steps, "end.capped") == {
        "ref": "I-1",
        "day": "2025-12-31",
        "uncapped": "2026-03-15",
    }
    assert value(steps, "result.last-day")["day"] == "2025-12-31"


def test_an_instrument_that_ends_later_is_named_too() -> None:
    office = Office()
    office.instrument(
        occurred="2025-03-14",
        term={"reading": "fixed", "length": "P3Y", "trigger": "signed"},
    )
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)

    steps = terms(office)

    assert value(steps, "instrument.counted") == {
        "ref": "I-1",
        "length": "P3Y",
        "first": "2025-03-14",
        "day": "2028-03-13",
    }
    assert value(steps, "end.not-capped")["last"] == "2026-03-15"


def test_what_each_instrument_says_is_told_apart() -> None:
    office = Office()
    office.instrument()
    office.instrument(type="announcement", term={"reading": "indefinite"})
    office.instrument(stage="announced", term={"reading": "indefinite"})
    office.instrument(status="disputed", term={"reading": "indefinite"})
    office.instrument(term={"reading": "indefinite"})
    office.instrument(term={"reading": "fixed", "length": "P1Y"})
    in_force: Json = {"reading": "fixed", "length": "P1Y", "trigger": "in_force"}
    office.instrument(term=in_force)
    dated: Json = {
        "text": "tres meses",
        "language": "es",
        "reading": "fixed",
        "length": "P3M",
        "trigger": "2025-02-01",
    }
    office.instrument(term={"reading": "until_date", "until": "2025-03-20"})
    office.instrument(id="I-8", stage="in_force", term=dated)
    office.transfer(instruments=[f"I-{n}" for n in range(1, 9)])

    steps = terms(office)

    assert [c for c in codes(steps) if c.startswith("instrument.")] == [
        "instrument.announced",
        "instrument.announced",
        "instrument.not-counted",
        "instrument.no-end",
        "instrument.of-persons",
        "instrument.not-begun",
        "instrument.replaced",
        "instrument.quoted-language",
        "instrument.counted",
        "instrument.cap",
    ]
    assert value(steps, "instrument.counted")["first"] == "2025-02-01"
    assert value(steps, "instrument.cap") == {"ref": "I-8", "day": "2025-04-30"}


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ({"clause": "express"}, ["clause.express"]),
        ({"clause": "none"}, ["clause.none"]),
        ({"clause": "unknown"}, ["clause.unknown"]),
        ({"clause": "tacit", "max": 2}, ["clause.tacit", "clause.max"]),
        (
            {"clause": "automatic", "outer_limit": "2027-12-31", "notice": {}},
            ["clause.automatic", "clause.outer-limit"],
        ),
        (
            {"clause": "express", "notice": {"text": "3 months", "lead": "P3M"}},
            ["clause.express", "clause.notice-quoted", "clause.notice-lead"],
        ),
        (
            {"clause": "express", "notice": {"last_day": "2025-07-01"}},
            ["clause.express", "clause.notice-day"],
        ),
    ],
)
def test_the_renewal_clause_is_told(clause: Json, found: list[str]) -> None:
    office = Office()
    office.instrument(renewal=clause)
    office.transfer(instruments=["I-1"])

    steps = terms(office)

    assert [c for c in codes(steps) if c.startswith("clause.")] == found


def test_when_the_last_day_is_over_is_an_instant() -> None:
    steps = terms(received(), on=date(2026, 3, 10))

    assert value(steps, "over.instant") == {
        "day": "2026-03-15",
        "zone": "America/El_Salvador",
        "local": "2026-03-16T00:00-06:00",
        "utc": "2026-03-16T06:00:00Z",
    }
    assert value(steps, "over.days-left") == {"n": 5, "on": "2026-03-10"}


def test_the_overstay_adds_up_from_its_stretches() -> None:
    office = received()
    office.exit(["T-1"], 38, "2026-03-20")

    steps = terms(office)

    assert value(steps, "over.days")["n"] == 17
    assert values(steps, "over.segment") == [
        {"first": "2026-03-16", "last": "2026-03-19", "days": 4, "n": 238},
        {"first": "2026-03-20", "last": "2026-04-01", "days": 13, "n": 200},
    ]
    assert value(steps, "over.person-days") == {"n": 4 * 238 + 13 * 200}


def test_seventeen_days_of_238_persons_are_4046_person_days() -> None:
    office = received()
    office.renewal("T-1", 10, agreed_on="2026-03-30", status="alleged")

    steps = terms(office)

    assert value(steps, "over.segment") == {
        "first": "2026-03-16",
        "last": "2026-04-01",
        "days": 17,
        "n": 238,
    }
    assert value(steps, "over.person-days") == {"n": 4046}


def test_there_are_no_stretches_before_the_term_is_over() -> None:
    office = received()
    pool, on = pool_of(office.history, "T-1"), date(2026, 3, 15)
    (part,) = parts(pool, "T-1", on=on)

    assert segments(pool, "T-1", part, on=on) == []


def test_rival_wordings_are_listed_and_not_adopted() -> None:
    office = received()
    office.claim(1, "/term/reading", "up_to")
    office.claim(1, "/term", {"reading": "unknown"})
    office.claim(1, "/persons/n", 250)
    office.claim(2, "/arrived_persons", 230)

    steps = terms(office)

    assert values(steps, "claim.not-adopted") == [
        {"path": "/term/reading", "target": 1, "value": "up_to", "said_by": "press"},
        {
            "path": "/term",
            "target": 1,
            "value": '{"reading":"unknown"}',
            "said_by": "press",
        },
    ]


def test_a_corrected_entry_is_said_to_be_one() -> None:
    office = received()
    old: Json = {"reading": "fixed", "length": "P1Y"}
    new: Json = {"reading": "until_date", "until": "2026-01-31"}
    office.correct(1, {"path": "/term", "old": old, "new": new})

    steps = terms(office)

    assert codes(steps)[0] == "term.corrected"
    assert value(steps, "end.until-date") == {"day": "2026-01-31"}
    assert value(steps, "term.reading-until-date") == {"day": "2026-01-31"}


def test_who_left_is_plain_where_all_had_one_end() -> None:
    office = received()
    office.exit(["T-1"], 38, "2025-07-18")

    steps = terms(office)

    assert value(steps, "exit.one-end") == {"n": 38, "day": "2025-07-18"}
    assert values(steps, "part.assumed") == []


def two_ends() -> Office:
    """Return an office with 100 persons of one end and 138 of a later one."""
    office = Office()
    office.transfer()
    office.receipt("T-1", 100, more_to_come=True)
    later = "2025-03-18"
    office.receipt("T-1", 138, arrived=later, admitted=later)
    return office


def test_who_left_is_assumed_where_ends_differ() -> None:
    office = two_ends()
    office.exit(["T-1"], 38, "2025-07-18")

    steps = terms(office)

    assert value(steps, "exit.latest-end") == {"n": 38, "day": "2025-07-18"}
    assert codes(steps).count("part.assumed") == 2


def test_a_part_that_the_exit_names_needs_no_assumption() -> None:
    office = two_ends()
    office.exit(["T-1"], 38, "2025-07-18", part="2026-03-15")

    steps = terms(office)

    assert value(steps, "exit.named") == {
        "n": 38,
        "day": "2025-07-18",
        "last": "2026-03-15",
    }
    assert values(steps, "part.assumed") == []


def test_more_than_the_named_part_has_come_from_the_others() -> None:
    office = two_ends()
    office.exit(["T-1"], 120, "2025-07-18", part="2026-03-15")

    steps = terms(office)

    assert value(steps, "exit.named-too-many") == {"n": 20, "last": "2026-03-15"}


def test_shared_exits_give_a_range() -> None:
    office = two_ends()
    office.transfer(persons={"n": 23, "qualifier": "exact"})
    office.receipt("T-2", 23)
    office.exit(["T-1", "T-2"], 30, "2025-07-18")

    first, second = terms(office, "T-1"), terms(office, "T-2")

    assert value(first, "exit.shared-latest-end") == {
        "n": 30,
        "day": "2025-07-18",
        "refs": "T-1, T-2",
    }
    assert value(second, "exit.shared")["refs"] == "T-1, T-2"
    assert value(second, "part.persons-range") == {"least": 0, "most": 23, "number": 1}
    assert value(second, "over.person-days-range") == {"least": 0, "most": 23 * 17}


def test_those_refused_on_arrival_leave_no_part() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238, refused=[{"n": 8, "reason": "not on the list"}])
    office.exit(["T-1"], 30, "2025-07-18")

    steps = terms(office)

    assert [c for c in codes(steps) if c.startswith("exit.")] == ["exit.one-end"]
    assert value(steps, "batch.received") == {"n": 230}
    assert value(steps, "result.last-day")["n"] == 200


def test_receipts_after_the_day_are_not_told_yet() -> None:
    office = two_ends()

    steps = terms(office, on=date(2025, 3, 16))

    assert value(steps, "batch.received") == {"n": 100}
    assert value(steps, "batch.in-transit") == {"n": 138}
